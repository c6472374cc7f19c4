/**
 * What a pattern may hold beside `*`, `**` and `?` in other tools. A list of patterns says the same, and a pattern that quietly meant
 * something else here would leave out the wrong files.
 */
const foreign = /[[\]{}()!|\\]/;

/** Why a pattern is no good, or undefined. */
export function wrongPattern(pattern: string): string | undefined {
  if (pattern === "") return "an empty pattern fits nothing";
  if (pattern.length > 300) return "a pattern has no more than 300 characters";
  if (foreign.test(pattern)) return `'${pattern}' has more than *, ** and ? in it; give several patterns instead`;
  if (/^\/|(?:^|\/)\.\.?(?:\/|$)/.test(pattern)) return `'${pattern}' does not start at the top of the kernel tree`;
  return undefined;
}

/** Whether the pattern fits all of the text; `anything` tells what a `*` may stand for. In time of the product of their lengths. */
function fits<T>(
  pattern: readonly T[],
  text: readonly T[],
  star: (one: T) => boolean,
  same: (one: T, other: T) => boolean,
): boolean {
  // reach[i]: what was read of the pattern so far fits the first i parts of the text.
  let reach = [true, ...text.map(() => false)];
  for (const one of pattern) {
    let open = false;
    reach = star(one)
      ? reach.map((here) => (open ||= here))
      : reach.map((_, i) => i > 0 && reach[i - 1]! && same(one, text[i - 1]!));
  }
  return reach.at(-1)!;
}

const partFits = (pattern: string, part: string): boolean =>
  fits(
    [...pattern],
    [...part],
    (char) => char === "*",
    (char, other) => char === "?" || char === other,
  );

/**
 * Whether a pattern fits a path of the kernel tree: `block`, `block/*.c`, `drivers/**`. `*` and `?` stay within a folder, `**`
 * goes across folders, the name of a folder means all that is in it, and a pattern without `/` fits in any folder.
 *
 * Paths come with the patches, so no regular expression is made that a long one could keep busy for ever.
 */
export function globFits(pattern: string, path: string): boolean {
  const whole = pattern.includes("/") ? pattern.replace(/\/+$/, "") : `**/${pattern}`;
  const parts = whole.split("/");
  const text = path.split("/");
  return [parts, [...parts, "**"]].some((each) => fits(each, text, (part) => part === "**", partFits));
}
