import type { Hunk } from "../patch/unified.ts";
import type { Series } from "../series/series.ts";

/** Where a 1-based line of the old side is on the new side; undefined if the hunks remove it. */
function through(hunks: readonly Hunk[], line: number): number | undefined {
  let shift = 0;
  for (const { oldStart, oldCount, newStart, newCount, lines } of hunks) {
    // A hunk without old lines names the line that it goes behind.
    if (line < oldStart || (oldCount === 0 && line === oldStart)) break;
    if (line < oldStart + oldCount) {
      let [before, after] = [oldStart, newStart];
      for (const { kind } of lines) {
        if (kind !== "added" && before === line) return kind === "context" ? after : undefined;
        if (kind !== "added") before++;
        if (kind !== "removed") after++;
      }
      return undefined;
    }
    shift += newCount - oldCount;
  }
  return line + shift;
}

/**
 * Where a line of a file as patch `index` leaves it is behind the last patch of the series; undefined if a later patch
 * removes it, or does something to the file that no line can be followed through.
 */
export function atTheEnd(
  { patches }: Series,
  index: number,
  place: { readonly path: string; readonly line: number },
): { readonly path: string; readonly line: number } | undefined {
  let { path, line } = place;
  for (const patch of patches) {
    if (patch.index <= index) continue;
    const file = patch.files.find(({ oldPath, status }) => oldPath === path && status !== "copied");
    if (file === undefined) continue;
    const moved = through(file.hunks, line);
    if (file.newPath === undefined || file.binary || file.damaged === true || moved === undefined) return undefined;
    path = file.newPath;
    line = moved;
  }
  return { path, line };
}
