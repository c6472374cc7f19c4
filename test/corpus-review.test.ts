import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { corpus, hasCorpus, inShort, mailsOf, reviewMails } from "./reviewing.ts";

/**
 * All errors and warnings on the twelve mails of v20: rule, place, and why each is right. A new one is added here only
 * when somebody would send it to the list.
 */
const graver = [
  // Its own code, run: the status that the completions leave is never read, and a copy of which nothing arrived returns 0.
  "3/12 block/blk-lib.c:166 error swallowed-error",
  // Two failing chunks complete at once, both load the progress, and the later store wins.
  "3/12 block/blk-lib.c:178 error copied-only-decreases",
  // Positions and length are bytes, and all that happens to them is a shift down to sectors.
  "3/12 block/blk-lib.c:216 warning byte-units",
  // null_blk takes any limit, and this one is shifted in 32 bits.
  "3/12 block/blk-lib.c:230 warning valid-request-refused",
  // A limit that is no whole number of blocks, as stacking devices may bring it about, cuts the chunks.
  "3/12 block/blk-lib.c:265 warning misaligned-chunk",
  "3/12 block/blk-lib.c:268 warning plug-per-chunk",
  "3/12 block/blk-lib.c:269 warning deprecated-next-bio",
  // blk_next_bio() chains before it can tell that there is no bio.
  "3/12 block/blk-lib.c:269 error unchecked-allocation",
  // For want of memory for a chunk the call's own reference is never dropped: nobody frees the context, and nobody wakes the waiter.
  "3/12 block/blk-lib.c:304 error error-path-leak",
  "3/12 block/blk-lib.c:306 error endless-call",
  // Less than a page is never tried, more than 1024 pages are more than bio_kmalloc() gives, and half of some blocks need not be blocks.
  "4/12 block/blk-lib.c:339 warning valid-request-refused",
  "4/12 block/blk-lib.c:409 warning valid-request-refused",
  "4/12 block/blk-lib.c:415 warning misaligned-chunk",
  // The emulated path has the same interface in bytes, and shifts them for each bio.
  "4/12 block/blk-lib.c:475 warning byte-units",
  // The emulation starts at "all of it" and never comes down; and its worker may have freed what the submitter still looks at.
  "4/12 block/blk-lib.c:497 error overstated-progress",
  "4/12 block/blk-lib.c:520 error use-after-free",
  // -ENOMEM becomes 0, which is the end of the file.
  "6/12 block/fops.c:772 error swallowed-error",
  // On a kernel with 32 bits a position from 2 GiB on does not fit an off_t; on all, destination and source change places at two
  // calls, and such a position does not fit an int.
  "8/12 drivers/nvme/target/io-cmd-bdev.c:498 error narrowing-conversion",
  "8/12 drivers/nvme/target/io-cmd-bdev.c:499 error narrowing-conversion",
  "8/12 drivers/nvme/target/io-cmd-bdev.c:503 error misdirected-write",
  "8/12 drivers/nvme/target/io-cmd-bdev.c:507 error misdirected-write",
  "8/12 drivers/nvme/target/io-cmd-file.c:348 error narrowing-conversion",
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

  test("draw the same from 03/12 alone, which cannot be run without the operations that 02/12 defines", async () => {
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
