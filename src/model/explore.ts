import type { Property } from "./property.ts";
import { type Budget, type Choice, type Program, type Run, runOnce } from "./schedule.ts";

export interface Bounds extends Budget {
  /** Runs started, those included that end at a state met before. */
  readonly maxRuns: number;
}

/** The bounds of `copylint model --explore` and of the litmus files unless they say otherwise. */
export const WIDE: Bounds = { failures: 2, preemptions: 2, maxSteps: 2_000, maxRuns: 200_000 };

/** What all runs within the bounds say about one property. */
export interface Verdict {
  readonly property: Property;
  readonly holds: boolean;
  /** Some run is a case that the property is about; if none is, that it holds says nothing. */
  readonly occurs: boolean;
  /** The violating run with the fewest failures, then preemptions, then steps; its choices replay it. */
  readonly violation: { readonly ways: readonly number[]; readonly run: Run; readonly outcome: string } | null;
}

export interface Exploration {
  readonly verdicts: readonly Verdict[];
  /** Runs that went to their end. */
  readonly runs: number;
  /** Distinct states met in which more than one actor could go on. */
  readonly states: number;
  /** Every run within the bounds was covered: none was cut and maxRuns sufficed. */
  readonly exhaustive: boolean;
}

export interface ExploreOptions {
  readonly properties: readonly Property[];
  /** "first-violation" ends once every property is violated or no further run can violate it in a shorter way. */
  readonly until?: "first-violation" | "all";
  /**
   * Sees every run that went to its end, in the order of cost. "next": enough of this cost (so many failures, so many preemptions); "end": enough
   * of all.
   */
  visit?(run: Run): "more" | "next" | "end";
}

/**
 * Runs a program in all ways within the bounds. Cheap ways come first: fewest things that go wrong, then fewest preemptions, so the
 * first violation is the least one can say it takes. Deterministic: the order of runs depends on the program and the bounds alone.
 */
export function explore(program: Program, bounds: Bounds, options: ExploreOptions): Exploration {
  const seen = new Set<number>();
  const best: (Verdict["violation"] | undefined)[] = options.properties.map(() => undefined);
  const occurs = options.properties.map(() => false);
  let started = 0;
  let runs = 0;
  let exhaustive = true;
  for (const [failures, preemptions, bucket] of inOrderOfCost(bounds)) {
    if (options.until === "first-violation" && best.every((violation) => violation !== undefined)) {
      exhaustive = false;
      break;
    }
    // The bucket grows while it is walked: a way that costs nothing belongs to the same cost.
    for (const start of bucket(failures, preemptions)) {
      if (started++ === bounds.maxRuns) return result(false);
      const ways = waysOf(start);
      const run = runOnce(program, bounds, ways, { seen });
      for (let at = ways.length; at < run.choices.length; at++) {
        const choice = run.choices[at]!;
        const next = bucket(
          failures + (choice.costs === "failure" ? 1 : 0),
          preemptions + (choice.costs === "preemption" ? 1 : 0),
        );
        for (let way = 1; way < choice.ways; way++) next.push({ along: run.choices, at, way });
      }
      if (run.end === "seen") continue;
      if (run.end === "cut") {
        exhaustive = false;
        continue;
      }
      runs++;
      const wanted = options.visit?.(run) ?? "more";
      if (wanted === "end") return result(false);
      options.properties.forEach((property, index) => {
        occurs[index] ||= property.occurs(run);
        const outcome = property.broken(run);
        if (outcome !== null && isLess(run, best[index]?.run)) {
          best[index] = { ways: run.choices.map(({ way }) => way), run, outcome };
        }
      });
      if (wanted === "next") {
        exhaustive = false;
        break;
      }
    }
  }
  return result(exhaustive);

  function result(complete: boolean): Exploration {
    const verdicts = options.properties.map((property, index) => {
      const violation = best[index] ?? null;
      return { property, holds: violation === null, occurs: occurs[index]!, violation };
    });
    return { verdicts, runs, states: seen.size, exhaustive: complete };
  }
}

/** Where a run leaves an earlier one: it goes `along` with it up to its choice `at`, and takes another way there. */
interface Turn {
  readonly along: readonly Choice[];
  readonly at: number;
  readonly way: number;
}

const waysOf = (turn: Turn | undefined): number[] => {
  if (turn === undefined) return [];
  const ways: number[] = [];
  for (let i = 0; i < turn.at; i++) ways.push(turn.along[i]!.way);
  ways.push(turn.way);
  return ways;
};

/** The very first run leaves none. */
type Bucket = (failures: number, preemptions: number) => (Turn | undefined)[];

/** One list of runs to do for every cost, by failures and then by preemptions. */
function* inOrderOfCost(bounds: Budget): Generator<[number, number, Bucket]> {
  const width = bounds.preemptions + 1;
  const buckets: (Turn | undefined)[][] = Array.from({ length: (bounds.failures + 1) * width }, () => []);
  buckets[0]!.push(undefined);
  const bucket: Bucket = (failures, preemptions) => buckets[failures * width + preemptions]!;
  for (let index = 0; index < buckets.length; index++) {
    yield [Math.floor(index / width), index % width, bucket];
    buckets[index] = [];
  }
}

function isLess(run: Run, than: Run | undefined): boolean {
  if (than === undefined) return true;
  if (run.failures !== than.failures) return run.failures < than.failures;
  if (run.preemptions !== than.preemptions) return run.preemptions < than.preemptions;
  return run.steps < than.steps;
}
