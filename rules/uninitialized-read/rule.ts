import { condition, defineRule, lore, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "uninitialized-read",
  title: "value that is read before it is written",
  level: "error",
  confidence: "high",
  sources: [
    lore(
      "202308120029.elW3y1RM-lkp@intel.com",
      "kernel test robot",
      "a variable is set on some ways only and read on all",
    ),
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "uninitialised"),
  explain({ data }) {
    return {
      what: `${data.within}() reads what nobody has written${condition(data)}: ${data.outcome.replace(/^uninitialised value: /, "")}`,
      why: `What happens next depends on what happened to lie in that memory.${proviso(data)}`,
      instead: "Initialise it where it is declared or allocated, or set it on every path that comes here.",
    };
  },
});
