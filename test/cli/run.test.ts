import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readInput } from "../../src/cli/input.ts";
import { main } from "../../src/cli/main.ts";
import { review } from "../../src/cli/reviewer.ts";
import { run } from "../../src/cli/run.ts";
import type { Finding } from "../../src/finding/finding.ts";
import type { Review } from "../../src/finding/review.ts";
import type { Shown } from "../../src/judge/runs.ts";
import type { RunReport } from "../../src/report/run.ts";
import { corpus, hasCorpus, top } from "../reviewing.ts";
import { fakeIo } from "./fake-io.ts";

async function copylint(...args: readonly string[]) {
  const { io, printed } = fakeIo({ cwd: top });
  return { code: await main(args, io), ...printed };
}

/** Reviews a series once, however often its runs are asked for; each of them is run anew. */
function reviewedOnce(): typeof review {
  const known = new Map<string, { readonly made: Review; readonly runs: ReadonlyMap<Finding, Shown> }>();
  return (series, options = {}) => {
    const key = series.map(({ subject }) => subject).join();
    let found = known.get(key);
    if (found === undefined) {
      const runs = new Map<Finding, Shown>();
      found = { made: review(series, { ...options, runs }), runs };
      known.set(key, found);
    }
    for (const [finding, shown] of found.runs) options.runs?.set(finding, shown);
    return found.made;
  };
}

async function asData(...args: readonly string[]): Promise<RunReport & { readonly code: number }> {
  const { code, out, err } = await copylint("run", ...args, "--format", "json");
  expect(err).toBe("");
  return { code, ...JSON.parse(out) };
}

/** A finding as the JSON report has it. */
type Reported = Pick<Finding, "rule" | "fingerprint" | "executed" | "what"> & {
  readonly trace: readonly {
    readonly actor: string;
    readonly action: string;
    readonly file: string | null;
    readonly line: number | null;
  }[];
  readonly traceSetting: string | null;
  readonly traceOutcome: string | null;
};

async function findingsOf(path: string): Promise<readonly Reported[]> {
  const { out } = await copylint("check", "--format", "json", path);
  return JSON.parse(out).findings;
}

const careless = "fixtures/series/careless";
const v20 = join(corpus, "v20");

describe("copylint run --replay", () => {
  test.each([careless, ...(hasCorpus ? [v20] : [])])(
    "runs every executed finding of %s again, to the same outcome in the same steps",
    async (path) => {
      const executed = (await findingsOf(path)).filter((finding) => finding.executed);
      expect(executed.length).toBeGreaterThan(5);
      const steps = { readInput, review: reviewedOnce() };
      for (const finding of executed) {
        const { io, printed } = fakeIo({ cwd: top });
        await run([path], { replay: finding.fingerprint.slice(0, 12), format: "json" }, io, steps);
        const report: RunReport = JSON.parse(printed.out);
        const told = report.steps.flatMap(({ events }) => events).filter((event) => event.told);
        const shape = told.map(({ actor, action, at }) => ({
          actor,
          action,
          file: at?.file ?? null,
          line: at?.line ?? null,
        }));
        const label = `${finding.rule} ${finding.fingerprint}`;
        expect({ label, outcome: report.outcome }).toEqual({ label, outcome: finding.traceOutcome });
        expect({ label, setting: report.setting }).toEqual({ label, setting: finding.traceSetting });
        expect({ label, steps: shape }).toEqual({
          label,
          steps: finding.trace.map(({ actor, action, file, line }) => ({ actor, action, file, line })),
        });
      }
    },
    600_000,
  );
});
