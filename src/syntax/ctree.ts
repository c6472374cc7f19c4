import type { Island, KnownLine } from "../source/image.ts";
import { type Patience, patience } from "../source/patience.ts";
import type { Span } from "../text/span.ts";
import { type Hidden, mask } from "./mask.ts";
import type { Node } from "./node.ts";
import { each } from "./node.ts";
import { parseC } from "./parser.ts";

/**
 * The syntax tree of one island of a file. An island may start and end anywhere, so the text that is parsed has a made-up
 * prefix (the item that the island starts in) and suffix (what closes what it leaves open); `from` and `to` bound the
 * real part.
 */
export interface CTree {
  readonly file: string;
  /** Prefix, real text (unmasked), suffix. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly root: Node;
  readonly hidden: readonly Hidden[];
  /** Offsets in `text` of the starts of the island's lines. */
  readonly starts: readonly number[];
  readonly lines: readonly KnownLine[];
}

/** What a scan of C text without a parser tells about its nesting. */
interface Nesting {
  /** Braces closed that were not opened in the text, and braces left open. */
  readonly closed: number;
  readonly open: number;
  /** Round parentheses closed at the start before any brace or semicolon that were not opened, and left open at the end. */
  readonly parenClosed: number;
  readonly parenOpen: number;
  /** The text starts inside a block comment; it ends inside one. */
  readonly startsInComment: boolean;
  readonly endsInComment: boolean;
  /** The last character that is neither space nor comment. */
  readonly last: string;
}

function nesting(text: string): Nesting {
  let depth = 0;
  let closed = 0;
  let paren = 0;
  let parenClosed = 0;
  let startsInComment = false;
  let endsInComment = false;
  let last = "";
  let lineStart = true;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === "/" && text[i + 1] === "*") {
      const end = text.indexOf("*/", i + 2);
      if (end < 0) {
        endsInComment = true;
        break;
      }
      i = end + 1;
      continue;
    }
    if (c === "/" && text[i + 1] === "/") {
      const end = text.indexOf("\n", i);
      if (end < 0) break;
      i = end;
      lineStart = true;
      continue;
    }
    if (c === "*" && text[i + 1] === "/") {
      // The end of a comment whose start is not shown: what was counted so far was prose.
      depth = closed = paren = parenClosed = 0;
      startsInComment = true;
      last = "";
      i++;
      continue;
    }
    if (c === "\n") {
      lineStart = true;
      continue;
    }
    if (c === " " || c === "\t" || c === "\r") continue;
    if (c === "#" && lineStart) {
      let end = text.indexOf("\n", i);
      while (end > 0 && text[end - 1] === "\\") end = text.indexOf("\n", end + 1);
      if (end < 0) break;
      i = end;
      continue;
    }
    lineStart = false;
    last = c;
    if (c === '"' || c === "'") {
      const start = i;
      for (i++; i < text.length && text[i] !== c && text[i] !== "\n"; i++) if (text[i] === "\\") i++;
      // An apostrophe of prose is no character constant.
      if (text[i] !== c) i = start;
    } else if (c === "{") depth++;
    else if (c === "}") {
      if (depth > 0) depth--;
      else closed++;
      paren = 0;
    } else if (c === "(") paren++;
    else if (c === ")") {
      if (paren > 0) paren--;
      else parenClosed++;
    }
  }
  return { closed, open: depth, parenClosed, parenOpen: paren, startsInComment, endsInComment, last };
}

const longText = 60_000;

/** Types of nodes: what the parser found wrong, and with that what nobody reads. */
const faults = new Set(["ERROR", "MISSING"]);
const unread = new Set([...faults, "DEEP"]);

/** Parse an island; among the readings of how it starts, the one with the fewest added lines in error wins. */
export function parseIsland(file: string, island: Island, budget: Patience = patience()): CTree {
  const { lines } = island;
  const texts = new Array<string>(lines.length);
  for (let i = 0; i < lines.length; i++) texts[i] = lines[i]!.text;
  const real = `${texts.join("\n")}\n`;
  let best: CTree | undefined;
  let bestBad = Number.POSITIVE_INFINITY;
  for (const [prefix, suffix] of frames(real, island)) {
    const text = prefix + real + suffix;
    const masked = mask(text);
    const root = parseC(masked.text, budget);
    const tree = build(file, island, text, prefix.length, root, masked.hidden);
    const bad = linesInError(tree, faults).length;
    if (bad < bestBad) {
      best = tree;
      bestBad = bad;
    }
    // The parser's recovery from errors is slow; over a long text it gets one try, and none when patience is at its end.
    if (bad === 0 || real.length > longText || budget.left <= 0) break;
  }
  return best!;
}

/** How the text may be framed, the likeliest first. */
function frames(real: string, island: Island): [string, string][] {
  const n = nesting(real);
  const section = island.section.trim();
  const wholeFromStart = island.lines[0]!.number === 1;
  const firstCode = /^(?:(?:[ \t]*\/\*[^]*?\*\/)?[ \t]*\r?\n)*([ \t]*)(\S)/.exec(real);
  const indented = !!firstCode && firstCode[1] !== "" && firstCode[2] !== "/";
  const comment = n.startsInComment ? "/*" : "";
  const dangling = /[,+\-*/%&|<>=?:!~^.(]/.test(n.last) && !/[:]/.test(n.last);
  const paren = n.endsInComment ? 0 : n.parenOpen;
  const tail =
    (n.endsInComment ? "*/" : "") +
    (paren > 0 && dangling && n.last !== "(" ? " x" : "") +
    ")".repeat(paren) +
    (/[;{}]/.test(n.last) && paren === 0 ? "" : ";");
  const plain: [string, string] = [
    comment,
    (n.open > 0 || paren > 0 || n.endsInComment ? tail : "") + "}".repeat(n.open),
  ];
  const out: [string, string][] = [];
  const inside = n.closed > 0 || n.parenClosed > 0 || (indented && !wholeFromStart);
  if (!inside) out.push(plain);
  const depth = Math.max(1, n.closed);
  const more = "{".repeat(depth - 1);
  const end = `${tail}${"}".repeat(n.open + depth - n.closed)}`;
  const opener = sectionOpener(section);
  const call = n.parenClosed > 0 ? "x".padEnd(2) + "(".repeat(n.parenClosed) + (/^\s*[,)]/.test(real) ? "x " : "") : "";
  const body = "void x(void) {";
  if (opener) {
    const list = /(?:^enum\b|=\s*\{$)/.test(opener);
    out.push([`${opener}${more} ${comment}${call}`, list ? `${"}".repeat(n.open + depth - n.closed)};` : `${end};`]);
    if (n.parenClosed > 0 && section.includes("(")) {
      // The island starts in the parameter list of the section's function.
      out.push([`${section.slice(0, section.lastIndexOf("(") + 1)} ${comment}`, plain[1]]);
      const cut = section.replace(/\)?\s*\{?$/, "");
      out.push([`${cut} ${comment}`, `${tail}${"}".repeat(n.open)}`]);
    }
  }
  out.push([`${body}${more} ${comment}${call}`, end]);
  out.push([`struct x {${more} ${comment}`, `${end};`]);
  out.push([`enum x {${more} ${comment}`, `${"}".repeat(n.open + depth - n.closed)};`]);
  out.push([`int x[] = {${more} ${comment}`, `${"}".repeat(n.open + depth - n.closed)};`]);
  // It may start in the middle of a condition or in the branch of a ternary: an assignment takes those.
  out.push([`${body}${more} ${comment}if (x(${"(".repeat(Math.max(0, n.parenClosed - 2))}`, end]);
  out.push([`${body}${more} ${comment}x = `, end]);
  if (inside) out.push(plain);
  return out;
}

/** The text that opens the item which the hunk heading names, ready to be continued inside its braces; or "". */
function sectionOpener(section: string): string {
  const s = section.replace(/\/\*.*$/, "").trim();
  if (s === "") return "";
  if (/^(?:typedef\s+)?(?:struct|union|enum)\b[^(]*\{?$/.test(s)) return s.endsWith("{") ? s : `${s} {`;
  if (/=\s*\{?$/.test(s)) return s.endsWith("{") ? s : `${s} {`;
  const paren = s.indexOf("(");
  if (paren < 0) return "";
  const end = closingOrEnd(s, paren);
  const tail = s.slice(end).trim();
  if (/^[A-Z][A-Z0-9_]*\(/.test(s)) return "";
  if (tail.startsWith(";")) return "";
  return end > s.length - 1 && !s.endsWith(")") && !s.endsWith("{")
    ? `${s.slice(0, paren)}(void) {`
    : `${s.slice(0, end)} {`;
}

function closingOrEnd(s: string, open: number): number {
  let depth = 0;
  for (let i = open; i < s.length; i++) {
    if (s[i] === "(") depth++;
    else if (s[i] === ")" && --depth === 0) return i + 1;
  }
  return s.length;
}

function build(file: string, island: Island, text: string, from: number, root: Node, hidden: readonly Hidden[]): CTree {
  const starts = new Array<number>(island.lines.length);
  let at = from;
  for (let i = 0; i < island.lines.length; i++) {
    starts[i] = at;
    at += island.lines[i]!.text.length + 1;
  }
  return { file, text, from, to: at, root, hidden, starts, lines: island.lines };
}

/** Index into `lines` of the line that holds `offset`; offsets in the prefix and the suffix give the nearest line. */
export function lineIndex(tree: CTree, offset: number): number {
  let low = 0;
  let high = tree.starts.length - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (tree.starts[mid]! <= offset) low = mid;
    else high = mid - 1;
  }
  return low;
}

/** Numbers (in the image) of added code lines that lie in an ERROR or DEEP node or next to a MISSING one. */
export function linesInError(tree: CTree, types: ReadonlySet<string> = unread): number[] {
  const bad = new Set<number>();
  each(tree.root, (n) => {
    if (!types.has(n.type)) return;
    const first = lineIndex(tree, n.start);
    const last = lineIndex(tree, Math.max(n.start, n.end - 1));
    for (let i = first; i <= last; i++) {
      const line = tree.lines[i]!;
      if (line.added && n.end >= tree.from && n.start < tree.to + 1 && line.text.trim() !== "") bad.add(line.number);
    }
  });
  return [...bad].sort((a, b) => a - b);
}

/** The image span of a node: lines are numbers in the image, columns 1-based, end exclusive. */
export function spanOf(tree: CTree, node: { readonly start: number; readonly end: number }): Span {
  const first = lineIndex(tree, Math.max(node.start, tree.from));
  const end = Math.min(Math.max(node.end, tree.from), tree.to - 1);
  const last = lineIndex(tree, Math.max(end - 1, tree.from));
  return {
    file: tree.file,
    line: tree.lines[first]!.number,
    column: Math.max(node.start, tree.from) - tree.starts[first]! + 1,
    endLine: tree.lines[last]!.number,
    endColumn: end - tree.starts[last]! + 1,
  };
}
