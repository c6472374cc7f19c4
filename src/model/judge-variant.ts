import { describe } from "./event.ts";
import { type Bounds, explore, WIDE } from "./explore.ts";
import type { Kernel } from "./kernel-objects.ts";
import { type PropertyId, propertyNamed } from "./property.ts";
import { type Params, referenceEngine, usualParams } from "./reference.ts";
import { type Budget, type Program, runOnce } from "./schedule.ts";
import type { Trace, TraceStep } from "./trace.ts";
import { type Knob, type Variant, variantWith } from "./variant.ts";

/** What the runs of a variant say about one property. */
export interface Judgement {
  readonly holds: boolean;
  /** The case that the property is about occurred in some run; if not, that it holds says nothing. */
  readonly occurs: boolean;
  /** The shortest run that breaks the property: fewest chunks; of those, in the plainest scope, fewest failures, preemptions, steps. */
  readonly trace: Trace | null;
  readonly runs: number;
  readonly states: number;
}

/** What a property is judged in, and with at most how many chunks. */
export interface Scope extends Params, Bounds {}

/**
 * The least in which a variant that breaks the property shows it, the plainest case first. Where this asks for less than the wide
 * bounds, it says which failures and which interruptions can matter to the property; test/model holds the answers against wider bounds.
 */
const SCOPES: { readonly [P in PropertyId]: readonly Partial<Scope>[] } = {
  "reported-has-arrived": [
    { failures: 2, preemptions: 1, kinds: ["chunk"], interrupt: ["copied"] },
    { failures: 2, preemptions: 1, kinds: ["chunk", "allocation"], interrupt: ["copied"] },
    { failures: 1, preemptions: 0, kinds: ["early"] },
  ],
  "arrived-is-reported": [
    { failures: 0, preemptions: 1, interrupt: ["copied"] },
    { failures: 1, preemptions: 1, kinds: ["early"], interrupt: ["copied"] },
  ],
  "failure-is-learned": [{ failures: 1, preemptions: 0 }],
  "waiter-woken": [
    { failures: 1, preemptions: 0 },
    { failures: 0, preemptions: 1, interrupt: ["waiter", "state"] },
  ],
  "callback-once": [{ failures: 1, preemptions: 0 }],
  "freed-exactly-once": [{ failures: 1, preemptions: 0 }],
  "context-within-call": [{ failures: 1, preemptions: 0 }],
  "no-context-allocation": [{ chunks: 1, failures: 1, preemptions: 0, kinds: ["allocation"] }],
  "no-midway-allocation": [{ failures: 1, preemptions: 0, kinds: ["allocation"] }],
  "pairs-meet": [{ failures: 1, preemptions: 0, kinds: ["sleep"], mayFailAlloc: false }],
  "no-own-flush-between-chunks": [{ failures: 0, preemptions: 0 }],
  "plug-restored": [{ failures: 1, preemptions: 0, kinds: ["allocation"] }],
  "aligned-by-type": [{ chunks: 1, failures: 0, preemptions: 0, oddLength: true }],
};

/**
 * Judges a variant by one property, with one chunk first, then two, and so on, and ends at the first violation.
 *
 * @param choices what is known of the engine; the reference's for the rest.
 * @param fromPatch the knobs that a patch chose; steps that other knobs chose, or none, are marked as assumed.
 */
export function judgeVariant(
  choices: Partial<Variant>,
  property: PropertyId,
  scope: Partial<Scope> = {},
  fromPatch: readonly Knob[] = Object.keys(choices) as Knob[],
): Judgement {
  const variant = variantWith(choices);
  const scopes = SCOPES[property].map((each) => ({ ...WIDE, ...usualParams, ...each, ...scope }));
  let runs = 0;
  let states = 0;
  let occurs = false;
  for (let chunks = 1; chunks <= Math.max(...scopes.map((within) => within.chunks)); chunks++) {
    for (const within of scopes) {
      const program = referenceEngine(variant, { ...within, chunks });
      const found = explore(program, within, { properties: [propertyNamed(property)], until: "first-violation" });
      const verdict = found.verdicts[0]!;
      runs += found.runs;
      states += found.states;
      occurs ||= verdict.occurs;
      if (verdict.violation !== null) {
        const { ways, outcome } = verdict.violation;
        return { holds: false, occurs, trace: traceOf(program, within, ways, outcome, fromPatch), runs, states };
      }
    }
  }
  return { holds: true, occurs, trace: null, runs, states };
}

/** Replays the choices of a run, and writes down what happens. */
export function traceOf(
  program: Program,
  budget: Budget,
  ways: readonly number[],
  outcome: string,
  fromPatch: readonly string[] = [],
): Trace {
  const { kernel } = runOnce(program, budget, ways, { record: true });
  const steps = kernel.events!.map((event): TraceStep => {
    const knob = event.by?.knob;
    const at = event.by?.at;
    return {
      actor: event.actor,
      action: describe(event),
      assumed: at === undefined && (knob === undefined || !fromPatch.includes(knob)),
      ...(knob === undefined ? {} : { knob }),
      ...(at === undefined ? {} : { at }),
    };
  });
  return { setting: [program.setting, ...wentWrong(kernel)].join(", "), steps, outcome };
}

/** What went wrong from outside, in words: "chunks 1 and 2 fail". */
function wentWrong({ failures }: Kernel): readonly string[] {
  const words: string[] = [];
  const chunks = failures.filter(({ kind }) => kind === "chunk").map(({ n }) => n);
  chunks.sort((a, b) => a - b);
  if (chunks.length === 1) words.push(`chunk ${chunks[0]} fails`);
  if (chunks.length > 1) words.push(`chunks ${chunks.slice(0, -1).join(", ")} and ${chunks.at(-1)} fail`);
  for (const { kind, what } of failures) {
    if (kind === "allocation") words.push(`the allocation of ${what} fails`);
    if (kind === "sleep") words.push(`the allocation of ${what} sleeps`);
  }
  if (failures.some(({ kind }) => kind === "early")) words.push("a sleep returns early");
  return words;
}
