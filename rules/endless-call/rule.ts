import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "endless-call",
  title: "call that never returns",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "Completions",
      says: "a waiter sleeps until somebody completes what it waits for",
      url: "https://docs.kernel.org/scheduler/completion.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "waits-for-ever"),
  explain({ data }) {
    if (data.kind === "goes round")
      return {
        what: `${data.function}() never returns${condition(data)}: this loop goes round, and nobody is left who changes what it looks at`,
        why: `The task keeps a processor busy for ever, with all that it holds, and cannot be killed.${proviso(data)}`,
        instead:
          "Leave the loop where what it waits for has come, and bring that about on every path; where others are to do so, sleep and be woken.",
      };
    const endless = data.kind === "submits without end";
    return {
      what: endless
        ? `${data.function}() never comes to an end (${data.trace.setting}): ${data.outcome}`
        : `${data.function}() never returns${condition(data)}: it sleeps, and nobody is left who wakes it`,
      why: `${endless ? "The loop makes no progress, so the task never comes back and cannot be killed." : "The task sleeps for ever, with all that it holds; where no signal ends the sleep, only a reboot gets rid of it."}${proviso(data)}`,
      instead: endless
        ? "Make every round take at least one block off what is left, or refuse limits with which it does not."
        : "Drop what the waiter waits for on every path, and wake it: the submitter's own count where it gives up, and a completion's whatever its status.",
    };
  },
});
