import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "resubmitted-bio",
  title: "bio that is submitted while it is on its way",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "The Linux Kernel API, submit_bio()",
      says: "the caller must not touch a bio until its bi_end_io() was called",
      url: "https://docs.kernel.org/core-api/kernel-api.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) =>
    seenInRuns(violations, ({ property, kind }) => property === "misuse" && kind === "submitted twice"),
  explain({ data }) {
    return {
      what: `${data.within}() submits a bio a second time${condition(data)}: ${data.outcome}`,
      why: `Until it completes, it belongs to the driver; a second submission corrupts the lists that it is in.${proviso(data)}`,
      instead: "Use a bio of its own for each submission, or reset it when it has completed.",
    };
  },
});
