import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { top } from "../reviewing.ts";
import { engineMail, engineText, execute } from "./engines.ts";
import { operators, sampled } from "./mutate.ts";

const engines = ["synchronous.c", "asynchronous.c", "emulation.c", "chained.c"];

/** Fixed before any property was tuned to what comes of them. */
const SEED = 1;
/** Of each operator and engine. */
const EACH = 2;
/** Runs of each mutant: few, which most do not outlive, and then as many as a review has. */
const BUDGETS = [100, undefined];

const mutants = engines.flatMap((engine) => sampled(engine, engineText(engine), EACH, SEED));

/** Mutants that do what the engine does, as far as anybody can see. */
const equivalent: Readonly<Record<string, string>> = {
  "synchronous.c:35 swap two statements: kfree(chunk); with bio_put(bio);":
    "two objects are freed, and neither points to the other",
  "synchronous.c:74 other constant: 0 to 1, src_bio = bio_alloc(bdev, 0, REQ_OP_COPY_SRC, gfp);":
    "the bio has room for a page that nothing uses",
  "asynchronous.c:87 swap two statements: refcount_set(&ctx->pending, 1); with spin_lock_init(&ctx->lock);":
    "two members are set before anybody else can see them",
  "asynchronous.c:46 early free: copy_put(ctx);, up by 1":
    "the handler looked at everything before: the caller hears of it before a bio is back, which it cannot see",
  "asynchronous.c:46 early free: copy_put(ctx);, up by 2": "the same, and before the chunk's memory is back",
  "emulation.c:48 swap two statements: if (!nr_sects || ((src | dst | nr_sects) with size = min_t(sector_t, nr_sects << SECTO":
    "a size is worked out before a test that does not look at it",
  "emulation.c:15 off by one chunk: buf += n, two of them":
    "blocks are no larger than a page, so the buffer lies in one, and the loop has one round",
  "chained.c:62 do a call twice: blk_finish_plug(&plug);":
    "blk_finish_plug() of a plug that the task does not hold any more does nothing",
  "chained.c:20 swap two statements: if (!src_bio) { bio_put(dst_bio); return with dst_bio->bi_iter.bi_sector = dst;":
    "a member is set of a bio that is put next",
  "chained.c:48 plug in the loop: start it there":
    "blk_start_plug() of a task that has a plug does nothing, and the range has at least one chunk",
  "chained.c:19 other constant: 0 to 1, src_bio = bio_alloc(bdev, 0, REQ_OP_COPY_SRC, gfp);":
    "the bio has room for a page that nothing uses",
};

/** Mutants that do something else and that nothing is said of. */
const missed: Readonly<Record<string, string>> = {
  "synchronous.c:95 0 for an argument: 1, spin_lock_irq(&ctx.lock);":
    "a macro takes the member of a plain 0, which no C compiler takes for a pointer; such runs count as not executed",
  "synchronous.c:95 no lock: spin_lock_irq(&ctx.lock);":
    "takes an allocation that fails, a chunk that fails at that very time, and a plug that had let go before: three things at once and an interruption, beyond the bounds",
  "emulation.c:54 off by one chunk: done < nr_sects with <=":
    "the read of nothing behind the end fails, which ends the loop: all was copied, and as much is reported",
  "emulation.c:15 = for +=: len -= n":
    "adds pages without end and submits none: such runs count as not executed, as it cannot be told from a loop that is only long",
  "emulation.c:60 0 for an argument: 2, error = copy_rw(bdev_out, REQ_OP_WRITE, dst + done, buf, len << SECTOR_SHIFT, gfp);":
    "nothing writes, so this is no copy, and no entry of one is found",
  "chained.c:54 go on for break: continue":
    "goes on to copy after a chunk for which there was no memory; the caller gets the error all the same",
};

/** Lines of the list of mutants as it was first made. */
const listed = readFileSync(join(top, "test/exec-kernel/mutants.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(" => ")[0]);

describe("mutants of the engines", () => {
  test("are those that were made first, of all operators and engines", () => {
    expect(mutants.map(({ name }) => name)).toEqual(listed);
    expect(new Set(mutants.map(({ operator }) => operator))).toEqual(new Set(Object.keys(operators)));
    expect(mutants.length).toBeGreaterThanOrEqual(80);
  });

  const hasGcc = spawnSync("gcc", ["--version"]).status === 0;
  if (!hasGcc) test("SKIPPED: no gcc to compile them", (context) => context.skip());
  test.runIf(hasGcc)("are C, as the engines are", () => {
    const dir = mkdtempSync(join(tmpdir(), "copylint-mutants-"));
    const stub = readFileSync(join(top, "test/exec-kernel/stub.h"), "utf8") + engineText("copy.h");
    const texts = [...engines.map(engineText), ...mutants.map(({ text }) => text)];
    const files = texts.map((text, i) => {
      const file = join(dir, `${i}.c`);
      writeFileSync(file, stub + text.replace(/^#include.*$/m, ""));
      return file;
    });
    try {
      const { stderr } = spawnSync("gcc", ["-fsyntax-only", "-w", "-std=gnu11", ...files], { encoding: "utf8" });
      expect(stderr).toBe("");
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test("are caught, but for those that are listed with a reason", { timeout: 300_000 }, async () => {
    const uncaught: string[] = [];
    for (const { engine, name, text } of mutants) {
      let caught = false;
      for (const runs of BUDGETS)
        caught ||= (await execute([engineMail(engine, () => text)], runs)).violations.length > 0;
      if (!caught) uncaught.push(name);
    }
    expect(uncaught.toSorted()).toEqual([...Object.keys(equivalent), ...Object.keys(missed)].toSorted());
    // Nine of ten of those that do something else.
    const different = mutants.length - Object.keys(equivalent).length;
    expect(Object.keys(missed).length / different).toBeLessThanOrEqual(0.1);
  });
});
