// Reads what ../shared/tools/score.mjs prints, repeats it, and fails if it falls behind what the project promises.
import { readFileSync } from "node:fs";

const text = readFileSync(0, "utf8");
process.stdout.write(text);

const numbers = (line, what) => {
  const found = line.exec(text)?.slice(1).map(Number);
  if (!found) throw new Error(`the score says nothing of ${what}`);
  return found;
};
const [raised, present, nearMisses] = numbers(/^the points\s+(\d+)\/(\d+) raised; (\d+) on near misses/m, "the points");
const [graver, checks] = numbers(/^unrelated patches: (\d+) errors and warnings, (\d+) checks/m, "unrelated patches");

const broken = [
  raised < present && `only ${raised} of ${present} labelled points are raised`,
  nearMisses > 0 && `${nearMisses} near misses are raised`,
  graver > 0 && `${graver} errors and warnings on unrelated patches`,
  checks > 0 && `${checks} checks on unrelated patches`,
].filter(Boolean);
for (const line of broken) console.error(`score: ${line}`);
process.exitCode = broken.length > 0 ? 1 : 0;
