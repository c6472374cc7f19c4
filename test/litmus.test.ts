import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explore, WIDE } from "../src/model/explore.ts";
import { traceOf } from "../src/model/judge-variant.ts";
import { type PropertyId, propertyIds, propertyNamed } from "../src/model/property.ts";
import { referenceEngine } from "../src/model/reference.ts";
import { KNOBS, type Knob, knobs, type Variant, variantWith } from "../src/model/variant.ts";

const folder = new URL("../fixtures/litmus/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".litmus"));

/** What a litmus file may say; the order is the order in the file. */
const INPUTS = ["choices", "chunks", "gfp", "caller-plug", "odd-length", "failures", "preemptions", "property"];
const ANSWERS = ["verdict", "setting", "outcome", "runs", "states"];

interface Litmus {
  readonly title: readonly string[];
  readonly twin: string;
  readonly inputs: ReadonlyMap<string, string>;
  readonly answers: ReadonlyMap<string, string>;
}

/** Two comment lines (result, question), the twin, a line `name: value` for each input, `---`, and one for each answer. */
function read(name: string): Litmus {
  const lines = readFileSync(new URL(name, folder), "utf8").trimEnd().split("\n");
  const title = lines.filter((line) => line.startsWith("# "));
  const twin = /^twin: (\S+\.litmus)$/.exec(lines[2] ?? "")?.[1] ?? "";
  const rule = lines.indexOf("---");
  const pairs = (from: number, to: number, known: readonly string[]) =>
    new Map(
      lines.slice(from, to).map((line) => {
        const [, key = "", value = ""] = /^([a-z-]+): (.+)$/.exec(line) ?? [];
        if (!known.includes(key)) throw new Error(`${name}: '${line}' is not understood`);
        return [key, value] as const;
      }),
    );
  return { title, twin, inputs: pairs(3, rule, INPUTS), answers: pairs(rule + 1, lines.length, ANSWERS) };
}

function choicesOf(text: string): Partial<Variant> {
  if (text === "reference") return {};
  return Object.fromEntries(
    text.split(" ").map((item) => {
      const [knob = "", value = ""] = item.split("=");
      const values: readonly string[] = KNOBS[knob as Knob] ?? [];
      if (!knobs.includes(knob as Knob) || !values.includes(value)) throw new Error(`no choice ${item}`);
      return [knob, value];
    }),
  );
}

function answersOf({ inputs }: Litmus): ReadonlyMap<string, string> {
  const id = inputs.get("property") as PropertyId;
  const program = referenceEngine(variantWith(choicesOf(inputs.get("choices")!)), {
    chunks: Number(inputs.get("chunks")),
    mayFailAlloc: inputs.get("gfp") === "nowait",
    callerHoldsPlug: inputs.get("caller-plug") === "yes",
    oddLength: inputs.get("odd-length") === "yes",
  });
  const bounds = {
    ...WIDE,
    failures: Number(inputs.get("failures")),
    preemptions: Number(inputs.get("preemptions")),
  };
  const found = explore(program, bounds, { properties: [propertyNamed(id)] });
  expect(found.exhaustive).toBe(true);
  const { violation, occurs } = found.verdicts[0]!;
  const counts = [
    ["runs", String(found.runs)],
    ["states", String(found.states)],
  ] as const;
  if (violation === null) return new Map([["verdict", occurs ? "holds" : "not seen"], ...counts]);
  const { setting, outcome } = traceOf(program, bounds, violation.ways, violation.outcome);
  return new Map([["verdict", "broken"], ["setting", setting], ["outcome", outcome], ...counts]);
}

test("there are litmus files, and every property is broken in one and holds in another", () => {
  const seen = files.map((name) => {
    const { inputs, answers } = read(name);
    return `${inputs.get("property")} ${answers.get("verdict")}`;
  });
  expect(seen).toEqual(expect.arrayContaining(propertyIds.flatMap((id) => [`${id} broken`, `${id} holds`])));
});

describe.each(files)("%s", (name) => {
  const litmus = read(name);

  test("opens with its result and its question", () => {
    expect(litmus.title).toHaveLength(2);
    expect(litmus.title[0]).toMatch(/\.$/);
    expect(litmus.title[1]).toMatch(/\?$/);
  });

  test("has the verdict, the shortest run and the size that it says", () => {
    expect(Object.fromEntries(answersOf(litmus))).toEqual(Object.fromEntries(litmus.answers));
  });

  test("differs from its twin by one thing, and comes out otherwise", () => {
    const twin = read(litmus.twin);
    expect(twin.answers.get("verdict")).not.toBe(litmus.answers.get("verdict"));
    const keys = [...new Set([...litmus.inputs.keys(), ...twin.inputs.keys()])].filter((key) => key !== "choices");
    const settings = keys.filter((key) => litmus.inputs.get(key) !== twin.inputs.get(key));
    const [one, other] = [litmus, twin].map(({ inputs }) => variantWith(choicesOf(inputs.get("choices")!)));
    expect([...settings, ...knobs.filter((knob) => one![knob] !== other![knob])]).toHaveLength(1);
  });
});
