import type { CTree } from "../syntax/ctree.ts";

/** A stretch of a parsed file; offsets into `tree.text`, end exclusive, so that `spanOf(tree, place)` gives its lines. */
export interface Place {
  readonly tree: CTree;
  readonly start: number;
  readonly end: number;
}

/** A token of C. What a macro made has the place where the macro is used. */
export interface Token {
  readonly kind: "name" | "number" | "string" | "char" | "operator" | "end";
  readonly text: string;
  readonly place: Place;
  /** Names of macros that are not expanded in it any more (C11 6.10.3.4). */
  readonly painted?: ReadonlySet<string>;
}

const operators = [
  ["<<=", ">>=", "..."],
  [
    "->",
    "++",
    "--",
    "<<",
    ">>",
    "<=",
    ">=",
    "==",
    "!=",
    "&&",
    "||",
    "+=",
    "-=",
    "*=",
    "/=",
    "%=",
    "&=",
    "|=",
    "^=",
    "##",
  ],
] as const;
const three: ReadonlySet<string> = new Set(operators[0]);
const two: ReadonlySet<string> = new Set(operators[1]);

// A dollar sign is one in names, as it is to gcc.
const isLetter = (c: number) => (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || c === 36 || c > 127;
const isDigit = (c: number) => c >= 48 && c <= 57;

/** Decides which branch of a conditional directive is read. Gets the text behind `#if`, or a made-up `defined(X)`. */
export type Condition = (expression: string) => boolean;

/**
 * Reads `text` from `from` to `to` as C tokens; comments and directives go away, of #if ... #endif the branch that `condition` chooses
 * stays. `at` places the tokens; without an `at` each has its own offsets in the tree.
 */
export function tokenize(
  tree: CTree,
  text: string,
  from: number,
  to: number,
  condition: Condition,
  at?: Place,
): Token[] {
  const tokens: Token[] = [];
  // Of each open #if: a branch was taken already, and the branch at hand is read.
  const branches: { taken: boolean; reading: boolean }[] = [];
  let reading = true;
  let lineStart = true;
  let i = from;
  const push = (kind: Token["kind"], start: number, end: number) => {
    if (reading) tokens.push({ kind, text: text.slice(start, end), place: at ?? { tree, start, end } });
  };
  while (i < to) {
    const c = text.charCodeAt(i);
    if (c === 10) {
      lineStart = true;
      i++;
    } else if (c <= 32 || c === 92) {
      i++;
    } else if (c === 47 && text[i + 1] === "*") {
      const end = text.indexOf("*/", i + 2);
      i = end < 0 ? to : end + 2;
    } else if (c === 47 && text[i + 1] === "/") {
      const end = text.indexOf("\n", i);
      i = end < 0 ? to : end;
    } else if (c === 35 && lineStart && at === undefined) {
      const end = Math.min(endOfDirective(text, i), to);
      directive(
        text
          .slice(i + 1, end)
          .replace(/\\\n/g, " ")
          .trim(),
      );
      i = end;
    } else {
      lineStart = false;
      const start = i;
      if (isLetter(c)) {
        while (i < to && (isLetter(text.charCodeAt(i)) || isDigit(text.charCodeAt(i)))) i++;
        push("name", start, i);
      } else if (isDigit(c) || (c === 46 && isDigit(text.charCodeAt(i + 1)))) {
        while (i < to && (isLetter(text.charCodeAt(i)) || isDigit(text.charCodeAt(i)) || text[i] === ".")) i++;
        push("number", start, i);
      } else if (c === 34 || c === 39) {
        for (i++; i < to && text.charCodeAt(i) !== c && text.charCodeAt(i) !== 10; i++) {
          if (text.charCodeAt(i) === 92) i++;
        }
        i = Math.min(i + 1, to);
        push(c === 34 ? "string" : "char", start, i);
      } else {
        i += three.has(text.slice(i, i + 3)) ? 3 : two.has(text.slice(i, i + 2)) ? 2 : 1;
        push("operator", start, i);
      }
    }
  }
  return tokens;

  function directive(line: string) {
    const word = /^\w*/.exec(line)![0];
    const rest = line
      .slice(word.length)
      .replace(/\/\*.*$/, "")
      .trim();
    const outer = branches.length < 2 ? true : branches[branches.length - 2]!.reading;
    const top = branches[branches.length - 1];
    const open = (holds: () => boolean) => {
      const chosen = reading && holds();
      branches.push({ taken: chosen || !reading, reading: chosen });
      reading = chosen;
    };
    if (word === "ifdef") open(() => condition(`defined(${rest})`));
    else if (word === "ifndef") open(() => !condition(`defined(${rest})`));
    else if (word === "if") open(() => condition(rest));
    else if ((word === "else" || word === "elif") && top) {
      top.reading = outer && !top.taken && (word === "else" || condition(rest));
      top.taken ||= top.reading;
      reading = top.reading;
    } else if (word === "endif" && top) {
      branches.pop();
      reading = branches.length === 0 ? true : branches[branches.length - 1]!.reading;
    }
  }
}

/** The offset of the line end that ends the directive at `from`; lines that end in a backslash go on. */
export function endOfDirective(text: string, from: number): number {
  let end = text.indexOf("\n", from);
  while (end > 0 && text.charCodeAt(end - 1) === 92) end = text.indexOf("\n", end + 1);
  return end < 0 ? text.length : end;
}
