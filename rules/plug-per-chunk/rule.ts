import { defineRule, hellwig } from "../../src/rule/index.ts";

export default defineRule({
  id: "plug-per-chunk",
  title: "plug started and finished for every chunk",
  level: "warning",
  confidence: "high",
  sources: [hellwig("a plug is held over all I/O that one caller submits")],
  needs: ["plugs"],
  *find({ plugs }, { judge, silent }) {
    for (const { func, start, finishes, renewed, outer, waits, unfinished, loop, calledFrom, movable } of plugs) {
      for (const { exit, turn } of unfinished) {
        const mark = { tree: func.tree, node: exit };
        const verdict = judge.ask({
          property: "plug-restored",
          open: ["pairing"],
          variant: { plug: "unfinished-on-error" },
          run: { property: "plug-left", at: [mark, { tree: func.tree, node: turn }] },
        });
        if (verdict.holds) {
          silent(`plug-per-chunk in ${func.name}()`, "runs of the function leave no plug started");
          continue;
        }
        yield {
          at: mark,
          within: func.name,
          ...(verdict.shown ? { verdict } : {}),
          level: "error",
          related: [
            { at: { tree: func.tree, node: start.node }, message: "the plug is started here" },
            ...(turn === exit ? [] : [{ at: { tree: func.tree, node: turn }, message: "the path turns off here" }]),
          ],
          data: { name: func.name, caller: undefined, finished: false, unfinished: true, outer, waits },
        };
      }
      if (!loop && !calledFrom) {
        silent(`plug-per-chunk in ${func.name}()`, "the plug lies around the submission loop");
        continue;
      }
      if (renewed) {
        silent(`plug-per-chunk in ${func.name}()`, "the plug of the whole loop is renewed now and then");
        continue;
      }
      const { tree } = func;
      // The last finish of the loop is that of the way through; others stand on ways out.
      const finish = finishes.at(-1);
      const often = outer ? "round of the outer loop" : "chunk";
      const verdict = judge.ask({
        property: "no-own-flush-between-chunks",
        open: ["pairing"],
        variant: { plug: "per-chunk" },
        places: [
          { knob: "plug", action: "start", at: { tree, node: start.node } },
          ...(finish ? [{ knob: "plug" as const, at: { tree, node: finish.node } }] : []),
        ],
        run: { property: "flush-between-chunks", at: [{ tree, node: start.node }] },
      });
      if (verdict.holds) {
        silent(`plug-per-chunk in ${func.name}()`, "runs of the function ask for no flush between two chunks");
        continue;
      }
      yield {
        at: { tree, node: start.node },
        within: func.name,
        // The model's engine has one loop; of a plug per range, or one that each wait flushes, it shows nothing.
        ...(outer || waits ? {} : { verdict }),
        related: [
          ...(finish
            ? [{ at: { tree, node: finish.node }, message: `the plug is finished here, for every ${often}` }]
            : []),
          ...(calledFrom
            ? [
                {
                  at: { tree: calledFrom.func.tree, node: calledFrom.call.node },
                  message: "called for every chunk from here",
                },
              ]
            : []),
        ],
        ...(movable
          ? {
              safe: { calls: [] },
              fix: [
                {
                  at: { tree, node: { start: movable.loop.start, end: movable.loop.start } },
                  text: `${movable.texts.start}\n${movable.indent}`,
                },
                { at: { tree, node: movable.start }, text: "" },
                { at: { tree, node: movable.finish }, text: "" },
                {
                  at: { tree, node: { start: movable.loop.end, end: movable.loop.end } },
                  text: `\n${movable.indent}${movable.texts.finish}`,
                },
              ],
            }
          : {}),
        data: {
          name: func.name,
          caller: calledFrom?.func.name,
          finished: finishes.length > 0,
          unfinished: false,
          outer,
          waits,
        },
      };
    }
  },
  explain({ data: { name, caller, finished, unfinished, outer, waits } }) {
    if (unfinished)
      return {
        what: `${name}() can return here with its plug still started`,
        why: "current->plug then points into a stack frame that is gone, and the next flush follows it, at the latest when the task sleeps.",
        instead: "Finish the plug on every path that leaves the function after it was started.",
      };
    const verb = finished ? "starts and finishes" : "starts";
    return {
      what: caller
        ? `${name}() ${verb} a plug each time that the loop of ${caller}() calls it, once per chunk`
        : `${name}() ${verb} a plug inside its submission loop, once per ${outer ? "round of the outer loop" : "chunk"}`,
      why: waits
        ? "The task waits for the I/O before the next round, and going to sleep flushes the plug: it batches nothing over the rounds."
        : `Unless its caller holds a plug already, each ${outer ? "round" : "chunk"} is flushed to the driver by itself, so nothing is batched over all of them.`,
      instead: waits
        ? "Submit all chunks under one plug and wait once, behind the loop; or leave the plug out."
        : `Start one plug before the loop${caller ? ` of ${caller}()` : ""} and finish it behind the loop, on every path out of it.`,
    };
  },
});
