import * as kernel from "../kernel/names.ts";
import { enclosing, type Node } from "../syntax/node.ts";
import {
  affords,
  type Call,
  type Code,
  type Field,
  type Func,
  foldedText,
  type Store,
  type Struct,
  textOf,
} from "./code.ts";
import type { EngineFunction, Progress, RelativePosition } from "./facts.ts";
import { lowersItself, placeOfExpression, rootVariable, sources, strip } from "./flow.ts";
import { doings } from "./read-submission.ts";

/**
 * The lock that is held at the store, as the text runs: the structure whose member it is, "" for a lock that is no
 * member, undefined if none is held.
 */
function lockAt(code: Code, store: Store): string | undefined {
  const { in: func } = store;
  if (!affords(func, 2 * func.calls.length + (store.node.start - func.body.start) / 20)) return undefined;
  let held: string | undefined;
  for (const c of func.calls) {
    if (c.node.start > store.node.start) break;
    const lock = c.args[0] && placeOfExpression(code, func, c.args[0]);
    if (kernel.lockTakers.has(c.callee)) held = lock?.kind === "field" ? lock.struct : "";
    else if (/^(?:raw_)?(?:spin|mutex)_unlock/.test(c.callee)) held = undefined;
  }
  return held ?? (/\bguard\(/.test(func.tree.text.slice(func.body.start, store.node.start)) ? "" : undefined);
}

/**
 * Several completions can be under way at once: some function of the engine hands bios over in a loop and does not wait
 * for each before the next.
 */
function manyInFlight(code: Code, functions: readonly EngineFunction[]): boolean {
  const does = doings(code, functions);
  return functions.some(({ func, submitLoops }) =>
    submitLoops.some((loop) => {
      const inside = func.calls.filter((c) => loop.start <= c.node.start && c.node.end <= loop.end);
      const handsOver = inside.some((c) => does.submit(c) && !does.wait(c));
      const last = inside.filter((c) => does.submit(c) || does.wait(c)).at(-1);
      return handsOver && !!last && !does.wait(last);
    }),
  );
}

/**
 * Minima by compare and exchange: `while (v < old && !try_cmpxchg(&x, &old, v))`, or a loop around cmpxchg(&x, old, v). The
 * operator of such a store is "cmpxchg".
 */
function exchanges(func: Func): Store[] {
  return func.calls.flatMap((c) => {
    const [place, , value] = c.args;
    if (!/^(?:atomic(?:64|_long)?_)?(?:try_)?cmpxchg(?:_\w+)?$/.test(c.callee) || !place || !value) return [];
    const loop = enclosing(c.node, "while_statement", "do_statement", "for_statement");
    const text = loop ? foldedText(func.tree, loop) : "";
    const v = foldedText(func.tree, value);
    const lower = new RegExp(`${literal(v)} <=? |(?: >=? )${literal(v)}\\b|\\bmin(?:_t)?\\(`).test(text);
    return lower ? [{ target: place, operator: "cmpxchg", value, node: c.node, in: func }] : [];
  });
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A member, or what a pointer parameter leads to: something that others can see, and no scratch variable. */
function isShared(func: Func, place: Progress["place"], store: Store): boolean {
  if (place.kind === "field") return true;
  return strip(func, store.target).type === "pointer_expression" && func.params.some((p) => p.name === place.name);
}

/** The store stands in a branch or behind a label: a path that something made the engine take, and not the way of every chunk. */
function onSidePath(store: Store): boolean {
  for (let n: Node | undefined = store.node; n && n !== store.in.body; n = n.parent) {
    if (n.type === "if_statement" || n.type === "labeled_statement") return true;
    const siblings = n.parent?.type === "compound_statement" ? n.parent.children : [];
    if (siblings.slice(0, siblings.indexOf(n)).some((s) => s.type === "labeled_statement")) return true;
  }
  return false;
}

/** The store stands in a branch that a bio's status or an error decides on. */
function onErrorPath(store: Store): boolean {
  const branch = enclosing(store.node, "if_statement");
  const cond = branch?.child("condition");
  return !!cond && /\b(?:bi_status|bi_error|status|err|error|ret)\b/.test(textOf(store.in.tree, cond));
}

/** Stores of callers to the variable whose address they hand in for the parameter "function:name". */
function storesOfCallers(
  code: Code,
  functions: readonly EngineFunction[],
  key: string,
): { store: Store; e: EngineFunction }[] {
  const [callee, name] = key.split(":");
  const index = code.byName.get(callee!)?.params.find((p) => p.name === name)?.index;
  if (index === undefined) return [];
  return functions.flatMap((e) =>
    e.func.calls
      .filter((c) => c.callee === callee && affords(e.func, 2 * e.func.stores.length))
      .flatMap((c) => {
        const arg = c.args[index];
        const variable = arg && placeOfExpression(code, e.func, arg)?.key;
        return e.func.stores
          .filter((s) => placeOfExpression(code, e.func, s.target)?.key === variable)
          .map((store) => ({ store, e }));
      }),
  );
}

/** A lock is held that all updates of the field can share: one in the same object, or one of no object. */
function sharesLock(code: Code, place: Progress["place"], store: Store): boolean {
  const lock = lockAt(code, store);
  return lock === "" || (lock !== undefined && lock === place.struct);
}

/** Functions that work on one operation together with `some`: those that set them as completions, and all that these call. */
function engineAround(code: Code, functions: readonly EngineFunction[], some: ReadonlySet<Func>): ReadonlySet<Func> {
  const does = doings(code, functions);
  const out = new Set(some);
  for (const f of some) affords(f, functions.length);
  const isOf = (c: Call, set: ReadonlySet<Func>) => set.has(code.byName.get(c.callee)!);
  for (const { func, completion } of functions) if (completion && func.calls.some((c) => isOf(c, some))) out.add(func);
  const names = [...out].map((f) => f.name);
  const setters = functions.filter(({ func }) => names.some((n) => func.mentions.has(n)));
  for (const s of setters) out.add(s.func);
  // Where a helper sets them, the function that loops over the chunks or owns the object is part of the operation.
  const owns = (c: Call) =>
    c.args.some((a) => {
      const root = rootVariable(c.in, a);
      const struct = code.structs.get(c.in.locals.get(root ?? "")?.name ?? "");
      return struct?.addedBy !== undefined && !c.in.params.some((p) => p.name === root);
    });
  for (const { func } of functions) {
    const joins = func.calls.some((c) => {
      const callee = does.callee(c);
      return callee && setters.includes(callee) && (callee.perChunk || callee.repeated || owns(c));
    });
    if (joins) out.add(func);
  }
  for (const f of out) {
    for (const c of f.calls) {
      const callee = does.callee(c);
      if (callee) out.add(callee.func);
    }
  }
  return out;
}

/** The functions that lower a field, in groups: those that one function sets as the completions of its bios. */
function handlersTogether(functions: readonly EngineFunction[], lowered: Progress["lowered"]): Set<Func>[] {
  const completions = [...new Set(lowered.filter((l) => l.completion).map((l) => l.store.in))];
  const groups: Set<Func>[] = [];
  for (const { func } of functions) {
    const set = completions.filter((h) => func.mentions.has(h.name) && !groups.some((g) => g.has(h)));
    if (set.length > 0) groups.push(new Set(set));
  }
  const left = completions.filter((h) => !groups.some((g) => g.has(h)));
  if (left.length > 0 || groups.length === 0)
    groups.push(new Set(left.length > 0 ? left : lowered.map((l) => l.store.in)));
  return groups;
}

/** Fields that hold how far the engine has come: those that some store lowers to a minimum with themselves. */
export function readProgress(code: Code, functions: readonly EngineFunction[]): Progress[] {
  const concurrent = manyInFlight(code, functions);
  const found = new Map<string, { place: Progress["place"]; stores: { store: Store; e: EngineFunction }[] }>();
  const note = (place: Progress["place"], store: Store, e: EngineFunction) => {
    const entry = found.get(place.key);
    if (entry) entry.stores.push({ store, e });
    else found.set(place.key, { place, stores: [{ store, e }] });
  };
  for (const e of functions) {
    for (const store of e.func.stores) {
      const place = placeOfExpression(code, e.func, store.target);
      if (!place || !isShared(e.func, place, store)) continue;
      note(place, store, e);
    }
    for (const store of exchanges(e.func)) {
      const place = placeOfExpression(code, e.func, store.target);
      if (place && isShared(e.func, place, store)) note(place, store, e);
    }
  }
  const out: Progress[] = [];
  for (const { place, stores: direct } of found.values()) {
    const stores = place.kind === "variable" ? [...direct, ...storesOfCallers(code, functions, place.key)] : direct;
    const lowered: Progress["lowered"][number][] = [];
    const starts: Store[] = [];
    const raised: Store[] = [];
    const subtracted: Store[] = [];
    for (const { store, e } of stores) {
      const atomic = store.operator === "cmpxchg";
      const by = atomic ? [store.value] : lowersItself(code, store);
      const difference = !by && e.completion && store.operator === "-=" && onErrorPath(store);
      if (difference)
        lowered.push({
          store,
          by: [store.value],
          difference,
          completion: true,
          locked: sharesLock(code, place, store),
        });
      else if (by && (e.completion || onSidePath(store)))
        lowered.push({
          store,
          by,
          difference,
          completion: e.completion,
          locked: atomic || sharesLock(code, place, store),
        });
      else if (by) continue;
      else if (store.operator === "-=" || store.operator === "--") subtracted.push(store);
      else if (store.operator !== "=" || sources(code, store.in, store.value).some((p) => p.key === place.key))
        raised.push(store);
      else starts.push(store);
    }
    if (lowered.length === 0) continue;
    // Several engines of one series can use the same field, each in its own way.
    for (const handlers of handlersTogether(functions, lowered)) {
      const together = engineAround(code, functions, handlers);
      const own = <T extends Store>(list: readonly T[]) =>
        list.filter((s) => together.has(s.in) || place.kind === "variable");
      const mine = lowered.filter((l) => handlers.has(l.store.in) || (!l.completion && together.has(l.store.in)));
      out.push({
        place,
        lowered: mine,
        starts: own(starts),
        raised: own(raised),
        subtracted: own(subtracted),
        concurrent,
      });
    }
  }
  return out;
}

const offsetWord = /(?:^|_)(?:off|offs|ofs|offset)\d*(?:_|$)/i;

/** Is the value how far the operation has come: the whole length less what remains, or a count that starts at zero? */
function isRelative(
  code: Code,
  functions: readonly EngineFunction[],
  e: EngineFunction,
  value: Node,
  depth = 0,
): boolean {
  const { func } = e;
  if (!affords(func, 8 * func.stores.length)) return false;
  let n = strip(func, value);
  // In another unit it still is relative.
  while (n.type === "binary_expression" && /^(?:<<|>>)$/.test(textOf(func.tree, n.child("operator") ?? n))) {
    const left = n.child("left");
    if (!left) return false;
    n = strip(func, left);
  }
  if (n.type === "binary_expression") {
    const op = n.child("operator");
    const left = n.child("left");
    const right = n.child("right");
    if (!op || !left || !right || textOf(func.tree, op) !== "-") return false;
    const rest = placeOfExpression(code, func, right);
    if (!rest) return false;
    const whole = foldedText(func.tree, strip(func, left));
    const own = func.stores.filter((s) => placeOfExpression(code, func, s.target)?.key === rest.key);
    // s - lo, where s counts up from lo.
    const counted = func.stores.filter(
      (s) => placeOfExpression(code, func, s.target)?.key === placeOfExpression(code, func, left)?.key,
    );
    if (
      counted.some((s) => s.operator === "=" && placeOfExpression(code, func, s.value)?.key === rest.key) &&
      counted.some((s) => s.operator === "+=")
    )
      return true;
    // rest = whole, or whole = rest before the loop takes from it.
    const wholePlace = placeOfExpression(code, func, left)?.key;
    const begins =
      own.some((s) => s.operator === "=" && foldedText(func.tree, strip(func, s.value)) === whole) ||
      func.stores.some(
        (s) =>
          s.operator === "=" &&
          placeOfExpression(code, func, s.target)?.key === wholePlace &&
          placeOfExpression(code, func, s.value)?.key === rest.key,
      );
    return (
      begins &&
      own.some(
        (s) =>
          s.operator === "-=" ||
          s.operator === "--" ||
          (s.operator === "=" && /-/.test(foldedText(func.tree, s.value))),
      )
    );
  }
  const place = placeOfExpression(code, func, n);
  if (place?.kind !== "variable") return false;
  const param = func.params.find((p) => p.name === place.name);
  if (param) {
    // It is what all callers hand in.
    const handed = functions.flatMap((c) =>
      c.func.calls.filter((x) => code.byName.get(x.callee) === func).map((x) => ({ c, arg: x.args[param.index] })),
    );
    return (
      depth < 3 &&
      handed.length > 0 &&
      handed.every(({ c, arg }) => arg !== undefined && isRelative(code, functions, c, arg, depth + 1))
    );
  }
  const own = func.stores.filter((s) => placeOfExpression(code, func, s.target)?.key === place.key);
  const inLoop = own.filter((s) => e.submitLoops.some((l) => l.start <= s.node.start && s.node.end <= l.end));
  return (
    own.some((s) => s.operator === "=" && /^0[UL]*$/.test(foldedText(func.tree, s.value))) &&
    inLoop.some((s) => s.operator === "+=") &&
    own.every((s) => s.operator === "+=" || /^0[UL]*$/.test(foldedText(func.tree, s.value)))
  );
}

/** The comment beside a field says what it counts from. */
function saysItsOrigin(struct: Struct, field: Field): boolean {
  const { text } = struct.tree;
  const from = text.lastIndexOf("\n", field.node.start) + 1;
  const lineEnd = text.indexOf("\n", field.node.end);
  const above = /\/\*[^]*?\*\/\s*$/.exec(text.slice(Math.max(struct.node.start, from - 400), from))?.[0] ?? "";
  // A comment above belongs to the field only if no other field stands between.
  const near = `${above.includes(";") ? above.slice(above.lastIndexOf(";")) : above} ${text.slice(from, lineEnd < 0 ? undefined : lineEnd)}`;
  const block = struct.comment ? text.slice(struct.comment.start, struct.comment.end) : "";
  const described = new RegExp(`@${field.name}:[^@]*`).exec(block)?.[0] ?? "";
  return /\b(?:relative|(?:from|since) the (?:start|beginning)|within the|into the (?:operation|call|copy|range))\b/i.test(
    near.replace(/\/\*|\*\//g, " ") + described,
  );
}

/** Fields, and locals of type loff_t, that say "offset" by type or name and hold a position relative to the operation. */
export function readRelativePositions(code: Code, functions: readonly EngineFunction[]): RelativePosition[] {
  const out = new Map<string, RelativePosition>();
  for (const e of functions) {
    const { func } = e;
    if (!e.submits) continue;
    for (const store of func.stores) {
      if (store.operator !== "=") continue;
      const place = placeOfExpression(code, func, store.target);
      if (!place || out.has(place.key)) continue;
      const positionType = kernel.bytePositionTypes.has(place.type.name) && place.type.pointers === 0;
      if (!positionType && !(place.kind === "field" && offsetWord.test(place.name))) continue;
      const counts = place.kind === "variable" && positionType && isRelative(code, functions, e, store.target);
      if (!counts && !isRelative(code, functions, e, store.value)) continue;
      const struct = place.struct ? code.structs.get(place.struct) : undefined;
      const field = struct?.fields.find((f) => f.name === place.name);
      if (struct && field && saysItsOrigin(struct, field)) continue;
      const declarator = func.declarators.get(place.name);
      const declaration =
        place.kind === "field"
          ? struct && field
            ? { tree: struct.tree, node: field.node }
            : { tree: func.tree, node: store.node }
          : { tree: func.tree, node: declarator ?? store.node };
      out.set(place.key, {
        place,
        store,
        declaration,
        field,
        struct,
        computed: counts ? "" : foldedText(func.tree, store.value),
      });
    }
  }
  return [...out.values()];
}
