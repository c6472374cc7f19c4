import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { corpus, hasCorpus, inShort, mailsOf, reviewMails } from "./reviewing.ts";

/**
 * All errors and warnings on the twelve mails of v20: rule, place, and why each is right. A new one is added here only
 * when somebody would send it to the list.
 */
const graver = [
  // Two failing chunks complete at once, both load the progress, and the later store wins.
  "3/12 block/blk-lib.c:178 error copied-only-decreases",
  // Positions and length are bytes, and all that happens to them is a shift down to sectors.
  "3/12 block/blk-lib.c:216 warning byte-units",
  "3/12 block/blk-lib.c:268 warning plug-per-chunk",
  "3/12 block/blk-lib.c:269 warning deprecated-next-bio",
  // The emulated path has the same interface in bytes, and shifts them for each bio.
  "4/12 block/blk-lib.c:475 warning byte-units",
];

describe.skipIf(!hasCorpus)("the twelve mails of v20 (skipped if there is no corpus)", () => {
  const mails = () => mailsOf(join(corpus, "v20"));
  const points = hasCorpus
    ? readFileSync(join(corpus, "truth.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
        .filter((row) => row.id.startsWith("v20-03-hch-"))
    : [];

  test("draw the eleven points, each within two lines of where the reviewer had it", async () => {
    const { findings } = await reviewMails(mails());
    expect(points.map((row) => row.id)).toEqual(
      Array.from({ length: 11 }, (_, i) => `v20-03-hch-${String(i + 1).padStart(2, "0")}`),
    );
    const missing = points.filter(
      ({ rule, file, lines, patch_msgid }) =>
        !findings.some(
          (f) =>
            f.rule === rule &&
            f.file === file &&
            f.mendedBy === null &&
            `<${(f.patch.messageId ?? "").replace(/[<>]/g, "")}>` === patch_msgid &&
            lines.some((line: number) => Math.abs(line - f.line) <= 2),
        ),
    );
    expect(missing.map((row) => row.rule)).toEqual([]);
  });

  test("draw the same from 03/12 alone", async () => {
    const third = mails().filter(({ path }) => path.startsWith("003-"));
    const { findings } = await reviewMails(third);
    expect(new Set(points.map((row) => row.rule))).toEqual(
      new Set(findings.map((f) => f.rule).filter((rule) => rule !== "kernel-doc-mismatch")),
    );
  });

  test("draw these errors and warnings and no others", async () => {
    const { findings } = await reviewMails(mails());
    expect(findings.filter((f) => f.level !== "check").map(inShort)).toEqual(graver);
  });

  test("are understood, all of them", async () => {
    const { series, problems, notChecked } = await reviewMails(mails());
    expect(series.map((s) => [s.version, s.patches.length])).toEqual([[20, 12]]);
    expect(problems).toEqual([]);
    expect(notChecked.filter((n) => n.kind === "input")).toEqual([]);
  });
});
