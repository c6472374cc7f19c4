import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePatch } from "../../src/patch/parse.ts";
import type { Image } from "../../src/source/image.ts";
import { type PatchStack, statesOf } from "../../src/source/states.ts";
import { applyEdits, type Edit, edits, fileText } from "../edits.ts";
import { git, hasGit, inTemporary } from "../git.ts";

/** A series whose patches are these texts. */
function stack(texts: readonly string[], indexes = texts.map((_, at) => at + 1)): PatchStack {
  return {
    patches: texts.map((text, at) => {
      const { files, problems } = parsePatch(text);
      expect(problems.filter((problem) => problem.kind !== "notice")).toEqual([]);
      return {
        message: { path: `${at + 1}.patch` },
        index: indexes[at]!,
        total: indexes.at(-1)!,
        files,
        lineOffset: 100,
      };
    }),
  };
}

const shown = (image: Image | undefined) =>
  image?.islands.map((island) => island.lines.map((line) => `${line.number} ${line.text}`));

type Files = ReadonlyMap<string, string>;

type Change =
  | { readonly kind: "edit"; readonly file: number; readonly edits: readonly Edit[] }
  | { readonly kind: "add"; readonly text: string }
  | { readonly kind: "delete"; readonly file: number }
  | { readonly kind: "rename"; readonly file: number; readonly edits: readonly Edit[] };

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("edit" as const), file: fc.nat(), edits }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("add" as const), text: fileText }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), file: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rename" as const), file: fc.nat(), edits }) },
);

function step(files: Files, changes: readonly Change[], serial: number): Files {
  const next = new Map(files);
  changes.forEach((one, at) => {
    const names = [...next.keys()].sort();
    const name = one.kind === "add" ? `new${serial}_${at}.c` : names[one.file % Math.max(names.length, 1)];
    if (name === undefined) return;
    if (one.kind === "add") next.set(name, one.text);
    else if (one.kind === "edit") next.set(name, applyEdits(next.get(name)!, one.edits));
    else if (one.kind === "delete") next.delete(name);
    else {
      const text = next.get(name)!;
      next.delete(name);
      next.set(`moved${serial}_${at}.c`, applyEdits(text, one.edits.slice(0, 1)));
    }
  });
  return next;
}

/** Git's own diffs between the steps. */
function diffsOf(dir: string, steps: readonly Files[], context: number): string[] {
  const trees = steps.map((files) => {
    git(dir, ["read-tree", "--empty"]);
    const entries = [...files].map(([name, text]) => {
      const blob = git(dir, ["hash-object", "-w", "--stdin"], text).toString().trim();
      return `100644 ${blob}\t${name}\n`;
    });
    git(dir, ["update-index", "--index-info"], entries.join(""));
    return git(dir, ["write-tree"]).toString().trim();
  });
  return trees
    .slice(1)
    .map((tree, at) => git(dir, ["diff-tree", "-p", "-M", "-r", `-U${context}`, trees[at]!, tree]).toString());
}

const series = fc.record({
  base: fc.array(fileText, { minLength: 1, maxLength: 2 }),
  patches: fc.array(fc.array(change, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 5 }),
  context: fc.nat(4),
});

function stepsOf({ base, patches }: { base: readonly string[]; patches: readonly (readonly Change[])[] }): Files[] {
  const steps: Files[] = [new Map(base.map((text, at) => [`file${at}.c`, text]))];
  for (const [at, changes] of patches.entries()) steps.push(step(steps[at]!, changes, at));
  return steps;
}

const linesOf = (text: string) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** The property that everything later stands on: what is known is true. */
function expectTrue(image: Image, text: string | undefined, where: string): void {
  expect(text, where).toBeDefined();
  const real = linesOf(text!);
  let last = -1;
  for (const island of image.islands) {
    expect(island.lines.length, where).toBeGreaterThan(0);
    expect(island.lines[0]!.number, `${where}: islands do not touch`).toBeGreaterThan(last + 1);
    for (const line of island.lines) {
      if (line !== island.lines[0]) expect(line.number, where).toBe(last + 1);
      expect(line.text, `${where} line ${line.number}`).toBe(real[line.number - 1]);
      last = line.number;
    }
  }
  if (image.complete) expect(image.islands.flatMap((island) => island.lines)).toHaveLength(real.length);
}

describe("states of a series", () => {
  test.skipIf(!hasGit)("every line that is known stands at that number in the really patched file", () => {
    let known = 0;
    let fromLater = 0;
    inTemporary((dir) => {
      git(dir, ["init", "-q"]);
      fc.assert(
        fc.property(series, (made) => {
          const steps = stepsOf(made);
          const diffs = diffsOf(dir, steps, made.context);
          const input = stack(diffs);
          const states = statesOf(input);
          expect(states.problems).toEqual([]);
          steps.forEach((files, after) => {
            const state = states.at(after);
            for (const [path, image] of state.images) {
              expectTrue(image, files.get(path), `${path} after ${after}`);
              for (const line of image.islands.flatMap((island) => island.lines)) {
                known++;
                if (line.shown!.patch >= after) fromLater++;
                if (line.added !== undefined) {
                  expect(line.added.patch).toBeLessThan(after);
                  const patch = input.patches[line.added.patch]!;
                  const from = patch.files
                    .flatMap((file) => file.hunks.flatMap((hunk) => hunk.lines))
                    .find((one) => one.line + patch.lineOffset === line.added!.patchLine);
                  expect(from).toMatchObject({ kind: "added", text: line.text });
                }
              }
            }
            // And nothing that a hunk shows is forgotten.
            if (after === 0) return;
            for (const file of input.patches[after - 1]!.files) {
              for (const hunk of file.hunks) {
                if (file.newPath === undefined) continue;
                const image = state.images.get(file.newPath)!;
                const numbers = new Set(image.islands.flatMap((island) => island.lines.map((line) => line.number)));
                for (let at = 0; at < hunk.newCount; at++) expect(numbers.has(hunk.newStart + at)).toBe(true);
              }
            }
          });
        }),
        { numRuns: 50 },
      );
    });
    expect(known).toBeGreaterThan(1000);
    expect(fromLater).toBeGreaterThan(100);
  });

  test.skipIf(!hasGit)("with a tree, every file is whole and equal to the really patched one", () => {
    inTemporary((dir) => {
      git(dir, ["init", "-q"]);
      fc.assert(
        fc.property(series, (made) => {
          const steps = stepsOf(made);
          const states = statesOf(stack(diffsOf(dir, steps, made.context)), { read: (path) => steps[0]!.get(path) });
          expect(states.problems).toEqual([]);
          steps.forEach((files, after) => {
            for (const [path, image] of states.at(after).images) {
              expect(image.complete).toBe(true);
              expectTrue(image, files.get(path), `${path} after ${after}`);
            }
          });
        }),
        { numRuns: 30 },
      );
    });
  });

  test.skipIf(!hasGit)("parts of a series left out lead to less knowledge, never to wrong knowledge", () => {
    inTemporary((dir) => {
      git(dir, ["init", "-q"]);
      fc.assert(
        fc.property(series, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (made, given) => {
          const steps = stepsOf(made);
          const diffs = diffsOf(dir, steps, made.context);
          const kept = diffs.map((_, at) => at).filter((at) => given[at]);
          const input = stack(
            kept.map((at) => diffs[at]!),
            kept.map((at) => at + 1),
          );
          const states = statesOf(input);
          kept.forEach((original, at) => {
            // What a patch itself touches is right after it; other files may be those of another time.
            for (const file of input.patches[at]!.files) {
              const image = states.at(at + 1).images.get(file.path);
              if (image !== undefined)
                expectTrue(image, steps[original + 1]!.get(file.path), `${file.path} ${original}`);
              const old = file.oldPath === undefined ? undefined : states.before(at + 1).images.get(file.oldPath);
              if (old !== undefined) expectTrue(old, steps[original]!.get(old.path), `${old.path} before ${original}`);
            }
          });
        }),
        { numRuns: 50 },
      );
    });
  });

  const first = "--- a/f.c\n+++ b/f.c\n@@ -10,2 +10,3 @@ int f(void)\n one\n+new\n two\n";

  test("context of a later patch was there before; lines move with the patches between", () => {
    const states = statesOf(stack([first, "--- a/f.c\n+++ b/f.c\n@@ -20,2 +20,1 @@ int g(void)\n three\n-four\n"]));
    expect(shown(states.at(0).images.get("f.c"))).toEqual([
      ["10 one", "11 two"],
      ["19 three", "20 four"],
    ]);
    expect(shown(states.at(1).images.get("f.c"))).toEqual([
      ["10 one", "11 new", "12 two"],
      ["20 three", "21 four"],
    ]);
    expect(shown(states.at(2).images.get("f.c"))).toEqual([["10 one", "11 new", "12 two"], ["20 three"]]);
    expect(
      states
        .at(2)
        .images.get("f.c")!
        .islands.map((island) => island.section),
    ).toEqual(["int f(void)", "int g(void)"]);
  });

  test("an added line keeps its patch and its number there while other patches move it", () => {
    const states = statesOf(stack([first, "--- a/f.c\n+++ b/f.c\n@@ -1,0 +2,5 @@\n+a\n+b\n+c\n+d\n+e\n"]));
    const line = states
      .at(2)
      .images.get("f.c")!
      .islands.flatMap((island) => island.lines)
      .find((one) => one.text === "new");
    expect(line).toMatchObject({ number: 16, added: { patch: 0, line: 11, patchLine: 105 } });
  });

  test("hunks that come to touch become one island", () => {
    const states = statesOf(stack([first, "--- a/f.c\n+++ b/f.c\n@@ -13,2 +13,2 @@\n three\n-four\n+five\n"]));
    expect(shown(states.at(2).images.get("f.c"))).toEqual([["10 one", "11 new", "12 two", "13 three", "14 five"]]);
  });

  test("a new file is whole, and stays so when a later patch changes it", () => {
    const add = "--- /dev/null\n+++ b/f.c\n@@ -0,0 +1,2 @@\n+one\n+two\n";
    const states = statesOf(stack([add, "--- a/f.c\n+++ b/f.c\n@@ -2,1 +2,2 @@\n two\n+three\n"]));
    expect(states.at(0).images.size).toBe(0);
    expect(states.at(1).images.get("f.c")).toMatchObject({ complete: true });
    expect(shown(states.at(2).images.get("f.c"))).toEqual([["1 one", "2 two", "3 three"]]);
    expect(states.at(2).images.get("f.c")).toMatchObject({ complete: true });
  });

  test("the lines that versions hold are bounded, and where they end is said", () => {
    const hunk = (i: number) => `--- a/f.c\n+++ b/f.c\n@@ -${1 + i * 20},2 +${1 + i * 21},3 @@\n one\n+${i}\n two\n`;
    const total = 1_200;
    const states = statesOf(stack(Array.from({ length: total }, (_, i) => hunk(i))));
    const said = states.problems.map(({ what }) => what).filter((what) => what.includes("too much to be followed"));
    expect(said.length).toBeGreaterThan(0);
    const held = (after: number) =>
      states
        .at(after)
        .images.get("f.c")!
        .islands.reduce((sum, { lines }) => sum + lines.length, 0);
    let lines = 0;
    for (let after = 0; after <= total; after++) lines += held(after);
    expect(lines).toBeLessThan(2_000_000);
  });

  test("a patch on another base is said, and known by itself", () => {
    const other = "--- a/f.c\n+++ b/f.c\n@@ -10,2 +10,2 @@\n zero\n-nothing\n+something\n";
    const states = statesOf(stack([first, other]));
    expect(states.problems).toMatchObject([{ kind: "notice", path: "2.patch", line: 101 }]);
    expect(states.problems[0]!.what).toContain("patch 2/2 shows f.c otherwise than patch 1/2 left it");
    expect(shown(states.at(1).images.get("f.c"))).toEqual([["10 one", "11 new", "12 two"]]);
    expect(shown(states.before(2).images.get("f.c"))).toEqual([["10 zero", "11 nothing"]]);
    expect(shown(states.at(2).images.get("f.c"))).toEqual([["10 zero", "11 something"]]);
  });

  test("a hunk that does not fit the tree is named, and its file goes on without the tree", () => {
    const tree = { read: (path: string) => (path === "f.c" ? "1\n2\n3\n4\n5\n6\n7\n8\n9\none\nTWO\n" : "x\n") };
    const states = statesOf(stack([`${first}--- a/g.c\n+++ b/g.c\n@@ -1 +1 @@\n-x\n+y\n`]), tree);
    expect(states.problems).toMatchObject([{ kind: "mismatch", path: "1.patch", line: 103 }]);
    expect(states.problems[0]!.what).toContain(
      "f.c: hunk 1 (@@ -10,2 +10,3 @@) does not fit: line 11 of the file differs",
    );
    expect(shown(states.at(1).images.get("f.c"))).toEqual([["10 one", "11 new", "12 two"]]);
    expect(states.at(1).images.get("g.c")).toMatchObject({ complete: true });
  });

  test("with a tree, a hunk that moved has the file's numbers, and its origin keeps the patch's", () => {
    const text = `${"x\n".repeat(29)}one\ntwo\n`;
    const states = statesOf(stack([first]), { read: () => text });
    const line = states.at(1).images.get("f.c")!.islands[0]!.lines[30]!;
    expect(line).toMatchObject({ number: 31, text: "new", added: { patch: 0, line: 11 } });
  });
});
