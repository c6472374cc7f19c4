import type { Finding } from "../finding/finding.ts";
import type { FilePatch, HunkLine } from "../patch/unified.ts";
import type { Series } from "../series/series.ts";
import type { Tree } from "../source/image.ts";
import { type States, statesOf } from "../source/states.ts";
import { printable } from "../text/printable.ts";
import {
  type Change,
  changed,
  type Document,
  diffOf,
  documentOf,
  hasPlace,
  linesShown,
  reachesEnd,
  trimmed,
} from "./document.ts";
import { type Region, regionsOf } from "./region.ts";

/** What one patch of the series is to be changed by; applies to the end of the series and the fixups before it. */
export interface Fixup {
  /** 0-based index into `Series.patches`. */
  readonly patch: number;
  /** What it mends. */
  readonly findings: readonly Finding[];
  /** Unified diff, a part for each file. */
  readonly diff: string;
}

/** A finding that stays advice. */
export interface Left {
  readonly finding: Finding;
  /** Why nothing is written for it, half a sentence. */
  readonly why: string;
}

export interface Plan {
  readonly fixups: readonly Fixup[];
  readonly left: readonly Left[];
}

/** Names that stand in a diff as they are, and that lead nowhere else. */
const plainPath = /^(?!\/)(?!(?:.*\/)?(?:\.{1,2}|\.git)(?:\/|$))[\w.+@~,=/-]{1,1000}$/i;

const declares = (text: string, name: string): boolean => new RegExp(`\\b${name}\\s*\\(`).test(text);

/** Whether the kernel's header, as a patch leaves it, shows that a function is there. */
function isDeclared(name: string, states: States, after: number, tree: Tree | undefined): boolean {
  const header = "include/linux/bio.h";
  const known = states.at(after).images.get(header);
  const text = known?.islands.flatMap((i) => i.lines.map((l) => l.text)).join("\n") ?? tree?.read(header) ?? "";
  return declares(text.replace(/\/\*[^]*?\*\/|\/\/.*/g, " "), name);
}

/** What a file of the end of the series is called in one of its patches. */
function pathIn(series: Series, patch: number, path: string): string {
  let name = path;
  for (const { files } of series.patches.slice(patch + 1).reverse()) {
    const renamed = files.find((file) => file.status === "renamed" && file.newPath === name);
    name = renamed?.oldPath ?? name;
  }
  return name;
}

/** The mail lines of the regions' lines; undefined if the patch does not add them as the region has them. */
function keysOf(series: Series, patch: number, region: Region): string[] | undefined {
  const { files, lineOffset } = series.patches[patch]!;
  const path = pathIn(series, patch, region.file);
  const file = files.find((one) => one.path === path);
  const keys: string[] = [];
  const lines = file === undefined ? new Map<number, HunkLine>() : addedLines(file);
  for (const [i, text] of region.old.entries()) {
    const line = lines.get(region.line + i);
    if (line === undefined || line.text !== text) return undefined;
    keys.push(`${patch}:${line.line + lineOffset}`);
  }
  return keys;
}

const known = new WeakMap<FilePatch, Map<number, HunkLine>>();

/** The lines that a patch adds to a file, by their numbers on its new side. */
function addedLines(file: FilePatch): Map<number, HunkLine> {
  const before = known.get(file);
  if (before !== undefined) return before;
  const out = new Map<number, HunkLine>();
  for (const hunk of file.hunks) {
    let number = hunk.newStart;
    for (const line of hunk.lines) {
      if (line.kind === "added") out.set(number, line);
      if (line.kind !== "removed") number++;
    }
  }
  known.set(file, out);
  return out;
}

/** The files at the end of the series, with the fixups so far. */
class Desk {
  readonly #documents: Document[];
  readonly #places = new Map<string, { document: number; at: number }>();

  constructor(states: States, last: number) {
    this.#documents = [...states.at(last).images.values()].map(documentOf);
    for (const at of this.#documents.keys()) this.#index(at);
  }

  #index(document: number): void {
    for (const [at, { key }] of this.#documents[document]!.cells.entries())
      if (key !== undefined) this.#places.set(key, { document, at });
  }

  document(at: number): Document {
    return this.#documents[at]!;
  }

  /** Where lines stand now, if all of them are there and stand together. */
  find(keys: readonly string[]): { document: number; at: number } | undefined {
    const first = this.#places.get(keys[0]!);
    if (first === undefined) return undefined;
    const cells = this.#documents[first.document]!.cells;
    const number = cells[first.at]!.number;
    const together = keys.every((key, i) => {
      const cell = cells[first.at + i];
      return cell?.key === key && cell.number === number + i;
    });
    return together ? first : undefined;
  }

  apply(document: number, changes: readonly Change[]): void {
    const before = this.#documents[document]!;
    for (const { key } of before.cells) if (key !== undefined) this.#places.delete(key);
    this.#documents[document] = changed(before, changes);
    this.#index(document);
  }
}

/** Changes by the document that they are for. */
type Changes = ReadonlyMap<number, readonly Change[]>;

/** Adds changes; undefined if they touch what is changed already. */
function added(
  changes: Changes,
  more: readonly { document: number; change: Change }[],
): Map<number, readonly Change[]> | undefined {
  const out = new Map(changes);
  for (const { document, change } of more) {
    const list = [...(out.get(document) ?? []), change].sort((a, b) => a.at - b.at || a.count - b.count);
    if (list.some((one, i) => i > 0 && list[i - 1]!.at + list[i - 1]!.count >= one.at + (one.count === 0 ? 0 : 1)))
      return undefined;
    out.set(document, list);
  }
  return out;
}

/** Paths with a line that has no newline behind it, in some patch of the series. */
function pathsWithoutNewline(series: Series): ReadonlySet<string> {
  const files = series.patches.flatMap(({ files }) => files);
  return new Set(
    files
      .filter((f) => f.hunks.some((hunk) => hunk.lines.some((line) => line.noNewline)))
      .flatMap((f) => [f.path, f.oldPath ?? f.path]),
  );
}

/** Why a diff of these changes would not do, or undefined. */
function wrongWith(
  document: Document,
  changes: readonly Change[],
  openEnd: boolean,
  decoded: boolean,
): string | undefined {
  if (!plainPath.test(document.path)) return "the name of its file is not one that copylint writes to";
  if (!hasPlace(document, changes)) return "the patches do not show the line behind it; give the kernel with --tree";
  if (openEnd && reachesEnd(document, changes)) return "its file ends without a newline";
  const text = [...linesShown(document, changes), ...changes.flatMap(({ lines }) => lines)].join("\n");
  if (text.includes("\r")) return "its lines end in CR LF, which git am takes away";
  if (text.includes("\0") || text.includes("\ufffd")) return "the text around it is not UTF-8";
  if (decoded && /[^\t\n -~]/.test(text)) return "the text around it is not ASCII, and the mail's bytes may be others";
  const bare = text.replace(/[\t\n]/g, " ");
  // What is written is looked at before it is applied, on a terminal or in the log of a CI, which takes such lines for its own.
  if (printable(bare) !== bare || /^\s*(?:::|##\[)/m.test(text)) return "the text around it is not what it looks like";
  return undefined;
}

/**
 * Fixes of the findings of one series, carried to its end: lines that later patches move are followed, and a fix whose
 * lines they change stays advice.
 *
 * @param findings of this series.
 * @param tree the kernel at the base of the series.
 * @param refused what is left as advice, and why.
 * @param fromMail the patches were decoded from mails, so that text outside ASCII may have other bytes in the files.
 */
export function planFixes(
  series: Series,
  findings: readonly Finding[],
  tree: Tree | undefined,
  fromMail: boolean,
  refused: ReadonlyMap<Finding, string> = new Map(),
): Plan {
  const last = series.patches.length;
  const states = statesOf(series, tree);
  const desk = new Desk(states, last);
  const open = pathsWithoutNewline(series);
  const endsOpen = (path: string) => open.has(path) || (tree?.read(path) ?? "\n").endsWith("\n") === false;
  const fixups: Fixup[] = [];
  const left: Left[] = [];
  for (const [patch, member] of series.patches.entries()) {
    let changes: Changes = new Map();
    const mends: Finding[] = [];
    for (const finding of findings) {
      const { index, path } = finding.patch;
      if (index !== member.index || path !== member.message.path || finding.mendedBy !== null) continue;
      const leave = (why: string) => left.push({ finding, why });
      const refusal = refused.get(finding);
      if (refusal !== undefined) {
        leave(refusal);
        continue;
      }
      if (series.missing.length > 0 && finding.safe !== undefined) {
        leave("parts of the series are missing");
        continue;
      }
      if (finding.safe === undefined || finding.fix.length === 0) {
        leave(finding.fix.length === 0 ? "no fix" : "its fix may change what the code does");
        continue;
      }
      const regions = regionsOf(finding.fix);
      if (regions === undefined) {
        leave("its edits overlap, or are too large");
        continue;
      }
      const absent = finding.safe.calls.find((name) => !isDeclared(name, states, patch + 1, tree));
      if (absent !== undefined) {
        leave(`nothing shows that the base has ${absent}(); give the kernel with --tree`);
        continue;
      }
      const more: { document: number; change: Change }[] = [];
      let why: string | undefined;
      for (const region of regions) {
        const keys = keysOf(series, patch, region);
        const place = keys && desk.find(keys);
        if (place === undefined) {
          why = keys ? "a later patch, or another fix, changes its lines" : "its lines are not read as they stand";
          break;
        }
        const change = { at: place.at, count: region.old.length, lines: region.new };
        more.push({ document: place.document, change: trimmed(desk.document(place.document), change) });
      }
      const all = why === undefined ? added(changes, more) : undefined;
      if (all !== undefined)
        for (const [document, list] of all) {
          const paper = desk.document(document);
          why ??= wrongWith(paper, list, endsOpen(paper.path), fromMail);
        }
      if (all === undefined || why !== undefined) {
        leave(why ?? "another fix changes the same lines");
        continue;
      }
      changes = all;
      mends.push(finding);
    }
    if (mends.length === 0) continue;
    const ordered = [...changes].sort(([a], [b]) => (desk.document(a).path < desk.document(b).path ? -1 : 1));
    fixups.push({
      patch,
      findings: mends,
      diff: ordered.map(([document, list]) => diffOf(desk.document(document), list)).join(""),
    });
    for (const [document, list] of ordered) desk.apply(document, list);
  }
  return { fixups, left };
}
