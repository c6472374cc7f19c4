import { numbersFrom } from "../exec-kernel/mutate.ts";

/** Choices that a name decides: the same ones each time it is given. */
export interface Random {
  /** A whole number from 0 to below `n`. */
  below(n: number): number;
  pick<T>(list: readonly T[]): T;
  /** True in `part` of the cases. */
  chance(part: number): boolean;
}

export function randomOf(name: string): Random {
  const next = numbersFrom(name);
  const below = (n: number) => Math.floor(next() * n);
  return { below, pick: (list) => list[below(list.length)]!, chance: (part) => next() < part };
}

/** How many of something: mostly few, sometimes as many as a stranger would take to break what reads it. */
export const many = (random: Random): number =>
  random.pick([1, 1, 1, 2, 2, 2, 3, 3, 10, 10, 10, 10, 100, 100, 100, 100, 1_000, 1_000, 1_000, 20_000]);

/** One way to change the text of a mail, whose characters are bytes. */
export type Mutator = (text: string, random: Random) => string;
