import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "blk-status-errno-mix",
  title: "error number where a block layer status is expected",
  level: "warning",
  confidence: "high",
  sources: [
    {
      by: "Sparse",
      says: "a type that is marked __bitwise, as blk_status_t is, does not mix with others",
      url: "https://docs.kernel.org/dev-tools/sparse.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) =>
    seenInRuns(violations, ({ property, kind }) => property === "bits-lost" && kind === "errno"),
  explain({ data }) {
    return {
      what: `${data.within}() puts an error number into a type that has none${condition(data)}: ${data.outcome}`,
      why: `What is read from there later is another error, or none at all.${proviso(data)}`,
      instead:
        "Convert it with the function that belongs to the type, errno_to_blk_status() or errno_to_nvme_status(), or keep it in an int.",
    };
  },
});
