import { describe, expect, test } from "vitest";
import { SERIES_STEPS } from "../../src/exec/purse.ts";
import type { Mail } from "../reviewing.ts";
import { engineMail, execute } from "./engines.ts";

/** The smallest engine, with something in front of it and at the start of its call. */
const engineWith = (code: string, before = ""): Mail =>
  engineMail("chained.c", (text) =>
    text.replace("\tif (!limit)\n", () => `\t${code}\n\tif (!limit)\n`).replace("\n/*\n", () => `\n${before}\n/*\n`),
  );

const repeat = (n: number, each: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => each(i)).join("\n");
const around = (n: number, open: string, inner: string, close: string): string =>
  open.repeat(n) + inner + close.repeat(n);
const doubling = repeat(24, (i) => (i === 0 ? "#define M0 1" : `#define M${i} (M${i - 1} + M${i - 1})`));

/** What a stranger may have put there: what is said of it, its code, and what stands before the function. */
const attacks: readonly (readonly [name: string, why: RegExp, code: string, before?: string])[] = [
  ["recursion without end", /nested too deeply/, "blkdev_copy_range(bdev, src, dst, nr_sects, gfp);"],
  [
    "recursion that branches",
    /takes more than 20000 steps/,
    "limit += fib(30) & 0;",
    "static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }",
  ],
  [
    "calls that double",
    /takes more than 20000 steps/,
    "limit += f39(1) & 0;",
    repeat(40, (i) => `static int f${i}(int n) { return ${i === 0 ? "n" : `f${i - 1}(n) + f${i - 1}(n)`}; }`),
  ],
  ["an allocation without bounds", /takes more|needs more/, "for (;;) kmalloc(1UL << 40, gfp);"],
  ["objects without end", /allocates without end/, "for (;;) kmalloc(64, gfp);"],
  [
    "work without end",
    /takes more|queues work without end/,
    "for (;;) { struct work_struct *w = kzalloc(sizeof(*w), gfp); schedule_work(w); }",
  ],
  ["a long count", /takes more than 20000 steps/, "for (u64 i = 0; i < 1ULL << 40; i++) limit += 0;"],
  [
    "loops in loops",
    /takes more|nested too deeply/,
    `${repeat(30, (i) => `for (int i${i} = 0; i${i} < 3; i${i}++)`)} ;`,
  ],
  [
    "a long wait for what the kernel changes",
    /others than the run/,
    "while (!READ_ONCE(ready)) cpu_relax();",
    "extern int ready;",
  ],
  ["a wait for a moment", /others than the run/, "while (jiffies < 10UL) cpu_relax();"],
  [
    "a large memset",
    /takes more than 20000 steps/,
    "{ char *p = kmalloc(1 << 26, gfp); if (p) memset(p, 7, 1 << 26); }",
  ],
  [
    "a long list",
    /takes more than 20000 steps/,
    `for (int i = 0; i < 20; i++) { int t[] = { ${"1, ".repeat(2_000)} }; limit += t[i] & 0; }`,
  ],
  ["macros that double", /macros expand to too much/, "limit += M23 & 0;", doubling],
  ["arguments that double", /macros/, `limit += ${around(40, "D(", "1", ")")} & 0;`, "#define D(x) ((x) + (x))"],
  [
    "strings that double",
    /macros make tokens that are too long/,
    `limit += sizeof(${around(40, "T(", '"\\\\"', ")")}) & 0;`,
    "#define S(x) #x\n#define T(x) S(x)",
  ],
  [
    "names that double",
    /macros make tokens that are too long/,
    `int ${around(40, "Q(", "a", ")")};`,
    "#define P(x) x##x\n#define Q(x) P(x)",
  ],
  ["a long chain of calls", /too long/, `limit += ${"bdev_copy_limit(bdev) * 0 + ".repeat(600)}0;`],
  ["parentheses", /nested too deeply/, `limit += ${around(300, "(", "0", ")")};`],
  ["casts", /nested too deeply/, `limit += ${"(int)".repeat(300)}0;`],
  ["a function that nothing shows", /unheard_of\(\) is not shown/, "unheard_of(bdev);"],
];

describe("what is written to be long", () => {
  test.each(attacks.map(([name, why, code, before = ""]) => ({ name, why, code, before })))(
    "$name: it is said that the function is not executed, and why",
    async ({ why, code, before }) => {
      const { violations, notExecuted, steps } = await execute([engineWith(code, before)]);
      expect(violations.filter(({ property }) => property !== "never-freed")).toEqual([]);
      expect(notExecuted.find((each) => each.function === "blkdev_copy_range")?.why).toMatch(why);
      // What ends at a limit each time is given up soon.
      expect(steps).toBeLessThan(SERIES_STEPS / 2);
    },
  );

  test("a pointer made of a number is a fault, and no more", async () => {
    const { violations } = await execute([engineWith("*(volatile long *)0x1234567890 = 1;")], 200);
    expect([...new Set(violations.map(({ property }) => property))]).toEqual(["wrong-pointer"]);
  });

  test("the runs of a series are paid from one purse, and what is left out for want of steps is said", async () => {
    const slow = "for (int i = 0; i < 1500; i++) atomic_inc(&seen);";
    const { executed, notExecuted, steps } = await execute([engineWith(slow, "static atomic_t seen;")]);
    expect(executed.map((each) => each.function)).toContain("blkdev_copy_range");
    expect(notExecuted.map(({ why }) => why).join()).toMatch(/in some runs the series' budget of steps is used up/);
    expect(steps).toBeLessThanOrEqual(SERIES_STEPS);
  });
});

describe("what the mutation job found", () => {
  test("of a series with very many functions that copy some are called, and for few steps", async () => {
    const mail = engineMail("emulation.c", (text) => {
      const at = text.lastIndexOf("\n/*");
      return (
        text.slice(0, at) + repeat(30, (i) => text.slice(at).replaceAll("blkdev_copy_emulate", `blkdev_copy_${i}`))
      );
    });
    const { executed, notExecuted, steps } = await execute([mail]);
    expect(executed.length).toBeGreaterThan(0);
    expect(notExecuted.filter(({ why }) => /more than 24 functions that copy/.test(why))).toHaveLength(6);
    expect(steps).toBeLessThan(SERIES_STEPS / 3);
  });

  test("macros that hold each other a thousand deep are refused for their depth", async () => {
    const deep = repeat(1_000, (i) => (i === 0 ? "#define D0 1" : `#define D${i} D${i - 1} D${i - 1}`));
    const { notExecuted } = await execute([engineWith("limit += D999;", deep)]);
    expect(notExecuted.find((each) => each.function === "blkdev_copy_range")?.why).toMatch(
      /macros are nested too deeply/,
    );
  });

  test("a structure that holds itself has an end", async () => {
    const mail = engineMail("others/job.c", (text) =>
      text.replace(/(\nstruct cpd_client \{\n)/, "$1\tstruct cpd_client self;\n"),
    );
    const { executed, notExecuted } = await execute([mail], 30);
    expect(executed.length + notExecuted.length).toBeGreaterThan(0);
  });

  test("a setter of a limit that waits: nothing is known of it, and the function is called as without", async () => {
    const setter = (wait: string) =>
      `void blk_queue_max_copy(struct request_queue *q, unsigned int most) { ${wait} q->limits.max_copy_sectors = most; }`;
    const alone = await execute([engineWith("", setter(""))], 30);
    const waiting = await execute([engineWith("", setter("set_current_state(2); schedule();"))], 30);
    expect(waiting.executed).toEqual(alone.executed);
    expect(waiting.notExecuted).toEqual(alone.notExecuted);
  });

  test("a page for a bio that nobody has made ready ends the run", async () => {
    const mail = engineMail("others/worker.c", (text) => text.replace(/\tbio_init\([^;]*;\n/, ""));
    const { executed, notExecuted } = await execute([mail], 30);
    expect(executed.length + notExecuted.length).toBeGreaterThan(0);
  });
});

describe("loops that change nothing", () => {
  const endless = async (code: string, before?: string) =>
    (await execute([engineWith(code, before)], 200)).violations.filter(({ property }) => property === "waits-for-ever");

  test.each([
    ["an empty one", "for (;;) ;"],
    ["one that looks at what it alone has", "while (limit) len = 1;"],
    ["one around others", "for (;;) for (int i = 0; i < 3; i++) len = i;"],
    ["one that polls", "{ atomic_t a; atomic_set(&a, 1); while (atomic_read(&a)) cpu_relax(); }"],
    ["one that sleeps for a while", "{ atomic_t a; atomic_set(&a, 1); while (atomic_read(&a)) msleep(1); }"],
    [
      "one that takes a lock each time",
      "{ spinlock_t l; int stop = 0; spin_lock_init(&l); for (;;) { spin_lock(&l); if (stop) break; spin_unlock(&l); } }",
    ],
    ["a list that leads to itself", "{ struct list_head h, *p; INIT_LIST_HEAD(&h); for (p = &h; p; p = p->next) ; }"],
  ])("%s never returns, and that is said", async (_, code) => {
    const found = await endless(code);
    expect(found.map(({ kind, confidence }) => `${kind}, ${confidence}`)).toEqual(["goes round, high"]);
    // Nobody reads a thousand rounds.
    expect(found[0]!.trace.steps.length).toBeLessThan(60);
  });

  test.each([
    ["counts", "for (int i = 0; i < 200; i++) len = 1;"],
    ["walks a list", "{ struct list_head h, *p; INIT_LIST_HEAD(&h); for (p = h.next; p != &h; p = p->next) ; }"],
    [
      "waits for another, who comes",
      "{ wait.done = 0; INIT_WORK(&wait.work, wait_fn); schedule_work(&wait.work); while (!READ_ONCE(wait.done)) cpu_relax(); }",
    ],
    [
      "waits for another under a lock",
      "{ wait.done = 0; INIT_WORK(&wait.work, wait_fn); schedule_work(&wait.work); while (!READ_ONCE(wait.done)) msleep(1); }",
    ],
  ])("one that %s comes to its end", async (_, code) => {
    const helper =
      "static struct { struct work_struct work; int done; } wait;\nstatic void wait_fn(struct work_struct *w) { WRITE_ONCE(wait.done, 1); }";
    const { executed, notExecuted, violations } = await execute([engineWith(code, helper)], 200);
    expect(violations.filter(({ property }) => property === "waits-for-ever")).toEqual([]);
    expect(notExecuted.filter((each) => each.function === "blkdev_copy_range")).toEqual([]);
    expect(executed.find((each) => each.function === "blkdev_copy_range")!.runs).toBeGreaterThan(10);
  });
});
