import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute } from "node:path";

// All of copylint runs git from here. A repository is to be trusted as little as a patch: its configuration (with what
// that includes), its attributes and its hooks name programs, and none of them may be run.

/** A failure that the user can do something about: one sentence, and advice. */
export class GitError extends Error {
  readonly advice: string | undefined;
  constructor(what: string, advice?: string) {
    super(what);
    this.advice = advice;
  }
}

/** Neither the programs that attributes name, nor a git of its own for a submodule, with the configuration that it has there. */
const diffing = ["--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short"];

/** The commands that are in use, each with what it needs to run nothing, beside what all of them need. */
const commands = {
  "cat-file": [],
  config: [],
  diff: [...diffing, "--no-index"],
  "diff-index": [...diffing, "--ignore-submodules=all"],
  "diff-tree": diffing,
  log: [...diffing, "--no-show-signature"],
  "ls-tree": [],
  "merge-base": [],
  "rev-list": [],
  "rev-parse": [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A command and its arguments. */
export type GitArgs = readonly [keyof typeof commands, ...string[]];

/** Where and how git is run. */
export interface GitCall {
  readonly cwd: string;
  /** What it reads; absent: nothing. */
  readonly input?: string;
  /**
   * Hooks are where git would look for them, and variables of the environment lead where they lead the user's git: what is
   * asked for, or changed, is the user's own setting.
   */
  readonly asUser?: boolean;
}

/** What git left. */
export interface Ended {
  /** Its exit code; -1 if it did not come to its end. */
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** In MiB. */
const maxOutput = 128;

/** Before git 2.36 `core.fsmonitor` is always a program, even `false`; to be empty means none to all gits. */
const settings = ["core.fsmonitor=", "core.quotePath=true"];

function environment({ asUser = false }: GitCall): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => asUser || !name.startsWith("GIT_"));
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(kept),
    // Gits before 2.45 do not know this one, and would fetch missing objects; with no protocol allowed they get no further.
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_LITERAL_PATHSPECS: "1",
    LC_ALL: "C",
  };
  // A folder that is not named in full would be one of the checkout, where anything may be called `git`.
  const path = (env.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  delete env.PATH;
  return path.length === 0 ? env : { ...env, PATH: path.join(delimiter) };
}

/**
 * Where git cannot tell by its time whether a file of the work tree has changed it reads it, through the filter that the
 * attributes name. Here all filters are switched off.
 *
 * @throws GitError if one of them cannot be.
 */
function withoutFilters(call: GitCall): readonly string[] {
  const { status, stdout } = runGit(["config", "--list", "--name-only", "-z"], { cwd: call.cwd });
  if (status !== 0) throw new GitError("git could not read its configuration");
  const names = new Set(stdout.toString("utf8").split("\0"));
  return [...names].flatMap((name) => {
    const [, key] = /^filter\.[^]*\.(clean|smudge|process|required)$/.exec(name) ?? [];
    if (key === undefined) return [];
    // The name of a setting on the command line ends at the first "=", and bytes that are no text cannot be written there.
    if (/[=\ufffd]/.test(name)) throw new GitError("git's configuration has a filter that cannot be switched off");
    return [`${name}=${key === "required" ? "false" : ""}`];
  });
}

/** What is executed, all told. */
function invocation([command, ...args]: GitArgs, call: GitCall) {
  const env = environment(call);
  // What is compared here is in no repository, also if the folder happens to lie in one.
  if (command === "diff") env.GIT_CEILING_DIRECTORIES = realpathSync(dirname(call.cwd));
  const all = [
    ...settings,
    ...(call.asUser ? [] : ["core.hooksPath=/dev/null"]),
    ...(command === "diff-index" ? withoutFilters(call) : []),
  ];
  return {
    argv: ["--no-pager", ...all.flatMap((setting) => ["-c", setting]), command, ...commands[command], ...args],
    options: { cwd: call.cwd, env, windowsHide: true },
  };
}

/**
 * Runs git to its end.
 *
 * @throws GitError if it cannot be run, or refuses the repository for its owner; that it fails is left to the caller.
 */
export function runGit(args: GitArgs, call: GitCall): Ended {
  const { argv, options } = invocation(args, call);
  try {
    const stdout = execFileSync("git", argv, {
      ...options,
      input: call.input ?? "",
      maxBuffer: maxOutput * 1024 * 1024,
      stdio: ["pipe", "pipe", "pipe"],
    });
    return { status: 0, stdout, stderr: "" };
  } catch (error) {
    const { code, status, stdout, stderr } = error as {
      code?: string;
      status?: number | null;
      stdout?: Buffer;
      stderr?: Buffer;
    };
    if (code === "ENOENT")
      throw new GitError(existsSync(call.cwd) ? "git is not installed" : "there is no such folder");
    if (code === "ENOBUFS") throw new GitError(`git has more than ${maxOutput} MiB to print`, "give a shorter range");
    const said = stderr?.toString("utf8") ?? "";
    if (said.includes("dubious ownership"))
      throw new GitError(
        "git refuses this repository, as somebody else owns it",
        "see safe.directory in git-config(1)",
      );
    return { status: code === undefined ? (status ?? -1) : -1, stdout: stdout ?? Buffer.alloc(0), stderr: said };
  }
}

/** Starts git, which reads and writes pipes; it says on stderr why it fails. */
export function startGit(args: GitArgs, call: Pick<GitCall, "cwd">): ChildProcess {
  const { argv, options } = invocation(args, call);
  return spawn("git", argv, { ...options, stdio: ["pipe", "pipe", "inherit"] });
}

/** The first line of what git says when it fails. */
export const failure = (stderr: string): string =>
  (stderr.split("\n").find((text) => text.trim() !== "") ?? "git failed")
    .replace(/^(?:fatal|error): /, "")
    .slice(0, 300);
