import { expect, test } from "vitest";
import { engineMail, execute } from "./engines.ts";

/** Something that a stranger may have put at the start of a call that copies. */
const attacks = [
  ["a loop without end", "for (;;) ;"],
  ["recursion without end", "blkdev_copy_range(bdev, src, dst, nr_sects, gfp);"],
  ["an allocation without bounds", "for (;;) kmalloc(1UL << 40, gfp);"],
  ["objects without end", "for (;;) kmalloc(64, gfp);"],
  ["work without end", "for (;;) { struct work_struct *w = kzalloc(sizeof(*w), gfp); schedule_work(w); }"],
  ["a pointer made of a number", "*(volatile long *)0x1234567890 = 1;"],
  ["a function that nothing shows", "unheard_of(bdev);"],
] as const;

test.each(attacks)("%s ends, and is no defect of copying", async (_, code) => {
  const mail = engineMail("chained.c", (text) => text.replace("\tif (!limit)\n", `\t${code}\n\tif (!limit)\n`));
  const { violations, executed, notExecuted } = await execute([mail], 200);
  expect(executed.length + notExecuted.length).toBeGreaterThan(0);
  expect(violations.filter(({ property }) => property !== "wrong-pointer" && property !== "never-freed")).toEqual([]);
});
