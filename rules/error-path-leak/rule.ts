import { condition, defineRule, inCall, lore, onErrorPath, proviso, seenInRuns } from "../../src/rule/index.ts";

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
    seenInRuns(violations, (violation) => violation.property === "never-freed" && onErrorPath(violation)),
  explain({ data }) {
    return {
      what: `${data.within}() leaks on an error path${inCall(data)}${condition(data)}: ${data.outcome}`,
      why: `The path leaves without giving back what was allocated before, and nobody else knows of it any more.${proviso(data)}`,
      instead: "Free or put it on this path too, in the reverse order of what was acquired.",
    };
  },
});
