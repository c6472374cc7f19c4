import fc from "fast-check";
import { expect, test } from "vitest";
import { inOneHunk, shownLines } from "../../src/ci/hunks.ts";
import { atTheEnd } from "../../src/ci/moved.ts";
import { readInput } from "../../src/cli/input.ts";
import { git, hasGit, inTemporary, write } from "../git.ts";

/** Versions of a file whose lines are all different; each version drops some and puts new ones in. */
const histories = fc.array(fc.array(fc.tuple(fc.nat(30), fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 4,
});

test.skipIf(!hasGit)(
  "a line is followed through later patches as git has it (skipped without git)",
  async () => {
    await fc.assert(
      fc.asyncProperty(histories, (changes) =>
        inTemporary(async (dir) => {
          git(dir, ["init", "-q"]);
          let n = 0;
          const line = (): string => `line ${++n} ${"x".repeat(n % 7)}`;
          const versions: string[][] = [Array.from({ length: 30 }, line)];
          for (const edits of changes) {
            const lines = [...(versions.at(-1) ?? [])];
            for (const [at, dropped, added] of edits)
              lines.splice(at % (lines.length + 1), dropped, ...Array.from({ length: added }, line));
            versions.push(lines);
          }
          // A commit without a change is no patch.
          fc.pre(versions.every((lines, i) => i === 0 || lines.join() !== versions[i - 1]?.join()));
          for (const [i, lines] of versions.entries()) {
            // The name changes once, on the way.
            if (i === 2) git(dir, ["mv", "a.c", "b.c"]);
            write(dir, i < 2 ? "a.c" : "b.c", `${lines.join("\n")}\n`);
            git(dir, ["add", "-A"]);
            git(dir, ["commit", "-q", "--allow-empty", "-m", `version ${i}`]);
          }
          const input = await readInput([`HEAD~${changes.length}..HEAD`], {
            cwd: dir,
            stdin: async () => new Uint8Array(),
          });
          const [series] = input.series;
          const last = versions.at(-1) ?? [];
          // A rename with much else is a new file to git, and then nothing can be followed.
          const renamed =
            series?.patches.some(({ files }) => files.some(({ status }) => status === "renamed")) ?? false;
          fc.pre(changes.length < 2 || renamed);
          expect(series?.patches).toHaveLength(changes.length);
          for (const [i, lines] of versions.entries()) {
            if (i === 0) continue;
            const kept = versions.slice(i);
            for (const [at, text] of lines.entries()) {
              const found = series && atTheEnd(series, i, { path: i < 2 ? "a.c" : "b.c", line: at + 1 });
              const stays = kept.every((version) => version.includes(text));
              const path = versions.length > 2 ? "b.c" : "a.c";
              expect(found, text).toEqual(stays ? { path, line: last.indexOf(text) + 1 } : undefined);
            }
          }
        }),
      ),
      { numRuns: 20 },
    );
  },
  120_000,
);

test("the lines that a diff shows are those of its new side", () => {
  const shown = shownLines(
    "@@ -1,3 +1,4 @@ int f(void)\n a\n-b\n+B\n+@@ -9 +9 @@\n c\n\\ No newline at end of file\n@@ -10 +11,2 @@\n x\n+y",
  );
  expect([...shown]).toEqual([
    [1, { old: 1, hunk: 0 }],
    [2, { old: undefined, hunk: 0 }],
    [3, { old: undefined, hunk: 0 }],
    [4, { old: 3, hunk: 0 }],
    [11, { old: 10, hunk: 1 }],
    [12, { old: undefined, hunk: 1 }],
  ]);
  expect([inOneHunk(shown, 1, 4), inOneHunk(shown, 4, 11), inOneHunk(shown, 5, 5), inOneHunk(shown, 2, 1)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(shownLines("").size).toBe(0);
});
