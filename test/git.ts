import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Whether the oracle is there; tests that need it are skipped by name without it. */
export const hasGit = spawnSync("git", ["--version"]).status === 0;

/** Settings of whoever runs the tests must not change what git does. */
const env = (() => {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return {
    ...Object.fromEntries(kept),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "A Author",
    GIT_AUTHOR_EMAIL: "author@example.org",
    GIT_COMMITTER_NAME: "A Author",
    GIT_COMMITTER_EMAIL: "author@example.org",
    GIT_AUTHOR_DATE: "2024-05-01T12:00:00Z",
    GIT_COMMITTER_DATE: "2024-05-01T12:00:00Z",
    LC_ALL: "C",
  };
})();

/** Runs git and returns its output; throws if it fails, unless `allow` names the exit code. */
export function git(cwd: string, args: readonly string[], input: string | Uint8Array = "", allow = 0): Buffer {
  const done = spawnSync("git", [...args], { cwd, env, input, maxBuffer: 1 << 28 });
  if (done.status !== 0 && done.status !== allow) throw new Error(`git ${args[0]}: ${done.stderr}`);
  return done.stdout;
}

/** An empty folder that goes when the callback is through. */
export function inTemporary<T>(use: (dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), "copylint-test-"));
  const clean = () => rmSync(dir, { recursive: true, force: true });
  let result: T;
  try {
    result = use(dir);
  } catch (error) {
    clean();
    throw error;
  }
  if (result instanceof Promise) return result.finally(clean) as T;
  clean();
  return result;
}

export function write(dir: string, path: string, content: string | Uint8Array): string {
  const full = join(dir, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
}

/** What `git mailinfo` makes of a mail: the message, and everything from the `---` on. */
export function mailinfo(dir: string, mail: Uint8Array | string): { message: string; patch: Buffer; info: string } {
  const info = execFileSync("git", ["mailinfo", "msg", "patch"], {
    cwd: dir,
    env,
    input: mail,
  });
  return {
    message: readFileSync(join(dir, "msg"), "utf8"),
    patch: readFileSync(join(dir, "patch")),
    info: info.toString(),
  };
}

export interface Counts {
  readonly path: string;
  readonly added: number;
  readonly deleted: number;
}

/** `git apply --numstat`; binary files count as 0 and 0. */
export function numstat(dir: string, patch: Uint8Array | string): Counts[] {
  return git(dir, ["apply", "--numstat", "-z", "-"], patch)
    .toString("utf8")
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const [added, deleted, ...path] = line.split("\t");
      return { path: path.join("\t"), added: Number(added) || 0, deleted: Number(deleted) || 0 };
    });
}
