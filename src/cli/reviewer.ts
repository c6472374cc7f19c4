import { readFileSync, writeFileSync } from "node:fs";
import { rules } from "../../rules/index.ts";
import type { FactsReport } from "../finding/facts-report.ts";
import type { Finding } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import type { Verdicts } from "../judge/judge.ts";
import type { Shown } from "../judge/runs.ts";
import { engineFacts as facts, review as reviewWith } from "../review/review.ts";
import type { Series } from "../series/series.ts";
import type { Tree } from "../source/image.ts";
import { expectLongRun } from "./tiers.ts";

/**
 * What the model's runs said of the usual questions when the program was built, beside the program. The model is
 * deterministic, so running it again would say the same; it takes a fifth of a short check. Questions that are not there
 * are run.
 */
const book = typeof __dirname === "string" ? `${__dirname}/verdicts.json` : undefined;

function readVerdicts(): Verdicts {
  if (book === undefined || process.env.COPYLINT_BUILD) return new Map();
  try {
    return new Map(JSON.parse(readFileSync(book, "utf8")));
  } catch {
    return new Map();
  }
}

/** What was asked so far: there are few questions, so that a process keeps all of them. */
let asked: Verdicts | undefined;

/** Reviews with all rules, or those asked for by id. */
export function review(
  series: readonly Series[],
  options: {
    readonly tree?: Tree;
    readonly rules?: readonly string[];
    readonly run?: boolean;
    readonly budget?: number;
    readonly runs?: Map<Finding, Shown>;
    readonly onDefect?: (thrown: unknown) => void;
  } = {},
): Review {
  const verdicts = (asked ??= readVerdicts());
  const chosen = options.rules ? rules.filter((r) => options.rules?.includes(r.id)) : rules;
  const { tree, run, budget, runs, onDefect } = options;
  const narrowed = {
    ...(tree ? { tree } : {}),
    ...(run === undefined ? {} : { run }),
    ...(budget === undefined ? {} : { budget }),
    ...(runs === undefined ? {} : { runs }),
    ...(onDefect === undefined ? {} : { onDefect }),
    // The program alone is told to wait.
    ...(book === undefined ? {} : { beforeRuns: expectLongRun }),
  };
  const made = reviewWith(series, { rules: chosen, verdicts, ...narrowed });
  if (book !== undefined && process.env.COPYLINT_BUILD) {
    // Where the series' own code is run, the model is not asked.
    reviewWith(series, { rules: chosen, verdicts, run: false });
    writeFileSync(book, JSON.stringify([...verdicts]));
  }
  return made;
}

export function engineFacts(series: readonly Series[], options: { readonly tree?: Tree }): FactsReport {
  return facts(series, options);
}
