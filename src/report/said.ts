import type { Finding, Level, Suppression } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import type { Problem } from "../text/problem.ts";
import { count } from "./layout.ts";

/** Where a finding is, as editors and people read it: the new side of the file, or the mail for a commit message. */
export function place(f: Finding): string {
  return f.file === null ? `${f.patch.path}:${f.patch.line}` : `${f.file}:${f.line}`;
}

/** What a finding is called in the output: a point that a later patch mends is a note. */
export function shownLevel(f: Finding): Level | "note" {
  return f.mendedBy === null ? f.level : "note";
}

/** The subject without its `[PATCH ...]` prefix. */
export const bare = (subject: string): string => subject.replace(/^\s*\[[^\]]*\]\s*/, "");

export const nOfM = (p: { readonly index: number; readonly total: number }): string => `${p.index}/${p.total}`;

/** The same place for programs. Lines are 1-based, the last one included. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly lastLine: number;
  /** UTF-16 columns, 1-based, end exclusive and in the last line; null where only lines are known. */
  readonly columns: { readonly start: number; readonly end: number } | null;
}

export function placeOf(f: Finding): Place {
  if (f.file === null) return { path: f.patch.path, line: f.patch.line, lastLine: f.patch.line, columns: null };
  // A stretch that ends before the first column of a line has no part of that line.
  if (f.endLine > f.line && f.endColumn <= 1)
    return { path: f.file, line: f.line, lastLine: f.endLine - 1, columns: null };
  const columns = { start: f.column, end: f.endColumn };
  return { path: f.file, line: f.line, lastLine: Math.max(f.line, f.endLine), columns };
}

/** What mends a point, as a sentence; "" if nothing does. */
export function mendedText(f: Finding): string {
  if (f.mendedBy === null) return "";
  return `Patch ${nOfM(f.mendedBy)} "${bare(f.mendedBy.subject)}" mends it; a ${f.level} for whoever bisects.`;
}

/** What somebody says against a finding: "by the author: not yet"; for one that is shown all the same, or with those set aside. */
export function suppressionText({ by, reason }: Suppression): string {
  switch (by) {
    case "author":
      return `by the author: ${reason}`;
    case "baseline":
      return `by the baseline ${reason}`;
    case "paths":
      return `by the paths of the configuration: ${reason}`;
  }
}

/** The same as a sentence; "" if nobody does. */
export const suppressedText = (f: Finding): string =>
  f.suppressed === undefined ? "" : sentence(`Suppressed ${suppressionText(f.suppressed)}`);

/** What was set aside, in numbers: "2 ignored by the author". */
export function setAside(review: Review): readonly string[] {
  const words = { author: "ignored by the author", baseline: "in the baseline", paths: "in files left out" } as const;
  return (["author", "baseline", "paths"] as const).flatMap((by) => {
    const n = (review.suppressed ?? []).filter((f) => f.suppressed?.by === by).length;
    return n === 0 ? [] : [`${n} ${words[by]}`];
  });
}

/** A text with a full stop, unless it ends in a mark of its own. */
const sentence = (text: string): string => (text === "" || /[.!?:]$/.test(text) ? text : `${text}.`);

/** What was found in one line: the point, what mends it, and who speaks against it. */
export function lineOf(f: Finding): string {
  const more = [mendedText(f), suppressedText(f)].filter((text) => text !== "");
  return more.length === 0 ? f.what : [sentence(f.what), ...more].join(" ");
}

/** All that a finding says, in paragraphs; the first one stands alone. */
export function paragraphsOf(f: Finding): readonly string[] {
  const run = f.trace === null ? "" : `Run: ${f.trace.setting}; outcome: ${f.trace.outcome}`;
  return [f.what, f.why, f.instead, run, mendedText(f), suppressedText(f)].filter((text) => text !== "").map(sentence);
}

/** A problem of the input as one line of text. */
export function problemText(problem: Problem): string {
  const where = problem.line === undefined ? problem.path : `${problem.path}:${problem.line}`;
  const advice = problem.advice === undefined ? "" : `; ${problem.advice}`;
  return `${where}: ${problem.what}${advice}`;
}

/** Stands where other entries have the id of a rule, in formats in which each has one. */
export const notReviewedId = "not-reviewed";

/** The problems that say that a series was not reviewed: formats that show no others show these, before all else. */
export const failuresOf = (review: Review): readonly Problem[] => review.problems.filter((p) => p.kind === "failed");

/** How many series were not reviewed. */
export const notReviewed = (review: Review): number =>
  review.series.filter((series) => series.notReviewed !== null).length;

/** "2 series not reviewed", where numbers of findings stand. */
export const notReviewedText = (n: number): string => `${count(n, "series", "series")} not reviewed`;

const gravity = ["error", "warning", "check", "note"] as const;

/** The gravest first; findings that are equally grave stay in their order. */
export function gravestFirst(findings: readonly Finding[]): readonly Finding[] {
  return gravity.flatMap((level) => findings.filter((f) => shownLevel(f) === level));
}

/** For each finding, which one of those with its fingerprint it is, from 1 on. */
export function ordinals(findings: readonly Finding[]): readonly number[] {
  const seen = new Map<string, number>();
  return findings.map((f) => {
    const n = (seen.get(f.fingerprint) ?? 0) + 1;
    seen.set(f.fingerprint, n);
    return n;
  });
}

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export const utf8Length = (text: string): number => encoder.encode(text).length;

/** A 1-based UTF-16 column of a line as a 1-based column of its UTF-8 bytes. */
export function byteColumn(line: string, column: number): number {
  return utf8Length(line.slice(0, column - 1)) + 1;
}
