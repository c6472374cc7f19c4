import { describe, expect, test } from "vitest";
import { gitTree, readRange } from "../../src/host/git.ts";
import { GitError } from "../../src/host/git-process.ts";
import { git, hasGit, inTemporary, write } from "../git.ts";

const commit = (dir: string, files: Readonly<Record<string, string>>, message: string) => {
  for (const [path, text] of Object.entries(files)) write(dir, path, text);
  git(dir, ["add", "-A"]);
  git(dir, ["commit", "-q", "-m", message]);
  return git(dir, ["rev-parse", "HEAD"]).toString().trim();
};

/** main and topic leave each other after the first commit. */
function repository(dir: string): string {
  git(dir, ["init", "-q", "-b", "main"]);
  const base = commit(dir, { "a.c": "one\ntwo\n", "b.c": "b\n" }, "base");
  commit(dir, { "a.c": "main\none\ntwo\n" }, "on main");
  git(dir, ["checkout", "-q", "-b", "topic", base]);
  commit(dir, { "a.c": "one\ntwo\nthree\n" }, "add three\n\nWhy it is added.\n\nSigned-off-by: A");
  git(dir, ["mv", "b.c", "c.c"]);
  commit(dir, {}, "rename it: caf\u00e9");
  return base;
}

describe.skipIf(!hasGit)("git ranges", () => {
  test.each(["main..topic", "main...topic", "main..", "main...HEAD"])(
    "%s is what topic has on top of the merge base",
    (range) => {
      inTemporary((dir) => {
        const base = repository(dir);
        const { commits, base: found } = readRange(range, dir);
        expect(found).toBe(base);
        expect(commits.map((one) => one.subject)).toEqual(["add three", "rename it: caf\u00e9"]);
        expect(commits[0]).toMatchObject({
          author: "A Author <author@example.org>",
          body: "Why it is added.\n\nSigned-off-by: A\n",
        });
        expect(commits[0]!.diff).toContain("\n+three\n");
        expect(commits[1]!.diff).toContain("rename from b.c");
        expect(gitTree(dir, base, ["a.c"]).read("a.c")).toBe("one\ntwo\n");
      });
    },
  );

  test("brings the notes of its commits along, as format-patch would", () => {
    inTemporary((dir) => {
      repository(dir);
      git(dir, ["notes", "add", "-m", "Copylint-ignore: plug-per-chunk the caller\n\nhas one", "topic"]);
      const { commits } = readRange("main..topic", dir);
      expect(commits.map((one) => one.notes)).toEqual(["", "Copylint-ignore: plug-per-chunk the caller\n\nhas one\n"]);
    });
  });

  test("a root commit, merges and an empty range", () => {
    inTemporary((dir) => {
      repository(dir);
      git(dir, ["merge", "-q", "-m", "merge", "main"]);
      expect(readRange("main..topic", dir).commits.map((one) => one.subject)).toEqual([
        "add three",
        "rename it: caf\u00e9",
      ]);
      expect(readRange("topic..topic", dir).commits).toEqual([]);
    });
  });

  test("failures are sentences", () => {
    const failure = (range: string, dir: string) => {
      try {
        readRange(range, dir);
      } catch (error) {
        expect(error).toBeInstanceOf(GitError);
        return (error as GitError).message;
      }
      return "none";
    };
    inTemporary((dir) => {
      expect(failure("main..topic", dir)).toContain("not in a git repository");
      repository(dir);
      expect(failure("main..nosuch", dir)).toBe('git knows no commit "nosuch"');
      expect(failure("--output=x..topic", dir)).toBe('git knows no commit "--output=x"');
      expect(failure("main..--all", dir)).toBe('git knows no commit "--all"');
      git(dir, ["checkout", "-q", "--orphan", "alone"]);
      commit(dir, { "z.c": "z\n" }, "alone");
      expect(failure("main..alone", dir)).toContain("no common commit");
    });
  });

  test("variables of the environment do not lead elsewhere", () => {
    inTemporary((dir) => {
      repository(dir);
      const before = process.env.GIT_DIR;
      process.env.GIT_DIR = "/nonexistent";
      try {
        expect(readRange("main..topic", dir).commits).toHaveLength(2);
      } finally {
        if (before === undefined) delete process.env.GIT_DIR;
        else process.env.GIT_DIR = before;
      }
    });
  });

  test("the tree of a commit has files only, under odd names too", () => {
    inTemporary((dir) => {
      git(dir, ["init", "-q"]);
      const files = { "a b.c": "1\n", "*.c": "2\n", ":x.c": "3\n", "sub/y.c": "4" };
      for (const [path, text] of Object.entries(files)) write(dir, path, text);
      git(dir, ["add", "-A"]);
      const blob = git(dir, ["hash-object", "-w", "--stdin"], "/etc/passwd").toString().trim();
      git(dir, ["update-index", "--add", "--cacheinfo", `120000,${blob},link.c`]);
      git(dir, ["commit", "-q", "-m", "x"]);
      const tree = gitTree(dir, git(dir, ["rev-parse", "HEAD"]).toString().trim(), ["a b.c", "*.c", "sub", "none"]);
      for (const [path, text] of Object.entries(files)) expect(tree.read(path)).toBe(text);
      for (const path of ["link.c", "sub", "none", "", "../x", "/etc/passwd", "--help"])
        expect(tree.read(path)).toBeUndefined();
    });
  });
});
