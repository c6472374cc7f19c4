import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { rules } from "../rules/index.ts";
import { parseExpectation } from "./expect.ts";

const top = new URL("..", import.meta.url).pathname;
const read = (path: string): string => readFileSync(join(top, path), "utf8");

/** What the project keeps: everything but what tools write. */
const files = readdirSync(top, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(top.length))
  .filter(
    (path) =>
      !/^(?:\.git|dist|coverage|reports|\.stryker-tmp)\/|(?:^|\/)node_modules\//.test(path) &&
      !/(?:^|\/)package-lock\.json$/.test(path),
  )
  .sort();

const folders = readdirSync(join(top, "rules"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

describe.each(folders)("the folder of %s", (id) => {
  test("holds a rule, its page and its cases, and nothing else", () => {
    expect(readdirSync(join(top, "rules", id)).sort()).toEqual(["README.md", "cases", "rule.ts"]);
    for (const name of readdirSync(join(top, "rules", id, "cases")))
      expect(name).toMatch(/^[a-z0-9-]+\.(?:patch|expect)$/);
  });

  test("has a case that fires and a case that keeps silent, each with words", () => {
    const notes = readdirSync(join(top, "rules", id, "cases"))
      .filter((name) => name.endsWith(".expect"))
      .flatMap((name) => parseExpectation(read(`rules/${id}/cases/${name}`)).places)
      .flatMap((place) => place.notes)
      .filter((note) => note.rule === id);
    expect(notes.filter((note) => note.kind === "found").length, "^").toBeGreaterThan(0);
    expect(notes.filter((note) => note.kind === "silent").length, "=").toBeGreaterThan(0);
    expect(notes.filter((note) => note.text.trim() === "")).toEqual([]);
  });
});

describe("the list of rules", () => {
  const ids = rules.map((rule) => rule.id);

  test("is sorted and is that of the folders", () => {
    expect(ids).toEqual([...ids].sort());
    expect(ids).toEqual(folders);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))(
    "%s names the defect, and says where it comes from",
    (id, rule) => {
      // "This patch has a ...": ids that tell what to do cannot end that sentence. A use after something is a defect.
      expect(id).toMatch(/^(?!(?:no|avoid|use(?!-after)|prefer|dont|missing-no)-)[a-z]+(?:-[a-z]+)+$/);
      expect(rule.title).toMatch(/^[a-z][^.]*[^.\s]$/);
      for (const { by, says, url } of rule.sources) {
        expect(`${by}${says}`).not.toBe("");
        expect(url).toMatch(/^https:\/\/(?:lore|docs|git)\.kernel\.org\//);
      }
    },
  );
});

describe("no file", () => {
  const isText = (text: string): boolean => !text.includes("\0");
  const lines = (pattern: RegExp, among: readonly string[]): string[] =>
    among.flatMap((path) => {
      const text = read(path);
      if (!isText(text)) return [];
      return text.split("\n").flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : []));
    });

  test("is left out of this by mistake", () => {
    expect(files).toEqual(
      expect.arrayContaining(["README.md", ".ci/run", "src/bin.ts", "rules/index.ts", "test/house.test.ts"]),
    );
  });

  test("names the machine that it was written on, or who typed it", () => {
    // Put together here, so that this file does not name them either.
    const folder = ["work", "tmp", "root", "home"].map((name) => `(?<![\\w.~*)])/${name}/`);
    // The header in which a program says its name to a web server is called by one of these words.
    const words = ["far" + "m-", "(?<!user-)(?:sub)?age" + "nts?\\b", "clau" + "de\\b"].map((word) => `\\b${word}`);
    expect(lines(new RegExp([...folder, ...words].join("|"), "i"), files)).toEqual([]);
  });

  test("puts things off, but for the draft of a new rule", () => {
    const drafts = /^(?:src\/cli\/new-rule\.ts|test\/.*\.ts)$/;
    const among = files.filter((path) => !drafts.test(path));
    expect(lines(/\b(?:TODO|FIXME|HACK)\b/, among)).toEqual([]);
  });

  test("of ours has a stray control character or ends without a newline", () => {
    const ours = files.filter((path) => /\.(?:ts|mjs|md|json|expect|litmus)$|\/run$/.test(path));
    expect(lines(/[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/, ours)).toEqual([]);
    expect(ours.filter((path) => !read(path).endsWith("\n"))).toEqual([]);
  });

  const corpus = join(top, "../shared/corpus");
  test.skipIf(!existsSync(corpus))("holds a mail of the corpus (skipped if there is no corpus)", () => {
    const mails = readdirSync(corpus, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".eml"));
    const ids = mails.flatMap(
      (name) => /^Message-I[dD]:\s*(<.*>)/m.exec(readFileSync(join(corpus, name), "utf8"))?.[1] ?? [],
    );
    expect(ids.length).toBeGreaterThan(200);
    const known = new Set(ids);
    const ours = files.filter((path) => /\.(?:patch|mbox|eml)$/.test(path));
    expect(ours.length).toBeGreaterThan(0);
    expect(
      ours.filter((path) =>
        read(path)
          .match(/<[^<>\s]+@[^<>\s]+>/g)
          ?.some((id) => known.has(id)),
      ),
    ).toEqual([]);
  });
});

describe("the package", () => {
  const manifest = JSON.parse(read("package.json"));
  let packed: { path: string; size: number; mode: number }[] = [];
  beforeAll(() => {
    const run = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: top, encoding: "utf8" });
    packed = JSON.parse(run.stdout)[0].files;
  });

  test("has the program, the pages, README and LICENSE, and nothing else", () => {
    const paths = packed.map((file) => file.path);
    const wanted = [
      "dist/src/bin.js",
      "README.md",
      "LICENSE",
      "package.json",
      ...folders.map((id) => `rules/${id}/README.md`),
      ...files.filter((path) => /^docs\/[^/]+\.md$/.test(path)),
    ];
    expect(paths).toEqual(expect.arrayContaining(wanted));
    const built = /^dist\/(?:package\.json$|src\/)/;
    expect(paths.filter((path) => !wanted.includes(path) && !built.test(path))).toEqual([]);
    expect(packed.reduce((sum, file) => sum + file.size, 0)).toBeLessThan(2_500_000);
  });

  test("starts what it promises", () => {
    expect(manifest.bin).toEqual({ copylint: "dist/src/bin.js" });
    expect(read("dist/src/bin.js").split("\n")[0]).toBe("#!/usr/bin/env node");
    expect(packed.find((file) => file.path === "dist/src/bin.js")!.mode & 0o111).not.toBe(0);
  });

  test("asks for no more than it needs", () => {
    expect(manifest.engines.node).toBe(">=20.19");
    expect(manifest.license).toBe("MIT");
    // The parser cannot be bundled; all else is. Both versions are exact, as only this pair works together.
    expect(manifest.dependencies).toEqual({ "tree-sitter": "0.22.4", "tree-sitter-c": "0.23.6" });
    expect(Object.keys(manifest.scripts)).not.toContain("postinstall");
  });
});
