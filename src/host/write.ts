import {
  appendFileSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";

/** What a failed system call means to a user who wants a file written, without the path. */
function reason(error: unknown): string {
  const code = (error as { code?: string } | undefined)?.code;
  switch (code) {
    case "ENOENT":
      return "there is no such folder";
    case "ENOTDIR":
      return "a part of the path is no folder";
    case "EISDIR":
      return "this is a folder";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
    case "EDQUOT":
      return "there is no space left";
    case "ENAMETOOLONG":
      return "the name is too long";
    default:
      return code ?? String(error);
  }
}

/** The file that a path leads to, through links, and what it is; undefined if there is none yet. */
function existing(path: string): { path: string; regular: boolean; mode: number } | undefined {
  try {
    const real = realpathSync(path);
    const stat = statSync(real);
    if (stat.isDirectory()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
    return { path: real, regular: stat.isFile(), mode: stat.mode & 0o7777 };
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A new file beside `path`, open for writing. */
function openBeside(path: string): { descriptor: number; name: string } {
  for (let n = 0; ; n++) {
    const name = join(dirname(path), `.${basename(path).slice(0, 200)}.${process.pid}.${n}`);
    try {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
      return { descriptor: openSync(name, flags, 0o666), name };
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST" || n > 100) throw error;
    }
  }
}

function replace(path: string, text: string, mode: number | undefined): void {
  const { descriptor, name } = openBeside(path);
  try {
    try {
      writeFileSync(descriptor, text);
      if (mode !== undefined) fchmodSync(descriptor, mode);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(name, path);
  } catch (error) {
    unlinkSync(name);
    throw error;
  }
}

/**
 * Writes a file in one step: whoever opens it sees the old text or all of the new one. What is no file, such as a pipe or
 * a terminal, is written to as it is.
 *
 * @param how `append` for a file that others write to as well.
 * @throws Error whose message says why it cannot be written, without the path.
 */
export function writeWhole(path: string, text: string, cwd: string, how: "replace" | "append" = "replace"): void {
  const full = isAbsolute(path) ? path : join(cwd, path);
  try {
    const old = existing(full);
    if (how === "append" || (old !== undefined && !old.regular)) appendFileSync(full, text);
    else replace(old?.path ?? full, text, old?.mode);
  } catch (error) {
    throw new Error(reason(error));
  }
}
