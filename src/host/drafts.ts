import { lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { writeWhole } from "./write.ts";

/** A file to be written into a folder. */
export interface NamedText {
  /** Without any folder. */
  readonly name: string;
  readonly text: string;
}

/** What is at a path: nothing, this very text, or something else, which was edited or is of another review. */
function stateOf(path: string, text: string): "free" | "same" | "other" {
  try {
    const stat = lstatSync(path);
    const isSame = stat.isFile() && stat.size === Buffer.byteLength(text) && readFileSync(path, "utf8") === text;
    return isSame ? "same" : "other";
  } catch (error) {
    return (error as { code?: string }).code === "ENOENT" ? "free" : "other";
  }
}

/** Makes a folder, with those above it, and returns its absolute path. */
export function makeFolder(dir: string, cwd: string): string {
  const full = isAbsolute(dir) ? dir : join(cwd, dir);
  try {
    mkdirSync(full, { recursive: true });
  } catch (error) {
    const { code } = error as { code?: string };
    throw new Error(code === "EEXIST" || code === "ENOTDIR" ? "this is no folder" : (code ?? String(error)));
  }
  return full;
}

/** The first of the files that is there with another text; undefined if all may be written. */
export function inTheWay(files: readonly NamedText[], folder: string): string | undefined {
  return files.find(({ name, text }) => stateOf(join(folder, name), text) === "other")?.name;
}

/** Writes files into a folder, each in one step; those that are there with the same text stay as they are. */
export function writeFiles(files: readonly NamedText[], folder: string): void {
  for (const { name, text } of files) if (stateOf(join(folder, name), text) !== "same") writeWhole(name, text, folder);
}

/** Files of a folder beside the given ones; git send-email, given the folder, takes them for mails, too. */
export function othersIn(folder: string, files: readonly NamedText[]): readonly string[] {
  const ours = new Set(files.map(({ name }) => name));
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith(".") && !ours.has(entry.name))
    .map((entry) => entry.name)
    .sort();
}
