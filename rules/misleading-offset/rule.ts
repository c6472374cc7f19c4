import { defineRule, hellwig } from "../../src/rule/index.ts";

export default defineRule({
  id: "misleading-offset",
  title: "offset that is relative to the operation and not to a file",
  level: "check",
  confidence: "moderate",
  sources: [hellwig("type and name suggest a file offset, but the value is relative to the operation")],
  needs: ["relativePositions"],
  *find({ relativePositions }) {
    for (const { place, store, declaration, struct, computed } of relativePositions) {
      const { in: func } = store;
      yield {
        at: declaration,
        within: struct ? struct.name : func.name,
        related: [
          {
            at: { tree: func.tree, node: store.node },
            message: computed ? `holds ${computed} here` : "starts at 0 here",
          },
        ],
        data: { name: place.name, type: place.type.name, computed, func: func.name, field: place.kind === "field" },
      };
    }
  },
  explain({ data: { name, type, computed, func, field } }) {
    const kind = field ? "The member" : "The variable";
    return {
      what: `${kind.toLowerCase()} ${name}${type === "loff_t" ? " is a loff_t" : " is called an offset"} but holds ${computed ? `${computed}, ` : ""}how far ${func}() has come`,
      why: `${type === "loff_t" ? "loff_t is the type of a position in a file" : "In block code an offset is read as a place on the device or in a file"}; this value counts from the start of the operation.`,
      instead: "Name it for what it is, progress within the operation, in the type and unit of the length.",
    };
  },
});
