import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bounds, explore, WIDE } from "../../src/model/explore.ts";
import { judgeVariant, traceOf } from "../../src/model/judge-variant.ts";
import { type PropertyId, properties, propertyIds, propertyNamed } from "../../src/model/property.ts";
import { type Params, referenceEngine, usualParams } from "../../src/model/reference.ts";
import { runOnce } from "../../src/model/schedule.ts";
import { differences, KNOBS, knobs, reference, type Variant, variantWith } from "../../src/model/variant.ts";

/** A variant, and how often it differs from the reference, at most three times. */
const variants: fc.Arbitrary<Partial<Variant>> = fc
  .array(
    fc.constantFrom(...knobs).chain((knob) => fc.constantFrom(...KNOBS[knob].map((value) => [knob, value]))),
    {
      maxLength: 3,
    },
  )
  .map((choices) => Object.fromEntries(choices));

const params = fc.record({
  chunks: fc.integer({ min: 1, max: 2 }),
  mayFailAlloc: fc.boolean(),
  callerHoldsPlug: fc.boolean(),
});

const NARROW: Bounds = { ...WIDE, failures: 1, preemptions: 1 };

const shape = (bounds: Bounds, variant: Partial<Variant>, given: Partial<Params>) =>
  explore(referenceEngine(variantWith(variant), given), bounds, { properties }).verdicts.map(
    ({ property, holds, occurs, violation }) => ({
      id: property.id,
      holds,
      occurs,
      ways: violation?.ways,
      says: violation?.outcome,
    }),
  );

describe("the reference engine", () => {
  const cases: Partial<Variant>[] = [
    {},
    { protocol: "callback" },
    { protocol: "both" },
    { pairing: "src-first" },
    { pairing: "token" },
    { pairing: "single" },
    { pairing: "unknown" },
    { completions: "serial" },
    { progress: "min-offset", progressUpdate: "locked" },
  ];
  // A callback needs a context that outlives the call, so that property is none of its.
  const asked = (variant: Partial<Variant>) =>
    properties.filter(({ id }) => id !== "no-context-allocation" || !("protocol" in variant));

  test.each(cases)("%j breaks no property with one or two chunks, in all runs", (variant) => {
    for (const chunks of [1, 2]) {
      for (const mayFailAlloc of [true, false]) {
        const program = referenceEngine(variantWith(variant), { chunks, mayFailAlloc });
        const found = explore(program, { ...WIDE, preemptions: 1 }, { properties: asked(variant) });
        expect(found.exhaustive).toBe(true);
        expect(found.verdicts.filter(({ holds }) => !holds).map(({ property }) => property.id)).toEqual([]);
      }
    }
  });

  test.each([1, 2])("nor with two interruptions, nor under the caller's plug, %i chunks", (chunks) => {
    for (const callerHoldsPlug of [true, false]) {
      const found = explore(referenceEngine(reference, { chunks, callerHoldsPlug }), WIDE, { properties });
      expect(found.exhaustive).toBe(true);
      expect(found.verdicts.filter(({ holds }) => !holds)).toEqual([]);
    }
  });

  test("nor with three chunks and one thing that goes wrong", () => {
    const found = explore(referenceEngine(reference, { chunks: 3 }), NARROW, { properties });
    expect(found.exhaustive).toBe(true);
    expect(found.verdicts.filter(({ holds }) => !holds)).toEqual([]);
    expect({ runs: found.runs, states: found.states }).toEqual({ runs: 572, states: 3326 });
  });

  test("every property is seen in some run of it", () => {
    const sync = explore(referenceEngine(reference), NARROW, { properties });
    const callback = explore(referenceEngine(variantWith({ protocol: "callback" })), NARROW, { properties });
    const odd = explore(referenceEngine(reference, { oddLength: true }), NARROW, { properties });
    const seen = [sync, callback, odd].flatMap(({ verdicts }) => verdicts.filter(({ occurs }) => occurs));
    expect(new Set(seen.map(({ property }) => property.id))).toEqual(new Set(propertyIds));
  });

  test("copies everything when nothing goes wrong", () => {
    const { kernel } = runOnce(referenceEngine(reference, { chunks: 3 }), { ...NARROW, failures: 0, preemptions: 0 });
    expect(kernel.reports).toEqual([{ how: "return", copied: 384, status: 0, arrived: 384 }]);
    expect(kernel.device.blocks).toEqual([0, 1, 2, 0, 1, 2]);
  });

  test.each([
    [[1], [{ copied: 0, status: -5, arrived: 0 }]],
    [[2], [{ copied: 128, status: 0, arrived: 128 }]],
    [[3], [{ copied: 256, status: 0, arrived: 256 }]],
    [[1, 3], [{ copied: 0, status: -5, arrived: 0 }]],
  ])("chunks %j fail: the prefix is reported", (failChunks, expected) => {
    const { kernel } = runOnce(referenceEngine(reference, { chunks: 3, failChunks }), {
      ...NARROW,
      failures: 0,
      preemptions: 0,
    });
    expect(kernel.reports.map(({ copied, status, arrived }) => ({ copied, status, arrived }))).toEqual(expected);
  });

  test("its ordinary run, step by step", () => {
    const program = referenceEngine(reference, { chunks: 1 });
    const { setting, steps } = traceOf(program, { ...NARROW, failures: 0 }, [], "");
    expect(setting).toBe("1 chunk of 64 KiB");
    expect(steps.map(({ actor, action, knob }) => `${actor}: ${action}${knob ? ` (${knob})` : ""}`)).toEqual([
      "submitter: start plug (plug)",
      "submitter: alloc DST 1 (pairing)",
      "submitter: alloc SRC 1 (pairing)",
      "submitter: refs: 1 to 2",
      "submitter: chain DST 1 to SRC 1 (pairing)",
      "submitter: submit DST 1 (pairing)",
      "submitter: submit SRC 1 (pairing)",
      "block layer: DST 1, SRC 1 paired",
      "submitter: finish plug (plug)",
      "submitter: flush plug: finish (plug)",
      "block layer: dispatch DST 1 + SRC 1",
      "submitter: refs: 2 to 1",
      "submitter: load waiter = submitter (wait)",
      "submitter: sleep (wait)",
      "device: copy chunk 1",
      "completion 1: put DST 1",
      "completion 1: refs: 1 to 0",
      "completion 1: load waiter = submitter",
      "completion 1: store waiter = NULL",
      "completion 1: wake submitter",
      "submitter: load waiter = NULL (wait)",
      "submitter: load status = 0 (status)",
      "submitter: load SRC 1 status = 0 (progress)",
      "submitter: put SRC 1",
      "submitter: return 128 (progress)",
      "submitter: context goes out of scope (context)",
    ]);
  });
});

describe("each property has a variant that breaks it", () => {
  const cases: readonly [PropertyId, Partial<Variant>, string, string][] = [
    [
      "reported-has-arrived",
      { progress: "min-offset" },
      "2 chunks of 64 KiB, chunks 1 and 2 fail",
      "64 KiB reported, nothing arrived from the start",
    ],
    [
      "reported-has-arrived",
      { progress: "full" },
      "1 chunk of 64 KiB, chunk 1 fails",
      "64 KiB reported, nothing arrived from the start",
    ],
    [
      "reported-has-arrived",
      { progress: "sum" },
      "2 chunks of 64 KiB, chunk 1 fails",
      "64 KiB reported, nothing arrived from the start",
    ],
    [
      "reported-has-arrived",
      { wait: "once" },
      "1 chunk of 64 KiB, a sleep returns early",
      "64 KiB reported, nothing arrived from the start",
    ],
    [
      "reported-has-arrived",
      { progress: "min-offset", progressUpdate: "locked", onSubmitError: "leave" },
      "1 chunk of 64 KiB, the allocation of DST 1 fails",
      "64 KiB reported, nothing arrived from the start",
    ],
    [
      "arrived-is-reported",
      { progress: "min-offset", progressStart: "zero" },
      "1 chunk of 64 KiB",
      "all 64 KiB arrived, nothing reported",
    ],
    ["arrived-is-reported", { progress: "sum" }, "2 chunks of 64 KiB", "all 128 KiB arrived, 64 KiB reported"],
    [
      "failure-is-learned",
      { status: "dropped" },
      "1 chunk of 64 KiB, the allocation of DST 1 fails",
      "the call returns 0 and no error",
    ],
    [
      "failure-is-learned",
      { progress: "full" },
      "1 chunk of 64 KiB, chunk 1 fails",
      "success is reported although nothing of 64 KiB arrived",
    ],
    [
      "failure-is-learned",
      { status: "lost", protocol: "callback" },
      "1 chunk of 64 KiB, the allocation of DST 1 fails",
      "the callback gets 0 and no error",
    ],
    [
      "waiter-woken",
      { errorPath: "keeps-reference" },
      "2 chunks of 64 KiB, the allocation of DST 2 fails",
      "the call never returns: nobody wakes the submitter",
    ],
    [
      "waiter-woken",
      { wait: "check-then-sleep" },
      "1 chunk of 64 KiB",
      "the call never returns: nobody wakes the submitter",
    ],
    [
      "callback-once",
      { protocol: "callback", errorPath: "returns-early" },
      "2 chunks of 64 KiB, the allocation of DST 2 fails",
      "the call returns -ENOMEM, and the callback fires as well",
    ],
    [
      "callback-once",
      { protocol: "callback", plug: "unfinished-on-error" },
      "2 chunks of 64 KiB, the allocation of DST 2 fails",
      "the callback was promised and never fires",
    ],
    [
      "freed-exactly-once",
      { errorPath: "leaks-bio" },
      "1 chunk of 64 KiB, the allocation of SRC 1 fails",
      "never freed: DST 1",
    ],
    [
      "freed-exactly-once",
      { errorPath: "returns-early" },
      "2 chunks of 64 KiB, the allocation of DST 2 fails",
      "use after free: context",
    ],
    ["freed-exactly-once", { protocol: "callback", context: "stack" }, "1 chunk of 64 KiB", "use after free: context"],
    [
      "context-within-call",
      { context: "heap", errorPath: "returns-early" },
      "2 chunks of 64 KiB, the allocation of DST 2 fails",
      "the call has returned and its context is still there",
    ],
    [
      "no-context-allocation",
      { context: "heap" },
      "1 chunk of 64 KiB, the allocation of context fails",
      "nothing is copied, for want of memory for the context alone",
    ],
    [
      "no-midway-allocation",
      { chunkState: "heap" },
      "2 chunks of 64 KiB, the allocation of chunk state 2 fails",
      "submission stops midway for want of memory for the chunk state 2",
    ],
    ["pairs-meet", { plug: "none" }, "1 chunk of 64 KiB", "DST 1 is dispatched without its other half"],
    [
      "pairs-meet",
      { plug: "none", pairing: "src-first" },
      "1 chunk of 64 KiB",
      "SRC 1 is dispatched without its other half",
    ],
    [
      "pairs-meet",
      { bios: "between-halves" },
      "1 chunk of 64 KiB, the allocation of SRC 1 sleeps",
      "DST 1 is dispatched without its other half",
    ],
    [
      "no-own-flush-between-chunks",
      { plug: "per-chunk" },
      "2 chunks of 64 KiB",
      "the engine asks for 2 flushes for 2 chunks",
    ],
    [
      "plug-restored",
      { plug: "unfinished-on-error" },
      "1 chunk of 64 KiB, the allocation of DST 1 fails",
      "the call returns and its plug, on a dead stack, is still the task's",
    ],
    [
      "aligned-by-type",
      { units: "bytes" },
      "1 chunk of 64 KiB and one byte more",
      "the interface admits a length that is no whole number of sectors",
    ],
  ];

  test("and all are here", () => {
    expect(new Set(cases.map(([id]) => id))).toEqual(new Set(propertyIds));
  });

  test.each(cases)("%s: %j", (id, variant, setting, outcome) => {
    const { holds, occurs, trace, runs } = judgeVariant(variant, id);
    expect({ holds, setting: trace?.setting, outcome: trace?.outcome }).toEqual({ holds: false, setting, outcome });
    expect(typeof occurs).toBe("boolean");
    expect(runs).toBeGreaterThan(0);
  });

  test.each(propertyIds)("the reference keeps %s", (id) => {
    const { holds, trace } = judgeVariant({}, id);
    expect({ holds, trace }).toEqual({ holds: true, trace: null });
  });

  const kept: readonly [PropertyId, Partial<Variant>, Partial<Params>?][] = [
    ["failure-is-learned", { status: "dropped", protocol: "callback" }],
    ["reported-has-arrived", { progress: "min-offset", progressUpdate: "locked" }],
    ["no-own-flush-between-chunks", { plug: "per-chunk", pairing: "single" }, { callerHoldsPlug: true }],
    ["pairs-meet", { plug: "none", pairing: "single" }],
    ["pairs-meet", { plug: "none", pairing: "unknown" }],
    ["pairs-meet", { plug: "none", pairing: "token" }],
    ["pairs-meet", { plug: "none" }, { callerHoldsPlug: true }],
    ["pairs-meet", { plug: "per-chunk" }],
    ["waiter-woken", { wait: "once" }],
    ["no-midway-allocation", { context: "heap" }],
    ["context-within-call", { context: "heap", protocol: "both" }],
  ];
  test.each(kept)("%s is kept by %j", (id, variant, scope) => {
    expect(judgeVariant(variant, id, scope).holds).toBe(true);
  });
});

test("the lost update: both handlers have read before the first of them writes", () => {
  const { trace } = judgeVariant({ progress: "min-offset", progressStart: "length" }, "reported-has-arrived");
  const steps = trace!.steps.filter(({ action }) => action.includes("copied ="));
  expect(steps.map(({ actor, action, assumed }) => `${actor}: ${action}${assumed ? " (assumed)" : ""}`)).toEqual([
    "submitter: store copied = 256",
    "completion 2: load copied = 256",
    "completion 1: load copied = 256",
    "completion 1: store copied = 0",
    "completion 2: store copied = 128",
    "submitter: load copied = 128",
  ]);
  const chosen = new Set(trace!.steps.filter(({ assumed }) => !assumed).map(({ knob }) => knob));
  expect(chosen).toEqual(new Set(["progress", "progressStart"]));
});

test("what the patch chose is for the caller to say", () => {
  const assumed = (fromPatch?: readonly ("plug" | "context")[]) =>
    judgeVariant({ plug: "per-chunk", context: "heap" }, "no-own-flush-between-chunks", {}, fromPatch)
      .trace!.steps.filter((step) => !step.assumed)
      .map(({ knob }) => knob);
  expect(new Set(assumed())).toEqual(new Set(["plug", "context"]));
  expect(new Set(assumed(["plug"]))).toEqual(new Set(["plug"]));
  expect(assumed([])).toEqual([]);
});

describe("exploration", () => {
  test("is deterministic", () => {
    fc.assert(
      fc.property(variants, params, (variant, given) => {
        expect(JSON.stringify(shape(NARROW, variant, given))).toBe(JSON.stringify(shape(NARROW, variant, given)));
      }),
      { numRuns: 25 },
    );
  });

  test("a violation's choices replay it", () => {
    fc.assert(
      fc.property(variants, params, (variant, given) => {
        const program = referenceEngine(variantWith(variant), given);
        for (const { property, violation } of explore(program, NARROW, { properties }).verdicts) {
          if (violation === null) continue;
          const again = runOnce(program, NARROW, violation.ways);
          expect(property.broken(again)).toBe(violation.outcome);
          expect(again.steps).toBe(violation.run.steps);
          expect([again.failures, again.preemptions]).toEqual([violation.run.failures, violation.run.preemptions]);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("no violation takes fewer failures or preemptions than the one found", () => {
    fc.assert(
      fc.property(variants, params, (variant, given) => {
        const program = referenceEngine(variantWith(variant), given);
        for (const { property, violation } of explore(program, NARROW, { properties }).verdicts) {
          if (violation === null) continue;
          const { failures, preemptions } = violation.run;
          const fewer = [
            { ...NARROW, failures: failures - 1 },
            { ...NARROW, failures, preemptions: preemptions - 1 },
          ].filter((bounds) => bounds.failures >= 0 && bounds.preemptions >= 0);
          for (const bounds of fewer)
            expect(explore(program, bounds, { properties: [property] }).verdicts[0]!.holds).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("leaving out states met before loses no verdict", () => {
    const bounds = { failures: 1, preemptions: 1, maxSteps: 1_000 };
    fc.assert(
      fc.property(variants, (variant) => {
        const program = referenceEngine(variantWith(variant), { chunks: 1, mayFailAlloc: false });
        const found = explore(program, { ...bounds, maxRuns: 100_000 }, { properties }).verdicts;
        const broken = new Set<string>();
        const todo: number[][] = [[]];
        for (let ways = todo.pop(); ways !== undefined; ways = todo.pop()) {
          const run = runOnce(program, bounds, ways);
          for (const property of properties) if (property.broken(run) !== null) broken.add(property.id);
          for (let at = ways.length; at < run.choices.length; at++) {
            for (let way = 1; way < run.choices[at]!.ways; way++) {
              todo.push([...run.choices.slice(0, at).map((choice) => choice.way), way]);
            }
          }
        }
        expect(
          found
            .filter(({ holds }) => !holds)
            .map(({ property }) => property.id)
            .sort(),
        ).toEqual([...broken].sort());
      }),
      { numRuns: 60 },
    );
  });

  test("ends early when it is told to, with the same violation", () => {
    const program = referenceEngine(variantWith({ progress: "full" }), { chunks: 1 });
    const asked = { properties: [propertyNamed("reported-has-arrived")] };
    const all = explore(program, NARROW, asked);
    const first = explore(program, NARROW, { ...asked, until: "first-violation" });
    expect(first.runs).toBeLessThan(all.runs);
    expect(first.exhaustive).toBe(false);
    expect(first.verdicts[0]!.violation!.ways).toEqual(all.verdicts[0]!.violation!.ways);
  });

  test("says when its bounds did not suffice", () => {
    const program = referenceEngine(reference);
    expect(explore(program, { ...NARROW, maxRuns: 5 }, { properties })).toMatchObject({ runs: 5, exhaustive: false });
    expect(explore(program, { ...NARROW, maxSteps: 5 }, { properties })).toMatchObject({ runs: 0, exhaustive: false });
    expect(explore(program, NARROW, { properties }).exhaustive).toBe(true);
  });
});

describe("judging", () => {
  test("in its small scope comes to what wide bounds come to", () => {
    fc.assert(
      fc.property(variants, (variant) => {
        const wide = [1, 2].flatMap((chunks) =>
          [true, false].flatMap(
            (mayFailAlloc) =>
              explore(
                referenceEngine(variantWith(variant), { chunks, mayFailAlloc }),
                { ...WIDE, preemptions: 1 },
                { properties },
              ).verdicts,
          ),
        );
        for (const id of propertyIds.filter((each) => each !== "aligned-by-type")) {
          const holds = wide.every((verdict) => verdict.property.id !== id || verdict.holds);
          expect({ id, holds: judgeVariant(variant, id).holds }).toEqual({ id, holds });
        }
      }),
      { numRuns: 30 },
    );
  });

  test("finds the same trace each time", () => {
    fc.assert(
      fc.property(variants, fc.constantFrom(...propertyIds), (variant, id) => {
        expect(JSON.stringify(judgeVariant(variant, id))).toBe(JSON.stringify(judgeVariant(variant, id)));
      }),
      { numRuns: 60 },
    );
  });

  test("a prefix counted from the chunks' results never says more than arrived", () => {
    const kept = fc.record({
      pairing: fc.constantFrom(...KNOBS.pairing),
      context: fc.constantFrom("heap" as const),
      chunkState: fc.constantFrom(...KNOBS.chunkState),
      plug: fc.constantFrom(...KNOBS.plug),
      protocol: fc.constantFrom(...KNOBS.protocol),
      completions: fc.constantFrom(...KNOBS.completions),
      onSubmitError: fc.constantFrom(...KNOBS.onSubmitError),
      status: fc.constantFrom(...KNOBS.status),
    });
    fc.assert(
      fc.property(kept, (variant) => {
        expect(judgeVariant(variant, "reported-has-arrived").holds).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("does not say that a property held when its case never occurred", () => {
    expect(judgeVariant({}, "callback-once")).toMatchObject({ holds: true, occurs: false });
    expect(judgeVariant({ protocol: "callback" }, "callback-once")).toMatchObject({ holds: true, occurs: true });
    expect(judgeVariant({ pairing: "single" }, "pairs-meet")).toMatchObject({ holds: true, occurs: false });
  });

  test("takes a wider scope from the caller", () => {
    const { trace } = judgeVariant({ plug: "per-chunk" }, "no-own-flush-between-chunks", {
      chunks: 3,
      chunkSectors: 1,
    });
    expect(trace!.setting).toBe("2 chunks of 1 sector");
    expect(judgeVariant({ plug: "per-chunk" }, "no-own-flush-between-chunks", { chunks: 1 }).holds).toBe(true);
  });
});

describe("variants", () => {
  test("the reference is the first value of every knob", () => {
    for (const knob of knobs) expect(KNOBS[knob][0]).toBe(reference[knob]);
    expect(differences(reference)).toEqual([]);
  });

  test("a call that is answered later has its context on the heap, unless a choice says otherwise", () => {
    expect(variantWith({ protocol: "callback" }).context).toBe("heap");
    expect(variantWith({ protocol: "both" }).context).toBe("heap");
    expect(variantWith({ protocol: "sync" }).context).toBe("stack");
    expect(variantWith({ protocol: "callback", context: "stack" }).context).toBe("stack");
    expect(differences(variantWith({ protocol: "both" }))).toEqual(["context", "protocol"]);
  });

  test("settings in words", () => {
    const setting = (given: Partial<Params>) => referenceEngine(reference, given).setting;
    expect(setting({})).toBe("2 chunks of 64 KiB");
    expect(setting({ chunks: 1, chunkSectors: 7 })).toBe("1 chunk of 7 sectors");
    expect(setting({ callerHoldsPlug: true, oddLength: true })).toBe(
      "2 chunks of 64 KiB and one byte more under the caller's plug",
    );
    expect(usualParams.failChunks).toBeNull();
  });
});
