import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Mutated } from "./mails.ts";

/** Writes mails below a folder that the user names. */
export function keep(folder: string, seed: number, { index, mails }: Mutated): void {
  const to = join(folder, `${seed}-${index}`);
  mkdirSync(to, { recursive: true });
  for (const { path, text } of mails) writeFileSync(join(to, basename(path)), text, "latin1");
}
