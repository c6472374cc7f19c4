import type { Finding, Level } from "../finding/finding.ts";
import { printableJson } from "../text/printable.ts";

/** Version of the file; baseline.schema.json describes it. */
const version = 1;

/** A finding, or several that are alike, by what stays when lines move. */
export interface BaselineEntry {
  readonly rule: string;
  readonly level: Level;
  /** null for a point of a commit message or cover letter. */
  readonly file: string | null;
  readonly function: string | null;
  /** The code at the place, white space folded. */
  readonly statement: string;
  /** How many findings are alike in all of this. */
  readonly count: number;
}

/** Findings that are known, and not to be reported again. */
export type Baseline = readonly BaselineEntry[];

const gravity: readonly Level[] = ["error", "warning", "check"];

type Key = Pick<BaselineEntry, "rule" | "file" | "function" | "statement">;

const keyOf = ({ rule, file, function: within, statement }: Key): string =>
  JSON.stringify([file, within, rule, statement]);

/** The code of a finding, or the line that it quotes, as a baseline keeps it. */
function statementOf(f: Finding): string {
  return (f.code ?? f.quoted ?? "").replace(/\s+/g, " ").trim();
}

const entryOf = (f: Finding): BaselineEntry => {
  const { rule, level, file, function: within } = f;
  return { rule, level, file, function: within, statement: statementOf(f), count: 1 };
};

/** Alike findings as one entry, of the gravest level among them; sorted, so that the same findings give the same file. */
export function baselineOf(findings: readonly Finding[]): Baseline {
  const entries = new Map<string, BaselineEntry>();
  for (const entry of findings.map(entryOf)) {
    const known = entries.get(keyOf(entry));
    const level = gravity.find((each) => each === known?.level || each === entry.level)!;
    entries.set(keyOf(entry), { ...entry, level, count: (known?.count ?? 0) + 1 });
  }
  // By code units: the order must not depend on where it is written.
  return [...entries].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)).map(([, entry]) => entry);
}

/**
 * For each finding, whether the baseline holds it. An entry stands for as many findings as it counts; one that has become graver
 * since is not what was known.
 */
export function withBaseline(
  findings: readonly Finding[],
  baseline: Baseline,
): { readonly known: readonly boolean[]; readonly left: Baseline } {
  const left = new Map<string, BaselineEntry>();
  for (const entry of baseline) {
    const before = left.get(keyOf(entry));
    left.set(keyOf(entry), { ...entry, count: entry.count + (before?.count ?? 0) });
  }
  const known = findings.map((f) => {
    const key = keyOf(entryOf(f));
    const entry = left.get(key);
    if (entry === undefined || entry.count === 0) return false;
    if (gravity.indexOf(f.level) < gravity.indexOf(entry.level)) return false;
    left.set(key, { ...entry, count: entry.count - 1 });
    return true;
  });
  return { known, left: [...left.values()].filter(({ count }) => count > 0) };
}

/** The file of a baseline. */
export function baselineText(baseline: Baseline): string {
  return `${printableJson(JSON.stringify({ version, findings: baseline }, null, 2))}\n`;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const fields = ["rule", "level", "file", "function", "statement", "count"];

/** What is wrong with one entry, or undefined. */
function wrongEntry(entry: unknown): string | undefined {
  if (!isRecord(entry)) return "is no entry";
  const foreign = Object.keys(entry).find((key) => !fields.includes(key));
  if (foreign !== undefined) return `has a field '${foreign.slice(0, 60)}', which is not known`;
  const missing = fields.find((field) => !Object.hasOwn(entry, field));
  if (missing !== undefined) return `has no field '${missing}'`;
  const isText = (value: unknown) => typeof value === "string";
  const { rule, level, file, function: within, statement, count } = entry;
  if (!isText(rule) || !isText(statement)) return "has a rule or a statement that is no text";
  if (![file, within].every((value) => value === null || isText(value)))
    return "has a file or a function that is neither text nor null";
  if (!gravity.some((each) => each === level)) return `has a level that is none of ${gravity.join(", ")}`;
  if (!Number.isSafeInteger(count) || (count as number) < 1) return "has a count that is no whole number from 1 on";
  return undefined;
}

/** Reads the file of a baseline: the entries, or what is wrong with it. */
export function readBaseline(text: string): Baseline | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is no JSON";
  }
  if (!isRecord(value) || !Array.isArray(value.findings)) return "it holds no list of findings";
  if (value.version !== version) return `it is none of version ${version}, the only one known`;
  for (const [i, entry] of value.findings.entries()) {
    const wrong = wrongEntry(entry);
    if (wrong !== undefined) return `entry ${i + 1} ${wrong}`;
  }
  return value.findings as BaselineEntry[];
}
