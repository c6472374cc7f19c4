import type { Func } from "../engine/code.ts";
import type { Facts } from "../engine/facts.ts";
import { describe, type Event } from "../model/event.ts";
import type { Failure } from "../model/kernel-objects.ts";
import { type Budget, type Run, runOnce } from "../model/schedule.ts";
import type { Trace, TraceStep } from "../model/trace.ts";
import { contested } from "./contest.ts";
import { EntryRuns, type Found, PATIENCE, type Turn } from "./entry-runs.ts";
import { builtFor, mayDiffer, programOf, type Scenario, type Stage, stageOf } from "./harness.ts";
import { type BreachRelated, breachesOf, type ExecutedProperty, functionAt, type Observed, siteKey } from "./judge.ts";
import { citeOf, type World } from "./kernel/world.ts";
import { OTHERS, type Platform, platformWords, USUAL } from "./platform.ts";
import { USED_UP } from "./purse.ts";
import { type Entry, type Reading, readingsOf } from "./roles.ts";
import { canPass, type Planned, scenariosOf } from "./scenarios.ts";
import { emulates, settleLimits, settleReading } from "./settle.ts";
import { spokenOf, type Term } from "./terms.ts";
import type { Place } from "./token.ts";

export interface ExecuteOptions {
  /** Runs of all functions together; a review takes no longer than this allows. */
  readonly runs?: number;
  /** Does not give up on runs that show nothing new for a while: what holds then holds within the bounds. */
  readonly thorough?: boolean;
}

/** What a run needs to be run again. */
export interface Replay {
  readonly stage: Stage;
  readonly entry: Entry;
  readonly scenario: Scenario;
  readonly ways: readonly number[];
  readonly bounds: Budget;
}

/** What a run of the series' own code shows, with the run. */
export interface Shown<P extends string = string> {
  readonly property: P;
  /** Which of several ways to break the property it is; "" if there is but one. */
  readonly kind: string;
  /** The function of the series that was called. */
  readonly function: string;
  /** The function that the place lies in; that which was called if it lies in none. */
  readonly within: string;
  /** The place at fault. */
  readonly at: Place;
  readonly related: readonly BreachRelated[];
  /** What came out: "the call does not return". */
  readonly outcome: string;
  readonly trace: Trace;
  /** What has to go wrong from outside, in that order. */
  readonly failures: readonly Failure[];
  /** The same in words: "there is no memory for cio". */
  readonly conditions: readonly string[];
  /** "high": callers that the series shows, or its documentation, permit the arguments. "low": nobody in the series calls it like that. */
  readonly confidence: "high" | "moderate" | "low";
  /** What replays it: the scenario and the choices. */
  readonly replay: Replay;
}

/** A sentence that a run of the series' own code breaks. */
export type Violation = Shown<ExecutedProperty>;
/** What a run shows of a choice that is no fault by itself. */
export type Observation = Shown<Observed>;

export interface Executed {
  readonly violations: readonly Violation[];
  readonly observations: readonly Observation[];
  /**
   * Whether all orders, interruptions and failing chunks within the bounds were run through the code at this place: what did not show
   * then does not happen.
   */
  settled(at: { readonly file: string; readonly line: number }): boolean;
  readonly executed: readonly {
    readonly function: string;
    readonly runs: number;
    readonly states: number;
    readonly exhaustive: boolean;
  }[];
  readonly notExecuted: readonly { readonly function: string; readonly why: string }[];
  /** Steps of all runs together. */
  readonly steps: number;
}

/** Functions that hand a work item to a queue: include/linux/workqueue.h. */
const workQueuers: ReadonlySet<string> = new Set(
  (
    "queue_work queue_work_on queue_work_node schedule_work schedule_work_on queue_delayed_work queue_delayed_work_on " +
    "schedule_delayed_work mod_delayed_work kblockd_schedule_work"
  ).split(" "),
);

/** A function hands a work item to a queue, by itself or through functions of the series. */
function queuesWork(facts: Facts, func: Func, seen: Set<Func>): boolean {
  if (seen.has(func)) return false;
  seen.add(func);
  return func.calls.some(({ callee }) => {
    const called = facts.code.byName.get(callee);
    return workQueuers.has(callee) || (called !== undefined && queuesWork(facts, called, seen));
  });
}

/** Runs of one entry, unless said otherwise: more find nothing that fewer do not. */
const most = 1_500;

/** Steps that are kept for each entry whose turn is still to come, where there are not too many entries for that. */
const RESERVE = 60_000;

/** Functions of a series that are called, or that it is tried with: postings have up to seven. */
const MOST_ENTRIES = 24;

/** What can be run of a series, and by function what cannot and why. */
export interface Staged {
  readonly stage: Stage;
  readonly entries: readonly Entry[];
  readonly notExecuted: Map<string, string>;
}

/** Finds the functions that copy and that somebody outside of the series may call, and how they are to be called. */
export function staged(facts: Facts): Staged {
  const { trees } = facts.code;
  const first = stageOf(facts, trees);
  const notExecuted = new Map<string, string>();
  const serves = ({ params }: Func) => params.length === 1 && params[0]!.type.name === "struct nvmet_req";
  // What hands the copying to a worker that the series brings is called to copy as well.
  const workers = facts.functions.some(({ work, submits }) => work && submits);
  const defers = (func: Func) => workers && queuesWork(facts, func, new Set());
  const candidates = facts.functions.filter(
    (each) =>
      (each.submits || each.waits || serves(each.func) || (defers(each.func) && each.func.addedBy !== undefined)) &&
      !each.completion &&
      !each.work,
  );
  const entries: Entry[] = [];
  let tried = 0;
  const exported = new Set(
    trees.flatMap(({ text }) => [...text.matchAll(/\bEXPORT_SYMBOL\w*\((\w+)\)/g)].map(([, name]) => name!)),
  );
  for (const { func, submits, waits } of candidates) {
    // Of what only queues work it has to show that this is what copies.
    const proven = !submits && !waits && !serves(func);
    if (func.returns.pointers > 0) {
      if (proven) continue;
      notExecuted.set(func.name, "what it returns is its caller's to submit or to wait for");
      continue;
    }
    if (!func.complete) {
      notExecuted.set(func.name, "only a part of it is shown");
      continue;
    }
    if (tried === MOST_ENTRIES) {
      notExecuted.set(func.name, `the series has more than ${MOST_ENTRIES} functions that copy`);
      continue;
    }
    const read = readingsOf(facts, first.program, func);
    const readings = !("why" in read) && proven ? read.map((each) => ({ ...each, told: false })) : read;
    if ("why" in readings) {
      if (!proven) notExecuted.set(func.name, readings.why);
    } else if (
      isFromUser(readings) ||
      !isInternal(
        func,
        candidates.map((each) => each.func),
        exported,
      )
    ) {
      tried++;
      const entry = settleReading(first, readings);
      if (!("why" in entry)) {
        entries.push(entry);
        // Reading many takes the time that runs of them would.
        if (candidates.length <= MOST_ENTRIES) first.purse.addEntry();
      } else if (!proven) notExecuted.set(func.name, entry.why);
    }
  }
  const stage: Stage = { ...first, limitFields: settleLimits(first, entries, facts.code.funcs) };
  return { stage, entries, notExecuted };
}

/** Runs every entry of the engine that the series builds, and says what goes wrong. Deterministic: the same facts give the same result. */
export function executeSeries(facts: Facts, options: ExecuteOptions = {}): Executed {
  if (facts.operations.length === 0)
    return { violations: [], observations: [], settled: () => false, executed: [], notExecuted: [], steps: 0 };
  const { stage, entries, notExecuted } = staged(facts);
  const entered = new Set<string>();
  const executed: { function: string; runs: number; states: number; exhaustive: boolean }[] = [];
  const found: Found[] = [];
  const observed: Found<Observed>[] = [];
  const partly: { function: string; why: string }[] = [];
  const settled = new Set<string>();
  const budget = options.runs ?? 4_000;
  // A request takes but a few runs.
  const heavy = Math.max(
    1,
    entries.filter(({ roles }) => !roles.some(({ kind }) => kind === "request" || kind === "file")).length,
  );
  // No posting has more than seven functions that copy: what was written to have many gets half.
  const share = Math.ceil(budget / (heavy > 8 ? 2 * heavy : heavy));
  const built = new Map<Platform, Stage>();
  const on = (platform: Platform): Stage => {
    const known = built.get(platform) ?? builtFor(stage, platform);
    built.set(platform, known);
    return known;
  };
  const inner = (entry: Entry): Entry[] =>
    entries.filter((other) => other !== entry && entry.func.calls.some(({ callee }) => callee === other.func.name));
  const runs = options.runs === undefined ? Math.min(most, share) : share;
  /** Steps that are kept for those of some entries whose turn is still to come. */
  const reserve = (all: number): ((index: number) => number) => {
    const each = Math.min(RESERVE, stage.purse.left() / (2 * all));
    return (index) => each * (all - 1 - index);
  };
  const reserveAlone = reserve(entries.length);
  const started: { entry: Entry; interrupted: Turn[]; left: ReadonlySet<Term>; usual: EntryRuns; odd: EntryRuns[] }[] =
    [];
  // What nobody interrupts takes few steps and tells most: it comes first, for all entries.
  for (const [index, entry] of entries.entries()) {
    if (stage.purse.left() === 0) {
      notExecuted.set(entry.func.name, USED_UP);
      continue;
    }
    const left = new Set<Term>();
    const wraps = inner(entry).length > 0;
    // What runs at once is a matter of the entry that a wrapper calls.
    const turns = scenariosOf(stage, entry, emulates(stage, entry), (term) => left.add(term))
      .filter(({ bounds }) => !wraps || bounds.preemptions === 0)
      .map((planned, order) => ({ ...planned, order }));
    const budget = { runs, reserve: reserveAlone(index) };
    const usual = new EntryRuns(stage, entry, options.thorough ? undefined : PATIENCE);
    usual.take(
      turns.filter(({ bounds }) => bounds.preemptions === 0),
      budget,
    );
    const odd = OTHERS.flatMap((platform) => {
      const differing = turns.flatMap(plainly).filter(({ scenario }) => mayDiffer(stage, platform, scenario));
      if (differing.length === 0) return [];
      const other = on(platform);
      const runs = new EntryRuns(other, entry, undefined);
      const possible = differing.filter(({ scenario }) => canPass(other, entry, scenario));
      runs.take(
        possible.map((planned, order) => ({ ...planned, order })),
        budget,
      );
      return [runs];
    });
    started.push({ entry, interrupted: turns.filter(({ bounds }) => bounds.preemptions > 0), left, usual, odd });
  }
  const more = started.filter(({ interrupted }) => interrupted.length > 0);
  const reserveMore = reserve(more.length);
  for (const [index, { usual, interrupted }] of more.entries())
    usual.take(interrupted, { runs, reserve: reserveMore(index) });
  for (const { entry, left, usual, odd } of started) {
    const result = usual.result();
    if (result.partly !== undefined) partly.push({ function: entry.func.name, why: `in some runs ${result.partly}` });
    if (left.size > 0) partly.push({ function: entry.func.name, why: spokenOf(left) });
    if (result.why !== undefined) notExecuted.set(entry.func.name, result.why);
    if (result.runs === 0) continue;
    for (const name of result.entered) entered.add(name);
    executed.push({
      function: entry.func.name,
      runs: result.runs,
      states: result.states,
      exhaustive: result.exhaustive,
    });
    found.push(...result.found);
    observed.push(...result.observed);
    for (const place of result.settled) settled.add(place);
    for (const runs of odd) {
      // A place for what is wrong with a call as a whole shows in many runs only.
      const exact = runs.result().found.filter(({ breach }) => !grouped.has(breach.property));
      found.push(...exact.filter((each) => !result.found.some((usual) => isAlike(usual, each))));
    }
  }
  for (const { func, submits, waits, completion, work } of facts.functions) {
    if (entered.has(func.name)) {
      notExecuted.delete(func.name);
      if (!executed.some((each) => each.function === func.name))
        executed.push({ function: func.name, runs: 0, states: 0, exhaustive: false });
    } else if ((submits || waits || completion || work) && !notExecuted.has(func.name)) {
      notExecuted.set(func.name, func.complete ? "no run comes to it" : "only a part of it is shown");
    }
  }
  const byPlace = (a: Shown, b: Shown): number => {
    const [x, y] = [citeOf(a.at), citeOf(b.at)];
    return x.file < y.file ? -1 : x.file > y.file ? 1 : x.line - y.line || (a.property < b.property ? -1 : 1);
  };
  return {
    violations: lostTogether(distinct(found.filter((each) => !inherited(each, found, inner) && !foretold(each, found))))
      .map((each) => shownBy(facts, each, neededBy(each, on)))
      .sort(byPlace),
    observations: distinct(observed)
      .map((each) => shownBy(facts, each, []))
      .sort(byPlace),
    settled: ({ file, line }) => settled.has(`${file}:${line}`),
    executed,
    notExecuted: [...[...notExecuted].map(([name, why]) => ({ function: name, why })), ...partly],
    steps: stage.purse.spent(),
  };
}

/** A process says what it is to do, so whoever calls it has nothing to add. */
const isFromUser = (readings: readonly Reading[]): boolean =>
  readings.some(({ entry }) => entry.roles.some(({ kind }) => kind === "user"));

/** A helper of others in its file, and nobody else's business: it is called with what those hand on. */
function isInternal(func: Func, others: readonly Func[], exported: ReadonlySet<string>): boolean {
  const callers = others.filter((other) => other !== func && other.calls.some(({ callee }) => callee === func.name));
  return callers.some((other) => func.isStatic || (other.tree.file === func.tree.file && !exported.has(func.name)));
}

/** How a scenario is run on platforms that few kernels are built for: once, and with nothing that goes wrong. */
function plainly({ scenario, bounds, share }: Planned): Planned[] {
  const isPlain = bounds.preemptions === 0 && bounds.persistent !== true && scenario.expect !== "refuse";
  return isPlain ? [{ scenario, bounds: { ...bounds, failures: 0 }, share, once: true }] : [];
}

/** The same goes wrong in the same function, or in the same scenario. */
const isAlike = (a: Found, b: Found): boolean =>
  a.breach.property === b.breach.property &&
  a.breach.kind === b.breach.kind &&
  (a.scenario === b.scenario || functionAt(a.at)?.start === functionAt(b.at)?.start);

/**
 * The platforms on which a run comes as far, and the same does not go wrong; asked where nothing fails and nobody is interrupted, as only
 * numbers can make the difference then.
 * @param on the series in a kernel that is built for that.
 */
function neededBy(found: Found, on: (platform: Platform) => Stage): Platform[] {
  const { stage, entry, scenario, bounds, ways, breach } = found;
  if (stage.platform !== USUAL) return [USUAL];
  if (found.failures.length > 0 || bounds.preemptions > 0) return [];
  const others = OTHERS.filter((platform) => mayDiffer(stage, platform, scenario));
  if (others.length === 0) return [];
  const runOn = (of: Stage) => {
    const run = runOnce(programOf(of, entry, scenario), bounds, ways);
    return { run, world: run.kernel.outside as World };
  };
  const { entered } = runOn(stage).world;
  return others.filter((platform) => {
    const { run, world } = runOn(on(platform));
    const isAsFar = world.machine.ended === undefined && [...entered].every((name) => world.entered.has(name));
    if (!isAsFar || run.end !== "complete" || run.choices.length < ways.length) return false;
    return !breachesOf(run, scenario).breaches.some(
      ({ property, kind }) => property === breach.property && kind === breach.kind,
    );
  });
}

const inheritable: ReadonlySet<ExecutedProperty> = new Set([
  "error-lost",
  "more-reported-than-arrived",
  "written-outside",
  "returns-before-io",
]);

/** A wrapper passes on what the function that it calls does wrong by itself. */
function inherited(
  { entry, breach, failures }: Found,
  all: readonly Found[],
  inner: (entry: Entry) => Entry[],
): boolean {
  if (!inheritable.has(breach.property)) return false;
  const called = new Set(inner(entry));
  const same = (others: readonly Failure[]) =>
    others.length === failures.length &&
    others.every(({ kind, what }, i) => kind === failures[i]!.kind && what === failures[i]!.what);
  return all.some(
    (other) =>
      called.has(other.entry) &&
      inheritable.has(other.breach.property) &&
      same(other.failures) &&
      other.scenario.permitted === "yes",
  );
}

const sameFailure = (a: Failure, b: Failure): boolean => a.kind === b.kind && a.what === b.what && a.n === b.n;

/** Too much is reported for a part of what goes wrong already, or a pointer leads nowhere in the same function: the rest adds nothing. */
function foretold({ entry, breach, at, failures, scenario }: Found, all: readonly Found[]): boolean {
  const pointer = breach.property === "wrong-pointer";
  if (!pointer && breach.property !== "more-reported-than-arrived") return false;
  return all.some(
    (other) =>
      other.entry === entry &&
      other.breach.property === breach.property &&
      (!pointer || (other.breach.kind === breach.kind && functionAt(other.at)?.start === functionAt(at)?.start)) &&
      other.scenario.limits.capable === scenario.limits.capable &&
      (other.failures.length < failures.length ||
        (pointer && other.scenario.permitted === "yes" && scenario.permitted === "perhaps")) &&
      other.failures.every((one) => failures.some((each) => sameFailure(one, each))),
  );
}

const grouped: ReadonlySet<string> = new Set(["error-lost", "valid-refused", "invalid-accepted"]);

function nameOf({ code }: Facts, at: Place): string | undefined {
  const node = functionAt(at);
  if (node === undefined) return undefined;
  const known = code.funcs.find((func) => func.tree === at.tree && func.node.start === node.start);
  return known?.name ?? /(\w+)\s*\(/.exec(at.tree.text.slice(node.start, node.end))?.[1];
}

/** One of each property and place: the one of the likeliest scenario, with the least that goes wrong. */
function distinct<P extends string>(found: readonly Found<P>[]): Found<P>[] {
  const best = new Map<string, Found<P>>();
  const rank = (f: Found<P>): number[] => [
    f.stage.platform === USUAL ? 0 : 1,
    f.scenario.permitted === "yes" ? 0 : 1,
    f.outer ? 1 : 0,
    f.cost[0]!,
    f.cost[1]!,
    // That a page does not fit into a bio is the least likely of all failures.
    f.failures.some(({ kind }) => kind === "refusal") ? 1 : 0,
    f.order,
    f.cost[2]!,
  ];
  for (const each of found) {
    const { property, site, what, kind, related } = each.breach;
    // All uses of what one free gave up too early wait for the same repair.
    const free = property === "used-after-free" && kind === "used late" ? related[0]?.at : undefined;
    const { file, line } = citeOf(free ?? each.at);
    // One repair mends all paths of a function on which an error gets lost, and all that a function does with something that is
    // gone; what is forgotten is forgotten on each path by itself.
    const inFunction = functionAt(each.at)?.start ?? line;
    const group =
      property === "uninitialised"
        ? `${each.entry.func.name} ${/\w+$/.exec(what)?.[0]}`
        : property === "used-after-free"
          ? `${inFunction} ${what.replace(/ \d+$/, "")}`
          : grouped.has(property)
            ? inFunction
            : line;
    const key = `${property} ${file}:${group} ${site === undefined ? "" : siteKey(site)}`;
    const known = best.get(key);
    if (known === undefined || less(rank(each), rank(known))) best.set(key, each);
  }
  return [...best.values()];
}

/**
 * What gets lost at one place is one finding, though it comes from several allocations; and where a path is known on which an object gets
 * lost, its allocation is not to blame.
 */
function lostTogether(found: readonly Found[]): Found[] {
  const out: Found[] = [];
  const isSite = ({ breach: { site }, at }: Found) => site !== undefined && siteKey(site) === siteKey(at);
  for (const each of found) {
    const { breach } = each;
    const elsewhere = (other: Found) =>
      other.breach.site !== undefined && siteKey(other.breach.site) === siteKey(breach.site!) && !isSite(other);
    if (isSite(each) && found.some(elsewhere)) continue;
    const here = citeOf(each.at);
    const at = out.findIndex(({ breach: other, at: place }) => {
      const there = citeOf(place);
      return other.property === breach.property && there.file === here.file && there.line === here.line;
    });
    const known = out[at];
    if (breach.property !== "never-freed" || known === undefined) out.push(each);
    else {
      const what = `${known.breach.what}, ${breach.what.replace(/^never freed: /, "")}`;
      out[at] = { ...known, breach: { ...known.breach, what, related: [...known.breach.related, ...breach.related] } };
    }
  }
  return out;
}

function less(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}

/**
 * Runs it again and writes down what happens.
 * @param needed platforms on which it does not happen.
 */
function shownBy<P extends string>(facts: Facts, found: Found<P>, needed: readonly Platform[]): Shown<P> {
  const { stage, entry, breach, at, scenario, ways, bounds, failures } = found;
  const run = runOnce(programOf(stage, entry, scenario), bounds, ways, { record: true });
  const conditions = [...platformWords(stage.platform, needed), ...conditionsOf(failures, bounds)];
  // That a function tests its arguments shows that others than good ones are met.
  const refused = breach.kind === "refused" && scenario.permitted === "perhaps";
  const tested = refused || (scenario.expect === "refuse" && breach.property !== "invalid-accepted");
  const doubt =
    run.preemptions > 1 || tested || stage.platform !== USUAL || failures.some(({ kind }) => kind === "refusal");
  const confidence = scenario.permitted === "yes" || tested ? (doubt ? "moderate" : "high") : "low";
  const all = stepsOf(run, at);
  const steps = breach.kind === "submits without end" ? firstRounds(all, at) : all;
  return {
    property: breach.property,
    kind: breach.kind,
    function: entry.func.name,
    within: nameOf(facts, at) ?? entry.func.name,
    at,
    related: breach.related.filter((other) => siteKey(other.at) !== siteKey(at)),
    outcome: breach.what,
    trace: { setting: [scenario.words, ...conditions].join(", "), steps, outcome: breach.what },
    failures,
    conditions,
    confidence,
    replay: { stage, entry, scenario, ways, bounds },
  };
}

/** Visits to the line at fault that show how an endless loop goes on; two chunks of two halves come by four times. */
const ROUNDS = 4;

/** The rest of an endless loop says no more than its first rounds. */
function firstRounds(steps: readonly TraceStep[], at: Place): readonly TraceStep[] {
  const { file, line } = citeOf(at);
  const rounds = steps.flatMap((step, i) => (step.at?.file === file && step.at.line === line ? [i] : []));
  const end = rounds[ROUNDS];
  return end === undefined
    ? steps
    : [...steps.slice(0, end), { actor: "submitter", action: "and so on, without end", assumed: false }];
}

/** What goes wrong in a run, each in words that follow an "if". */
export function conditionsOf(failures: readonly Failure[], { persistent }: Budget): string[] {
  const gone = persistent === true && failures.length > 1;
  return gone ? [words(failures[0]!), "there is none from then on"] : failures.map(words);
}

function words({ kind, what, n }: Failure): string {
  if (kind === "allocation") return `there is no memory for ${what}`;
  if (kind === "chunk") return `chunk ${n} fails`;
  if (kind === "fetch" || kind === "refusal") return what;
  return kind === "early" ? "a sleep ends early" : `the allocation of ${what} has to wait`;
}

/** Steps that somebody else can see or that the outcome hangs on; plain reads and writes only of what two actors touch. */
function stepsOf(run: Run, at: Place): TraceStep[] {
  const tells = tellingEvents(run, at);
  return (run.kernel.events ?? []).filter(tells).map(stepOf);
}

/** Which events of a run its trace has; `at` is the place at fault, if there is one. */
export function tellingEvents(run: Run, at: Place | undefined): (event: Event) => boolean {
  const fault = at && citeOf(at);
  const shared = contested(run.kernel.outside as World);
  return (event) => {
    if (event.kind !== "load" && event.kind !== "store") return true;
    const here = event.by?.at;
    const atFault = here !== undefined && here.file === fault?.file && here.line === fault.line;
    return atFault || shared.has(`${event.what}.${event.field}`);
  };
}

export function stepOf(event: Event): TraceStep {
  const here = event.by?.at;
  return {
    actor: event.actor,
    action: describe(event),
    assumed: here === undefined,
    ...(here === undefined ? {} : { at: here }),
  };
}
