import { describe, expect, test } from "vitest";
import { rules } from "../../rules/index.ts";
import { toolOf } from "../../src/cli/tool.ts";
import { reporters, type View } from "../../src/report/reporter.ts";
import { sarifReport } from "../../src/report/sarif.ts";
import { hasMultitool, multitoolSays, sarifSchema } from "./readers.ts";
import { finding, plainView, reviewOf } from "./sample.ts";

const program = new URL("../../src/bin.ts", import.meta.url).pathname;
const view: View = { ...plainView, tool: toolOf([], program) };
const edit = {
  file: "block/quarry.c",
  line: 268,
  column: 3,
  endLine: 268,
  endColumn: 25,
  text: "",
  lines: ["\t\tblk_start_plug(&plug);"],
};
const everything = reviewOf(
  [
    finding(),
    finding({
      rule: "copied-only-decreases",
      level: "error",
      trace: null,
      fix: [edit, { ...edit, file: "block/b.c" }],
    }),
    finding({ level: "check", file: null, quoted: "We plug.", excerpt: [], function: null, related: [] }),
    finding({ mendedBy: { index: 5, total: 7, subject: "[PATCH 5/7] x" } }),
  ],
  {
    problems: [
      { kind: "unreadable", path: "a.patch", line: 3, what: "the hunk ends early", advice: "fetch it again" },
      { kind: "mismatch", path: "block/c.c", what: "it is not there" },
      { kind: "notice", path: "-", what: "3/7 is missing" },
    ],
    notChecked: [
      { what: "patch 3/7", why: "it was not given", kind: "input" },
      { what: "plug-per-chunk in f()", why: "not shown", kind: "rule" },
    ],
  },
);
const runOf = (review = everything, how: View = view) => JSON.parse(sarifReport(review, how)).runs[0];

describe("the log", () => {
  const reviews = {
    "with everything": everything,
    "without findings": reviewOf([]),
    "of 200 findings": reviewOf(Array.from({ length: 200 }, (_, i) => finding({ line: i + 1, endLine: i + 1 }))),
  };

  test.skipIf(!hasMultitool).each(Object.entries(reviews))(
    "%s is valid by the official schema, and Microsoft's validator finds no error with GitHub's rules",
    (_, review) => {
      const validate = sarifSchema();
      validate(JSON.parse(sarifReport(review, view)));
      expect(validate.errors).toBeNull();
      // copylint has no home page to name yet; all else is as the validator wants it.
      const said = multitoolSays(sarifReport(review, view)).filter((it) => it.rule !== "SARIF2005");
      expect(said).toEqual([]);
    },
  );

  test.skipIf(!hasMultitool)("and the validators do see what is wrong", () => {
    const log = JSON.parse(sarifReport(everything, view));
    delete log.runs[0].results[0].locations;
    delete log.runs[0].results[1].partialFingerprints;
    expect(multitoolSays(JSON.stringify(log)).map((it) => it.rule)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^GH/)]),
    );
    log.runs[0].results[0].level = "check";
    const validate = sarifSchema();
    expect(validate(log)).toBe(false);
  });
});

describe("a result", () => {
  const [first, second, third, fourth] = runOf().results;

  test("has its place in UTF-16 columns with an exclusive end, as findings have it", () => {
    expect(runOf().columnKind).toBe("utf16CodeUnits");
    expect(first.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: "block/quarry.c", uriBaseId: "SRCROOT" },
      region: { startLine: 268, startColumn: 3, endLine: 268, endColumn: 26 },
      contextRegion: {
        startLine: 267,
        endLine: 269,
        snippet: { text: "\twhile (left) {\n\t\tblk_start_plug(&plug);\n\t\tquarry_send(left);\n" },
      },
    });
    expect(third.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: "mails/0003-quarry.patch", uriBaseId: "SRCROOT" },
      region: { startLine: 112, endLine: 112 },
    });
  });

  test("says what, why and what instead, in sentences", () => {
    expect(first.message.text.split("\n\n")).toEqual([
      "a plug is started and finished for every chunk.",
      "Each finish asks for a flush, so that the requests of one copy never meet.",
      "Start the plug before the loop and finish it behind.",
      "Run: 2 chunks of 128 sectors; outcome: 2 flushes for 2 chunks.",
    ]);
  });

  test("has the run as one flow in its order; what only the model does has the place of the step before", () => {
    const [flow] = first.codeFlows;
    const steps = flow.threadFlows[0].locations;
    expect(flow.message.text).toBe("2 chunks of 128 sectors: 2 flushes for 2 chunks");
    expect(steps.map((it: { location: { message: { text: string } } }) => it.location.message.text)).toEqual([
      "submitter: start plug",
      "submitter: finish plug",
      "block layer: flush 2 requests (assumed by the model)",
    ]);
    expect(
      steps.map((it: { location: { physicalLocation: { region: object } } }) => it.location.physicalLocation.region),
    ).toEqual([{ startLine: 268 }, { startLine: 279 }, { startLine: 279 }]);
    expect(steps.map((it: { importance: string }) => it.importance)).toEqual(["important", "important", "unimportant"]);
    expect(second.codeFlows).toBeUndefined();
  });

  test("has related places and fixes, the edits by file", () => {
    expect(first.relatedLocations).toEqual([
      {
        id: 0,
        physicalLocation: {
          artifactLocation: { uri: "block/quarry.c", uriBaseId: "SRCROOT" },
          region: { startLine: 279 },
        },
        message: { text: "the plug is finished here (patch 3)" },
      },
    ]);
    expect(second.fixes[0].artifactChanges.map((it: { replacements: object }) => it.replacements)).toEqual([
      [
        {
          deletedRegion: { startLine: 268, startColumn: 3, endLine: 268, endColumn: 25 },
          insertedContent: { text: "" },
        },
      ],
      [
        {
          deletedRegion: { startLine: 268, startColumn: 3, endLine: 268, endColumn: 25 },
          insertedContent: { text: "" },
        },
      ],
    ]);
  });

  test("has its level; what is mended later is a note and names who mends it", () => {
    expect([first, second, third, fourth].map((it) => it.level)).toEqual(["warning", "error", "note", "note"]);
    expect(fourth.properties).toMatchObject({ level: "warning", mendedBy: "5/7 [PATCH 5/7] x" });
    expect(fourth.message.text).toContain('Patch 5/7 "x" mends it');
  });

  test("has a fingerprint that no other has", () => {
    const hashes = runOf().results.map(
      (it: { partialFingerprints: { primaryLocationLineHash: string } }) =>
        it.partialFingerprints.primaryLocationLineHash,
    );
    expect(hashes).toEqual([1, 2, 3, 4].map((n) => `0123456789abcdef:${n}`));
  });
});

describe("the rules", () => {
  test("are all that were run, each with its page and where it comes from", () => {
    const listed = runOf(reviewOf([])).tool.driver.rules;
    expect(listed.map((it: { id: string }) => it.id)).toEqual(rules.map((rule) => rule.id));
    for (const [i, rule] of rules.entries()) {
      expect(listed[i].shortDescription.text).toBe(`${rule.title}.`);
      expect(listed[i].fullDescription.text.length).toBeGreaterThan(rule.title.length);
      expect(listed[i].help.markdown).toContain(`# ${rule.id}\n`);
      expect(listed[i].helpUri).toBe(rule.sources[0].url);
    }
    const plug = listed.find((it: { id: string }) => it.id === "plug-per-chunk");
    expect(plug.name).toBe("PlugPerChunk");
    expect(plug.defaultConfiguration).toEqual({ level: "warning" });
    expect(plug.fullDescription.text).toMatch(/^A plug lets a task collect its requests, .* exactly one request\.$/);
  });

  test("are found by the index that results give", () => {
    const { results, tool } = runOf();
    for (const result of results) expect(tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(toolOf(["byte-units"], program).rules.map((rule) => rule.id)).toEqual(["byte-units"]);
  });

  test("of a program without its pages are described by their titles", () => {
    const bare = runOf(reviewOf([]), { ...plainView, tool: toolOf(["byte-units"], "/nowhere/bin.js") });
    expect(bare.tool.driver.rules[0].help.markdown).toContain("https://lore.kernel.org/");
    expect(reporters.sarif!(everything, plainView)).toContain('"id": "plug-per-chunk"');
  });
});

test("problems and input that was not checked are notifications; silent rules only with -v", () => {
  const notes = (how: View) => runOf(everything, how).invocations[0].toolExecutionNotifications;
  expect(notes(view).map((it: { level: string; message: { text: string } }) => [it.level, it.message.text])).toEqual([
    ["error", "a.patch: the hunk ends early; fetch it again"],
    ["warning", "block/c.c: it is not there"],
    ["note", "-: 3/7 is missing"],
    ["note", "patch 3/7: it was not given"],
  ]);
  expect(notes({ ...view, verbose: true })).toHaveLength(5);
});

test("more results than GitHub takes are cut to the gravest, and the log says so", () => {
  const many = Array.from({ length: 25_010 }, (_, i) =>
    finding({ level: i >= 25_000 ? "error" : "check", trace: null, related: [], excerpt: [] }),
  );
  const { results, invocations } = runOf(reviewOf(many));
  expect(results).toHaveLength(25_000);
  expect(results.filter((it: { level: string }) => it.level === "error")).toHaveLength(10);
  expect(invocations[0].toolExecutionNotifications[0].message.text).toBe(
    "shown are the gravest 25000 of 25010 findings",
  );
});
