// What all runs of a series may cost together: a review takes no longer than that allows, whatever the series holds.

/** Steps that a series' runs have, whatever it holds. */
const FIRST_STEPS = 300_000;

/** Steps that each function brings that is called. */
const STEPS_OF_ENTRY = 120_000;

/** How many of them bring some: as many as the largest of the postings that we know has. */
const PAYING_ENTRIES = 6;

/**
 * Steps of all runs of a series at most. The largest of the postings that we know takes 975,000 with six functions, the others at most
 * 330,000 with five.
 */
export const SERIES_STEPS = FIRST_STEPS + PAYING_ENTRIES * STEPS_OF_ENTRY;

/** Steps of a series' runs that are left. A run pays for its steps when the next one asks. */
export class Purse {
  private all = FIRST_STEPS;
  private paid = 0;
  private running: { readonly steps: number } | undefined;

  /** A function more is to be called. */
  addEntry(): void {
    this.all = Math.min(SERIES_STEPS, this.all + STEPS_OF_ENTRY);
  }

  /** Never below 0. */
  left(): number {
    this.paid = Math.min(this.all, this.paid + (this.running?.steps ?? 0));
    this.running = undefined;
    return this.all - this.paid;
  }

  /** Steps of all runs so far. */
  spent(): number {
    this.left();
    return this.paid;
  }

  /** The run that is paid for next. */
  charge(run: { readonly steps: number }): void {
    this.left();
    this.running = run;
  }
}

/** Why nothing more is run. */
export const USED_UP = "the series' budget of steps is used up";
