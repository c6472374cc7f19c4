import type { Image } from "../source/image.ts";

/** A line of a file at the end of the series; the file may have lines in between that nobody knows. */
export interface Cell {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** "patch:line" of the mail line that added it, which no other line has; undefined for lines from elsewhere. */
  readonly key: string | undefined;
}

/** What is known of a file. */
export interface Document {
  readonly path: string;
  readonly cells: readonly Cell[];
  /** All of it. */
  readonly complete: boolean;
}

/** `count` cells from index `at` on become these lines. */
export interface Change {
  readonly at: number;
  readonly count: number;
  readonly lines: readonly string[];
}

export function documentOf(image: Image): Document {
  const cells = image.islands.flatMap((island) =>
    island.lines.map(({ number, text, added }) => ({
      number,
      text,
      key: added && `${added.patch}:${added.patchLine}`,
    })),
  );
  return { path: image.path, cells, complete: image.complete };
}

/** The document after changes, which are sorted and do not overlap. */
export function changed(document: Document, changes: readonly Change[]): Document {
  const { cells } = document;
  const out: Cell[] = [];
  let from = 0;
  let shift = 0;
  const keep = (to: number) => {
    for (; from < to; from++) {
      const cell = cells[from]!;
      out.push(shift === 0 ? cell : { ...cell, number: cell.number + shift });
    }
  };
  for (const { at, count, lines } of changes) {
    keep(at);
    const first = (cells[at]?.number ?? 1) + shift;
    for (const [i, text] of lines.entries()) out.push({ number: first + i, text, key: undefined });
    from = at + count;
    shift += lines.length - count;
  }
  keep(cells.length);
  return { ...document, cells: out };
}

/** A change without the lines at its ends that stay as they are. */
export function trimmed(document: Document, { at, count, lines }: Change): Change {
  const old = document.cells.slice(at, at + count).map(({ text }) => text);
  let head = 0;
  while (head < Math.min(old.length, lines.length) && old[head] === lines[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, lines.length) - head && old.at(-1 - tail) === lines.at(-1 - tail)) tail++;
  const [before, next] = [document.cells[at + head - 1], document.cells[at + head]];
  // Lines that go behind the last one of a stretch belong to that one, and not to whatever is known next.
  if (head > 0 && head + tail === count && next?.number !== before!.number + 1) head--;
  return { at: at + head, count: count - head - tail, lines: lines.slice(head, lines.length - tail) };
}

/** Lines of context, as git has it. */
const context = 3;

/** How many known lines stand right before (or, with a step of 1, behind) the cell at an index; at most `most`. */
function neighbours(cells: readonly Cell[], at: number, step: 1 | -1, most: number): number {
  let n = 0;
  while (n < most) {
    const [here, next] = [cells[at + n * step], cells[at + (n + 1) * step]];
    if (here === undefined || next === undefined || next.number !== here.number + step) break;
    n++;
  }
  return n;
}

/** One hunk: its changes, and the cells that it shows. */
interface Hunk {
  readonly changes: readonly Change[];
  readonly from: number;
  readonly to: number;
}

/** A change that only inserts stands in front of a cell; it needs one before it, too. */
const hunkOf = (cells: readonly Cell[], change: Change): Hunk => {
  const { at, count } = change;
  const before = neighbours(cells, at, -1, context);
  // The first cell behind the change counts from the last one of it; one that only inserts has none.
  const behind =
    count === 0
      ? cells[at] === undefined
        ? 0
        : 1 + neighbours(cells, at, 1, context - 1)
      : neighbours(cells, at + count - 1, 1, context);
  return { changes: [change], from: at - before, to: at + count + behind };
};

/** The hunks of some changes; those whose context touches are one. */
function hunksOf(cells: readonly Cell[], changes: readonly Change[]): Hunk[] {
  const out: Hunk[] = [];
  for (const change of changes) {
    const hunk = hunkOf(cells, change);
    const last = out.at(-1);
    if (
      last !== undefined &&
      hunk.from <= last.to &&
      cells[hunk.from]?.number === (cells[last.from]?.number ?? 0) + hunk.from - last.from
    )
      out[out.length - 1] = { changes: [...last.changes, change], from: last.from, to: hunk.to };
    else out.push(hunk);
  }
  return out;
}

/** The lines that a diff of the changes shows: context and what goes. */
export function linesShown(document: Document, changes: readonly Change[]): readonly string[] {
  return hunksOf(document.cells, changes).flatMap(({ from, to }) => document.cells.slice(from, to).map((c) => c.text));
}

/** Whether git finds the place of each hunk: one that ends in a change would have to be at the end of the file. */
export function hasPlace(document: Document, changes: readonly Change[]): boolean {
  return hunksOf(document.cells, changes).every(({ changes: inside, to }) => {
    const last = inside.at(-1)!;
    return to > last.at + last.count || document.complete;
  });
}

/** Whether the hunks show the last line of a whole file, which may end without a newline. */
export function reachesEnd(document: Document, changes: readonly Change[]): boolean {
  return document.complete && hunksOf(document.cells, changes).some(({ to }) => to === document.cells.length);
}

/** Unified diff of changes that are sorted and do not overlap. The path needs no quoting. */
export function diffOf(document: Document, changes: readonly Change[]): string {
  const { path, cells } = document;
  const out = [`diff --git a/${path} b/${path}`, `--- a/${path}`, `+++ b/${path}`];
  let shift = 0;
  for (const { changes: inside, from, to } of hunksOf(cells, changes)) {
    const body: string[] = [];
    let at = from;
    let grown = 0;
    for (const change of inside) {
      for (; at < change.at; at++) body.push(` ${cells[at]!.text}`);
      for (; at < change.at + change.count; at++) body.push(`-${cells[at]!.text}`);
      for (const line of change.lines) body.push(`+${line}`);
      grown += change.lines.length - change.count;
    }
    for (; at < to; at++) body.push(` ${cells[at]!.text}`);
    const start = cells[from]?.number ?? 1;
    out.push(`@@ -${start},${to - from} +${start + shift},${to - from + grown} @@`, ...body);
    shift += grown;
  }
  return `${out.join("\n")}\n`;
}
