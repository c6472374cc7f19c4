import { defineRule, hellwig } from "../../src/rule/index.ts";

export default defineRule({
  id: "heap-per-call-context",
  title: "per-call context on the heap although the call waits for it",
  level: "check",
  confidence: "moderate",
  sources: [hellwig("for the main use the per-call structure could be allocated on the stack")],
  needs: ["contexts"],
  *find({ contexts }, { judge, silent }) {
    for (const { func, struct, allocation, role, callback, checked, leavesEarly, large, synchronous } of contexts) {
      if (!allocation || role !== "call") continue;
      if (!synchronous) {
        silent(
          `heap-per-call-context for ${struct} in ${func.name}()`,
          "no path is shown that waits and then frees it",
        );
        continue;
      }
      // A mode with a callback is named as such; on any other way out without a wait the object has to stay alive.
      if (large || (leavesEarly && !callback)) {
        silent(
          `heap-per-call-context for ${struct} in ${func.name}()`,
          large ? "it is large for a stack" : "a path leaves after the submission without having waited",
        );
        continue;
      }
      const { tree } = func;
      const verdict = checked
        ? judge.ask({
            property: "no-context-allocation",
            variant: { context: "heap" },
            places: [{ knob: "context", action: "alloc", at: { tree, node: allocation.node } }],
            run: { property: "nothing-for-memory", at: [{ tree, node: allocation.node }] },
          })
        : undefined;
      const { wait, free } = synchronous;
      yield {
        at: { tree, node: allocation.node },
        within: func.name,
        ...(verdict ? { verdict } : {}),
        related: [
          {
            at: { tree, node: wait.node },
            message: wait === free ? "waits for the I/O and frees it here" : "waits for the I/O here",
          },
          ...(wait === free
            ? []
            : [
                {
                  at: { tree, node: free.node },
                  message: free === allocation ? "freed when it goes out of scope" : "and frees it here",
                },
              ]),
        ],
        data: { name: func.name, struct, callback, checked },
      };
    }
  },
  explain({ data: { name, struct, callback, checked } }) {
    return {
      what: `${name}() allocates one ${struct} per call; ${callback ? "without a callback it waits for the I/O" : "it waits for the I/O"} and frees it before it returns`,
      why: `${callback ? "On the synchronous path" : "There"} its life ends inside the call, so the allocation only adds a way to fail${checked ? "" : ", and its result is not even checked"}.${callback ? " Only the mode with a callback needs it to outlive the call." : ""}`,
      instead: `Put ${struct} on the stack of ${name}()${callback ? ", and let callers that want to go on without waiting keep their own" : ""}.`,
    };
  },
});
