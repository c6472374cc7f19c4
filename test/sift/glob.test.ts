import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { globFits, wrongPattern } from "../../src/sift/glob.ts";

describe("a pattern", () => {
  test.each([
    ["block/*.c", ["block/blk-lib.c"], ["block/sub/a.c", "block/a.h", "drivers/block/a.c"]],
    ["block", ["block/blk-lib.c", "block/partitions/a.c", "drivers/block/x.c"], ["blocks/a.c"]],
    ["drivers/md/", ["drivers/md/dm.c", "drivers/md/a/b.c"], ["drivers/mdio/a.c"]],
    ["drivers/**", ["drivers/a.c", "drivers/nvme/host/a.c"], ["driver/a.c"]],
    ["**/blk-*.h", ["blk-a.h", "include/linux/blk-mq.h"], ["include/linux/blk.h"]],
    ["*.h", ["a.h", "include/linux/a.h"], ["a.hh", "a.c"]],
    ["include/**/bl?.h", ["include/blk.h", "include/a/b/blk.h"], ["include/bl.h", "include/blkk.h"]],
    ["a.c", ["a.c", "x/a.c"], ["a_c", "xa.c"]],
  ])("%s", (pattern, inside, outside) => {
    expect(inside.filter((path) => !globFits(pattern, path))).toEqual([]);
    expect(outside.filter((path) => globFits(pattern, path))).toEqual([]);
  });

  test("without wildcards fits the path that it spells, and all below", () => {
    const path = fc
      .array(fc.stringMatching(/^[a-z.]{1,5}$/), { minLength: 2, maxLength: 5 })
      .map((parts) => parts.join("/"));
    fc.assert(
      fc.property(path, path, (one, other) => {
        expect(globFits(one, one)).toBe(true);
        expect(globFits(one, `${one}/${other}`)).toBe(true);
        expect(globFits(one, `${one}x`)).toBe(false);
      }),
    );
  });

  test("full of stars is no work, however long the path", () => {
    const started = performance.now();
    expect(globFits(`${"*a".repeat(140)}b`, "a".repeat(4000))).toBe(false);
    expect(globFits(`${"**/".repeat(90)}b`, "a/".repeat(2000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test.each(["", "a{b,c}", "[ab]", "!a", "/etc/passwd", "../a", "a/../b", "x".repeat(301), "a|b", "+(a)"])(
    "%j is refused",
    (pattern) => expect(wrongPattern(pattern)).toBeDefined(),
  );
});
