import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { corpus, hasCorpus, mailsOf } from "../reviewing.ts";
import { execute, inShort } from "./engines.ts";

/** Added functions that submit I/O to copy with or to emulate it, as grep finds them, and whether a run comes through them. */
const submitting: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  v3: { blk_copy_offload: true, blk_submit_rw_buf: true },
  v4: { blk_copy_offload: true, blk_submit_rw_buf: true },
  v5: {
    blk_copy_offload: true,
    blk_copy_emulate: true,
    blk_copy_dispatch_work_fn: true,
    blk_zoned_copy_dispatch_work_fn: true,
  },
  v14: { blkdev_copy_offload: true, blkdev_copy_emulation_work: true },
  v20: { blkdev_copy_offload: true, blkdev_copy_emulation_work: true },
  "simple-v5": { blk_copy_offload: true, blk_read_to_buf: true, blk_write_from_buf: true },
};

/** What the runs of v20 show. Each was read against the code by a person before it came here. */
const v20 = [
  // A handler's minimum is a load and a store: the later of two failing chunks wins.
  "more-reported-than-arrived blk-lib.c:178",
  // The status is dropped: a copy of which nothing arrived returns 0.
  "error-lost blk-lib.c:166",
  // The reference that the call itself holds is not put, so nobody wakes it,
  "waits-for-ever blk-lib.c:306",
  // and with a callback nobody frees what it waits for.
  "never-freed blk-lib.c:304",
  // blk_next_bio() chains to a bio that it did not get.
  "wrong-pointer blk-lib.c:269",
  // The limit is shifted in 32 bits.
  "valid-refused blk-lib.c:230",
  // A limit that is no whole number of blocks is taken as it is.
  "chunk-off-block blk-lib.c:265",
  // The emulation starts at "all of it" and never comes down.
  "more-reported-than-arrived blk-lib.c:497",
  // The worker may have called back and freed by then.
  "used-after-free blk-lib.c:520",
  // A buffer of less than a page is never tried.
  "valid-refused blk-lib.c:339",
  // Half of a length of whole blocks need not be one.
  "chunk-off-block blk-lib.c:415",
  // More than 1024 pages are more than bio_kmalloc() gives.
  "valid-refused blk-lib.c:409",
  // -ENOMEM becomes 0, which is the end of the file.
  "error-lost fops.c:772",
  // An off_t is a long: on a kernel with 32 bits, positions from 2 GiB on are others.
  "bits-lost io-cmd-bdev.c:498",
  "bits-lost io-cmd-bdev.c:499",
  // The destination is given where the source is taken, twice.
  "written-outside io-cmd-bdev.c:503",
  "written-outside io-cmd-bdev.c:507",
  // A position from 2 GiB on does not fit an int.
  "bits-lost io-cmd-file.c:348",
];

describe.skipIf(!hasCorpus)("series as they were posted (skipped if there is no corpus)", () => {
  test.each(Object.entries(submitting))("%s: the functions that submit are executed", async (name, functions) => {
    const { executed } = await execute(mailsOf(join(corpus, name)));
    const seen = Object.fromEntries(
      Object.keys(functions).map((f) => [f, executed.some((each) => each.function === f)]),
    );
    expect(seen).toEqual(functions);
  });

  test("v20: these defects and no others, each with a run that replays", async () => {
    const { violations } = await execute(mailsOf(join(corpus, "v20")));
    expect(violations.map(inShort).sort()).toEqual([...v20].sort());
    for (const { trace, outcome } of violations) {
      expect(trace.outcome).toBe(outcome);
      expect(trace.steps.some(({ at }) => at !== undefined)).toBe(true);
    }
  });
});
