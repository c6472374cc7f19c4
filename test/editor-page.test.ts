import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandWords } from "../src/cli/program.ts";
import { copylint } from "./cli/quarry.ts";
import { blocksOf } from "./page.ts";

const page = readFileSync(join(import.meta.dirname, "../docs/editor.md"), "utf8");

test("the page on editors: its command prints what it says", () => {
  const blocks = blocksOf(page).filter(({ note }) => note !== "clone");
  expect(blocks.map(({ commands }) => commands)).toEqual(["copylint lsp --help\n"]);
  const { stdout, status } = copylint(["lsp", "--help"]);
  expect(status).toBe(0);
  for (const part of blocks[0]!.output) expect(stdout).toContain(part);
});

test("the settings on the page start the command that there is; test/cli/lsp.test.ts talks to it", () => {
  const settings = [...page.matchAll(/^```(lua|elisp|toml)\n([^]*?)^```$/gm)].map(([, , text]) => text!);
  expect(settings).toHaveLength(3);
  for (const text of settings) {
    const words = [...text.matchAll(/(?:cmd = \{|args = \[|\(")[^\n]*|command = [^\n]*/g)].join(" ");
    expect(words).toMatch(/"copylint"/);
    expect(words).toMatch(/"lsp"/);
  }
  const { commands } = commandWords("1.2.3");
  expect(commands.find(({ name }) => name === "lsp")!.args).toEqual([]);
  const prose = page.replace(/^```[^]*?^```$/gm, "");
  expect(prose.split("\n").filter((line) => line.length > 80)).toEqual([]);
});
