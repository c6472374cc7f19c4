import { describe, expect, test } from "vitest";
import { Program } from "../../src/exec/program.ts";
import { ILP32 } from "../../src/exec/type.ts";
import { parseIsland } from "../../src/syntax/ctree.ts";
import { run } from "./run.ts";

const box = "struct box { int a; struct box *next; long n[3]; };\n";

describe("memory", () => {
  test.each([
    ["null dereference", "int f(void) {\nstruct box *p = NULL;\nreturn p->a;\n}", "4: null dereference: a"],
    ["a member of NULL", "long *f(void) {\nstruct box *p = NULL;\nreturn &p->n[1];\n}", undefined],
    ["an error pointer", "int f(void) {\nstruct box *p = ERR_PTR(-ENOMEM);\nreturn p->a;\n}", "4: wild pointer: a"],
    [
      "behind an array",
      "long f(void) {\nstruct box b = { 0 };\nint i = 3;\nreturn b.n[i];\n}",
      "5: out of bounds: n[] at byte 40 of b, which has 40",
    ],
    [
      "freed memory",
      "int f(void) {\nstruct box *p = kzalloc(sizeof(*p), GFP_KERNEL);\nkfree(p);\nreturn p->a;\n}",
      "5: use after free: kzalloc()",
    ],
    [
      "freed twice",
      "void f(void) {\nvoid *p = kzalloc(8, GFP_KERNEL);\nkfree(p);\nkfree(p);\n}",
      "5: double free: kzalloc()",
    ],
    ["free of a variable", "void f(void) {\nint v;\nkfree(&v);\n}", "4: invalid free: v"],
    [
      "free inside",
      "void f(void) {\nchar *p = kzalloc(8, GFP_KERNEL);\nkfree(p + 4);\n}",
      "4: invalid free: kzalloc()",
    ],
    ["free of NULL", "void f(void) {\nkfree(NULL);\n}", undefined],
    [
      "a variable that is gone",
      "static int *g(void) {\nint v = 3;\nreturn &v;\n}\nint f(void) {\nreturn *g();\n}",
      "7: use after scope: v",
    ],
    [
      "a variable of a block that is over",
      "int f(void) {\nint *p;\n{\nint v = 3;\np = &v;\n}\nreturn *p;\n}",
      "8: use after scope: v",
    ],
    [
      "uninitialised condition",
      "int f(void) {\nint v;\nif (v)\nreturn 1;\nreturn 2;\n}",
      "4: uninitialised value: a condition",
    ],
    [
      "uninitialised argument",
      "void f(void) {\nlong n;\nkzalloc(n + 1, GFP_KERNEL);\n}",
      "4: uninitialised value: argument 1",
    ],
    [
      "uninitialised heap",
      "int f(void) {\nstruct box *p = kmalloc(sizeof(*p), GFP_KERNEL);\nif (p->a == 2)\nreturn 1;\nkfree(p);\nreturn 0;\n}",
      "4: uninitialised value: a condition",
    ],
    [
      "uninitialised pointer",
      "int f(void) {\nstruct box *p = kmalloc(sizeof(*p), GFP_KERNEL);\nreturn p->next->a;\n}",
      "4: uninitialised value: the pointer to a",
    ],
    [
      "an uninitialised value that nobody looks at",
      "int f(void) {\nint a, b;\na = b;\nb = a + 1;\nreturn 0;\n}",
      undefined,
    ],
    ["division by zero", "int f(void) {\nint z = 0;\nreturn 5 / z;\n}", "4: division by zero: the divisor"],
    [
      "a shift too far",
      "int f(void) {\nint n = 32;\nreturn 1 << n;\n}",
      "4: undefined shift: shift by 32 of a value of 32 bits",
    ],
    ["BUG_ON()", "int f(void) {\nBUG_ON(1);\nreturn 0;\n}", "3: bug: BUG_ON()"],
    ["WARN_ON()", "int f(void) {\nif (WARN_ON_ONCE(1))\nreturn 1;\nreturn 0;\n}", "3: warning: WARN_ON_ONCE()"],
    [
      "memcpy() beyond",
      "void f(void) {\nchar a[4] = { 0 };\nlong b = 1;\nmemcpy(a, &b, sizeof(b));\n}",
      "5: out of bounds: the destination at byte 0 of a, which has 4",
    ],
    ["call of NULL", "void f(void) {\nvoid (*g)(void) = NULL;\ng();\n}", "4: null dereference: call through a pointer"],
  ])("%s", (_, source, fault) => {
    expect(run(box + source).faults).toEqual(fault === undefined ? [] : [fault]);
  });

  test("freed memory is read on, NULL is not", () => {
    const freed = run(`${box}int f(void) { struct box *p = kzalloc(sizeof(*p), 0); p->a = 7; kfree(p); return p->a; }`);
    expect(freed.result).toBe(7);
    const none = run(`${box}int f(void) { struct box *p = NULL; p->a = 1; return 7; }`);
    expect(none.result).toBe("faulted: null dereference");
  });

  test("error pointers", () => {
    const source = `long f(int which) {
      void *p = which == 0 ? ERR_PTR(-EINVAL) : which == 1 ? NULL : kzalloc(1, GFP_KERNEL);
      return IS_ERR(p) * 1000 + IS_ERR_OR_NULL(p) * 100 + PTR_ERR_OR_ZERO(p);
    }`;
    expect([0, 1, 2].map((which) => run(source, [which]).result)).toEqual([1078, 100, 0]);
    expect(run(source, [0], { platform: { model: ILP32 } }).result).toBe(1078);
  });

  test("container_of() finds its way back, also through an integer", () => {
    const source = `${box}int f(void) {
      struct box b = { .a = 42 };
      struct box *whole = container_of(&b.n[1], struct box, n[1]);
      unsigned long bits = (unsigned long)&b.next;
      return whole->a + container_of((struct box **)bits, struct box, next)->a;
    }`;
    expect(run(source)).toMatchObject({ result: 84, faults: [] });
  });

  test("a union is read again in another type, little endian", () => {
    const source = `union u { u32 word; u8 bytes[4]; u16 halves[2]; struct { u8 low:4, high:4; }; };
      u64 f(void) {
        union u u = { .word = 0x12345678 };
        u64 sum = u.bytes[0] * 1000000ULL + u.halves[1];
        u.bytes[3] = 0xff;
        return sum * 0x100000000ULL + u.word + u.low + u.high;
      }`;
    expect(run(source).result).toBe((0x78n * 1000000n + 0x1234n) * 0x100000000n + 0xff345678n + 8n + 7n);
  });

  test("a pointer survives memcpy(), byte by byte too", () => {
    const source = `int f(void) {
      int v = 5; int *p = &v; int *q; char *from = (char *)&p, *to = (char *)&q; int i;
      for (i = 0; i < sizeof(p); i++)
        to[i] = from[i];
      return *q;
    }`;
    expect(run(source)).toMatchObject({ result: 5, faults: [] });
  });

  test("a flexible array has the room that was allocated", () => {
    const source = `struct list { int count; u64 items[]; };
      u64 f(int n) {
        struct list *l = kzalloc(struct_size(l, items, 4), GFP_KERNEL);
        l->items[n] = 9;
        return sizeof(*l) + l->items[n];
      }`;
    expect(run(source, [3]).result).toBe(17);
    expect(run(source, [4]).faults).toEqual(["4: out of bounds: items[] at byte 40 of kzalloc(), which has 40"]);
  });

  test("each pass of a loop has a variable of its own", () => {
    const source = `int f(void) { int *p[2]; for (int i = 0; i < 2; i++) { int v = i; p[i] = &v; } return p[0] == p[1]; }`;
    expect(run(source).result).toBe(0);
  });

  test("members that a series adds to a structure of the kernel come behind the others", () => {
    const added = { patch: 0, line: 1, patchLine: 1 };
    const lines = ["\tu32 added;", "};"].map((text, i) => ({ number: 40 + i, text, added, shown: added }));
    const program = new Program({
      trees: [parseIsland("limits.h", { lines, section: "struct limits {" })],
      bindings: { functions: new Map(), constants: new Map(), types: "struct limits { u64 known; };" },
    });
    expect(program.member("struct limits", "added")?.offset).toBe(8);
    expect(program.member("struct limits", "known")?.offset).toBe(0);
    expect(program.member("struct limits", "other")).toBe(undefined);
  });
});
