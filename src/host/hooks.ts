import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  unlinkSync,
} from "node:fs";
import { isAbsolute, join } from "node:path";
import { failure, type GitArgs, GitError, runGit } from "./git-process.ts";
import { writeWhole } from "./write.ts";

/** Which of git's configuration files: the repository's, or that of the user. */
export type Scope = "local" | "global";

/**
 * Runs git with the user's configuration as it is, as that is what is asked for and written here.
 *
 * @returns the output; undefined if git ends with `none`.
 * @throws GitError
 */
function git(args: GitArgs, cwd: string, none?: number): string | undefined {
  const { status, stdout, stderr } = runGit(args, { cwd, asUser: true });
  if (status === none) return undefined;
  if (status !== 0) throw new GitError(failure(stderr));
  return stdout.toString("utf8");
}

const line = (text: string | undefined): string => (text ?? "").replace(/\n$/, "");

/**
 * The folder in which git runs hooks and b4 runs checks: the top of the work tree, or a bare repository.
 *
 * @throws GitError outside of a repository.
 */
export function topFolder(cwd: string): string {
  const bare = line(git(["rev-parse", "--is-bare-repository"], cwd)) === "true";
  return line(git(["rev-parse", bare ? "--absolute-git-dir" : "--show-toplevel"], cwd));
}

/**
 * The folder from which git takes the hooks of the repository at `top`, absolute. A relative core.hooksPath starts where
 * hooks are run.
 */
export function hooksFolder(top: string): string {
  const path = line(git(["rev-parse", "--git-path", "hooks"], top));
  return isAbsolute(path) ? path : join(top, path);
}

/** The user's own core.hooksPath as git reads it, `~` resolved; undefined if there is none. */
export function globalHooksPath(cwd: string): string | undefined {
  const path = git(["config", "--global", "--type=path", "--get", "core.hooksPath"], cwd, 1);
  return path === undefined ? undefined : line(path);
}

/** All values of a key in the order of git, from one file of the configuration or (without scope) as git sees it. */
export function configValues(key: string, cwd: string, scope?: Scope): readonly string[] {
  const from = scope === undefined ? [] : [`--${scope}`];
  return (git(["config", ...from, "-z", "--get-all", key], cwd, 1) ?? "").split("\0").slice(0, -1);
}

/** All values of a key in a file of the form of git's configuration; none if there is no such file. */
export function fileValues(file: string, key: string, cwd: string): readonly string[] {
  if (!exists(file)) return [];
  return (git(["config", "-z", "--file", file, "--get-all", key], cwd, 1) ?? "").split("\0").slice(0, -1);
}

export function addValue(key: string, value: string, cwd: string, scope: Scope): void {
  git(["config", `--${scope}`, "--add", key, value], cwd);
}

/** Removes all values of a key that are equal to `value`. */
export function removeValue(key: string, value: string, cwd: string, scope: Scope): void {
  const pattern = `^${value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`;
  git(["config", `--${scope}`, "--unset-all", key, pattern], cwd, 5);
}

/** Whether there is something at a path, if only a link that leads nowhere. */
export function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The text of a file; undefined if it cannot be read. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** The commit that a mail of `git format-patch` names in its first line; undefined if it names none. */
export function commitOf(mail: string): string | undefined {
  try {
    const descriptor = openSync(mail, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const head = Buffer.alloc(100);
      const text = head.toString("latin1", 0, readSync(descriptor, head));
      const id = /^From ([0-9a-f]{40}(?:[0-9a-f]{24})?) /.exec(text)?.[1];
      return id === undefined || /^0+$/.test(id) ? undefined : id;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

/**
 * Writes a script that git will run, and the folder that it belongs in.
 *
 * @throws Error whose message says why it cannot be written, without the path.
 */
export function writeScript(path: string, folder: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Error((error as { code?: string }).code ?? String(error));
  }
  writeWhole(path, text, folder);
  chmodSync(path, 0o755);
}

/** Gives a file another name; what has that name already stays, and then this throws. */
export function renameTo(path: string, name: string): void {
  if (exists(name)) throw new Error("there is such a file already");
  renameSync(path, name);
}

export function removeFile(path: string): void {
  unlinkSync(path);
}
