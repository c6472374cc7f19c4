/** Cuts a text that is escaped afterwards, as escapes must not be cut in the middle. Lengths count UTF-16 code units. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).replace(/[\ud800-\udbff]$/, "")} ...`;
}

/** As many as fit of texts, which get a line each. */
export function fitting(texts: readonly string[], most: number): readonly string[] {
  let left = most;
  const end = texts.findIndex((text) => (left -= text.length + 1) < 0);
  return end === -1 ? texts : texts.slice(0, end);
}

/** "1 comment", "2 comments". */
export const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;
