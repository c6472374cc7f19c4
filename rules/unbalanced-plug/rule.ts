import { condition, defineRule, lore, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "unbalanced-plug",
  title: "plug that is not finished exactly where it was started",
  level: "error",
  confidence: "high",
  sources: [
    lore("20240601061653.GA5877@lst.de", "Christoph Hellwig", "a plug is held over all I/O that one caller submits"),
  ],
  needs: ["violations"],
  find: ({ violations }) =>
    seenInRuns(
      violations,
      ({ property, kind }) => property === "plug-left" || (property === "misuse" && kind === "plug"),
    ),
  explain({ data }) {
    const left = data.property === "plug-left";
    return {
      what: left
        ? `${data.function}() returns with its plug still started${condition(data)}`
        : `${data.within}() finishes a plug that was not started${condition(data)}`,
      why: `${left ? "current->plug then points into a stack frame that is gone, and the next flush follows it, at the latest when the task sleeps." : "What is flushed then is whatever lies in that memory."}${proviso(data)}`,
      instead: "Start the plug once, and finish it on every path that leaves the function behind the start.",
    };
  },
});
