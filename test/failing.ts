import { type AnyRule, defineRule, hellwig } from "../src/rule/index.ts";
import type { Mail } from "./reviewing.ts";

// Rules are what tests replace by those here, so this must not read them, as what makes other patches does.

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

/** A patch whose function has calls of blk_next_bio() in the old form, which has no fix, or in the one that has. */
export function callsOf(name: string, calls: readonly ("old" | "new")[] = ["new"]): Mail {
  const lines = calls.map((form) =>
    form === "new"
      ? "\tbio = blk_next_bio(bio, bdev, 1, REQ_OP_WRITE, GFP_KERNEL);\n"
      : "\tbio = blk_next_bio(bio, 1, GFP_KERNEL);\n",
  );
  const code = `struct bio *${name}(struct bio *bio, struct block_device *bdev)\n{\n${lines.join("")}\treturn bio;\n}\n`;
  const added = code.trimEnd().split("\n");
  const text = `Message-Id: <${name}@example.org>
From: A Author <author@example.org>
Date: Sat, 1 Jun 2024 12:00:00 +0000
Subject: [PATCH] block: ${name}

Copy.
---

diff --git a/block/${name}.c b/block/${name}.c
new file mode 100644
--- /dev/null
+++ b/block/${name}.c
@@ -0,0 +1,${added.length} @@
${added.map((line) => `+${line}\n`).join("")}-- 
2.43.0
`;
  return { path: `${name}.patch`, text };
}
