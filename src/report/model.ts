import type { PropertyId } from "../model/property.ts";
import type { Trace, TraceStep } from "../model/trace.ts";

/** What a run of the model by hand came to. */
export interface ModelReport {
  readonly engine: string;
  /** The choices in which the engine differs from the reference. */
  readonly choices: readonly { readonly knob: string; readonly value: string }[];
  readonly verdicts: readonly ModelVerdict[];
  /** null for a single run. */
  readonly explored: {
    readonly failures: number;
    readonly preemptions: number;
    readonly runs: number;
    readonly states: number;
    readonly exhaustive: boolean;
  } | null;
  /** The run that is shown, and the property that it breaks, if it does. */
  readonly trace: Trace;
  readonly breaks: PropertyId | null;
}

export interface ModelVerdict {
  readonly property: PropertyId;
  readonly says: string;
  /** "not seen": no run is a case that the property is about. */
  readonly verdict: "holds" | "broken" | "not seen";
  /** What came out; null unless broken. */
  readonly outcome: string | null;
}

const WIDTH = 80;

/** Plain text, at most 80 columns wide, no colour. */
export function renderModel(report: ModelReport): string {
  const { engine, choices, verdicts, explored, trace, breaks } = report;
  const lines = [
    ...wrap(`${engine}${choices.map(({ knob, value }) => `, ${knob}=${value}`).join("")}`, ""),
    ...wrap(`Run: ${trace.setting}`, "     "),
    "",
    ...renderTrace(trace),
    "",
    ...wrap(`Outcome: ${trace.outcome}${breaks === null ? "" : ` (breaks ${breaks})`}`, "         "),
    "",
    explored === null ? "Properties in this run:" : "Properties in all runs:",
  ];
  for (const { property, says, verdict, outcome } of verdicts) {
    lines.push(...wrap(`  ${verdict.padEnd(8)}  ${property}: ${outcome ?? says}`, " ".repeat(12)));
  }
  if (explored !== null) {
    const { runs, states, failures, preemptions, exhaustive } = explored;
    const bounds = `up to ${count(failures, "failure")} and ${count(preemptions, "preemption")} in a run, memory sequentially consistent`;
    lines.push(
      "",
      ...wrap(
        `${count(runs, "run")}, ${count(states, "distinct state")} in which actors compete; ${bounds}${exhaustive ? "" : "; not all of them"}.`,
        "",
      ),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** The same as data, one line. */
export function renderModelJson(report: ModelReport): string {
  return `${JSON.stringify(report)}\n`;
}

/**
 * A trace as a table: a column for every actor, a row for every step, top to bottom in the order of the run. Only one cell of a row is
 * filled, so it may reach into the columns to its right. `>` marks what a patch chose, and is left out when nothing was.
 *
 * @param fold three or more assumed steps in a row become one line, unless they fail, wake or return.
 */
export function renderTrace(
  trace: Trace,
  options: { readonly width?: number; readonly fold?: boolean } = {},
): readonly string[] {
  const width = options.width ?? WIDTH;
  const columns = [...new Set(trace.steps.map(({ actor }) => columnOf(actor)))].sort((a, b) => rank(a) - rank(b));
  const patched = trace.steps.some(({ assumed }) => !assumed);
  const gutter = String(trace.steps.length).length + (patched ? 4 : 2);
  const stride = Math.min(24, Math.floor((width - gutter - CELL) / Math.max(1, columns.length - 1)));
  const table = stride > Math.max(...columns.slice(0, -1).map((column) => column.length), 0);
  const header = " ".repeat(gutter) + columns.map((column) => column.padEnd(stride)).join("");
  const rows: string[] = table ? [header.trimEnd()] : [];
  for (let at = 0; at < trace.steps.length; at++) {
    const step = trace.steps[at]!;
    const folded = options.fold === true && patched ? foldable(trace.steps, at) : 0;
    if (folded >= 3) {
      rows.push(`${" ".repeat(gutter)}... ${folded} assumed steps`);
      at += folded - 1;
      continue;
    }
    const number = String(at + 1).padStart(gutter - (patched ? 4 : 2));
    const lead = `${number}${patched ? (step.assumed ? "   " : " > ") : " "} `.padEnd(gutter);
    const indent = table ? " ".repeat(columns.indexOf(columnOf(step.actor)) * stride) : `${step.actor}: `;
    const row = clip(lead + indent + step.action, width);
    const place = step.at === undefined ? "" : `${step.at.file}:${step.at.line}`;
    if (place === "") rows.push(row);
    else if (row.length + place.length + 2 <= width) rows.push(row + place.padStart(width - row.length));
    else rows.push(row, clip(place, width).padStart(width));
  }
  return rows;
}

/** Columns that the last actor's cells get at least; the longest that a completion writes is "load waiter = submitter". */
const CELL = 24;

/** The block layer works on behalf of the device, and shares its column. */
function columnOf(actor: string): string {
  return actor === "block layer" ? "device" : actor;
}

function rank(column: string): number {
  if (column === "submitter") return 0;
  if (column === "device") return 1;
  return 2 + Number(/\d+$/.exec(column)?.[0] ?? 0);
}

/** How many steps from here on nobody needs to see. */
function foldable(steps: readonly TraceStep[], from: number): number {
  let at = from;
  while (
    at < steps.length &&
    steps[at]!.assumed &&
    !/^(fail|wake|return|callback|use after|double|alloc .*fails)/.test(steps[at]!.action)
  )
    at++;
  return at - from;
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 3)}...`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/** Breaks at spaces; lines after the first are indented. A word that is wider than a line stays whole. */
function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > WIDTH) {
    const cut = rest.lastIndexOf(" ", WIDTH);
    const at = cut > indent.length ? cut : rest.indexOf(" ", WIDTH);
    if (at < 0) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = indent + rest.slice(at + 1);
  }
  return [...lines, rest];
}
