import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Desk, mailsIn, makeDesk } from "./sending.ts";

const hasB4 = spawnSync("b4", ["--version"]).status === 0;
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const caller = join(import.meta.dirname, "b4-caller.py");

let desk: Desk;
let [repository, config, folder] = ["", "", ""];
let pristine: Buffer;

const keys = ["b4.prep-perpatch-check-cmd", "b4.am-perpatch-check-cmd"] as const;

/** The values of a key as git sees them. */
async function values(key: string): Promise<string[]> {
  const { stdout } = await desk.run(repository, "git", ["config", "-z", "--get-all", key]);
  return stdout.split("\0").slice(0, -1);
}

/** What b4 would say of patches, a line each. */
async function checked(kind: "prep" | "am", ...files: readonly string[]): Promise<string[]> {
  const run = await desk.run(repository, "python3", [caller, kind, ...files]);
  expect(run.stderr).toBe("");
  return run.stdout.trimEnd().split("\n");
}

/** A checkpatch that notes its options and finds one thing in each patch. */
function checkpatch(): void {
  const path = join(repository, "scripts/checkpatch.pl");
  mkdirSync(join(repository, "scripts"), { recursive: true });
  writeFileSync(path, '#!/bin/sh\ncat > /dev/null\necho "WARNING: checkpatch $*"\n');
  chmodSync(path, 0o755);
}

beforeAll(async () => {
  desk = await makeDesk();
  repository = await desk.repository("careless");
  config = join(repository, ".git/config");
  pristine = readFileSync(config);
  folder = join(desk.dir, "patches");
  await desk.git(repository, "format-patch", "-q", "-o", folder, "base");
});
afterAll(() => desk?.close());
afterEach(() => {
  writeFileSync(config, pristine);
  for (const name of ["scripts", ".b4-config"]) rmSync(join(repository, name), { recursive: true, force: true });
});

describe.skipIf(!hasPython)("a check of b4 (skipped without python3)", () => {
  test("gives patches with errors a failure, and clean ones a pass", async () => {
    expect((await desk.copylint(repository, "hook", "install", "b4")).code).toBe(0);
    for (const kind of ["prep", "am"] as const) {
      const lines = await checked(kind, ...mailsIn(folder));
      expect(lines.filter((line) => line.endsWith(": pass"))).toHaveLength(5);
      expect(lines.filter((line) => line.includes(": fail "))).not.toEqual([]);
      for (const line of lines.filter((text) => !text.endsWith(": pass")))
        expect(line).toMatch(/^0003-\S+: (?:fail ERROR|warning (?:WARNING|CHECK)): block\/blk-lib\.c:\d+: /);
    }
  });

  test("lets checkpatch run as b4 would", async () => {
    checkpatch();
    await desk.copylint(repository, "hook", "install", "b4");
    const [first = ""] = mailsIn(folder);
    expect(await checked("prep", first)).toEqual([
      expect.stringMatching(/: warning WARNING: checkpatch -q --terse --no-summary --mailback --showfile$/),
    ]);
    expect(await checked("am", first)).toEqual([
      expect.stringMatching(/: warning WARNING: checkpatch -q --terse --no-summary --mailback$/),
    ]);
  });

  test("comes to what the project and the user have set, and does not repeat it", async () => {
    checkpatch();
    writeFileSync(join(repository, ".b4-config"), "[b4]\n\tprep-perpatch-check-cmd = echo from the project\n");
    await desk.git(repository, "config", "b4.am-perpatch-check-cmd", "echo from the user");
    await desk.copylint(repository, "hook", "install", "b4");
    const [first = ""] = mailsIn(folder);
    expect(await checked("prep", first)).toEqual([expect.stringMatching(/: warning from the project$/)]);
    expect(await checked("am", first)).toEqual([expect.stringMatching(/: warning from the user$/)]);
    const third = mailsIn(folder)[2] ?? "";
    expect((await checked("prep", third)).length).toBeGreaterThan(1);
    expect((await checked("am", third)).length).toBeGreaterThan(1);
  });

  test("that is gone is a warning, and no end of b4", async () => {
    await desk.copylint(repository, "hook", "install", "b4");
    for (const key of keys) {
      const [command = ""] = (await values(key)).filter((value) => value.includes("--format b4"));
      const moved = command.replace(/ \S+$/, " '/nowhere/it is'");
      await desk.git(repository, "config", "--unset-all", key);
      await desk.git(repository, "config", key, moved);
    }
    expect(await checked("am", mailsIn(folder)[2] ?? "")).toEqual([
      expect.stringMatching(/: warning WARNING: \/nowhere\/it is is gone, so copylint did not check this$/),
    ]);
  });
});

describe("hook install b4 and hook uninstall b4", () => {
  test("leave the configuration byte for byte as it was", async () => {
    const own = `[b4]
	# mine
	send-same-thread = yes
	prep-perpatch-check-cmd = ./scripts/checkpatch.pl -q --terse --no-summary --mailback --showfile
[user]
	signingKey = none
`;
    for (const text of [pristine.toString(), `${pristine}${own}`]) {
      writeFileSync(config, text);
      await desk.copylint(repository, "hook", "install", "b4");
      expect(readFileSync(config, "utf8")).not.toBe(text);
      expect((await desk.copylint(repository, "hook", "status")).stdout).toMatch(/^b4: installed in .* as b4\.prep-/m);
      expect((await desk.copylint(repository, "hook", "uninstall")).stdout).toContain("removed copylint");
      expect(readFileSync(config, "utf8")).toBe(text);
    }
  });

  test("twice are the same as once", async () => {
    await desk.copylint(repository, "hook", "install", "b4");
    const once = readFileSync(config, "utf8");
    await desk.copylint(repository, "hook", "install", "b4");
    expect(readFileSync(config, "utf8")).toBe(once);
    for (const key of keys) expect(await values(key)).toHaveLength(2);
  });

  test("work for all repositories, and leave the single one alone", async () => {
    const before = readFileSync(join(desk.dir, "gitconfig"), "utf8");
    expect((await desk.copylint(desk.dir, "hook", "install", "b4", "--global")).code).toBe(0);
    for (const key of keys) expect(await values(key)).toHaveLength(2);
    expect((await desk.copylint(repository, "hook", "install", "b4")).stdout).toContain("installed already");
    expect(readFileSync(config).equals(pristine)).toBe(true);
    expect((await desk.copylint(repository, "hook", "status", "b4")).stdout).toBe("b4: not installed\n");
    expect((await desk.copylint(desk.dir, "hook", "uninstall", "--global")).code).toBe(0);
    expect(readFileSync(join(desk.dir, "gitconfig"), "utf8")).toBe(before);
  });
});

describe.skipIf(!hasB4 || !hasPython)("what the real b4 writes (skipped without b4)", () => {
  // b4 looks for its cover letter in recent commits only.
  const today = { GIT_AUTHOR_DATE: "", GIT_COMMITTER_DATE: "" };
  const b4 = (...args: readonly string[]) => desk.run(repository, "b4", ["-n", "--offline-mode", ...args], today);

  test("as patches of b4 prep is checked one by one, and as a folder", async () => {
    await desk.copylint(repository, "hook", "install", "b4");
    const tip = (await desk.git(repository, "rev-parse", "HEAD")).trim();
    expect((await b4("prep", "-n", "clones", "-f", "base")).code).toBe(0);
    expect((await desk.run(repository, "git", ["cherry-pick", `base..${tip}`], today)).code).toBe(0);
    const out = join(desk.dir, "from prep");
    expect(await b4("prep", "-p", out)).toMatchObject({ code: 0 });
    const patches = mailsIn(out).filter((path) => !path.includes("/0000-"));
    expect(patches).toHaveLength(6);
    const lines = await checked("prep", ...patches);
    expect(lines.filter((line) => line.endsWith(": pass"))).toHaveLength(5);
    expect(lines.some((line) => /^0003-\S+: fail ERROR: /.test(line))).toBe(true);
    const whole = await desk.copylint(repository, "check", out);
    expect(whole.stdout).toMatch(/^6 patches, /m);
    expect(whole.code).toBe(1);
  });

  test("as the mbox of b4 am is checked one by one, and whole", async () => {
    await desk.copylint(repository, "hook", "install", "b4");
    const thread = join(desk.dir, "thread.mbox");
    writeFileSync(thread, await desk.git(repository, "format-patch", "--thread", "--stdout", "-6"));
    const id = /^Message-Id: <(.*)>$/im.exec(readFileSync(thread, "utf8"))?.[1] ?? "";
    const out = join(desk.dir, "from am");
    mkdirSync(out);
    expect((await b4("am", "-T", "-m", thread, "-o", out, id)).code).toBe(0);
    const mbx = readdirSync(out).filter((name) => name.endsWith(".mbx"));
    expect(mbx).toHaveLength(1);
    const lines = await checked("am", join(out, mbx[0] ?? ""));
    expect(lines.filter((line) => line.endsWith(": pass"))).toHaveLength(5);
    expect(lines.some((line) => line.startsWith("[PATCH 3/6]") && line.includes(": fail ERROR: "))).toBe(true);
    const whole = await desk.copylint(repository, "check", join(out, mbx[0] ?? ""));
    expect(whole.stdout).toMatch(/^6 patches, /m);
  });
});
