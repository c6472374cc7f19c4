import { describe, expect, test } from "vitest";
import { disagreements, type Found, factsMissing, locate, newSides, parseExpectation } from "./expect.ts";

const patch = `Subject: [PATCH] block: copy

We copy.
---
diff --git a/a.c b/a.c
--- a/a.c
+++ b/a.c
@@ -1,3 +1,4 @@
 int a;
-int b;
+int c;
+int c;
 int d;
@@ -20,2 +21,3 @@ f
 int x;
+int y;
 int z;
--${" "}
2.43.0
`;

const finding = (line: number, over: Partial<Found> = {}): Found => ({
  rule: "some-rule",
  level: "check",
  file: "a.c",
  line: newSides(patch).get(line)?.line ?? 1,
  what: "the variable y has a short name",
  why: "",
  instead: "",
  mendedBy: null,
  patch: { line },
  ...over,
});

describe("an expectation", () => {
  test("has a question, places with notes, and facts", () => {
    const text =
      "Why?\n\n> +int c;\n> +int c;\n^ check some-rule: short name\n= other-rule: fine\n\n> +int y;\n? some-rule: not yet\n! plug = around-loop\n";
    const read = parseExpectation(text);
    expect(read.question).toBe("Why?");
    expect(read.facts).toEqual(["plug = around-loop"]);
    expect(read.places.map((place) => place.quoted)).toEqual([["+int c;", "+int c;"], ["+int y;"]]);
    expect(read.places.map((p) => p.notes.map((n) => `${n.line} ${n.kind} ${n.level} ${n.rule} ${n.text}`))).toEqual([
      ["5 found check some-rule short name", "6 silent undefined other-rule fine"],
      ["9 blind undefined some-rule not yet"],
    ]);
  });

  test.each([
    ["> +int y;\n^ check some-rule: x\n", /line 1: .*question/],
    ["Why?\n^ check some-rule: x\n", /line 2: no line is quoted/],
    ["Why?\n> +int y;\n^ fatal some-rule: x\n", /line 3: no such level/],
    ["Why?\n> +int y;\n^ check some-rule\n", /line 3: neither/],
    ["Why?\n> +int y;\n\n^ check some-rule: x\n", /line 3: nothing is said/],
    ["Why?\n> +int y;\n", /nothing is said/],
    ["Why?\nsome text\n", /line 2: neither/],
    ["Why?\n>+int y;\n^ check some-rule: x\n", /line 2: a quoted line/],
  ])("is refused if it is malformed: %j", (text, message) => {
    expect(() => parseExpectation(text)).toThrow(message);
  });
});

describe("a quotation", () => {
  const place = (quoted: readonly string[]) => ({ quoted, notes: [], line: 3 });
  test("stands for its last line", () => expect(locate(place(["+int c;", "+int c;"]), patch)).toBe(12));
  test("may be of the commit message", () => expect(locate(place(["We copy."]), patch)).toBe(3));
  test("occurs once", () => {
    expect(() => locate(place(["+int c;"]), patch)).toThrow(/line 3: .*2 times/);
    expect(() => locate(place(["+int q;"]), patch)).toThrow(/0 times/);
  });
});

test("lines of a patch are numbered on its new side, and its signature is no removed line", () => {
  const sides = [...newSides(patch)].map(([line, side]) => `${line}=${side.file}:${side.line}`);
  expect(sides).toEqual(["9=a.c:1", "11=a.c:2", "12=a.c:3", "13=a.c:4", "15=a.c:21", "16=a.c:22", "17=a.c:23"]);
});

describe("disagreements", () => {
  const expected = (text: string) => parseExpectation(`Why?\n> +int y;\n${text}\n`);
  const found = expected("^ check some-rule: short NAME");

  test("none when all is as expected", () => {
    expect(disagreements(found, patch, [finding(16)])).toEqual([]);
    expect(disagreements(expected("= some-rule: fine"), patch, [])).toEqual([]);
    expect(disagreements(expected("? some-rule: not yet"), patch, [])).toEqual([]);
  });

  test.each<[string, readonly Found[], RegExp]>([
    ["not found", [], /line 3: some-rule is not found at: \+int y;/],
    ["another line", [finding(15)], /not found/],
    ["another rule", [finding(16, { rule: "other-rule" })], /not found/],
    ["another level", [finding(16, { level: "error" })], /expected check/],
    ["a word missing", [finding(16, { what: "short" })], /does not say "NAME"/],
    ["found twice", [finding(16), finding(16)], /not expected/],
    ["found elsewhere too", [finding(16), finding(17)], /not expected: check some-rule at line 17 .*int z;/],
    ["a wrong line number", [finding(16, { line: 7 })], /says a.c:7, is a.c:22/],
    ["a wrong file", [finding(16, { file: "b.c" })], /says b.c:22, is a.c:22/],
    ["mended", [finding(16, { mendedBy: { index: 2, total: 2, subject: "" } })], /mends it/],
  ])("%s", (_, findings, message) => {
    expect(disagreements(found, patch, findings).join("\n")).toMatch(message);
  });

  test("what a later patch mends is a note", () => {
    const note = expected("^ note some-rule: short");
    expect(disagreements(note, patch, [finding(16, { mendedBy: { index: 2, total: 2, subject: "" } })])).toEqual([]);
    expect(disagreements(note, patch, [finding(16)]).join()).toMatch(/expected note, is/);
  });

  test("a fact that is not shown", () => {
    const facts = parseExpectation("Why?\n! plug f: in a loop\n! unit f: bytes\n");
    expect(factsMissing(facts, ["plug f: in a loop", "unit f: sectors"])).toEqual([
      "this fact is not shown: unit f: bytes",
    ]);
  });

  test("silence that is broken, and blindness that is healed", () => {
    expect(disagreements(expected("= some-rule: fine"), patch, [finding(16)]).join()).toMatch(/silent \(fine\) but/);
    expect(disagreements(expected("? some-rule: not yet"), patch, [finding(16)]).join()).toMatch(/write \^/);
  });
});
