import { condition, defineRule, proviso, seenInRuns, type Violation } from "../../src/rule/index.ts";

const isWild = ({ property, kind, failures }: Violation): boolean =>
  property === "wrong-pointer" && !(kind === "null dereference" && failures.some((each) => each.kind === "allocation"));

export default defineRule({
  id: "wild-access",
  title: "pointer that leads nowhere is followed",
  level: "error",
  confidence: "high",
  sources: [
    {
      by: "Kernel Address Sanitizer",
      says: "an access outside of an object is a bug of its own class",
      url: "https://docs.kernel.org/dev-tools/kasan.html",
    },
  ],
  needs: ["violations"],
  find: ({ violations }) => seenInRuns(violations, isWild),
  explain({ data }) {
    return {
      what: `${data.within}() goes wrong${condition(data)}: ${data.outcome}`,
      why: `At best the kernel oopses here; at worst it reads or overwrites what belongs to others.${proviso(data)}`,
      instead: "Make sure that the pointer and the index are good on every path that comes here.",
    };
  },
});
