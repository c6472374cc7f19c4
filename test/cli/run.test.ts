import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readInput } from "../../src/cli/input.ts";
import { main } from "../../src/cli/main.ts";
import { review } from "../../src/cli/reviewer.ts";
import { run } from "../../src/cli/run.ts";
import type { Finding } from "../../src/finding/finding.ts";
import type { Review } from "../../src/finding/review.ts";
import type { Shown } from "../../src/judge/runs.ts";
import type { RunReport } from "../../src/report/run.ts";
import { engineMail } from "../exec-kernel/engines.ts";
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
/** Its one finding is about a state in the middle of the series, of which the model runs a variant. */
const mended = "fixtures/series/mended";
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

const folder = mkdtempSync(join(tmpdir(), "engines-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A patch file that adds one of our engines, changed by `edit`. */
function engine(name: string, edit?: (text: string) => string): string {
  const path = join(folder, `${name}${edit === undefined ? "" : "-edited"}.patch`);
  writeFileSync(path, engineMail(name, edit).text);
  return path;
}

const synchronous = engine("synchronous.c");
const asynchronous = engine("asynchronous.c");
const emulation = engine("emulation.c");

const complaintOf = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await copylint("run", ...args);
  expect([code, out]).toEqual([2, ""]);
  expect(err.trimEnd().split("\n")).toHaveLength(1);
  return err;
};

const actions = ({ steps }: RunReport): string[] => steps.flatMap(({ events }) => events.map(({ action }) => action));

describe("the run of a finding", () => {
  test("is named where the finding is printed, and only if it is one of the patch's own code", async () => {
    const { out } = await copylint("check", careless);
    const findings = await findingsOf(careless);
    for (const { executed, fingerprint } of findings)
      expect(out.includes(`  replay: copylint run ${careless} --replay ${fingerprint.slice(0, 12)}\n`)).toBe(executed);
    expect((await copylint("check", mended)).out).toContain("plug-per-chunk: ");
    expect((await copylint("check", mended)).out).not.toContain("replay:");
  });

  test("is found by six digits, and reads as source with what happens and what changes", async () => {
    const finding = (await findingsOf(careless)).find(({ rule }) => rule === "plug-per-chunk")!;
    const { code, out } = await copylint("run", careless, "--replay", finding.fingerprint.slice(0, 6));
    expect(code).toBe(0);
    expect(out).toContain("block/blk-lib.c:205: plug-per-chunk: blkdev_clone_range() starts and");
    expect(out).toMatch(/ {2}\d+ {2}block\/blk-lib\.c:205: blk_start_plug\(&plug\);\n +\* start plug\n/);
    expect(out).toMatch(/block\/blk-lib\.c:194: piece = min\(left, most\);\n +piece = 8192\n/);
    expect(out).toMatch(/block\/blk-lib\.c:219: from \+= piece;\n +from: 32768 to 40960\n/);
    expect(out).toContain("  outcome: the engine asks for 2 flushes for 2 chunks\n");
    expect(out).toContain("  shows: flush-between-chunks: ");
  });

  test("has to be known, one, and of the patch's own code", async () => {
    expect(await complaintOf(careless, "--replay", "12345")).toContain("wants 6 to 16 hexadecimal digits");
    expect(await complaintOf(careless, "--replay", "xyzxyz")).toContain("wants 6 to 16 hexadecimal digits");
    expect(await complaintOf(careless, "--replay", "000000")).toContain(
      "no finding with a run of the patch's own code",
    );
    const findings = await findingsOf(careless);
    const [variant] = (await findingsOf(mended)).filter(({ trace }) => trace.length > 0);
    expect(await complaintOf(mended, "--replay", variant!.fingerprint)).toContain("is one of the model");
    const { fingerprint } = findings.find(({ executed }) => executed)!;
    expect(await complaintOf(careless, "--replay", fingerprint, "--fail", "alloc:1")).toContain(
      "--fail belongs to --function",
    );
    expect(await complaintOf(careless, "--replay", fingerprint, "--list")).toContain("exclude each other");
    expect(await complaintOf(careless)).toContain("nothing says what to run");
    expect(await complaintOf("--list")).toContain("nothing to read");
  });

  test("with the same digits as another is asked for again", async () => {
    const { io, printed } = fakeIo({ cwd: top });
    const made = reviewedOnce();
    const alike: typeof review = (series, options = {}) => {
      const found = made(series, options);
      const findings = found.findings.map((finding, i) => ({ ...finding, fingerprint: `abcdef${i}000000000` }));
      findings.forEach((finding, i) => {
        const shown = options.runs?.get(found.findings[i]!);
        if (shown !== undefined) options.runs?.set(finding, shown);
      });
      return { ...found, findings };
    };
    const asked = run([careless], { replay: "abcdef", format: "text" }, io, { readInput, review: alike });
    await expect(asked).rejects.toThrow(/^\d+ findings have a fingerprint that starts with abcdef: abcdef/);
    expect(printed.out).toBe("");
  });
});

describe("copylint run --list", () => {
  test("says what can be run with what, and what cannot and why", async () => {
    const { code, out } = await copylint("run", careless, "--list");
    expect(code).toBe(0);
    expect(out).toContain(
      "blkdev_clone_range() (block/blk-lib.c:166)\n    bdev  the device\n    from  where to copy from, in bytes\n",
    );
    expect(out).toContain("    runs synchronously (--sync), or with a callback (--callback)\n");
    expect(out).toContain("limits: max_clone_sectors (sectors)\n");
    expect(out).toContain("    mini_run_job(): what its parameter job is for is not known\n");
  });

  test("says it as data too", async () => {
    const { out } = await copylint("run", asynchronous, "--list", "--format", "json");
    const { functions, limits } = JSON.parse(out);
    expect(functions).toHaveLength(1);
    expect(functions[0]).toMatchObject({
      function: "blkdev_copy_queue",
      file: "block/asynchronous.c",
      ways: ["with a callback"],
    });
    expect(functions[0].params[3]).toEqual({ name: "nr_sects", role: "how much to copy, in sectors" });
    expect(limits).toEqual([{ name: "max_copy_sectors", counts: "sectors" }]);
  });
});

describe("copylint run --function", () => {
  test("calls a well-written engine, and it keeps all properties", async () => {
    const report = await asData(synchronous, "--function", "blkdev_copy");
    expect(report).toMatchObject({
      code: 0,
      function: "blkdev_copy",
      setting: "2 chunks of 8 KiB, from 32 KiB to 128 KiB",
      ending: "the call returns 32 sectors; 16384 of 16384 bytes arrived",
      broken: [],
    });
    expect(report.steps[0]!.enters).toBe(
      "blkdev_copy(bdev = the device, src = 64, dst = 256, nr_sects = 32, gfp = 3264)",
    );
  });

  test("takes sizes, calculations with them and plain numbers in the parameter's unit", async () => {
    const lengths = ["3*chunk", "24KiB", "48s", "48", "0x30", "2*(chunk+block)+7*page/4", "8KiB+32"];
    const called = (length: string) => asData(synchronous, "--function", "blkdev_copy", "--arg", `nr_sects=${length}`);
    for (const length of lengths) {
      const { steps } = await called(length);
      expect({ length, enters: steps[0]!.enters }).toEqual({
        length,
        enters: expect.stringContaining("nr_sects = 48,"),
      });
    }
  });

  test("lets chunks fail and complete as it is told", async () => {
    const args = [asynchronous, "--function", "blkdev_copy_queue", "--arg", "nr_sects=3*chunk", "--fail", "chunk:2"];
    const report = await asData(...args, "--order", "3,2,1");
    const done = actions(report).filter((action) => /^(copy|fail) chunk/.test(action));
    expect(done).toEqual(["copy chunk 3", "fail chunk 2", "copy chunk 1"]);
    expect(report.setting).toBe("3 chunks of 8 KiB, from 32 KiB to 128 KiB, with a callback, chunk 2 fails");
    expect(report.ending).toBe(
      "the call returns -529, the callback is given -5, 16 sectors; 8192 of 24576 bytes arrived",
    );
    expect([report.code, report.broken]).toEqual([0, []]);
  });

  test("lets an allocation fail, and shows what that breaks", async () => {
    const forgets = engine("asynchronous.c", (text) => text.replace("free_chunk:\n\tkfree(chunk);\n", "free_chunk:\n"));
    const args = ["--function", "blkdev_copy_queue", "--gfp", "nowait", "--fail", "alloc:3"];
    expect(await asData(asynchronous, ...args)).toMatchObject({ code: 0, broken: [] });
    const { code, out } = await copylint("run", forgets, ...args);
    expect(code).toBe(1);
    expect(out).toContain(
      "  breaks: never-freed: never freed: chunk (it should be that what was allocated\n    is freed)\n",
    );
    expect(out).toMatch(/dst_bio = copy_bio\(bdev, REQ_OP_COPY_DST/);
    expect(out).toContain("copy_failed(ctx = ctx, start = 0, error = -12)");
  });

  test("says which failures never happen", async () => {
    const args = [synchronous, "--function", "blkdev_copy", "--fail"];
    expect(await complaintOf(...args, "alloc:99")).toMatch(/alloc:99 never happens: this run asks for \d+ only/);
    expect(await complaintOf(...args, "alloc:2")).toContain("it cannot fail");
    expect(await complaintOf(...args, "chunk:3")).toContain("this run has 2 chunks");
    expect(await complaintOf(...args, "early:1")).toContain("in this run it could 0 times");
  });

  test("takes a device as it is described", async () => {
    const args = [emulation, "--function", "blkdev_copy_emulate", "--incapable"];
    expect(await asData(...args)).toMatchObject({
      code: 0,
      broken: [],
      setting: expect.stringContaining("cannot copy"),
    });
    const limited = await asData(
      synchronous,
      "--function",
      "blkdev_copy",
      "--limit",
      "max_copy_sectors=16KiB",
      "--block",
      "4096",
    );
    expect(limited.setting).toContain(
      "2 chunks of 16 KiB, from 32 KiB to 128 KiB, blocks of 4096 bytes, max_copy_sectors = 32",
    );
    expect(limited.code).toBe(0);
    const odd = await asData(synchronous, "--function", "blkdev_copy", "--block", "4096", "--arg", "nr_sects=12s");
    expect(odd.ending).toBe("the call returns -22; 0 of 6144 bytes arrived");
    expect(odd.code).toBe(0);
  });

  test("runs in a kernel that is built for something else", async () => {
    const usual = await asData(emulation, "--function", "blkdev_copy_emulate", "--arg", "len=page");
    const large = await asData(emulation, "--function", "blkdev_copy_emulate", "--arg", "len=page", "--page", "65536");
    expect([usual.ending, usual.setting]).toEqual([
      expect.stringContaining("of 4096 bytes"),
      expect.not.stringContaining("pages"),
    ]);
    expect([large.ending, large.setting]).toEqual([
      expect.stringContaining("of 65536 bytes"),
      expect.stringContaining("pages have 64 KiB"),
    ]);
    const narrow = await asData(synchronous, "--function", "blkdev_copy", "--bits", "32");
    expect([narrow.code, narrow.setting]).toEqual([0, expect.stringContaining("the kernel has 32 bits")]);
  });

  test.each([
    [["--function", "blkdev_cpoy"], "did you mean blkdev_copy?"],
    [["--function", "copy_end_io"], "cannot be run: what its parameter bio is for is not known"],
    [["--function", "blkdev_copy", "--arg", "nr_sects"], "wants NAME=VALUE"],
    [
      ["--function", "blkdev_copy", "--arg", "nr_sectors=3"],
      "has no such parameter, but src, dst, nr_sects, from, to, len",
    ],
    [["--function", "blkdev_copy", "--arg", "bdev=1"], "cannot be chosen: it is the device"],
    [["--function", "blkdev_copy", "--arg", "nr_sects=chunk*block"], "two sizes are multiplied"],
    [["--function", "blkdev_copy", "--arg", "nr_sects=100B"], "counts 512 bytes each"],
    [["--function", "blkdev_copy", "--arg", "nr_sects=2-3"], "out of range"],
    [["--function", "blkdev_copy", "--arg", "nr_sects=(1"], "a bracket is not closed"],
    [["--function", "blkdev_copy", "--arg", "src=8TiB"], "more than a run can hold"],
    [["--function", "blkdev_copy", "--arg", "len[1]=8KiB"], "is given one range"],
    [["--function", "blkdev_copy", "--callback"], "takes no callback"],
    [["--function", "blkdev_copy", "--limit", "max_copy=3"], "--limit knows max_copy_sectors"],
    [["--function", "blkdev_copy", "--limit", "max_copy_sectors=8TiB"], "cannot be"],
    [["--function", "blkdev_copy", "--block", "1000"], "a power of two"],
    [["--function", "blkdev_copy", "--bits", "16"], "--bits knows 32, 64"],
    [["--function", "blkdev_copy", "--page", "8192"], "--page knows 4096, 65536"],
    [["--function", "blkdev_copy", "--gfp", "never"], "--gfp knows wait, nowait"],
    [["--function", "blkdev_copy", "--fail", "disk:1"], "--fail wants alloc:N or chunk:N"],
    [["--function", "blkdev_copy", "--order", "1,1"], "names a chunk twice"],
  ])("%j is refused in one sentence", async (args, sentence) => {
    expect(await complaintOf(synchronous, ...args)).toContain(sentence);
  });

  test("a function that must be given a callback is not called without one", async () => {
    expect(await complaintOf(asynchronous, "--function", "blkdev_copy_queue", "--sync")).toContain(
      "has to be given a callback",
    );
  });

  test("code that cannot be executed is said to be, and is no clean run", async () => {
    const unknown = engine("synchronous.c", (text) =>
      text.replace("\tblk_start_plug(&plug);", "\tquarry_blast(bdev);\n\tblk_start_plug(&plug);"),
    );
    const report = await asData(unknown, "--function", "blkdev_copy");
    expect(report).toMatchObject({ code: 3, ending: "not executed: quarry_blast() is not shown", broken: [] });
  });

  test("text of the patch is only text", async () => {
    const hostile = engine("synchronous.c", (text) =>
      text.replace("\tblk_start_plug(&plug);", "\tblk_start_plug(&plug); /* \u001b[31m \u202e */"),
    );
    for (const format of ["text", "json"]) {
      const { out } = await copylint("run", hostile, "--function", "blkdev_copy", "--format", format);
      expect(out).toContain("blk_start_plug(&plug); /* ");
      expect(out).not.toMatch(/[\u001b\u202e\u0080-\u009f]/);
    }
  });

  test("gives the same text each time", async () => {
    const args = ["run", asynchronous, "--function", "blkdev_copy_queue", "--fail", "chunk:1"];
    expect(await copylint(...args)).toEqual(await copylint(...args));
  });
});
