import { joinLines, splitLines } from "../text/lines.ts";
import type { FilePatch, Hunk, HunkLine } from "./unified.ts";

/** Why a patch does not apply. */
export interface Refusal {
  /** 0-based index of the hunk in `FilePatch.hunks`; -1 when it is not about a hunk. */
  readonly hunk: number;
  /** Half a sentence: "hunk 2 (@@ -10,7 +12,8 @@) does not fit: line 12 of the file differs". */
  readonly reason: string;
}

/** Lines that the search for moved hunks of one file may look at, so that no input makes it slow. */
const searchBudget = 20_000_000;

/**
 * Applies the hunks of one file to its whole text. There is no fuzz: every context and removed line must be there, at
 * the place that the hunk names, else at exactly one other place behind the hunk before it.
 *
 * @param text the whole file; undefined if it does not exist.
 * @returns the whole new text, undefined if the patch deletes the file; or why it does not apply.
 */
export function applyPatch(text: string | undefined, file: FilePatch): { text: string | undefined } | Refusal {
  if (file.binary) return { hunk: -1, reason: "it is a binary patch" };
  if (file.status === "added") {
    if (text !== undefined) return { hunk: -1, reason: "the file to be added is there already" };
  } else if (text === undefined) return { hunk: -1, reason: "the file is not there" };
  const lines = splitLines(text ?? "");
  const endsInNewline = text === undefined || text === "" || text.endsWith("\n");
  const places = placeHunks(lines, endsInNewline, file);
  if (!Array.isArray(places)) return places as Refusal;
  const out: string[] = [];
  let from = 0;
  let newline = endsInNewline;
  for (const [index, hunk] of file.hunks.entries()) {
    const at = places[index]!;
    for (let line = from; line < at; line++) out.push(lines[line]!);
    from = at;
    for (const line of hunk.lines) {
      if (line.kind !== "added") from++;
      if (line.kind !== "removed") out.push(line.text);
    }
    if (from >= lines.length) {
      const last = hunk.lines.findLast((line) => line.kind !== "removed");
      if (last !== undefined) newline = !last.noNewline;
      else if (hunk.lines.length > 0 && from > at) newline = true;
    }
  }
  for (let line = from; line < lines.length; line++) out.push(lines[line]!);
  if (file.status === "deleted") {
    return out.length === 0 ? { text: undefined } : { hunk: -1, reason: "lines are left in the file to be deleted" };
  }
  return { text: joinLines(out, newline) };
}

/**
 * Finds where the hunks of a file go.
 * @param lines the whole file.
 * @returns for each hunk the 0-based index of the first line that it replaces (or inserts in front of), ascending.
 */
export function placeHunks(lines: readonly string[], endsInNewline: boolean, file: FilePatch): number[] | Refusal {
  const places: number[] = [];
  // Hunks made without context (`diff -U0`) have nothing to be found by.
  const zero = !file.hunks.some((hunk) => hunk.lines.some((line) => line.kind === "context"));
  let budget = searchBudget;
  let from = 0;
  for (const [index, hunk] of file.hunks.entries()) {
    const before = hunk.lines.filter((line) => line.kind !== "added");
    const named = hunk.oldCount === 0 ? hunk.oldStart : hunk.oldStart - 1;
    let at = named;
    const differs = named < from ? 0 : mismatch(lines, endsInNewline, before, named);
    if (named < from || differs !== -1 || (!zero && !reachesEnd(lines, hunk, before, named))) {
      const title = `hunk ${index + 1} (${hunkTitle(hunk)})`;
      let found: number[] = [];
      if (before.length > 0 && !zero) {
        budget -= lines.length - from + before.length;
        if (budget < 0) return { hunk: index, reason: `${title} is not where it says, and the search was given up` };
        found = findPlaces(lines, before, from).filter((place) => allowed(lines, endsInNewline, hunk, before, place));
      }
      if (found.length > 1) return { hunk: index, reason: `${title} fits more than one place` };
      if (found.length === 0) {
        let why = `line ${named + differs + 1} of the file differs`;
        if (named < from) why = "it overlaps the hunk before it";
        else if (differs === -1) why = "the file goes on behind it";
        else if (named + differs >= lines.length) why = "the file is too short";
        return { hunk: index, reason: `${title} does not fit: ${why}` };
      }
      at = found[0]!;
    }
    places.push(at);
    from = at + before.length;
  }
  return places;
}

/** "@@ -10,7 +12,8 @@", without the section, which is not ours. */
export function hunkTitle(hunk: Hunk): string {
  return `@@ -${hunk.oldStart},${hunk.oldCount} +${hunk.newStart},${hunk.newCount} @@`;
}

/** Index of the first line of `before` that is not at `at`, or -1 if all are. */
function mismatch(lines: readonly string[], endsInNewline: boolean, before: readonly HunkLine[], at: number): number {
  if (before.length === 0) return at <= lines.length ? -1 : 0;
  for (const [index, line] of before.entries()) {
    const isLast = at + index === lines.length - 1;
    if (lines[at + index] !== line.text || line.noNewline !== (isLast && !endsInNewline)) return index;
  }
  return -1;
}

/** A hunk without context at its end was made at the end of the file, and fits only there (as `git apply` has it). */
function reachesEnd(lines: readonly string[], hunk: Hunk, before: readonly HunkLine[], at: number): boolean {
  return hunk.lines[hunk.lines.length - 1]?.kind === "context" || at + before.length === lines.length;
}

/** Whether a moved hunk fits a place with its line ends; one that showed the start of the file stays there. */
function allowed(
  lines: readonly string[],
  endsInNewline: boolean,
  hunk: Hunk,
  before: readonly HunkLine[],
  at: number,
): boolean {
  if (hunk.oldStart <= 1 && at !== 0) return false;
  return mismatch(lines, endsInNewline, before, at) === -1 && reachesEnd(lines, hunk, before, at);
}

/**
 * The places (0-based, the first thousand) at which the texts of `before` stand in `lines`, from `from` on. Linear
 * (Knuth-Morris-Pratt), as both may be anything.
 */
function findPlaces(lines: readonly string[], before: readonly HunkLine[], from: number): number[] {
  const border: number[] = [0];
  for (let at = 1, length = 0; at < before.length; at++) {
    while (length > 0 && before[at]!.text !== before[length]!.text) length = border[length - 1]!;
    if (before[at]!.text === before[length]!.text) length++;
    border.push(length);
  }
  const found: number[] = [];
  for (let at = from, length = 0; at < lines.length && found.length < 1000; at++) {
    while (length > 0 && lines[at] !== before[length]!.text) length = border[length - 1]!;
    if (lines[at] === before[length]!.text) length++;
    if (length === before.length) {
      found.push(at - length + 1);
      length = border[length - 1]!;
    }
  }
  return found;
}
