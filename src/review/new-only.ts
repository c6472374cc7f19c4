import type { Draft } from "../rule/run.ts";
import type { Series } from "../series/series.ts";
import type { State } from "../source/image.ts";
import type { States } from "../source/states.ts";
import { locate } from "./locate.ts";

/** The same defect in the same function, whatever the line says. */
const placeKey = ({ rule, sighting }: Draft): string => [rule.id, sighting.at.tree.file, sighting.within].join("\0");

export const sameOrigin = (a: Draft, b: Draft): boolean => {
  const x = locate(a.sighting.at).first.added;
  const y = locate(b.sighting.at).first.added;
  return !!x && !!y && x.patch === y.patch && x.patchLine === y.patchLine;
};

/** Only what stands on added lines is new, and of that only as much as there was not already. */
export function withoutOld(drafts: readonly Draft[], before: () => readonly Draft[]): Draft[] {
  const added = drafts.filter((d) => locate(d.sighting.at).first.added);
  if (added.length === 0) return [];
  const old = new Map<string, number>();
  for (const d of before()) old.set(placeKey(d), (old.get(placeKey(d)) ?? 0) + 1);
  if (old.size === 0) return added;
  // Unchanged ones of the same place use up the old ones first.
  for (const d of drafts) if (!added.includes(d)) old.set(placeKey(d), (old.get(placeKey(d)) ?? 0) - 1);
  return added.filter((d) => {
    const left = old.get(placeKey(d)) ?? 0;
    if (left <= 0) return true;
    old.set(placeKey(d), left - 1);
    return false;
  });
}

const only = ({ after, images }: State, paths: ReadonlySet<string | undefined>): State => ({
  after,
  images: new Map(
    [...paths].flatMap((path) => (path !== undefined && images.has(path) ? [[path, images.get(path)!]] : [])),
  ),
});

export const linesAdded = function* (state: State): Generator<string> {
  for (const image of state.images.values())
    for (const island of image.islands)
      for (const l of island.lines) if (l.added) yield `${l.added.patch}:${l.added.patchLine}`;
};

/** Patches that are looked at for what they take away: each costs two readings of all that the series changes. */
const mostRemovers = 24;

/** Indexes (0-based) of patches that take away C lines which an earlier patch of the series added. */
export function patchesThatRemoveOwnLines(states: States, series: Series): number[] {
  const out: number[] = [];
  // Texts that earlier patches added, by file: a patch that takes none of them away needs no closer look.
  const added = new Map<string, Set<string>>();
  series.patches.forEach((p, j) => {
    const mayRemove = p.files.some((f) => {
      const known = /\.[ch]$/.test(f.path) ? added.get(f.oldPath ?? f.path) : undefined;
      return known && f.hunks.some((h) => h.lines.some((l) => l.kind === "removed" && known.has(l.text)));
    });
    for (const f of p.files) {
      const known = added.get(f.oldPath ?? f.path) ?? new Set<string>();
      for (const h of f.hunks) for (const l of h.lines) if (l.kind === "added") known.add(l.text);
      added.set(f.path, known);
    }
    if (!mayRemove || out.length > mostRemovers) return;
    // No other file loses a line by this patch.
    const after = new Set(linesAdded(only(states.at(j + 1), new Set(p.files.map((f) => f.newPath)))));
    for (const key of linesAdded(only(states.at(j), new Set(p.files.map((f) => f.oldPath))))) {
      if (after.has(key)) continue;
      out.push(j);
      break;
    }
  });
  if (out.length > mostRemovers) {
    const { index, total, message } = series.patches[out.pop()!]!;
    const what = `${mostRemovers} patches before patch ${index}/${total} take away lines that the series adds; what this and later ones mend is not looked for`;
    states.note({ kind: "notice", path: message.path, what });
  }
  return out;
}

const takenFrom = new WeakMap<ReadonlySet<string>, ReadonlyMap<number, readonly number[]>>();

/** The lines of `before` that are not in `after`, the next point of the series: numbers in each patch's mail. */
function takenBetween(before: ReadonlySet<string>, after: ReadonlySet<string>): ReadonlyMap<number, readonly number[]> {
  const known = takenFrom.get(before);
  if (known) return known;
  const taken = new Map<number, number[]>();
  for (const key of before) {
    if (after.has(key)) continue;
    const [patch, line] = key.split(":").map(Number) as [number, number];
    const lines = taken.get(patch);
    if (lines) lines.push(line);
    else taken.set(patch, [line]);
  }
  takenFrom.set(before, taken);
  return taken;
}

/**
 * A finding about several lines of one patch, some of which a later patch takes away: what it says is so only from then
 * on, unless it was so before. Gives the index of the later patch.
 */
export function cameAboutIn(
  draft: Draft,
  removers: readonly number[],
  linesAt: (after: number) => ReadonlySet<string>,
  draftsAt: (j: number) => readonly Draft[],
): number | undefined {
  const at = locate(draft.sighting.at);
  const origin = at.first.added;
  const last = at.last.added;
  if (!origin || last?.patch !== origin.patch || last.patchLine === origin.patchLine) return undefined;
  return removers.find((j) => {
    if (j <= origin.patch) return false;
    const taken = takenBetween(linesAt(j), linesAt(j + 1)).get(origin.patch) ?? [];
    const takes = taken.some((line) => line > origin.patchLine && line < last.patchLine);
    return takes && !draftsAt(j).some((d) => d.rule === draft.rule && sameOrigin(d, draft));
  });
}
