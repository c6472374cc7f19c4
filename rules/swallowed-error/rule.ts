import { condition, defineRule, lore, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "swallowed-error",
  title: "error that the caller never learns of",
  level: "error",
  confidence: "high",
  sources: [
    lore(
      "ab926e49-1fe6-fe10-2377-079268bc2d44@opensource.wdc.com",
      "Damien Le Moal",
      "an error that is overwritten with 0 lets the copy go on and corrupts data",
    ),
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "error-lost"),
  explain({ data }) {
    const none = / 0 and no error/.test(data.outcome);
    return {
      what: `${data.function}() loses an error${condition(data)}: ${data.outcome}`,
      why: `A caller cannot tell that from success${none ? " or from nothing to do" : ""}, and goes on with data that is not there.${proviso(data)}`,
      instead: none
        ? "Keep the first error beside the progress, and return it where nothing was copied."
        : "Keep the first error until the last chunk is done, and return it.",
    };
  },
});
