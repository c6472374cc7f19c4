import { Unsupported } from "./compiler.ts";
import { addressOf } from "./heap.ts";
import type { Frame, Plain, Run } from "./interpret.ts";
import type { Place } from "./token.ts";
import {
  bitFieldType,
  type CType,
  type Field,
  holdsAll,
  type IntType,
  isInt,
  isPointer,
  pointerTo,
  typeText,
  VOID,
} from "./type.ts";
import { type Int, normal, Pointer, UNINIT, type Value, wrap } from "./value.ts";

/** A compiled expression with its type. Neither an array nor a function: those have decayed to pointers. */
export interface Ex extends Run {
  readonly type: CType;
  /** Its value, if that is an integer constant. */
  readonly constant: Int | undefined;
  /** Reads 0 as a null pointer where pointers are compared or chosen. */
  readonly at: Place;
}

/** Something that can be assigned to or have its address taken. */
export type Location =
  | { readonly kind: "slot"; readonly slot: number; readonly name: string }
  | {
      readonly kind: "memory";
      /** A pointer; the thing lies `offset` bytes behind. */
      readonly base: Ex;
      readonly offset: number;
      readonly bits: Field["bits"];
      /** Others can see it: each access is a step. */
      readonly shared: boolean;
      readonly name: string;
    };

/** What an expression stands for before it is known whether its value or its address is wanted. */
export type Operand =
  | { readonly is: "value"; readonly ex: Ex }
  | { readonly is: "place"; readonly type: CType; readonly place: Location; readonly at: Place };

// Making code.

export const plain = (type: CType, at: Place, run: Plain, constant?: Int): Ex => ({
  type,
  at,
  plain: run,
  steps: undefined,
  constant,
});

export const constant = (type: IntType, value: Int, at: Place): Ex => plain(type, at, () => value, value);

export const asValue = (ex: Ex): Operand => ({ is: "value", ex });

/** An expression that applies `apply` to the value of another. */
export function lift1(type: CType, at: Place, a: Run, apply: (a: Value, frame: Frame) => Value): Ex {
  const { plain: p, steps: s } = a;
  if (p !== undefined) return plain(type, at, (frame) => apply(p(frame), frame));
  return {
    type,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      return apply(yield* s!(frame), frame);
    },
  };
}

/** The same for two, from left to right. */
export function lift2(type: CType, at: Place, a: Run, b: Run, apply: (a: Value, b: Value, frame: Frame) => Value): Ex {
  const { plain: pa, steps: sa } = a;
  const { plain: pb, steps: sb } = b;
  if (pa !== undefined && pb !== undefined) return plain(type, at, (frame) => apply(pa(frame), pb(frame), frame));
  return {
    type,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      const left = pa !== undefined ? pa(frame) : yield* sa!(frame);
      const right = pb !== undefined ? pb(frame) : yield* sb!(frame);
      return apply(left, right, frame);
    },
  };
}

/** The same for a list. */
export function liftAll(
  type: CType,
  at: Place,
  all: readonly Run[],
  apply: (values: Value[], frame: Frame) => Value,
): Ex {
  if (all.every((each) => each.plain !== undefined)) {
    const runs = all.map((each) => each.plain!);
    return plain(type, at, (frame) => {
      const values = new Array<Value>(runs.length);
      for (let i = 0; i < runs.length; i++) values[i] = runs[i]!(frame);
      return apply(values, frame);
    });
  }
  return {
    type,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      const values: Value[] = [];
      for (const { plain: p, steps } of all) values.push(p !== undefined ? p(frame) : yield* steps!(frame));
      return apply(values, frame);
    },
  };
}

/** Evaluates with constants for the operands; undefined if that is a fault. */
export function folded(apply: () => Value): Int | undefined {
  try {
    const value = apply();
    return typeof value === "object" ? undefined : value;
  } catch {
    // The fault needs a machine: it happens when it is executed.
    return undefined;
  }
}
export const noFrame = undefined as unknown as Frame;

// Conversions.

/** What turns a value of `from` into one of `to`; null if it stays as it is. */
export function conversion(
  from: CType,
  to: CType,
  at: Place,
  explicit: boolean,
): ((value: Value, frame: Frame) => Value) | null {
  if (to.kind === "void") return null;
  if (isInt(to)) {
    if (isInt(from)) {
      if (holdsAll(to, from)) return null;
      if (to.rank === 0) return (value) => (value === UNINIT ? value : value === 0 ? 0 : 1);
      return (value, frame) => {
        if (value === UNINIT) return value;
        const result = wrap(value as Int, to);
        if (result !== value) frame.machine.converted({ value: value as Int, result, from, to, at, explicit });
        return result;
      };
    }
    if (isPointer(from)) {
      if (to.rank === 0) return (value) => (value === UNINIT ? value : value === 0 ? 0 : 1);
      return (value) => (value === UNINIT ? value : wrap(addressOf(value), to));
    }
  }
  if (isPointer(to)) {
    if (isPointer(from)) return null;
    if (isInt(from)) return (value, frame) => (value === 0 ? 0 : frame.machine.toPointer(value));
  }
  if (to.kind === "record" && from.kind === "record" && (to === from || to.name === from.name)) return null;
  throw new Unsupported(`${typeText(from)} is no ${typeText(to)}`, at);
}

export function convert(ex: Ex, to: CType, explicit = false): Ex {
  if (ex.type === to) return ex;
  const apply = conversion(ex.type, to, ex.at, explicit);
  if (apply === null) return { ...ex, type: to, constant: isInt(to) ? ex.constant : undefined };
  const made = lift1(to, ex.at, ex, apply);
  const value = ex.constant;
  if (value === undefined || !isInt(to)) return made;
  const result = wrap(value, to);
  // Where the value changes, the code stays, and with it the conversion that somebody may want to see.
  return result === value ? constant(to, result, ex.at) : { ...made, constant: result };
}

// Operands.

/** The value of an operand, arrays decayed; a structure's value is the pointer to it. */
export function rvalue(operand: Operand): Ex {
  if (operand.is === "value") return operand.ex;
  const { type, place, at } = operand;
  if (type.kind === "array") return { ...addressFor(operand), type: pointerTo(type.of) };
  if (type.kind === "function") return { ...addressFor(operand), type: pointerTo(type) };
  if (type.kind === "record") return { ...addressFor(operand), type };
  if (type.kind === "void") throw new Unsupported("a value of type void", at);
  if (place.kind === "slot") {
    const { slot } = place;
    return plain(type, at, (frame) => frame.slots[slot]!);
  }
  const { base, offset, bits, shared, name } = place;
  const read: (pointer: Value, frame: Frame) => Value =
    bits !== undefined
      ? (pointer, frame) => frame.machine.loadBits(pointer, offset, type as IntType, bits, name, at)
      : (pointer, frame) => frame.machine.load(pointer, offset, type, name, at);
  const seen = bits !== undefined && isInt(type) ? bitFieldType(type, bits.width) : type;
  if (!shared) return lift1(seen, at, base, read);
  const { plain: p, steps: s } = base;
  return {
    type: seen,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      const pointer = p !== undefined ? p(frame) : yield* s!(frame);
      if (frame.machine.pauses(name)) yield name;
      return read(pointer, frame);
    },
  };
}

/** The address of a place in memory. */
export function addressFor(operand: Operand & { is: "place" }): Ex {
  const { place, type, at } = operand;
  if (place.kind === "slot") throw new Unsupported(`the address of ${place.name}`, at);
  if (place.bits !== undefined) throw new Unsupported(`the address of the bit-field ${place.name}`, at);
  const { base, offset } = place;
  if (offset === 0) return { ...base, type: pointerTo(type), constant: undefined };
  return lift1(pointerTo(type), at, base, (pointer, frame) => displaced(pointer, offset, frame));
}

/** A pointer some bytes further on. */
export function displaced(pointer: Value, bytes: number, frame: Frame): Value {
  if (pointer instanceof Pointer) return new Pointer(pointer.object, pointer.offset + bytes);
  if (pointer === UNINIT) return pointer;
  const sum = BigInt(pointer as Int) + BigInt(bytes);
  return wrap(normal(BigInt.asIntN(64, sum)), frame.machine.program.ulong);
}

/** Assigns the value of `ex`, which is converted; the value of the whole is what the place holds then. */
export function assign(target: Operand, ex: Ex, at: Place, initial = false): Ex {
  if (target.is !== "place") throw new Unsupported("an assignment to something that is no object", at);
  const { type, place } = target;
  const value = convert(ex, type);
  if (place.kind === "slot") {
    const { slot } = place;
    return lift1(type, at, value, (v, frame) => (frame.slots[slot] = v));
  }
  const { base, offset, bits, shared, name } = place;
  const write: (pointer: Value, v: Value, frame: Frame) => Value =
    type.kind === "record"
      ? (pointer, v, frame) => {
          frame.machine.copyRecord(pointer, offset, v, 0, type, at);
          return v;
        }
      : bits !== undefined
        ? (pointer, v, frame) => frame.machine.storeBits(pointer, offset, type as IntType, bits, v, name, at)
        : (pointer, v, frame) => frame.machine.store(pointer, offset, type, v, name, at);
  if (!shared || initial) return lift2(type, at, base, value, write);
  const { plain: pb, steps: sb } = base;
  const { plain: pv, steps: sv } = value;
  return {
    type,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      const pointer = pb !== undefined ? pb(frame) : yield* sb!(frame);
      const v = pv !== undefined ? pv(frame) : yield* sv!(frame);
      if (frame.machine.pauses(name)) yield name;
      return write(pointer, v, frame);
    },
  };
}

/**
 * Replaces the value of a place by what `apply` makes of it and of `operand`; the value of the whole is the new or the old one. A load
 * and a store: two steps, unless `atomic`.
 */
export function update(
  target: Operand,
  operand: Run | undefined,
  apply: (old: Value, operand: Value, frame: Frame) => Value,
  wants: "new" | "old",
  at: Place,
  atomic = false,
): Ex {
  if (target.is !== "place") throw new Unsupported("an assignment to something that is no object", at);
  const { type, place } = target;
  const by: Run = operand ?? { plain: () => 0, steps: undefined };
  if (place.kind === "slot") {
    const { slot } = place;
    return lift1(type, at, by, (value, frame) => {
      const old = frame.slots[slot]!;
      const made = (frame.slots[slot] = apply(old, value, frame));
      return wants === "new" ? made : old;
    });
  }
  const { base, offset, bits, shared, name } = place;
  const read = (pointer: Value, frame: Frame) =>
    bits !== undefined
      ? frame.machine.loadBits(pointer, offset, type as IntType, bits, name, at)
      : frame.machine.load(pointer, offset, type, name, at);
  const write = (pointer: Value, value: Value, frame: Frame) =>
    bits !== undefined
      ? frame.machine.storeBits(pointer, offset, type as IntType, bits, value, name, at)
      : frame.machine.store(pointer, offset, type, value, name, at);
  if (!shared) {
    return lift2(type, at, base, by, (pointer, value, frame) => {
      const old = read(pointer, frame);
      const made = write(pointer, apply(old, value, frame), frame);
      return wants === "new" ? made : old;
    });
  }
  const { plain: pb, steps: sb } = base;
  const { plain: pv, steps: sv } = by;
  return {
    type,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      const pointer = pb !== undefined ? pb(frame) : yield* sb!(frame);
      const value = pv !== undefined ? pv(frame) : yield* sv!(frame);
      if (frame.machine.pauses(name)) yield name;
      const old = read(pointer, frame);
      const made = apply(old, value, frame);
      if (!atomic && frame.machine.pauses(name)) yield name;
      const kept = write(pointer, made, frame);
      return wants === "new" ? kept : old;
    },
  };
}

/** The truth of an expression. */
export function truth(ex: Ex): Run<boolean> {
  const { at, plain: p, steps: s } = ex;
  if (!isInt(ex.type) && !isPointer(ex.type)) throw new Unsupported(`${typeText(ex.type)} as a condition`, at);
  const test = (value: Value, frame: Frame) => (value === UNINIT ? frame.machine.truth(value, at) : value !== 0);
  if (p !== undefined) return { plain: (frame) => test(p(frame), frame), steps: undefined };
  return {
    plain: undefined,
    *steps(frame) {
      return test(yield* s!(frame), frame);
    },
  };
}

/** An expression as a statement evaluates it: one of type void, or a structure nobody wants, is fine. */
export function valueOrNothing(operand: Operand): Ex {
  if (operand.is === "place" && operand.type.kind === "void") return plain(VOID, operand.at, () => 0);
  return rvalue(operand);
}
