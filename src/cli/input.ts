import { directoryTree, pathExists, readInputFiles, reason } from "../host/files.ts";
import type { Message } from "../mail/message.ts";
import { maxInputBytes, readMessages, tooLarge } from "../mail/read.ts";
import { assembleSeries } from "../series/assemble.ts";
import type { Series } from "../series/series.ts";
import type { Problem } from "../text/problem.ts";
import type { OpenTree } from "./check.ts";

/** What the arguments of a command stand for, read. */
export interface Input {
  readonly series: Series[];
  /** All problems, also those that stand in `Series.problems`. */
  readonly problems: Problem[];
  /** Mails without a diff that are no cover letter of a series either. */
  readonly withoutDiff: number;
  /** The tree asked for, or in range mode that of the merge base. */
  readonly tree: OpenTree | undefined;
  /** Files and ranges that were read. */
  readonly inputs: number;
}

/** Whether an argument is a git range: what exists as a path is a path before it is a range (`../patches`). */
export const isRange = (path: string, cwd: string): boolean =>
  path !== "-" && path.includes("..") && !pathExists(path, cwd);

/**
 * Reads all that a user gave: files, folders, `-` for standard input, and git ranges of the repository at `cwd`. Nothing is thrown: each failure is one problem, and the
 * rest is read.
 */
export async function readInput(
  paths: readonly string[],
  io: { cwd: string; stdin: () => Promise<Uint8Array>; tree?: string },
): Promise<Input> {
  const messages: Message[] = [];
  const problems: Problem[] = [];
  const series: Series[] = [];
  let withoutDiff = 0;
  let inputs = 0;
  let tree: OpenTree | undefined;
  const take = async (bytes: Uint8Array, path: string) => {
    inputs++;
    const read = await readMessages(bytes, path);
    for (const message of read.messages) messages.push(message);
    problems.push(...read.problems);
  };
  const ranges: string[] = [];
  for (const path of new Set(paths)) {
    if (path === "-") {
      try {
        await take(await io.stdin(), "-");
      } catch (error) {
        problems.push({ kind: "unreadable", path, what: reason(error) });
      }
    } else if (isRange(path, io.cwd)) ranges.push(path);
    else {
      const found = readInputFiles(path, io.cwd, maxInputBytes, tooLarge);
      problems.push(...found.problems);
      for (const file of found.files) await take(file.bytes, file.path);
    }
  }
  if (messages.length > 0) {
    const assembled = assembleSeries(messages);
    series.push(...assembled.series);
    problems.push(...assembled.problems);
    withoutDiff += assembled.withoutDiff;
  }
  for (const range of ranges) {
    const read = await rangeSeries(range, io.cwd);
    problems.push(...read.problems);
    series.push(...read.series);
    withoutDiff += read.withoutDiff;
    if (read.tree !== undefined) inputs++;
    if (paths.length === 1) tree = read.tree;
  }
  if (io.tree !== undefined) {
    tree = undefined;
    try {
      tree = directoryTree(pathIn(io.cwd, io.tree));
    } catch (error) {
      problems.push({
        kind: "unreadable",
        path: io.tree,
        what: reason(error),
        advice: "give a kernel checkout to --tree",
      });
    }
  }
  return { series, problems, withoutDiff, tree, inputs };
}

function pathIn(cwd: string, path: string): string {
  return path.startsWith("/") ? path : `${cwd}/${path}`;
}

/** The notes of a commit as `git format-patch --notes` writes them. */
function notesText(notes: string): string {
  const lines = notes.trimEnd().split("\n");
  return notes.trim() === ""
    ? ""
    : `Notes:\n${lines.map((line) => `${line === "" ? "" : `    ${line}`}\n`).join("")}\n`;
}

/** The commits of a range as one series, each as the mail that `git format-patch` would make of it. */
async function rangeSeries(
  range: string,
  cwd: string,
): Promise<{ series: Series[]; problems: Problem[]; withoutDiff: number; tree: OpenTree | undefined }> {
  // Loaded here, as starting child processes costs start-up time that files do not need.
  const [{ gitTree, readRange }, { GitError }] = await Promise.all([
    import("../host/git.ts"),
    import("../host/git-process.ts"),
  ]);
  try {
    const { base, commits } = readRange(range, cwd);
    if (commits.length === 0) {
      const problem: Problem = { kind: "notice", path: range, what: "this range has no commits" };
      return { series: [], problems: [problem], withoutDiff: 0, tree: gitTree(cwd, base) };
    }
    const total = commits.length;
    const messages = commits.map((commit, at): Message => {
      const width = String(total).length;
      const number = total === 1 ? "" : ` ${String(at + 1).padStart(width, "0")}/${total}`;
      return {
        path: commit.id.slice(0, 12),
        messageId: undefined,
        subject: `[PATCH${number}] ${commit.subject}`,
        from: commit.author,
        date: commit.date,
        inReplyTo: undefined,
        references: [],
        body: `${commit.body.trimEnd()}\n---\n\n${notesText(commit.notes)}${commit.diff}`,
        bodyLine: 1,
      };
    });
    const made = assembleSeries(messages);
    const files = made.series.flatMap((series) => series.patches.flatMap((patch) => patch.files));
    const wanted = new Set(files.map((file) => file.oldPath ?? file.path));
    return {
      series: made.series.map((one) => ({ ...one, baseCommit: one.baseCommit ?? base })),
      problems: made.problems,
      withoutDiff: made.withoutDiff,
      tree: gitTree(cwd, base, [...wanted]),
    };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const base: Problem = { kind: "unreadable", path: range, what: error.message };
    const problem = error.advice === undefined ? base : { ...base, advice: error.advice };
    return { series: [], problems: [problem], withoutDiff: 0, tree: undefined };
  }
}
