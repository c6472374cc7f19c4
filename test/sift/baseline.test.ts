import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Baseline, baselineOf, baselineText, readBaseline, withBaseline } from "../../src/sift/baseline.ts";
import { finding } from "../report/sample.ts";
import { mailsOf, reviewMails, top } from "../reviewing.ts";

const schema = JSON.parse(readFileSync(new URL("../../src/sift/baseline.schema.json", import.meta.url), "utf8"));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const read = (text: string): Baseline => {
  const baseline = readBaseline(text);
  if (typeof baseline === "string") throw new Error(baseline);
  return baseline;
};

/** A finding as several rules and places may have it; few values, so that some are alike. */
const findings = fc.array(
  fc
    .record({
      rule: fc.constantFrom("plug-per-chunk", "byte-units"),
      level: fc.constantFrom("error", "warning", "check"),
      file: fc.constantFrom("block/a.c", "block/b.c", null),
      function: fc.constantFrom("f", "g", null),
      code: fc.constantFrom("blk_start_plug(&plug);", "loff_t  from", "x\u202e\u0000y", "__proto__"),
      line: fc.nat(5000),
    })
    .map((change) => finding(change as Parameters<typeof finding>[0])),
  { maxLength: 12 },
);

describe("a baseline of findings", () => {
  test("is a file by its schema, reads back as it is, and holds each of them", () => {
    fc.assert(
      fc.property(findings, (all) => {
        const text = baselineText(baselineOf(all));
        expect(validate(JSON.parse(text))).toBe(true);
        expect(text).not.toMatch(/[\u202e\u0000]/);
        expect(read(text)).toEqual(baselineOf(all));
        const { known, left } = withBaseline(all, read(text));
        // One that is graver than the rest of its kind comes first in no order, so the entry has the gravest level.
        expect(known.filter((it) => !it)).toEqual([]);
        expect(left).toEqual([]);
      }),
    );
  });

  test("is the same whatever the order, the lines, the white space and the patches are", () => {
    const moved = fc.tuple(findings, fc.nat(3000), fc.infiniteStream(fc.nat()));
    fc.assert(
      fc.property(moved, ([all, by, seeds]) => {
        const shuffled = [...all]
          .map((f) => ({ f, at: seeds.next().value as number }))
          .sort((one, other) => one.at - other.at)
          .map(({ f }) => ({
            ...f,
            line: f.line + by,
            endLine: f.endLine + by,
            patch: { ...f.patch, line: f.patch.line + by, index: 1, messageId: null, path: "rebased.patch" },
            code: (f.code ?? "").replaceAll(" ", "\n\t "),
            fingerprint: "fedcba9876543210",
          }));
        expect(baselineText(baselineOf(shuffled))).toBe(baselineText(baselineOf(all)));
      }),
    );
  });

  test("holds as many as it counts, and none that has become graver", () => {
    const one = finding({ code: "blk_start_plug(&plug);" });
    expect(withBaseline([one, one, one], baselineOf([one, one])).known).toEqual([true, true, false]);
    expect(withBaseline([{ ...one, level: "error" }], baselineOf([one])).known).toEqual([false]);
    expect(withBaseline([{ ...one, level: "check" }], baselineOf([one])).known).toEqual([true]);
    expect(withBaseline([{ ...one, code: "blk_start_plug(plug);" }], baselineOf([one]))).toEqual({
      known: [false],
      left: baselineOf([one]),
    });
  });
});

test("lines that a series adds above move findings, and none of them leaves the baseline", async () => {
  const mails = mailsOf(`${top}fixtures/series/careless`);
  const before = await reviewMails(mails);
  const baseline = baselineOf(before.findings);
  expect(before.findings.length).toBeGreaterThan(10);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 900 }), async (by) => {
      // The same patches on a tree in which each file is that much longer in front.
      const shift = (_: string, old: string, oldCount: string, now: string, nowCount: string) =>
        `@@ -${Number(old) + (Number(old) > 0 ? by : 0)}${oldCount} +${Number(now) + (Number(old) > 0 ? by : 0)}${nowCount} @@`;
      const moved = mails.map((mail) => ({
        ...mail,
        text: mail.text.replace(/^@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@/gm, shift),
      }));
      const after = await reviewMails(moved);
      expect(after.findings.map((f) => f.line)).not.toEqual(before.findings.map((f) => f.line));
      expect(withBaseline(after.findings, baseline)).toEqual({ known: after.findings.map(() => true), left: [] });
      expect(baselineText(baselineOf(after.findings))).toBe(baselineText(baseline));
    }),
    { numRuns: 3 },
  );
});

test.each([
  ["", "no JSON"],
  ["[]", "no list of findings"],
  ['{"version":2,"findings":[]}', "version 1"],
  ['{"version":1,"findings":[1]}', "entry 1 is no entry"],
  ['{"version":1,"findings":[{"rule":"x"}]}', "no field 'level'"],
  ['{"version":1,"findings":[{"__proto__":{"rule":"x"}}]}', "'__proto__'"],
  [
    '{"version":1,"findings":[{"rule":"x","level":"off","file":null,"function":null,"statement":"","count":1}]}',
    "level",
  ],
  [
    '{"version":1,"findings":[{"rule":"x","level":"error","file":null,"function":null,"statement":"","count":0}]}',
    "count",
  ],
  [`{"version":1,"findings":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, "entry 1"],
])("a file that is no baseline says so: %#", (text, what) => expect(readBaseline(text)).toContain(what));
