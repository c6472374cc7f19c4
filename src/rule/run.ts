import type { Judge } from "../judge/judge.ts";
import type { Advice, AnyRule, FactName, Ground, Help, Mark, Sighting } from "./define.ts";

/** A sighting with what the rule says about it. */
export interface Draft {
  readonly rule: AnyRule;
  readonly sighting: Sighting<unknown>;
  readonly advice: Advice;
}

/** A place at which a rule kept silent, and why. */
export interface Silence {
  readonly what: string;
  readonly why: string;
}

export interface RunHelp {
  readonly judge: Judge<Mark>;
  readonly text: Help["text"];
  readonly raw: Help["raw"];
  readonly can: Help["can"];
}

/**
 * Ask every rule for which all that it needs is shown. A rule gets the facts that it names and no others, so what it does
 * not name cannot sway it.
 */
export function runRules(
  rules: readonly AnyRule[],
  ground: Ground,
  help: RunHelp,
): { drafts: Draft[]; silences: Silence[] } {
  const drafts: Draft[] = [];
  const silences: Silence[] = [];
  for (const rule of rules) {
    const needs = rule.needs as readonly FactName[];
    const absent = needs.filter((n) => ground[n].length === 0);
    if (absent.length > 0) {
      // That no run shows a violation is what runs are for, and no blindness.
      const unseen = absent.filter((n) => n !== "violations");
      if (unseen.length > 0)
        silences.push({ what: rule.id, why: `nothing is shown of ${unseen.map(factWords).join(", ")}` });
      continue;
    }
    const view = Object.fromEntries(needs.map((n) => [n, ground[n]]));
    const silent = (what: string, why: string) => silences.push({ what, why });
    for (const sighting of rule.find(view, { ...help, silent }))
      drafts.push({ rule, sighting, advice: rule.explain(sighting) });
  }
  return { drafts: drafts.filter((draft) => !saidBetter(draft, drafts)), silences };
}

/** A run that a rule about the code gives as its reason needs no second finding that says only what the run shows. */
function saidBetter({ rule, sighting }: Draft, all: readonly Draft[]): boolean {
  const shown = sighting.verdict?.shown;
  const onlyRuns = (one: AnyRule) => one.needs.includes("violations");
  return (
    shown !== undefined &&
    onlyRuns(rule) &&
    all.some((other) => other.sighting.verdict?.shown === shown && !onlyRuns(other.rule))
  );
}

/** "callbackPairs" as words. */
const factWords = (name: FactName): string => name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`);
