import type { FactsReport } from "../finding/facts-report.ts";
import { printable, printableJson } from "../text/printable.ts";
import { count, wrap } from "./layout.ts";

/** Facts for people: one line a fact that stands alone, then the sums. */
export function factsText(facts: FactsReport, width: number): string {
  const lines = facts.flatMap((fact) => {
    const place = fact.file === "" ? "" : `${fact.file}${fact.line > 0 ? `:${fact.line}` : ""}: `;
    const detail = fact.detail === "" ? "" : `: ${fact.detail}`;
    const text = `${place}${fact.kind} ${fact.name}${fact.shown ? "" : " (not shown)"}${detail}`;
    return wrap(printable(text), width, "", "    ");
  });
  const shown = facts.filter((fact) => fact.shown).length;
  const sums = `${count(facts.length, "fact")}: ${shown} shown, ${facts.length - shown} not shown`;
  return `${[...lines, sums].join("\n")}\n`;
}

/** Facts as a JSON array of the fields of FactLine, in the same order. */
export function factsJson(facts: FactsReport): string {
  const rows = facts.map(({ kind, name, file, line, shown, detail }) => ({ kind, name, file, line, shown, detail }));
  return `${printableJson(JSON.stringify(rows, null, 2))}\n`;
}
