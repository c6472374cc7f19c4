import { dirname, join, relative } from "node:path";
import { findUpward, readText, staysBelow } from "../host/files.ts";
import { formatNames } from "../report/reporter.ts";
import { type Config, readConfig, type Vocabulary } from "../sift/config.ts";
import { complaints, Refusal } from "./complaint.ts";
import type { Io } from "./io.ts";
import { nearest } from "./nearest.ts";

/** A configuration file. Paths are as people see them: from the folder in which they are. */
export interface ConfigFile {
  readonly path: string;
  readonly config: Config;
}

const names = [".copylintrc.yaml", ".copylintrc.json"];

/** Bytes; a file with every rule in it has a twentieth of it. */
const largest = 64 * 1024;

/** Brackets within brackets, and characters that a line is indented by: more than what a configuration can say needs. */
const deepest = 20;
const widest = 60;

const refuse = (path: string, what: string, hint?: string): never => {
  throw new Refusal(complaints.badConfig(path, what, hint));
};

/**
 * The data of a YAML text. Aliases are resolved a bounded number of times, tags that are not YAML's own are refused, and what
 * could be nested too deeply for the parser is not handed to it.
 */
async function parseYaml(path: string, text: string): Promise<unknown> {
  let depth = 0;
  for (const char of text) {
    if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
    if (depth > deepest) return refuse(path, "this is nested too deeply");
  }
  if (text.split("\n").some((line) => line.search(/[^ ?-]|$/) > widest))
    return refuse(path, "this is nested too deeply");
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { prettyErrors: true, stringKeys: true, logLevel: "error" });
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong !== undefined) {
    const line = wrong.linePos?.[0].line;
    const said = wrong.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
    return refuse(
      line === undefined ? path : `${path}:${line}`,
      `this is no YAML that can be read: ${said.slice(0, 200)}`,
    );
  }
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    return refuse(path, `this is no YAML that can be read: ${(error as Error).message.slice(0, 200)}`);
  }
}

function parseJson(path: string, text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return refuse(path, "this is no JSON");
  }
}

/** Where a path leads to from `cwd`, as people write it. */
const seenFrom = (cwd: string, path: string): string => relative(cwd, path) || ".";

/** Which files are read: the one that is named, none (false), or the nearest one. */
export type ConfigChoice = string | false | undefined;

/**
 * The configuration file that is in force, read.
 *
 * @param io a file that is passed over is said on its stderr.
 * @param rules ids of all rules.
 * @throws Refusal
 */
export async function configFile(
  choice: ConfigChoice,
  { cwd, stderr }: Pick<Io, "cwd" | "stderr">,
  rules: readonly string[],
): Promise<ConfigFile | undefined> {
  if (choice === false) return undefined;
  let path = choice;
  if (path === undefined) {
    const { found, refused } = findUpward(names, cwd);
    const [one, other] = found.map((each) => seenFrom(cwd, each));
    if (one !== undefined && other !== undefined) throw new Refusal(complaints.twoConfigs(one, other));
    if (refused !== undefined)
      stderr.write(
        `copylint: ${seenFrom(cwd, refused)} is not read, as it belongs to somebody else; --config reads it\n`,
      );
    path = one;
  }
  if (path === undefined) return undefined;
  const read = readText(path, cwd, largest);
  if ("why" in read) return refuse(path, read.why, "give another file, or none: --no-config");
  const data = path.endsWith(".json") ? parseJson(path, read.text) : await parseYaml(path, read.text);
  const words: Vocabulary = { rules, formats: formatNames, meant: nearest };
  const config = readConfig(data, words);
  if ("what" in config) return refuse(path, config.what, config.advice);
  return { path, config: placed(config, path, cwd) };
}

/** The configuration with its files named from where people are. */
function placed(config: Config, path: string, cwd: string): Config {
  const folder = dirname(join(cwd.startsWith("/") && path.startsWith("/") ? "/" : cwd, path));
  const from = (file: string): string => {
    if (!staysBelow(folder, file))
      return refuse(path, `${file} is a link, or behind one`, "name the file that it leads to");
    return seenFrom(cwd, join(folder, file));
  };
  const { baseline, output } = config;
  return {
    ...config,
    ...(baseline === undefined ? {} : { baseline: from(baseline) }),
    ...(output === undefined
      ? {}
      : { output: output.map((one) => (one.file === undefined ? one : { ...one, file: from(one.file) })) }),
  };
}
