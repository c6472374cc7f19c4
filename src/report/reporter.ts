import type { Review } from "../finding/review.ts";
import type { RuleInfo } from "../finding/rule-info.ts";
import type { Series } from "../series/series.ts";
import { b4Report } from "./b4.ts";
import { checkstyleReport } from "./checkstyle.ts";
import { githubReport } from "./github.ts";
import { githubSummary } from "./github-summary.ts";
import { gitlabReport } from "./gitlab.ts";
import { htmlReport } from "./html.ts";
import { jsonReport } from "./json.ts";
import { junitReport } from "./junit.ts";
import { rdjsonlReport } from "./rdjsonl.ts";
import { sarifReport } from "./sarif.ts";
import { terminalReport } from "./terminal.ts";

/** What made the review. */
export interface Tool {
  readonly version: string;
  /** The rules that were run. */
  readonly rules: readonly RuleInfo[];
}

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
  /** Paths and options that name the input in a command line of a shell; absent where there is none that would read it again. */
  readonly input?: string;
  /** What was reviewed, for formats that show the patches themselves. */
  readonly series?: readonly Series[];
  /** Only for the formats of `formatsWithRules`: it takes reading files. */
  readonly tool?: Tool;
  /** Only for the format `mail`, whose reporter is loaded where it is asked for: it takes the library that reads addresses. */
  readonly mail?: Reporter;
}

/** Renders a review. Pure: a text that is not empty ends in a line feed, and the same review gives the same text. */
export type Reporter = (review: Review, view: View) => string;

/** The formats of `copylint check` but for `mail`, by name. */
export const reporters: Readonly<Record<string, Reporter>> = {
  terminal: terminalReport,
  json: jsonReport,
  html: htmlReport,
  github: githubReport,
  "github-summary": githubSummary,
  gitlab: gitlabReport,
  sarif: sarifReport,
  rdjsonl: rdjsonlReport,
  checkstyle: checkstyleReport,
  junit: junitReport,
  b4: b4Report,
};

export const formatNames: readonly string[] = [...Object.keys(reporters), "mail"];

/** Formats that name the rules that found nothing, too. */
export const formatsWithRules: readonly string[] = ["sarif", "junit"];

/** Formats that have a place for the problems of the input, and whose readers take what is on stderr for a failure. */
export const formatsWithoutStderr: readonly string[] = ["b4"];
