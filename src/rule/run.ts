import type { Facts } from "../engine/facts.ts";
import type { Judge } from "../judge/judge.ts";
import type { Advice, AnyRule, FactName, Help, Mark, Sighting } from "./define.ts";

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
  facts: Facts,
  help: RunHelp,
): { drafts: Draft[]; silences: Silence[] } {
  const drafts: Draft[] = [];
  const silences: Silence[] = [];
  for (const rule of rules) {
    const needs = rule.needs as readonly FactName[];
    const absent = needs.filter((n) => facts[n].length === 0);
    if (absent.length > 0) {
      silences.push({ what: rule.id, why: `nothing is shown of ${absent.map(factWords).join(", ")}` });
      continue;
    }
    const view = Object.fromEntries(needs.map((n) => [n, facts[n]]));
    const silent = (what: string, why: string) => silences.push({ what, why });
    for (const sighting of rule.find(view, { ...help, silent }))
      drafts.push({ rule, sighting, advice: rule.explain(sighting) });
  }
  return { drafts, silences };
}

/** "callbackPairs" as words. */
const factWords = (name: FactName): string => name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`);
