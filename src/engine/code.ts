import { phasedOut } from "../kernel/names.ts";
import type { Island, KnownLine, State } from "../source/image.ts";
import { type Patience, patience } from "../source/patience.ts";
import { type CTree, lineIndex, parseIsland, spanOf } from "../syntax/ctree.ts";
import { each, type Node } from "../syntax/node.ts";
import type { Span } from "../text/span.ts";

/** A C type as far as declarations tell it: `struct foo **` is { name: "struct foo", pointers: 2 }. */
export interface Type {
  /** "struct foo", "loff_t", "unsigned int", ...; "" if the code does not say. */
  readonly name: string;
  /** Levels of pointer, arrays included. */
  readonly pointers: number;
  /** A function, or a pointer to one. */
  readonly callable: boolean;
}

export interface Param {
  readonly name: string;
  readonly type: Type;
  readonly node: Node;
  /** 0-based. */
  readonly index: number;
}

/** A call, also of a macro. */
export interface Call {
  readonly callee: string;
  readonly args: readonly Node[];
  readonly node: Node;
  readonly in: Func;
}

/** A store to a place: assignment, initialisation, compound assignment or an accessor such as WRITE_ONCE(). */
export interface Store {
  /** The place stored to; for an initialisation the declared name. */
  readonly target: Node;
  /** "=", "+=", "++", ... */
  readonly operator: string;
  /** What is stored; for ++ and -- the target. */
  readonly value: Node;
  readonly node: Node;
  readonly in: Func;
}

/** A stretch of a function that may run more than once: a loop statement, or label to `goto` back. Offsets, end exclusive. */
export interface Loop {
  readonly node: Node;
  readonly start: number;
  readonly end: number;
  readonly kind: "for" | "while" | "do" | "goto";
}

/** A function definition. */
export interface Func {
  readonly name: string;
  readonly tree: CTree;
  readonly node: Node;
  readonly body: Node;
  readonly params: readonly Param[];
  readonly returns: Type;
  readonly isStatic: boolean;
  /** The patch (0-based) that adds the line on which the name stands; undefined for a function of the base. */
  readonly addedBy: number | undefined;
  /** All of it is shown, from the first line to the closing brace. */
  readonly complete: boolean;
  /** The comment right above. */
  readonly comment: Node | undefined;
  readonly calls: readonly Call[];
  readonly stores: readonly Store[];
  readonly locals: ReadonlyMap<string, Type>;
  /** Where each local is declared: the declarator. */
  readonly declarators: ReadonlyMap<string, Node>;
  readonly loops: readonly Loop[];
  /** Identifiers that occur in it as values (not as callee), for function pointers and operations. */
  readonly mentions: ReadonlyMap<string, readonly Node[]>;
  /** Its calls by their nodes. */
  readonly callAt: ReadonlyMap<Node, Call>;
  /** Its stores to variables by the name of the variable, in source order. */
  readonly storesTo: ReadonlyMap<string, readonly Store[]>;
  readonly effort: Effort;
}

/** What questions about the functions of one reading cost together, in looks at a call, a store or a statement. */
export interface Effort {
  left: number;
  /** What each function has cost. */
  readonly by: Map<Func, number>;
}

/** Twenty times what the largest series about copying takes, and less than a second. */
const mostEffort = 3_000_000;

/**
 * Takes what a question costs off what is left. Once there is nothing left, any answer will do: the reading is done again
 * without the functions that cost most.
 */
export function affords(func: Func, steps: number): boolean {
  const { effort } = func;
  effort.left -= steps;
  effort.by.set(func, (effort.by.get(func) ?? 0) + steps);
  return effort.left > 0;
}

/** A member of a structure. */
export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly node: Node;
  readonly bits: boolean;
  /** Array without a size at the end of the structure. */
  readonly flexible: boolean;
}

/** A structure or union definition. */
export interface Struct {
  /** With the keyword: "struct foo". */
  readonly name: string;
  readonly tree: CTree;
  readonly node: Node;
  readonly fields: readonly Field[];
  readonly addedBy: number | undefined;
  readonly complete: boolean;
  readonly comment: Node | undefined;
}

/** All C that is known at one point of the series. */
export interface Code {
  readonly trees: readonly CTree[];
  readonly funcs: readonly Func[];
  /** The definition of each function by name; where a name is defined twice, the one in most detail. */
  readonly byName: ReadonlyMap<string, Func>;
  readonly structs: ReadonlyMap<string, Struct>;
  /** Types that a typedef names, and function types among them. */
  readonly typedefs: ReadonlyMap<string, Type>;
  readonly effort: Effort;
  /** Parts that are larger than code can reasonably be, and were left out. */
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
}

// Bounds on what is read, in characters and functions: several times the largest of Linux 6.12's block layer and NVMe
// code, and small enough that work which grows with the square of the input ends.
const largestIsland = 1_000_000;
const largestSeries = 4_000_000;
const largestFunction = 200_000;
const mostFunctions = 4_000;

export const textOf = (tree: CTree, node: Node): string => tree.text.slice(node.start, node.end);

/** A node's text with its white space folded. */
export const foldedText = (tree: CTree, node: Node): string => textOf(tree, node).replace(/\s+/g, " ").trim();

/** The line of the image that `node` starts on. */
export const lineOf = (tree: CTree, node: Node): KnownLine =>
  tree.lines[lineIndex(tree, Math.max(node.start, tree.from))]!;

/** The patch that adds the line on which `node` starts. */
export const addedBy = (tree: CTree, node: Node): number | undefined => lineOf(tree, node).added?.patch;

export const placeOf = (tree: CTree, node: Node): Span => spanOf(tree, node);

/** Trees of islands by their lines, which states of a series share where a file stays as it is. */
const parsed = new WeakMap<readonly KnownLine[], CTree>();

function treeOf(path: string, island: Island, budget: Patience): CTree {
  let tree = parsed.get(island.lines);
  if (!tree) parsed.set(island.lines, (tree = parseIsland(path, island, budget)));
  return tree;
}

/** Read the C of a state: whole files, and of the others the islands in which `worth` finds something to read. */
export function readCode(state: State, worth: (island: Island) => boolean = definesSomething): Code {
  const trees: CTree[] = [];
  const leftOut: Code["leftOut"][number][] = [];
  let total = 0;
  const budget = state.patience ?? patience();
  for (const image of state.images.values()) {
    if (!/\.[ch]$/.test(image.path)) continue;
    for (const island of image.islands) {
      if (!worth(island)) continue;
      const size = island.lines.reduce((sum, l) => sum + l.text.length + 1, 0);
      total += size;
      if (size <= largestIsland && total <= largestSeries) trees.push(treeOf(image.path, island, budget));
      else
        leftOut.push({
          what: image.path,
          why: `${size} characters in one piece are too much, or all of the series is`,
        });
    }
  }
  return codeOf(trees, leftOut);
}

/**
 * Added lines define a function or a structure, or call what is phased out. Other changes (a case label, an attribute, a
 * prototype) hold no fact of an engine, and parsing is the dearest part of a review.
 */
export function definesSomething(island: Island): boolean {
  for (const { added, text } of island.lines) {
    if (!added) continue;
    // The kernel's style opens a function body in the first column, and a structure or a one-line function at the end of such a line.
    if (text.startsWith("{") || (/^\S/.test(text) && text.endsWith("{")) || text.startsWith("typedef")) return true;
    if (namesPhasedOut(text)) return true;
  }
  return false;
}

export function namesPhasedOut(text: string): boolean {
  for (const name of phasedOut.keys()) if (text.includes(name)) return true;
  return false;
}

export function codeOf(trees: readonly CTree[], before: Code["leftOut"] = []): Code {
  const funcs: Func[] = [];
  const structs = new Map<string, Struct>();
  const typedefs = new Map<string, Type>();
  const leftOut = [...before];
  const effort: Effort = { left: mostEffort, by: new Map() };
  for (const tree of trees) {
    for (const n of tree.root.children)
      if (n.type === "function_definition" && n.end - n.start > largestFunction)
        leftOut.push({ what: `a function of ${tree.file}`, why: `${n.end - n.start} characters are too many` });
    readItems(tree, tree.root, funcs, structs, typedefs, effort);
  }
  if (funcs.length > mostFunctions) {
    leftOut.push({
      what: `${funcs.length - mostFunctions} functions`,
      why: `a series with more than ${mostFunctions} is not followed further`,
    });
    funcs.length = mostFunctions;
  }
  return { trees, funcs, byName: namesOf(funcs), structs, typedefs, effort, leftOut };
}

function namesOf(funcs: readonly Func[]): ReadonlyMap<string, Func> {
  const byName = new Map<string, Func>();
  for (const f of funcs) {
    const other = byName.get(f.name);
    if (!other || (f.complete && !other.complete)) byName.set(f.name, f);
  }
  return byName;
}

/**
 * The code without the functions about which questions took too long, and said so, if there are any; what is asked of the
 * others starts anew.
 * @param all whether it is enough now, and everything that cost something goes.
 */
export function withoutCostly(code: Code, all: boolean): Code | undefined {
  const { effort } = code;
  if (effort.left > 0) return undefined;
  const most = [...effort.by.values()].reduce((a, b) => Math.max(a, b), 0);
  const costly = new Set(code.funcs.filter((f) => (effort.by.get(f) ?? 0) * (all ? most : 4) >= most));
  effort.left = mostEffort;
  effort.by.clear();
  const funcs = code.funcs.filter((f) => !costly.has(f));
  const [first] = costly;
  const what = costly.size === 1 ? `${first!.name}()` : `${first!.name}() and ${costly.size - 1} more functions`;
  const why = `what they call, store and jump to is more than ${mostEffort} steps can follow`;
  return {
    ...code,
    funcs,
    byName: namesOf(funcs),
    leftOut: [
      ...code.leftOut,
      {
        what,
        why:
          costly.size === 1 ? why.replace("they call", "it calls").replace("store and jump", "stores and jumps") : why,
      },
    ],
  };
}

function readItems(
  tree: CTree,
  parent: Node,
  funcs: Func[],
  structs: Map<string, Struct>,
  typedefs: Map<string, Type>,
  effort: Effort,
): void {
  let previous: Node | undefined;
  for (const node of parent.children) {
    switch (node.type) {
      case "function_definition": {
        const f = readFunc(tree, node, commentAbove(tree, previous, node), effort);
        if (f) funcs.push(f);
        const type = node.child("type");
        if (type) readStructs(tree, type, undefined, structs);
        break;
      }
      case "type_definition": {
        const type = node.child("type");
        const declarator = node.child("declarator");
        if (type) readStructs(tree, type, commentAbove(tree, previous, node), structs);
        if (type && declarator) {
          const { name, type: t } = declared(tree, typeName(tree, type), declarator);
          if (name) typedefs.set(name, t);
        }
        break;
      }
      case "struct_specifier":
      case "union_specifier":
      case "declaration":
        readStructs(tree, node, commentAbove(tree, previous, node), structs);
        break;
      case "preproc_if":
      case "preproc_ifdef":
      case "preproc_else":
      case "preproc_elif":
      case "linkage_specification":
      case "declaration_list":
      case "ERROR":
        readItems(tree, node, funcs, structs, typedefs, effort);
        break;
    }
    previous = node;
  }
}

/** `previous` if it is a comment that ends on the line above `node`. */
function commentAbove(tree: CTree, previous: Node | undefined, node: Node): Node | undefined {
  if (previous?.type !== "comment") return undefined;
  const between = tree.text.slice(previous.end, node.start);
  return /^[ \t\r]*\n?[ \t\r]*(?:\n[ \t\r]*)?$/.test(between) ? previous : undefined;
}

function readStructs(tree: CTree, node: Node, comment: Node | undefined, structs: Map<string, Struct>): void {
  each(node, (n) => {
    if (n.type !== "struct_specifier" && n.type !== "union_specifier") return;
    const body = n.child("body");
    const name = n.child("name");
    if (!body || !name) return;
    const fields: Field[] = [];
    readFields(tree, body, fields);
    const keyword = n.type === "struct_specifier" ? "struct" : "union";
    const made: Struct = {
      name: `${keyword} ${textOf(tree, name)}`,
      tree,
      node: n,
      fields,
      addedBy: addedBy(tree, name),
      complete: n.start >= tree.from && n.end <= tree.to,
      comment: n === node || n.parent === node ? comment : undefined,
    };
    const other = structs.get(made.name);
    if (!other || (made.complete && !other.complete)) structs.set(made.name, made);
  });
}

function readFields(tree: CTree, body: Node, fields: Field[]): void {
  for (const n of body.children) {
    if (n.type.startsWith("preproc_")) readFields(tree, n, fields);
    if (n.type !== "field_declaration") continue;
    const type = n.child("type");
    if (!type) continue;
    const base = typeName(tree, type);
    const bits = n.children.some((c) => c.type === "bitfield_clause");
    let any = false;
    for (const d of n.children) {
      if (d.field !== "declarator") continue;
      any = true;
      const { name, type: t } = declared(tree, base, d);
      const flexible = d.type === "array_declarator" && !d.child("size");
      if (name) fields.push({ name, type: t, node: d, bits, flexible });
    }
    // The members of an anonymous structure or union are members of the outer one.
    const inner = type.child("body");
    if (!any && inner) readFields(tree, inner, fields);
  }
}

/** The name of a type without pointers and qualifiers. */
function typeName(tree: CTree, type: Node): string {
  if (type.type === "struct_specifier" || type.type === "union_specifier" || type.type === "enum_specifier") {
    const name = type.child("name");
    return `${type.type.slice(0, type.type.indexOf("_"))} ${name ? textOf(tree, name) : ""}`.trim();
  }
  return foldedText(tree, type);
}

/** The name and type that a declarator gives on top of `base`. */
function declared(tree: CTree, base: string, declarator: Node): { name: string; type: Type; node: Node | undefined } {
  let pointers = 0;
  let callable = false;
  let d: Node | undefined = declarator;
  while (d) {
    switch (d.type) {
      case "pointer_declarator":
      case "abstract_pointer_declarator":
      case "array_declarator":
      case "abstract_array_declarator":
        if (!callable) pointers++;
        break;
      case "function_declarator":
      case "abstract_function_declarator":
        callable = true;
        pointers = 0;
        break;
      case "identifier":
      case "field_identifier":
      case "type_identifier":
        return { name: textOf(tree, d), type: { name: base, pointers, callable }, node: d };
    }
    d =
      d.child("declarator") ??
      (d.type === "parenthesized_declarator" ? d.children.find((c) => c.type !== "comment") : undefined);
  }
  return { name: "", type: { name: base, pointers, callable }, node: undefined };
}

const none: ReadonlyMap<never, never> = new Map<never, never>();

function readFunc(tree: CTree, node: Node, comment: Node | undefined, effort: Effort): Func | undefined {
  const body = node.child("body");
  let declarator = node.child("declarator");
  const type = node.child("type");
  if (!body || !declarator || !type || node.end - node.start > largestFunction) return undefined;
  let pointers = 0;
  while (declarator && declarator.type !== "function_declarator") {
    if (declarator.type === "pointer_declarator") pointers++;
    declarator = declarator.child("declarator");
  }
  const nameNode = declarator?.child("declarator");
  const list = declarator?.child("parameters");
  if (!declarator || !nameNode || !list) return undefined;
  const made = nameNode.start < tree.from;
  const params: Param[] = [];
  for (const p of list.children) {
    if (p.type !== "parameter_declaration") continue;
    const ptype = p.child("type");
    if (!ptype) continue;
    const d = p.child("declarator");
    const base = typeName(tree, ptype);
    const { name, type: t } = d
      ? declared(tree, base, d)
      : { name: "", type: { name: base, pointers: 0, callable: false } };
    params.push({ name, type: t, node: p, index: params.length });
  }
  const complete = node.start >= tree.from && node.end <= tree.to;
  const func = {
    name: textOf(tree, nameNode),
    tree,
    node,
    body,
    params,
    returns: { name: typeName(tree, type), pointers, callable: false } as Type,
    isStatic: node.children.some((c) => c.type === "storage_class_specifier" && textOf(tree, c) === "static"),
    addedBy: made ? undefined : addedBy(tree, nameNode),
    complete,
    comment,
    calls: [] as Call[],
    stores: [] as Store[],
    locals: none as ReadonlyMap<string, Type>,
    declarators: none as ReadonlyMap<string, Node>,
    loops: [] as Loop[],
    mentions: none as ReadonlyMap<string, readonly Node[]>,
    callAt: none as ReadonlyMap<Node, Call>,
    storesTo: none as ReadonlyMap<string, readonly Store[]>,
    effort,
  };
  const locals = new Map<string, Type>();
  const declarators = new Map<string, Node>();
  const mentions = new Map<string, Node[]>();
  const labels = new Map<string, Node>();
  for (const p of params) if (p.name) locals.set(p.name, p.type);
  each(body, (n) => {
    switch (n.type) {
      case "call_expression": {
        const callee = n.child("function");
        const args = n.child("arguments")?.children.filter((c) => c.type !== "comment") ?? [];
        if (!callee) break;
        const call: Call = {
          callee: callee.type === "identifier" ? textOf(tree, callee) : foldedText(tree, callee),
          args,
          node: n,
          in: func,
        };
        func.calls.push(call);
        if ((call.callee === "WRITE_ONCE" || call.callee === "smp_store_release") && args.length === 2)
          func.stores.push({ target: args[0]!, operator: "=", value: args[1]!, node: n, in: func });
        break;
      }
      case "assignment_expression": {
        const target = n.child("left");
        const value = n.child("right");
        const op = n.child("operator");
        if (target && value)
          func.stores.push({ target, operator: op ? textOf(tree, op) : "=", value, node: n, in: func });
        break;
      }
      case "initializer_pair": {
        // { .member = value }: a store to the member of what is initialised.
        const target = n.child("designator");
        const value = n.child("value");
        if (target?.type === "field_designator" && value && value.type !== "initializer_list")
          func.stores.push({ target, operator: "=", value, node: n, in: func });
        break;
      }
      case "update_expression": {
        const target = n.child("argument");
        const op = n.child("operator");
        if (target)
          func.stores.push({ target, operator: op ? textOf(tree, op) : "++", value: target, node: n, in: func });
        break;
      }
      case "declaration": {
        const t = n.child("type");
        if (!t) break;
        const base = typeName(tree, t);
        for (const d of n.children) {
          if (d.field !== "declarator") continue;
          const inner = d.type === "init_declarator" ? d.child("declarator") : d;
          const value = d.type === "init_declarator" ? d.child("value") : undefined;
          if (!inner) continue;
          const { name, type: dt, node: dn } = declared(tree, base, inner);
          if (!name || !dn) continue;
          locals.set(name, dt);
          declarators.set(name, dn);
          if (value) func.stores.push({ target: dn, operator: "=", value, node: d, in: func });
        }
        break;
      }
      case "for_statement":
        func.loops.push({ node: n, start: n.start, end: n.end, kind: "for" });
        break;
      case "while_statement":
        func.loops.push({ node: n, start: n.start, end: n.end, kind: "while" });
        break;
      case "do_statement":
        func.loops.push({ node: n, start: n.start, end: n.end, kind: "do" });
        break;
      case "labeled_statement": {
        const l = n.child("label");
        if (l) labels.set(textOf(tree, l), n);
        break;
      }
      case "goto_statement": {
        const l = n.child("label");
        const to = l && labels.get(textOf(tree, l));
        // Labels come in source order, so a label that is known already lies behind.
        if (to) func.loops.push({ node: to, start: to.start, end: n.end, kind: "goto" });
        break;
      }
      case "identifier": {
        if (n.field === "function" && n.parent?.type === "call_expression") break;
        const name = textOf(tree, n);
        const seen = mentions.get(name);
        if (seen) seen.push(n);
        else mentions.set(name, [n]);
        break;
      }
    }
  });
  func.locals = locals;
  func.declarators = declarators;
  func.mentions = mentions;
  func.callAt = new Map(func.calls.map((c) => [c.node, c]));
  const storesTo = new Map<string, Store[]>();
  for (const s of func.stores) {
    if (s.target.type !== "identifier") continue;
    const name = textOf(tree, s.target);
    const known = storesTo.get(name);
    if (known) known.push(s);
    else storesTo.set(name, [s]);
  }
  func.storesTo = storesTo;
  return func;
}

/** The loops of `func` that `node` lies in, the innermost last. */
export function loopsAround(func: Func, node: Node): Loop[] {
  return func.loops
    .filter((l) => l.start <= node.start && node.end <= l.end)
    .sort((a, b) => b.end - b.start - (a.end - a.start));
}
