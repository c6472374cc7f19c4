import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rules } from "../../rules/index.ts";
import { changed, copylint, makeQuarry, program, type Quarry } from "./quarry.ts";

// These tests run the built program as a user does. `npm test` builds it first.

const careless = join(import.meta.dirname, "../../fixtures/series/careless");
let quarry: Quarry;
let folder = "";
let [warned, clean] = ["", ""];

beforeAll(() => {
  expect(existsSync(program), "dist/src/bin.js is missing: npm run build").toBe(true);
  quarry = makeQuarry();
  folder = dirname(quarry.repository);
  [warned, clean] = quarry.mails;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file in the temporary folder. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The mail as one that belongs to no series. */
const lone = (mail: string): string => mail.replace("[PATCH 1/2]", "[PATCH]");

describe("a review", () => {
  test("of a folder, a file, standard input and a git range finds the same, and exits with 1", () => {
    const runs = [
      copylint(["check", dirname(warned)]),
      copylint(["check", warned, clean]),
      copylint(["check", "-"], { input: readFileSync(warned, "utf8") + readFileSync(clean, "utf8") }),
      copylint(["check", "base..main"], { cwd: quarry.repository }),
    ];
    for (const run of runs) {
      expect(run.stderr).toBe("");
      expect(run.stdout).toMatch(/^block\/quarry\.c:10: warning deprecated-next-bio: /);
      expect(run.stdout.trimEnd().split("\n").at(-1)).toMatch(/^2 patches, 1 file: 1 warning/);
      expect(run.status).toBe(1);
    }
  });

  test("that finds nothing at or above --fail-on exits with 0", () => {
    expect(copylint(["check", "--fail-on", "error", ...quarry.mails]).status).toBe(0);
    expect(copylint(["check", "--fail-on", "never", ...quarry.mails]).status).toBe(0);
    const calm = copylint(["check", "--rule", "plug-per-chunk", ...quarry.mails]);
    expect(calm.status).toBe(0);
    expect(calm.stdout).toMatch(/^2 patches, 1 file: nothing found/m);
  });

  test("as JSON matches the schema, and places the finding on the new side", () => {
    const schema = JSON.parse(readFileSync(new URL("../../src/report/review.schema.json", import.meta.url), "utf8"));
    const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
    for (const paths of [quarry.mails, [careless]]) {
      const run = copylint(["check", "--format", "json", ...paths]);
      const review = JSON.parse(run.stdout);
      validate(review);
      expect(validate.errors).toBeNull();
      expect(review.findings.length).toBeGreaterThan(0);
    }
    const { findings, series } = JSON.parse(copylint(["check", "--format", "json", ...quarry.mails]).stdout);
    expect(series).toMatchObject([
      { version: 1, patches: [{ index: 1, files: [{ path: "block/quarry.c", added: 5, deleted: 0 }] }, { index: 2 }] },
    ]);
    const line =
      readFileSync(warned, "utf8")
        .split("\n")
        .findIndex((text) => text.includes("blk_next_bio(")) + 1;
    expect(findings).toMatchObject([
      { rule: "deprecated-next-bio", file: "block/quarry.c", line: 10, patch: { index: 1, total: 2, line } },
    ]);
    expect(findings[0].fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });

  test("is the same text every time", () => {
    const once = copylint(["check", "--format", "json", ...quarry.mails]).stdout;
    expect(copylint(["check", "--format", "json", ...quarry.mails]).stdout).toBe(once);
  });

  test("keeps to 80 columns and is coloured only on request", () => {
    const plain = copylint(["check", "-v", careless]).stdout;
    // A command to be copied is one line, however long the path in it.
    const prose = plain.split("\n").filter((line) => !line.startsWith("  replay: "));
    for (const line of prose) expect(line.length).toBeLessThanOrEqual(80);
    expect(plain).not.toContain("\x1b");
    expect(copylint(["check", warned], { env: { FORCE_COLOR: "1" } }).stdout).toContain("\x1b[");
    expect(copylint(["check", warned], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }).stdout).not.toContain("\x1b[");
  });

  test("with --tree of the base is not worse for it; with another tree that is one line, and no exit code unless strict", () => {
    const args = ["check", "--fail-on", "error", ...quarry.mails];
    spawnSync("git", ["worktree", "add", "-q", join(folder, "at-base"), "base"], { cwd: quarry.repository });
    const fits = copylint([...args, "--tree", join(folder, "at-base")]);
    expect(fits.stderr).toBe("");
    expect(fits.status).toBe(0);
    file("other/block/quarry.c", "int something_else;\n");
    const loose = copylint([...args, "--tree", join(folder, "other")]);
    expect(loose.stderr).toMatch(/^copylint: [^\n]*block\/quarry\.c[^\n]*\n$/);
    expect(loose.stdout).toContain("warning deprecated-next-bio");
    expect(loose.status).toBe(0);
    expect(copylint([...args, "--strict-input", "--tree", join(folder, "other")]).status).toBe(3);
  });
});

describe("bad input is one clear sentence and its exit code, and the rest is still reviewed", () => {
  /** Reviews the bad input together with a good mail; the exit code is that of the bad one alone. */
  function together(path: string, setting: { cwd?: string } = {}) {
    const run = copylint(["check", "--fail-on", "error", path, warned], setting);
    expect(run.stdout).toContain("warning deprecated-next-bio");
    const alone = copylint(["check", path], setting);
    expect(alone.status).toBe(run.status);
    for (const line of alone.stderr.trimEnd().split("\n")) expect(line).toMatch(/^(copylint: [ -~]+)?$/);
    expect(run.stderr).not.toContain("internal error");
    return { status: run.status, said: alone.stderr };
  }

  test("an empty file", () => {
    expect(together(file("empty.patch", ""))).toMatchObject({
      status: 3,
      said: expect.stringMatching(/^[^\n]*empty\.patch: [^\n]*empty[^\n]*\n$/),
    });
  });

  test("a binary file", () => {
    const { status, said } = together(
      file(
        "picture.patch",
        Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256),
      ),
    );
    expect(status).toBe(3);
    expect(said).toMatch(/^[^\n]*picture\.patch[^\n]*\n$/);
  });

  test("a truncated hunk", () => {
    const { status, said } = together(
      file("cut.patch", lone(changed(warned, /\n\+\treturn blk_next_bio[\s\S]*/, "\n"))),
    );
    expect(status).toBe(3);
    expect(said).toMatch(/^copylint: [^\n]*cut\.patch:\d+: [^\n]+\n$/);
  });

  test("wrong counts in a hunk header", () => {
    const { status, said } = together(
      file("counts.patch", lone(changed(warned, /^@@ -(\S+) \+(\d+),\d+ @@/m, "@@ -$1 +$2,99 @@"))),
    );
    expect(status).toBe(3);
    expect(said).toMatch(/^copylint: [^\n]*counts\.patch:\d+: [^\n]+\n$/);
  });

  test("a mail of 100 MB", () => {
    const { status, said } = together(file("huge.mbox", Buffer.alloc(100_000_000, "x".repeat(70).concat("\n"))));
    expect(status).toBe(3);
    expect(said).toMatch(/^copylint: [^\n]*huge\.mbox: [^\n]+\n$/);
  });

  test("100 MB on standard input", () => {
    const run = copylint(["check", "-"], { input: Buffer.alloc(100_000_000, "x\n") });
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/^copylint: -: [^\n]+\n$/);
  });

  test("NUL bytes", () => {
    const { said } = together(file("nul.patch", changed(clean, "how deep", "how \0\0 deep")));
    expect(said).not.toContain("\0");
  });

  test("a path that leads out of the tree: it is never read", () => {
    const evil = changed(clean, /block\/quarry\.c/g, "../../../../../../../../etc/passwd");
    const path = file("evil.patch", evil);
    const { status } = together(path);
    expect([0, 3]).toContain(status);
    const run = copylint(["check", "--format", "json", "--tree", quarry.repository, path]);
    expect(run.stdout + run.stderr).not.toContain("root:");
    expect(run.stderr).not.toContain("internal error");
  });

  test("a link in the tree that leads out of it: it is never read", () => {
    const secret = file("secret.c", "int secret_stone;\n");
    const tree = join(folder, "linked");
    mkdirSync(join(tree, "block"), { recursive: true });
    symlinkSync(secret, join(tree, "block/quarry.c"));
    const run = copylint(["check", "--format", "json", "--tree", tree, ...quarry.mails]);
    expect(run.stdout + run.stderr).not.toContain("secret_stone");
    expect(JSON.parse(run.stdout).findings).toHaveLength(1);
  });

  test("a missing part of the series is said, and is no error", () => {
    const given = [
      file("parts/1.patch", changed(warned, "[PATCH 1/2]", "[PATCH 1/3]")),
      file("parts/3.patch", changed(clean, "[PATCH 2/2]", "[PATCH 3/3]")),
    ];
    const run = copylint(["check", "--fail-on", "error", ...given]);
    expect(run.stderr).toMatch(/^copylint: [^\n]*2\/3[^\n]*missing[^\n]*\n$/);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/not checked: 1 input/);
  });

  test("a path that does not exist", () => {
    expect(together(join(folder, "absent.patch"))).toMatchObject({
      status: 3,
      said: expect.stringMatching(/^copylint: [^\n]*absent\.patch: [^\n]+\n$/),
    });
  });

  test.skipIf(process.getuid?.() === 0)("a file that may not be read (skipped for root, who may read all)", () => {
    const path = file("locked.patch", readFileSync(clean));
    chmodSync(path, 0);
    expect(together(path)).toMatchObject({
      status: 3,
      said: expect.stringMatching(/^copylint: [^\n]*locked\.patch: [^\n]+\n$/),
    });
  });

  test("a range outside of any repository", () => {
    const { status, said } = together("main..topic", { cwd: folder });
    expect(status).toBe(3);
    expect(said).toMatch(/^copylint: main\.\.topic: [^\n]*repository[^\n]*\n$/);
  });

  test("a range that git does not know", () => {
    const { status, said } = together("main..topic", { cwd: quarry.repository });
    expect(status).toBe(3);
    expect(said).toMatch(/^copylint: main\.\.topic: [^\n]+\n$/);
  });

  test("a mail without a diff is no error, and is counted", () => {
    const run = copylint([
      "check",
      file("reply.eml", "From: a@example.org\nSubject: Re: stones\nMessage-ID: <1@x>\n\nNice.\n"),
    ]);
    expect(run.status).toBe(0);
    expect(run.stderr).toBe("");
    expect(run.stdout).toContain("1 mail without a diff");
  });
});

describe("a command line that makes no sense is exit code 2 and one line", () => {
  test.each([
    [["check", "--fromat", "json", "x"], /--fromat.*--format/],
    [["chekc"], /did you mean check/],
    [["check"], /nothing to read/],
    [["check", "--rule", "plug-per-chnk", "x"], /plug-per-chnk.*plug-per-chunk/],
    [["explain", "byte-unit"], /byte-unit.*byte-units/],
    [["new-rule", "no-plug"], /names the defect/],
    [["model", "--chunks", "many"], /many/],
  ])("%j", (args, text) => {
    const run = copylint(args, { cwd: folder });
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(/^copylint: [^\n]+\n$/);
    expect(run.stderr).toMatch(text);
    expect(run.status).toBe(2);
  });

  test("new-rule outside of a checkout", () => {
    const run = copylint(["new-rule", "lost-wakeup"], { cwd: folder });
    expect(run.stderr).toMatch(/^copylint: [^\n]*checkout[^\n]*\n$/);
    expect(run.status).toBe(2);
  });
});

describe("the other commands", () => {
  test("list has a line for every rule, with its level and title", () => {
    const { stdout, status } = copylint(["list"]);
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(rules.length);
    for (const { id, level, title } of rules) {
      expect(
        lines.some((line) => line.startsWith(`${id} `) && line.includes(` ${level} `) && line.endsWith(title)),
      ).toBe(true);
    }
    expect(JSON.parse(copylint(["list", "--format", "json"]).stdout)).toMatchObject(
      rules.map(({ id, level }) => ({ id, level })),
    );
  });

  test("explain prints the page of each rule, also when the program is started through a link", () => {
    const link = join(folder, "copylint");
    symlinkSync(program, link);
    for (const { id } of rules) {
      const run = spawnSync(process.execPath, [link, "explain", id], { encoding: "utf8" });
      expect(run.stdout).toContain(id);
      expect(run.stdout).toMatch(/^#/m);
      expect(run.status).toBe(0);
    }
  });

  test("facts prints facts as text and as JSON, and keeps the exit codes of the input", () => {
    const text = copylint(["facts", careless]);
    expect(text.status).toBe(0);
    const facts = JSON.parse(copylint(["facts", "--format", "json", careless]).stdout);
    expect(facts.length).toBeGreaterThan(5);
    expect(text.stdout.trimEnd().split("\n").at(-1)).toMatch(new RegExp(`^${facts.length} facts: `));
    expect(copylint(["facts", file("empty2.patch", "")]).status).toBe(3);
    expect(copylint(["facts"]).status).toBe(2);
  });

  test("model runs the reference model", () => {
    const run = copylint(["model", "--chunks", "2"]);
    expect(run.status).toBe(0);
    expect(run.stdout.length).toBeGreaterThan(100);
  });

  test("--help and --version go to stdout and are no error", () => {
    expect(copylint(["--help"])).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("check") });
    expect(copylint(["--version"])).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

describe("output", () => {
  test("is not cut off when a pipe is slow", () => {
    const copies = [1, 2, 3].map((n) => {
      for (const name of readdirSync(careless).filter((it) => it.endsWith(".patch"))) {
        const text = readFileSync(join(careless, name), "utf8").replace(
          /^((?:Message-I|In-Reply-T|Refer).*)</gim,
          `$1<${n}.`,
        );
        file(`copies/${n}/${name}`, text);
      }
      return join(folder, "copies", String(n));
    });
    const command = `"$0" "${program}" check --format json ${copies.map((it) => `"${it}"`).join(" ")} | (sleep 1; cat)`;
    const text = spawnSync("sh", ["-c", command, process.execPath], { encoding: "utf8" }).stdout;
    expect(text.length).toBeGreaterThan(70_000); // more than a pipe holds
    expect(JSON.parse(text).series).toHaveLength(3);
  });

  test("may be cut off by its reader without a word", () => {
    const run = spawnSync(
      "sh",
      ["-c", `"${process.execPath}" "${program}" check --format json "${careless}" | head -1`],
      { encoding: "utf8" },
    );
    expect(run.stdout).toBe("{\n");
    expect(run.stderr).toBe("");
  });

  test.skipIf(!existsSync("/dev/full"))("to a full disk is said in one line (skipped without /dev/full)", () => {
    const run = spawnSync("sh", ["-c", `"${process.execPath}" "${program}" list > /dev/full`], { encoding: "utf8" });
    expect(run.stderr).toBe("copylint: cannot write the output: ENOSPC\n");
    expect(run.status).toBe(4);
  });
});

describe("the build", () => {
  test("keeps the program executable by its first line", () => {
    expect(readFileSync(program, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test("starts from the bytecode that it keeps", () => {
    const watch = join(folder, "watch.cjs");
    writeFileSync(
      watch,
      `const vm = require("node:vm");
vm.Script = class extends vm.Script {
  constructor(...given) {
    super(...given);
    process.stderr.write(\`refused: \${this.cachedDataRejected}\\n\`);
  }
};`,
    );
    const run = spawnSync(process.execPath, ["--require", watch, program, "list"], { encoding: "utf8" });
    expect(run).toMatchObject({ stderr: "refused: false\n", status: 0 });
  });

  test("works the same without the bytecode that it keeps, or with that of something else", () => {
    const copy = join(folder, "copy/dist/src");
    mkdirSync(copy, { recursive: true });
    symlinkSync(new URL("../../node_modules", import.meta.url).pathname, join(folder, "copy/node_modules"));
    writeFileSync(join(folder, "copy/dist/package.json"), '{"type":"commonjs"}\n');
    for (const name of ["bin.js", "copylint.js"])
      writeFileSync(join(copy, name), readFileSync(join(dirname(program), name)));
    const expected = copylint(["check", warned]).stdout;
    const run = () => spawnSync(process.execPath, [join(copy, "bin.js"), "check", warned], { encoding: "utf8" });
    expect(run()).toMatchObject({ stdout: expected, status: 1 });
    writeFileSync(join(copy, "copylint.cache"), "not bytecode");
    expect(run()).toMatchObject({ stdout: expected, status: 1 });
  });
});
