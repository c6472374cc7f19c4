import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCommandLine } from "../src/cli/program.ts";
import { configKeys } from "../src/sift/config.ts";
import { type Desk, makeDesk } from "./cli/sending.ts";
import { blocksOf } from "./page.ts";

const top = new URL("..", import.meta.url).pathname;
const page = readFileSync(join(top, "docs/config.md"), "utf8");
let desk: Desk;

beforeAll(async () => {
  desk = await makeDesk();
});
afterAll(() => desk?.close());

test("the page on configurations: its commands do what it says, and leave nothing behind", async () => {
  const repository = await desk.repository("careless");
  await desk.git(repository, "update-ref", "refs/remotes/origin/master", "base");
  const before = readdirSync(repository);
  const blocks = blocksOf(page);
  expect(blocks.length).toBeGreaterThan(7);
  for (const { note, commands, output } of blocks) {
    // The tests run in a clone that has been set up and built, and the desk has the program in its search path.
    if (note === "clone") continue;
    const run = await desk.run(repository, "sh", ["-e", "-c", commands]);
    expect(run.code === 0 ? "" : "fails", `${commands}${run.stdout}${run.stderr}`).toBe(note === "fails" ? note : "");
    // Where lines are broken depends on what else they say.
    const folded = (text: string): string => text.replace(/\s+/g, " ").trim();
    let said = folded(`${run.stdout}${run.stderr}`);
    for (const part of output.map(folded)) {
      expect(said, commands).toContain(part);
      said = said.slice(said.indexOf(part) + part.length);
    }
  }
  expect(readdirSync(repository)).toEqual(before);
});

test("the page on configurations has every key, fits 80 columns, and names options that there are", () => {
  const keys = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, key]) => key);
  expect(keys.sort()).toEqual(configKeys.filter((key) => key !== "$schema").sort());
  const prose = page.replace(/^```[^]*?^```$/gm, "").replace(/^\|.*$/gm, "");
  expect(prose.split("\n").filter((line) => line.length > 80)).toEqual([]);
  const help = (command: string): string => {
    const said = readCommandLine([command, "--help"], "");
    return said.command === "print" ? said.text : "";
  };
  const known = help("check") + help("config");
  const options = [...prose.matchAll(/`(?:copylint check )?(--[a-z][a-z-]+)/g)].map(([, option]) => option!);
  expect(options.length).toBeGreaterThan(8);
  expect(options.filter((option) => !known.includes(`${option} `) && !known.includes(`${option}\n`))).toEqual([]);
});
