import { condition, defineRule, inCall, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "kernel-warning",
  title: "warning or BUG that a caller can trigger",
  level: "warning",
  confidence: "high",
  sources: [
    {
      by: "Deprecated Interfaces, Language Features, Attributes, and Conventions",
      says: "BUG() and WARN() are for what should never be reached, and not for what may well happen",
      url: "https://docs.kernel.org/process/deprecated.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "warns"),
  explain({ data }) {
    const bug = data.kind === "bug";
    const full = /a bio that is full/.test(data.outcome);
    return {
      what: `${data.within}() sets off a ${bug ? "BUG" : "warning of the kernel"}${condition(data)}${inCall(data)}: ${data.outcome.replace(/^(?:warning|bug): /, "")}`,
      why: `${
        full
          ? "__bio_add_page() warns and goes on: it writes behind the end of the table of vectors."
          : bug
            ? "Whoever runs into it stops there, with all locks and references held; in interrupt context, as in most completion handlers, the machine goes down with it."
            : "Machines with panic_on_warn go down with it; on others, the log shows as a defect of the kernel what is none."
      }${proviso(data)}`,
      instead: full
        ? "Make the bio with a vector for each page, or use bio_add_page() and look at what it returns."
        : "Handle the case and return an error; keep warnings for what cannot happen.",
    };
  },
});
