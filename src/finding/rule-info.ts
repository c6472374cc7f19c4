import type { Confidence, Level, Source } from "./finding.ts";

/** What a report may say of a rule that was run. */
export interface RuleInfo {
  readonly id: string;
  /** What the rule finds, in a few words without a full stop. */
  readonly title: string;
  readonly level: Level;
  readonly confidence: Confidence;
  readonly sources: readonly [Source, ...Source[]];
  /** The page of the rule in Markdown; null if it is not installed. */
  readonly page: string | null;
}
