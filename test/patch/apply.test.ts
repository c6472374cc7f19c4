import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyPatch } from "../../src/patch/apply.ts";
import { parsePatch } from "../../src/patch/parse.ts";
import { applyEdits, edits, fileText } from "../edits.ts";
import { git, hasGit, inTemporary, numstat, write } from "../git.ts";

/** A patch of one file `f` by hand. */
function patchOf(...hunks: string[]) {
  const parsed = parsePatch(`--- a/f\n+++ b/f\n${hunks.join("")}`);
  expect(parsed.problems).toEqual([]);
  return parsed.files[0]!;
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}\n`).join("");

describe("applying", () => {
  test.skipIf(!hasGit)(
    "what git diff writes, parsed and applied, gives the new file, and counts as git apply counts",
    () => {
      inTemporary((dir) => {
        fc.assert(
          fc.property(fileText, edits, fc.nat(5), (before, changes, context) => {
            const after = applyEdits(before, changes);
            fc.pre(before !== after);
            write(dir, "a/f.c", before);
            write(dir, "b/f.c", after);
            const options = ["--no-index", "--no-prefix", `-U${context}`];
            const diff = git(dir, ["diff", ...options, "a/f.c", "b/f.c"], "", 1);
            const text = `Say what it does\n---\n\n${diff}-- \n2.39.5\n\n`;
            const { files, problems } = parsePatch(text);
            expect(problems).toEqual([]);
            expect(files).toHaveLength(1);
            expect(applyPatch(before, files[0]!)).toEqual({ text: after });
            const [counts] = numstat(dir, diff);
            expect([files[0]!.added, files[0]!.deleted]).toEqual([counts!.added, counts!.deleted]);
          }),
          { numRuns: 150 },
        );
      });
    },
  );

  test.skipIf(!hasGit)("moved by lines above, a hunk goes where git apply puts it, or is refused", () => {
    let moved = 0;
    inTemporary((dir) => {
      fc.assert(
        fc.property(fileText, edits, edits, (base, mine, theirs) => {
          const after = applyEdits(base, mine);
          const other = applyEdits(base, theirs);
          fc.pre(base !== after && base !== other);
          write(dir, "a/f.c", base);
          write(dir, "b/f.c", after);
          const diff = git(dir, ["diff", "--no-index", "--no-prefix", "a/f.c", "b/f.c"], "", 1);
          // A hunk without any context may be one of -U0, which git apply takes only when told so.
          fc.pre(/^ /m.test(diff.toString()));
          const ours = applyPatch(other, parsePatch(diff.toString()).files[0]!);
          if ("reason" in ours) return;
          // Where it is not refused, git must agree.
          write(dir, "f.c", other);
          git(dir, ["apply", "-p1", "-"], diff.toString().replaceAll("b/f.c", "a/f.c"));
          expect(ours.text).toBe(readFileSync(join(dir, "f.c"), "utf8"));
          moved++;
        }),
        { numRuns: 200 },
      );
    });
    expect(moved).toBeGreaterThan(2);
  });

  const change = "@@ -4,3 +4,3 @@\n line 4\n-line 5\n+line five\n line 6\n";

  test("a hunk that moved to one place only is found there", () => {
    const result = applyPatch(`new\nnew\n${numbered(1, 9)}`, patchOf(change));
    expect(result).toEqual({ text: `new\nnew\n${numbered(1, 4)}line five\n${numbered(6, 9)}` });
  });

  test("a hunk that fits two places is refused, not guessed", () => {
    const result = applyPatch(`new\n${numbered(1, 9)}${numbered(1, 9)}`, patchOf(change));
    expect(result).toEqual({ hunk: 0, reason: "hunk 1 (@@ -4,3 +4,3 @@) fits more than one place" });
  });

  test("the reason names the line that differs", () => {
    const result = applyPatch(numbered(1, 9).replace("line 6", "line six"), patchOf(change));
    expect(result).toEqual({ hunk: 0, reason: "hunk 1 (@@ -4,3 +4,3 @@) does not fit: line 6 of the file differs" });
  });

  test("a file that ends too early, is missing, or is there already is refused", () => {
    expect(applyPatch("line 1\n", patchOf(change))).toMatchObject({ reason: expect.stringContaining("too short") });
    expect(applyPatch(undefined, patchOf(change))).toMatchObject({ reason: "the file is not there" });
    const added = parsePatch("--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+x\n").files[0]!;
    expect(applyPatch("y\n", added)).toMatchObject({ reason: "the file to be added is there already" });
    expect(applyPatch(undefined, added)).toEqual({ text: "x\n" });
  });

  test("a missing newline at the end of the file is part of the line", () => {
    const patch = patchOf("@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n");
    expect(applyPatch("x", patch)).toEqual({ text: "y\n" });
    expect(applyPatch("x\n", patch)).toMatchObject({ reason: expect.stringContaining("line 1 of the file differs") });
  });

  test("a search through very many equal lines ends", () => {
    const lines = " x\n".repeat(20_000);
    const patch = patchOf(`@@ -5,20001 +5,20002 @@\n${lines}+y\n z\n`);
    expect(applyPatch("x\n".repeat(60_000), patch)).toMatchObject({ hunk: 0 });
  });
});
