import type { Finding } from "../../finding/finding.ts";
import type { Series, SeriesPatch } from "../../series/series.ts";
import { splitLines } from "../../text/lines.ts";

/** A line of a mail that the page may show: of a diff, or of a commit message. */
export interface SheetLine {
  /** Its anchor in the page; only letters, digits and hyphens. */
  readonly id: string;
  /** Ascends within a patch, from the commit message on. */
  readonly order: number;
  readonly sign: "+" | "-" | " ";
  readonly text: string;
  /** 1-based line of the file before and after the patch; null where the side does not have the line. */
  readonly before: number | null;
  readonly after: number | null;
  /** 1-based line of the mail. */
  readonly mail: number;
}

export interface SheetHunk {
  /** The text behind the second `@@`. */
  readonly section: string;
  readonly lines: readonly SheetLine[];
}

export interface SheetFile {
  readonly path: string;
  readonly oldPath: string | undefined;
  readonly status: SeriesPatch["files"][number]["status"];
  readonly binary: boolean;
  readonly added: number;
  readonly deleted: number;
  readonly hunks: readonly SheetHunk[];
}

export interface SheetPatch {
  /** 1-based over all series of the page. */
  readonly ordinal: number;
  readonly patch: SeriesPatch;
  readonly message: readonly SheetLine[];
  readonly files: readonly SheetFile[];
}

export interface SheetSeries {
  readonly series: Series;
  readonly patches: readonly SheetPatch[];
}

/** A line, and the patch and the file that show it. */
export interface Place {
  readonly patch: SheetPatch;
  /** undefined for a line of a commit message. */
  readonly file: SheetFile | undefined;
  readonly line: SheetLine;
}

/** All lines that the patches show, so that a place that a finding names can be looked up. */
export interface Sheet {
  readonly series: readonly SheetSeries[];
  /** By `path:line` of the mail. */
  readonly byMail: ReadonlyMap<string, Place>;
  /** By `file:line` of the new side: every patch that shows such a line. */
  readonly byFile: ReadonlyMap<string, readonly Place[]>;
}

function filesOf(patch: SeriesPatch, ordinal: number): readonly SheetFile[] {
  let n = 0;
  return patch.files.map((file) => ({
    path: file.path,
    oldPath: file.oldPath === file.path ? undefined : file.oldPath,
    status: file.status,
    binary: file.binary,
    added: file.added,
    deleted: file.deleted,
    hunks: file.hunks.map((hunk) => {
      let before = hunk.oldStart;
      let after = hunk.newStart;
      const lines = hunk.lines.map((line): SheetLine => {
        n++;
        return {
          id: `L${ordinal}-${n}`,
          order: n,
          sign: line.kind === "added" ? "+" : line.kind === "removed" ? "-" : " ",
          text: line.text,
          before: line.kind === "added" ? null : before++,
          after: line.kind === "removed" ? null : after++,
          mail: line.line + patch.lineOffset,
        };
      });
      return { section: hunk.section, lines };
    }),
  }));
}

function messageOf(patch: SeriesPatch, ordinal: number): readonly SheetLine[] {
  return splitLines(patch.commitMessage.trimEnd()).map((text, i, { length }) => ({
    id: `M${ordinal}-${i + 1}`,
    order: i - length,
    sign: " ",
    text,
    before: null,
    after: null,
    mail: patch.commitMessageLine + i,
  }));
}

/** Lays out the patches of all series, line by line. */
export function sheetOf(all: readonly Series[]): Sheet {
  const byMail = new Map<string, Place>();
  const byFile = new Map<string, Place[]>();
  let ordinal = 0;
  const note = (place: Place): void => {
    byMail.set(`${place.patch.patch.message.path}:${place.line.mail}`, place);
    if (place.file === undefined || place.line.after === null) return;
    const key = `${place.file.path}:${place.line.after}`;
    const known = byFile.get(key);
    if (known === undefined) byFile.set(key, [place]);
    else known.push(place);
  };
  const series = all.map((one) => ({
    series: one,
    patches: one.patches.map((patch): SheetPatch => {
      ordinal++;
      const made = { ordinal, patch, message: messageOf(patch, ordinal), files: filesOf(patch, ordinal) };
      for (const line of made.message) note({ patch: made, file: undefined, line });
      for (const file of made.files)
        for (const { lines } of file.hunks) for (const line of lines) note({ patch: made, file, line });
      return made;
    }),
  }));
  return { series, byMail, byFile };
}

/** Where a finding is; undefined if its mail is not among the patches (a cover letter, say). */
export const placeOf = (sheet: Sheet, f: Finding): Place | undefined =>
  sheet.byMail.get(`${f.patch.path}:${f.patch.line}`);

/**
 * The line that a step or a finding names by file and number on the new side.
 *
 * A number alone does not say of which patch, and another patch may show another line under it. Lines that are added go
 * first, as a run is about code of the series; then the finding's own patch, then those nearest to it, earlier ones first.
 *
 * @param index n of the patch n/m, where it is known.
 */
export function lookUp(
  sheet: Sheet,
  near: Place | undefined,
  at: { readonly file: string; readonly line: number; readonly index?: number },
): Place | undefined {
  const home = near && sheet.series.find((one) => one.patches.includes(near.patch));
  const places = (sheet.byFile.get(`${at.file}:${at.line}`) ?? []).filter(
    ({ patch }) =>
      (home === undefined || home.patches.includes(patch)) &&
      (at.index === undefined || patch.patch.index === at.index),
  );
  const rank = (place: Place): number =>
    (place.line.sign === "+" ? 0 : 2e6) +
    (near === undefined ? 0 : 2 * Math.abs(place.patch.ordinal - near.patch.ordinal)) +
    (near !== undefined && place.patch.ordinal > near.patch.ordinal ? 1 : 0);
  return [...places].sort((a, b) => rank(a) - rank(b))[0];
}

/** A finding about many lines stands below this many of them at most. */
const mostAbove = 12;

/** The line that a finding stands below; undefined if its mail is not among the patches. */
export function under(sheet: Sheet, f: Finding): Place | undefined {
  const lines = linesOf(sheet, f);
  return lines[Math.min(lines.length, mostAbove) - 1];
}

/** The lines that a finding is about, from its first on, as far as they stand together in one hunk. */
export function linesOf(sheet: Sheet, f: Finding): readonly Place[] {
  const first = placeOf(sheet, f);
  if (first === undefined) return [];
  const last = f.endColumn <= 1 ? f.endLine - 1 : f.endLine;
  if (first.file === undefined || last <= f.line) return [first];
  const hunk = first.file.hunks.find(({ lines }) => lines.includes(first.line));
  return (hunk?.lines ?? [])
    .filter(({ after }) => after !== null && after >= f.line && after <= last)
    .map((line) => ({ ...first, line }));
}
