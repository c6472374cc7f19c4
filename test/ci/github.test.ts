import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Desk } from "../cli/sending.ts";
import { type Github, startGithub } from "../hosts/github.ts";
import { renderMarkdown, runnerReads } from "../report/readers.ts";
import { githubEnv, makeBench, manyFindings, runCi, type Topic, topicOf } from "./bench.ts";

// A real repository, and a server that holds each request against GitHub's own description of its API.

let desk: Desk;
let careless: Topic;
let many: Topic;
let three: Topic;
let github: Github;
const token = "ghs_secret0123456789";

beforeAll(async () => {
  desk = await makeBench();
  careless = await topicOf(desk, "careless", "careless");
  many = await topicOf(desk, "many");
  await many.commit({ "block/many.c": manyFindings(200) }, "block: use the old way often");
  three = await topicOf(desk, "three");
  await three.commit({ "block/many.c": manyFindings(3) }, "block: three");
}, 60_000);
afterAll(() => desk?.close());

/** Points the pull request to the state of a topic. */
async function open(topic: Topic): Promise<void> {
  github.pull = { ...github.pull, head: await topic.head(), files: await topic.diff() };
}

beforeEach(async () => {
  github = await startGithub();
  github.rights.set(token, { login: "github-actions", comment: true, check: true, resolve: true });
});
afterEach(async () => {
  const complaints = [...github.complaints];
  await github.close();
  expect(complaints).toEqual([]);
});

/** The elements that a reader of Markdown sees. */
const tagsOf = (markdown: string): string[] =>
  [...renderMarkdown(markdown).matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, name = ""]) => name.toLowerCase());

const annotations = () => github.checks.flatMap((check) => check.output.annotations);

describe("a pull request", () => {
  test("gets comments on lines that it shows, and a check with the rest; the findings are those of a check", async () => {
    await open(careless);
    const run = await runCi(desk, careless, await githubEnv(desk, careless, github.url, { token }));
    expect(run.stderr).toBe("");
    expect(run.code).toBe(1);
    const checked = await desk.copylint(careless.path, "check", "--format", "json", "base..HEAD");
    const { findings } = JSON.parse(checked.stdout) as { findings: { rule: string; what: string }[] };
    expect(findings).toHaveLength(16);
    expect(github.reviews).toHaveLength(1);
    expect(github.threads.length + annotations().length).toBe(16);
    expect(github.checks).toMatchObject([{ name: "copylint", status: "completed", conclusion: "failure" }]);
    // The log has all of it, and no annotations, as those would be there twice.
    expect(run.stdout).not.toMatch(/^::(?:error|warning|notice) /m);
    expect(run.stdout).toContain("16 findings");
    for (const { rule } of findings) {
      expect(run.stdout).toContain(rule);
      expect(run.summary).toContain(rule.replaceAll("-", "\\-"));
    }
    const error = github.threads.find((thread) => thread.comments[0]?.body.includes("copied\\-only\\-decreases"));
    expect(error?.comments[0]?.body).toMatch(
      /<details><summary>run: <code>2 chunks[^]*<pre>steps:\n {2}1\. submitter: [^]*<\/details>/,
    );
    const text = await desk.git(careless.path, "show", `HEAD:${error?.path}`);
    expect(text.split("\n")[(error?.line ?? 0) - 1]).toContain("min_t(size_t, io->cloned");
  });

  test("gets suggestions that git would apply", async () => {
    await open(careless);
    await runCi(desk, careless, await githubEnv(desk, careless, github.url, { token }));
    const suggested = github.threads.filter((thread) => thread.comments[0]?.body.includes("```suggestion\n"));
    expect(suggested.length).toBe(2);
    for (const { path, line, startLine, comments } of suggested) {
      const [, block = ""] = /```suggestion\n([^]*?)\n```/.exec(comments[0]?.body ?? "") ?? [];
      const lines = (await desk.git(careless.path, "show", `HEAD:${path}`)).split("\n");
      const old = lines.slice((startLine ?? line) - 1, line).join("\n");
      expect([old, block]).toEqual(
        startLine === null
          ? [expect.stringContaining("blk_next_bio("), expect.stringContaining("bio_chain_and_submit(")]
          : [expect.stringMatching(/ & mask[^]* & mask/), expect.stringContaining("((from | to | len) & mask)")],
      );
    }
  });

  test("with 200 findings gets 30 comments, the rest in batches, all in the summary, and the numbers are said", async () => {
    await open(many);
    const env = await githubEnv(desk, many, github.url, { token });
    const run = await runCi(desk, many, env);
    expect(github.threads).toHaveLength(30);
    expect(run.stdout).toMatch(/^copylint: 30 of 200 findings as comments, all in the summary of the check$/m);
    expect(annotations()).toHaveLength(170);
    expect(github.checks).toHaveLength(1);
    expect(github.checks[0]?.output.summary.match(/^\| warning \|/gm)).toHaveLength(200);
    expect(run.summary.match(/^\| warning \|/gm)).toHaveLength(200);
    expect(new Set(annotations().map((one) => one.start_line)).size).toBe(170);
    // The same commit again: nothing at all is posted. Another commit with the same findings: only its check.
    const before = github.changes().length;
    const again = await runCi(desk, many, env);
    expect(github.changes().length).toBe(before);
    expect(again.stdout).toContain("copylint: 30 of 200 findings as comments");
    await many.commit({ "block/other.c": "int other;\n" }, "block: something else");
    await open(many);
    await runCi(desk, many, await githubEnv(desk, many, github.url, { token }));
    expect(github.threads).toHaveLength(30);
    expect(github.reviews).toHaveLength(1);
    expect(
      github
        .changes()
        .slice(before)
        .every(({ path }) => path.includes("/check-runs")),
    ).toBe(true);
    expect(github.checks).toHaveLength(2);
    const few = await runCi(desk, many, await githubEnv(desk, many, github.url, { token }), "--comments", "40");
    expect(few.stdout).toContain("copylint: 40 of 200 findings as comments");
    expect(github.threads).toHaveLength(40);
  });

  test("loses the threads of points that are gone, but not those in which somebody answered", async () => {
    const topic = await topicOf(desk, "shrinking");
    await topic.commit({ "block/many.c": manyFindings(3) }, "block: three");
    await open(topic);
    await runCi(desk, topic, await githubEnv(desk, topic, github.url, { token }));
    expect(github.threads).toHaveLength(3);
    github.answer(github.threads[1] as Github["threads"][number], "somebody", "No.");
    await topic.commit({ "block/many.c": manyFindings(1) }, "block: one");
    await open(topic);
    // A run with fewer rules says nothing of what the others found.
    await runCi(desk, topic, await githubEnv(desk, topic, github.url, { token }), "--rule", "plug-per-chunk");
    expect(github.threads.map((thread) => thread.resolved)).toEqual([false, false, false]);
    const run = await runCi(desk, topic, await githubEnv(desk, topic, github.url, { token }));
    expect(github.threads.map((thread) => thread.resolved)).toEqual([false, false, true]);
    expect(run.stdout).toContain("closed 1 thread whose point is gone");
  });

  test("has them folded by a token that may comment and not resolve", async () => {
    const topic = await topicOf(desk, "folding");
    await topic.commit({ "block/many.c": manyFindings(2) }, "block: two");
    github.rights.set(token, { login: "github-actions", comment: true, check: true });
    await open(topic);
    await runCi(desk, topic, await githubEnv(desk, topic, github.url, { token }));
    await topic.commit({ "block/many.c": manyFindings(1) }, "block: one");
    await open(topic);
    const run = await runCi(desk, topic, await githubEnv(desk, topic, github.url, { token }));
    expect(run.stderr).toBe("");
    expect(github.threads.map(({ resolved, comments }) => [resolved, comments[0]?.minimized])).toEqual([
      [false, false],
      [false, true],
    ]);
  });

  test("is not told off by somebody else's comments with our marker", async () => {
    await open(three);
    const env = await githubEnv(desk, three, github.url, { token });
    await runCi(desk, three, env);
    const forged = github.threads.splice(0).map((thread) => ({
      ...thread,
      comments: thread.comments.map((comment) => ({ ...comment, author: "mallory" })),
    }));
    github.threads.push(...forged);
    await runCi(desk, three, env);
    expect(github.threads.length).toBe(2 * forged.length);
  });

  test("that has moved on gets no comments on its old state", async () => {
    await open(three);
    github.pull = { ...github.pull, head: "1".repeat(40) };
    const run = await runCi(desk, three, await githubEnv(desk, three, github.url, { token }));
    expect(run.stdout).toContain("the pull request has moved on");
    expect(github.threads).toEqual([]);
    expect(annotations().length).toBeGreaterThan(1);
  });
});

describe("a token", () => {
  test("that may only read leaves commands and the summary, and a clean run stays green", async () => {
    github.rights.set("fork", { login: "github-actions" });
    await open(three);
    const env = await githubEnv(desk, three, github.url, { token: "fork" });
    const run = await runCi(desk, three, env, "--fail-on", "never");
    expect(run.code).toBe(0);
    expect(run.stderr).toBe("");
    expect(run.stdout).toMatch(/^::warning file=block\/many\.c,line=6,/m);
    expect(run.stdout).toContain("0 of 3 findings as comments, all in the summary of the step");
    expect(run.summary).toContain("3 warnings");
    expect(github.threads).toEqual([]);
    expect(github.checks).toEqual([]);
    expect((await runCi(desk, three, env)).code).toBe(1);
    const clean = await topicOf(desk, "clean");
    await clean.commit({ "block/clean.c": "int clean;\n" }, "block: be clean");
    await open(clean);
    expect((await runCi(desk, clean, await githubEnv(desk, clean, github.url, { token: "fork" }))).code).toBe(0);
  });

  test("that is missing is not needed", async () => {
    await open(three);
    const run = await runCi(desk, three, await githubEnv(desk, three, github.url));
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/^::warning file=block\/many\.c,line=6,/m);
    expect(github.asked).toEqual([]);
  });

  test("that is wrong is an error in one line that does not show it", async () => {
    await open(three);
    const run = await runCi(desk, three, await githubEnv(desk, three, github.url, { token: "ghs_wrong" }));
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(
      /^copylint: not posted to GitHub: GET \/repos\/quarry\/linux\/pulls\/7: 401, Bad credentials; .*\n$/,
    );
    expect(run.stdout + run.stderr + run.summary).not.toContain("ghs_wrong");
    expect(run.stdout).toMatch(/^::warning /m);
  });
});

test("patches say nothing to whoever reads the log or the comments, but as text", async () => {
  const topic = await topicOf(desk, "hostile");
  const evil =
    "::error::e1 ##[add-mask]e2 %0A::error::e3 @everyone #1 <script>alert(1)</script> ``` ![i](https://example.org/i)";
  const text = manyFindings(2).replaceAll("GFP_KERNEL);", `GFP_KERNEL); /* ${evil} */`);
  await topic.commit({ "block/many.c": text }, evil);
  await open(topic);
  for (const given of [{ token }, {}]) {
    const run = await runCi(desk, topic, await githubEnv(desk, topic, github.url, given));
    const { commands, log } = runnerReads(run.stdout + run.stderr);
    // Without a token, the two findings are annotations; and the log is one group.
    const names = commands.map(({ command }) => command).filter((name) => !/group$/.test(name));
    expect(names).toEqual("token" in given ? [] : ["warning", "warning"]);
    expect(log.join("\n")).toContain("::error::e1");
    expect(tagsOf(run.summary)).not.toContain("script");
  }
  expect(github.threads).toHaveLength(2);
  for (const { comments } of github.threads) {
    const tags = tagsOf(comments[0]?.body ?? "");
    expect(tags.filter((tag) => ["script", "img", "a"].includes(tag))).toEqual([]);
    expect(comments[0]?.body).toContain("````suggestion\n");
  }
  const blind = await runCi(desk, topic, await githubEnv(desk, topic, github.url), "--base", "##[add-mask]e9");
  expect(blind.stderr).toContain("add-mask]e9");
  // The notice that says so is ours.
  expect(runnerReads(blind.stdout + blind.stderr).commands.map(({ command }) => command)).toEqual(["notice"]);
}, 60_000);

test("a token with a line end is taken without it, and one with a space is refused without being shown", async () => {
  await open(three);
  const run = await runCi(desk, three, await githubEnv(desk, three, github.url, { token: `${token}\n` }));
  expect(github.threads).toHaveLength(3);
  const bad = await runCi(desk, three, await githubEnv(desk, three, github.url, { token: "ghs_one two" }));
  expect([bad.code, bad.stderr]).toEqual([
    2,
    expect.stringContaining("GITHUB_TOKEN has characters in it that no token has"),
  ]);
  expect(run.stdout + run.stderr + bad.stdout + bad.stderr).not.toMatch(/ghs_/);
});

test("a comment is not posted again when its line moves", async () => {
  const topic = await topicOf(desk, "moving");
  await topic.commit({ "block/many.c": manyFindings(3) }, "block: three");
  await open(topic);
  await runCi(desk, topic, await githubEnv(desk, topic, github.url, { token }));
  await desk.git(topic.path, "reset", "-q", "--hard", topic.base);
  await topic.commit(
    { "block/many.c": manyFindings(3).replace("\nstruct", "\n/* Moved. */\n\nstruct") },
    "block: three",
  );
  await open(topic);
  const run = await runCi(desk, topic, await githubEnv(desk, topic, github.url, { token }));
  expect(run.stdout).toContain("3 of 3 findings as comments");
  expect(github.reviews).toHaveLength(1);
  expect(github.threads.map(({ resolved }) => resolved)).toEqual([false, false, false]);
  // Where a later commit moves it, the comment stands where it is in the end.
  github.threads.splice(0);
  await topic.commit({ "block/many.c": `/* More. */\n${manyFindings(3)}` }, "block: more");
  await open(topic);
  await runCi(desk, topic, await githubEnv(desk, topic, github.url, { token }));
  expect(github.threads.map(({ line }) => line)).toEqual([7, 12, 17]);
});

describe("a host in trouble", () => {
  test("gets each batch of a check once", async () => {
    await open(many);
    github.faults.push(
      { method: "PATCH", path: /check-runs/, reply: { status: 502, json: { message: "Bad Gateway" } }, done: true },
      {
        method: "PATCH",
        path: /check-runs/,
        reply: { status: 503, json: { message: "later" }, headers: { "retry-after": "1" } },
      },
    );
    const run = await runCi(desk, many, await githubEnv(desk, many, github.url, { token }), "--comments", "0");
    expect([run.stderr, github.faults]).toEqual(["", []]);
    expect(annotations()).toHaveLength(200);
    expect(new Set(annotations().map((one) => one.start_line)).size).toBe(200);
    expect(github.checks).toMatchObject([{ status: "completed", conclusion: "failure" }]);
    expect(github.changes().map(({ method }) => method)).toEqual(["POST", "PATCH", "PATCH", "PATCH", "PATCH"]);
  }, 30_000);

  test("is asked again after what it says, and nothing is there twice", async () => {
    await open(three);
    const limit = { "retry-after": "1" };
    github.faults.push(
      { method: "GET", path: /\/pulls\/7$/, reply: { status: 503, json: { message: "later" } } },
      {
        method: "POST",
        path: /\/reviews$/,
        reply: { status: 403, json: { message: "You have exceeded a secondary rate limit" }, headers: limit },
      },
      // It did it, and says that it did not.
      { method: "POST", path: /\/reviews$/, reply: { status: 502, json: { message: "Bad Gateway" } }, done: true },
      { method: "POST", path: /\/check-runs$/, reply: { status: 502, json: { message: "Bad Gateway" } }, done: true },
      { method: "GET", path: /\/check-runs$/, reply: { status: 429, json: { message: "slow down" }, headers: limit } },
    );
    const run = await runCi(desk, three, await githubEnv(desk, three, github.url, { token }));
    expect(github.faults).toEqual([]);
    expect(run.stderr).toBe("");
    expect(github.reviews).toHaveLength(1);
    expect(github.checks).toHaveLength(1);
    expect(github.threads.length + annotations().length).toBe(3);
  }, 30_000);

  test("that wants us to wait for an hour is not waited for, and nobody is blamed", async () => {
    await open(three);
    github.faults.push({
      method: "GET",
      path: /./,
      times: 99,
      reply: { status: 429, json: { message: "slow down" }, headers: { "retry-after": "3600" } },
    });
    const run = await runCi(desk, three, await githubEnv(desk, three, github.url, { token }), "--fail-on", "never");
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/^copylint: not posted to GitHub: .*429, slow down; run it again later\n$/);
    expect(run.stdout).toMatch(/^::warning /m);
  });

  test("that does not take one of the comments gets the others", async () => {
    await open(three);
    const [first] = github.pull.files.filter(({ name }) => name === "block/many.c");
    // Between our look at the diff and the review, the file has gone.
    github.faults.push({
      method: "GET",
      path: /\/files$/,
      reply: {
        status: 200,
        json: [...github.pull.files, { filename: "block/fops.c", patch: first?.diff }].map((f) =>
          "name" in f ? { filename: f.name, patch: f.diff } : f,
        ),
      },
    });
    github.faults.push({
      method: "POST",
      path: /\/reviews$/,
      reply: { status: 422, json: { message: "Unprocessable Entity" } },
    });
    github.faults.push({
      method: "POST",
      path: /\/comments$/,
      reply: { status: 422, json: { message: "Unprocessable Entity" } },
    });
    const run = await runCi(desk, three, await githubEnv(desk, three, github.url, { token }));
    expect(run.stdout).toContain("GitHub refused the lines of 1 comment");
    expect(github.threads.length).toBeGreaterThan(1);
    expect(github.threads.length + annotations().length).toBe(3);
  });

  test("that sends us elsewhere does not get the token carried there", async () => {
    await open(three);
    const other = await startGithub();
    github.faults.push({
      method: "GET",
      path: /\/pulls\/7$/,
      reply: { status: 302, headers: { location: `${other.url}/x` } },
    });
    const run = await runCi(desk, three, await githubEnv(desk, three, github.url, { token }));
    expect(run.stderr).toContain("redirects to another one");
    expect(other.asked).toEqual([]);
    await other.close();
  });

  test("whose pages go on elsewhere is not followed", async () => {
    await open(three);
    const other = await startGithub();
    const link = `<${other.url}/repos/quarry/linux/pulls/7/files?page=2>; rel="next"`;
    github.faults.push({ method: "GET", path: /\/files$/, reply: { status: 200, json: [], headers: { link } } });
    const run = await runCi(desk, three, await githubEnv(desk, three, github.url, { token }));
    expect(run.stderr).toContain("the next page is on another host");
    expect(other.asked).toEqual([]);
    await other.close();
  });
});

test("pages are followed: of threads, and of files", async () => {
  const topic = await topicOf(desk, "pages");
  const files = Object.fromEntries(
    Array.from({ length: 130 }, (_, i) => [`block/f${String(i).padStart(3, "0")}.c`, manyFindings(1, `f${i}`)]),
  );
  await topic.commit(files, "block: many files");
  await open(topic);
  const env = await githubEnv(desk, topic, github.url, { token });
  await runCi(desk, topic, env, "--comments", "130");
  expect(github.threads).toHaveLength(130);
  await runCi(desk, topic, env, "--comments", "200");
  expect(github.threads).toHaveLength(130);
}, 60_000);

test("a push has a check with everything", async () => {
  const head = await careless.head();
  const event = { before: careless.base, after: head };
  const run = await runCi(desk, careless, await githubEnv(desk, careless, github.url, { token, event }));
  expect(run.code).toBe(1);
  expect(annotations()).toHaveLength(16);
  expect(github.checks).toMatchObject([{ head_sha: head, conclusion: "failure" }]);
});

test("what CI does not say is an error in one line", async () => {
  const push = { before: "0".repeat(40), after: await three.head() };
  const env = await githubEnv(desk, three, github.url, { event: push });
  const run = await runCi(desk, three, env);
  expect([run.code, run.stderr]).toEqual([
    2,
    expect.stringMatching(/^copylint: nothing says which commits to review; give --base REV/),
  ]);
  expect((await runCi(desk, three, env, "--base", "base")).code).toBe(1);
  const shallow = { pull_request: { number: 7, base: { sha: "1".repeat(40) }, head: { sha: await three.head() } } };
  const blind = await runCi(desk, three, await githubEnv(desk, three, github.url, { event: shallow }));
  expect([blind.code, blind.stderr]).toEqual([3, expect.stringContaining("fetch-depth: 0")]);
  const told = await runCi(desk, three, await githubEnv(desk, three, github.url, { event: shallow, token }));
  expect(told.code).toBe(3);
  expect(github.checks).toMatchObject([
    { conclusion: "failure", output: { title: "nothing found, but not all of it was understood" } },
  ]);
});
