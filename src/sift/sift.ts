import type { Finding, Level, Suppression } from "../finding/finding.ts";
import type { Review, SeriesSummary } from "../finding/review.ts";
import type { Series } from "../series/series.ts";
import type { Problem } from "../text/problem.ts";
import { type Baseline, baselineOf, withBaseline } from "./baseline.ts";
import { globFits } from "./glob.ts";
import { type Ignore, patchKey, type RuleNames, readIgnores } from "./ignore.ts";

/** What is to be set aside of a review. */
export interface Sieve {
  readonly rules: RuleNames;
  /** Whether a rule was run. */
  readonly ran: (rule: string) => boolean;
  /** Whether what the author has ignored is set aside; if not, it is reported with what the author says. */
  readonly trustAuthor: boolean;
  /** Patterns of paths; none in `only`: all files. */
  readonly only: readonly string[];
  readonly ignore: readonly string[];
  readonly baseline: { readonly path: string; readonly entries: Baseline } | undefined;
  /** Levels of rules in place of their own. */
  readonly levels: ReadonlyMap<string, Level>;
  /** All that is left goes into a baseline of this name. */
  readonly write: string | undefined;
}

/** What is left of a review, and the baseline that holds all of it, if that was asked for. */
export interface Sifted {
  readonly review: Review;
  readonly written: Baseline | undefined;
  /** What is wrong with how things are to be ignored; part of the review's problems. */
  readonly complaints: readonly Problem[];
  /** Entries of the baseline that this review should have met, and did not. */
  readonly stale: readonly Problem[];
}

/** The pattern that leaves a file out; a finding about a mail is in no file. */
function leftOutBy(file: string | null, { only, ignore }: Sieve): string | undefined {
  if (file === null) return undefined;
  const ignored = ignore.find((pattern) => globFits(pattern, file));
  if (ignored !== undefined) return ignored;
  return only.length === 0 || only.some((pattern) => globFits(pattern, file)) ? undefined : `only ${only.join(", ")}`;
}

/**
 * The lines of ignoring that no finding has to do with. A rule that was not run says nothing of them, nor does a series with missing
 * parts, or one that was not reviewed.
 */
function unused(ignores: readonly Ignore[], used: ReadonlySet<Ignore>, ran: Sieve["ran"]): Problem[] {
  return ignores
    .filter((one) => !used.has(one) && ran(one.rule))
    .map(({ rule, scope, path, line }) => ({
      kind: "notice",
      path,
      line,
      what: `nothing is ignored by this, as ${scope} has no finding of ${rule}`,
      advice: "take the line out",
    }));
}

function staleOf(left: Baseline, path: string, review: Review, ran: Sieve["ran"]): Problem[] {
  const files = (of: readonly SeriesSummary[]): ReadonlySet<string> =>
    new Set(of.flatMap((s) => s.patches.flatMap((p) => p.files.map((f) => f.path))));
  const read = files(review.series);
  const failed = review.series.filter((s) => s.notReviewed !== null);
  const unread = files(failed);
  // Of what was not looked at nothing is known.
  const looked = (file: string | null): boolean =>
    file === null ? failed.length === 0 : read.has(file) && !unread.has(file);
  return left
    .filter(({ rule, file }) => ran(rule) && looked(file))
    .map(({ rule, file, function: within, count }) => {
      const where = [file ?? "a mail", ...(within === null ? [] : [`in ${within}`])].join(" ");
      const times = count === 1 ? "" : ` (${count} times)`;
      return { kind: "notice", path, what: `the entry of ${rule} for ${where}${times} fits no finding any more` };
    });
}

/** Sets aside what the author, the paths, and the baseline speak against, in this order, and gives the rest its levels. */
export function sift(review: Review, all: readonly Series[], sieve: Sieve): Sifted {
  const read = all.map((series) => readIgnores(series, sieve.rules));
  const ignores = read.flatMap((one) => one.ignores);
  const whole = read.flatMap((one, i) => {
    const reviewed = (review.series[i]?.notReviewed ?? null) === null;
    return reviewed && all[i]!.missing.length === 0 ? one.ignores : [];
  });
  const used = new Set<Ignore>();
  const said = (f: Finding): Suppression | undefined => {
    const mine = ignores.filter((one) => one.rule === f.rule && one.patches.has(patchKey(f.patch)));
    for (const one of mine) used.add(one);
    return mine[0] && { by: "author", reason: mine[0].reason };
  };
  const byOthers = (f: Finding): Suppression | undefined => {
    const reason = leftOutBy(f.file, sieve);
    return reason === undefined ? undefined : { by: "paths", reason };
  };

  const judged = review.findings.map((f) => {
    const author = said(f);
    const suppressed = (sieve.trustAuthor ? author : undefined) ?? byOthers(f);
    return { f, author, suppressed };
  });
  const live = judged.flatMap(({ f, suppressed }) => (suppressed === undefined ? [f] : []));
  const { baseline, write } = sieve;
  const held = withBaseline(live, baseline?.entries ?? []);
  const inBaseline = new Set(write === undefined ? live.filter((_, i) => held.known[i]) : live);
  const file = write ?? baseline?.path ?? "";

  const findings: Finding[] = [];
  const suppressed: Finding[] = [];
  for (const { f, author, suppressed: out } of judged) {
    const level = sieve.levels.get(f.rule) ?? f.level;
    const by = out ?? (inBaseline.has(f) ? ({ by: "baseline", reason: file } as const) : undefined);
    if (by !== undefined) suppressed.push({ ...f, level, suppressed: by });
    else if (author !== undefined) findings.push({ ...f, level, suppressed: author });
    else findings.push(level === f.level ? f : { ...f, level });
  }
  const complaints = [...read.flatMap((one) => one.problems), ...unused(whole, used, sieve.ran)];
  const problems = [...review.problems, ...complaints];
  return {
    review: { ...review, findings, problems, ...(suppressed.length === 0 ? {} : { suppressed }) },
    complaints,
    written: write === undefined ? undefined : baselineOf(live),
    stale: baseline === undefined || write !== undefined ? [] : staleOf(held.left, baseline.path, review, sieve.ran),
  };
}
