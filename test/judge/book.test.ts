import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { judgeWith, type Verdicts } from "../../src/judge/judge.ts";

const book: [string, unknown][] = JSON.parse(
  readFileSync(new URL("../../dist/src/verdicts.json", import.meta.url), "utf8"),
);

test("what the build wrote down is what the model says when it is run now", () => {
  expect(book.length).toBeGreaterThan(3);
  for (const [key, written] of book) {
    const [property, variant, open] = JSON.parse(key);
    const fresh: Verdicts = new Map();
    judgeWith(() => undefined, fresh).ask({ property, variant, open });
    expect(JSON.parse(JSON.stringify(fresh.get(key)))).toEqual(written);
  }
});
