import { describe, expect, test } from "vitest";
import { run } from "./run.ts";

describe("what is not executed", () => {
  test.each([
    ["an unknown function", "int f(void) { return helper(3); }", "helper() is not shown"],
    ["an unknown name", "int f(void) { return LIMIT; }", "LIMIT is not shown"],
    ["an unknown type", "int f(void) { struct thing t; return 0; }", "struct thing is not shown"],
    ["an unknown typedef", "int f(void) { thing_t t; return 0; }", "type thing_t is not shown"],
    [
      "an unknown member",
      "struct s { int a; };\nint f(struct s *s) { return s->b; }",
      "member b of struct s is not shown",
    ],
    [
      "an unknown iterator",
      "int f(void) { int i; for_each_thing(i, 3) { } return 0; }",
      "for_each_thing() is not shown",
    ],
    ["assembler", `int f(void) { asm volatile("nop"); return 0; }`, "assembler"],
    ["floating point", "int f(void) { double d = 1; return d; }", "double is not executed"],
    ["a clean-up attribute", "int f(void) { int *p __free(kfree) = NULL; return 0; }", "__free(kfree) is not shown"],
    ["a function that is cut off", "int f(void) { return 0;", "it is cut off"],
    ["a label that is missing", "int f(void) { goto out; return 0; }", "label out is not shown"],
  ])("%s", (_, source, why) => {
    expect(run(source)).toMatchObject({ result: `not executed: ${why}`, faults: [] });
  });

  test("only where it is reached", () => {
    const source =
      "int f(int n) { if (n) { return helper(n); } switch (n) { case 0: return 7; case 1: return LIMIT; } return 1; }";
    expect(run(source, [0]).result).toBe(7);
    expect(run(source, [1]).result).toBe("not executed: helper() is not shown");
  });
});

describe("hostile code ends", () => {
  test.each([
    ["a loop without an end", "int f(void) { for (;;) ; }", /goes round and round/],
    ["a goto without an end", "int f(void) { again: goto again; }", /goes round and round/],
    ["recursion", "int f(void) { return f() + 1; }", /nested too deeply/],
    ["recursion through a pointer", "int f(void) { int (*g)(void) = f; return g(); }", /nested too deeply/],
    ["allocations", "int f(void) { for (;;) kmalloc(1 << 20, GFP_KERNEL); }", /bytes/],
    ["one allocation", "int f(void) { return !kmalloc(1ULL << 40, GFP_KERNEL); }", /bytes/],
    ["a large variable", "int f(void) { char a[1 << 27]; return a[5] = 1; }", /bytes/],
    ["variables in a loop", "int f(void) { for (;;) { char a[4096]; a[0] = 1; } }", /steps|bytes/],
    [
      "memset() again and again",
      "char a[65536]; int f(void) { for (;;) memset(a, 1, sizeof(a)); }",
      /goes round and round/,
    ],
    [
      "other memset() again and again",
      "char a[65536]; int f(void) { for (int i = 0; ; i++) memset(a, i, sizeof(a)); }",
      /steps/,
    ],
    ["parentheses", `int f(void) { return ${"(".repeat(5000)}1${")".repeat(5000)}; }`, /nested too deeply/],
    ["blocks", `int f(void) { ${"{".repeat(5000)}${"}".repeat(5000)} for (;;) ; }`, /nested too deeply|steps/],
    ["operators", `int f(void) { return ${"!".repeat(20000)}1; }`, /nested too deeply/],
    ["assignments", `int f(void) { int a; return ${"a = ".repeat(400)}1; }`, /nested too deeply/],
    ["a long sum", `int f(int v) { return v${" + v".repeat(500)}; }`, /too long/],
    [
      "macros that double",
      `${Array.from({ length: 40 }, (_, i) => `#define M${i + 1} M${i} + M${i}`).join("\n")}\n#define M0 1\nint f(void) { return M40; }`,
      /macros expand to too much/,
    ],
    [
      "macros with arguments that double",
      `#define D(x) x x\nint f(void) { return ${"D(".repeat(40)}+ 1${")".repeat(40)}; }`,
      /macros/,
    ],
    [
      "a long chain of calls",
      `${Array.from({ length: 3000 }, (_, i) => `static int g${i}(void) { return g${i + 1}(); }`).join("\n")}\nstatic int g3000(void) { return 1; }\nint f(void) { return g0(); }`,
      /nested too deeply/,
    ],
    ["an array of a huge length", "int a[1ULL << 60]; int f(void) { return a[3]; }", /not shown|length|bytes/],
    ["a designator far out", "int f(void) { int a[] = { [999999999] = 1 }; return a[0]; }", /index/],
    ["an enumeration in itself", "enum e { A = B, B = A }; int f(void) { return A; }", /not shown/],
    ["a typedef of itself", "typedef t t; int f(void) { t v = 1; return v; }", /not shown/],
    ["a structure in itself", "struct s { struct s s; int a; }; int f(void) { struct s v = { }; return v.a; }", /.*/],
  ])("%s", (_, source, why) => {
    const { result } = run(source, [1]);
    expect(typeof result === "string" ? result : "0").toMatch(result === 0 ? /0/ : why);
  });
});
