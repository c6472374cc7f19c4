/**
 * Splits a text into lines without their `\n`. A text that ends in `\n` has no empty last line; the empty text has no
 * lines. Carriage returns stay where they are.
 */
export function splitLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

/** The text as a file would hold it: what `splitLines` took apart, put together again. */
export function joinLines(lines: readonly string[], endsInNewline: boolean): string {
  if (lines.length === 0) return "";
  return endsInNewline ? `${lines.join("\n")}\n` : lines.join("\n");
}

/** Number of `\n` in `text` from index `from` on and before index `to`. */
export function countNewlines(text: string, from = 0, to = text.length): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
