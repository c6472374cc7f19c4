import * as kernel from "../kernel/names.ts";
import { lineIndex } from "../syntax/ctree.ts";
import { each, enclosing, type Node } from "../syntax/node.ts";
import { affords, type Call, type Code, type Func, foldedText, type Loop, loopsAround, textOf } from "./code.ts";
import type { EngineFunction, MovablePlug, Operation, PlugUse } from "./facts.ts";
import { typeOf } from "./flow.ts";
import { impossibleFailure, openExits } from "./paths.ts";

const operationName = /^REQ_[A-Z0-9_]+$/;

/** Is the operation named at `node` given to a bio here (and not compared, tested or listed)? */
function givesOperation(func: Func, node: Node): boolean {
  for (let n: Node | undefined = node.parent, child = node; n; child = n, n = n.parent) {
    switch (n.type) {
      case "parenthesized_expression":
      case "cast_expression":
      case "conditional_expression":
        continue;
      case "binary_expression": {
        const op = n.child("operator");
        if (op && textOf(func.tree, op) === "|") continue;
        return false;
      }
      case "argument_list":
      case "init_declarator":
        return true;
      case "assignment_expression": {
        // A state machine's REQ_ values go into members of the series' own; operations go into bios, requests and locals.
        const target = n.child("left");
        const member = target?.type === "field_expression" ? target.child("field") : undefined;
        return (
          n.child("right") === child &&
          (!member || /^(?:bi_|cmd_flags$|.*op(?:f|_flags)?$)/.test(textOf(func.tree, member)))
        );
      }
      default:
        return false;
    }
  }
  return false;
}

/** Distinct expressions stored to a bio's start sector in `func`. */
function positionsOf(func: Func): number {
  const seen = new Set<string>();
  for (const s of func.stores) {
    const field = s.target.type === "field_expression" ? s.target.child("field") : undefined;
    if (field && textOf(func.tree, field) === "bi_sector") seen.add(textOf(func.tree, s.value));
  }
  return seen.size;
}

/** The call (or store) that each use of an operation belongs to. */
const userOf = (node: Node): Node =>
  enclosing(node, "call_expression", "assignment_expression", "init_declarator") ?? node;

/** The operation is given in two calls of the function, or to two bios: the two halves of a copy. */
function givenTwice(uses: readonly { readonly node: Node }[]): boolean {
  return new Set(uses.map((u) => userOf(u.node))).size > 1;
}

/**
 * Operations that added code submits with and that make a copy:
 * - one that the kernel does not have and whose name says copy (a name of the protocol, like REQ_OP_DISCARD);
 * - one that the kernel does not have, given to two bios at two positions, or in two calls besides a read and a write;
 * - a read and a write through one buffer, which is what emulation is.
 */
export function readOperations(code: Code): Operation[] {
  const out: Operation[] = [];
  const uses = new Map<string, { func: Func; node: Node }[]>();
  for (const func of code.funcs) {
    const given = (name: string) => (func.mentions.get(name) ?? []).filter((node) => givesOperation(func, node));
    const reads = given("REQ_OP_READ");
    const writes = given("REQ_OP_WRITE");
    if (reads.length > 0 && writes.length > 0 && throughOneBuffer(code, func, reads, writes))
      out.push({ name: "read and write through one buffer", uses: [{ func, node: writes[0]! }] });
    for (const name of func.mentions.keys()) {
      if (!operationName.test(name) || kernel.knownOperations.has(name)) continue;
      for (const node of given(name)) {
        const list = uses.get(name);
        if (list) list.push({ func, node });
        else uses.set(name, [{ func, node }]);
      }
    }
  }
  for (const [name, list] of uses) {
    const inFunc = (f: Func) => list.filter((u) => u.func === f);
    const users = [...new Set(list.map(({ func }) => func))];
    const both = (f: Func) => f.mentions.has("REQ_OP_READ") && f.mentions.has("REQ_OP_WRITE");
    const copies =
      /(?:^|_)(?:X?COPY|CLONE)(?:_|$)/.test(name) ||
      users.some((f) => positionsOf(f) > 1) ||
      users.some((f) => both(f) && affords(f, list.length) && givenTwice(inFunc(f)));
    if (copies) out.push({ name, uses: list });
  }
  return out;
}

/** A bio that reads and one that writes share their memory and differ in their place. */
function throughOneBuffer(code: Code, func: Func, reads: readonly Node[], writes: readonly Node[]): boolean {
  const { tree } = func;
  const callOf = (n: Node) => func.callAt.get(enclosing(n, "call_expression")!);
  for (const r of reads) {
    const read = callOf(r);
    if (!affords(func, 16 * writes.length)) return false;
    for (const w of writes) {
      const write = callOf(w);
      if (!read || !write || read === write || read.callee !== write.callee || !code.byName.has(read.callee)) continue;
      // Two calls of one helper: the same buffer handed in, at two places.
      const args = (c: Call) => c.args.map((a) => foldedText(tree, a));
      const shared = read.args.some((a, i) => typeOf(code, func, a).pointers > 0 && args(write)[i] === args(read)[i]);
      const apart = args(read).filter((a, i) => a !== args(write)[i]).length > 1;
      if (shared && apart) return true;
    }
  }
  // Two bios built here: their memory comes from the same expression.
  if (positionsOf(func) < 2) return false;
  const memory = func.calls.filter((c) => /^(?:__)?bio_add_page$|^bio_map_\w+$|^bio_add_folio$/.test(c.callee));
  if (!affords(func, 8 * memory.length ** 2)) return false;
  return memory.some((a, i) =>
    memory.some(
      (b, j) =>
        j > i &&
        a.args.some(
          (x) => typeOf(code, func, x).pointers > 0 && b.args.some((y) => foldedText(tree, x) === foldedText(tree, y)),
        ),
    ),
  );
}

/** Functions that are known to do something, closed under calls: if f calls g and g does it, so does f. */
export function closeOverCalls(code: Code, does: (f: Func) => boolean): ReadonlySet<Func> {
  const done = new Set<Func>();
  const callers = new Map<string, Func[]>();
  for (const f of code.funcs) {
    for (const c of f.calls) {
      const list = callers.get(c.callee);
      if (list) list.push(f);
      else callers.set(c.callee, [f]);
    }
  }
  const queue = code.funcs.filter(does);
  for (let f = queue.pop(); f; f = queue.pop()) {
    if (done.has(f)) continue;
    done.add(f);
    for (const caller of callers.get(f.name) ?? []) if (code.byName.get(f.name) === f) queue.push(caller);
  }
  return done;
}

/** The series adds a line inside of the function. */
function isChanged({ tree, node }: Func): boolean {
  const last = lineIndex(tree, node.end);
  for (let i = lineIndex(tree, Math.max(node.start, tree.from)); i <= last; i++) if (tree.lines[i]!.added) return true;
  return false;
}

/** Functions of the series that calls, callbacks or structures of the series tie to a function that submits the operations. */
function engineFunctions(code: Code, operations: readonly Operation[]): Set<Func> {
  const seeds = new Set(operations.flatMap((o) => o.uses.map((u) => u.func)));
  // In a series about copying, what it adds that works on bios, requests and devices is about copying too: drivers, users.
  for (const f of code.funcs)
    if (f.addedBy !== undefined && [...f.locals.values()].some((t) => kernel.ioTypes.has(t.name))) seeds.add(f);
  const links = new Map<Func, Set<Func>>();
  const link = (a: Func, b: Func) => {
    if (a === b) return;
    (links.get(a) ?? links.set(a, new Set()).get(a)!).add(b);
    (links.get(b) ?? links.set(b, new Set()).get(b)!).add(a);
  };
  const byStruct = new Map<string, Func>();
  for (const f of code.funcs) {
    for (const c of f.calls) {
      const g = code.byName.get(c.callee);
      if (g) link(f, g);
    }
    for (const name of f.mentions.keys()) {
      const g = code.byName.get(name);
      if (g) link(f, g);
    }
    for (const t of f.locals.values()) {
      const struct = code.structs.get(code.typedefs.get(t.name)?.name ?? t.name);
      if (struct?.addedBy === undefined) continue;
      const other = byStruct.get(struct.name);
      if (other) link(f, other);
      else byStruct.set(struct.name, f);
    }
  }
  const found = new Set<Func>();
  const queue = [...seeds];
  for (let f = queue.pop(); f; f = queue.pop()) {
    if (found.has(f)) continue;
    found.add(f);
    // A function of the base is no part of the engine, and does not tie its other callers to it.
    if (f.addedBy === undefined && !seeds.has(f)) continue;
    for (const g of links.get(f) ?? []) queue.push(g);
  }
  // Of the base, what the series changes is part of what it builds; what it only calls is not.
  for (const f of found) if (f.addedBy === undefined && !isChanged(f)) found.delete(f);
  return found;
}

export function readFunctions(code: Code, operations: readonly Operation[]): EngineFunction[] {
  const engine = engineFunctions(code, operations);
  const submits = closeOverCalls(code, (f) => f.calls.some((c) => kernel.submitters.has(c.callee)));
  const waits = closeOverCalls(code, (f) => f.calls.some((c) => kernel.waits.has(c.callee)));
  const completion = new Set<Func>();
  const work = new Set<Func>();
  for (const f of code.funcs) {
    for (const s of f.stores) {
      const field = s.target.type === "field_expression" ? s.target.child("field") : undefined;
      const g = s.value.type === "identifier" ? code.byName.get(textOf(f.tree, s.value)) : undefined;
      if (g && field && textOf(f.tree, field) === "bi_end_io") completion.add(g);
    }
    for (const c of f.calls) {
      if (!/^(?:INIT|__INIT|DECLARE)_(?:DELAYED_)?WORK/.test(c.callee) || !c.args[1]) continue;
      const g = code.byName.get(textOf(f.tree, c.args[1]));
      if (g) work.add(g);
    }
    if (f.params.length === 1 && f.params[0]!.type.name === "struct work_struct") work.add(f);
  }
  for (const f of completion) {
    for (const c of f.calls) {
      const g = code.byName.get(c.callee);
      // A Set may grow while it is iterated; what is added is visited.
      if (g && engine.has(g) && !submits.has(g)) completion.add(g);
    }
  }
  const loops = new Map<Func, EngineFunction["submitLoops"]>();
  for (const f of engine) {
    const submitting = f.calls.filter(
      (c) => kernel.submitters.has(c.callee) || submits.has(code.byName.get(c.callee)!),
    );
    loops.set(
      f,
      f.loops
        .filter((l) => submitting.some((c) => l.start <= c.node.start && c.node.end <= l.end))
        .sort((a, b) => b.end - b.start - (a.end - a.start)),
    );
  }
  const perChunk = new Set<Func>();
  const repeated = new Set<Func>();
  for (const f of engine) {
    for (const c of f.calls) {
      const g = code.byName.get(c.callee);
      if (g?.isStatic && g !== f && loopsAround(f, c.node).length > 0) repeated.add(g);
      // An interface that waits by itself serves a call of its own each time, whoever loops over it.
      if (!g || !engine.has(g) || loops.get(g)?.length || (waits.has(g) && !g.isStatic)) continue;
      if (loopsAround(f, c.node).some((l) => loops.get(f)?.includes(l))) perChunk.add(g);
    }
  }
  for (const f of perChunk) {
    for (const c of f.calls) {
      const g = code.byName.get(c.callee);
      if (g && engine.has(g) && !loops.get(g)?.length && !completion.has(g)) perChunk.add(g);
    }
  }
  return [...engine].map((func) => ({
    func,
    submits: submits.has(func),
    waits: waits.has(func),
    completion: completion.has(func),
    work: work.has(func),
    submitLoops: loops.get(func) ?? [],
    perChunk: perChunk.has(func),
    repeated: repeated.has(func),
  }));
}

/** What a call does, through functions that the series adds. */
export interface Doings {
  /** Hands bios over. */
  submit(call: Call): boolean;
  /** Waits for I/O. */
  wait(call: Call): boolean;
  /** The function of the engine that is called. */
  callee(call: Call): EngineFunction | undefined;
}

export function doings(code: Code, functions: readonly EngineFunction[]): Doings {
  const byFunc = new Map(functions.map((e) => [e.func, e]));
  const callee = (call: Call) => byFunc.get(code.byName.get(call.callee)!);
  return {
    submit: (call) => kernel.submitters.has(call.callee) || (callee(call)?.submits ?? false),
    wait: (call) => kernel.waits.has(call.callee) || (callee(call)?.waits ?? false),
    callee,
  };
}

/** A function that starts more plugs than this is none that people write, and each costs a walk over its paths. */
const mostPlugs = 8;

/** Macros in capitals that leave no function and no loop; of others nobody knows. */
const harmless = /^(?:READ_ONCE|WRITE_ONCE|WARN_ON(?:_ONCE)?|ALIGN(?:_DOWN)?|IS_ALIGNED|DIV_ROUND_UP|ARRAY_SIZE)$/;

/** What leaves a loop otherwise than by its condition, or may, as far as a syntax tree tells. */
const leaves = /^(?:break|continue|return|goto|labeled|switch|case|gnu_asm)_|^(?:preproc_|ERROR$|MISSING$|DEEP$)/;

/**
 * A plug whose start is the first statement of a loop and whose finish is its last one, when nothing else in the loop
 * leaves it and nothing else in the function names the plug: then both can stand around the loop. The bios are handed
 * over in the same order, only later, and the plug is finished on every way on which it is now.
 */
function movablePlug(code: Code, func: Func, start: Call, finish: Call, loop: Loop): MovablePlug | undefined {
  const { tree } = func;
  const body = loop.node.child("body");
  const condition = loop.node.child("condition");
  const keyword = /^(for|while|do)_statement$/.exec(loop.node.type)?.[1];
  if (!func.complete || !keyword || !condition || body?.type !== "compound_statement") return undefined;
  if (loop.node.parent?.type !== "compound_statement") return undefined;
  // A macro that iterates reads as a loop too, and may do anything.
  if (!new RegExp(`^${keyword}\\b`).test(tree.text.slice(loop.node.start, loop.node.start + 6))) return undefined;
  if (/^(?:1|true)$/.test(textOf(tree, condition).replace(/[()\s]/g, ""))) return undefined;
  const plug = /^&(\w+)$/.exec(start.args[0] ? foldedText(tree, start.args[0]) : "")?.[1];
  if (!plug || !finish.args[0] || foldedText(tree, finish.args[0]) !== `&${plug}`) return undefined;
  const declarator = func.declarators.get(plug);
  if (!declarator || declarator.end > loop.start) return undefined;
  const [first, last] = [body.children[0], body.children.at(-1)];
  const isAlone = (statement: Node | undefined, call: Call): statement is Node =>
    statement?.type === "expression_statement" &&
    statement.children.length === 1 &&
    statement.children[0] === call.node;
  if (first === last || !isAlone(first, start) || !isAlone(last, finish)) return undefined;
  let named = 0;
  let leaving = false;
  each(func.body, (n) => {
    if (n.type === "identifier" && textOf(tree, n) === plug) named++;
    if (loop.start <= n.start && n.end <= loop.end && leaves.test(n.type)) leaving = true;
  });
  // Once where it is declared, and once in each call.
  if (named !== 3 || leaving) return undefined;
  const inLoop = func.calls.filter((c) => loop.start <= c.node.start && c.node.end <= loop.end);
  const macros = macroNames(code);
  const isHidden = (c: Call) => macros.has(c.callee) || (/^[A-Z0-9_]+$/.test(c.callee) && !harmless.test(c.callee));
  const inBody = (c: Call) => body.start <= c.node.start && c.node.end <= body.end;
  if (inLoop.some((c) => isHidden(c) || !inBody(c))) return undefined;
  if (tree.hidden.some((h) => h.idiom !== "type-argument" && h.start < loop.end && h.end > loop.start))
    return undefined;
  return placesOf(tree, body.children, loop.node);
}

const macroNames = (code: Code): ReadonlySet<string> =>
  new Set(
    code.trees.flatMap((tree) =>
      tree.root.children
        .filter((n) => /^preproc_(?:function_)?def$/.test(n.type))
        .map((n) => textOf(tree, n.child("name") ?? n)),
    ),
  );

/** The lines of the statements and of the loop; undefined where they share a line with something else. */
function placesOf(tree: Func["tree"], statements: readonly Node[], loop: Node): MovablePlug | undefined {
  const { text } = tree;
  const [first, second] = statements;
  const [lastButOne, last] = statements.slice(-2);
  if (!first || !second || !lastButOne || !last || statements.length < 3) return undefined;
  const lineStart = (at: number) => text.lastIndexOf("\n", at - 1) + 1;
  const lineEnd = (at: number) => text.indexOf("\n", at);
  const hasLine = (n: Node) =>
    lineEnd(n.end) >= 0 && text.slice(lineStart(n.start), lineEnd(n.end)).trim() === textOf(tree, n);
  const indent = text.slice(lineStart(loop.start), loop.start);
  if (!hasLine(first) || !hasLine(last) || indent.trim() !== "") return undefined;
  if (lineEnd(loop.end) < 0 || text.slice(loop.end, lineEnd(loop.end)).trim() !== "") return undefined;
  return {
    start: { start: first.start, end: second.start },
    finish: { start: lastButOne.end, end: last.end },
    loop: { start: loop.start, end: loop.end },
    texts: { start: textOf(tree, first), finish: textOf(tree, last) },
    indent,
  };
}

export function readPlugs(code: Code, functions: readonly EngineFunction[]): PlugUse[] {
  const out: PlugUse[] = [];
  const does = doings(code, functions);
  for (const { func, submitLoops, perChunk } of functions) {
    const starts = func.calls.filter((c) => kernel.plugStart.has(c.callee));
    if (starts.length === 0) continue;
    const finishes = func.calls.filter((c) => kernel.plugFinish.has(c.callee));
    for (const start of starts) {
      const loop = loopsAround(func, start.node)
        .filter((l) => submitLoops.includes(l))
        .at(-1);
      let calledFrom: PlugUse["calledFrom"];
      if (!loop && perChunk) {
        for (const caller of functions) {
          const call = caller.func.calls.find(
            (c) =>
              code.byName.get(c.callee) === func &&
              loopsAround(caller.func, c.node).some((l) => caller.submitLoops.includes(l)),
          );
          if (call) {
            calledFrom = { func: caller.func, call };
            break;
          }
        }
      }
      const closes = finishes.filter(
        (f) => f.node.start > start.node.start && (!loop || (f.node.start >= loop.start && f.node.end <= loop.end)),
      );
      const unfinished =
        finishes.length > 0 && func.complete && starts.length <= mostPlugs
          ? openExits(func, start, finishes, impossibleFailure(func))
          : [];
      const renewed =
        !!loop &&
        starts.some((s) => s.node.start < loop.start) &&
        finishes.some((f) => f.node.start > loop.start && f.node.start < start.node.start);
      const inLoop = (n: { readonly start: number; readonly end: number }) =>
        !!loop && n.start > start.node.start && n.end <= loop.end;
      const outer =
        submitLoops.some((l) => l !== loop && inLoop(l)) ||
        func.calls.some((c) => inLoop(c.node) && (does.callee(c)?.submitLoops.length ?? 0) > 0);
      const waitsInside = func.calls.some(
        (c) => (!loop || (c.node.start > start.node.start && c.node.end <= loop.end)) && does.wait(c),
      );
      const alone = starts.length === 1 && finishes.length === 1 && unfinished.length === 0;
      const movable =
        loop && alone && !renewed && !outer && !waitsInside
          ? movablePlug(code, func, start, finishes[0]!, loop)
          : undefined;
      out.push({
        func,
        start,
        finishes: closes,
        renewed,
        outer,
        waits: waitsInside,
        unfinished,
        loop,
        calledFrom,
        movable,
      });
    }
  }
  return out;
}
