import { definesSomething, namesPhasedOut } from "../engine/code.ts";
import { knownOperations } from "../kernel/names.ts";
import type { FilePatch } from "../patch/unified.ts";
import type { Series } from "../series/series.ts";
import type { Island, State } from "../source/image.ts";

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

const io = ["bio", "bdev", "block_device", "struct request ", "struct request*", "blk_plug", "REQ_"];

/**
 * Which islands of a state to read. Parsing is the dearest part of a review, so functions in which no word of I/O occurs are
 * passed over, and types that no function names which is read.
 */
export function worthReading(state: State): (island: Island) => boolean {
  const chosen = new Set<Island>();
  const types: { island: Island; names: string[] }[] = [];
  let text = "";
  for (const image of state.images.values()) {
    if (!/\.[ch]$/.test(image.path)) continue;
    for (const island of image.islands) {
      if (!definesSomething(island)) continue;
      const own = island.lines.map((l) => l.text).join("\n");
      const isFunction = island.lines.some((l) => l.added && (l.text.startsWith("{") || /^\S.*\)\s*\{$/.test(l.text)));
      if (image.complete || io.some((word) => own.includes(word))) {
        chosen.add(island);
        text += own;
      } else if (!isFunction) {
        types.push({
          island,
          names: [...own.matchAll(/\b(?:struct|union)\s+(\w+)\s*\{|\b(\w+)\)?\s*(?:\([^()]*\))?;\s*$/gm)].map(
            (m) => m[1] ?? m[2] ?? "",
          ),
        });
      } else if (island.lines.some((l) => l.added && namesPhasedOut(l.text))) chosen.add(island);
    }
  }
  for (const { island, names } of types)
    if (names.some((name) => name !== "" && text.includes(name))) chosen.add(island);
  return (island) => chosen.has(island);
}

/** What stood there before is looked at only where it could hold the start of a finding. */
export const beforeIsWorth = (island: Island): boolean =>
  island.lines.some(({ text }) => namesPhasedOut(text) || namesOperation(text));
