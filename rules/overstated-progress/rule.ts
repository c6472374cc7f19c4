import { condition, defineRule, lore, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "overstated-progress",
  title: "more reported as copied than arrived",
  level: "error",
  confidence: "high",
  sources: [
    lore(
      "20240601061653.GA5877@lst.de",
      "Christoph Hellwig",
      "the way in which what was copied is computed looks wrong",
    ),
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "more-reported-than-arrived"),
  explain({ data }) {
    return {
      what: `${data.function}() reports more than arrived${condition(data)}: ${data.outcome}`,
      why: `The caller takes what was reported for copied and may drop the source: that is data loss.${proviso(data)}`,
      instead: "Report the length of the contiguous prefix that arrived, computed when the last completion is in.",
    };
  },
});
