import { gitlabText, htmlText, markdownText } from "../report/markdown.ts";
import { printable } from "../text/printable.ts";
import { cut, fitting } from "./fit.ts";
import type { Point } from "./record.ts";

/** What the Markdown of a host needs to show untrusted text as nothing but text, and how it has a change suggested. */
export interface Dialect {
  readonly text: (text: string) => string;
  /** What stands behind the fence of a block that suggests other lines for those from the first to the last. */
  readonly suggestion: (lines: number) => string;
}

export const githubDialect: Dialect = { text: markdownText, suggestion: () => "suggestion" };
/** Comments of GitLab's stand on the first of the lines. */
export const gitlabDialect: Dialect = { text: gitlabText, suggestion: (lines) => `suggestion:-0+${lines - 1}` };

/** UTF-16 code units: GitHub takes 65,536 characters for a comment, of which these are shares. */
const longestParagraph = 3_000;
const mostRun = 20_000;
const mostSuggestion = 8_000;

const marker = (key: string): string => `<!-- copylint ${key} -->`;

/** The key of the point that a comment is about; undefined if copylint did not write it. Who wrote it is for the caller to ask. */
export function keyIn(body: string): string | undefined {
  return /\n<!-- copylint ([0-9a-f]{16}(?:-\d{1,6})?) -->\s*$/.exec(body)?.[1];
}

function runOf({ run }: Point): readonly string[] {
  if (run === null) return [];
  // Nobody is mentioned in code.
  const code = (text: string): string => `<code>${htmlText(cut(text, longestParagraph))}</code>`;
  // Each line starts with its number, so none of them starts with anything that would be more than text.
  const steps = run.steps.map((step, i) => `${String(i + 1).padStart(3)}. ${htmlText(cut(step, 300))}`);
  const shown = fitting(steps, mostRun);
  const rest = steps.length - shown.length;
  const more = rest === 0 ? [] : [`${rest} more steps`];
  return [
    "",
    `<details><summary>run: ${code(run.setting)}; outcome: ${code(run.outcome)}</summary>`,
    "",
    `<pre>${["steps:", ...shown, ...more].join("\n")}</pre>`,
    "",
    "</details>",
  ];
}

/** A block that suggests other lines, if they are such that a block shows exactly what is meant. */
function suggestionOf({ edit }: Point, dialect: Dialect): readonly string[] {
  if (edit === null || edit.lines.join("\n").length > mostSuggestion) return [];
  const plain = edit.lines.every((line) => line.split("\t").every((part) => printable(part) === part));
  if (!plain) return [];
  const longest = Math.max(2, ...edit.lines.flatMap((line) => line.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return ["", `${fence}${dialect.suggestion(edit.lastLine - edit.line + 1)}`, ...edit.lines, fence];
}

/** Whether a comment on this point has a change suggested, if its place allows for one. */
export const suggests = (point: Point): boolean => suggestionOf(point, githubDialect).length > 0;

/** The body of a comment. Its last line is one that readers do not see: it says which point it is about. */
export function commentBody(point: Point, dialect: Dialect, withSuggestion: boolean): string {
  const [what = "", ...more] = point.paragraphs.map((text) => dialect.text(cut(text.trim(), longestParagraph)));
  return [
    `**${point.level}** ${dialect.text(point.rule)}: ${what}`,
    ...more.flatMap((text) => ["", text]),
    ...(withSuggestion ? suggestionOf(point, dialect) : []),
    ...runOf(point),
    "",
    `patch ${dialect.text(cut(point.patch, 300))}; the rule: copylint explain ${dialect.text(point.rule)}`,
    "",
    marker(point.key),
  ].join("\n");
}

/** A point in plain text, for a place that takes no markup. */
export function plainText({ paragraphs, run }: Point): string {
  const outcome = run === null ? [] : [`Run: ${run.setting}; outcome: ${run.outcome}`];
  return [...paragraphs, ...outcome].map((text) => printable(cut(text, longestParagraph))).join("\n");
}
