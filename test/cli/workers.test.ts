import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorkers } from "../../src/cli/workers.ts";
import { githubEnv, makeBench, manyFindings, topicOf } from "../ci/bench.ts";
import { startGithub } from "../hosts/github.ts";
import { startPatchwork } from "../hosts/patchwork.ts";
import { archive, posted } from "./archive.ts";
import { gone, misbehaving } from "./misbehaving.ts";
import { copylint, program } from "./quarry.ts";
import type { Desk } from "./sending.ts";

// What may happen to a worker, and what becomes of the series, and of those behind it.

let dir = "";
let desk: Desk;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "copylint workers-"));
  desk = await makeBench();
});
afterAll(async () => {
  await desk?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A patch that stands alone, with a finding. */
const lone = (subject: string): string =>
  posted("mended")[0]!
    .replace(/^Subject: .*/m, `Subject: [PATCH] ${subject}`)
    .replaceAll("714524", subject.replace(/\W/g, "."));

const ends: Readonly<Record<string, string>> = {
  "please loop": "it took more than a minute",
  "please eat": "the process that reviewed it ended (SIGABRT)",
  "please abort": "the process that reviewed it ended (SIGABRT)",
  "please exit": "the process that reviewed it ended (exit code 3)",
  "please die": "the process that reviewed it ended (SIGKILL)",
};
const subjects = Object.keys(ends).flatMap((subject, i) => [subject, `block: good ${i}`]);

/** All files below a folder by path. */
function filesOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, "utf8")]));
}

test("inbox records what its workers do not survive, reviews the rest, and does not come back to it", () => {
  const repo = archive(join(dir, "0.git"), subjects.map(lone));
  const made = [1, 2].map((jobs) => {
    const out = join(dir, `jobs-${jobs}`);
    const args = ["inbox", repo, "--output-dir", out, "--no-run", "--jobs", String(jobs)];
    const { env } = misbehaving(dir);
    const { status, stdout, stderr } = copylint(args, { env });
    expect(stdout).toMatch(/^10 new mails, 10 series: 5 reviewed, 5 with findings, 5 drafts in /);
    const said = stderr.split("\n").map((line) => line.replace(/; this is a bug.*/, ""));
    expect(said).toEqual([
      ...Object.entries(ends).map(([subject, why]) => `copylint: "${subject}" was not reviewed: ${why}`),
      "",
    ]);
    expect(status).toBe(4);
    const lines = readFileSync(join(out, "log.jsonl"), "utf8").trimEnd().split("\n");
    const log = lines.map((line) => JSON.parse(line) as { subject: string; verdict: string; reason: string | null });
    expect(log.map(({ subject, verdict, reason }) => [subject, verdict, reason])).toEqual(
      subjects.map((subject) =>
        subject in ends
          ? [subject, "not reviewed", `copylint failed at it: ${ends[subject]}`]
          : [subject, "findings", null],
      ),
    );
    const again = copylint(args, { env });
    expect([again.status, again.stderr]).toEqual([0, ""]);
    expect(again.stdout).toContain("no new mails, no series");
    return filesOf(out);
  });
  expect(made[1]).toEqual(made[0]);
});

test("ci on patchwork: what was not reviewed is no success, and what was is posted", async () => {
  const folder = join(dir, "mails");
  mkdirSync(folder);
  const patchwork = await startPatchwork();
  patchwork.tokens.add("secret");
  const ids = subjects.map((subject, i) => {
    const mail = lone(subject);
    writeFileSync(join(folder, `${i}.patch`), mail);
    const id = /^Message-Id: <(.*)>/im.exec(mail)![1]!;
    patchwork.patches.set(id, []);
    return id;
  });
  try {
    const host = { PATCHWORK_URL: patchwork.url, PATCHWORK_TOKEN: "secret" };
    const args = ["ci", "--patchwork", "--no-run", "--fail-on", "never", folder];
    const { code, stderr } = await desk.run(dir, "copylint", args, { ...host, ...misbehaving(dir).env });
    for (const [subject, why] of Object.entries(ends))
      expect(stderr).toContain(`"${subject}" was not reviewed: ${why}`);
    expect(code).toBe(4);
    const states = ids.map((id) => patchwork.patches.get(id)?.map(({ state }) => state));
    for (const [i, subject] of subjects.entries()) {
      if (subject in ends) expect(states[i], subject).not.toContain("success");
      else expect(states[i], subject).toEqual(["warning"]);
    }
    expect(patchwork.complaints).toEqual([]);
  } finally {
    await patchwork.close();
  }
});

test("ci on GitHub: a worker that is killed resolves nothing, and its check is no success", async () => {
  const topic = await topicOf(desk, "killed");
  const github = await startGithub();
  const token = "ghs_secret0123456789";
  github.rights.set(token, { login: "github-actions", comment: true, check: true, resolve: true });
  const run = async (env = {}) => {
    github.pull = { ...github.pull, head: await topic.head(), files: await topic.diff() };
    const host = await githubEnv(desk, topic, github.url, { token });
    return desk.run(topic.path, "copylint", ["ci"], { ...host, ...env });
  };
  try {
    await topic.commit({ "block/many.c": manyFindings(1) }, "block: one");
    expect((await run()).code).toBe(1);
    expect(github.threads.map(({ resolved }) => resolved)).toEqual([false]);
    await desk.git(topic.path, "reset", "-q", "--hard", "HEAD^");
    await topic.commit({ "block/many.c": manyFindings(0) }, "block: please loop");
    const { env, looping } = misbehaving(dir, true);
    const killed = run(env);
    process.kill(await looping(), "SIGKILL");
    const { code, stderr } = await killed;
    expect(stderr).toContain('"block: please loop" was not reviewed: the process that reviewed it ended (SIGKILL)');
    expect(code).toBe(4);
    expect(github.threads.map(({ resolved }) => resolved)).toEqual([false]);
    expect(github.checks.at(-1)?.conclusion).toBe("failure");
    expect(github.complaints).toEqual([]);
  } finally {
    rmSync(join(dir, "looping"), { force: true });
    await github.close();
  }
});

test("a worker ends when the program is killed, however busy it is", async () => {
  const mail = join(dir, "loop.patch");
  writeFileSync(mail, lone("please loop"));
  const { env, looping } = misbehaving(dir, true);
  const child = spawn(process.execPath, [program, "ci", mail], { env: { ...process.env, ...env }, stdio: "ignore" });
  const pid = await looping();
  child.kill("SIGKILL");
  await gone(pid);
  rmSync(join(dir, "looping"));
});

describe("workers", () => {
  /** Each task is a program for the worker. */
  const script = "process.on('message', ({ run }) => eval(run))";
  const start = (most: number) =>
    startWorkers<{ readonly run: string }, string>([process.execPath, "-e", script], most, false);
  const echo = (result: string) => ({ run: `process.send({ result: "${result}", defects: [] })` });

  test("do the next task in a process that lives, and in another one if it does not", async () => {
    const workers = start(1);
    const pid = { run: "process.send({ result: String(process.pid), defects: [] })" };
    const [one, two, three, four] = await Promise.all(
      [pid, pid, { run: "process.exit(7)" }, pid].map((t) => workers.ask(t)),
    );
    expect(one).toEqual(two);
    expect(three).toEqual({ why: "the process that reviewed it ended (exit code 7)", defects: [] });
    expect(four).toHaveProperty("result");
    expect(four).not.toEqual(one);
    workers.close();
  });

  test("drop what nobody waits for, whether it was begun or not", async () => {
    const workers = start(1);
    const begun = new AbortController();
    const waiting = new AbortController();
    const marker = join(dir, "begun");
    const asked = [
      workers.ask({ run: `require("node:fs").writeFileSync(${JSON.stringify(marker)}, ""); for (;;);` }, begun.signal),
      workers.ask({ run: "process.exit(8)" }, waiting.signal),
      workers.ask(echo("last")),
    ];
    while (!existsSync(marker)) await new Promise((go) => setTimeout(go, 20));
    waiting.abort();
    begun.abort();
    const dropped = { why: "nobody waits for it any more", defects: [] };
    expect(await Promise.all(asked)).toEqual([dropped, dropped, { result: "last", defects: [] }]);
    expect(await workers.ask(echo("late"), begun.signal)).toEqual(dropped);
    workers.close();
  });

  test("that cannot be started say so", async () => {
    const workers = startWorkers(["/nowhere/at-all"], 2, false);
    const [one, two] = await Promise.all([workers.ask({}), workers.ask({})]);
    expect(one).toMatchObject({ why: expect.stringMatching(/^no process could be started for it \(.*ENOENT/) });
    expect(two).toEqual(one);
    workers.close();
  });
});
