import { rules } from "../../rules/index.ts";
import type { Level } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import { readText, type TreeOrigin } from "../host/files.ts";
import { formatsWithoutStderr, formatsWithRules, reporters, type Tool, type View } from "../report/reporter.ts";
import { failuresOf, notReviewed, notReviewedText, problemText } from "../report/said.ts";
import type { Series } from "../series/series.ts";
import { type Baseline, baselineText, readBaseline } from "../sift/baseline.ts";
import { sift } from "../sift/sift.ts";
import type { Tree } from "../source/image.ts";
import { printable } from "../text/printable.ts";
import type { Problem } from "../text/problem.ts";
import { combined, complaints, type ExitCode, exitCode, Refusal } from "./complaint.ts";
import type { Io } from "./io.ts";
import { nearest } from "./nearest.ts";
import type { CheckOptions, FailOn } from "./program.ts";
import { inForce, rulesToRun, type Sifting } from "./settings.ts";
import { quoted } from "./shell.ts";
import { colorWanted, complain, printStack, widthOf } from "./terminal.ts";

/** A tree, and where another process finds it; absent: nowhere. */
export type OpenTree = Tree & { readonly origin?: TreeOrigin };

/** What was read from the command line's paths. */
export interface Input {
  readonly series: readonly Series[];
  readonly problems: readonly Problem[];
  /** Number of mails without a diff. */
  readonly withoutDiff: number;
  readonly tree: OpenTree | undefined;
  /** Number of files, mails or commits that were read. */
  readonly inputs: number;
}

/** The steps of a check; tests hand in their own. */
export interface Steps {
  readonly readInput: (
    paths: readonly string[],
    io: { cwd: string; stdin: () => Promise<Uint8Array>; tree?: string },
  ) => Promise<Input>;
  readonly review: (series: readonly Series[], options: Narrowed) => Review | Promise<Review>;
  /** What reports say of copylint and its rules; for those that name them. */
  readonly tool: (rules: readonly string[]) => Tool;
  /** Writes a file; throws an Error that says why it cannot be written. */
  readonly write: (path: string, text: string, how: "replace" | "append") => void;
}

/** What of a review is wanted; absent: all of it. */
export interface Narrowed {
  readonly tree?: OpenTree;
  readonly rules?: readonly string[];
  readonly run?: boolean;
  readonly budget?: number;
  /** Is given what was thrown where a defect of ours ends the review of a series. */
  readonly onDefect?: (thrown: unknown) => void;
}

/** A problem as it is printed on stderr: one line. */
export function problemLine(problem: Problem): string {
  return `copylint: ${printable(problemText(problem))}\n`;
}

export const grave: Readonly<Record<FailOn, readonly Level[]>> = {
  error: ["error"],
  warning: ["error", "warning"],
  check: ["error", "warning", "check"],
  never: [],
};

/** The exit codes that a finished review calls for. */
export function codesOf(review: Review, options: Pick<CheckOptions, "failOn" | "strictInput">): readonly ExitCode[] {
  const codes: ExitCode[] = [];
  const levels = grave[options.failOn];
  if (review.findings.some((f) => f.mendedBy === null && levels.includes(f.level))) codes.push(exitCode.findings);
  if (failuresOf(review).length > 0) codes.push(exitCode.internal);
  if (review.problems.some((p) => p.kind === "unreadable")) codes.push(exitCode.input);
  if (options.strictInput && review.problems.some((p) => p.kind === "mismatch")) codes.push(exitCode.input);
  return codes;
}

/** From so many patches on, a terminal is told that work goes on: executed, each takes some 0.3 s; else some 10 ms. */
const longWork = { executed: 4, read: 100 };

async function withProgress<T>(
  series: readonly Series[],
  run: boolean,
  io: Io,
  work: () => T | Promise<T>,
): Promise<T> {
  const patches = series.reduce((sum, s) => sum + s.patches.length, 0);
  if (patches < (run ? longWork.executed : longWork.read) || !io.stderr.isTTY) return work();
  io.stderr.write(`reviewing ${patches} patches ...`);
  try {
    return await work();
  } finally {
    io.stderr.write("\r\x1b[K");
  }
}

/** The problems of all stages, each once, in the order in which they were met. */
export function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((p) => [JSON.stringify([p.kind, p.path, p.line, p.what]), p])).values()];
}

/** A finished review, and what it was read from. */
export interface Reviewed {
  readonly review: Review;
  readonly input: Input;
  /** The text of the baseline that was asked for; absent, too, if some of it was not reviewed. */
  readonly baseline?: string;
  /** Ids of the rules that were run; empty for all. */
  readonly rules: readonly string[];
  /** Those of the problems that are about what the author wants to have ignored. */
  readonly ignoring: readonly Problem[];
}

/**
 * Reads, reviews, and sets aside what the author, a baseline or a configuration speaks against; the problems of all stages are
 * those of the review. A configuration file is not read here: see inForce().
 */
export async function reviewed(
  paths: readonly string[],
  options: Pick<CheckOptions, "tree" | "rules" | "run"> & Sifting,
  io: Io,
  steps: Pick<Steps, "readInput" | "review">,
): Promise<Reviewed> {
  const ids = ruleIds();
  const { baseline: path, writeBaseline: write, levels = new Map() } = options;
  const baseline = path === undefined ? undefined : { path, entries: readBaselineFile(path, io.cwd) };
  const tree = options.tree === undefined ? {} : { tree: options.tree };
  const input = await steps.readInput(paths, { cwd: io.cwd, stdin: io.stdin, ...tree });
  const rules = rulesToRun(options.rules, levels, ids);
  const narrowed = {
    ...(input.tree === undefined ? {} : { tree: input.tree }),
    ...(rules === undefined ? {} : { rules }),
    ...(options.run ? {} : { run: false }),
    ...(options.budget === undefined ? {} : { budget: options.budget }),
  };
  const onDefect = (thrown: unknown): void => printStack(io, thrown);
  const review = await withProgress(input.series, options.run, io, () =>
    steps.review(input.series, { ...narrowed, onDefect }),
  );
  const sifted = sift(review, input.series, {
    rules: { ids, meant: (id) => nearest(id, ids) },
    // Without runs, rules are silent about much that they would find.
    ran: (rule) => options.run && (rules?.includes(rule) ?? true),
    trustAuthor: options.authorIgnores ?? true,
    only: options.only ?? [],
    ignore: options.ignore ?? [],
    baseline,
    levels: new Map([...levels].flatMap(([id, level]) => (level === "off" ? [] : [[id, level] as const]))),
    // A baseline without what a series has would have it reported as new; nor is anything of the others known then.
    write: notReviewed(review) > 0 ? undefined : write,
  });
  const problems = distinct([
    ...input.problems,
    ...input.series.flatMap((s) => s.problems),
    ...sifted.review.problems,
    ...(options.verbose ? sifted.stale : []),
  ]);
  return {
    review: { ...sifted.review, problems },
    input,
    rules: rules ?? [],
    ignoring: sifted.complaints,
    ...(sifted.written === undefined ? {} : { baseline: baselineText(sifted.written) }),
  };
}

/** `copylint check`: reads, reviews, reports; returns the exit code. */
export async function check(paths: readonly string[], asked: CheckOptions, io: Io, steps: Steps): Promise<ExitCode> {
  if (paths.length === 0) return complain(io, complaints.nothingToCheck("check"));
  const { options } = await inForce(asked, io, ruleIds());
  const { review: full, input, rules, baseline } = await reviewed(paths, options, io, steps);
  const { problems } = full;

  if (!formatsWithoutStderr.includes(options.format))
    for (const problem of problems) io.stderr.write(problemLine(problem));
  const codes = [...codesOf(full, options)];
  if (options.writeBaseline !== undefined) {
    if (baseline !== undefined) codes.push(...written(options.writeBaseline, baseline, "replace", io, steps));
    else
      io.stderr.write(
        `copylint: ${printable(options.writeBaseline)} is not written: ${notReviewedText(notReviewed(full))}\n`,
      );
  }

  const named = [options.format, ...options.files.map((file) => file.format)];
  const shown = viewOf(paths, { ...options, rules }, input, named, io, steps);
  const view = await withMail(shown, named, options.mail?.from);
  codes.push(...writeFiles(full, view, options.files, io, steps));
  if (options.format === "mail" && options.mail?.dir !== undefined) {
    const { writeDrafts } = await import("./mail.ts");
    codes.push(...writeDrafts(full, view, { ...options.mail, dir: options.mail.dir }, io));
  } else io.stdout.write(rendered(full, view, options.format));
  return combined(codes);
}

/**
 * How reports of a review are to look.
 * @param formats that will be made.
 */
export function viewOf(
  paths: readonly string[],
  options: Pick<CheckOptions, "tree" | "rules" | "verbose" | "color">,
  input: Input,
  formats: readonly string[],
  io: Io,
  steps: Pick<Steps, "tool">,
): View {
  return {
    color: colorWanted(options.color, io),
    width: widthOf(io),
    verbose: options.verbose,
    withoutDiff: input.withoutDiff,
    // A shell's pattern has become many files: nobody copies such a line.
    input: [...(paths.length > 3 ? ["SERIES"] : paths), ...(options.tree === undefined ? [] : ["--tree", options.tree])]
      .map(quoted)
      .join(" "),
    series: input.series,
    ...(formats.some((format) => formatsWithRules.includes(format)) ? { tool: steps.tool(options.rules) } : {}),
  };
}

/**
 * With what makes drafts of mails, if that is among the formats: it is loaded where it is asked for.
 * @param from the sender, as given.
 */
export async function withMail(view: View, formats: readonly string[], from: string | undefined): Promise<View> {
  if (!formats.includes("mail")) return view;
  const { mailText } = await import("./mail.ts");
  return { ...view, mail: (review, seen) => mailText(review, seen, from) };
}

/** The ids of all rules. */
export const ruleIds = (): readonly string[] => rules.map((rule) => rule.id);

/** Bytes: some 100,000 findings. */
const largestBaseline = 32 * 1024 * 1024;

function readBaselineFile(path: string, cwd: string): Baseline {
  const read = readText(path, cwd, largestBaseline);
  const baseline = "why" in read ? read.why : readBaseline(read.text);
  if (typeof baseline === "string") throw new Refusal(complaints.badBaseline(path, baseline));
  return baseline;
}

function rendered(review: Review, view: View, format: string): string {
  const reporter = format === "mail" ? view.mail : reporters[format];
  if (reporter === undefined) throw new Error(`no reporter for format ${format}`);
  return reporter(review, view);
}

/** Writes the reports that go to files; one that cannot be written does not keep the others from it. */
export function writeFiles(review: Review, view: View, files: CheckOptions["files"], io: Io, steps: Steps): ExitCode[] {
  return files.flatMap(({ format, path }) => {
    const text = rendered(review, { ...view, color: false, width: 80 }, format);
    // GitHub gives all commands of a step one file for their summaries.
    return written(path, text, path === io.env.GITHUB_STEP_SUMMARY ? "append" : "replace", io, steps);
  });
}

/** Writes a file, or complains. */
export function written(
  path: string,
  text: string,
  how: "replace" | "append",
  io: Io,
  steps: Pick<Steps, "write">,
): ExitCode[] {
  try {
    steps.write(path, text, how);
    return [];
  } catch (error) {
    return [complain(io, complaints.notWritable(path, (error as Error).message))];
  }
}
