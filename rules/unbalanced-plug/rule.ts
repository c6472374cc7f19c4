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
  *find({ violations }) {
    yield* seenInRuns(violations, ({ property }) => property === "plug-left");
    const wrong = seenInRuns(violations, ({ property, kind }) => property === "misuse" && kind === "plug");
    // blk_finish_plug() looks whether the plug is the task's and does nothing if it is not.
    for (const sighting of wrong) yield { ...sighting, level: "warning" };
  },
  explain({ data }) {
    const left = data.property === "plug-left";
    return {
      what: left
        ? `${data.function}() returns with its plug still started${condition(data)}`
        : `${data.within}() finishes a plug that was not started${condition(data)}`,
      why: `${left ? "current->plug then points into a stack frame that is gone, and the next flush follows it, at the latest when the task sleeps." : "blk_finish_plug() does nothing with a plug that is not the task's: what was to be flushed is held back until the task sleeps."}${proviso(data)}`,
      instead: "Start the plug once, and finish it on every path that leaves the function behind the start.",
    };
  },
});
