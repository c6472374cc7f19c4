import { condition, defineRule, lore, proviso, seenInRuns, type Violation } from "../../src/rule/index.ts";

const isUnchecked = ({ property, kind, failures }: Violation): boolean =>
  property === "wrong-pointer" && kind === "null dereference" && failures.some((each) => each.kind === "allocation");

export default defineRule({
  id: "unchecked-allocation",
  title: "allocation whose failure is not handled",
  level: "error",
  confidence: "high",
  sources: [
    lore(
      "0899ddc3-d9c1-3d9a-3649-2b1add9b2a7f@acm.org",
      "Bart Van Assche",
      "what an allocation returns can be NULL and has to be checked",
    ),
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, isUnchecked),
  explain({ data }) {
    return {
      what: `${data.within}() reaches for ${data.outcome.replace(/^null dereference: /, "")} through a null pointer${condition(data)}`,
      why: `With this gfp mask the allocation can fail, and then the kernel oopses here.${proviso(data)}`,
      instead: "Check the result before its first use, and undo on that path what was done before.",
    };
  },
});
