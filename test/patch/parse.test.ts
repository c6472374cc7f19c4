import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePatch } from "../../src/patch/parse.ts";
import { git, hasGit, inTemporary, numstat } from "../git.ts";

const hunk = "@@ -1,2 +1,2 @@ int f(void)\n one\n-two\n+three\n";
const plain = (path: string) => `--- a/${path}\n+++ b/${path}\n${hunk}`;
const only = (text: string) => {
  const { files, problems } = parsePatch(text);
  expect(problems).toEqual([]);
  expect(files).toHaveLength(1);
  return files[0]!;
};
const brief = (text: string) => {
  const { files, problems } = parsePatch(text);
  return { paths: files.map((file) => file.path), hunks: files.map((file) => file.hunks.length), problems };
};

describe("diffs as git writes them", () => {
  test.skipIf(!hasGit)("renames, copies, modes, links, binary files and odd names are as git apply sees them", () => {
    inTemporary((dir) => {
      git(dir, ["init", "-q"]);
      const name = fc
        .array(fc.constantFrom("a", "b/", "c d", "\u00e9", '"', "\\", "'", "x y/", "\u{1f600}", "-", " "), {
          minLength: 1,
          maxLength: 6,
        })
        .map((parts) => `${parts.join("")}.c`)
        .filter((path) => !/(^|\/)[./ ]|\/\/|\/ | \//.test(path));
      const content = fc.constantFrom(
        "",
        "one\n",
        "one\ntwo\nthree\nfour\nfive\n",
        "one\ntwo\nTHREE\nfour\nfive\n",
        "x\0y\n",
        "no newline",
      );
      const file = fc.record({ name, content, mode: fc.constantFrom("100644", "100755", "120000") });
      const tree = fc.uniqueArray(file, { maxLength: 5, selector: (one) => one.name.split("/")[0] });
      const write = (files: readonly { name: string; content: string; mode: string }[]) => {
        git(dir, ["read-tree", "--empty"]);
        const entries = files.map((one) => {
          const blob = git(dir, ["hash-object", "-w", "--stdin"], one.content).toString().trim();
          return `${one.mode} ${blob}\t${one.name}\0`;
        });
        git(dir, ["update-index", "-z", "--index-info"], entries.join(""));
        return git(dir, ["write-tree"]).toString().trim();
      };
      fc.assert(
        fc.property(tree, tree, fc.boolean(), fc.boolean(), (before, after, binary, quote) => {
          const options = ["-p", "-r", "-M", "-C", "--find-copies-harder", ...(binary ? ["--binary"] : [])];
          const trees = [write(before), write(after)];
          const diff = git(dir, ["-c", `core.quotePath=${quote}`, "diff-tree", ...options, ...trees]);
          const { files, problems } = parsePatch(diff.toString());
          expect(problems).toEqual([]);
          // Without the binary text git apply refuses.
          if (binary) {
            const counts = files.map(({ path, added, deleted }) => ({ path, added, deleted }));
            expect(counts).toEqual(diff.length === 0 ? [] : numstat(dir, diff));
          }
          const status = git(dir, [
            "diff-tree",
            "-r",
            "-M",
            "-C",
            "--find-copies-harder",
            "-z",
            "--name-status",
            ...trees,
          ]);
          const fields = status.toString().split("\0");
          const names: string[][] = [];
          while (fields.length > 1) {
            const letter = fields.shift()!.charAt(0);
            const first = fields.shift()!;
            names.push("RC".includes(letter) ? [letter, first, fields.shift()!] : [letter, first]);
          }
          const letters = { modified: "M", added: "A", deleted: "D", renamed: "R", copied: "C", "mode-changed": "M" };
          const ours = files.map((one) => {
            const moved = one.status === "renamed" || one.status === "copied";
            return [letters[one.status], ...(moved ? [one.oldPath, one.newPath] : [one.path])];
          });
          // A change between file and link is a deletion and an addition in a patch.
          if (!names.some(([letter]) => letter === "T")) expect(ours).toEqual(names);
        }),
        { numRuns: 50 },
      );
    });
  });

  test("a mode change alone, and one with lines", () => {
    const mode = "diff --git a/x.sh b/x.sh\nold mode 100644\nnew mode 100755\n";
    expect(only(mode)).toMatchObject({ status: "mode-changed", oldMode: "100644", newMode: "100755", hunks: [] });
    expect(only(`${mode}index 1111111..2222222\n${plain("x.sh")}`)).toMatchObject({
      status: "modified",
      newMode: "100755",
    });
  });

  test("binary files have no lines", () => {
    const start = "diff --git a/x.bin b/x.bin\nindex 1111111..2222222 100644\n";
    expect(only(`${start}Binary files a/x.bin and b/x.bin differ\n`)).toMatchObject({ binary: true, added: 0 });
    const text = "GIT binary patch\nliteral 3\nKcmZQzU|?h5VPF6N0096100\n\nliteral 0\nHcmV?d00001\n\n";
    expect(only(start + text)).toMatchObject({ binary: true, hunks: [] });
  });

  test("diffs without prefix keep their first folder", () => {
    const file = only(
      `diff --git block/x.c block/x.c\nindex 1111111..2222222 100644\n--- block/x.c\n+++ block/x.c\n${hunk}`,
    );
    expect(file).toMatchObject({ path: "block/x.c", oldBlob: "1111111", newBlob: "2222222" });
  });
});

describe("diffs as others write them", () => {
  const quilt = (before: string, after: string) =>
    `Index: ${after}\n${"=".repeat(67)}\n--- ${before}\n+++ ${after}\n${hunk}`;

  test("quilt: the top folder goes, and the file starts at its Index line", () => {
    const { files, preamble } = parsePatch(
      `Say it\n\n---\n${quilt("linux-2.6.orig/block/x.c", "linux-2.6/block/x.c")}`,
    );
    expect(files).toMatchObject([{ path: "block/x.c", oldPath: "block/x.c", status: "modified", line: 4 }]);
    expect(preamble).toBe("Say it\n\n---\n");
    expect(only(quilt("block/x.c.orig", "block/x.c"))).toMatchObject({ path: "block/x.c" });
    expect(only(quilt("a/block/x.c", "b/block/x.c"))).toMatchObject({ path: "block/x.c" });
  });

  test("several files in a row, without diff --git", () => {
    const text = `${quilt("a/x.c", "b/x.c")}${quilt("a/y.c", "b/y.c")}diff -urN a/z.c b/z.c\n${plain("z.c")}`;
    expect(brief(text)).toEqual({ paths: ["x.c", "y.c", "z.c"], hunks: [1, 1, 1], problems: [] });
  });

  test("time stamps are no part of the name; /dev/null and the epoch mean no file", () => {
    const stamp = "\t2024-05-01 12:00:00.000000000 +0200";
    expect(only(`--- a/x y.c${stamp}\n+++ b/x y.c${stamp}\n${hunk}`).path).toBe("x y.c");
    expect(only(`--- a/x.c${stamp.replace("\t", " ")}\n+++ b/x.c\n${hunk}`).path).toBe("x.c");
    const add = "@@ -0,0 +1 @@\n+x\n";
    expect(only(`--- /dev/null${stamp}\n+++ linux/x.c${stamp}\n${add}`)).toMatchObject({
      status: "added",
      oldPath: undefined,
    });
    expect(only(`--- a/x.c\t1970-01-01 01:00:00.000000000 +0100\n+++ b/x.c${stamp}\n${add}`).status).toBe("added");
    expect(only(`--- a/x.c${stamp}\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n`)).toMatchObject({
      status: "deleted",
      path: "x.c",
    });
  });

  test.skipIf(!hasGit)("they are counted as git apply counts them", () => {
    inTemporary((dir) => {
      const text = `${quilt("linux.orig/a.c", "linux/a.c")}${plain("sub/b.c")}-- \n2.39\n`;
      const counts = parsePatch(text).files.map(({ path, added, deleted }) => ({ path, added, deleted }));
      expect(counts).toEqual(numstat(dir, text));
    });
  });

  test("a patch with CRLF throughout", () => {
    expect(only(`diff --git a/x.c b/x.c\n${plain("x.c")}`.replaceAll("\n", "\r\n"))).toMatchObject({
      path: "x.c",
      hunks: [{ section: "int f(void)", lines: [{ text: "one\r" }, { text: "two\r" }, { text: "three\r" }] }],
    });
  });
});

describe("where hunks end", () => {
  test("the signature is no removed line, and a removed line may look like one", () => {
    expect(only(`${plain("x.c")}-- \n2.39\n`)).toMatchObject({ deleted: 1 });
    expect(only("--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n--- \n one\n-- \n2.39\n")).toMatchObject({ deleted: 1, added: 0 });
    expect(only("--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- a/y\n+++ b/y\n")).toMatchObject({ deleted: 1, added: 1 });
  });

  test("empty context lines may have lost their blank", () => {
    expect(only("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n\n-two\n+three\n").hunks[0]!.lines[1]).toMatchObject({
      kind: "context",
      text: "",
    });
  });

  test("no newline at end of file belongs to the line before", () => {
    const mark = "\\ No newline at end of file\n";
    const lines = only(`--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n${mark}+two\n${mark}`).hunks[0]!.lines;
    expect(lines.map((line) => line.noNewline)).toEqual([true, true]);
  });
});

describe("patches that are not whole", () => {
  const other = plain("y.c");

  test("a truncated hunk is one problem with its line; other hunks and files are read", () => {
    const cut = "--- a/x.c\n+++ b/x.c\n@@ -1,9 +1,9 @@\n one\n-two\n@@ -20 +20 @@\n-a\n+b\n";
    const { files, problems } = parsePatch(cut + other);
    expect(files.map((file) => [file.path, file.hunks.length, file.damaged])).toEqual([
      ["x.c", 1, true],
      ["y.c", 1, false],
    ]);
    expect(problems).toMatchObject([{ kind: "unreadable", line: 3, what: expect.stringContaining("ends early") }]);
  });

  test("the end of the text ends a hunk early, too", () => {
    const whole = `${plain("x.c")}@@ -20,3 +20,3 @@\n a\n-b\n+c\n d\n`;
    const { hunks, problems } = brief(whole.slice(0, -3));
    expect(hunks).toEqual([1]);
    expect(problems).toMatchObject([{ line: 7 }]);
  });

  test("more lines than counted are read where their end is certain, and said", () => {
    const more = `--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n+four\n@@ -9 +10 @@\n-a\n+b\n`;
    const { files, problems } = parsePatch(more);
    expect(files).toMatchObject([{ added: 3, deleted: 2, damaged: false }]);
    expect(problems).toMatchObject([{ kind: "notice", line: 3 }]);
  });

  test("at the end of a mail nothing is guessed: what is counted is read, what follows is said", () => {
    const { files, problems } = parsePatch(`${plain("x.c")}+four\n\nlist footer\n`);
    expect(files).toMatchObject([{ added: 1 }]);
    expect(problems).toMatchObject([{ kind: "unreadable", line: 7 }]);
  });

  test("a wrapped line is named", () => {
    const { files, problems } = parsePatch("--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n one\n-two two\ntwo\n+three\n");
    expect(files).toMatchObject([{ path: "x.c", hunks: [], damaged: true }]);
    expect(problems).toMatchObject([{ line: 6, advice: expect.stringContaining("wrapped") }]);
  });

  test("paths that lead out of the tree are passed over, whoever wrote them", () => {
    const bad = ["../../etc/passwd", "/etc/passwd", "a/../../etc/passwd", '"a/\\033[31mred"', "a/x/../../../y"];
    for (const name of bad) {
      const { paths, problems } = brief(`--- ${name}\n+++ ${name}\n${hunk}${other}`);
      expect(paths, name).toEqual(["y.c"]);
      expect(problems, name).toMatchObject([{ kind: "unreadable", line: 1 }]);
    }
    const rename = `diff --git a/x b/x\nsimilarity index 90%\nrename from x\nrename to ../x\n${hunk}`;
    expect(brief(rename).paths).toEqual([]);
    expect(
      brief(`diff --git a/../x b/../x\nnew file mode 100644\n--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n`).paths,
    ).toEqual([]);
  });

  test("a hunk without a file, a merge's diff, a header with nothing behind it", () => {
    expect(brief(`${other}\n${hunk}`).problems).toMatchObject([{ line: 8 }]);
    expect(brief("diff --cc x.c\nindex 1,2..3\n--- a/x.c\n+++ b/x.c\n@@@ -1,1 -1,1 +1,1 @@@\n").problems).toHaveLength(
      1,
    );
    expect(brief("diff --git a/x b/x\n").problems).toHaveLength(1);
  });

  test("very many problems are not said one by one", () => {
    const { problems } = parsePatch(`--- a/x\n+++ b/x\n${"@@ -1,9 +1,9 @@\n x\n".repeat(1000)}`);
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)!.what).toBe("980 more places of this patch were not understood");
  });

  test("more lines than any patch has are passed over, and that is said", () => {
    const long = (n: number) => `--- a/x\n+++ b/x\n@@ -0,0 +1,${n} @@\n${"+\n".repeat(n)}`;
    const most = "up to here there are more than 300000 lines of hunks; what follows is passed over";
    const two = parsePatch(`${long(200_000)}${long(200_000)}`);
    expect(two.files.map(({ hunks, damaged }) => [hunks.length, damaged])).toEqual([
      [1, false],
      [0, true],
    ]);
    expect(two.problems).toEqual([{ kind: "unreadable", path: "", line: 200_006, what: most }]);
    // Patches that are read at once have a limit together.
    expect(parsePatch(long(2), 999_999).problems).toMatchObject([{ what: most.replace("300000", "1000000") }]);
    expect(parsePatch(long(1), 999_999).problems).toEqual([]);
    // What a header counts and does not have is another mistake.
    expect(parsePatch("--- a/x\n+++ b/x\n@@ -0,0 +1,999999999 @@\n+\n").problems[0]!.what).not.toContain("more than");
  });

  test("prose that talks of diffs is no diff", () => {
    expect(brief("diff --git is a command\n--- here\nIndex: none\n\ntext\n")).toEqual({
      paths: [],
      hunks: [],
      problems: [],
    });
  });

  test("whatever is read, nothing throws, and what is kept adds up", () => {
    const piece = fc.constantFrom(
      "diff --git a/x b/x\n",
      "--- a/x\n",
      "+++ b/x\n",
      "@@ -1,2 +1,2 @@\n",
      "@@ -1 +1 @@\n",
      " one\n",
      "-two\n",
      "+three\n",
      "\\ No newline at end of file\n",
      "rename from x\n",
      "rename to y\n",
      "GIT binary patch\n",
      "Index: x\n",
      `${"=".repeat(67)}\n`,
      "\n",
      "-- \n",
      'diff --git "a/\\x" b\n',
      "@@ -9999999999 +1 @@\n",
      "--- /dev/null\n",
      "+++ /dev/null\n",
      "new file mode 100644\n",
      "deleted file mode 100644\n",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        for (const file of parsePatch(pieces.join("")).files) {
          for (const one of file.hunks) {
            expect(one.lines.filter((line) => line.kind !== "added")).toHaveLength(one.oldCount);
            expect(one.lines.filter((line) => line.kind !== "removed")).toHaveLength(one.newCount);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
