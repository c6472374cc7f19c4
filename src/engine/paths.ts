import { enclosing, type Node } from "../syntax/node.ts";
import { affords, type Call, type Func, foldedText, textOf } from "./code.ts";
import { strip } from "./flow.ts";

/** A way out of a function on which something that was begun is not ended. */
export interface OpenExit {
  /** The return statement, or the function's closing line. */
  readonly exit: Node;
  /** Where the path turns off: the goto, or the return itself. */
  readonly turn: Node;
}

const HELD = 2;
const FREE = 1;

/**
 * Ways out of `func` on which `begin` was called and none of `ends` after it. Paths are taken as the code's shape allows,
 * but for branches that `dead` calls impossible; only ways that turn off between the begin and the last end count, so
 * that conditions which decide on both alike do not mislead.
 */
export function openExits(
  func: Func,
  begin: Call,
  ends: readonly Call[],
  dead: (condition: Node) => boolean,
): OpenExit[] {
  return follow(func, begin.node, ends, dead, undefined);
}

/** Does some path lead from `from` on to `to`, another place of the function behind it? */
export function leadsTo(func: Func, from: Node, to: Node): boolean {
  let reached = false;
  follow(
    func,
    from,
    undefined,
    () => false,
    (node, held) => {
      if (held && node.start <= to.start && to.end <= node.end && !(node.start <= from.start && from.end <= node.end))
        reached = true;
    },
  );
  return reached;
}

/** Walks the paths of `func`; `visit` is told of each expression or simple statement and whether `begin` lies behind it. */
function follow(
  func: Func,
  begin: Node,
  ends: readonly Call[] | undefined,
  dead: (condition: Node) => boolean,
  visit: ((node: Node, held: boolean) => void) | undefined,
): OpenExit[] {
  const stops = (ends ?? []).map((e) => e.node);
  const last = ends ? stops.reduce((most, n) => Math.max(most, n.start), 0) : Number.POSITIVE_INFINITY;
  const { tree } = func;
  const out = new Map<Node, OpenExit>();
  const atLabel = new Map<string, { mask: number; turn: Node | undefined }>();
  /** The masks behind each loop by the mask before it, in this round: no loop is walked again for the same. */
  const behindLoop = new Map<Node, number[]>();
  const guard = enclosing(begin, "if_statement");
  let changed = true;
  let steps = 0;

  /** Does one of the ends, which come in the order of their starts, lie in the node? */
  const hasEnd = (node: Node): boolean => {
    let low = 0;
    for (let high = stops.length; low < high; ) {
      const mid = (low + high) >> 1;
      if (stops[mid]!.start < node.start) low = mid + 1;
      else high = mid;
    }
    for (; low < stops.length && stops[low]!.start < node.end; low++) if (stops[low]!.end <= node.end) return true;
    return false;
  };

  const calls = (node: Node, mask: number): number => {
    let m = mask;
    visit?.(node, (mask & HELD) !== 0);
    if (begin.start >= node.start && begin.end <= node.end && m) m = HELD;
    if (m && hasEnd(node)) m = FREE;
    return m;
  };

  const cameTo = (node: Node) => {
    const label = node.type === "labeled_statement" ? node.child("label") : undefined;
    return label && atLabel.get(textOf(tree, label));
  };

  const turns = (node: Node): boolean =>
    node.start > begin.start && node.start < last && !(guard && !(guard.start <= node.start && node.end <= guard.end));

  /** The mask behind the statement; loops collect what their breaks carry. */
  const run = (node: Node, mask: number, loop: { broken: number } | undefined, turn: Node | undefined): number => {
    steps++;
    switch (node.type) {
      case "compound_statement":
      case "case_statement":
      case "else_clause": {
        let m = mask;
        let from = turn;
        for (const c of node.children) {
          if (c.field === "value") continue;
          // What stands behind a label belongs to the path that jumped there.
          from = cameTo(c)?.turn ?? from;
          m = run(c, m, loop, from);
        }
        return m;
      }
      case "labeled_statement": {
        let m = mask | (cameTo(node)?.mask ?? 0);
        for (const c of node.children) if (c.field !== "label") m = run(c, m, loop, turn);
        return m;
      }
      case "if_statement": {
        const cond = node.child("condition");
        const before = cond ? calls(cond, mask) : mask;
        const yes = node.child("consequence");
        const no = node.child("alternative");
        const then = yes ? run(yes, cond && dead(cond) ? 0 : before, loop, turn) : before;
        return then | (no ? run(no, before, loop, turn) : before);
      }
      case "for_statement":
      case "while_statement":
      case "do_statement": {
        const known = behindLoop.get(node)?.[mask];
        if (known !== undefined) return known;
        const inner = { broken: 0 };
        const body = node.child("body");
        const once = body ? run(body, mask, inner, turn) : mask;
        const again = body && (mask | once) !== mask ? run(body, mask | once, inner, turn) : once;
        const behind = mask | again | inner.broken;
        const masks = behindLoop.get(node);
        if (masks) masks[mask] = behind;
        else behindLoop.set(node, Object.assign([], { [mask]: behind }));
        return behind;
      }
      case "switch_statement": {
        const inner = { broken: 0 };
        const body = node.child("body");
        let m = mask;
        for (const c of body?.children ?? []) m = run(c, m | mask, inner, turn);
        return m | mask | inner.broken;
      }
      case "break_statement":
        if (loop) loop.broken |= mask;
        return 0;
      case "continue_statement":
        return 0;
      case "goto_statement": {
        const label = node.child("label");
        if (!label || !mask) return 0;
        const name = textOf(tree, label);
        const known = atLabel.get(name);
        const counts = (mask & HELD) !== 0 && turns(node);
        const next = {
          mask: (known?.mask ?? 0) | (mask & HELD && !counts ? FREE : mask),
          turn: known?.turn ?? (counts ? node : turn),
        };
        if (!known || known.mask !== next.mask || known.turn !== next.turn) {
          atLabel.set(name, next);
          changed = true;
        }
        return 0;
      }
      case "return_statement": {
        const m = calls(node, mask);
        const from = turn ?? (turns(node) ? node : undefined);
        if (m & HELD && from && !out.has(node)) out.set(node, { exit: node, turn: from });
        return 0;
      }
      default:
        return calls(node, mask);
    }
  };
  while (changed && affords(func, steps)) {
    changed = false;
    steps = 0;
    out.clear();
    behindLoop.clear();
    run(func.body, FREE, undefined, undefined);
  }
  affords(func, steps);
  return [...out.values()];
}

/** Allocations that cannot return NULL here, because they may sleep and have a reserve: gfp flags with direct reclaim. */
const sleeping = /^GFP_(?:KERNEL|NOIO|NOFS)$/;

/**
 * Is `condition` true only if an allocation failed that cannot fail? bio_alloc() from the reserve of fs_bio_set does not
 * fail when it may sleep (block/bio.c), and blk_next_bio() uses the new bio before its caller could look at it.
 */
export function impossibleFailure(func: Func): (condition: Node) => boolean {
  return (condition) => {
    const test = foldedText(func.tree, strip(func, condition));
    const name = /^!\s*(\w+)$/.exec(test)?.[1] ?? /^(\w+) == NULL$/.exec(test)?.[1];
    if (!name) return false;
    const store = func.storesTo.get(name)?.findLast((s) => s.node.start < condition.start);
    const call = store && func.callAt.get(strip(func, store.value));
    if (!call) return false;
    if (call.callee === "blk_next_bio") return true;
    const gfp = call.args[call.callee === "bio_alloc" && call.args.length === 4 ? 3 : 0];
    return call.callee === "bio_alloc" && !!gfp && sleeping.test(foldedText(func.tree, gfp));
  };
}
