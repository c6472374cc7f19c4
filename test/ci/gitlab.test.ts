import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Desk } from "../cli/sending.ts";
import { type Discussion, type Gitlab, startGitlab } from "../hosts/gitlab.ts";
import { gitlabEnv, makeBench, manyFindings, runCi, type Topic, topicOf } from "./bench.ts";

let desk: Desk;
let careless: Topic;
let gitlab: Gitlab;
const token = "glpat-secret0123456789";

beforeAll(async () => {
  desk = await makeBench();
  careless = await topicOf(desk, "careless", "careless");
}, 60_000);
afterAll(() => desk?.close());

beforeEach(async () => {
  gitlab = await startGitlab();
  gitlab.users.set(token, 11);
});
afterEach(async () => {
  const complaints = [...gitlab.complaints];
  await gitlab.close();
  expect(complaints).toEqual([]);
});

async function open(topic: Topic): Promise<Record<string, string>> {
  gitlab.request = { base: topic.base, head: await topic.head(), files: await topic.diff() };
  return gitlabEnv(topic, gitlab.url, token);
}

test("a merge request gets discussions on its lines, once", async () => {
  const env = await open(careless);
  const run = await runCi(desk, careless, env, "--output", "gitlab=quality.json");
  expect([run.code, run.stderr]).toEqual([1, ""]);
  expect(gitlab.discussions.length).toBeGreaterThan(10);
  expect(run.stdout).toContain(
    `copylint: ${gitlab.discussions.length} of 16 findings as comments, all in the log of the job`,
  );
  expect(run.stdout).toContain("6 patches, 11 files: 3 errors");
  const quality = await desk.run(careless.path, "cat", ["quality.json"]);
  expect(JSON.parse(quality.stdout)).toHaveLength(16);
  const suggestions = gitlab.discussions.flatMap(({ notes }) => /```suggestion.*/.exec(notes[0]?.body ?? "") ?? []);
  expect(suggestions.sort()).toEqual(["```suggestion:-0+0", "```suggestion:-0+1"]);
  const before = gitlab.changes().length;
  await runCi(desk, careless, env);
  expect(gitlab.changes().length).toBe(before);
}, 60_000);

test("a line that both sides have is named by both its numbers", async () => {
  const topic = await topicOf(desk, "context");
  await topic.commit({ "block/many.c": manyFindings(2) }, "block: two");
  const env = await open(topic);
  // As if the merge request had the lines from before: it shows them, and adds nothing.
  gitlab.request = {
    ...gitlab.request,
    files: gitlab.request.files.map((file) => ({
      ...file,
      oldName: "block/few.c",
      diff: file.diff.replace(/^@@.*@@/, "@@ -11,13 +1,13 @@").replace(/^\+/gm, " "),
    })),
  };
  await runCi(desk, topic, env);
  expect(gitlab.discussions.map(({ position }) => [position.new_line, position.old_line])).toEqual([
    [6, 16],
    [11, 21],
  ]);
}, 60_000);

test("discussions whose points are gone are resolved, unless somebody answered; others' are left alone", async () => {
  const topic = await topicOf(desk, "shrinking");
  await topic.commit({ "block/many.c": manyFindings(40) }, "block: forty");
  const first = await runCi(desk, topic, await open(topic));
  expect(gitlab.discussions).toHaveLength(30);
  expect(first.stdout).toContain("copylint: 30 of 40 findings as comments");
  gitlab.answer(gitlab.discussions[1] as Discussion, 12, "No.");
  const forged = structuredClone(gitlab.discussions[2]) as Discussion;
  gitlab.discussions.push({
    ...forged,
    id: "f".repeat(40),
    notes: forged.notes.map((note) => ({ ...note, author: { id: 12 } })),
  });
  await topic.commit({ "block/many.c": manyFindings(1) }, "block: one");
  gitlab.mayResolve = false;
  const weak = await runCi(desk, topic, await open(topic));
  expect([weak.stderr, weak.stdout]).toEqual(["", expect.stringContaining("the token may not resolve discussions")]);
  gitlab.mayResolve = true;
  const run = await runCi(desk, topic, await open(topic));
  expect(gitlab.discussions.map(({ notes }) => notes[0]?.resolved)).toEqual([
    false,
    false,
    ...Array.from({ length: 28 }, () => true),
    false,
  ]);
  expect(run.stdout).toContain("resolved 28 discussions whose point is gone");
}, 60_000);

test("without a token, or a merge request, nothing is asked; a wrong token is an error", async () => {
  const topic = await topicOf(desk, "tokens");
  await topic.commit({ "block/many.c": manyFindings(1) }, "block: one");
  const { GITLAB_TOKEN, ...without } = await open(topic);
  expect(GITLAB_TOKEN).toBe(token);
  expect((await runCi(desk, topic, without)).code).toBe(1);
  const { CI_MERGE_REQUEST_IID, ...branch } = await open(topic);
  expect(CI_MERGE_REQUEST_IID).toBe("5");
  expect((await runCi(desk, topic, branch)).code).toBe(1);
  expect(gitlab.asked).toEqual([]);
  const run = await runCi(desk, topic, { ...without, GITLAB_TOKEN: "glpat-wrong" });
  expect([run.code, run.stderr]).toEqual([
    2,
    expect.stringMatching(/^copylint: not posted to GitLab: GET .*: 401, 401 Unauthorized; /),
  ]);
  expect(run.stdout + run.stderr).not.toContain("glpat-wrong");
}, 60_000);

test("a host in trouble gets each comment once", async () => {
  const topic = await topicOf(desk, "trouble");
  await topic.commit({ "block/many.c": manyFindings(3) }, "block: three");
  const env = await open(topic);
  gitlab.faults.push(
    { method: "POST", path: /discussions$/, reply: { status: 500, json: { message: "500" } }, done: true },
    { method: "POST", path: /discussions$/, reply: { status: 429, json: {}, headers: { "retry-after": "1" } } },
    { method: "POST", path: /discussions$/, reply: { status: 400, json: { message: "line_code" } } },
  );
  const run = await runCi(desk, topic, env);
  expect(gitlab.faults).toEqual([]);
  expect(gitlab.discussions).toHaveLength(2);
  expect(run.stdout).toContain("GitLab refused the lines of 1 comment");
}, 60_000);
