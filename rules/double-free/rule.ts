import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "double-free",
  title: "object that is freed twice",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "Kernel Address Sanitizer",
      says: "a second free of the same memory corrupts the allocator",
      url: "https://docs.kernel.org/dev-tools/kasan.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "freed-twice"),
  explain({ data }) {
    return {
      what: `${data.within}() frees ${data.outcome.replace(/^double free: /, "")} a second time${condition(data)}`,
      why: `The second free corrupts the allocator's lists, or frees what somebody else got in between.${proviso(data)}`,
      instead: "Let one owner free it, and nobody else, or take a reference for each who puts it.",
    };
  },
});
