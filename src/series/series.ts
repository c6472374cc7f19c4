import type { Message } from "../mail/message.ts";
import type { FilePatch } from "../patch/unified.ts";
import type { Problem } from "../text/problem.ts";

/** One patch of a series. */
export interface SeriesPatch {
  readonly message: Message;
  /** The subject as mailed, with its `[PATCH v2 3/7]` prefix. */
  readonly subject: string;
  /** n of n/m, 1-based; a lone patch is 1 of 1. */
  readonly index: number;
  readonly total: number;
  /** The commit message: the body up to the `---` line, without an in-body `From:`. */
  readonly commitMessage: string;
  /** 1-based line of `message.path` at which `commitMessage` starts. */
  readonly commitMessageLine: number;
  readonly files: readonly FilePatch[];
  /** Add to a `line` of `files` (which counts in the message body) to get the 1-based line of `message.path`. */
  readonly lineOffset: number;
}

/** Patches that belong together, in the order in which they apply. */
export interface Series {
  /** Subject of the cover letter (or of a lone patch) without prefix. */
  readonly subject: string;
  /** 1 unless the prefix says v2 and up. */
  readonly version: number;
  readonly rfc: boolean;
  readonly resend: boolean;
  /** m of n/m. */
  readonly total: number;
  readonly cover: Message | undefined;
  readonly patches: readonly SeriesPatch[];
  /** Numbers of the parts that were not given, ascending. */
  readonly missing: readonly number[];
  /** The `base-commit:` trailer of the cover letter or of any patch; 40 hex digits. */
  readonly baseCommit: string | undefined;
  /** Date header of the cover letter or of the first patch, as it stands. */
  readonly date: string | undefined;
  readonly problems: readonly Problem[];
}
