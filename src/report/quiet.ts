import type { Finding } from "../finding/finding.ts";
import type { Trace } from "../model/trace.ts";

/** Stretches of quiet steps from this length on are folded, as the other steps are what the reader looks for. */
export const LONG_STRETCH = 4;

/** A run with more steps than this is shortened to what the finding is about. */
const LONG_TRACE = 24;

/** What a reader must see, whoever takes the step: where the run goes wrong, and how it ends. */
const telling = /\bfail|\bsleep|^wake|^callback|^return|^use after|^double|without end/;

/**
 * Whether a step of a run (0-based) may be left out of a short report: the model's own that fails nothing, and in a long run what
 * neither tells how it ends nor lies at a line of the finding.
 */
export function isQuiet(trace: Trace, i: number, f: Finding): boolean {
  const step = trace.steps[i];
  if (step === undefined) return true;
  const { at, action, assumed } = step;
  if (assumed && at === undefined && !/\bfail/.test(action)) return true;
  if (trace.steps.length <= LONG_TRACE || i === trace.steps.length - 1) return false;
  const places = [{ file: f.file, line: f.line }, ...f.related];
  return !telling.test(action) && !places.some(({ file, line }) => file === at?.file && line === at.line);
}
