import fc from "fast-check";
import { expect, test } from "vitest";
import type { Trace, TraceStep } from "../../src/model/trace.ts";
import { type ModelReport, renderModel, renderModelJson, renderTrace } from "../../src/report/model.ts";

const step = (actor: string, action: string, more: Partial<TraceStep> = {}): TraceStep => ({
  actor,
  action,
  assumed: true,
  ...more,
});

const trace = (...steps: readonly TraceStep[]): Trace => ({ setting: "2 chunks", steps, outcome: "done" });

test("a column for every actor, the block layer in the device's, completions by number", () => {
  const rows = renderTrace(
    trace(
      step("submitter", "submit DST 1"),
      step("completion 2", "put DST 2"),
      step("device", "copy chunk 1"),
      step("block layer", "dispatch DST 1"),
      step("completion 1", "put DST 1"),
    ),
  );
  expect(rows).toEqual([
    "   submitter        device           completion 1     completion 2",
    "1  submit DST 1",
    "2                                                     put DST 2",
    "3                   copy chunk 1",
    "4                   dispatch DST 1",
    "5                                    put DST 1",
  ]);
});

test("what the patch does is marked, and named with its line where that fits", () => {
  const at = { file: "block/blk-lib.c", line: 178 };
  const long = { file: `drivers/${"x".repeat(50)}.c`, line: 9 };
  const rows = renderTrace(
    trace(
      step("submitter", "start plug"),
      step("submitter", "load copied = 8", { assumed: false, at }),
      step("submitter", "store copied = 0", { assumed: false, at: long }),
    ),
  );
  expect(rows).toEqual([
    "     submitter",
    "1    start plug",
    "2 >  load copied = 8                                         block/blk-lib.c:178",
    "3 >  store copied = 0",
    `${`drivers/${"x".repeat(50)}.c:9`.padStart(80)}`,
  ]);
});

test("folding leaves out assumed steps in a row, but none that fails, wakes or returns", () => {
  const steps = [
    step("submitter", "a"),
    step("submitter", "b"),
    step("submitter", "c"),
    step("device", "fail chunk 1"),
    step("submitter", "d"),
    step("submitter", "e"),
    step("submitter", "store copied = 0", { assumed: false }),
    step("submitter", "return 8"),
  ];
  expect(renderTrace(trace(...steps), { fold: true }).map((row) => row.trim())).toEqual([
    "submitter               device",
    "... 3 assumed steps",
    "4                            fail chunk 1",
    "5    d",
    "6    e",
    "7 >  store copied = 0",
    "8    return 8",
  ]);
  expect(renderTrace(trace(...steps.slice(0, 6)), { fold: true })).toHaveLength(7);
});

test("too many actors for a table: each row names its own", () => {
  const actors = ["submitter", "device", 1, 2, 3, 4, 5].map((each) =>
    typeof each === "number" ? `completion ${each}` : each,
  );
  const rows = renderTrace(trace(...actors.map((actor) => step(actor, "x"))));
  expect(rows[0]).toBe("1  submitter: x");
  expect(rows[6]).toBe("7  completion 5: x");
});

test("no row is wider than asked", () => {
  const text = fc.string({ minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("submitter", "device", "completion 1", "completion 2"), text)),
      (steps) => {
        for (const row of renderTrace(trace(...steps.map(([actor, action]) => step(actor, action))))) {
          expect(row.length).toBeLessThanOrEqual(80);
        }
      },
    ),
  );
});

const report: ModelReport = {
  engine: "reference engine",
  choices: [{ knob: "plug", value: "per-chunk" }],
  verdicts: [
    { property: "pairs-meet", says: "they meet", verdict: "holds", outcome: null },
    { property: "waiter-woken", says: "it wakes", verdict: "not seen", outcome: null },
    { property: "plug-restored", says: "it is there", verdict: "broken", outcome: `it is ${"very ".repeat(15)}lost` },
  ],
  explored: { failures: 2, preemptions: 1, runs: 3, states: 1, exhaustive: true },
  trace: trace(step("submitter", "return 0")),
  breaks: "plug-restored",
};

test("a report names engine, run, outcome, verdicts and size", () => {
  expect(renderModel(report)).toBe(`reference engine, plug=per-chunk
Run: 2 chunks

   submitter
1  return 0

Outcome: done (breaks plug-restored)

Properties in all runs:
  holds     pairs-meet: they meet
  not seen  waiter-woken: it wakes
  broken    plug-restored: it is very very very very very very very very very
            very very very very very very lost

3 runs, 1 distinct state in which actors compete; up to 2 failures and 1
preemption in a run, memory sequentially consistent.
`);
});

test("a single run has no counts, and a search that was cut says so", () => {
  const single = renderModel({ ...report, explored: null, breaks: null, choices: [] });
  expect(single).toContain("reference engine\n");
  expect(single).toContain("Outcome: done\n");
  expect(single).toContain("Properties in this run:");
  expect(single).not.toContain("distinct");
  const cut = renderModel({ ...report, explored: { ...report.explored!, exhaustive: false } });
  expect(cut).toContain("not all of them.");
});

test("the same as data", () => {
  expect(JSON.parse(renderModelJson(report))).toEqual(report);
  expect(renderModelJson(report).endsWith("}\n")).toBe(true);
});
