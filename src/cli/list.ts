import { printable, printableJson } from "../text/printable.ts";

/** What `copylint list` says of a rule. */
export interface ListedRule {
  readonly id: string;
  readonly level: string;
  readonly confidence: string;
  readonly title: string;
}

/** The rules as text (a line each) or as a JSON array. */
export function listText(rules: readonly ListedRule[], format: "terminal" | "json"): string {
  if (format === "json") {
    const rows = rules.map(({ id, level, confidence, title }) => ({ id, level, confidence, title }));
    return `${printableJson(JSON.stringify(rows, null, 2))}\n`;
  }
  const width = Math.max(0, ...rules.map((rule) => rule.id.length));
  return rules.map((r) => `${printable(`${r.id.padEnd(width)}  ${r.level.padEnd(7)}  ${r.title}`)}\n`).join("");
}
