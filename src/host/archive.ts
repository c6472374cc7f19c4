import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type GitArgs, GitError, runGit, startGit } from "./git-process.ts";

/** A mail, or the deletion of one, as a commit of an archive holds it. */
export interface ArchiveEntry {
  /** Which of the archive's repositories; their numbers are in the order of time. */
  readonly epoch: string;
  /** Full id. */
  readonly commit: string;
  /** null: this commit adds no mail. */
  readonly mail: Blob | null;
  /** The mail that this commit takes away, as it was; null: none. */
  readonly deleted: Blob | null;
}

/** The start of a file in a repository. */
export interface Blob {
  /** Bytes of the whole file. */
  readonly size: number;
  /** All of them, or so many as were asked for. */
  readonly bytes: Uint8Array;
}

/** A list archive of public-inbox (version 2): one or more git repositories in which each commit adds or takes away one mail. */
export interface Archive {
  /** Numbers of its repositories, in the order of time. */
  readonly epochs: readonly string[];
  /** The newest commit of each repository that has any. */
  readonly heads: Readonly<Record<string, string>>;
  /** Number of commits behind those given, by epoch. */
  count(after: Readonly<Record<string, string>>): number;
  /**
   * Whether a commit is part of the history as it is today.
   * @param commit as the user or an earlier run wrote it.
   */
  has(epoch: string, commit: string): boolean;
  /** The full id of a commit that a user names, and its epoch; undefined if there is none. */
  find(name: string): { readonly epoch: string; readonly commit: string } | undefined;
  /** The entries behind the commits given, oldest first; all of an epoch for which none is given. */
  entries(after: Readonly<Record<string, string>>, limit: number): AsyncGenerator<ArchiveEntry>;
  /** The mail that a commit adds, its first `limit` bytes; undefined if it adds none. */
  mail(epoch: string, commit: string, limit: number): Promise<Blob | undefined>;
  close(): void;
}

/** Commits whose files are asked for together. */
const batch = 128;

/**
 * Opens an archive: the folder of an inbox with its repositories in `git/0.git`, `git/1.git`, ..., or one such repository.
 *
 * @throws GitError
 */
export function openArchive(path: string): Archive {
  const folders = epochsOf(path);
  const readers = new Map<string, Objects>();
  const objects = (epoch: string): Objects => {
    const reader = readers.get(epoch) ?? openObjects(folders.get(epoch)!);
    readers.set(epoch, reader);
    return reader;
  };
  const heads = new Map<string, string>();
  for (const [epoch, folder] of folders) {
    const head = git(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], folder);
    if (head !== undefined) heads.set(epoch, head.trim());
    // A folder that is no repository at all would pass for an empty one.
    else if (git(["rev-parse", "--git-dir"], folder) === undefined)
      throw new GitError(`git finds no repository in ${path}`, "name a clone of a public-inbox, such as git/0.git");
  }
  const rangeOf = (epoch: string, after: Readonly<Record<string, string>>): string[] => {
    const from = after[epoch];
    return ["--first-parent", heads.get(epoch)!, ...(from === undefined ? [] : [`^${from}`]), "--"];
  };
  return {
    epochs: [...folders.keys()],
    heads: Object.fromEntries(heads),
    count: (after) =>
      [...heads.keys()].reduce(
        (sum, epoch) => sum + Number(git(["rev-list", "--count", ...rangeOf(epoch, after)], folders.get(epoch)!) ?? 0),
        0,
      ),
    has: (epoch, commit) =>
      heads.has(epoch) &&
      /^[0-9a-f]{40,64}$/.test(commit) &&
      git(["merge-base", "--is-ancestor", commit, heads.get(epoch)!], folders.get(epoch)!) !== undefined,
    find: (name) => {
      if (name.startsWith("-")) return undefined;
      for (const [epoch, folder] of [...folders].reverse()) {
        const id = git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`], folder);
        if (id !== undefined) return { epoch, commit: id.trim() };
      }
      return undefined;
    },
    async *entries(after, limit) {
      for (const epoch of heads.keys()) {
        let ids: string[] = [];
        const read = async (): Promise<ArchiveEntry[]> => {
          const asked = ids.map((commit) => [
            objects(epoch).read(`${commit}:m`, limit),
            objects(epoch).read(`${commit}:d`, limit),
          ]);
          const got = await Promise.all(asked.map((both) => Promise.all(both)));
          return got.map(([mail, deleted], i) => ({
            epoch,
            commit: ids[i]!,
            mail: mail ?? null,
            deleted: mail === undefined ? (deleted ?? null) : null,
          }));
        };
        for await (const id of lines(["rev-list", "--reverse", ...rangeOf(epoch, after)], folders.get(epoch)!)) {
          ids.push(id);
          if (ids.length < batch) continue;
          yield* await read();
          ids = [];
        }
        yield* await read();
      }
    },
    mail: (epoch, commit, limit) => objects(epoch).read(`${commit}:m`, limit),
    close: () => {
      for (const reader of readers.values()) reader.close();
    },
  };
}

/** The repositories of an archive by number, in the order of their numbers. */
function epochsOf(path: string): Map<string, string> {
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw new GitError("there is no such folder", "name a clone of a public-inbox");
  const below = join(path, "git");
  const numbers = (existsSync(below) && statSync(below).isDirectory() ? readdirSync(below) : [])
    .flatMap((name) => /^(\d{1,6})\.git$/.exec(name)?.[1] ?? [])
    .sort((a, b) => Number(a) - Number(b));
  if (numbers.length > 0) return new Map(numbers.map((number) => [number, join(below, `${number}.git`)]));
  return new Map([[/(?:^|\/)(\d{1,6})\.git\/*$/.exec(path)?.[1] ?? "0", path]]);
}

/** The output of a git command; undefined if it fails. */
function git(args: GitArgs, cwd: string): string | undefined {
  const { status, stdout } = runGit(args, { cwd });
  return status === 0 ? stdout.toString("utf8") : undefined;
}

/** The lines that a git command prints, as they come. */
async function* lines(args: GitArgs, cwd: string): AsyncGenerator<string> {
  const child = startGit(args, { cwd });
  child.stdin!.end();
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
    child.on("error", () => resolve(null));
  });
  try {
    for await (const line of createInterface({ input: child.stdout! })) yield line;
    if ((await ended) !== 0) throw new GitError("git could not list the commits");
  } finally {
    child.kill();
  }
}

/** A process that prints files of a repository. */
interface Objects {
  /** The first `limit` bytes of `commit:path`; undefined if there is no such file. */
  read(name: string, limit: number): Promise<Blob | undefined>;
  close(): void;
}

interface Asked {
  readonly limit: number;
  readonly resolve: (blob: Blob | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** One `git cat-file --batch` for all files: what it prints is taken as it comes, so that a large file takes no memory. */
function openObjects(cwd: string): Objects {
  const child = startGit(["cat-file", "--batch"], { cwd });
  const asked: Asked[] = [];
  let head = Buffer.alloc(0);
  /** The file that is being read: what is still to come, its line feed included, and what is kept. */
  let file:
    | { left: number; readonly size: number; kept: number; readonly parts: Uint8Array[]; isFile: boolean }
    | undefined;
  const fail = (what: string): void => {
    for (const { reject } of asked.splice(0)) reject(new GitError(what));
  };
  const header = (line: string): void => {
    const [, type, size = ""] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(line) ?? [];
    if (type === undefined) asked.shift()?.resolve(undefined);
    else file = { left: Number(size) + 1, size: Number(size), kept: 0, parts: [], isFile: type === "blob" };
  };
  const take = (chunk: Buffer): void => {
    let at = 0;
    while (at < chunk.length) {
      if (file === undefined) {
        const end = chunk.indexOf(10, at);
        head = Buffer.concat([head, chunk.subarray(at, end === -1 ? chunk.length : end)]);
        at = end === -1 ? chunk.length : end + 1;
        if (end === -1) continue;
        header(head.toString("latin1"));
        head = Buffer.alloc(0);
        continue;
      }
      const piece = chunk.subarray(at, at + file.left);
      at += piece.length;
      const room = Math.min(asked[0]!.limit, file.size) - file.kept;
      if (room > 0) {
        file.parts.push(piece.subarray(0, room));
        file.kept += Math.min(room, piece.length);
      }
      file.left -= piece.length;
      if (file.left > 0) continue;
      const { size, parts, isFile } = file;
      file = undefined;
      asked.shift()?.resolve(isFile ? { size, bytes: Buffer.concat(parts) } : undefined);
    }
  };
  child.stdout!.on("data", take);
  child.stdin!.on("error", () => {});
  child.on("error", () => fail("git is not installed"));
  child.on("close", () => fail("git ended before it had read all mails"));
  return {
    read: (name, limit) =>
      new Promise((resolve, reject) => {
        asked.push({ limit, resolve, reject });
        child.stdin!.write(`${name}\n`);
      }),
    close: () => child.stdin!.end(),
  };
}
