import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The folder `rules/` that belongs to the program, with a page for each rule.
 * @param program path of the program file, `dist/src/bin.js` as installed or `src/bin.ts`; links are followed.
 */
export function rulesFolder(program: string): string {
  let real = program;
  try {
    real = realpathSync(program);
  } catch {
    // A program that was moved while it ran: look where it was.
  }
  const [near, far] = [join(dirname(real), "../rules"), join(dirname(real), "../../rules")];
  return existsSync(far) ? far : near;
}
