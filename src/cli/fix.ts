import { join } from "node:path";
import type { Finding } from "../finding/finding.ts";
import type { Review as Reviewed } from "../finding/review.ts";
import { fixupMail, safeTitle, titleOfMail, withFixups } from "../fix/mail.ts";
import { type Fixup, type Left, type Plan, planFixes } from "../fix/plan.ts";
import { inTheWay, makeFolder, writeFiles } from "../host/drafts.ts";
import type { Worktree } from "../host/git.ts";
import { writeWhole } from "../host/write.ts";
import { applyPatch } from "../patch/apply.ts";
import { parsePatch } from "../patch/parse.ts";
import { bare, failuresOf, nOfM, notReviewed, notReviewedText, place } from "../report/said.ts";
import type { Series } from "../series/series.ts";
import type { Tree } from "../source/image.ts";
import { printable } from "../text/printable.ts";
import type { Problem } from "../text/problem.ts";
import { distinct, grave, problemLine, ruleIds, type Steps } from "./check.ts";
import { combined, complaints, type ExitCode, exitCode } from "./complaint.ts";
import { isRange } from "./input.ts";
import type { Io } from "./io.ts";
import type { FixOptions } from "./program.ts";
import { withAuthors } from "./settings.ts";
import { complain, crashed, printStack } from "./terminal.ts";

/** What `copylint fix` needs of `copylint check`. */
interface FixSteps extends Pick<Steps, "readInput"> {
  readonly review: (...what: Parameters<Steps["review"]>) => Reviewed;
}

type Review = (series: Series) => readonly Finding[];

/** So many fixes of a series are tried one by one when all together do not do. */
const maxTries = 12;

const notProven = "a review of the fixed series finds the same again, or something else";

const keyOf = (f: Finding): string => [f.rule, f.file, f.function].join("\0");

function tally(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const f of findings) if (f.mendedBy === null) counts.set(keyOf(f), (counts.get(keyOf(f)) ?? 0) + 1);
  return counts;
}

/** Whether a review of the series with its fixups finds neither what they mend nor anything new. */
function proven(series: Series, before: readonly Finding[], fixups: readonly Fixup[], review: Review): boolean {
  if (fixups.length === 0) return true;
  const old = tally(before);
  const gone = tally(fixups.flatMap(({ findings }) => findings));
  return [...tally(review(withFixups(series, fixups)))].every(
    ([key, n]) => n <= (old.get(key) ?? 0) - (gone.get(key) ?? 0),
  );
}

/** The fixes that a second review confirms: all at once, or else those that it confirms one after the other. */
function provenPlan(
  series: Series,
  findings: readonly Finding[],
  plan: (refused: ReadonlyMap<Finding, string>) => Plan,
  review: Review,
): Plan {
  const all = plan(new Map());
  if (proven(series, findings, all.fixups, review)) return all;
  const candidates = all.fixups.flatMap((fixup) => fixup.findings);
  const refused = new Map(candidates.map((f) => [f, notProven]));
  if (candidates.length > 1) {
    for (const candidate of candidates.slice(0, maxTries)) {
      refused.delete(candidate);
      if (!proven(series, findings, plan(refused).fixups, review)) refused.set(candidate, notProven);
    }
  }
  return plan(refused);
}

/** Fixups of a series, with the subjects and names that they get. */
interface Written {
  readonly series: Series;
  readonly fixups: readonly (Fixup & { readonly title: string; readonly name: string })[];
  readonly left: readonly Left[];
}

/** Names made of numbers only: nothing of a subject is in them. */
function nameOf(all: readonly Series[], at: number, patch: number): string {
  const { patches } = all[at]!;
  const distinct = new Set(patches.map(({ index }) => index)).size === patches.length;
  const number = distinct ? patches[patch]!.index : patch + 1;
  return `fixup-${all.length > 1 ? `${at + 1}-` : ""}${String(number).padStart(4, "0")}.patch`;
}

/** The subject of the commit that a patch is, or becomes. */
const titleOf = (subject: string, isCommit: boolean): string =>
  safeTitle(isCommit ? subject.replace(/^\[[^\]]*\] /, "") : titleOfMail(subject));

/** What the fixups make of the files of a work tree; undefined if one of them is not clean there or does not fit. */
function inPlace(worktree: Worktree, fixups: readonly Fixup[]): ReadonlyMap<string, string> | undefined {
  const files = fixups.flatMap(({ diff }) => parsePatch(diff).files);
  const paths = [...new Set(files.map(({ path }) => path))];
  const texts = new Map(worktree.clean(paths));
  if (texts.size < paths.length) return undefined;
  for (const file of files) {
    const done = applyPatch(texts.get(file.path), file);
    if (!("text" in done) || done.text === undefined) return undefined;
    texts.set(file.path, done.text);
  }
  return texts;
}

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : word.endsWith("fix") ? "es" : "s"}`;

/** One line; what has no fix at all needs no reason. */
function adviceLine({ finding, why }: Left): string {
  const reason = why === "no fix" ? "" : ` (not fixed: ${why})`;
  return `  ${printable(`${place(finding)}: ${finding.level} ${finding.rule}: ${finding.what.slice(0, 500)}${reason}`)}\n`;
}

/** Lines that say which patch gets which fix. */
function fixLines(written: readonly Written[], nameShown: (name: string) => string): string {
  let out = "";
  for (const { series, fixups } of written) {
    for (const { patch, title, name, findings } of fixups) {
      out += `${printable(`${nameShown(name)}for ${nOfM(series.patches[patch]!)} "${title}"`)}\n`;
      for (const f of findings) out += `  ${printable(`${place(f)}: ${f.rule}`)}\n`;
    }
  }
  return out;
}

function leftLines(written: readonly Written[]): string {
  const left = written.flatMap((one) => one.left);
  return left.length === 0 ? "" : `left as advice:\n${left.map(adviceLine).join("")}`;
}

/**
 * "1 fix in 1 patch; 2 findings left as advice"
 *
 * @param failed how many series a defect of ours kept from being fixed.
 */
function summary(written: readonly Written[], failed: number): string {
  const fixups = written.flatMap((one) => one.fixups);
  const fixes = fixups.reduce((n, { findings }) => n + findings.length, 0);
  const left = written.reduce((n, one) => n + one.left.length, 0);
  const done =
    fixes === 0
      ? "nothing to fix"
      : `${plural(fixes, "fix")} in ${plural(fixups.length, "patch").replace("patchs", "patches")}`;
  const parts = [
    ...(fixes === 0 && failed > 0 ? [] : [done]),
    ...(left === 0 ? [] : [`${plural(left, "finding")} left as advice`]),
    ...(failed === 0 ? [] : [notReviewedText(failed)]),
  ];
  return `${parts.join("; ")}\n`;
}

/** Writes what can be edited in place, or else fixup patches, and says so; a complaint if that fails. */
async function write(
  written: readonly Written[],
  paths: readonly string[],
  fromGit: boolean,
  options: FixOptions,
  io: Io,
): Promise<ExitCode | undefined> {
  const [only] = written;
  if (fromGit && paths.length === 1 && written.length === 1 && only !== undefined && !options.patches) {
    const { worktreeOf } = await import("../host/git.ts");
    const worktree = worktreeOf(paths[0]!, io.cwd);
    const texts = worktree?.atEnd ? inPlace(worktree, only.fixups) : undefined;
    if (worktree !== undefined && texts !== undefined) {
      for (const [path, text] of texts) {
        try {
          writeWhole(join(worktree.top, path), text, io.cwd);
        } catch (error) {
          return complain(io, complaints.notWritable(path, (error as Error).message));
        }
      }
      io.stdout.write(
        `${[...texts.keys()]
          .sort()
          .map((path) => `edited ${printable(path)}\n`)
          .join("")}`,
      );
      io.stdout.write(fixLines(written, () => ""));
      return undefined;
    }
    io.stderr.write(
      `copylint: ${worktree?.atEnd ? "the files differ from HEAD, or cannot be edited" : "HEAD is not the end of the range"}: fixup! patches are written instead\n`,
    );
  }
  const files = written.flatMap(({ series, fixups }) =>
    fixups.map((fixup) => ({
      name: fixup.name,
      text: fixupMail(fixup, fixup.title, series.patches[fixup.patch]?.message.date),
    })),
  );
  const shown = (name: string) => (options.outputDir === "." ? name : join(options.outputDir, name));
  try {
    const folder = makeFolder(options.outputDir, io.cwd);
    const taken = options.force ? undefined : inTheWay(files, folder);
    if (taken !== undefined) return complain(io, complaints.inTheWay(shown(taken)));
    writeFiles(files, folder);
  } catch (error) {
    return complain(io, complaints.notWritable(options.outputDir, (error as Error).message));
  }
  io.stdout.write(fixLines(written, (name) => `${shown(name)}: `));
  return undefined;
}

/** `copylint fix`: reads, reviews, plans edits, reviews what they make of the series, writes; returns the exit code. */
export async function fix(paths: readonly string[], options: FixOptions, io: Io, steps: FixSteps): Promise<ExitCode> {
  if (paths.length === 0) return complain(io, complaints.nothingToCheck("fix"));
  const asked = options.tree === undefined ? {} : { tree: options.tree };
  const input = await steps.readInput(paths, { cwd: io.cwd, stdin: io.stdin, ...asked });
  const fromGit = paths.every((path) => isRange(path, io.cwd));
  const codes: ExitCode[] = [];
  const problems: Problem[] = [...input.problems, ...input.series.flatMap((s) => s.problems)];
  const written: Written[] = [];
  const tree: Tree | undefined = input.tree;
  for (const [at, series] of input.series.entries()) {
    const run = (one: Series, rules: readonly string[]) =>
      withAuthors(
        steps.review([one], {
          ...(tree === undefined ? {} : { tree }),
          ...(rules.length === 0 ? {} : { rules }),
          ...(options.run ? {} : { run: false }),
          onDefect: (thrown) => printStack(io, thrown),
        }),
        [one],
        { trust: true, ids: ruleIds(), ran: (rule) => options.run && (rules.length === 0 || rules.includes(rule)) },
      );
    try {
      // Whatever is asked for, no fix may draw a finding of another rule.
      const full = run(series, []);
      problems.push(...full.problems);
      if (notReviewed(full) > 0) continue;
      const { findings } = full;
      const wanted = findings.filter((f) => options.rules.length === 0 || options.rules.includes(f.rule));
      const untitled = new Map(
        wanted
          .filter((f) => f.safe !== undefined && titleOf(f.patch.subject, fromGit) === "")
          .map((f) => [f, "its patch has no subject for a fixup! to name"]),
      );
      const plan = provenPlan(
        series,
        findings,
        (refused) => planFixes(series, wanted, tree, !fromGit, new Map([...untitled, ...refused])),
        (one) => {
          const again = run(one, []);
          const [failure] = failuresOf(again);
          // What nobody looked at proves nothing.
          if (failure !== undefined) throw new Error(`with its fixes, ${failure.what}`);
          return again.findings;
        },
      );
      const fixups = plan.fixups.map((fixup) => ({
        ...fixup,
        title: titleOf(series.patches[fixup.patch]!.subject, fromGit),
        name: nameOf(input.series, at, fixup.patch),
      }));
      written.push({ series, fixups, left: plan.left });
    } catch (error) {
      codes.push(crashed(io, error, `fixing "${bare(series.subject)}"`));
    }
  }
  for (const problem of distinct(problems)) io.stderr.write(problemLine(problem));
  if (problems.some((p) => p.kind === "failed")) codes.push(exitCode.internal);
  if (problems.some((p) => p.kind === "unreadable")) codes.push(exitCode.input);
  const fixups = written.flatMap((one) => one.fixups);
  if (options.dryRun) io.stdout.write(`${fixups.map(({ diff }) => diff).join("")}${fixLines(written, () => "")}`);
  else if (fixups.length > 0) {
    const failed = await write(written, paths, fromGit, options, io);
    if (failed !== undefined) return combined([...codes, failed]);
  }
  io.stdout.write(leftLines(written) + summary(written, input.series.length - written.length));
  const levels = grave[options.failOn];
  if (written.some(({ left }) => left.some(({ finding }) => levels.includes(finding.level))))
    codes.push(exitCode.findings);
  return combined(codes);
}
