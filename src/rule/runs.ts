import type { ExecutedProperty, Violation } from "../judge/runs.ts";
import type { Mark, Sighting } from "./define.ts";

export type { ExecutedProperty, Violation };

const markOf = ({ tree, start, end }: Violation["at"]): Mark => ({ tree, node: { start, end } });

/** A sighting for each violation that the rule is about, at the place at fault and with the run that shows it. */
export function* seenInRuns(
  violations: readonly Violation[],
  isMine: (violation: Violation) => boolean,
): Generator<Sighting<Violation>> {
  for (const violation of violations) {
    if (!isMine(violation)) continue;
    yield {
      at: markOf(violation.at),
      within: violation.within,
      related: violation.related.map(({ at, message }) => ({ at: markOf(at), message })),
      verdict: { holds: false, trace: violation.trace, shown: violation },
      confidence: violation.confidence,
      data: violation,
    };
  }
}

/** What has to go wrong from outside for it: " if chunk 1 fails and chunk 2 fails"; "" if nothing has to. */
export const condition = ({ conditions }: Violation): string =>
  conditions.length === 0 ? "" : ` if ${conditions.join(" and ")}`;

/** " in a call for 2 chunks of 8 KiB" where nothing has to go wrong for it; "" of a call that nobody makes, which the proviso names. */
export const inCall = ({ conditions, confidence, trace }: Violation): string =>
  conditions.length > 0 || confidence === "low" ? "" : ` in a call for ${trace.setting}`;

/** Something fails, or the call is refused. That a sleep ends early, or an allocation takes its time, is no failure. */
export const onErrorPath = ({ failures, kind }: Violation): boolean =>
  kind === "refused" || failures.some((failure) => failure.kind !== "early" && failure.kind !== "sleep");

/** What is to be said besides where nobody in the series calls it like that. */
export const proviso = ({ confidence, trace }: Violation): string =>
  confidence === "low"
    ? ` No caller that the series shows does so (${trace.setting}); no test in it rules it out either.`
    : "";
