import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rules } from "../../rules/index.ts";
import { commandWords } from "../../src/cli/program.ts";
import { formatNames } from "../../src/report/reporter.ts";
import { copylint } from "./quarry.ts";

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;
const { commands } = commandWords("1.2.3");
const names = commands.map((command) => command.name);
const ids = rules.map((rule) => rule.id);
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "copylint-test-"));
  mkdirSync(join(folder, "out going"));
  writeFileSync(join(folder, "one.patch"), "");
  writeFileSync(join(folder, "out going/two.patch"), "");
  for (const shell of ["bash", "zsh", "fish"])
    writeFileSync(join(folder, `.${shell}`), copylint(["completion", shell]).stdout);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is one of bash
const replies = 'printf "%s\\n" "${COMPREPLY[@]}"';

/** The words that bash offers for the last one; `=` cuts words, as it does there. */
function inBash(...line: readonly string[]): string[] {
  const words = line
    .flatMap((word) => (word.includes("=") ? word.split(/(=)/) : [word]))
    .filter((word, i, all) => word !== "" || i === all.length - 1);
  const script =
    'source ./.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); [[ $(complete -p copylint) == *"-F _copylint copylint" ]] || exit 9; _copylint; ' +
    replies;
  const run = spawnSync("bash", ["--norc", "-c", script, "bash", "copylint", ...words], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(run.stderr.replaceAll(/.*compopt: not currently executing.*\n/g, "")).toBe("");
  expect(run.status).toBe(0);
  return run.stdout.split("\n").filter((word) => word !== "");
}

/** The words that fish offers. */
function inFish(line: string): string[] {
  const run = spawnSync("fish", ["--no-config", "-c", 'source ./.fish; complete -C "$argv[1]"', line], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HOME: folder },
  });
  expect(run.stderr).toBe("");
  return run.stdout.split("\n").flatMap((text) => (text === "" ? [] : [text.split("\t")[0]!]));
}

/**
 * The words that an interactive zsh adds to its list when Tab is hit behind a line. It prints each between `<<` and `>>`, which are not
 * typed like that, as the terminal may show late what was typed.
 */
function inZsh(line: string): string[] {
  const script = `zmodload zsh/zpty
zpty z zsh -f -i
send() { zpty -w z "$1" }
send 'PS1="" RPS1=""; unsetopt zle_bracketed_paste; stty cols 500 rows 100'
send 'autoload -Uz compinit; compinit -u -D; source ./.zsh'
send 'compadd() { local -a added; [[ "\${(j: :)@}" == *-[OAD]\\ * ]] || { builtin compadd -A added "$@"; print -l -- "<""<"$^added">"">" > /dev/tty }; builtin compadd "$@" }'
send 'print READY''NOW'
zpty -r z out '*READYNOW*'
zpty -n -w z "$1"$'\\t'
integer got=0 idle=0
for n in {1..80}; do sleep 0.1; if zpty -rt z out; then print -rn -- $out; got=1 idle=0; elif ((got && ++idle > 6)); then break; fi; done
zpty -d z`;
  const run = spawnSync("zsh", ["-f", "-c", script, "zsh", line], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, TERM: "dumb", HOME: folder },
  });
  return [...new Set([...run.stdout.matchAll(/<<([^<>\n]+)>>/g)].map(([, word]) => word!))];
}

const sorted = (words: readonly string[]): string[] => [...words].sort();

test("knows the commands that there are", () => {
  expect(names).toEqual(expect.arrayContaining(["check", "config", "explain", "completion", "man"]));
  const help = copylint(["--help"]).stdout;
  for (const name of names) expect(help).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
});

describe("bash", () => {
  test("is offered commands, options, levels, formats, rules, files and folders", () => {
    expect(sorted(inBash(""))).toEqual(sorted([...names, "--help", "--version"]));
    expect(inBash("chec")).toEqual(["check"]);
    expect(inBash("check", "--fail-on", "")).toEqual(["error", "warning", "check", "never"]);
    expect(inBash("check", "--fail-on=w")).toEqual(["warning"]);
    expect(inBash("check", "--fail-on=")).toEqual(["error", "warning", "check", "never"]);
    expect(inBash("check", "--format", "")).toEqual([...formatNames]);
    expect(inBash("check", "--output", "sar")).toEqual(["sarif"]);
    expect(inBash("check", "--rule", "plug")).toEqual(["plug-per-chunk"]);
    expect(inBash("explain", "")).toEqual(ids);
    expect(inBash("check", "o")).toEqual(["one.patch", "out going"]);
    expect(inBash("check", "--tree", "o")).toEqual(["out going"]);
    expect(inBash("check", "-v", "one.patch", "out going/")).toEqual(["out going/two.patch"]);
    expect(inBash("hook", "")).toEqual(["install", "uninstall", "status"]);
    expect(inBash("hook", "install", "")).toEqual(["git", "b4"]);
    expect(inBash("hook", "--fail-on", "error", "install", "g")).toEqual(["git"]);
    expect(inBash("config", "--schema", "--n")).toEqual(["--no-config"]);
  });

  test.each(commands.map((command) => [command.name, command] as const))(
    "has all options of %s",
    (name, { options }) => {
      expect(sorted(inBash(name, "-"))).toEqual(sorted([...options.flatMap((option) => option.names), "-h", "--help"]));
    },
  );
});

describe.skipIf(!has("fish"))("fish (skipped without it)", () => {
  test("is offered commands, options, levels, rules and files", () => {
    expect(sorted(inFish("copylint "))).toEqual(sorted(names));
    expect(sorted(inFish("copylint check --fail-on "))).toEqual(["check", "error", "never", "warning"]);
    expect(sorted(inFish("copylint explain "))).toEqual(sorted(ids));
    expect(inFish("copylint check o")).toEqual(expect.arrayContaining(["one.patch"]));
    expect(inFish("copylint check --rule plug")).toEqual(["plug-per-chunk"]);
    for (const { name, options } of commands)
      expect(inFish(`copylint ${name} --`)).toEqual(
        expect.arrayContaining(options.flatMap((option) => option.names.filter((each) => each.startsWith("--")))),
      );
  });
});

describe.skipIf(!has("zsh"))("zsh (skipped without it)", () => {
  test("takes the script without complaint", () => {
    expect(spawnSync("zsh", ["-f", "-n", ".zsh"], { cwd: folder, encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
  });

  test.each([
    ["copylint chec", ["check"]],
    ["copylint check --fail-on=", ["check", "error", "never", "warning"]],
    ["copylint check --rule plug", ["plug-per-chunk"]],
    ["copylint explain plug", ["plug-per-chunk"]],
    ["copylint hook install ", ["b4", "git"]],
    ["copylint check one", ["one.patch"]],
  ])("is offered what fits %j", (line, words) => {
    expect(sorted(inZsh(line))).toEqual(words);
  });
});
