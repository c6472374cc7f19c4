import { defineRule, hellwig } from "../../src/rule/index.ts";

const says = { call: /^(?:ctx|context|call|job)$/, chunk: /^(?:chunk|pair|seg|segment|ctx|context|part|piece)s?$/ };

export default defineRule({
  id: "struct-role-naming",
  title: "structure whose name does not tell per call from per chunk",
  level: "check",
  confidence: "moderate",
  sources: [hellwig("name the per-call structure ..._ctx and the per bio pair one ..._chunk")],
  needs: ["contexts"],
  *find({ contexts }) {
    const seen = new Set<string>();
    for (const { struct, definition, role, tracks, pointsBack, isPrivate, carried } of contexts) {
      if (!definition || definition.addedBy === undefined || seen.has(struct)) continue;
      if (definition.tree.file.includes("/uapi/") || carried) continue;
      if (role === "call" ? !tracks : pointsBack.length === 0 && !isPrivate) continue;
      // One structure in both roles: neither name would be right.
      if (contexts.some((c) => c.struct === struct && c.role !== role)) continue;
      seen.add(struct);
      const words = struct
        .slice(struct.indexOf(" ") + 1)
        .toLowerCase()
        .split(/_|\d+/);
      if (words.some((w) => says[role].test(w))) continue;
      // Where several functions make one, the patch that brings the structure is what its author looks at.
      const maker =
        contexts.find((c) => c.struct === struct && c.func.addedBy === definition.addedBy) ??
        contexts.find((c) => c.struct === struct);
      const { func, allocation } = maker!;
      const { tree, node, comment } = definition;
      yield {
        at: { tree, node },
        within: struct,
        related: allocation
          ? [{ at: { tree: func.tree, node: allocation.node }, message: `one is made per ${role} here` }]
          : [],
        data: { struct, role, name: func.name, commented: comment !== undefined },
      };
    }
  },
  explain({ data: { struct, role, name, commented } }) {
    return {
      what: `${struct} is made once per ${role} by ${name}(), but its name does not say so${commented ? "" : ", and no comment does"}`,
      why: "Readers have to find where it is made to learn whether it lives as long as the call or belongs to one chunk.",
      instead: role === "call" ? "Call the per-call structure ..._ctx." : "Call the per-chunk structure ..._chunk.",
    };
  },
});
