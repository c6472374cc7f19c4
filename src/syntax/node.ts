const none: readonly Node[] = [];

/**
 * A node of a C syntax tree. `type` is tree-sitter-c's name of it, "ERROR", "MISSING" or "DEEP"; `field` is the name of the
 * field that it fills in its parent, or "". Offsets are UTF-16 code units into the text that was parsed, end exclusive.
 */
export class Node {
  readonly type: string;
  readonly field: string;
  readonly start: number;
  readonly end: number;
  readonly parent: Node | undefined;
  /** Shared by all leaves while it is empty; add() gives the node a list of its own. */
  children: readonly Node[] = none;

  constructor(type: string, field: string, start: number, end: number, parent: Node | undefined) {
    this.type = type;
    this.field = field;
    this.start = start;
    this.end = end;
    this.parent = parent;
  }

  /** Appends a child; for the parser. */
  add(node: Node): void {
    if (this.children === none) this.children = [node];
    else (this.children as Node[]).push(node);
  }

  /** The first child that fills `field`. */
  child(field: string): Node | undefined {
    for (const c of this.children) if (c.field === field) return c;
    return undefined;
  }

  /** The first child of this type. */
  first(type: string): Node | undefined {
    for (const c of this.children) if (c.type === type) return c;
    return undefined;
  }
}

/** All nodes below and including `node`, in source order. */
export function* walk(node: Node): Generator<Node> {
  const stack: Node[] = [node];
  for (let n = stack.pop(); n; n = stack.pop()) {
    yield n;
    for (let i = n.children.length - 1; i >= 0; i--) stack.push(n.children[i]!);
  }
}

/** Calls `visit` on all nodes below and including `node`, in source order; cheaper than walk(). */
export function each(node: Node, visit: (n: Node) => void): void {
  const stack: Node[] = [node];
  for (let n = stack.pop(); n; n = stack.pop()) {
    visit(n);
    for (let i = n.children.length - 1; i >= 0; i--) stack.push(n.children[i]!);
  }
}

/** The nearest ancestor (or the node itself) of one of these types. */
export function enclosing(node: Node | undefined, ...types: string[]): Node | undefined {
  for (let n = node; n; n = n.parent) if (types.includes(n.type)) return n;
  return undefined;
}
