import { describe, expect, test } from "vitest";
import { spokenOf, termsIn } from "../../src/exec/terms.ts";

describe("what the comment of a function speaks of", () => {
  test.each([
    ["/* Copies @len bytes. */", []],
    ["/* @nr sectors, not zero. */", ["some"]],
    ["/**\n * move - move blocks\n * @len:\tlength in bytes, must be non-zero\n */", ["some"]],
    ["/* Callers must ensure that no length is zero. */", ["some"]],
    ["/* Must not be called with a length of 0. */", ["some"]],
    ["/* The list must not be empty. */", ["some"]],
    ["/* The length is greater than 0 and a multiple of the block size. */", ["some", "aligned"]],
    ["/* All of it has to be aligned to logical blocks. */", ["aligned"]],
    ["/* @ranges: what to copy, every one a multiple of the block size */", ["aligned"]],
    ["/* Moves whole logical blocks. The ranges must not overlap. */", ["aligned", "apart"]],
    ["/* For two ranges that are disjoint */", ["apart"]],
    [
      "/**\n * @src:\tfirst sector, on a block boundary\n * @nr:\tsectors; callers never ask for none\n */",
      ["some", "aligned"],
    ],
    ["/*\n * Source and destination do\n * not\n * overlap.\n */", ["apart"]],
  ])("%s", (comment, terms) => expect([...termsIn(comment)]).toEqual(terms));
});

describe("what a function sees to by itself, or leaves to its callers, is not among that", () => {
  test.each([
    "/* Returns -EINVAL if @len is not a multiple of the block size. */",
    "/* -EINVAL: not a multiple of the block size. */",
    "/* Ranges that are not aligned are refused; so fail those that overlap. */",
    "/* Source and destination may overlap. */",
    "/* The length need not be aligned. */",
    "/* @flags: non-zero to wait */",
    "/* 0 if all of the range was copied. */",
  ])("%s", (comment) => expect([...termsIn(comment)]).toEqual([]));
});

test("what is not called for that is said", () => {
  expect(spokenOf(termsIn("/* Aligned ranges of non-zero length. No two overlap. */"))).toBe(
    "for a length of 0 and ranges that are not aligned and ranges that overlap, which its comment speaks of",
  );
});
