import { describe, expect, test } from "vitest";
import { readInput } from "../../src/cli/input.ts";
import { git, hasGit, inTemporary, numstat, write } from "../git.ts";

/** Three commits with what makes mail hard: a rename, a file without last newline, text outside ASCII, long lines. */
function repository(dir: string): void {
  const commit = (message: string) => {
    git(dir, ["add", "-A"]);
    git(dir, ["commit", "-q", "-m", message]);
  };
  git(dir, ["init", "-q", "-b", "main"]);
  write(dir, "block/a.c", Array.from({ length: 40 }, (_, at) => `int a${at};\n`).join(""));
  commit("base");
  write(dir, "block/b.c", `${"x".repeat(1200)}\n-- \nFrom here\nlast`);
  commit(
    "block: add b, with a subject that is so long that format-patch has to fold it twice or so, caf\u00e9\n\nFrom now on.\n---\nnot the end",
  );
  git(dir, ["mv", "block/a.c", "block/c.c"]);
  commit("block: move a");
  write(dir, "block/b.c", "caf\u00e9\r\nshort\r\n");
  commit("block: empty b");
}

describe.skipIf(!hasGit)("what git format-patch writes", () => {
  test.each([
    ["one file a patch", []],
    ["attached", ["--attach"]],
    ["inline", ["--inline"]],
    ["numbered, with cover letter", ["--cover-letter", "-n", "-v7"]],
    ["threaded", ["--thread=deep", "--cover-letter"]],
    ["as RFC", ["--rfc"]],
    ["without numbers", ["-N"]],
    ["as an mbox", ["--stdout"]],
    ["as an mboxrd", ["--stdout", "--pretty=mboxrd"]],
    ["with the base", ["--base=HEAD~3"]],
    ["in full", ["--full-index", "--no-prefix", "--function-context"]],
  ])("is read as one series in order, %s", async (_, options) => {
    await inTemporary(async (dir) => {
      repository(dir);
      const out = git(
        dir,
        ["format-patch", "-o", "out", "-M", ...options, "HEAD~3"].filter(
          (_one, at, all) => !all.includes("--stdout") || (at !== 1 && at !== 2),
        ),
      );
      if (options.includes("--stdout")) write(dir, "out/series.mbox", out);
      const { series, problems, withoutDiff } = await readInput(["out"], {
        cwd: dir,
        stdin: async () => Buffer.alloc(0),
      });
      expect(problems).toEqual([]);
      expect(withoutDiff).toBe(0);
      expect(series).toHaveLength(1);
      const [one] = series;
      expect(one!.patches.map((patch) => `${patch.index}/${patch.total}`)).toEqual(["1/3", "2/3", "3/3"]);
      expect(one).toMatchObject({
        version: options.includes("-v7") ? 7 : 1,
        rfc: options.includes("--rfc"),
        baseCommit: options.includes("--base=HEAD~3") ? git(dir, ["rev-parse", "HEAD~3"]).toString().trim() : undefined,
      });
      expect(one!.cover === undefined).toBe(!options.includes("--cover-letter"));
      expect(one!.patches[0]!.subject).toContain("twice or so, caf\u00e9");
      expect(one!.patches[0]!.commitMessage).toContain("From now on.\n");
      one!.patches.forEach((patch, at) => {
        const diff = git(dir, ["diff-tree", "-p", "-M", `HEAD~${3 - at}`, `HEAD~${2 - at}`]);
        const ours = patch.files.map(({ path, added, deleted }) => ({ path, added, deleted }));
        expect(ours).toEqual(numstat(dir, diff));
      });
    });
  });
});
