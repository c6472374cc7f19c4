/** An #if with what belongs to it. */
interface Conditional {
  readonly outer: Conditional | undefined;
  /** Its lines so far, as offsets. */
  readonly lines: [number, number][];
  /** A cut lies between its lines. */
  cut: boolean;
}

/**
 * Where a C text is cut into pieces that are parsed one by one: behind top-level items, and only if it is longer than
 * `most` characters. A conditional whose lines fall into several pieces is taken out, line by line: what its branches
 * hold is read either way. A piece without a place to be cut at can be longer than `most`.
 * @returns the offsets behind the pieces, ascending; the last is the length of the text. `text` has the same length.
 */
export function piecesOf(text: string, most: number): { readonly ends: readonly number[]; readonly text: string } {
  if (text.length <= most) return { ends: [text.length], text };
  const ends: number[] = [];
  const conditionals: Conditional[] = [];
  let open: Conditional | undefined;
  let start = 0;
  let last = 0;
  let aroundLast: Conditional | undefined;
  let depth = 0;
  let paren = 0;
  let done = "";
  const cutAt = (at: number) => {
    ends.push(at);
    start = at;
    for (let one = aroundLast; one && !one.cut; one = one.outer) one.cut = true;
  };
  const mayCut = (at: number) => {
    if (at - start > most && last > start) cutAt(last);
    last = at;
    aroundLast = open;
    if (at - start > most) cutAt(at);
  };
  for (let i = 0; i < text.length; ) {
    // At the start of a line.
    const c = text.charCodeAt(i);
    if (depth === 0 && paren === 0 && i > start && (done === "" || done === ";" || done === "}")) mayCut(i);
    if (c === 125) depth = 1;
    const mark = c === 35 || c === 32 || c === 9 ? firstMark(text, i) : -1;
    if (mark >= 0) {
      const end = directiveEnd(text, mark);
      const word = /^#[ \t]{0,40}(if|else|elif|endif)/.exec(text.slice(mark, mark + 50))?.[1];
      if (word === "if") conditionals.push((open = { outer: open, lines: [[mark, end]], cut: false }));
      else if (word) open?.lines.push([mark, end]);
      if (word === "endif") open = open?.outer;
      i = end + 1;
      continue;
    }
    for (; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === 10) break;
      if (c === 32 || c === 9 || c === 13) continue;
      if (c === 47 && text.charCodeAt(i + 1) === 42) {
        const end = text.indexOf("*/", i + 2);
        i = end < 0 ? text.length : end + 1;
        continue;
      }
      if (c === 47 && text.charCodeAt(i + 1) === 47) {
        const end = text.indexOf("\n", i);
        i = (end < 0 ? text.length : end) - 1;
        continue;
      }
      if (c === 34 || c === 39) {
        const from = i;
        for (i++; i < text.length && text.charCodeAt(i) !== c && text.charCodeAt(i) !== 10; i++)
          if (text.charCodeAt(i) === 92) i++;
        if (text.charCodeAt(i) !== c) i = from;
      } else if (c === 123) depth++;
      else if (c === 125) {
        depth = Math.max(0, depth - 1);
        paren = 0;
      } else if (c === 40) paren++;
      else if (c === 41) paren = Math.max(0, paren - 1);
      done = text[i] ?? "";
    }
    i++;
  }
  if (text.length - start > most && last > start) cutAt(last);
  ends.push(text.length);
  const out = conditionals.flatMap(({ cut, lines }) => (cut ? lines : []));
  if (out.length === 0) return { ends, text };
  const parts: string[] = [];
  let at = 0;
  for (const [from, to] of out.sort(([a], [b]) => a - b)) {
    parts.push(text.slice(at, from), text.slice(from, to).replace(/[^\n]/g, " "));
    at = to;
  }
  return { ends, text: parts.join("") + text.slice(at) };
}

/** The offset of the `#` that is the first mark of the line at `at`; -1 if another is. */
function firstMark(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9) i++;
  return text.charCodeAt(i) === 35 ? i : -1;
}

/** The line end behind a directive, with its continued lines. */
function directiveEnd(text: string, at: number): number {
  let end = text.indexOf("\n", at);
  while (end > 0 && text.charCodeAt(end - 1) === 92) end = text.indexOf("\n", end + 1);
  return end < 0 ? text.length : end;
}
