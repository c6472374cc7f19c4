import { rules as all } from "../rules/index.ts";
import { type AnyRule, defineRule, hellwig } from "../src/rule/index.ts";
import { type Mail, patchOf } from "./reviewing.ts";

/** What the rule below throws; a rule may throw anything, and what it says may hold anything. */
const hostile = "ouch\x1b[2J\r\n::error::x ERROR: ##[error]y ]]><script>|@x `*\u202e";

/**
 * A rule with a defect: it fails at a function whose name has `bad` in it, and at one with `late` as soon as that has but
 * one call of blk_next_bio() left, as it has when another one was fixed.
 */
export const failingRule: AnyRule = defineRule({
  id: "failing-rule",
  title: "none",
  level: "error",
  confidence: "high",
  sources: [hellwig("none")],
  needs: ["nextBioCalls"],
  *find({ nextBioCalls }) {
    const names = nextBioCalls.map(({ within }) => within ?? "");
    if (names.some((name) => name.includes("bad"))) throw new Error(hostile);
    if (names.some((name) => name.includes("thrown"))) throw hostile;
    if (names.length === 1 && names[0]!.includes("late")) throw new Error("too late");
  },
  explain: () => ({ what: "", why: "", instead: "" }),
});

/** Few rules, for tests of what becomes of a series at which one of them fails. */
export const fewRules: readonly AnyRule[] = [...all.filter(({ id }) => id === "deprecated-next-bio"), failingRule];

/** A patch whose function has calls of blk_next_bio() in the old form, which has no fix, or in the one that has. */
export function callsOf(name: string, calls: readonly ("old" | "new")[] = ["new"]): Mail {
  const lines = calls.map((form) =>
    form === "new"
      ? "\tbio = blk_next_bio(bio, bdev, 1, REQ_OP_WRITE, GFP_KERNEL);\n"
      : "\tbio = blk_next_bio(bio, 1, GFP_KERNEL);\n",
  );
  const code = `struct bio *${name}(struct bio *bio, struct block_device *bdev)\n{\n${lines.join("")}\treturn bio;\n}\n`;
  const { text } = patchOf({ [`block/${name}.c`]: code }, `[PATCH] block: ${name}`);
  return { path: `${name}.patch`, text: `Message-Id: <${name}@example.org>\n${text}` };
}
