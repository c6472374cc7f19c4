import type { Edit, ExcerptLine, Related } from "../finding/finding.ts";
import type { Mark } from "../rule/define.ts";
import type { Series } from "../series/series.ts";
import type { KnownLine, Origin } from "../source/image.ts";
import { lineIndex } from "../syntax/ctree.ts";

/** A mark in the image, with where the patch that adds it (or shows it) has it. */
export interface Located {
  readonly file: string;
  readonly first: KnownLine;
  readonly last: KnownLine;
  /** Index of `first` in the tree's lines. */
  readonly index: number;
  readonly origin: Origin | undefined;
  /** New side of the patch of `origin` (or numbers of the image, if no patch shows it); 1-based, end exclusive. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export function locate({ tree, node }: Mark): Located {
  const start = Math.min(Math.max(node.start, tree.from), tree.to - 1);
  const end = Math.min(Math.max(node.end, start), tree.to - 1);
  const index = lineIndex(tree, start);
  const lastIndex = end > start ? lineIndex(tree, end - 1) : index;
  const first = tree.lines[index]!;
  const last = tree.lines[lastIndex]!;
  const origin = first.added ?? first.shown;
  const line = origin?.line ?? first.number;
  return {
    file: tree.file,
    first,
    last,
    index,
    origin,
    line,
    column: start - tree.starts[index]! + 1,
    endLine: last.added && last.added.patch === origin?.patch ? last.added.line : line + (last.number - first.number),
    endColumn: end - tree.starts[lastIndex]! + 1,
  };
}

/** Context around a finding: two lines on each side, at most `most` in all. */
export function excerptOf(mark: Mark, at: Located, most = 9): ExcerptLine[] {
  const { lines } = mark.tree;
  const patch = at.first.added?.patch;
  const out: ExcerptLine[] = [];
  const end = Math.min(at.index + Math.max(1, at.last.number - at.first.number + 1) + 2, at.index + most - 2);
  for (let i = Math.max(0, at.index - 2); i < Math.min(lines.length, end); i++) {
    const l = lines[i]!;
    // What a later patch adds in between is not there yet.
    if (l.added && patch !== undefined && l.added.patch > patch) continue;
    const own = l.added?.patch === patch ? l.added : l.shown?.patch === patch ? l.shown : undefined;
    out.push({
      line: own?.line ?? at.line + (l.number - at.first.number),
      patchLine: own?.patchLine ?? null,
      text: l.text,
      added: l.added?.patch === patch && patch !== undefined,
    });
  }
  return out;
}

export function relatedOf(
  series: Series,
  related: readonly { readonly at: Mark; readonly message: string }[] | undefined,
  fallback: number,
): Related[] {
  return (related ?? []).map(({ at, message }) => {
    const l = locate(at);
    const patch = l.origin ? (series.patches[l.origin.patch]?.index ?? fallback) : fallback;
    return { file: l.file, line: l.line, message, patch };
  });
}

/** Edits of a fix; none if one of them lies outside the lines that the patch adds. */
export function editsOf(fix: readonly { readonly at: Mark; readonly text: string }[] | undefined): Edit[] {
  const out: Edit[] = [];
  for (const { at, text } of fix ?? []) {
    const { first, last, index, file, line, column, endLine, endColumn } = locate(at);
    if (!first.added || last.added?.patch !== first.added.patch) return [];
    const lines: string[] = [];
    for (const each of at.tree.lines.slice(index)) {
      // What a later patch adds in between is not there yet.
      if (!each.added || each.added.patch <= first.added.patch) lines.push(each.text);
      if (each === last) break;
    }
    out.push({ file, line, column, endLine, endColumn, text, lines });
  }
  return out;
}
