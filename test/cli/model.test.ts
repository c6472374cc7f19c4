import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ModelOptions, modelCommand } from "../../src/cli/model.ts";
import { propertyIds } from "../../src/model/property.ts";
import type { ModelReport } from "../../src/report/model.ts";

function data(options: ModelOptions): ModelReport & { readonly code: number } {
  const result = modelCommand({ ...options, format: "json" });
  if ("usage" in result) throw new Error(result.usage);
  return { ...JSON.parse(result.out), code: result.code };
}

const broken = (report: ModelReport) =>
  report.verdicts.filter(({ verdict }) => verdict === "broken").map(({ property }) => property);

const copies = (report: ModelReport) =>
  report.trace.steps.map(({ action }) => action).filter((action) => /^(copy|fail) chunk/.test(action));

describe("copylint model", () => {
  test("without options runs the reference with two chunks, and nothing is broken", () => {
    const report = data({});
    expect(report.code).toBe(0);
    expect(report.choices).toEqual([]);
    expect(report.explored).toBeNull();
    expect(report.trace).toMatchObject({
      setting: "2 chunks of 64 KiB",
      outcome: "256 sectors reported, 256 of 256 arrived from the start",
    });
    expect(report.verdicts.map(({ property }) => property)).toEqual(propertyIds);
    expect(broken(report)).toEqual([]);
  });

  test("--variant takes several choices and shows what they break", () => {
    const report = data({ variant: "plug=per-chunk, progress=full", fail: ["chunk:1"] });
    expect(report.choices).toEqual([
      { knob: "plug", value: "per-chunk" },
      { knob: "progress", value: "full" },
    ]);
    expect(broken(report)).toEqual(["reported-has-arrived", "failure-is-learned", "no-own-flush-between-chunks"]);
    expect(report.code).toBe(1);
    expect(report.breaks).toBe("reported-has-arrived");
    expect(
      data({ variant: "plug=per-chunk,progress=full", fail: ["chunk:1"], property: "no-own-flush-between-chunks" })
        .breaks,
    ).toBe("no-own-flush-between-chunks");
  });

  test("--chunks, --chunk-sectors, --fail and --order", () => {
    const report = data({ chunks: "3", chunkSectors: "8", fail: ["chunk:1", "chunk:3"], order: "2,3,1" });
    expect(report.trace.setting).toBe("3 chunks of 4 KiB, chunks 1 and 3 fail");
    expect(copies(report)).toEqual(["copy chunk 2", "fail chunk 3", "fail chunk 1"]);
    expect(report.trace.outcome).toBe("error -5, 0 of 24 arrived from the start");
    expect(copies(data({ chunks: "3", fail: ["chunk:1,chunk:3"] }))).toEqual([
      "fail chunk 1",
      "copy chunk 2",
      "fail chunk 3",
    ]);
  });

  test("an order may name a chunk that is never submitted", () => {
    const report = data({ order: "2,1", fail: ["alloc:3"] });
    expect(report.trace.setting).toBe("2 chunks of 64 KiB, the allocation of DST 2 fails");
    expect(copies(report)).toEqual(["copy chunk 1"]);
    expect(broken(report)).toEqual([]);
  });

  test("--fail alloc counts over all allocations of the run", () => {
    expect(data({ fail: ["alloc:2"] }).trace.setting).toContain("the allocation of SRC 1 fails");
    expect(data({ fail: ["alloc:1"], variant: "context=heap" }).trace.setting).toContain(
      "the allocation of context fails",
    );
  });

  test("--caller-plug makes the engine's plug do nothing", () => {
    const actions = data({ callerPlug: true, variant: "plug=per-chunk" }).trace.steps.map(({ action }) => action);
    expect(actions).toContain("start plug (nested)");
    expect(broken(data({ callerPlug: true, variant: "plug=per-chunk" }))).toEqual([]);
  });

  test("--explore runs all schedules, prints their number and shows the shortest run", () => {
    const report = data({ variant: "progress=min-offset", explore: true, gfp: "wait" });
    expect(broken(report)).toEqual(["reported-has-arrived"]);
    expect(report.trace.setting).toBe("2 chunks of 64 KiB, chunks 1 and 2 fail");
    expect(report.explored).toMatchObject({ failures: 2, preemptions: 1, exhaustive: true });
    expect(report.explored!.runs).toBeGreaterThan(100);
    expect(report.explored!.states).toBeGreaterThan(report.explored!.runs);
    expect(data({ variant: "progress=min-offset", explore: true, failures: "1", gfp: "wait" }).code).toBe(0);
    expect(data({ variant: "progress=min-offset", explore: true, preemptions: "0", gfp: "wait" }).code).toBe(0);
  });

  test("--explore with --fail explores the schedules of these failures", () => {
    const report = data({ variant: "progress=min-offset", explore: true, fail: ["chunk:1", "chunk:2"], failures: "0" });
    expect(broken(report)).toEqual(["reported-has-arrived"]);
    expect(data({ variant: "progress=min-offset", explore: true, fail: ["chunk:2"], failures: "0" }).code).toBe(0);
  });

  test("aligned-by-type is asked with a length that is no whole number of sectors", () => {
    for (const explore of [true, false]) {
      const report = data({ variant: "units=bytes", explore, failures: "0", preemptions: "0" });
      expect(broken(report)).toEqual(["aligned-by-type"]);
      expect(report.trace.setting).toBe("1 chunk of 64 KiB and one byte more");
    }
  });

  test("the text is at most 80 columns wide", () => {
    for (const options of [
      {},
      { chunks: "3" },
      { chunks: "9" },
      { variant: "plug=per-chunk,progress=sum,context=heap,wait=once", explore: true },
    ]) {
      const result = modelCommand(options);
      const lines = "out" in result ? result.out.split("\n") : [];
      expect(lines.length).toBeGreaterThan(20);
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
    }
  });

  test.each([
    [{ variant: "plug" }, "--variant wants knob=value, not 'plug'; knobs are plug, pairing,"],
    [{ variant: "plum=none" }, "--variant knows plug, pairing, "],
    [{ variant: "plug=no" }, "--variant plug knows around, per-chunk, none, unfinished-on-error, not 'no'"],
    [{ chunks: "0" }, "--chunks wants a whole number from 1 to 64, not '0'"],
    [{ chunks: "65" }, "--chunks wants a whole number from 1 to 64, not '65'"],
    [{ chunks: "1e1" }, "--chunks wants a whole number from 1 to 64, not '1e1'"],
    [{ chunkSectors: "4194305" }, "--chunk-sectors wants a whole number from 1 to 4194304"],
    [{ fail: ["disk:1"] }, "--fail wants chunk:N or alloc:N, not 'disk:1'"],
    [{ fail: ["chunk:3"] }, "--fail chunk:N wants a whole number from 1 to 2, not '3'"],
    [{ fail: ["alloc:"] }, "--fail alloc:N wants a whole number from 1 to 1000, not ''"],
    [{ fail: ["alloc:5"] }, "--fail alloc:5 never happens: this run asks for 4 only"],
    [{ fail: ["alloc:2"], gfp: "wait" }, "--fail alloc:2 never happens: with --gfp wait a bio_alloc cannot fail"],
    [{ order: "1,1" }, "--order names a chunk twice: '1,1'"],
    [{ order: "3" }, "--order wants a whole number from 1 to 2, not '3'"],
    [{ gfp: "GFP_KERNEL" }, "--gfp knows wait, nowait, not 'GFP_KERNEL'"],
    [{ format: "xml" }, "--format knows text, json, not 'xml'"],
    [{ property: "speed" }, "--property knows reported-has-arrived, "],
    [{ explore: true, failures: "9" }, "--failures wants a whole number from 0 to 4, not '9'"],
    [{ explore: true, preemptions: "-1" }, "--preemptions wants a whole number from 0 to 3, not '-1'"],
  ] as const)("%j is refused in one sentence", (options, usage) => {
    const result = modelCommand(options);
    expect("usage" in result && result.usage.startsWith(usage) && !result.usage.includes("\n")).toBe(true);
  });

  test("no string makes it throw", () => {
    const text = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(
        fc.record(
          { variant: text, chunks: text, fail: fc.array(text), order: text, format: text },
          { requiredKeys: [] },
        ),
        (options) => {
          expect(Object.keys(modelCommand(options)).length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
