import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { gitlabEnv, makeBench, type Topic, topicOf } from "./ci/bench.ts";
import { runWorkflow } from "./ci/runner.ts";
import type { Desk } from "./cli/sending.ts";
import { startGithub } from "./hosts/github.ts";
import { startGitlab } from "./hosts/gitlab.ts";
import { startPatchwork } from "./hosts/patchwork.ts";
import { blocksOf } from "./page.ts";

const top = new URL("..", import.meta.url).pathname;
const pages = ["github", "gitlab", "patchwork"] as const;
const [github, gitlab, patchwork] = pages.map((name) => readFileSync(join(top, `docs/${name}.md`), "utf8"));
let desk: Desk;
let careless: Topic;

beforeAll(async () => {
  desk = await makeBench();
  careless = await topicOf(desk, "careless", "careless");
  await desk.git(careless.path, "update-ref", "refs/remotes/origin/master", "base");
}, 60_000);
afterAll(() => desk?.close());

/** The `yaml` block of a page with this name. */
function yamlOf(page: string, name: string): string {
  const block = new RegExp(`^\`\`\`yaml ${name}\\n([^]*?)^\`\`\`$`, "m").exec(page)?.[1];
  if (block === undefined) throw new Error(`there is no block ${name}`);
  return block;
}

/** Runs the `sh` blocks of a page in one shell each, and holds what they print against the page. */
async function runBlocks(page: string, cwd: string, change: (commands: string) => string): Promise<void> {
  const blocks = blocksOf(page);
  expect(blocks.length).toBeGreaterThan(0);
  let before = "";
  for (const { commands, output } of blocks) {
    const run = await desk.run(cwd, "sh", ["-e", "-c", before + change(commands)]);
    expect(run.stderr, commands).toBe("");
    expect(run.code, commands).toBe(0);
    let said = run.stdout;
    for (const part of output) {
      expect(said, commands).toContain(part);
      said = said.slice(said.indexOf(part) + part.length);
    }
    // What one block exports is there in the next.
    before += (change(commands).match(/^export .*\n/gm) ?? []).join("");
  }
}

describe("the page on GitHub", () => {
  test("its workflow makes a check and comments with the rights that it asks for", async () => {
    const host = await startGithub();
    host.pull = { ...host.pull, head: await careless.head(), files: await careless.diff() };
    const setting = {
      desk,
      topic: careless,
      github: host,
      workspace: join(desk.dir, "one"),
      artifacts: join(desk.dir, "none"),
    };
    const done = await runWorkflow(yamlOf(github!, "one"), setting);
    expect(done.code).toBe(1);
    expect(host.complaints).toEqual([]);
    expect(host.threads.length).toBeGreaterThan(10);
    expect(host.checks).toMatchObject([{ name: "copylint", status: "completed", conclusion: "failure" }]);
    expect(done.log).toMatch(/^copylint: \d+ of 16 findings as comments, all in the summary of the check$/m);
    await host.close();
  }, 60_000);

  test("its two workflows post what a fork's patches are like", async () => {
    const host = await startGithub();
    const head = await careless.head();
    host.pull = { head, owner: "forker", branch: "topic", repositoryId: 99, files: await careless.diff() };
    const setting = { desk, topic: careless, github: host, artifacts: join(desk.dir, "artifacts") };
    const first = await runWorkflow(yamlOf(github!, "first"), {
      ...setting,
      fork: true,
      workspace: join(desk.dir, "first"),
    });
    expect(first.code).toBe(0);
    expect(first.log).toMatch(/^::error file=block\/blk-lib\.c,line=137,/m);
    expect(first.summary).toContain("3 errors");
    expect(host.changes().filter(({ path }) => path !== "/graphql").length).toBeGreaterThan(0);
    expect([host.threads, host.checks]).toEqual([[], []]);
    const event = {
      workflow_run: {
        id: 1,
        event: "pull_request",
        head_sha: head,
        head_branch: "topic",
        head_repository: { id: 99, owner: { login: "forker" } },
        pull_requests: [],
      },
    };
    const second = await runWorkflow(yamlOf(github!, "second"), {
      ...setting,
      event,
      workspace: join(desk.dir, "second"),
    });
    expect([second.code, host.complaints]).toEqual([0, []]);
    expect(host.threads.length).toBeGreaterThan(10);
    expect(host.checks).toMatchObject([{ head_sha: head, conclusion: "failure" }]);
    expect(second.summary).toContain("3 errors");
    await host.close();
  }, 60_000);

  test("its command prints what it says", () => runBlocks(github!, careless.path, (commands) => commands), 60_000);

  test("the action passes on what it is given, as it is", async () => {
    const host = await startGithub();
    const given = `base: "$(touch broken)"\n          fail-on: never`;
    const text = yamlOf(github!, "one").replace(
      "- uses: OWNER/copylint@main",
      `- uses: OWNER/copylint@main\n        with:\n          ${given}`,
    );
    const workspace = join(desk.dir, "given");
    const done = await runWorkflow(text, { desk, topic: careless, github: host, workspace, artifacts: desk.dir });
    expect([done.code, done.log]).toEqual([3, expect.stringContaining('git knows no commit "$(touch broken)"')]);
    expect((await desk.run(workspace, "ls", ["broken"])).code).not.toBe(0);
    await host.close();
  }, 60_000);
});

test("the page on GitLab: its job writes the report, and comments once there is a token", async () => {
  const host = await startGitlab();
  host.users.set("glpat-page", 11);
  host.request = { base: careless.base, head: await careless.head(), files: await careless.diff() };
  const job = (
    parse(yamlOf(gitlab!, "job")) as {
      copylint: {
        variables: Record<string, string>;
        before_script: string[];
        script: string[];
        artifacts: { reports: { codequality: string } };
      };
    }
  ).copylint;
  expect(job.variables.GIT_DEPTH).toBe("0");
  // The tests run in a clone that has been set up and built.
  expect(job.before_script.map((line) => line.replace(/ --.*/, ""))).toEqual(["git clone", "npm", "npm"]);
  symlinkSync(top, join(desk.dir, "copylint"));
  const script = job.script.join("\n").replaceAll("/opt/copylint", `"${join(desk.dir, "copylint")}"`);
  const { GITLAB_TOKEN = "", ...env } = await gitlabEnv(careless, host.url, "glpat-page");
  const without = await desk.run(careless.path, "sh", ["-e", "-c", script], env);
  expect([without.code, without.stderr, host.asked]).toEqual([1, "", []]);
  const report = readFileSync(join(careless.path, job.artifacts.reports.codequality), "utf8");
  expect(JSON.parse(report)).toHaveLength(16);
  const run = await desk.run(careless.path, "sh", ["-e", "-c", script], { ...env, GITLAB_TOKEN });
  expect([run.code, run.stderr, host.complaints]).toEqual([1, "", []]);
  expect(host.discussions.length).toBeGreaterThan(10);
  await host.close();
}, 60_000);

test("the page on patchwork: its commands post what it says", async () => {
  const host = await startPatchwork();
  host.tokens.add("0123456789abcdef");
  const folder = join(desk.dir, "desk");
  cpSync(join(top, "fixtures/series/careless"), join(folder, "series"), { recursive: true });
  for (const [, id = ""] of (await desk.run(folder, "grep", ["-ihr", "^Message-Id:", "series"])).stdout.matchAll(
    /<(.*)>/g,
  ))
    if (!id.startsWith("cover.")) host.patches.set(id, []);
  await runBlocks(patchwork!, folder, (commands) => commands.replace("https://patchwork.example.org", host.url));
  expect(host.complaints).toEqual([]);
  expect([...host.patches.values()].map((checks) => checks.length)).toEqual([1, 1, 1, 1, 1, 1]);
  await host.close();
}, 60_000);

test.each(pages)("the page on %s fits 80 columns, but for what programs print", (name) => {
  const prose = readFileSync(join(top, `docs/${name}.md`), "utf8").replace(/^```text\n[^]*?^```$/gm, "");
  expect(prose.split("\n").filter((line) => line.length > 80)).toEqual([]);
});
