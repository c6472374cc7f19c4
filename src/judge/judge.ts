import { judgeVariant } from "../model/judge-variant.ts";
import type { PropertyId } from "../model/property.ts";
import type { Trace } from "../model/trace.ts";
import { KNOBS, type Knob, type Variant } from "../model/variant.ts";
import { type Cited, type Executed, type ExecutedProperty, type Observed, type Shown, shownAt } from "./runs.ts";

/** A choice of the engine put to the model. `M` is how the asker marks a place in the code. */
export interface Question<M> {
  readonly property: PropertyId;
  /** The choices that the patch makes. */
  readonly variant: Partial<Variant>;
  /** Choices that the patch does not show: each is run with every value, and only what breaks in all of them counts. */
  readonly open?: readonly Knob[];
  /** Where the patch does what a step of the trace does; of several that fit a step, the first is cited. */
  readonly places?: readonly Place<M>[];
  /**
   * What runs of the patch's own code would show of it, and where, the likeliest place first. An executed run wins over the variant: its
   * trace is the patch's, and where all runs come through these places and none shows it, it does not happen.
   */
  readonly run?: { readonly property: ExecutedProperty | Observed; readonly at: readonly M[] };
}

/** The place in the patch of the steps that follow from one choice. */
export interface Place<M> {
  readonly knob: Knob;
  readonly at: M;
  /** Only steps of this actor: "submitter", "completion" (of any number). */
  readonly actor?: string;
  /** Only steps whose action starts with this: "finish plug", "store copied". */
  readonly action?: string;
}

/** What runs of the model say about a choice. */
export interface Verdict {
  readonly holds: boolean;
  /** The shortest run that breaks the property; null if it holds. */
  readonly trace: Trace | null;
  /** Of `open`, the value with which the property holds: not shown, it decides. */
  readonly decidedBy?: string;
  /** The run of the patch's own code that shows it; without one, what the variant does is said. */
  readonly shown?: Shown;
}

export interface Judge<M> {
  ask(question: Question<M>): Verdict;
}

/** What was asked so far and what the runs said, without places in a patch: a question has the same answer everywhere. */
export type Verdicts = Map<string, Verdict>;

/**
 * A judge that remembers what it was asked: equal questions cost one exploration.
 * @param runs what runs of the patch's own code show, if it was executed.
 */
export function judgeWith<M>(
  cite: (mark: M) => Cited | undefined,
  known: Verdicts = new Map(),
  runs?: Executed,
): Judge<M> {
  return {
    ask({ property, variant, open = [], places = [], run }) {
      if (run !== undefined && runs !== undefined) {
        const at = run.at.flatMap((mark) => cite(mark) ?? []);
        const shown = shownAt(runs, run.property, at);
        if (shown !== undefined) return { holds: false, trace: shown.trace, shown };
        if (at.length > 0 && at.every((place) => runs.settled(place))) return { holds: true, trace: null };
      }
      const key = JSON.stringify([property, variant, open]);
      let verdict = known.get(key);
      if (!verdict) known.set(key, (verdict = ask(property, variant, open)));
      return { ...verdict, trace: verdict.trace && withPlaces(verdict.trace, places, cite) };
    },
  };
}

function ask(property: PropertyId, variant: Partial<Variant>, open: readonly Knob[]): Verdict {
  const fromPatch = Object.keys(variant) as Knob[];
  const [knob, ...rest] = open;
  if (knob === undefined) {
    const { holds, trace } = judgeVariant(variant, property, {}, fromPatch);
    return { holds, trace };
  }
  let first: Verdict | undefined;
  for (const value of KNOBS[knob]) {
    const verdict = ask(property, { ...variant, [knob]: value }, rest);
    if (verdict.holds) return { ...verdict, decidedBy: verdict.decidedBy ?? `${knob}=${value}` };
    first ??= verdict;
  }
  return first!;
}

/** Cites the patch in the steps that it takes; the steps that it does not take are the model's, whoever chose them. */
function withPlaces<M>(trace: Trace, places: readonly Place<M>[], cite: (mark: M) => Cited | undefined): Trace {
  return {
    ...trace,
    steps: trace.steps.map((step) => {
      const place = places.find(
        (p) =>
          p.knob === step.knob &&
          (p.actor === undefined || step.actor.startsWith(p.actor)) &&
          (p.action === undefined || step.action.startsWith(p.action)),
      );
      const at = place && cite(place.at);
      return at ? { ...step, at, assumed: false } : { ...step, assumed: true };
    }),
  };
}
