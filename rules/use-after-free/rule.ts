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
    const own = data.kind === "given up before";
    const object = data.outcome.replace(/^use after (?:free|scope): /, "");
    if (data.kind === "use after scope")
      return {
        what: `${data.within}() has ${object} on its stack, and it is used when the function has returned${condition(data)}`,
        why: `The stack serves other functions by then: who comes late reads and overwrites what is theirs.${proviso(data)}`,
        instead: "Wait for all users on every path that returns, or allocate it and let the last user free it.",
      };
    return {
      what: early
        ? `${data.within}() frees too early${condition(data)}: ${data.outcome}`
        : `${data.within}() uses ${object} when it may be free already${condition(data)}`,
      why: `${early ? "Somebody else still works on it" : own ? "The same thread has freed it, or dropped its share of it, before" : "Completions come when they come, also before this line"}; by the time of the use the memory can belong to another.${proviso(data)}`,
      instead: early
        ? "Free it only when its last user is done: count the users, or wait for them."
        : "Take what is needed out of it before it is handed on, put or freed, or hold a reference of its own until here.",
    };
  },
});
