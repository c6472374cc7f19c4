import { existsSync, lstatSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { FileTree } from "./files.ts";
import { failure, type GitArgs, GitError, runGit } from "./git-process.ts";

/** A commit of a range. */
export interface Commit {
  /** 40 (or 64) hex digits. */
  readonly id: string;
  /** `Name <address>`. */
  readonly author: string;
  /** RFC 2822. */
  readonly date: string;
  readonly subject: string;
  /** The message without its subject; lines end in `\n`. */
  readonly body: string;
  /** What `git notes` holds of it; "" if nothing. */
  readonly notes: string;
  /** Unified diff against the first parent. */
  readonly diff: string;
}

export interface Range {
  /** Oldest first; merges are left out. */
  readonly commits: readonly Commit[];
  /** Full id of the merge base. */
  readonly base: string;
}

/** More commits than this are no series. */
const maxCommits = 500;

/** Files above this many bytes are not taken from a tree: no source file is that long. */
const maxTreeFile = 8 * 1024 * 1024;

/**
 * The commits of `A..B` or `A...B`, both read as "what B has on top of the merge base". An omitted side is HEAD.
 *
 * @param cwd any folder of the repository.
 * @throws GitError
 */
export function readRange(range: string, cwd: string): Range {
  const dots = range.indexOf("..");
  const width = range.startsWith("...", dots) ? 3 : 2;
  const from = range.slice(0, dots) || "HEAD";
  const to = range.slice(dots + width) || "HEAD";
  const none = "this is a git range, but the current folder is not in a git repository";
  run(["rev-parse", "--git-dir"], cwd, () => new GitError(none, "change to the repository"));
  const [tip, start] = [resolve(to, cwd), resolve(from, cwd)];
  const base = run(
    ["merge-base", start, tip],
    cwd,
    () => new GitError("the two ends of this range have no common commit"),
  )
    .split("\n")[0]!
    .trim();
  const format = "--format=%H%x00%an <%ae>%x00%aD%x00%s%x00%b%x00";
  const list = ["--reverse", "--topo-order", "--no-merges", `--max-count=${maxCommits + 1}`, "--encoding=UTF-8"];
  const fields = run(["rev-list", ...list, format, tip, `^${base}`, `^${start}`, "--"], cwd, failed).split("\0");
  const found: Omit<Commit, "diff" | "notes">[] = [];
  for (let at = 0; at + 5 < fields.length + 0; at += 5) {
    const id = fields[at]!.slice(-tip.length);
    const [author, date, subject, body] = fields.slice(at + 1, at + 5) as [string, string, string, string];
    found.push({ id, author, date, subject, body });
  }
  if (found.length > maxCommits)
    throw new GitError(`this range has more than ${maxCommits} commits`, "give a shorter one");
  const ids = found.map((commit) => commit.id);
  const [diffs, notes] = [readDiffs(ids, cwd), readNotes(ids, cwd)];
  return {
    base,
    commits: found.map((commit) => ({
      ...commit,
      notes: notes.get(commit.id) ?? "",
      diff: diffs.get(commit.id) ?? "",
    })),
  };
}

/** The notes of the commits, as `git format-patch --notes` would put them below the `---`. */
function readNotes(ids: readonly string[], cwd: string): Map<string, string> {
  if (ids.length === 0) return new Map();
  const format = "--format=%H%x00%N%x00";
  const options = ["--no-walk=unsorted", "--no-patch", "--encoding=UTF-8", "--stdin"];
  const fields = run(["log", ...options, format], cwd, failed, `${ids.join("\n")}\n`).split("\0");
  const notes = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) notes.set(fields[at]!.trim(), fields[at + 1]!);
  return notes;
}

/** A working tree against one of its commits. */
export interface WorkingTree {
  /** Absolute path of its top folder. */
  readonly top: string;
  /** Full id of the commit. */
  readonly base: string;
  /** Paths from the top of the files that may differ from the commit; files that git does not know are not among them. */
  readonly touched: readonly string[];
}

/**
 * What of a working tree may differ from what it has in common with a commit.
 *
 * @param cwd any folder of the repository.
 * @throws GitError
 */
export function readWorkingTree(cwd: string, name: string): WorkingTree {
  const top = topOf(cwd);
  const commit = resolve(name, cwd);
  const base = run(["merge-base", commit, resolve("HEAD", cwd)], cwd, failed)
    .split("\n")[0]!
    .trim();
  const options = ["--name-only", "--no-renames", "--diff-filter=AMT", "-z"];
  const paths = run(["diff-index", ...options, base, "--"], top, failed).split("\0");
  return { top, base, touched: paths.filter((path) => path !== "") };
}

/**
 * The top of the work tree around a folder.
 *
 * @throws GitError
 */
function topOf(cwd: string): string {
  const none = () => new GitError("this folder is not in a git repository");
  const top = realpathSync(run(["rev-parse", "--show-toplevel"], cwd, none).replace(/\n$/, ""));
  let found = realpathSync(cwd);
  while (!existsSync(join(found, ".git")) && found !== dirname(found)) found = dirname(found);
  // A configuration may name any folder, and what is there is not to be read, or even edited, for its sake.
  if (found !== top)
    throw new GitError("the work tree of this repository is elsewhere", "see core.worktree in git-config(1)");
  return top;
}

/**
 * The unified diff from some texts to others, by path; texts that are equal have no part in it.
 *
 * The working tree is not given to git, which would run the filters of its configuration on it.
 */
export function diffOf(
  files: readonly { readonly path: string; readonly before: string | undefined; readonly after: string }[],
): string {
  const folder = mkdtempSync(join(tmpdir(), "copylint-"));
  try {
    return (
      files
        // A path that git would quote is none of a source file.
        .filter(({ path, before, after }) => before !== after && !/[\0-\x1f"\\\x7f]/.test(path))
        .map(({ path, before, after }) => diffOfOne(folder, path, before, after))
        .join("")
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function diffOfOne(folder: string, path: string, before: string | undefined, after: string): string {
  const head = `diff --git a/${path} b/${path}\n`;
  const names = `--- ${before === undefined ? "/dev/null" : `a/${path}`}\n+++ b/${path}\n`;
  writeFileSync(join(folder, "before"), before ?? "");
  writeFileSync(join(folder, "after"), after);
  const said = run(["diff", "--text", "-U3", "--", "before", "after"], folder, failed, "", [0, 1]);
  const hunks = said.indexOf("\n@@ ");
  return hunks === -1
    ? ""
    : `${head}${before === undefined ? "new file mode 100644\n" : ""}${names}${said.slice(hunks + 1)}`;
}

function resolve(name: string, cwd: string): string {
  const unknown = () => new GitError(`git knows no commit "${name}"`);
  if (name.startsWith("-")) throw unknown();
  return run(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`], cwd, unknown).trim();
}

/** One process for all commits: it prints the id on a line of its own, which no line of a diff can be. */
function readDiffs(ids: readonly string[], cwd: string): Map<string, string> {
  const diffs = new Map<string, string>();
  if (ids.length === 0) return diffs;
  const form = ["-p", "-r", "-M", "-U3", "--root", "--full-index", "--src-prefix=a/", "--dst-prefix=b/"];
  const text = run(["diff-tree", "--stdin", ...form], cwd, failed, `${ids.join("\n")}\n`);
  let at = 0;
  for (const [index, id] of ids.entries()) {
    const start = text.startsWith(`${id}\n`, at) ? at : text.indexOf(`\n${id}\n`, at) + 1;
    if (!text.startsWith(`${id}\n`, start)) continue;
    const next = ids[index + 1];
    const end = next === undefined ? -1 : text.indexOf(`\n${next}\n`, start);
    at = end === -1 ? text.length : end + 1;
    diffs.set(id, text.slice(start + id.length + 1, at));
  }
  return diffs;
}

/**
 * The files of a commit, from the objects of the repository: no checkout, no filters.
 *
 * @param commit a full id.
 * @param wanted paths that will be asked for: they are read together.
 */
export function gitTree(cwd: string, commit: string, wanted: readonly string[] = []): FileTree {
  const cache = new Map<string, string | undefined>();
  let loaded = false;
  return {
    origin: { repository: cwd, commit, wanted },
    read(path) {
      if (!loaded) {
        loaded = true;
        load(cwd, commit, wanted, cache);
      }
      if (!cache.has(path)) load(cwd, commit, [path], cache);
      return cache.get(path);
    },
  };
}

/**
 * The lines of a file of a commit, without line ends; undefined if it has no such file.
 *
 * @param wanted paths that will be asked for: they are read together.
 */
export function gitLines(
  cwd: string,
  commit: string,
  wanted: readonly string[],
): (path: string) => readonly string[] | undefined {
  const tree = gitTree(cwd, commit, wanted);
  return (path) => tree.read(path)?.split("\n");
}

/** The files that a repository has checked out. */
export interface Worktree {
  /** Absolute path of its top. */
  readonly top: string;
  /** Whether HEAD is the commit that a range ends in. */
  readonly atEnd: boolean;
  /**
   * The texts of files that are as HEAD has them, in the index too, byte for byte. Left out are files that differ, that
   * are links or lie behind one, and that are not UTF-8.
   */
  clean(paths: readonly string[]): ReadonlyMap<string, string>;
}

/** The work tree at `cwd`; undefined if there is none, as in a bare repository. */
export function worktreeOf(range: string, cwd: string): Worktree | undefined {
  try {
    const top = topOf(cwd);
    const end = range.slice(range.indexOf("..")).replace(/^\.{2,3}/, "") || "HEAD";
    const head = resolve("HEAD", cwd);
    return { top, atEnd: resolve(end, cwd) === head, clean: (paths) => cleanTexts(top, head, paths) };
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

function cleanTexts(top: string, head: string, paths: readonly string[]): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  if (paths.length === 0) return out;
  const listed = run(["diff-index", "--cached", "--name-only", "-z", head, "--", ...paths], top, failed);
  const staged = new Set(listed.split("\0"));
  const tree = gitTree(top, head, paths);
  for (const path of paths) {
    const text = tree.read(path);
    const full = join(top, path);
    try {
      if (text === undefined || staged.has(path) || !lstatSync(full).isFile()) continue;
      if (realpathSync(dirname(full)) !== dirname(full)) continue;
      if (readFileSync(full).equals(Buffer.from(text))) out.set(path, text);
    } catch {
      // It is not there, or not to be read: then it is not as HEAD has it.
    }
  }
  return out;
}

function load(cwd: string, commit: string, paths: readonly string[], cache: Map<string, string | undefined>): void {
  for (let at = 0; at < paths.length; at += 500) {
    const some = paths.slice(at, at + 500).filter((path) => path !== "" && !path.includes("\0"));
    for (const path of some) cache.set(path, undefined);
    try {
      loadSome(cwd, commit, some, cache);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
    }
  }
}

function loadSome(cwd: string, commit: string, paths: readonly string[], cache: Map<string, string | undefined>): void {
  const entries = run(["ls-tree", "-z", "-l", "--full-tree", commit, "--", ...paths], cwd, failed).split("\0");
  const blobs: { path: string; id: string }[] = [];
  for (const entry of entries) {
    // Links (120000) and submodules (160000) are no files.
    const match = /^100\d{3} blob ([0-9a-f]{40,64}) +(\d+)\t/.exec(entry);
    if (match !== null && Number(match[2]) <= maxTreeFile)
      blobs.push({ id: match[1]!, path: entry.slice(match[0].length) });
  }
  if (blobs.length === 0) return;
  const input = `${blobs.map((blob) => blob.id).join("\n")}\n`;
  const bytes = runBytes(["cat-file", "--batch"], cwd, failed, input);
  let at = 0;
  for (const blob of blobs) {
    const end = bytes.indexOf(10, at);
    const match = /^[0-9a-f]+ blob (\d+)$/.exec(bytes.toString("latin1", at, end));
    if (end === -1 || match === null) return;
    const size = Number(match[1]);
    cache.set(blob.path, bytes.toString("utf8", end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
}

const failed = (stderr: string): GitError => new GitError(`git could not read this: ${failure(stderr).slice(0, 200)}`);

function run(
  args: GitArgs,
  cwd: string,
  fail: (stderr: string) => GitError,
  input = "",
  allowed: readonly number[] = [0],
): string {
  return runBytes(args, cwd, fail, input, allowed).toString("utf8");
}

function runBytes(
  args: GitArgs,
  cwd: string,
  fail: (stderr: string) => GitError,
  input: string,
  allowed: readonly number[] = [0],
): Buffer {
  const { status, stdout, stderr } = runGit(args, { cwd, input });
  if (!allowed.includes(status)) throw fail(stderr);
  return stdout;
}
