import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { rules } from "../rules/index.ts";
import { readInput } from "../src/cli/input.ts";
import type { Review } from "../src/finding/review.ts";
import { engineFacts, review } from "../src/review/review.ts";
import { disagreements, type Expectation, factsMissing, parseExpectation, rulesNamed } from "./expect.ts";

const top = new URL("..", import.meta.url).pathname;
const stage = join(top, "fixtures/stage");

const names = (folder: string, end: string): string[] =>
  existsSync(join(top, folder))
    ? readdirSync(join(top, folder))
        .filter((name) => name.endsWith(end))
        .map((name) => name.slice(0, -end.length))
        .sort()
    : [];

const folders = (parent: string): string[] =>
  readdirSync(join(top, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

interface Reviewed {
  readonly review: Review;
  /** "kind name: detail" of each fact that is shown. */
  readonly facts: readonly string[];
}

/** Reads and reviews as `copylint check` does, and says the facts as `copylint facts` does. */
async function reviewed(paths: readonly string[], tree?: string): Promise<Reviewed> {
  const stdin = async () => new Uint8Array();
  const input = await readInput(paths, tree === undefined ? { cwd: top, stdin } : { cwd: top, stdin, tree });
  expect(input.problems).toEqual([]);
  const options = input.tree === undefined ? {} : { tree: input.tree };
  const facts = engineFacts(input.series, options).filter((fact) => fact.shown);
  return {
    review: review(input.series, { rules, ...options }),
    facts: facts.map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`),
  };
}

const read = (path: string): string => readFileSync(join(top, path), "utf8");

/** What of an expectation a review contradicts; `counts` says which rules are compared. */
function contradictions(
  expectation: Expectation,
  path: string,
  { review: { findings }, facts }: Reviewed,
  counts: (rule: string) => boolean,
): readonly string[] {
  const here = findings.filter((f) => f.patch.path === path && counts(f.rule));
  return [...disagreements(expectation, read(path), here), ...factsMissing(expectation, facts)];
}

test("there are rules, each has a folder, and each folder is a rule", () => {
  expect(rules.length).toBeGreaterThan(0);
  expect(folders("rules")).toEqual(rules.map((rule) => rule.id).sort());
});

describe.each(rules.map((rule) => rule.id))("%s", (id) => {
  const folder = `rules/${id}/cases`;
  const cases = names(folder, ".patch");
  const expectations = new Map(
    names(folder, ".expect").map((name) => [name, parseExpectation(read(`${folder}/${name}.expect`))]),
  );

  test("has cases that fire, and near misses", () => {
    expect([...expectations.keys()], "an .expect file for each patch, and the other way round").toEqual(cases);
    const fires = [...expectations.values()].map(({ places }) =>
      places.some((place) => place.notes.some((note) => note.kind === "found" && note.rule === id)),
    );
    expect(fires, "a case that fires").toContain(true);
    expect(fires, "a near miss").toContain(false);
  });

  describe.each(cases)("%s", (name) => {
    const path = `${folder}/${name}.patch`;
    const expectation = expectations.get(name);
    if (expectation === undefined) return;
    const named = rulesNamed(expectation);

    test.each([
      ["by itself", undefined],
      ["with the tree", stage],
    ])(`${expectation.question} (%s)`, async (_, tree) => {
      const result = await reviewed([path], tree);
      const said = contradictions(expectation, path, result, (rule) => rule === id || named.has(rule));
      expect(said, said.join("\n")).toEqual([]);
    });
  });
});

describe.each(folders("fixtures/series"))("series %s", (series) => {
  const folder = `fixtures/series/${series}`;
  const patches = names(folder, ".patch");
  const mails = patches.map((name) => `${folder}/${name}.patch`);

  test("is there, and each expectation belongs to a patch", () => {
    expect(patches.length).toBeGreaterThan(1);
    expect(patches).toEqual(expect.arrayContaining(names(folder, ".expect")));
  });

  test.each([
    ["by itself", undefined],
    ["with the tree", stage],
  ])("draws what is expected and nothing else, %s", async (_, tree) => {
    const result = await reviewed(mails, tree);
    expect(result.review.series.map((s) => s.patches.length)).toEqual([
      patches.filter((p) => !p.startsWith("0000")).length,
    ]);
    for (const path of mails) {
      const beside = path.replace(/patch$/, "expect");
      const expectation: Expectation = existsSync(join(top, beside))
        ? parseExpectation(read(beside))
        : { question: "nothing is expected of this mail", places: [], facts: [] };
      const said = contradictions(expectation, path, result, () => true);
      expect(said, [basename(path), ...said].join("\n")).toEqual([]);
    }
  });
});
