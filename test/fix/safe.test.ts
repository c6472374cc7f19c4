import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { applyPatch } from "../../src/patch/apply.ts";
import { parsePatch } from "../../src/patch/parse.ts";
import { patchOf, reviewMails, top } from "../reviewing.ts";

const stage = { read: (path: string) => readStage(path) };

function readStage(path: string): string | undefined {
  try {
    return readFileSync(join(top, "fixtures/stage", path), "utf8");
  } catch {
    return undefined;
  }
}

/** The files of a case, with parts of block/blk-lib.c replaced; each part must be there once. */
function files(patch: string, changes: readonly (readonly [string, string])[]): Record<string, [string, string]> {
  const out: Record<string, [string, string]> = {};
  for (const file of parsePatch(readFileSync(join(top, patch), "utf8")).files) {
    const before = readStage(file.path)!;
    const applied = applyPatch(before, file);
    if (!("text" in applied)) throw new Error(applied.reason);
    let after = applied.text!;
    if (file.path === "block/blk-lib.c")
      for (const [from, to] of changes) {
        expect(after.split(from).length, from).toBe(2);
        after = after.replace(from, to);
      }
    out[file.path] = [before, after];
  }
  return out;
}

/** Whether a rule finds something there, and whether its fix keeps what the code means. */
async function judged(
  rule: string,
  name: string,
  changes: readonly (readonly [string, string])[],
): Promise<"silent" | "found" | "fixed"> {
  const mail = patchOf(files(`rules/${rule}/cases/${name}.patch`, changes));
  const { findings } = await reviewMails([mail], stage);
  const [finding] = findings.filter((f) => f.rule === rule);
  if (finding === undefined) return "silent";
  return finding.safe !== undefined && finding.fix.length > 0 ? "fixed" : "found";
}

describe("a plug moves out of its loop", () => {
  const start = "\t\tblk_start_plug(&plug);\n\n\t\tstep = min(nr_sects, limit);\n";
  const loop = "\tfor (; nr_sects; nr_sects -= step) {\n";
  const finish = "\t\tblk_finish_plug(&plug);\n\t}\n";
  const alloc = "\t\tfrom = bio_alloc(bdev, 0, REQ_OP_COPY_SRC, gfp);\n";

  test.each<[string, readonly (readonly [string, string])[]]>([
    ["if it is all there is at both ends of the loop", []],
    [
      "of a while loop",
      [
        [loop, "\twhile (nr_sects) {\n"],
        ["\t\tdst += step;\n", "\t\tdst += step;\n\t\tnr_sects -= step;\n"],
      ],
    ],
    [
      "in spite of a type-checked minimum",
      [["\t\tstep = min(nr_sects, limit);\n\t\tfrom", "\t\tstep = min_t(sector_t, nr_sects, limit);\n\t\tfrom"]],
    ],
  ])("%s", async (_, changes) => expect(await judged("plug-per-chunk", "whole-body", changes)).toBe("fixed"));

  test.each<[string, readonly (readonly [string, string])[]]>([
    ["something stands before the start", [[start, "\t\tstep = min(nr_sects, limit);\n\t\tblk_start_plug(&plug);\n"]]],
    ["a comment stands before the start", [["\t\tblk_start_plug", "\t\t/* Hold it. */\n\t\tblk_start_plug"]]],
    ["something stands behind the finish", [[finish, "\t\tblk_finish_plug(&plug);\n\t\tcond_resched();\n\t}\n"]]],
    ["a comment stands behind the finish", [[finish, "\t\tblk_finish_plug(&plug);\n\t\t/* Done. */\n\t}\n"]]],
    [
      "the loop can be left",
      [[alloc, `${alloc}\t\tif (!from) {\n\t\t\tblk_finish_plug(&plug);\n\t\t\tbreak;\n\t\t}\n`]],
    ],
    ["a round can be cut short", [[alloc, `\t\tif (!step)\n\t\t\tcontinue;\n${alloc}`]]],
    ["a loop in it can be left", [[alloc, `\t\twhile (step)\n\t\t\tif (step-- < 8)\n\t\t\t\tbreak;\n${alloc}`]]],
    ["something else looks at the plug", [[alloc, `\t\tblk_look(&plug);\n${alloc}`]]],
    ["a macro may leave the loop", [[alloc, `\t\tLEAVE_IF(!step);\n${alloc}`]]],
    [
      "a macro of the patch may leave the loop",
      [
        ["/* State of one call,", "#define leave_if(x) if (x) break\n\n/* State of one call,"],
        [alloc, `\t\tleave_if(!step);\n${alloc}`],
      ],
    ],
    ["the loop hangs on a condition", [[loop, `\tif (limit)\n${loop}`]]],
    ["its condition does something", [[loop, "\tfor (; blk_more(&nr_sects); nr_sects -= step) {\n"]]],
    ["it never ends", [[loop, "\tfor (;;) {\n"]]],
    ["part of it depends on the configuration", [[alloc, `#ifdef CONFIG_X\n\t\tstep &= ~1;\n#endif\n${alloc}`]]],
    ["it waits for each chunk", [["\t\tsubmit_bio(to);\n", "\t\tsubmit_bio_wait(to);\n"]]],
    ["the plug is one of each round", [[start, `\t\tstruct blk_plug plug;\n\n${start}`]]],
  ])("but not if %s", async (_, changes) =>
    expect(await judged("plug-per-chunk", "whole-body", changes)).toBe("found"),
  );
});

describe("one mask is tested once", () => {
  const test3 = "(src & mask) || (dst & mask) || (nr_sects & mask) || !nr_sects";
  const cond = `if (${test3})`;

  test.each<[string, string]>([
    ["in a condition", cond],
    ["under unlikely()", `if (unlikely(${test3}))`],
    ["where it is negated", `return !(${test3}) ? 0 : -EINVAL;\n\tif (nr_sects == 3)`],
    ["with the size of a block", cond.replaceAll("mask", "(bdev_logical_block_size(bdev) - 1)")],
  ])("%s", async (_, changed) =>
    expect(await judged("split-alignment-check", "three-in-one-condition", [[cond, changed]])).toBe("fixed"),
  );

  test.each<[string, string]>([
    ["its value is used", `return (src & mask) || (dst & mask);\n\tif (nr_sects == 3)`],
    ["an operand is a call", cond.replace("dst & mask", "blk_take(dst) & mask")],
    ["the mask is a call of who knows what", cond.replaceAll("mask", "(blk_mask(bdev) - 1)")],
    ["a comment would go", cond.replace("|| (dst", "|| /* and the other */ (dst")],
    ["a test of another kind has the same mask", cond.replace("(dst & mask)", "!IS_ALIGNED(dst, mask)")],
  ])("but not if %s", async (_, changed) =>
    expect(await judged("split-alignment-check", "three-in-one-condition", [[cond, changed]])).toBe("found"),
  );
});

describe("blk_next_bio() is replaced", () => {
  const call = "to = blk_next_bio(from, bdev, 0, REQ_OP_COPY_DST, gfp);";

  test.each<[string, readonly (readonly [string, string])[], string]>([
    ["as a statement", [], "fixed"],
    [
      "not where its result is checked: then another thing happens without memory",
      [[call, `${call}\n\t\tif (!to)\n\t\t\tbreak;`]],
      "found",
    ],
    ["not inside of a condition", [[call, `if (!(${call.slice(0, -1)}))\n\t\t\tbreak;`]], "found"],
  ])("%s", async (_, changes, said) =>
    expect(await judged("deprecated-next-bio", "next-bio-pair", changes)).toBe(said),
  );
});
