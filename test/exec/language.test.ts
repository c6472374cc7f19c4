import { describe, expect, test } from "vitest";
import { run } from "./run.ts";

describe("the language", () => {
  test.each([
    ["statement expression", "({ int a = 3; a * 2; }) + 1", 7],
    ["condition without a middle", "(0 ?: 5) + (3 ?: 5)", 8],
    ["min_t() casts first", "min_t(u8, 300, 45)", 44],
    ["max3()", "max3(1, 7, 5)", 7],
    ["min_not_zero()", "min_not_zero(0, 9) + min_not_zero(4, 9)", 13],
    ["clamp()", "clamp(15, 1, 10) * 100 + clamp_t(int, -5, 1, 10)", 1001],
    ["round_up(), round_down()", "round_up(13, 8) * 100 + round_down(13, 8)", 1608],
    ["ALIGN(), IS_ALIGNED()", "ALIGN(5000, 4096) + IS_ALIGNED(1024, 512) + IS_ALIGNED(1000, 512)", 8193],
    ["DIV_ROUND_UP()", "DIV_ROUND_UP(1000, 512)", 2],
    ["BIT(), GENMASK()", "BIT(4) + GENMASK(3, 1)", 30],
    ["upper_32_bits(), lower_32_bits()", "upper_32_bits(0x500000007ULL) * 10 + lower_32_bits(0x500000007ULL)", 57],
    ["little endian", "le16_to_cpu(cpu_to_le16(0x1234))", 0x1234],
    ["big endian", "cpu_to_be16(0x1234)", 0x3412],
    ["likely()", "likely(5) + unlikely(0)", 1],
    ["PAGE_SIZE", "PAGE_SIZE + PAGE_SHIFT", 4108],
    ["ilog2()", "ilog2(4096) + is_power_of_2(64)", 13],
    ["array_size() is cut off at SIZE_MAX", "array_size(SIZE_MAX, 2) == SIZE_MAX", 1],
    ["a cast, not a call", "(int)(3) + (u8)-1", 258],
    ["a name in parentheses, not a cast", "(len) - 3 * 2 + (len) * 2 + (len) & 0xff", 34],
    ["sizeof of an expression", "sizeof(len + 1L) * 10 + sizeof(len)", 84],
    ["typeof", "({ typeof(len) x = 300; typeof(&x) p = &x; *p; })", 300],
    ["comma", "(len++, len * 2)", 22],
    ["swap()", "({ int a = 1, b = 2; swap(a, b); a * 10 + b; })", 21],
    ["do_div()", "({ u64 n = 1000; u32 r = do_div(n, 7); n * 10 + r; })", 1426],
    ["check_add_overflow()", "({ u8 r; check_add_overflow(200, 100, &r) * 1000 + r; })", 1044],
    ["a string", `"abc"[1] + sizeof("abcd")`, 103],
    ["characters", String.raw`'\n' + '\x41' + '\0'`, 75],
    ["IS_ENABLED()", "IS_ENABLED(CONFIG_BLK_DEV_ZONED) * 10 + IS_ENABLED(CONFIG_KASAN)", 10],
  ])("%s", (_, expression, value) => {
    expect(run(`u64 f(void) { int len = 10; return ${expression}; }`)).toMatchObject({ result: value, faults: [] });
  });

  test("page size and data model are inputs", () => {
    expect(
      run("u64 f(void) { return PAGE_SIZE * 10 + sizeof(long); }", [], { platform: { pageSize: 65536 } }).result,
    ).toBe(655368);
  });

  test("macros of the series, like functions and like objects", () => {
    const source = `
#define CHUNK (4 * UNIT) /* bytes */
#define UNIT 8
#define PICK(a, b, ...) PICK_##a(b, ##__VA_ARGS__)
#define PICK_first(x, ...) ((x) * 100)
#define loop_over(i, n) \\
	for ((i) = 0; (i) < (n); (i)++)
#define TEXT(x) #x
#define SELF SELF + 1
int f(void) {
	int i, s = 0, SELF_ = 0;
	loop_over(i, 3) {
		s += i;
	}
	return CHUNK + PICK(first, 2, 9) + s + sizeof(TEXT(a + b));
}`;
    expect(run(source)).toMatchObject({ result: 241, faults: [] });
  });

  test("conditional code follows the configuration", () => {
    const source = `
#ifdef CONFIG_DEBUG_COPY
int g(void) { return 1; }
#else
int g(void) { return 2; }
#endif
int f(void) {
	int r = g();
#if defined(CONFIG_COPY) && !defined(CONFIG_DEBUG_COPY)
	r += 10;
#else
	r += 20;
#endif
	return r;
}`;
    expect(run(source).result).toBe(12);
  });

  test("iterators of lists", () => {
    const source = `
struct item { int v; struct list_head node; };
int f(void)
{
	LIST_HEAD(all);
	struct item a = { .v = 1 }, b = { .v = 2 }, *pos, *next;
	int s = 0;

	list_add_tail(&a.node, &all);
	list_add_tail(&b.node, &all);
	list_for_each_entry(pos, &all, node)
		s = s * 10 + pos->v;
	list_for_each_entry_safe(pos, next, &all, node) {
		list_del(&pos->node);
	}
	return s * 10 + list_empty(&all);
}`;
    expect(run(source)).toMatchObject({ result: 121, faults: [] });
  });

  test("gotos, into blocks and out of loops", () => {
    const source = `
int f(int n)
{
	int s = 0, i;

	if (n == 1)
		goto inside;
	for (i = 0; i < 10; i++) {
		if (i == 3)
			goto out;
		s += i;
		continue;
inside:
		s = 100;
		i = 9;
	}
out:
	return s;
}`;
    expect([run(source, [0]).result, run(source, [1]).result]).toEqual([3, 100]);
  });

  test("file-scope variables, enumerations and tables of functions", () => {
    const source = `
enum { FIRST = 3, SECOND, THIRD = 1 << 4 };
static int twice(int v) { return 2 * v; }
static int thrice(int v) { return 3 * v; }
struct ops { int (*run)(int); int id; };
static const struct ops all[] = { { .run = twice, .id = SECOND }, { thrice, THIRD }, };
int f(void)
{
	int i, s = 0;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		s = s * 100 + all[i].run(all[i].id);
	return s;
}`;
    expect(run(source)).toMatchObject({ result: 848, faults: [] });
  });

  test("a static variable keeps its value, in this run only", () => {
    const source = "static int g(void) { static int n = 5; return n++; }\nint f(void) { g(); return g(); }";
    expect([run(source).result, run(source).result]).toEqual([6, 6]);
  });

  test("a function that the series shows goes before one that is bound", () => {
    const options = { functions: { g: () => 1, h: () => 5 }, types: "int g(void); int h(void);" };
    expect(run("int g(void) { return 2; }\nint f(void) { return g() * 10 + h(); }", [], options).result).toBe(25);
  });
});
