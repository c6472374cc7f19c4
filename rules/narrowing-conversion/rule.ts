import { condition, defineRule, lore, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "narrowing-conversion",
  title: "conversion that loses bits of a position or length",
  level: "error",
  confidence: "high",
  sources: [
    lore(
      "c31f663f-36c0-4db2-8bf6-8e3c699073ca@kernel.org",
      "Damien Le Moal",
      "a 64 bit value stored into 32 bits is silently cut",
    ),
  ],
  needs: ["violations"],
  find: ({ violations }) =>
    seenInRuns(violations, ({ property, kind }) => property === "bits-lost" && kind !== "errno"),
  explain({ data }) {
    return {
      what: `${data.within}() loses bits of a value${condition(data)}: ${data.outcome}`,
      why: `With such arguments, which are permitted, somebody goes on with another place or length than was meant.${proviso(data)}`,
      instead: "Keep positions and lengths in types as wide as where they come from.",
    };
  },
});
