import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { git, hasGit, inTemporary } from "./git.ts";
import { renamed } from "./renamer.ts";
import { corpus, hasCorpus, inShort, type Mail, mailsOf, reviewMails, top } from "./reviewing.ts";

const found = async (mails: readonly Mail[], budget?: number): Promise<string[]> =>
  (await reviewMails(mails, undefined, budget)).findings.map(inShort).sort();

/** Reviews the mails as they are and with names that say nothing. */
async function bothWays(mails: readonly Mail[], which?: ReadonlySet<number>, budget?: number) {
  const other = await renamed(mails, which);
  return { before: await found(mails, budget), after: await found(other.mails, budget), ...other };
}

const careless = mailsOf(join(top, "fixtures/series/careless"));

describe("the renaming itself", () => {
  test.skipIf(!hasGit)("leaves patches that still apply, one on the other", async () => {
    const { mails } = await renamed(careless);
    inTemporary((dir) => {
      cpSync(join(top, "fixtures/stage"), dir, { recursive: true });
      for (const { text } of mails.slice(1))
        expect(git(dir, ["apply", "-"], Buffer.from(text, "latin1")).toString()).toBe("");
    });
  });

  test("leaves no name that the series defines, in code or comments", async () => {
    const { mails } = await renamed(careless);
    const diffs = (list: readonly Mail[]) => list.map(({ text }) => text.slice(text.indexOf("\n---\n"))).join("");
    const own =
      /\b(?:blkdev_clone_range|blk_clone_(?:sub_)?io|blk_clone_check|atomic_dec_and_test)\b|@(?:from|gfp)\b|->cloned\b/g;
    expect(new Set(diffs(careless).match(own)).size).toBe(8);
    // What the kernel names stays as it is.
    expect(new Set(diffs(mails).match(own))).toEqual(new Set(["atomic_dec_and_test"]));
    expect(diffs(mails)).toMatch(/struct bio \*zq\d+v/);
  });
});

describe("names that say nothing change no finding", () => {
  test("of the bundled careless series", async () => {
    const { before, after } = await bothWays(careless);
    expect(before.length).toBeGreaterThan(10);
    expect(after).toEqual(before);
    expect(after.filter((line) => line.endsWith("struct-role-naming")).length).toBeGreaterThan(0);
    expect(after.filter((line) => line.endsWith("misleading-offset")).length).toBeGreaterThan(0);
  });

  // Names are what the one rule is about, and a name with "offset" in it is half of what the other is about.
  const byName = /(?:struct-role-naming|misleading-offset)$/;

  /**
   * Cases in which only names say what is what, so that some of the findings are lost without them: no plain call of the engine works,
   * or the case brings a structure of the kernel's own, whose members the table knows by their names.
   */
  const byNameAlone: ReadonlySet<string> = new Set([
    "foreign-status/bytes-for-a-status.patch",
    "foreign-status/status-of-a-length.patch",
    "misdirected-write/shifted-twice.patch",
    "misdirected-write/source-and-destination-swapped.patch",
    "narrowing-conversion/bytes-in-64-bits.patch",
    "narrowing-conversion/bytes-in-a-long.patch",
    "narrowing-conversion/sectors-in-16-bits.patch",
    "narrowing-conversion/sectors-in-32-bits.patch",
    "wild-access/one-range-too-many.patch",
    "wild-access/parts-of-no-length.patch",
    "wild-access/parts-of-some-length.patch",
  ]);

  test.each(
    readdirSync(join(top, "rules"), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    ),
  )("of the cases of %s, but for rules about names", async (id) => {
    for (const mail of mailsOf(join(top, "rules", id, "cases"))) {
      // A tenth of the runs of a review is enough to see what a name changes.
      const { before, after } = await bothWays([mail], undefined, 400);
      const others = (lines: readonly string[]) => lines.filter((line) => !byName.test(line));
      if (byNameAlone.has(`${id}/${mail.path}`)) {
        expect(others(before), mail.path).toEqual(expect.arrayContaining(others(after)));
        expect(others(after).length, mail.path).toBeLessThan(others(before).length);
      } else expect(others(after), mail.path).toEqual(others(before));
      const naming = (lines: readonly string[]) => lines.filter((line) => line.endsWith("struct-role-naming"));
      expect(naming(after), mail.path).toEqual(expect.arrayContaining(naming(before)));
    }
  });
});

describe.skipIf(!hasCorpus)("names that say nothing change no finding of v20 (skipped if there is no corpus)", () => {
  const v20 = hasCorpus ? mailsOf(join(corpus, "v20")) : [];
  const third = v20.filter(({ path }) => path.startsWith("003-"));

  test("03/12 alone", async () => {
    const { before, after, names } = await bothWays(third);
    expect(names).toBeGreaterThan(30);
    expect(new Set(before.map((line) => line.split(" ").at(-1))).size).toBe(12);
    expect(after).toEqual(before);
  });

  test.each([
    ["that 03/12 defines", new Set([2])],
    ["that any patch defines", undefined],
  ])("the whole series, names %s", async (_, which) => {
    const { before, after } = await bothWays(v20, which);
    expect(before.length).toBeGreaterThan(10);
    expect(after).toEqual(before);
  });
});
