import { readFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { rules } from "../../rules/index.ts";
import type { Tool } from "../report/reporter.ts";
import { rulesFolder } from "./rules-folder.ts";

function pageOf(id: string, folder: string): string | null {
  try {
    return readFileSync(join(folder, id, "README.md"), "utf8");
  } catch {
    return null;
  }
}

/**
 * What reports may say of copylint itself: its version, and its rules with their pages.
 * @param asked ids of the rules that are run; empty for all.
 * @param program path of the program file.
 */
export function toolOf(asked: readonly string[], program: string): Tool {
  const folder = rulesFolder(program);
  const run = rules.filter((rule) => asked.length === 0 || asked.includes(rule.id));
  return {
    version: manifest.version,
    rules: run.map(({ id, title, level, confidence, sources }) => {
      return { id, title, level, confidence, sources, page: pageOf(id, folder) };
    }),
  };
}
