import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandWords } from "../../src/cli/program.ts";
import { copylint } from "./quarry.ts";

const has = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
const { stdout: page } = copylint(["man"]);
const { commands } = commandWords("1.2.3");

/** The page as it is read, without what makes it bold. */
function printed(): string {
  const run = spawnSync("man", ["-l", "-"], {
    input: page,
    encoding: "utf8",
    env: { ...process.env, MANWIDTH: "200", LC_ALL: "C", MANPAGER: "cat" },
  });
  expect(run.stderr).toBe("");
  return run.stdout.replace(/.\x08/g, "").replace(/\s+/g, " ");
}

test.skipIf(!has("man"))(
  "the man page has every command with its options, as --help says them (skipped without man)",
  () => {
    const text = printed();
    for (const { name, usage, options, args } of commands) {
      expect(text).toContain(`copylint ${name} ${usage}`.trimEnd());
      for (const { flags } of options) expect(text).toContain(flags);
      for (const arg of args) expect(text).toContain(`${arg.name} ${arg.says.slice(0, 20)}`.trimEnd());
    }
    for (const part of ["EXIT STATUS", ".copylintrc.yaml", "copylint run out --list", "SEE ALSO", "git-send-email(1)"])
      expect(text).toContain(part);
  },
);

test.skipIf(!has("groff"))("groff has no warning about it (skipped without groff)", () => {
  const run = spawnSync("groff", ["-man", "-ww", "-Tutf8", "-z"], { input: page, encoding: "utf8" });
  expect(run).toMatchObject({ status: 0, stderr: "", stdout: "" });
});

test.skipIf(!has("mandoc"))("mandoc finds nothing in it but that it has no date (skipped without mandoc)", () => {
  const { stdout } = spawnSync("mandoc", ["-T", "lint"], { input: page, encoding: "utf8" });
  expect(stdout.split("\n").filter((line) => line !== "" && !/missing date/.test(line))).toEqual([]);
});

test("the man page lies beside the program, where npm finds it", () => {
  const top = new URL("../../", import.meta.url);
  const { man } = JSON.parse(readFileSync(new URL("package.json", top), "utf8"));
  expect(readFileSync(new URL(man, top), "utf8")).toBe(page);
});
