/**
 * The choices that a patch can make where the reference engine made another. The first value of each is the reference's.
 *
 * - plug: one around all chunks; one per chunk; none; one around all chunks that the error path does not finish.
 * - pairing: which half of a copy goes first into a request that the other joins; or the destination half carries a token that the source
 *   half brings back; or one bio is the whole copy; or it is not known (then nothing is said about pairs).
 * - bios: the two bios of a chunk are allocated before the first is submitted, or the second one after that.
 * - progress: the contiguous prefix, counted from the chunks' own results after the last completion; min() with the offset of each
 *   failed chunk; sum of the chunks that arrived; the full length, never corrected.
 * - progressStart: where min-offset starts.
 * - progressUpdate: a plain read-modify-write in each handler, or one under a lock (or an atomic).
 * - onSubmitError: what happens to the progress when the rest is not submitted: min() with what was, minus the rest, nothing.
 * - status: a call that copied nothing returns the error; it drops it and returns 0, while a callback would get it; neither gets it.
 * - context, chunkState: where the memory of a call lives; whether each chunk needs memory of its own.
 * - units: what the interface takes.
 * - protocol: the call waits; it returns at once and calls back; either, as the caller asks.
 * - completions: handlers on several processors, or one at a time.
 * - wait: sleep until done, looking again each time; sleep once; look first and then sleep.
 * - errorPath: after a failed allocation, drop the submitter's reference and wait; keep the reference; drop it and return at once; forget
 *   the first bio of the pair.
 */
export const KNOBS = {
  plug: ["around", "per-chunk", "none", "unfinished-on-error"],
  pairing: ["dst-first", "src-first", "token", "single", "unknown"],
  bios: ["before-submit", "between-halves"],
  progress: ["prefix", "min-offset", "sum", "full"],
  progressStart: ["length", "zero"],
  progressUpdate: ["plain", "locked"],
  onSubmitError: ["min-submitted", "subtract", "leave"],
  status: ["kept", "dropped", "lost"],
  context: ["stack", "heap"],
  chunkState: ["none", "heap"],
  units: ["sectors", "bytes"],
  protocol: ["sync", "callback", "both"],
  completions: ["concurrent", "serial"],
  wait: ["until-done", "once", "check-then-sleep"],
  errorPath: ["waits", "keeps-reference", "returns-early", "leaks-bio"],
} as const;

export type Knob = keyof typeof KNOBS;

/** One engine: a value for every knob. */
export type Variant = { readonly [K in Knob]: (typeof KNOBS)[K][number] };

export const knobs = Object.keys(KNOBS) as readonly Knob[];

/** The engine as a reviewer would have it. */
export const reference: Variant = {
  plug: "around",
  pairing: "dst-first",
  bios: "before-submit",
  progress: "prefix",
  progressStart: "length",
  progressUpdate: "plain",
  onSubmitError: "min-submitted",
  status: "kept",
  context: "stack",
  chunkState: "none",
  units: "sectors",
  protocol: "sync",
  completions: "concurrent",
  wait: "until-done",
  errorPath: "waits",
};

/** Some choices, with the reference's for all others. A context that a callback needs after the call lives on the heap unless a choice says otherwise. */
export function variantWith(choices: Partial<Variant>): Variant {
  const context = choices.protocol === "callback" || choices.protocol === "both" ? "heap" : reference.context;
  const variant = { ...reference, context, ...choices };
  return variant as Variant;
}

/** The knobs whose value differs from the reference's. */
export function differences(variant: Variant): readonly Knob[] {
  return knobs.filter((knob) => variant[knob] !== reference[knob]);
}
