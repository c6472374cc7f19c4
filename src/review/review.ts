import { type Code, namesPhasedOut, readCode, textOf } from "../engine/code.ts";
import { extractFacts } from "../engine/extract.ts";
import type { Facts } from "../engine/facts.ts";
import { readOperations } from "../engine/read-submission.ts";
import type { FactsReport } from "../finding/facts-report.ts";
import type { Finding, NotChecked } from "../finding/finding.ts";
import { fingerprint } from "../finding/fingerprint.ts";
import type { Review, SeriesSummary } from "../finding/review.ts";
import { judgeWith, type Verdicts } from "../judge/judge.ts";
import { availability, knownOperations } from "../kernel/names.ts";
import { type Base, compareVersions, versionAt, versionOfMakefile } from "../kernel/version.ts";
import type { FilePatch } from "../patch/unified.ts";
import type { AnyRule, Mark } from "../rule/define.ts";
import { type Draft, runRules, type Silence } from "../rule/run.ts";
import type { Series } from "../series/series.ts";
import type { Island, State, Tree } from "../source/image.ts";
import { type States, statesOf } from "../source/states.ts";
import { linesInError } from "../syntax/ctree.ts";
import type { Problem } from "../text/problem.ts";
import { reportFacts } from "./facts-report.ts";
import { editsOf, excerptOf, locate, relatedOf } from "./locate.ts";

export interface ReviewOptions {
  readonly rules: readonly AnyRule[];
  /** A kernel at the base of the series. */
  readonly tree?: Tree;
  /** What the model's runs are known to say; questions that are not in it are explored, and added. */
  readonly verdicts?: Verdicts;
}

/** Review each series by itself. */
export function review(all: readonly Series[], options: ReviewOptions): Review {
  const verdicts: Verdicts = options.verdicts ?? new Map();
  const findings: Finding[] = [];
  const notChecked: NotChecked[] = [];
  const problems: Problem[] = [];
  const summaries: SeriesSummary[] = [];
  let patches = 0;
  const files = new Set<string>();
  for (const series of all) {
    const base = baseOf(series, options.tree);
    summaries.push(summaryOf(series, base));
    patches += series.patches.length;
    for (const p of series.patches) for (const f of p.files) files.add(f.path);
    for (const n of series.missing)
      notChecked.push({
        what: `patch ${n}/${series.total} of "${series.subject}"`,
        why: "it was not given",
        kind: "input",
      });
    if (!concernsCopying(series)) {
      notChecked.push({
        what: `"${series.subject}"`,
        why: "no added line names a copy operation or a function that is phased out",
        kind: "rule",
      });
      continue;
    }
    const states = statesOf(series, options.tree);
    const alone = options.tree ? statesOf(series) : states;
    const done = withTree(reviewSeries(series, states, base, options.rules, verdicts), () =>
      options.tree ? reviewSeries(series, alone, base, options.rules, verdicts) : undefined,
    );
    problems.push(...states.problems);
    for (const f of done.findings) findings.push(f);
    for (const n of done.notChecked) notChecked.push(n);
  }
  return {
    series: summaries,
    findings,
    notChecked,
    problems,
    counts: { rules: options.rules.length, patches, files: files.size },
  };
}

interface Reviewed {
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
}

/**
 * A tree may add findings. One that is there without it goes only if the rule says why it keeps silent now; else what the
 * tree shows was not about it, and it stays.
 */
function withTree(seen: Reviewed, withoutTree: () => Reviewed | undefined): Reviewed {
  const alone = withoutTree();
  if (!alone) return seen;
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
    return reportFacts(extractFacts(codeOfSeries(states.at(series.patches.length))));
  });
}

/** Does the text name an operation or flag of a bio that the kernel does not have? */
function namesOperation(text: string): boolean {
  if (!text.includes("REQ_")) return false;
  for (const [name] of text.matchAll(/\bREQ_[A-Z0-9_]+\b/g)) if (!knownOperations.has(name)) return true;
  return false;
}

const adds = (file: FilePatch, word: string): boolean =>
  file.hunks.some((h) => h.lines.some((l) => l.kind === "added" && l.text.includes(word)));

/**
 * Most patches have nothing to do with copying: the words that could begin a finding are looked for before any parse. A
 * series may also change an engine that stands there, so an operation in the context counts.
 */
function concernsCopying(series: Series): boolean {
  return series.patches.some((p) =>
    p.files.some(
      (f) =>
        /\.[ch]$/.test(f.path) &&
        (f.hunks.some((h) =>
          h.lines.some(
            (l) => l.kind !== "removed" && ((l.kind === "added" && namesPhasedOut(l.text)) || namesOperation(l.text)),
          ),
        ) ||
          (adds(f, "REQ_OP_READ") && adds(f, "REQ_OP_WRITE"))),
    ),
  );
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
    patches: series.patches.map((p) => ({
      messageId: p.message.messageId ?? null,
      subject: p.subject,
      index: p.index,
      files: p.files.map((f) => ({ path: f.path, added: f.added, deleted: f.deleted })),
    })),
  };
}

/** What stood there before is looked at only where it could hold the start of a finding. */
const beforeIsWorth = (island: Island): boolean =>
  island.lines.some(({ text }) => namesPhasedOut(text) || namesOperation(text));

/**
 * What the series defines; if no engine is among that, all that it changes: it may work on an engine that stood there
 * before.
 */
function codeOfSeries(state: State): Code {
  const defined = readCode(state);
  return readOperations(defined).length > 0 ? defined : readCode(state, (island) => island.lines.some((l) => l.added));
}

interface Pass {
  readonly facts: Facts;
  readonly drafts: readonly Draft[];
  readonly silences: readonly Silence[];
}

function passOver(code: Code, base: Base, rules: readonly AnyRule[], verdicts: Verdicts): Pass {
  const facts = extractFacts(code);
  const judge = judgeWith<Mark>((mark) => {
    const { file, line, origin } = locate(mark);
    return origin && { file, line };
  }, verdicts);
  const { drafts, silences } = runRules(rules, facts, {
    judge,
    text: ({ tree }, node) => textOf(tree, node).replace(/\s+/g, " ").trim(),
    raw: ({ tree }, start, end) => tree.text.slice(start, end),
    can: (name) => {
      const since = availability.get(name)?.since;
      if (!since || !base.version) return "unknown";
      return compareVersions(base.version, since) >= 0 ? "yes" : "later";
    },
  });
  return { facts, drafts, silences };
}

const codeText = ({ sighting }: Draft): string =>
  sighting.at.tree.text
    .slice(sighting.at.node.start, Math.min(sighting.at.node.end, sighting.at.node.start + 400))
    .replace(/\s+/g, " ");

/** The same defect in the same function, whatever the line says. */
const placeKey = ({ rule, sighting }: Draft): string => [rule.id, sighting.at.tree.file, sighting.within].join("\0");

function reviewSeries(
  series: Series,
  states: States,
  base: Base,
  rules: readonly AnyRule[],
  verdicts: Verdicts,
): { findings: Finding[]; notChecked: NotChecked[] } {
  const last = series.patches.length;
  const { drafts, silences, facts } = passOver(codeOfSeries(states.at(last)), base, rules, verdicts);
  const fresh = withoutOld(drafts, () => passOver(readCode(states.at(0), beforeIsWorth), base, rules, verdicts).drafts);
  const made: { draft: Draft; mendedBy: Finding["mendedBy"] }[] = fresh.map((draft) => ({ draft, mendedBy: null }));
  for (const j of patchesThatRemoveOwnLines(states, series)) {
    const left = new Set(linesAdded(states.at(j + 1)));
    const mender = series.patches[j]!;
    for (const draft of passOver(codeOfSeries(states.at(j)), base, rules, verdicts).drafts) {
      const { first } = locate(draft.sighting.at);
      if (!first.added || left.has(`${first.added.patch}:${first.added.patchLine}`)) continue;
      if (made.some((m) => m.draft.rule === draft.rule && sameOrigin(m.draft, draft))) continue;
      made.push({ draft, mendedBy: { index: mender.index, total: mender.total, subject: mender.subject } });
    }
  }
  const notChecked: NotChecked[] = silences.map((s) => ({ ...s, kind: "rule" as const }));
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
  return { findings: toFindings(series, made), notChecked };
}

const sameOrigin = (a: Draft, b: Draft): boolean => {
  const x = locate(a.sighting.at).first.added;
  const y = locate(b.sighting.at).first.added;
  return !!x && !!y && x.patch === y.patch && x.patchLine === y.patchLine;
};

/** Only what stands on added lines is new, and of that only as much as there was not already. */
function withoutOld(drafts: readonly Draft[], before: () => readonly Draft[]): Draft[] {
  const added = drafts.filter((d) => locate(d.sighting.at).first.added);
  if (added.length === 0) return [];
  const old = new Map<string, number>();
  for (const d of before()) old.set(placeKey(d), (old.get(placeKey(d)) ?? 0) + 1);
  if (old.size === 0) return added;
  // Unchanged ones of the same place use up the old ones first.
  for (const d of drafts) if (!added.includes(d)) old.set(placeKey(d), (old.get(placeKey(d)) ?? 0) - 1);
  return added.filter((d) => {
    const left = old.get(placeKey(d)) ?? 0;
    if (left <= 0) return true;
    old.set(placeKey(d), left - 1);
    return false;
  });
}

const linesAdded = function* (state: State): Generator<string> {
  for (const image of state.images.values())
    for (const island of image.islands)
      for (const l of island.lines) if (l.added) yield `${l.added.patch}:${l.added.patchLine}`;
};

/** Indexes (0-based) of patches that take away C lines which an earlier patch of the series added. */
function patchesThatRemoveOwnLines(states: States, series: Series): number[] {
  const out: number[] = [];
  const touched = new Set<string>();
  series.patches.forEach((p, j) => {
    const shared = p.files.some((f) => /\.[ch]$/.test(f.path) && f.deleted > 0 && touched.has(f.oldPath ?? f.path));
    for (const f of p.files) touched.add(f.path);
    if (!shared) return;
    const after = new Set(linesAdded(states.at(j + 1)));
    for (const key of linesAdded(states.at(j))) {
      if (after.has(key)) continue;
      out.push(j);
      break;
    }
  });
  return out;
}

function toFindings(series: Series, made: readonly { draft: Draft; mendedBy: Finding["mendedBy"] }[]): Finding[] {
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
      fix: editsOf(sighting.fix),
      fingerprint: fingerprint(rule.id, at.file, sighting.within, code, ordinal),
      mendedBy,
      excerpt: excerptOf(sighting.at, at),
    };
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
