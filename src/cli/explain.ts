import { readFileSync } from "node:fs";
import { join } from "node:path";
import { complaints, Refusal } from "./complaint.ts";
import { nearest } from "./nearest.ts";
import { rulesFolder } from "./rules-folder.ts";

/**
 * The page of a rule, as it stands in rules/<id>/README.md.
 * @throws Refusal if there is no such rule, or its page is not installed.
 */
export function page(id: string, ids: readonly string[], program: string): string {
  if (!ids.includes(id)) throw new Refusal(complaints.unknownRule(id, nearest(id, ids)));
  try {
    return readFileSync(join(rulesFolder(program), id, "README.md"), "utf8");
  } catch {
    throw new Refusal(complaints.noPage(id));
  }
}
