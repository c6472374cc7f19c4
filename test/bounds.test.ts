import { describe, expect, test } from "vitest";
import { rules } from "../rules/index.ts";
import { codeOf } from "../src/engine/code.ts";
import { extractFacts } from "../src/engine/extract.ts";
import { review } from "../src/review/review.ts";
import { patience } from "../src/source/patience.ts";
import { parseIsland } from "../src/syntax/ctree.ts";
import { each } from "../src/syntax/node.ts";
import { parseC } from "../src/syntax/parser.ts";
import { engine } from "./engine/engine.ts";
import { type Mail, patchOf, seriesOf } from "./reviewing.ts";
import { islandOf } from "./syntax/island.ts";

const lines = (n: number, line: (i: number) => string): string => Array.from({ length: n }, (_, i) => line(i)).join("");
const within = (n: number, open: string, close: string): string => `${open.repeat(n)}\tleft++;\n${close.repeat(n)}`;

/** What the engine does before its loop, by how much of it. */
const bodies: Readonly<Record<string, (n: number) => string>> = {
  "loops in loops": (n) => within(n / 10, "\tfor (a = 0; a < 2; a++)\n", ""),
  "loops in loops that a break leaves": (n) => within(n / 10, "\twhile (a) {\n\tif (b)\n\tbreak;\n", "}\n"),
  "do loops in loops, with an end in each": (n) => within(n / 10, "\tdo {\n\tkfree(ctx);\n", "\t} while (a);\n"),
  "switches in switches": (n) => within(n / 10, "\tswitch (a) {\n\tcase 1:\n", "\t}\n"),
  branches: (n) => within(n / 10, "\tif (a) {\n", "\t} else {\n\tb++;\n\t}\n"),
  "a chain of else": (n) => `${lines(n, (i) => `\tif (a == ${i})\n\tb++;\n\telse `)}c++;\n`,
  cases: (n) => `\tswitch (a) {\n${lines(n, (i) => `\tcase ${i}:\n\tb++;\n\tbreak;\n`)}\t}\n`,
  gotos: (n) => lines(n, (i) => `\tif (a == ${i})\n\tgoto l${i};\n`) + lines(n, (i) => `l${i}:\n\tb++;\n`),
  "gotos back": (n) =>
    `\tgoto l${n - 1};\n${lines(n, (i) => `l${i}:\n\tb++;\n${i ? `\tgoto l${i - 1};\n` : "\treturn 1;\n"}`)}`,
  calls: (n) => lines(n, () => "\tsubmit_bio(bio);\n"),
  allocations: (n) => lines(n, () => "\tctx = kzalloc(sizeof(*ctx), GFP_KERNEL);\n\tkfree(ctx);\n"),
  minima: (n) => lines(n, () => "\tctx.copied = min(ctx.copied, left);\n"),
  "values that go to and fro": (n) => lines(n, () => "\ta = ctx.copied;\n\ta = b;\n\tctx.copied = a;\n"),
  differences: (n) => lines(n, () => "pos=a-b;\n"),
  tests: (n) => `\tif (${lines(n, (i) => `(v${i} & mask) ||\n`)}left)\n\t\treturn 1;\n`,
};

const doing = (before: string) => engine({ declarations: "\tsector_t a = 0, b = 0, c = 0;\n\tloff_t pos;\n", before });

/** What an engine costs that does this, in steps of the parser and of the questions. */
function costOf(before: string) {
  const left = patience();
  const text = doing(before);
  const code = codeOf([parseIsland("block/copy.c", islandOf(text), left)]);
  const all = code.effort.left;
  const facts = extractFacts(code);
  return { parser: patience().left - left.left, questions: all - facts.code.effort.left, facts };
}

describe("what is asked about a function grows no faster than its text, or it is left out and named", () => {
  test.each(Object.entries(bodies))("%s", (_, body) => {
    const [once, twice] = [costOf(body(400)), costOf(body(800))];
    expect(twice.parser).toBeLessThan(3 * once.parser + 500);
    if (twice.facts.code.leftOut.length === 0) expect(twice.questions).toBeLessThan(3 * once.questions + 5_000);
    const much = costOf(body(2_000)).facts.code;
    for (const { what, why } of much.leftOut) {
      expect(what).toBe("blkdev_copy()");
      expect(why).toMatch(/^what it calls, stores and jumps to is more than \d+ steps can follow$/);
    }
  });

  test("the other functions are still read", () => {
    const { facts } = costOf(bodies.differences!(2_000));
    expect(facts.code.leftOut.map((l) => l.what)).toEqual(["blkdev_copy()"]);
    expect(facts.code.byName.has("copy_end_io")).toBe(true);
    expect(facts.code.byName.has("blkdev_copy")).toBe(false);
  });

  test("functions that hand a pointer on to each other", () => {
    const n = 40;
    const each = (i: number) => `static void f${i}(struct copy_ctx *p)\n{\n${lines(n, (k) => `\tf${k}(p);\n`)}}\n`;
    const text = engine({
      before: "\tctx2 = kzalloc(sizeof(*ctx2), GFP_KERNEL);\n",
      declarations: "\tstruct copy_ctx *ctx2;\n",
      behind: "\twait_for_completion_io(&ctx.done);\n\tf0(ctx2);\n",
      helpers: lines(n, each),
    });
    const code = codeOf([parseIsland("block/copy.c", islandOf(text))]);
    expect(extractFacts(code).code.funcs.length).toBeGreaterThan(0);
  });
});

describe("the parser's work is counted, and what goes beyond is in error", () => {
  const soups: Readonly<Record<string, (n: number) => string>> = {
    operators: (n) => "+ - * / ".repeat(n / 8),
    "marks that C does not have": (n) => "$ @ ` ".repeat(n / 6),
    "parentheses without an end": (n) => `int a = ${"(".repeat(n)};`,
    "braces without an end": (n) => `void f(void) ${"{".repeat(n)}`,
    "braces without a start": (n) => "}".repeat(n),
    definitions: (n) => "#define A(".repeat(n / 10),
    conditionals: (n) => "#if A\nint f(\n#else\n{ (\n".repeat(n / 22),
    "one expression": (n) => `int a = b${"+c".repeat(n / 2)};`,
    casts: (n) => `int a = ${"(b)".repeat(n / 3)}c;`,
    quotes: (n) => '"a'.repeat(n / 2),
  };
  test.each(Object.entries(soups))("%s", (_, soup) => {
    const left = patience();
    parseC(soup(8_000), left);
    expect(patience().left - left.left).toBeLessThan(8_000);
    // However much there is, what it costs is no more than all that there is of patience, and one piece.
    for (const size of [200_000, 1_000_000]) {
      const most = patience();
      const root = parseC(soup(size), most);
      expect(most.left).toBeGreaterThan(-30_000);
      expect(root.end).toBe(soup(size).length);
    }
  });

  test("what is deeper than people write is in error", () => {
    const root = parseC(`int a = ${"(".repeat(2_000)}1${")".repeat(2_000)};`);
    let deepest = 0;
    let inError = 0;
    each(root, (n) => {
      let depth = 0;
      for (let up = n.parent; up; up = up.parent) depth++;
      deepest = Math.max(deepest, depth);
      if (n.type === "DEEP") inError++;
    });
    expect(deepest).toBeLessThan(510);
    expect(inError).toBe(1);
  });

  test("a text in pieces has the items of the text in one", () => {
    const item = (i: number) =>
      `/* The ${i}th. */\nstatic int f${i}(int a)\n{\n\treturn a ? f${i}(a - 1) : ${i};\n}\n\n`;
    const text = `#ifndef X_H\n#define X_H\n${lines(200, item)}#if A\n${lines(400, item)}#else\n${lines(300, item)}#endif\nint last;\n#endif\n`;
    const root = parseC(text);
    const functions = root.children.filter((n) => n.type === "function_definition");
    const ends = functions.map((n) => text.slice(n.start, n.end));
    expect(functions.length).toBeGreaterThan(850);
    for (const each of ends)
      expect(each).toMatch(/^static int f(\d+)\(int a\)\n\{\n\treturn a \? f\1\(a - 1\) : \1;\n\}$/);
    let inError = 0;
    each(root, (n) => {
      if (n.type === "ERROR" || n.type === "MISSING") inError++;
    });
    expect(inError).toBe(0);
  });
});

describe("a review says what its bounds leave out", () => {
  const reviewed = async (mails: readonly Mail[]) => review(await seriesOf(mails), { rules, run: false });
  const said = async (mails: readonly Mail[]) =>
    (await reviewed(mails)).notChecked.filter(({ kind }) => kind === "input").map(({ what, why }) => `${what}: ${why}`);
  const file = "block/copy.c";

  test("a function about which too much is asked", async () => {
    expect(await said([patchOf({ [file]: doing(bodies.differences!(2_000)) })])).toEqual([
      "blkdev_copy(): what it calls, stores and jumps to is more than 3000000 steps can follow",
    ]);
  });

  test("lines that are too deep, or one that is too long", async () => {
    const deep = `\tleft = ${"(".repeat(2_000)}len${")".repeat(2_000)};\n`;
    expect(await said([patchOf({ [file]: engine({ before: deep }) })])).toEqual([
      "1 added line of block/copy.c: the C was not understood",
    ]);
    const long = `static int last(void)\n{\n\treturn ${"1 + ".repeat(20_000)}1;\n}\n`;
    const entries = await said([patchOf({ [file]: engine(), "block/long.c": `${long}struct bio *bio;\n` })]);
    expect(entries).toEqual(["4 added lines of block/long.c: the C was not understood"]);
  });

  test("patches that mend what comes before, from some number of them on", async () => {
    const text = (i: number) => `${engine()}int version = ${i};\n`;
    const mails = Array.from(
      { length: 40 },
      (_, i): Mail => ({
        ...patchOf({ [file]: i === 0 ? text(0) : [text(i - 1), text(i)] }, `[PATCH ${i + 1}/40] block: part ${i}`),
        path: `${String(i + 1).padStart(4, "0")}-part.patch`,
      }),
    );
    expect((await reviewed(mails)).problems.map(({ what }) => what)).toEqual([
      "24 patches before patch 26/40 take away lines that the series adds; what this and later ones mend is not looked for",
    ]);
  });
});
