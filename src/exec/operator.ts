import { type Compiler, Unsupported } from "./compiler.ts";
import { addressOf } from "./heap.ts";
import type { Frame } from "./interpret.ts";
import { constant, conversion, convert, displaced, type Ex, folded, lift2, noFrame, plain, truth } from "./operand.ts";
import type { Place } from "./token.ts";
import {
  type CType,
  commonType,
  INT,
  type IntType,
  isInt,
  isPointer,
  promoted,
  sizeOf,
  typeText,
  VOID,
} from "./type.ts";
import { combiner, type Int, normal, Pointer, shift, UNINIT, type Value, wrap } from "./value.ts";

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

export function logical(op: "&&" | "||", a: Ex, b: Ex, at: Place): Ex {
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
