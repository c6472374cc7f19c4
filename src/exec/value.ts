import type { MemoryObject } from "./heap.ts";
import type { IntType } from "./type.ts";

/** A pointer with provenance: it belongs to its object wherever it points. */
export class Pointer {
  readonly object: MemoryObject;
  /** In bytes; may lie outside of the object. */
  readonly offset: number;

  constructor(object: MemoryObject, offset: number) {
    this.object = object;
    this.offset = offset;
  }
}

/** What a variable holds before anything is stored in it. Whatever is computed from it is UNINIT too. */
class Uninit {
  readonly uninit = true;
}
export const UNINIT = new Uninit();
export type { Uninit };

/**
 * A value of C. An integer is a number if it is safe (|v| < 2^53) and else a bigint, always in this normal form, so that === compares;
 * it lies in the range of its type. A pointer is a Pointer or, without an object, its address: 0 for NULL, 2^64 - 12 for
 * ERR_PTR(-ENOMEM). A structure stands as the Pointer to where it lies.
 */
export type Value = number | bigint | Pointer | Uninit;
export type Int = number | bigint;

/** Puts an integer into normal form. */
export function normal(v: bigint): Int {
  return v >= -9007199254740991n && v <= 9007199254740991n ? Number(v) : v;
}

/** What a type's object of the machine holds after `v` was stored in it: `v` modulo its width. */
export function wrap(v: Int, type: IntType): Int {
  const { size, signed } = type;
  if (type.rank === 0) return v === 0 ? 0 : 1;
  if (type.bits !== undefined)
    return normal(signed ? BigInt.asIntN(type.bits, BigInt(v)) : BigInt.asUintN(type.bits, BigInt(v)));
  if (size === 8) {
    if (typeof v === "number") return signed || v >= 0 ? v : normal(BigInt.asUintN(64, BigInt(v)));
    return normal(signed ? BigInt.asIntN(64, v) : BigInt.asUintN(64, v));
  }
  const n = typeof v === "number" ? v : Number(BigInt.asIntN(32, v));
  if (size === 4) return signed ? n | 0 : n >>> 0;
  if (size === 2) return signed ? (n << 16) >> 16 : n & 0xffff;
  return signed ? (n << 24) >> 24 : n & 0xff;
}

const TWO32 = 4294967296;

function bitwise(a: Int, b: Int, type: IntType, op: "&" | "|" | "^"): Int {
  if (type.size < 8) {
    const x = Number(a);
    const y = Number(b);
    const r = op === "&" ? x & y : op === "|" ? x | y : x ^ y;
    return type.signed ? r : r >>> 0;
  }
  if (typeof a === "number" && typeof b === "number") {
    // Two halves: the upper ones keep the sign.
    const highA = Math.floor(a / TWO32);
    const highB = Math.floor(b / TWO32);
    const high = op === "&" ? highA & highB : op === "|" ? highA | highB : highA ^ highB;
    const low = op === "&" ? a & b : op === "|" ? a | b : a ^ b;
    const r = high * TWO32 + (low >>> 0);
    if (Number.isSafeInteger(r)) return r;
  }
  const x = BigInt(a);
  const y = BigInt(b);
  return wrap(op === "&" ? x & y : op === "|" ? x | y : x ^ y, type);
}

/** An operator on two integers of one type; null where C gives no result (division by zero). */
export type Combine = (a: Int, b: Int) => Int | null;

/** The operator for two operands of `type`, whose result is of `type` too; signed overflow wraps (-fno-strict-overflow). */
export function combiner(op: string, type: IntType): Combine | undefined {
  const { signed } = type;
  if (type.bits !== undefined) return narrowed(op, type);
  const wide = type.size === 8;
  const big = (f: (a: bigint, b: bigint) => bigint) => (a: Int, b: Int) => wrap(f(BigInt(a), BigInt(b)), type);
  switch (op) {
    case "+": {
      if (!wide)
        return signed ? (a, b) => ((a as number) + (b as number)) | 0 : (a, b) => ((a as number) + (b as number)) >>> 0;
      const slow = big((a, b) => a + b);
      return (a, b) => {
        if (typeof a === "number" && typeof b === "number") {
          const r = a + b;
          if (Number.isSafeInteger(r) && (signed || r >= 0)) return r;
        }
        return slow(a, b);
      };
    }
    case "-": {
      if (!wide)
        return signed ? (a, b) => ((a as number) - (b as number)) | 0 : (a, b) => ((a as number) - (b as number)) >>> 0;
      const slow = big((a, b) => a - b);
      return (a, b) => {
        if (typeof a === "number" && typeof b === "number") {
          const r = a - b;
          if (Number.isSafeInteger(r) && (signed || r >= 0)) return r;
        }
        return slow(a, b);
      };
    }
    case "*": {
      if (!wide) {
        return signed
          ? (a, b) => Math.imul(a as number, b as number)
          : (a, b) => Math.imul(a as number, b as number) >>> 0;
      }
      const slow = big((a, b) => a * b);
      return (a, b) => {
        if (typeof a === "number" && typeof b === "number") {
          const r = a * b;
          if (Number.isSafeInteger(r) && (signed || r >= 0)) return r + 0;
        }
        return slow(a, b);
      };
    }
    case "/": {
      const slow = big((a, b) => a / b);
      return (a, b) => {
        if (b === 0) return null;
        // a - a % b is a multiple of b and safe, so the quotient is exact.
        if (typeof a === "number" && typeof b === "number") return wrap((a - (a % b)) / b + 0, type);
        return slow(a, b);
      };
    }
    case "%": {
      const slow = big((a, b) => a % b);
      return (a, b) => {
        if (b === 0) return null;
        if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
        return slow(a, b);
      };
    }
    case "&":
    case "|":
    case "^":
      return (a, b) => bitwise(a, b, type, op);
  }
  return undefined;
}

/** The operator of the type around, wrapped to the width of the type. */
function narrowed(op: string, { bits, ...around }: IntType): Combine | undefined {
  const apply = combiner(op, around);
  if (apply === undefined || bits === undefined) return apply;
  return (a, b) => {
    const result = apply(a, b);
    return result === null ? null : wrap(result, { ...around, bits });
  };
}

/** `a << count` or `a >> count`; the count lies in 0 ... width - 1. A signed value is shifted arithmetically. */
export function shift(op: "<<" | ">>", a: Int, count: number, type: IntType): Int {
  if (type.bits !== undefined) {
    const wide = BigInt(a);
    return wrap(op === "<<" ? wide << BigInt(count) : wide >> BigInt(count), type);
  }
  if (type.size < 8) {
    const n = a as number;
    if (op === "<<") return type.signed ? n << count : (n << count) >>> 0;
    return type.signed ? n >> count : n >>> count;
  }
  if (typeof a === "number") {
    if (op === ">>") return Math.floor(a / 2 ** count);
    const r = a * 2 ** count;
    if (Number.isSafeInteger(r)) return r;
  }
  const wide = BigInt(a);
  return wrap(op === "<<" ? wide << BigInt(count) : wide >> BigInt(count), type);
}

/** `-v` and `~v`. */
export function negate(v: Int, type: IntType): Int {
  return typeof v === "number" ? wrap(0 - v, type) : wrap(-v, type);
}
export function invert(v: Int, type: IntType): Int {
  return typeof v === "number" && v > -9007199254740991 && v < 9007199254740991
    ? wrap(-v - 1, type)
    : wrap(~BigInt(v), type);
}
