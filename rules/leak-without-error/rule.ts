import { condition, defineRule, onErrorPath, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "leak-without-error",
  title: "object that is never freed although nothing fails",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "Kernel memory leak detector",
      says: "an object that nothing points to any more is lost",
      url: "https://docs.kernel.org/dev-tools/kmemleak.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) =>
    seenInRuns(violations, (violation) => violation.property === "never-freed" && !onErrorPath(violation)),
  explain({ data }) {
    return {
      what: `${data.function}() leaks although nothing fails${condition(data)}: ${data.outcome}`,
      why: `Each such call loses the memory for good, so ordinary use runs the machine out of it.${proviso(data)}`,
      instead: "Give it back where its last user is done with it: behind the wait, or in the last completion.",
    };
  },
});
