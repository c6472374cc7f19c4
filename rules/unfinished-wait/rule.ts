import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "unfinished-wait",
  title: "synchronous call that returns before its I/O is done",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "Linux kernel memory barriers, sleep and wake-up functions",
      says: "a task sleeps in a loop that looks at the event each time that it wakes",
      url: "https://docs.kernel.org/core-api/wrappers/memory-barriers.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "returns-before-io"),
  explain({ data }) {
    const early = data.kind === "early wake-up";
    return {
      what: early
        ? `${data.within}() does not look again when its sleep ends, and so its caller goes on too soon: ${data.outcome.replace(/^.*?: /, "")}`
        : `${data.function}() is synchronous and returns before its I/O is done${condition(data)}`,
      why: `${early ? "The sleep can end before what it is for has happened (by a timeout, or a wake-up meant for another wait)." : "The caller reuses its memory and takes the data for copied while the device still works on it."}${proviso(data)}`,
      instead: early
        ? "Sleep in a loop that tests the condition each time, or use wait_for_completion_io()."
        : "Wait for the last completion on this path too.",
    };
  },
});
