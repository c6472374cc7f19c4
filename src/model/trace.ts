/** Who acts in a step of a trace. */
export type Actor = string;

/**
 * One step of a run of the model. A trace is a list of steps in the order in which they happen; memory is
 * sequentially consistent.
 */
export interface TraceStep {
  /** "submitter", "block layer", "device", "completion 1", "completion 2", "worker", ... */
  readonly actor: Actor;
  /** What happens, short enough for a table cell: "load copied = 8", "submit DST chunk 1", "complete chunk 2: error". */
  readonly action: string;
  /** The step is not taken from the patch but assumed by the reference engine. */
  readonly assumed: boolean;
  /** The knob of the reference engine that chose the step, so that a caller can attach the line that chose the knob. */
  readonly knob?: string;
  /** Where the patch does this, if the step comes from it. Line is 1-based, new side. */
  readonly at?: { readonly file: string; readonly line: number };
}

/** The run that shows a finding, with what it was run with and what came out. */
export interface Trace {
  /** Inputs of the run in words: "3 chunks of 128 sectors, chunks 2 and 3 fail". */
  readonly setting: string;
  readonly steps: readonly TraceStep[];
  /** What came out: "reported 16 sectors, arrived 8". */
  readonly outcome: string;
}

/** A trace step by step: each statement of the patch that is executed, with what it brings about. */
export interface WalkStep {
  readonly actor: Actor;
  /** Where the statement stands; null for what the kernel or the device does by itself. */
  readonly at: { readonly file: string; readonly line: number } | null;
  /** The line of source, without its indentation; "" where there is none. */
  readonly code: string;
  /** The function that the statement is in, null where there is none. */
  readonly function: string | null;
  /** The call that came here: "blkdev_copy(bdev = the device, len = 16)"; null but for the first statement of a call. */
  readonly enters: string | null;
  /** The actor was interrupted in this statement, or called something in it, and goes on with it. */
  readonly again: boolean;
  readonly events: readonly WalkEvent[];
  readonly changes: readonly WalkChange[];
}

/** What happens in a step; `told`: the trace of the finding has it too. */
export type WalkEvent = TraceStep & { readonly told: boolean };

/** What an object or a variable holds from now on. */
export interface WalkChange {
  readonly object: string;
  /** "" for a variable that is one value. */
  readonly member: string;
  /** null: it held nothing before. */
  readonly from: string | null;
  readonly to: string;
}
