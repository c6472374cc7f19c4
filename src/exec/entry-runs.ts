import { type Bounds, explore } from "../model/explore.ts";
import type { Failure } from "../model/kernel-objects.ts";
import type { Run } from "../model/schedule.ts";
import type { CTree } from "../syntax/ctree.ts";
import { outlived, raced } from "./contest.ts";
import { programOf, type Scenario, type Stage } from "./harness.ts";
import {
  addLines,
  type Breach,
  breachesOf,
  type ExecutedProperty,
  freedSites,
  type Lines,
  type Observed,
  observationsOf,
  passes,
  placeAtFault,
  siteKey,
} from "./judge.ts";
import { citeOf, type World } from "./kernel/world.ts";
import { USED_UP } from "./purse.ts";
import type { Entry } from "./roles.ts";
import type { Planned } from "./scenarios.ts";
import type { Place } from "./token.ts";

/** What a run breaks, or an observation, with all that it takes to run it again. */
export interface Found<P extends string = ExecutedProperty> {
  readonly stage: Stage;
  readonly entry: Entry;
  readonly breach: Breach<P>;
  readonly at: Place;
  readonly scenario: Scenario;
  /** What it is given is no interface of the engine, but what a process or a queue hands in. */
  readonly outer: boolean;
  readonly order: number;
  readonly ways: readonly number[];
  readonly bounds: Bounds;
  readonly failures: readonly Failure[];
  readonly cost: readonly number[];
}

/** What all runs of an entry show. */
export interface EntryResult {
  readonly runs: number;
  readonly states: number;
  /** Every run within the bounds of every scenario. */
  readonly exhaustive: boolean;
  readonly found: readonly Found[];
  readonly observed: readonly Found<Observed>[];
  /** "file:line" of all code that the thorough exploration came through. */
  readonly settled: Iterable<string>;
  readonly entered: ReadonlySet<string>;
  /** Why nothing of it was run. */
  readonly why: string | undefined;
  /** Why some runs did not come to their end, where others did. */
  readonly partly: string | undefined;
}

/** A scenario, and which of the entry's it is: those that come first tell most. */
export interface Turn extends Planned {
  readonly order: number;
}

/**
 * Runs of one cost and scenario that show nothing new, no line and no fault, before those that cost more get their turn; fewer where they
 * are long, so many that they take these steps. Where actors interrupt each other, what is new takes longer to come. In seven postings of
 * copy offload, these find all that runs without such an end find.
 */
export const PATIENCE = { alone: { runs: 12, steps: 6_000 }, interrupted: { runs: 48, steps: 15_000 } };

/** Runs of one scenario that end at something unknown, or that do not end, before it is left. */
const MOST_UNKNOWN = 16;

/** The same for a scenario that is to be run once. */
const MOST_UNKNOWN_ONCE = 2;

/** Runs of one entry that reach a limit before any came to its end, before the entry is left: each of them is a long one. */
const MOST_BOUND = 8;

/** The runs of one function that is called: scenario by scenario, in the order in which they are wanted. */
export class EntryRuns {
  private readonly stage: Stage;
  private readonly entry: Entry;
  private readonly patience: typeof PATIENCE | undefined;
  private readonly raw: Omit<Found, "at">[] = [];
  private readonly observed: Found<Observed>[] = [];
  private readonly settled: Lines = new Map();
  // Runs that pass each line: all of them, and those that break a property; the difference are the good ones.
  private readonly all: Lines = new Map();
  private readonly bad = new Map<ExecutedProperty, Lines>();
  private readonly freed = new Set<string>();
  private readonly entered = new Set<string>();
  private runs = 0;
  private states = 0;
  private exhaustive = true;
  // Members that more than one thread touched so far, and of which it is not settled who comes first, with the first scenario in which.
  private readonly contested = new Map<string, number>();
  // What runs have shown so far: lines that were executed, and faults.
  private readonly passed = new Map<CTree, Set<number>>();
  private readonly faults = new Set<string>();
  private why: string | undefined;
  private readonly outer: boolean;
  private atLimit = 0;

  constructor(stage: Stage, entry: Entry, patience: typeof PATIENCE | undefined) {
    this.stage = stage;
    this.entry = entry;
    this.patience = patience;
    this.outer = entry.roles.some(({ kind }) => kind === "user" || kind === "job");
  }

  /**
   * Runs some scenarios.
   * @param budget `runs` of all scenarios of the entry; `reserve`: steps of the series that others need.
   */
  take(turns: readonly Turn[], budget: { readonly runs: number; readonly reserve: number }): void {
    for (const turn of turns) {
      // What comes last tells least.
      const isPoor = this.stage.purse.left() <= budget.reserve;
      if (isPoor || (this.runs === 0 && this.atLimit >= MOST_BOUND)) {
        // What ended each of them says more than that they were many.
        if (isPoor && (this.runs > 0 || this.why === undefined)) this.why = USED_UP;
        this.exhaustive = false;
        return;
      }
      this.explore(turn, turn.once ? 1 : Math.max(4, Math.floor(budget.runs * turn.share)));
    }
  }

  private explore({ scenario, bounds, once, order }: Turn, atMost: number): void {
    const { stage, entry } = this;
    const before = [...this.contested].flatMap(([name, first]) => (first < order ? [name] : []));
    const interrupt = bounds.preemptions > 0 ? [...before, "state"] : [];
    const limited: Bounds = { ...bounds, interrupt, maxRuns: Math.min(atMost * 8, 20_000) };
    const mostUnknown = once ? MOST_UNKNOWN_ONCE : MOST_UNKNOWN;
    // Runs of one cost take at most twice their share of what is left, so that there is room for the dearer ones.
    let cost = "";
    let fair = 0;
    const patient = this.patience?.[bounds.preemptions > 0 ? "interrupted" : "alone"];
    let stale = { runs: 0, steps: 0 };
    // With less than two chunks that fail at once, nothing is said of those that do.
    const concurrent = bounds.preemptions > 0 && bounds.failures > 1 && bounds.kinds?.includes("chunk") === true;
    let here = 0;
    let unknown = 0;
    let endless = 0;
    const passed: Lines = new Map();
    const result = explore(programOf(stage, entry, scenario, stage.purse), limited, {
      properties: [],
      visit: (run) => {
        here++;
        const world = run.kernel.outside as World;
        for (const name of world.entered) this.entered.add(name);
        const { ended, steps } = world.machine;
        if (ended?.kind === "not-executed" && world.endless === undefined) {
          this.why ??= ended.why;
          if (ended.bound) this.atLimit++;
          // Another way may get round what is not known.
          unknown++;
          const hopeless = this.runs + here === unknown && this.atLimit >= MOST_BOUND;
          return unknown < mostUnknown && !hopeless ? "more" : "end";
        }
        if (run.stuck.some((task) => world.polling.get(task)?.isOwn === false))
          this.why ??= "it looks again and again at what others than the run may change";
        const isNew = this.judge(run, { scenario, bounds: limited, order });
        stale = isNew ? { runs: 0, steps: 0 } : { runs: stale.runs + 1, steps: stale.steps + steps };
        if (concurrent) addLines(passed, world.covered);
        // What makes no progress makes none in other orders either.
        if (world.endless !== undefined && ++endless >= MOST_UNKNOWN) return "end";
        if (cost !== `${run.failures} ${run.preemptions}`) {
          cost = `${run.failures} ${run.preemptions}`;
          const width = bounds.preemptions + 1;
          const costs = (bounds.failures + 1) * width - (run.failures * width + run.preemptions);
          fair = here + Math.max(4, Math.ceil((2 * (atMost - here)) / costs));
          stale = { runs: 0, steps: 0 };
        }
        const isStale = patient !== undefined && (stale.runs >= patient.runs || stale.steps >= patient.steps);
        return here >= atMost ? "end" : here >= fair || isStale ? "next" : "more";
      },
    });
    this.runs += result.runs - unknown;
    this.states += result.states;
    this.exhaustive &&= result.exhaustive && unknown === 0;
    if (concurrent && result.exhaustive && unknown === 0)
      addLines(this.settled, new Map([...passed].map(([tree, lines]) => [tree, new Set(lines.keys())])));
  }

  /** Keeps what a run shows that came to its end; whether something of it was not seen before. */
  private judge(
    run: Run,
    { scenario, bounds, order }: { readonly scenario: Scenario; readonly bounds: Bounds; readonly order: number },
  ): boolean {
    const world = run.kernel.outside as World;
    const { breaches, whole } = breachesOf(run, scenario);
    for (const site of freedSites(run)) this.freed.add(site);
    // Who copies nothing passes by where others leave with nothing copied.
    const isCopy = scenario.ranges.some(({ sectors }) => sectors > 0);
    if (whole && isCopy && !breaches.some(({ property }) => property === "valid-refused")) {
      addLines(this.all, world.covered);
      for (const property of new Set(breaches.map((breach) => breach.property)))
        addLines(linesOf(this.bad, property), world.covered);
    }
    const before = this.faults.size + this.contested.size;
    if (bounds.preemptions === 0) {
      for (const path of [...raced(world), ...outlived(world)]) {
        const name = path.slice(path.lastIndexOf(".") + 1);
        if (!this.contested.has(name)) this.contested.set(name, order);
      }
    }
    const observations = observationsOf(run);
    if (breaches.length > 0 || observations.length > 0) {
      const how = {
        stage: this.stage,
        entry: this.entry,
        scenario,
        outer: this.outer,
        order,
        bounds,
        cost: [run.failures, run.preemptions, run.steps],
        ways: run.choices.map(({ way }) => way),
        failures: [...run.kernel.failures],
      };
      for (const breach of breaches) this.raw.push({ ...how, breach });
      for (const breach of observations) this.observed.push({ ...how, breach, at: breach.places[0]! });
    }
    for (const { property, kind, places } of breaches) this.faults.add(`${property} ${kind} ${siteKey(places[0]!)}`);
    return coversMore(this.passed, world.covered) || this.faults.size + this.contested.size > before;
  }

  /** What the runs so far show together. */
  result(): EntryResult {
    const { raw, why, runs } = this;
    const key = ({ property, places }: Breach) => `${property} ${siteKey(places[0]!)}`;
    const plain = new Set(
      raw.flatMap(({ breach }) => (breach.instead === undefined ? [key(breach), breach.property] : [])),
    );
    const saidElse = ({ property, what, instead }: Breach) =>
      instead !== undefined && plain.has(instead.what === what ? property : key(instead));
    const found = raw
      .filter(({ breach }) => !saidElse(breach))
      .map((each) => {
        const { site, property } = each.breach;
        const at =
          site !== undefined && !this.freed.has(siteKey(site)) && why === undefined
            ? site
            : placeAtFault(
                each.breach,
                (place) => passes(this.all, place) - passes(linesOf(this.bad, property), place),
              );
        return { ...each, at };
      });
    return {
      runs,
      states: this.states,
      exhaustive: this.exhaustive,
      found,
      observed: this.observed,
      settled: citesOf(this.settled),
      entered: this.entered,
      why: runs > 0 ? undefined : (why ?? "no run of it comes to an end"),
      partly: runs > 0 ? why : undefined,
    };
  }
}

/** Adds lines to those that are known; whether one of them is new. */
function coversMore(known: Map<CTree, Set<number>>, covered: ReadonlyMap<CTree, ReadonlySet<number>>): boolean {
  let isNew = false;
  for (const [tree, lines] of covered) {
    let before = known.get(tree);
    if (before === undefined) known.set(tree, (before = new Set()));
    for (const line of lines) {
      if (before.has(line)) continue;
      before.add(line);
      isNew = true;
    }
  }
  return isNew;
}

function* citesOf(lines: Lines): Generator<string> {
  for (const [tree, passed] of lines) {
    for (const index of passed.keys()) {
      const { file, line } = citeOf({ tree, start: tree.starts[index]!, end: tree.starts[index]! });
      yield `${file}:${line}`;
    }
  }
}

function linesOf(map: Map<ExecutedProperty, Lines>, key: ExecutedProperty): Lines {
  let lines = map.get(key);
  if (lines === undefined) map.set(key, (lines = new Map()));
  return lines;
}
