import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, hasSendEmail, makeDesk } from "./cli/sending.ts";
import { runsPage } from "./page.ts";

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
  await runsPage(page, desk, repository);
  expect(existsSync(join(desk.dir, "npm/bin/copylint"))).toBe(true);
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
