import type { Trace } from "../model/trace.ts";

/** By consequence: error = data loss, hang, leak, crash; warning = cost or misused API; check = naming, style, docs. */
export type Level = "error" | "warning" | "check";

export type Confidence = "high" | "moderate" | "low";

/** Where a piece of knowledge comes from. */
export interface Source {
  /** "Christoph Hellwig" for a review mail, or the title of a document. */
  readonly by: string;
  /** What it says, in our words. */
  readonly says: string;
  readonly url: string;
}

/** The patch of the series that a finding is about. */
export interface PatchRef {
  readonly messageId: string | null;
  readonly subject: string;
  /** n and m of n/m, 1-based. */
  readonly index: number;
  readonly total: number;
  /** The patch file as the user named it. */
  readonly path: string;
  /** 1-based line of that file. */
  readonly line: number;
}

/** Another place that belongs to a finding. Lines are 1-based, new side of the patch named. */
export interface Related {
  readonly file: string;
  readonly line: number;
  /** Why it matters: "the plug is finished here". */
  readonly message: string;
  /** Index n of the patch n/m that shows the place. */
  readonly patch: number;
}

/** One replacement of a machine-readable fix; same coordinates as a finding, end exclusive, new side of the patch. */
export interface Edit {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
  /** The lines from `line` to `endLine` as they stand, whole and without line ends; not part of the JSON output. */
  readonly lines: readonly string[];
}

/** A line of the code frame. */
export interface ExcerptLine {
  /** 1-based line of the file, new side; null for a line of a commit message. */
  readonly line: number | null;
  /** 1-based line of the patch file; null if the patch does not show the line. */
  readonly patchLine: number | null;
  readonly text: string;
  /** The patch adds this line. */
  readonly added: boolean;
}

/** Why a finding is not among those that count, or what is said of it where it is shown all the same. */
export interface Suppression {
  /** Who says so: a line in the patch or its cover letter, the baseline, or the paths of the configuration. */
  readonly by: "author" | "baseline" | "paths";
  /** What the author gives as the reason, the file of the baseline, or the pattern that leaves the file out. */
  readonly reason: string;
}

/** One point of the review. Field names are those of the JSON output. */
export interface Finding {
  readonly rule: string;
  readonly level: Level;
  readonly confidence: Confidence;
  /** null for a commit message or cover letter; then `quoted` holds the line. */
  readonly file: string | null;
  /** 1-based, new side of the patch named in `patch`; columns count UTF-16 code units; end exclusive. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly quoted?: string;
  /** The function, or `struct name`, that the place lies in. */
  readonly function: string | null;
  readonly patch: PatchRef;
  /** One sentence that stands alone. */
  readonly what: string;
  readonly why: string;
  readonly instead: string;
  readonly sources: readonly Source[];
  readonly related: readonly Related[];
  readonly trace: Trace | null;
  /** The trace is a run of the patch's own code, which `copylint run --replay` runs again. */
  readonly executed: boolean;
  readonly fix: readonly Edit[];
  /** Set where the fix keeps what the code means if the tree has the functions that it calls anew; not part of the JSON output. */
  readonly safe?: { readonly calls: readonly string[] };
  /** 16 hex digits, from rule, file, function and normalised code: the same when lines move. */
  readonly fingerprint: string;
  /** Set when a later patch of the series removes the point: then it is a note and never decides the exit code. */
  readonly mendedBy: { readonly index: number; readonly total: number; readonly subject: string } | null;
  /** The code at the place, white space folded, at most 400 characters; not part of the JSON output. */
  readonly code?: string;
  /** Absent for a finding that nobody speaks against. */
  readonly suppressed?: Suppression;
  /** The code frame, not part of the JSON output. */
  readonly excerpt: readonly ExcerptLine[];
}

/** Something that was not checked, and why. */
export interface NotChecked {
  /** "block/blk-lib.c", "plug-per-chunk in foo_copy()", "patch 3/7", ... */
  readonly what: string;
  readonly why: string;
  /** A silence of a rule (shown with -v only), or input that was passed over (always counted). */
  readonly kind: "rule" | "input";
}
