import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { directoryTree, readInputFiles } from "../../src/host/files.ts";
import { inTemporary, write } from "../git.ts";

const limit = 1000;
const read = (path: string, cwd: string) => readInputFiles(path, cwd, limit, (size) => `too large: ${size}`);
const paths = (path: string, cwd: string) => read(path, cwd).files.map((file) => file.path);
const isRoot = process.getuid?.() === 0;

describe("reading what was given", () => {
  test("a folder gives its mails and patches by name, a maildir cur and new", () => {
    inTemporary((dir) => {
      for (const name of ["0002-b.patch", "0001-a.patch", "series.eml", "README", ".hidden.patch"])
        write(dir, `p/${name}`, name);
      expect(paths("p", dir)).toEqual(["p/0001-a.patch", "p/0002-b.patch", "p/series.eml"]);
      expect(paths("p/", dir)).toEqual(["p/0001-a.patch", "p/0002-b.patch", "p/series.eml"]);
      for (const name of ["cur/2.x:2,S", "new/1.x", "new/3.x", "tmp/4.x"]) write(dir, `m/${name}`, name);
      expect(paths("m", dir)).toEqual(["m/new/1.x", "m/cur/2.x:2,S", "m/new/3.x"]);
    });
  });

  test("what cannot be read is one problem and the rest is read", () => {
    inTemporary((dir) => {
      mkdirSync(join(dir, "empty"));
      write(dir, "p/1.patch", "x");
      truncateSync(write(dir, "p/2.patch", ""), 1_000_000);
      symlinkSync("nowhere", join(dir, "p/3.patch"));
      write(dir, "p/4.patch", "y");
      const { files, problems } = read("p", dir);
      expect(files.map((file) => file.path)).toEqual(["p/1.patch", "p/4.patch"]);
      expect(problems).toEqual([
        { kind: "unreadable", path: "p/2.patch", what: "too large: 1000000" },
        { kind: "unreadable", path: "p/3.patch", what: "there is no such file or folder" },
      ]);
      expect(read("none", dir).problems).toMatchObject([{ path: "none", what: "there is no such file or folder" }]);
      expect(read("empty", dir).problems).toMatchObject([
        { path: "empty", what: "this folder holds no mails or patches" },
      ]);
      expect(read("/dev/zero", dir).problems).toMatchObject([{ what: "this is a device, not a file" }]);
      expect(read("/dev/null", dir).files).toMatchObject([{ bytes: { length: 0 } }]);
    });
  });

  test.skipIf(isRoot)("a file that may not be read (skipped for root, who may read all)", () => {
    inTemporary((dir) => {
      chmodSync(write(dir, "x.patch", "x"), 0);
      expect(read("x.patch", dir).problems).toMatchObject([{ what: "this may not be read (permission denied)" }]);
    });
  });
});

describe("a folder as tree", () => {
  test("gives what lies below it and nothing else", () => {
    inTemporary((dir) => {
      write(dir, "outside.c", "secret\n");
      write(dir, "tree/block/x.c", "x\n");
      symlinkSync("../outside.c", join(dir, "tree/link.c"));
      symlinkSync("..", join(dir, "tree/up"));
      symlinkSync("block/x.c", join(dir, "tree/inner.c"));
      symlinkSync("/dev/zero", join(dir, "tree/zero.c"));
      spawnSync("mkfifo", [join(dir, "tree/pipe.c")]);
      truncateSync(write(dir, "tree/huge.c", ""), 100_000_000);
      const tree = directoryTree(join(dir, "tree"));
      expect(tree.read("block/x.c")).toBe("x\n");
      expect(tree.read("inner.c")).toBe("x\n");
      const refused = [
        "../outside.c",
        "block/../../outside.c",
        "link.c",
        "up/outside.c",
        join(dir, "outside.c"),
        "zero.c",
        "pipe.c",
        "huge.c",
        "block",
        "",
        "none.c",
        "block/x.c\0",
      ];
      for (const path of refused) expect(tree.read(path), path).toBeUndefined();
    });
  });

  test("must be a folder", () => {
    inTemporary((dir) => {
      expect(() => directoryTree(join(dir, "none"))).toThrow();
      expect(() => directoryTree(write(dir, "x", ""))).toThrow();
    });
  });
});
