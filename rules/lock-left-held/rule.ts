import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "lock-left-held",
  title: "lock that is not given back, or given back twice",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "Linux kernel lock types and their rules",
      says: "the context that took a lock gives it back; what nobody holds is not given back",
      url: "https://docs.kernel.org/locking/locktypes.html",
    },
  ],
  needs: ["violations"],
  *find({ violations }) {
    yield* seenInRuns(violations, ({ property }) => property === "lock-left");
    yield* seenInRuns(violations, ({ property, kind }) => property === "misuse" && kind === "lock");
  },
  explain({ data }) {
    if (data.property === "misuse") {
      return {
        what: `${data.within}() gives back a lock that nobody holds${condition(data)}`,
        why: `Somebody else may have taken it by then, and what it protects is open to two at once.${proviso(data)}`,
        instead: "Give it back in one place, which every path comes by once.",
      };
    }
    const name = /^the call/.test(data.outcome) ? `${data.function}() returns` : `${data.within}() ends`;
    if (data.kind === "an RCU section") {
      return {
        what: `${name} inside of an RCU section${condition(data)}`,
        why: `The task may not sleep from there on, and grace periods wait for it: whatever is to be freed behind one stays.${proviso(data)}`,
        instead: "Let each path out of the section come by rcu_read_unlock(), or use guard(rcu)().",
      };
    }
    return {
      what: `${name} with a lock held${condition(data)}`,
      why: `Whoever takes it next waits for ever.${proviso(data)}`,
      instead: "Let each path out of the locked part come by the place that gives the lock back, or use guard().",
    };
  },
});
