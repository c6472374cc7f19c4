import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCode } from "../src/engine/code.ts";
import { statesOf } from "../src/source/states.ts";
import { linesInError } from "../src/syntax/ctree.ts";
import { corpus, hasCorpus, type Mail, mailsOf, seriesOf, top } from "./reviewing.ts";

/** How much of the added C of some mails is understood. */
interface Measure {
  added: number;
  inError: number;
  /** Characters of the islands, and those masked before the parse, by idiom. */
  characters: number;
  readonly masked: Map<string, number>;
}

/** Reads all C of each series, after all of its patches. */
async function measure(all: readonly (readonly Mail[])[]): Promise<Measure> {
  const sum: Measure = { added: 0, inError: 0, characters: 0, masked: new Map() };
  for (const mails of all) {
    for (const series of await seriesOf(mails)) {
      for (const tree of readCode(statesOf(series).at(series.patches.length), () => true).trees) {
        sum.added += tree.lines.filter((line) => line.added && line.text.trim() !== "").length;
        sum.inError += linesInError(tree).length;
        sum.characters += tree.to - tree.from;
        for (const { idiom, start, end } of tree.hidden)
          if (start >= tree.from && end <= tree.to) sum.masked.set(idiom, (sum.masked.get(idiom) ?? 0) + end - start);
      }
    }
  }
  return sum;
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;

function said(name: string, { added, inError, characters, masked }: Measure): string {
  const idioms = [...masked].sort((a, b) => b[1] - a[1]).map(([idiom, n]) => `${idiom} ${percent(n, characters)}`);
  return `${name}: ${percent(added - inError, added)} of ${added} added C lines outside errors; masked: ${idioms.join(", ") || "nothing"}`;
}

describe.skipIf(!hasCorpus)(
  "of the added C lines of real mails at least 97 % are understood (skipped if there is no corpus)",
  () => {
    const folders = hasCorpus
      ? readdirSync(corpus, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      : [];

    test.each(folders.map((entry) => entry.name))("%s", async (name) => {
      const folder = join(corpus, name);
      // The other mails are one patch each, of series that are not there.
      const single = () => readdirSync(folder).map((path) => mailsOf(folder, [path]));
      const found = await measure(name === "other" ? single() : [mailsOf(folder)]);
      console.log(said(name, found));
      expect(found.added).toBeGreaterThan(100);
      expect(1 - found.inError / found.added).toBeGreaterThanOrEqual(0.97);
    });
  },
);

test("of the added C lines of the bundled series at least 99 % are understood", async () => {
  const folder = join(top, "fixtures/series");
  const found = await measure(readdirSync(folder).map((name) => mailsOf(join(folder, name))));
  expect(found.added).toBeGreaterThan(300);
  expect(1 - found.inError / found.added).toBeGreaterThanOrEqual(0.99);
});
