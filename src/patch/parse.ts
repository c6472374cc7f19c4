import { splitLines } from "../text/lines.ts";
import type { Problem } from "../text/problem.ts";
import {
  gitHasPrefix,
  readGitNames,
  readSide,
  type SideName,
  stripGit,
  stripPlain,
  unquote,
  unsafePath,
} from "./name.ts";
import type { FilePatch, Hunk, HunkLine, ParsedPatch } from "./unified.ts";

/** A parse in progress. `at` is the 0-based index of the next line; `problems` have an empty path. */
interface Cursor {
  readonly lines: readonly string[];
  at: number;
  /** Lines of hunks that may still be read, and may be read of all that is read at once. */
  linesLeft: number;
  readonly most: number;
  readonly problems: Problem[];
}

/** What the header of one file says. */
interface Header {
  oldPath: string | undefined;
  newPath: string | undefined;
  status: FilePatch["status"];
  oldMode: string | undefined;
  newMode: string | undefined;
  oldBlob: string | undefined;
  newBlob: string | undefined;
}

/** More than this many problems of one patch say nothing new. */
const maxProblems = 20;

/** Files in one patch; the largest of the kernel's treewide changes stay below. */
const maxFiles = 50_000;

/** Lines of all hunks of one patch: generated headers of a graphics driver, the longest patches of the kernel, stay below. */
const maxLines = 300_000;

/** Lines of all hunks of patches that are read at once. */
const maxLinesOfAll = 1_000_000;

/**
 * Takes a patch apart: text of a mail body or of a bare diff, with `\n` line ends. Understands what `git apply` does
 * (apply.c of git is the reference: what it counts as added and deleted is counted here too).
 *
 * Nothing is thrown. A hunk that is not understood is left out with one problem, the rest is read. The problems' `path`
 * is empty and their `line` counts in `text`: the caller knows where the text stands.
 *
 * @param before lines of hunks in patches that are read at once with this one.
 */
export function parsePatch(text: string, before = 0): ParsedPatch {
  const most = Math.min(maxLines, maxLinesOfAll - before);
  const cursor: Cursor = {
    lines: splitLines(text),
    at: 0,
    linesLeft: Math.max(0, most),
    most: most < maxLines ? maxLinesOfAll : maxLines,
    problems: [],
  };
  const { lines } = cursor;
  const files: FilePatch[] = [];
  let preambleEnd = -1;
  while (cursor.at < lines.length) {
    const line = lines[cursor.at]!;
    const start = cursor.at;
    let file: FilePatch | undefined;
    if (line.startsWith("diff --git ")) file = parseGitFile(cursor);
    else if (line.startsWith("Index: ") && plainHeaderAfterIndex(lines, start) !== -1) {
      cursor.at = plainHeaderAfterIndex(lines, start);
      file = parsePlainFile(cursor, start);
    } else if (isPlainHeader(lines, start)) file = parsePlainFile(cursor, start);
    else {
      if (line.startsWith("diff --cc ") || line.startsWith("diff --combined ")) {
        report(cursor, start, "this is the combined diff of a merge, which is no patch", "give the commits instead");
        preambleEnd = preambleEnd === -1 ? start : preambleEnd;
      } else if (preambleEnd !== -1 && line.startsWith("@@ -") && readHunkHeader(line) !== undefined) {
        report(cursor, start, "this hunk follows no file header");
        skipHunkLines(cursor);
      }
      cursor.at = Math.max(cursor.at, start + 1);
      continue;
    }
    if (preambleEnd === -1 && cursor.at > start + 1) preambleEnd = preambleStop(lines, start);
    if (file !== undefined) files.push(file);
    if (files.length === maxFiles) {
      report(cursor, cursor.at - 1, `this patch touches more than ${maxFiles} files; what follows is passed over`);
      break;
    }
  }
  const { problems } = cursor;
  if (problems.length > maxProblems) {
    const more = problems.length - maxProblems;
    problems.length = maxProblems;
    problems.push({ kind: "unreadable", path: "", what: `${more} more places of this patch were not understood` });
  }
  const preamble = lines.slice(0, preambleEnd === -1 ? lines.length : preambleEnd);
  return { preamble: preamble.length === 0 ? "" : `${preamble.join("\n")}\n`, files, problems };
}

function report(cursor: Cursor, index: number, what: string, advice?: string): void {
  const base: Problem = { kind: "unreadable", path: "", line: index + 1, what };
  cursor.problems.push(advice === undefined ? base : { ...base, advice });
}

/** `diff -urN old new` command lines right above the first header are not part of the message. */
function preambleStop(lines: readonly string[], start: number): number {
  let stop = start;
  while (stop > 0 && /^diff -[A-Za-z]/.test(lines[stop - 1]!)) stop--;
  return stop;
}

function isPlainHeader(lines: readonly string[], at: number): boolean {
  return (
    lines[at]!.startsWith("--- ") &&
    lines[at + 1]?.startsWith("+++ ") === true &&
    lines[at + 2]?.startsWith("@@ -") === true
  );
}

/** Index of the `--- ` line that belongs to the `Index: ` line at `at`, or -1. */
function plainHeaderAfterIndex(lines: readonly string[], at: number): number {
  for (let next = at + 1; next < lines.length && next <= at + 3; next++) {
    const line = lines[next]!;
    if (isPlainHeader(lines, next)) return next;
    if (!/^={20,}\r?$/.test(line) && !line.startsWith("diff ")) return -1;
  }
  return -1;
}

function isFileHeader(lines: readonly string[], at: number): boolean {
  const line = lines[at]!;
  return (
    line.startsWith("diff --git ") ||
    (line.startsWith("Index: ") && plainHeaderAfterIndex(lines, at) !== -1) ||
    isPlainHeader(lines, at)
  );
}

/** Reads a file that git described. On return `cursor.at` stands behind it. */
function parseGitFile(cursor: Cursor): FilePatch | undefined {
  const { lines } = cursor;
  const start = cursor.at;
  const names = readGitNames(lines[start]!.slice("diff --git ".length));
  const hasPrefix = gitHasPrefix(names);
  const header: Header = {
    oldPath: names && stripGit(names.old, hasPrefix),
    newPath: names && stripGit(names.new, hasPrefix),
    status: "modified",
    oldMode: undefined,
    newMode: undefined,
    oldBlob: undefined,
    newBlob: undefined,
  };
  const raw: string[] = names ? [names.old, names.new] : [];
  let modeChange = false;
  let broken = false;
  let at = start + 1;
  for (; at < lines.length; at++) {
    const line = lines[at]!.endsWith("\r") ? lines[at]!.slice(0, -1) : lines[at]!;
    if (line.startsWith("--- ") && lines[at + 1]?.startsWith("+++ ")) {
      const old = readSide(line.slice(4));
      const now = readSide(lines[at + 1]!.slice(4));
      if (old === undefined || now === undefined) broken = true;
      else {
        if (old.name !== undefined) raw.push(old.name);
        if (now.name !== undefined) raw.push(now.name);
        if (header.status !== "renamed" && header.status !== "copied") {
          if (old.name === undefined) header.status = "added";
          else header.oldPath = stripGit(old.name, hasPrefix);
          if (now.name === undefined) header.status = "deleted";
          else header.newPath = stripGit(now.name, hasPrefix);
        }
      }
      at += 2;
      break;
    }
    if (line.startsWith("index ")) {
      const index = /^index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: (\d{6}))?$/.exec(line);
      if (index === null) break;
      header.oldBlob = index[1]!;
      header.newBlob = index[2]!;
      header.oldMode ??= index[3];
      header.newMode ??= index[3];
      continue;
    }
    const mode = line.includes(" mode ") ? /^(old|new|deleted file|new file) mode (\d{6})$/.exec(line) : null;
    if (mode !== null) {
      if (mode[1] === "old" || mode[1] === "deleted file") header.oldMode = mode[2]!;
      else header.newMode = mode[2]!;
      if (mode[1] === "deleted file") header.status = "deleted";
      else if (mode[1] === "new file") header.status = "added";
      else modeChange = true;
      continue;
    }
    const move =
      line.startsWith("rename ") || line.startsWith("copy ") ? /^(rename|copy) (from|to|old|new) /.exec(line) : null;
    if (move !== null) {
      const rest = line.slice(move[0].length);
      const name = rest.startsWith('"') ? unquote(rest.slice(0, 20000))?.name : rest;
      if (name === undefined) broken = true;
      else {
        raw.push(name);
        if (move[2] === "from" || move[2] === "old") header.oldPath = name;
        else header.newPath = name;
      }
      header.status = move[1] === "rename" ? "renamed" : "copied";
      continue;
    }
    if (line.startsWith("similarity index ") || line.startsWith("dissimilarity index ")) continue;
    break;
  }
  const bodyFollows = lines[at]?.startsWith("@@ -") === true;
  if (at === start + 1 && !bodyFollows) {
    cursor.at = at;
    // A message may talk of "diff --git"; only a line that names two files was meant as a header.
    if (names !== undefined && at >= lines.length) report(cursor, start, "the patch ends behind this file header");
    return undefined;
  }
  cursor.at = at;
  if (header.status === "added") header.oldPath = undefined;
  if (header.status === "deleted") header.newPath = undefined;
  const binary = isBinaryMark(lines[at]);
  const body = readHunks(cursor);
  if (modeChange && header.status === "modified" && body.hunks.length === 0 && !binary) header.status = "mode-changed";
  if (broken) return refuse(cursor, start, "the file names behind this header are not readable");
  return finish(cursor, start, header, raw, binary, body);
}

function isBinaryMark(line: string | undefined): boolean {
  if (line === undefined) return false;
  const text = line.trimEnd();
  return (
    text === "GIT binary patch" ||
    ((text.startsWith("Binary files ") || text.startsWith("Files ")) && text.endsWith(" differ"))
  );
}

/** Reads a file with `---` and `+++` lines only; `cursor.at` stands on the `---` line. */
function parsePlainFile(cursor: Cursor, start: number): FilePatch | undefined {
  const { lines } = cursor;
  const old = readSide(lines[cursor.at]!.slice(4));
  const now = readSide(lines[cursor.at + 1]!.slice(4));
  cursor.at += 2;
  const body = readHunks(cursor);
  if (old === undefined || now === undefined || (old.name === undefined && now.name === undefined)) {
    return refuse(cursor, start, "the file names behind this header are not readable");
  }
  const name = plainName(old, now);
  const added = old.name === undefined || (old.epoch && body.hunks[0]?.oldCount === 0);
  const deleted = now.name === undefined || (now.epoch && body.hunks[0]?.newCount === 0);
  const header: Header = {
    oldPath: added ? undefined : name,
    newPath: deleted ? undefined : name,
    status: added ? "added" : deleted ? "deleted" : "modified",
    oldMode: undefined,
    newMode: undefined,
    oldBlob: undefined,
    newBlob: undefined,
  };
  const raw = [old.name, now.name].filter((side) => side !== undefined);
  return finish(cursor, start, header, raw, false, body);
}

/** Plain diffs do not rename: the new name, unless it is the old one with `.orig` or the like tacked on (as git does). */
function plainName(old: SideName, now: SideName): string {
  if (old.name === undefined) return stripPlain(now.name!);
  if (now.name === undefined) return stripPlain(old.name);
  const before = stripPlain(old.name);
  const after = stripPlain(now.name);
  return before.length < after.length && after.startsWith(before) ? before : after;
}

function refuse(cursor: Cursor, start: number, what: string): undefined {
  report(cursor, start, `${what}; the file is passed over`);
  return undefined;
}

function finish(
  cursor: Cursor,
  start: number,
  header: Header,
  raw: readonly string[],
  binary: boolean,
  body: { hunks: readonly Hunk[]; damaged: boolean },
): FilePatch | undefined {
  const path = header.newPath ?? header.oldPath;
  if (path === undefined) return refuse(cursor, start, "this file header names no file");
  for (const name of [...raw, header.oldPath, header.newPath]) {
    const reason = name === undefined ? undefined : unsafePath(name);
    if (reason !== undefined) return refuse(cursor, start, `this file header has ${reason}`);
  }
  let added = 0;
  let deleted = 0;
  for (const hunk of body.hunks) {
    for (const line of hunk.lines) {
      if (line.kind === "added") added++;
      else if (line.kind === "removed") deleted++;
    }
  }
  return { ...header, path, binary, hunks: body.hunks, damaged: body.damaged, added, deleted, line: start + 1 };
}

interface HunkHeader {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  readonly section: string;
}

function readHunkHeader(line: string): HunkHeader | undefined {
  const match = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/.exec(line);
  if (match === null) return undefined;
  const section = line.slice(match[0].length).replace(/\r$/, "");
  return {
    oldStart: Number(match[1]),
    oldCount: match[2] === undefined ? 1 : Number(match[2]),
    newStart: Number(match[3]),
    newCount: match[4] === undefined ? 1 : Number(match[4]),
    section: section.startsWith(" ") ? section.slice(1) : section,
  };
}

/** Reads all hunks of a file; `damaged` when some were left out. */
function readHunks(cursor: Cursor): { hunks: Hunk[]; damaged: boolean } {
  const { lines } = cursor;
  const hunks: Hunk[] = [];
  let damaged = false;
  while (cursor.at < lines.length && lines[cursor.at]!.startsWith("@@ -")) {
    if (hunkLines(cursor) > cursor.linesLeft) {
      report(
        cursor,
        cursor.at,
        `up to here there are more than ${cursor.most} lines of hunks; what follows is passed over`,
      );
      cursor.at = lines.length;
      return { hunks, damaged: true };
    }
    const start = cursor.at;
    const hunk = readHunk(cursor);
    cursor.linesLeft -= cursor.at - start;
    if (hunk === undefined) {
      damaged = true;
      skipHunkLines(cursor);
    } else hunks.push(hunk);
  }
  return { hunks, damaged };
}

/** Lines of the hunk at `cursor.at` as its header counts them, at most those that are there. */
function hunkLines({ lines, at }: Cursor): number {
  const header = readHunkHeader(lines[at]!);
  return header === undefined ? 0 : Math.min(header.oldCount + header.newCount, lines.length - at);
}

/** Goes to the next `@@ -` or file header behind a hunk that was not understood. */
function skipHunkLines(cursor: Cursor): void {
  const { lines } = cursor;
  cursor.at++;
  while (cursor.at < lines.length && !lines[cursor.at]!.startsWith("@@ -") && !isFileHeader(lines, cursor.at)) {
    cursor.at++;
  }
}

/** Reads the hunk at `cursor.at`. On failure the cursor stays and undefined is returned, with a problem reported. */
function readHunk(cursor: Cursor): Hunk | undefined {
  const { lines } = cursor;
  const start = cursor.at;
  const header = readHunkHeader(lines[start]!);
  if (header === undefined) {
    report(cursor, start, "this hunk header is not readable");
    return undefined;
  }
  let oldLeft = header.oldCount;
  let newLeft = header.newCount;
  const body: HunkLine[] = [];
  let at = start + 1;
  // The counts decide where the hunk ends, so that the signature `-- ` is not taken for a removed line.
  for (; (oldLeft > 0 || newLeft > 0) && at < lines.length; at++) {
    const line = readHunkLine(lines[at]!, at, body);
    if (line === undefined) break;
    if (line === "no newline") continue;
    if (line.kind !== "added") oldLeft--;
    if (line.kind !== "removed") newLeft--;
    if (oldLeft < 0 || newLeft < 0) break;
    body.push(line);
  }
  if (oldLeft === 0 && newLeft === 0) {
    if (lines[at]?.startsWith("\\ ")) {
      readHunkLine(lines[at]!, at, body);
      at++;
    }
    if (at >= lines.length || !countsMoreThanSaid(lines[at]!)) {
      cursor.at = at;
      return { ...header, lines: body, line: start + 1 };
    }
  }
  return mendHunk(cursor, header, { at, oldLeft, newLeft, body });
}

/** Whether a line right behind a full hunk looks like one more line of it (a signature `-- ` or `---` does not). */
function countsMoreThanSaid(line: string): boolean {
  return line.startsWith("+") ? !line.startsWith("+++ ") : line.startsWith("-") && !line.startsWith("--");
}

/** Adds nothing to `body`: a `\` line only marks the line before it. */
function readHunkLine(line: string, at: number, body: HunkLine[]): HunkLine | "no newline" | undefined {
  switch (line.charAt(0)) {
    case "+":
      return { kind: "added", text: line.slice(1), noNewline: false, line: at + 1 };
    case "-":
      return { kind: "removed", text: line.slice(1), noNewline: false, line: at + 1 };
    case " ":
      return { kind: "context", text: line.slice(1), noNewline: false, line: at + 1 };
    // Mailers and editors eat the blank of an empty context line.
    case "":
    case "\r":
      return { kind: "context", text: line, noNewline: false, line: at + 1 };
    case "\\": {
      const last = body[body.length - 1];
      if (last === undefined) return undefined;
      body[body.length - 1] = { ...last, noNewline: true };
      return "no newline";
    }
    default:
      return undefined;
  }
}

/**
 * A hunk whose counts are wrong is mended where only one reading is left: it has *more* lines than it says and they run
 * up to the next hunk or file header. A hunk with fewer lines may have lost some, and at the end of the mail a footer may
 * look like context: nothing is guessed there.
 */
function mendHunk(
  cursor: Cursor,
  header: HunkHeader,
  read: { at: number; oldLeft: number; newLeft: number; body: readonly HunkLine[] },
): Hunk | undefined {
  const { lines } = cursor;
  const start = cursor.at;
  const full = read.oldLeft === 0 && read.newLeft === 0;
  const tooMany = full || read.oldLeft < 0 || read.newLeft < 0;
  const body: HunkLine[] = [];
  let at = start + 1;
  for (; at < lines.length && !lines[at]!.startsWith("@@ -") && !isFileHeader(lines, at); at++) {
    const line = readHunkLine(lines[at]!, at, body);
    if (line === undefined) break;
    if (line !== "no newline") body.push(line);
  }
  const atBoundary = at < lines.length && (lines[at]!.startsWith("@@ -") || isFileHeader(lines, at));
  const oldCount = body.filter((line) => line.kind !== "added").length;
  const newCount = body.filter((line) => line.kind !== "removed").length;
  if (tooMany && atBoundary && oldCount >= header.oldCount && newCount >= header.newCount) {
    cursor.problems.push({
      kind: "notice",
      path: "",
      line: start + 1,
      what: `this hunk says -${header.oldCount} +${header.newCount} lines but has -${oldCount} +${newCount}; all of them were read`,
    });
    cursor.at = at;
    return { ...header, oldCount, newCount, lines: body, line: start + 1 };
  }
  if (full) {
    // What the header counts is whole, as git apply reads it; what follows belongs to nothing.
    report(cursor, read.at, "these lines follow a hunk whose header does not count them");
    cursor.at = read.at;
    return { ...header, lines: read.body, line: start + 1 };
  }
  if (tooMany) report(cursor, start, "this hunk has other line counts than its header says; it is passed over");
  else if (read.at >= lines.length || isFileHeader(lines, read.at) || lines[read.at]!.startsWith("@@ -")) {
    report(cursor, start, "this hunk ends early; it is passed over", "get the whole mail again");
  } else {
    report(
      cursor,
      read.at,
      "this line of a hunk starts with none of blank, + and -; the hunk is passed over",
      "the mail was cut or its lines were wrapped: get it again",
    );
  }
  return undefined;
}
