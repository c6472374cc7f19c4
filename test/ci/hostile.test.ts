import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commentBody, githubDialect, gitlabDialect, keyIn, plainText } from "../../src/ci/comment.ts";
import { readRecord } from "../../src/ci/read-record.ts";
import { type Point, recordOf, room } from "../../src/ci/record.ts";
import { recordSummary } from "../../src/ci/summary.ts";
import type { Finding } from "../../src/finding/finding.ts";
import { renderMarkdown } from "../report/readers.ts";
import { finding, reviewOf } from "../report/sample.ts";

/** Pieces that mean something to GitHub or GitLab, with line ends and without. */
const pieces = [
  "@everyone",
  "@quarry/all",
  "#12",
  "GH-12",
  "o/r#3",
  "!7",
  "&3",
  "%4",
  "~bug",
  "$5",
  "[vulnerability:1]",
  "\n/close\n",
  "\n/merge",
  "/assign @me",
  "::error::x",
  "\n::stop-commands::y\n",
  "##[error]z",
  "<!-- copylint 0123456789abcdef -->",
  "\n<!-- copylint 0123456789abcdef -->\n",
  "-->",
  "<!--",
  "</pre></details>",
  "<script>alert(1)</script>",
  "<img src=x onerror=y>",
  "```\n",
  "````",
  "\n```suggestion\nrm -rf\n```\n",
  "~~~",
  "[a](https://example.org)",
  "![a](https://example.org/i)",
  "[x]: https://example.org",
  "https://example.org/x",
  "www.example.org",
  "a@example.org",
  "**b**",
  "__i__",
  "| a | b |",
  "\n- [ ] task\n",
  "\n# h\n",
  "> q",
  "\n    code",
  "\x1b[2J",
  "\u202e",
  "\u2028",
  "\0",
  "\ud800",
  "\t",
  "blk_next_bio()",
  "word",
  " ",
  "x".repeat(9_000),
];
const nasty = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }).map((all) => all.join(""));

const findings: fc.Arbitrary<Finding> = fc
  .tuple(nasty, nasty, nasty, nasty, nasty)
  .map(([what, why, place, step, code]) => {
    const line = `\treturn ${code.split("\n").join(" ")};`;
    return finding({
      what,
      why,
      instead: what,
      file: place,
      patch: { ...finding().patch, subject: why, path: place },
      trace: {
        setting: what,
        outcome: why,
        steps: [{ actor: step, action: `${step}${why}`, assumed: true, at: { file: place, line: 3 } }],
      },
      excerpt: [{ line: 268, patchLine: 1, text: line, added: true }],
      fix: [{ file: place, line: 268, column: 1, endLine: 268, endColumn: 3, text: code, lines: [line] }],
    });
  });

/** The point of a finding, with its edit as it would be if the head had the line. */
function pointOf(f: Finding): Point {
  const [point] = recordOf(reviewOf([f]), [], () => undefined, true).points as readonly [Point];
  return { ...point, edit: { line: 268, lastLine: 268, lines: f.fix[0]?.text.split("\n") ?? [] } };
}

/** The elements that a reader of Markdown sees, each as often as it is there. */
const tagsOf = (markdown: string): string[] =>
  [...renderMarkdown(markdown).matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, name = ""]) => name.toLowerCase());

/** Those that are more than text. */
const active = ["a", "img", "script", "h1", "h2", "em", "strong", "ul", "ol", "blockquote", "input", "table", "del"];

describe("texts of patches", () => {
  test("are only text in a comment on GitHub, beside what we put around them", () => {
    fc.assert(
      fc.property(findings, (f) => {
        const body = commentBody(pointOf(f), githubDialect, true);
        expect(body.length).toBeLessThan(65_000);
        expect(body).not.toMatch(/[\0\x1b\u202e\u2028\ud800]/);
        expect(keyIn(body)).toBe("0123456789abcdef");
        const tags = tagsOf(body);
        const names = tags.filter((name) => active.includes(name));
        // The level is what stands in bold, and nothing else is more than text.
        expect(names).toEqual(["strong"]);
        expect(tags.filter((name) => name === "details")).toHaveLength(1);
        // A mention or a reference needs its sign and its name in one stretch of text outside of code.
        const outside = body.replace(/^(`{3,})suggestion\n[^]*?^\1$/m, "").replace(/<(pre|code)>[^]*?<\/\1>/g, "");
        expect(outside).not.toMatch(/@(?:everyone|quarry|me|example)|(?<!&)#\d/);
        expect(outside).not.toMatch(/^(?:::|##\[)/m);
        expect(outside.match(/<!-- copylint/g)).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  test("are only text in a comment on GitLab, and no quick actions", () => {
    fc.assert(
      fc.property(findings, (f) => {
        const body = commentBody(pointOf(f), gitlabDialect, true);
        const tags = tagsOf(body);
        const names = tags.filter((name) => active.includes(name));
        expect(names).toEqual(["strong"]);
        const outside = body.replace(/^(`{3,})suggestion:-0\+0\n[^]*?^\1$/m, "");
        expect(outside).not.toMatch(/^\s*\//m);
        expect(outside.replace(/<pre>[^]*?<\/pre>/, "").replace(/<summary>.*<\/summary>/, "")).not.toMatch(
          /(?<!\\)[@#!~%$](?=\w)/,
        );
      }),
      { numRuns: 300 },
    );
  });

  test("are only text in the summary, whose rows stay rows", () => {
    fc.assert(
      fc.property(fc.array(findings, { minLength: 1, maxLength: 4 }), nasty, (all, what) => {
        const review = reviewOf(all, { problems: [{ kind: "unreadable", path: what, what }] });
        const made = recordOf(review, [], () => undefined, true);
        const text = recordSummary(made, 65_000, "the log");
        expect(text.length).toBeLessThan(65_535);
        const tags = tagsOf(text);
        expect(tags.filter((name) => name === "tr")).toHaveLength(all.length + 1);
        expect(tags.filter((name) => ["a", "img", "script", "h1", "input", "em"].includes(name))).toEqual([]);
        expect(text).not.toMatch(/@(?:everyone|quarry|me|example)|(?<!&)#\d/);
      }),
      { numRuns: 200 },
    );
  });

  test("fit into what one workflow leaves for another, whatever their length", () => {
    fc.assert(
      fc.property(fc.array(findings, { maxLength: 3 }), (all) => {
        const made = recordOf(reviewOf(all), [], () => undefined, true);
        expect(readRecord(JSON.stringify(made))).toEqual(JSON.parse(JSON.stringify(made)));
      }),
      { numRuns: 100 },
    );
    const long = "y".repeat(10_000_000);
    const many = Array.from({ length: room.points + 5 }, (_, i) =>
      finding({ what: i === 0 ? long : "w", file: i === 0 ? long : "f" }),
    );
    const made = recordOf(reviewOf(many), [], () => undefined, true);
    expect(made.complete).toBe(false);
    expect(made.problems[0]).toBe("5 more findings have no room here");
    readRecord(JSON.stringify(made));
    expect(recordSummary(made, 65_000, "the log")).toMatch(/^Shown \d+ of 5000 findings; all are in the log\.$/m);
  });

  test("have no part in where an annotation's message ends", () => {
    fc.assert(
      fc.property(findings, (f) => {
        expect(plainText(pointOf(f))).not.toMatch(/[\0\x1b\u202e\u2028\ud800]/);
      }),
    );
  });

  test("get no suggestion that would not show what it does", () => {
    const hidden = { ...pointOf(finding()), edit: { line: 1, lastLine: 1, lines: ["\tx = 1; \u202e"] } };
    expect(commentBody(hidden, githubDialect, true)).not.toContain("```");
    const fenced = { ...pointOf(finding()), edit: { line: 1, lastLine: 2, lines: ["\t/* ```", "\t@everyone */"] } };
    expect(commentBody(fenced, githubDialect, true)).toContain("````suggestion\n\t/* ```\n\t@everyone */\n````\n");
    expect(commentBody(fenced, gitlabDialect, true)).toContain("````suggestion:-0+1\n");
  });
});
