import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeWhole } from "../../src/host/write.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "copylint-write-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string): string => readFileSync(join(folder, name), "utf8");

describe("a file", () => {
  test("is made, and replaced as a whole; nothing is left beside it", () => {
    writeWhole("a", "one\n", folder);
    const before = statSync(join(folder, "a")).ino;
    writeWhole("a", "two\n", folder);
    expect(read("a")).toBe("two\n");
    // Another file took its place: who had the old one open still reads all of that.
    expect(statSync(join(folder, "a")).ino).not.toBe(before);
    expect(readdirSync(folder)).toEqual(["a"]);
  });

  test("keeps its permissions", () => {
    writeFileSync(join(folder, "b"), "");
    chmodSync(join(folder, "b"), 0o640);
    writeWhole("b", "x", folder);
    expect(statSync(join(folder, "b")).mode & 0o777).toBe(0o640);
  });

  test("behind a link is replaced, not the link", () => {
    symlinkSync("a", join(folder, "link"));
    writeWhole("link", "three\n", folder);
    expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
    expect(read("a")).toBe("three\n");
  });

  test("that others write to is appended to", () => {
    writeFileSync(join(folder, "summary"), "theirs\n");
    writeWhole(join(folder, "summary"), "ours\n", "/", "append");
    expect(read("summary")).toBe("theirs\nours\n");
  });

  test("that is none is written to as it is", () => {
    writeWhole("/dev/null", "x", folder);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});

test("what cannot be written is said in words, and leaves nothing behind", () => {
  mkdirSync(join(folder, "taken"));
  const before = readdirSync(folder);
  for (const [path, words] of [
    ["no/such/place", "there is no such folder"],
    ["taken", "this is a folder"],
    ["a/b", "a part of the path is no folder"],
    ["x".repeat(5000), "the name is too long"],
  ] as const) {
    expect(() => writeWhole(path, "x", folder)).toThrow(words);
  }
  expect(readdirSync(folder)).toEqual(before);
});
