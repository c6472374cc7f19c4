import { condition, defineRule, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "misdirected-write",
  title: "copy that writes where nothing was to be written",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "Overview of the Linux Virtual File System",
      says: "a copy goes from the range of one file to that of the other",
      url: "https://docs.kernel.org/filesystems/vfs.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "written-outside"),
  explain({ data }) {
    const source = data.outcome === "the source is written";
    return {
      what: source
        ? `${data.within}() overwrites the source of the copy${condition(data)}`
        : `${data.within}() writes outside of the destination${condition(data)}: ${data.outcome}`,
      why: `Data that nobody asked to be replaced is gone${source ? ", and what was to be copied with it" : ""}.${proviso(data)}`,
      instead: source
        ? "Check which position is the source and which the destination, here and in the function that is called."
        : "Check the arithmetic of positions and lengths on this path.",
    };
  },
});
