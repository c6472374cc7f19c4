import type { Problem } from "../text/problem.ts";
import type { Finding, NotChecked } from "./finding.ts";

/** What the JSON output says of one series. */
export interface SeriesSummary {
  readonly subject: string;
  readonly version: number;
  /** The kernel version that advice is fitted to, and where it comes from: "6.9 (mail date)". */
  readonly base: string;
  /** Why nothing of it was reviewed, as a clause: a defect of copylint, or a reviewer that ended. null: it was reviewed. */
  readonly notReviewed: string | null;
  readonly patches: readonly {
    readonly messageId: string | null;
    readonly subject: string;
    readonly index: number;
    readonly files: readonly { readonly path: string; readonly added: number; readonly deleted: number }[];
  }[];
}

/** A whole review: what every reporter renders. */
export interface Review {
  readonly series: readonly SeriesSummary[];
  /** Sorted by series, patch, file order, line, rule. */
  readonly findings: readonly Finding[];
  /** Findings that were set aside, in the same order; each says by whom. */
  readonly suppressed?: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
  readonly problems: readonly Problem[];
  /** Numbers for the last line of a report. */
  readonly counts: { readonly rules: number; readonly patches: number; readonly files: number };
}
