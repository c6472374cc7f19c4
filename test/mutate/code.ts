import { enclosing, type Node, walk } from "../../src/syntax/node.ts";
import {
  after,
  argumentsOf,
  before,
  type Change,
  callee,
  callIn,
  type Edit,
  isFree,
  isStatement,
  leaves,
  ofType,
  operators as plain,
  replace,
  type Source,
  sourceOf,
  without,
} from "../exec-kernel/mutate.ts";
import { shownBy } from "./added.ts";
import { many, type Random } from "./random.ts";

type Operator = (source: Source, random: Random) => Iterable<Change>;

const numbers = [
  ..."0 1 -1 2 3 512 4096 1000000 INT_MAX INT_MIN UINT_MAX LONG_MIN ULONG_MAX SIZE_MAX PAGE_SIZE".split(" "),
  ..."0x7fffffff 0x80000000 0xffffffffffffffffULL 010 1e9 0.5 'x' '\\377' L'x' 0b11 1__2 0x 08".split(" "),
  "(1ULL << 63)",
  "(1 << 32)",
  "(1 << -1)",
  "(1 / 0)",
  "9".repeat(30),
  `0x${"f".repeat(3_000)}`,
];

const types = [
  ..."u8 s8 u16 u32 s64 u64 char int bool float double void __le32 __be64 loff_t sector_t size_t nobody_knows_t".split(
    " ",
  ),
  "unsigned long long",
  "__int128",
  "void *",
  "struct nobody_knows",
  "struct nobody_knows *",
  "struct bio",
  "enum nobody_knows",
  "union { int a; char b[8]; }",
  "struct { int a : 3; int b; }",
  "typeof(nobody_knows)",
  "int (*)(int)",
  "_Atomic int",
];

const values = [
  "*(int *)0",
  "((struct bio *)1)->bi_private",
  "(void *)-1",
  "&&nowhere",
  "({ int x = 1; x; })",
  "({ for (;;) ; 1; })",
  "(struct bio){ 0 }",
  '"text"',
  "jiffies",
  "current",
  "NULL",
  "nobody_knows",
  "nobody_knows()",
  "nobody_knows->member",
  "sizeof(struct nobody_knows)",
  "sizeof(*nobody_knows)",
  "sizeof(int[1 << 30])",
  "sizeof(void)",
  "offsetof(struct bio, nobody_knows)",
  "container_of(NULL, struct bio, bi_private)",
  "ARRAY_SIZE(nobody_knows)",
  "_Generic(1, int: 1, default: 2)",
  "__builtin_choose_expr(1, 2, 3)",
  "(1, 2)",
  "1 ?: 2",
  "!!1",
  "~0",
  "i++ + ++i",
  "BIT(64)",
  "GENMASK(1, 63)",
];

/** Statements that a run does not get over, or not in time. */
const endless = [
  "for (;;) ;",
  "for (;;) cpu_relax();",
  "while (1) ;",
  "do { } while (1);",
  "for (;;) schedule();",
  "for (;;) { set_current_state(TASK_UNINTERRUPTIBLE); io_schedule(); }",
  "for (;;) kmalloc(64, GFP_KERNEL);",
  "for (;;) kmalloc(1UL << 40, GFP_KERNEL);",
  "for (int i = 0; i < 1000000000; i++) ;",
  "for (unsigned int i = 10; i >= 0; i--) ;",
  "while (nobody_knows) ;",
  "while (!READ_ONCE(*(int *)0)) ;",
  "again: goto again;",
  "{ char big[1 << 30]; big[0] = 1; memset(big, 0, sizeof(big)); }",
  "{ int n = 1 << 30; char big[n]; big[n - 1] = 0; }",
  "{ u64 x = 1; while (x) x = x * 3 + 1; }",
  "{ struct list_head *p; list_for_each(p, p) ; }",
  "for (;;) submit_bio(bio_alloc(NULL, 0, REQ_OP_READ, GFP_KERNEL));",
  "for (;;) bio_put(bio_alloc(NULL, 0, REQ_OP_READ, GFP_KERNEL));",
  "wait_for_completion(NULL);",
  "msleep(1000000000);",
  "BUG();",
  'panic("x");',
  "memcpy(NULL, NULL, -1UL);",
  'asm volatile("" : : : "memory");',
  "return;",
  "return 1, 2;",
  "switch (1) { case 0 ... 1000000000: for (;;) { case 5: continue; } default: break; }",
  "__label__ x; x: goto *&&x;",
];

const binary = "+ - * / % << >> & | ^ && || == != < > <= >= ,".split(" ");
const assigned = "= += -= *= /= %= <<= >>= &= |= ^=".split(" ");

const text = (source: Source, { start, end }: Node): string => source.text.slice(start, end);

const change = (node: Node, words: string, ...edits: Edit[]): Change => ({ at: node.start, words, edits });

const within = (node: Node, open: string, close: string, deep: number): Change =>
  change(node, `${open} ${close} ${deep} times`, before(node, open.repeat(deep)), after(node, close.repeat(deep)));

const statements = ({ nodes }: Source): Node[] =>
  nodes.filter((node) => isStatement(node) && node.parent?.type === "compound_statement");

const functions = ({ root }: Source): Node[] => root.children.filter(({ type }) => type === "function_definition");

const everywhere = ({ root }: Source, ...wanted: string[]): Node[] =>
  [...walk(root)].filter(({ type }) => wanted.includes(type));

/** Something that gives a value, of an expression, and no part of a declarator. */
const expressions = ({ nodes }: Source): Node[] =>
  nodes.filter(
    ({ type, parent, field }) =>
      (/_expression$/.test(type) || /^(?:identifier|number_literal|null|string_literal)$/.test(type)) &&
      (/_expression$|argument_list|return_statement/.test(parent?.type ?? "") ||
        (parent?.type === "init_declarator" && field === "value")) &&
      field !== "function",
  );

function nameOf(source: Source, node: Node): string {
  const declarator = [...walk(node)].find(({ type }) => type === "function_declarator");
  const name = declarator?.child("declarator");
  return name === undefined ? "nobody_knows" : source.of(name);
}

/** A call of a function with its own parameters. */
function callOfItself(source: Source, node: Node): string {
  const parameters = [...walk(node)].find(({ type }) => type === "parameter_list")?.children ?? [];
  const names = parameters.flatMap((parameter) =>
    [...walk(parameter)].filter(({ type }) => type === "identifier").map(source.of),
  );
  return `${nameOf(source, node)}(${names.join(", ")})`;
}

/** Puts lines of their own before the first function, or before the text. */
const ahead = (source: Source, what: string): Edit => {
  const first = functions(source)[0];
  const at = first?.start ?? 0;
  return { start: at, end: at, by: `${what}\n` };
};

/** Replaces one after the other: a use of something that is defined ahead. */
function* withUse(source: Source, words: string, what: string, use: string): Generator<Change> {
  for (const node of ofType(source, "number_literal"))
    yield change(node, words, ahead(source, what), replace(node, use));
  for (const node of functions(source)) {
    const body = node.child("body");
    if (body !== undefined)
      yield change(node, words, ahead(source, what), {
        start: body.start + 1,
        end: body.start + 1,
        by: ` int made_up = ${use};`,
      });
  }
}

function sample<T>(list: readonly T[], random: Random, n = 8): T[] {
  return list.length === 0 ? [] : Array.from({ length: n }, () => random.pick(list));
}

/**
 * Operators that do not ask whether a compiler takes what comes of it: what strangers send need be no C. They stand beside those that make
 * mutants of an engine.
 */
const wild: Readonly<Record<string, Operator>> = {
  *"drop a statement"(source) {
    for (const node of statements(source)) yield change(node, source.of(node), without(node));
  },
  *"a statement again"(source, random) {
    for (const node of statements(source))
      yield change(node, source.of(node), after(node, ` ${text(source, node)}`.repeat(random.pick([1, 1, 2, 50]))));
  },
  *"move a statement"(source, random) {
    const all = statements(source);
    for (const node of all) {
      const to = random.pick(all);
      if (to.start >= node.end || to.end <= node.start)
        yield change(node, source.of(node), without(node), before(to, `${text(source, node)} `));
    }
  },
  *"move what frees"(source, random) {
    for (const node of ofType(source, "expression_statement")) {
      const call = callIn(node);
      if (!call || !isFree(callee(source, call))) continue;
      const inside = enclosing(node, "function_definition")!;
      const to = random.pick(
        statements(source).filter((each) => enclosing(each, "function_definition") === inside && each !== node),
      );
      if (to && (to.start >= node.end || to.end <= node.start))
        yield change(node, source.of(node), without(node), before(to, `${text(source, node)} `));
    }
  },
  *"swap any two statements"(source, random) {
    const all = statements(source);
    for (const a of all) {
      const b = random.pick(all);
      if (b.start >= a.end)
        yield change(
          a,
          `${source.of(a)} with ${source.of(b)}`,
          replace(a, text(source, b)),
          replace(b, text(source, a)),
        );
    }
  },
  *"stay where it leaves"(source) {
    for (const node of source.nodes) if (leaves(node)) yield change(node, source.of(node), without(node));
  },
  *"leave where it stays"(source, random) {
    for (const node of statements(source))
      yield change(
        node,
        source.of(node),
        before(
          node,
          `${random.pick(["return 0;", "return;", "break;", "continue;", "goto out;", "return -EIO;", "return nobody_knows;"])} `,
        ),
      );
  },
  *"drop a label"(source) {
    for (const node of ofType(source, "labeled_statement")) {
      const label = node.child("label")!;
      yield change(node, source.of(label), replace(label, "made_up"));
    }
  },
  *"any condition"(source, random) {
    for (const node of ofType(
      source,
      "if_statement",
      "while_statement",
      "do_statement",
      "conditional_expression",
      "for_statement",
    )) {
      const condition = node.child("condition");
      if (condition === undefined) continue;
      const was = text(source, condition);
      const by = random.pick([
        "1",
        "0",
        `!(${was})`,
        `(${was}) || 1`,
        `(${was}) && 0`,
        `(${was}) == (${was})`,
        random.pick(values),
      ]);
      yield change(condition, by, replace(condition, was.startsWith("(") ? `(${by})` : by));
    }
  },
  *"one of two operands"(source, random) {
    for (const node of ofType(source, "binary_expression"))
      yield change(node, source.of(node), replace(node, text(source, node.child(random.pick(["left", "right"]))!)));
  },
  *"operands the other way round"(source) {
    for (const node of ofType(source, "binary_expression", "assignment_expression")) {
      const [left, right] = [node.child("left")!, node.child("right")!];
      yield change(node, source.of(node), replace(left, text(source, right)), replace(right, text(source, left)));
    }
  },
  *"any operator"(source, random) {
    for (const node of ofType(source, "binary_expression", "assignment_expression")) {
      const operator = node.child("operator");
      if (operator)
        yield change(
          node,
          source.of(node),
          replace(operator, random.pick(node.type.startsWith("b") ? binary : assigned)),
        );
    }
  },
  *"any number"(source, random) {
    for (const node of ofType(source, "number_literal", "null"))
      yield change(node, source.of(node), replace(node, random.pick(numbers)));
  },
  *"a number for a value"(source, random) {
    for (const node of sample(expressions(source), random))
      yield change(node, source.of(node), replace(node, random.pick(numbers)));
  },
  *"any value"(source, random) {
    for (const node of sample(expressions(source), random))
      yield change(node, source.of(node), replace(node, random.pick(values)));
  },
  *"another expression"(source, random) {
    const all = expressions(source);
    for (const node of sample(all, random))
      yield change(node, source.of(node), replace(node, text(source, random.pick(all))));
  },
  *"any type"(source, random) {
    for (const node of sample(everywhere(source, "primitive_type", "type_identifier", "sized_type_specifier"), random))
      yield change(node, source.of(node), replace(node, random.pick(types)));
  },
  *"a cast"(source, random) {
    for (const node of sample(expressions(source), random))
      yield change(node, source.of(node), before(node, `(${random.pick(types)})(`), after(node, ")"));
  },
  *"more or fewer pointers"(source, random) {
    for (const node of sample(
      everywhere(source, "pointer_declarator", "pointer_expression", "field_expression"),
      random,
    )) {
      if (node.type === "field_expression")
        yield change(
          node,
          source.of(node),
          replace(
            node,
            text(source, node).replace(/->|\./, (was) => (was === "." ? "->" : ".")),
          ),
        );
      else
        yield change(
          node,
          source.of(node),
          random.chance(0.5) ? before(node, "*") : replace(node, text(source, node).replace(/^[*&]/, "")),
        );
    }
  },
  *"a loop without end"(source, random) {
    for (const node of ofType(source, "for_statement", "while_statement", "do_statement")) {
      const condition = node.child("condition");
      const update = node.child("update");
      if (update && random.chance(0.5)) yield change(node, source.of(update), replace(update, ""));
      else if (condition)
        yield change(node, source.of(condition), replace(condition, node.type === "for_statement" ? "" : "(1)"));
    }
  },
  *"a loop that is never left"(source) {
    for (const node of ofType(source, "for_statement", "while_statement", "do_statement")) {
      const condition = node.child("condition");
      const edits = [...walk(node)].filter(({ type }) => /^(?:break|return|goto)_statement$/.test(type)).map(without);
      if (condition) edits.push(replace(condition, node.type === "for_statement" ? "" : "(1)"));
      if (edits.length > 0) yield { at: node.start, words: "for ever", edits };
    }
  },
  *"what does not end"(source, random) {
    for (const node of sample(statements(source), random)) {
      const by = random.pick(endless);
      yield change(node, by, random.chance(0.5) ? replace(node, by) : before(node, `${by} `));
    }
  },
  *"loops in loops"(source, random) {
    for (const node of sample(statements(source), random)) {
      const deep = random.pick([1, 2, 3, 6, 40, 300]);
      const n = random.pick([2, 3, 40, 1000, 1_000_000]);
      const loops = Array.from({ length: deep }, (_, i) => `for (int i${i} = 0; i${i} < ${n}; i${i}++) `);
      yield change(node, `${deep} of ${n}`, before(node, loops.join("")));
    }
  },
  *"a function that calls itself"(source, random) {
    for (const node of functions(source)) {
      const body = node.child("body");
      if (body === undefined) continue;
      const call = callOfItself(source, node);
      const at = { start: body.start + 1, end: body.start + 1 };
      yield change(node, call, {
        ...at,
        by: ` ${random.pick([`${call};`, `return ${call};`, `if (${call}) ${call};`, `${call}; ${call};`])}`,
      });
    }
  },
  *"a call of the caller"(source, random) {
    for (const call of sample(ofType(source, "call_expression"), random)) {
      const inside = enclosing(call, "function_definition")!;
      yield change(
        call,
        source.of(call),
        replace(call, callOfItself(source, random.chance(0.5) ? inside : random.pick(functions(source)))),
      );
    }
  },
  *"a number that functions count down to"(source, random) {
    const n = random.pick([10, 22, 40]);
    const fib = "static int fib(int n)\n{\n\treturn n < 2 ? n : fib(n - 1) + fib(n - 2);\n}\n";
    const down = "static int fib(int n)\n{\n\treturn n ? fib(n - 1) : 0;\n}\n";
    yield* withUse(source, "fib", random.pick([fib, fib, down]), `fib(${random.pick([n, n, 100_000])})`);
  },
  *"a macro of itself"(source, random) {
    const body = random.pick([
      "ITSELF",
      "ITSELF ITSELF",
      "(ITSELF + 1)",
      "OTHER\n#define OTHER ITSELF ITSELF",
      "ITSELF()",
      "ITSELF(",
      ")",
      "##",
      "#",
      "1 ## ITSELF",
      "__VA_ARGS__",
      "\\",
      "",
    ]);
    yield* withUse(source, body, `#define ITSELF ${body}`, "ITSELF");
    const call = random.pick([
      "F(F(x))",
      "F(x) F(x)",
      "x x",
      "(x + F)",
      "#x",
      "x ## x",
      "F",
      "G(x)\n#define G(x) F(x) F(x)",
      "({ F(x); x; })",
    ]);
    yield* withUse(
      source,
      call,
      `#define F(x${random.pick(["", ", ...", "...", ", y"])}) ${call}`,
      random.pick(["F(1)", "F(F(F(1)))", "F()", "F", "F(1, 2, 3)", "F(("]),
    );
    for (const node of everywhere(source, "preproc_def", "preproc_function_def")) {
      const name = node.child("name");
      const value = node.child("value");
      if (name && value)
        yield change(node, source.of(node), replace(value, `${source.of(name)} ${text(source, value)}`));
    }
  },
  *"macros that double"(source, random) {
    const levels = random.pick([2, 4, 10, 16, 24, 40, 1000]);
    const by = random.pick([(d: string) => `(${d} + ${d})`, (d: string) => `${d} ${d}`, (d: string) => `${d}, ${d}`]);
    const lines = Array.from({ length: levels }, (_, n) => `#define D${n + 1} ${by(`D${n}`)}`);
    yield* withUse(source, `${levels} times`, ["#define D0 1", ...lines].join("\n"), `D${levels}`);
    const args = Array.from(
      { length: levels },
      (_, n) => `#define E${n + 1}(x) E${n}(x) ${random.pick(["+", ""])} E${n}(x)`,
    );
    yield* withUse(
      source,
      `${levels} times, with an argument`,
      ["#define E0(x) x", ...args].join("\n"),
      `E${levels}(1)`,
    );
  },
  *"lines for the preprocessor"(source, random) {
    for (const node of sample(statements(source), random)) {
      const line = random.pick([
        "#if 0",
        "#if 1",
        "#ifdef CONFIG_X",
        "#else",
        "#endif",
        "#elif 1 / 0",
        "#if (((",
        '#include "x"',
        "#include <../../x>",
        "#error x",
        "#pragma once",
        "#undef NULL",
        "#define return",
        "#define if while",
        "#define { }",
        "#define submit_bio(x) submit_bio(x)",
        "#line 1000000000",
        "#",
        "#if defined(X) && X > 99999999999999999999",
        "#define kfree(x) (void)(x)",
        "#define bio nobody_knows",
      ]);
      yield change(node, line, before(node, `\n${line}\n${random.chance(0.5) ? "" : "#endif\n"}`));
    }
  },
  *"a body of a macro"(source, random) {
    for (const node of everywhere(source, "preproc_arg"))
      yield change(
        node,
        source.of(node),
        replace(
          node,
          random.pick([
            "",
            ` ${random.pick(values)}`,
            ` ${random.pick(numbers)}`,
            " do { for (;;) ; } while (0)",
            " {",
            " )",
          ]),
        ),
      );
  },
  *"drop a member"(source) {
    for (const node of everywhere(source, "field_declaration", "enumerator"))
      yield change(node, source.of(node), replace(node, ""));
  },
  *"a member again"(source, random) {
    for (const node of everywhere(source, "field_declaration"))
      yield change(node, source.of(node), after(node, ` ${text(source, node)}`.repeat(random.pick([1, 1, 2_000]))));
  },
  *"another name for a member"(source) {
    for (const node of everywhere(source, "field_identifier"))
      yield change(node, source.of(node), replace(node, "nobody_knows"));
  },
  *"a name that nobody knows"(source, random) {
    for (const node of sample(everywhere(source, "identifier", "type_identifier", "field_identifier"), random)) {
      const name = source.of(node);
      const by = random.pick([
        "nobody_knows",
        "nobody_knows",
        "__proto__",
        "constructor",
        "toString",
        "hasOwnProperty",
        "NULL",
        "int",
        `x${"y".repeat(3_000)}`,
      ]);
      const all = everywhere(source, node.type).filter((each) => source.of(each) === name);
      yield {
        at: node.start,
        words: `${name} to ${by}`,
        edits: (random.chance(0.5) ? all : [node]).map((each) => replace(each, by)),
      };
    }
  },
  *"one name for another"(source, random) {
    for (const type of ["identifier", "type_identifier", "field_identifier"]) {
      const all = everywhere(source, type);
      for (const node of sample(all, random)) {
        const other = source.of(random.pick(all));
        yield change(node, `${source.of(node)} to ${other}`, replace(node, other));
      }
    }
  },
  *"a bit-field"(source, random) {
    for (const node of everywhere(source, "field_declaration"))
      yield change(
        node,
        source.of(node),
        replace(
          node,
          text(source, node).replace(
            /;$/,
            ` : ${random.pick([..."0 1 3 7 31 32 33 63 64 65 1000 -1 sizeof(int) x".split(" "), random.pick(numbers)])};`,
          ),
        ),
      );
  },
  *"an array"(source, random) {
    const size = () =>
      random.pick([
        "",
        "0",
        "1",
        "-1",
        "2",
        "1000000000",
        "1ULL << 62",
        "n",
        "sizeof(struct nobody_knows)",
        "nobody_knows",
        "i++",
      ]);
    for (const node of sample(everywhere(source, "field_declaration", "declaration"), random)) {
      const was = text(source, node);
      if (/^[^=]*;$/.test(was))
        yield change(
          node,
          source.of(node),
          replace(
            node,
            was.replace(/;$/, () => `${`[${size()}]`.repeat(random.pick([1, 1, 3, 100]))};`),
          ),
        );
    }
  },
  *"a structure in itself"(source, random) {
    for (const node of everywhere(source, "struct_specifier")) {
      const [name, body] = [node.child("name"), node.child("body")];
      if (!name || !body) continue;
      const inner = random.pick([
        `struct ${source.of(name)} self;`,
        `struct ${source.of(name)} self[2];`,
        "struct { struct { union { int a; }; }; };",
        "struct nobody_knows x;",
        "int flexible[]; int behind;",
        ";",
        "int : 0;",
        "int a, *b, c[3], (*d)(void);",
      ]);
      yield change(node, inner, { start: body.start + 1, end: body.start + 1, by: ` ${inner}` });
    }
  },
  *"what is large or deep"(source, random) {
    const deep = random.pick([3, 30, 300, 3_000]);
    for (const node of sample(expressions(source), random)) {
      const [open, close] = random.pick([
        ["(", ")"],
        ["!", ""],
        ["~", ""],
        ["-", ""],
        ["*", ""],
        ["&", ""],
        ["(int)", ""],
        ["1 + ", ""],
        ["", " + 1"],
        ["", "[0]"],
        ["", "->x"],
        ["", "()"],
        ["1 ? 2 : ", ""],
        ["x = ", ""],
        ["f(", ")"],
        ["({ ", "; })"],
        ["(x, ", ")"],
      ] as const);
      yield within(node, open, close, deep);
    }
    for (const node of sample(statements(source), random)) {
      const [open, close] = random.pick([
        ["{ ", " }"],
        ["if (1) ", ""],
        ["if (x) ; else ", ""],
        ["do ", " while (0);"],
        ["l: ", ""],
        ["case 1: ", ""],
        ["switch (1) ", ""],
        ["while (0) ", ""],
        [";", ""],
        ["int x; ", ""],
        ["/* ", " */"],
      ] as const);
      yield within(node, open, close, deep);
    }
  },
  *"functions without number"(source, random) {
    const n = Math.min(many(random), 1_000);
    for (const node of functions(source)) {
      const name = nameOf(source, node);
      const again = Array.from({ length: n }, (_, i) => text(source, node).replaceAll(name, `${name}_${i}`));
      yield change(node, `${n} of ${name}`, after(node, `\n\n${again.join("\n\n")}`));
    }
  },
  *"a function that is gone"(source, random) {
    for (const node of functions(source))
      yield change(
        node,
        nameOf(source, node),
        replace(node, random.pick(["", `${text(source, node).split("{")[0]};`])),
      );
  },
  *parameters(source, random) {
    for (const node of everywhere(source, "parameter_declaration"))
      yield change(
        node,
        source.of(node),
        replace(
          node,
          random.pick([
            "void",
            "...",
            "int",
            `${random.pick(types)} made_up`,
            `${text(source, node)}, int made_up`,
            "int (*made_up)(int, ...)",
            "int made_up[static 4]",
            "struct { int a; } made_up",
            "",
          ]),
        ),
      );
  },
  *arguments(source, random) {
    for (const call of sample(ofType(source, "call_expression"), random)) {
      const list = argumentsOf(call);
      const by = random.pick([[], list.slice(1), [...list, ...list], list.toReversed()]);
      const all = call.child("arguments")!;
      yield change(call, source.of(call), replace(all, `(${by.map(source.of).join(", ")})`));
    }
  },
  *"another function"(source, random) {
    for (const call of sample(ofType(source, "call_expression"), random)) {
      const name = call.child("function")!;
      yield change(
        call,
        source.of(call),
        replace(
          name,
          random.pick(
            "kfree kmalloc bio_put submit_bio submit_bio_wait bio_endio complete wait_for_completion spin_lock mutex_lock schedule free_page vfree kmem_cache_free bio_chain kthread_run queue_work call_rcu copy_from_user memcpy snprintf container_of READ_ONCE list_add blk_finish_plug nobody_knows".split(
              " ",
            ),
          ),
        ),
      );
    }
  },
  *"a switch"(source, random) {
    for (const node of sample(statements(source), random))
      yield change(
        node,
        source.of(node),
        before(
          node,
          random.pick([
            "switch (0) { case 0: ",
            "switch (1) { default: case 1 ... 1000000000: ",
            "switch (x) { case 0: case 0: ",
            "switch (2) { int x = 1; case 2: while (x--) { case 3: ",
          ]),
        ),
        after(node, random.pick([" }", " break; }", " } }", ""])),
      );
  },
  *"back to where it was"(source, random) {
    for (const node of sample(statements(source), random))
      yield change(
        node,
        source.of(node),
        before(node, "made_up: "),
        after(
          node,
          random.pick([
            " goto made_up;",
            " if (made_up_n++ < 1000000) goto made_up;",
            " if (error) goto made_up;",
            " goto *made_up;",
          ]),
        ),
      );
  },
  *"an initializer"(source, random) {
    for (const node of sample(everywhere(source, "init_declarator"), random)) {
      const value = node.child("value");
      if (value)
        yield change(
          node,
          source.of(node),
          replace(
            value,
            random.pick([
              "{ }",
              "{ 0 }",
              "{ .nobody_knows = 1 }",
              "{ [1000000000] = 1 }",
              "{ [0 ... 1000000000] = 1 }",
              "{ { { { 1 } } } }",
              "{ 1, 2, 3, 4, 5 }",
              `{ ${"0, ".repeat(many(random))} }`,
              `"${"x".repeat(many(random))}"`,
              "nobody_knows()",
              `${source.of(node.child("declarator") ?? node)}`,
            ]),
          ),
        );
    }
  },
  *"drop a token"(source, random) {
    for (const { index, 0: token } of sample([...source.text.matchAll(/\w+|[^\w\s]/g)], random, 20))
      yield { at: index, words: token, edits: [{ start: index, end: index + token.length, by: "" }] };
  },
  *"a token again"(source, random) {
    for (const { index, 0: token } of sample([...source.text.matchAll(/\w+|[^\w\s]/g)], random, 20))
      yield { at: index, words: token, edits: [{ start: index, end: index, by: `${token} ` }] };
  },
  *"any token"(source, random) {
    const other = () =>
      random.pick([
        ..."{ } ( ) [ ] ; , . -> ... * & ? : # ## \\ \" ' // /* */ @ $ ` if for struct static typedef return sizeof goto int".split(
          " ",
        ),
        "\n",
      ]);
    for (const { index, 0: token } of sample([...source.text.matchAll(/\w+|[^\w\s]/g)], random, 20))
      yield { at: index, words: token, edits: [{ start: index, end: index + token.length, by: other() }] };
  },
};

const table: Readonly<Record<string, Operator>> = { ...plain, ...wild };
const names = Object.keys(table);

/** A mail with mutated C in what it adds, and what was done; undefined if it adds no C that the operators can do something to. */
export function mutatedCode(
  mail: string,
  random: Random,
): { readonly text: string; readonly how: readonly string[] } | undefined {
  const files = shownBy(mail);
  if (files.length === 0) return undefined;
  // The largest text is where the functions are.
  const [largest] = files.toSorted((a, b) => b.text.length - a.text.length);
  const file = random.chance(0.8) ? largest! : random.pick(files);
  const source = sourceOf(file.text);
  const wanted = random.pick([1, 1, 1, 1, 2, 2, 3, 5]);
  const how: string[] = [];
  const edits: Edit[] = [];
  for (let tries = 0; tries < 40 && how.length < wanted; tries++) {
    const name = random.pick(names);
    const free = (edit: Edit) =>
      file.canTake(edit) && edits.every(({ start, end }) => edit.start > end || edit.end < start);
    const changes = [...table[name]!(source, random)].filter((each) => each.edits.length > 0 && each.edits.every(free));
    if (changes.length === 0) continue;
    const chosen = random.pick(changes);
    edits.push(...chosen.edits);
    how.push(`${name}: ${chosen.words.slice(0, 100)}`);
  }
  return how.length === 0 ? undefined : { text: file.edited(edits), how };
}
