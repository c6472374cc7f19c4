import type { Facts } from "../../src/engine/facts.ts";
import * as runs from "../../src/judge/runs.ts";

export * from "../../src/judge/runs.ts";

/** Runs of code that reviews made. */
export const counted = { runs: 0 };

/** Stands in for what a review executes code with, and counts the runs. */
export const runEngine: typeof runs.runEngine = (facts: Facts, options) => {
  const made = runs.runEngine(facts, options);
  for (const each of made.executed) counted.runs += each.runs;
  return made;
};
