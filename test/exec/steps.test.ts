import { describe, expect, test } from "vitest";
import { Machine } from "../../src/exec/machine.ts";
import type { Value } from "../../src/exec/value.ts";
import type { Thread } from "../../src/model/kernel-objects.ts";
import { programOf, run } from "./run.ts";

const count = "struct count { int n; int *p; u32 bit:1; };\n";

describe("steps that others can see", () => {
  test.each([
    ["variables of its own", "int f(void) { int i, s = 0; for (i = 0; i < 3; i++) s += i; return s; }", []],
    ["a structure of its own", `${count}int f(void) { struct count c = { 1 }; c.n++; return c.n; }`, []],
    ["an array of its own", "int f(void) { int a[2]; a[0] = 1; return a[0]; }", []],
    ["a load and a store", `${count}void f(struct count *c) { c->n += 1; }`, ["n", "n"]],
    ["a load", `${count}int f(struct count *c) { return c->n; }`, ["n"]],
    ["through two pointers", `${count}int f(struct count *c) { return *c->p; }`, ["p", "p"]],
    [
      "READ_ONCE() and WRITE_ONCE()",
      `${count}void f(struct count *c) { WRITE_ONCE(c->n, READ_ONCE(c->n) + 1); }`,
      ["n", "n"],
    ],
    ["xchg() is one", `${count}int f(struct count *c) { return xchg(&c->n, 5); }`, ["n"]],
    ["cmpxchg() is one", `${count}int f(struct count *c) { return cmpxchg(&c->n, 0, 5); }`, ["n"]],
    ["a variable whose address is taken", "int f(void) { int v = 1; int *p = &v; v = 2; return 0; }", ["v"]],
    ["a static variable", "static int s; int f(void) { s = 1; return s; }", ["s", "s"]],
    ["what && does not reach", `${count}int f(struct count *c) { return 0 && c->n; }`, []],
  ])("%s", (_, source, pauses) => {
    const types = "extern struct count *the_count(void);";
    const ran = run(
      source.replace(
        "(struct count *c) {",
        "(void) { static int i; static struct count k; struct count *c = &k; k.p = &i;",
      ),
      [],
      {
        types,
      },
    );
    // Setting the pointer up is a step too.
    const own = source.includes("(struct count *c)") ? ran.pauses.slice(1) : ran.pauses;
    expect(ran.faults).toEqual([]);
    expect(own.map((name) => String(name).replace(/^\*$/, "p"))).toEqual(pauses);
  });

  test("two threads lose an update when one stops between its load and its store", () => {
    const program = programOf("static int n; void add(void) { n++; } int get(void) { return n; }");
    const machine = new Machine(program);
    const [a, b] = [machine.run("add", []), machine.run("add", [])];
    a.next();
    a.next();
    const finish = (thread: Thread<unknown>) => {
      for (;;) {
        const step = thread.next();
        if (step.done === true) return step.value;
      }
    };
    finish(b);
    finish(a);
    expect(finish(machine.run("get", []))).toEqual({ kind: "returned", value: 1 });
  });

  test("a binding may pause, call back and be called through a pointer", () => {
    const pauses: unknown[] = [];
    const source = `static int done(int v, void *priv) { *(int *)priv = v; return v * 2; }
      int f(void) { int got = 0; int (*g)(int (*)(int, void *), void *) = later; int r = g(done, &got); return r * 100 + got; }`;
    const ran = run(source, [], {
      types: "int later(int (*fn)(int, void *), void *priv);",
      functions: {
        *later(machine, [fn, priv], at): Thread<Value> {
          yield "queue";
          return yield* machine.call(fn!, [21, priv!], at);
        },
      },
    });
    pauses.push(...ran.pauses);
    expect(ran.result).toBe(4221);
    expect(pauses).toContain("queue");
  });

  test("an equal state has an equal key, another has another", () => {
    const program = programOf("static int n; void set(int v) { n = v; }");
    const keyAfter = (...values: number[]) => {
      const machine = new Machine(program);
      for (const value of values) for (const _ of machine.run("set", [value]));
      return machine.heap.key();
    };
    expect(keyAfter(1, 2)).toBe(keyAfter(3, 2));
    expect(keyAfter(1)).not.toBe(keyAfter(2));
  });
});
