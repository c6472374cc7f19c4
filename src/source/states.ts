import { placeHunks, type Refusal } from "../patch/apply.ts";
import type { FilePatch, Hunk } from "../patch/unified.ts";
import { splitLines } from "../text/lines.ts";
import type { Problem } from "../text/problem.ts";
import type { Image, Island, KnownLine, Origin, State, Tree } from "./image.ts";
import { type Patience, patience } from "./patience.ts";

/** Lines that all versions of all files may hold together, of which a hundred bytes each are kept. */
const maxLines = 2_000_000;

/** How many lines versions may still hold. */
interface Room {
  left: number;
}

/** Problems after which the others are not worth their lines. */
const maxNotices = 50;

/** What is needed of a `Series`; a series is one of these. */
export interface PatchStack {
  readonly patches: readonly {
    readonly message: { readonly path: string };
    readonly index: number;
    readonly total: number;
    readonly files: readonly FilePatch[];
    readonly lineOffset: number;
  }[];
}

/** The files of a series at each of its points. */
export interface States {
  /** What is known after applying the first `after` patches (0: before the series; at most all of them). */
  at(after: number): State;
  /**
   * What patch number `patch` (1-based, in the order of the series) was made on: `at(patch - 1)`, but where a file is
   * known anew from this patch, as this patch shows it and not as the one before left it.
   */
  before(patch: number): State;
  /** Hunks that do not fit the tree or what the series itself showed before, and what was noted. */
  readonly problems: readonly Problem[];
  /** Adds to the problems. */
  note(problem: Problem): void;
}

/** A known line with what the next step needs of it. */
interface Line extends KnownLine {
  /** Section text of a hunk that started with this line. */
  readonly opens: string | undefined;
}

/** One patch of a file in a chain. */
interface Link {
  /** 0-based index of the patch in the series. */
  readonly patch: number;
  readonly file: FilePatch;
  readonly lineOffset: number;
}

/** The life of one file through the series, across renames: the patches that touch it, in order. */
interface Chain {
  readonly links: Link[];
  /** The path before the first link; undefined if that adds the file. */
  readonly firstPath: string | undefined;
}

/** A hunk at the place where it goes: first lines of both sides, 1-based; an empty side names the line it stands before. */
interface Placed {
  readonly hunk: Hunk;
  readonly oldAt: number;
  readonly oldCount: number;
  readonly newAt: number;
  readonly newCount: number;
}

/** What is known of a file from one link to the next. */
interface Version {
  /** First `after` at which this is the state of the file. */
  readonly from: number;
  /** Undefined: the file does not exist. */
  readonly path: string | undefined;
  readonly lines: readonly Line[];
  readonly complete: boolean;
  /** The patch before left the file otherwise: this is only what the patch behind `from` was made on. */
  readonly disputed: boolean;
  image: Image | undefined;
}

/**
 * Follows the files of a series from patch to patch.
 *
 * Without a tree, a state knows the lines that the hunks of all patches show to be there at that point: a context line
 * of patch 7 that no patch before it added stood there from the start. So files that only later patches touch are part of
 * earlier states too, as far as they are known. Where a patch contradicts what is known (it was made on another base, or a
 * part is missing), the file is known anew from that patch on, with a notice.
 *
 * With a tree, files are whole and patches apply exactly; a file with a hunk that does not apply goes on as without the
 * tree, with a problem of kind "mismatch".
 */
export function statesOf(series: PatchStack, tree?: Tree): States {
  const problems: Problem[] = [];
  const histories: Version[][] = [];
  const room: Room = { left: maxLines };
  for (const chain of chainsOf(series)) {
    const whole = tree === undefined ? undefined : fromTree(chain, tree, series, problems, room);
    if (whole !== undefined) histories.push(whole);
    else for (const history of fromHunks(chain, series, problems, room)) histories.push(history);
  }
  const states: (State | undefined)[] = [];
  const shared = patience();
  const at = (after: number) => {
    const k = Math.max(0, Math.min(after, series.patches.length));
    return (states[k] ??= stateAt(histories, k, false, shared));
  };
  const isDisputed = (after: number) =>
    histories.some((history) => history.some((version) => version.disputed && version.from === after));
  return {
    problems,
    note: (problem) => void problems.push(problem),
    at,
    before: (patch) => (isDisputed(patch - 1) ? stateAt(histories, patch - 1, true, shared) : at(patch - 1)),
  };
}

function stateAt(histories: readonly Version[][], after: number, asPatchSees: boolean, patience: Patience): State {
  const images = new Map<string, Image>();
  for (const history of histories) {
    const version = history.findLast(
      (candidate) => candidate.from <= after && (!candidate.disputed || (asPatchSees && candidate.from === after)),
    );
    if (version?.path === undefined) continue;
    version.image ??= imageOf(version.path, version.lines, version.complete);
    // Two histories of one path: the later one is what later patches saw.
    images.set(version.path, version.image);
  }
  return { after, images, patience };
}

function imageOf(path: string, lines: readonly Line[], complete: boolean): Image {
  const islands: Island[] = [];
  let start = 0;
  for (let at = 1; at <= lines.length; at++) {
    if (at < lines.length && lines[at]!.number === lines[at - 1]!.number + 1) continue;
    islands.push({ lines: lines.slice(start, at), section: complete ? "" : (lines[start]!.opens ?? "") });
    start = at;
  }
  return { path, islands: lines.length === 0 ? [] : islands, complete };
}

/** Sorts what the patches do by file, following renames. Binary files have no lines and no part in this. */
function chainsOf(series: PatchStack): Chain[] {
  const chains: Chain[] = [];
  const open = new Map<string, Chain>();
  const start = (firstPath: string | undefined): Chain => {
    const chain: Chain = { links: [], firstPath };
    chains.push(chain);
    return chain;
  };
  for (const [patch, { files, lineOffset }] of series.patches.entries()) {
    for (const file of files) {
      if (file.binary) continue;
      const { oldPath, newPath } = file;
      const isNew = oldPath === undefined || file.status === "copied";
      const chain = isNew ? start(undefined) : (open.get(oldPath) ?? start(oldPath));
      chain.links.push({ patch, file, lineOffset });
      if (!isNew) open.delete(oldPath);
      if (newPath !== undefined) open.set(newPath, chain);
    }
  }
  return chains;
}

// With a tree.

/** Undefined, with a problem, if the file or a hunk does not fit. */
function fromTree(
  chain: Chain,
  tree: Tree,
  series: PatchStack,
  problems: Problem[],
  room: Room,
): Version[] | undefined {
  const { links, firstPath } = chain;
  const first = links[0]!;
  if (first.file.status === "copied") return undefined;
  const refuse = (link: Link, refusal: Refusal) => {
    const hunk = link.file.hunks[refusal.hunk];
    const { path } = series.patches[link.patch]!.message;
    if (problems.length >= maxNotices) return undefined;
    problems.push({
      kind: "mismatch",
      path,
      line: (hunk?.line ?? link.file.line) + link.lineOffset,
      what: `${nameOf(series, link.patch)} does not fit the tree at ${link.file.path}: ${refusal.reason}`,
      advice: "give the tree that the series is based on; this file is reviewed without it",
    });
    return undefined;
  };
  const text = tree.read(firstPath ?? first.file.path);
  if (firstPath === undefined && text !== undefined) {
    return refuse(first, { hunk: -1, reason: "the file to be added is there already" });
  }
  if (firstPath !== undefined && text === undefined)
    return refuse(first, { hunk: -1, reason: "the file is not there" });
  let lines: readonly Line[] = splitLines(text ?? "").map((line, at) => ({
    number: at + 1,
    text: line,
    added: undefined,
    shown: undefined,
    opens: undefined,
  }));
  let endsInNewline = text === undefined || text === "" || text.endsWith("\n");
  const versions: Version[] = [version(0, firstPath, lines, true)];
  for (const link of links) {
    room.left -= lines.length;
    if (room.left < 0) return refuse(link, { hunk: -1, reason: "it is too long" });
    if (link.file.damaged) return refuse(link, { hunk: -1, reason: "some of its hunks are not readable" });
    const texts = lines.map((line) => line.text);
    const places = placeHunks(texts, endsInNewline, link.file);
    if (!Array.isArray(places)) return refuse(link, places as Refusal);
    let shift = 0;
    const placed = link.file.hunks.map((hunk, index): Placed => {
      const oldAt = places[index]! + 1;
      const newAt = oldAt + shift;
      shift += hunk.newCount - hunk.oldCount;
      return { hunk, oldAt, oldCount: hunk.oldCount, newAt, newCount: hunk.newCount };
    });
    const last = placed[placed.length - 1];
    if (last !== undefined && last.oldAt + last.oldCount > texts.length) {
      const end = last.hunk.lines.findLast((line) => line.kind !== "removed");
      endsInNewline = end === undefined || !end.noNewline;
    }
    lines = forward(lines, placed, link);
    if (link.file.newPath === undefined && lines.length > 0) {
      return refuse(link, { hunk: -1, reason: "lines are left in the file to be deleted" });
    }
    versions.push(version(link.patch + 1, link.file.newPath, lines, true));
  }
  return versions;
}

function version(
  from: number,
  path: string | undefined,
  lines: readonly Line[],
  complete: boolean,
  disputed = false,
): Version {
  return { from, path, lines, complete, disputed, image: undefined };
}

// Without a tree.

/** The histories of a chain: one, or several where the patches contradict each other. */
function fromHunks(chain: Chain, series: PatchStack, problems: Problem[], room: Room): Version[][] {
  const segments = segmentsOf(chain, series, problems, room);
  return [segments.flatMap((segment, at) => segmentVersions(segment, at === 0 ? 0 : segments[at - 1]!.until))];
}

/** Links that agree with each other. */
interface Segment {
  readonly links: readonly Link[];
  readonly placed: readonly (readonly Placed[])[];
  /** What the hunks show of the lines before the first link. */
  readonly before: readonly Line[];
  readonly firstPath: string | undefined;
  /** The file is whole: it was added by the first link or deleted by the last one. */
  readonly complete: boolean;
  /** From this `after` on the next segment may show: one behind the last link. */
  readonly until: number;
}

/**
 * Goes through the links from the last to the first, taking each patch off what the later ones show, and cuts where that
 * does not work.
 */
function segmentsOf(chain: Chain, series: PatchStack, problems: Problem[], room: Room): Segment[] {
  const { links } = chain;
  const segments: Segment[] = [];
  let end = links.length;
  let lines: readonly Line[] = [];
  let placed: Placed[][] = [];
  const notices: Problem[] = [];
  let shownLines = 0;
  const close = (from: number) => {
    const part = links.slice(from, end);
    const first = part[0]!.file;
    room.left -= shownLines * part.length;
    const isNew = from === 0 && chain.firstPath === undefined;
    segments.push({
      links: part,
      placed: placed.reverse(),
      before: lines,
      firstPath: from === 0 ? chain.firstPath : (first.oldPath ?? first.path),
      complete:
        ((isNew && first.status === "added" && isWhole(part[0]!, "new")) || isWhole(part[part.length - 1]!, "old")) &&
        part.every((link, index) => isExact(link.file, placed[index]!)),
      until: part[part.length - 1]!.patch + 1,
    });
    end = from;
    lines = [];
    placed = [];
    shownLines = 0;
  };
  for (let at = links.length - 1; at >= 0; at--) {
    const link = links[at]!;
    const hunks = placeAsNamed(link.file);
    const own = linesIn(link.file);
    if (at + 1 < end) {
      const next = links[at + 1]!;
      const tooMuch = (shownLines + own) * (end - at) > room.left;
      const conflict = tooMuch ? " (too much to be followed)" : conflictOf(lines, hunks, link, next, series);
      if (conflict !== undefined) {
        close(at + 1);
        notices.push({
          kind: "notice",
          path: series.patches[next.patch]!.message.path,
          line: next.file.line + next.lineOffset,
          what: `${nameOf(series, next.patch)} shows ${next.file.path} otherwise than ${nameOf(series, link.patch)} left it${conflict}; the file is known anew from there`,
        });
      }
    }
    shownLines += own;
    placed.push(hunks);
    lines = backward(lines, hunks, link);
  }
  close(0);
  const said = notices.reverse().slice(0, Math.max(0, maxNotices - problems.length));
  problems.push(...said);
  return segments.reverse();
}

function linesIn(file: FilePatch): number {
  return file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
}

/** A patch that adds or deletes a file shows all of it. */
function isWhole(link: Link, side: "old" | "new"): boolean {
  const { file } = link;
  if (file.damaged || (side === "new" ? file.oldPath : file.newPath) !== undefined) return false;
  const hunk = file.hunks[0];
  if (hunk === undefined) return true;
  return (
    file.hunks.length === 1 &&
    (side === "new" ? hunk.oldCount === 0 && hunk.newStart === 1 : hunk.newCount === 0 && hunk.oldStart === 1)
  );
}

/** All hunks are there and agree on how the lines between them move. */
function isExact(file: FilePatch, placed: readonly Placed[]): boolean {
  return placed.length === file.hunks.length && !shifts(placed, file.damaged === true).includes(undefined);
}

/** The hunks at the lines that their headers name; those that overlap an earlier one are left out. */
function placeAsNamed(file: FilePatch): Placed[] {
  const placed: Placed[] = [];
  let [oldFrom, newFrom] = [1, 1];
  for (const hunk of file.hunks) {
    const oldAt = hunk.oldCount === 0 ? hunk.oldStart + 1 : hunk.oldStart;
    const newAt = hunk.newCount === 0 ? hunk.newStart + 1 : hunk.newStart;
    if (oldAt < oldFrom || newAt < newFrom) continue;
    placed.push({ hunk, oldAt, oldCount: hunk.oldCount, newAt, newCount: hunk.newCount });
    [oldFrom, newFrom] = [oldAt + hunk.oldCount, newAt + hunk.newCount];
  }
  return placed;
}

/**
 * Whether what later patches show (`lines`, after `link`) cannot be what `link` left: undefined if all agrees, else half
 * a sentence why. Where a part is missing in between, or the blob ids differ, lines that agree must speak for it; where
 * both is so, nothing can.
 */
function conflictOf(
  lines: readonly Line[],
  hunks: readonly Placed[],
  link: Link,
  next: Link,
  series: PatchStack,
): string | undefined {
  let agree = 0;
  let at = 0;
  for (const { hunk, newAt, newCount } of hunks) {
    while (at < lines.length && lines[at]!.number < newAt) at++;
    if (at >= lines.length || lines[at]!.number >= newAt + newCount) continue;
    let number = newAt;
    for (const line of hunk.lines) {
      if (line.kind === "removed") continue;
      if (lines[at]?.number === number) {
        if (lines[at]!.text !== line.text) return "";
        if (/\w/.test(line.text)) agree++;
        at++;
      }
      number++;
    }
  }
  const left = link.file.newBlob;
  const found = next.file.oldBlob;
  const known = left !== undefined && found !== undefined;
  const length = known ? Math.min(left.length, found.length) : 0;
  if (known && left.slice(0, length) === found.slice(0, length)) return undefined;
  const gap = series.patches[next.patch]!.index - series.patches[link.patch]!.index !== next.patch - link.patch;
  if (gap && known) return " (a part in between is missing)";
  // Blob ids go stale when a patch is edited by hand.
  if (agree >= 3 || (!gap && !known)) return undefined;
  return gap ? " (a part in between is missing)" : " (the blob ids differ)";
}

function nameOf(series: PatchStack, patch: number): string {
  const { index, total } = series.patches[patch]!;
  return `patch ${index}/${total}`;
}

/**
 * The versions of a segment, going forward from what is known before it.
 * @param from 0 for the first segment; else the last `after` at which the one before it holds at least.
 */
function segmentVersions(segment: Segment, from: number): Version[] {
  const { firstPath, complete } = segment;
  let lines = segment.before;
  const start = from === 0 ? 0 : segment.links[0]!.patch;
  const versions = [version(start, firstPath, lines, complete, from !== 0 && start === from)];
  for (const [at, link] of segment.links.entries()) {
    lines = forward(lines, segment.placed[at]!, link);
    versions.push(version(link.patch + 1, link.file.newPath, lines, complete));
  }
  return versions;
}

// One step.

/** How far lines between two hunks move; undefined where the hunks' numbers do not agree on it. */
function shifts(hunks: readonly Placed[], damaged: boolean): (number | undefined)[] {
  const result: (number | undefined)[] = [];
  let shift = 0;
  for (const { oldAt, newAt, oldCount, newCount } of hunks) {
    result.push(!damaged && newAt - oldAt === shift ? shift : undefined);
    shift = newAt + newCount - (oldAt + oldCount);
  }
  result.push(damaged ? undefined : shift);
  return result;
}

function moveLine({ number, text, added, shown, opens }: Line, by: number): Line {
  return { number: number + by, text, added, shown, opens };
}

/** What is known after a link, from what is known before it. */
function forward(before: readonly Line[], hunks: readonly Placed[], link: Link): Line[] {
  const moved = shifts(hunks, link.file.damaged === true);
  const after: Line[] = [];
  let at = 0;
  const copy = (until: number, shift: number | undefined) => {
    for (; at < before.length && before[at]!.number < until; at++) {
      const line = before[at]!;
      if (shift === 0) after.push(line);
      else if (shift !== undefined) after.push(moveLine(line, shift));
    }
  };
  for (const [index, { hunk, oldAt, newAt }] of hunks.entries()) {
    copy(oldAt, moved[index]);
    let oldNumber = oldAt;
    let number = newAt;
    for (const line of hunk.lines) {
      const known = line.kind !== "added" && before[at]?.number === oldNumber ? before[at++] : undefined;
      if (line.kind !== "added") oldNumber++;
      if (line.kind === "removed") continue;
      const origin = originOf(link, hunk, number - newAt, line.line);
      after.push({
        number,
        text: line.text,
        added: line.kind === "added" ? origin : known?.added,
        shown: origin,
        opens: number === newAt ? hunk.section : known?.opens,
      });
      number++;
    }
  }
  copy(Number.POSITIVE_INFINITY, moved[hunks.length]);
  return after;
}

/** What is known before a link, from what later links show of the lines after it. */
function backward(after: readonly Line[], hunks: readonly Placed[], link: Link): Line[] {
  const moved = shifts(hunks, link.file.damaged === true);
  const before: Line[] = [];
  let at = 0;
  const copy = (until: number, shift: number | undefined) => {
    for (; at < after.length && after[at]!.number < until; at++) {
      const line = after[at]!;
      if (shift === 0) before.push(line);
      else if (shift !== undefined) before.push(moveLine(line, -shift));
    }
  };
  for (const [index, { hunk, oldAt, newAt, newCount }] of hunks.entries()) {
    copy(newAt, moved[index]);
    while (at < after.length && after[at]!.number < newAt + newCount) at++;
    let number = oldAt;
    let offset = 0;
    for (const line of hunk.lines) {
      if (line.kind !== "added") {
        before.push({
          number,
          text: line.text,
          added: undefined,
          shown: originOf(link, hunk, offset, line.line),
          opens: number === oldAt ? hunk.section : undefined,
        });
        number++;
      }
      if (line.kind !== "removed") offset++;
    }
  }
  copy(Number.POSITIVE_INFINITY, moved[hunks.length]);
  return before;
}

/** `offset` counts lines of the hunk's new side, so that the line is the one that the patch itself names. */
function originOf(link: Link, hunk: Hunk, offset: number, line: number): Origin {
  const first = hunk.newCount === 0 ? hunk.newStart + 1 : hunk.newStart;
  return { patch: link.patch, line: first + offset, patchLine: line + link.lineOffset };
}
