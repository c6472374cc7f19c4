// What all runs of a series may cost together: a review takes no longer than that allows, whatever the series holds.

/** Steps of all runs of a series. The largest of the postings that we know takes 1.28 million, the others at most a third of that. */
export const SERIES_STEPS = 1_300_000;

/** Steps of a series' runs that are left. A run pays for its steps when the next one asks. */
export class Purse {
  private rest: number;
  private running: { readonly steps: number } | undefined;

  constructor(steps: number) {
    this.rest = steps;
  }

  /** Never below 0. */
  left(): number {
    this.rest = Math.max(0, this.rest - (this.running?.steps ?? 0));
    this.running = undefined;
    return this.rest;
  }

  /** The run that is paid for next. */
  charge(run: { readonly steps: number }): void {
    this.left();
    this.running = run;
  }
}

/** Why nothing more is run. */
export const USED_UP = "the series' budget of steps is used up";
