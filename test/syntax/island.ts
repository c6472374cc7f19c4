import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Island, KnownLine } from "../../src/source/image.ts";
import { splitLines } from "../../src/text/lines.ts";

/** An island of a file: its text, from line `first` on; `added` says by line number which lines patch 0 adds. */
export function islandOf(
  text: string,
  options: { first?: number; section?: string; added?: (line: number) => boolean } = {},
): Island {
  const { first = 1, section = "", added = () => true } = options;
  const lines = splitLines(text).map((line, i): KnownLine => {
    const number = first + i;
    const origin = { patch: 0, line: number, patchLine: number + 10 };
    return { number, text: line, added: added(number) ? origin : undefined, shown: origin };
  });
  return { lines, section };
}

const stage = new URL("../../fixtures/stage/", import.meta.url).pathname;

/** The C files of the miniature kernel. */
export const stageFiles: readonly { readonly path: string; readonly text: string }[] = readdirSync(stage, {
  recursive: true,
  encoding: "utf8",
})
  .filter((path) => /\.[ch]$/.test(path))
  .sort()
  .map((path) => ({ path, text: readFileSync(join(stage, path), "utf8") }));

/** What git writes behind the second @@ of a hunk that starts at line `first` (1-based): the last line above that starts an item. */
export function sectionAbove(lines: readonly string[], first: number): string {
  for (let i = first - 2; i >= 0; i--) if (/^[A-Za-z_$]/.test(lines[i]!)) return lines[i]!.slice(0, 80);
  return "";
}
