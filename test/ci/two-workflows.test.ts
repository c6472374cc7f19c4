import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RecordError, readRecord } from "../../src/ci/read-record.ts";
import type { ReviewRecord } from "../../src/ci/record.ts";
import type { Desk } from "../cli/sending.ts";
import { type Github, startGithub } from "../hosts/github.ts";
import { githubEnv, makeBench, manyFindings, runCi, type Topic, topicOf } from "./bench.ts";

// The workflow that reads a fork's patches has no rights; the one that has them reads its file only.

let desk: Desk;
let three: Topic;
let github: Github;
let saved: string;
const token = "ghs_secret0123456789";

beforeAll(async () => {
  desk = await makeBench();
  three = await topicOf(desk, "three");
  await three.commit({ "block/many.c": manyFindings(3) }, "block: three");
  saved = join(desk.dir, "copylint.json");
  const run = await runCi(desk, three, await githubEnv(desk, three, "http://127.0.0.1:1"), "--save", saved);
  expect(run.code).toBe(1);
}, 60_000);
afterAll(() => desk?.close());

beforeEach(async () => {
  github = await startGithub();
  github.rights.set(token, { login: "github-actions", comment: true, check: true, resolve: true });
  github.pull = {
    head: await three.head(),
    owner: "forker",
    branch: "topic",
    repositoryId: 99,
    files: await three.diff(),
  };
});
afterEach(async () => {
  const complaints = [...github.complaints];
  await github.close();
  expect(complaints).toEqual([]);
});

const eventOf = async (change: object = {}): Promise<object> => ({
  repository: { id: 1 },
  workflow_run: {
    event: "pull_request",
    head_sha: await three.head(),
    head_branch: "topic",
    head_repository: { id: 99, owner: { login: "forker" } },
    pull_requests: [],
    ...change,
  },
});

async function post(file: string, event: object, ...args: string[]) {
  const env = await githubEnv(desk, three, github.url, { token, event });
  return runCi(desk, three, env, "--from", file, ...args);
}

const record = (): ReviewRecord => JSON.parse(readFileSync(saved, "utf8"));

/** Posts a changed record. */
function postChanged(change: (it: { points: object[] } & Record<string, unknown>) => void) {
  const it = JSON.parse(readFileSync(saved, "utf8"));
  change(it);
  const file = join(desk.dir, "changed.json");
  writeFileSync(file, JSON.stringify(it));
  return eventOf().then((event) => post(file, event));
}

describe("what an unprivileged workflow saved", () => {
  test("is posted to the pull request that GitHub says it is about", async () => {
    const run = await post(saved, await eventOf());
    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(github.threads).toHaveLength(3);
    expect(github.checks).toMatchObject([{ head_sha: await three.head(), conclusion: "failure" }]);
    expect(run.stdout).toContain("copylint: 3 of 3 findings as comments, all in the summary of the check");
    expect(run.summary.match(/^\| warning \|/gm)).toHaveLength(3);
    const before = github.changes().length;
    await post(saved, await eventOf());
    expect(github.changes().length).toBe(before);
  });

  test("has the same comments as if it had been posted at once", async () => {
    await post(saved, await eventOf());
    const bodies = github.threads.map(({ path, line, comments }) => [path, line, comments[0]?.body]);
    github.threads.splice(0);
    await runCi(desk, three, await githubEnv(desk, three, github.url, { token }));
    expect(github.threads.map(({ path, line, comments }) => [path, line, comments[0]?.body])).toEqual(bodies);
  });

  test("is posted to the pull request that the event names, if it is one of this repository", async () => {
    const pull = (id: number, repository: number, sha: string) => ({
      number: id,
      head: { sha },
      base: { repo: { id: repository } },
    });
    const head = await three.head();
    const pull_requests = [pull(9, 2, head), pull(8, 1, "3".repeat(40)), pull(7, 1, head)];
    await post(saved, await eventOf({ pull_requests, head_repository: { id: 1, owner: { login: "quarry" } } }));
    expect(github.threads).toHaveLength(3);
    expect(github.asked.some(({ path }) => path.endsWith("/pulls"))).toBe(false);
  });

  test("goes to no pull request that has another head or comes from elsewhere", async () => {
    for (const change of [
      { head_repository: { id: 98, owner: { login: "forker" } } },
      { head_branch: "other" },
      { head_sha: "2".repeat(40) },
    ]) {
      const run = await post(saved, await eventOf(change));
      expect(run.stdout).toContain("no open pull request has this commit as its head");
    }
    expect(github.threads).toEqual([]);
  });

  test("is posted for nothing but workflow_run of a pull request", async () => {
    for (const event of [await eventOf({ event: "push" }), { pull_request: { number: 7 } }]) {
      const run = await post(saved, event);
      expect([run.code, run.stderr]).toEqual([2, expect.stringContaining("on: workflow_run")]);
    }
    expect(github.changes()).toEqual([]);
  });

  test("is refused with anything in it that does not belong there", async () => {
    const changes: ((it: { points: Record<string, unknown>[] } & Record<string, unknown>) => void)[] = [
      (it) => (it.pull = 8),
      (it) => (it.version = 1),
      (it) => delete it.notReviewed,
      (it) => delete it.problems,
      (it) => (it.points[0]!.key = "<!-- -->"),
      (it) => (it.points[0]!.level = "toString"),
      (it) => (it.points[0]!.rule = "@everyone"),
      (it) => (it.points[0]!.place = "x".repeat(6_000)),
      (it) => (it.points[0]!.at = { path: "a", line: 0, lastLine: 1 }),
      (it) => (it.points[0]!.at = { path: "a", line: 3, lastLine: 1 }),
      (it) => (it.points[0]!.paragraphs = ["a", "b", "c", "d", "e"]),
      (it) => (it.points = Array.from({ length: 5_001 }, () => it.points[0]!)),
      (it) => (it.points[1] = it.points[0]!),
    ];
    for (const change of changes) {
      const run = await postChanged(change as Parameters<typeof postChanged>[0]);
      expect([run.code, run.stderr], String(change)).toEqual([
        2,
        expect.stringMatching(/is not what copylint ci --save writes: .*; nothing was posted\n$/),
      ]);
    }
    expect(github.asked).toEqual([]);
  });

  test("that places a comment where the pull request shows nothing gets none there", async () => {
    await postChanged((it) => {
      it.points[0] = { ...it.points[0], at: { path: "MAINTAINERS", line: 1, lastLine: 1 }, edit: null };
      it.points[1] = { ...it.points[1], at: { path: "block/many.c", line: 4_000, lastLine: 4_000 }, edit: null };
    });
    expect(github.threads).toHaveLength(1);
    expect(github.checks[0]?.output.annotations).toHaveLength(2);
  });

  test("cannot be a huge file, or none", async () => {
    const file = join(desk.dir, "huge.json");
    writeFileSync(file, " ".repeat(33 * 1024 * 1024));
    for (const path of [file, join(desk.dir, "missing.json"), desk.dir]) {
      const run = await post(path, await eventOf());
      expect([run.code, run.stderr.split("\n").length]).toEqual([2, 2]);
    }
    expect(github.asked).toEqual([]);
  });

  test("is not green if it could not be posted", async () => {
    github.rights.set(token, { login: "github-actions" });
    const run = await post(saved, await eventOf());
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining("the token may not make a check")]);
  });
});

test("no value in place of any other is read as a record, or it is one of the same kind", () => {
  const good = record();
  expect(readRecord(JSON.stringify(good))).toEqual(good);
  const paths: (string | number)[][] = [];
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0) paths.push(path);
    if (typeof value === "object" && value !== null)
      for (const [name, inner] of Object.entries(value))
        walk(inner, [...path, Array.isArray(value) ? Number(name) : name]);
  };
  walk(good, []);
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
      const copy = structuredClone(good) as unknown as Record<string | number, unknown>;
      let at = copy;
      for (const name of path.slice(0, -1)) at = at[name] as Record<string | number, unknown>;
      const last = path.at(-1) ?? "";
      const old = at[last];
      at[last] = value;
      try {
        readRecord(JSON.stringify(copy));
      } catch (error) {
        expect(error).toBeInstanceOf(RecordError);
        return;
      }
      const kind = (one: unknown): string => (one === null ? "null" : Array.isArray(one) ? "list" : typeof one);
      // Three fields may be null, and lists may be empty.
      if (value !== null) expect([kind(old), "null"]).toContain(kind(value));
      else expect(["at", "run", "edit"]).toContain(last);
    }),
    { numRuns: 1_000 },
  );
});
