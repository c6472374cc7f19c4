import { type Code, codeOf, foldedText, readCode } from "../engine/code.ts";
import { extractFacts } from "../engine/extract.ts";
import type { Facts } from "../engine/facts.ts";
import { readOperations } from "../engine/read-submission.ts";
import type { FactsReport } from "../finding/facts-report.ts";
import type { Finding, NotChecked } from "../finding/finding.ts";
import { fingerprint } from "../finding/fingerprint.ts";
import type { Review, SeriesSummary } from "../finding/review.ts";
import { judgeWith, type Verdicts } from "../judge/judge.ts";
import { type Cited, type Executed, runEngine, type Shown } from "../judge/runs.ts";
import { availability } from "../kernel/names.ts";
import { type Base, compareVersions, versionAt, versionOfMakefile } from "../kernel/version.ts";
import type { AnyRule, Mark } from "../rule/define.ts";
import { type Draft, type RunHelp, runRules, type Silence } from "../rule/run.ts";
import type { Series } from "../series/series.ts";
import type { State, Tree } from "../source/image.ts";
import { type States, statesOf } from "../source/states.ts";
import { linesInError } from "../syntax/ctree.ts";
import { thrownText } from "../text/thrown.ts";
import { beforeIsWorth, concernsCopying, worthReading } from "./concern.ts";
import { reportFacts } from "./facts-report.ts";
import { editsOf, excerptOf, locate, relatedOf } from "./locate.ts";
import { cameAboutIn, linesAdded, patchesThatRemoveOwnLines, sameOrigin, withoutOld } from "./new-only.ts";

export interface ReviewOptions {
  readonly rules: readonly AnyRule[];
  /** A kernel at the base of the series. */
  readonly tree?: Tree;
  /** What the model's runs are known to say; questions that are not in it are explored, and added. */
  readonly verdicts?: Verdicts;
  /** Whether the patch's own code is executed; absent: it is. */
  readonly run?: boolean;
  /** Runs of the model for the patch's own code, of all functions of a series together; absent: as many as are useful. */
  readonly budget?: number;
  /** Is called before the patch's own code is executed, which takes longer than all else. */
  readonly beforeRuns?: () => void;
  /** Is given what was thrown where a defect of ours ends the review of a series. */
  readonly onDefect?: (thrown: unknown) => void;
  /** Is given the run behind each finding whose trace comes from one. */
  readonly runs?: Map<Finding, Shown>;
}

/** Reviews each series by itself. A defect of ours ends the review of the series in which it shows, and of no other. */
export function review(given: readonly Series[], options: ReviewOptions): Review {
  const reviews = given.map((series): Review => {
    try {
      return reviewOne(series, options);
    } catch (defect) {
      options.onDefect?.(defect);
      return unreviewed(series, `internal error: ${thrownText(defect)}`);
    }
  });
  return joined(reviews);
}

function reviewOne(series: Series, options: ReviewOptions): Review {
  const verdicts: Verdicts = options.verdicts ?? new Map();
  const base = baseOf(series, options.tree);
  const notChecked: NotChecked[] = series.missing.map((n) => ({
    what: `patch ${n}/${series.total} of "${series.subject}"`,
    why: "it was not given",
    kind: "input",
  }));
  const summaries = [summaryOf(series, base)];
  const frame = { series: summaries, counts: countsOf(options.rules.length, summaries) };
  if (!concernsCopying(series)) {
    notChecked.push({
      what: `"${series.subject}"`,
      why: "no added line names a copy operation or a function that is phased out",
      kind: "rule",
    });
    return { ...frame, findings: [], notChecked, problems: [] };
  }
  const states = statesOf(series, options.tree);
  const pass = passWith(base, options.rules, verdicts);
  const run =
    (options.run ?? true) &&
    ((read: Facts, state: State) => {
      options.beforeRuns?.();
      return runState(state, read, options.budget);
    });
  const runs = options.runs ?? new Map();
  const seen = reviewSeries(series, states, pass, run, runs);
  const done = options.tree ? withTree(seen, reviewSeries(series, statesOf(series), pass, run, runs)) : seen;
  return {
    ...frame,
    findings: done.findings,
    notChecked: [...notChecked, ...done.notChecked],
    problems: states.problems,
  };
}

/** The review of a series that came to nothing: it says so, and why. */
export function unreviewed(series: Series, why: string): Review {
  const base: Base = { version: undefined, from: "unknown" };
  const { message } = series.patches[0] ?? { message: series.cover };
  const summaries = [{ ...summaryOf(series, base), notReviewed: why }];
  return {
    series: summaries,
    findings: [],
    notChecked: [],
    problems: [
      {
        kind: "failed",
        path: message?.path ?? "-",
        what: `"${series.subject}" was not reviewed: ${why}`,
        advice:
          "this is a bug in copylint: please report it with the command and the input; COPYLINT_DEBUG=1 shows the stack",
      },
    ],
    counts: countsOf(0, summaries),
  };
}

/** The reviews of several series as one. */
export function joined(reviews: readonly Review[]): Review {
  const series = reviews.flatMap((r) => r.series);
  return {
    series,
    findings: reviews.flatMap((r) => r.findings),
    notChecked: reviews.flatMap((r) => r.notChecked),
    problems: reviews.flatMap((r) => r.problems),
    counts: countsOf(Math.max(0, ...reviews.map((r) => r.counts.rules)), series),
  };
}

function countsOf(rules: number, series: readonly SeriesSummary[]): Review["counts"] {
  const patches = series.flatMap((one) => one.patches);
  return { rules, patches: patches.length, files: new Set(patches.flatMap((p) => p.files.map((f) => f.path))).size };
}

interface Reviewed {
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
}

/**
 * A tree may add findings. One that is there without it goes only if the rule says why it keeps silent now; else what the
 * tree shows was not about it, and it stays.
 */
function withTree(seen: Reviewed, alone: Reviewed): Reviewed {
  const key = (f: Finding) => [f.rule, f.patch.index, f.file, f.line].join(" ");
  const known = new Set(seen.findings.map(key));
  const findings = [...seen.findings];
  const notChecked = [...seen.notChecked];
  for (const f of alone.findings) {
    if (known.has(key(f))) continue;
    const silence = seen.notChecked.find(
      (n) => n.kind === "rule" && n.what.startsWith(`${f.rule} `) && n.what.includes(f.function ?? f.rule),
    );
    if (silence)
      notChecked.push({ what: `${f.rule} at ${f.file}:${f.line}`, why: `with the tree: ${silence.why}`, kind: "rule" });
    else findings.push(f);
  }
  return { findings: findings.sort((a, b) => a.patch.index - b.patch.index), notChecked };
}

/** What is known of the engine in each series, in the order of the series. */
export function engineFacts(all: readonly Series[], options: { readonly tree?: Tree }): FactsReport {
  return all.flatMap((series) => {
    if (!concernsCopying(series)) return [];
    const states = statesOf(series, options.tree);
    // Here nothing waits for the answer: all that the series changes is read, definitions of operations included.
    const code = readCode(states.at(series.patches.length), (island) => island.lines.some((l) => l.added));
    return reportFacts(extractFacts(code));
  });
}

function baseOf(series: Series, tree: Tree | undefined): Base {
  const fromTree = tree && versionOfMakefile(tree.read("Makefile"));
  if (fromTree) return { version: fromTree, from: "tree" };
  const fromDate = versionAt(series.date);
  return fromDate ? { version: fromDate, from: "mail date" } : { version: undefined, from: "unknown" };
}

function summaryOf(series: Series, base: Base): SeriesSummary {
  return {
    subject: series.subject,
    version: series.version,
    base: base.version ? `${base.version} (${base.from})` : "unknown",
    notReviewed: null,
    patches: series.patches.map((p) => ({
      messageId: p.message.messageId ?? null,
      subject: p.subject,
      index: p.index,
      files: p.files.map((f) => ({ path: f.path, added: f.added, deleted: f.deleted })),
    })),
  };
}

/**
 * What the series defines; if no engine is among that, all that it changes: it may work on an engine that stood there
 * before.
 */
function codeOfSeries(state: State): Code {
  const defined = readCode(state, worthReading(state));
  return readOperations(defined).length > 0 ? defined : readCode(state, (island) => island.lines.some((l) => l.added));
}

/** One reading of some code by all rules; `run` executes the engine that is found in it. */
type Pass = (
  code: Code,
  run?: (read: Facts) => Executed,
) => {
  readonly facts: Facts;
  readonly executed: Executed | undefined;
  readonly drafts: readonly Draft[];
  readonly silences: Silence[];
};

function passWith(base: Base, rules: readonly AnyRule[], verdicts: Verdicts): Pass {
  const cite = (mark: Mark): Cited | undefined => {
    const { file, line, origin } = locate(mark);
    return origin && { file, line };
  };
  const help: Omit<RunHelp, "judge"> = {
    text: ({ tree }, node) => foldedText(tree, node),
    raw: ({ tree }, start, end) => tree.text.slice(start, end),
    can: (name) => {
      const since = availability.get(name)?.since;
      if (!since || !base.version) return "unknown";
      return compareVersions(base.version, since) >= 0 ? "yes" : "later";
    },
  };
  return (code, run) => {
    const facts = extractFacts(code);
    const executed = facts.operations.length > 0 ? run?.(facts) : undefined;
    const ground = { ...facts, violations: executed?.violations ?? [] };
    return { facts, executed, ...runRules(rules, ground, { ...help, judge: judgeWith(cite, verdicts, executed) }) };
  };
}

const codeText = ({ sighting }: Draft): string =>
  sighting.at.tree.text
    .slice(sighting.at.node.start, Math.min(sighting.at.node.end, sighting.at.node.start + 400))
    .replace(/\s+/g, " ");

/**
 * Executes the engine that a state builds. Code needs more than what rules are read from: enumerators, macros, members, and functions
 * in which no word of I/O occurs.
 * @param read what of the state was read already.
 */
function runState(state: State, read: Facts, budget: number | undefined): Executed {
  return runEngine(factsToRun(state, read), budget === undefined ? {} : { runs: budget });
}

function factsToRun(state: State, read: Facts): Facts {
  const { trees } = read.code;
  const known = new Set(trees.map(({ lines }) => lines));
  const rest = readCode(state, (island) => !known.has(island.lines));
  return rest.trees.length === 0 ? read : extractFacts(codeOf([...trees, ...rest.trees]));
}

/** What there is to be run of the engine that a series builds. */
export function engineToRun(series: Series, tree?: Tree): Facts {
  const state = statesOf(series, tree).at(series.patches.length);
  return factsToRun(state, extractFacts(codeOfSeries(state)));
}

function reviewSeries(
  series: Series,
  states: States,
  pass: Pass,
  run: false | ((read: Facts, state: State) => Executed),
  runs: Map<Finding, Shown>,
): Reviewed {
  const last = series.patches.length;
  const runAt = (state: State) => (run ? (read: Facts) => run(read, state) : undefined);
  const { drafts, silences, facts, executed } = pass(codeOfSeries(states.at(last)), runAt(states.at(last)));
  const removers = patchesThatRemoveOwnLines(states, series);
  const linesAt = remember((after) => new Set(linesAdded(states.at(after))));
  const draftsAt = remember((j) => pass(codeOfSeries(states.at(j))).drafts);
  const before = () => pass(readCode(states.at(0), beforeIsWorth), runAt(states.at(0))).drafts;
  const fresh = withoutOld(drafts, before).filter((draft) => {
    const later = cameAboutIn(draft, removers, linesAt, draftsAt);
    if (later !== undefined)
      silences.push({
        what: `${draft.rule.id} for ${draft.sighting.within}`,
        why: `it comes about by what patch ${series.patches[later]!.index}/${series.patches[later]!.total} takes away`,
      });
    return later === undefined;
  });
  const made: { draft: Draft; mendedBy: Finding["mendedBy"] }[] = fresh.map((draft) => ({ draft, mendedBy: null }));
  for (const j of removers) {
    const left = linesAt(j + 1);
    const mender = series.patches[j]!;
    for (const draft of draftsAt(j)) {
      const { first } = locate(draft.sighting.at);
      if (!first.added || left.has(`${first.added.patch}:${first.added.patchLine}`)) continue;
      if (made.some((m) => m.draft.rule === draft.rule && sameOrigin(m.draft, draft))) continue;
      made.push({ draft, mendedBy: { index: mender.index, total: mender.total, subject: mender.subject } });
    }
  }
  const notChecked: NotChecked[] = silences.map((s) => ({ ...s, kind: "rule" as const }));
  for (const { function: name, why } of executed?.notExecuted ?? [])
    notChecked.push({ what: `runs of ${name}()`, why: `not executed: ${why}`, kind: "rule" });
  for (const left of facts.code.leftOut) notChecked.push({ ...left, kind: "input" });
  for (const tree of facts.code.trees) {
    const bad = linesInError(tree).length;
    if (bad > 0)
      notChecked.push({
        what: `${bad} added line${bad > 1 ? "s" : ""} of ${tree.file}`,
        why: "the C was not understood",
        kind: "input",
      });
  }
  return { findings: toFindings(series, made, runs), notChecked };
}

/** The function, with each value computed once. */
function remember<T>(compute: (n: number) => T): (n: number) => T {
  const known = new Map<number, T>();
  return (n) => {
    let value = known.get(n);
    if (value === undefined) known.set(n, (value = compute(n)));
    return value;
  };
}

function toFindings(
  series: Series,
  made: readonly { draft: Draft; mendedBy: Finding["mendedBy"] }[],
  runs: Map<Finding, Shown>,
): Finding[] {
  const seen = new Map<string, number>();
  const out: { finding: Finding; patch: number; file: number }[] = [];
  for (const { draft, mendedBy } of made) {
    const { rule, sighting, advice } = draft;
    const at = locate(sighting.at);
    const origin = at.first.added;
    const patch = origin && series.patches[origin.patch];
    if (!origin || !patch) continue;
    const code = codeText(draft);
    const key = [rule.id, at.file, sighting.within, code].join("\0");
    const ordinal = seen.get(key) ?? 0;
    seen.set(key, ordinal + 1);
    const shown = sighting.verdict?.trace ? sighting.verdict.shown : undefined;
    const finding: Finding = {
      rule: rule.id,
      level: sighting.level ?? rule.level,
      confidence: sighting.confidence ?? rule.confidence,
      file: at.file,
      line: at.line,
      column: at.column,
      endLine: at.endLine,
      endColumn: at.endColumn,
      function: sighting.within,
      patch: {
        messageId: patch.message.messageId ?? null,
        subject: patch.subject,
        index: patch.index,
        total: patch.total,
        path: patch.message.path,
        line: origin.patchLine,
      },
      ...advice,
      sources: rule.sources,
      related: relatedOf(series, sighting.related, patch.index),
      trace: sighting.verdict?.trace ?? null,
      executed: shown !== undefined,
      fix: editsOf(sighting.fix),
      ...(sighting.safe ? { safe: sighting.safe } : {}),
      fingerprint: fingerprint(rule.id, at.file, sighting.within, code, ordinal),
      code: code.trim(),
      mendedBy,
      excerpt: excerptOf(sighting.at, at),
    };
    if (shown !== undefined) runs.set(finding, shown);
    out.push({ finding, patch: origin.patch, file: patch.files.findIndex((f) => f.path === at.file) });
  }
  out.sort(
    (a, b) =>
      a.patch - b.patch ||
      a.file - b.file ||
      a.finding.line - b.finding.line ||
      a.finding.column - b.finding.column ||
      (a.finding.rule < b.finding.rule ? -1 : a.finding.rule > b.finding.rule ? 1 : 0),
  );
  return out.map((o) => o.finding);
}
