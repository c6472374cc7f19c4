import { condition, defineRule, proviso, seenInRuns, type Violation } from "../../src/rule/index.ts";

const isWild = ({ property, kind, failures }: Violation): boolean =>
  property === "wrong-pointer" && !(kind === "null dereference" && failures.some((each) => each.kind === "allocation"));

/** What the code does, by kind: what it is after follows from the outcome. */
const deeds: Readonly<Record<string, (what: string, condition: string) => string>> = {
  "null dereference": (what, condition) => `reaches for ${what} through a null pointer${condition}`,
  "wild pointer": (what, condition) => `reaches for ${what} through a pointer that points to nothing${condition}`,
  "out of bounds": (what, condition) => `reaches beyond an object${condition}: ${what}`,
  "division by zero": (_, condition) => `divides by 0${condition}`,
};

const costs: Readonly<Record<string, string>> = {
  "null dereference": "The kernel oopses here.",
  "division by zero": "On x86 the kernel oopses here; elsewhere the quotient is anything.",
};

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
    const what = data.outcome.replace(`${data.kind}: `, "");
    return {
      what: `${data.within}() ${deeds[data.kind]?.(what, condition(data)) ?? `goes wrong: ${data.outcome}`}`,
      why: `${costs[data.kind] ?? "At best the kernel oopses here; at worst it reads or overwrites what belongs to others."}${proviso(data)}`,
      instead:
        data.kind === "division by zero"
          ? "Test the divisor before it is used, and refuse what makes it 0."
          : "Make sure that the pointer and the index are good on every path that comes here.",
    };
  },
});
