/** A block of code in a page: commands, and what they print. */
export interface Block {
  /** What stands behind the language: "clone", "fails", or nothing. */
  readonly note: string;
  readonly commands: string;
  /** Stretches of the output, in order; what lies between them is left out of the page. */
  readonly output: readonly string[];
}

/** The `sh` blocks of a page in order, each with the `text` block that follows it, if one does. */
export function blocksOf(page: string): Block[] {
  const fences = [...page.matchAll(/^```(\w+)(?: (\w+))?\n([^]*?)^```$/gm)];
  return fences.flatMap(([, language, note = "", code = ""], i) => {
    if (language !== "sh") return [];
    const next = fences[i + 1];
    const output = next?.[1] === "text" ? (next[3] ?? "").split("\n[...]\n").map((part) => part.trim()) : [];
    return [{ note, commands: code, output }];
  });
}
