import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayWidth, slices, wrap } from "../../src/report/layout.ts";
import { terminalReport } from "../../src/report/terminal.ts";
import { finding, patch, plainView, reviewOf } from "./sample.ts";

/** Lines of a report without colour. */
const lines = (text: string): readonly string[] => text.split("\n").slice(0, -1);
// biome-ignore lint/complexity/useRegexLiterals: a literal with an escape character is hard to read
const ansi = new RegExp("\x1b\\[[0-9;]*m", "g");

describe("a finding", () => {
  const report = terminalReport(reviewOf([finding()]), plainView);

  test("starts with a line that stands alone: file, line, level, rule, what", () => {
    expect(lines(report).slice(0, 2).join(" ").replace(/ +/g, " ")).toBe(
      "block/quarry.c:268: warning plug-per-chunk: a plug is started and finished for every chunk",
    );
  });

  test("shows its code with the line of the file and the line of the mail, and points at what is meant", () => {
    const frame = lines(report).filter((line) => /^ {4}[> ] +\d+ +\d+/.test(line));
    expect(frame.map((line) => line.trim().split(/ +/).slice(0, 3))).toEqual([
      ["267", "111", "+"],
      [">", "268", "112"],
      ["269", "113", "quarry_send(left);"],
    ]);
    expect(frame[1]).toMatch(/\+ {9}blk_start_plug\(&plug\);$/);
  });

  test("shows its run as a table with a column for each actor, and marks what the model assumes", () => {
    const at = lines(report).findIndex((line) => line.trim().startsWith("submitter"));
    const [head = "", first = "", , third = ""] = lines(report).slice(at);
    expect(first.indexOf("start plug")).toBe(head.indexOf("submitter"));
    expect(third.indexOf("~ flush 2 requests")).toBe(head.indexOf("block layer"));
    expect(first.indexOf("268")).toBe(head.indexOf("line"));
    expect(report).toContain("~ assumed by the model");
    expect(report).toContain("run: 2 chunks of 128 sectors");
    expect(report).toContain("outcome: 2 flushes for 2 chunks");
  });

  test("says why, what instead, what belongs to it, and which mail brought it", () => {
    expect(report).toMatch(/why: Each finish asks/);
    expect(report).toMatch(/instead: Start the plug before the loop/);
    expect(report).toContain("see: block/quarry.c:279 (patch 3): the plug is finished here");
    expect(report).toContain('patch: 3/7 "quarry: move blocks without carrying them" in quarry_move');
    expect(report).toContain("mails/0003-quarry.patch:112");
  });

  test("in a commit message is placed in the mail, and quotes the line", () => {
    const f = finding({ file: null, quoted: "We plug every chunk.", excerpt: [], trace: null });
    const out = terminalReport(reviewOf([f]), plainView);
    expect(lines(out)[0]).toMatch(/^mails\/0003-quarry\.patch:112: warning plug-per-chunk: /);
    expect(out).toMatch(/> +112 +We plug every chunk\./);
  });

  test("that a later patch mends is a note that names the patch", () => {
    const f = finding({ mendedBy: { index: 5, total: 7, subject: "[PATCH v2 5/7] quarry: one plug" } });
    const out = terminalReport(reviewOf([f]), plainView);
    expect(lines(out)[0]).toMatch(/^block\/quarry\.c:268: note plug-per-chunk: /);
    expect(out).toContain('mended: by 5/7 "quarry: one plug"');
    expect(lines(out).at(-1)).toBe("7 patches, 9 files: 1 note");
  });

  test("with more actors than fit side by side lists its run instead", () => {
    const steps = ["submitter", "block layer", "device", "completion 1", "completion 2"].map((actor) => ({
      actor,
      action: "does something that takes a few words",
      assumed: false,
    }));
    const out = terminalReport(reviewOf([finding({ trace: { setting: "s", steps, outcome: "o" } })]), plainView);
    expect(out).toContain("    4. completion 1: does something that takes a few words\n");
  });

  test("folds long stretches of the model's own steps, says so, and shows them with -v", () => {
    const own = (n: number) => ({ actor: "device", action: `own step ${n}`, assumed: true });
    const theirs = { actor: "submitter", action: "start plug", assumed: false };
    const steps = [theirs, own(1), own(2), own(3), own(4), own(5), theirs, own(6)];
    const review = reviewOf([finding({ trace: { setting: "s", steps, outcome: "o" } })]);
    const out = terminalReport(review, plainView);
    expect(out).toMatch(
      /^ +1 {2}start plug *\n +2-6 {2}~ 5 steps of the model \(-v\)\n +7 {2}start plug\n +8 +~ own step 6$/m,
    );
    const all = terminalReport(review, { ...plainView, verbose: true });
    for (let n = 1; n <= 6; n++) expect(all).toContain(`~ own step ${n}`);
  });

  test("whose code frame leaves lines out says so", () => {
    const excerpt = [
      { line: 10, patchLine: 1, text: "a", added: true },
      { line: 20, patchLine: 11, text: "b", added: true },
    ];
    expect(terminalReport(reviewOf([finding({ excerpt })]), plainView)).toMatch(/\+ a\n {6}\.\.\.\n.*\+ b\n/);
  });
});

test("the same point at several places is one block that lists them all", () => {
  const findings = [
    finding(),
    finding({ rule: "other-rule", what: "else" }),
    finding({ line: 400 }),
    finding({ line: 500 }),
  ];
  const out = terminalReport(reviewOf(findings), plainView);
  expect(lines(out).filter((line) => line.includes("warning plug-per-chunk"))).toHaveLength(1);
  expect(out).toMatch(/also at 2 places: block\/quarry\.c:400 .*block\/quarry\.c:500 /s);
  expect(lines(out).at(-1)).toBe("7 patches, 9 files: 4 warnings");
});

test("a mended and an unmended place of one point are not thrown together", () => {
  const mended = finding({ line: 400, mendedBy: { index: 5, total: 7, subject: "x" } });
  const out = terminalReport(reviewOf([finding(), mended]), plainView);
  expect(out).not.toContain("also at");
});

describe("the last line", () => {
  const last = (review: Parameters<typeof reviewOf>[1], view = plainView): string =>
    lines(terminalReport(reviewOf([], review), view)).at(-1) ?? "";

  test("counts what was read when there is nothing to say", () => {
    expect(last({})).toBe("7 patches, 9 files: nothing found");
    expect(last({ counts: { rules: 1, patches: 1, files: 0 } })).toBe("1 patch, no files: nothing found");
  });

  test("counts findings by level", () => {
    const all = [
      finding({ level: "error", what: "a" }),
      finding({ level: "check", what: "b" }),
      finding({ level: "check" }),
    ];
    expect(lines(terminalReport(reviewOf(all), plainView)).at(-1)).toBe("7 patches, 9 files: 1 error, 2 checks");
  });

  test("counts what was not checked", () => {
    const notChecked = [
      { what: "block/a.bin", why: "binary", kind: "input" as const },
      { what: "plug-per-chunk in f()", why: "the loop is not shown", kind: "rule" as const },
    ];
    const problems = [{ kind: "unreadable" as const, path: "x", what: "empty" }];
    const view = { ...plainView, width: 200, withoutDiff: 4 };
    expect(last({ notChecked, problems }, view)).toBe(
      "7 patches, 9 files: nothing found; not checked: 1 not understood, 1 input, 4 mails without a diff, 1 rule question (-v)",
    );
  });
});

test("-v lists what was not checked with its reason, where advice was fitted to, and sources; without it they stay out", () => {
  const notChecked = [{ what: "plug-per-chunk in f()", why: "the loop is not shown", kind: "rule" as const }];
  const review = reviewOf([finding()], { notChecked });
  const verbose = terminalReport(review, { ...plainView, verbose: true });
  for (const text of ["plug-per-chunk in f(): the loop is not shown", "6.9 (mail date)", "https://example.org/1"]) {
    expect(verbose).toContain(text);
    expect(terminalReport(review, plainView)).not.toContain(text);
  }
});

test("colour adds nothing but colour", () => {
  const review = reviewOf([finding(), finding({ level: "error", what: "x" }), finding({ level: "check", what: "y" })]);
  const coloured = terminalReport(review, { ...plainView, color: true });
  expect(coloured).toMatch(ansi);
  expect(coloured.replace(ansi, "")).toBe(terminalReport(review, plainView));
});

test("no text of the input reaches the terminal with control or bidi characters", () => {
  const evil = "a\x1b]0;owned\x07\x1b[2J\u202e\u2066b\x9b31m\r\x08c\0";
  const at = { file: evil, line: 1 };
  const f = finding({
    rule: evil,
    file: evil,
    function: evil,
    what: evil,
    why: evil,
    instead: evil,
    patch: { ...patch, subject: evil, path: evil, messageId: evil },
    related: [{ file: evil, line: 1, message: evil, patch: 1 }],
    trace: { setting: evil, outcome: evil, steps: [{ actor: evil, action: evil, assumed: false, at }] },
    sources: [{ by: evil, says: evil, url: evil }],
    mendedBy: { index: 1, total: 2, subject: evil },
    excerpt: [{ line: 1, patchLine: 1, text: evil, added: true }],
  });
  const quoted = finding({ file: null, quoted: evil, excerpt: [] });
  const review = reviewOf([f, { ...f, line: 2 }, quoted], {
    series: [{ subject: evil, version: 1, base: evil, notReviewed: null, patches: [] }],
    notChecked: [{ what: evil, why: evil, kind: "input" }],
  });
  const out = terminalReport(review, { ...plainView, verbose: true });
  expect(out).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  expect(out).toContain("\\x1b[2J");
});

test("lines keep within the width, however long the texts and whatever the characters", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "b", " ", " ", "\t", "漢", "é", "\u0301", "\x1b", "\n"),
    maxLength: 300,
    size: "max",
  });
  fc.assert(
    fc.property(text, text, fc.integer({ min: 40, max: 80 }), (what, code, width) => {
      const f = finding({
        what,
        why: code,
        function: what,
        excerpt: [{ line: 1, patchLine: 1, text: code, added: true }],
      });
      const out = terminalReport(reviewOf([f, { ...f, line: 3 }]), { ...plainView, width });
      for (const line of lines(out)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }),
    { numRuns: 60 },
  );
});

test("wrapping and slicing lose no word and no letter", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", " ", "漢", "😀") });
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 30 }), (it, width) => {
      expect(slices(it, width).join("")).toBe(it);
      expect(wrap(it, width, "", "  ").join("").replaceAll(" ", "")).toBe(it.replaceAll(" ", ""));
    }),
  );
});

test("a line of a megabyte is shown in full", () => {
  const f = finding({
    excerpt: [{ line: 1, patchLine: 1, text: "x".repeat(1 << 20), added: true }],
    what: "y".repeat(1 << 20),
  });
  const out = terminalReport(reviewOf([f]), plainView);
  expect(out.match(/x/g)?.length).toBeGreaterThanOrEqual(1 << 20);
});
