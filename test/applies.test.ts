import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { git, hasGit, inTemporary } from "./git.ts";

const top = new URL("..", import.meta.url).pathname;

const patches = (folder: string): string[] =>
  readdirSync(join(top, folder))
    .filter((name) => name.endsWith(".patch"))
    .sort()
    .map((name) => join(top, folder, name));

const folders = (parent: string): string[] =>
  readdirSync(join(top, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

/** Calls `use` with a repository that holds the stage as its only commit. */
function onStage<T>(use: (repository: string) => T): T {
  return inTemporary((dir) => {
    cpSync(join(top, "fixtures/stage"), dir, { recursive: true });
    git(dir, ["init", "-q"]);
    git(dir, ["add", "-A"]);
    git(dir, ["commit", "-q", "-m", "stage"]);
    return use(dir);
  });
}

const cases = folders("rules").flatMap((rule) =>
  readdirSync(join(top, "rules", rule)).includes("cases") ? [`rules/${rule}/cases`] : [],
);

describe.skipIf(!hasGit)("with git, every case applies to the stage", () => {
  let repository = "";
  let release = (): void => {};
  beforeAll(async () => {
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await new Promise<void>((ready) => {
      void onStage((dir) => {
        repository = dir;
        ready();
        return held;
      });
    });
  });
  afterAll(() => release());

  test.each(cases)("%s", (folder) => {
    expect(patches(folder).length).toBeGreaterThan(1);
    for (const patch of patches(folder))
      expect(git(repository, ["apply", "--check", "--whitespace=error", patch]).toString()).toBe("");
  });
});

describe.skipIf(!hasGit)("with git, every series applies to the stage", () => {
  test.each(folders("fixtures/series"))("%s", (series) => {
    onStage((dir) => {
      const mails = patches(`fixtures/series/${series}`).filter((path) => !/0000-[^/]*$/.test(path));
      git(dir, ["am", "-q", ...mails]);
      const subjects = git(dir, ["log", "--reverse", "--format=%s", `-${mails.length}`]).toString();
      const mailed = mails.map((path) => /^Subject: \[[^\]]*\] (.*)$/m.exec(readFileSync(path, "utf8"))?.[1]);
      expect(subjects.trimEnd().split("\n")).toEqual(mailed);
    });
  });
});
