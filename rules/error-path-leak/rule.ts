import { condition, defineRule, lore, proviso, seenInRuns, type Violation } from "../../src/rule/index.ts";

const disturbed = ({ failures }: Violation): boolean =>
  failures.some(({ kind }) => kind !== "early" && kind !== "sleep");

/** A call that is refused goes down an error path though nothing fails. */
const fails = (violation: Violation): boolean => violation.kind === "refused" || disturbed(violation);

export default defineRule({
  id: "error-path-leak",
  title: "object that an error path forgets",
  level: "error",
  confidence: "high",
  sources: [
    lore(
      "SN4PR0401MB3598163C941976D90F745D8B9BF40@SN4PR0401MB3598.namprd04.prod.outlook.com",
      "Johannes Thumshirn",
      "a bio that was allocated has to be put when a later step fails",
    ),
  ],
  needs: ["violations"],
  find: ({ violations }) =>
    seenInRuns(violations, (violation) => violation.property === "never-freed" && fails(violation)),
  explain({ data }) {
    const call = data.conditions.length > 0 || data.confidence === "low" ? "" : ` in a call for ${data.trace.setting}`;
    return {
      what: `${data.within}() leaks on an error path${call}${condition(data)}: ${data.outcome}`,
      why: `The path leaves without giving back what was allocated before, and nobody else knows of it any more.${proviso(data)}`,
      instead: "Free or put it on this path too, in the reverse order of what was acquired.",
    };
  },
});
