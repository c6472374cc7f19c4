import { namesPhasedOut } from "../engine/code.ts";
import { knownOperations } from "../kernel/names.ts";
import type { FilePatch } from "../patch/unified.ts";
import type { Series } from "../series/series.ts";
import type { Island } from "../source/image.ts";

/** Does the text name an operation or flag of a bio that the kernel does not have? */
function namesOperation(text: string): boolean {
  if (!text.includes("REQ_")) return false;
  for (const [name] of text.matchAll(/\bREQ_[A-Z0-9_]+\b/g)) if (!knownOperations.has(name)) return true;
  return false;
}

const adds = (file: FilePatch, word: string): boolean =>
  file.hunks.some((h) => h.lines.some((l) => l.kind === "added" && l.text.includes(word)));

/**
 * Most patches have nothing to do with copying: the words that could begin a finding are looked for before any parse. A
 * series may also change an engine that stands there, so an operation in the context counts.
 */
export function concernsCopying(series: Series): boolean {
  return series.patches.some((p) =>
    p.files.some(
      (f) =>
        /\.[ch]$/.test(f.path) &&
        (f.hunks.some((h) =>
          h.lines.some(
            (l) => l.kind !== "removed" && ((l.kind === "added" && namesPhasedOut(l.text)) || namesOperation(l.text)),
          ),
        ) ||
          (adds(f, "REQ_OP_READ") && adds(f, "REQ_OP_WRITE"))),
    ),
  );
}

/** What stood there before is looked at only where it could hold the start of a finding. */
export const beforeIsWorth = (island: Island): boolean =>
  island.lines.some(({ text }) => namesPhasedOut(text) || namesOperation(text));
