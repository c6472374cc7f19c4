import type { Finding, Level } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import { printable } from "../text/printable.ts";
import { count, wrap } from "./layout.ts";
import { bare, nOfM, notReviewed, notReviewedText, place } from "./said.ts";

/** What a screen is to say beside the findings. */
export interface ScreenView {
  readonly width: number;
  /** Lines that there is room for, all in all. */
  readonly height: number;
  /** The levels that the screen is about. */
  readonly levels: readonly Level[];
  /** Makes the command that prints everything. */
  readonly command: () => string;
  /** How to go on in spite of the findings. */
  readonly bypass: string;
}

/** From here on the text of one finding is cut: it holds names of the patch, which may be of any length. */
const maxLines = 5;
const maxText = 2000;

const gravity: readonly Level[] = ["error", "warning", "check"];

function textOf(f: Finding, width: number): readonly string[] {
  const where = `${place(f)} (${nOfM(f.patch)})`;
  const text = `${f.level}: ${where}: ${f.what}`.slice(0, maxText);
  const lines = wrap(printable(text), width, "  ", "      ");
  return lines.length <= maxLines ? lines : [...lines.slice(0, maxLines), "      [...]"];
}

/** "2 errors and 1 warning" */
function counted(findings: readonly Finding[]): string {
  const parts = gravity.flatMap((level) => {
    const n = findings.filter((f) => f.level === level).length;
    return n === 0 ? [] : [count(n, level)];
  });
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/**
 * What stops a series, on one screen: level, place and point of the gravest findings, how many more there are, and where
 * to read them. Empty if there is nothing of these levels; what a later patch mends stops nothing.
 */
export function screenReport(review: Review, view: ScreenView): string {
  const stopping = review.findings.filter((f) => f.mendedBy === null && view.levels.includes(f.level));
  if (stopping.length === 0) return "";
  const subjects = [...new Set(review.series.map((s) => bare(s.subject)))];
  const names = subjects.length === 1 && subjects[0] !== "" ? ` in "${subjects[0]}"` : "";
  const failed = notReviewed(review);
  const but = failed === 0 ? "" : `${notReviewedText(failed)}, and in the others `;
  const title = `copylint: ${but}${counted(stopping)}${names}`.slice(0, maxText);
  const head = wrap(printable(title), view.width, "", "  ").slice(0, 2);
  const sorted = gravity.flatMap((level) => stopping.filter((f) => f.level === level));
  const texts = sorted.map((f) => textOf(f, view.width));

  // The last three lines say how many more there are, the command, and how to go on.
  const room = view.height - head.length - 3;
  let lines = 0;
  let n = 0;
  for (; n < texts.length && (n === 0 || lines + texts[n]!.length <= room); n++) lines += texts[n]!.length;
  const more = review.findings.length - n;
  const rest = more === 0 ? "with runs and advice" : `${more} more, and all with runs and advice`;
  const foot = [`${rest}:`, `  ${view.command()}`, printable(view.bypass)];
  return [...head, ...texts.slice(0, n).flat(), ...foot].map((line) => `${line}\n`).join("");
}
