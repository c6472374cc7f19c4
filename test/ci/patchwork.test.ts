import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { main } from "../../src/cli/main.ts";
import { fakeIo } from "../cli/fake-io.ts";
import type { Desk, Ended } from "../cli/sending.ts";
import { type Patchwork, startPatchwork } from "../hosts/patchwork.ts";
import { makeBench } from "./bench.ts";

let desk: Desk;
let patchwork: Patchwork;
const series = new URL("../../fixtures/series/careless", import.meta.url).pathname;
const idOf = (mail: string): string => /^Message-Id: <(.*)>/im.exec(readFileSync(mail, "utf8"))?.[1] ?? "";
const mails = readdirSync(series)
  .filter((name) => /^(?!0000).*\.patch$/.test(name))
  .sort()
  .map((name) => join(series, name));

beforeAll(async () => {
  desk = await makeBench();
});
afterAll(() => desk?.close());
beforeEach(async () => {
  patchwork = await startPatchwork();
  patchwork.tokens.add("secret");
  for (const mail of mails) patchwork.patches.set(idOf(mail), []);
});
afterEach(async () => {
  const complaints = [...patchwork.complaints];
  await patchwork.close();
  expect(complaints).toEqual([]);
});

/** Runs in this process. */
async function run(paths: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const usual = { PATCHWORK_URL: patchwork.url, PATCHWORK_TOKEN: "secret" };
  const { io, printed } = fakeIo({ cwd: desk.dir, env: { ...usual, ...env } });
  const code = await main(["ci", "--patchwork", ...paths], io);
  return { code, stdout: printed.out, stderr: printed.err };
}

test("each patch gets one check that says what was found in it", async () => {
  const ended = await run([series], { CI_JOB_URL: "https://ci.example.org/1" });
  expect([ended.code, ended.stderr]).toEqual([1, ""]);
  const checks = mails.map((mail) => patchwork.patches.get(idOf(mail)));
  expect(checks.map((of) => of?.map(({ state }) => state))).toEqual([
    ["success"],
    ["success"],
    ["fail"],
    ["success"],
    ["success"],
    ["success"],
  ]);
  expect(checks[2]?.[0]).toMatchObject({
    context: "copylint",
    description: "3 errors, 4 warnings, 9 checks; first copied-only-decreases at block/blk-lib.c:137",
    target_url: "https://ci.example.org/1",
  });
  expect(ended.stdout).toContain("copylint: posted 6 checks");
  await run([series], { CI_JOB_URL: "https://ci.example.org/2" });
  expect(patchwork.changes()).toHaveLength(6);
}, 60_000);

test("what patchwork does not know is said, and a check of yesterday is overruled", async () => {
  const [first = "", second = ""] = mails;
  patchwork.patches.delete(idOf(first));
  const old = { id: 0, state: "fail", context: "copylint", description: "1 error" };
  patchwork.patches.set(idOf(second), [{ ...old, context: "other", state: "success" }, old]);
  const ended = await run([first, second]);
  expect(ended.stdout).toContain("patchwork does not know 1 of 2 patches");
  expect(patchwork.patches.get(idOf(second))?.map(({ context, state }) => [context, state])).toEqual([
    ["other", "success"],
    ["copylint", "fail"],
    ["copylint", "success"],
  ]);
}, 60_000);

test("a patch that is not understood is no success", async () => {
  const [first = ""] = mails;
  const cut = join(desk.dir, "cut.patch");
  writeFileSync(cut, readFileSync(first, "utf8").replace(/^@@ -27,6 /m, "@@ -27,9 "));
  const ended = await run([cut]);
  expect(ended.code).toBe(3);
  expect(patchwork.patches.get(idOf(first))).toMatchObject([
    { state: "warning", description: "nothing found, but not all of it was understood" },
  ]);
}, 60_000);

test("trouble: a request is sent again, and a token without rights is an error that does not show it", async () => {
  const [first = ""] = mails;
  patchwork.faults.push({ method: "POST", path: /checks\/$/, reply: { status: 502 }, done: true });
  await run([first]);
  expect(patchwork.patches.get(idOf(first))).toHaveLength(1);
  patchwork.patches.set(idOf(first), []);
  const ended = await run([first], { PATCHWORK_TOKEN: "wrong-token" });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(
    /^copylint: not posted to patchwork: POST .*: 403, You do not have permission.* action; look/m,
  );
  expect(ended.stdout + ended.stderr).not.toContain("wrong-token");
}, 60_000);

test("what is missing is said in a line", async () => {
  const file = join(desk.dir, "empty.patch");
  writeFileSync(file, "");
  for (const [paths, env, said] of [
    [[], {}, "nothing to read"],
    [[file], { PATCHWORK_URL: "" }, "PATCHWORK_URL is not set"],
    [[file], { PATCHWORK_TOKEN: "" }, "PATCHWORK_TOKEN is not set"],
    [[file], { PATCHWORK_URL: "ftp://example.org/api/" }, "the address of the API is none of http or https"],
    [[file], { PATCHWORK_URL: "https://user:word@example.org" }, "has a name and password in it"],
  ] as const) {
    const ended = await run(paths, env);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(said)]);
  }
}, 60_000);
