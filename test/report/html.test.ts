import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/finding/finding.ts";
import { stretches } from "../../src/report/html/diagram.ts";
import { script, scriptHash } from "../../src/report/html/script.ts";
import { style, styleHash } from "../../src/report/html/style.ts";
import { htmlReport } from "../../src/report/html.ts";
import { patchOf } from "../reviewing.ts";
import { findingAt, longSteps, mail, mailLine, report, sampleSeries } from "./html-sample.ts";
import { finding, plainView, reviewOf } from "./sample.ts";

const hashOf = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;

/** The part of a page between two texts. */
const part = (page: string, from: string, to: string): string => page.split(from)[1]?.split(to)[0] ?? "";

describe("the policy of the page", () => {
  // Whoever changes the style sheet or the script puts the hash that this prints beside it.
  test("names the style sheet and the script by the hashes that they have", () => {
    expect(styleHash).toBe(hashOf(style));
    expect(scriptHash).toBe(hashOf(script));
    for (const text of [style, script]) expect(text).toMatch(/^[\n -[\]-~]*$/);
  });

  test("stands before everything that it is about, and allows nothing else", async () => {
    const page = await report([findingAt(7)]);
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page);
    expect(policy?.[1]).toBe(
      `default-src 'none'; style-src '${styleHash}'; script-src '${scriptHash}'; base-uri 'none'; form-action 'none'`,
    );
    expect(policy?.index).toBeLessThan(page.indexOf("<style>"));
    expect(part(page, "<style>", "</style>")).toBe(style);
    expect(part(page, "<script>", "</script>")).toBe(script);
  });

  test("is not broken by the page: no style or handler of an element, nothing that is loaded", async () => {
    const page = await report([findingAt(7, { trace: { setting: "s", steps: longSteps, outcome: "o" } })]);
    const body = page.replace(style, "").replace(script, "");
    expect(body).not.toMatch(/<[^>]*\s(?:style|on\w+|src|srcset|action|formaction|xlink:href)=/i);
    expect(body).not.toMatch(/<(?:link|img|iframe|object|embed|base|image|use|foreignObject)\b/i);
    expect(style).not.toMatch(/url\(|@import/);
    expect(script).not.toMatch(/fetch\(|XMLHttpRequest|import\(|innerHTML|eval/);
  });
});

describe("the page", () => {
  test("has every finding below its line of the diff, with all that is known of it", async () => {
    const page = await report([
      findingAt(7, {
        what: "the step is wrong",
        related: [{ file: "block/quarry.c", line: 30, message: "it ends here", patch: 1 }],
        mendedBy: { index: 5, total: 7, subject: "[PATCH 5/7] quarry: mend it" },
      }),
    ]);
    const [above = "", below = ""] = page.split('<article class="finding note" id="F1"');
    expect(above.slice(-400)).toContain("quarry_step(7);");
    expect(below).toContain("quarry_step(8);");
    for (const said of [
      "the step is wrong",
      "Each finish asks for a flush",
      "Start the plug before the loop",
      "it ends here",
      "A Reviewer",
      "plug-per-chunk",
      "0001-copy.patch:",
      "by patch 5/7 &quot;quarry: mend it&quot;; this is a warning for whoever bisects",
    ])
      expect(below.split("</article>")[0]).toContain(said);
  });

  test("numbers findings from top to bottom, whatever their order in the review", async () => {
    const page = await report([findingAt(40, { what: "second" }), findingAt(3, { what: "first" })]);
    expect([...page.matchAll(/<h5 id="F(\d)h">(\w+)/g)].map(([, n, what]) => `${n} ${what}`)).toEqual([
      "1 first",
      "2 second",
    ]);
  });

  test("leads nowhere but to what is on it", async () => {
    const trace = { setting: "s", steps: longSteps, outcome: "o" };
    const page = await report([findingAt(7, { trace }), findingAt(9, { trace })]);
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    const links = [...page.matchAll(/\s(?:href="#|aria-labelledby="|aria-describedby=")([^"]*)"/g)].map(([, to]) => to);
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter((to) => !ids.includes(to))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("has a row for every rule that found something and a column for every patch", async () => {
    const page = await report([findingAt(7), findingAt(9), findingAt(11, { rule: "byte-units", level: "error" })]);
    const matrix = part(page, '<table class="matrix">', "</table>");
    expect([...matrix.matchAll(/<th scope="row"><code>([^<]*)/g)].map(([, rule]) => rule)).toEqual([
      "byte-units",
      "plug-per-chunk",
    ]);
    expect(matrix).toContain('aria-label="2 warnings, plug-per-chunk, patch 1"');
    expect(matrix).toContain("10 other rules found nothing");
  });

  test("says when nothing was found, and what was not checked", async () => {
    const review = reviewOf([], {
      notChecked: [{ what: "byte-units in f()", why: "the loop is not shown", kind: "rule" }],
      problems: [{ kind: "unreadable", path: "a.patch", line: 3, what: "the hunk ends early" }],
    });
    const page = htmlReport(review, { ...plainView, withoutDiff: 2, series: await sampleSeries() });
    expect(page).toContain("Nothing was found.");
    for (const said of ["byte-units in f(): the loop is not shown", "a.patch:3: the hunk ends early", "2 mails"])
      expect(page).toContain(said);
  });

  test("keeps a finding whose mail is not among the patches, with the code that it brings along", async () => {
    const page = await report([finding({ what: "from a cover letter" })]);
    const rest = part(page, ">Elsewhere</h2>", "</section>");
    expect(rest).toContain("from a cover letter");
    expect(rest).toContain("quarry_send(left);");
  });

  test("shows an edit as the lines that it takes and the lines that it makes", async () => {
    const edit = {
      file: "block/quarry.c",
      line: 7,
      column: 2,
      endLine: 7,
      endColumn: 13,
      text: "mine",
      lines: ["\tquarry_step(7);"],
    };
    const page = await report([findingAt(7, { fix: [edit] })]);
    const fix = part(page, '<div class="code fix">', "</dd>");
    expect(fix).toMatch(/<b>-<\/b><code> {8}quarry_step\(7\);<\/code>/);
    expect(fix).toMatch(/<b>\+<\/b><code> {8}mine\(7\);<\/code>/);
  });

  test("is the same for the same review, and ends in a line feed", async () => {
    const page = await report([findingAt(7)]);
    expect(page).toBe(await report([findingAt(7)]));
    expect(page.endsWith("</html>\n")).toBe(true);
  });
});

describe("a run", () => {
  test("is drawn step by step, and listed with all of them", async () => {
    const page = await report([findingAt(7, { trace: { setting: "2 chunks", steps: longSteps, outcome: "lost" } })]);
    expect(page.match(/<a class="step/g)).toHaveLength(120);
    const list = part(page, "The run as a list of 120 steps", "</ol>");
    expect(list.match(/<li/g)).toHaveLength(120);
    // What is too long for the diagram is whole in the list.
    expect(list).toContain("use after free: the context of the copy, whose last reference is gone");
    expect(page).toContain('aria-label="step 2, submitter: store field_1 = 1, block/quarry.c line 8"');
  });

  test("cites lines of several files, each beside the diagram once", async () => {
    const page = await report([findingAt(7, { trace: { setting: "2 chunks", steps: longSteps, outcome: "lost" } })]);
    const cited = part(page, 'aria-label="Lines that the run cites"', '<p class="legend">');
    expect([...cited.matchAll(/<p class="file">([^ ]*)/g)].map(([, file]) => file).sort()).toEqual([
      "block/quarry.c",
      "drivers/wagon.c",
    ]);
    const lines = [...cited.matchAll(/class="copy" id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(lines).size).toBe(lines.length);
  });

  test("at lines that no patch shows says them without leading there", async () => {
    const steps = [{ actor: "submitter", action: "sleep", assumed: false, at: { file: "kernel/sched.c", line: 9000 } }];
    const page = await report([findingAt(7, { trace: { setting: "s", steps, outcome: "o" } })]);
    expect(page).toContain("(kernel/sched.c:9000)");
    expect(page).not.toMatch(/<a class="step/);
  });

  const step = (action: string, assumed = true) => ({
    number: 1,
    step: { actor: "submitter", action, assumed },
    cited: undefined,
  });
  const fold = (...steps: ReturnType<typeof step>[]) =>
    stretches(steps, { setting: "", steps: steps.map((one) => one.step), outcome: "" }, finding()).map(
      ({ folded, steps }) => `${folded ? "~" : ""}${steps.length}`,
    );

  test("has long stretches of the model's own steps folded, but for what goes wrong and how it ends", () => {
    const own = step("store a = 1", false);
    const quiet = step("load a = 1");
    expect(fold(own, quiet, quiet, quiet, own)).toEqual(["5"]);
    expect(fold(own, quiet, quiet, quiet, quiet, own)).toEqual(["1", "~4", "1"]);
    expect(fold(quiet, quiet, step("fail chunk 1"), quiet, quiet, step("return 0"))).toEqual(["6"]);
    expect(fold(...new Array(9).fill(quiet), step("fail chunk 1"))).toEqual(["~9", "1"]);
    expect(fold()).toEqual([]);
  });

  test("has a run of many steps shortened to what fails, what waits and how it ends", () => {
    const own = step("store a = 1", false);
    const many = (n: number) => new Array(n).fill(own);
    expect(fold(...many(24))).toEqual(["24"]);
    expect(fold(...many(10), step("sleep", false), ...many(14), own)).toEqual(["~10", "1", "~14", "1"]);
  });
});

describe("hostile text", () => {
  const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)></code></details><!--\x1b[2J\u202eb\u2028\0`;

  test("is inert wherever a review has text", async () => {
    const f: Finding = findingAt(7, {
      rule: evil,
      function: evil,
      what: evil,
      why: evil,
      instead: evil,
      sources: [{ by: evil, says: evil, url: `javascript:alert(1)//${evil}` }],
      related: [{ file: evil, line: 1, message: evil, patch: 1 }],
      fix: [{ file: evil, line: 1, column: 1, endLine: 1, endColumn: 2, text: evil, lines: [evil] }],
      mendedBy: { index: 1, total: 1, subject: evil },
      trace: {
        setting: evil,
        steps: [{ actor: evil, action: evil, assumed: false, at: { file: evil, line: 1 } }],
        outcome: evil,
      },
    });
    const elsewhere = { ...f, file: evil, patch: { ...f.patch, path: evil, subject: evil } };
    const hostile = patchOf({ [`block/${evil.replace(/[\0\n]/g, "")}`]: `int a; // ${evil}\n` }, `[PATCH] ${evil}`);
    const review = reviewOf([f, elsewhere], {
      notChecked: [{ what: evil, why: evil, kind: "rule" }],
      problems: [{ kind: "unreadable", path: evil, what: evil, advice: evil }],
    });
    const series = (await sampleSeries(hostile)).map((s) => ({ ...s, subject: evil }));
    const page = htmlReport(
      { ...review, series: review.series.map((s) => ({ ...s, subject: evil, base: evil })) },
      { ...plainView, series },
    );
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<img|<!--|href="javascript/);
    expect(page).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e]/);
    // It is there to be read all the same.
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).toContain("\\x1b[2J\\u{202e}b");
  });

  test("that is 10 MB in one line is cut, and the page says by how much", async () => {
    const long = patchOf({ "block/quarry.c": `int a; /* ${"x".repeat(10_000_000)}\n` });
    const page = await report([], long);
    expect(page.length).toBeLessThan(100_000);
    expect(page).toContain("[9,999,010 more characters, not shown]");
  });

  test("that goes on for 100,000 lines is cut, and the page says by how much", async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `int a${i};`).join("\n");
    const long = patchOf({ "block/quarry.c": `${lines}\n` });
    const at = (n: number): Finding => {
      const f = findingAt(7);
      return {
        ...f,
        line: n,
        endLine: n,
        patch: { ...f.patch, path: long.path, line: mailLine(`int a${n - 1};`, long) },
      };
    };
    const quiet = await report([], long);
    expect(quiet).toContain("97,000 more lines, of which nothing is said, are not shown.");
    const said = await report([at(50_000)], long);
    expect(said).toContain("int a49999;");
    expect(said).toContain("48,488 more lines, of which nothing is said, are not shown.");
    for (const page of [quiet, said]) expect(page.length).toBeLessThan(2_000_000);
  });
});

test("the sample's findings stand where its mail has them", () => {
  expect(mail.text.split("\n")[mailLine("quarry_step(7)") - 1]).toBe("+\tquarry_step(7);");
});
