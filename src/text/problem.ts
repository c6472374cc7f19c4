/**
 * Something about the input that the user should know: what it is, where, and what to do about it.
 * A problem is data; the command line decides how to print it and which exit code follows.
 */
export interface Problem {
  /**
   * `unreadable`: this part of the input was not understood and not reviewed (exit code 3);
   * `failed`: a series was not reviewed, by a defect of copylint and not of the input (exit code 4);
   * `mismatch`: a tree does not fit (no exit code, unless the user asks for strict input);
   * `notice`: worth one line, but everything was reviewed.
   */
  readonly kind: "unreadable" | "failed" | "mismatch" | "notice";
  /** The file, or `-` for standard input, or a git range; as the user wrote it. */
  readonly path: string;
  /** 1-based line in that file; absent when the problem concerns all of it. */
  readonly line?: number;
  /** One sentence without a full stop, lower case: "the hunk at line 12 ends early". */
  readonly what: string;
  /** What the user can do, same form; absent when nothing is to be done. */
  readonly advice?: string;
}
