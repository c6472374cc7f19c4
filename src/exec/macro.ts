import type { CTree } from "../syntax/ctree.ts";
import { endOfDirective, type Place, type Token, tokenize } from "./token.ts";

/** A macro of the series or of the kernel table. */
export interface Macro {
  readonly name: string;
  readonly tree: CTree;
  /** Undefined for one like an object. The last may be "..." or a name in `variadic`. */
  readonly params: readonly string[] | undefined;
  readonly variadic: string | undefined;
  readonly body: readonly Token[];
}

/** The macros that `tree` defines outside its made-up parts. */
export function macrosOf(tree: CTree): Macro[] {
  const macros: Macro[] = [];
  const { text } = tree;
  for (let at = text.indexOf("#", tree.from); at >= 0 && at < tree.to; at = text.indexOf("#", at + 1)) {
    let line = at - 1;
    while (line >= 0 && (text[line] === " " || text[line] === "\t")) line--;
    if (line >= 0 && text[line] !== "\n") continue;
    const head = /#[ \t]*define[ \t]+([A-Za-z_]\w*)/y;
    head.lastIndex = at;
    const match = head.exec(text);
    if (match === null) continue;
    const end = endOfDirective(text, at);
    // A definition cut off by the end of what is shown is no definition.
    if (end > tree.to) continue;
    const place: Place = { tree, start: at, end };
    const tokens = tokenize(tree, text, head.lastIndex, end, () => true, place);
    if (text[head.lastIndex] !== "(") {
      macros.push({ name: match[1]!, tree, params: undefined, variadic: undefined, body: tokens });
      continue;
    }
    const close = tokens.findIndex((token) => token.text === ")");
    if (close < 0) continue;
    const names = tokens.slice(1, close).filter((token) => token.text !== ",");
    const last = names[names.length - 1];
    let variadic: string | undefined;
    if (last?.text === "...") {
      names.pop();
      const named = names.length > 0 && tokens[close - 2]!.text !== ",";
      variadic = named ? names.pop()!.text : "__VA_ARGS__";
    }
    macros.push({
      name: match[1]!,
      tree,
      params: names.map((token) => token.text),
      variadic,
      body: tokens.slice(close + 1),
    });
    at = end - 1;
  }
  return macros;
}

/** Tokens that one expansion may make, and macros inside of one another: postings come to 300 and 3. What goes beyond was written to be large. */
const maxTokens = 20_000;
const maxDepth = 64;

/** Characters of a token that # or ## makes; each may double what it is given. */
const longestMade = 10_000;

function bounded(text: string): string {
  if (text.length > longestMade) throw new TooLarge("macros make tokens that are too long");
  return text;
}

/** Says that an expansion went beyond bounds. */
export class TooLarge extends Error {}

/** Expands the macros that `find` knows, to the end, as the preprocessor does (C11 6.10.3), with GNU's comma before an empty ##__VA_ARGS__. */
export function expand(tokens: readonly Token[], find: (name: string, tree: CTree) => Macro | undefined): Token[] {
  let budget = maxTokens;
  return scan(tokens, 0);

  function scan(input: readonly Token[], depth: number): Token[] {
    if (depth > maxDepth) throw new TooLarge("macros are nested too deeply");
    // A stack of what is still to be read, the next token last, so that an expansion is read again with what follows it.
    const rest: Token[] = [];
    for (let i = input.length - 1; i >= 0; i--) rest.push(input[i]!);
    const out: Token[] = [];
    for (let token = rest.pop(); token !== undefined; token = rest.pop()) {
      const macro =
        token.kind === "name" && !token.painted?.has(token.text) ? find(token.text, token.place.tree) : undefined;
      let body: readonly Token[] | undefined;
      if (macro !== undefined && macro.params === undefined) body = paste(macro.body);
      else if (macro !== undefined && rest[rest.length - 1]?.text === "(") {
        const args = takeArguments(rest);
        if (args !== undefined) body = substitute(macro, args, depth);
      }
      if (macro === undefined || body === undefined) {
        out.push(token);
        continue;
      }
      budget -= body.length;
      if (budget < 0) throw new TooLarge("macros expand to too much");
      // Most tokens of a body have the same history, and share the set.
      const own = new Set([...(token.painted ?? []), macro.name]);
      if (own.size > maxDepth) throw new TooLarge("macros are nested too deeply");
      for (let i = body.length - 1; i >= 0; i--) {
        const { kind, text, painted: before } = body[i]!;
        const painted = before === undefined ? own : new Set([...before, ...own]);
        rest.push({ kind, text, place: token.place, painted });
      }
    }
    return out;
  }

  function substitute(macro: Macro, given: readonly (readonly Token[])[], depth: number): Token[] | undefined {
    const params = macro.params!;
    const args = new Map<string, readonly Token[]>();
    for (const [index, name] of params.entries()) args.set(name, given[index] ?? []);
    if (macro.variadic !== undefined) {
      const more: Token[] = [];
      for (let i = params.length; i < given.length; i++) {
        if (i > params.length)
          more.push({ kind: "operator", text: ",", place: given[i]![0]?.place ?? given[0]![0]!.place });
        more.push(...given[i]!);
      }
      args.set(macro.variadic, more);
    } else if (given.length > params.length && !(params.length === 0 && given.length === 1 && given[0]!.length === 0)) {
      return undefined;
    }
    const expanded = new Map<string, Token[]>();
    const out: Token[] = [];
    const { body } = macro;
    for (let i = 0; i < body.length; i++) {
      const token = body[i]!;
      const next = body[i + 1];
      if (token.text === "#" && next !== undefined && args.has(next.text)) {
        const words = args.get(next.text)!.map((each) => each.text);
        out.push({ ...token, kind: "string", text: bounded(JSON.stringify(words.join(" "))) });
        i++;
        continue;
      }
      const arg = token.kind === "name" ? args.get(token.text) : undefined;
      if (arg === undefined) {
        out.push(token);
        continue;
      }
      const pasted = next?.text === "##" || body[i - 1]?.text === "##";
      if (pasted) {
        const gnuComma = arg.length === 0 && token.text === macro.variadic && body[i - 2]?.text === ",";
        if (gnuComma) out.splice(-2, 2);
        else if (token.text === macro.variadic && body[i - 2]?.text === ",") out.splice(-1, 1, ...arg);
        else if (arg.length === 0 && body[i - 1]?.text === "##") out.pop();
        else if (arg.length === 0) i++;
        else out.push(...arg);
        continue;
      }
      let whole = expanded.get(token.text);
      if (whole === undefined) {
        whole = scan(arg, depth + 1);
        expanded.set(token.text, whole);
      }
      out.push(...whole);
      if (out.length > maxTokens) throw new TooLarge("macros expand to too much");
    }
    return paste(out);
  }
}

/** Joins the neighbours of each ## to one token. */
function paste(body: readonly Token[]): Token[] {
  if (!body.some((token) => token.text === "##")) return [...body];
  const out: Token[] = [];
  for (let i = 0; i < body.length; i++) {
    const token = body[i]!;
    const left = out[out.length - 1];
    const right = body[i + 1];
    if (token.text === "##" && left !== undefined && right !== undefined) {
      out[out.length - 1] = { ...left, text: bounded(left.text + right.text) };
      i++;
    } else out.push(token);
  }
  return out;
}

/** Takes `( ... )` off the stack, split at the commas; undefined and nothing taken if it does not close. */
function takeArguments(rest: Token[]): Token[][] | undefined {
  const args: Token[][] = [[]];
  let depth = 0;
  for (let i = rest.length - 1; i >= 0; i--) {
    const token = rest[i]!;
    const { text } = token;
    if (token.kind === "operator") {
      if (text === "(" || text === "[" || text === "{") {
        if (depth++ === 0) continue;
      } else if ((text === ")" || text === "]" || text === "}") && --depth === 0) {
        rest.length = i;
        return args;
      } else if (text === "," && depth === 1) {
        args.push([]);
        continue;
      }
    }
    args[args.length - 1]!.push(token);
  }
  return undefined;
}
