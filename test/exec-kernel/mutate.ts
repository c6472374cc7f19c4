import { enclosing, type Node, walk } from "../../src/syntax/node.ts";
import { parseC } from "../../src/syntax/parser.ts";

/**
 * Mutants of an engine by a table of operators. An operator looks at the syntax tree alone and knows nothing of what the engine is for, so
 * nobody chooses what is easily caught; a generator with a fixed seed takes some of all that an operator can do.
 */
export interface Mutant {
  readonly engine: string;
  readonly operator: string;
  /** "asynchronous.c:35 drop a call: kfree(ctx);": names it in the tables beside the tests. */
  readonly name: string;
  readonly text: string;
}

/** A stretch of the text that is replaced; end exclusive. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** One way in which an operator applies, with what it does in words. */
export interface Change {
  /** Where it is said to be. */
  readonly at: number;
  readonly words: string;
  readonly edits: readonly Edit[];
}

export type Operator = (source: Source) => Iterable<Change>;

export interface Source {
  readonly text: string;
  readonly root: Node;
  /** All nodes of all functions, in the order of the text. */
  readonly nodes: readonly Node[];
  readonly of: (node: Node) => string;
}

export function sourceOf(text: string): Source {
  const root = parseC(text);
  const functions = root.children.filter(({ type }) => type === "function_definition");
  const nodes = functions.flatMap((each) => [...walk(each)]);
  return { text, root, nodes, of: ({ start, end }) => oneLine(text.slice(start, end)) };
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ");

export const replace = ({ start, end }: Node, by: string): Edit => ({ start, end, by });
export const before = ({ start }: Node, by: string): Edit => ({ start, end: start, by });
export const after = ({ end }: Node, by: string): Edit => ({ start: end, end, by });

/** Without a statement: an empty one where the grammar wants one. */
export const without = (node: Node): Edit => replace(node, node.parent?.type === "compound_statement" ? "" : ";");

export const ofType = ({ nodes }: Source, ...types: string[]): Node[] =>
  nodes.filter(({ type }) => types.includes(type));

/** The call that a statement is, if it is one. */
export const callIn = (node: Node): Node | undefined =>
  node.type === "expression_statement" ? node.children.find(({ type }) => type === "call_expression") : undefined;

export const callee = (source: Source, call: Node): string => source.of(call.child("function")!);

export const argumentsOf = (call: Node): readonly Node[] => call.child("arguments")?.children ?? [];

const isAssignment = (node: Node): boolean =>
  node.type === "expression_statement" && node.children[0]?.type === "assignment_expression";

/** A statement that leaves: behind it nothing of its block is reached. */
export const leaves = ({ type }: Node): boolean => /^(?:return|goto|break|continue)_statement$/.test(type);

export const isStatement = ({ type }: Node): boolean => type.endsWith("_statement") && type !== "compound_statement";

/** Pairs of statements that lie behind each other in a block, `distance` apart. */
function* inBlocks(source: Source, distance: number): Generator<readonly [Node, Node]> {
  for (const { children } of ofType(source, "compound_statement")) {
    for (let i = 0; i + distance < children.length; i++) {
      const between = children.slice(i, i + distance + 1);
      if (between.every((each) => isStatement(each) && !leaves(each) && each.type !== "labeled_statement"))
        yield [between[0]!, between[distance]!];
    }
  }
}

/** Replaces whole words in one text by what a table says, each at its place. */
const swapWords = (table: Readonly<Record<string, string>>, types: readonly string[]): Operator =>
  function* (source) {
    for (const node of ofType(source, ...types)) {
      const word = source.of(node);
      const other = table[word];
      if (other === undefined || isDeclared(node) || !isKnown(source, node, other)) continue;
      yield { at: node.start, words: `${word} to ${other}, ${contextOf(source, node)}`, edits: [replace(node, other)] };
    }
  };

/** The name in a declaration or a parameter list, which is no use of it. */
function isDeclared(node: Node): boolean {
  for (let n: Node | undefined = node; n?.parent; n = n.parent) {
    if (n.parent.type === "init_declarator" && n.field === "value") return false;
    if (/declarat|parameter/.test(n.parent.type)) return true;
    if (/statement|expression/.test(n.parent.type)) return false;
  }
  return true;
}

/** A macro, an enumerator or a function; or a name that the function declares. */
function isKnown(source: Source, node: Node, name: string): boolean {
  if (/^[A-Z]|^(?:min|max|round)/.test(name)) return true;
  const inside = enclosing(node, "function_definition")!;
  return [...walk(inside)].some(
    (each) => each.end <= node.start && each.type === "identifier" && isDeclared(each) && source.of(each) === name,
  );
}

/** A variable that the function declares as a pointer. */
const isPointer = (source: Source, node: Node): boolean =>
  [...walk(enclosing(node, "function_definition")!)].some(
    (each) => each.parent?.type === "pointer_declarator" && source.of(each) === source.of(node),
  );

/** The statement or the condition that a node lies in, for words. */
function contextOf(source: Source, node: Node): string {
  let n = node;
  while (n.parent && !/statement|declaration/.test(n.parent.type)) n = n.parent;
  return source.of(isStatement(n.parent!) && n.parent!.type === "expression_statement" ? n.parent! : n);
}

const both = (table: Readonly<Record<string, string>>): Record<string, string> => ({
  ...table,
  ...Object.fromEntries(Object.entries(table).map(([a, b]) => [b, a])),
});

export const isFree = (name: string): boolean => /^(?:kfree|bio_put|\w+_put)$/.test(name);

/** The nth argument is a lock, and this is what gives it back. */
const unlocks: Readonly<Record<string, string>> = {
  spin_lock_irqsave: "spin_unlock_irqrestore",
  spin_lock_irq: "spin_unlock_irq",
  spin_lock: "spin_unlock",
};

/** Functions of which a plain 0 would be an argument of the wrong type, or nothing to store to. */
const typed = /^(?:min|max|min_t|max_t|round_down|spin_\w+_irq(?:save|restore))$/;

/** Numbers that are counts, sectors or bytes, as far as an expression shows: something is added up or taken from something. */
const isSum = (source: Source, { type, children }: Node): boolean =>
  type === "binary_expression" && /^[+-]$/.test(source.of(children.find(({ field }) => field === "operator")!));

export const operators: Readonly<Record<string, Operator>> = {
  *"drop a call"(source) {
    for (const node of source.nodes) {
      if (callIn(node)) yield { at: node.start, words: source.of(node), edits: [without(node)] };
    }
  },

  *"do a call twice"(source) {
    for (const node of source.nodes) {
      if (callIn(node) && node.parent?.type === "compound_statement")
        yield { at: node.start, words: source.of(node), edits: [after(node, ` ${source.of(node)}`)] };
    }
  },

  *"swap two statements"(source) {
    for (const [a, b] of inBlocks(source, 1)) {
      const [first, second] = [a, b].map(({ start, end }) => source.text.slice(start, end)) as [string, string];
      const words = `${oneLine(first).slice(0, 40)} with ${oneLine(second).slice(0, 40)}`;
      yield { at: a.start, words, edits: [replace(a, second), replace(b, first)] };
    }
  },

  *"drop an error branch"(source) {
    for (const node of ofType(source, "if_statement")) {
      const then = node.child("consequence")!;
      if (node.child("alternative") || ![...walk(then)].some(leaves)) continue;
      yield { at: node.start, words: source.of(node).slice(0, 70), edits: [without(node)] };
    }
  },

  *"drop what a branch does"(source) {
    // The branch leaves all the same, without having given back or noted anything.
    for (const block of ofType(source, "compound_statement")) {
      const { parent, children } = block;
      if (parent?.type !== "if_statement" || children.length < 2 || !leaves(children.at(-1)!)) continue;
      const [first] = children;
      yield { at: first!.start, words: source.of(first!), edits: [without(first!)] };
    }
  },

  *"off by one chunk"(source) {
    for (const node of ofType(source, "for_statement")) {
      const condition = node.child("condition");
      const update = node.child("update");
      const initial = node.child("initializer");
      const bound = condition?.child("right");
      if (bound) {
        const step = update?.child("right");
        yield {
          at: bound.start,
          words: `${source.of(condition!)} with <=`,
          edits: [{ ...replace(condition!, source.of(condition!).replace(/<(?!=)/, "<=")) }],
        };
        if (step)
          yield {
            at: bound.start,
            words: `${source.of(condition!)}, a step less`,
            edits: [replace(bound, `${source.of(bound)} - ${source.of(step)}`)],
          };
      }
      for (const each of update === undefined ? [] : walk(update)) {
        const step = each.type === "assignment_expression" ? each.child("right") : undefined;
        if (step)
          yield {
            at: step.start,
            words: `${source.of(step.parent!)}, two of them`,
            edits: [replace(step, `2 * ${source.of(step)}`)],
          };
      }
      const start = initial?.child("right");
      const limit = source.nodes.find(
        ({ type, start: s, end }) => type === "identifier" && source.text.slice(s, end) === "limit",
      );
      if (start && limit)
        yield {
          at: start.start,
          words: `${source.of(initial!)}, from the second chunk on`,
          edits: [replace(start, "limit")],
        };
    }
  },

  "min for max": swapWords({ ...both({ min: "max", min_t: "max_t" }), round_down: "round_up" }, ["identifier"]),

  *"wrong unit"(source) {
    for (const node of ofType(source, "binary_expression")) {
      const [left, operator, right] = [node.child("left")!, node.child("operator")!, node.child("right")!];
      const op = source.of(operator);
      if (/^(?:<<|>>)$/.test(op) && source.of(right) === "SECTOR_SHIFT") {
        const context = contextOf(source, node);
        yield { at: node.start, words: `no shift, ${context}`, edits: [{ start: left.end, end: node.end, by: "" }] };
        const other = op === "<<" ? ">>" : "<<";
        yield { at: node.start, words: `${other} for ${op}, ${context}`, edits: [replace(operator, other)] };
      } else if (isSum(source, node)) {
        const context = contextOf(source, node);
        for (const shift of ["<<", ">>"]) {
          yield {
            at: node.start,
            words: `${source.of(node)} ${shift} SECTOR_SHIFT, ${context}`,
            edits: [before(node, "(("), after(node, `) ${shift} SECTOR_SHIFT)`)],
          };
        }
      }
    }
  },

  *"early free"(source) {
    for (const distance of [1, 2]) {
      for (const [to, node] of inBlocks(source, distance)) {
        const call = callIn(node);
        if (!call || !isFree(callee(source, call))) continue;
        const words = `${source.of(node)}, up by ${distance}`;
        yield { at: node.start, words, edits: [before(to, `${source.of(node)} `), without(node)] };
      }
    }
  },

  *"plug in the loop"(source) {
    const calls = source.nodes.filter((node) => callIn(node));
    const named = (name: string) => calls.find((node) => callee(source, callIn(node)!) === name);
    const [start, finish] = [named("blk_start_plug"), named("blk_finish_plug")];
    for (const loop of ofType(source, "for_statement")) {
      const body = loop.child("body")!;
      const last = body.children.at(-1);
      if (
        !start ||
        !finish ||
        !last ||
        enclosing(loop, "function_definition") !== enclosing(start, "function_definition")
      )
        continue;
      const into = { start: body.start + 1, end: body.start + 1, by: ` ${source.of(start)}` };
      const outOf = after(last, ` ${source.of(finish)}`);
      yield { at: start.start, words: "start it there", edits: [without(start), into] };
      yield { at: finish.start, words: "finish it there", edits: [without(finish), outOf] };
      yield { at: start.start, words: "both", edits: [without(start), without(finish), into, outOf] };
    }
  },

  *"lost assignment"(source) {
    for (const node of source.nodes.filter(isAssignment))
      yield { at: node.start, words: source.of(node), edits: [without(node)] };
  },

  *"negated condition"(source) {
    for (const node of ofType(source, "if_statement", "conditional_expression")) {
      const condition = node.child("condition")!;
      const text = source.of(condition);
      const by = text.startsWith("(") ? `(!${text})` : `!(${text})`;
      yield { at: condition.start, words: contextOf(source, condition).slice(0, 70), edits: [replace(condition, by)] };
    }
  },

  *"= for +="(source) {
    for (const node of ofType(source, "assignment_expression")) {
      const operator = node.child("operator")!;
      if (/^[+-]=$/.test(source.of(operator)) && !isPointer(source, node.child("left")!))
        yield { at: node.start, words: source.of(node), edits: [replace(operator, "=")] };
    }
  },

  "source for destination": swapWords(
    both({
      src: "dst",
      src_bio: "dst_bio",
      bdev_in: "bdev_out",
      REQ_OP_COPY_SRC: "REQ_OP_COPY_DST",
      REQ_OP_READ: "REQ_OP_WRITE",
    }),
    ["identifier"],
  ),

  "wrong variable": swapWords(
    both({ len: "limit", nr_sects: "len", done: "len", pos: "len", error: "failed", size: "block" }),
    ["identifier"],
  ),

  *"0 for an argument"(source) {
    for (const call of ofType(source, "call_expression")) {
      const name = callee(source, call);
      if (typed.test(name)) continue;
      for (const [i, argument] of argumentsOf(call).entries()) {
        if (/sizeof|type/.test(argument.type) || source.of(argument) === "0") continue;
        yield {
          at: argument.start,
          words: `${i + 1}, ${contextOf(source, argument)}`,
          edits: [replace(argument, "0")],
        };
      }
    }
  },

  *"other label"(source) {
    for (const node of ofType(source, "goto_statement")) {
      const own = source.of(node.child("label")!);
      const inside = enclosing(node, "function_definition")!;
      const labels = [...walk(inside)].flatMap((each) =>
        each.type === "labeled_statement" ? each.child("label")! : [],
      );
      for (const label of labels.map(source.of)) {
        if (label !== own)
          yield { at: node.start, words: `goto ${own} to ${label}`, edits: [replace(node.child("label")!, label)] };
      }
    }
  },

  *"other constant"(source) {
    for (const node of ofType(source, "number_literal", "identifier", "null")) {
      const text = source.of(node);
      const by = /^E[A-Z]+$/.test(text) ? "0" : /^\d+$/.test(text) ? String(Number(text) + 1) : undefined;
      const label = node.type === "identifier" && node.parent?.type === "argument_list";
      if (by !== undefined && !label)
        yield { at: node.start, words: `${text} to ${by}, ${contextOf(source, node)}`, edits: [replace(node, by)] };
      if (/^[1-9]\d*$/.test(text)) {
        const less = String(Number(text) - 1);
        yield { at: node.start, words: `${text} to ${less}, ${contextOf(source, node)}`, edits: [replace(node, less)] };
      }
    }
  },

  *"other operator"(source) {
    const others: Readonly<Record<string, string>> = {
      "<": ">",
      "||": "&&",
      "&": "|",
      "|": "&",
      "+": "-",
      "-": "+",
      "/": "*",
    };
    for (const node of ofType(source, "binary_expression")) {
      const operator = node.child("operator")!;
      const by = others[source.of(operator)];
      if (by !== undefined)
        yield {
          at: operator.start,
          words: `${by} for ${source.of(operator)}, ${contextOf(source, node)}`,
          edits: [replace(operator, by)],
        };
    }
  },

  *"no lock"(source) {
    const statements = source.nodes.filter((node) => callIn(node));
    for (const [i, node] of statements.entries()) {
      const unlock = unlocks[callee(source, callIn(node)!)];
      const other = statements.slice(i).find((each) => callee(source, callIn(each)!) === unlock);
      if (unlock !== undefined && other)
        yield { at: node.start, words: source.of(node), edits: [without(node), without(other)] };
    }
  },

  *"return something else"(source) {
    for (const node of ofType(source, "return_statement")) {
      const value = node.children[0];
      if (value === undefined || source.of(value) === "0") continue;
      yield { at: node.start, words: `0 for ${source.of(value)}`, edits: [replace(value, "0")] };
      if (value.type !== "conditional_expression") continue;
      for (const part of [value.child("consequence")!, value.child("alternative")!])
        yield {
          at: node.start,
          words: `${source.of(part)} for ${source.of(value)}`,
          edits: [replace(value, source.of(part))],
        };
    }
  },

  *"go on for break"(source) {
    for (const node of ofType(source, "break_statement"))
      yield { at: node.start, words: "continue", edits: [replace(node, "continue;")] };
  },
};

/** Numbers from 0 to 1, the same ones for the same text. */
export function numbersFrom(text: string): () => number {
  let state = 0x811c9dc5;
  for (const char of text) state = Math.imul(state ^ char.codePointAt(0)!, 0x01000193);
  return () => {
    // A linear congruence is good enough to choose places, once its low bits are mixed.
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
  };
}

export function apply(text: string, edits: readonly Edit[]): string {
  let out = text;
  for (const { start, end, by } of edits.toSorted((a, b) => b.start - a.start || b.end - a.end))
    out = out.slice(0, start) + by + out.slice(end);
  return out;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

/** All that the operators can do to an engine, in the order of the table and of the text. */
export function allMutants(engine: string, text: string): Mutant[] {
  const source = sourceOf(text);
  const named = new Map<string, number>();
  return Object.entries(operators).flatMap(([operator, changes]) =>
    [...changes(source)].map(({ at, words, edits }) => {
      const name = `${engine}:${lineAt(text, at)} ${operator}: ${oneLine(words)}`;
      const n = (named.get(name) ?? 0) + 1;
      named.set(name, n);
      return { engine, operator, name: n === 1 ? name : `${name} (${n})`, text: apply(text, edits) };
    }),
  );
}

/**
 * Some of the mutants: of each operator and engine at most so many, chosen by the seed. A choice depends on nothing but the seed, the
 * operator and the engine, so that another operator or engine leaves the others' mutants as they are.
 */
export function sampled(engine: string, text: string, each: number, seed: number): Mutant[] {
  const all = allMutants(engine, text);
  const seen = new Set([oneLine(text)]);
  return Object.keys(operators).flatMap((operator) => {
    const random = numbersFrom(`${seed} ${engine} ${operator}`);
    const left = all.filter((mutant) => mutant.operator === operator);
    const chosen: Mutant[] = [];
    while (chosen.length < each && left.length > 0) {
      const [one] = left.splice(Math.floor(random() * left.length), 1);
      // Two operators may come to the same.
      const code = oneLine(one!.text);
      if (!seen.has(code)) chosen.push(one!);
      seen.add(code);
    }
    return chosen;
  });
}
