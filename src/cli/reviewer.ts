import { rules } from "../../rules/index.ts";
import type { FactsReport } from "../finding/facts-report.ts";
import type { Review } from "../finding/review.ts";
import { engineFacts as facts, review as reviewWith } from "../review/review.ts";
import type { Series } from "../series/series.ts";
import type { Tree } from "../source/image.ts";

/** Reviews with all rules, or those asked for by id. */
export function review(
  series: readonly Series[],
  options: { readonly tree?: Tree; readonly rules?: readonly string[] } = {},
): Review {
  const chosen = options.rules ? rules.filter((r) => options.rules?.includes(r.id)) : rules;
  return reviewWith(series, { rules: chosen, ...(options.tree ? { tree: options.tree } : {}) });
}

export function engineFacts(series: readonly Series[], options: { readonly tree?: Tree }): FactsReport {
  return facts(series, options);
}
