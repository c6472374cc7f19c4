/** Code points that take two columns of a terminal (East Asian wide, emoji), coarsely. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u;
const mark = /\p{M}/u;
const ascii = /^[ -~]*$/;

function charWidth(char: string): number {
  if (char <= "~") return 1;
  return mark.test(char) ? 0 : wide.test(char) ? 2 : 1;
}

/** Columns that a printable text takes on a terminal. */
export function displayWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** Cuts a text into pieces of at most `width` columns; at least one piece. Cuts anywhere, loses nothing. */
export function slices(text: string, width: number): readonly string[] {
  if (displayWidth(text) <= width) return [text];
  const out: string[] = [];
  let piece = "";
  let used = 0;
  for (const char of text) {
    const w = charWidth(char);
    if (used + w > width && piece !== "") {
      out.push(piece);
      piece = "";
      used = 0;
    }
    piece += char;
    used += w;
  }
  out.push(piece);
  return out;
}

/**
 * Breaks a text between words into lines of at most `width` columns, indents included. A word that does not fit on a
 * line of its own is cut.
 * @param first what the first line starts with.
 * @param rest what the other lines start with.
 */
export function wrap(text: string, width: number, first = "", rest = first): readonly string[] {
  const out: string[] = [];
  let line = first;
  let used = displayWidth(first);
  let empty = true;
  const next = (): void => {
    out.push(line);
    line = rest;
    used = displayWidth(rest);
    empty = true;
  };
  for (const word of text.split(" ")) {
    if (word === "") continue;
    const size = displayWidth(word);
    if (!empty && used + 1 + size > width) next();
    if (!empty) {
      line += " ";
      used += 1;
    }
    for (const [i, piece] of slices(word, Math.max(width - used, 1)).entries()) {
      if (i > 0) next();
      line += piece;
      used += displayWidth(piece);
      empty = false;
    }
  }
  out.push(line.trimEnd());
  return out;
}

/** Fills up with spaces on the right to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Tabs as spaces, to stops of 8 columns, as kernel code is read. */
export function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  let out = "";
  let column = 0;
  for (const char of text) {
    const filler = char === "\t" ? " ".repeat(8 - (column % 8)) : char;
    out += filler;
    column += filler.length;
  }
  return out;
}

/** "1 patch", "3 patches", "no patches". */
export function count(n: number, one: string, many = `${one}s`): string {
  return n === 1 ? `1 ${one}` : `${n === 0 ? "no" : n} ${many}`;
}
