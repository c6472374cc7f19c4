import type { Finding } from "../finding/finding.ts";
import type { Review, SeriesSummary } from "../finding/review.ts";
import type { View } from "./reporter.ts";
import { bare, lineOf, nOfM, notReviewedId, paragraphsOf, place, placeOf, problemText, shownLevel } from "./said.ts";
import { document, element, textElement } from "./xml.ts";

/** A patch of a series, with what was found in it. */
interface Patch {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** Test cases with their numbers. */
interface Suite {
  readonly name: string;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
  readonly content: readonly string[];
}

const keyOf = (p: { readonly messageId: string | null; readonly subject: string; readonly index: number }): string =>
  JSON.stringify([p.messageId, p.subject, p.index]);

const bodyOf = (f: Finding): readonly string[] => [place(f), ...paragraphsOf(f)];

/** A failure with all findings of one rule in one patch; what a later patch mends is no failure, but a case that was skipped. */
function verdict(findings: readonly Finding[]): readonly string[] {
  const live = findings.filter((f) => f.mendedBy === null);
  const [first, ...more] = live.length > 0 ? live : findings;
  if (first === undefined) return [];
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  if (live.length === 0) {
    return element("skipped", { message: `${place(first)}: ${lineOf(first)}${others}` });
  }
  const lines = findings.flatMap((f, i) => [...(i === 0 ? [] : [""]), ...bodyOf(f)]);
  return textElement("failure", { message: `${place(first)}: ${first.what}${others}`, type: shownLevel(first) }, lines);
}

function suiteOf(name: string, patches: readonly Patch[], rules: readonly string[]): Suite {
  let [tests, failures, skipped] = [0, 0, 0];
  const content = patches.flatMap((patch) =>
    rules.flatMap((rule) => {
      const findings = patch.findings.filter((f) => f.rule === rule);
      const live = findings.find((f) => f.mendedBy === null);
      tests++;
      if (live !== undefined) failures++;
      else if (findings.length > 0) skipped++;
      const at = live ?? findings[0];
      const where = at === undefined ? null : placeOf(at);
      const attributes = {
        classname: patch.name,
        name: rule,
        time: 0,
        file: where?.path ?? null,
        line: where?.line ?? null,
      };
      return element("testcase", attributes, verdict(findings));
    }),
  );
  return { name, tests, failures, errors: 0, skipped, content };
}

/** A series that was not reviewed: one case, which failed to run, in place of those that would seem to have passed. */
function failedSuite(name: string, why: string): Suite {
  const text = `not reviewed: ${why}`;
  const error = textElement("error", { message: text, type: notReviewedId }, [text]);
  const content = element("testcase", { classname: name, name: "review", time: 0 }, error);
  return { name, tests: 1, failures: 0, errors: 1, skipped: 0, content };
}

function seriesName(series: SeriesSummary): string {
  return series.version === 1 ? series.subject : `${series.subject} (v${series.version})`;
}

/** What was not understood, not checked or worth a line; rules that were silent only if asked for. */
function leftOut(review: Review, view: View): readonly string[] {
  const notChecked = review.notChecked.filter((n) => n.kind === "input" || view.verbose);
  return [...review.problems.map(problemText), ...notChecked.map((n) => `not checked: ${n.what}: ${n.why}`)];
}

/** The review as JUnit's XML: a suite for each series, and in it a test case for each patch and rule. */
export function junitReport(review: Review, view: View): string {
  const found = new Map<string, Finding[]>();
  for (const f of review.findings) found.set(keyOf(f.patch), [...(found.get(keyOf(f.patch)) ?? []), f]);
  const rules = [
    ...new Set([...(view.tool?.rules ?? []).map((r) => r.id), ...review.findings.map((f) => f.rule)]),
  ].sort();

  const suites = review.series.map((series) => {
    if (series.notReviewed !== null) return failedSuite(seriesName(series), series.notReviewed);
    const own = series.patches.map((p) => {
      const findings = found.get(keyOf(p)) ?? [];
      // Two series that hold the same patch: its findings are shown once.
      found.delete(keyOf(p));
      return { ...p, findings };
    });
    const totals = own.flatMap((p) => [p.index, ...p.findings.map((f) => f.patch.total)]);
    const total = Math.max(own.length, ...totals);
    const patches = own.map((p) => ({ ...p, name: `${p.index}/${total} ${bare(p.subject)}` }));
    return suiteOf(seriesName(series), patches, rules);
  });
  const rest = [...found.values()].map((findings) => {
    const { patch } = findings[0] as Finding;
    return { name: `${nOfM(patch)} ${bare(patch.subject)}`, findings };
  });
  if (rest.length > 0) suites.push(suiteOf("other patches", rest, rules));

  const out = leftOut(review, view);
  if (out.length > 0) {
    const content = textElement("system-err", {}, out);
    suites.push({ name: "input", tests: 0, failures: 0, errors: 0, skipped: 0, content });
  }
  const sum = (pick: (suite: Suite) => number): number => suites.reduce((n, suite) => n + pick(suite), 0);
  const numbers = {
    tests: sum((s) => s.tests),
    failures: sum((s) => s.failures),
    errors: sum((s) => s.errors),
    time: 0,
  };
  const elements = suites.flatMap(({ content, ...attributes }) =>
    element("testsuite", { ...attributes, time: 0 }, content),
  );
  return document(element("testsuites", { name: "copylint", ...numbers }, elements));
}
