import { type Code, codeOf, type Func, textOf } from "../../src/engine/code.ts";
import { extractFacts } from "../../src/engine/extract.ts";
import type { Facts } from "../../src/engine/facts.ts";
import { parseIsland } from "../../src/syntax/ctree.ts";
import type { Node } from "../../src/syntax/node.ts";
import { islandOf } from "../syntax/island.ts";

/** The code of one file, all of it added. */
export const codeIn = (text: string): Code => codeOf([parseIsland("block/copy.c", islandOf(text))]);

export const factsIn = (text: string): Facts => extractFacts(codeIn(text));

export const func = (code: Code, name: string): Func => code.byName.get(name)!;

export const say = (f: Func, node: Node | undefined): string => (node ? textOf(f.tree, node).replace(/\s+/g, " ") : "");

/** Parts of a small copy engine that a test changes. */
export interface Parts {
  readonly structs: string;
  readonly endIo: string;
  readonly declarations: string;
  /** Before the loop. */
  readonly before: string;
  readonly loop: string;
  /** In the loop, before a bio is made. */
  readonly first: string;
  /** In the loop, behind the submission. */
  readonly last: string;
  readonly submit: string;
  readonly behind: string;
  readonly helpers: string;
  readonly parameters: string;
}

/** A small copy engine in the kernel's style; `change` says what a test is about. */
export function engine(change: Partial<Parts> = {}): string {
  const parts: Parts = {
    structs: "struct copy_ctx {\n\tatomic_t refs;\n\tsector_t copied;\n\tstruct completion done;\n};\n",
    endIo: "\tif (bio->bi_status)\n\t\tctx->copied = min(ctx->copied, bio->bi_iter.bi_sector);\n",
    declarations: "",
    before: "",
    loop: "while (left)",
    first: "",
    last: "",
    submit: "\t\tsubmit_bio(bio);\n",
    behind: "\twait_for_completion_io(&ctx.done);\n",
    helpers: "",
    parameters: "struct block_device *bdev, sector_t from, sector_t to, sector_t len",
    ...change,
  };
  return `${parts.structs}
static void copy_end_io(struct bio *bio)
{
	struct copy_ctx *ctx = bio->bi_private;

${parts.endIo}	bio_put(bio);
	if (atomic_dec_and_test(&ctx->refs))
		complete(&ctx->done);
}

${parts.helpers}int blkdev_copy(${parts.parameters})
{
	struct copy_ctx ctx;
	sector_t left = len;
	struct bio *bio;
${parts.declarations}
	ctx.copied = len;
${parts.before}	${parts.loop} {
${parts.first}		bio = bio_alloc(bdev, 0, REQ_OP_COPY_DST, GFP_KERNEL);
		bio->bi_iter.bi_sector = to;
		bio->bi_private = &ctx;
		bio->bi_end_io = copy_end_io;
${parts.submit}${parts.last}		left -= 8;
	}
${parts.behind}	return 0;
}
`;
}
