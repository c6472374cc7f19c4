import { accessors, minima, sectorShiftNames } from "../kernel/names.ts";
import type { Node } from "../syntax/node.ts";
import {
  affords,
  type Code,
  type Field,
  type Func,
  foldedText,
  type Store,
  type Struct,
  type Type,
  textOf,
} from "./code.ts";

/**
 * A place that values are stored in. Fields are told apart by structure and not by object: `a->len` and `b->len` are one
 * place if both are of one structure. Locals and parameters belong to their function.
 */
export interface Place {
  /** "variable" or "field". */
  readonly kind: "variable" | "field";
  /** Unique within one Code: "func:name" or "struct foo.name". */
  readonly key: string;
  readonly name: string;
  /** Of a field: the structure, "" if the code does not tell. */
  readonly struct: string;
  readonly type: Type;
  /** Of a field: the expression whose field it is. */
  readonly base: Node | undefined;
}

const unknownType: Type = { name: "", pointers: 0, callable: false };

/** The expression without parentheses, casts, and accessors such as READ_ONCE(). */
export function strip(func: Func, node: Node): Node {
  let n = node;
  for (;;) {
    if (n.type === "parenthesized_expression") {
      const inner = n.children.find((c) => c.type !== "comment");
      if (!inner) return n;
      n = inner;
    } else if (n.type === "cast_expression") {
      const inner = n.child("value");
      if (!inner) return n;
      n = inner;
    } else if (n.type === "call_expression") {
      const callee = n.child("function");
      const args = n.child("arguments");
      if (
        callee &&
        args?.children[0] &&
        (accessors.has(textOf(func.tree, callee)) || /^(?:un)?likely$/.test(textOf(func.tree, callee)))
      )
        n = args.children[0];
      else return n;
    } else return n;
  }
}

/** The type of an expression, as far as declarations tell. */
export function typeOf(code: Code, func: Func, node: Node): Type {
  const n = strip(func, node);
  switch (n.type) {
    case "identifier":
      return func.locals.get(textOf(func.tree, n)) ?? unknownType;
    case "field_expression": {
      const field = fieldOf(code, func, n);
      return field?.type ?? unknownType;
    }
    case "subscript_expression":
    case "pointer_expression": {
      const arg = n.child("argument");
      if (!arg) return unknownType;
      const t = typeOf(code, func, arg);
      const op = n.child("operator");
      if (op && textOf(func.tree, op) === "&") return { ...t, pointers: t.pointers + 1 };
      return { ...t, pointers: Math.max(0, t.pointers - 1) };
    }
    case "call_expression": {
      const callee = n.child("function");
      const f = callee && code.byName.get(textOf(func.tree, callee));
      return f ? f.returns : unknownType;
    }
    default:
      return unknownType;
  }
}

/** The structure that a field expression reaches into. */
export function structOf(code: Code, func: Func, fieldExpression: Node): string {
  const arg = fieldExpression.child("argument");
  if (!arg) return "";
  const t = typeOf(code, func, arg);
  const name = code.typedefs.get(t.name)?.name ?? t.name;
  return /^(?:struct|union) \w/.test(name) ? name : "";
}

export function fieldOf(code: Code, func: Func, fieldExpression: Node): Field | undefined {
  const name = fieldExpression.child("field");
  const struct: Struct | undefined = code.structs.get(structOf(code, func, fieldExpression));
  return name && struct?.fields.find((f) => f.name === textOf(func.tree, name));
}

/** The place that an expression denotes; elements of an array count as the array, `*p` as `p`. */
export function placeOfExpression(code: Code, func: Func, node: Node): Place | undefined {
  const n = strip(func, node);
  switch (n.type) {
    case "identifier": {
      const name = textOf(func.tree, n);
      const type = func.locals.get(name);
      if (!type) return undefined;
      return { kind: "variable", key: `${func.name}:${name}`, name, struct: "", type, base: undefined };
    }
    case "field_expression": {
      const field = n.child("field");
      if (!field) return undefined;
      const name = textOf(func.tree, field);
      const struct = structOf(code, func, n);
      const type = fieldOf(code, func, n)?.type ?? unknownType;
      const key = `${struct || "?"}.${name}`;
      return { kind: "field", key, name, struct, type, base: n.child("argument") };
    }
    case "subscript_expression":
    case "pointer_expression": {
      const arg = n.child("argument");
      return arg && placeOfExpression(code, func, arg);
    }
    case "field_designator":
      return placeOfDesignator(code, func, n);
    default:
      return undefined;
  }
}

/** The member that `.name` in an initialiser stands for; members of nested initialisers are not followed. */
function placeOfDesignator(code: Code, func: Func, designator: Node): Place | undefined {
  const list = designator.parent?.parent;
  const owner = list?.parent;
  const member = designator.children[0];
  if (list?.type !== "initializer_list" || !owner || !member) return undefined;
  const declarator = owner.type === "init_declarator" ? owner.child("declarator") : undefined;
  const literal = owner.type === "compound_literal_expression" ? owner.child("type") : undefined;
  const type = declarator ? typeOf(code, func, declarator).name : literal ? foldedText(func.tree, literal) : "";
  const struct = code.typedefs.get(type)?.name ?? type;
  if (!/^(?:struct|union) \w/.test(struct)) return undefined;
  const name = textOf(func.tree, member);
  const field = code.structs.get(struct)?.fields.find((f) => f.name === name);
  return { kind: "field", key: `${struct}.${name}`, name, struct, type: field?.type ?? unknownType, base: undefined };
}

/** The variable at the root of an access path: `cio` of `cio->ranges[i].len`. */
export function rootVariable(func: Func, node: Node): string | undefined {
  let n = strip(func, node);
  for (;;) {
    if (n.type === "identifier") return textOf(func.tree, n);
    const arg =
      n.type === "field_expression" || n.type === "subscript_expression" || n.type === "pointer_expression"
        ? n.child("argument")
        : undefined;
    if (!arg) return undefined;
    n = strip(func, arg);
  }
}

/** The operands of a minimum (`min(a, b)`, `min_t(type, a, b)`, `a < b ? a : b`), or undefined if it is none. */
export function minimumOperands(func: Func, node: Node): Node[] | undefined {
  const n = strip(func, node);
  if (n.type === "call_expression") {
    const callee = n.child("function");
    const skip = callee && minima.get(textOf(func.tree, callee));
    const args = n.child("arguments")?.children.filter((c) => c.type !== "comment");
    return skip === undefined || !args ? undefined : args.slice(skip);
  }
  if (n.type === "conditional_expression") {
    const cond = n.child("condition");
    const yes = n.child("consequence");
    const no = n.child("alternative");
    const c = cond && strip(func, cond);
    if (!c || !yes || !no || c.type !== "binary_expression") return undefined;
    const left = c.child("left");
    const right = c.child("right");
    const op = c.child("operator");
    if (!left || !right || !op) return undefined;
    const t = (x: Node) => foldedText(func.tree, strip(func, x));
    const o = textOf(func.tree, op);
    const least = o.startsWith("<")
      ? t(left) === t(yes) && t(right) === t(no)
      : o.startsWith(">") && t(left) === t(no) && t(right) === t(yes);
    return least ? [yes, no] : undefined;
  }
  return undefined;
}

/** The places whose values an expression is made of. Conditions of ternaries and arguments of opaque calls do not count. */
export function sources(code: Code, func: Func, node: Node, out: Place[] = []): Place[] {
  const n = strip(func, node);
  const place = placeOfExpression(code, func, n);
  if (place) {
    out.push(place);
    return out;
  }
  switch (n.type) {
    case "binary_expression": {
      const op = n.child("operator");
      const o = op ? textOf(func.tree, op) : "";
      if (!/^(?:[+\-*/&|]|<<|>>|%)$/.test(o)) break;
      const left = n.child("left");
      const right = n.child("right");
      // Behind a shift by the size of a sector the value is in another unit, and another value.
      if (o.length === 2 && right && sectorShiftNames.has(textOf(func.tree, strip(func, right)))) break;
      if (left) sources(code, func, left, out);
      if (right && o !== "<<" && o !== ">>" && o !== "&" && o !== "%") sources(code, func, right, out);
      break;
    }
    case "conditional_expression": {
      const yes = n.child("consequence");
      const no = n.child("alternative");
      if (yes) sources(code, func, yes, out);
      if (no) sources(code, func, no, out);
      break;
    }
    case "call_expression": {
      const operands = minimumOperands(func, n);
      for (const x of operands ?? []) sources(code, func, x, out);
      break;
    }
  }
  return out;
}

/** One step of a value from place to place. */
export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  /** "call": handed over as an argument. */
  readonly kind: "store" | "call";
  readonly in: Func;
  readonly node: Node;
}

/** Which place flows where: stores with "=" and arguments of calls of known functions. */
export interface Flow {
  readonly edges: ReadonlyMap<string, readonly FlowEdge[]>;
  readonly places: ReadonlyMap<string, Place>;
}

/** Fields of ranges and arrays that a pointer parameter leads to count as values of that parameter as well. */
export function flowOf(code: Code, funcs: readonly Func[]): Flow {
  const edges = new Map<string, FlowEdge[]>();
  const places = new Map<string, Place>();
  const add = (from: Place, to: Place, kind: FlowEdge["kind"], func: Func, node: Node) => {
    places.set(from.key, from);
    places.set(to.key, to);
    const list = edges.get(from.key);
    const edge: FlowEdge = { from: from.key, to: to.key, kind, in: func, node };
    if (list) list.push(edge);
    else edges.set(from.key, [edge]);
  };
  for (const func of funcs) {
    for (const store of func.stores) {
      if (store.operator !== "=") continue;
      const to = placeOfExpression(code, func, store.target);
      // What goes into a bio is on its way; other bios that come out elsewhere are not this value.
      if (!to || (to.kind === "field" && to.name.startsWith("bi_"))) continue;
      for (const from of sources(code, func, store.value))
        if (from.key !== to.key) add(from, to, "store", func, store.node);
    }
    for (const call of func.calls) {
      const callee = code.byName.get(call.callee);
      if (!callee) continue;
      call.args.forEach((arg, i) => {
        const p = callee.params[i];
        if (!p?.name) return;
        const to: Place = {
          kind: "variable",
          key: `${callee.name}:${p.name}`,
          name: p.name,
          struct: "",
          type: p.type,
          base: undefined,
        };
        for (const from of sources(code, func, arg)) add(from, to, "call", func, arg);
      });
    }
  }
  return { edges, places };
}

/** Answers of lowersItself(); each store of a local is asked about by every later one that hands the local on. */
const lowering = new WeakMap<Store, { readonly by: Node[] | undefined }>();

/** Is this store `x = min(..., x, ...)`, or `if (y < x) x = y`? Then the value can only go down. */
export function lowersItself(code: Code, store: Store): Node[] | undefined {
  let known = lowering.get(store);
  if (!known) lowering.set(store, (known = { by: lowersIn(code, store) }));
  return known.by;
}

function lowersIn(code: Code, store: Store): Node[] | undefined {
  const { in: func } = store;
  if (store.operator !== "=") return undefined;
  const self = placeOfExpression(code, func, store.target);
  if (!self) return undefined;
  const text = foldedText(func.tree, strip(func, store.target));
  const operands = minimumOperands(func, store.value);
  if (operands) {
    const others = operands.filter((o) => foldedText(func.tree, strip(func, o)) !== text);
    return others.length < operands.length && others.length > 0 ? others : undefined;
  }
  // l = x; ... the local l is lowered ...; x = l;
  const local = strip(func, store.value);
  if (local.type === "identifier") {
    const name = textOf(func.tree, local);
    const all = func.storesTo.get(name) ?? [];
    if (!affords(func, 2 * all.length)) return undefined;
    const before = all.filter((s) => s !== store && s.node.start < store.node.start);
    const taken = before.some((s) => foldedText(func.tree, strip(func, s.value)) === text);
    const lowered = taken && before.map((s) => lowersItself(code, s)).find((by) => by !== undefined);
    if (lowered) return lowered;
  }
  // if (y < x) x = y; other conditions may stand beside it.
  let statement: Node | undefined = store.node;
  while (statement && statement.type !== "if_statement" && statement.type !== "function_definition")
    statement = statement.parent;
  if (statement?.type !== "if_statement" || statement.child("alternative")) return undefined;
  const cond = statement.child("condition");
  const value = foldedText(func.tree, strip(func, store.value));
  return cond && conjuncts(func, cond).some((c) => isLess(func, c, value, text)) ? [store.value] : undefined;
}

/** Does the comparison say that `less` is below `more` (both as source text)? */
function isLess(func: Func, node: Node, less: string, more: string): boolean {
  const c = strip(func, node);
  const left = c.child("left");
  const right = c.child("right");
  const op = c.child("operator");
  if (c.type !== "binary_expression" || !left || !right || !op) return false;
  const t = (x: Node) => foldedText(func.tree, strip(func, x));
  const o = textOf(func.tree, op);
  return (
    (o.startsWith("<") && t(left) === less && t(right) === more) ||
    (o.startsWith(">") && t(left) === more && t(right) === less)
  );
}

function conjuncts(func: Func, node: Node, out: Node[] = []): Node[] {
  const n = strip(func, node);
  const left = n.child("left");
  const right = n.child("right");
  if (n.type === "binary_expression" && left && right && textOf(func.tree, n.child("operator") ?? n) === "&&") {
    conjuncts(func, left, out);
    conjuncts(func, right, out);
  } else out.push(n);
  return out;
}
