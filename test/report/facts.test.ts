import { expect, test } from "vitest";
import { factsJson, factsText } from "../../src/report/facts.ts";

const facts = [
  { kind: "plug", name: "quarry_move", file: "block/quarry.c", line: 268, shown: true, detail: "per chunk" },
  { kind: "wait", name: "quarry_wait", file: "", line: 0, shown: false, detail: "its body is in a gap" },
];

test("each fact is a line that says whether the series shows it, and the last line counts", () => {
  expect(factsText(facts, 80).split("\n")).toEqual([
    "block/quarry.c:268: plug quarry_move: per chunk",
    "wait quarry_wait (not shown): its body is in a gap",
    "2 facts: 1 shown, 1 not shown",
    "",
  ]);
});

test("as JSON they are the same facts", () => {
  expect(JSON.parse(factsJson(facts))).toEqual(facts);
});

test("names of the input cannot steer the terminal", () => {
  expect(factsText([{ ...facts[0]!, name: "x\x1b[2J" }], 80)).not.toContain("\x1b");
});
