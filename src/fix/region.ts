import type { Edit } from "../finding/finding.ts";

/** Lines of one patch that a fix replaces. Numbers count on the new side of the patch, 1-based. */
export interface Region {
  readonly file: string;
  readonly line: number;
  /** The lines as they stand. */
  readonly old: readonly string[];
  readonly new: readonly string[];
}

/** No edit of a rule is near this; what is comes from code that was written to be large. */
const most = { lines: 400, text: 20_000 };

/**
 * The edits of one fix as lines; edits that share lines become one region.
 * @returns undefined if the edits overlap, do not agree on the lines, or are too large.
 */
export function regionsOf(edits: readonly Edit[]): readonly Region[] | undefined {
  const sorted = [...edits].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
  const groups: Edit[][] = [];
  let end = 0;
  for (const edit of sorted) {
    if (edit.lines.length !== edit.endLine - edit.line + 1) return undefined;
    if (edit.lines.length > most.lines || edit.text.length > most.text) return undefined;
    const group = groups.at(-1);
    if (group?.[0]?.file === edit.file && edit.line <= end) group.push(edit);
    else {
      groups.push([edit]);
      end = 0;
    }
    end = Math.max(end, edit.endLine);
  }
  const out: Region[] = [];
  for (const group of groups) {
    const region = regionOf(group);
    if (region === undefined) return undefined;
    out.push(region);
  }
  return out;
}

/** Edits of one file that share lines, sorted by where they start. */
function regionOf(edits: readonly Edit[]): Region | undefined {
  const { file, line } = edits[0]!;
  const old: string[] = [];
  for (const edit of edits) {
    for (const [i, text] of edit.lines.entries()) {
      const at = edit.line - line + i;
      if (old[at] !== undefined && old[at] !== text) return undefined;
      old[at] = text;
    }
  }
  if (old.length > most.lines || old.length !== old.filter((text) => text !== undefined).length) return undefined;
  const starts: number[] = [];
  let length = 0;
  for (const text of old) {
    starts.push(length);
    length += text.length + 1;
  }
  const whole = old.join("\n");
  let made = "";
  let from = 0;
  for (const edit of edits) {
    const start = (starts[edit.line - line] ?? Number.NaN) + edit.column - 1;
    const stop = (starts[edit.endLine - line] ?? Number.NaN) + edit.endColumn - 1;
    if (!(start >= from && stop >= start && stop <= whole.length)) return undefined;
    made += whole.slice(from, start) + edit.text;
    from = stop;
  }
  made += whole.slice(from);
  return { file, line, old, new: made.split("\n") };
}
