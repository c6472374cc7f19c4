import * as kernel from "../kernel/names.ts";
import { each, enclosing, type Node } from "../syntax/node.ts";
import { type Call, type Code, type Func, foldedText, type Param, type Store, textOf } from "./code.ts";
import type { AlignmentTest, CallbackPair, EngineFunction, FunctionComment } from "./facts.ts";
import { type Flow, placeOfExpression, strip } from "./flow.ts";
import { doings } from "./read-submission.ts";

/** Calls through a field: `ctx->done(ctx->data, ...)`. */
function indirectCalls(code: Code, functions: readonly EngineFunction[]) {
  const out: { call: Call; callee: string; args: string[] }[] = [];
  for (const { func } of functions) {
    for (const call of func.calls) {
      const callee = call.node.child("function");
      if (!callee) continue;
      const target = strip(func, callee);
      const through = target.type === "pointer_expression" ? target.child("argument") : target;
      if (!through || through.type === "identifier") continue;
      const place = placeOfExpression(code, func, through);
      if (place?.kind !== "field") continue;
      const args = call.args.map((a) => placeOfExpression(code, func, a)?.key ?? "").filter(Boolean);
      out.push({ call, callee: place.key, args });
    }
  }
  return out;
}

/**
 * What the branches of a function look at, each place with the branch: `if (ctx->done)`, `if (!done)`, `done ? ... : ...`,
 * `done != NULL`.
 */
function placesTested(code: Code, func: Func): readonly { readonly key: string; readonly branch: Node }[] {
  const found: { key: string; branch: Node }[] = [];
  each(func.body, (branch) => {
    if (branch.type !== "if_statement" && branch.type !== "conditional_expression") return;
    const cond = branch.child("condition");
    if (!cond) return;
    each(cond, (c) => {
      if (c.type !== "identifier" && c.type !== "field_expression") return;
      if (c.parent?.type === "field_expression" || c.parent?.type === "argument_list") return;
      const place = placeOfExpression(code, func, c);
      if (place) found.push({ key: place.key, branch });
    });
  });
  return found;
}

/** The function waits on some of its ways and leaves without waiting on others. */
function waitsSometimes(code: Code, e: EngineFunction, functions: readonly EngineFunction[]): boolean {
  const { func } = e;
  const waits = func.calls.filter(doings(code, functions).wait);
  let first = 0;
  for (const c of func.calls) if (kernel.submitters.has(c.callee)) first = Math.max(first, c.node.start);
  return waits.some((w) => {
    if (enclosing(w.node, "if_statement")) return true;
    let leaves = false;
    each(func.body, (n) => {
      if (n.type === "return_statement" && n.start > first && n.end < w.node.start) leaves = true;
    });
    return leaves;
  });
}

/** Pairs of callback and private data that an interface keeps while it also has a mode that waits. */
export function readCallbackPairs(code: Code, flow: Flow, functions: readonly EngineFunction[]): CallbackPair[] {
  const calls = indirectCalls(code, functions);
  if (calls.length === 0) return [];
  const out: CallbackPair[] = [];
  const pairs = new Map<Func, { callback: Param; data: Param }>();
  /** By place: the first branch that looks at it. */
  const firstTest = new Map<string, NonNullable<CallbackPair["branch"]>>();
  const tested = new Map(functions.map(({ func }) => [func, placesTested(code, func)]));
  for (const [func, places] of tested) {
    for (const { key, branch } of places) {
      if (!firstTest.has(key)) firstTest.set(key, { func, node: branch });
    }
  }
  for (const e of functions) {
    const { func } = e;
    for (const callback of func.params) {
      if (!callback.name) continue;
      for (const edge of flow.edges.get(`${func.name}:${callback.name}`) ?? []) {
        if (edge.kind !== "store") continue;
        const used = calls.find((c) => c.callee === edge.to);
        if (!used) continue;
        const data = func.params.find(
          (p) =>
            p !== callback &&
            p.type.name === "void" &&
            p.type.pointers === 1 &&
            (flow.edges.get(`${func.name}:${p.name}`) ?? []).some((d) => used.args.includes(d.to)),
        );
        if (!data || pairs.has(func)) continue;
        const keys = new Set([edge.to, `${func.name}:${callback.name}`]);
        const own = tested.get(func)!.find(({ key }) => keys.has(key));
        // The function itself first: that is where the reader will look.
        const branch: CallbackPair["branch"] = own ? { func, node: own.branch } : firstTest.get(edge.to);
        if (!e.waits || (!branch && !waitsSometimes(code, e, functions))) continue;
        const kept: Store | undefined = func.stores.find((s) => s.node === edge.node);
        pairs.set(func, { callback, data });
        out.push({ func, callback, data, kept, called: used.call, branch, forwarded: false });
      }
    }
  }
  // Interfaces that pass both on to one that keeps them.
  for (let grown = true; grown; ) {
    grown = false;
    for (const { func } of functions) {
      if (pairs.has(func)) continue;
      for (const call of func.calls) {
        const callee = code.byName.get(call.callee);
        const pair = callee && pairs.get(callee);
        if (!callee || !pair) continue;
        const passed = (p: Param) => {
          const arg = call.args[p.index];
          const a = arg && strip(func, arg);
          return a?.type === "identifier" ? func.params.find((q) => q.name === textOf(func.tree, a)) : undefined;
        };
        const callback = passed(pair.callback);
        const data = passed(pair.data);
        if (!callback || !data) continue;
        const origin = out.find((o) => o.func === callee)!;
        pairs.set(func, { callback, data });
        out.push({
          func,
          callback,
          data,
          kept: undefined,
          called: origin.called,
          branch: origin.branch,
          forwarded: true,
        });
        grown = true;
        break;
      }
    }
  }
  return out;
}

/** The leaves of a chain of `||`. */
function disjuncts(func: Func, node: Node, out: Node[] = []): Node[] {
  const n = node.type === "parenthesized_expression" ? strip(func, node) : node;
  const operator = n.type === "binary_expression" ? textOf(func.tree, n.child("operator") ?? n) : "";
  // `(a & m) | (b & m)` is the same disjunction.
  const bits = operator === "|" && !!masked(func, n.child("right") ?? n);
  if (operator === "||" || bits) {
    const left = n.child("left");
    const right = n.child("right");
    if (left) disjuncts(func, left, out);
    if (right) disjuncts(func, right, out);
  } else out.push(node);
  return out;
}

/** `x & m`, or `!IS_ALIGNED(x, a)`, which is `x & (a - 1)`: both sides, or undefined. */
function masked(func: Func, node: Node): { left: Node; right: Node } | undefined {
  const n = strip(func, node);
  if (n.type === "unary_expression" && textOf(func.tree, n.child("operator") ?? n) === "!") {
    const call = strip(func, n.child("argument") ?? n);
    const [left, right] = call.child("arguments")?.children ?? [];
    const callee = call.child("function");
    return callee && left && right && textOf(func.tree, callee) === "IS_ALIGNED" ? { left, right } : undefined;
  }
  if (n.type !== "binary_expression") return undefined;
  const op = n.child("operator");
  const left = n.child("left");
  const right = n.child("right");
  if (op && left && right && textOf(func.tree, op) === "!=" && textOf(func.tree, strip(func, right)) === "0")
    return masked(func, left);
  if (!op || !left || !right || textOf(func.tree, op) !== "&") return undefined;
  return { left, right };
}

/** Whether all that is asked of an expression is if it is zero. */
function asTruth(func: Func, node: Node): boolean {
  for (let child = node, n = node.parent; n; child = n, n = n.parent) {
    const operator = textOf(func.tree, n.child("operator") ?? n);
    switch (n.type) {
      case "parenthesized_expression":
        continue;
      case "unary_expression":
        return operator === "!";
      case "binary_expression":
        if (operator !== "||" && operator !== "&&") return false;
        continue;
      case "argument_list":
        if (!/^(?:un)?likely$/.test(textOf(func.tree, n.parent?.child("function") ?? n))) return false;
        continue;
      case "call_expression":
        continue;
      default:
        return child.field === "condition";
    }
  }
  return false;
}

const isMacro = (func: Func, leaf: Node): boolean => strip(func, leaf).type === "unary_expression";

/** Several operands tested against one mask, in one condition or in adjacent ones with the same way out. */
export function readAlignmentTests(functions: readonly EngineFunction[]): AlignmentTest[] {
  const out: AlignmentTest[] = [];
  for (const { func } of functions) {
    const text = (n: Node) => foldedText(func.tree, strip(func, n));
    const group = (leaves: readonly Node[]) => {
      const byMask = new Map<string, { leaf: Node; operand: Node; mask: Node }[]>();
      for (const leaf of leaves) {
        const m = masked(func, leaf);
        if (!m) continue;
        for (const [mask, operand] of [
          [m.right, m.left],
          [m.left, m.right],
        ] as const) {
          const key = text(mask);
          // A named constant is a flag test and not an alignment mask; a number is a mask if it is one less than a power of two.
          const number = Number(key.replace(/[UL]+$/i, ""));
          if (/^[A-Z][A-Z0-9_]*$/.test(key) || (number >= 0 && (number < 3 || (number & (number + 1)) !== 0))) continue;
          const list = byMask.get(key);
          if (list) list.push({ leaf, operand, mask });
          else byMask.set(key, [{ leaf, operand, mask }]);
        }
      }
      for (const list of byMask.values()) {
        // As it is written: what stands in parentheses needs them in the joined test too.
        const mask = foldedText(func.tree, list[0]!.mask);
        if (list.length > 1 && new Set(list.map((l) => text(l.operand))).size > 1) return { mask, list };
      }
      return undefined;
    };
    const inChain = new Set<Node>();
    each(func.body, (n) => {
      if (
        n.type !== "binary_expression" ||
        inChain.has(n) ||
        !/^\|\|?$/.test(textOf(func.tree, n.child("operator") ?? n))
      )
        return;
      each(n, (inner) => {
        inChain.add(inner);
      });
      const leaves = disjuncts(func, n);
      const found = group(leaves);
      if (!found) return;
      const tested = new Set(found.list.map((l) => l.leaf));
      const others = leaves.filter((l) => !tested.has(l));
      const positions = leaves.map((l, i) => (tested.has(l) ? i : -1)).filter((i) => i >= 0);
      const adjacent = positions.every((p, i) => i === 0 || p === positions[i - 1]! + 1);
      const first = leaves[positions[0]!]!;
      const last = leaves[positions.at(-1)!]!;
      out.push({
        func,
        node: n,
        mask: found.mask,
        operands: found.list.map((l) => l.operand),
        byMacro: isMacro(func, found.list[0]!.leaf),
        others,
        stretch: adjacent ? { start: first.start, end: last.end } : undefined,
        asTruth: asTruth(func, n) && new Set(found.list.map((l) => isMacro(func, l.leaf))).size === 1,
      });
    });
    each(func.body, (n) => {
      if (n.type !== "compound_statement") return;
      const statements = n.children.filter((c) => c.type !== "comment");
      for (let i = 0; i < statements.length; ) {
        const run: Node[] = [];
        let exit = "";
        for (let j = i; j < statements.length; j++) {
          const s = statements[j]!;
          const cond = s.type === "if_statement" && !s.child("alternative") ? s.child("condition") : undefined;
          const way = s.child("consequence");
          const text = way ? foldedText(func.tree, way).replace(/[{}]/g, "").trim() : "";
          if (
            !cond ||
            !way ||
            !masked(func, cond) ||
            !/\b(?:return|goto)\b/.test(text) ||
            (run.length > 0 && text !== exit)
          )
            break;
          exit = text;
          run.push(cond);
        }
        if (run.length > 1) {
          const found = group(run);
          if (found)
            out.push({
              func,
              node: run[0]!.parent!,
              mask: found.mask,
              operands: found.list.map((l) => l.operand),
              byMacro: isMacro(func, found.list[0]!.leaf),
              others: [],
              stretch: undefined,
              asTruth: false,
            });
        }
        i += Math.max(1, run.length);
      }
    });
  }
  return out.sort((a, b) => a.node.start - b.node.start);
}

/** The comments above functions of the engine. */
export function readComments(functions: readonly EngineFunction[]): FunctionComment[] {
  const out: FunctionComment[] = [];
  for (const { func } of functions) {
    const { comment } = func;
    const text = comment ? textOf(func.tree, comment) : "";
    // A DOC: block stands for itself, whatever follows it.
    if (!comment || /^\/\*\*\s*(?:\*\s*)?DOC:/.test(text)) continue;
    const described: { name: string; start: number }[] = [];
    const line = /^[ \t]*\/?\*+[ \t]*@(\w+)(?:\.\.\.)?[ \t]*(?::|-[ \t])/gm;
    for (let m = line.exec(text); m; m = line.exec(text))
      described.push({ name: m[1]!, start: comment.start + m.index + m[0].indexOf("@") });
    const heading = new RegExp(`^/\\*+\\s*(?:\\*\\s*)?${func.name}(?:\\(\\))?\\s*[-:]\\s`);
    const form = text.startsWith("/**")
      ? "kernel-doc"
      : described.length > 0 || heading.test(text)
        ? "doc-shaped"
        : "plain";
    const name = /^\/\*\*\s*\*\s*(\w+)(?:\(\))?\s+-\s/.exec(text)?.[1];
    const otherHeading = name !== undefined && name !== func.name ? name : undefined;
    out.push({ func, comment, form, otherHeading, described });
  }
  return out;
}
