import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import type { Diagnostic } from "vscode-languageserver/node";
import { lsp } from "../../src/cli/lsp.ts";
import { main } from "../../src/cli/main.ts";
import type { Apart } from "../../src/cli/review-apart.ts";
import { review } from "../../src/cli/reviewer.ts";
import type { Series } from "../../src/series/series.ts";
import { callsOf } from "../failing.ts";
import { archive } from "./archive.ts";
import { fakeIo } from "./fake-io.ts";

// A rule with a real defect among the others, and one in what facts and run ask for: each command says of which series
// nothing is known, ends with 4, and does the others.

vi.mock("../../rules/index.ts", async (original) => {
  // What is mocked is read by test/failing.ts, too.
  const { rules } = await original<typeof import("../../rules/index.ts")>();
  const { failingRule } = await import("../failing.ts");
  return { rules: [...rules.filter(({ id }) => id === "deprecated-next-bio"), failingRule] };
});
vi.mock("../../src/review/review.ts", async (original) => {
  const real = await original<typeof import("../../src/review/review.ts")>();
  const failing = (series: Series): void => {
    if (series.subject.includes("bad")) throw new Error("ouch");
  };
  const engineFacts: typeof real.engineFacts = (all, options) => {
    all.forEach(failing);
    return real.engineFacts(all, options);
  };
  const engineToRun: typeof real.engineToRun = (series, tree) => {
    failing(series);
    return real.engineToRun(series, tree);
  };
  return { ...real, engineFacts, engineToRun };
});

let dir = "";
const path = (name: string): string => join(dir, "mails", `${name}.patch`);
const write = (name: string, text: string): void => writeFileSync(path(name), text);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "copylint-failed-"));
  mkdirSync(join(dir, "mails"));
  for (const name of ["good", "bad", "thrown"]) write(name, callsOf(name).text);
  write("late", callsOf("late", ["new", "old"]).text);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function copylint(args: readonly string[], env: Record<string, string> = {}) {
  const { io, printed } = fakeIo({ cwd: dir, env });
  return { code: await main(args, io), ...printed };
}

const line = (name: string): RegExp =>
  new RegExp(
    `^copylint: .*${name}\\.patch: "block: ${name}" was not reviewed: internal error: ouch.*please report`,
    "m",
  );

describe("copylint check", () => {
  test("says which series was not reviewed, ends with 4, and has the findings of the others", async () => {
    const { code, out, err } = await copylint(["check", "--no-run", path("good"), path("bad"), path("thrown")]);
    expect(code).toBe(4);
    expect(err).toMatch(line("bad"));
    expect(err).toMatch(line("thrown"));
    expect(err).not.toMatch(/^ +at /m);
    expect(out).toContain("block/good.c:3: warning deprecated-next-bio");
    expect(out).toMatch(/^3 patches, 3 files: 1 warning, 2 series not reviewed/m);
  });

  test.each(["bad", "thrown"])("shows with COPYLINT_DEBUG where %s came from, as text", async (name) => {
    const { err } = await copylint(["check", "--no-run", path(name)], { COPYLINT_DEBUG: "1" });
    expect(err).toMatch(/^ {4}at .*\.ts:\d+/m);
    expect(err).toContain("ouch\\x1b[2J");
    expect(err).toMatch(/^[\n -~]*$/);
  });

  test("writes no baseline without what the series may have", async () => {
    const file = join(dir, "baseline.json");
    writeFileSync(path("grows"), callsOf("grows").text);
    await copylint(["check", "--no-run", "--write-baseline", file, path("grows")]);
    const before = readFileSync(file, "utf8");
    expect(before).toContain("block/grows.c");
    // A rule that fails at it since is no reason to forget what is known.
    writeFileSync(path("grows"), callsOf("grows").text.replace("struct bio *grows", "struct bio *bad_grows"));
    const again = await copylint(["check", "--no-run", "--write-baseline", file, path("grows"), path("good")]);
    expect(again.code).toBe(4);
    expect(again.err).toContain("baseline.json is not written: 1 series not reviewed");
    expect(again.out).toContain("block/good.c:3: warning");
    expect(readFileSync(file, "utf8")).toBe(before);
    const known = await copylint(["check", "-v", "--no-run", "--baseline", file, path("grows")]);
    expect(known.err).not.toContain("fits no finding any more");
    rmSync(path("grows"));
  });

  test("calls no ignore of the author unused because of it", async () => {
    const ignoring = (name: string) =>
      callsOf(name).text.replace("\n---\n", "\n---\nCopylint-ignore: failing-rule it is so\n");
    write("good2", ignoring("good2"));
    write("bad2", ignoring("bad2"));
    const { err } = await copylint(["check", path("good2"), path("bad2")]);
    expect(err.match(/nothing is ignored by this/g)).toHaveLength(1);
    expect(err).toMatch(/good2\.patch:\d+: nothing is ignored by this/);
  });
});

test("copylint pre-send says it, holds nothing up for it, and stops for the others all the same", async () => {
  const alone = await copylint(["pre-send", "--fail-on", "warning", "--", path("bad")]);
  expect([alone.code, alone.out]).toEqual([4, ""]);
  expect(alone.err).toMatch(line("bad"));
  const both = await copylint(["pre-send", "--fail-on", "warning", "--", path("good"), path("bad")]);
  expect(both.code).toBe(1);
  expect(both.out).toMatch(/^copylint: 1 series not reviewed, and in the others 1 warning\n/);
});

test("copylint fix writes nothing for it, nor what a review that failed would have to prove", async () => {
  const stage = join(new URL("../../", import.meta.url).pathname, "fixtures/stage");
  const mails = ["bad", "good", "late"].map(path);
  const how = ["--no-run", "--tree", stage, "--output-dir", "fixed"];
  const { code, out, err } = await copylint(["fix", ...how, ...mails]);
  expect(code).toBe(4);
  expect(err).toMatch(line("bad"));
  expect(err).toMatch(
    /^copylint: internal error while fixing "block: late": with its fixes, "block: late" was not reviewed: .*too late/m,
  );
  expect(readdirSync(join(dir, "fixed"))).toEqual(["fixup-2-0001.patch"]);
  expect(out).toMatch(/^1 fix in 1 patch; 2 series not reviewed$/m);
  const alone = await copylint(["fix", "--no-run", "--dry-run", path("bad")]);
  expect([alone.code, alone.out]).toEqual([4, "1 series not reviewed\n"]);
});

test("copylint facts has a line for it, and the facts of the others", async () => {
  const series = join(new URL("../../", import.meta.url).pathname, "fixtures/series/careless");
  const { code, out, err } = await copylint(["facts", "--format", "json", path("bad"), series]);
  expect(code).toBe(4);
  expect(err).toMatch(/^copylint: internal error while reading the facts of "block: bad": ouch; /);
  const [first, ...rest] = JSON.parse(out);
  expect(first).toMatchObject({ kind: "series", shown: false, detail: "not read: internal error: ouch" });
  expect(rest.length).toBeGreaterThan(10);
});

test("copylint run says it where it lists, runs and replays", async () => {
  const series = join(new URL("../../", import.meta.url).pathname, "fixtures/series/careless");
  const list = await copylint(["run", "--list", path("bad"), series]);
  expect([list.code, list.err]).toEqual([4, expect.stringContaining('while reading "block: bad": ouch')]);
  expect(list.out).toContain("blkdev_clone_range()");
  expect(list.out).toContain("not read: block: bad: internal error: ouch");
  const lone = await copylint(["run", "--list", path("bad")]);
  expect(lone.out).toBe("not read: block: bad: internal error: ouch\n");
  const hand = await copylint(["run", "--function", "blkdev_clone_range", path("bad"), series]);
  expect(hand.code).toBe(4);
  expect(hand.out).toContain("blkdev_clone_range");
  const replay = await copylint(["run", "--replay", "abcdef", path("bad")]);
  expect(replay.code).toBe(4);
  expect(replay.err).toMatch(line("bad"));
  expect(replay.err).toContain("no finding with a run");
});

test("copylint inbox logs it as not reviewed, with the reason", async () => {
  const mails = ["bad", "good"].map((name) => callsOf(name).text.replace("\nDate: ", "\nTo: l@example.org\nDate: "));
  const repo = archive(join(dir, "archive.git"), mails);
  const { code, err, out } = await copylint(["inbox", repo, "--output-dir", "drafts", "--no-run", "--close"]);
  expect(code).toBe(4);
  expect(err).toMatch(/^copylint: "block: bad" was not reviewed: internal error: ouch.*please report.*\n$/);
  expect(out).toContain("2 series: 1 reviewed, 1 with findings");
  const log = readFileSync(join(dir, "drafts/log.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text));
  expect(log.map(({ subject, verdict, reason, drafts }) => [subject, verdict, reason, drafts.length])).toEqual([
    ["block: bad", "not reviewed", expect.stringMatching(/^copylint failed at it: internal error: ouch/), 0],
    ["block: good", "findings", null, 1],
  ]);
});

test("copylint lsp shows it in the file, in place of what was found before", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const { io } = fakeIo({ cwd: dir });
  let broken = false;
  const reviewer: typeof review = (series, options) => {
    if (broken) throw new Error("ouch");
    return review(series, { ...options, run: false });
  };
  const apart: Apart = {
    review: async (series, options) => reviewer(series, options),
    warm: () => {},
    close: () => {},
  };
  const ended = lsp({ base: "HEAD" } as Parameters<typeof lsp>[0], io, apart, { input, output });
  const rpc = createMessageConnection(new StreamMessageReader(output), new StreamMessageWriter(input));
  let heard: (all: Diagnostic[]) => void = () => {};
  rpc.onNotification("textDocument/publishDiagnostics", ({ diagnostics }) => heard(diagnostics));
  rpc.listen();
  await rpc.sendRequest("initialize", { processId: null, rootUri: null, capabilities: {} });
  const uri = pathToFileURL(path("open")).href;
  const after = async (method: string, params: object): Promise<Diagnostic[]> => {
    const next = new Promise<Diagnostic[]>((done) => {
      heard = done;
    });
    await rpc.sendNotification(method, params);
    return next;
  };
  const change = (text: string): Promise<Diagnostic[]> =>
    after("textDocument/didChange", { textDocument: { uri, version: 2 }, contentChanges: [{ text }] });
  const { text } = callsOf("open");
  const opened = await after("textDocument/didOpen", { textDocument: { uri, languageId: "diff", version: 1, text } });
  expect(opened).toMatchObject([{ code: "deprecated-next-bio", severity: 2 }]);
  const failure = {
    code: "not-reviewed",
    severity: 1,
    range: { start: { line: 0, character: 0 } },
    message: expect.stringMatching(/^not reviewed: internal error: ouch/),
  };
  expect(await change(text.replace("*open", "*bad_open"))).toMatchObject([failure]);
  expect(await change(text)).toMatchObject([{ code: "deprecated-next-bio" }]);
  // So does what fails around the review.
  broken = true;
  expect(await change(`${text}\n`)).toMatchObject([failure]);
  await rpc.sendRequest("shutdown");
  await rpc.sendNotification("exit");
  expect(await ended).toBe(0);
  rpc.dispose();
});
