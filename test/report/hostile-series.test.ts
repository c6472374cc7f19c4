import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copylint } from "../cli/quarry.ts";
import {
  allOf,
  b4Reads,
  hasMultitool,
  multitoolSays,
  ownSchema,
  readHtml,
  readXml,
  renderMarkdown,
  runnerReads,
  xmlComplaints,
} from "./readers.ts";

// The careless series once more, with subjects, a path, code and names that mean something to those who read reports.

const careless = join(import.meta.dirname, "../../fixtures/series/careless");
const evil =
  '::error::e1 ##[add-mask]e2 %0A::error::e3 \x1b[2J\x1b]0;t\x07 \u202e\u2066 \u200b ]]> --> <script>alert(1)</script> <img src=x onerror=y> &#10; ![i](https://example.org/i) @somebody #1 ERROR: `c` "q" \ud83d\ude00';
/** git quotes names that are not ASCII. */
const path = "block/::warning::w]]><b>@x,y=z%0A\u202e|`.c";
const quoted = path.replace("\u202e", "\\342\\200\\256");

/** A mail that cannot be read. */
const unread = "0009-::error::u]]><script>@x\x1b[2J\u202eERROR:.patch";

/** The mails, changed on purpose so that every stretch that a report quotes carries some of it. */
function hostileMail(mail: string): string {
  const head = mail.indexOf("\n\n");
  const subject = `=?UTF-8?q?=0D=0A=3A=3Aerror=3A=3Ahidden=0A=00?= ${evil}`;
  const headers = mail
    .slice(0, head)
    .replace(/^(Subject: \[[^\]]*\]) .*$/m, (_, prefix: string) => `${prefix} ${subject}`);
  const body = mail
    .slice(head)
    .replace(/^diff --git a\/block\/blk-lib\.c .*$/gm, `diff --git "a/${quoted}" "b/${quoted}"`)
    .replace(/^--- a\/block\/blk-lib\.c$/gm, `--- "a/${quoted}"`)
    .replace(/^\+\+\+ b\/block\/blk-lib\.c$/gm, `+++ "b/${quoted}"`)
    .replace(/^(\+\t\tblk_start_plug\(&plug\);)$/gm, `$1 /* ${evil} */`)
    .replace(/^(\+.*blk_next_bio\(.*)$/gm, `$1 /* \r${"A".repeat(10_000)} ${evil} */`)
    .replace(/^(\+ \* )@bytes:/gm, `$1@${"bytes"}]]><script>::error::x:`)
    .replace(/blk_clone_sub_io/g, "__ERROR__$::x".replace(/[^\w$]/g, "_"));
  return `${headers}${body}`;
}

const formats = [
  "terminal",
  "json",
  "github",
  "github-summary",
  "gitlab",
  "sarif",
  "rdjsonl",
  "checkstyle",
  "junit",
  "b4",
];
let folder = "";
const reports: Record<string, string> = {};
let findings: { rule: string; what: string; file: string }[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "copylint-hostile-"));
  const mails = join(folder, "mails");
  mkdirSync(mails);
  for (const name of readdirSync(careless).filter((it) => it.endsWith(".patch")))
    writeFileSync(join(mails, name), hostileMail(readFileSync(join(careless, name), "utf8")));
  // Raw NUL bytes keep a mail from being read at all; its name is all that reports have of it.
  writeFileSync(join(mails, unread), "Subject: [PATCH] \0\n\nx\n");
  const outputs = formats.map((format) => `--output=${format}=${join(folder, format)}`);
  const run = copylint(["check", "--fail-on", "never", ...outputs, "mails"], { cwd: folder });
  expect(run.status, run.stderr).toBe(3);
  expect(run.stderr).toMatch(/^copylint: mails\/0009-[ -~]*: this holds NUL bytes: [ -~]*\n$/);
  for (const format of formats) reports[format] = readFileSync(join(folder, format), "utf8");
  expect(run.stdout).toBe(reports.terminal);
  findings = JSON.parse(reports.json!).findings;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the series still has what the careless one has, at the hostile path", () => {
  const plain = copylint(["check", "--format", "json", "--fail-on", "never", careless]);
  const rules = (text: string): string[] =>
    JSON.parse(text)
      .findings.map((f: { rule: string }) => f.rule)
      .sort();
  expect(rules(reports.json!)).toEqual(rules(plain.stdout));
  expect(findings.filter((f) => f.file === path).length).toBeGreaterThan(10);
  // Each of these brings text of the input into reports: code, its comments, and the subject.
  for (const part of ["\\x1b[2J", "\\u{202e}", "<script>alert(1)</script>", "::error::hidden", "A".repeat(60)])
    expect(reports.terminal).toContain(part);
});

describe.each(formats)("as %s", (format) => {
  test("it shows nothing that could move, hide or recolour text", () => {
    expect(reports[format]!.replaceAll("\n", "")).not.toMatch(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u,
    );
  });

  test("it is the same the next time", () => {
    const again = copylint(["check", "--fail-on", "never", "--format", format, "mails"], { cwd: folder });
    expect(again.stdout).toBe(reports[format]);
  });
});

test("github's runner obeys our commands only", () => {
  const { commands } = runnerReads(reports.github!);
  const kinds = commands.map((it) => it.command);
  expect(kinds.slice(-2)).toEqual(["group", "endgroup"]);
  const annotations = commands.slice(0, -2);
  expect(annotations).toHaveLength(findings.length + 1);
  for (const it of annotations)
    expect(it.properties.title).toMatch(/^copylint: (?:input|(?:error|warning|check|note) [a-z-]+)$/);
  expect(annotations.some((it) => it.properties.file === path.replace("\u202e", "\\u{202e}"))).toBe(true);
});

test("the summary has no markup but ours", () => {
  const { elements } = readHtml(renderMarkdown(reports["github-summary"]!));
  const ours = [
    "h2",
    "p",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "details",
    "summary",
    "pre",
    "ul",
    "li",
  ];
  expect(elements.filter((name) => !ours.includes(name))).toEqual([]);
});

test("each finding is there once, by the schemas of the formats", async () => {
  const issues = JSON.parse(reports.gitlab!);
  expect(issues).toHaveLength(findings.length);
  const quality = ownSchema("code-quality.schema.json");
  expect(quality(issues), JSON.stringify(quality.errors)).toBe(true);

  const lines = reports.rdjsonl!.trimEnd().split("\n");
  expect(lines).toHaveLength(findings.length);
  const diagnostic = ownSchema("diagnostic.schema.json");
  for (const line of lines) expect(diagnostic(JSON.parse(line)), line).toBe(true);

  expect(allOf(readXml(reports.checkstyle!), "error")).toHaveLength(findings.length);
  expect(await xmlComplaints(reports.checkstyle!, "checkstyle.xsd")).toEqual([]);
  expect(allOf(readXml(reports.junit!), "failure").length).toBeGreaterThan(5);
  expect(await xmlComplaints(reports.junit!, "junit.xsd")).toEqual([]);
});

test.skipIf(!hasMultitool)("Microsoft's validator finds no error in the SARIF log", () => {
  expect(JSON.parse(reports.sarif!).runs[0].results).toHaveLength(findings.length);
  expect(multitoolSays(reports.sarif!).filter((it) => it.level === "error")).toEqual([]);
});

test("b4 sees a failure only in errors", () => {
  const levels: string[] = JSON.parse(reports.json!).findings.map((f: { level: string }) => f.level);
  const entries = b4Reads({ stdout: reports.b4!, stderr: "", status: 0 });
  expect(entries).toHaveLength(findings.length + 1);
  expect(entries.filter((it) => it.status === "fail")).toHaveLength(levels.filter((level) => level === "error").length);
});

test("b4's own way: one patch on standard input, lines on standard output, nothing on standard error", () => {
  const [, , third] = readdirSync(careless)
    .filter((name) => /^(?!0000).*\.patch$/.test(name))
    .sort();
  const input = readFileSync(join(careless, third!));
  const run = copylint(["check", "--format", "b4", "-"], { input });
  expect(run.stderr).toBe("");
  expect(run.stdout).toMatch(/^WARNING: block\/blk-lib\.c:205: plug-per-chunk: /m);
  const clean = copylint(["check", "--format", "b4", "-"], {
    input: "Subject: [PATCH 2/3] x\nFrom: a@example.org\n\nx\n",
  });
  expect([clean.stdout, clean.stderr, clean.status]).toEqual(["", "", 0]);
});

test("a report that cannot be written is one sentence", () => {
  const run = copylint(["check", "--output", "sarif=no/x.sarif", "mails"], { cwd: folder });
  expect(run.status).toBe(2);
  expect(run.stderr.trimEnd().split("\n").at(-1)).toBe("copylint: cannot write no/x.sarif: there is no such folder");
  expect(run.stdout).toBe(reports.terminal);
});
