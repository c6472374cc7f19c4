import type { Edit, Finding, Level } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import {
  bare,
  failuresOf,
  gravestFirst,
  mendedText,
  nOfM,
  notReviewed,
  notReviewedText,
  ordinals,
  place,
  placeOf,
  problemText,
  shownLevel,
  suppressedText,
} from "../report/said.ts";
import type { Series } from "../series/series.ts";
import { cut, plural } from "./fit.ts";
import { atTheEnd } from "./moved.ts";

/** Version of the file that one workflow leaves for another; grows with any change of its shape. */
export const recordVersion = 2;

/** One point of the review as it is posted. All texts are untrusted and not escaped yet. */
export interface Point {
  readonly rule: string;
  readonly level: Level | "note";
  /** The same when lines move; no two points of a record have the same. */
  readonly key: string;
  /** Where it is at the head of the branch, 1-based; null for a commit message, and where a later patch took the line away. */
  readonly at: { readonly path: string; readonly line: number; readonly lastLine: number } | null;
  /** Where it is in its patch, as reports name it. */
  readonly place: string;
  /** `3/6 block: add a clone`. */
  readonly patch: string;
  /** What, why, what instead, and what mends it; the first one stands alone. */
  readonly paragraphs: readonly string[];
  readonly run: { readonly setting: string; readonly outcome: string; readonly steps: readonly string[] } | null;
  /** Whole lines of the head, and what to put in their place. */
  readonly edit: { readonly line: number; readonly lastLine: number; readonly lines: readonly string[] } | null;
}

/** What a record has room for: texts in UTF-16 code units, all else in numbers. Texts of a review are far shorter. */
export const room = {
  points: 5_000,
  problems: 500,
  text: 5_000,
  path: 4_096,
  steps: 1_000,
  editLines: 200,
  line: 2_000,
} as const;

/** All that is posted of a review: what one workflow may leave for another. */
export interface ReviewRecord {
  readonly version: typeof recordVersion;
  /** The gravest first. */
  readonly points: readonly Point[];
  /** What was not reviewed, or not understood. */
  readonly problems: readonly string[];
  /** Some of it was not understood. */
  readonly unread: boolean;
  /** How many series were not reviewed, by a defect of ours. */
  readonly notReviewed: number;
  /** All was read, all series were reviewed and all rules were asked, so that a point that is not here is gone. */
  readonly complete: boolean;
}

/** The lines of a file at the head of the branch; undefined if there is no such file. */
export type Head = (path: string) => readonly string[] | undefined;

/** A text with a full stop, unless it ends in a mark of its own. */
const sentence = (text: string): string => (/[.!?:]$/.test(text) ? text : `${text}.`);

function stepText({ actor, action, assumed, at }: NonNullable<Finding["trace"]>["steps"][number]): string {
  return `${actor}: ${assumed ? "~ " : ""}${action}${at === undefined ? "" : ` (${at.file}:${at.line})`}`;
}

/** The whole lines that an edit makes of the whole lines that it stands in. */
function editedLines({ lines, column, endColumn, text }: Edit): readonly string[] {
  return `${(lines[0] ?? "").slice(0, column - 1)}${text}${(lines.at(-1) ?? "").slice(endColumn - 1)}`.split("\n");
}

/** The edit of a finding that has one, in one place, if the head has the lines as the finding saw them. */
function editOf(f: Finding, series: Series, head: Head): Point["edit"] {
  const [edit] = f.fix;
  if (edit === undefined || f.fix.length > 1 || f.mendedBy !== null) return null;
  const { path, line } = placeOf(f);
  const moved = atTheEnd(series, f.patch.index, { path: edit.file, line: edit.line });
  if (edit.file !== path || moved === undefined || line < edit.line || line > edit.endLine) return null;
  const lines = editedLines(edit);
  if (lines.length > room.editLines || edit.lines.length > room.editLines || lines.some((l) => l.length > room.line))
    return null;
  const there = head(moved.path)?.slice(moved.line - 1, moved.line - 1 + edit.lines.length);
  if (there === undefined || edit.lines.length === 0 || there.join("\n") !== edit.lines.join("\n")) return null;
  return { line: moved.line, lastLine: moved.line + edit.lines.length - 1, lines };
}

/** Where a finding is at the head, if the line there is the one that it is about. */
function headPlace(f: Finding, series: Series, head: Head): Point["at"] {
  if (f.file === null) return null;
  const { path, line, lastLine } = placeOf(f);
  const moved = atTheEnd(series, f.patch.index, { path, line });
  if (moved === undefined || moved.path.length > room.path) return null;
  // Merges are no part of a series, and may have moved what they brought along.
  const text = f.excerpt.find((shown) => shown.line === line)?.text;
  if (text === undefined || head(moved.path)?.[moved.line - 1] !== text) return null;
  const end = atTheEnd(series, f.patch.index, { path, line: lastLine });
  const whole = end?.path === moved.path && end.line === moved.line + lastLine - line;
  return { ...moved, lastLine: whole ? end.line : moved.line };
}

/**
 * What is to be posted of a review.
 *
 * @param series of the range that was reviewed; a finding of another one has no place at the head.
 * @param whole whether all rules were asked for.
 */
export function recordOf(review: Review, series: readonly Series[], head: Head, whole: boolean): ReviewRecord {
  const order = ordinals(review.findings);
  const numbers = new Map(review.findings.map((f, i) => [f, order[i] ?? 1]));
  const [only] = series;
  const short = (text: string): string => cut(text, room.text);
  const points = gravestFirst(review.findings)
    .slice(0, room.points)
    .map((f): Point => {
      const n = numbers.get(f) ?? 1;
      const placed = only !== undefined && series.length === 1;
      return {
        rule: f.rule,
        level: shownLevel(f),
        key: n === 1 ? f.fingerprint : `${f.fingerprint}-${n}`,
        at: placed ? headPlace(f, only, head) : null,
        place: short(place(f)),
        patch: short(`${nOfM(f.patch)} ${bare(f.patch.subject)}`),
        paragraphs: [f.what, f.why, f.instead, mendedText(f), suppressedText(f)]
          .filter((text) => text !== "")
          .map((text) => short(sentence(text))),
        run:
          f.trace === null
            ? null
            : {
                setting: short(f.trace.setting),
                outcome: short(f.trace.outcome),
                steps: f.trace.steps.slice(0, room.steps).map((step) => short(stepText(step))),
              },
        edit: placed ? editOf(f, only, head) : null,
      };
    });
  const more = review.findings.length - points.length;
  const problems = [
    ...(more > 0 ? [`${more} more findings have no room here`] : []),
    ...[...failuresOf(review), ...review.problems.filter(({ kind }) => kind !== "failed")].map((problem) =>
      short(problemText(problem)),
    ),
  ].slice(0, room.problems);
  const unread = review.problems.some(({ kind }) => kind === "unreadable");
  const left = notReviewed(review);
  const complete = whole && more === 0 && !unread && left === 0;
  return { version: recordVersion, points, problems, unread, notReviewed: left, complete };
}

/** "3 errors, 4 warnings", or "nothing found"; and whether that is all. */
export function countsOf({ points, unread, notReviewed: left }: ReviewRecord): string {
  const parts = (["error", "warning", "check", "note"] as const).flatMap((level) => {
    const n = points.filter((point) => point.level === level).length;
    return n === 0 ? [] : [plural(n, level)];
  });
  if (left > 0) parts.push(notReviewedText(left));
  const found = parts.length === 0 ? "nothing found" : parts.join(", ");
  return unread ? `${found}, but not all of it was understood` : found;
}
