import { defineRule, hellwig } from "../../src/rule/index.ts";

export default defineRule({
  id: "builtin-async",
  title: "callback and private data built into a synchronous helper",
  level: "check",
  confidence: "moderate",
  sources: [hellwig("callers that want an asynchronous version can build it themselves from suitable helpers")],
  needs: ["callbackPairs"],
  *find({ callbackPairs }) {
    for (const { func, callback, data, kept, called, branch, forwarded } of callbackPairs) {
      const { tree } = func;
      yield {
        at: { tree, node: callback.node },
        within: func.name,
        related: [
          ...(kept ? [{ at: { tree, node: kept.node }, message: "kept here" }] : []),
          { at: { tree: called.in.tree, node: called.node }, message: "called here" },
          ...(branch
            ? [
                {
                  at: { tree: branch.func.tree, node: { start: branch.node.start, end: branch.node.start + 2 } },
                  message: "the two modes part here",
                },
              ]
            : []),
        ],
        data: { name: func.name, callback: callback.name, data: data.name, forwarded, chosen: branch !== undefined },
      };
    }
  },
  explain({ data: { name, callback, data, forwarded, chosen } }) {
    return {
      what: `${name}() ${forwarded ? "passes on" : "takes"} a callback (${callback}) and its private data (${data}), and ${chosen ? "waits by itself when there is none" : "can also wait by itself"}`,
      why: "Two completion protocols live in one engine: each error path has to serve both, and the context has to outlive the call for one of them.",
      instead:
        "Offer a helper that only submits and chains the bios; the synchronous function waits on top of it, and callers that want a callback build theirs from the same helper.",
    };
  },
});
