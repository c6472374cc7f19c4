import type { Problem } from "../text/problem.ts";

/** One line of a hunk. */
export interface HunkLine {
  readonly kind: "context" | "added" | "removed";
  /** Without the leading marker and without the line end (a CR of a CRLF file is kept). */
  readonly text: string;
  /** The line has no newline at the end of file (`\ No newline at end of file`). */
  readonly noNewline: boolean;
  /** 1-based line in the text that was parsed. */
  readonly line: number;
}

/** One `@@ -a,b +c,d @@ section` block. Line numbers are 1-based, counts are in lines. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  /** The text behind the second `@@`: usually the line that opens the enclosing function or type. May be empty. */
  readonly section: string;
  readonly lines: readonly HunkLine[];
  /** 1-based line of the `@@` line in the text that was parsed. */
  readonly line: number;
}

/** What a patch does to one file. */
export interface FilePatch {
  /** Path without the `a/` prefix; undefined for a new file. */
  readonly oldPath: string | undefined;
  /** Path without the `b/` prefix; undefined for a deleted file. */
  readonly newPath: string | undefined;
  /** `newPath`, or `oldPath` for a deleted file. */
  readonly path: string;
  readonly status: "modified" | "added" | "deleted" | "renamed" | "copied" | "mode-changed";
  readonly oldMode: string | undefined;
  readonly newMode: string | undefined;
  readonly binary: boolean;
  readonly hunks: readonly Hunk[];
  /** Some hunks of this file were not understood and are left out: line numbers behind them cannot be trusted. */
  readonly damaged?: boolean;
  /** Blob ids of the `index` line, possibly abbreviated, lower-case hex; undefined where the diff has none. */
  readonly oldBlob?: string | undefined;
  readonly newBlob?: string | undefined;
  /** Number of added and deleted lines, as `git apply --numstat` counts them. */
  readonly added: number;
  readonly deleted: number;
  /** 1-based line of the `diff --git`, `Index:` or `---` line in the text that was parsed. */
  readonly line: number;
}

/** A patch text taken apart: what stands before the first diff, and the diffs. */
export interface ParsedPatch {
  /** Everything before the first diff: commit message, `---`, notes, diffstat. */
  readonly preamble: string;
  readonly files: readonly FilePatch[];
  readonly problems: readonly Problem[];
}
