import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "misaligned-chunk",
  title: "chunk that is no whole number of blocks",
  level: "warning",
  confidence: "high",
  sources: [
    {
      by: "ABI stable symbols, queue/logical_block_size",
      says: "the logical block size is the smallest unit that a device can address",
      url: "https://docs.kernel.org/admin-guide/abi-stable.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "chunk-off-block"),
  explain({ data }) {
    return {
      what: `${data.function}() cuts an aligned request into chunks that are not aligned${condition(data)}: ${data.outcome}`,
      why: `The device cannot address such a chunk: it fails, or is cut down to whole blocks, and so the copy.${proviso(data)}`,
      instead:
        "Round what a chunk is cut by down to the logical block size, and see to it that at least one block is left.",
    };
  },
});
