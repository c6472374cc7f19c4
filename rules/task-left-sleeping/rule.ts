import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "task-left-sleeping",
  title: "call that returns with the task set to sleep",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "Linux kernel memory barriers, sleep and wake-up functions",
      says: "a task that announced its sleep looks at the event again, and goes on running if it has come",
      url: "https://docs.kernel.org/core-api/wrappers/memory-barriers.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "sleeping-left"),
  explain({ data }) {
    return {
      what: `${data.function}() returns with the task's state still set to sleep${condition(data)}`,
      why: `Its next schedule(), on the way back to user space for instance, puts it to sleep, and nobody knows that it has to be woken.${proviso(data)}`,
      instead: "Set the state back to TASK_RUNNING on every path out of the loop that waits.",
    };
  },
});
