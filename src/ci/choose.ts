import { notReviewedText } from "../report/said.ts";
import { suggests } from "./comment.ts";
import { plural } from "./fit.ts";
import { inOneHunk, type Shown } from "./hunks.ts";
import type { Point, ReviewRecord } from "./record.ts";

/** A comment that is to be posted: on these lines of the new side of the diff. */
export interface Chosen {
  readonly point: Point;
  readonly path: string;
  readonly line: number;
  readonly lastLine: number;
  readonly suggestion: boolean;
}

/** What becomes of the points of a record in a request for review. */
export interface Choice {
  /** The comments to post. */
  readonly fresh: readonly Chosen[];
  /** How many points have a comment, those to be posted among them. */
  readonly commented: number;
}

/**
 * Chooses the points that get a comment: the gravest first, on lines that the diff shows, none that has one already, and
 * never more than `most` for the points of today. What a later patch mends needs none.
 *
 * @param shown the lines of a file's diff; undefined if it shows none.
 * @param known keys of the points that have a comment, open or not.
 */
export function choose(
  points: readonly Point[],
  shown: (path: string) => Shown | undefined,
  known: ReadonlySet<string>,
  most: number,
): Choice {
  const old = points.filter(({ key, level }) => known.has(key) && level !== "note").length;
  const possible = points.flatMap((point): Chosen[] => {
    const { at, edit } = point;
    if (at === null || point.level === "note" || known.has(point.key)) return [];
    const lines = shown(at.path);
    if (lines === undefined) return [];
    if (edit !== null && suggests(point) && inOneHunk(lines, edit.line, edit.lastLine))
      return [{ point, path: at.path, line: edit.line, lastLine: edit.lastLine, suggestion: true }];
    if (!lines.has(at.line)) return [];
    return [{ point, path: at.path, line: at.line, lastLine: at.line, suggestion: false }];
  });
  const fresh = possible.slice(0, Math.max(0, most - old));
  return { fresh, commented: old + fresh.length };
}

/** Keys of the points that the head still has: the comments on others have had their day. */
export function standing(points: readonly Point[]): ReadonlySet<string> {
  return new Set(points.filter(({ level }) => level !== "note").map(({ key }) => key));
}

/** "30 of 200 findings as comments, ..." */
export function countsText(commented: number, { points, notReviewed }: ReviewRecord, rest: string): string {
  const all = points.length;
  if (all > 0) return `${commented} of ${plural(all, "finding")} as comments, all ${rest}`;
  return notReviewed > 0 ? notReviewedText(notReviewed) : "no findings";
}
