import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "kernel-warning",
  title: "warning or BUG that a caller can trigger",
  level: "warning",
  confidence: "high",
  sources: [
    {
      by: "Deprecated Interfaces, Language Features, Attributes, and Conventions",
      says: "a warning that users can trigger is a way to fill logs and, with panic_on_warn, to crash",
      url: "https://docs.kernel.org/process/deprecated.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "warns"),
  explain({ data }) {
    return {
      what: `${data.within}() sets off a warning of the kernel${condition(data)}: ${data.outcome.replace(/^(?:warning|bug): /, "")}`,
      why: `Machines with panic_on_warn go down with it; others get their logs filled.${proviso(data)}`,
      instead: "Handle the case and return an error; keep warnings for what cannot happen.",
    };
  },
});
