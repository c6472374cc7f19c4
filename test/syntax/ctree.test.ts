import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CTree, lineIndex, linesInError, parseIsland, spanOf } from "../../src/syntax/ctree.ts";
import { each, enclosing, type Node, walk } from "../../src/syntax/node.ts";
import { parseC } from "../../src/syntax/parser.ts";
import { islandOf, sectionAbove, stageFiles } from "./island.ts";

const nodes = (tree: CTree): Node[] => [...walk(tree.root)];
const named = (tree: CTree, type: string): string[] =>
  nodes(tree)
    .filter((n) => n.type === type)
    .map((n) => tree.text.slice(n.start, n.end));

describe("a tree", () => {
  test("has the text of each node at its offsets, whatever stands before", () => {
    const tree = parseIsland(
      "a.c",
      islandOf('/* caf\u00e9 \u{1f600} */\nint f(struct bio *bio)\n{\n\treturn g(bio, "\u{1f600}") + 1;\n}\n'),
    );
    expect(named(tree, "identifier")).toEqual(["f", "bio", "g", "bio"]);
    expect(named(tree, "call_expression")).toEqual(['g(bio, "\u{1f600}")']);
    expect(named(tree, "number_literal")).toEqual(["1"]);
  });

  test("has operators as children of what they join", () => {
    const sum = nodes(parseIsland("a.c", islandOf("int f(void)\n{\n\treturn a - b;\n}\n"))).find(
      (n) => n.type === "binary_expression",
    )!;
    expect(["left", "operator", "right"].map((field) => sum.child(field)?.start)).toEqual(
      [27, 29, 31].map((n) => sum.start + n - 27),
    );
    expect(sum.first("identifier")).toBe(sum.child("left"));
    expect(sum.child("nothing")).toBeUndefined();
  });

  test("is walked in the order of the source, both ways alike", () => {
    for (const { path, text } of stageFiles) {
      const tree = parseIsland(path, islandOf(text));
      const visited: Node[] = [];
      each(tree.root, (n) => visited.push(n));
      expect(visited).toEqual(nodes(tree));
      for (const n of visited.slice(1)) {
        expect(n.parent!.children).toContain(n);
        expect(n.start >= n.parent!.start && n.end <= n.parent!.end).toBe(true);
        expect(enclosing(n, n.type)).toBe(n);
      }
      expect(visited.map((n) => n.start)).toEqual(visited.map((n) => n.start).sort((a, b) => a - b));
    }
  });

  test("of a whole file of the stage has no error", () => {
    for (const { path, text } of stageFiles) expect(linesInError(parseIsland(path, islandOf(text))), path).toEqual([]);
  });
});

/** The text of a span, taken from the lines of the island. */
function textAt(tree: CTree, node: Node): string {
  const { line, column, endLine, endColumn } = spanOf(tree, node);
  const lines = tree.lines.filter((l) => l.number >= line && l.number <= endLine).map((l) => l.text);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, endColumn - 1);
  lines[0] = lines[0]!.slice(column - 1);
  return lines.join("\n");
}

/** Cuts of the files of the stage, as hunks cut them, with random lines added. */
const cut = fc
  .tuple(
    fc.nat(stageFiles.length - 1),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 3, max: 60 }),
    fc.infiniteStream(fc.boolean()),
  )
  .map(([which, at, size, flips]) => {
    const { path, text } = stageFiles[which]!;
    const lines = text.split("\n").slice(0, -1);
    const first = Math.floor(at * Math.max(0, lines.length - 3)) + 1;
    const part = lines.slice(first - 1, first - 1 + size);
    const added = new Set(part.map((_, i) => first + i).filter(() => flips.next().value));
    return {
      path,
      island: islandOf(part.join("\n"), { first, section: sectionAbove(lines, first), added: (n) => added.has(n) }),
    };
  });

describe("a cut anywhere", () => {
  test("gives nodes whose spans hold their text, inside the island", () => {
    fc.assert(
      fc.property(cut, ({ path, island }) => {
        const tree = parseIsland(path, island);
        expect(tree.text.slice(tree.from, tree.to)).toBe(`${island.lines.map((l) => l.text).join("\n")}\n`);
        island.lines.forEach((line, i) => {
          expect(tree.text.slice(tree.starts[i], tree.starts[i]! + line.text.length)).toBe(line.text);
          expect(lineIndex(tree, tree.starts[i]!)).toBe(i);
          expect(lineIndex(tree, tree.starts[i]! + line.text.length)).toBe(i);
        });
        for (const n of walk(tree.root)) {
          const { file, line, endLine } = spanOf(tree, n);
          expect(file).toBe(path);
          expect(line).toBeGreaterThanOrEqual(island.lines[0]!.number);
          expect(endLine).toBeLessThanOrEqual(island.lines.at(-1)!.number);
          // The node of a preprocessor line has its line end too.
          const text = tree.text.slice(n.start, n.end).replace(/\n$/, "");
          if (n.start >= tree.from && n.end <= tree.to && text !== "") expect(textAt(tree, n)).toBe(text);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("is understood: at least 97 % of the added lines lie in no error", () => {
    let added = 0;
    let bad = 0;
    for (const { path, island } of fc.sample(cut, { numRuns: 1500 })) {
      added += island.lines.filter((l) => l.added && l.text.trim() !== "").length;
      bad += linesInError(parseIsland(path, island)).length;
    }
    expect(added).toBeGreaterThan(10_000);
    expect(1 - bad / added).toBeGreaterThan(0.97);
  });
});

describe("how an island starts and ends is made up", () => {
  const errorsOf = (text: string, section = "", first = 20) =>
    linesInError(parseIsland("a.c", islandOf(text, { first, section })));
  test.each([
    ["inside a function", "\tif (a)\n\t\treturn b;\n\tc = d;\n}\n", "int f(int a)"],
    ["inside a function without a heading", "\tif (a)\n\t\treturn b;\n\tc = d;\n}\n", ""],
    ["in the middle of a comment", " * and so on.\n */\nint f(void)\n{\n\treturn 0;\n}\n", ""],
    ["ends in a comment", "int f(void)\n{\n\treturn 0;\n}\n\n/*\n * What follows\n", ""],
    ["among the members of a structure", "\tint a;\n\tstruct bio *bio;\n};\n", "struct foo {"],
    ["among members without a heading", "\tint a;\n\tunsigned b:1;\n};\nint f(void);\n", ""],
    ["among enumerators", "\tREQ_OP_A = 1,\n\tREQ_OP_B,\n};\n", "enum req_op {"],
    ["among initialisers", "\t.open = foo_open,\n\t.copy = foo_copy,\n};\n", "static const struct ops foo = {"],
    ["in a list of arguments", "\t\t\t b, c);\n\treturn x;\n}\n", "int f(int a)"],
    ["in a list of parameters", "\t\tint b, int c)\n{\n\treturn b;\n}\n", "int f(int a,"],
    ["two braces deep", "\t\t\tx = 1;\n\t\t}\n\t}\n\treturn x;\n}\n", "int f(int a)"],
    ["ends in a list of arguments", "int f(int a)\n{\n\treturn g(a,\n", ""],
    ["ends behind an operator", "int f(int a)\n{\n\tif (a &&\n", ""],
    ["ends in a loop", "int f(int a)\n{\n\twhile (a) {\n\t\ta--;\n", ""],
    ["in the branch of a ternary", "\t\t? a : b;\n\treturn x;\n}\n", "int f(int a)"],
    ["among cases", "\tcase 1:\n\t\treturn 2;\n\tdefault:\n\t\tbreak;\n\t}\n\treturn 0;\n}\n", "int f(int a)"],
  ])("%s", (_, text, section) => expect(errorsOf(text, section)).toEqual([]));

  test("what is no C is said line by line", () => {
    const text = "int a;\nint = = ) 5 5;\nint b;\nint f(void)\n{\n\treturn 0;\n}\n";
    expect(errorsOf(text, "", 1)).toEqual([2]);
    const onlyFirst = islandOf(text, { added: (n) => n === 1 });
    expect(linesInError(parseIsland("a.c", onlyFirst))).toEqual([]);
  });

  test("a function of the heading is not taken for one that the lines define", () => {
    const tree = parseIsland("a.c", islandOf("\treturn b;\n}\n", { first: 9, section: "int f(int a)" }));
    const f = nodes(tree).find((n) => n.type === "function_definition")!;
    expect(f.start).toBeLessThan(tree.from);
  });
});

describe("C that was written to be hard is read without hanging or a crash", () => {
  test.each([
    ["deep parentheses", `int a = ${"(".repeat(100_000)}1${")".repeat(100_000)};`],
    ["parentheses left open", `int a = ${"(".repeat(100_000)}`],
    ["parentheses closed", `int a = ${")".repeat(100_000)}`],
    ["deep braces", `void f(void) ${"{".repeat(100_000)}`],
    ["braces closed", "}".repeat(100_000)],
    ["a long line", `int a = ${"x + ".repeat(250_000)}1;`],
    ["a long string", `char *s = "${"x".repeat(1_000_000)}";`],
    ["a string left open", `char *s = "${"x".repeat(100_000)}\nint b;`],
    ["comments left open", "/* ".repeat(100_000)],
    ["comments closed", "*/ ".repeat(100_000)],
    ["comment ends and starts", "*/ /* ".repeat(50_000)],
    ["apostrophes", "' ".repeat(100_000)],
    ["quotation marks on lines of their own", '"\n'.repeat(20_000)],
    ["backslashes", "#define a \\\n".repeat(20_000)],
    ["pointers", `int ${"*".repeat(50_000)}p;`],
    ["else after else", `void f(void) { ${"if (a) b; else ".repeat(5_000)} c; }`],
    ["empty lines", "\n".repeat(100_000)],
    ["nothing", ""],
    ["a NUL", "int a\0b;\n"],
    ["halves of surrogate pairs", "int \ud800 a = \udc00;\n"],
  ])("%s", (_, text) => {
    const lines = text === "" ? "\n" : text;
    const tree = parseIsland("a.c", islandOf(lines, { section: "int f(int a)" }));
    expect(tree.text.slice(tree.from, tree.to).trimEnd()).toBe(lines.trimEnd());
    const depths = new Map<Node | undefined, number>();
    each(tree.root, (n) => depths.set(n, (depths.get(n.parent) ?? 0) + 1));
    // Those who walk a tree may recurse.
    expect(Math.max(...new Set(depths.values()))).toBeLessThan(1000);
  });

  test("random bytes", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", minLength: 1, maxLength: 300 }),
        fc.string({ unit: "binary", maxLength: 40 }),
        (text, section) => {
          const one = `${text.replaceAll("\n", " ")}x`;
          const tree = parseIsland("a.c", islandOf(one, { first: 3, section: section.replaceAll("\n", " ") }));
          expect(tree.text.slice(tree.from, tree.to)).toBe(`${one}\n`);
          expect(linesInError(tree).every((n) => n === 3)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("no text is an empty tree", () => expect(parseC("").children).toEqual([]));
