import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closing, mask } from "../../src/syntax/mask.ts";
import { walk } from "../../src/syntax/node.ts";
import { parseC } from "../../src/syntax/parser.ts";
import { stageFiles } from "./island.ts";

const idioms: [string, string, string][] = [
  ["attribute", "static int __init foo(void)\n{\n\treturn 0;\n}\n", "__init"],
  ["attribute", "int __must_check foo(struct bio *bio);\n", "__must_check"],
  ["attribute", "void foo(void) __releases(x)\n{\n}\n", "__releases(x)"],
  ["attribute", "struct foo {\n\tint n;\n\tint a[] __counted_by(n);\n};\n", "__counted_by(n)"],
  ["attribute", "void f(void)\n{\n\tx = (__force int)y;\n}\n", "__force"],
  ["attribute", "void f(void)\n{\n\tstruct foo *x __free(kfree) = y;\n}\n", "__free(kfree)"],
  ["attribute", "int f(char __user *arg)\n{\n\treturn 0;\n}\n", "__user"],
  ["iterator", "void f(void)\n{\n\tlist_for_each_entry(a, b, c) {\n\t\tg(a);\n\t}\n}\n", "list_for_each_entry"],
  ["iterator", "void f(void)\n{\n\tfor_each_sg(a, b, c, d)\n\t\tg(a);\n}\n", "for_each_sg"],
  ["guard", "void f(void)\n{\n\tscoped_guard(mutex, &m) {\n\t\tg();\n\t}\n}\n", "scoped_guard"],
  ["type-argument", "void f(void)\n{\n\tx = container_of(p, struct foo, member);\n}\n", "struct foo"],
  ["type-argument", "void f(void)\n{\n\tx = min_t(unsigned int, a, b);\n}\n", "unsigned int"],
  [
    "trace-event",
    "TRACE_EVENT(foo,\n\tTP_PROTO(int a),\n\tTP_STRUCT__entry(__field(int, a))\n);\nint x;\n",
    "TRACE_EVENT(foo,",
  ],
  ["syscall", "SYSCALL_DEFINE3(foo, int, a, int, b, int, c)\n{\n\treturn 0;\n}\n", "SYSCALL_DEFINE3"],
  ["macro-item", "DEFINE_STATIC_KEY_FALSE(foo)\nint f(void)\n{\n\treturn 0;\n}\n", "\n"],
];

const errors = (text: string) => [...walk(parseC(text))].filter((n) => n.type === "ERROR" || n.type === "MISSING");

describe("idioms of the kernel", () => {
  test.each(idioms)("%s: %j parses once it is masked, and what was hidden is kept", (idiom, text, hidden) => {
    const masked = mask(text);
    expect(errors(masked.text)).toEqual([]);
    expect(masked.hidden.map((h) => h.idiom)).toContain(idiom);
    expect(masked.hidden.some((h) => h.idiom === idiom && h.text.startsWith(hidden))).toBe(true);
  });

  test("an iterator that is called like a function, or defined, is none", () => {
    for (const text of ["void f(void)\n{\n\tx_for_each(a, b);\n}\n", "#define for_each_x(a) for (a = 0; a < 3; a++)\n"])
      expect(mask(text)).toEqual({ text, hidden: [] });
  });

  test("names that only contain one stay", () => {
    const text = "int __initial, my__packed, __useragent;\n";
    expect(mask(text)).toEqual({ text, hidden: [] });
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    ...idioms.map(([, text]) => text),
    "(",
    ")",
    "{",
    "}",
    '"',
    "'",
    "/*",
    "*/",
    "//",
    "\\",
    "\n",
    " ",
    ";",
    "=",
    "\t",
  ),
  fc.constantFrom(
    "for_each_x(",
    "scoped_guard(",
    "TRACE_EVENT(",
    "SYSCALL_DEFINE2(",
    "FOO(",
    "__printf(1, 2)",
    "struct a,",
    "é",
    "\u{1f600}",
  ),
  fc.constantFrom(...stageFiles.flatMap(({ text }) => text.split("\n"))),
);

/** What must be true of any mask: nothing moves, and what is not said to be hidden is not touched. */
function holds(text: string): void {
  const masked = mask(text);
  expect(masked.text.length).toBe(text.length);
  let at = 0;
  for (const h of masked.hidden) {
    expect(h.start).toBeGreaterThanOrEqual(at);
    expect(masked.text.slice(at, h.start)).toBe(text.slice(at, h.start));
    expect(h.text).toBe(text.slice(h.start, h.end));
    // The end of the line behind a macro that makes a whole item stands in for its semicolon; all other line ends stay.
    if (h.idiom !== "macro-item")
      for (let i = h.start; i < h.end; i++) expect(masked.text[i] === "\n").toBe(text[i] === "\n");
    at = h.end;
  }
  expect(masked.text.slice(at)).toBe(text.slice(at));
}

describe("masking keeps every offset", () => {
  test("of anything", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => holds(pieces.join(""))),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.string({ maxLength: 200, unit: "binary" }), holds));
  });

  test("of the stage", () => {
    expect(stageFiles.length).toBeGreaterThan(10);
    for (const { text } of stageFiles) holds(text);
  });
});

test("parentheses are matched over strings and nested ones", () => {
  expect(closing('(a, (b), ")\\")")x', 0)).toBe(16);
  expect(closing("((a)", 0)).toBe(-1);
  expect(closing('("(', 0)).toBe(-1);
});

describe("text that was written to be slow is done with all the same", () => {
  test.each([
    ["unclosed iterators", "\n\tfor_each_x(".repeat(20_000)],
    ["unclosed items", "FOO(\n".repeat(50_000)],
    ["unclosed trace events", "TRACE_EVENT(\n".repeat(50_000)],
    ["items behind one another", "FOO(a)\n".repeat(50_000)],
    ["spaces", `else${" ".repeat(200_000)}`],
    ["empty lines", "\n".repeat(200_000)],
    ["spaces and iterators", `;${" ".repeat(20_000)}for_each_x(a)${" ".repeat(20_000)};\n`.repeat(10)],
    ["one long word", "for_each".repeat(50_000)],
    ["a type and spaces", `(unsigned${" ".repeat(200_000)}int${" ".repeat(200_000)};`],
    ["types", "(struct  ".repeat(50_000)],
    ["long words", `${"unsigned ".repeat(50_000)},`],
    ["attributes", "__init ".repeat(100_000)],
    ["attributes without an end", "__printf(".repeat(100_000)],
  ])("%s", (_, text) => expect(mask(text).text.length).toBe(text.length));
});
