import { engine } from "./engine/engine.ts";

const bytes = "struct block_device *bdev, loff_t from, loff_t to, size_t len";
const at = (text: string, value: string) => text.replace("bi_sector = to;", `bi_sector = ${value};`);
const lower = "ctx->copied = min(ctx->copied, bio->bi_iter.bi_sector);";
const failed = `\tif (bio->bi_status)\n\t\t${lower}\n`;
const other =
  "static void copy_fail(struct copy_ctx *ctx, sector_t at)\n{\n\tif (at < ctx->copied)\n\t\tctx->copied = at;\n}\n\n";

/** By rule: engines that differ from one another in one thing, where what is said depends on it. */
export const smallEngines: Readonly<Record<string, readonly (readonly [question: string, text: string])[]>> = {
  "byte-units": [
    ["One parameter is shifted.", at(engine({ parameters: bytes }), "to >> SECTOR_SHIFT")],
    ["Two are, on two lines.", at(engine({ parameters: bytes, last: "\t\tleft = len >> 9;\n" }), "to >> 9")],
    [
      "Five places are shifted, of which four are shown.",
      at(
        engine({ parameters: bytes, before: "\ta = to >> 9;\n\tb = to >> 9;\n\tc = from >> 9;\n\td = len >> 9;\n" }),
        "to >> 9",
      ),
    ],
    ["One is in sectors already.", at(engine({ parameters: bytes }), "to >> 9;\n\t\tbio->bi_iter.bi_sector = from")],
    [
      "Two are shifted beside one in sectors.",
      at(engine({ parameters: bytes, last: "\t\tleft = len >> 9;\n" }), "to >> 9;\n\t\tbio->bi_iter.bi_sector = from"),
    ],
    [
      "A helper shifts.",
      at(
        engine({
          parameters: bytes,
          helpers: "static sector_t place(loff_t pos)\n{\n\treturn pos >> SECTOR_SHIFT;\n}\n\n",
        }),
        "place(to)",
      ),
    ],
    [
      "Both the function and a helper shift: its own line is the one to look at.",
      at(
        engine({
          parameters: bytes,
          helpers: "static sector_t place(loff_t pos)\n{\n\treturn pos >> SECTOR_SHIFT;\n}\n\n",
          last: "\t\tleft -= to >> 9;\n",
        }),
        "place(to)",
      ),
    ],
    [
      "A static function passes the values on to the interface that shifts them.",
      `${at(engine({ parameters: bytes }), "to >> 9")}
static int copy_all(struct block_device *bdev, loff_t from, loff_t to, size_t len)
{
	return blkdev_copy(bdev, from, to, len);
}
`,
    ],
    ["The type says sectors.", at(engine(), "to >> 9")],
  ],
  "copied-only-decreases": [
    ["It starts at the length.", engine()],
    ["It starts at 0.", engine().replace("ctx.copied = len;", "ctx.copied = 0;")],
    ["It starts at 0 or at the length.", engine().replace("ctx.copied = len;", "ctx.copied = 0;\n\tctx.copied = len;")],
    ["It is raised too.", engine({ endIo: `${failed}\telse\n\t\tctx->copied += 8;\n` })],
    ["It is reduced too.", engine({ endIo: `${failed}\tctx->copied -= 8;\n` })],
    ["Two functions lower it.", engine({ helpers: other, endIo: `${failed}\tcopy_fail(ctx, 8);\n` })],
    ["One function lowers it twice.", engine({ endIo: `${failed}\tif (error)\n\t\t${lower}\n` })],
    [
      "The way of the error lowers it, and the completion.",
      engine({ last: "\t\tif (error)\n\t\t\tctx.copied = min(ctx.copied, left);\n" }),
    ],
    ["One chunk at a time.", engine({ last: "\t\twait_for_completion_io(&ctx.done);\n" })],
  ],
};
