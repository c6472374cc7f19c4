import { engine } from "./engine/engine.ts";

const bytes = "struct block_device *bdev, loff_t from, loff_t to, size_t len";
const at = (text: string, value: string) => text.replace("bi_sector = to;", `bi_sector = ${value};`);
const lower = "ctx->copied = min(ctx->copied, bio->bi_iter.bi_sector);";
const failed = `\tif (bio->bi_status)\n\t\t${lower}\n`;
const other =
  "static void copy_fail(struct copy_ctx *ctx, sector_t at)\n{\n\tif (at < ctx->copied)\n\t\tctx->copied = at;\n}\n\n";

const context = "struct copy_ctx {\n\tatomic_t refs;\n\tsector_t copied;\n\tstruct completion done;\n};\n";

/** An engine that makes a structure with these members for every chunk. */
const part = (members: readonly string[], make = "part = kmalloc(sizeof(*part), GFP_NOIO)") =>
  engine({
    structs: `${context}\nstruct copy_part {\n${members.map((member) => `\t${member};\n`).join("")}};\n`,
    declarations: "\tstruct copy_part *part;\n",
    first: `\t\t${make};\n\t\tpart->ctx = &ctx;\n`,
  });
const back = "struct copy_ctx *ctx";

/** An engine with kernel-doc of these lines. */
const documented = (...lines: readonly string[]) =>
  engine({
    helpers: `/**\n * blkdev_copy - copy\n * @bdev: device\n *\n${lines.map((line) => ` *${line === "" ? "" : ` ${line}`}\n`).join("")} */\n`,
  });

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
  "per-chunk-struct": [
    ["A back pointer and a position.", part([back, "sector_t at"])],
    ["Three numbers.", part([back, "loff_t at", "size_t len", "u32 index"])],
    ["Three more kinds of numbers.", part([back, "s64 at", "unsigned int len", "bool last"])],
    ["And more.", part([back, "ssize_t at", "unsigned len", "signed index"])],
    ["Four numbers.", part([back, "sector_t a", "sector_t b", "sector_t c", "sector_t d"])],
    ["No number.", part([back])],
    ["No back pointer.", part(["struct page *page", "sector_t at"])],
    ["Only numbers.", part(["sector_t at", "sector_t len"])],
    ["Two back pointers.", part([back, "struct copy_ctx *other", "sector_t at"])],
    ["Another pointer.", part([back, "struct page *page", "sector_t at"])],
    ["A pointer to a number.", part([back, "sector_t *where", "sector_t at"])],
    ["A function pointer.", part([back, "int (*fn)(void)", "sector_t at"])],
    ["An embedded structure.", part([back, "struct work_struct work", "sector_t at"])],
    ["A type that only looks like a number's.", part([back, "my_sector_t at"])],
    ["Another one.", part([back, "sector_t_list at"])],
    ["From a cache.", part([back, "sector_t at"], "part = kmem_cache_alloc(cache, GFP_NOIO)")],
    ["From a reserve, which cannot fail.", part([back, "sector_t at"], "part = mempool_alloc(pool, GFP_NOIO)")],
    ["Made elsewhere.", part([back, "sector_t at"], "part = next_part(ctx)")],
    [
      "Made before the loop, once per call.",
      part([back, "sector_t at"], "part->at = left").replace(
        "\tctx.copied = len;",
        "\tpart = kmalloc(sizeof(*part), GFP_NOIO);\n\tctx.copied = len;",
      ),
    ],
    [
      "Made at two places in the loop.",
      part(
        [back, "sector_t at"],
        "part = kmalloc(sizeof(*part), GFP_NOIO);\n\t\tpart = kzalloc(sizeof(*part), GFP_NOIO)",
      ),
    ],
    [
      "Made by a helper that the loop calls.",
      part([back, "sector_t at"], "part = make_part(bdev)").replace(
        "int blkdev_copy(",
        "static void make_part(struct block_device *bdev)\n{\n\tstruct copy_part *part;\n\n\tpart = kmalloc(sizeof(*part), GFP_NOIO);\n\tpart->ctx = NULL;\n\tsubmit_bio(part);\n}\n\nint blkdev_copy(",
      ),
    ],
  ],
  "narrative-kernel-doc": [
    ["Nothing of that kind.", documented("Copies sectors inside a device.")],
    ["One person, who does nothing.", documented("This is what we have.")],
    ["Two persons.", documented("This is our tool, and it serves us.")],
    ["One person who does something.", documented("", "We submit two bios.")],
    ["One person and a step.", documented("Our tool.", "1. A read.")],
    ["One step.", documented("1. A read.")],
    ["Steps only.", documented("1. A read.", "2) A write.", "step 3 the end.")],
    ["One word of the inside.", documented("Holds a plug.")],
    ["The same word twice.", documented("Holds a plug.", "A Plug is held.")],
    ["Two words of the inside.", documented("Holds a plug,", "and a worker ends it.")],
    ["One word and one step.", documented("Holds a plug.", "1. A read.")],
    [
      "One word and two steps, in words.",
      documented("Holds a plug.", "First a read. Then a write.", "Finally the end."),
    ],
    ["What the caller gets may say we.", documented("Return: what we wrote, we and our bios.")],
    ["Over several lines.", documented("Returns 0:", "  1. if we submit", "  2. or if we wait")],
    ["Up to the empty line.", documented("Context: we may sleep.", "", "We submit two bios.")],
    ["A context in which it is called.", documented("Context: our worker, our plug.", "Note: we merge, we submit.")],
    ["Notes.", documented("Notes on us: we merge, we submit.")],
    ["A word that only starts like a heading.", documented("Returning: we submit, we wait.")],
    ["A heading in the middle of a line.", documented("We return: we submit.")],
    ["A comment that is no kernel-doc.", engine({ helpers: "/* We submit two bios, then we wait. */\n" })],
  ],
};
