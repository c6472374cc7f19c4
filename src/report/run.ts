import type { WalkChange, WalkStep } from "../model/trace.ts";
import { printable, printableJson } from "../text/printable.ts";
import { expandTabs, wrap } from "./layout.ts";

/** A run of one function of a series, as `copylint run` prints it. */
export interface RunReport {
  readonly function: string;
  /** What it is called with and what goes wrong, in words. */
  readonly setting: string;
  /** The finding whose run it is; null where it was put together by hand. */
  readonly finding: {
    readonly fingerprint: string;
    readonly rule: string;
    readonly file: string | null;
    readonly line: number;
    readonly what: string;
  } | null;
  readonly steps: readonly WalkStep[];
  /** There are more steps than are shown. */
  readonly cut: boolean;
  /** What the finding is about; of a run by hand, the same as its ending. */
  readonly outcome: string;
  /** What the caller is told and what really arrived. */
  readonly ending: string;
  readonly broken: readonly RunSaid[];
  /** What the run shows of choices that are no fault by themselves. */
  readonly shown: readonly RunSaid[];
  /** Why it does not come to its end; null: it does. */
  readonly notExecuted: string | null;
}

export interface RunSaid {
  readonly property: string;
  /** The sentence that holds where all is well. */
  readonly says: string;
  /** What came out instead. */
  readonly what: string;
}

/** What can be run of a series. */
export interface RunList {
  readonly functions: readonly {
    readonly function: string;
    readonly file: string;
    readonly line: number;
    readonly params: readonly { readonly name: string; readonly role: string }[];
    /** "synchronous", "with a callback", or either. */
    readonly ways: readonly string[];
  }[];
  readonly limits: readonly { readonly name: string; readonly counts: string }[];
  readonly notExecuted: readonly { readonly function: string; readonly why: string }[];
  /** Series that were not read, by a defect of ours. */
  readonly notRead: readonly { readonly series: string; readonly why: string }[];
}

/** As data; `version` grows when a field goes or changes its meaning. */
export const runJson = (report: RunReport | RunList): string =>
  `${printableJson(JSON.stringify({ version: 1, ...report }, null, 2))}\n`;

/** Plain text, each line at most `width` columns wide but for lines of source. */
export function runText(report: RunReport, width: number): string {
  const { setting, finding, steps, cut, outcome, ending, broken, shown } = report;
  const out: string[] = [];
  if (finding !== null) {
    const { file, line, rule, what, fingerprint } = finding;
    out.push(...lines(`${file ?? "the message"}:${line}: ${rule}: ${what}`, width, "", "    "));
    out.push(...lines(`finding: ${fingerprint}`, width, "  "));
  }
  out.push(...lines(`run: ${report.function}(), ${setting}`, width, "  ", "    "));
  const digits = String(steps.length).length;
  let actor = "";
  for (const [i, step] of steps.entries()) {
    if (step.actor !== actor) out.push("", `${printable(step.actor)}:`);
    actor = step.actor;
    out.push(...stepText(step, String(i + 1).padStart(digits + 2), width));
  }
  if (cut) out.push("  ... and so on");
  out.push("", ...lines(`outcome: ${outcome}`, width, "  ", "    "));
  if (ending !== outcome) out.push(...lines(`ends: ${ending}`, width, "  ", "    "));
  if (broken.length === 0 && report.notExecuted === null) out.push("  breaks: nothing");
  for (const [word, said] of [
    ["breaks", broken],
    ["shows", shown],
  ] as const) {
    for (const { property, says, what } of said)
      out.push(...lines(`${word}: ${property}: ${what} (it should be that ${says})`, width, "  ", "    "));
  }
  return `${out.join("\n")}\n`;
}

const lines = (text: string, width: number, first: string, rest = first): readonly string[] =>
  wrap(printable(text), width, first, rest);

function stepText(step: WalkStep, number: string, width: number): string[] {
  const { at, code, enters, again, events, changes } = step;
  const inner = " ".repeat(number.length + 2);
  const deep = `${inner}  `;
  const out: string[] = [];
  if (enters !== null) out.push(...lines(`--> ${enters}`, width, "  ", inner));
  if (at === null) out.push(`${number}  (the kernel, the device)`);
  else {
    const source = expandTabs(code);
    out.push(printable(`${number}  ${at.file}:${at.line}: ${again ? "... " : ""}${source}`));
  }
  // What is stored is told as what changes, unless it changes nothing.
  const stored = new Set(changes.map(({ member }) => member.replace(/^.*\./, "")));
  for (const { actor, action, assumed, told, at: from } of events) {
    const [, word, field] = /^(load|store) (.*) = /.exec(action) ?? [];
    if (word === "load" && !told) continue;
    if (word === "store" && (!told || stored.has(field!))) continue;
    const who = actor === step.actor ? "" : `${actor}: `;
    const elsewhere = from !== undefined && (from.file !== at?.file || from.line !== at.line);
    const where = elsewhere ? ` (${from.file}:${from.line})` : "";
    out.push(...lines(`${assumed ? "~ " : "* "}${who}${action}${where}`, width, inner, deep));
  }
  for (const { object, member, from, to } of changes)
    if (member === "")
      out.push(...lines(from === null ? `${object} = ${to}` : `${object}: ${from} to ${to}`, width, inner, deep));
  for (const [object, of] of byObject(changes.filter(({ member }) => member !== ""))) {
    const shown = of.slice(0, MEMBERS).map(changeText);
    if (of.length > shown.length) shown.push(`and ${of.length - shown.length} more`);
    out.push(...lines(`${object}: ${shown.join(", ")}`, width, inner, deep));
  }
  return out;
}

/** Members of one object that are shown of one step; a structure that is set up as a whole has more. */
const MEMBERS = 16;

function byObject(changes: readonly WalkChange[]): Map<string, WalkChange[]> {
  const groups = new Map<string, WalkChange[]>();
  for (const change of changes) {
    const group = groups.get(change.object);
    if (group === undefined) groups.set(change.object, [change]);
    else group.push(change);
  }
  return groups;
}

const changeText = ({ member, from, to }: WalkChange): string =>
  from === null ? `${member} = ${to}` : `${member} ${from} to ${to}`;

/** What can be run, and what cannot and why. */
export function runListText({ functions, limits, notExecuted, notRead }: RunList, width: number): string {
  const out: string[] = [];
  for (const { function: name, file, line, params, ways } of functions) {
    out.push(...lines(`(${file}:${line})`, width, `${printable(name)}() `, "    "));
    const wide = Math.max(0, ...params.map((param) => param.name.length));
    for (const param of params)
      out.push(...lines(param.role, width, `    ${printable(param.name).padEnd(wide)}  `, " ".repeat(wide + 6)));
    out.push(...lines(`runs ${ways.join(", or ")}`, width, "    "));
  }
  for (const { series, why } of notRead) out.push(...lines(`not read: ${series}: ${why}`, width, "", "    "));
  if (functions.length + notRead.length === 0) out.push("nothing in this series can be run");
  if (limits.length > 0)
    out.push(
      "",
      ...lines(`limits: ${limits.map(({ name, counts }) => `${name} (${counts})`).join(", ")}`, width, "", "    "),
    );
  if (notExecuted.length > 0) out.push("", "not run:");
  for (const { function: name, why } of notExecuted) out.push(...lines(`${name}(): ${why}`, width, "    ", "      "));
  return `${out.join("\n")}\n`;
}
