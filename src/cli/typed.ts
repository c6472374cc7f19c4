/** What options that are read by hand have in common: `copylint model` and `copylint run` describe runs in the same words. */

/** The command line asks for something that makes no sense: one sentence that says what is wrong and what is possible. */
export class UsageError extends Error {}

export function number(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} wants a whole number from ${least} to ${most}, not '${text}'`);
}

export function oneOf<T extends string>(option: string, text: string, values: readonly T[]): T {
  const value = values.find((each) => each === text);
  if (value !== undefined) return value;
  throw new UsageError(`${option} knows ${values.join(", ")}, not '${text}'`);
}

/**
 * What `--fail` names, by kind and 1-based number: "alloc:2" or a list of such.
 * @param kinds what may fail, and the largest number of each.
 */
export function failuresOf<K extends string>(
  given: readonly string[],
  kinds: Readonly<Record<K, number>>,
): Readonly<Record<K, readonly number[]>> {
  const names = Object.keys(kinds) as K[];
  const named = Object.fromEntries(names.map((kind) => [kind, [] as number[]])) as Record<K, number[]>;
  const wanted = names.map((kind) => `${kind}:N`).join(" or ");
  for (const item of given.flatMap((each) => each.split(","))) {
    const [word = "", n = ""] = item.split(":", 2);
    const kind = names.find((each) => each === word);
    if (kind === undefined) throw new UsageError(`--fail wants ${wanted}, not '${item}'`);
    named[kind].push(number(`--fail ${kind}:N`, n, 1, kinds[kind]));
  }
  return named;
}

/** Chunks in the order in which they are to complete: "2,1,3". */
export function orderOf(list: string | undefined, chunks: number): readonly number[] {
  const order = (list ?? "").split(",").filter((each) => each.trim() !== "");
  const places = order.map((each) => number("--order", each.trim(), 1, chunks));
  if (new Set(places).size !== places.length) throw new UsageError(`--order names a chunk twice: '${list}'`);
  return places;
}

/** Why an allocation that is told to fail does not. */
export function neverFails(n: number, mayFail: boolean, allocations: number, otherwise: string): UsageError {
  const reason = mayFail || n > allocations ? `this run asks for ${allocations} only` : otherwise;
  return new UsageError(`--fail alloc:${n} never happens: ${reason}`);
}
