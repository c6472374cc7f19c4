import { conditionsOf, type Replay } from "../exec/execute.ts";
import { platformWords, USUAL } from "../exec/platform.ts";
import { judged, type Walk, walk } from "../exec/walk.ts";
import type { Finding } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import type { Shown } from "../judge/runs.ts";
import { type RunReport, runJson, runListText, runText } from "../report/run.ts";
import { failuresOf } from "../report/said.ts";
import type { Series } from "../series/series.ts";
import type { Tree } from "../source/image.ts";
import { byHand, checkFailures, type Failed, listed } from "./by-hand.ts";
import { problemLine, type Steps } from "./check.ts";
import { combined, complaints, type ExitCode, exitCode, Refusal } from "./complaint.ts";
import type { Io } from "./io.ts";
import type { RunOptions } from "./program.ts";
import { complain, crashed, printStack, widthOf } from "./terminal.ts";
import { UsageError } from "./typed.ts";

/** The steps of `copylint run`. */
interface RunSteps extends Pick<Steps, "readInput"> {
  /** Fills in the run behind each finding that has one. */
  readonly review: (
    series: readonly Series[],
    options: { tree?: Tree; runs: Map<Finding, Shown>; onDefect: (thrown: unknown) => void },
  ) => Review;
}

/** `copylint run`: executes one function of a series inside the model and prints each step; returns the exit code. */
export async function run(paths: readonly string[], options: RunOptions, io: Io, steps: RunSteps): Promise<ExitCode> {
  if (paths.length === 0) return complain(io, complaints.nothingToCheck("run"));
  const codes: ExitCode[] = [];
  try {
    const what = [options.function, options.replay, options.list ? "" : undefined].filter((one) => one !== undefined);
    if (what.length === 0) return complain(io, complaints.nothingToRun());
    if (what.length > 1) throw new UsageError("--function, --replay and --list exclude each other");
    refuseIdle(options);
    const tree = options.tree === undefined ? {} : { tree: options.tree };
    const input = await steps.readInput(paths, { cwd: io.cwd, stdin: io.stdin, ...tree });
    const problems = [...input.problems, ...input.series.flatMap((s) => s.problems)];
    for (const line of new Set(problems.map(problemLine))) io.stderr.write(line);
    const known = input.tree === undefined ? {} : { tree: input.tree };
    if (problems.some((p) => p.kind === "unreadable")) codes.push(exitCode.input);
    const failed: Failed = ({ subject }, thrown) => codes.push(crashed(io, thrown, `reading "${subject}"`));
    const width = widthOf(io);
    if (options.list) {
      const list = listed(input.series, input.tree, failed);
      io.stdout.write(options.format === "json" ? runJson(list) : runListText(list, width));
      return combined(codes);
    }
    const review = (runs: Map<Finding, Shown>): Review => {
      const made = steps.review(input.series, { ...known, runs, onDefect: (thrown) => printStack(io, thrown) });
      for (const problem of failuresOf(made)) {
        io.stderr.write(problemLine(problem));
        codes.push(exitCode.internal);
      }
      return made;
    };
    const report =
      options.replay === undefined
        ? handRun(input.series, input.tree, options, failed)
        : replayed(input.series, options.replay, review);
    io.stdout.write(options.format === "json" ? runJson(report) : runText(report, width));
    if (report.broken.length > 0) codes.push(exitCode.findings);
    if (report.notExecuted !== null) codes.push(exitCode.input);
    return combined(codes);
  } catch (error) {
    // What was not read may have what is asked for.
    if (error instanceof UsageError) return combined([...codes, complain(io, complaints.run(error.message))]);
    if (error instanceof Refusal && codes.length > 0) return combined([...codes, complain(io, error.complaint)]);
    throw error;
  }
}

/** Options that would do nothing are a mistake: a replayed run has its own. */
function refuseIdle(options: RunOptions): void {
  if (options.function !== undefined) return;
  const given = [
    ["--arg", options.arg],
    ["--limit", options.limit],
    ["--block", options.block],
    ["--bits", options.bits],
    ["--page", options.page],
    ["--sync", options.sync],
    ["--callback", options.callback],
    ["--gfp", options.gfp],
    ["--incapable", options.incapable],
    ["--fail", options.fail],
    ["--order", options.order],
  ].find(([, value]) => value !== undefined);
  if (given !== undefined)
    throw new UsageError(
      `${given[0]} belongs to --function: ${options.list ? "a list" : "a replay"} has no use for it`,
    );
}

/** The run of a finding, once more. */
function replayed(series: readonly Series[], prefix: string, review: (runs: Map<Finding, Shown>) => Review): RunReport {
  if (!/^[0-9a-fA-F]{6,16}$/.test(prefix))
    throw new UsageError(`--replay wants 6 to 16 hexadecimal digits of a fingerprint, not '${prefix}'`);
  const runs = new Map<Finding, Shown>();
  const { findings } = review(runs);
  const meant = findings.filter(({ fingerprint }) => fingerprint.startsWith(prefix.toLowerCase()));
  const executed = meant.filter((finding) => runs.has(finding));
  const [finding] = executed;
  if (finding === undefined) {
    if (meant.some(({ trace }) => trace !== null)) throw new Refusal(complaints.variantRun(prefix));
    throw new Refusal(complaints.noSuchRun(prefix, runs.size));
  }
  if (executed.length > 1) {
    const different = [...new Set(executed.map(({ fingerprint }) => fingerprint))];
    if (different.length > 1) throw new Refusal(complaints.severalRuns(prefix, different));
    throw new UsageError(`${executed.length} of the ${series.length} series have finding ${prefix}: give one of them`);
  }
  const shown = runs.get(finding)!;
  const { rule, file, line, what, fingerprint } = finding;
  return {
    ...reportOf(shown.replay, walk(shown.replay, shown.at), shown),
    finding: { fingerprint, rule, file, line, what },
  };
}

/** A run as it is reported; `shown` is what it is to show, if it was found in a review. */
function reportOf(replay: Replay, { run, steps, cut }: Walk, shown?: Shown): RunReport {
  const { ending, broken, shown: sights, notExecuted } = judged(run, replay);
  const about = [...broken, ...sights].filter(({ property }) => property === shown?.property);
  const known = about.find(({ what }) => what === shown?.outcome) ?? about[0];
  // What the run was kept for comes first.
  const first = <T extends { readonly property: string; readonly what: string }>(said: readonly T[]): readonly T[] => {
    const mine = said.filter(({ property }) => property === shown?.property);
    return [...mine, ...said.filter((one) => !mine.includes(one))];
  };
  const conditions = shown?.conditions ?? [
    ...platformWords(replay.stage.platform, [USUAL]),
    ...conditionsOf(run.kernel.failures, replay.bounds),
  ];
  return {
    function: replay.entry.func.name,
    setting: [replay.scenario.words, ...conditions].join(", "),
    finding: null,
    steps,
    cut,
    outcome: known?.what ?? ending,
    ending,
    broken: first(broken),
    shown: first(sights),
    notExecuted,
  };
}

function handRun(series: readonly Series[], tree: Tree | undefined, options: RunOptions, failed: Failed): RunReport {
  const made = byHand(series, tree, options, failed);
  const { script, order } = made;
  const walked = walk(made, undefined, { script, order });
  const report = reportOf(made, walked);
  if (report.notExecuted === null) checkFailures(made, walked.run);
  return report;
}
