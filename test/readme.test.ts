import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("..", import.meta.url);

test("the review that the front page shows is the one that the bundled series gets", () => {
  const page = readFileSync(new URL("README.md", root), "utf8");
  const shown = /```text\n([^]*?)```/.exec(page)?.[1]?.split("\n[...]\n") ?? [];
  const printed = execFileSync(
    process.execPath,
    ["dist/src/bin.js", "check", "--fail-on", "never", "fixtures/series/careless"],
    { cwd: root, encoding: "utf8" },
  );
  expect(shown.length).toBeGreaterThan(2);
  for (const part of shown) expect(printed).toContain(part.trim());
});
