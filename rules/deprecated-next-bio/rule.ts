import { defineRule, hellwig } from "../../src/rule/index.ts";

export default defineRule({
  id: "deprecated-next-bio",
  title: "new call of blk_next_bio()",
  level: "warning",
  confidence: "high",
  sources: [hellwig("blk_next_bio() is being phased out in favour of bio_chain_and_submit()")],
  needs: ["nextBioCalls"],
  *find({ nextBioCalls }, help) {
    for (const { tree, node, within, macro, args, result, modular } of nextBioCalls) {
      const available = help.can("bio_chain_and_submit");
      const [prev, ...rest] = args.map((a) => help.text({ tree }, a));
      // Where the result takes the place of the previous bio, a checked one would be chained to itself: it needs a variable of its own.
      const replaces = result?.check !== undefined && result.variable === prev;
      const editable = available === "yes" && !modular && args.length === 5 && !result?.embedded && !replaces;
      // Only the form of 5.18 and later names its arguments in bio_alloc()'s order.
      const alloc = args.length === 5 ? `bio_alloc(${rest.join(", ")})` : "";
      const fix = [];
      if (editable && result?.check) {
        // The result is checked: blk_next_bio() itself would have used a failed allocation, so allocate and check first.
        const lineStart = help.raw({ tree }, 0, node.start).lastIndexOf("\n") + 1;
        const indent = /^\s*/.exec(help.raw({ tree }, lineStart, node.start))?.[0] ?? "";
        const end = result.check.end;
        fix.push({ at: { tree, node }, text: alloc });
        fix.push({
          at: { tree, node: { start: end, end } },
          text: `\n${indent}${result.variable} = bio_chain_and_submit(${prev}, ${result.variable});`,
        });
      } else if (editable) fix.push({ at: { tree, node }, text: `bio_chain_and_submit(${prev}, ${alloc})` });
      yield {
        at: { tree, node },
        within,
        fix,
        // With a check, the edit changes what happens when memory runs out, which is the point of it.
        ...(fix.length === 1 ? { safe: { calls: ["bio_chain_and_submit"] } } : {}),
        data: {
          name: within,
          embedded: result?.embedded ?? false,
          macro,
          available,
          modular,
          checked: result?.check !== undefined,
          replaces,
          prev,
          alloc,
          variable: result?.variable,
        },
      };
    }
  },
  explain({ data }) {
    const { name, macro, embedded, available, modular, checked, replaces, prev, alloc, variable } = data;
    const use = macro
      ? "Let the callers use bio_chain_and_submit() with a bio from bio_alloc()."
      : !alloc || embedded
        ? "Allocate with bio_alloc(), check the result where it can fail, then chain and submit with bio_chain_and_submit()."
        : replaces
          ? `Allocate with ${alloc} into a variable of its own, check that, then ${variable} = bio_chain_and_submit(${prev}, the new one).`
          : checked
            ? `Allocate with ${alloc}, check the result, then ${variable} = bio_chain_and_submit(${prev}, ${variable}).`
            : `Write bio_chain_and_submit(${prev}, ${alloc}).`;
    const caveat =
      available === "later"
        ? " That function is there from 6.10 on."
        : modular
          ? " It is not exported to modules as of 6.12, so modular code needs that first."
          : "";
    return {
      what: macro
        ? `the macro ${name} hides a call of blk_next_bio(), which is being phased out`
        : `${name}() calls blk_next_bio(), which is being phased out`,
      why:
        "blk_next_bio() allocates a bio, chains the previous one to it and submits the previous one; the name says none of that." +
        (checked ? " It uses the new bio before it returns, so a NULL check behind it comes too late." : ""),
      instead: use + caveat,
    };
  },
});
