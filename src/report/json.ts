import type { Finding } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import { printableJson } from "../text/printable.ts";

/** Version of the JSON output; review.schema.json describes it. Grows when a field goes or changes its meaning. */
export const formatVersion = 1;

function finding(f: Finding): object {
  return {
    rule: f.rule,
    level: f.level,
    confidence: f.confidence,
    file: f.file,
    line: f.line,
    column: f.column,
    endLine: f.endLine,
    endColumn: f.endColumn,
    quoted: f.quoted ?? null,
    function: f.function,
    patch: f.patch,
    what: f.what,
    why: f.why,
    instead: f.instead,
    sources: f.sources,
    related: f.related,
    trace: (f.trace?.steps ?? []).map((step) => ({
      actor: step.actor,
      action: step.action,
      assumed: step.assumed,
      file: step.at?.file ?? null,
      line: step.at?.line ?? null,
    })),
    traceSetting: f.trace?.setting ?? null,
    traceOutcome: f.trace?.outcome ?? null,
    executed: f.executed,
    fix: f.fix.map(({ file, line, column, endLine, endColumn, text }) => ({
      file,
      line,
      column,
      endLine,
      endColumn,
      text,
    })),
    fingerprint: f.fingerprint,
    mendedBy: f.mendedBy,
    suppressed: f.suppressed ?? null,
  };
}

/** The review as JSON, as review.schema.json describes it. */
export function jsonReport(review: Review): string {
  const value = {
    version: formatVersion,
    series: review.series,
    findings: review.findings.map(finding),
    suppressed: (review.suppressed ?? []).map(finding),
    notChecked: review.notChecked,
    problems: review.problems,
  };
  return `${printableJson(JSON.stringify(value, null, 2))}\n`;
}
