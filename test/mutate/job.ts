import type { Held } from "./hold.ts";
import type { Kind } from "./mails.ts";

/** What a job is to do. */
export interface Job {
  readonly seed: number;
  /** Mails from `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  /** Runs of the code in each review; undefined: as many as a review makes. */
  readonly budget: number | undefined;
  /** Only mails that are mutated so; empty: all. */
  readonly kinds: readonly Kind[];
  /** With mails of the corpus. */
  readonly corpus: boolean;
}

/** What a process that reviews says of a mail when it is done with it; MB are of 1,000,000 bytes. */
export interface Done extends Held {
  readonly index: number;
  readonly kind: Kind;
  readonly words: string;
  /** MB of memory that the process has now, and the most that it ever had. */
  readonly rss: number;
  readonly most: number;
  /** Mails that the process was given so far. */
  readonly count: number;
}

/** MB that a process may have. */
export const MOST_MEMORY = 500;
