import * as kernel from "../kernel/names.ts";
import { enclosing, type Node } from "../syntax/node.ts";
import {
  affords,
  type Call,
  type Code,
  type Func,
  type Loop,
  loopsAround,
  type Store,
  type Struct,
  textOf,
} from "./code.ts";
import type { Context, EngineFunction } from "./facts.ts";
import { placeOfExpression, rootVariable, strip, typeOf } from "./flow.ts";
import { impossibleFailure, leadsTo, openExits } from "./paths.ts";
import { type Doings, doings } from "./read-submission.ts";

/** The allocation call that `value` is, through parentheses and casts. */
function allocationIn(func: Func, value: Node): Call | undefined {
  const n = strip(func, value);
  return func.callAt.get(n);
}

/** The object has a size that its type alone gives: `sizeof(*x)`, `sizeof(struct foo)`, or a typed allocation. */
function hasFixedSize(func: Func, call: Call): boolean {
  const allocator = kernel.allocators.get(call.callee);
  if (allocator?.gives !== "object") return false;
  if (allocator.size === undefined) return call.callee !== "vmalloc" && call.callee !== "vzalloc";
  const size = call.args[allocator.size];
  return !!size && strip(func, size).type === "sizeof_expression";
}

function structNamed(code: Code, name: string): Struct | undefined {
  return code.structs.get(code.typedefs.get(name)?.name ?? name);
}

/** Members that keep track of running I/O. */
function keepsTrack(code: Code, struct: Struct): boolean {
  return keepsCallback(code, struct) || struct.fields.some((f) => kernel.trackingTypes.has(f.type.name));
}

/** A member is a function pointer, also by way of a typedef. */
function keepsCallback(code: Code, struct: Struct): boolean {
  return struct.fields.some((f) => f.type.callable || code.typedefs.get(f.type.name)?.callable);
}

/** `func` frees what its parameter `index` points to, itself or by handing it on. */
export function freesParam(code: Code, func: Func, index: number, depth = 0): boolean {
  const name = func.params[index]?.name;
  if (!name || depth > 4 || !affords(func, func.calls.length)) return false;
  return func.calls.some((c) => freesVariable(code, c, name, depth));
}

function freesVariable(code: Code, call: Call, name: string, depth = 0): boolean {
  const at = kernel.frees.get(call.callee);
  const is = (arg: Node | undefined) =>
    !!arg && strip(call.in, arg).type === "identifier" && rootVariable(call.in, arg) === name;
  if (at !== undefined) return is(call.args[at]);
  const callee = code.byName.get(call.callee);
  if (!callee || callee === call.in) return false;
  return call.args.some((a, i) => is(a) && freesParam(code, callee, i, depth + 1));
}

/** The call leaves the mode of a two-mode interface at "wait": every callback that it could pass is NULL. */
function passesNoCallback(code: Code, call: Call): boolean {
  const callee = code.byName.get(call.callee);
  if (!callee) return true;
  return callee.params.every((p, i) => {
    const callable = p.type.callable || code.typedefs.get(p.type.name)?.callable;
    if (!callable) return true;
    const arg = call.args[i];
    return !!arg && /^(?:NULL|0)$/.test(textOf(call.in.tree, strip(call.in, arg)));
  });
}

/** Is `name` stored into an object that may outlive the call? */
function escapes(code: Code, func: Func, name: string): boolean {
  return func.stores.some((s) => {
    const value = strip(func, s.value);
    if (value.type !== "identifier" || textOf(func.tree, value) !== name || s.target.type === "identifier")
      return false;
    const root = rootVariable(func, s.target);
    // Its bios, pages and chunks live no longer than the wait; what the caller handed in may.
    return !!root && func.params.some((p) => p.name === root) && placeOfExpression(code, func, s.target) !== undefined;
  });
}

/** The wait behind which `variable` is freed on the path that waits, and the free. */
function synchronousEnd(
  code: Code,
  func: Func,
  variable: string,
  allocation: Call,
  scoped: boolean,
  does: Doings,
): Context["synchronous"] {
  const calls = func.calls.filter((c) => c.node.start > allocation.node.end);
  for (const c of calls) {
    // A helper that waits and frees: kept apart from one that only frees on an error path.
    if (does.callee(c)?.waits && freesVariable(code, c, variable)) return { wait: c, free: c };
  }
  const waits = calls.filter(does.wait);
  for (const wait of waits) {
    const callee = code.byName.get(wait.callee);
    if ((callee && !passesNoCallback(code, wait)) || kernel.waits.get(wait.callee)?.givesUp) continue;
    if (scoped) return { wait, free: allocation };
    const free = calls.find(
      (c) => c.node.start > wait.node.end && freesVariable(code, c, variable) && leadsTo(func, wait.node, c.node),
    );
    if (free) return { wait, free };
  }
  return undefined;
}

/**
 * Some path hands bios over and leaves the function without having waited: then the object has to outlive the call there,
 * however the modes are chosen (a callback, a parent bio, a flag, a wait that gave up).
 */
function leavesEarly(code: Code, func: Func, variable: string, allocation: Call, does: Doings): boolean {
  const calls = func.calls.filter((c) => c.node.start > allocation.node.end);
  const begin = calls.find(does.submit);
  if (!begin) return calls.some((c) => kernel.waits.get(c.callee)?.givesUp);
  const ends = calls.filter((c) => {
    const wait = kernel.waits.get(c.callee);
    return (does.wait(c) && !wait?.givesUp) || freesVariable(code, c, variable);
  });
  return openExits(func, begin, ends, impossibleFailure(func)).length > 0;
}

/** Some condition behind the offset asks whether the pointer is NULL. */
function isTested(func: Func, variable: string, from: number): boolean {
  return (func.mentions.get(variable) ?? []).some((n) => {
    const condition = n.start > from && enclosing(n, "parenthesized_expression")?.parent;
    return (
      condition &&
      condition.type === "if_statement" &&
      enclosing(n, "field_expression", "call_expression", "if_statement") === condition
    );
  });
}

/** A member is an array that a stack frame should not hold: more than a few elements, or a size that a name gives. */
function isLarge(struct: Struct): boolean {
  return struct.fields.some((f) => {
    if (f.node.type !== "array_declarator" || f.flexible) return f.flexible;
    const size = f.node.child("size");
    return size?.type !== "number_literal" || Number(textOf(struct.tree, size)) > 64;
  });
}

const memberOf = (func: Func, { target }: Store): string =>
  target.type === "field_expression" ? textOf(func.tree, target.child("field") ?? target) : "";

/** The store puts `variable` somewhere, also at the end of a chain `a = b = variable`. */
function holds(func: Func, { value }: Store, variable: string): boolean {
  let n = strip(func, value);
  while (n.type === "assignment_expression") n = strip(func, n.child("right") ?? n);
  return textOf(func.tree, n) === variable;
}

/** `bio->bi_something = variable`, other than bi_private. */
function isCarried(func: Func, variable: string): boolean {
  return func.stores.some((s) => {
    const name = memberOf(func, s);
    return name.startsWith("bi_") && name !== "bi_private" && holds(func, s, variable);
  });
}

/** Freed when it goes out of scope: `struct foo *x __free(kfree) = ...`. */
function freedByScope(func: Func, variable: string): boolean {
  const declaration = enclosing(func.declarators.get(variable), "declaration");
  return (
    !!declaration &&
    func.tree.hidden.some(
      (h) => h.text.startsWith("__free") && h.start >= declaration.start && h.end <= declaration.end,
    )
  );
}

/** Objects that keep track of a call or of a chunk: allocated ones, and structures on the stack that bios refer to. */
export function readContexts(code: Code, functions: readonly EngineFunction[]): Context[] {
  const out: Omit<Context, "pointsBack">[] = [];
  const does = doings(code, functions);
  for (const e of functions) {
    const { func } = e;
    for (const store of func.stores) {
      const allocation = allocationIn(func, store.value);
      if (!allocation || !hasFixedSize(func, allocation)) continue;
      const target = strip(func, store.target);
      if (target.type !== "identifier") continue;
      const type = typeOf(code, func, target);
      if (type.pointers !== 1) continue;
      const variable = textOf(func.tree, target);
      const definition = structNamed(code, type.name);
      const loop: Loop | undefined = loopsAround(func, allocation.node)
        .filter((l) => e.submitLoops.includes(l))
        .at(-1);
      const role = loop || e.perChunk ? "chunk" : "call";
      // In a loop that hands over no bios, or in a helper that such a loop calls: neither one per call nor one per chunk.
      if (role === "call" && (loopsAround(func, allocation.node).length > 0 || e.repeated)) continue;
      if (!affords(func, 4 * (func.stores.length + func.calls.length))) break;
      const sync =
        role === "call" && !kernel.allocators.get(allocation.callee)?.pool && !escapes(code, func, variable)
          ? synchronousEnd(code, func, variable, allocation, freedByScope(func, variable), does)
          : undefined;
      out.push({
        struct: definition?.name ?? type.name,
        definition,
        func,
        variable,
        allocation,
        role,
        loop,
        tracks: definition ? keepsTrack(code, definition) : false,
        callback: definition ? keepsCallback(code, definition) : false,
        carried: isCarried(func, variable),
        isPrivate: func.stores.some((s) => memberOf(func, s) === "bi_private" && holds(func, s, variable)),
        checked: isTested(func, variable, allocation.node.end),
        mayFail: !kernel.allocators.get(allocation.callee)?.pool,
        leavesEarly: leavesEarly(code, func, variable, allocation, does),
        large: definition ? isLarge(definition) : false,
        synchronous: sync,
      });
    }
    if (!e.submits) continue;
    for (const [name, type] of func.locals) {
      if (type.pointers !== 0 || type.callable || func.params.some((p) => p.name === name)) continue;
      const definition = structNamed(code, type.name);
      if (!definition || definition.addedBy === undefined || !keepsTrack(code, definition)) continue;
      out.push({
        struct: definition.name,
        definition,
        func,
        variable: name,
        allocation: undefined,
        role: e.perChunk ? "chunk" : "call",
        loop: undefined,
        tracks: true,
        callback: keepsCallback(code, definition),
        carried: false,
        isPrivate: false,
        checked: false,
        mayFail: false,
        leavesEarly: false,
        large: false,
        synchronous: undefined,
      });
    }
  }
  const calls = new Set(out.filter((c) => c.role === "call").map((c) => c.struct));
  // What the series itself defines and a chunk points to is what the chunk is a part of.
  const onStack = new Set(
    functions.flatMap(({ func }) => [...func.locals.values()].filter((t) => t.pointers === 0).map((t) => t.name)),
  );
  const isCall = (name: string) =>
    calls.has(name) || onStack.has(name) || structNamed(code, name)?.addedBy !== undefined;
  return out.map((c) => ({
    ...c,
    pointsBack: (c.definition?.fields ?? [])
      .filter((f) => f.type.pointers === 1 && f.type.name !== c.struct && isCall(f.type.name))
      .map((f) => f.name),
  }));
}
