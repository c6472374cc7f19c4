import { defineRule, hellwig } from "../../src/rule/index.ts";

export default defineRule({
  id: "copied-only-decreases",
  title: "progress that a minimum with an offset can only lower",
  level: "check",
  confidence: "high",
  sources: [hellwig("a progress field that is only ever set to a minimum can only decrease")],
  needs: ["progress"],
  *find({ progress }, { judge, text, silent }) {
    for (const { place, lowered, starts, raised, subtracted, concurrent } of progress) {
      if (raised.length > 0) {
        silent(`copied-only-decreases for ${place.name}`, "the field is also raised");
        continue;
      }
      if (starts.length === 0) {
        silent(`copied-only-decreases for ${place.name}`, "the patch does not show where the field starts");
        continue;
      }
      const inCompletion = lowered.filter((l) => l.completion);
      const shown = inCompletion.length > 0 ? inCompletion : lowered;
      const firstOf = new Map(shown.map((l) => [l.store.in, l] as const).reverse());
      const start = starts.at(-1)!;
      const zero = starts.every((s) => /^0[UL]*$/.test(text(s.in, s.value)));
      // Who can come between the read and the write of an update: another completion, or the submitter's error path.
      const loose = concurrent && inCompletion.length > 0 ? lowered.filter((l) => !l.locked) : [];
      const races = loose.some((l) => l.completion) ? "completions" : loose.length > 0 ? "submitter" : "none";
      for (const l of shown) {
        const func = l.store.in;
        if (firstOf.get(func) !== l) continue;
        // The model has no engine that takes the length of failed chunks away.
        const verdict = l.difference
          ? undefined
          : judge.ask({
              property: "reported-has-arrived",
              open: ["pairing"],
              variant: {
                progress: "min-offset",
                progressStart: zero ? "zero" : "length",
                progressUpdate: races === "none" ? "locked" : "plain",
                completions: concurrent && l.completion && races !== "submitter" ? "concurrent" : "serial",
              },
              places: [
                { knob: "progressStart", at: { tree: start.in.tree, node: start.node } },
                { knob: "progress", actor: "completion", at: { tree: func.tree, node: l.store.node } },
              ],
              run: { property: "more-reported-than-arrived", at: [{ tree: func.tree, node: l.store.node }] },
            });
        if (verdict?.holds && l.locked && /first|err|fail|bad/i.test(place.name)) {
          silent(
            `copied-only-decreases for ${place.name}`,
            "the name says that it is the first failure, and updates exclude each other",
          );
          continue;
        }
        const others = lowered.filter((o) => o !== l && (o.store.in !== func || shown.length === 1));
        yield {
          at: { tree: func.tree, node: l.store.node },
          within: func.name,
          ...(verdict ? { verdict } : {}),
          level: verdict && !verdict.holds ? "error" : "check",
          related: [
            ...starts.map((s) => ({ at: { tree: s.in.tree, node: s.node }, message: `${place.name} starts here` })),
            ...others.map((o) => ({
              at: { tree: o.store.in.tree, node: o.store.node },
              message: `${place.name} is lowered here too`,
            })),
            ...subtracted.map((s) => ({
              at: { tree: s.in.tree, node: s.node },
              message: `${place.name} is reduced here`,
            })),
          ],
          data: {
            field: place.name,
            start: text(start.in, start.value),
            by: text(func, l.by[0]!),
            races,
            zero,
            broken: verdict !== undefined && !verdict.holds,
            // No other update gets lost where there is none.
            alone: verdict?.shown?.failures.length === 1 && verdict.shown.failures[0]!.kind === "chunk",
            difference: l.difference,
            name: func.name,
            locked: l.locked,
            completion: l.completion,
          },
        };
      }
    }
  },
  explain({ data: { field, start, by, races, zero, broken, alone, name, locked, difference, completion } }) {
    const where = completion ? "when a chunk fails" : "on the error path";
    return {
      what: `${name}() only ever lowers ${field}: it starts at ${zero ? "0" : start} ${difference ? `and loses ${by}` : `and becomes the minimum of itself and ${by}`} ${where}`,
      why: difference
        ? "What is left after taking failed chunks away is a number of bytes, and not how far the copy came from the start."
        : zero
          ? "From 0 a minimum never rises, so no completed chunk can show in it."
          : alone
            ? `One failed chunk is enough: ${by} is more than what arrived before it then, so the minimum leaves ${field} too large.`
            : broken
              ? races === "submitter"
                ? "The completions share a lock, but the submitter lowers the field without it while they run, so one of two updates can be lost and more is reported than arrived."
                : "The minimum is read and written without a lock that all updates share while other completions do the same, so one of two can be lost and more is reported than arrived."
              : locked
                ? "As updates exclude each other this ends at the position of the first failure; a reader has to work out that this is the prefix that arrived."
                : "As long as completions come one after the other this ends at the position of the first failure; a reader has to work out that this is the prefix that arrived.",
      instead:
        locked && !broken
          ? `Name ${field} for what it is, the first position that failed, or count up what completed.`
          : `Compute ${field} from the chunks that completed, as the length of the contiguous prefix that arrived, in one place and under one lock or after the last completion.`,
    };
  },
});
