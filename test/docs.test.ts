import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const top = new URL("..", import.meta.url).pathname;
const rules = readdirSync(join(top, "rules"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const sections = ["The review point", "What goes wrong", "In a patch", "Done well", "Where this rule is blind"];

describe.each(rules)("the page of %s", (id) => {
  const path = join(top, "rules", id, "README.md");
  const page = existsSync(path) ? readFileSync(path, "utf8") : "";
  const part = (title: string): string => page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? "";

  test("is named after the rule and has its five sections, all of them said", () => {
    expect(page.split("\n")[0]).toBe(`# ${id}`);
    expect([...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(sections);
    for (const title of sections) expect(part(title).split(/\s+/).length, title).toBeGreaterThan(15);
    expect(page).not.toContain("TODO");
  });

  test("shows code for both sides", () => {
    expect(part("In a patch")).toMatch(/^ {4}\S|^ {4}\t/m);
    expect(part("Done well")).toMatch(/^ {4}\S|^ {4}\t/m);
  });

  test("says where the point comes from", () => {
    expect(page).toMatch(/https:\/\/lore\.kernel\.org\/linux-block\/\S+@\S+\/|https:\/\/docs\.kernel\.org\/\S+/);
  });

  test("fits 80 columns, with tabs of eight", () => {
    const width = (line: string): number =>
      [...line].reduce((column, char) => (char === "\t" ? column + 8 - (column % 8) : column + 1), 0);
    const wide = page.split("\n").filter((line) => width(line) > 80 && !/https?:/.test(line));
    expect(wide).toEqual([]);
  });
});

test("the front page names both commands and every rule", () => {
  const readme = readFileSync(join(top, "README.md"), "utf8");
  expect(readme).toContain("npm ci && npm start");
  expect(readme).toContain("npm ci && npm test");
  for (const id of rules) expect(readme).toContain(id);
});
