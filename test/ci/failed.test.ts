import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { main } from "../../src/cli/main.ts";
import { fakeIo } from "../cli/fake-io.ts";
import type { Desk } from "../cli/sending.ts";
import { callsOf } from "../failing.ts";
import { startGithub } from "../hosts/github.ts";
import { startGitlab } from "../hosts/gitlab.ts";
import { startPatchwork } from "../hosts/patchwork.ts";
import { runnerReads } from "../report/readers.ts";
import { githubEnv, gitlabEnv, makeBench, manyFindings, runCi, type Topic, topicOf } from "./bench.ts";

// A rule with a real defect among the others. What a review that failed does not find is not mended: no host is told so.

vi.mock("../../rules/index.ts", async (original) => {
  const { rules } = await original<typeof import("../../rules/index.ts")>();
  const { failingRule } = await import("../failing.ts");
  return { rules: [...rules.filter(({ id }) => id === "deprecated-next-bio"), failingRule] };
});

let desk: Desk;
beforeAll(async () => {
  desk = await makeBench();
}, 60_000);
afterAll(() => desk?.close());

/** A topic with three findings, and what makes the review of it fail. */
async function topic(name: string): Promise<{ readonly topic: Topic; readonly spoil: () => Promise<void> }> {
  const made = await topicOf(desk, name);
  await made.commit({ "block/many.c": manyFindings(3) }, "block: three");
  return { topic: made, spoil: () => made.commit({ "block/many.c": manyFindings(1, "bad") }, "block: one") };
}

test("GitHub: the check fails and says why, no thread is closed, and the other workflow knows it, too", async () => {
  const github = await startGithub();
  const token = "ghs_secret0123456789";
  github.rights.set(token, { login: "github-actions", comment: true, check: true, resolve: true });
  const { topic: three, spoil } = await topic("github");
  const open = async (): Promise<Record<string, string>> => {
    github.pull = { ...github.pull, head: await three.head(), files: await three.diff() };
    return githubEnv(desk, three, github.url, { token });
  };
  await runCi(desk, three, await open());
  expect(github.threads).toHaveLength(3);
  await spoil();
  const saved = join(desk.dir, "failed.json");
  const run = await runCi(desk, three, await open(), "--fail-on", "never", "--save", saved);
  expect(run.code).toBe(4);
  expect(github.threads.map(({ resolved, comments }) => [resolved, comments[0]?.minimized ?? false])).toEqual(
    [1, 2, 3].map(() => [false, false]),
  );
  const check = github.checks.at(-1)!;
  expect(check).toMatchObject({ conclusion: "failure", output: { title: "1 series not reviewed" } });
  expect(check.output.summary).toContain("was not reviewed\\: internal error");
  expect(run.summary).toContain("## copylint: 1 series not reviewed");
  for (const text of [run.stdout, run.summary, check.output.summary])
    expect(text).not.toMatch(/nothing (?:was )?found|no findings/);
  expect(runnerReads(run.stdout).commands).toEqual([]);
  expect(run.stderr).not.toContain("##[");

  expect(JSON.parse(readFileSync(saved, "utf8"))).toMatchObject({ points: [], notReviewed: 1, complete: false });
  const before = github.checks.length;
  writeFileSync(join(desk.dir, "again.json"), readFileSync(saved));
  github.checks.splice(0);
  const head = await three.head();
  const workflow_run = { event: "pull_request", head_sha: head, head_branch: "topic", pull_requests: [] };
  const forker = { id: 99, owner: { login: "forker" } };
  const event = { repository: { id: 1 }, workflow_run: { ...workflow_run, head_repository: forker } };
  github.pull = { ...github.pull, owner: "forker", branch: "topic", repositoryId: 99 };
  await runCi(desk, three, await githubEnv(desk, three, github.url, { token, event }), "--from", saved);
  expect(before).toBe(2);
  expect(github.checks).toMatchObject([{ conclusion: "failure", output: { title: "1 series not reviewed" } }]);
  expect(github.threads.map(({ resolved }) => resolved)).toEqual([false, false, false]);
  expect(github.complaints).toEqual([]);
  await github.close();
}, 60_000);

test("GitLab: no discussion is resolved, and the report has an issue", async () => {
  const gitlab = await startGitlab();
  const token = "glpat-secret0123456789";
  gitlab.users.set(token, 11);
  const { topic: three, spoil } = await topic("gitlab");
  const open = async (): Promise<Record<string, string>> => {
    gitlab.request = { base: three.base, head: await three.head(), files: await three.diff() };
    return gitlabEnv(three, gitlab.url, token);
  };
  await runCi(desk, three, await open());
  expect(gitlab.discussions).toHaveLength(3);
  await spoil();
  const run = await runCi(desk, three, await open(), "--output", "gitlab=quality.json");
  expect(run.code).toBe(4);
  expect(gitlab.discussions.map(({ notes }) => notes[0]?.resolved)).toEqual([false, false, false]);
  expect(run.stdout).toContain("copylint: 1 series not reviewed");
  expect(run.stdout).not.toMatch(/nothing found|no findings/);
  expect(JSON.parse(readFileSync(join(three.path, "quality.json"), "utf8"))).toMatchObject([
    { severity: "blocker", location: { path: "block/many.c" } },
  ]);
  expect(gitlab.complaints).toEqual([]);
  await gitlab.close();
}, 60_000);

test("patchwork: an older check that says success is overruled, and the other series have theirs", async () => {
  const patchwork = await startPatchwork();
  patchwork.tokens.add("secret");
  const mails = ["good", "bad"].map((name) => {
    const path = join(desk.dir, `${name}.patch`);
    writeFileSync(path, callsOf(name).text);
    patchwork.patches.set(`${name}@example.org`, []);
    return path;
  });
  patchwork.patches.set("bad@example.org", [
    { id: 0, state: "success", context: "copylint", description: "nothing found" },
  ]);
  const { io } = fakeIo({ cwd: desk.dir, env: { PATCHWORK_URL: patchwork.url, PATCHWORK_TOKEN: "secret" } });
  expect(await main(["ci", "--patchwork", ...mails], io)).toBe(4);
  const told = (name: string) => patchwork.patches.get(`${name}@example.org`)!.at(-1);
  expect(told("good")).toMatchObject({ state: "warning", description: expect.stringContaining("1 warning") });
  expect(told("bad")).toMatchObject({
    state: "warning",
    description: "not reviewed, because of a defect of copylint",
  });
  expect(patchwork.complaints).toEqual([]);
  await patchwork.close();
}, 60_000);
