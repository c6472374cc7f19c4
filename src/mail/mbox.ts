import { countNewlines } from "../text/lines.ts";

/** One message of an mbox, as a piece of the whole text. */
export interface Piece {
  readonly text: string;
  /** 1-based line of the whole text at which `text` starts. */
  readonly line: number;
  /** Stands behind a `From ` line whose kind quotes `From ` lines of the body as `>From ` (mboxrd). */
  readonly quoted: boolean;
}

/**
 * Splits a text at its `From ` lines; a text without one is a single piece. The test for such a line is the one of
 * `git mailsplit` (a time and a year at its end), and a header line must follow, so that prose which starts a line with
 * "From " stays where it is.
 */
export function splitMbox(text: string): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  let line = 1;
  let startLine = 1;
  let quoted = false;
  let searched = 0;
  let at = text.startsWith("From ") ? 0 : nextFrom(text, 0);
  while (at !== -1) {
    const end = lineEnd(text, at);
    const from = text.slice(at, end);
    if (isFromLine(from) && headerFollows(text, end + 1)) {
      line += countNewlines(text, searched, at);
      searched = at;
      push(pieces, text.slice(start, at), startLine, quoted);
      start = Math.min(end + 1, text.length);
      startLine = line + 1;
      // git format-patch marks its own with a fixed date and quotes nothing.
      quoted = !/^From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001\r?$/.test(from);
    }
    at = nextFrom(text, end - 1);
  }
  push(pieces, text.slice(start), startLine, quoted);
  return pieces;
}

function push(pieces: Piece[], text: string, line: number, quoted: boolean): void {
  if (text.trim() !== "") pieces.push({ text, line, quoted });
}

function nextFrom(text: string, after: number): number {
  const at = text.indexOf("\nFrom ", Math.max(after, 0));
  return at === -1 ? -1 : at + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

function isFromLine(line: string): boolean {
  return line.length >= 20 && line.length < 1000 && /\d:\d\d(?::\d\d)?\s[^:]*\d\d\s*$/.test(line.slice(-60));
}

function headerFollows(text: string, at: number): boolean {
  return /^(?:>?From |[!-9;-~]{1,80}:)/.test(text.slice(at, at + 90));
}

/** Takes one `>` off every `>From `, `>>From ` line. */
export function unquoteFrom(body: string): string {
  return body.includes(">From ") ? body.replace(/^>(>{0,50}From )/gm, "$1") : body;
}
