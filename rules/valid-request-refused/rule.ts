import { defineRule, lore, proviso, seenInRuns } from "../../src/rule/index.ts";

export default defineRule({
  id: "valid-request-refused",
  title: "valid request that can never be carried out",
  level: "warning",
  confidence: "high",
  sources: [
    lore(
      "98ddab1b-6702-f121-9fef-0ce185888a1a@opensource.wdc.com",
      "Damien Le Moal",
      "limits by which copies are cut need a lower bound, or nothing can be copied",
    ),
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, ({ property }) => property === "valid-refused"),
  explain({ data }) {
    return {
      what: `${data.function}() does not carry out a valid request (${data.trace.setting}): ${data.outcome}`,
      why: `It is aligned and in range, and nothing fails; so such a copy can never work.${proviso(data)}`,
      instead: "Let this size through, or say in the documentation of the function that it is refused, and why.",
    };
  },
});
