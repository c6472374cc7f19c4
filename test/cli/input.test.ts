import { symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readInput } from "../../src/cli/input.ts";
import { statesOf } from "../../src/source/states.ts";
import { git, hasGit, inTemporary, write } from "../git.ts";

const diff = (file = "x.c") => `--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-one\n+two\n`;
const mail = (n: number, total: number, body = diff()) =>
  `From: A <a@example.org>\nSubject: [PATCH ${n}/${total}] part ${n}\nMessage-Id: <${n}@x>\nIn-Reply-To: <0@x>\n\nwhy\n---\n${body}`;
const read = (cwd: string, paths: readonly string[], more: { stdin?: string; tree?: string } = {}) =>
  readInput(paths, {
    cwd,
    stdin: async () => Buffer.from(more.stdin ?? ""),
    ...(more.tree === undefined ? {} : { tree: more.tree }),
  });

describe("what the arguments stand for", () => {
  test("files, folders and standard input together", async () => {
    await inTemporary(async (dir) => {
      write(dir, "p/1.eml", mail(1, 3));
      write(dir, "p/2.eml", mail(2, 3));
      const { series, problems, inputs } = await read(dir, ["p", "-"], { stdin: mail(3, 3) });
      expect(problems).toEqual([]);
      expect(inputs).toBe(3);
      expect(series.map((one) => one.patches.map((patch) => patch.message.path))).toEqual([
        ["p/1.eml", "p/2.eml", "-"],
      ]);
    });
  });

  test("../patches is a path before it is a range", async () => {
    await inTemporary(async (dir) => {
      write(dir, "patches/1.eml", mail(1, 1));
      write(dir, "work/x", "");
      const { series, problems } = await read(join(dir, "work"), ["../patches"]);
      expect(problems).toEqual([]);
      expect(series).toHaveLength(1);
    });
  });

  test("each failure is one problem that says what and where, and the rest is read", async () => {
    await inTemporary(async (dir) => {
      write(dir, "good.eml", mail(1, 1));
      write(dir, "empty.eml", "");
      write(dir, "elf", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]));
      write(dir, "nul.eml", mail(1, 1).replace("why", "w\0hy"));
      write(dir, "cut.eml", mail(1, 1, "--- a/x.c\n+++ b/x.c\n@@ -1,5 +1,5 @@\n one\n").replaceAll("@x>", "@cut>"));
      write(
        dir,
        "climb.eml",
        mail(1, 1, diff().replaceAll(/[ab]\/x\.c/g, "../../etc/passwd")).replaceAll("@x>", "@climb>"),
      );
      truncateSync(write(dir, "huge.eml", "x"), 100 * 1024 * 1024);
      symlinkSync("loop", join(dir, "loop"));
      const bad = ["empty.eml", "elf", "nul.eml", "cut.eml", "climb.eml", "huge.eml", "loop", "missing.eml", "a..b"];
      const { series, problems } = await read(dir, [...bad, "good.eml"]);
      expect(problems.map((problem) => problem.path).sort()).toEqual([...bad].sort());
      for (const problem of problems) {
        expect(problem.kind).toBe("unreadable");
        expect(problem.what).toMatch(/^[a-zA-Z].*[^.]$/);
      }
      const lines = new Map(problems.map((problem) => [problem.path, problem.line]));
      expect([lines.get("cut.eml"), lines.get("climb.eml"), lines.get("nul.eml")]).toEqual([10, 8, 6]);
      expect(series.some((one) => one.patches[0]!.message.path === "good.eml")).toBe(true);
    });
  });

  test("a series with a part missing is read, and that is said", async () => {
    await inTemporary(async (dir) => {
      for (const n of [1, 2, 4, 5, 6, 7]) write(dir, `p/${n}.eml`, mail(n, 7));
      const { series, problems } = await read(dir, ["p"]);
      expect(series[0]!.missing).toEqual([3]);
      expect(problems).toMatchObject([{ kind: "notice", what: 'patch 3/7 of "part 1" is missing' }]);
    });
  });

  test.skipIf(!hasGit)("a range is a series of its own, with the tree of its merge base", async () => {
    await inTemporary(async (dir) => {
      git(dir, ["init", "-q", "-b", "main"]);
      const commit = (text: string, message: string) => {
        write(dir, "x.c", text);
        git(dir, ["add", "-A"]);
        git(dir, ["commit", "-q", "-m", message]);
      };
      commit("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "base");
      git(dir, ["tag", "base"]);
      commit("1\n2\n3\n4\n5\n6\n7\n8\n9\nten\n", "add ten");
      commit("one\n2\n3\n4\n5\n6\n7\n8\n9\nten\n", "spell one\n\nIt reads better.");
      const { series, problems, tree } = await read(dir, ["base..HEAD"]);
      expect(problems).toEqual([]);
      expect(series[0]!.patches.map((patch) => patch.subject)).toEqual([
        "[PATCH 1/2] add ten",
        "[PATCH 2/2] spell one",
      ]);
      expect(series[0]!.patches[1]!.commitMessage).toBe("It reads better.\n");
      expect(series[0]!.baseCommit).toBe(git(dir, ["rev-parse", "base"]).toString().trim());
      const states = statesOf(series[0]!, tree);
      expect(states.problems).toEqual([]);
      const image = states.at(2).images.get("x.c")!;
      expect(image.complete).toBe(true);
      expect(image.islands[0]!.lines.map((line) => line.text)).toEqual([
        "one",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "ten",
      ]);
      expect((await read(dir, ["base..base"])).problems).toMatchObject([{ kind: "notice", path: "base..base" }]);
    });
  });

  test("--tree must be a folder", async () => {
    await inTemporary(async (dir) => {
      write(dir, "x.eml", mail(1, 1));
      write(dir, "tree/x.c", "one\n");
      expect((await read(dir, ["x.eml"], { tree: "tree" })).tree?.read("x.c")).toBe("one\n");
      const { series, problems, tree } = await read(dir, ["x.eml"], { tree: "none" });
      expect(tree).toBeUndefined();
      expect(problems).toMatchObject([{ kind: "unreadable", path: "none" }]);
      expect(series).toHaveLength(1);
    });
  });
});
