import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  commonType,
  ILP32,
  INT,
  type IntType,
  LLONG,
  LP64,
  machineInts,
  SCHAR,
  SHORT,
  UCHAR,
  UINT,
  ULLONG,
  USHORT,
} from "../../src/exec/type.ts";
import { combiner, type Int, invert, negate, normal, shift, wrap } from "../../src/exec/value.ts";
import { run } from "./run.ts";

const ALL = [SCHAR, UCHAR, SHORT, USHORT, INT, UINT, LLONG, ULLONG];
const WIDE = [INT, UINT, LLONG, ULLONG];

/** What the type holds of an exact result, by way of bigints alone. */
const exact = (v: bigint, { size, signed }: IntType): Int =>
  normal(signed ? BigInt.asIntN(size * 8, v) : BigInt.asUintN(size * 8, v));

/** Numbers around the ends of all widths, and any others. */
const anyInt = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }),
  fc
    .tuple(
      fc.constantFrom(0, 7, 8, 15, 16, 31, 32, 52, 53, 54, 62, 63, 64),
      fc.bigInt({ min: -2n, max: 2n }),
      fc.boolean(),
    )
    .map(([bit, off, negative]) => (negative ? -(1n << BigInt(bit)) : 1n << BigInt(bit)) + off),
);

describe("integers", () => {
  test("a conversion keeps the lower bits, at every width", () => {
    fc.assert(
      fc.property(anyInt, fc.constantFrom(...ALL), (v, type) => {
        expect(wrap(normal(v), type)).toBe(exact(v, type));
      }),
      { numRuns: 2000 },
    );
  });

  test("operators wrap, at every width they are done in", () => {
    const operators = { "+": (a: bigint, b: bigint) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b } as Record<
      string,
      (a: bigint, b: bigint) => bigint
    >;
    Object.assign(operators, {
      "/": (a: bigint, b: bigint) => a / b,
      "%": (a: bigint, b: bigint) => a % b,
      "&": (a: bigint, b: bigint) => a & b,
      "|": (a: bigint, b: bigint) => a | b,
      "^": (a: bigint, b: bigint) => a ^ b,
    });
    fc.assert(
      fc.property(
        anyInt,
        anyInt,
        fc.constantFrom(...WIDE),
        fc.constantFrom(...Object.keys(operators)),
        (x, y, type, op) => {
          const a = exact(x, type);
          const b = exact(y, type);
          const result = combiner(op, type)!(a, b);
          if ((op === "/" || op === "%") && b === 0) expect(result).toBe(null);
          else expect(result).toBe(exact(operators[op]!(BigInt(a), BigInt(b)), type));
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test("shifts, negation and complement", () => {
    fc.assert(
      fc.property(anyInt, fc.nat(63), fc.constantFrom(...WIDE), (x, count, type) => {
        const a = exact(x, type);
        const by = count % (type.size * 8);
        expect(shift("<<", a, by, type)).toBe(exact(BigInt(a) << BigInt(by), type));
        expect(shift(">>", a, by, type)).toBe(exact(BigInt(a) >> BigInt(by), type));
        expect(negate(a, type)).toBe(exact(-BigInt(a), type));
        expect(invert(a, type)).toBe(exact(~BigInt(a), type));
      }),
      { numRuns: 5000 },
    );
  });

  test("the common type of long and unsigned int depends on the data model", () => {
    const on64 = machineInts(LP64);
    const on32 = machineInts(ILP32);
    expect(commonType(on64.long, UINT, on64)).toBe(on64.long);
    expect(commonType(on32.long, UINT, on32)).toBe(on32.ulong);
    expect(commonType(SHORT, UCHAR, on64)).toBe(INT);
    expect(commonType(LLONG, on64.ulong, on64)).toBe(ULLONG);
  });

  test("size_t cuts a 64 bit length on a 32 bit machine, and the conversion is told", () => {
    const source = "size_t f(u64 len) { size_t n = len; return n; }";
    expect(run(source, [4294967808]).result).toBe(4294967808);
    const { result, conversions } = run(source, [4294967808], { platform: { model: ILP32 } });
    expect(result).toBe(512);
    expect(conversions.map(({ value, result, explicit }) => [value, result, explicit])).toEqual([
      [4294967808, 512, false],
    ]);
  });

  test("a conversion that keeps the value is not told, a cast is told as one", () => {
    expect(run("int f(long v) { int a = v; u8 b = (u8)v; return a + b; }", [300]).conversions).toMatchObject([
      { value: 300, result: 44, explicit: true },
    ]);
    expect(run("int f(long v) { int a = v; return a; }", [300]).conversions).toEqual([]);
  });

  test("an unsigned 32 bit shift loses what a 64 bit one keeps", () => {
    const sectors = 1 << 23;
    expect(run("u64 f(unsigned int s) { return s << 9; }", [sectors]).result).toBe(0);
    expect(run("u64 f(unsigned int s) { return (u64)s << 9; }", [sectors]).result).toBe(4294967296);
  });

  test("plain char follows the model", () => {
    const source = "int f(void) { char c = 200; return c; }";
    expect(run(source).result).toBe(200);
    expect(run(source, [], { platform: { model: { ...LP64, signedChar: true } } }).result).toBe(-56);
  });
});
