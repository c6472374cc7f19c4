import type { ExcerptLine, Finding } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import type { Trace, TraceStep } from "../model/trace.ts";
import { printable } from "../text/printable.ts";
import { count, displayWidth, expandTabs, padEnd, slices, wrap } from "./layout.ts";
import { isQuiet, LONG_STRETCH } from "./quiet.ts";
import type { View } from "./reporter.ts";
import { bare, nOfM, notReviewed, notReviewedText, place, setAside, shownLevel, suppressionText } from "./said.ts";

type Style = "error" | "warning" | "check" | "note" | "bold" | "dim";

/** ANSI colours; the text reads the same without them. */
const codes: Readonly<Record<Style, string>> = {
  error: "1;31",
  warning: "1;33",
  check: "1;36",
  note: "1;34",
  bold: "1",
  dim: "2",
};

const indent = "    ";

function paint(view: View, style: Style, text: string): string {
  return view.color && text !== "" ? `\x1b[${codes[style]}m${text}\x1b[0m` : text;
}

function headline(f: Finding, view: View): string[] {
  const level = shownLevel(f);
  const where = printable(place(f));
  const prefix = `${where}: ${level} ${printable(f.rule)}: `;
  const [first = "", ...rest] = wrap(`${prefix}${printable(f.what)}`, view.width, "", indent);
  if (!first.startsWith(prefix)) return [first, ...rest];
  const painted = `${paint(view, "bold", `${where}:`)} ${paint(view, level, level)} ${paint(view, "bold", `${printable(f.rule)}:`)}`;
  return [`${painted} ${first.slice(prefix.length)}`, ...rest];
}

/** Whether a line of the code frame belongs to the finding. */
function marked(f: Finding, line: ExcerptLine): boolean {
  if (f.file === null || line.line === null) return line.patchLine === f.patch.line;
  const last = f.endColumn <= 1 ? f.endLine - 1 : f.endLine;
  return line.line >= f.line && line.line <= Math.max(last, f.line);
}

/** The code frame: line in the file, line in the mail, the text as in a diff, and `>` at what is meant. */
function frame(f: Finding, view: View): string[] {
  const quoted: ExcerptLine = { line: null, patchLine: f.patch.line, text: f.quoted ?? "", added: false };
  const lines = f.excerpt.length > 0 || f.quoted === undefined ? f.excerpt : [quoted];
  if (lines.length === 0) return [];
  const texts = lines.map((line) => printable(expandTabs(line.text)));
  const margin = texts.reduce((least, t) => (t.trim() === "" ? least : Math.min(least, t.search(/\S/))), 40);
  const cells = lines.map((line) => [String(line.line ?? ""), String(line.patchLine ?? "")] as const);
  const widths = [0, 1].map((i) => Math.max(i === 0 ? 4 : 5, ...cells.map((c) => c[i as 0 | 1].length)));
  const row = (a: string, b: string): string => `${a.padStart(widths[0] ?? 0)} ${b.padStart(widths[1] ?? 0)}`;
  const gutter = indent.length + 2 + (widths[0] ?? 0) + (widths[1] ?? 0) + 5;

  const out = [paint(view, "dim", `${indent}  ${row("file", "patch")}`)];
  let previous: ExcerptLine | undefined;
  for (const [i, line] of lines.entries()) {
    if (previous?.line != null && line.line !== null && line.line > previous.line + 1) out.push(`${indent}  ...`);
    previous = line;
    const hit = marked(f, line);
    const [a, b] = cells[i] ?? ["", ""];
    for (const [k, piece] of slices((texts[i] ?? "").slice(margin), Math.max(view.width - gutter, 20)).entries()) {
      const numbers = k === 0 ? row(a, b) : row("", "");
      const sign = k > 0 ? "|" : line.added ? "+" : " ";
      const text = `${indent}${hit && k === 0 ? "> " : "  "}${numbers}  ${sign} ${piece}`.trimEnd();
      out.push(hit ? paint(view, "bold", text) : text);
    }
  }
  return out;
}

function stepPlace(step: TraceStep, file: string | null): string {
  if (step.at === undefined) return "";
  return step.at.file === file ? String(step.at.line) : `${step.at.file}:${step.at.line}`;
}

/** A row of a printed run: a step, or several steps of the model that are folded into one row. */
interface Row {
  /** "3", or "4-9". */
  readonly number: string;
  /** null for folded steps. */
  readonly actor: string | null;
  readonly action: string;
  /** Where the patch takes the step; "" if it does not. */
  readonly at: string;
}

function rowsOf(trace: Trace, f: Finding, view: View): readonly Row[] {
  const { steps } = trace;
  const rows: Row[] = [];
  for (let i = 0; i < steps.length; ) {
    let end = i;
    while (end < steps.length && isQuiet(trace, end, f)) end++;
    if (end - i >= LONG_STRETCH && !view.verbose) {
      const all = steps.slice(i, end).every(({ assumed }) => assumed);
      const action = all ? `~ ${end - i} steps of the model (-v)` : `${end - i} steps (-v)`;
      rows.push({ number: `${i + 1}-${end}`, actor: null, action, at: "" });
      i = end;
      continue;
    }
    for (const stop = Math.max(end, i + 1); i < stop; i++) {
      const step = steps[i] as TraceStep;
      const action = printable(`${step.assumed ? "~ " : ""}${step.action}`);
      rows.push({
        number: String(i + 1),
        actor: printable(step.actor),
        action,
        at: printable(stepPlace(step, f.file)),
      });
    }
  }
  return rows;
}

/** The run as a table with a column for each actor; undefined if that is too wide. */
function traceTable(rows: readonly Row[], width: number): string[] | undefined {
  const actors = [...new Set(rows.flatMap((row) => row.actor ?? []))];
  const widest = (title: string, texts: readonly string[]): number => Math.max(...[title, ...texts].map(displayWidth));
  const columns = [
    widest(
      "",
      rows.map((row) => row.number),
    ),
    ...actors.map((actor) =>
      widest(
        actor,
        rows.filter((row) => row.actor === actor).map((row) => row.action),
      ),
    ),
    widest(
      "line",
      rows.map((row) => row.at),
    ),
  ];
  if (indent.length + columns.reduce((sum, w) => sum + w + 2, -2) > width) return undefined;
  const line = (number: string, cells: readonly string[]): string =>
    [indent + number.padStart(columns[0] ?? 0), ...cells.map((cell, c) => padEnd(cell, columns[c + 1] ?? 0))]
      .join("  ")
      .trimEnd();
  const body = rows.map((row) => {
    if (row.actor === null) return `${indent}${row.number.padStart(columns[0] ?? 0)}  ${row.action}`;
    return line(row.number, [...actors.map((actor) => (actor === row.actor ? row.action : "")), row.at]);
  });
  return [line("", [...actors, "line"]), ...body];
}

function traceList(rows: readonly Row[], width: number): string[] {
  const digits = Math.max(...rows.map((row) => row.number.length));
  return rows.flatMap((row) => {
    const where = row.at === "" ? "" : ` (${row.at.includes(":") ? row.at : `line ${row.at}`})`;
    const number = `${indent}${row.number.padStart(digits)}. `;
    const actor = row.actor === null ? "" : `${row.actor}: `;
    return wrap(`${actor}${row.action}${where}`, width, number, " ".repeat(number.length));
  });
}

/** A labelled paragraph: "why: ...", wrapped under its label. */
function paragraph(label: string, text: string, view: View): string[] {
  const out: string[] = [];
  for (const [i, part] of text.split("\n").entries()) {
    const start = i === 0 ? `  ${label}: ` : indent;
    for (const [k, line] of wrap(printable(part), view.width, start, indent).entries()) {
      const head = `  ${label}:`;
      out.push(
        i === 0 && k === 0 && line.startsWith(head)
          ? `  ${paint(view, "bold", `${label}:`)}${line.slice(head.length)}`
          : line,
      );
    }
  }
  return out;
}

function run(trace: Trace, f: Finding, view: View): string[] {
  const rows = rowsOf(trace, f, view);
  const assumed = rows.some((row) => row.action.startsWith("~ "));
  return [
    ...paragraph("run", trace.setting, view),
    ...(traceTable(rows, view.width) ?? traceList(rows, view.width)),
    ...(assumed ? wrap("~ assumed by the model, not taken from the patch", view.width, indent) : []),
    ...paragraph("outcome", trace.outcome, view),
    ...(f.executed && view.input !== undefined ? replay(f, view.input, view) : []),
  ];
}

/** The command that runs it again, in one line, as it is to be copied. */
function replay({ fingerprint }: Finding, input: string, view: View): string[] {
  const command = `copylint run ${input} --replay ${fingerprint.slice(0, 12)}`;
  return [`  ${paint(view, "bold", "replay:")} ${printable(command)}`];
}

/** One point of the review with all places that have it. */
function block(group: readonly Finding[], view: View): string {
  const [f, ...more] = group as readonly [Finding, ...Finding[]];
  const inFunction = f.function === null ? "" : ` in ${f.function}`;
  const patch = `${nOfM(f.patch)} "${bare(f.patch.subject)}"${inFunction}, ${f.patch.path}:${f.patch.line}`;
  const out = [...headline(f, view), ...frame(f, view)];
  if (f.trace !== null) out.push(...run(f.trace, f, view));
  if (f.why !== "") out.push(...paragraph("why", f.why, view));
  if (f.instead !== "") out.push(...paragraph("instead", f.instead, view));
  if (f.fix.length > 0) out.push(...paragraph("fix", `${count(f.fix.length, "edit")}, see --format json`, view));
  for (const r of f.related) {
    out.push(...paragraph("see", `${r.file}:${r.line} (patch ${r.patch}): ${r.message}`, view));
  }
  out.push(...paragraph("patch", patch, view));
  if (f.mendedBy !== null) {
    const { subject } = f.mendedBy;
    out.push(
      ...paragraph("mended", `by ${nOfM(f.mendedBy)} "${bare(subject)}"; a ${f.level} for whoever bisects`, view),
    );
  }
  if (f.suppressed !== undefined) out.push(...paragraph("suppressed", suppressionText(f.suppressed), view));
  if (more.length > 0) {
    const places = more.map((o) => `${place(o)} (${nOfM(o.patch)}, ${o.patch.path}:${o.patch.line})`);
    out.push(...paragraph(`also at ${count(more.length, "place")}`, places.join(", "), view));
  }
  if (view.verbose)
    for (const source of f.sources) out.push(...paragraph("source", `${source.by}, ${source.url}`, view));
  if (f.confidence !== "high") out.push(...paragraph("confidence", f.confidence, view));
  return out.join("\n");
}

/** Findings that say the same of several places, together, in the order of the first. */
function grouped(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const groups = new Map<string, Finding[]>();
  for (const f of findings) {
    const key = JSON.stringify([f.rule, f.what, f.level, f.mendedBy, f.suppressed]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [f]);
    else group.push(f);
  }
  return [...groups.values()];
}

/** What was found, in numbers: "1 error, 3 warnings, 9 checks", or "nothing found"; and how much was not reviewed. */
export function found(review: Review): string {
  const live = review.findings.filter((f) => f.mendedBy === null);
  const parts = (["error", "warning", "check"] as const).flatMap((level) => {
    const n = live.filter((f) => f.level === level).length;
    return n === 0 ? [] : [count(n, level)];
  });
  const notes = review.findings.length - live.length;
  if (notes > 0) parts.push(count(notes, "note"));
  const against = review.findings.filter((f) => f.suppressed !== undefined).length;
  if (against > 0) parts.push(`${against} of them suppressed by the author`);
  const failed = notReviewed(review);
  if (failed > 0) parts.push(notReviewedText(failed));
  return parts.length === 0 ? "nothing found" : parts.join(", ");
}

/** The last line: all that was read, all that was found, and all that was not checked. */
function summary(review: Review, view: View): string[] {
  const { patches, files } = review.counts;
  const inputs = review.notChecked.filter((n) => n.kind === "input").length;
  const questions = review.notChecked.length - inputs;
  const unread = review.problems.filter((p) => p.kind === "unreadable").length;
  const unchecked = [
    ...(unread > 0 ? [`${unread} not understood`] : []),
    ...(inputs > 0 ? [count(inputs, "input")] : []),
    ...(view.withoutDiff > 0 ? [count(view.withoutDiff, "mail without a diff", "mails without a diff")] : []),
    ...(questions > 0 ? [count(questions, "rule question")] : []),
  ];
  const list = inputs + questions > 0 && !view.verbose ? " (-v)" : "";
  const rest = unchecked.length === 0 ? "" : `; not checked: ${unchecked.join(", ")}${list}`;
  const aside = setAside(review);
  const out = aside.length === 0 ? "" : `; ${aside.join(", ")}${view.verbose ? "" : " (-v lists them)"}`;
  const read = `${count(patches, "patch", "patches")}, ${count(files, "file")}`;
  return [...wrap(`${read}: ${found(review)}${out}${rest}`, view.width, "", indent)];
}

/** One finding as the terminal shows it, without a line end. */
export function findingText(f: Finding, view: View): string {
  return block([f], view);
}

/** A review for people: blocks separated by empty lines, then what was not reviewed, or not checked (with -v), then the sums. */
export function terminalReport(review: Review, view: View): string {
  const blocks = grouped(review.findings).map((group) => block(group, view));
  for (const { subject, version, notReviewed: why } of review.series)
    if (why !== null) blocks.push(paragraph("not reviewed", `${subject} (v${version}): ${why}`, view).join("\n"));
  if (view.verbose) {
    const read = review.series.filter((s) => s.notReviewed === null);
    const bases = read.map((s) => `${s.subject} (v${s.version}), read as for ${s.base}`);
    if (bases.length > 0) blocks.push(bases.flatMap((b) => paragraph("series", b, view)).join("\n"));
    const aside = (review.suppressed ?? []).flatMap((f) => {
      const by = f.suppressed === undefined ? "" : ` (suppressed ${suppressionText(f.suppressed)})`;
      return wrap(printable(`${place(f)}: ${shownLevel(f)} ${f.rule}: ${f.what}${by}`), view.width, "  ", indent);
    });
    if (aside.length > 0) blocks.push([paint(view, "bold", "set aside:"), ...aside].join("\n"));
    const lines = review.notChecked.flatMap((n) => wrap(printable(`${n.what}: ${n.why}`), view.width, "  ", indent));
    if (lines.length > 0) blocks.push([paint(view, "bold", "not checked:"), ...lines].join("\n"));
  }
  blocks.push(summary(review, view).join("\n"));
  return `${blocks.join("\n\n")}\n`;
}
