import type { CTree } from "../syntax/ctree.ts";
import type { Code, Op } from "./interpret.ts";
import type { Program } from "./program.ts";
import type { Place, Token } from "./token.ts";
import type { CType } from "./type.ts";
import type { Int } from "./value.ts";

/** What a construct cannot be executed for; the statement around it becomes an end of the run. */
export class Unsupported {
  readonly why: string;
  readonly at: Place;
  constructor(why: string, at: Place) {
    this.why = why;
    this.at = at;
  }
}

/** What a name means in a scope. */
export type Meaning =
  | { readonly kind: "slot"; readonly slot: number; readonly type: CType }
  | { readonly kind: "memory"; readonly slot: number; readonly type: CType; readonly shared: boolean }
  | { readonly kind: "static"; readonly key: string; readonly type: CType; readonly initial: Code | undefined }
  | { readonly kind: "type"; readonly type: CType }
  | { readonly kind: "constant"; readonly value: Int; readonly type: CType }
  | { readonly kind: "unknown"; readonly why: string };

export interface Scope {
  readonly names: Map<string, Meaning>;
  /** "struct foo" and the like. */
  readonly tags: Map<string, CType>;
  readonly outer: Scope | undefined;
}

/** Where `break` and `continue` go, and what a `switch` collects. */
export interface Enclosing {
  readonly breaks: (Op & { to: number })[];
  readonly continues: (Op & { to: number })[] | undefined;
  readonly cases: { readonly op: Op & { kind: "switch" }; readonly type: CType } | undefined;
  /** How many clean-ups were due when it was entered. */
  readonly cleanups: number;
}

/** C that runs when a scope is left, whichever way: a block in which `_T` is what it is about. */
export interface Cleanup {
  readonly text: string;
  readonly at: Place;
}

/** The state of the compilation of one function: the tokens that are still to be read, and what was made of the others. */
export interface Compiler {
  readonly program: Program;
  readonly tree: CTree;
  readonly tokens: readonly Token[];
  /** Index of the next token, and the end of what may be read. */
  at: number;
  end: number;
  scope: Scope;
  code: Code;
  readonly enclosing: Enclosing[];
  /** What is due in the scopes around, the innermost last. */
  readonly cleanups: Cleanup[];
  /** `__free(kfree)` or `__cleanup(f)` of the variable that is being declared. */
  attribute: { readonly kind: "free" | "cleanup"; readonly name: string } | undefined;
  readonly labels: Map<string, { readonly to: number; readonly cleanups: readonly Cleanup[] }>;
  readonly gotos: {
    readonly name: string;
    readonly op: Op & { kind: "jump" };
    readonly at: Place;
    readonly cleanups: readonly Cleanup[];
  }[];
  /** Names whose address is taken somewhere in the function: others may see them. */
  readonly exposed: ReadonlySet<string>;
  depth: number;
}

const END: Omit<Token, "place"> = { kind: "end", text: "" };

/** The next token; one of kind "end" behind the last. */
export function peek(c: Compiler, ahead = 0): Token {
  const token = c.at + ahead < c.end ? c.tokens[c.at + ahead] : undefined;
  return token ?? { ...END, place: here(c) };
}

/** The text of the next token, "" behind the last. */
export const ahead = (c: Compiler, by = 0): string => (c.at + by < c.end ? c.tokens[c.at + by]!.text : "");

/** The place of the next token or, behind the last, of that. */
export function here(c: Compiler): Place {
  return (c.tokens[Math.min(c.at, c.end - 1)] ?? c.tokens[c.tokens.length - 1])?.place ?? c.code.at;
}

/** From the start of one place to the end of the token read last. */
export function since(c: Compiler, from: Place): Place {
  const last = c.tokens[c.at - 1]?.place;
  if (last === undefined || last.tree !== from.tree || last.end <= from.end) return from;
  return { tree: from.tree, start: from.start, end: last.end };
}

export function accept(c: Compiler, text: string): boolean {
  if (c.at >= c.end || c.tokens[c.at]!.text !== text) return false;
  c.at++;
  return true;
}

export function need(c: Compiler, text: string): void {
  if (accept(c, text)) return;
  const found = ahead(c);
  throw new Unsupported(found === "" ? "it is cut off" : `\`${text}\` is missing before \`${found}\``, here(c));
}

/** The index of the token that closes the bracket at index `open`. */
export function closingAt(c: Compiler, open: number): number {
  let depth = 0;
  for (let i = open; i < c.end; i++) {
    const token = c.tokens[i]!;
    if (token.kind !== "operator") continue;
    const { text } = token;
    if (text === "(" || text === "[" || text === "{") depth++;
    else if ((text === ")" || text === "]" || text === "}") && --depth === 0) return i;
  }
  return -1;
}

/** Looks a name up from the innermost scope outwards. */
export function lookUp(c: Compiler, name: string): Meaning | undefined {
  for (let scope: Scope | undefined = c.scope; scope !== undefined; scope = scope.outer) {
    const meaning = scope.names.get(name);
    if (meaning !== undefined) return meaning;
  }
  return undefined;
}

export function openScope(c: Compiler): void {
  c.scope = { names: new Map(), tags: new Map(), outer: c.scope };
}
export function closeScope(c: Compiler): void {
  c.scope = c.scope.outer!;
}

/** Runs `read` one level deeper; what nests deeper than any code that people write is refused. */
export function nested<T>(c: Compiler, read: () => T): T {
  if (++c.depth > 200) throw new Unsupported("it is nested too deeply", here(c));
  try {
    return read();
  } finally {
    c.depth--;
  }
}
