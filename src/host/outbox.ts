import { mkdirSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { pathExists } from "./files.ts";
import { writeWhole } from "./write.ts";

/** A file that could not be written. */
export interface NotWritten {
  readonly path: string;
  /** Undefined: something of that name is there already. */
  readonly reason: string | undefined;
}

/**
 * Writes files into a folder, which is made if it is not there. Unless `force` is given, nothing is written if one of
 * the names is taken, by a link that leads nowhere too.
 *
 * @param names plain file names.
 * @returns the first file that could not be written, with none behind it tried.
 */
export function writeInto(
  folder: string,
  files: readonly { readonly name: string; readonly text: string }[],
  cwd: string,
  force: boolean,
): NotWritten | undefined {
  const pathOf = (name: string) => (folder === "." ? name : join(folder, name));
  const taken = force ? undefined : files.find(({ name }) => pathExists(pathOf(name), cwd));
  if (taken !== undefined) return { path: pathOf(taken.name), reason: undefined };
  try {
    mkdirSync(isAbsolute(folder) ? folder : join(cwd, folder), { recursive: true });
  } catch (error) {
    const code = (error as { code?: string }).code;
    const reason =
      code === "EEXIST" || code === "ENOTDIR" ? "a part of the path is no folder" : (code ?? String(error));
    return { path: folder, reason };
  }
  for (const { name, text } of files) {
    try {
      writeWhole(pathOf(name), text, cwd);
    } catch (error) {
      return { path: pathOf(name), reason: (error as Error).message };
    }
  }
  return undefined;
}
