import { describe, expect, test } from "vitest";
import { engine, factsIn, say } from "./engine.ts";

const operations = (text: string) => factsIn(text).operations.map((o) => o.name);

describe("a copy operation", () => {
  test("is one that the kernel does not have and that is given to a bio", () => {
    expect(operations(engine())).toEqual(["REQ_OP_COPY_DST"]);
    expect(operations(engine().replace("REQ_OP_COPY_DST", "REQ_OP_WRITE"))).toEqual([]);
  });

  test("may be called anything, if bios at two positions get it", () => {
    const renamed = (more: string) => engine({ last: more }).replaceAll("REQ_OP_COPY_DST", "REQ_OP_XYZ");
    expect(operations(renamed(""))).toEqual([]);
    expect(operations(renamed("\t\tbio->bi_iter.bi_sector = from;\n"))).toEqual(["REQ_OP_XYZ"]);
  });

  test.each([
    ["bio->bi_opf = REQ_OP_COPY_SRC | REQ_SYNC;", true],
    ["bio->bi_opf |= (__force blk_opf_t)REQ_COPY;", true],
    ["blk_opf_t opf = last ? REQ_OP_COPY_DST : REQ_OP_COPY_SRC;", true],
    ["f(REQ_OP_COPY_SRC);", true],
    ["if (bio->bi_opf == REQ_OP_COPY_SRC) g();", false],
    ["if (REQ_OP_COPY_SRC) g();", false],
    ["return REQ_OP_COPY_SRC;", false],
    ["switch (x) { case REQ_OP_COPY_SRC: g(); }", false],
    ["x = bio->bi_opf & REQ_COPY;", false],
  ])("%s: %s", (statement, gives) => {
    expect(operations(`void f(struct bio *bio)\n{\n\t${statement}\n}\n`).length > 0).toBe(gives);
  });

  test("without one there is no engine", () => {
    const facts = factsIn(engine().replace("REQ_OP_COPY_DST", "REQ_OP_WRITE"));
    const { code: _, flow: __, ...lists } = facts;
    expect(Object.values(lists).flat()).toEqual([]);
  });
});

describe("the functions of an engine", () => {
  const roles = (text: string) =>
    Object.fromEntries(
      factsIn(text).functions.map((e) => [
        e.func.name,
        [
          e.submits && "submits",
          e.waits && "waits",
          e.completion && "completion",
          e.work && "work",
          e.perChunk && "per chunk",
        ]
          .filter(Boolean)
          .join(", "),
      ]),
    );

  test("submit, wait, and complete", () => {
    expect(roles(engine())).toEqual({ blkdev_copy: "submits, waits", copy_end_io: "completion" });
  });

  test("that a submitting one calls for every chunk, and what those call in turn", () => {
    const helpers =
      "static void copy_send(struct bio *bio)\n{\n\tsubmit_bio(bio);\n}\n\nstatic void copy_chunk(struct bio *bio)\n{\n\tcopy_send(bio);\n}\n\n";
    expect(roles(engine({ helpers, submit: "\t\tcopy_chunk(bio);\n" }))).toEqual({
      blkdev_copy: "submits, waits",
      copy_end_io: "completion",
      copy_chunk: "submits, per chunk",
      copy_send: "submits, per chunk",
    });
  });

  test("that a completion calls, and work items", () => {
    const helpers =
      "static void copy_finish(struct copy_ctx *ctx)\n{\n\tcomplete(&ctx->done);\n}\n\nstatic void copy_work(struct work_struct *work)\n{\n\tstruct copy_ctx *ctx = container_of(work, struct copy_ctx, work);\n\n\tcopy_finish(ctx);\n}\n\n";
    const endIo = "\tcopy_finish(ctx);\n";
    const said = roles(engine({ helpers, endIo, before: "\tINIT_WORK(&ctx.work, copy_work);\n" }));
    expect(said).toMatchObject({ copy_finish: "completion", copy_work: "work" });
  });

  test("are not those of the base, nor what has nothing to do with it", () => {
    const text = `${engine()}\nint unrelated(struct inode *inode)\n{\n\treturn inode->i_mode;\n}\n`;
    expect(Object.keys(roles(text))).not.toContain("unrelated");
  });
});

describe("submission loops and plugs", () => {
  const start = "\t\tblk_start_plug(&plug);\n";
  const finish = "\t\tblk_finish_plug(&plug);\n";
  const plug = "\tstruct blk_plug plug;\n";
  const plugs = (text: string) =>
    factsIn(text).plugs.map(
      (p) =>
        `${p.loop?.kind ?? "no"} loop${p.calledFrom ? `, from ${p.calledFrom.func.name}` : ""}, ${p.finishes.length} finishes, ${p.unfinished.length} open`,
    );

  test.each([
    ["while (left)", "while"],
    ["for (; left; )", "for"],
    ["do", "do"],
  ])("%s", (loop, kind) => {
    const text = engine({ loop, declarations: plug, first: start, last: finish });
    const done = loop === "do" ? text.replace("left -= 8;\n\t}", "left -= 8;\n\t} while (left);") : text;
    expect(
      factsIn(done)
        .functions.find((e) => e.func.name === "blkdev_copy")!
        .submitLoops.map((l) => l.kind),
    ).toEqual([kind]);
    expect(plugs(done)).toEqual([`${kind} loop, 1 finishes, 0 open`]);
  });

  test("a loop by goto", () => {
    const text = engine({ loop: "again:", declarations: plug, first: start, last: finish }).replace(
      /again: \{([\s\S]*?)\n\t\}\n\twait/,
      "again:$1\n\tif (left)\n\t\tgoto again;\n\twait",
    );
    expect(plugs(text)).toEqual(["goto loop, 1 finishes, 0 open"]);
  });

  test("around the loop", () => {
    const text = engine({
      declarations: plug,
      before: start,
      behind: `${finish}\twait_for_completion_io(&ctx.done);\n`,
    });
    expect(plugs(text)).toEqual(["no loop, 1 finishes, 0 open"]);
  });

  test("a loop that submits nothing is none", () => {
    const text = engine({
      loop: "if (left)",
      declarations: plug,
      before: "\tfor (i = 0; i < 3; i++) {\n\t\tblk_start_plug(&plug);\n\t\tblk_finish_plug(&plug);\n\t}\n",
    });
    expect(factsIn(text).functions.flatMap((e) => e.submitLoops)).toEqual([]);
    expect(plugs(text)).toEqual(["no loop, 1 finishes, 0 open"]);
  });

  test("in a helper that the loop calls", () => {
    const helpers =
      "static void copy_send(struct bio *bio)\n{\n\tstruct blk_plug plug;\n\n\tblk_start_plug(&plug);\n\tsubmit_bio(bio);\n\tblk_finish_plug(&plug);\n}\n\n";
    expect(plugs(engine({ helpers, submit: "\t\tcopy_send(bio);\n" }))).toEqual([
      "no loop, from blkdev_copy, 1 finishes, 0 open",
    ]);
  });

  test.each([
    ["\t\tif (fatal_signal_pending(current))\n\t\t\treturn -EINTR;\n", 1],
    ["\t\tif (fatal_signal_pending(current))\n\t\t\tgoto out;\n", 1],
    ["\t\tif (fatal_signal_pending(current)) {\n\t\t\tblk_finish_plug(&plug);\n\t\t\treturn -EINTR;\n\t\t}\n", 0],
    ["\t\tif (fatal_signal_pending(current))\n\t\t\tbreak;\n", 0],
    ["\t\tif (left == 1)\n\t\t\tcontinue;\n", 0],
  ])("a way out on which the plug stays started: %j: %d", (way, open) => {
    const text = engine({
      declarations: plug,
      before: start,
      first: way,
      behind: `${finish}out:\n\twait_for_completion_io(&ctx.done);\n`,
    });
    expect(factsIn(text).plugs.map((p) => p.unfinished.length)).toEqual([open]);
  });

  test("a failed allocation that cannot fail takes no way out", () => {
    const text = engine({
      declarations: plug,
      before: start,
      behind: `${finish}\twait_for_completion_io(&ctx.done);\n`,
    }).replace("\t\tbio->bi_iter", "\t\tif (!bio)\n\t\t\treturn -ENOMEM;\n\t\tbio->bi_iter");
    const next = text.replace(
      "bio_alloc(bdev, 0, REQ_OP_COPY_DST, GFP_KERNEL)",
      "blk_next_bio(bio, bdev, 0, REQ_OP_COPY_DST, GFP_KERNEL)",
    );
    expect(factsIn(next).plugs.map((p) => p.unfinished.length)).toEqual([0]);
  });
});

describe("contexts", () => {
  const heap = (alloc: string, free: string) =>
    engine({ behind: `\twait_for_completion_io(&p->done);\n${free}` })
      .replace("struct copy_ctx ctx;", "struct copy_ctx *p;")
      .replaceAll("ctx.", "p->")
      .replace("&ctx;", "p;")
      .replace("\tp->copied = len;", `\tp = ${alloc};\n\tp->copied = len;`);
  const contexts = (text: string) =>
    factsIn(text).contexts.map(
      (c) =>
        `${c.struct} per ${c.role}, ${c.allocation?.callee ?? "stack"}, ${c.tracks ? "tracks" : "plain"}, ${c.synchronous ? "ends behind the wait" : "no end"}`,
    );

  test("on the stack", () => expect(contexts(engine())).toEqual(["struct copy_ctx per call, stack, tracks, no end"]));

  test.each([
    [
      "kzalloc(sizeof(*p), GFP_KERNEL)",
      "\tkfree(p);\n",
      ["struct copy_ctx per call, kzalloc, tracks, ends behind the wait"],
    ],
    [
      "kzalloc(sizeof(struct copy_ctx), GFP_NOIO)",
      "\tkfree(p);\n",
      ["struct copy_ctx per call, kzalloc, tracks, ends behind the wait"],
    ],
    [
      "kmem_cache_alloc(cache, GFP_NOIO)",
      "\tkmem_cache_free(cache, p);\n",
      ["struct copy_ctx per call, kmem_cache_alloc, tracks, ends behind the wait"],
    ],
    ["kzalloc(sizeof(*p), GFP_KERNEL)", "", ["struct copy_ctx per call, kzalloc, tracks, no end"]],
    [
      "mempool_alloc(pool, GFP_NOIO)",
      "\tmempool_free(p, pool);\n",
      ["struct copy_ctx per call, mempool_alloc, tracks, no end"],
    ],
    ["someone_elses(p)", "\tkfree(p);\n", []],
  ])("%s", (alloc, free, expected) => expect(contexts(heap(alloc, free))).toEqual(expected));

  test("made in the loop there is one per chunk", () => {
    const structs =
      "struct copy_ctx {\n\tatomic_t refs;\n\tsector_t copied;\n\tstruct completion done;\n};\n\nstruct copy_part {\n\tstruct copy_ctx *ctx;\n\tsector_t at;\n};\n";
    const text = engine({
      structs,
      declarations: "\tstruct copy_part *part;\n",
      first: "\t\tpart = kmalloc(sizeof(*part), GFP_KERNEL);\n\t\tpart->ctx = &ctx;\n",
    });
    expect(contexts(text)).toContain("struct copy_part per chunk, kmalloc, plain, no end");
  });
});

describe("progress", () => {
  const progress = (endIo: string, more: Partial<Parameters<typeof engine>[0]> = {}) =>
    factsIn(engine({ endIo, ...more })).progress.map(
      (p) =>
        `${p.place.key}: ${p.lowered.length} lowered${p.lowered.some((l) => l.locked) ? " under a lock" : ""}, ${p.starts.length} starts, ${p.raised.length} raised, ${p.subtracted.length} subtracted${p.concurrent ? ", at once" : ""}`,
    );
  const key = "struct copy_ctx.copied";

  test.each([
    ["\tctx->copied = min(ctx->copied, at);\n", [`${key}: 1 lowered, 1 starts, 0 raised, 0 subtracted, at once`]],
    [
      "\tctx->copied = min_t(sector_t, at, ctx->copied);\n",
      [`${key}: 1 lowered, 1 starts, 0 raised, 0 subtracted, at once`],
    ],
    [
      "\tif (at < ctx->copied)\n\t\tctx->copied = at;\n",
      [`${key}: 1 lowered, 1 starts, 0 raised, 0 subtracted, at once`],
    ],
    [
      "\tif (ctx->copied > at) {\n\t\tctx->copied = at;\n\t}\n",
      [`${key}: 1 lowered, 1 starts, 0 raised, 0 subtracted, at once`],
    ],
    [
      "\tctx->copied = at < ctx->copied ? at : ctx->copied;\n",
      [`${key}: 1 lowered, 1 starts, 0 raised, 0 subtracted, at once`],
    ],
    [
      "\tctx->copied = ctx->copied > at ? at : ctx->copied;\n",
      [`${key}: 1 lowered, 1 starts, 0 raised, 0 subtracted, at once`],
    ],
    [
      "\tWRITE_ONCE(ctx->copied, min(READ_ONCE(ctx->copied), at));\n",
      [`${key}: 1 lowered, 1 starts, 0 raised, 0 subtracted, at once`],
    ],
    [
      "\tspin_lock(&lock);\n\tctx->copied = min(ctx->copied, at);\n\tspin_unlock(&lock);\n",
      [`${key}: 1 lowered under a lock, 1 starts, 0 raised, 0 subtracted, at once`],
    ],
    [
      "\tspin_lock(&lock);\n\tspin_unlock(&lock);\n\tctx->copied = min(ctx->copied, at);\n",
      [`${key}: 1 lowered, 1 starts, 0 raised, 0 subtracted, at once`],
    ],
    [
      "\tctx->copied = min(ctx->copied, at);\n\tctx->copied += 8;\n",
      [`${key}: 1 lowered, 1 starts, 1 raised, 0 subtracted, at once`],
    ],
    [
      "\tctx->copied = min(ctx->copied, at);\n\tctx->copied -= 8;\n",
      [`${key}: 1 lowered, 1 starts, 0 raised, 1 subtracted, at once`],
    ],
    ["\tctx->copied += at;\n", []],
    ["\tctx->copied = max(ctx->copied, at);\n", []],
    ["\tctx->copied = min(left, at);\n", []],
    ["\tif (at > ctx->copied)\n\t\tctx->copied = at;\n", []],
    ["\tctx->copied = at > ctx->copied ? at : ctx->copied;\n", []],
    ["\tif (at < ctx->copied)\n\t\tctx->copied = at;\n\telse\n\t\tfoo();\n", []],
    ["\tctx->copied = min(ctx->copied, ctx->copied);\n", []],
  ])("%j", (endIo, expected) => expect(progress(endIo)).toEqual(expected));

  test("of chunks that are waited for one by one is not concurrent", () => {
    const [only] = progress("\tctx->copied = min(ctx->copied, at);\n", {
      last: "\t\twait_for_completion_io(&ctx.done);\n",
    });
    expect(only).not.toContain("at once");
  });

  test("on the way of every chunk is the size of the next one", () => {
    const text = engine({ endIo: "", first: "\t\tctx.copied = min(ctx.copied, left);\n" });
    expect(factsIn(text).progress).toEqual([]);
  });
});

describe("units of an interface", () => {
  const units = (parameters: string, use: string, helpers = "") =>
    factsIn(engine({ parameters, helpers }).replace("bi_sector = to;", `bi_sector = ${use};`)).byteInterfaces.map(
      (b) =>
        `${b.func.name}: ${b.params.map((p) => p.name).join(", ")}${b.mixed ? ", mixed" : ""}${b.direct ? "" : ", passed on"}`,
    );
  const bytes = "struct block_device *bdev, loff_t from, loff_t to, size_t len";

  test.each([
    [bytes, "to >> SECTOR_SHIFT", ["blkdev_copy: to"]],
    [bytes, "to >> 9", ["blkdev_copy: to"]],
    [bytes, "to / SECTOR_SIZE", ["blkdev_copy: to"]],
    [bytes, "(sector_t)(to / 512)", ["blkdev_copy: to"]],
    [bytes, "(to + len) >> SECTOR_SHIFT", ["blkdev_copy: to, len"]],
    [bytes, "to >> PAGE_SHIFT", []],
    [bytes, "to << SECTOR_SHIFT", []],
    [bytes, "to", []],
    [
      "struct block_device *bdev, sector_t from, loff_t to, size_t len",
      "to >> 9;\n\t\tbio->bi_iter.bi_sector = from",
      ["blkdev_copy: to, mixed"],
    ],
    ["struct file *file, loff_t from, loff_t to, size_t len", "to >> 9", []],
  ])("%s, %s", (parameters, use, expected) => expect(units(parameters, use)).toEqual(expected));

  test("through a local and a helper", () => {
    const helpers = "static sector_t place(loff_t pos)\n{\n\treturn pos >> SECTOR_SHIFT;\n}\n\n";
    expect(units(bytes, "place(to)", helpers)).toEqual(["blkdev_copy: to"]);
  });
});

describe("callbacks beside a waiting mode", () => {
  const structs =
    "struct copy_ctx {\n\tatomic_t refs;\n\tsector_t copied;\n\tstruct completion done;\n\tvoid (*endio)(void *, int);\n\tvoid *private;\n};\n";
  const parameters = "struct block_device *bdev, sector_t to, sector_t len, void (*endio)(void *, int), void *private";
  const before = "\tctx.endio = endio;\n\tctx.private = private;\n";
  const endIo = "\tif (ctx->endio)\n\t\tctx->endio(ctx->private, 0);\n";
  const pairs = (text: string) =>
    factsIn(text).callbackPairs.map(
      (c) =>
        `${c.func.name}: ${c.callback.name}, ${c.data.name}, ${say(c.branch!.func, c.branch!.node.child("condition"))}${c.forwarded ? ", passed on" : ""}`,
    );

  test("kept in the context", () => {
    expect(pairs(engine({ structs, parameters, before, endIo }))).toEqual([
      "blkdev_copy: endio, private, (ctx->endio)",
    ]);
  });

  test("and an interface that passes both on", () => {
    const outer =
      "\nint blkdev_copy_all(struct block_device *bdev, void (*fn)(void *, int), void *arg)\n{\n\treturn blkdev_copy(bdev, 0, 8, fn, arg);\n}\n";
    expect(pairs(engine({ structs, parameters, before, endIo }) + outer)).toContain(
      "blkdev_copy_all: fn, arg, (ctx->endio), passed on",
    );
  });

  test.each([
    ["no branch", { structs, parameters, before, endIo: "\tctx->endio(ctx->private, 0);\n" }],
    ["no wait", { structs, parameters, before, endIo, behind: "" }],
    ["not called", { structs, parameters, before, endIo: "" }],
    ["no data", { structs, parameters, before, endIo: "\tif (ctx->endio)\n\t\tctx->endio(NULL, 0);\n" }],
  ])("%s: none", (_, change) => expect(pairs(engine(change))).toEqual([]));
});

describe("alignment tests", () => {
  const tests = (statements: string) =>
    factsIn(engine({ before: statements })).alignmentTests.map(
      (a) =>
        `${a.mask}: ${a.operands.map((o) => say(a.func, o)).join(", ")}; ${a.others.length} others${a.stretch ? ", one stretch" : ""}`,
    );

  test.each([
    ["\tif ((from & mask) || (to & mask))\n\t\treturn -EINVAL;\n", ["mask: from, to; 0 others, one stretch"]],
    [
      "\tif ((from & mask) || (mask & to) || (len & mask))\n\t\treturn -EINVAL;\n",
      ["mask: from, to, len; 0 others, one stretch"],
    ],
    ["\tif (!len || (from & mask) || (to & mask))\n\t\treturn -EINVAL;\n", ["mask: from, to; 1 others, one stretch"]],
    ["\tif ((from & mask) || !len || (to & mask))\n\t\treturn -EINVAL;\n", ["mask: from, to; 1 others"]],
    ["\tif (from & mask)\n\t\treturn -EINVAL;\n\tif (to & mask)\n\t\treturn -EINVAL;\n", ["mask: from, to; 0 others"]],
    ["\tif (from & mask)\n\t\treturn -EINVAL;\n\tif (to & mask)\n\t\treturn -EIO;\n", []],
    ["\tif (from & mask)\n\t\treturn -EINVAL;\n\tfoo();\n\tif (to & mask)\n\t\treturn -EINVAL;\n", []],
    ["\tif ((from & mask) || (to & other))\n\t\treturn -EINVAL;\n", []],
    ["\tif ((from & mask) || (from & mask))\n\t\treturn -EINVAL;\n", []],
    ["\tif ((from | to | len) & mask)\n\t\treturn -EINVAL;\n", []],
    ["\tif ((a->flags & FLAG) || (b->flags & FLAG))\n\t\treturn -EINVAL;\n", []],
    ["\tif ((from & mask) && (to & mask))\n\t\treturn -EINVAL;\n", []],
  ])("%j", (statements, expected) => expect(tests(statements)).toEqual(expected));
});

describe("relative positions", () => {
  const relative = (change: Parameters<typeof engine>[0]) =>
    factsIn(engine(change)).relativePositions.map((r) => `${r.place.key}: ${r.computed}`);

  test.each([
    ["len - left", ["blkdev_copy:pos: len - left"]],
    ["(len - left) << SECTOR_SHIFT", ["blkdev_copy:pos: (len - left) << SECTOR_SHIFT"]],
    ["from + len - left", []],
    ["to", []],
    ["len - from", []],
  ])("%s", (value, expected) =>
    expect(relative({ declarations: "\tloff_t pos;\n", first: `\t\tpos = ${value};\n` })).toEqual(expected),
  );

  test("counted from zero, and only then", () => {
    const counted = (start: string) =>
      relative({ declarations: `\tloff_t pos = ${start};\n`, last: "\t\tpos += 8;\n" });
    expect(counted("0")).toEqual(["blkdev_copy:pos: "]);
    expect(counted("from")).toEqual([]);
  });
});

describe("comments of functions", () => {
  const forms = (comment: string) =>
    factsIn(engine({ helpers: comment })).comments.map((c) => `${c.form} ${c.described.map((d) => d.name).join()}`);
  test.each([
    ["/**\n * blkdev_copy - copy\n * @bdev: device\n * @len:\tsectors\n */\n", ["kernel-doc bdev,len"]],
    ["/*\n * @bdev: device\n */\n", ["doc-shaped bdev"]],
    ["/*\n * blkdev_copy() - copy\n */\n", ["doc-shaped "]],
    ["/* Copies. */\n", ["plain "]],
    ["/* Copies. */\n\n\n\n", []],
    ["", []],
  ])("%j", (comment, expected) => expect(forms(comment)).toEqual(expected));
});

describe("calls that are phased out", () => {
  const calls = (text: string) =>
    factsIn(text).nextBioCalls.map(
      (c) =>
        `${c.within}${c.macro ? " (macro)" : ""}: ${c.args.length} args${c.result ? `, to ${c.result.variable}${c.result.check ? ", checked" : ""}` : ""}`,
    );
  test("need no engine around them", () => {
    const f = (body: string) => `struct bio *f(struct bio *bio)\n{\n${body}}\n`;
    expect(calls(f("\tbio = blk_next_bio(bio, bdev, 0, 0, gfp);\n\treturn bio;\n"))).toEqual(["f: 5 args, to bio"]);
    expect(calls(f("\tbio = blk_next_bio(bio, 0, gfp);\n\tif (!bio)\n\t\treturn NULL;\n\treturn bio;\n"))).toEqual([
      "f: 3 args, to bio, checked",
    ]);
    expect(calls(f("\tx->bio = blk_next_bio(bio, 0, gfp);\n\treturn bio;\n"))).toEqual(["f: 3 args"]);
    expect(calls(f("\treturn blk_next_bio(bio, 0, gfp);\n"))).toEqual(["f: 3 args"]);
    expect(calls(f("\t/* blk_next_bio() */\n\treturn bio;\n"))).toEqual([]);
    expect(calls("#define next_bio(bio) blk_next_bio(bio, 0, GFP_KERNEL)\n")).toEqual(["next_bio (macro): 0 args"]);
  });
});
