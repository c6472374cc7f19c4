import { condition, defineRule, lore, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "alloc-free-mismatch",
  title: "object that is given back in another way than it was got",
  level: "error",
  confidence: "high",
  sources: [
    lore(
      "7d1fdd1e-c854-4744-8bec-7d222fb9be76@opensource.wdc.com",
      "Damien Le Moal",
      "memory from kzalloc() goes to kfree()",
    ),
  ],
  needs: ["violations"],
  find: ({ violations }) =>
    seenInRuns(violations, ({ property, kind }) => property === "misuse" && /free|not a bio/.test(kind)),
  explain({ data }) {
    const noBio = data.kind === "not a bio";
    return {
      what: noBio
        ? `${data.within}() gives bio_put() what is no bio${condition(data)}`
        : `${data.within}() gives memory back in another way than it was got${condition(data)}: ${data.outcome}`,
      why: `${noBio ? "bio_put() reads and writes where a bio would have its reference count, and that is memory of somebody else or of nobody." : "The function takes what it is given for something else, and works on memory that is not its own."}${proviso(data)}`,
      instead: noBio
        ? "Put only what was allocated: test each pointer by itself first."
        : "Give each object back with the function that belongs to the one that made it.",
    };
  },
});
