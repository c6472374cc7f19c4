import type { Edit, Finding } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import { printable, printableJson } from "../text/printable.ts";
import type { Problem } from "../text/problem.ts";
import { quietText } from "./markdown.ts";
import { byteColumn, failuresOf, notReviewedId, paragraphsOf, placeOf, problemText, shownLevel } from "./said.ts";

const severities = { error: "ERROR", warning: "WARNING", check: "INFO", note: "INFO" } as const;

/** Columns are 1-based and count bytes of UTF-8; the end is exclusive. Without columns, a range has all of its last line. */
interface Range {
  readonly start: { readonly line: number; readonly column?: number };
  readonly end: { readonly line: number; readonly column?: number };
}

function rangeOf(f: Finding): Range {
  const { line, lastLine, columns } = placeOf(f);
  const text = (n: number): string | undefined => f.excerpt.find((l) => l.line === n)?.text;
  const [first, last] = [text(line), text(lastLine)];
  // The bytes before a column can only be counted in a line that is at hand.
  if (columns === null || first === undefined || last === undefined)
    return { start: { line }, end: { line: lastLine } };
  return {
    start: { line, column: byteColumn(first, columns.start) },
    end: { line: lastLine, column: byteColumn(last, columns.end) },
  };
}

function suggestionOf(edit: Edit): object {
  const start = { line: edit.line, column: byteColumn(edit.lines[0] ?? "", edit.column) };
  const last = edit.lines[edit.endLine - edit.line] ?? "";
  return { range: { start, end: { line: edit.endLine, column: byteColumn(last, edit.endColumn) } }, text: edit.text };
}

function diagnostic(f: Finding): object {
  const { path } = placeOf(f);
  const url = f.sources[0]?.url;
  // A suggestion has no path of its own, and half a fix is none.
  const whole = f.fix.length > 0 && f.fix.every((edit) => edit.file === path);
  return {
    // reviewdog posts it as Markdown, and prints it as it is.
    message: paragraphsOf(f).map(quietText).join("\n\n"),
    location: { path: printable(path), range: rangeOf(f) },
    severity: severities[shownLevel(f)],
    source: { name: "copylint" },
    code: { value: f.rule, ...(url === undefined ? {} : { url }) },
    ...(whole ? { suggestions: f.fix.map(suggestionOf) } : {}),
    ...(f.related.length === 0
      ? {}
      : {
          related_locations: f.related.map((r) => ({
            message: quietText(r.message),
            location: { path: printable(r.file), range: { start: { line: r.line } } },
          })),
        }),
  };
}

function failure(problem: Problem): object {
  return {
    message: quietText(problemText(problem)),
    location: { path: printable(problem.path), range: { start: { line: problem.line ?? 1 } } },
    severity: "ERROR",
    source: { name: "copylint" },
    code: { value: notReviewedId },
  };
}

/** What was not reviewed, and the findings, in reviewdog's diagnostic format, a line of JSON each; nothing when all is well. */
export function rdjsonlReport(review: Review): string {
  const all = [...failuresOf(review).map(failure), ...review.findings.map(diagnostic)];
  return all.map((each) => `${printableJson(JSON.stringify(each))}\n`).join("");
}
