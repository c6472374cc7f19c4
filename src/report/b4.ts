import type { Review } from "../finding/review.ts";
import { printable } from "../text/printable.ts";
import { lineOf, place, problemText, shownLevel } from "./said.ts";

const words = { error: "ERROR", warning: "WARNING", check: "CHECK", note: "NOTE" } as const;

/** b4 takes a line for a failure if the word with its colon is anywhere in it, so nothing else may say it. */
const quiet = (text: string): string => printable(text).replace(/ERROR:/g, "ERROR\\x3a");

/**
 * A line for each finding, as b4 reads the output of its check commands; nothing when there are none. Input that was not
 * understood or not reviewed has a line, too, as b4 takes each line on stderr for a failure of the patch. Notices have none: the one patch
 * that b4 hands over always lacks the rest of its series.
 */
export function b4Report(review: Review): string {
  const problems = review.problems
    .filter((p) => p.kind !== "notice")
    .map((p) =>
      p.kind === "failed" ? `ERROR: ${quiet(problemText(p))}` : `WARNING: ${quiet(problemText(p))} (not reviewed)`,
    );
  const findings = review.findings.map((f) => {
    return `${words[shownLevel(f)]}: ${quiet(`${place(f)}: ${f.rule}: ${lineOf(f)}`)}`;
  });
  return [...problems, ...findings].map((line) => `${line}\n`).join("");
}
