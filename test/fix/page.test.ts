import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, makeDesk } from "../cli/sending.ts";
import { hasGit } from "../git.ts";
import { runsPage } from "../page.ts";
import { top } from "../reviewing.ts";

const page = readFileSync(join(top, "docs/fix.md"), "utf8");
let desk: Desk;

beforeAll(async () => {
  desk = await makeDesk();
});
afterAll(() => desk?.close());

test.skipIf(!hasGit)("the page on fixes: its commands do what it says (skipped without git)", async () => {
  const repository = await desk.repository("careless");
  await desk.git(repository, "update-ref", "refs/remotes/origin/master", "base");
  await desk.git(repository, "branch", "sent");
  const mails = await desk.git(repository, "format-patch", "--stdout", "base");
  await desk.git(repository, "config", "core.excludesFile", join(desk.dir, "ignored"));
  const write = `cat > sent.mbox && printf '%s\\n' sent.mbox out fixes > '${join(desk.dir, "ignored")}'`;
  expect(
    (await desk.run(repository, "sh", ["-c", `printf '%s' "$MAILS" | { ${write}; }`], { MAILS: mails })).code,
  ).toBe(0);
  const subjects = await desk.git(repository, "log", "--format=%s", "base..");
  await runsPage(page, desk, repository, {}, async (commands) => {
    // Whatever was squashed went where it belongs.
    const range = commands.includes("git am") ? "base.." : "base..main";
    expect(await desk.git(repository, "log", "--format=%s", range)).toBe(subjects);
  });
  expect(existsSync(join(repository, "fixes/fixup-0003.patch"))).toBe(true);
  expect((await desk.git(repository, "status", "--porcelain")).trim()).toBe("");
});

test("the page on fixes fits 80 columns, but for tables and what programs print", () => {
  const prose = page.replace(/^```text\n[^]*?^```$/gm, "").replace(/^\|.*$/gm, "");
  expect(prose.split("\n").filter((line) => line.length > 80)).toEqual([]);
});
