import { execFile, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sink, startSink } from "../smtp.ts";
import { program } from "./quarry.ts";

const top = new URL("../..", import.meta.url).pathname;

/** Whether git send-email is there; it is a package of its own. */
export const hasSendEmail = (() => {
  const path = spawnSync("git", ["--exec-path"], { encoding: "utf8" }).stdout?.trim() ?? "";
  return path !== "" && spawnSync("test", ["-x", join(path, "git-send-email")]).status === 0;
})();

/** What a program left. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place to send series from: a home of its own, a mail server, and `copylint` in the search path. */
export interface Desk {
  /** A new folder, with a space in its name. */
  readonly dir: string;
  readonly sink: Sink;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a program to its end, without standard input. */
  readonly run: (cwd: string, command: string, args: readonly string[], env?: Record<string, string>) => Promise<Ended>;
  readonly git: (cwd: string, ...args: readonly string[]) => Promise<string>;
  readonly copylint: (cwd: string, ...args: readonly string[]) => Promise<Ended>;
  /** Makes a repository of the stage with a bundled series on top of its tag `base`; returns its folder. */
  readonly repository: (series: string, name?: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Runs a program without blocking this process, which is the mail server. */
function runIn(cwd: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(command, [...args], { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 255;
      resolve({ code, stdout, stderr: error !== null && typeof error.code === "string" ? error.message : stderr });
    });
    child.stdin?.end();
  });
}

export async function makeDesk(): Promise<Desk> {
  const dir = join(realpathSync(mkdtempSync(join(tmpdir(), "copylint-test-"))), "my desk");
  mkdirSync(join(dir, "bin"), { recursive: true });
  const sink = await startSink();
  const config = `[user]
	name = A Author
	email = author@example.org
[sendemail]
	smtpServer = 127.0.0.1
	smtpServerPort = ${sink.port}
	to = list@example.org
	confirm = never
	suppressCc = all
[init]
	defaultBranch = main
[protocol "file"]
	allow = always
`;
  writeFileSync(join(dir, "gitconfig"), config);
  // A link would do but for the path that the program knows itself by, which is that of the link.
  writeFileSync(join(dir, "bin/copylint"), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(join(dir, "bin/copylint"), 0o755);
  const kept = Object.entries(process.env).filter(([name]) => !/^GIT_|^(?:NO|FORCE)_COLOR$|^EMAIL$/.test(name));
  const env: Record<string, string> = {
    ...(Object.fromEntries(kept) as Record<string, string>),
    HOME: dir,
    PATH: `${join(dir, "bin")}:${process.env.PATH ?? ""}`,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: join(dir, "gitconfig"),
    GIT_AUTHOR_DATE: "2024-05-01T12:00:00Z",
    GIT_COMMITTER_DATE: "2024-05-01T12:00:00Z",
    LC_ALL: "C",
  };
  const run: Desk["run"] = (cwd, command, args, more = {}) => runIn(cwd, command, args, { ...env, ...more });
  const git: Desk["git"] = async (cwd, ...args) => {
    const done = await run(cwd, "git", args);
    if (done.code !== 0) throw new Error(`git ${args.join(" ")}: ${done.stderr}${done.stdout}`);
    return done.stdout;
  };
  return {
    dir,
    sink,
    env,
    run,
    git,
    copylint: (cwd, ...args) => run(cwd, process.execPath, [program, ...args]),
    repository: async (series, name = series) => {
      const path = join(dir, name);
      cpSync(join(top, "fixtures/stage"), path, { recursive: true });
      await git(path, "init", "-q");
      await git(path, "add", "-A");
      await git(path, "commit", "-q", "-m", "stage");
      await git(path, "tag", "base");
      const folder = join(top, "fixtures/series", series);
      const patches = readdirSync(folder).filter((file) => /^(?!0000).*\.patch$/.test(file));
      await git(path, "am", "-q", ...patches.sort().map((file) => join(folder, file)));
      return path;
    },
    close: async () => {
      await sink.close();
      rmSync(join(dir, ".."), { recursive: true, force: true });
    },
  };
}

/** The files of a folder that git send-email would send, in its order. */
export const mailsIn = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
