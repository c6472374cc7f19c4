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
    return {
      what: `${data.within}() writes outside of the destination${condition(data)}: ${data.outcome}`,
      why: `Data that nobody asked to be replaced is gone${data.outcome === "the source is written" ? ", here that of the source itself" : ""}.${proviso(data)}`,
      instead:
        data.outcome === "the source is written"
          ? "Check which position is the source and which the destination, here and in the function that is called."
          : "Check the arithmetic of positions and lengths on this path.",
    };
  },
});
