import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "use-after-free",
  title: "use of what is freed",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "Kernel Address Sanitizer",
      says: "a use of memory that was freed is a bug of its own class",
      url: "https://docs.kernel.org/dev-tools/kasan.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "used-after-free"),
  explain({ data }) {
    const early = data.kind === "freed early";
    return {
      what: early
        ? `${data.within}() frees too early${condition(data)}: ${data.outcome}`
        : `${data.within}() uses what may be freed by then${condition(data)}: ${data.outcome}`,
      why: `${early ? "Somebody else still works on it" : "Completions come when they come, also before this line"}; by the time of the use the memory can belong to another.${proviso(data)}`,
      instead: early
        ? "Free it only when its last user is done: count the users, or wait for them."
        : "Take what is needed out of it before it is handed on, or hold a reference of its own until here.",
    };
  },
});
