import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, hasSendEmail, makeDesk } from "./cli/sending.ts";
import { blocksOf } from "./page.ts";

const top = new URL("..", import.meta.url).pathname;
const page = readFileSync(join(top, "docs/hooks.md"), "utf8");
let desk: Desk;

beforeAll(async () => {
  desk = await makeDesk();
});
afterAll(() => desk?.close());

test.skipIf(!hasSendEmail)("the page on hooks: its commands do what it says (skipped without git-email)", async () => {
  const repository = await desk.repository("careless");
  await desk.git(repository, "update-ref", "refs/remotes/origin/master", "base");
  const config = readFileSync(join(repository, ".git/config"));
  const hooks = readdirSync(join(repository, ".git/hooks"));
  const prefix = join(desk.dir, "npm");
  const env = {
    npm_config_prefix: prefix,
    npm_config_audit: "false",
    npm_config_update_notifier: "false",
    PATH: `${join(prefix, "bin")}:${desk.env.PATH}`,
  };
  const blocks = blocksOf(page);
  expect(blocks.length).toBeGreaterThan(7);
  for (const { note, commands, output } of blocks) {
    // The tests run in a clone that has been set up and built.
    const rest = note === "clone" ? commands.replace("npm ci\nnpm run build\n", "") : commands;
    expect(rest === commands).toBe(note !== "clone");
    const run = await desk.run(note === "clone" ? top : repository, "sh", ["-e", "-c", rest], env);
    expect(run.code === 0 ? "" : "fails", `${commands}${run.stdout}${run.stderr}`).toBe(note === "fails" ? note : "");
    let said = `${run.stdout}${run.stderr}`;
    for (const part of output) {
      expect(said, commands).toContain(part);
      said = said.slice(said.indexOf(part) + part.length);
    }
  }
  expect(existsSync(join(prefix, "bin/copylint"))).toBe(true);
  // The one block that sends did, and the last one took everything away.
  expect(desk.sink.mails).toHaveLength(6);
  expect(readFileSync(join(repository, ".git/config")).equals(config)).toBe(true);
  expect(readdirSync(join(repository, ".git/hooks"))).toEqual(hooks);
  expect(readdirSync(join(desk.dir, ".config/git/hooks"))).toEqual([]);
});

test("the page on hooks fits 80 columns, but for what programs print", () => {
  const prose = page.replace(/^```text\n[^]*?^```$/gm, "");
  expect(prose.split("\n").filter((line) => line.length > 80)).toEqual([]);
});
