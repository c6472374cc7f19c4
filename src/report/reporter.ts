import type { Review } from "../finding/review.ts";
import type { Series } from "../series/series.ts";
import { htmlReport } from "./html.ts";
import { jsonReport } from "./json.ts";
import { terminalReport } from "./terminal.ts";

/** How a report is to look. A reporter that has no use for something ignores it. */
export interface View {
  /** With ANSI colours. */
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Also list what was not checked. */
  readonly verbose: boolean;
  /** Number of mails that were read and hold no diff: replies and the like. */
  readonly withoutDiff: number;
  /** What was reviewed, for formats that show the patches themselves. */
  readonly series?: readonly Series[];
}

/** Renders a review. Pure: the text ends in a line feed, and the same review gives the same text. */
export type Reporter = (review: Review, view: View) => string;

/** All formats of `copylint check`, by name. */
export const reporters: Readonly<Record<string, Reporter>> = {
  terminal: terminalReport,
  json: jsonReport,
  html: htmlReport,
};

export const formatNames: readonly string[] = Object.keys(reporters);
