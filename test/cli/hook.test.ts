import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hookScript } from "../../src/cli/hook-script.ts";
import { program } from "./quarry.ts";
import { type Desk, type Ended, hasSendEmail, mailsIn, makeDesk } from "./sending.ts";

// Real git send-email, a real mail server on the loopback interface, and the program as it is built.

const top = new URL("../..", import.meta.url).pathname;
let desk: Desk;
/** Repositories with a series on top of `base`, and the series as mails, cover letter included. */
let [good, bad, goodMails, badMails] = ["", "", "", ""];

const hookOf = (repository: string): string => join(repository, ".git/hooks/sendemail-validate");
const formerOf = (repository: string): string => `${hookOf(repository)}.before-copylint`;

/** Removes what a test left in both repositories. */
async function bare(): Promise<void> {
  for (const repository of [good, bad])
    await desk.run(repository, "rm", ["-f", hookOf(repository), formerOf(repository)]);
}

const send = (cwd: string, ...args: readonly string[]): Promise<Ended> => desk.run(cwd, "git", ["send-email", ...args]);

function script(path: string, ...lines: readonly string[]): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${lines.join("\n")}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A program that notes its arguments and is copylint otherwise. */
function noting(name: string): { path: string; calls: () => string[] } {
  const log = join(desk.dir, `${name}.log`);
  const path = script(join(desk.dir, name), `printf '%s\\n' "$*" >> '${log}'`, `exec '${program}' "$@"`);
  return { path, calls: () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []) };
}

const writeHook = (repository: string, path: string): void => {
  mkdirSync(dirname(hookOf(repository)), { recursive: true });
  writeFileSync(hookOf(repository), hookScript({ program: path, failOn: "error" }));
  chmodSync(hookOf(repository), 0o755);
};

beforeAll(async () => {
  desk = await makeDesk();
  good = await desk.repository("reroll");
  bad = await desk.repository("careless");
  goodMails = join(desk.dir, "good mails");
  badMails = join(desk.dir, "bad mails");
  for (const [repository, folder] of [
    [good, goodMails],
    [bad, badMails],
  ] as const) {
    await desk.git(repository, "format-patch", "-q", "--cover-letter", "-o", folder, "base");
    const cover = join(folder, "0000-cover-letter.patch");
    const text = readFileSync(cover, "utf8").replace("*** SUBJECT HERE ***", "block: clone ranges of a device");
    writeFileSync(cover, text.replace("*** BLURB HERE ***", "The device copies."));
  }
});
afterAll(() => desk?.close());
beforeEach(async () => {
  desk.sink.mails.length = 0;
  await bare();
});

describe.skipIf(!hasSendEmail)("git send-email with the hook (skipped without git-email)", () => {
  test("sends a clean series completely, and copylint says nothing", async () => {
    expect((await desk.copylint(good, "hook", "install")).code).toBe(0);
    const sent = await send(good, "--quiet", goodMails);
    expect(sent).toMatchObject({ code: 0, stderr: "" });
    // The rest is git's own.
    expect(sent.stdout.replace(/^Sent \[PATCH \d\/6\] .*\n/gm, "")).toBe("");
    expect(desk.sink.mails).toHaveLength(7);
    expect(desk.sink.mails[0]).toMatch(/^Subject: \[PATCH 0\/6\]/m);
    expect(desk.sink.mails[3]).toContain("\n+");
  });

  test("sends nothing of a series with errors, says why on one screen, and how to go on", async () => {
    await desk.copylint(bad, "hook", "install");
    const refused = await send(bad, badMails);
    expect(refused.code).not.toBe(0);
    expect(desk.sink.mails).toEqual([]);
    const said = refused.stderr.slice(0, refused.stderr.indexOf("fatal:")).trimEnd().split("\n");
    expect(said.length).toBeLessThanOrEqual(24);
    expect(Math.max(...said.map((text) => text.length))).toBeLessThanOrEqual(80);
    expect(said[0]).toMatch(/^copylint: \d errors? in "/);
    expect(said[1]).toMatch(/^ {2}error: block\/blk-lib\.c:\d+ \(3\/6\): /);
    expect(said.at(-3)).toMatch(/^\d+ more, /);
    expect(said.at(-2)).toBe(`  copylint check '${badMails}'`);
    expect(said.at(-1)).toContain("git send-email --no-validate");
    expect((await desk.run(bad, "sh", ["-c", said.at(-2)!])).code).toBe(1);

    expect((await send(bad, "--no-validate", badMails)).code).toBe(0);
    expect(desk.sink.mails).toHaveLength(7);
  });

  test("stops a range of commits, and names a command that still works afterwards", async () => {
    await desk.copylint(bad, "hook", "install");
    const refused = await send(bad, "-6");
    expect(refused.code).not.toBe(0);
    expect(desk.sink.mails).toEqual([]);
    const command = /^ {2}(copylint check [0-9a-f]{12}\^\.\.[0-9a-f]{12})$/m.exec(refused.stderr)?.[1];
    expect(command).toBeDefined();
    const run = await desk.run(bad, "sh", ["-c", command!]);
    expect(run.stdout).toMatch(/^6 patches, /m);
    expect(run.code).toBe(1);

    await desk.copylint(good, "hook", "install");
    expect((await send(good, "-6")).code).toBe(0);
    expect(desk.sink.mails).toHaveLength(6);
  });

  test("judges the level that was asked for", async () => {
    await desk.copylint(bad, "hook", "install", "--fail-on", "warning");
    expect((await send(bad, badMails)).stderr).toMatch(/^copylint: \d+ errors? and \d+ warnings? in /m);
    expect(desk.sink.mails).toEqual([]);
    const warned = join(top, "rules/deprecated-next-bio/cases/next-bio-pair.patch");
    await desk.copylint(bad, "hook", "install");
    expect((await send(bad, "--quiet", warned)).stderr).toBe("");
    await desk.copylint(bad, "hook", "install", "--fail-on", "check");
    expect((await send(bad, warned)).stderr).toMatch(/^copylint: 1 warning in /m);
    expect(desk.sink.mails).toHaveLength(1);
  });

  test("runs in a linked worktree and from a folder below the top", async () => {
    await desk.copylint(bad, "hook", "install");
    const tree = join(desk.dir, "other tree");
    await desk.git(bad, "worktree", "add", "-q", tree, "HEAD");
    expect((await send(join(tree, "block"), badMails)).stderr).toContain("copylint: ");
    expect((await desk.copylint(join(tree, "block"), "hook", "status")).stdout).toContain("git: installed");
    expect(desk.sink.mails).toEqual([]);
  });

  test("calls what was the hook before, once for each mail, and takes its no for one", async () => {
    const log = join(desk.dir, "former.log");
    script(hookOf(good), `echo "$GIT_DIR \${1##*/}" >> '${log}'`);
    await desk.copylint(good, "hook", "install");
    expect((await send(good, "--quiet", goodMails)).code).toBe(0);
    const names = mailsIn(goodMails).map((path) => basename(path));
    const calls = readFileSync(log, "utf8").trimEnd().split("\n");
    expect(calls).toEqual(names.map((name) => `${join(good, ".git")} ${name}`));
    expect(desk.sink.mails).toHaveLength(7);

    script(formerOf(good), "echo the former hook says no", "exit 3");
    const refused = await send(good, goodMails);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("the former hook says no");
    expect(desk.sink.mails).toHaveLength(7);
  });

  test("honours core.hooksPath, absolute or from the top of the tree", async () => {
    for (const [value, folder] of [
      [join(desk.dir, "far hooks"), join(desk.dir, "far hooks")],
      ["near/hooks", join(bad, "near/hooks")],
    ] as const) {
      await desk.git(bad, "config", "core.hooksPath", value);
      expect((await desk.copylint(join(bad, "block"), "hook", "install")).code).toBe(0);
      expect(existsSync(join(folder, "sendemail-validate"))).toBe(true);
      expect(existsSync(hookOf(bad))).toBe(false);
      expect((await send(bad, badMails)).stderr).toContain("copylint: ");
      await desk.copylint(bad, "hook", "uninstall");
      expect(existsSync(join(folder, "sendemail-validate"))).toBe(false);
    }
    await desk.git(bad, "config", "--unset", "core.hooksPath");
    await desk.run(bad, "rm", ["-rf", "near"]);
    expect(desk.sink.mails).toEqual([]);
  });

  test("sends what copylint cannot read, or fails at, and says so in a line", async () => {
    await desk.copylint(good, "hook", "install");
    const torn = join(desk.dir, "torn.patch");
    const [, , , patch = ""] = mailsIn(goodMails);
    const text = readFileSync(patch, "utf8").replace(/^\[?Subject: .*$/m, "Subject: [PATCH] torn");
    writeFileSync(torn, text.replace(/^(@@ -\d+,\d+ \+\d+,)\d+/m, "$1999"));
    const sent = await send(good, "--quiet", torn);
    expect(sent.stderr).toMatch(/^copylint: not checked, as it was not understood: .*torn\.patch.*\n$/);
    expect(desk.sink.mails).toHaveLength(1);

    writeHook(good, script(join(desk.dir, "failing"), "echo 'copylint: internal error while testing' >&2", "exit 4"));
    expect((await send(good, "--quiet", torn)).stderr).toBe("copylint: internal error while testing\n");
    writeHook(good, script(join(desk.dir, "not starting"), "exit 127"));
    expect((await send(good, "--quiet", torn)).stderr).toMatch(/^copylint: it could not be run \(exit code 127\).*\n$/);
    expect(desk.sink.mails).toHaveLength(3);
  });

  test("takes the copylint of the search path where its own is gone, and sends if that is gone, too", async () => {
    writeHook(bad, join(desk.dir, "moved away"));
    expect((await send(bad, badMails)).stderr).toContain("copylint: 3 errors");
    const bin = join(desk.dir, "bin/copylint");
    renameSync(bin, `${bin}.away`);
    try {
      const sent = await send(bad, "--quiet", badMails);
      expect(sent.stderr).toMatch(/^copylint: .*moved away is gone, so the series was not checked; .*\n$/);
      expect(desk.sink.mails).toHaveLength(7);
    } finally {
      renameSync(`${bin}.away`, bin);
    }
  });

  test("starts one process for a series, and one for each mail that is no part of a series", async () => {
    const once = noting("once");
    writeHook(good, once.path);
    expect((await send(good, "--quiet", goodMails)).code).toBe(0);
    expect(once.calls()).toHaveLength(1);
    const lone = join(desk.dir, "lone.patch");
    const text = readFileSync(mailsIn(goodMails)[1]!, "utf8");
    writeFileSync(lone, text.replace(/^Subject: \[PATCH 1\/6\] /m, "Subject: [PATCH] "));
    expect((await send(good, "--quiet", lone)).code).toBe(0);
    expect(once.calls()).toHaveLength(2);
  });
});

/** Calls the hook as git send-email does, for each file in turn up to the first no; git from 2.41 on says more. */
async function called(repository: string, files: readonly string[], how: "counted" | "plain"): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  const headers = join(desk.dir, "headers");
  writeFileSync(headers, "To: list@example.org\n");
  for (const [i, file] of files.entries()) {
    const counters = {
      GIT_SENDEMAIL_FILE_COUNTER: String(i + 1),
      GIT_SENDEMAIL_FILE_TOTAL: String(files.length),
    };
    const env = { GIT_DIR: join(repository, ".git"), ...(how === "counted" ? counters : {}) };
    const args = how === "counted" ? [file, headers] : [file];
    const done = await desk.run(repository, ".git/hooks/sendemail-validate", args, env);
    stdout += done.stdout;
    stderr += done.stderr;
    if (done.code !== 0) return { code: done.code, stdout, stderr };
  }
  return { code: 0, stdout, stderr };
}

describe("the script", () => {
  test.each(["counted", "plain"] as const)("judges the series once, at its last mail (%s)", async (how) => {
    const noted = noting(`noted-${how}`);
    writeHook(good, noted.path);
    expect(await called(good, mailsIn(goodMails), how)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(noted.calls()).toHaveLength(1);
    writeHook(bad, noted.path);
    const all = mailsIn(badMails);
    expect(await called(bad, all.slice(0, -1), "counted")).toMatchObject({ code: 1 });
    expect(await called(bad, all, how)).toMatchObject({ code: 1, stderr: "" });
    expect(noted.calls()).toHaveLength(3);
    expect(existsSync(join(bad, ".git/copylint-series"))).toBe(false);
  });

  test("with counters, judges what is sent and nothing else, wherever it lies", async () => {
    writeHook(bad, program);
    const all = mailsIn(badMails);
    const calm = all.filter((path) => !basename(path).startsWith("0003-"));
    expect(await called(bad, calm, "counted")).toEqual({ code: 0, stdout: "", stderr: "" });
    const elsewhere = join(desk.dir, "elsewhere/0003.patch");
    mkdirSync(dirname(elsewhere), { recursive: true });
    writeFileSync(elsewhere, readFileSync(all.find((path) => basename(path).startsWith("0003-"))!));
    const spread = await called(bad, [...calm, elsewhere], "counted");
    expect(spread.code).toBe(1);
    expect(spread.stdout).toContain("elsewhere/0003.patch");
  });

  test("with counters, forgets a series that was called off", async () => {
    const noted = noting("called-off");
    writeHook(good, noted.path);
    script(formerOf(good), "case $1 in *0004*) exit 1 ;; esac");
    expect((await called(good, mailsIn(badMails), "counted")).code).toBe(1);
    script(formerOf(good), "exit 0");
    expect(await called(good, mailsIn(goodMails), "counted")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(noted.calls()[0]).not.toContain(badMails);
  });

  test("with counters, looks beside the last mail where nothing can be kept", async () => {
    const noted = noting("unkept");
    writeHook(bad, noted.path);
    mkdirSync(join(bad, ".git/copylint-series"));
    try {
      expect((await called(bad, mailsIn(badMails), "counted")).code).toBe(1);
      expect(noted.calls()).toEqual([expect.stringMatching(/--siblings -- .*0006-[^ ]*$/)]);
    } finally {
      await desk.run(bad, "rmdir", [".git/copylint-series"]);
    }
  });

  test("without counters, takes the last part that is there, and no other version for a part", async () => {
    const noted = noting("last-there");
    writeHook(bad, noted.path);
    const folder = join(desk.dir, "outgoing");
    mkdirSync(folder);
    const parts = mailsIn(badMails).slice(0, 5);
    for (const path of parts) writeFileSync(join(folder, basename(path)), readFileSync(path));
    // An older clean version, with more parts, lies in the same folder.
    await desk.git(good, "format-patch", "-q", "-v", "2", "-o", folder, "base");
    writeFileSync(join(folder, "notes.txt"), "Subject: [PATCH 6/6] no mail\n");
    const files = parts.map((path) => join(folder, basename(path)));
    expect((await called(bad, files.slice(0, 4), "plain")).code).toBe(0);
    expect(noted.calls()).toEqual([]);
    const refused = await called(bad, files, "plain");
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain("copylint: 3 errors");
    expect(noted.calls()).toHaveLength(1);
    const newer = mailsIn(folder).filter((path) => basename(path).startsWith("v2-"));
    expect(await called(bad, newer, "plain")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(noted.calls()).toHaveLength(2);
  });

  test("reads the part from any form of the brackets", async () => {
    const noted = noting("brackets");
    writeHook(good, noted.path);
    const folder = join(desk.dir, "all brackets");
    mkdirSync(folder);
    const forms = ["[PATCH v3 %/2]", "[RFC][PATCH %/2]", "[PATCH RESEND for-6.10/block 0%/02]", "[%/2]"];
    for (const [i, form] of forms.entries()) {
      const files = [1, 2].map((n) => join(folder, `${i}-${n}.patch`));
      for (const [k, file] of files.entries())
        writeFileSync(
          file,
          `From: a@example.org\nSubject: ${form.replaceAll("%", String(k + 1))} 3/4 * of it\n\ntext\n`,
        );
      expect(await called(good, files, "plain"), form).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(noted.calls(), form).toHaveLength(i + 1);
    }
  });
});

describe("hook install and uninstall", () => {
  test("put back byte for byte what was there, a link for a link", async () => {
    script(hookOf(good), "exit 0 # mine");
    chmodSync(hookOf(good), 0o744);
    const before = readFileSync(hookOf(good));
    expect((await desk.copylint(good, "hook", "install")).stdout).toContain("the hook that was there runs first");
    // A second time is the same as once, and replaces the settings.
    await desk.copylint(good, "hook", "install", "--fail-on", "check");
    expect(readFileSync(hookOf(good), "utf8")).toContain("level=check");
    expect((await desk.copylint(good, "hook", "status")).stdout).toMatch(/stops at all findings\n {2}\S+ runs first\n/);
    expect((await desk.copylint(good, "hook", "uninstall")).stdout).toContain("is back");
    expect(readFileSync(hookOf(good)).equals(before)).toBe(true);
    expect(lstatSync(hookOf(good)).mode & 0o777).toBe(0o744);
    expect(existsSync(formerOf(good))).toBe(false);

    await desk.run(good, "rm", [hookOf(good)]);
    symlinkSync("../../scripts/hook that is not there", hookOf(good));
    await desk.copylint(good, "hook", "install");
    await desk.copylint(good, "hook", "uninstall");
    expect(readlinkSync(hookOf(good))).toBe("../../scripts/hook that is not there");
  });

  test("leave a hook alone that is not theirs, or was edited", async () => {
    script(hookOf(good), "exit 0 # mine");
    const mine = readFileSync(hookOf(good));
    expect((await desk.copylint(good, "hook", "uninstall")).stdout).toBe("nothing of copylint is installed there\n");
    expect((await desk.copylint(good, "hook", "status")).stdout).toContain("is another hook");
    expect(readFileSync(hookOf(good)).equals(mine)).toBe(true);

    script(formerOf(good), "exit 0 # older");
    const twice = await desk.copylint(good, "hook", "install");
    expect(twice).toMatchObject({ code: 2, stdout: "" });
    expect(twice.stderr).toMatch(/^copylint: .*before-copylint is there already.*\n$/);
    expect(readFileSync(hookOf(good)).equals(mine)).toBe(true);

    await bare();
    await desk.copylint(good, "hook", "install");
    appendFileSync(hookOf(good), "echo more\n");
    const edited = readFileSync(hookOf(good));
    for (const action of ["install", "uninstall"]) {
      const refused = await desk.copylint(good, "hook", action);
      expect(refused).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr).toMatch(/^copylint: .*sendemail-validate was edited after copylint wrote it; .*\n$/);
      expect(readFileSync(hookOf(good)).equals(edited)).toBe(true);
    }
    expect((await desk.copylint(good, "hook", "status")).stdout).toContain("it was edited");
  });

  test("for all repositories need core.hooksPath, and say so", async () => {
    const refused = await desk.copylint(good, "hook", "install", "--global");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/^copylint: git has no folder for hooks of all your repositories; .*hooksPath.*\n$/);

    await desk.git(good, "config", "--global", "core.hooksPath", "~/all hooks");
    const path = join(desk.dir, "all hooks/sendemail-validate");
    try {
      expect((await desk.copylint(desk.dir, "hook", "install", "--global")).code).toBe(0);
      expect(existsSync(path)).toBe(true);
      expect((await desk.copylint(desk.dir, "hook", "status", "--global")).stdout).toContain("git: installed");
      expect((await desk.copylint(good, "hook", "status")).stdout).toContain("core.hooksPath of all your repositories");
      expect((await desk.copylint(desk.dir, "hook", "uninstall", "--global")).code).toBe(0);
      expect(existsSync(path)).toBe(false);
    } finally {
      await desk.git(good, "config", "--global", "--unset", "core.hooksPath");
    }
  });

  test("say when git would not run the hook", async () => {
    await desk.git(good, "config", "sendemail.validate", "false");
    expect((await desk.copylint(good, "hook", "install")).stdout).toContain("sendemail.validate is false");
    await desk.git(good, "config", "--unset", "sendemail.validate");
    chmodSync(hookOf(good), 0o644);
    expect((await desk.copylint(good, "hook", "status")).stdout).toContain("it is not executable");
  });

  test("outside of a repository, or asked for something else, are refused in a line", async () => {
    const outside = await desk.copylint(desk.dir, "hook", "install");
    expect(outside.code).toBe(2);
    expect(outside.stderr).toMatch(/^copylint: git says: not a git repository.*\n$/);
    const other = await desk.copylint(good, "hook", "instal");
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/^copylint: .*'instal'.*install, uninstall, status.*\n$/);
    expect((await desk.copylint(good, "hook", "install", "--local", "--global")).code).toBe(2);
  });
});
