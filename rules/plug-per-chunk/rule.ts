import { defineRule, lore } from "../../src/rule/index.ts";

export default defineRule({
  id: "plug-per-chunk",
  title: "plug started and finished for every chunk",
  level: "warning",
  confidence: "high",
  sources: [
    lore("20240601061653.GA5877@lst.de", "Christoph Hellwig", "a plug is held over all I/O that one caller submits"),
  ],
  needs: ["plugs"],
  *find({ plugs }, { judge, silent }) {
    for (const { func, start, finishes, unfinished, loop, calledFrom } of plugs) {
      for (const { exit, turn } of unfinished) {
        const mark = { tree: func.tree, node: exit };
        yield {
          at: mark,
          within: func.name,
          level: "error",
          verdict: judge.ask({ property: "plug-restored", variant: { plug: "unfinished-on-error" }, places: [] }),
          related: [
            { at: { tree: func.tree, node: start.node }, message: "the plug is started here" },
            ...(turn === exit ? [] : [{ at: { tree: func.tree, node: turn }, message: "the path turns off here" }]),
          ],
          data: { name: func.name, caller: undefined, finished: false, unfinished: true },
        };
      }
      if (!loop && !calledFrom) {
        silent(`plug-per-chunk in ${func.name}()`, "the plug lies around the submission loop");
        continue;
      }
      const { tree } = func;
      const verdict = judge.ask({
        property: "no-own-flush-between-chunks",
        variant: { plug: "per-chunk" },
        places: [
          { knob: "plug", action: "start", at: { tree, node: start.node } },
          ...finishes.slice(0, 1).map((f) => ({ knob: "plug" as const, at: { tree, node: f.node } })),
        ],
      });
      yield {
        at: { tree, node: start.node },
        within: func.name,
        verdict,
        related: [
          ...finishes.map((f) => ({
            at: { tree, node: f.node },
            message: "the plug is finished here, for every chunk",
          })),
          ...(calledFrom
            ? [
                {
                  at: { tree: calledFrom.func.tree, node: calledFrom.call.node },
                  message: "called for every chunk from here",
                },
              ]
            : []),
        ],
        data: { name: func.name, caller: calledFrom?.func.name, finished: finishes.length > 0, unfinished: false },
      };
    }
  },
  explain({ data: { name, caller, finished, unfinished } }) {
    if (unfinished)
      return {
        what: `${name}() can return here with its plug still started`,
        why: "current->plug then points into a stack frame that is gone, and what was plugged is not flushed before the task sleeps.",
        instead: "Finish the plug on every path that leaves the function after it was started.",
      };
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
