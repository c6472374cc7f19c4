import type { Level } from "../finding/finding.ts";
import { wrongPattern } from "./glob.ts";

/** A report that a configuration asks for; no file is standard output. */
export interface ConfiguredOutput {
  readonly format: string;
  readonly file?: string;
}

/** What a configuration file says; what is absent is left to others. */
export interface Config {
  readonly rules?: ReadonlyMap<string, Level | "off">;
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  readonly run?: boolean;
  /** Runs of the patch's own code. */
  readonly budget?: number;
  readonly failOn?: Level | "never";
  readonly output?: readonly ConfiguredOutput[];
  /** As written there: from the folder of the configuration file. */
  readonly baseline?: string;
  readonly authorIgnores?: boolean;
}

/** What a configuration may name, and which of such words was probably meant by another one. */
export interface Vocabulary {
  readonly rules: readonly string[];
  readonly formats: readonly string[];
  readonly meant: (word: string, words: readonly string[]) => string | undefined;
}

/** What is wrong with a configuration: one sentence, and what to do. */
export interface Wrong {
  readonly what: string;
  readonly advice?: string;
}

class WrongError extends Error {
  readonly wrong: Wrong;
  constructor(what: string, advice?: string) {
    super(what);
    this.wrong = advice === undefined ? { what } : { what, advice };
  }
}

/** The least and the most runs of the patch's own code that may be asked for. */
export const budgets = { least: 1, most: 1_000_000 } as const;

export const failOnValues = ["error", "warning", "check", "never"] as const;
const levelValues = ["off", "check", "warning", "error"] as const;

/** More entries than this are no list that somebody wrote. */
const longestList = 200;

/** A value of the file as a sentence quotes it. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  const text = typeof value === "string" ? `'${value}'` : String(value);
  return text.length <= 80 ? text : `${text.slice(0, 76)} ...`;
}

/** The entries of a mapping, of which only these keys are known. */
function entriesOf(
  value: unknown,
  where: string,
  known: readonly string[],
  word: string,
  { meant }: Vocabulary,
): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new WrongError(`${where} is to be a mapping, not ${shown(value)}`);
  const entries = Object.entries(value);
  for (const [key] of entries) {
    if (known.includes(key)) continue;
    const near = meant(key, known);
    const advice =
      near !== undefined
        ? `did you mean ${near}?`
        : word === "rule"
          ? "`copylint list` lists the rules"
          : `known are ${known.join(", ")}`;
    throw new WrongError(`${where} has no ${word} ${shown(key)}`, advice);
  }
  return entries;
}

function oneOf<T extends string>(value: unknown, where: string, values: readonly T[], { meant }: Vocabulary): T {
  const found = values.find((each) => each === value);
  if (found !== undefined) return found;
  const near = typeof value === "string" ? meant(value, values) : undefined;
  const advice = near === undefined ? `it is one of ${values.join(", ")}` : `did you mean ${near}?`;
  throw new WrongError(`${where} cannot be ${shown(value)}`, advice);
}

function flag(value: unknown, where: string): boolean {
  if (typeof value === "boolean") return value;
  throw new WrongError(`${where} cannot be ${shown(value)}`, "it is true or false");
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new WrongError(`${where} is to be a list, not ${shown(value)}`);
  if (value.length > longestList) throw new WrongError(`${where} has more than ${longestList} entries`);
  return value;
}

function patterns(value: unknown, where: string): readonly string[] {
  return list(value, where).map((pattern) => {
    if (typeof pattern !== "string")
      throw new WrongError(`${where} cannot have ${shown(pattern)}`, "a pattern is text");
    const wrong = wrongPattern(pattern);
    if (wrong !== undefined) throw new WrongError(`${where}: ${wrong.slice(0, 200)}`);
    return pattern;
  });
}

/**
 * A file that copylint is to read or write, as a configuration may name it: below its own folder, and nothing of git's. A
 * configuration may have come along with a tree, and must not reach what is outside of it.
 */
function fileBelow(value: unknown, where: string): string {
  if (typeof value !== "string" || value === "" || value.length > 1000)
    throw new WrongError(`${where} cannot be ${shown(value)}`, "it is the name of a file");
  const parts = value.split(/[/\\]/);
  if (parts[0] === "" || /[\0-\x1f\x7f]/.test(value) || parts.some((part) => part === ".." || /^\.git/i.test(part)))
    throw new WrongError(`${where} cannot be ${shown(value)}`, "a configuration names files below its own folder only");
  return value;
}

function outputOf(value: unknown, where: string, words: Vocabulary): ConfiguredOutput {
  if (typeof value === "string") return { format: oneOf(value, where, words.formats, words) };
  const entries = new Map(entriesOf(value, where, ["format", "file"], "key", words));
  if (!entries.has("format"))
    throw new WrongError(`${where} names no format`, `it is one of ${words.formats.join(", ")}`);
  const format = oneOf(entries.get("format"), `${where}: format`, words.formats, words);
  return entries.has("file") ? { format, file: fileBelow(entries.get("file"), `${where}: file`) } : { format };
}

function outputsOf(value: unknown, words: Vocabulary): readonly ConfiguredOutput[] {
  const outputs = list(value, "output").map((one, i) => outputOf(one, `output ${i + 1}`, words));
  for (const [i, { file }] of outputs.entries())
    if (outputs.slice(0, i).some((other) => other.file === file))
      throw new WrongError(`output: two reports go to ${file === undefined ? "standard output" : shown(file)}`);
  return outputs;
}

type Reader = (value: unknown, words: Vocabulary) => Config;

/** All keys of a configuration, in the order in which it is printed, and how each is read. */
const readers: Readonly<Record<string, Reader>> = {
  rules: (value, words) => {
    const entries = entriesOf(value, "rules", words.rules, "rule", words);
    return { rules: new Map(entries.map(([id, level]) => [id, oneOf(level, `rules: ${id}`, levelValues, words)])) };
  },
  paths: (value, words) => {
    const entries = entriesOf(value, "paths", ["only", "ignore"], "key", words);
    return Object.fromEntries(entries.map(([key, given]) => [key, patterns(given, `paths: ${key}`)]));
  },
  run: (value, words) => {
    if (typeof value !== "object" || value === null) return { run: flag(value, "run") };
    const entries = entriesOf(value, "run", ["budget"], "key", words);
    const { least, most } = budgets;
    for (const [, budget] of entries) {
      if (!Number.isInteger(budget) || (budget as number) < least || (budget as number) > most)
        throw new WrongError(
          `run: budget cannot be ${shown(budget)}`,
          `it is a number of runs from ${least} to ${most}`,
        );
      return { run: true, budget: budget as number };
    }
    return { run: true };
  },
  "fail-on": (value, words) => ({ failOn: oneOf(value, "fail-on", failOnValues, words) }),
  output: (value, words) => ({ output: outputsOf(value, words) }),
  baseline: (value) => ({ baseline: fileBelow(value, "baseline") }),
  // Editors look there for the schema.
  $schema: (value) => {
    if (typeof value !== "string") throw new WrongError(`$schema cannot be ${shown(value)}`, "it is an address");
    return {};
  },
  "author-ignores": (value) => ({ authorIgnores: flag(value, "author-ignores") }),
};

export const configKeys: readonly string[] = Object.keys(readers);

/**
 * The JSON schema of a configuration file, with the words that this version knows.
 * @param schema what config.schema.json holds.
 */
export function configSchema(schema: object, { rules, formats }: Pick<Vocabulary, "rules" | "formats">): object {
  const whole = structuredClone(schema) as {
    properties: { rules: { propertyNames: object } };
    $defs: { format: object };
  };
  Object.assign(whole.properties.rules.propertyNames, { enum: rules });
  Object.assign(whole.$defs.format, { enum: formats });
  return whole;
}

/** Reads what a configuration file holds, as data; an empty file says nothing. */
export function readConfig(value: unknown, words: Vocabulary): Config | Wrong {
  try {
    if (value === null || value === undefined) return {};
    const entries = entriesOf(value, "the configuration", configKeys, "key", words);
    return Object.assign({}, ...entries.map(([key, given]) => readers[key]!(given, words)));
  } catch (error) {
    if (error instanceof WrongError) return error.wrong;
    throw error;
  }
}
