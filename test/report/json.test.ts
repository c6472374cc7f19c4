import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/finding/finding.ts";
import { jsonReport } from "../../src/report/json.ts";
import { finding, patch, reviewOf } from "./sample.ts";

const schema = JSON.parse(readFileSync(new URL("../../src/report/review.schema.json", import.meta.url), "utf8"));
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);

/** What a consumer reads; `valid` are the complaints of the schema. */
function read(review: Parameters<typeof jsonReport>[0]) {
  const value = JSON.parse(jsonReport(review));
  validate(value);
  return { value, complaints: validate.errors ?? [] };
}

const fix = [
  {
    file: "block/quarry.c",
    line: 268,
    column: 3,
    endLine: 269,
    endColumn: 1,
    text: "",
    lines: ["\t\tblk_start_plug(&plug);", ""],
  },
];

describe("the JSON output matches its schema", () => {
  const reviews: Readonly<Record<string, readonly Finding[]>> = {
    "without findings": [],
    "with a run": [finding()],
    "without a run": [finding({ trace: null, function: null })],
    "about a commit message": [finding({ file: null, quoted: "We plug." })],
    "with a fix": [finding({ fix })],
    "mended later": [finding({ mendedBy: { index: 5, total: 7, subject: "x" } })],
    "about a bare diff": [finding({ patch: { ...patch, messageId: null } })],
  };
  test.each(Object.entries(reviews))("%s", (_, findings) => {
    expect(read(reviewOf(findings)).complaints).toEqual([]);
  });

  test("with problems and things not checked", () => {
    const review = reviewOf([], {
      notChecked: [{ what: "plug-per-chunk in f()", why: "not shown", kind: "rule" }],
      problems: [
        { kind: "unreadable", path: "a", line: 3, what: "the hunk ends early", advice: "fetch the mail again" },
        { kind: "notice", path: "-", what: "3/7 is missing" },
      ],
    });
    const { value, complaints } = read(review);
    expect(complaints).toEqual([]);
    expect(value.problems).toEqual(review.problems);
    expect(value.notChecked).toEqual(review.notChecked);
  });
});

test("the schema is strict: a field that it does not describe is an error, at every level", () => {
  const value = JSON.parse(
    jsonReport(reviewOf([finding({ fix })], { problems: [{ kind: "notice", path: "-", what: "x" }] })),
  );
  for (const part of [
    value,
    value.series[0],
    value.series[0].patches[0],
    value.findings[0],
    value.findings[0].patch,
    value.findings[0].trace[0],
    value.problems[0],
  ]) {
    part.surprise = 1;
    expect(validate(value)).toBe(false);
    delete part.surprise;
  }
  expect(validate(value)).toBe(true);
});

test("a finding has all that the terminal shows, with places 1-based and on the new side", () => {
  const { value } = read(reviewOf([finding()]));
  expect(value.findings[0]).toMatchObject({
    rule: "plug-per-chunk",
    level: "warning",
    confidence: "high",
    file: "block/quarry.c",
    line: 268,
    column: 3,
    endLine: 268,
    endColumn: 26,
    function: "quarry_move",
    patch,
    traceSetting: "2 chunks of 128 sectors",
    traceOutcome: "2 flushes for 2 chunks",
    fingerprint: "0123456789abcdef",
    executed: false,
    mendedBy: null,
  });
  expect(value.findings[0].trace).toEqual([
    { actor: "submitter", action: "start plug", assumed: false, file: "block/quarry.c", line: 268 },
    { actor: "submitter", action: "finish plug", assumed: false, file: "block/quarry.c", line: 279 },
    { actor: "block layer", action: "flush 2 requests", assumed: true, file: null, line: null },
  ]);
});

test("the code frame is for the terminal only", () => {
  expect(jsonReport(reviewOf([finding()]))).not.toContain("excerpt");
});

test("text of the input arrives as it is, but harmless to look at", () => {
  const what = "a\x1b[2J\u202eb\x9b\ud800";
  const out = jsonReport(reviewOf([finding({ what })]));
  expect(out).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  expect(JSON.parse(out).findings[0].what).toBe(what);
});
