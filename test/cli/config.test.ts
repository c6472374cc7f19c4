import { execFileSync, spawnSync } from "node:child_process";
import {
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findUpward } from "../../src/host/files.ts";
import { copylint } from "./quarry.ts";

// These tests run the built program as a user does. `npm test` builds it first.

const top = new URL("../../", import.meta.url).pathname;
let folder = "";

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "copylint-test-")));
  cpSync(join(top, "fixtures/series/careless"), join(folder, "out"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const third = "out/0003-block-add-blkdev_clone_range.patch";

/** Writes lines below the `---` of the third patch. */
function note(...lines: readonly string[]): void {
  const text = readFileSync(join(folder, third), "utf8");
  file(third, text.replace("\n---\n", `\n---\n${lines.map((line) => `${line}\n`).join("")}`));
}

/** A check of the careless series in the folder. */
function check(...args: readonly string[]) {
  const run = copylint(["check", ...args, "out"], { cwd: folder });
  return {
    ...run,
    last: run.stdout
      .trimEnd()
      .split(/\n(?! )/)
      .at(-1)!
      .replace(/\s+/g, " "),
  };
}

interface Json {
  readonly findings: readonly { rule: string; level: string; suppressed: { by: string; reason: string } | null }[];
  readonly suppressed: Json["findings"];
  readonly problems: readonly { kind: string; path: string; line?: number; what: string; advice?: string }[];
}
const json = (...args: readonly string[]): Json => JSON.parse(check("--format", "json", ...args).stdout);
const of = (all: Json["findings"], rule: string) => all.filter((f) => f.rule === rule);

const reason = "the caller holds a plug";

describe("what the author has ignored", () => {
  test("is set aside in a local run, counted, and listed with -v", () => {
    note(`Copylint-ignore: plug-per-chunk ${reason}`);
    const plain = check();
    expect(plain.stderr).toBe("");
    expect(plain.stdout).not.toContain("plug-per-chunk");
    expect(plain.last).toContain("3 errors, 3 warnings, 9 checks; 1 ignored by the author (-v lists them)");
    expect(check("-v").stdout.replace(/\s+/g, " ")).toContain(
      `plug inside its submission loop, once per chunk (suppressed by the author: ${reason})`,
    );
    const review = json();
    expect(of(review.findings, "plug-per-chunk")).toEqual([]);
    expect(review.suppressed).toMatchObject([{ rule: "plug-per-chunk", suppressed: { by: "author", reason } }]);
  });

  test("with --no-author-ignores is reported with what the author says, in every format, and counts", () => {
    note(`Copylint-ignore: plug-per-chunk ${reason}`);
    const shown = check("--no-author-ignores", "--rule", "plug-per-chunk");
    expect(shown.stdout).toContain(`suppressed: by the author: ${reason}`);
    expect(shown.last).toContain("1 warning, 1 of them suppressed by the author");
    expect(shown.status).toBe(1);
    expect(json("--no-author-ignores").suppressed).toEqual([]);
    for (const format of [
      "json",
      "github",
      "github-summary",
      "gitlab",
      "sarif",
      "rdjsonl",
      "checkstyle",
      "junit",
      "html",
      "b4",
    ])
      expect(check("--no-author-ignores", "--rule", "plug-per-chunk", "--format", format).stdout, format).toMatch(
        new RegExp(reason),
      );
  });

  test("in the cover letter holds for all patches, and on another patch for none", () => {
    const cover = "out/0000-cover-letter.patch";
    file(cover, `${readFileSync(join(folder, cover), "utf8")}\nCopylint-ignore: plug-per-chunk ${reason}\n`);
    expect(of(json().suppressed, "plug-per-chunk")).toHaveLength(1);
    rmSync(join(folder, cover));
    const first = "out/0001-block-add-a-queue-limit-for-clones.patch";
    const text = readFileSync(join(folder, first), "utf8");
    file(first, text.replace("\n---\n", `\n---\nCopylint-ignore: plug-per-chunk ${reason}\n`));
    const review = json();
    expect(of(review.findings, "plug-per-chunk")).toHaveLength(1);
    expect(review.problems).toMatchObject([
      {
        kind: "notice",
        path: first,
        what: "nothing is ignored by this, as patch 1/6 has no finding of plug-per-chunk",
      },
    ]);
  });

  test("is a notice where it has no reason, no rule, or nothing to do, and the finding stays", () => {
    note(
      "Copylint-ignore: plug-per-chunk",
      "Copylint-ignore: plug-per-chnk words",
      "Copylint-ignore: use-after-free words",
    );
    const run = check("--fail-on", "never");
    expect(run.status).toBe(0);
    expect(run.stderr).toBe(
      [
        "plug-per-chunk is not ignored, as no reason is given; write why, behind the rule",
        "nothing is ignored by this, as there is no rule 'plug-per-chnk'; did you mean plug-per-chunk?",
        "nothing is ignored by this, as patch 3/6 has no finding of use-after-free; take the line out",
      ]
        .map(
          (said, i) =>
            `copylint: ${third}:${readFileSync(join(folder, third), "utf8").split("\n").indexOf("---") + 2 + i}: ${said}\n`,
        )
        .join(""),
    );
    expect(run.stdout).toContain("warning plug-per-chunk");
    // What was not looked for, or not with all there is, may well be there.
    expect(check("--rule", "plug-per-chunk").stderr).not.toContain("use-after-free");
    expect(check("--no-run").stderr).not.toContain("use-after-free");
    rmSync(join(folder, "out/0002-block-add-operations-for-the-halves-of-a-clone.patch"));
    expect(check().stderr).not.toContain("use-after-free");
  });

  test("is only text: what it says cannot move a terminal or command a bot", () => {
    note("Copylint-ignore: plug-per-chunk ::error::x \x1b[2J\u202e <em>");
    const log = check("--no-author-ignores", "--rule", "plug-per-chunk").stdout;
    expect(log).toContain("suppressed: by the author: ::error::x \\x1b[2J\\u{202e} <em>");
    const page = check("--no-author-ignores", "--rule", "plug-per-chunk", "--format", "html").stdout;
    expect(page).not.toContain("<em>");
    expect(page).toContain("&lt;em&gt;");
  });

  test("does not hold up what git send-email would send, and a lack of reason is said there", () => {
    const mails = execFileSync("ls", [join(folder, "out")], { encoding: "utf8" })
      .trim()
      .split("\n")
      .filter((name) => name.endsWith(".patch"))
      .map((name) => `out/${name}`);
    const preSend = () => copylint(["pre-send", "--fail-on", "warning", ...mails], { cwd: folder });
    note("Copylint-ignore: plug-per-chunk");
    expect(preSend().stdout).toMatch(/plug-per-chunk is not ignored, as no reason is given/);
    note(
      ...["byte-units", "plug-per-chunk", "unchecked-allocation", "copied-only-decreases"].map(
        (id) => `Copylint-ignore: ${id} words`,
      ),
    );
    const left = json("--fail-on", "warning")
      .findings.filter((f) => f.level !== "check")
      .map((f) => f.rule);
    note(...new Set(left.map((id) => `Copylint-ignore: ${id} words`)));
    const cover = "out/0000-cover-letter.patch";
    file(
      cover,
      `${readFileSync(join(folder, cover), "utf8")}\n${left.map((id) => `Copylint-ignore: ${id} words\n`).join("")}`,
    );
    expect(preSend()).toMatchObject({ stdout: "", status: 0 });
  });
});

describe("a baseline", () => {
  test("holds what was found, and lets through what is new", () => {
    const all = json("--fail-on", "never").findings;
    const made = check("--write-baseline", "known.json");
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(made.last).toContain(`nothing found; ${all.length} in the baseline`);
    const text = readFileSync(join(folder, "known.json"), "utf8");
    check("--write-baseline", "again.json");
    expect(readFileSync(join(folder, "again.json"), "utf8")).toBe(text);
    const schema = JSON.parse(copylint(["config", "--schema", "baseline"]).stdout);
    expect(new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)(JSON.parse(text))).toBe(true);
    expect(text).not.toMatch(/"line"/);

    expect(check("--baseline", "known.json")).toMatchObject({ status: 0, stderr: "" });
    expect(json("--baseline", "known.json").suppressed).toHaveLength(all.length);
    const known = JSON.parse(text);
    const fewer = {
      ...known,
      findings: known.findings.filter((one: { rule: string }) => one.rule !== "plug-per-chunk"),
    };
    file("fewer.json", JSON.stringify(fewer));
    const run = check("--baseline", "fewer.json");
    expect(run.status).toBe(1);
    expect(json("--baseline", "fewer.json").findings.map((f) => f.rule)).toEqual(["plug-per-chunk"]);
  });

  test("names stale entries with -v, but none of files that were not read or rules that were not run", () => {
    check("--write-baseline", "known.json");
    const known = JSON.parse(readFileSync(join(folder, "known.json"), "utf8"));
    const entry = { ...known.findings[0], statement: "gone(now)" };
    const entries = [entry, { ...entry, file: "fs/elsewhere.c" }, { ...entry, rule: "wild-access" }];
    file("known.json", JSON.stringify({ ...known, findings: [...known.findings, ...entries] }));
    expect(check("--baseline", "known.json").stderr).toBe("");
    const said = (rule: string) =>
      `copylint: known.json: the entry of ${rule} for ${entry.file} in ${entry.function} fits no finding any more\n`;
    expect(check("-v", "--baseline", "known.json").stderr).toBe(said(entry.rule) + said("wild-access"));
    expect(check("-v", "--rule", entry.rule, "--baseline", "known.json").stderr).toBe(said(entry.rule));
  });

  test.each([
    ["missing.json", undefined, "there is no such file"],
    ["broken.json", "{", "it is no JSON"],
    ["binary.json", new Uint8Array([0xff, 0xfe]), "no text in UTF-8"],
    ["other.json", '{"version":7,"findings":[]}', "version 1"],
    [".", undefined, "this is no file"],
  ])("%s that cannot be used is one sentence and exit code 2", (name, content, what) => {
    if (content !== undefined) file(name, content);
    const run = check("--baseline", name);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(/^copylint: the baseline [^\n]+\n$/);
    expect(run.stderr).toContain(what);
  });

  test("that cannot be written is exit code 2, and the review is printed all the same", () => {
    const run = check("--write-baseline", "no/such/folder.json");
    expect(run.stderr).toMatch(/cannot write no\/such\/folder\.json/);
    expect(run.status).toBe(2);
  });
});

test("SARIF has what was set aside with -v only, as suppressed and accepted", () => {
  check("--write-baseline", "known.json");
  interface Result {
    readonly ruleId: string;
    readonly suppressions?: readonly object[];
  }
  const results = (...args: readonly string[]): readonly Result[] =>
    JSON.parse(check("--format", "sarif", "--baseline", "known.json", ...args).stdout).runs[0].results;
  expect(results()).toEqual([]);
  const all = results("-v");
  expect(all.length).toBeGreaterThan(10);
  for (const { suppressions } of all)
    expect(suppressions).toEqual([
      { kind: "external", status: "accepted", justification: "by the baseline known.json" },
    ]);
  note(`Copylint-ignore: plug-per-chunk ${reason}`);
  const distrusted = JSON.parse(check("--format", "sarif", "--no-author-ignores").stdout).runs[0].results as Result[];
  expect(distrusted.find((one) => one.ruleId === "plug-per-chunk")!.suppressions).toEqual([
    { kind: "external", status: "underReview", justification: `by the author: ${reason}` },
  ]);
});

const settings = (...args: readonly string[]): Record<string, { value: string; from: string }> => {
  const run = copylint(["config", "--format", "json", ...args], { cwd: folder });
  expect(run.stderr).toBe("");
  const { settings: rows } = JSON.parse(run.stdout) as { settings: { key: string; value: string; from: string }[] };
  return Object.fromEntries(rows.map(({ key, value, from }) => [key, { value, from }]));
};

describe("a configuration", () => {
  test("sets levels, turns rules off, leaves out files, and says when to fail", () => {
    file(
      ".copylintrc.yaml",
      `rules:
  byte-units: off
  plug-per-chunk: error
paths:
  ignore: [include/]
fail-on: never
`,
    );
    const review = json();
    expect([...review.findings, ...review.suppressed].some((f) => f.rule === "byte-units")).toBe(false);
    expect(of(review.findings, "plug-per-chunk").map((f) => f.level)).toEqual(["error"]);
    expect(check().status).toBe(0);
    expect(check("--rule", "byte-units").stdout).toContain("warning byte-units");
    file(".copylintrc.yaml", "paths: {only: [drivers/**]}");
    const away = json();
    expect(away.findings).toEqual([]);
    expect(away.suppressed.map((f) => f.suppressed)).toContainEqual({ by: "paths", reason: "only drivers/**" });
    expect(check().last).toMatch(/nothing found; \d+ in files left out/);
  });

  test("goes behind the command line, a named file before the nearest one, and that before what is built in", () => {
    file(".copylintrc.yaml", "fail-on: error\nrun: false\nauthor-ignores: false\n");
    file("sub/deep/.keep", "");
    file("sub/.copylintrc.json", '{"fail-on": "check"}');
    file("named.yaml", "run: {budget: 7}\n");
    expect(settings()).toMatchObject({
      "fail-on": { value: "error", from: ".copylintrc.yaml" },
      run: { value: "false", from: ".copylintrc.yaml" },
      "author-ignores": { value: "false", from: ".copylintrc.yaml" },
      output: { value: "terminal", from: "built in" },
    });
    const below = JSON.parse(copylint(["config", "--format", "json"], { cwd: join(folder, "sub/deep") }).stdout);
    expect(below.file).toBe("../.copylintrc.json");
    expect(settings("--config", "named.yaml")).toMatchObject({
      "run: budget": { value: "7", from: "named.yaml" },
      "fail-on": { value: "warning", from: "built in" },
    });
    expect(settings("--no-config")["fail-on"]).toEqual({ value: "warning", from: "built in" });

    const status = (...args: readonly string[]) => check("--rule", "plug-per-chunk", ...args).status;
    expect(status()).toBe(0);
    expect(status("--no-config")).toBe(1);
    expect(status("--config", "named.yaml")).toBe(1);
    expect(status("--fail-on", "warning")).toBe(1);
  });

  test("names reports, unless the command line does", () => {
    file(
      "sub/.copylintrc.yaml",
      "output:\n  - json\n  - format: sarif\n    file: made/copylint.sarif\nbaseline: known.json\n",
    );
    file("sub/made/.keep", "");
    file("sub/known.json", '{"version": 1, "findings": []}');
    file("sub/below/.keep", "");
    const cwd = join(folder, "sub/below");
    expect(JSON.parse(copylint(["check", "../../out"], { cwd }).stdout).version).toBe(1);
    expect(JSON.parse(readFileSync(join(folder, "sub/made/copylint.sarif"), "utf8")).version).toBe("2.1.0");
    rmSync(join(folder, "sub/made/copylint.sarif"));
    expect(copylint(["check", "--format", "checkstyle", "../../out"], { cwd }).stdout).toContain("<checkstyle");
    expect(() => readFileSync(join(folder, "sub/made/copylint.sarif"))).toThrow();
  });

  test("is printed in full, a line a setting, with the place that it comes from", () => {
    file(".copylintrc.yaml", "rules: {byte-units: off}\n");
    const { stdout } = copylint(["config"], { cwd: folder });
    expect(stdout).toMatch(/^configuration: \.copylintrc\.yaml\n\nfail-on +warning +built in\n/);
    expect(stdout).toMatch(/^rules: byte-units +off +\.copylintrc\.yaml$/m);
    expect(copylint(["config", "--no-config"], { cwd: folder }).stdout).toMatch(/^no configuration file\n/);
  });

  test("has a schema that is printed, and lies beside the program", () => {
    const { stdout } = copylint(["config", "--schema"]);
    expect(readFileSync(join(top, "dist/src/config.schema.json"), "utf8")).toBe(stdout);
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(stdout));
    expect(validate({ rules: { "byte-units": "off" } })).toBe(true);
    expect(validate({ rules: { "byte-unit": "off" } })).toBe(false);
  });

  test("can have the hook send, and is read where git calls it", () => {
    const mails = execFileSync("sh", ["-c", "ls out/*.patch"], { cwd: folder, encoding: "utf8" }).trim().split("\n");
    const preSend = (...args: readonly string[]) => copylint(["pre-send", ...args, ...mails], { cwd: folder }).status;
    expect(preSend()).toBe(1);
    check("--write-baseline", "known.json");
    file(".copylintrc.json", '{"baseline": "known.json"}');
    expect(preSend()).toBe(0);
    expect(preSend("--no-config")).toBe(1);
  });

  describe("that is no good is one sentence, exit code 2, and no review", () => {
    const bomb = (n: number): string =>
      [
        "a: &a0 [x, x, x, x, x, x, x, x, x]",
        ...Array.from({ length: n }, (_, i) => `b${i}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(", ")}]`),
      ].join("\n");
    test.each<readonly [string, string | Uint8Array, RegExp]>([
      [".copylintrc.yaml", "rule: {}\n", /no key 'rule'; did you mean rules\?/],
      [".copylintrc.yaml", "fail-on: error\nfail-on: check\n", /\.copylintrc\.yaml:2: .*unique/],
      [".copylintrc.yaml", "run: !!js/function 'x'\n", /Unresolved tag/],
      [".copylintrc.yaml", "a: [\n", /no YAML/],
      [".copylintrc.yaml", "run: true\n---\nrun: false\n", /no YAML/],
      [".copylintrc.yaml", bomb(9), /no YAML that can be read: Excessive alias count/],
      [".copylintrc.yaml", "[".repeat(30_000), /nested too deeply/],
      [".copylintrc.yaml", "- ".repeat(30_000), /nested too deeply/],
      [".copylintrc.yaml", "? ".repeat(30_000), /nested too deeply/],
      [".copylintrc.yaml", Array.from({ length: 300 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"), /nested too deeply/],
      [".copylintrc.yaml", `rules: {__proto__: error}\n`, /no rule '__proto__'/],
      [".copylintrc.yaml", "x".repeat(10_000_000), /10000000 bytes, and 65536 are the most/],
      [".copylintrc.yaml", new Uint8Array([0x72, 0xff]), /no text in UTF-8/],
      [".copylintrc.yaml", "\x1b[2J: 1\n", /^[ -~]*\n$/],
      [".copylintrc.json", "{", /no JSON/],
      [".copylintrc.json", '{"__proto__": {"run": false}}', /no key '__proto__'/],
      [".copylintrc.json", `{"rules": ${"[".repeat(30_000)}${"]".repeat(30_000)}}`, /rules is to be a mapping/],
      [".copylintrc.json", '{"output": [{"format": "sarif", "file": "../../x"}]}', /below its own folder/],
    ])("%s: %#", (name, content, said) => {
      file(name, content);
      const started = performance.now();
      const run = check();
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(run.stdout).toBe("");
      expect(run.stderr).toMatch(/^copylint: [^\n]{1,600}\n$/);
      expect(run.stderr).toMatch(said);
      expect(run.status).toBe(2);
    });

    test("a pipe that nobody writes to, a folder, and two files side by side", () => {
      spawnSync("mkfifo", [join(folder, ".copylintrc.yaml")]);
      expect(check().status).not.toBe(null);
      rmSync(join(folder, ".copylintrc.yaml"));
      mkdirSync(join(folder, ".copylintrc.yaml"));
      expect(check()).toMatchObject({ status: 2, stderr: expect.stringContaining("this is no file") });
      rmSync(join(folder, ".copylintrc.yaml"), { recursive: true });
      file(".copylintrc.yaml", "");
      file(".copylintrc.json", "{}");
      expect(check()).toMatchObject({ status: 2, stderr: expect.stringContaining("side by side") });
      expect(check("--config", "nowhere.yaml")).toMatchObject({
        status: 2,
        stderr: "copylint: nowhere.yaml: there is no such file or folder; give another file, or none: --no-config\n",
      });
    });

    test("a report through a link that leads out of its folder", () => {
      file("sub/.copylintrc.yaml", "output: [{format: sarif, file: x.sarif}]\n");
      file("outside", "mine\n");
      symlinkSync("../outside", join(folder, "sub/x.sarif"));
      const run = copylint(["check", "../out"], { cwd: join(folder, "sub") });
      expect(run.stderr).toMatch(/x\.sarif is a link/);
      expect(run.status).toBe(2);
      expect(readFileSync(join(folder, "outside"), "utf8")).toBe("mine\n");
    });
  });

  test("of somebody else is not picked up on the way", () => {
    const path = file(".copylintrc.yaml", "fail-on: never\n");
    const start = dirname(file("sub/.keep", ""));
    expect(findUpward([".copylintrc.yaml"], start)).toEqual({ found: [path], refused: undefined });
    // The superuser's files are everybody's, and only the superuser can give files away.
    const me = process.getuid?.() ?? 0;
    const other = me === 0 ? undefined : vi.spyOn(process, "getuid").mockReturnValue(me + 1);
    if (me === 0) chownSync(path, 12345, 12345);
    expect(findUpward([".copylintrc.yaml"], start)).toMatchObject({ found: [], refused: path });
    other?.mockRestore();
    if (me === 0) {
      expect(check("--rule", "plug-per-chunk").stderr).toMatch(
        /\.copylintrc\.yaml is not read, as it belongs to somebody else/,
      );
      expect(check("--rule", "plug-per-chunk", "--config", ".copylintrc.yaml").status).toBe(0);
    }
  });
});
