/**
 * How much work the parses of one series may make together, in steps of the parser: 100 of its actions each. What is
 * left is taken off as they go, also by the readings of other points of the series.
 */
export interface Patience {
  left: number;
}

/** Five megabytes of C, or sixty hunks that are hardly understood. */
export const patience = (): Patience => ({ left: 36_000 });
