import { defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "invalid-request-accepted",
  title: "request that is not aligned and reaches the device",
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
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "invalid-accepted"),
  explain({ data }) {
    return {
      what: `${data.function}() lets through what no device can carry out (${data.trace.setting}): ${data.outcome}`,
      why: `The device rejects it, or cuts it down to whole blocks without a word.${proviso(data)}`,
      instead: "Test source, destination and length against the logical block size before anything is submitted.",
    };
  },
});
