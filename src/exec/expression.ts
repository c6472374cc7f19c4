import {
  accept,
  ahead,
  type Compiler,
  closingAt,
  here,
  lookUp,
  type Meaning,
  need,
  nested,
  peek,
  since,
  Unsupported,
} from "./compiler.ts";
import { readTypeName, startsType } from "./declare.ts";
import { compileList } from "./initial.ts";
import { callPlain, callSteps } from "./interpret.ts";
import { intrinsic, intrinsics } from "./intrinsic.ts";
import { bytesOf, characters, number, stringLiteral } from "./literal.ts";
import {
  addressFor,
  assign,
  asValue,
  constant,
  conversion,
  convert,
  type Ex,
  type Location,
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
import { binary, choice, logical, operation } from "./operator.ts";
import { compileStatementExpression } from "./statement.ts";
import type { Place } from "./token.ts";
import {
  BOOL,
  type CType,
  type FunctionType,
  findField,
  INT,
  type IntType,
  isInt,
  isPointer,
  pointerTo,
  promoted,
  sizeOf,
  typeText,
  VOID,
} from "./type.ts";
import { type Int, invert, negate, UNINIT, type Value, wrap } from "./value.ts";

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

/**
 * Refuses a chain of operators that is longer than any that people write: each pause of its first operand is handed on by all that follow.
 */
function tooLong(c: Compiler, links: number): void {
  if (links > 200) throw new Unsupported("an expression is too long", here(c));
}

/** A full expression, with commas. */
export function readExpression(c: Compiler): Operand {
  return nested(c, () => {
    let left = readAssignment(c);
    for (let links = 0; accept(c, ","); links++) {
      tooLong(c, links);
      const a = valueOrNothing(left);
      const right = readAssignment(c);
      const b = valueOrNothing(right);
      left = asValue(lift2(b.type, b.at, a, b, (_, value) => value));
    }
    return left;
  });
}

/** The value of a full expression. */
export const readValue = (c: Compiler): Ex => rvalue(readExpression(c));

/** The value of an expression without commas, as between those of a call. */
export const readArgument = (c: Compiler): Ex => rvalue(readAssignment(c));

/** An integer constant expression. */
export function constantOf(c: Compiler): Int {
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
    return asValue(assign(target, value, since(c, from)));
  }
  if (!assignments.has(op) || peek(c).kind !== "operator") return target;
  c.at++;
  const value = nested(c, () => readArgument(c));
  const at = since(c, from);
  return asValue(compound(c, target, op.slice(0, -1), value, "new", at));
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
    return asValue(choice(c, condition, yes, no, since(c, from)));
  });
}

function readBinary(c: Compiler, least: number): Operand {
  const from = here(c);
  let left = readCast(c);
  for (let links = 0; ; links++) {
    const token = peek(c);
    const level = token.kind === "operator" ? precedence[token.text] : undefined;
    if (level === undefined || level < least) return left;
    tooLong(c, links);
    c.at++;
    const right = nested(c, () => readBinary(c, level + 1));
    const at = since(c, from);
    left = asValue(
      token.text === "&&" || token.text === "||"
        ? logical(token.text, rvalue(left), rvalue(right), at)
        : binary(c, token.text, rvalue(left), rvalue(right), at),
    );
  }
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
    if (type.kind === "void") return asValue(lift1(VOID, at, ex, () => 0));
    return asValue({ ...convert({ ...ex, at }, type, true), at });
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
        return asValue(compound(c, operand, op === "++" ? "+" : "-", constant(INT, 1, at), "new", at));
      case "&":
        if (operand.is === "place") return asValue({ ...addressFor(operand), at });
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
      if (ex.constant !== undefined) return asValue(constant(INT, ex.constant === 0 ? 1 : 0, at));
      if (p !== undefined) return asValue(plain(INT, at, (frame) => (p(frame) ? 0 : 1)));
      return asValue({
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
    if (value.constant !== undefined) return asValue(constant(type, apply(value.constant), at));
    return asValue(lift1(type, at, value, (v) => (v === UNINIT ? v : apply(v as Int))));
  });
}

function dereference(pointer: Ex, at: Place, name = "*"): Operand {
  if (!isPointer(pointer.type)) throw new Unsupported(`* of ${typeText(pointer.type)}`, at);
  const type = pointer.type.to;
  if (type.kind === "function") return asValue(pointer);
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
  return asValue(constant(c.program.ulong, size, at));
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
        operand = asValue(callThrough(callee, readArguments(c), since(c, from)));
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
        operand = asValue(
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
  if (ex.type.kind !== "record") return asValue(ex);
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
      return asValue(number(c, token.text, at));
    case "char":
      c.at++;
      return asValue(constant(INT, wrap(characters(token.text, at)[0] ?? 0, c.program.ints.char), at));
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
        return asValue(ex);
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
    return asValue(callNamed(c, name, readArguments(c), since(c, at)));
  }
  c.at++;
  if (meaning !== undefined) return local(name, meaning, at);
  if (name === "NULL") return asValue(plain(pointerTo(VOID), at, () => 0, 0));
  if (name === "true" || name === "false") return asValue(constant(BOOL, name === "true" ? 1 : 0, at));
  if (name === "__func__" || name === "__FUNCTION__") return bytesOf(c, c.code.name, at);
  const known = c.program.constant(name);
  if (known !== undefined) return asValue(constant(known.type, known.value, at));
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
  return asValue(plain(pointerTo(signature.type), at, (frame) => frame.machine.functionPointer(name)));
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
      return asValue(constant(meaning.type as IntType, meaning.value, at));
    case "unknown":
      throw new Unsupported(meaning.why, at);
    case "type":
      throw new Unsupported(`${name} is a type`, at);
  }
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
