import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../src/cli/main.ts";
import { fakeIo } from "../cli/fake-io.ts";
import { type Desk, type Ended, makeDesk } from "../cli/sending.ts";
import { type DiffFile, filesOf } from "../hosts/server.ts";

/** A repository that CI looks at. */
export interface Topic {
  readonly path: string;
  readonly base: string;
  readonly head: () => Promise<string>;
  /** Writes files and commits them. */
  readonly commit: (files: Readonly<Record<string, string>>, subject: string) => Promise<void>;
  readonly diff: () => Promise<readonly DiffFile[]>;
}

/** A desk without any host's variables, as the tests may be run by CI themselves. */
export async function makeBench(): Promise<Desk> {
  const desk = await makeDesk();
  for (const name of Object.keys(desk.env)) {
    if (/^(?:GITHUB|GITLAB|CI|GL|PATCHWORK|RUNNER)(?:_|$)/.test(name))
      delete (desk.env as Record<string, string>)[name];
  }
  return desk;
}

/** A repository of the stage, with a bundled series on top if there is to be one; the stage is the base. */
export async function topicOf(desk: Desk, name: string, series?: string): Promise<Topic> {
  const path = await desk.repository(series ?? "careless", name);
  if (series === undefined) await desk.git(path, "reset", "-q", "--hard", "base");
  const line = async (...args: string[]): Promise<string> => (await desk.git(path, ...args)).trim();
  const base = await line("rev-parse", "base");
  return {
    path,
    base,
    head: () => line("rev-parse", "HEAD"),
    commit: async (files, subject) => {
      for (const [file, text] of Object.entries(files)) {
        writeFileSync(join(path, file), text);
        await desk.git(path, "add", file);
      }
      await desk.git(path, "commit", "-q", "--allow-empty", "-m", subject);
    },
    diff: async () => filesOf(await desk.git(path, "diff", "-U3", "--no-color", `${base}...HEAD`)),
  };
}

/** A new file with so many users of a deprecated interface: each is a warning with a fix. */
export function manyFindings(n: number, word = "quarry"): string {
  const functions = Array.from(
    { length: n },
    (_, i) => `
struct bio *${word}_${i}(struct bio *bio, struct block_device *bdev)
{
	return blk_next_bio(bio, bdev, ${i + 1}, REQ_OP_WRITE, GFP_KERNEL);
}
`,
  );
  return `// SPDX-License-Identifier: GPL-2.0\n#include <linux/bio.h>\n${functions.join("")}`;
}

/** What GitHub's runner sets for a step; the event is that of a pull request of the topic, unless another one is given. */
export async function githubEnv(
  desk: Desk,
  topic: Topic,
  url: string,
  { token, event }: { token?: string; event?: object } = {},
): Promise<Record<string, string>> {
  const head = await topic.head();
  const usual = { number: 7, pull_request: { number: 7, base: { sha: topic.base }, head: { sha: head } } };
  const path = join(desk.dir, "event.json");
  writeFileSync(path, JSON.stringify(event ?? usual));
  return {
    GITHUB_ACTIONS: "true",
    GITHUB_REPOSITORY: "quarry/linux",
    GITHUB_EVENT_PATH: path,
    GITHUB_SHA: head,
    GITHUB_API_URL: url,
    GITHUB_GRAPHQL_URL: `${url}/graphql`,
    GITHUB_STEP_SUMMARY: join(desk.dir, "summary.md"),
    ...(token === undefined ? {} : { GITHUB_TOKEN: token }),
  };
}

/** Runs `copylint ci` in this process, and takes the summary of the step along. */
export async function runCi(
  desk: Desk,
  topic: Topic,
  env: Record<string, string>,
  ...args: readonly string[]
): Promise<Ended & { readonly summary: string }> {
  const path = join(desk.dir, "summary.md");
  writeFileSync(path, "");
  const { io, printed } = fakeIo({ cwd: topic.path, env });
  const code = await main(["ci", ...args], io);
  const summary = readFileSync(path, "utf8");
  rmSync(path);
  return { code, stdout: printed.out, stderr: printed.err, summary };
}

/** What GitLab sets for a job of a merge request. */
export async function gitlabEnv(topic: Topic, url: string, token: string): Promise<Record<string, string>> {
  return {
    GITLAB_CI: "true",
    CI_API_V4_URL: `${url}/api/v4`,
    CI_PROJECT_ID: "42",
    CI_MERGE_REQUEST_IID: "5",
    CI_MERGE_REQUEST_DIFF_BASE_SHA: topic.base,
    CI_COMMIT_SHA: await topic.head(),
    GITLAB_TOKEN: token,
  };
}
