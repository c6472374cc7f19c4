import { describe, expect, test } from "vitest";
import { engineMail, engineText, execute, inShort } from "./engines.ts";

/** How an engine is written, the function that a run enters, and one edit that breaks it with what has to be said then. */
const engines = [
  [
    "pooled.c",
    "blkdev_xcopy",
    ["\t\tkref_get(&xc->ref);\n", "", "freed-twice|used-after-free|warns"],
    ["\tmempool_free(xc, xcopy_pool);\n\treturn error;\n}\nEXPORT", "\treturn error;\n}\nEXPORT", "never-freed"],
  ],
  [
    "waits-by-hand.c",
    "blk_copy_bytes",
    ["\t\twake_up(&ctx->wq);\n", "\t\t;\n", "waits-for-ever"],
    ["\t\tlist_del(&op->list);\n\t\tkfree(op);\n", "\t\tlist_del(&op->list);\n", "never-freed"],
    [
      "\tlist_add_tail(&op->list, &ctx->ops);\n\tmutex_unlock(&ctx->lock);\n",
      "\tlist_add_tail(&op->list, &ctx->ops);\n",
      "waits-for-ever",
    ],
  ],
  [
    "worker.c",
    "blkdev_copy_queue",
    [
      "\tjob->done(job->data, err);\n\tkfree(job);\n",
      "\tkfree(job);\n\tjob->done(job->data, err);\n",
      "used-after-free",
    ],
    ["\t\t__free_page(pages[i]);\n", "\t\t;\n", "never-freed"],
  ],
  [
    "ioctl.c",
    "blk_ioctl_copy_range",
    ["\tif ((arg.src_offset | arg.dst_offset | arg.length) & (bs - 1))\n\t\treturn -EINVAL;\n", "", "invalid-accepted"],
    ["arg.copied = ret ? 0 : arg.length", "arg.copied = arg.length", "more-reported-than-arrived"],
  ],
  [
    "guarded.c",
    "blkdev_copy_guarded",
    ["struct cop *cop __free(kfree)", "struct cop *cop", "never-freed"],
    ["no_free_ptr(d)", "d", "used-after-free|freed-twice"],
  ],
  ["job.c", "cpd_run_job", ["\t\tbio_put(s);\n", "", "never-freed"]],
  [
    "mapped.c",
    "blkdev_emulate_copy",
    ["\tkvfree(buf);\n", "", "never-freed"],
    ["\tret = submit_bio_wait(parent);\n\tbio_put(parent);\n", "\tret = submit_bio_wait(parent);\n", "never-freed"],
  ],
] as const;

describe("engines in the manner of other authors and years", () => {
  const whole = engines.map(([name, entry]) => [name, entry] as const);
  test.each(whole)("%s: %s() is executed and keeps all properties", async (name, entry) => {
    const { violations, executed } = await execute([engineMail(`others/${name}`)]);
    expect(violations.map((each) => `${inShort(each)}: ${each.outcome}, ${each.trace.setting}`)).toEqual([]);
    expect(executed.find((each) => each.function === entry)?.runs).toBeGreaterThan(10);
  });

  test("payload.c, whose one bio carries the whole copy, does too", async () => {
    const mail = engineMail("others/payload.c");
    const text = mail.text.replace(
      /REQ_OP_COPY_SRC\t= 50,\n\+\tREQ_OP_COPY_DST\t= 51,/,
      "REQ_OP_COPY = 50,\n+\tREQ_OP_OTHER = 51,",
    );
    const { violations, executed } = await execute([{ ...mail, text }]);
    expect(violations.map((each) => `${inShort(each)}: ${each.outcome}`)).toEqual([]);
    expect(executed.find((each) => each.function === "blkdev_issue_copy")?.runs).toBeGreaterThan(10);
  });

  const broken = engines.flatMap(([name, , ...edits]) => edits.map((edit) => [name, ...edit] as const));
  test.each(broken)("%s without %j, %j instead, breaks %s", async (name, from, to, properties) => {
    expect(engineText(`others/${name}`)).toContain(from);
    const { violations } = await execute([engineMail(`others/${name}`, (text) => text.replace(from, to))]);
    const seen = violations.map(({ property }) => property as string);
    expect(seen.filter((property) => properties.split("|").includes(property))).not.toEqual([]);
  });
});

/** A handler that reads how many ranges there are, and then reads it again with the ranges. */
const handler = (keep: string) => `
struct copy_entry {
	__u64 src;
	__u64 dst;
	__u64 len;
};
struct copy_list {
	__u64 nr_entries;
	__u64 reserved;
	struct copy_entry entries[];
};

int blk_ioctl_copy_list(struct block_device *bdev, fmode_t mode, unsigned long arg)
{
	struct copy_list head, *list;
	int ret = 0;
	u64 i;

	if (!(mode & FMODE_WRITE))
		return -EBADF;
	if (copy_from_user(&head, (void __user *)arg, sizeof(head)))
		return -EFAULT;
	if (!head.nr_entries || head.nr_entries > 16)
		return -EINVAL;
	list = memdup_user((void __user *)arg, struct_size(list, entries, head.nr_entries));
	if (IS_ERR(list))
		return PTR_ERR(list);
${keep}
	for (i = 0; i < list->nr_entries && !ret; i++) {
		struct copy_entry *e = &list->entries[i];

		if ((e->src | e->dst | e->len) & (bdev_logical_block_size(bdev) - 1))
			ret = -EINVAL;
		else
			ret = blk_copy_range(bdev, e->src >> 9, e->dst >> 9, e->len >> 9);
	}
	kfree(list);
	return ret;
}
`;

describe("what a process changes between two reads", () => {
  const withHandler = (keep: string) =>
    engineMail("others/ioctl.c", (text) => text.split("int blk_ioctl_copy_range")[0]! + handler(keep));

  test("leads out of the memory that was made for what it said first", async () => {
    const { violations } = await execute([withHandler("")]);
    expect(violations.map(({ property, kind, conditions }) => [property, kind, conditions])).toEqual([
      ["wrong-pointer", "out of bounds", ["a thread of the caller changes what was read before"]],
    ]);
  });

  test("is no matter where the first answer is kept", async () => {
    const { violations, executed } = await execute([withHandler("\tlist->nr_entries = head.nr_entries;")]);
    expect(violations).toEqual([]);
    expect(executed.find((each) => each.function === "blk_ioctl_copy_list")?.runs).toBeGreaterThan(10);
  });
});
