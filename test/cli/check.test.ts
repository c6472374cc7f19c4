import { describe, expect, test } from "vitest";
import { check, type Input, type Steps } from "../../src/cli/check.ts";
import { combined, exitCode } from "../../src/cli/complaint.ts";
import type { Io } from "../../src/cli/io.ts";
import type { CheckOptions } from "../../src/cli/program.ts";
import type { Finding } from "../../src/finding/finding.ts";
import { joined, unreviewed } from "../../src/review/review.ts";
import type { Series } from "../../src/series/series.ts";
import type { Problem } from "../../src/text/problem.ts";
import { finding, reviewOf } from "../report/sample.ts";
import { fakeIo } from "./fake-io.ts";

const defaults: CheckOptions = {
  format: "terminal",
  files: [],
  failOn: "warning",
  strictInput: false,
  rules: [],
  verbose: false,
  run: true,
  color: undefined,
};

/** Steps that these tests do not take. */
const noSteps: Pick<Steps, "tool" | "write"> = {
  tool: () => {
    throw new Error("the rules were asked for");
  },
  write: () => {
    throw new Error("a file was written");
  },
};

function seriesOf(subject: string, patches = 0): Series {
  const none = { rfc: false, resend: false, cover: undefined, missing: [], baseCommit: undefined, date: undefined };
  const given = Array.from({ length: patches }, () => ({ message: { body: "" } }) as Series["patches"][number]);
  return { subject, version: 1, total: patches, patches: given, problems: [], ...none };
}

/** Runs a check on made-up input and findings. */
async function run(
  given: {
    findings?: readonly Finding[];
    problems?: readonly Problem[];
    series?: readonly Series[];
    review?: Steps["review"];
    steps?: Partial<Steps>;
  },
  options: Partial<CheckOptions> = {},
  setting: Parameters<typeof fakeIo>[0] = {},
) {
  const { io, printed } = fakeIo(setting);
  const input: Input = {
    series: given.series ?? [],
    problems: given.problems ?? [],
    withoutDiff: 0,
    tree: undefined,
    inputs: 1,
  };
  const review = given.review ?? (() => reviewOf(given.findings ?? []));
  const code = await check(["x"], { ...defaults, ...options }, io, {
    ...noSteps,
    readInput: async () => input,
    review,
    ...given.steps,
  });
  return { code, ...printed };
}

const mended = finding({ level: "error", mendedBy: { index: 5, total: 7, subject: "x" } });
const unreadable: Problem = {
  kind: "unreadable",
  path: "a.patch",
  line: 7,
  what: "the hunk ends early",
  advice: "fetch it again",
};
const mismatch: Problem = { kind: "mismatch", path: "block/a.c", what: "the hunk at line 7 does not apply" };
const notice: Problem = { kind: "notice", path: "-", what: "patch 3/7 is missing" };

describe("the exit code", () => {
  test.each([
    ["error", "error", 1],
    ["error", "warning", 0],
    ["error", "check", 0],
    ["warning", "error", 1],
    ["warning", "warning", 1],
    ["warning", "check", 0],
    ["check", "error", 1],
    ["check", "warning", 1],
    ["check", "check", 1],
    ["never", "error", 0],
    ["never", "warning", 0],
    ["never", "check", 0],
  ] as const)("with --fail-on %s and a finding of level %s is %i", async (failOn, level, code) => {
    expect((await run({ findings: [finding({ level })] }, { failOn })).code).toBe(code);
  });

  test("is 0 when nothing is found", async () => {
    expect((await run({})).code).toBe(exitCode.clean);
  });

  test("is not moved by a finding that a later patch mends, whatever its level", async () => {
    expect((await run({ findings: [mended] }, { failOn: "check" })).code).toBe(exitCode.clean);
  });

  test("is 3 when some of the input was not understood", async () => {
    expect((await run({ problems: [unreadable] })).code).toBe(exitCode.input);
  });

  test("is 1 when there are findings besides", async () => {
    expect((await run({ problems: [unreadable], findings: [finding()] })).code).toBe(exitCode.findings);
  });

  test("is 4 when copylint itself fails, whatever else there is", async () => {
    const review = () => joined([reviewOf([finding()]), unreviewed(seriesOf("a"), "internal error: ouch")]);
    expect((await run({ problems: [unreadable], series: [seriesOf("a")], review })).code).toBe(exitCode.internal);
  });

  test("for a tree that does not match is 0, and 3 with --strict-input", async () => {
    expect((await run({ problems: [mismatch] })).code).toBe(exitCode.clean);
    expect((await run({ problems: [mismatch] }, { strictInput: true })).code).toBe(exitCode.input);
    expect((await run({ problems: [mismatch], findings: [finding()] }, { strictInput: true })).code).toBe(
      exitCode.findings,
    );
  });

  test("for a notice is 0, also with --strict-input", async () => {
    expect((await run({ problems: [notice] }, { strictInput: true })).code).toBe(exitCode.clean);
  });

  test("of several is the gravest: 4 over 2 over 1 over 3", () => {
    const ranked = [exitCode.internal, exitCode.usage, exitCode.findings, exitCode.input, exitCode.clean];
    for (let i = 0; i < ranked.length; i++) {
      expect(combined(ranked.slice(i))).toBe(ranked[i]);
      expect(combined(ranked.slice(i).reverse())).toBe(ranked[i]);
    }
  });
});

describe("problems of the input", () => {
  test("are one line each on stderr, with the place and what to do, and the review is still printed", async () => {
    const { out, err } = await run({ problems: [unreadable, mismatch, notice], findings: [finding()] });
    expect(err.split("\n")).toEqual([
      "copylint: a.patch:7: the hunk ends early; fetch it again",
      "copylint: block/a.c: the hunk at line 7 does not apply",
      "copylint: -: patch 3/7 is missing",
      "",
    ]);
    expect(out).toContain("warning plug-per-chunk");
  });

  test("are said once, also when several stages say them", async () => {
    const series = [{ ...seriesOf("a"), problems: [notice] }];
    const review = () => reviewOf([], { problems: [notice] });
    const { err, out } = await run({ problems: [notice], series, review }, { format: "json" });
    expect(err).toBe("copylint: -: patch 3/7 is missing\n");
    expect(JSON.parse(out).problems).toEqual([notice]);
  });

  test("cannot steer the terminal", async () => {
    const { err } = await run({ problems: [{ ...unreadable, path: "\x1b[2J\u202ex\ny", what: "\x9b" }] });
    expect(err).toMatch(/^[ -~]*\n$/);
  });
});

describe("a defect of copylint", () => {
  const review: Steps["review"] = (series, { onDefect }) =>
    joined(
      series.map((s) => {
        if (s.subject !== "bad") return reviewOf([finding({ what: s.subject })]);
        onDefect?.(new Error("ouch\x1b[2J"));
        return unreviewed(s, "internal error: ouch\x1b[2J");
      }),
    );
  const series = [seriesOf("first"), seriesOf("bad"), seriesOf("last")];

  test("in one series does not take the review of the others with it", async () => {
    const { out, err, code } = await run({ series, review });
    expect(code).toBe(exitCode.internal);
    expect(out).toContain("plug-per-chunk: first");
    expect(out).toContain("plug-per-chunk: last");
    expect(err).toMatch(/^copylint: -: "bad" was not reviewed: internal error: ouch\\x1b\[2J; .*please report.*\n$/);
  });

  test("shows its stack only with COPYLINT_DEBUG", async () => {
    expect((await run({ series, review })).err).not.toMatch(/^ +at /m);
    expect((await run({ series, review }, {}, { env: { COPYLINT_DEBUG: "1" } })).err).toMatch(/^ +at /m);
  });

  test("leaves valid JSON on stdout", async () => {
    const { out } = await run({ series: [seriesOf("bad")], review }, { format: "json" });
    const { findings, series } = JSON.parse(out);
    expect([findings, series[0].notReviewed]).toEqual([[], "internal error: ouch\x1b[2J"]);
  });
});

describe("reports for files", () => {
  /** Runs with a place for files; those below `no/` cannot be written. */
  async function withFiles(options: Partial<CheckOptions>, setting: Parameters<typeof fakeIo>[0] = {}) {
    const written: { path: string; text: string; how: string }[] = [];
    const write: Steps["write"] = (path, text, how) => {
      if (path.startsWith("no/")) throw new Error("there is no such folder");
      written.push({ path, text, how });
    };
    return { written, ...(await run({ findings: [finding()], steps: { write } }, options, setting)) };
  }

  test("are written beside the one on standard output, without colour", async () => {
    const files = [
      { format: "json", path: "r.json" },
      { format: "terminal", path: "r.txt" },
    ];
    const { written, out, code } = await withFiles({ files, color: true });
    expect(out).toContain("\x1b[");
    expect(written.map((it) => [it.path, it.how])).toEqual([
      ["r.json", "replace"],
      ["r.txt", "replace"],
    ]);
    expect(JSON.parse(written[0]!.text).findings).toHaveLength(1);
    expect(written[1]!.text).toMatch(/^block\/quarry\.c:268: warning plug-per-chunk/);
    expect(code).toBe(exitCode.findings);
  });

  test("that cannot be written are one sentence and exit code 2, and keep no other report back", async () => {
    const files = [
      { format: "json", path: "no/r.json" },
      { format: "b4", path: "r" },
    ];
    const { written, out, err, code } = await withFiles({ files });
    expect(err).toBe("copylint: cannot write no/r.json: there is no such folder\n");
    expect(written.map((it) => it.path)).toEqual(["r"]);
    expect(out).toContain("plug-per-chunk");
    expect(code).toBe(exitCode.usage);
  });

  test("are added to the file that GitHub gives a step for its summary", async () => {
    const files = ["sum.md", "other.md"].map((path) => ({ format: "github-summary", path }));
    const { written } = await withFiles({ files }, { env: { GITHUB_STEP_SUMMARY: "sum.md" } });
    expect(written.map((it) => it.how)).toEqual(["append", "replace"]);
  });

  test("that name the rules are given those that were run", async () => {
    const tool: Steps["tool"] = (asked) => ({
      version: "9",
      rules: asked.map((id) => ({
        id,
        title: "t",
        level: "check",
        confidence: "low",
        sources: [finding().sources[0]!],
        page: null,
      })),
    });
    const { out } = await run({ steps: { tool } }, { format: "sarif", rules: ["byte-units"] });
    expect(JSON.parse(out).runs[0].tool.driver).toMatchObject({ version: "9", rules: [{ id: "byte-units" }] });
  });
});

test("b4 takes what is on stderr for a failure, so problems are in its lines, or silent", async () => {
  const { out, err } = await run({ problems: [unreadable, notice] }, { format: "b4" });
  expect(err).toBe("");
  expect(out).toBe("WARNING: a.patch:7: the hunk ends early; fetch it again (not reviewed)\n");
});

describe("colour", () => {
  const coloured = async (setting: Parameters<typeof fakeIo>[0], color?: boolean): Promise<boolean> =>
    (await run({ findings: [finding()] }, { color }, setting)).out.includes("\x1b[");

  test.each([
    ["a terminal", true, {}, undefined, true],
    ["a pipe", false, {}, undefined, false],
    ["a terminal with NO_COLOR", true, { NO_COLOR: "1" }, undefined, false],
    ["a terminal with an empty NO_COLOR", true, { NO_COLOR: "" }, undefined, true],
    ["a pipe with FORCE_COLOR", false, { FORCE_COLOR: "1" }, undefined, true],
    ["a terminal with FORCE_COLOR=0", true, { FORCE_COLOR: "0" }, undefined, false],
    ["a terminal that is dumb", true, { TERM: "dumb" }, undefined, false],
    ["a pipe with NO_COLOR and FORCE_COLOR", false, { NO_COLOR: "1", FORCE_COLOR: "1" }, undefined, false],
    ["a pipe with --color, whatever NO_COLOR says", false, { NO_COLOR: "1" }, true, true],
    ["a terminal with --no-color, whatever FORCE_COLOR says", true, { FORCE_COLOR: "1" }, false, false],
  ] as const)("on %s", async (_, tty, env, asked, expected) => {
    expect(await coloured({ tty, env }, asked)).toBe(expected);
  });
});

describe("progress", () => {
  const big = [seriesOf("big", 300)];

  test("of long work is shown on a terminal, and wiped away", async () => {
    expect((await run({ series: big }, {}, { errTty: true })).err).toBe("reviewing 300 patches ...\r\x1b[K");
  });

  test("is shown neither to a pipe nor for short work", async () => {
    expect((await run({ series: big })).err).toBe("");
    expect((await run({ series: [seriesOf("small", 3)] }, {}, { errTty: true })).err).toBe("");
    // Without execution, a dozen is short work, too.
    const dozen = { series: [seriesOf("dozen", 12)] };
    expect((await run(dozen, { run: false }, { errTty: true })).err).toBe("");
    expect((await run(dozen, {}, { errTty: true })).err).toContain("reviewing 12 patches ...");
  });
});

test("a narrow terminal gets narrow lines, a wide one no more than 80 columns", async () => {
  for (const [columns, width] of [
    [60, 60],
    [200, 80],
  ] as const) {
    const { out } = await run({ findings: [finding({ why: "word ".repeat(100) })] }, {}, { columns: () => columns });
    const longest = Math.max(...out.split("\n").map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(width);
    expect(longest).toBeGreaterThan(width - 6);
  }
});

test("without a path there is nothing to check, and standard input is not read unasked", async () => {
  const stdin: Io["stdin"] = () => Promise.reject(new Error("read"));
  const { io, printed } = fakeIo({ stdin });
  const steps = { ...noSteps, readInput: () => Promise.reject(new Error("read")), review: () => reviewOf([]) };
  expect(await check([], defaults, io, steps)).toBe(exitCode.usage);
  expect(printed.err).toMatch(/^copylint: nothing to read; .* - for standard input/);
});
