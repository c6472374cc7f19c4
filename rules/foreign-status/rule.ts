import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "foreign-status",
  title: "number that is no status given as one",
  level: "warning",
  confidence: "high",
  sources: [
    {
      by: "Logan Gunthorpe",
      says: "an error number is turned into an NVMe status, and 0 into success",
      url: "https://lore.kernel.org/linux-kernel/20190731233534.4841-4-logang@deltatee.com/",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) =>
    seenInRuns(violations, ({ property, kind }) => property === "misuse" && kind === "no status"),
  explain({ data }) {
    return {
      what: `${data.within}() completes a request with a number that is no status${condition(data)}: ${data.outcome}`,
      why: `Which bits of it the other side takes for an error, or for a hint to retry, depends on the number.${proviso(data)}`,
      instead: "Turn the result into a status first: success, or the status that belongs to the error.",
    };
  },
});
