import type { Finding } from "../../src/finding/finding.ts";
import type { TraceStep } from "../../src/model/trace.ts";
import { htmlReport } from "../../src/report/html.ts";
import type { Series } from "../../src/series/series.ts";
import { type Mail, patchOf, seriesOf } from "../reviewing.ts";
import { finding, patch, plainView, reviewOf } from "./sample.ts";

/** Two files of a patch, so that a run can cite lines of both. */
export const quarry = Array.from({ length: 60 }, (_, i) => `\tquarry_step(${i + 1});`);
export const wagon = Array.from({ length: 20 }, (_, i) => `\t\twagon_step(${i + 1});`);

export const mail: Mail = patchOf({
  "block/quarry.c": `${quarry.join("\n")}\n`,
  "drivers/wagon.c": `${wagon.join("\n")}\n`,
});

/** The 1-based line of a mail that holds a text. */
export const mailLine = (text: string, within: Mail = mail): number =>
  within.text.split("\n").findIndex((line) => line.includes(text)) + 1;

/** A finding at a line of block/quarry.c in the sample's mail. */
export const findingAt = (line: number, change: Partial<Finding> = {}): Finding =>
  finding({
    line,
    endLine: line,
    related: [],
    patch: { ...patch, index: 1, total: 1, path: mail.path, line: mailLine(`quarry_step(${line})`) },
    trace: null,
    ...change,
  });

/** A run as executing a patch's code gives it: long, of six actors, nearly every step at a line of one of two files. */
export const longSteps: readonly TraceStep[] = Array.from({ length: 120 }, (_, i): TraceStep => {
  const actor = ["submitter", "block layer", "device", "completion 1", "completion 2", "worker"][Math.floor(i / 7) % 6];
  const at =
    i % 3 === 2
      ? { file: "drivers/wagon.c", line: 1 + (i % 20) }
      : { file: "block/quarry.c", line: 1 + ((i * 7) % 60) };
  const action =
    i === 90 ? "use after free: the context of the copy, whose last reference is gone" : `store field_${i} = ${i}`;
  return { actor: actor ?? "", action, assumed: false, at };
});

export async function sampleSeries(of: Mail = mail): Promise<readonly Series[]> {
  return seriesOf([of]);
}

export async function report(findings: readonly Finding[], of: Mail = mail): Promise<string> {
  return htmlReport(reviewOf(findings), { ...plainView, series: await sampleSeries(of) });
}
