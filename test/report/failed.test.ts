import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, test } from "vitest";
import { checksOf } from "../../src/ci/patchwork.ts";
import { readRecord } from "../../src/ci/read-record.ts";
import { recordOf } from "../../src/ci/record.ts";
import { recordSummary } from "../../src/ci/summary.ts";
import { mailText, writeDrafts } from "../../src/cli/mail.ts";
import { toolOf } from "../../src/cli/tool.ts";
import type { Review } from "../../src/finding/review.ts";
import { formatNames, reporters, type View } from "../../src/report/reporter.ts";
import { screenReport } from "../../src/report/screen.ts";
import { review } from "../../src/review/review.ts";
import type { Series } from "../../src/series/series.ts";
import { fakeIo } from "../cli/fake-io.ts";
import { callsOf, failingRule } from "../failing.ts";
import { seriesOf } from "../reviewing.ts";
import {
  allOf,
  b4Reads,
  hasMultitool,
  multitoolSays,
  ownSchema,
  readHtml,
  readXml,
  renderMarkdown,
  runnerReads,
  sarifSchema,
  xmlComplaints,
} from "./readers.ts";
import { finding, plainView } from "./sample.ts";

// A review that a defect of ours ended has no findings, as a clean one has none: no output may look like that of the other.

let series: readonly Series[] = [];
/** Of two series: both clean; one of them failed; and that one alone. */
let [clean, half, none]: Review[] = [];
let view: View = plainView;

beforeAll(async () => {
  const [good, bad] = [await seriesOf([callsOf("good")]), await seriesOf([callsOf("bad")])];
  series = [...good, ...bad];
  clean = review(series, { rules: [], run: false });
  half = review(series, { rules: [failingRule], run: false });
  none = review(bad, { rules: [failingRule], run: false });
  view = { ...plainView, series, tool: toolOf([], new URL("../../src/bin.ts", import.meta.url).pathname) };
});

const schema = JSON.parse(readFileSync(new URL("../../src/report/review.schema.json", import.meta.url), "utf8"));
const valid = (name: string, value: unknown): void => {
  const validate = ownSchema(name);
  validate(value);
  expect(validate.errors).toBeNull();
};

/** What a reader of each format makes of a review with a series that failed, the other one being clean. */
const readers: Readonly<Record<string, (text: string) => void | Promise<void>>> = {
  terminal: (text) => {
    expect(text).toMatch(/^ {2}not reviewed: block: bad \(v1\): internal error: ouch/m);
    expect(text.trimEnd().split("\n").at(-1)).toBe("2 patches, 2 files: 1 series not reviewed");
  },
  json: (text) => {
    const value = JSON.parse(text);
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
    validate(value);
    expect(validate.errors).toBeNull();
    expect(value.series.map((one: { notReviewed: unknown }) => one.notReviewed)).toEqual([
      null,
      expect.stringMatching(/^internal error: ouch/),
    ]);
    expect(value.problems).toMatchObject([{ kind: "failed", path: "bad.patch" }]);
  },
  html: (text) => {
    const shown = readHtml(text).text;
    expect(shown).toContain("1 series not reviewed in 2 patches");
    expect(shown.match(/not reviewed/gi)!.length).toBeGreaterThan(3);
    expect(shown).not.toMatch(/nothing (?:was )?found/i);
    // Of the other one it says what is so.
    expect(shown.match(/found nothing in 1 patch/g)).toHaveLength(1);
  },
  github: (text) => {
    const { commands } = runnerReads(text);
    expect(commands).toHaveLength(1);
    expect(commands[0]).toMatchObject({ command: "error", properties: { title: "copylint: not reviewed" } });
    expect(commands[0]!.data).toMatch(/^bad\.patch: "block: bad" was not reviewed: internal error: ouch/);
  },
  "github-summary": (text) => {
    expect(text).toMatch(/^## copylint: 1 series not reviewed\n/);
    expect(readHtml(renderMarkdown(text)).text).toMatch(/block: bad, version 1, not reviewed: internal error: ouch/);
  },
  gitlab: (text) => {
    const issues = JSON.parse(text);
    valid("code-quality.schema.json", issues);
    expect(issues).toMatchObject([
      { severity: "blocker", check_name: "not-reviewed", location: { path: "block/bad.c", lines: { begin: 1 } } },
    ]);
  },
  sarif: (text) => {
    const log = JSON.parse(text);
    expect(log.runs[0].invocations).toMatchObject([
      {
        executionSuccessful: false,
        toolExecutionNotifications: [{ level: "error", descriptor: { id: "not-reviewed" } }],
      },
    ]);
    if (!hasMultitool) return;
    const validate = sarifSchema();
    validate(log);
    expect(validate.errors).toBeNull();
    expect(multitoolSays(text).filter((it) => it.rule !== "SARIF2005")).toEqual([]);
  },
  rdjsonl: (text) => {
    const lines = text.trimEnd().split("\n");
    expect(lines).toHaveLength(1);
    const value = JSON.parse(lines[0]!);
    valid("diagnostic.schema.json", value);
    expect(value).toMatchObject({
      severity: "ERROR",
      location: { path: "bad.patch" },
      code: { value: "not-reviewed" },
    });
    expect(value.message).toContain("was not reviewed");
  },
  checkstyle: async (text) => {
    expect(await xmlComplaints(text, "checkstyle.xsd")).toEqual([]);
    const [file, ...more] = allOf(readXml(text), "file");
    expect([file!.attributes.name, more]).toEqual(["bad.patch", []]);
    expect(file!.children[0]!.attributes).toMatchObject({ severity: "error", source: "copylint.not-reviewed" });
  },
  junit: async (text) => {
    expect(await xmlComplaints(text, "junit.xsd")).toEqual([]);
    const root = readXml(text);
    const rules = view.tool!.rules.length;
    expect(root.attributes).toMatchObject({ tests: String(rules + 1), failures: "0", errors: "1" });
    const [good, bad] = allOf(root, "testsuite");
    expect(good!.attributes).toMatchObject({ name: "block: good", tests: String(rules), errors: "0" });
    expect(bad!.attributes).toMatchObject({ name: "block: bad", tests: "1", errors: "1" });
    // No case of it passed.
    expect(allOf(bad!, "testcase").map((it) => it.children.map(({ name }) => name))).toEqual([["error"]]);
    expect(allOf(bad!, "error")[0]!.attributes.message).toMatch(/^not reviewed: internal error: ouch/);
  },
  b4: (text) => {
    const entries = b4Reads({ stdout: text, stderr: "", status: 4 });
    expect(entries.map(({ status }) => status)).toEqual(["fail"]);
    expect(text).toMatch(/^ERROR: bad\.patch: "block: bad" was not reviewed: /);
  },
  // A draft is a mail that people get: there is none about a defect of ours, and none that says that all is well.
  mail: (text) => expect(text).toBe(""),
};

const render = (format: string, it: Review): string =>
  format === "mail" ? mailText(it, view, undefined) : reporters[format]!(it, view);

test("every format is among those that are read here", () => {
  expect(Object.keys(readers).sort()).toEqual([...formatNames].sort());
});

describe("a series that was not reviewed", () => {
  test.each(formatNames)("is said by %s", async (format) => {
    const text = render(format, half!);
    if (format !== "mail") {
      expect(text).not.toBe(render(format, clean!));
      expect(text).toMatch(/not[ -]reviewed|notReviewed/i);
    }
    // Whatever it was that was thrown is only text.
    expect(text).toMatch(/^(?:[\n -~]|[\u00a0-\u200a\u2190-\uffff])*$/);
    await readers[format]!(text);
  });

  test.each(formatNames.filter((format) => format !== "mail"))("is said by %s if there is no other", (format) => {
    const text = reporters[format]!(none!, { ...view, series: series.slice(1) });
    expect(text).toMatch(/not[ -]reviewed|notReviewed/i);
    expect(text).not.toMatch(/nothing (?:was )?found|no findings/i);
  });

  test("is said by drafts for a folder, which are none because of it", () => {
    const say = (it: Review): string => {
      const { io, printed } = fakeIo({ cwd: "/nowhere" });
      expect(writeDrafts(it, view, { dir: "drafts", from: undefined, force: false }, io)).toEqual([]);
      return printed.out;
    };
    expect(say(clean!)).toBe("no drafts: nothing found\n");
    expect(say(half!)).toBe("no drafts: 1 series not reviewed\n");
  });

  test("is not crowded out of GitHub's annotations", () => {
    const many = Array.from({ length: 30 }, (_, i) => finding({ level: "error", line: i + 1 }));
    const { commands } = runnerReads(render("github", { ...half!, findings: many }));
    expect(commands[0]!.properties.title).toBe("copylint: not reviewed");
    expect(commands.filter(({ command }) => command === "error")).toHaveLength(10);
  });

  test("has the same fingerprint for GitLab wherever it was read from", async () => {
    const prints = (it: Review): string[] =>
      JSON.parse(render("gitlab", it)).map(({ fingerprint }: { fingerprint: string }) => fingerprint);
    const moved = await seriesOf([{ ...callsOf("bad"), path: "elsewhere.patch" }]);
    const again = review(moved, { rules: [failingRule], run: false });
    expect(prints(again)).toEqual(prints(none!));
    // Two of one name, as a series and the one before it may be, are two.
    const twice = review([...moved, ...moved], { rules: [failingRule], run: false });
    expect(new Set(prints(twice)).size).toBe(2);
  });

  test("stands first on the screen before sending, if others are stopped", () => {
    const how = { width: 80, height: 24, levels: ["error", "warning"], command: () => "c", bypass: "b" } as const;
    expect(screenReport({ ...half!, findings: [finding()] }, how)).toMatch(
      /^copylint: 1 series not reviewed, and in the others 1 warning\n/,
    );
  });

  test("keeps a record from being complete, and gets a warning on patchwork", () => {
    const record = recordOf(half!, series, () => undefined, true);
    expect(record).toMatchObject({ notReviewed: 1, unread: false, complete: false });
    expect(readRecord(JSON.stringify(record))).toEqual(record);
    for (const wrong of [-1, 1.5, "1", null])
      expect(() => readRecord(JSON.stringify({ ...record, notReviewed: wrong }))).toThrow("is no number");
    expect(recordSummary(record, 65_000, "the log")).toMatch(
      /^\*\*copylint: 1 series not reviewed\*\*\n[^]*not reviewed/,
    );
    expect(recordOf(clean!, series, () => undefined, true)).toMatchObject({ notReviewed: 0, complete: true });
    expect(checksOf(half!, series).map(({ messageId, state }) => [messageId, state])).toEqual([
      ["good@example.org", "success"],
      ["bad@example.org", "warning"],
    ]);
  });
});
