import type { Finding } from "../finding/finding.ts";
import type { Review, SeriesSummary } from "../finding/review.ts";
import { htmlText, markdownText } from "./markdown.ts";
import type { View } from "./reporter.ts";
import {
  bare,
  gravestFirst,
  nOfM,
  place,
  problemText,
  setAside,
  shownLevel,
  suppressedText,
  utf8Length,
} from "./said.ts";
import { findingText, found } from "./terminal.ts";

/** Bytes: GitHub takes 1 MiB for the summary of a step, in which others may have a share. */
const most = 1_000_000;
/** The share of it for what is not the details of a finding. */
const mostOfTable = 400_000;
const mostOfRest = 100_000;

/** As many of the texts as fit, from the first on. */
function fitting(texts: readonly string[], bytes: number): readonly string[] {
  let left = bytes;
  const end = texts.findIndex((text) => (left -= utf8Length(text) + 1) < 0);
  return end === -1 ? texts : texts.slice(0, end);
}

/** "Shown 120 of 200 findings.", if some are left out. */
function shownOf(shown: number, all: number, what: string): readonly string[] {
  return shown === all ? [] : ["", `Shown ${shown} of ${all} ${what}; all are in the log of the step.`];
}

const code = (text: string): string => `<code>${markdownText(text)}</code>`;

function row(f: Finding): string {
  const patch = `${nOfM(f.patch)} ${markdownText(bare(f.patch.subject))}`;
  const what = [f.what, suppressedText(f)].filter((text) => text !== "").join(". ");
  return `| ${shownLevel(f)} | ${code(f.rule)} | ${code(place(f))} | ${markdownText(what)} | ${patch} |`;
}

function details(f: Finding, view: View): string {
  const text = findingText(f, { ...view, color: false })
    .split("\n")
    .map(htmlText)
    .join("\n");
  return `<details><summary>${shownLevel(f)} ${code(f.rule)} at ${code(place(f))}</summary>\n\n<pre>${text}</pre>\n\n</details>`;
}

/** The review in Markdown for the summary of a step of GitHub's: a table of the findings, then each with its run, folded. */
export function githubSummary(review: Review, view: View): string {
  const findings = gravestFirst(review.findings);
  const aside = setAside(review);
  const heading = [
    `## copylint: ${found(review)}`,
    ...(aside.length === 0 ? [] : ["", `Set aside: ${aside.join(", ")}.`]),
  ];
  const said = (s: SeriesSummary): string =>
    `${markdownText(s.subject)}, version ${s.version}, ${s.notReviewed === null ? `read as for ${markdownText(s.base)}` : `**not reviewed**: ${markdownText(s.notReviewed)}`}`;
  const failed = review.series.filter((s) => s.notReviewed !== null);
  const series = [...failed, ...review.series.filter((s) => s.notReviewed === null)].map(said);
  const left = [
    ...review.problems.map(problemText),
    ...review.notChecked
      .filter((n) => n.kind === "input" || view.verbose)
      .map((n) => `not checked: ${n.what}: ${n.why}`),
  ].map((text) => `- ${markdownText(text)}`);

  const rows = fitting(findings.map(row), mostOfTable);
  const table = ["", "| level | rule | place | what | patch |", "| --- | --- | --- | --- | --- |", ...rows];
  const shownLeft = fitting(left, mostOfRest);
  const shownSeries = fitting(series, mostOfRest);
  const before = [
    ...heading,
    ...shownSeries.flatMap((text) => ["", text]),
    ...shownOf(shownSeries.length, series.length, "series"),
    ...(findings.length === 0 ? [] : [...table, ...shownOf(rows.length, findings.length, "findings")]),
  ];
  const after = left.length === 0 ? [] : ["", "Not understood, or not checked:", "", ...shownLeft];
  after.push(...shownOf(shownLeft.length, left.length, "lines"));
  const used = utf8Length([...before, ...after].join("\n"));
  const folded = fitting(
    findings.map((f) => `\n${details(f, view)}`),
    most - used - 1000,
  );
  return `${[...before, ...folded, ...shownOf(folded.length, findings.length, "findings in full"), ...after].join("\n")}\n`;
}
