import type { Facts } from "../engine/facts.ts";
import {
  type Executed,
  type ExecuteOptions,
  executeSeries,
  type Observation,
  type Shown,
  type Violation,
} from "../exec/execute.ts";
import type { ExecutedProperty, Observed } from "../exec/judge.ts";
import { citeOf } from "../exec/kernel/world.ts";
import type { Place } from "../exec/token.ts";

export type { Executed, ExecutedProperty, Observed, Shown, Violation };

/** A place in the patch as a trace cites it: new side of the patch that adds it, 1-based line. */
export interface Cited {
  readonly file: string;
  readonly line: number;
}

/** Executes the engine that the facts are about; they must be read from all C that the series shows. */
export const runEngine = (facts: Facts, options: ExecuteOptions = {}): Executed => executeSeries(facts, options);

const at = (place: Place, { file, line }: Cited): boolean => {
  const here = citeOf(place);
  return here.file === file && here.line === line;
};

/** What runs show of a property at one of these places, the first place first. */
export function shownAt(
  { violations, observations }: Executed,
  property: ExecutedProperty | Observed,
  places: readonly Cited[],
): Violation | Observation | undefined {
  const all: readonly (Violation | Observation)[] = [...violations, ...observations];
  for (const place of places) {
    const found = all.find((shown) => shown.property === property && at(shown.at, place));
    if (found !== undefined) return found;
  }
  return undefined;
}
