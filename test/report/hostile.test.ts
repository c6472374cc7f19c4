import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/finding/finding.ts";
import { htmlText, markdownText, quietText } from "../../src/report/markdown.ts";
import { reporters } from "../../src/report/reporter.ts";
import { placeOf } from "../../src/report/said.ts";
import { printable } from "../../src/text/printable.ts";
import { allOf, b4Reads, readHtml, readXml, renderMarkdown, runnerReads } from "./readers.ts";
import { finding, plainView, reviewOf } from "./sample.ts";

/** Pieces that mean something to somebody. */
const pieces = [
  "::error::x",
  "::error file=a,line=1::y",
  "::stop-commands::z",
  "##[add-mask]secret",
  "%0A",
  "%25",
  "\x1b[2J",
  "\x1b]0;title\x07",
  "\u202e",
  "\u2066",
  "\u200b",
  "\u2028",
  "\0",
  "\r\n",
  "\n",
  "\n::warning::w",
  "]]>",
  "<![CDATA[",
  "-->",
  "<!--",
  "<script>alert(1)</script>",
  "<img src=x onerror=y>",
  "</pre></details>",
  "<?xml?>",
  "&amp;",
  "&#10;",
  '"',
  "'",
  "<",
  ">",
  "&",
  "`",
  "```\n",
  "[a](https://example.org)",
  "![a](b)",
  "[x]: https://example.org",
  "https://example.org/x",
  "www.example.org",
  "a@example.org",
  "@somebody",
  "#12",
  "o/r#3",
  "*b*",
  "**b**",
  "_i_",
  "__init__",
  "~~s~~",
  "|",
  "\\",
  "\\|",
  "# h",
  "- l",
  "1. l",
  "> q",
  "    code",
  "ERROR:",
  "{0}",
  "\ufffe",
  "\uffff",
  "\ud800",
  "\u{1f600}",
  "blk_next_bio()",
  "word",
  " ",
  "\t",
];
const nasty: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...pieces) },
      { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
    ),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(""));

/** A finding all of whose texts are hostile. */
const hostile: fc.Arbitrary<Finding> = fc
  .record({
    what: nasty,
    why: nasty,
    instead: nasty,
    file: nasty,
    within: nasty,
    subject: nasty,
    path: nasty,
    rule: nasty,
    code: nasty,
    message: nasty,
    action: nasty,
    level: fc.constantFrom("error", "warning", "check"),
    mended: fc.boolean(),
  })
  .map((t) => {
    const plain = finding();
    return finding({
      what: t.what,
      why: t.why,
      instead: t.instead,
      file: t.file,
      function: t.within,
      rule: t.rule,
      level: t.level as Finding["level"],
      patch: { ...plain.patch, subject: t.subject, path: t.path, messageId: t.subject },
      related: [{ file: t.file, line: 3, message: t.message, patch: 1 }],
      trace: { setting: t.message, outcome: t.action, steps: [{ actor: t.within, action: t.action, assumed: false }] },
      excerpt: plain.excerpt.map((line) => ({ ...line, text: t.code })),
      mendedBy: t.mended ? { index: 5, total: 7, subject: t.subject } : null,
    });
  });

const render = (format: string, ...findings: readonly Finding[]): string =>
  reporters[format]!(
    reviewOf(findings, {
      series: [{ subject: findings[0]!.patch.subject, version: 2, base: "unknown", notReviewed: null, patches: [] }],
      problems: [{ kind: "unreadable", path: findings[0]!.patch.path, what: findings[0]!.what }],
      notChecked: [{ what: findings[0]!.what, why: findings[0]!.why, kind: "input" }],
    }),
    plainView,
  );

const each = (check: (f: Finding) => void): void => fc.assert(fc.property(hostile, check), { numRuns: 300 });

describe.each(Object.keys(reporters))("the format %s", (format) => {
  test("shows nothing that could move, hide or recolour text", () => {
    each((f) => {
      // Beside line feeds, nothing of what the terminal's report writes out may be left.
      expect(render(format, f).replaceAll("\n", "")).not.toMatch(
        /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u,
      );
    });
  });
});

describe("a real reader gets the printable text back", () => {
  test("from checkstyle", () => {
    each((f) => {
      const root = readXml(render("checkstyle", f));
      expect(allOf(root, "file").map((it) => it.attributes.name)).toEqual([xmlPrintable(f.file!)]);
      const errors = allOf(root, "error");
      expect(errors).toHaveLength(1);
      expect(errors[0]!.attributes.message).toContain(xmlPrintable(f.what));
      expect(errors[0]!.attributes.source).toBe(`copylint.${xmlPrintable(f.rule)}`);
    });
  });

  test("from junit", () => {
    each((f) => {
      const root = readXml(render("junit", f));
      const [testcase, ...more] = allOf(root, "testcase");
      expect(more).toEqual([]);
      expect(testcase!.attributes.name).toBe(xmlPrintable(f.rule));
      expect(testcase!.attributes.file).toBe(xmlPrintable(f.file!));
      const [outcome] = testcase!.children;
      expect(outcome!.name).toBe(f.mendedBy === null ? "failure" : "skipped");
      expect(outcome!.attributes.message).toContain(xmlPrintable(f.what));
      if (f.mendedBy === null) expect(outcome!.text).toContain(xmlPrintable(f.why));
      expect(allOf(root, "system-err")[0]!.text).toContain(xmlPrintable(f.what));
    });
  });

  test("from gitlab, rdjsonl and sarif", () => {
    each((f) => {
      const [issue, ...more] = JSON.parse(render("gitlab", f));
      expect(more).toEqual([]);
      expect(issue.description).toContain(printable(f.what));
      expect(issue.location.path).toBe(printable(f.file!));

      const lines = render("rdjsonl", f).split("\n");
      expect(lines).toHaveLength(2);
      expect(JSON.parse(lines[0]!).location.path).toBe(printable(f.file!));

      const [result, ...others] = JSON.parse(render("sarif", f)).runs[0].results;
      expect(others).toEqual([]);
      const text: string = result.message.text;
      expect(text).not.toMatch(/(?<!\\)\]\s*\(/);
      const read = /\]\s*\(/.test(text) ? text.replace(/\\([\\[\]])/g, "$1") : text;
      expect(read).toContain(printable(f.what));
    });
  });

  test("from a path in sarif, which leads nowhere else", () => {
    each((f) => {
      const path = `block/${f.file}`;
      const log = JSON.parse(render("sarif", { ...f, file: path }));
      const { uri } = log.runs[0].results[0].locations[0].physicalLocation.artifactLocation;
      const url = new URL(uri, "https://tree.example/top/");
      expect(url.href.startsWith("https://tree.example/top/block")).toBe(true);
      expect(`${url.search}${url.hash}`).toBe("");
      if (!/\ud800|\/|^\.*$|[\ud800-\udfff]/.test(f.file!)) expect(decodeURIComponent(uri)).toBe(path);
    });
  });

  test("from github's workflow commands, of which there are only ours", () => {
    each((f) => {
      const { commands, log } = runnerReads(render("github", f));
      const level = f.mendedBy !== null || f.level === "check" ? "notice" : f.level;
      const wanted = level === "notice" ? ["notice", "notice"] : [level, "notice"];
      expect(commands.map((it) => it.command)).toEqual([...wanted, "group", "endgroup"]);
      const mine = commands.find((it) => it.properties.file !== undefined)!;
      expect(mine.properties.file).toBe(printable(f.file!));
      expect(mine.properties.line).toBe("268");
      expect(mine.properties.title).toContain(printable(f.rule).trim());
      expect(mine.data).toContain(printable(f.what));
      expect(log.join("\n")).toContain("7 patches, 9 files: ");
    });
  });

  test("from github's summary: one row and one block, with no markup but ours", () => {
    each((f) => {
      const { text, elements } = readHtml(renderMarkdown(render("github-summary", f)));
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
      expect(squeezed(text)).toContain(squeezed(printable(f.what)));
    });
  });

  test("from b4, a line with the level it has", () => {
    each((f) => {
      const stdout = render("b4", f);
      const entries = b4Reads({ stdout, stderr: "", status: 1 });
      expect(entries.map((it) => it.status)).toEqual([
        "warning",
        f.level === "error" && f.mendedBy === null ? "fail" : "warning",
      ]);
      expect(entries[1]!.text.replaceAll("ERROR\\x3a", "ERROR:")).toContain(printable(f.what).trim());
    });
  });
});

/** XML has two code points less than other formats. */
const xmlPrintable = (text: string): string =>
  printable(text).replaceAll("\ufffe", "\\u{fffe}").replaceAll("\uffff", "\\u{ffff}");

/** White space as HTML shows it. */
const squeezed = (text: string): string => text.replace(/[\s\u00a0]+/g, " ").trim();

describe("text in Markdown is only text", () => {
  const rendered = (text: string): ReturnType<typeof readHtml> => readHtml(renderMarkdown(text));
  const anyText = fc.oneof(nasty, fc.string({ unit: "binary" }));

  test("in the middle of a line and in a table", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = rendered(`a ${markdownText(text)} z`);
        expect(line.elements).toEqual(["p"]);
        expect(squeezed(line.text)).toBe(squeezed(`a ${printable(text)} z`));
        const cells = rendered(`| a | b |\n| - | - |\n| x${markdownText(text)}x | y |`);
        expect(cells.elements).toEqual(["table", "thead", "tr", "th", "tbody", "td"]);
        expect(squeezed(cells.text)).toContain(squeezed(`x${printable(text)}x`));
      }),
      { numRuns: 500 },
    );
  });

  test("in HTML", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { text: read, elements } = readHtml(`<pre>${htmlText(text)}</pre>`);
        expect(elements).toEqual(["pre"]);
        expect(read).toBe(printable(text));
      }),
    );
  });

  test("in messages that may become Markdown; there a mention is code", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { text: read, elements } = rendered(quietText(text));
        expect(elements.filter((name) => name !== "p" && name !== "code")).toEqual([]);
        expect(squeezed(read)).toBe(squeezed(printable(text)));
        expect(renderMarkdown(quietText(text))).not.toMatch(/(?<!<code>)[@#](?!<!--)\w/);
      }),
      { numRuns: 1000 },
    );
    expect(rendered(quietText("_i_www.example.org")).elements).toEqual(["p"]);
    const code = "the alignment is ((from | to | len) & mask), of struct bio *x[2]";
    expect(quietText(code)).toBe(code);
    expect(quietText("the comment on f() describes @len, of struct __blk_x")).toBe(
      "the comment on f() describes `@len`, of struct __blk_x",
    );
  });
});

test("a place that ends before the first column of a line ends a line earlier", () => {
  expect(placeOf(finding({ line: 3, endLine: 6, endColumn: 1 }))).toEqual({
    path: "block/quarry.c",
    line: 3,
    lastLine: 5,
    columns: null,
  });
});
