import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "../../src/exec/heap.ts";
import { INT, type IntType, LLONG, LP64, SHORT, UCHAR, ULLONG, USHORT } from "../../src/exec/type.ts";
import { UNINIT, type Value, wrap } from "../../src/exec/value.ts";

const SIZE = 40;

/** What memory is without scalars in it: bytes, and undefined where nothing was stored. */
type Bytes = (number | undefined)[];

function stored(bytes: Bytes, offset: number, { size }: IntType, value: Value): void {
  for (let i = 0; i < size; i++)
    bytes[offset + i] = value === UNINIT ? undefined : Number((BigInt(value as number) >> BigInt(8 * i)) & 255n);
}

function loaded(bytes: Bytes, offset: number, type: IntType): Value {
  let bits = 0n;
  for (let i = type.size - 1; i >= 0; i--) {
    const byte = bytes[offset + i];
    if (byte === undefined) return UNINIT;
    bits = (bits << 8n) | BigInt(byte);
  }
  return wrap(bits, type);
}

const type = fc.constantFrom(UCHAR, SHORT, USHORT, INT, LLONG, ULLONG);
const value = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(0n, UNINIT));
// Most scalars lie where the compiler puts them.
const offset = fc.oneof(
  fc.nat(4).map((n) => 8 * n),
  fc.nat(SIZE - 1),
);
const which = fc.nat(1);
const step = fc.oneof(
  fc.record({ op: fc.constant("write" as const), which, offset, type, value }),
  fc.record({
    op: fc.constant("set" as const),
    which,
    offset,
    size: fc.nat(SIZE),
    byte: fc.constantFrom(0, 7, UNINIT),
  }),
  fc.record({ op: fc.constant("copy" as const), which, from: which, offset, start: offset, size: fc.nat(SIZE) }),
);

test("memory holds what an array of bytes would, whatever is stored over whatever", () => {
  fc.assert(
    fc.property(fc.constantFrom("zero", "uninit"), fc.array(step, { maxLength: 20 }), (fill, steps) => {
      const heap = new Heap({ model: LP64, pageSize: 4096 });
      const objects = [heap.make("a", SIZE, "heap", fill), heap.make("b", SIZE, "heap", "uninit")];
      const bytes: Bytes[] = [Array(SIZE).fill(fill === "zero" ? 0 : undefined), Array(SIZE).fill(undefined)];
      for (const step of steps) {
        const [object, own] = [objects[step.which]!, bytes[step.which]!];
        if (step.op === "write") {
          if (step.offset + step.type.size > SIZE) continue;
          const given = typeof step.value === "bigint" ? wrap(step.value, step.type) : step.value;
          heap.write(object, step.offset, step.type, given);
          stored(own, step.offset, step.type, given);
        } else if (step.op === "set") {
          const size = Math.min(step.size, SIZE - step.offset);
          heap.set(object, step.offset, size, step.byte);
          own.fill(typeof step.byte === "number" ? step.byte : undefined, step.offset, step.offset + size);
        } else {
          const size = Math.min(step.size, SIZE - step.offset, SIZE - step.start);
          heap.copy(object, step.offset, objects[step.from]!, step.start, size);
          own.splice(step.offset, size, ...bytes[step.from]!.slice(step.start, step.start + size));
        }
        for (const [n, object] of objects.entries()) {
          expect(heap.bytesOf(object, 0, SIZE)).toEqual(bytes[n]);
          for (const type of [UCHAR, INT, LLONG])
            for (let at = 0; at + type.size <= SIZE; at += 4)
              expect(heap.read(object, at, type)).toBe(loaded(bytes[n]!, at, type));
        }
      }
    }),
    { numRuns: 200 },
  );
});
