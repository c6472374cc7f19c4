import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Bytes of a file; 0 if it is not there. */
export function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/** The text of a file; undefined if it is not there. */
export function textIfAny(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** Cuts a file back to its first bytes, which must be there; a file of none is made. */
export function cutBack(path: string, bytes: number): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666);
  try {
    ftruncateSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}

/** Adds to the end of a file, and returns when the disk has it; returns the number of bytes that it holds then. */
export function append(path: string, text: string): number {
  const descriptor = openSync(path, "a", 0o666);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return statSync(path).size;
}

/** Removes what a killed process left in the folder of a file when it was about to replace it. */
export function sweep(folder: string, name?: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder)) {
    const [, of] = /^\.(.*)\.\d+\.\d+$/.exec(entry) ?? [];
    if (of !== undefined && (name === undefined || of === name)) unlinkSync(join(folder, entry));
  }
}

/** Whether a process is there that was started with a word among its arguments. */
function isRunning(pid: number, word: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: string }).code !== "EPERM") return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(word);
  } catch {
    return true;
  }
}

/**
 * Keeps others from working on a file at the same time.
 *
 * @param word by which a process that holds the lock is known, as a killed one leaves its lock behind.
 * @returns what gives it back, or the number of the process that holds it.
 */
export function lock(path: string, word: string): (() => void) | number {
  const name = join(dirname(path), `.${basename(path)}.lock`);
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(name, `${process.pid}\n`, { flag: "wx" });
      return () => unlinkSync(name);
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST" || attempt > 3) throw error;
      const holder = Number(textIfAny(name) ?? 0);
      if (holder > 0 && holder !== process.pid && isRunning(holder, word)) return holder;
      try {
        unlinkSync(name);
      } catch {
        // Somebody else was faster.
      }
    }
  }
}

/** Hex digits that tell texts apart, the same on every machine. */
export const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
