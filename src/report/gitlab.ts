import { fingerprint } from "../finding/fingerprint.ts";
import type { Review, SeriesSummary } from "../finding/review.ts";
import { printable, printableJson } from "../text/printable.ts";
import { lineOf, notReviewedId, ordinals, placeOf, shownLevel } from "./said.ts";

const severities = { error: "critical", warning: "major", check: "minor", note: "info" } as const;

/** A series that was not reviewed, at what its first patch touches: GitLab shows an issue beside a file. */
function failure({ subject, version, patches, notReviewed }: SeriesSummary, i: number): readonly object[] {
  if (notReviewed === null) return [];
  const [path = "-"] = patches.flatMap(({ files }) => files.map((file) => file.path));
  return [
    {
      description: printable(`"${subject}" was not reviewed: ${notReviewed}`),
      check_name: notReviewedId,
      fingerprint: fingerprint(notReviewedId, path, subject, `v${version}`, i),
      severity: "blocker",
      location: { path: printable(path), lines: { begin: 1, end: 1 } },
    },
  ];
}

/** The findings, and what was not reviewed, as GitLab's code quality report: `[]` when all is well. GitLab shows one of those with the same fingerprint. */
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
  return `${printableJson(JSON.stringify([...review.series.flatMap(failure), ...issues], null, 2))}\n`;
}
