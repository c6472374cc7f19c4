import { describe, expect, test } from "vitest";
import { ruledOut, termsIn } from "../../src/exec/terms.ts";

const asked = (comment: string): string[] => {
  const terms = termsIn(comment);
  return (["some", "aligned", "apart"] as const).filter((term) => terms[term]);
};

describe("what the comment of a function asks of its callers", () => {
  test.each([
    ["/* Copies @len bytes. */", []],
    ["/* @nr sectors, not zero. */", ["some"]],
    ["/**\n * move - move blocks\n * @len:\tlength in bytes, must be non-zero\n */", ["some"]],
    ["/* The length is greater than 0 and a multiple of the block size. */", ["some", "aligned"]],
    ["/* All of it has to be aligned to logical blocks. */", ["aligned"]],
    ["/* Moves whole logical blocks. The ranges must not overlap. */", ["aligned", "apart"]],
    ["/* For two ranges that are disjoint */", ["apart"]],
    ["/*\n * Source and destination must\n * not\n * overlap.\n */", ["apart"]],
  ])("%s", (comment, terms) => expect(asked(comment)).toEqual(terms));
});

describe("what a function sees to by itself, or leaves to its callers, it does not ask for", () => {
  test.each([
    "/* Returns -EINVAL if @len is not a multiple of the block size. */",
    "/* Ranges that are not aligned are refused; so are those that overlap. */",
    "/* Source and destination may overlap. */",
    "/* The length need not be aligned. */",
    "/* @flags: non-zero to wait */",
    "/* If the length is not zero, one block is copied at least. */",
    "/* Unaligned ranges are emulated. */",
  ])("%s", (comment) => expect(asked(comment)).toEqual([]));
});

test("what is not called for that is said", () => {
  expect(ruledOut(termsIn("/* Copies something. */"))).toBeUndefined();
  expect(ruledOut(termsIn("/* Aligned ranges of a length that is not 0, which do not overlap. */"))).toBeUndefined();
  expect(ruledOut(termsIn("/* Aligned ranges of non-zero length. No two overlap. */"))).toBe(
    "for a length of 0 and ranges that are not aligned and ranges that overlap, as its comment forbids that",
  );
});
