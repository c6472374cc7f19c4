import { describe, expect, test } from "vitest";
import { engineMail, engineText, execute, inShort } from "./engines.ts";

/**
 * Our own engines under all failures, orders and interruptions within the bounds: how many runs and states that takes, and whether every
 * run was covered. The one that is not: 8 MiB through a buffer of 4 KiB are more bios than a run may have.
 */
const engines = [
  ["synchronous.c", "blkdev_copy", 266, 247, true],
  ["asynchronous.c", "blkdev_copy_queue", 237, 169, true],
  ["emulation.c", "blkdev_copy_emulate", 224, 86, false],
  ["chained.c", "blkdev_copy_range", 388, 318, true],
  ["reference.c", "blkdev_copy_prefix", 426, 900, true],
] as const;

describe("a well-written engine keeps all properties", () => {
  test.each(engines)("%s", async (name, entry, runs, states, exhaustive) => {
    const { violations, executed, notExecuted } = await execute([engineMail(name)], 200_000);
    expect(violations.map((each) => `${inShort(each)}: ${each.outcome}, ${each.trace.setting}`)).toEqual([]);
    const beyond = { function: entry, why: "in some runs it submits more than 64 bios" };
    expect(notExecuted).toEqual(exhaustive ? [] : [beyond]);
    expect(executed.find((each) => each.function === entry)).toEqual({ function: entry, runs, states, exhaustive });
  });
});

/** An edit that breaks an engine, and the property that has to say so. */
type Mutant = readonly [what: string, engine: string, from: string, to: string, property: string];

const mutants: readonly Mutant[] = [
  [
    "the submitter's own reference is not put",
    "synchronous.c",
    "\tcopy_chunk_done(&ctx);\n\twait",
    "\twait",
    "waits-for-ever",
  ],
  ["no reference is taken for a chunk", "synchronous.c", "\t\tatomic_inc(&ctx.pending);\n", "", "used-after-free"],
  ["the call does not wait", "synchronous.c", "\twait_for_completion_io(&ctx.done);\n", "", "used-after-free"],
  [
    "progress is stored without the lock",
    "synchronous.c",
    "\t\tspin_lock_irqsave(&ctx->lock, flags);\n\t\tctx->good = min(ctx->good, chunk->start);\n\t\tspin_unlock_irqrestore(&ctx->lock, flags);\n",
    "\t\tflags = 0;\n\t\tctx->good = min(ctx->good, chunk->start);\n",
    "more-reported-than-arrived",
  ],
  [
    "max for min",
    "synchronous.c",
    "ctx->good = min(ctx->good, chunk->start)",
    "ctx->good = max(ctx->good, chunk->start)",
    "more-reported-than-arrived",
  ],
  [
    "a failed chunk is forgotten",
    "synchronous.c",
    "\tif (bio->bi_status) {",
    "\tif (0) {",
    "more-reported-than-arrived",
  ],
  ["the chunk is not freed", "synchronous.c", "\tkfree(chunk);\n\tbio_put(bio);\n", "\tbio_put(bio);\n", "never-freed"],
  ["the bio is not put", "synchronous.c", "\tkfree(chunk);\n\tbio_put(bio);\n", "\tkfree(chunk);\n", "never-freed"],
  [
    "the chunk is freed before its last use",
    "synchronous.c",
    "\tif (bio->bi_status) {\n",
    "\tkfree(chunk);\n\tif (bio->bi_status) {\n",
    "used-after-free",
  ],
  ["the plug is not finished", "synchronous.c", "\tblk_finish_plug(&plug);\n", "", "plug-left"],
  [
    "source and destination are swapped",
    "synchronous.c",
    "REQ_OP_COPY_DST, gfp",
    "REQ_OP_COPY_SRC, gfp",
    "valid-refused",
  ],
  [
    "the destination is the source",
    "synchronous.c",
    "dst_bio->bi_iter.bi_sector = dst + done",
    "dst_bio->bi_iter.bi_sector = src + done",
    "more-reported-than-arrived",
  ],
  [
    "the copy goes the other way",
    "synchronous.c",
    "dst_bio->bi_iter.bi_sector = dst + done;\n\t\tdst_bio->bi_iter.bi_size = len << SECTOR_SHIFT;\n\t\tsrc_bio->bi_iter.bi_sector = src + done;",
    "dst_bio->bi_iter.bi_sector = src + done;\n\t\tdst_bio->bi_iter.bi_size = len << SECTOR_SHIFT;\n\t\tsrc_bio->bi_iter.bi_sector = dst + done;",
    "written-outside",
  ],
  [
    "bytes for sectors",
    "synchronous.c",
    "src_bio->bi_iter.bi_sector = src + done",
    "src_bio->bi_iter.bi_sector = (src + done) << SECTOR_SHIFT",
    "valid-refused",
  ],
  [
    "an error path without its put",
    "asynchronous.c",
    "\tcopy_failed(ctx, pos, -ENOMEM);\n\tgoto out;\n",
    "\tcopy_failed(ctx, pos, -ENOMEM);\n\tblk_finish_plug(&plug);\n\treturn -EIOCBQUEUED;\n",
    "callback-missing",
  ],
  [
    "an error path that frees too early",
    "asynchronous.c",
    "\tcopy_failed(ctx, pos, -ENOMEM);\n\tgoto out;\n",
    "\tblk_finish_plug(&plug);\n\tkfree(ctx);\n\treturn -ENOMEM;\n",
    "used-after-free",
  ],
  [
    "the callback fires for each chunk",
    "asynchronous.c",
    "\tif (!refcount_dec_and_test(&ctx->pending))\n\t\treturn;\n\tctx->done(ctx->data, ctx->error, ctx->good);\n\tkfree(ctx);",
    "\tctx->done(ctx->data, ctx->error, ctx->good);\n\tif (refcount_dec_and_test(&ctx->pending))\n\t\tkfree(ctx);",
    "callback-twice",
  ],
  [
    "an allocation that is not looked at",
    "asynchronous.c",
    "\t\tif (!chunk)\n\t\t\tgoto nomem;\n",
    "",
    "wrong-pointer",
  ],
  ["the second half is not submitted", "asynchronous.c", "\t\tsubmit_bio(src_bio);\n", "", "callback-missing"],
  [
    "the context is used behind its last put",
    "asynchronous.c",
    "\tcopy_put(ctx);\n\treturn -EIOCBQUEUED;",
    "\tcopy_put(ctx);\n\treturn ctx->error ? -EIOCBQUEUED : -EIOCBQUEUED;",
    "used-after-free",
  ],
  [
    "the alignment of the length is not tested",
    "chained.c",
    "\terror = copy_check(bdev, src, dst, nr_sects);",
    "\terror = copy_check(bdev, src, dst, 8);",
    "invalid-accepted",
  ],
  [
    "the limit is taken as it is",
    "chained.c",
    "bdev_copy_limit(bdev), done",
    "bdev_get_queue(bdev)->limits.max_copy_sectors, done",
    "chunk-off-block",
  ],
  [
    "the halves are chained the wrong way round",
    "chained.c",
    "\tbio_chain_and_submit(dst_bio, src_bio);\n\treturn src_bio;",
    "\tsubmit_bio(dst_bio);\n\treturn src_bio;",
    "never-freed",
  ],
  ["the error of the wait is dropped", "chained.c", "return error ? error : failed;", "return failed;", "error-lost"],
  [
    "a failed read is written all the same",
    "emulation.c",
    "\t\t\t\tlen << SECTOR_SHIFT, gfp);\n\t\tif (error)\n\t\t\tbreak;\n\t\terror = copy_rw(bdev_out",
    "\t\t\t\tlen << SECTOR_SHIFT, gfp);\n\t\terror = copy_rw(bdev_out",
    "more-reported-than-arrived",
  ],
  ["the buffer is not freed", "emulation.c", "\tkfree(buf);\n", "", "never-freed"],
  ["the write does not move on", "emulation.c", "REQ_OP_WRITE, dst + done", "REQ_OP_WRITE, dst", "valid-refused"],
];

describe("an engine that breaks a property is caught", () => {
  test.each(mutants)("%s (%s)", async (_, engine, from, to, property) => {
    expect(engineText(engine)).toContain(from);
    const { violations } = await execute([engineMail(engine, (text) => text.replace(from, to))]);
    expect(violations.map((each) => each.property)).toContain(property);
  });
});
