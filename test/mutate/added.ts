import type { Edit } from "../exec-kernel/mutate.ts";

const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)$/;

/** A hunk of a well-formed patch; its lines with their marks. */
interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  readonly behind: string;
  readonly lines: string[];
}

/** A mail taken apart so that what it adds can be changed: lines as they are, and the hunks between them. */
interface Parts {
  readonly all: readonly (string | Hunk)[];
  readonly files: readonly { readonly path: string; readonly hunks: readonly Hunk[] }[];
}

function partsOf(mail: string): Parts {
  const all: (string | Hunk)[] = [];
  const files: { path: string; hunks: Hunk[] }[] = [];
  const lines = mail.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith("+++ ")) files.push({ path: line.slice(4), hunks: [] });
    const found = header.exec(line);
    const file = files.at(-1);
    if (found === null || file === undefined) {
      all.push(line);
      continue;
    }
    const [, oldStart, oldCount = "1", newStart, newCount = "1", behind] = found;
    const hunk: Hunk = { oldStart: Number(oldStart), newStart: Number(newStart), behind: behind!, lines: [] };
    let [left, right] = [Number(oldCount), Number(newCount)];
    while ((left > 0 || right > 0) && at + 1 < lines.length) {
      const next = lines[++at]!;
      hunk.lines.push(next);
      if (!/^[+\\]/.test(next)) left--;
      if (!/^[-\\]/.test(next)) right--;
    }
    all.push(hunk);
    file.hunks.push(hunk);
  }
  return { all, files };
}

/** The mail again, with headers of hunks that say what is in them. */
function mailOf({ all, files }: Parts): string {
  const moved = new Map<Hunk, number>();
  const count = (hunk: Hunk, other: string) =>
    hunk.lines.filter((line) => line[0] !== other && line[0] !== "\\").length;
  for (const { hunks } of files) {
    let end = 0;
    for (const [n, hunk] of hunks.entries()) {
      const before = hunks[n - 1];
      const gap = before === undefined ? 0 : hunk.oldStart - before.oldStart - count(before, "+");
      moved.set(hunk, before === undefined ? hunk.newStart : end + gap);
      end = moved.get(hunk)! + count(hunk, "-");
    }
  }
  const text = (hunk: Hunk): string =>
    [
      `@@ -${hunk.oldStart},${count(hunk, "+")} +${moved.get(hunk)},${count(hunk, "-")} @@${hunk.behind}`,
      ...hunk.lines,
    ].join("\n");
  return all.map((each) => (typeof each === "string" ? each : text(each))).join("\n");
}

/** A file of C that a mail adds lines to: all that its hunks show of it afterwards. */
export interface Shown {
  readonly path: string;
  readonly text: string;
  /** Whether all lines that an edit touches are lines that the mail adds, one behind the other. */
  readonly canTake: (edit: Edit) => boolean;
  /** The mail with these edits of added lines, none of which touches a line of another. */
  readonly edited: (edits: readonly Edit[]) => string;
}

/** The files of C that a patch mail adds lines to. */
export function shownBy(mail: string): Shown[] {
  const parts = partsOf(mail);
  return parts.files.flatMap(({ path, hunks }) => {
    if (!/\.[ch]$/.test(path) || !hunks.some(({ lines }) => lines.some((line) => line.startsWith("+")))) return [];
    // Where each line of the text stands.
    const places = hunks.flatMap((hunk) =>
      hunk.lines.flatMap((line, at) => (/^[-\\]/.test(line) ? [] : [{ hunk, at, line }])),
    );
    const starts: number[] = [];
    let text = "";
    for (const { line } of places) {
      starts.push(text.length);
      text += `${line.slice(1)}\n`;
    }
    const lineOf = (offset: number): number => {
      let [low, high] = [0, starts.length - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= offset) low = middle;
        else high = middle - 1;
      }
      return low;
    };
    const range = ({ start, end }: Edit): readonly [number, number] => [
      lineOf(start),
      lineOf(Math.max(start, end - 1)),
    ];
    const canTake = (edit: Edit): boolean => {
      const [first, last] = range(edit);
      const start = places[first];
      if (start === undefined || edit.end > text.length) return false;
      return places
        .slice(first, last + 1)
        .every(({ hunk, at, line }, n) => hunk === start.hunk && at === start.at + n && line.startsWith("+"));
    };
    const edited = (edits: readonly Edit[]): string => {
      const made = partsOf(mail);
      const other = (hunk: Hunk) => made.all[parts.all.indexOf(hunk)] as Hunk;
      // Edits of the same lines are one.
      const groups: { first: number; last: number; edits: Edit[] }[] = [];
      for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
        const [first, last] = range(edit);
        const group = groups.at(-1);
        if (group !== undefined && first <= group.last) {
          group.edits.push(edit);
          group.last = Math.max(group.last, last);
        } else groups.push({ first, last, edits: [edit] });
      }
      for (const { first, last, edits: here } of groups.reverse()) {
        const from = starts[first]!;
        let now = text.slice(from, (starts[last + 1] ?? text.length) - 1);
        for (const { start, end, by } of here.reverse()) now = now.slice(0, start - from) + by + now.slice(end - from);
        const { hunk, at } = places[first]!;
        const lines = now.split("\n").map((line) => `+${line}`);
        other(hunk).lines.splice(at, last - first + 1, ...lines);
      }
      return mailOf(made);
    };
    return [{ path, text, canTake, edited }];
  });
}
