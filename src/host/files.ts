import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import type { Problem } from "../text/problem.ts";

/** A file that was read, under the name that the user knows it by. */
export interface InputFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Files above this many bytes are not taken from a tree: no source file is that long. */
const maxTreeFile = 8 * 1024 * 1024;

/** More files than this in one folder are not a series. */
const maxFolder = 10_000;

export function pathExists(path: string, cwd: string): boolean {
  try {
    lstatSync(resolveIn(cwd, path));
    return true;
  } catch {
    return false;
  }
}

function resolveIn(cwd: string, path: string): string {
  return isAbsolute(path) ? path : join(cwd, path);
}

/**
 * Reads a file, or the mails of a folder: `cur` and `new` of a maildir, else the files that look like mails or patches
 * (`git format-patch`'s own), sorted by name. Never more than `limit` bytes a file.
 *
 * @param tooLarge the sentence for a file above the limit.
 */
export function readInputFiles(
  path: string,
  cwd: string,
  limit: number,
  tooLarge: (size: number) => string,
): { files: InputFile[]; problems: Problem[] } {
  const files: InputFile[] = [];
  const problems: Problem[] = [];
  const full = resolveIn(cwd, path);
  const add = (name: string) => {
    const result = readRegular(resolveIn(cwd, name), limit, tooLarge);
    if (typeof result === "string") problems.push({ kind: "unreadable", path: name, what: result });
    else files.push({ path: name, bytes: result });
  };
  try {
    if (!statSync(full).isDirectory()) add(path);
    else {
      const names = folderNames(full);
      if (names.length > maxFolder) {
        problems.push({ kind: "unreadable", path, what: `this folder holds more than ${maxFolder} files` });
      } else if (names.length === 0) {
        problems.push({ kind: "unreadable", path, what: "this folder holds no mails or patches" });
      } else for (const name of names) add(path.endsWith("/") ? path + name : `${path}/${name}`);
    }
  } catch (error) {
    problems.push({ kind: "unreadable", path, what: reason(error) });
  }
  return { files, problems };
}

/** The names of the mails and patches of a folder that readInputFiles() would read; none if it is not to be read. */
export function mailNames(folder: string, cwd: string): readonly string[] {
  try {
    return folderNames(resolveIn(cwd, folder));
  } catch {
    return [];
  }
}

function folderNames(full: string): string[] {
  const entries = readdirSync(full, { withFileTypes: true });
  const folders = new Set(entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name));
  if (folders.has("cur") && folders.has("new")) {
    const inside = (name: string) => readdirSync(join(full, name)).map((file) => `${name}/${file}`);
    // A maildir's names start with the time of delivery, in whichever of the two folders.
    const file = (name: string) => name.slice(name.indexOf("/") + 1);
    return [...inside("cur"), ...inside("new")]
      .filter((name) => !file(name).startsWith("."))
      .sort((a, b) => order(file(a), file(b)));
  }
  const names = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name);
  const mails = names.filter((name) => /\.(?:patch|diff|eml|mbox|mbx|txt)$/i.test(name));
  // git format-patch --suffix can end the names in anything; what lies beside patches with the usual ending is none.
  return (mails.length > 0 ? mails : names.filter((name) => /^\d{4}-/.test(name))).sort(order);
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The bytes of a regular file, or why it was not read. */
function readRegular(full: string, limit: number, tooLarge: (size: number) => string): Uint8Array | string {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK a named pipe would wait for its writer for ever.
    descriptor = openSync(full, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (stat.isFIFO() || stat.isCharacterDevice()) return readStream(descriptor, limit, stat.isFIFO(), tooLarge);
    if (!stat.isFile()) return "this is no file";
    if (stat.size > limit) return tooLarge(stat.size);
    return readFileSync(descriptor);
  } catch (error) {
    return reason(error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The text of one file, or why it was not read; also of one that is no text. Bytes above `limit` are not read. */
export function readText(
  path: string,
  cwd: string,
  limit: number,
): { readonly text: string } | { readonly why: string } {
  const result = readRegular(resolveIn(cwd, path), limit, (size) => `it has ${size} bytes, and ${limit} are the most`);
  if (typeof result === "string") return { why: result };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(result) };
  } catch {
    return { why: "it is no text in UTF-8" };
  }
}

/**
 * The first of the named files that a folder or one above it holds: the nearest one. Files of others are passed over, as anybody
 * may put one into a folder that all share; `refused` is the first of these.
 *
 * @returns absolute paths.
 */
export function findUpward(
  names: readonly string[],
  start: string,
): { readonly found: readonly string[]; readonly refused: string | undefined } {
  let refused: string | undefined;
  const trusted = (path: string): boolean => {
    try {
      const { uid } = lstatSync(path);
      if (uid === 0 || process.getuid === undefined || uid === process.getuid()) return true;
      refused ??= path;
    } catch {
      // There is none.
    }
    return false;
  };
  for (let folder = start; ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).filter(trusted);
    if (found.length > 0 || dirname(folder) === folder) return { found, refused };
  }
}

/** Whether a file that is yet to be written below a folder would really be there: no link on its path leads anywhere else. */
export function staysBelow(folder: string, path: string): boolean {
  const full = resolveIn(folder, path);
  try {
    const [top, parent] = [realpathSync(folder), realpathSync(dirname(full))];
    if (parent !== top && !parent.startsWith(`${top === sep ? "" : top}${sep}`)) return false;
    return !lstatSync(full).isSymbolicLink();
  } catch {
    // What is not there leads nowhere.
    return true;
  }
}

/** A pipe such as a shell's `<(...)`, or `/dev/null`; other devices never end. */
function readStream(
  descriptor: number,
  limit: number,
  isPipe: boolean,
  tooLarge: (size: number) => string,
): Uint8Array | string {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const chunk = new Uint8Array(1 << 16);
    let count: number;
    try {
      count = readSync(descriptor, chunk);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      continue;
    }
    if (count === 0) break;
    if (!isPipe) return "this is a device, not a file";
    size += count;
    if (size > limit) return tooLarge(size);
    chunks.push(chunk.subarray(0, count));
  }
  return Buffer.concat(chunks);
}

/** What a failed system call means to a user, without the path, which is said elsewhere. */
export function reason(error: unknown): string {
  const code = (error as { code?: string } | undefined)?.code;
  switch (code) {
    case "ENOENT":
      return "there is no such file or folder";
    case "EACCES":
    case "EPERM":
      return "this may not be read (permission denied)";
    case "ELOOP":
      return "this is a link that leads nowhere";
    default:
      return `this could not be read${code === undefined ? "" : ` (${code})`}`;
  }
}

/** Where the files of a tree are: below a folder, or in a commit of a repository, of which some are read together. */
export type TreeOrigin =
  | { readonly folder: string }
  | { readonly repository: string; readonly commit: string; readonly wanted: readonly string[] };

/** Whole files by path; see `Tree` in src/source/image.ts, whose port this fills. */
export interface FileTree {
  readonly origin: TreeOrigin;
  read(path: string): string | undefined;
}

/**
 * The files below a folder. Nothing outside it is ever opened: not by `..`, not by a link on any part of the path, and
 * nothing but regular files of moderate size.
 *
 * @throws if the folder does not exist or is none.
 */
export function directoryTree(dir: string): FileTree {
  const top = realpathSync(dir);
  if (!statSync(top).isDirectory()) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
  const cache = new Map<string, string | undefined>();
  return {
    origin: { folder: top },
    read(path) {
      if (!cache.has(path)) cache.set(path, readBelow(top, path));
      return cache.get(path);
    },
  };
}

function readBelow(top: string, path: string): string | undefined {
  if (path === "" || path.includes("\0") || isAbsolute(path) || path.split(/[/\\]/).includes("..")) return undefined;
  let descriptor: number | undefined;
  try {
    const real = realpathSync(join(top, path));
    const inside = relative(top, real);
    if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return undefined;
    descriptor = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const stat = fstatSync(descriptor);
    if (!stat.isFile() || stat.size > maxTreeFile) return undefined;
    return readFileSync(descriptor, "utf8");
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
