import { markdownText } from "../report/markdown.ts";
import { cut, fitting } from "./fit.ts";
import { countsOf, type ReviewRecord } from "./record.ts";

const code = (text: string): string => `<code>${markdownText(text)}</code>`;

/**
 * A record in Markdown of GitHub's: all points in a table, and what was not reviewed or not understood.
 *
 * @param most characters, of which GitHub takes 65,535 for the summary of a check; for that of a step, 1 MiB in bytes.
 * @param log where all of it is, if it is too long for here.
 */
export function recordSummary(record: ReviewRecord, most: number, log: string): string {
  const { points, problems } = record;
  const rows = points.map((point) => {
    const what = markdownText(cut(point.paragraphs[0] ?? "", 500));
    const cells = [
      point.level,
      code(point.rule),
      code(cut(point.place, 200)),
      what,
      markdownText(cut(point.patch, 150)),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const lines = problems.map((text) => `- ${markdownText(cut(text, 500))}`);
  const shownLines = fitting(lines, most / 8);
  const shownRows = fitting(rows, (most * 3) / 4);
  const left = (shown: number, all: number, what: string): readonly string[] =>
    shown === all ? [] : ["", `Shown ${shown} of ${all} ${what}; all are in ${log}.`];
  return [
    `**copylint: ${countsOf(record)}**`,
    ...(rows.length === 0
      ? []
      : ["", "| level | rule | place | what | patch |", "| --- | --- | --- | --- | --- |", ...shownRows]),
    ...left(shownRows.length, rows.length, "findings"),
    ...(lines.length === 0 ? [] : ["", "Not understood, or not checked:", "", ...shownLines]),
    ...left(shownLines.length, lines.length, "lines"),
    "",
  ].join("\n");
}
