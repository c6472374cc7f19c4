import type { Finding } from "../finding/finding.ts";
import type { Message } from "../mail/message.ts";
import type { SeriesPatch } from "../series/series.ts";
import { printable } from "../text/printable.ts";
import { placeOf } from "./said.ts";

/** Lines of a mail as a reply quotes them, without `> `; null stands for what is left out. */
export interface Quoted {
  readonly lines: readonly (string | null)[];
}

/** Findings that one quote is for. */
interface QuotedFindings {
  readonly quote: Quoted;
  readonly findings: readonly Finding[];
}

type File = SeriesPatch["files"][number];
type Hunk = File["hunks"][number];
type HunkLine = Hunk["lines"][number];

/** Code points of a quoted line; the rest of a longer one is left out, as no mail may have lines beyond 998 bytes. */
const maxLine = 200;

/** Lines in front of what is meant, unless an empty one comes first. */
const lead = 3;

/** A stretch that is longer than this is quoted without its middle. */
const maxStretch = 16;

const marks = { added: "+", removed: "-", context: " " } as const;

const textOf = (line: HunkLine): string => `${marks[line.kind]}${line.text}`;

/** A line of a quote. Tabs stay, as code is to look like code; everything else that could move or hide text is written out. */
export function quoteLine(line: string | null): string {
  if (line === null) return "> [...]";
  const chars = line.length > maxLine ? [...line.slice(0, 2 * maxLine + 2)] : [];
  const whole = chars.length > maxLine ? `${chars.slice(0, maxLine).join("")} [...]` : line;
  return `> ${whole.split("\t").map(printable).join("\t")}`.trimEnd();
}

/** A finding with the lines that it is about, as indices into the lines of a hunk. */
interface Spot {
  readonly f: Finding;
  readonly file: number;
  readonly hunk: number;
  readonly first: number;
  readonly last: number;
}

/** Index of the last line of the new side up to a number. */
function lastOf(hunk: Hunk, first: number, lines: number): number {
  let at = first;
  for (let left = lines; left > 0 && at + 1 < hunk.lines.length; at++)
    if (hunk.lines[at + 1]!.kind !== "removed") left--;
  return at;
}

/** Nothing, or nothing but the star of a comment. */
const isEmpty = (line: HunkLine): boolean => /^\s*\*?\s*$/.test(line.text.slice(0, maxLine));

/** A statement is quoted to its closing bracket, and running text of a comment to the end of its paragraph. */
function closed(hunk: Hunk, first: number, last: number): number {
  const start = hunk.lines[first]!.text.slice(0, maxLine);
  if (/^\s*\*(?!\s*@)/.test(start)) {
    let end = last;
    while (end < last + 6 && /^\s*\*(?!\/)/.test(hunk.lines[end + 1]?.text ?? "") && !isEmpty(hunk.lines[end + 1]!))
      end++;
    return end;
  }
  const open = (from: number, to: number): number => {
    let n = 0;
    for (let i = from; i <= to; i++)
      if (hunk.lines[i]!.kind !== "removed" && hunk.lines[i]!.text.length <= maxLine)
        for (const char of hunk.lines[i]!.text) n += char === "(" ? 1 : char === ")" ? -1 : 0;
    return n;
  };
  const most = Math.min(hunk.lines.length - 1, last + 6);
  for (let at = last; at <= most; at++) if (open(first, at) <= 0) return at;
  return last;
}

function spotOf(f: Finding, patch: SeriesPatch): Spot | undefined {
  const line = f.patch.line - patch.lineOffset;
  for (const [file, { path, hunks }] of patch.files.entries()) {
    if (path !== f.file) continue;
    for (const [hunk, one] of hunks.entries()) {
      const first = one.lines.findIndex((it) => it.line === line);
      if (first === -1) continue;
      const { lastLine } = placeOf(f);
      const last = lastOf(one, first, Math.min(lastLine - f.line, one.lines.length));
      return { f, file, hunk, first, last: closed(one, first, last) };
    }
  }
  return undefined;
}

/** Spots that share lines, as one; they are in the order of the patch. */
function grouped(spots: readonly Spot[]): readonly (Omit<Spot, "f"> & { readonly findings: readonly Finding[] })[] {
  const groups: { file: number; hunk: number; first: number; last: number; findings: Finding[] }[] = [];
  for (const { f, file, hunk, first, last } of spots) {
    const group = groups.at(-1);
    if (group?.file === file && group.hunk === hunk && first <= group.last) {
      group.findings.push(f);
      group.last = Math.max(group.last, last);
    } else groups.push({ file, hunk, first, last, findings: [f] });
  }
  return groups;
}

/** Quotes for findings in the files of a patch, in the order of the patch; a finding that is nowhere in it is quoted as it says. */
export function quoted(findings: readonly Finding[], patch: SeriesPatch): readonly QuotedFindings[] {
  const spots = findings.map((f) => spotOf(f, patch));
  const placed = spots.filter((spot) => spot !== undefined);
  placed.sort((a, b) => a.file - b.file || a.hunk - b.hunk || a.first - b.first);
  const out: QuotedFindings[] = [];
  let end = { file: -1, hunk: -1, last: -1 };
  let within = "";
  for (const group of grouped(placed)) {
    const { file, hunk, first, last } = group;
    const { path, hunks } = patch.files[file]!;
    const { lines, section } = hunks[hunk]!;
    const isSame = end.file === file && end.hunk === hunk;
    const from = isSame ? end.last + 1 : 0;
    const start = leadFrom(lines, first, from);
    const name = group.findings[0]!.function;
    const head = name === null || name === within ? -1 : headOf(lines, name, from, start);
    const pieces: (string | null)[] = [];
    if (end.file !== file) pieces.push(`diff --git a/${path} b/${path}`);
    if (head >= 0) {
      if (head > from) pieces.push(null);
      const stop = headEnd(lines, head, start);
      pieces.push(...lines.slice(head, stop).map(textOf));
      if (stop < start) pieces.push(null);
    } else {
      // Where the hunk does not show what it is in, its first line names it.
      const isFirst = !isSame && name !== null && name !== within && section.includes(name);
      if (isFirst) pieces.push(headline(hunks[hunk]!));
      if (start > from) pieces.push(null);
    }
    const body = lines.slice(start, last + 1).map(textOf);
    pieces.push(...(body.length > maxStretch ? [...body.slice(0, maxStretch - 5), null, ...body.slice(-4)] : body));
    out.push({ quote: { lines: pieces }, findings: group.findings });
    end = { file, hunk, last };
    within = name ?? "";
  }
  const others = findings.filter((_, i) => spots[i] === undefined);
  return [...out, ...others.map((f) => ({ quote: excerptQuote(f), findings: [f] }))];
}

function leadFrom(lines: readonly HunkLine[], first: number, from: number): number {
  let at = first;
  while (at > from && first - at < lead && !isEmpty(lines[at - 1]!)) at--;
  return at;
}

/** Where a function or type begins in a hunk, between two lines; -1 if it does not. */
function headOf(lines: readonly HunkLine[], name: string, from: number, before: number): number {
  const isHead = ({ kind, text }: HunkLine): boolean =>
    kind !== "removed" &&
    /^[A-Za-z_]/.test(text) &&
    text.includes(name) &&
    !text.trimEnd().endsWith(";") &&
    !text.endsWith(":");
  for (let at = before - 1; at >= from; at--) if (isHead(lines[at]!)) return at;
  return -1;
}

/** One line behind the head of a function: up to its brace, or to its first line if that is long. */
function headEnd(lines: readonly HunkLine[], head: number, before: number): number {
  for (let at = head; at < Math.min(before, head + 4); at++) if (/\{\s*$/.test(lines[at]!.text)) return at + 1;
  return head + 1;
}

const headline = ({ oldStart, oldCount, newStart, newCount, section }: Hunk): string =>
  `@@ -${oldStart},${oldCount} +${newStart},${newCount} @@ ${section}`;

function excerptQuote(f: Finding): Quoted {
  const { lastLine } = placeOf(f);
  const near = f.excerpt.filter((line) => line.line === null || line.line <= lastLine);
  return { lines: near.slice(0, maxStretch).map(({ text, added }) => `${added ? "+" : " "}${text}`) };
}

/** A line of a commit message or a cover letter, with the one in front of it. */
export function quoteOfMessage(f: Finding, message: Message): Quoted {
  const lines = message.body.split("\n", f.patch.line - message.bodyLine + 1);
  const at = f.patch.line - message.bodyLine;
  const isThere = at >= 0 && at < lines.length;
  if (!isThere) return { lines: [f.quoted ?? f.patch.subject] };
  const start = at > 0 && lines[at - 1]!.trim() !== "" ? at - 1 : at;
  return { lines: [...(start > 0 ? [null] : []), ...lines.slice(start, at + 1)] };
}
