import type { Finding } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import { printable } from "../text/printable.ts";
import { count } from "./layout.ts";
import type { View } from "./reporter.ts";
import { failuresOf, paragraphsOf, placeOf, problemText, shownLevel } from "./said.ts";
import { terminalReport } from "./terminal.ts";

type Kind = "error" | "warning" | "notice";

const kinds = { error: "error", warning: "warning", check: "notice", note: "notice" } as const;

/** GitHub keeps so many annotations of each kind from one step, and drops the others without a word. */
const mostOfKind = 10;

/** GitHub's runner cuts longer messages. */
const longestMessage = 4096;
const longestTitle = 255;

/** The data of a workflow command; line ends are kept. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** A property of a workflow command. */
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 4).replace(/[\ud800-\udbff]$/, "")} ...`;
}

/** A workflow command. Texts are untrusted; each of `lines` is a line of the message. */
function command(
  kind: Kind,
  properties: Readonly<Record<string, string | number | null>>,
  lines: readonly string[],
): string {
  const given = Object.entries(properties).filter(([, value]) => value !== null);
  const list = given.map(([key, value]) => `${key}=${property(printable(String(value)))}`).join(",");
  return `::${kind} ${list}::${data(cut(lines.map(printable).join("\n"), longestMessage))}`;
}

function annotation(f: Finding): string {
  const { path, line, lastLine, columns } = placeOf(f);
  const [col, endColumn] = columns !== null && line === lastLine ? [columns.start, columns.end] : [null, null];
  const title = cut(`copylint: ${shownLevel(f)} ${f.rule}`, longestTitle);
  return command(kinds[shownLevel(f)], { file: path, line, endLine: lastLine, col, endColumn, title }, paragraphsOf(f));
}

/** A line that nothing in the text can be, to end the stretch in which GitHub obeys no commands. */
function tokenFor(text: string): string {
  let n = text.length;
  while (text.includes(`copylint-${n}`)) n++;
  return `copylint-${n}`;
}

/** Text of the input, in which GitHub's runner looks for no commands. */
function inert(text: string): string {
  const token = tokenFor(text);
  return `::stop-commands::${token}\n${text}::${token}::\n`;
}

/**
 * The review as GitHub's workflow commands: an annotation for what was not reviewed and for each finding, the gravest first
 * and no more than GitHub shows, how many that are, and all of the review for the log.
 */
export function githubReport(review: Review, view: View): string {
  const of = (level: ReturnType<typeof shownLevel>): string[] =>
    review.findings.filter((f) => shownLevel(f) === level).map(annotation);
  const problems = (unreadable: boolean): string[] =>
    review.problems
      .filter((p) => p.kind !== "failed" && (p.kind === "unreadable") === unreadable)
      .map((p) => command("notice", { title: "copylint: input" }, [problemText(p)]));
  const failures = failuresOf(review).map((p) =>
    command("error", { title: "copylint: not reviewed" }, [problemText(p)]),
  );
  const all: Readonly<Record<Kind, readonly string[]>> = {
    error: [...failures, ...of("error")],
    warning: of("warning"),
    notice: [...problems(true), ...of("check"), ...of("note"), ...problems(false)],
  };
  const over = (["error", "warning", "notice"] as const).some((kind) => all[kind].length > mostOfKind);
  // The notice that says what was left out takes the place of one of the notices.
  const shown = {
    error: all.error.slice(0, mostOfKind),
    warning: all.warning.slice(0, mostOfKind),
    notice: all.notice.slice(0, over ? mostOfKind - 1 : mostOfKind),
  };
  const counts = (["error", "warning", "notice"] as const)
    .filter((kind) => all[kind].length > 0)
    .map((kind) => `${shown[kind].length} of ${count(all[kind].length, kind)}`);
  const said = `Shown ${counts.join(", ")}: GitHub shows no more of a step. All are in its log.`;
  const commands = [
    ...shown.error,
    ...shown.warning,
    ...shown.notice,
    ...(over ? [command("notice", { title: "copylint: not all is shown here" }, [said])] : []),
  ];
  return [...commands.map((line) => `${line}\n`), githubLog(review, view)].join("");
}

/** All of the review for GitHub's log, without annotations. */
export function githubLog(review: Review, view: View): string {
  const text = inert(terminalReport(review, view));
  if (review.findings.length === 0) return text;
  return `::group::copylint: ${count(review.findings.length, "finding")}\n${text}::endgroup::\n`;
}
