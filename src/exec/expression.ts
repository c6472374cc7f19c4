import {
  accept,
  ahead,
  type Compiler,
  closeScope,
  closingAt,
  here,
  lookUp,
  type Meaning,
  need,
  nested,
  openScope,
  peek,
  since,
  Unsupported,
} from "./compiler.ts";
import { readTypeName, startsType } from "./declare.ts";
import { addressOf } from "./heap.ts";
import { compileList } from "./initial.ts";
import { callPlain, callSteps, type Frame, type Plain, type Run } from "./interpret.ts";
import { intrinsic, intrinsics } from "./intrinsic.ts";
import { compileStatementExpression } from "./statement.ts";
import type { Place } from "./token.ts";
import {
  arrayOf,
  BOOL,
  type CType,
  commonType,
  type Field,
  type FunctionType,
  findField,
  holdsAll,
  INT,
  type IntType,
  isInt,
  isPointer,
  LLONG,
  pointerTo,
  promoted,
  sizeOf,
  typeText,
  UINT,
  ULLONG,
  VOID,
} from "./type.ts";
import { combiner, type Int, invert, negate, normal, Pointer, shift, UNINIT, type Value, wrap } from "./value.ts";

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

const valueOf = (ex: Ex): Operand => ({ is: "value", ex });

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
function folded(apply: () => Value): Int | undefined {
  try {
    const value = apply();
    return typeof value === "object" ? undefined : value;
  } catch {
    // The fault needs a machine: it happens when it is executed.
    return undefined;
  }
}
const noFrame = undefined as unknown as Frame;

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
  // A bit-field narrower than int is promoted to int, whatever its type.
  const seen =
    bits !== undefined && isInt(type) && type.rank !== 0 && type.size <= 4 && (bits.width < 32 || type.signed)
      ? INT
      : type;
  if (!shared) return lift1(seen, at, base, read);
  const { plain: p, steps: s } = base;
  return {
    type: seen,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      const pointer = p !== undefined ? p(frame) : yield* s!(frame);
      yield name;
      return read(pointer, frame);
    },
  };
}

/** The address of a place in memory. */
function addressFor(operand: Operand & { is: "place" }): Ex {
  const { place, type, at } = operand;
  if (place.kind === "slot") throw new Unsupported(`the address of ${place.name}`, at);
  if (place.bits !== undefined) throw new Unsupported(`the address of the bit-field ${place.name}`, at);
  const { base, offset } = place;
  if (offset === 0) return { ...base, type: pointerTo(type), constant: undefined };
  return lift1(pointerTo(type), at, base, (pointer, frame) => displaced(pointer, offset, frame));
}

/** A pointer some bytes further on. */
function displaced(pointer: Value, bytes: number, frame: Frame): Value {
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
      yield name;
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
      yield name;
      const old = read(pointer, frame);
      const made = apply(old, value, frame);
      if (!atomic) yield name;
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

// Operators.

interface Operation {
  readonly type: CType;
  apply(a: Value, b: Value, frame: Frame): Value;
}

const comparisons: ReadonlySet<string> = new Set(["<", ">", "<=", ">=", "==", "!="]);

/** Places two pointers, or a pointer and an integer, on one scale. */
function comparePointers(a: Value, b: Value): number {
  if (a instanceof Pointer && b instanceof Pointer && a.object === b.object) return a.offset - b.offset;
  const x = addressOf(a);
  const y = addressOf(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

function compare(op: string, order: number): number {
  switch (op) {
    case "<":
      return order < 0 ? 1 : 0;
    case ">":
      return order > 0 ? 1 : 0;
    case "<=":
      return order <= 0 ? 1 : 0;
    case ">=":
      return order >= 0 ? 1 : 0;
    case "==":
      return order === 0 ? 1 : 0;
    default:
      return order !== 0 ? 1 : 0;
  }
}

const relations: Record<string, (a: Int, b: Int) => boolean> = {
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

/** The meaning of a binary operator between two types, conversions included. */
export function operation(c: Compiler, op: string, left: CType, right: CType, at: Place): Operation {
  if (isInt(left) && isInt(right)) return integerOperation(c, op, left, right, at);
  if (comparisons.has(op) && (isPointer(left) || isInt(left)) && (isPointer(right) || isInt(right))) {
    return {
      type: INT,
      apply: (a, b) => (a === UNINIT || b === UNINIT ? UNINIT : compare(op, comparePointers(a, b))),
    };
  }
  if (isPointer(left) && isPointer(right) && op === "-") {
    const size = elementSize(c, left.to, at);
    return {
      type: c.program.ints.long,
      apply: (a, b, frame) => {
        if (a === UNINIT || b === UNINIT) return UNINIT;
        if (a instanceof Pointer && b instanceof Pointer && a.object === b.object) {
          return Math.trunc((a.offset - b.offset) / size) + 0;
        }
        const bytes = BigInt(addressOf(a)) - BigInt(addressOf(b));
        return wrap(normal(BigInt.asIntN(64, bytes) / BigInt(size)), frame.machine.program.ints.long);
      },
    };
  }
  if ((op === "+" || op === "-") && isPointer(left) && isInt(right)) {
    const size = elementSize(c, left.to, at);
    const sign = op === "+" ? size : -size;
    return {
      type: left,
      apply: (a, b, frame) =>
        a === UNINIT || b === UNINIT ? UNINIT : displaced(a, Number(BigInt.asIntN(64, BigInt(b as Int))) * sign, frame),
    };
  }
  if (op === "+" && isInt(left) && isPointer(right)) {
    const other = operation(c, "+", right, left, at);
    return { type: other.type, apply: (a, b, frame) => other.apply(b, a, frame) };
  }
  throw new Unsupported(`${typeText(left)} ${op} ${typeText(right)}`, at);
}

function elementSize(c: Compiler, type: CType, at: Place): number {
  const size = sizeOf(type, c.program.model);
  if (size === undefined || size === 0) throw new Unsupported(`the size of ${typeText(type)} is not known`, at);
  return size;
}

function integerOperation(c: Compiler, op: string, left: IntType, right: IntType, at: Place): Operation {
  if (op === "<<" || op === ">>") {
    const type = promoted(left);
    const width = type.size * 8;
    return {
      type,
      apply: (a, b, frame) => {
        if (a === UNINIT || b === UNINIT) return UNINIT;
        let count = b as Int;
        if (count < 0 || count >= width) {
          frame.machine.fault("undefined shift", `shift by ${count} of a value of ${width} bits`, at);
          // What the processors of today do.
          count = Number(BigInt.asUintN(type.size === 8 ? 6 : 5, BigInt(count)));
        }
        return shift(op, a as Int, count as number, type);
      },
    };
  }
  const common = commonType(left, right, c.program.ints);
  const ca = conversion(left, common, at, false);
  const cb = conversion(right, common, at, false);
  const converted = (apply: (a: Int, b: Int, frame: Frame) => Value): Operation["apply"] => {
    if (ca === null && cb === null) {
      return (a, b, frame) => (a === UNINIT || b === UNINIT ? UNINIT : apply(a as Int, b as Int, frame));
    }
    return (a, b, frame) => {
      if (a === UNINIT || b === UNINIT) return UNINIT;
      return apply((ca === null ? a : ca(a, frame)) as Int, (cb === null ? b : cb(b, frame)) as Int, frame);
    };
  };
  const relation = relations[op];
  if (relation !== undefined) return { type: INT, apply: converted((a, b) => (relation(a, b) ? 1 : 0)) };
  const combine = combiner(op, common);
  if (combine === undefined) throw new Unsupported(`operator ${op}`, at);
  if (op !== "/" && op !== "%") return { type: common, apply: converted(combine as (a: Int, b: Int) => Int) };
  return {
    type: common,
    apply: converted((a, b, frame) => combine(a, b) ?? frame.machine.fatal("division by zero", "the divisor", at)),
  };
}

export function binary(c: Compiler, op: string, a: Ex, b: Ex, at: Place): Ex {
  const { type, apply } = operation(c, op, a.type, b.type, at);
  const made = lift2(type, at, a, b, apply);
  if (a.constant === undefined || b.constant === undefined) return made;
  const value = folded(() => apply(a.constant!, b.constant!, noFrame));
  return value === undefined ? made : constant(type as IntType, value, at);
}

const precedence: Record<string, number> = {
  "||": 1,
  "&&": 2,
  "|": 3,
  "^": 4,
  "&": 5,
  "==": 6,
  "!=": 6,
  "<": 7,
  ">": 7,
  "<=": 7,
  ">=": 7,
  "<<": 8,
  ">>": 8,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "%": 10,
};

// Reading.

/** A full expression, with commas. */
export function readExpression(c: Compiler): Operand {
  return nested(c, () => {
    let left = readAssignment(c);
    while (accept(c, ",")) {
      const a = valueOrNothing(left);
      const right = readAssignment(c);
      const b = valueOrNothing(right);
      left = valueOf(lift2(b.type, b.at, a, b, (_, value) => value));
    }
    return left;
  });
}

/** An expression as a statement evaluates it: one of type void, or a structure nobody wants, is fine. */
export function valueOrNothing(operand: Operand): Ex {
  if (operand.is === "place" && operand.type.kind === "void") return plain(VOID, operand.at, () => 0);
  return rvalue(operand);
}

/** The value of a full expression. */
export const readValue = (c: Compiler): Ex => rvalue(readExpression(c));

/** The value of an expression without commas, as between those of a call. */
export const readArgument = (c: Compiler): Ex => rvalue(readAssignment(c));

/** An integer constant expression. */
export function constantOf(c: Compiler, _level: "conditional"): Int {
  const at = here(c);
  const ex = rvalue(readConditional(c));
  if (ex.constant === undefined) throw new Unsupported("a constant that is not known", at);
  return ex.constant;
}

/** The type of an expression that is not evaluated, arrays not decayed; reads up to a closing parenthesis. */
export function typeOfExpression(c: Compiler): CType {
  const operand = readExpression(c);
  return operand.is === "place" ? operand.type : operand.ex.type;
}

const assignments: ReadonlySet<string> = new Set(["+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="]);

export function readAssignment(c: Compiler): Operand {
  const from = here(c);
  const target = readConditional(c);
  const op = ahead(c);
  if (op === "=") {
    c.at++;
    const value = nested(c, () => readArgument(c));
    return valueOf(assign(target, value, since(c, from)));
  }
  if (!assignments.has(op) || peek(c).kind !== "operator") return target;
  c.at++;
  const value = nested(c, () => readArgument(c));
  const at = since(c, from);
  return valueOf(compound(c, target, op.slice(0, -1), value, "new", at));
}

function compound(c: Compiler, target: Operand, op: string, value: Ex, wants: "new" | "old", at: Place): Ex {
  const type = target.is === "place" ? target.type : VOID;
  const { type: made, apply } = operation(c, op, type, value.type, at);
  const back = conversion(made, type, at, false);
  return update(
    target,
    value,
    (old, v, frame) => {
      const result = apply(old, v, frame);
      return back === null ? result : back(result, frame);
    },
    wants,
    at,
  );
}

function readConditional(c: Compiler): Operand {
  const from = here(c);
  const first = readBinary(c, 1);
  if (!accept(c, "?")) return first;
  return nested(c, () => {
    const condition = rvalue(first);
    const yes = ahead(c) === ":" ? undefined : valueOrNothing(readExpression(c));
    need(c, ":");
    const no = valueOrNothing(readConditional(c));
    return valueOf(choice(c, condition, yes, no, since(c, from)));
  });
}

/** `condition ? yes : no`; without `yes` the condition's value, evaluated once. */
export function choice(c: Compiler, condition: Ex, yes: Ex | undefined, no: Ex, at: Place): Ex {
  const a = yes ?? condition;
  const type = choiceType(c, a, no, at);
  const right = convert(no, type);
  const test = truth(condition);
  if (yes === undefined) {
    const convertLeft = conversion(condition.type, type, at, false);
    const { plain: pc, steps: sc } = condition;
    const { plain: pr, steps: sr } = right;
    const left = (value: Value, frame: Frame) => (convertLeft === null ? value : convertLeft(value, frame));
    if (pc !== undefined && pr !== undefined) {
      return plain(type, at, (frame) => {
        const value = pc(frame);
        return frame.machine.truth(value, at) ? left(value, frame) : pr(frame);
      });
    }
    return {
      type,
      at,
      constant: undefined,
      plain: undefined,
      *steps(frame) {
        const value = pc !== undefined ? pc(frame) : yield* sc!(frame);
        if (frame.machine.truth(value, at)) return left(value, frame);
        return pr !== undefined ? pr(frame) : yield* sr!(frame);
      },
    };
  }
  const left = convert(yes, type);
  const value = condition.constant === undefined ? undefined : condition.constant !== 0 ? left : right;
  if (value !== undefined) return { ...value, type };
  const { plain: pt, steps: st } = test;
  const { plain: pl, steps: sl } = left;
  const { plain: pr, steps: sr } = right;
  if (pt !== undefined && pl !== undefined && pr !== undefined) {
    return plain(type, at, (frame) => (pt(frame) ? pl(frame) : pr(frame)));
  }
  return {
    type,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      if (pt !== undefined ? pt(frame) : yield* st!(frame)) return pl !== undefined ? pl(frame) : yield* sl!(frame);
      return pr !== undefined ? pr(frame) : yield* sr!(frame);
    },
  };
}

function choiceType(c: Compiler, a: Ex, b: Ex, at: Place): CType {
  if (isInt(a.type) && isInt(b.type)) return commonType(a.type, b.type, c.program.ints);
  if (a.type.kind === "void" || b.type.kind === "void") return VOID;
  if (isPointer(a.type) && isPointer(b.type)) {
    if (a.type.to.kind === "void" && b.constant === undefined) return a.constant === 0 ? b.type : a.type;
    return b.type.to.kind === "void" ? b.type : a.type;
  }
  if (isPointer(a.type)) return a.type;
  if (isPointer(b.type)) return b.type;
  if (a.type.kind === "record" && b.type.kind === "record" && a.type.name === b.type.name) return a.type;
  throw new Unsupported(`${typeText(a.type)} or ${typeText(b.type)}`, at);
}

function readBinary(c: Compiler, least: number): Operand {
  const from = here(c);
  let left = readCast(c);
  for (;;) {
    const token = peek(c);
    const level = token.kind === "operator" ? precedence[token.text] : undefined;
    if (level === undefined || level < least) return left;
    c.at++;
    const right = nested(c, () => readBinary(c, level + 1));
    const at = since(c, from);
    left = valueOf(
      token.text === "&&" || token.text === "||"
        ? logical(token.text, rvalue(left), rvalue(right), at)
        : binary(c, token.text, rvalue(left), rvalue(right), at),
    );
  }
}

function logical(op: "&&" | "||", a: Ex, b: Ex, at: Place): Ex {
  const ends = op === "||";
  const left = truth(a);
  const right = truth(b);
  if (a.constant !== undefined && (a.constant !== 0) === ends) return constant(INT, ends ? 1 : 0, at);
  if (a.constant !== undefined && b.constant !== undefined) return constant(INT, b.constant !== 0 ? 1 : 0, at);
  const { plain: pl, steps: sl } = left;
  const { plain: pr, steps: sr } = right;
  if (pl !== undefined && pr !== undefined) {
    return plain(
      INT,
      at,
      ends ? (frame) => (pl(frame) || pr(frame) ? 1 : 0) : (frame) => (pl(frame) && pr(frame) ? 1 : 0),
    );
  }
  return {
    type: INT,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      const first = pl !== undefined ? pl(frame) : yield* sl!(frame);
      if (first === ends) return ends ? 1 : 0;
      return (pr !== undefined ? pr(frame) : yield* sr!(frame)) ? 1 : 0;
    },
  };
}

function readCast(c: Compiler): Operand {
  if (ahead(c) !== "(" || peek(c).kind !== "operator" || !startsType(c, 1)) return readUnary(c);
  return nested(c, () => {
    const from = here(c);
    c.at++;
    const type = readTypeName(c);
    need(c, ")");
    if (ahead(c) === "{") return readPostfix(c, compoundLiteral(c, type, from), from);
    const ex = valueOrNothing(readCast(c));
    const at = since(c, from);
    if (type.kind === "void") return valueOf(lift1(VOID, at, ex, () => 0));
    return valueOf({ ...convert({ ...ex, at }, type, true), at });
  });
}

/** `(struct foo){ ... }`: an object of its own, made anew each time. */
function compoundLiteral(c: Compiler, type: CType, from: Place): Operand {
  const slot = c.code.slots++;
  c.code.memory.push(slot);
  const list = compileList(c, type, slot);
  const at = since(c, from);
  const made = list.type;
  const base: Ex = lift1(pointerTo(made), at, list.run, (_, frame) => frame.slots[slot]!);
  return {
    is: "place",
    type: made,
    at,
    place: { kind: "memory", base, offset: 0, bits: undefined, shared: false, name: "a literal" },
  };
}

const unaries: ReadonlySet<string> = new Set(["!", "~", "-", "+", "*", "&", "++", "--"]);

function readUnary(c: Compiler): Operand {
  const token = peek(c);
  const from = token.place;
  if (token.kind === "name" && (token.text === "sizeof" || token.text === "_Alignof" || token.text === "__alignof__"))
    return readSizeof(c);
  if (token.kind !== "operator" || !unaries.has(token.text)) return readPostfix(c, readPrimary(c), from);
  return nested(c, () => {
    c.at++;
    const op = token.text;
    if (op === "&" && ahead(c) === "&") throw new Unsupported("the address of a label", from);
    const operand = op === "++" || op === "--" ? readUnary(c) : readCast(c);
    const at = since(c, from);
    switch (op) {
      case "++":
      case "--":
        return valueOf(compound(c, operand, op === "++" ? "+" : "-", constant(INT, 1, at), "new", at));
      case "&":
        if (operand.is === "place") return valueOf({ ...addressFor(operand), at });
        // The address of a function, or of a structure that a call returned.
        if (operand.ex.type.kind === "pointer" && operand.ex.type.to.kind === "function") return operand;
        throw new Unsupported("the address of a value", at);
      case "*":
        return dereference(rvalue(operand), at);
    }
    const ex = rvalue(operand);
    if (op === "!") {
      const test = truth(ex);
      const { plain: p, steps: s } = test;
      if (ex.constant !== undefined) return valueOf(constant(INT, ex.constant === 0 ? 1 : 0, at));
      if (p !== undefined) return valueOf(plain(INT, at, (frame) => (p(frame) ? 0 : 1)));
      return valueOf({
        type: INT,
        at,
        constant: undefined,
        plain: undefined,
        *steps(frame) {
          return (yield* s!(frame)) ? 0 : 1;
        },
      });
    }
    if (!isInt(ex.type)) throw new Unsupported(`${op} of ${typeText(ex.type)}`, at);
    const type = promoted(ex.type);
    const value = convert(ex, type);
    const apply = op === "-" ? (v: Int) => negate(v, type) : op === "~" ? (v: Int) => invert(v, type) : (v: Int) => v;
    if (value.constant !== undefined) return valueOf(constant(type, apply(value.constant), at));
    return valueOf(lift1(type, at, value, (v) => (v === UNINIT ? v : apply(v as Int))));
  });
}

function dereference(pointer: Ex, at: Place, name = "*"): Operand {
  if (!isPointer(pointer.type)) throw new Unsupported(`* of ${typeText(pointer.type)}`, at);
  const type = pointer.type.to;
  if (type.kind === "function") return valueOf(pointer);
  return {
    is: "place",
    type,
    at,
    place: { kind: "memory", base: pointer, offset: 0, bits: undefined, shared: true, name },
  };
}

function readSizeof(c: Compiler): Operand {
  const from = here(c);
  const word = ahead(c);
  c.at++;
  let type: CType;
  if (ahead(c) === "(" && startsType(c, 1)) {
    c.at++;
    type = readTypeName(c);
    need(c, ")");
    if (ahead(c) === "{") type = (compoundLiteral(c, type, from) as Operand & { is: "place" }).type;
  } else {
    const operand = readUnary(c);
    type = operand.is === "place" ? operand.type : operand.ex.type;
  }
  const at = since(c, from);
  if (word !== "sizeof") throw new Unsupported("_Alignof", at);
  const size = sizeOf(type, c.program.model);
  if (size === undefined) throw new Unsupported(`the size of ${typeText(type)} is not known`, at);
  return valueOf(constant(c.program.ulong, size, at));
}

function readPostfix(c: Compiler, first: Operand, from: Place): Operand {
  let operand = first;
  for (;;) {
    const token = peek(c);
    if (token.kind !== "operator") return operand;
    switch (token.text) {
      case "[": {
        c.at++;
        const index = readValue(c);
        need(c, "]");
        operand = element(c, operand, index, since(c, from));
        break;
      }
      case "(": {
        const callee = rvalue(operand);
        operand = valueOf(callThrough(callee, readArguments(c), since(c, from)));
        break;
      }
      case ".":
      case "->": {
        c.at++;
        const name = peek(c).text;
        c.at++;
        operand = member(operand, token.text, name, since(c, from));
        break;
      }
      case "++":
      case "--":
        c.at++;
        operand = valueOf(
          compound(c, operand, token.text === "++" ? "+" : "-", constant(INT, 1, token.place), "old", since(c, from)),
        );
        break;
      default:
        return operand;
    }
  }
}

function nameOf(operand: Operand): string {
  return operand.is === "place" ? operand.place.name : "*";
}

function element(c: Compiler, operand: Operand, index: Ex, at: Place): Operand {
  const name = `${nameOf(operand)}[]`;
  if (operand.is === "place" && operand.type.kind === "array" && isInt(index.type)) {
    // Into an array that nobody else sees: still nobody sees it.
    const { type, place } = operand;
    const { shared } = place as Location & { kind: "memory" };
    const base = { ...addressFor(operand), type: pointerTo(type.of) };
    const sum = binary(c, "+", base, index, at);
    return {
      is: "place",
      type: type.of,
      at,
      place: { kind: "memory", base: sum, offset: 0, bits: undefined, shared, name },
    };
  }
  const a = rvalue(operand);
  return dereference(binary(c, "+", a, index, at), at, name);
}

function member(operand: Operand, op: string, name: string, at: Place): Operand {
  const whole =
    op === "->" ? dereference(rvalue(operand), at) : operand.is === "place" ? operand : structure(operand.ex);
  if (whole.is !== "place" || whole.type.kind !== "record" || whole.place.kind !== "memory") {
    throw new Unsupported(`a member ${name} of what is no structure`, at);
  }
  const field = findField(whole.type, name);
  if (field === undefined) throw new Unsupported(`member ${name} of ${whole.type.name} is not shown`, at);
  const { base, offset, shared } = whole.place;
  return {
    is: "place",
    type: field.type,
    at,
    place: { kind: "memory", base, offset: offset + field.offset, bits: field.bits, shared, name },
  };
}

/** A structure that a call or a choice gave: its value points to where it lies. */
function structure(ex: Ex): Operand {
  if (ex.type.kind !== "record") return valueOf(ex);
  const base = { ...ex, type: pointerTo(ex.type) };
  return {
    is: "place",
    type: ex.type,
    at: ex.at,
    place: { kind: "memory", base, offset: 0, bits: undefined, shared: false, name: "*" },
  };
}

// Primary expressions.

function readPrimary(c: Compiler): Operand {
  const token = peek(c);
  const at = token.place;
  switch (token.kind) {
    case "number":
      c.at++;
      return valueOf(number(c, token.text, at));
    case "char":
      c.at++;
      return valueOf(constant(INT, wrap(characters(token.text, at)[0] ?? 0, c.program.ints.char), at));
    case "string":
      return stringLiteral(c);
    case "operator":
      if (token.text !== "(") break;
      if (ahead(c, 1) === "{") {
        const close = closingAt(c, c.at);
        if (close < 0) break;
        c.at++;
        const ex = nested(c, () => compileStatementExpression(c, at));
        need(c, ")");
        return valueOf(ex);
      }
      {
        c.at++;
        const inner = readExpression(c);
        need(c, ")");
        return inner;
      }
    case "name":
      return readName(c);
  }
  throw new Unsupported(
    token.kind === "end" ? "the expression ends early" : `\`${token.text}\` is not expected here`,
    at,
  );
}

function readName(c: Compiler): Operand {
  const { text: name, place: at } = peek(c);
  const meaning = lookUp(c, name);
  if (meaning === undefined && ahead(c, 1) === "(") {
    if (intrinsics.has(name)) {
      c.at += 2;
      const operand = nested(c, () => intrinsic(c, name, at));
      need(c, ")");
      return operand;
    }
    // Before its arguments are read: they may be those of a macro that nothing shows.
    if (!c.program.calls(name, c.tree)) throw new Unsupported(`${name}() is not shown`, at);
    c.at++;
    return valueOf(callNamed(c, name, readArguments(c), since(c, at)));
  }
  c.at++;
  if (meaning !== undefined) return local(name, meaning, at);
  if (name === "NULL") return valueOf(plain(pointerTo(VOID), at, () => 0, 0));
  if (name === "true" || name === "false") return valueOf(constant(BOOL, name === "true" ? 1 : 0, at));
  if (name === "__func__" || name === "__FUNCTION__") return bytesOf(c, c.code.name, at);
  const known = c.program.constant(name);
  if (known !== undefined) return valueOf(constant(known.type, known.value, at));
  const type = c.program.variableType(name, c.tree);
  if (type !== undefined) {
    const { tree } = c;
    const base = plain(pointerTo(type), at, (frame) => {
      const { machine } = frame;
      return machine.program.global(machine, name, tree) ?? machine.notExecuted(`${name} is not shown`, at);
    });
    return { is: "place", type, at, place: { kind: "memory", base, offset: 0, bits: undefined, shared: true, name } };
  }
  const signature = c.program.signature(name, c.tree);
  if (signature === undefined) throw new Unsupported(`${name} is not shown`, at);
  return valueOf(plain(pointerTo(signature.type), at, (frame) => frame.machine.functionPointer(name)));
}

function local(name: string, meaning: Meaning, at: Place): Operand {
  switch (meaning.kind) {
    case "slot":
      return { is: "place", type: meaning.type, at, place: { kind: "slot", slot: meaning.slot, name } };
    case "memory": {
      const { slot, type, shared } = meaning;
      const base = plain(pointerTo(type), at, (frame) => frame.slots[slot]!);
      return { is: "place", type, at, place: { kind: "memory", base, offset: 0, bits: undefined, shared, name } };
    }
    case "static": {
      const { key, type, initial } = meaning;
      const base = plain(pointerTo(type), at, ({ machine }) => {
        let made = false;
        const pointer = machine.once(key, () => {
          made = true;
          return machine.staticObject(name, type);
        });
        if (made && initial !== undefined) machine.initialise(initial, [pointer], at);
        return pointer;
      });
      return { is: "place", type, at, place: { kind: "memory", base, offset: 0, bits: undefined, shared: true, name } };
    }
    case "constant":
      return valueOf(constant(meaning.type as IntType, meaning.value, at));
    case "unknown":
      throw new Unsupported(meaning.why, at);
    case "type":
      throw new Unsupported(`${name} is a type`, at);
  }
}

function number(c: Compiler, text: string, at: Place): Ex {
  const match = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([uUlL]*)$/.exec(text);
  if (match === null || match[1]!.length > 60) throw new Unsupported(`the number ${text.slice(0, 40)}`, at);
  const digits = match[1]!;
  const suffix = match[2]!.toLowerCase();
  const octal = /^0[0-9]+$/.test(digits);
  if (octal && /[89]/.test(digits)) throw new Unsupported(`the number ${text}`, at);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  if (value > 0xffffffffffffffffn) throw new Unsupported(`the number ${text}`, at);
  const decimal = /^[1-9]/.test(digits) || digits === "0";
  const unsigned = suffix.includes("u");
  const longs = suffix.replace("u", "").length;
  const { long, ulong } = c.program.ints;
  const candidates: IntType[] = [];
  if (longs < 1) candidates.push(INT, UINT);
  if (longs < 2) candidates.push(long, ulong);
  candidates.push(LLONG, ULLONG);
  const type = candidates.find((each) => {
    if (unsigned && each.signed) return false;
    if (!unsigned && decimal && !each.signed) return false;
    return value < 1n << BigInt(each.size * 8 - (each.signed ? 1 : 0));
  });
  return constant(type ?? ULLONG, normal(value), at);
}

const escapes: Record<string, number> = {
  n: 10,
  t: 9,
  r: 13,
  "0": 0,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  "\\": 92,
  "'": 39,
  '"': 34,
  "?": 63,
  e: 27,
};

/** The bytes of a character constant or a string literal, without the one that ends it. */
function characters(literal: string, at: Place): number[] {
  const bytes: number[] = [];
  const text = literal.slice(1, -1);
  const encoder = new TextEncoder();
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "\\") {
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
      bytes.push(...encoder.encode(String.fromCodePoint(point)));
      continue;
    }
    const rest = text.slice(i + 1, i + 5);
    const octal = /^[0-7]{1,3}/.exec(rest);
    const hex = /^x[0-9a-fA-F]{1,2}/.exec(rest);
    if (octal !== null) bytes.push(Number.parseInt(octal[0], 8) & 255);
    else if (hex !== null) bytes.push(Number.parseInt(hex[0].slice(1), 16));
    else if (escapes[rest[0] ?? ""] !== undefined) bytes.push(escapes[rest[0]!]!);
    else throw new Unsupported("this escape sequence", at);
    i += (octal ?? hex)?.[0].length ?? 1;
  }
  return bytes;
}

/** The bytes of adjacent string literals, or undefined if none starts here. */
export function readString(c: Compiler): number[] | undefined {
  if (peek(c).kind !== "string") return undefined;
  const bytes: number[] = [];
  while (peek(c).kind === "string") {
    for (const byte of characters(peek(c).text, here(c))) bytes.push(byte);
    c.at++;
  }
  return bytes;
}

function stringLiteral(c: Compiler): Operand {
  const at = here(c);
  return literal(c, readString(c)!, since(c, at));
}

const bytesOf = (c: Compiler, text: string, at: Place): Operand => literal(c, [...new TextEncoder().encode(text)], at);

function literal(c: Compiler, bytes: readonly number[], at: Place): Operand {
  const type = arrayOf(c.program.ints.char, bytes.length + 1);
  const key = `string ${at.tree.file} ${at.start} ${bytes.join(",")}`;
  const char = c.program.ints.char;
  const base = plain(pointerTo(type), at, ({ machine }) =>
    machine.once(key, () => {
      const pointer = machine.staticObject("a string", type);
      bytes.forEach((byte, index) => machine.heap.write(pointer.object, index, char, wrap(byte, char)));
      return pointer;
    }),
  );
  // Nobody writes to a string: reading it is no step that others matter to.
  return {
    is: "place",
    type,
    at,
    place: { kind: "memory", base, offset: 0, bits: undefined, shared: false, name: "a string" },
  };
}

// Calls.

function readArguments(c: Compiler): Ex[] {
  need(c, "(");
  const args: Ex[] = [];
  while (ahead(c) !== ")") {
    args.push(nested(c, () => readArgument(c)));
    if (!accept(c, ",")) break;
  }
  need(c, ")");
  return args;
}

/** Arguments as a function of this type takes them. */
function converted(args: readonly Ex[], { params, variadic }: FunctionType, name: string, at: Place): Ex[] {
  if (args.length < params.length || (args.length > params.length && !variadic)) {
    throw new Unsupported(`${name}() takes ${params.length} arguments, not ${args.length}`, at);
  }
  return args.map((arg, index) => {
    const type = params[index];
    if (type !== undefined) return convert(arg, type);
    return isInt(arg.type) ? convert(arg, promoted(arg.type)) : arg;
  });
}

function callThrough(callee: Ex, args: readonly Ex[], at: Place): Ex {
  if (!isPointer(callee.type) || callee.type.to.kind !== "function")
    throw new Unsupported("a call of what is no function", at);
  const { to } = callee.type;
  const all = liftAll(VOID, at, converted(args, to, "it", at), (values) => values as unknown as Value);
  const { plain: pf, steps: sf } = callee;
  return {
    type: to.returns,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      const target = pf !== undefined ? pf(frame) : yield* sf!(frame);
      const values = (all.plain !== undefined ? all.plain(frame) : yield* all.steps!(frame)) as unknown as Value[];
      return yield* frame.machine.call(target, values, at);
    },
  };
}

/** A call of a function by its name. */
export function callNamed(c: Compiler, name: string, args: readonly Ex[], at: Place): Ex {
  const signature = c.program.signature(name, c.tree);
  const code = c.program.code(name, c.tree);
  const binding = code === undefined ? c.program.bindings.functions.get(name) : undefined;
  if (code === undefined && binding === undefined) throw new Unsupported(`${name}() is not shown`, at);
  if (signature === undefined) throw new Unsupported(`${name}() has no prototype`, at);
  const { returns } = signature.type;
  const values = converted(args, signature.type, name, at);
  if (code !== undefined) {
    if (code.plain === true)
      return liftAll(returns, at, values, (given, frame) => callPlain(frame.machine, code, given, at));
    const all = liftAll(VOID, at, values, (given) => given as unknown as Value);
    return {
      type: returns,
      at,
      constant: undefined,
      plain: undefined,
      *steps(frame) {
        const given = (all.plain !== undefined ? all.plain(frame) : yield* all.steps!(frame)) as unknown as Value[];
        return yield* callSteps(frame.machine, code, given, at);
      },
    };
  }
  const all = liftAll(VOID, at, values, (given) => given as unknown as Value);
  return {
    type: returns,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      const { machine } = frame;
      const given = (all.plain !== undefined ? all.plain(frame) : yield* all.steps!(frame)) as unknown as Value[];
      return yield* machine.bound(binding!, given, at);
    },
  };
}

/** A scope for what a macro or an intrinsic declares. */
export function inScope<T>(c: Compiler, read: () => T): T {
  openScope(c);
  try {
    return read();
  } finally {
    closeScope(c);
  }
}
