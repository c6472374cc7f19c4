import { describe, expect, test } from "vitest";
import { rules } from "../../rules/index.ts";
import { type Output, processIo, WriteError } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { fakeIo } from "./fake-io.ts";

const careless = new URL("../../fixtures/series/careless", import.meta.url).pathname;

/** Runs the program in this process. */
async function run(argv: readonly string[], setting: Parameters<typeof fakeIo>[0] = {}) {
  const { io, printed } = fakeIo(setting);
  const code = await main(argv, io);
  return { code, ...printed };
}

test("the program writes to the streams that it is given, and returns its exit code", async () => {
  const review = await run(["check", careless]);
  expect(review).toMatchObject({ code: 1, err: "" });
  expect(review.out).toMatch(/^\d+ patches, \d+ files: .*warning/m);
  expect((await run(["check", "--rule", "byte-units", "--fail-on", "never", "--format", "json", careless])).code).toBe(
    0,
  );
});

test("standard input is read when - is given", async () => {
  const stdin = async () => new TextEncoder().encode("Subject: hello\n\nNo diff here.\n");
  expect(await run(["check", "-"], { stdin })).toMatchObject({
    code: 0,
    out: expect.stringContaining("1 mail without a diff"),
  });
});

describe("each command answers", () => {
  test("list", async () => {
    expect((await run(["list"])).out.split("\n")).toHaveLength(rules.length + 1);
  });

  test("explain, also from the sources", async () => {
    expect((await run(["explain", "byte-units"])).out).toContain("byte-units");
  });

  test("facts", async () => {
    expect((await run(["facts", careless])).out).toMatch(/\d+ facts: /);
    expect(await run(["facts"])).toMatchObject({ code: 2, out: "" });
  });

  test("model, with a code for a broken property and one for a wrong option", async () => {
    expect((await run(["model"])).code).toBe(0);
    expect(await run(["model", "--chunks", "none"])).toMatchObject({ code: 2, out: "" });
  });

  test("--version and --help", async () => {
    expect((await run(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await run(["--help"])).code).toBe(0);
  });
});

test.each([
  ["an unknown rule", ["check", "--rule", "byte-unit", "x"], /did you mean byte-units\?/],
  ["a page of an unknown rule", ["explain", "zzzzzzzz"], /copylint list/],
  ["a new rule where there is no checkout", ["new-rule", "lost-wakeup"], /checkout/],
  ["an unknown option", ["list", "--all"], /unknown option '--all'/],
])("%s is refused with code 2", async (_, argv, text) => {
  const { code, out, err } = await run(argv);
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(err).toMatch(text);
});

test("a page that is not installed is a defect of the installation", async () => {
  expect(await run(["explain", "byte-units"], { program: "/nowhere/dist/src/bin.js" })).toMatchObject({
    code: 4,
    err: expect.stringMatching(/^copylint: the page of rule byte-units is not installed; .*\n$/),
  });
});

test("an output that cannot be written, and any other failure, is one line and code 4", async () => {
  const failing = (error: Error): Output => ({
    write: () => {
      throw error;
    },
    isTTY: false,
  });
  expect(await run(["list"], { stdout: failing(new WriteError("ENOSPC")) })).toMatchObject({
    code: 4,
    err: "copylint: cannot write the output: ENOSPC\n",
  });
  const other = await run(["list"], { stdout: failing(new Error("ouch")) });
  expect(other.code).toBe(4);
  expect(other.err).toMatch(/^copylint: internal error while running copylint list: ouch; this is a bug.*\n$/);
});

test("the streams of this process are what they are", () => {
  const io = processIo();
  expect(io.cwd).toBe(process.cwd());
  expect(io.env).toBe(process.env);
  expect([true, false]).toContain(io.stdout.isTTY);
  if (!io.stdout.isTTY) expect(io.columns()).toBeUndefined();
  io.stdout.write("");
});
