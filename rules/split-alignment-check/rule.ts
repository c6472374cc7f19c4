import { defineRule, hellwig } from "../../src/rule/index.ts";

/** Sizes that can be asked for once as well as twice. */
const sizes = /\b(?:(?:bdev|queue)_(?:logical|physical)_block_size|i_blocksize)\s*\(/g;

/** Whether a mask does nothing when it is computed: names, numbers, members, sums and shifts of them. */
const isPure = (mask: string): boolean =>
  !/\w\s*\(|--|\+\+|=/.test(mask.replace(sizes, "(")) && /^[\w\s()[\].>+<-]+$/.test(mask);

export default defineRule({
  id: "split-alignment-check",
  title: "one mask tested operand by operand",
  level: "check",
  confidence: "high",
  sources: [hellwig("test the range first, then the alignment of (pos_in | pos_out | len) at once")],
  needs: ["alignmentTests"],
  *find({ alignmentTests }, { text, raw }) {
    for (const { func, node, mask, operands, byMacro, others, stretch, asTruth } of alignmentTests) {
      const { tree } = func;
      // `a + b | c` would bind otherwise than meant.
      const simple = operands.every(
        (o) => /^[\w\s[\].>()-]+$/.test(text({ tree }, o)) && !/\s-\s/.test(text({ tree }, o)),
      );
      const joined = operands.map((o) => text({ tree }, o)).join(" | ");
      const test = byMacro ? `!IS_ALIGNED(${joined}, ${mask})` : `((${joined}) & ${mask})`;
      const fix = [];
      if (simple && stretch) {
        // Keep the parentheses that the stretch has of its own balanced.
        const old = raw({ tree }, stretch.start, stretch.end);
        if (old.split("(").length === old.split(")").length) fix.push({ at: { tree, node: stretch }, text: test });
      }
      // A call may do something, and would be made although the test before it has decided.
      const calls = operands.some((o) => /\w\s*\(/.test(text({ tree }, o)));
      const comments = stretch !== undefined && /\/[*/]|#/.test(raw({ tree }, stretch.start, stretch.end));
      const safe = asTruth && !calls && !comments && isPure(mask);
      yield {
        at: { tree, node },
        within: func.name,
        fix,
        ...(safe ? { safe: { calls: [] } } : {}),
        data: {
          name: func.name,
          mask,
          operands: operands.map((o) => text({ tree }, o)),
          test,
          byMacro,
          ranges: others.length > 0,
        },
      };
    }
  },
  explain({ data: { name, mask, operands, test, byMacro, ranges } }) {
    return {
      what: `${name}() tests ${operands.length} operands against one ${byMacro ? "alignment" : "mask"} (${mask}) one by one`,
      why: "A bit of the mask is set in one of them exactly if it is set in their OR, so one AND tells the same.",
      instead: `${ranges ? "Test the range first; then the" : "The"} alignment is ${test}.`,
    };
  },
});
