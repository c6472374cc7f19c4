/** A line of a diff that both sides have or the new side adds; `old` is undefined for an added one. 1-based. */
export interface DiffLine {
  readonly old: number | undefined;
  /** Which hunk it stands in, from 0 on. */
  readonly hunk: number;
}

/** The lines of the new side that a diff shows, by their numbers: those that a host takes comments on. */
export type Shown = ReadonlyMap<number, DiffLine>;

/** Reads the hunks of one file as GitHub and GitLab give them: from the first `@@` on, without the header of the file. */
export function shownLines(diff: string): Shown {
  const shown = new Map<number, DiffLine>();
  let hunk = -1;
  let [before, after] = [0, 0];
  for (const line of diff.split("\n")) {
    const head = /^@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@/.exec(line);
    if (head !== null) {
      hunk++;
      [before, after] = [Number(head[1]), Number(head[2])];
    } else if (hunk >= 0 && line.startsWith("+")) shown.set(after++, { old: undefined, hunk });
    else if (hunk >= 0 && line.startsWith("-")) before++;
    else if (hunk >= 0 && line.startsWith(" ")) shown.set(after++, { old: before++, hunk });
  }
  return shown;
}

/** Whether all lines from the first to the last stand in one hunk. */
export function inOneHunk(shown: Shown, first: number, last: number): boolean {
  const hunk = shown.get(first)?.hunk;
  if (hunk === undefined || last < first) return false;
  for (let line = first; line <= last; line++) if (shown.get(line)?.hunk !== hunk) return false;
  return true;
}
