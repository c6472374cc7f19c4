import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "miscounted-callback",
  title: "callback that does not fire exactly once when it is promised",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "Asynchronous Transfers/Transforms API",
      says: "the callback that was given is called when the operation has completed",
      url: "https://docs.kernel.org/crypto/async-tx-api.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => /^callback-/.test(property)),
  explain({ data }) {
    const missing = data.property === "callback-missing";
    return {
      what: `${data.function}() breaks its promise of one callback${condition(data)}: ${data.outcome}`,
      why: `${missing ? "A caller that waits for its callback waits for ever, and what it keeps for it is never freed." : "A caller frees its state in the callback, so a callback too many uses what is gone."}${proviso(data)}`,
      instead: missing
        ? "Either return the error, or see to it that the last completion calls back on this path too."
        : "Decide for each path who tells the caller: the returned error, or the one callback of the last completion.",
    };
  },
});
