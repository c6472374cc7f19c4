import { isAbsolute, join, relative } from "node:path";
import { GitError } from "../host/git-process.ts";
import {
  addValue,
  configValues,
  exists,
  fileValues,
  globalHooksPath,
  hooksFolder,
  isExecutable,
  removeFile,
  removeValue,
  renameTo,
  type Scope,
  textOf,
  topFolder,
  writeScript,
} from "../host/hooks.ts";
import { printable } from "../text/printable.ts";
import { complaints, Refusal } from "./complaint.ts";
import { formerName, hookName, hookScript, readHookScript } from "./hook-script.ts";
import type { HookOptions } from "./program.ts";
import { quoted } from "./shell.ts";

/** Where `copylint hook` is called, and as what. */
export interface HookPlace {
  readonly cwd: string;
  /** Absolute path of the program. */
  readonly program: string;
}

/** A folder of hooks, and where git's configuration is read and written. */
interface Place {
  readonly scope: Scope;
  /** Absolute path of the folder of git's hooks. */
  readonly folder: string;
  /** The folder in which git and b4 call what they call; undefined for all repositories. */
  readonly top: string | undefined;
  readonly cwd: string;
}

const refused = (error: unknown): Refusal | unknown =>
  error instanceof GitError ? new Refusal(complaints.git(error.message, error.advice)) : error;

function placeOf(scope: Scope, cwd: string): Place {
  if (scope === "local") {
    const top = topFolder(cwd);
    return { scope, folder: hooksFolder(top), top, cwd };
  }
  const folder = globalHooksPath(cwd);
  if (folder === undefined || !isAbsolute(folder)) throw new Refusal(complaints.noGlobalHooks(folder));
  return { scope, folder, top: undefined, cwd };
}

/** A path for people: from where they are, if it lies below. */
function shown(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return printable(near !== "" && !near.startsWith("..") && !isAbsolute(near) ? near : path);
}

/** The hook for git as it stands. */
function gitHook(place: Place) {
  const path = join(place.folder, hookName);
  const former = join(place.folder, formerName);
  const ours = readHookScript(textOf(path) ?? "");
  return { path, former, ours };
}

function attempt(path: string, cwd: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new Refusal(complaints.notWritable(shown(path, cwd), code ?? message));
  }
}

function installGit(place: Place, { program }: HookPlace, { failOn }: HookOptions): string {
  const { path, former, ours } = gitHook(place);
  if (ours?.intact === false) throw new Refusal(complaints.hookEdited(shown(path, place.cwd)));
  if (ours === undefined && exists(path)) {
    if (exists(former)) throw new Refusal(complaints.hookInTheWay(shown(former, place.cwd)));
    attempt(former, place.cwd, () => renameTo(path, former));
  }
  attempt(path, place.cwd, () => writeScript(path, place.folder, hookScript({ program, failOn })));
  const first = exists(former) ? `  the hook that was there runs first: it is ${formerName} now\n` : "";
  return `installed ${shown(path, place.cwd)}: git send-email stops at ${levels[failOn]}\n${first}${cautions(place)}`;
}

const levels = { error: "errors", warning: "errors and warnings", check: "all findings" } as const;

function uninstallGit(place: Place): string {
  const { path, former, ours } = gitHook(place);
  if (ours === undefined) return "";
  if (!ours.intact) throw new Refusal(complaints.hookEdited(shown(path, place.cwd)));
  attempt(path, place.cwd, () => removeFile(path));
  const back = exists(former);
  if (back) attempt(path, place.cwd, () => renameTo(former, path));
  return `removed ${shown(path, place.cwd)}${back ? "; the hook that was there before is back" : ""}\n`;
}

/** What keeps an installed hook from being run, or makes it run elsewhere as well. */
function cautions({ scope, folder, cwd }: Place): string {
  const lines: string[] = [];
  if (configValues("sendemail.validate", cwd).at(-1) === "false")
    lines.push("sendemail.validate is false, so git send-email runs no hook");
  if (scope === "local" && globalHooksPath(cwd) === folder)
    lines.push("this folder is core.hooksPath of all your repositories");
  return lines.map((line) => `  ${line}\n`).join("");
}

function statusGit(place: Place): string {
  const { path, former, ours } = gitHook(place);
  const where = shown(path, place.cwd);
  if (ours === undefined) return `git: not installed${exists(path) ? ` (${where} is another hook)` : ""}\n`;
  const stops = ours.failOn in levels ? levels[ours.failOn as keyof typeof levels] : ours.failOn;
  const lines = [`git: installed as ${where}, stops at ${printable(stops)}\n`];
  if (exists(former)) lines.push(`  ${formerName} runs first\n`);
  if (!ours.intact) lines.push("  it was edited, so it is neither replaced nor removed\n");
  if (!isExecutable(path)) lines.push("  it is not executable, so git does not run it\n");
  return lines.join("") + cautions(place);
}

/** The settings of b4 that name commands for single patches, and what b4 runs when nothing is set. */
const b4Keys = [
  { key: "b4.prep-perpatch-check-cmd", options: "-q --terse --no-summary --mailback --showfile", byProject: true },
  // Commands for patches of others are not taken from the .b4-config of a tree.
  { key: "b4.am-perpatch-check-cmd", options: "-q --terse --no-summary --mailback", byProject: false },
] as const;

/** Name of our shell commands as they see it (`$0`): by this they are known again. */
const b4Mark = "copylint-hook";
const isOurs = (value: string): boolean => new RegExp(`^sh -c .*' ${b4Mark}(?: |$)`, "s").test(value);

/**
 * The command for b4, which hands it one patch on standard input, starts it without a shell and takes each line for a
 * point. If the program is gone, that is a point, too: b4 itself would end with a Python error.
 */
function b4Command(program: string): string {
  const script =
    '[ -x "$1" ] || { echo "WARNING: $1 is gone, so copylint did not check this"; exit 0; }; exec "$1" check --format b4 -';
  return `sh -c ${quoted(script)} ${b4Mark} ${quoted(program)}`;
}

/** What b4 does by default, which a setting of any kind replaces: checkpatch, where the tree has one. */
function checkpatchCommand(options: string): string {
  const script = `[ ! -x scripts/checkpatch.pl ] || exec ./scripts/checkpatch.pl ${options}`;
  return `sh -c ${quoted(script)} ${b4Mark}`;
}

function installB4(place: Omit<Place, "folder">, { program }: HookPlace): string {
  const { scope, top, cwd } = place;
  const added: string[] = [];
  for (const { key, options, byProject } of b4Keys) {
    const here = configValues(key, cwd, scope).filter(isOurs);
    const project = top !== undefined && byProject ? fileValues(join(top, ".b4-config"), key, cwd) : [];
    const visible = top === undefined ? configValues(key, cwd, "global") : configValues(key, cwd);
    const others = [...project, ...visible.filter((value) => !here.includes(value))];
    if (others.some(isOurs)) {
      added.push(`  ${key}: installed already, for all your repositories\n`);
      continue;
    }
    // b4 runs all values of all files, so what is there already need not be repeated.
    const wanted = [...(others.length === 0 ? [checkpatchCommand(options)] : []), b4Command(program)];
    for (const value of here) if (!wanted.includes(value)) removeValue(key, value, cwd, scope);
    for (const value of wanted) if (!here.includes(value)) addValue(key, value, cwd, scope);
    added.push(`  ${key}: copylint, and ${others.length === 0 ? "checkpatch as before" : "what was set before"}\n`);
  }
  return `installed for b4 0.14 and later, in ${configName(scope)}:\n${added.join("")}`;
}

const configName = (scope: Scope): string =>
  scope === "global" ? "your git configuration" : "the configuration of this repository";

/** The keys that hold values of ours in the configuration of a scope. */
function b4Values(scope: Scope, cwd: string): readonly { readonly key: string; readonly value: string }[] {
  return b4Keys.flatMap(({ key }) =>
    configValues(key, cwd, scope).flatMap((v) => (isOurs(v) ? [{ key, value: v }] : [])),
  );
}

function uninstallB4(scope: Scope, cwd: string): string {
  const values = b4Values(scope, cwd);
  for (const { key, value } of values) removeValue(key, value, cwd, scope);
  return values.length === 0 ? "" : `removed copylint from the checks of b4 in ${configName(scope)}\n`;
}

function statusB4(scope: Scope, cwd: string): string {
  const keys = new Set(b4Values(scope, cwd).map(({ key }) => key));
  if (keys.size === 0) return "b4: not installed\n";
  return `b4: installed in ${configName(scope)}, as ${[...keys].join(" and ")}\n`;
}

/** `copylint hook`: what it did or found, as text. */
export function hook(options: HookOptions, at: HookPlace): string {
  const { action, tool, scope } = options;
  const { cwd } = at;
  try {
    if (scope === "local") topFolder(cwd);
    const b4 = { scope, top: scope === "local" ? topFolder(cwd) : undefined, cwd };
    if (action === "install") {
      if (tool === "b4") return installB4(b4, at);
      return installGit(placeOf(scope, cwd), at, options);
    }
    const withGit = tool !== "b4" && (scope === "local" || tool === "git" || globalHooksPath(cwd) !== undefined);
    if (action === "status") {
      const git = withGit ? statusGit(placeOf(scope, cwd)) : tool === "b4" ? "" : "git: not installed\n";
      return git + (tool === "git" ? "" : statusB4(scope, cwd));
    }
    const removed =
      (withGit ? uninstallGit(placeOf(scope, cwd)) : "") + (tool === "git" ? "" : uninstallB4(scope, cwd));
    return removed === "" ? "nothing of copylint is installed there\n" : removed;
  } catch (error) {
    throw refused(error);
  }
}
