import fc from "fast-check";
import { expect, test } from "vitest";
import { kernelBindings } from "../../src/exec/kernel/bindings.ts";
import { Machine } from "../../src/exec/machine.ts";
import { Program, treeOf } from "../../src/exec/program.ts";

const bindings = kernelBindings(new Map());

/** What `f` of the source returns, on top of the kernel table; faults and ends in words. */
function call(source: string, args: readonly number[] = []): unknown {
  const machine = new Machine(new Program({ trees: [treeOf("a.c", source)], bindings }), {}, { steps: 1_000_000 });
  const thread = machine.run("f", args);
  let step = thread.next();
  while (step.done !== true) step = thread.next();
  if (machine.faults.length > 0) return machine.faults.map(({ kind, what }) => `${kind}: ${what}`);
  return step.value.kind === "returned" ? step.value.value : step.value;
}

const program = (source: string) => new Program({ trees: [treeOf("a.c", source)], bindings });

/** Calls `f` of one program again and again. */
function caller(source: string): (...args: number[]) => unknown {
  const made = program(source);
  return (...args) => {
    const thread = new Machine(made, {}, { steps: 1_000_000 }).run("f", args);
    let step = thread.next();
    while (step.done !== true) step = thread.next();
    return step.value.kind === "returned" ? step.value.value : step.value;
  };
}

const number = fc.integer({ min: 1, max: 2 ** 40 });
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

test("powers of two and divisors are what arithmetic says", () => {
  const order = caller("unsigned int f(u64 n) { return order_base_2(n); }");
  const pages = caller("int f(u64 n) { return get_order(n); }");
  const common = caller("unsigned long f(u32 a, u32 b) { return gcd(a, b); }");
  const multiple = caller("unsigned long f(u32 a, u32 b) { return lcm_not_zero(a, b); }");
  const root = caller("unsigned long f(u32 n) { return int_sqrt(n); }");
  const small = fc.integer({ min: 1, max: 20_000 });
  fc.assert(
    fc.property(number, small, small, (n, a, b) => {
      expect(order(n)).toBe(Math.ceil(Math.log2(n)));
      expect(pages(a * 4096 + b)).toBe(Math.ceil(Math.log2(Math.ceil((a * 4096 + b) / 4096))));
      expect(common(a, b)).toBe(gcd(a, b));
      expect(multiple(a, b)).toBe((a * b) / gcd(a, b));
      expect(root(a)).toBe(Math.floor(Math.sqrt(a)));
    }),
    { numRuns: 60 },
  );
  expect([multiple(0, 7), multiple(7, 0), multiple(0, 0)]).toEqual([7, 7, 0]);
});

test("a walk over the segments of a bio meets every byte once, in order, and never more than a page", () => {
  const source = (lengths: readonly number[], skip: number) => `
struct page pages[64];
struct bio_vec table[${lengths.length}] = { ${lengths.map((l, i) => `{ pages + ${i * 4}, ${l}, ${(i * 512) % 4096} }`).join(", ")} };
u64 f(void)
{
	struct bio bio = { .bi_io_vec = table, .bi_vcnt = ${lengths.length} };
	struct bvec_iter iter;
	struct bio_vec bv;
	u64 bytes = 0, odd = 0;

	bio.bi_iter.bi_size = ${lengths.reduce((a, b) => a + b, 0)};
	bio_advance(&bio, ${skip});
	bio_for_each_segment(bv, &bio, iter) {
		if (!bv.bv_len || bv.bv_offset + bv.bv_len > PAGE_SIZE)
			odd++;
		bytes += bv.bv_len;
	}
	return bytes | odd << 32 | (u64)(bio.bi_iter.bi_sector != ${Math.floor(skip / 512)}) << 48;
}`;
  const lengths = fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(lengths, fc.nat(), (blocks, at) => {
      const bytes = blocks.map((n) => n * 512);
      const total = bytes.reduce((a, b) => a + b, 0);
      const skip = (at % (total / 512)) * 512;
      expect(call(source(bytes, skip))).toBe(total - skip);
    }),
    { numRuns: 40 },
  );
});

test("lists of bios give them back in their order", () => {
  const source = (moves: readonly number[]) => `
static struct bio bios[16];
u64 f(void)
{
	struct bio_list list = BIO_EMPTY_LIST, other;
	struct bio *bio;
	u64 order = 0;
	int n = 0;

	bio_list_init(&other);
	${moves
    .map((move) =>
      move === 0
        ? "bio_list_add(&list, &bios[n++]);"
        : move === 1
          ? "bio_list_add_head(&list, &bios[n++]);"
          : move === 2
            ? "bio_list_add(&other, &bios[n++]);"
            : "bio_list_merge_init(&list, &other);",
    )
    .join("\n\t")}
	while ((bio = bio_list_pop(&list)))
		order = order * 16 + (bio - bios);
	return order * 16 + bio_list_size(&other);
}`;
  const expected = (moves: readonly number[]) => {
    let [list, other]: number[][] = [[], []];
    let n = 0;
    for (const move of moves) {
      if (move === 0) list!.push(n++);
      else if (move === 1) list!.unshift(n++);
      else if (move === 2) other!.push(n++);
      else [list, other] = [[...list!, ...other!], []];
    }
    return list!.reduce((sum, at) => sum * 16 + at, 0) * 16 + other!.length;
  };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 10 }), (moves) => {
      expect(call(source(moves))).toBe(expected(moves));
    }),
    { numRuns: 60 },
  );
});

test("lists are spliced, moved and counted", () => {
  const source = `
struct item { int v; struct list_head at; };
u64 f(void)
{
	struct item a = { .v = 1 }, b = { .v = 2 }, c = { .v = 3 }, d = { .v = 4 };
	struct item *pos;
	LIST_HEAD(x);
	LIST_HEAD(y);
	u64 n = 0;

	list_add_tail(&a.at, &x);
	list_add_tail(&b.at, &x);
	list_add(&c.at, &y);
	list_add(&d.at, &y);
	list_splice_tail_init(&y, &x);
	list_rotate_left(&x);
	list_for_each_entry(pos, &x, at)
		n = n * 10 + pos->v;
	return n * 100 + list_count_nodes(&x) * 10 + list_empty(&y);
}`;
  expect(call(source)).toBe(243141);
});
