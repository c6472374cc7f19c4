import { accept, ahead, type Compiler, here, need, peek, since, Unsupported } from "./compiler.ts";
import { readTypeName, startsType } from "./declare.ts";
import { constantOf, readArgument, readAssignment, readExpression } from "./expression.ts";
import type { Run } from "./interpret.ts";
import {
  assign,
  constant,
  convert,
  type Ex,
  lift1,
  lift2,
  liftAll,
  type Operand,
  plain,
  rvalue,
  truth,
  update,
  valueOrNothing,
} from "./operand.ts";
import { operation } from "./operator.ts";
import type { Place } from "./token.ts";
import {
  type CType,
  commonType,
  findField,
  INT,
  type IntType,
  isInt,
  isPointer,
  pointerTo,
  sizeOf,
  typeText,
  VOID,
} from "./type.ts";
import { type Int, normal, UNINIT, type Value, wrap } from "./value.ts";

type Intrinsic = (c: Compiler, at: Place, name: string) => Operand;

const value = (ex: Ex): Operand => ({ is: "value", ex });

/** The arguments up to the closing parenthesis. */
function args(c: Compiler, count: number): Ex[] {
  const all: Ex[] = [];
  do all.push(readArgument(c));
  while (accept(c, ","));
  if (all.length !== count) throw new Unsupported(`${count} arguments are expected`, here(c));
  return all;
}

/** What kind of type an expression or a type name has; both may stand there. */
function readTypeOf(c: Compiler): CType {
  if (startsType(c)) return readTypeName(c);
  const operand = readAssignment(c);
  return operand.is === "place" ? operand.type : operand.ex.type;
}

const smaller = (a: Value, b: Value): Value =>
  a === UNINIT || b === UNINIT ? UNINIT : (a as Int) < (b as Int) ? a : b;
const larger = (a: Value, b: Value): Value => (a === UNINIT || b === UNINIT ? UNINIT : (a as Int) > (b as Int) ? a : b);

/** min() and max() of include/linux/minmax.h: each operand once, compared in their common type. */
function extreme(c: Compiler, a: Ex, b: Ex, pick: typeof smaller, at: Place): Ex {
  if (isPointer(a.type) && isPointer(b.type)) throw new Unsupported("min() or max() of pointers", at);
  if (!isInt(a.type) || !isInt(b.type)) throw new Unsupported("min() or max() of what is no integer", at);
  const type = commonType(a.type, b.type, c.program.ints);
  const left = convert(a, type);
  const right = convert(b, type);
  if (left.constant !== undefined && right.constant !== undefined) {
    return constant(type, pick(left.constant, right.constant) as Int, at);
  }
  return lift2(type, at, left, right, pick);
}

const extremes =
  (pick: typeof smaller, count: number): Intrinsic =>
  (c, at) => {
    const [first, ...rest] = args(c, count);
    let result = first!;
    for (const next of rest) result = extreme(c, result, next, pick, since(c, at));
    return value(result);
  };

/** min_t() and max_t(): both operands are cast to the type. */
const typedExtreme =
  (pick: typeof smaller): Intrinsic =>
  (c, at) => {
    const type = readTypeName(c);
    need(c, ",");
    const [a, b] = args(c, 2);
    const where = since(c, at);
    const cast = (ex: Ex) => convert({ ...ex, at: where }, type, true);
    if (!isInt(type)) throw new Unsupported(`min_t() of ${typeText(type)}`, at);
    return value(extremeIn(type, cast(a!), cast(b!), pick, where));
  };

/** Compared in the type itself, not in a promoted one; the result has that type. */
function extremeIn(type: IntType, a: Ex, b: Ex, pick: typeof smaller, at: Place): Ex {
  if (a.constant !== undefined && b.constant !== undefined)
    return constant(type, pick(a.constant, b.constant) as Int, at);
  return lift2(type, at, a, b, pick);
}

const clamps =
  (typed: "none" | "given" | "own"): Intrinsic =>
  (c, at) => {
    const given = typed === "given" ? readTypeName(c) : undefined;
    if (given !== undefined) need(c, ",");
    const [v, low, high] = args(c, 3) as [Ex, Ex, Ex];
    const type = given ?? (typed === "own" ? v.type : undefined);
    if (type === undefined) return value(extreme(c, extreme(c, v, low, larger, at), high, smaller, at));
    if (!isInt(type)) throw new Unsupported("a clamp of what is no integer", at);
    const cast = (ex: Ex) => convert(ex, type, true);
    return value(extremeIn(type, extremeIn(type, cast(v), cast(low), larger, at), cast(high), smaller, at));
  };

const minNotZero: Intrinsic = (c, at) => {
  const [a, b] = args(c, 2) as [Ex, Ex];
  if (!isInt(a.type) || !isInt(b.type)) throw new Unsupported("min_not_zero() of what is no integer", at);
  const type = commonType(a.type, b.type, c.program.ints);
  return value(
    lift2(type, since(c, at), convert(a, type), convert(b, type), (x, y) =>
      x === 0 ? y : y === 0 ? x : smaller(x, y),
    ),
  );
};

/** One load: a pause of its own where others can see the place, none inside. */
const readOnce: Intrinsic = (c) => value(rvalue(readAssignment(c)));
const loadAcquire: Intrinsic = (c, at) => value(rvalue(target(readArgument(c), at)));

/** What the pointer argument of an accessor points to. */
function target(pointer: Ex, at: Place): Operand {
  if (!isPointer(pointer.type)) throw new Unsupported("a pointer is expected", at);
  return {
    is: "place",
    type: pointer.type.to,
    at,
    place: { kind: "memory", base: pointer, offset: 0, bits: undefined, shared: true, name: nameAt(at) },
  };
}

/** The last name of the first argument: what `&cio->waiter` is called. */
function nameAt(at: Place): string {
  const words = at.tree.text
    .slice(at.start, at.end)
    .split(",")[0]!
    .match(/[A-Za-z_]\w*/g);
  return words?.[words.length - 1] ?? "*";
}

const writeOnce: Intrinsic = (c, at) => {
  const place = readAssignment(c);
  need(c, ",");
  const [ex] = args(c, 1);
  return value(assign(place, ex!, since(c, at)));
};

const storeRelease: Intrinsic = (c, at) => {
  const pointer = readArgument(c);
  need(c, ",");
  const [ex] = args(c, 1);
  const where = since(c, at);
  return value(assign(target(pointer, where), ex!, where));
};

/** xchg(): load and store in one step; the old value. */
const exchange: Intrinsic = (c, at) => {
  const [pointer, ex] = args(c, 2) as [Ex, Ex];
  const where = since(c, at);
  const place = target(pointer, where);
  const type = (place as Operand & { is: "place" }).type;
  return value(update(place, convert(ex, type), (_, given) => given, "old", where, true));
};

/** cmpxchg(): in one step; the old value. */
const compareExchange: Intrinsic = (c, at) => {
  const [pointer, expected, ex] = args(c, 3) as [Ex, Ex, Ex];
  const where = since(c, at);
  const place = target(pointer, where);
  const type = (place as Operand & { is: "place" }).type;
  const same = operation(c, "==", type, type, where);
  // Both operands travel in one list.
  const both = liftAll(
    VOID,
    where,
    [convert(expected, type), convert(ex, type)],
    (values) => values as unknown as Value,
  );
  return value(
    update(
      place,
      both,
      (old, given, frame) => {
        const [wanted, made] = given as unknown as [Value, Value];
        return same.apply(old, wanted, frame) === 1 ? made : old;
      },
      "old",
      where,
      true,
    ),
  );
};

/** WARN_ON() and its like: the condition's truth; a true one is noted. */
const warn: Intrinsic = (c, at, name) => {
  const ex = readArgument(c);
  skipRest(c);
  const where = since(c, at);
  const test = truth(ex);
  const note = (holds: boolean, frame: Parameters<NonNullable<typeof test.plain>>[0]) => {
    if (holds) frame.machine.fault("warning", `${name}()`, where);
    return holds ? 1 : 0;
  };
  return value(lift1(INT, where, test as unknown as Run, (holds, frame) => note(holds as unknown as boolean, frame)));
};

const bug: Intrinsic = (c, at) => {
  const where = at;
  if (ahead(c) === ")") return value(plain(VOID, where, ({ machine }) => machine.fatal("bug", "BUG()", where)));
  const ex = readArgument(c);
  const test = truth(ex);
  return value(
    lift1(VOID, where, test as unknown as Run, (holds, { machine }) =>
      (holds as unknown as boolean) ? machine.fatal("bug", "BUG_ON()", where) : 0,
    ),
  );
};

/** Skips arguments that say nothing about how code runs. */
function skipRest(c: Compiler): void {
  let depth = 0;
  while (c.at < c.end && !(depth === 0 && ahead(c) === ")")) {
    const { kind, text } = peek(c);
    if (kind === "operator" && (text === "(" || text === "{" || text === "[")) depth++;
    if (kind === "operator" && (text === ")" || text === "}" || text === "]")) depth--;
    c.at++;
  }
}

const nothing: Intrinsic = (c, at) => {
  skipRest(c);
  return value(plain(VOID, at, () => 0));
};

const same: Intrinsic = (c) => {
  const ex = readArgument(c);
  // __builtin_expect() has a second one.
  if (accept(c, ",")) readArgument(c);
  return value(ex);
};

/** likely() and unlikely(): 0 or 1. */
const truthOf: Intrinsic = (c, at) => {
  const ex = readArgument(c);
  if (ex.constant !== undefined) return value(constant(INT, ex.constant === 0 ? 0 : 1, at));
  return value(lift1(INT, at, truth(ex) as unknown as Run, (holds) => ((holds as unknown as boolean) ? 1 : 0)));
};

const offsetOf: Intrinsic = (c, at) => {
  let type = readTypeName(c);
  need(c, ",");
  let offset = 0;
  do {
    const name = peek(c).text;
    const field = type.kind === "record" ? findField(type, name) : undefined;
    if (field === undefined) throw new Unsupported(`member ${name} of ${typeText(type)} is not shown`, at);
    c.at++;
    offset += field.offset;
    type = field.type;
    while (accept(c, "[")) {
      if (type.kind !== "array") throw new Unsupported("an index into what is no array", at);
      offset += Number(constantOf(c)) * (sizeOf(type.of, c.program.model) ?? 0);
      type = type.of;
      need(c, "]");
    }
  } while (accept(c, "."));
  return value(constant(c.program.ulong, offset, at));
};

const sizeOfField: Intrinsic = (c, at) => {
  const type = readTypeName(c);
  need(c, ",");
  const name = peek(c).text;
  c.at++;
  const field = type.kind === "record" ? findField(type, name) : undefined;
  const size = field === undefined ? undefined : sizeOf(field.type, c.program.model);
  if (size === undefined) throw new Unsupported(`member ${name} of ${typeText(type)} is not shown`, at);
  return value(constant(c.program.ulong, size, at));
};

/** IS_ENABLED() of a name of the configuration. */
const enabled: Intrinsic = (c, at) => {
  const { text } = peek(c);
  c.at++;
  return value(constant(INT, c.program.isDefined(text) ? 1 : 0, at));
};

const isConstant: Intrinsic = (c, at) => {
  const ex = rvalue(readExpression(c));
  return value(constant(INT, ex.constant === undefined ? 0 : 1, at));
};

const sameTypes: Intrinsic = (c, at) => {
  const a = readTypeOf(c);
  need(c, ",");
  const b = readTypeOf(c);
  return value(constant(INT, typeText(a) === typeText(b) ? 1 : 0, at));
};

const chooseExpression: Intrinsic = (c, at) => {
  const which = constantOf(c);
  need(c, ",");
  const a = valueOrNothing(readAssignment(c));
  need(c, ",");
  const b = valueOrNothing(readAssignment(c));
  return value({ ...(which !== 0 ? a : b), at });
};

const size = (v: Value): number => Number(v as Int);

/** A step of its own, as the memory may be anybody's. */
function bulk(
  at: Place,
  all: Ex,
  type: CType,
  name: string,
  run: (values: Value[], machine: Parameters<NonNullable<Ex["plain"]>>[0]["machine"]) => Value,
): Ex {
  const { plain: p, steps: s } = all;
  return {
    type,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      const values = (p !== undefined ? p(frame) : yield* s!(frame)) as unknown as Value[];
      if (frame.machine.pauses(name)) yield name;
      return run(frame.machine.settled(values, at), frame.machine);
    },
  };
}

const VOIDP = pointerTo(VOID);

const memory =
  (what: "copy" | "set" | "compare"): Intrinsic =>
  (c, at, name) => {
    const [a, b, n] = args(c, 3) as [Ex, Ex, Ex];
    const where = since(c, at);
    const types = [VOIDP, what === "set" ? INT : VOIDP, c.program.ulong];
    const all = liftAll(
      VOID,
      where,
      [a, b, n].map((ex, i) => convert(ex, types[i]!)),
      (values) => values as unknown as Value,
    );
    return value(
      bulk(where, all, what === "compare" ? INT : VOIDP, name, ([x, y, count], machine) => {
        if (what === "copy") machine.copy(x!, 0, y!, 0, size(count!), where);
        else if (what === "set") machine.fillWith(x!, size(y!), size(count!), where);
        else {
          const left = machine.bytes(x!, size(count!), where);
          const right = machine.bytes(y!, size(count!), where);
          const at = left.findIndex((byte, i) => byte !== right[i]);
          return at < 0 ? 0 : left[at]! < right[at]! ? -1 : 1;
        }
        return x!;
      }),
    );
  };

/** check_add_overflow() and its like: computes without bounds, stores what is left in the type, says whether that differs. */
const overflow =
  (op: "+" | "-" | "*"): Intrinsic =>
  (c, at) => {
    const [a, b, to] = args(c, 3) as [Ex, Ex, Ex];
    const where = since(c, at);
    const type = isPointer(to.type) ? to.type.to : VOID;
    if (!isInt(type) || !isInt(a.type) || !isInt(b.type))
      throw new Unsupported("an overflow check of what is no integer", where);
    const exact = (x: Value, y: Value): bigint | undefined => {
      if (x === UNINIT || y === UNINIT) return undefined;
      const [l, r] = [BigInt(x as Int), BigInt(y as Int)];
      return op === "+" ? l + r : op === "-" ? l - r : l * r;
    };
    const all = liftAll(VOID, where, [a, b, to], (values) => values as unknown as Value);
    return value(
      bulk(where, all, INT, "overflow", ([x, y, pointer], machine) => {
        const sum = exact(x!, y!) ?? 0n;
        const kept = wrap(normal(sum), type);
        machine.store(pointer!, 0, type, kept, "*", where);
        return BigInt(kept) === sum ? 0 : 1;
      }),
    );
  };

/** What the language layer does by itself: it needs the tokens or the types of the arguments. */
export const intrinsics: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ["min", extremes(smaller, 2)],
  ["max", extremes(larger, 2)],
  ["umin", extremes(smaller, 2)],
  ["umax", extremes(larger, 2)],
  ["min3", extremes(smaller, 3)],
  ["max3", extremes(larger, 3)],
  ["min_t", typedExtreme(smaller)],
  ["max_t", typedExtreme(larger)],
  ["min_not_zero", minNotZero],
  ["clamp", clamps("none")],
  ["clamp_t", clamps("given")],
  ["clamp_val", clamps("own")],
  ["READ_ONCE", readOnce],
  ["WRITE_ONCE", writeOnce],
  ["smp_load_acquire", loadAcquire],
  ["smp_store_release", storeRelease],
  ["xchg", exchange],
  ["cmpxchg", compareExchange],
  ["WARN_ON", warn],
  ["WARN_ON_ONCE", warn],
  ["WARN", warn],
  ["WARN_ONCE", warn],
  ["BUG_ON", bug],
  ["BUG", bug],
  ["BUILD_BUG_ON", nothing],
  ["BUILD_BUG_ON_MSG", nothing],
  ["BUILD_BUG", nothing],
  ["IS_ENABLED", enabled],
  ["IS_BUILTIN", enabled],
  ["IS_REACHABLE", enabled],
  ["likely", truthOf],
  ["unlikely", truthOf],
  ["__builtin_expect", same],
  ["data_race", same],
  ["__builtin_constant_p", isConstant],
  ["__builtin_types_compatible_p", sameTypes],
  ["__same_type", sameTypes],
  ["__builtin_choose_expr", chooseExpression],
  ["offsetof", offsetOf],
  ["__builtin_offsetof", offsetOf],
  ["sizeof_field", sizeOfField],
  ["memcpy", memory("copy")],
  ["memmove", memory("copy")],
  ["__builtin_memcpy", memory("copy")],
  ["memset", memory("set")],
  ["__builtin_memset", memory("set")],
  ["memcmp", memory("compare")],
  ["check_add_overflow", overflow("+")],
  ["check_sub_overflow", overflow("-")],
  ["check_mul_overflow", overflow("*")],
  ["__builtin_add_overflow", overflow("+")],
  ["__builtin_sub_overflow", overflow("-")],
  ["__builtin_mul_overflow", overflow("*")],
]);

/** Reads the arguments of an intrinsic; the closing parenthesis is left. */
export const intrinsic = (c: Compiler, name: string, at: Place): Operand => intrinsics.get(name)!(c, at, name);
