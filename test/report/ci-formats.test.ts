import { describe, expect, test } from "vitest";
import type { Finding, Level } from "../../src/finding/finding.ts";
import type { Review } from "../../src/finding/review.ts";
import { reporters, type View } from "../../src/report/reporter.ts";
import { byteColumn, utf8Length } from "../../src/report/said.ts";
import {
  allOf,
  b4Reads,
  ownSchema,
  readHtml,
  readXml,
  renderMarkdown,
  runnerReads,
  type XmlElement,
  xmlComplaints,
} from "./readers.ts";
import { finding, patch, plainView, reviewOf } from "./sample.ts";

const mendedBy = { index: 5, total: 7, subject: "[PATCH v2 5/7] quarry: one plug" };
const some: readonly Finding[] = [
  finding(),
  finding({ rule: "copied-only-decreases", level: "error", line: 300, endLine: 300, file: "block/a.c" }),
  finding({ rule: "byte-units", level: "check", fingerprint: "b", line: 10, endLine: 12, endColumn: 1 }),
  finding({ rule: "byte-units", mendedBy }),
  finding({ rule: "narrative-kernel-doc", level: "check", file: null, quoted: "We plug." }),
];
const review = reviewOf(some, {
  problems: [
    { kind: "unreadable", path: "a.patch", line: 3, what: "the hunk ends early", advice: "fetch it again" },
    { kind: "notice", path: "-", what: "3/7 is missing" },
  ],
  notChecked: [
    { what: "patch 4/7", why: "it was not given", kind: "input" },
    { what: "plug-per-chunk in f()", why: "not shown", kind: "rule" },
  ],
});
const render = (format: string, it: Review = review, view: View = plainView): string => reporters[format]!(it, view);

/** So many findings of each level, each at a line of its own. */
function many(numbers: Partial<Record<Level | "note", number>>): Review {
  const made = Object.entries(numbers).flatMap(([level, n]) =>
    Array.from({ length: n }, (_, i) =>
      finding({
        level: level === "note" ? "error" : (level as Level),
        mendedBy: level === "note" ? mendedBy : null,
        line: i + 1,
        endLine: i + 1,
        what: `${level} number ${i + 1}`,
      }),
    ),
  );
  // The notes first, so that only sorting brings the grave ones to the front.
  return reviewOf(made.reverse());
}

const twoHundred = many({ error: 34, warning: 12, check: 100, note: 54 });

test("every format has all of 200 findings, or says how many it shows", () => {
  const of = (format: string): string => render(format, twoHundred);
  expect(JSON.parse(of("gitlab"))).toHaveLength(200);
  expect(of("rdjsonl").trimEnd().split("\n")).toHaveLength(200);
  expect(JSON.parse(of("sarif")).runs[0].results).toHaveLength(200);
  expect(allOf(readXml(of("checkstyle")), "error")).toHaveLength(200);
  expect(of("b4").trimEnd().split("\n")).toHaveLength(200);
  const [failure] = allOf(readXml(of("junit")), "failure");
  expect(failure!.attributes.message).toContain("(and 145 more)");
  expect(failure!.text.match(/number \d+\./g)).toHaveLength(200);
});

test("a clean review is empty where that is what readers want", () => {
  const clean = reviewOf([]);
  expect(render("gitlab", clean)).toBe("[]\n");
  expect(render("rdjsonl", clean)).toBe("");
  expect(render("b4", clean)).toBe("");
  expect(allOf(readXml(render("checkstyle", clean)), "file")).toEqual([]);
  expect(JSON.parse(render("sarif", clean)).runs[0].results).toEqual([]);
  expect(runnerReads(render("github", clean))).toEqual({
    commands: [],
    log: ["7 patches, 9 files: nothing found", ""],
  });
  expect(render("github-summary", clean)).toMatch(/^## copylint: nothing found\n/);
});

describe("github", () => {
  const { commands, log } = runnerReads(render("github"));
  const annotations = commands.filter((it) => "title" in it.properties);

  test("annotates each finding, the gravest first; checks and what is mended are notices", () => {
    expect(annotations.map((it) => [it.command, it.properties.title])).toEqual([
      ["error", "copylint: error copied-only-decreases"],
      ["warning", "copylint: warning plug-per-chunk"],
      ["notice", "copylint: input"],
      ["notice", "copylint: check byte-units"],
      ["notice", "copylint: check narrative-kernel-doc"],
      ["notice", "copylint: note byte-units"],
      ["notice", "copylint: input"],
    ]);
    expect(annotations[2]!.data).toBe("a.patch:3: the hunk ends early; fetch it again");
  });

  test("gives columns only for a place in one line", () => {
    expect(annotations[1]!.properties).toEqual({
      file: "block/quarry.c",
      line: "268",
      endLine: "268",
      col: "3",
      endColumn: "26",
      title: "copylint: warning plug-per-chunk",
    });
    expect(annotations[3]!.properties).toEqual({
      file: "block/quarry.c",
      line: "10",
      endLine: "11",
      title: "copylint: check byte-units",
    });
    expect(annotations[1]!.data.split("\n")).toHaveLength(4);
  });

  test("prints the whole review into a group of the log in which no commands are obeyed", () => {
    expect(commands.at(-2)).toMatchObject({ command: "group", data: "copylint: 5 findings" });
    expect(commands.at(-1)).toMatchObject({ command: "endgroup" });
    const shown = reporters.terminal!(review, plainView).split("\n");
    expect(log).toEqual(shown);
  });

  test("shows 10 of a kind, and says in a notice how many those are", () => {
    const read = runnerReads(render("github", twoHundred)).commands.filter((it) => "title" in it.properties);
    const of = (kind: string): readonly string[] =>
      read.filter((it) => it.command === kind).map((it) => it.data.split("\n")[0]!);
    expect(of("error")).toHaveLength(10);
    expect(of("warning")).toHaveLength(10);
    expect(of("notice")).toHaveLength(10);
    expect(
      of("notice")
        .slice(0, 9)
        .every((text) => text.startsWith("check number ")),
    ).toBe(true);
    expect(of("notice")[9]).toBe(
      "Shown 10 of 34 errors, 10 of 12 warnings, 9 of 154 notices: GitHub shows no more of a step. All are in its log.",
    );
  });

  test("does without that notice where all are shown", () => {
    const read = runnerReads(render("github", many({ error: 10, warning: 10, check: 10 }))).commands;
    expect(read.filter((it) => "title" in it.properties)).toHaveLength(30);
  });

  test("cuts a message that the runner would cut, and marks it", () => {
    const [only] = runnerReads(render("github", reviewOf([finding({ what: "\u{1f600}".repeat(5000) })]))).commands;
    expect(only!.data.length).toBeLessThanOrEqual(4096);
    expect(only!.data).toMatch(/\u{1f600} \.\.\.$/u);
  });
});

describe("github-summary", () => {
  const html = renderMarkdown(render("github-summary"));

  test("is a table of all findings, the gravest first, and a folded block for each", () => {
    expect(html).toContain("<h2>copylint: 1 error, 1 warning, 2 checks, 1 note</h2>");
    const rows = [...html.matchAll(/<tr>\n<td>(.*?)<\/tr>/gs)].map(([, row]) => readHtml(row!).text.trim());
    expect(rows).toHaveLength(5);
    expect(rows[0]!.split("\n")).toEqual([
      "error",
      "copied-only-decreases",
      "block/a.c:300",
      "a plug is started and finished for every chunk",
      "3/7 quarry: move blocks without carrying them",
    ]);
    expect(html.match(/<details>/g)).toHaveLength(5);
    expect(html).toContain("blk_start_plug(&amp;plug);");
    expect(html).toContain("1  start plug");
  });

  test("says what was not understood or not checked", () => {
    const items = [...html.matchAll(/<li>(.*?)<\/li>/g)].map(([, item]) => readHtml(item!).text);
    expect(items).toEqual([
      "a.patch:3: the hunk ends early; fetch it again",
      "-: 3/7 is missing",
      "not checked: patch 4/7: it was not given",
    ]);
  });

  test("stays below 1 MiB and says what it leaves out", () => {
    const long = many({ error: 3000 });
    const big = { ...long, findings: long.findings.map((f) => ({ ...f, why: "word ".repeat(300) })) };
    const text = render("github-summary", big);
    expect(utf8Length(text)).toBeLessThan(1 << 20);
    expect(utf8Length(text)).toBeGreaterThan(900_000);
    const blocks = text.match(/<details>/g)!.length;
    expect(text).toContain(`Shown ${blocks} of 3000 findings in full; all are in the log of the step.`);
    const rows = text.match(/^\| error/gm)!.length;
    if (rows < 3000) expect(text).toContain(`Shown ${rows} of 3000 findings; all are in the log`);
  });

  test("has all of 200 findings", () => {
    const text = render("github-summary", twoHundred);
    expect(text.match(/^\| (?:error|warning|check|note)/gm)).toHaveLength(200);
    expect(text.match(/<details>/g)).toHaveLength(200);
    expect(text).not.toContain("Shown ");
  });
});

describe("gitlab", () => {
  const issues = JSON.parse(render("gitlab"));

  test("is what GitLab reads", () => {
    const validate = ownSchema("code-quality.schema.json");
    validate(issues);
    expect(validate.errors).toBeNull();
    delete issues[0].location.lines;
    expect(validate(issues)).toBe(false);
  });

  test("has a severity for each level, and what is mended has the lowest", () => {
    const severities = issues.map((it: { severity: string }) => it.severity);
    expect(severities).toEqual(["major", "critical", "minor", "info", "minor"]);
    expect(issues[3].description).toBe(
      'a plug is started and finished for every chunk. Patch 5/7 "quarry: one plug" mends it; a warning for whoever bisects.',
    );
    expect(issues[2].location).toEqual({ path: "block/quarry.c", lines: { begin: 10, end: 11 } });
  });

  test("has no fingerprint twice, as GitLab would drop one of them", () => {
    const prints = issues.map((it: { fingerprint: string }) => it.fingerprint);
    expect(prints).toEqual(["0123456789abcdef", "0123456789abcdef-2", "b", "0123456789abcdef-3", "0123456789abcdef-4"]);
  });
});

describe("rdjsonl", () => {
  const edit = {
    file: "block/quarry.c",
    line: 268,
    column: 9,
    endLine: 268,
    endColumn: 12,
    text: "y",
    lines: ["/* \u00e9\u{1f600} */ abc"],
  };
  const read = (...findings: readonly Finding[]) =>
    render("rdjsonl", reviewOf(findings))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("is what reviewdog reads", () => {
    const validate = ownSchema("diagnostic.schema.json");
    for (const one of read(...some, finding({ fix: [edit] }))) {
      validate(one);
      expect(validate.errors).toBeNull();
    }
    expect(validate({ message: "x" })).toBe(false);
  });

  test("counts columns in bytes of UTF-8", () => {
    const text = "\t/* \u00e9\u4e2d\u{1f600} */ blk_start_plug(&plug);";
    const start = text.indexOf("blk_") + 1;
    const [one] = read(
      finding({
        column: start,
        endColumn: text.length + 1,
        excerpt: [{ line: 268, patchLine: 112, text, added: true }],
      }),
    );
    const bytes = Buffer.from(text);
    expect(one.location.range).toEqual({
      start: { line: 268, column: bytes.indexOf("blk_") + 1 },
      end: { line: 268, column: bytes.length + 1 },
    });
    expect(byteColumn("abc", 4)).toBe(4);
  });

  test("gives only lines where the text of a line is not at hand", () => {
    expect(read(finding({ excerpt: [] }))[0].location.range).toEqual({ start: { line: 268 }, end: { line: 268 } });
  });

  test("has the fix as suggestions, in bytes as well, and only if all of it is in this file", () => {
    expect(read(finding({ fix: [edit] }))[0].suggestions).toEqual([
      { range: { start: { line: 268, column: 12 }, end: { line: 268, column: 15 } }, text: "y" },
    ]);
    expect(read(finding({ fix: [edit, { ...edit, file: "block/b.c" }] }))[0].suggestions).toBeUndefined();
  });

  test("names the rule, where it comes from, and related places", () => {
    expect(read(finding())[0]).toMatchObject({
      severity: "WARNING",
      code: { value: "plug-per-chunk", url: "https://example.org/1" },
      related_locations: [
        { message: "the plug is finished here", location: { path: "block/quarry.c", range: { start: { line: 279 } } } },
      ],
    });
    expect(read(...some).map((it) => it.severity)).toEqual(["WARNING", "ERROR", "INFO", "INFO", "INFO"]);
  });
});

describe("checkstyle", () => {
  test("matches its schema, and the schema sees what is wrong", async () => {
    expect(await xmlComplaints(render("checkstyle"), "checkstyle.xsd")).toEqual([]);
    expect(
      await xmlComplaints(render("checkstyle").replace('severity="info"', 'severity="hint"'), "checkstyle.xsd"),
    ).not.toEqual([]);
  });

  test("has the findings by file", () => {
    const files = allOf(readXml(render("checkstyle")), "file");
    expect(files.map((it) => [it.attributes.name, it.children.map((e) => e.attributes.severity)])).toEqual([
      ["block/quarry.c", ["warning", "info", "info"]],
      ["block/a.c", ["error"]],
      ["mails/0003-quarry.patch", ["info"]],
    ]);
    expect(files[0]!.children[0]!.attributes).toEqual({
      line: "268",
      column: "3",
      severity: "warning",
      source: "copylint.plug-per-chunk",
      message: expect.stringMatching(/^a plug is started and finished for every chunk\. Each finish/),
    });
  });
});

describe("junit", () => {
  const rules = [
    "byte-units",
    "copied-only-decreases",
    "narrative-kernel-doc",
    "plug-per-chunk",
    "struct-role-naming",
  ].map(
    (id) =>
      ({ id, title: "x", level: "check", confidence: "high", sources: [finding().sources[0]!], page: null }) as const,
  );
  const patches = [1, 2, 3].map((index) => ({
    messageId: index === 3 ? patch.messageId : null,
    subject: index === 3 ? patch.subject : `[PATCH v2 ${index}/7] p${index}`,
    index,
    files: [],
  }));
  const series = [{ subject: "quarry: move blocks", version: 2, base: "6.9", notReviewed: null, patches }];
  const view: View = { ...plainView, tool: { version: "1", rules } };
  const xml = render("junit", { ...review, series }, view);
  const root = readXml(xml);
  const outcome = (rule: string): XmlElement | undefined =>
    allOf(root, "testcase").find((it) => it.attributes.classname!.startsWith("3/7") && it.attributes.name === rule)
      ?.children[0];

  test("matches its schema, and the schema sees what is wrong", async () => {
    expect(await xmlComplaints(xml, "junit.xsd")).toEqual([]);
    expect(await xmlComplaints(xml.replace(` type="warning"`, ` kind="warning"`), "junit.xsd")).not.toEqual([]);
  });

  test("has a case for each patch and rule, and counts them", () => {
    expect(allOf(root, "testcase")).toHaveLength(15);
    expect(root.attributes).toMatchObject({ tests: "15", failures: "4", errors: "0" });
    const [suite] = allOf(root, "testsuite");
    expect(suite!.attributes).toMatchObject({
      name: "quarry: move blocks (v2)",
      tests: "15",
      failures: String(allOf(root, "failure").length),
      skipped: String(allOf(root, "skipped").length),
    });
    expect(allOf(root, "testcase")[0]!.attributes).toMatchObject({ classname: "1/7 p1", name: "byte-units" });
  });

  test("fails a case for what was found, and passes or skips the others", () => {
    expect(outcome("plug-per-chunk")).toMatchObject({
      name: "failure",
      attributes: { type: "warning", message: "block/quarry.c:268: a plug is started and finished for every chunk" },
    });
    expect(outcome("copied-only-decreases")!.attributes.type).toBe("error");
    expect(outcome("struct-role-naming")).toBeUndefined();
  });

  test("skips a case of which all is mended later; else what is mended is told with the rest", () => {
    const mended = readXml(render("junit", { ...reviewOf([finding({ mendedBy })]), series }, view));
    expect(allOf(mended, "failure")).toEqual([]);
    expect(allOf(mended, "skipped")[0]!.attributes.message).toContain('Patch 5/7 "quarry: one plug" mends it');
    expect(outcome("byte-units")!.text).toContain("mends it");
  });

  test("puts problems and what was not checked on a suite's standard error", () => {
    const suite = allOf(root, "testsuite").at(-1)!;
    expect(suite.attributes).toMatchObject({ name: "input", tests: "0" });
    expect(allOf(suite, "system-err")[0]!.text.split("\n")).toEqual([
      "a.patch:3: the hunk ends early; fetch it again",
      "-: 3/7 is missing",
      "not checked: patch 4/7: it was not given",
    ]);
  });

  test("loses no finding of a patch that no series names, and shows none twice", () => {
    const stray = finding({ patch: { ...patch, subject: "[PATCH] stray" } });
    const twice = readXml(render("junit", { ...reviewOf([finding(), stray]), series: [...series, ...series] }, view));
    expect(allOf(twice, "failure")).toHaveLength(2);
    expect(allOf(twice, "testsuite").map((it) => it.attributes.name)).toContain("other patches");
  });
});

describe("b4", () => {
  test("is a line for each finding, with the level; of the input only what was not understood", () => {
    expect(render("b4").split("\n")).toEqual([
      "WARNING: a.patch:3: the hunk ends early; fetch it again (not reviewed)",
      "WARNING: block/quarry.c:268: plug-per-chunk: a plug is started and finished for every chunk",
      "ERROR: block/a.c:300: copied-only-decreases: a plug is started and finished for every chunk",
      "CHECK: block/quarry.c:10: byte-units: a plug is started and finished for every chunk",
      expect.stringMatching(/^NOTE: block\/quarry\.c:268: byte-units: .* mends it; a warning for whoever bisects\.$/),
      "CHECK: mails/0003-quarry.patch:112: narrative-kernel-doc: a plug is started and finished for every chunk",
      "",
    ]);
  });

  test("fails the patch only for errors", () => {
    const entries = b4Reads({ stdout: render("b4"), stderr: "", status: 1 });
    expect(entries.filter((it) => it.status === "fail").map((it) => it.text)).toEqual([
      expect.stringMatching(/^ERROR: block\/a\.c:300/),
    ]);
  });
});
