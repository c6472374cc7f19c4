import { defineRule, hellwig } from "../../src/rule/index.ts";

export default defineRule({
  id: "per-chunk-struct",
  title: "tiny structure allocated for every chunk",
  level: "check",
  confidence: "moderate",
  sources: [hellwig("the per bio pair structure could go and its field live in a union of struct bio")],
  needs: ["contexts"],
  *find({ contexts }, { judge }) {
    const seen = new Set<string>();
    for (const { struct, definition, func, role, allocation, pointsBack, carried, mayFail, loop } of contexts) {
      if (role !== "chunk" || !allocation || !definition || carried || seen.has(struct)) continue;
      const pointers = definition.fields.filter((f) => f.type.pointers > 0);
      const numbers = definition.fields.filter(
        (f) =>
          f.type.pointers === 0 &&
          !f.type.callable &&
          /^(?:(?:un)?signed|long|int|short|loff_t|s?size_t|sector_t|[us](?:8|16|32|64)|unsigned (?:int|long|long long|short)|bool)$/.test(
            f.type.name,
          ),
      );
      // A pointer to anything else (a page, a bio, a buffer) is state that a bio cannot take over.
      if (pointers.length !== 1 || pointsBack.length !== 1 || numbers.length === 0 || numbers.length > 3) continue;
      if (numbers.length + 1 !== definition.fields.length) continue;
      seen.add(struct);
      const verdict = mayFail
        ? judge.ask({
            property: "no-midway-allocation",
            variant: { chunkState: "heap", plug: "none" },
            places: [{ knob: "chunkState", action: "alloc", at: { tree: func.tree, node: allocation.node } }],
            run: { property: "stops-midway", at: [{ tree: func.tree, node: allocation.node }] },
          })
        : undefined;
      const define = { at: { tree: definition.tree, node: definition.node }, message: "defined here" };
      const make = {
        at: { tree: func.tree, node: allocation.node },
        message: `allocated here${loop ? ", in the loop" : ", once per chunk"}`,
      };
      const isNew = definition.addedBy !== undefined;
      yield {
        at: isNew ? define.at : make.at,
        within: isNew ? struct : func.name,
        ...(verdict ? { verdict } : {}),
        related: [isNew ? make : define],
        data: { struct, name: func.name, mayFail, back: pointsBack[0], fields: numbers.map((f) => f.name) },
      };
    }
  },
  explain({ data: { struct, name, mayFail, back, fields } }) {
    return {
      what: `${struct} holds only a back pointer (${back}) and ${fields.join(" and ")}, and ${name}() allocates one for every chunk`,
      why: mayFail
        ? "N chunks need N allocations, each of which can fail when earlier chunks are already on their way."
        : "N chunks need N allocations besides the bios, for what a bio could hold by itself.",
      instead:
        "Keep the position in the bio, for instance in a union member that copy bios do not use otherwise, or compute it from the bio's sector.",
    };
  },
});
