import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rules } from "../../rules/index.ts";
import { newRule, withRule, wrongWithId } from "../../src/cli/new-rule.ts";

const checkout = new URL("../..", import.meta.url).pathname;
const realIndex = readFileSync(new URL("../../rules/index.ts", import.meta.url), "utf8");
let top = "";

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "new-rule-"));
  mkdirSync(join(top, "rules/plug-per-chunk"), { recursive: true });
  mkdirSync(join(top, "src/rule"), { recursive: true });
  writeFileSync(join(top, "src/rule/define.ts"), "");
  writeFileSync(join(top, "rules/index.ts"), realIndex);
});
afterEach(() => rmSync(top, { recursive: true }));

const indexNow = (): string => readFileSync(join(top, "rules/index.ts"), "utf8");

test("a new rule gets its files, in a checkout, from any folder inside", () => {
  newRule("lost-wakeup", join(top, "src/rule"));
  expect(readdirSync(join(top, "rules/lost-wakeup")).sort()).toEqual(["README.md", "rule.ts"]);
  expect(readFileSync(join(top, "rules/lost-wakeup/rule.ts"), "utf8")).toContain('id: "lost-wakeup"');
  const page = readFileSync(join(top, "rules/lost-wakeup/README.md"), "utf8");
  for (const part of ["The review point", "What goes wrong", "In a patch", "Done well", "Where this rule is blind"]) {
    expect(page).toContain(`## ${part}\n`);
  }
});

test("the real list of rules takes a new one, in sorted order, and keeps the others", () => {
  newRule("lost-wakeup", top);
  const imported = [...indexNow().matchAll(/from "\.\/([a-z-]+)\/rule\.ts"/g)].map(([, id]) => id);
  expect(imported).toEqual([...rules.map((rule) => rule.id), "lost-wakeup"].sort());
  const listed = /\brules\b[^=\n]*= \[([^\]]*)\]/.exec(indexNow())?.[1]?.match(/\w+/g);
  expect(listed).toHaveLength(rules.length + 1);
  expect(listed).toEqual(imported.map((id) => id?.replace(/-(.)/g, (_, c: string) => c.toUpperCase())));
});

test("two new rules one after the other are both listed, whatever their order", () => {
  newRule("zero-limit", top);
  newRule("a-first", top);
  expect(indexNow()).toMatch(/aFirst[\s\S]*zeroLimit/);
});

test("what it writes compiles against the facts and types that rules have", () => {
  newRule("lost-wakeup", top);
  rmSync(join(top, "src"), { recursive: true });
  for (const name of ["src", "node_modules", "tsconfig.json", "package.json"])
    symlinkSync(join(checkout, name), join(top, name));
  const config = {
    extends: "./tsconfig.json",
    include: ["rules/lost-wakeup/rule.ts"],
    compilerOptions: { preserveSymlinks: true },
  };
  writeFileSync(join(top, "one.json"), JSON.stringify(config));
  const tsc = spawnSync(
    process.execPath,
    [join(checkout, "node_modules/typescript/bin/tsc"), "-p", join(top, "one.json")],
    { encoding: "utf8" },
  );
  expect(tsc.stdout.split("\n").filter((line) => line.includes("lost-wakeup"))).toEqual([]);
  expect(tsc.stdout).not.toMatch(/error TS(5|6)\d{3}:/); // the compiler did not get as far as the file
});

describe("refused is", () => {
  test.each([
    "no-plug",
    "avoid-plug",
    "use-plug",
    "Plug",
    "plug_per_chunk",
    "plug--chunk",
    "-plug",
    "plug-",
    "",
    "../x",
    "a/b",
    "1st",
  ])("the id %j, and nothing is written", (id) => {
    expect(wrongWithId(id)).toBeDefined();
    expect(() => newRule(id, top)).toThrow();
    expect(indexNow()).toBe(realIndex);
  });

  test("an id that is taken", () => {
    expect(() => newRule("plug-per-chunk", top)).toThrow("there is a rule plug-per-chunk already");
    expect(indexNow()).toBe(realIndex);
  });

  test("a folder that is no checkout", () => {
    expect(() => newRule("lost-wakeup", tmpdir())).toThrow("not a checkout");
  });

  test("a list of rules that is not understood: better no edit than a wrong one", () => {
    expect(withRule("export const rules = load();", "a-b")).toBeUndefined();
    writeFileSync(join(top, "rules/index.ts"), "export const rules = load();");
    expect(() => newRule("lost-wakeup", top)).toThrow("list of rules");
    expect(readdirSync(join(top, "rules"))).not.toContain("lost-wakeup");
  });
});

test("the names of all rules keep to what new-rule asks for", () => {
  for (const { id } of rules) expect(wrongWithId(id)).toBeUndefined();
});
