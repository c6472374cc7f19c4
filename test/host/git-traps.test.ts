import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { commandWords } from "../../src/cli/program.ts";
import { openArchive } from "../../src/host/archive.ts";
import { diffOf, readRange, readWorkingTree, worktreeOf } from "../../src/host/git.ts";
import { topFolder } from "../../src/host/hooks.ts";
import { copylint, program } from "../cli/quarry.ts";
import { git, hasGit, inTemporary, write } from "../git.ts";
import { driver, makeWorld, places, type World } from "./traps.ts";

let world: World;
const made = hasGit ? mkdtempSync(join(tmpdir(), "copylint-traps-")) : "";
beforeAll(() => {
  if (hasGit) world = makeWorld(made);
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

/** Runs the program in a place, with variables that name traps as well. */
function inPlace(cwd: string, ...args: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = copylint(args, { cwd, env: world.env });
  return { code: status, out: stdout, err: stderr };
}

/** What the language server finds in files that are opened, by file. */
async function diagnostics(files: readonly string[]): Promise<Map<string, readonly { readonly code: string }[]>> {
  const child = spawn(process.execPath, [program, "lsp", "--stdio", "--base", "start"], {
    cwd: world.dir,
    env: { ...process.env, ...world.env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const rpc = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  const seen = new Map<string, readonly { readonly code: string }[]>();
  const all = new Promise<void>((done) => {
    child.once("exit", () => done());
    rpc.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics: found }) => {
      seen.set(uri, found);
      if (seen.size === files.length) done();
    });
  });
  rpc.listen();
  await rpc.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
  for (const file of files) {
    const textDocument = {
      uri: pathToFileURL(file).href,
      languageId: "c",
      version: 1,
      text: readFileSync(file, "utf8"),
    };
    await rpc.sendNotification("textDocument/didOpen", { textDocument });
  }
  await all;
  child.kill();
  rpc.dispose();
  return seen;
}

const rule = "deprecated-next-bio";
const source = "block/blk-lib.c";

/** What each command is asked for in the repositories of the world, and that it answers as it does anywhere. */
const answers: Readonly<Record<string, () => void | Promise<void>>> = {
  check: () => {
    for (const place of places)
      expect(inPlace(world.at(place), "check", "--no-run", "start..")).toMatchObject({
        code: 1,
        out: expect.stringContaining(`warning ${rule}: `),
      });
    // What is no range is read without git.
    expect(inPlace(world.at("super"), "check", "--no-run", "--tree", ".", world.mail).out).toContain(rule);
  },
  ci: () => {
    expect(inPlace(world.at("super"), "ci", "--plain", "--base", "start", "--no-run").out).toContain(rule);
  },
  inbox: () => {
    const [all, since] = [join(world.dir, "drafts"), join(world.dir, "more drafts")];
    const two = inPlace(world.dir, "inbox", "inbox", "--output-dir", all, "--no-run", "--jobs", "2");
    expect(two.err + two.out).toContain("1 series: 1 reviewed, 1 with findings");
    const one = inPlace(world.inbox, "inbox", ".", "--output-dir", since, "--no-run", "--since", "HEAD~1", "--close");
    expect(one.err + one.out).toContain("1 new mail, 1 series");
  },
  config: () => expect(inPlace(world.at("sub"), "config").out).toContain("no configuration file"),
  fix: () => {
    for (const place of ["super", "sub", "linked"] as const) {
      const path = join(world.at(place), source);
      const text = readFileSync(path);
      expect(inPlace(world.at(place), "fix", "--no-run", "start..").out).toContain(`edited ${source}\n`);
      expect(readFileSync(path, "utf8")).toContain("bio_chain_and_submit(");
      writeFileSync(path, text);
    }
    world.touch();
    const out = join(world.dir, "fixups");
    expect(inPlace(world.at("linked"), "fix", "--no-run", "--output-dir", out, "--patches", "start..").out).toContain(
      "1 fix in 1 patch",
    );
  },
  list: () => expect(inPlace(world.at("super"), "list").out).toContain(rule),
  explain: () => expect(inPlace(world.at("super"), "explain", rule).out).toContain("blk_next_bio"),
  hook: () => {
    for (const place of ["sub", "linked"] as const) {
      const top = world.at(place);
      // Where git itself takes hooks from, as the configuration or the place of the repository says.
      const path = git(top, ["rev-parse", "--path-format=absolute", "--git-path", "hooks/sendemail-validate"])
        .toString()
        .trim();
      expect(inPlace(join(top, "block"), "hook", "install")).toMatchObject({ code: 0, err: "" });
      expect(existsSync(path)).toBe(true);
      expect(inPlace(top, "hook", "status", "git").out).toContain("git: installed as ");
      expect(inPlace(top, "hook", "uninstall", "git").out).toMatch(/^removed /);
      expect(existsSync(path)).toBe(false);
    }
    expect(inPlace(world.at("super"), "hook", "install", "b4").out).toContain("installed for b4");
    expect(inPlace(world.at("super"), "hook", "uninstall").out).toContain("removed copylint from the checks of b4");
    expect(inPlace(world.inbox, "hook", "status").out).toBe("git: not installed\nb4: not installed\n");
  },
  "pre-send": () => {
    const top = world.at("store");
    expect(inPlace(top, "pre-send", "--fail-on", "warning", world.mail)).toMatchObject({
      code: 1,
      out: expect.stringContaining("copylint: 1 warning in "),
    });
    inPlace(top, "hook", "install", "--fail-on", "warning");
    const hook = join(top, ".git/hooks/sendemail-validate");
    // The hook names the program by its path; the path of whoever sends is their own.
    const env = { ...process.env, ...world.env, PATH: process.env.PATH };
    const said = spawnSync(hook, [world.mail], { cwd: top, env, encoding: "utf8" });
    expect(said.stdout).toContain("copylint: 1 warning in ");
    expect(said.status).toBe(1);
    inPlace(top, "hook", "uninstall");
  },
  "new-rule": () =>
    expect(inPlace(world.at("super"), "new-rule", "a-rule").err).toContain("not a checkout of copylint"),
  facts: () => expect(inPlace(world.at("sub"), "facts", "start..").out).toContain("operation REQ_OP_COPY_DST"),
  run: () => {
    expect(inPlace(world.at("linked"), "run", "start..", "--list").out).toContain("blkdev_issue_copy() ");
    expect(inPlace(world.at("super"), "run", "start..", "--function", "blkdev_issue_copy").out).toContain(
      "run: blkdev_issue_copy(), ",
    );
  },
  model: () => expect(inPlace(world.at("super"), "model").code).toBe(0),
  lsp: async () => {
    const files = places.map((place) => join(world.at(place), source));
    const seen = await diagnostics(files);
    for (const file of files)
      expect(
        seen.get(pathToFileURL(file).href)?.map(({ code }) => code),
        file,
      ).toContain(rule);
  },
  completion: () => expect(inPlace(world.at("super"), "completion", "bash").out).toContain("complete "),
  man: () => expect(inPlace(world.at("super"), "man").out).toContain(".TH "),
};

describe.skipIf(!hasGit)("in repositories that name programs wherever git would run one", () => {
  afterEach(() => {
    expect(world.ran()).toEqual([]);
  });

  const names = commandWords("").commands.map(({ name }) => name);

  test("every command is tried", () => expect(Object.keys(answers)).toEqual(names));

  test.each(Object.keys(answers))("%s answers, and nothing of them is run", (name) => answers[name]!());
});

/** Runs git as a user would, who is asked nothing. */
function plainly(cwd: string, command: string, more: NodeJS.ProcessEnv = {}): void {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  const user = {
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a",
  };
  const own = { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_TERMINAL_PROMPT: "0", TERM: "vt100" };
  const env = { ...Object.fromEntries(kept), ...user, ...own, ...more };
  spawnSync("sh", ["-c", command], { cwd, env, stdio: ["ignore", "ignore", "ignore"] });
}

// Behind the others, as what git does here changes the repositories.
test.skipIf(!hasGit)("there is none of these programs that git would not run", () => {
  const anywhere = [
    `git cat-file -p ${world.missing}`,
    "git update-ref refs/x HEAD",
    // A pager is for terminals.
    "script -qec 'git log' /dev/null",
    "PATH=.:$PATH; git status",
  ];
  // A filter that does not answer makes git give up before it comes to anything else, also if it is that of a submodule.
  const silent = `git ${places.map((place) => `-c filter.${driver(place)}-too.process=`).join(" ")}`;
  for (const place of places) {
    world.touch();
    const commands = [
      "git status",
      `${silent} status`,
      `${silent} diff start`,
      `${silent} diff start block`,
      `${silent} diff --no-ext-diff start`,
      "git log -1 -p",
      `${silent} fetch --no-recurse-submodules ${world.inbox}`,
      `${silent} commit --allow-empty`,
      `${silent} commit --allow-empty --no-verify`,
      "echo url=https://example.invalid/ | git credential fill",
      `rm ${source}; ${silent} checkout -- block`,
      ...anywhere,
    ];
    for (const command of commands) plainly(world.at(place), command);
  }
  for (const command of ["git log -p --ext-diff", ...anywhere]) plainly(world.inbox, command);
  const env = { ...world.env, PATH: process.env.PATH };
  for (const command of [`${silent} diff start`, `git cat-file -p ${world.missing}`, "git status"])
    plainly(world.at("super"), command, env);
  const ran = world.ran();
  expect(world.traps.filter((name) => !ran.includes(name))).toEqual([]);
});

/** A repository with a commit, and a program that leaves a file when it is run. */
function inYard(
  use: (yard: { readonly top: string; readonly trap: string; readonly ran: () => boolean }) => void,
): void {
  inTemporary((folder) => {
    const dir = realpathSync(folder);
    const top = join(dir, "linux");
    mkdirSync(top);
    git(top, ["init", "-q", "-b", "main"]);
    write(top, "a.c", "int a;\n");
    git(top, ["add", "-A"]);
    git(top, ["commit", "-q", "-m", "one"]);
    const trap = write(dir, "trap", `#!/bin/sh\n: > '${dir}/ran'\ncat\n`);
    chmodSync(trap, 0o755);
    use({ top, trap, ran: () => existsSync(join(dir, "ran")) });
  });
}

describe.skipIf(!hasGit)("a filter", () => {
  test.each([
    ["without a name", "", true],
    ["with quotes in its name", 'it\'s"x"', true],
    ["whose name has a =", "a=b", false],
    ["whose name is no text", Buffer.from([0xff]), false],
  ] as const)("%s is not run, also if that means to read nothing", (_, name, readable) => {
    inYard(({ top, trap, ran }) => {
      const raw = Buffer.from(name);
      const quoted = Buffer.from(raw.toString("latin1").replace(/"/g, '\\"'), "latin1");
      const config = Buffer.concat([Buffer.from('[filter "'), quoted, Buffer.from(`"]\n\tclean = ${trap}\n`)]);
      writeFileSync(join(top, ".git/config"), config, { flag: "a" });
      write(top, ".git/info/attributes", Buffer.concat([Buffer.from("*.c filter="), raw, Buffer.from("\n")]));
      // Now git cannot tell by its time whether the file has changed.
      utimesSync(join(top, ".git/index"), 1, 1);
      if (readable) expect(readWorkingTree(top, "HEAD")).toMatchObject({ top, touched: [] });
      else expect(() => readWorkingTree(top, "HEAD")).toThrow("a filter that cannot be switched off");
      expect(ran()).toBe(false);
      plainly(top, "git status");
      expect(ran()).toBe(true);
    });
  });

  test("is not run where the folder for temporary files lies in a repository", () => {
    inYard(({ top, trap, ran }) => {
      git(top, ["config", "filter.x.clean", trap]);
      git(top, ["config", "diff.external", trap]);
      write(top, ".git/info/attributes", "* filter=x\n");
      mkdirSync(join(top, "tmp"));
      const before = process.env.TMPDIR;
      process.env.TMPDIR = join(top, "tmp");
      try {
        expect(diffOf([{ path: "b.c", before: "1\n", after: "2\n" }])).toContain("\n-1\n+2\n");
      } finally {
        if (before === undefined) delete process.env.TMPDIR;
        else process.env.TMPDIR = before;
      }
      expect(ran()).toBe(false);
      write(top, "tmp/x", "1\n");
      plainly(join(top, "tmp"), "git diff --no-index --no-ext-diff x ../a.c");
      expect(ran()).toBe(true);
    });
  });
});

describe.skipIf(!hasGit)("a repository", () => {
  test("of somebody else is refused as git refuses it", () => {
    inYard(({ top }) => {
      const real = spawnSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).stdout.trim();
      const other = write(top, "../bin/git", `#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec '${real}' "$@"\n`);
      chmodSync(other, 0o755);
      const before = process.env.PATH;
      process.env.PATH = `${dirname(other)}${delimiter}${before}`;
      try {
        for (const read of [
          () => readRange("HEAD~1..HEAD", top),
          () => readWorkingTree(top, "HEAD"),
          () => openArchive(join(top, ".git")),
          () => topFolder(top),
        ])
          expect(read).toThrow("git refuses this repository, as somebody else owns it");
      } finally {
        process.env.PATH = before;
      }
    });
  });

  test("does not lead to a work tree elsewhere", () => {
    inYard(({ top }) => {
      expect(worktreeOf("HEAD..", top)?.top).toBe(top);
      for (const elsewhere of [dirname(top), "/"]) {
        git(top, ["config", "core.worktree", elsewhere]);
        expect(worktreeOf("HEAD..", top)).toBeUndefined();
        expect(() => readWorkingTree(top, "HEAD")).toThrow("the work tree of this repository is elsewhere");
      }
    });
  });
});
