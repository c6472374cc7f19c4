import { describe, expect, test } from "vitest";
import { complaintText } from "../../src/cli/complaint.ts";
import { readCommandLine } from "../../src/cli/program.ts";
import { formatNames } from "../../src/report/reporter.ts";

const formats = formatNames.join(", ");

const read = (...argv: string[]) => readCommandLine(argv, "1.2.3");

/** What a refused command line says. */
function refusal(...argv: string[]): string {
  const invocation = read(...argv);
  if (invocation.command !== "refuse") throw new Error(`not refused: ${JSON.stringify(invocation)}`);
  expect(invocation.complaint.exit).toBe(2);
  return complaintText(invocation.complaint);
}

/** What `--help` prints. */
function help(...argv: string[]): string {
  const invocation = read(...argv, "--help");
  return invocation.command === "print" ? invocation.text : "";
}

describe("check", () => {
  test("has defaults", () => {
    expect(read("check", "a", "b..c", "-")).toEqual({
      command: "check",
      paths: ["a", "b..c", "-"],
      options: {
        format: "terminal",
        files: [],
        failOn: "warning",
        strictInput: false,
        rules: [],
        verbose: false,
        run: true,
        authorIgnores: true,
        typed: [],
      },
    });
  });

  test("says what was typed, as a configuration goes behind that", () => {
    const given = read(
      "check",
      "--rule",
      "x",
      "--fail-on",
      "error",
      "--output",
      "json",
      "--no-run",
      "--budget",
      "9",
      "a",
    );
    expect(given).toMatchObject({
      options: { budget: 9, typed: expect.arrayContaining(["rules", "failOn", "files", "run", "budget"]) },
    });
    expect(read("check", "--no-config", "a")).toMatchObject({ options: { config: false } });
    expect(read("check", "--config", "x", "a")).toMatchObject({ options: { config: "x" } });
    expect(refusal("check", "--budget", "many", "a")).toContain("expected a number from 1");
  });

  test("takes its options before, between and behind the paths", () => {
    const argv = [
      "--tree",
      "linux",
      "a",
      "--format=json",
      "--fail-on",
      "check",
      "b",
      "--strict-input",
      "-v",
      "--no-color",
      "--no-run",
    ];
    expect(read("check", ...argv, "--rule", "x", "--rule", "y")).toEqual({
      command: "check",
      paths: ["a", "b"],
      options: {
        tree: "linux",
        format: "json",
        files: [],
        failOn: "check",
        strictInput: true,
        rules: ["x", "y"],
        verbose: true,
        run: false,
        color: false,
        authorIgnores: true,
        typed: ["tree", "format", "failOn", "strictInput", "rules", "verbose", "color", "run"],
      },
    });
    expect(read("check", "--color", "a")).toMatchObject({ options: { color: true } });
  });

  test("sends one report to standard output, and any number to files", () => {
    const outputs = (...argv: string[]) => {
      const invocation = read("check", ...argv, "a");
      if (invocation.command !== "check") throw new Error(JSON.stringify(invocation));
      const { format, files } = invocation.options;
      return { format, files };
    };
    expect(outputs("--output", "sarif")).toEqual({ format: "sarif", files: [] });
    expect(outputs("--output", "sarif=-")).toEqual({ format: "sarif", files: [] });
    expect(outputs("--output", "sarif=a=b.sarif", "--output=junit=j.xml")).toEqual({
      format: "terminal",
      files: [
        { format: "sarif", path: "a=b.sarif" },
        { format: "junit", path: "j.xml" },
      ],
    });
    expect(outputs("--format", "github", "--output", "github-summary=s.md")).toEqual({
      format: "github",
      files: [{ format: "github-summary", path: "s.md" }],
    });
  });

  test("takes everything behind -- as a path", () => {
    expect(read("check", "--", "--format")).toMatchObject({ paths: ["--format"] });
  });
});

test("the other subcommands are read", () => {
  expect(read("list")).toEqual({ command: "list", format: "terminal" });
  expect(read("list", "--format", "json")).toEqual({ command: "list", format: "json" });
  expect(read("explain", "byte-units")).toEqual({ command: "explain", rule: "byte-units" });
  expect(read("new-rule", "lost-wakeup")).toEqual({ command: "new-rule", id: "lost-wakeup" });
  expect(read("facts", "x", "--tree", "t")).toEqual({
    command: "facts",
    paths: ["x"],
    options: { format: "terminal", tree: "t" },
  });
  const model = ["--variant", "plug=per-chunk", "--chunks", "3", "--fail", "chunk:1", "--fail", "alloc:2", "--explore"];
  expect(read("model", ...model, "--chunk-sectors", "8", "--caller-plug")).toEqual({
    command: "model",
    options: {
      variant: "plug=per-chunk",
      chunks: "3",
      fail: ["chunk:1", "alloc:2"],
      explore: true,
      chunkSectors: "8",
      callerPlug: true,
    },
  });
});

describe("what makes no sense is refused in one line that helps", () => {
  test.each([
    [["check", "--fromat", "json", "x"], "copylint: unknown option '--fromat'; did you mean --format?\n"],
    [["check", "--zzz", "x"], "copylint: unknown option '--zzz'; see copylint check --help\n"],
    [["chekc", "x"], "copylint: unknown command 'chekc'; did you mean check?\n"],
    [
      ["0001-a.patch"],
      "copylint: '0001-a.patch' is not a command of copylint; to review it, say: copylint check 0001-a.patch\n",
    ],
    [
      ["check", "--format", "xml", "x"],
      `copylint: option '--format <format>' argument 'xml' is invalid: it must be one of ${formats}; see copylint check --help\n`,
    ],
    [
      ["check", "--output", "xml=x", "x"],
      `copylint: option '--output <format[=file]>' argument 'xml=x' is invalid: it must be one of ${formats}; see copylint check --help\n`,
    ],
    [
      ["check", "--output", "sarif=", "x"],
      "copylint: option '--output <format[=file]>' argument 'sarif=' is invalid: expected a file behind the =; see copylint check --help\n",
    ],
    [
      ["check", "--format", "json", "--output", "sarif", "x"],
      "copylint: json and sarif would both be written to standard output; give each a file of its own: --output FORMAT=FILE\n",
    ],
    [
      ["check", "--output", "json=r", "--output", "sarif=r", "x"],
      "copylint: json and sarif would both be written to r; give each a file of its own: --output FORMAT=FILE\n",
    ],
    [["check", "--tree"], "copylint: option '--tree <dir>' argument missing; see copylint check --help\n"],
    [["explain"], "copylint: missing required argument 'rule'; see copylint explain --help\n"],
    [
      ["list", "x"],
      "copylint: too many arguments for 'list': expected 0 arguments but got 1; see copylint list --help\n",
    ],
    [[], "copylint: no command given; see copylint --help\n"],
  ])("%j", (argv, text) => {
    expect(refusal(...argv)).toBe(text);
  });

  test("and cannot steer the terminal", () => {
    expect(refusal("check", "--\x1b[2J\nx")).toMatch(/^[ -~]*\n$/);
    expect(refusal("\u202e\x07")).toMatch(/^[ -~]*\n$/);
  });
});

test("help names every subcommand and every option of it, within 80 columns; the version is the package's", () => {
  for (const name of ["check", "list", "explain", "new-rule", "facts", "model"]) {
    expect(help()).toMatch(new RegExp(`^  ${name} `, "m"));
    expect(help(name)).toContain(`Usage: copylint ${name}`);
    for (const line of help(name).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  }
  for (const option of [
    "--tree",
    "--format",
    "--output",
    "--fail-on",
    "--strict-input",
    "--rule",
    "--verbose",
    "--no-color",
    "--no-run",
  ]) {
    expect(help("check")).toContain(option);
  }
  expect(help("check")).toContain("Exit codes: 0 clean");
  expect(read("--version")).toEqual({ command: "print", text: "1.2.3\n" });
});

describe("hook and pre-send", () => {
  test("have defaults", () => {
    expect(read("hook", "install")).toEqual({
      command: "hook",
      options: { action: "install", tool: undefined, scope: "local", failOn: "error" },
    });
    expect(read("hook", "status", "b4", "--global")).toMatchObject({ options: { tool: "b4", scope: "global" } });
    expect(read("pre-send", "--siblings", "--", "-a")).toEqual({
      command: "pre-send",
      files: ["-a"],
      options: { failOn: "error", siblings: true },
    });
  });

  test("refuse what they do not know", () => {
    expect(refusal("hook")).toContain("action");
    expect(refusal("hook", "instal")).toMatch(/'instal'.*install, uninstall, status/);
    expect(refusal("hook", "install", "mutt")).toMatch(/'mutt'.*git, b4/);
    expect(refusal("hook", "install", "--fail-on", "never")).toMatch(/error, warning, check/);
    expect(refusal("hook", "install", "--local", "--global")).toContain("--global");
    expect(refusal("pre-send")).toContain("files");
  });
});
