import type { Review } from "../finding/review.ts";
import { printable, printableJson } from "../text/printable.ts";
import { lineOf, ordinals, placeOf, shownLevel } from "./said.ts";

const severities = { error: "critical", warning: "major", check: "minor", note: "info" } as const;

/** The findings as GitLab's code quality report: `[]` when there are none. GitLab shows one of those with the same fingerprint. */
export function gitlabReport(review: Review): string {
  const order = ordinals(review.findings);
  const issues = review.findings.map((f, i) => {
    const { path, line, lastLine } = placeOf(f);
    return {
      description: printable(lineOf(f)),
      check_name: f.rule,
      fingerprint: order[i] === 1 ? f.fingerprint : `${f.fingerprint}-${order[i]}`,
      severity: severities[shownLevel(f)],
      location: { path: printable(path), lines: { begin: line, end: lastLine } },
    };
  });
  return `${printableJson(JSON.stringify(issues, null, 2))}\n`;
}
