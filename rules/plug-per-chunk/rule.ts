import { defineRule, lore } from "../../src/rule/index.ts";

export default defineRule({
  id: "plug-per-chunk",
  title: "plug started and finished for every chunk",
  level: "warning",
  confidence: "high",
  sources: [lore("20240601061653.GA5877@lst.de", "Christoph Hellwig", "a plug is held over all I/O that one caller submits")],
  needs: ["plugs"],
  *find({ plugs }, { judge, silent }) {
    for (const { func, start, finishes, loop, calledFrom } of plugs) {
      if (!loop && !calledFrom) {
        silent(`plug-per-chunk in ${func.name}()`, "the plug lies around the submission loop");
        continue;
      }
      const { tree } = func;
      const verdict = judge.ask({
        property: "no-own-flush-between-chunks",
        variant: { plug: "per-chunk" },
        chosenBy: { plug: { tree, node: start.node } },
      });
      yield {
        at: { tree, node: start.node },
        within: func.name,
        verdict,
        related: [
          ...finishes.map((f) => ({ at: { tree, node: f.node }, message: "the plug is finished here, for every chunk" })),
          ...(calledFrom ? [{ at: { tree: calledFrom.func.tree, node: calledFrom.call.node }, message: "called for every chunk from here" }] : []),
        ],
        data: { name: func.name, caller: calledFrom?.func.name, finished: finishes.length > 0 },
      };
    }
  },
  explain({ data: { name, caller, finished } }) {
    const verb = finished ? "starts and finishes" : "starts";
    return {
      what: caller
        ? `${name}() ${verb} a plug each time that the loop of ${caller}() calls it, once per chunk`
        : `${name}() ${verb} a plug inside its submission loop, once per chunk`,
      why: "Unless its caller holds a plug already, each chunk is flushed to the driver by itself, so nothing is batched over the chunks.",
      instead: `Start one plug before the loop${caller ? ` of ${caller}()` : ""} and finish it behind the loop, on every path out of it.`,
    };
  },
});
