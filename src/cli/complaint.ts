import { printable } from "../text/printable.ts";
import { thrownText } from "../text/thrown.ts";

/** Exit codes, as the README lists them. */
export const exitCode = {
  /** Nothing at or above `--fail-on` was found. */
  clean: 0,
  /** Findings at or above `--fail-on`. */
  findings: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** Some of the input was not understood; the rest was reviewed. */
  input: 3,
  /** A defect of copylint itself. */
  internal: 4,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** When several codes apply, the first of these is the one that the process ends with. */
const gravest: readonly ExitCode[] = [exitCode.internal, exitCode.usage, exitCode.findings, exitCode.input];

/** The exit code of a run to which all the given codes apply. */
export function combined(codes: readonly ExitCode[]): ExitCode {
  return gravest.find((code) => codes.includes(code)) ?? exitCode.clean;
}

/** An error that the user can do something about: one sentence, what to do, and how the process ends. */
export interface Complaint {
  readonly title: string;
  readonly hint?: string;
  readonly exit: ExitCode;
}

const { usage, internal, clean } = exitCode;

const bug =
  "this is a bug in copylint: please report it with the command and the input; COPYLINT_DEBUG=1 shows the stack";

/** Every error that the command line itself reports. Errors of the input are Problems. */
export const complaints = {
  commandLine: (message: string, hint: string): Complaint => ({ title: message, hint, exit: usage }),
  noCommand: (): Complaint => ({ title: "no command given", hint: "see copylint --help", exit: usage }),
  notACommand: (word: string): Complaint => ({
    title: `'${word}' is not a command of copylint`,
    hint: `to review it, say: copylint check ${word}`,
    exit: usage,
  }),
  nothingToCheck: (command: string): Complaint => ({
    title: "nothing to read",
    hint: `name patch files, folders, mboxes or a git range, or - for standard input: copylint ${command} 0001-x.patch`,
    exit: usage,
  }),
  unknownRule: (id: string, meant: string | undefined): Complaint => ({
    title: `there is no rule '${id}'`,
    hint: meant === undefined ? "`copylint list` lists the rules" : `did you mean ${meant}?`,
    exit: usage,
  }),
  noPage: (id: string): Complaint => ({
    title: `the page of rule ${id} is not installed`,
    hint: `it belongs at rules/${id}/README.md, beside the program`,
    exit: internal,
  }),
  notACheckout: (): Complaint => ({
    title: "this is not a checkout of copylint",
    hint: "`copylint new-rule` writes into rules/ of the source tree: run it there",
    exit: usage,
  }),
  badRuleId: (id: string, wrong: string): Complaint => ({
    title: `'${id}' is no good name for a rule: ${wrong}`,
    hint: 'name the defect so that a sentence can hold it, as in "this patch has a plug-per-chunk"',
    exit: usage,
  }),
  ruleExists: (id: string): Complaint => ({
    title: `there is a rule ${id} already`,
    hint: `\`copylint explain ${id}\` prints its page`,
    exit: usage,
  }),
  notWritable: (path: string, reason: string): Complaint => ({
    title: `cannot write ${path}: ${reason}`,
    exit: usage,
  }),
  badConfig: (path: string, what: string, hint?: string): Complaint => ({
    title: `${path}: ${what}`,
    hint: hint ?? "`copylint config --schema` says what such a file may hold",
    exit: usage,
  }),
  twoConfigs: (one: string, other: string): Complaint => ({
    title: `${one} and ${other} lie side by side`,
    hint: "keep one of them, or say which: --config FILE",
    exit: usage,
  }),
  badBaseline: (path: string, what: string): Complaint => ({
    title: `the baseline ${path} cannot be used: ${what}`,
    hint: "copylint check --write-baseline FILE writes one",
    exit: usage,
  }),
  notWritten: (reason: string): Complaint => ({ title: `cannot write the output: ${reason}`, exit: internal }),
  git: (reason: string, hint = "see copylint hook --help"): Complaint => ({
    title: `git says: ${reason}`,
    hint,
    exit: usage,
  }),
  noGlobalHooks: (relative: string | undefined): Complaint => ({
    title:
      relative === undefined
        ? "git has no folder for hooks of all your repositories"
        : `core.hooksPath is ${relative}, another folder in each repository`,
    hint:
      "either install the hook in each repository, without --global, or give git such a folder, which then stands in " +
      "for .git/hooks everywhere: git config --global core.hooksPath '~/.config/git/hooks'",
    exit: usage,
  }),
  hookEdited: (path: string): Complaint => ({
    title: `${path} was edited after copylint wrote it`,
    hint: "move what you added into sendemail-validate.before-copylint beside it, which is run first, and delete the file",
    exit: usage,
  }),
  hookInTheWay: (path: string): Complaint => ({
    title: `${path} is there already, so the hook of today cannot get that name`,
    hint: "another program replaced copylint's hook: rename or delete one of the two",
    exit: usage,
  }),
  twoOutputs: (one: string, other: string, where: string): Complaint => ({
    title: `${one} and ${other} would both be written to ${where}`,
    hint: "give each a file of its own: --output FORMAT=FILE",
    exit: usage,
  }),
  inTheWay: (path: string): Complaint => ({
    title: `${path} is there already, and says something else`,
    hint: "nothing was written: choose another --output-dir, or let --force replace it",
    exit: usage,
  }),
  notASender: (from: string): Complaint => ({
    title: `'${from}' is no sender of a mail`,
    hint: 'say it as in --from "A. Reviewer <reviewer@example.org>", or leave it out: git send-email knows who you are',
    exit: usage,
  }),
  onlyForMail: (option: string): Complaint => ({
    title: `${option} is for drafts of mails`,
    hint: "say --format mail as well",
    exit: usage,
  }),
  inbox: (path: string, what: string, advice: string | undefined): Complaint => ({
    title: `cannot read ${path} as an archive: ${what}`,
    ...(advice === undefined ? {} : { hint: advice }),
    exit: usage,
  }),
  noArchive: (path: string): Complaint => ({
    title: `${path} is a git repository, but its commits hold no mails`,
    hint: "an archive of public-inbox, version 2, has one in the file m of each commit; version 1 is not read",
    exit: usage,
  }),
  noOutputDir: (): Complaint => ({
    title: "nothing says where the drafts go",
    hint: "name a folder: copylint inbox REPO --output-dir DIR",
    exit: usage,
  }),
  notAState: (path: string, wrong: string): Complaint => ({
    title: `${path} is no state of copylint inbox: ${wrong}`,
    hint: "name another file with --state",
    exit: usage,
  }),
  logWithoutState: (log: string, state: string): Complaint => ({
    title: `${log} is there, but the state that belongs to it is not in ${state}`,
    hint: "name the state with --state, or remove the log to begin anew",
    exit: usage,
  }),
  shortLog: (log: string, state: string): Complaint => ({
    title: `${log} is shorter than ${state} says, so lines of it are lost`,
    hint: "put it back; to begin a new log, begin with a new state, too, and with --since",
    exit: usage,
  }),
  otherShard: (state: string, shard: string): Complaint => ({
    title: `${state} is that of shard ${shard}`,
    hint: "name the same --shard again, or another --state",
    exit: usage,
  }),
  sinceWithState: (state: string): Complaint => ({
    title: `--since is for the first run, and ${state} says where the last one ended`,
    hint: "leave it out, or name another --state",
    exit: usage,
  }),
  noSuchCommit: (name: string): Complaint => ({
    title: `the archive has no commit '${name}'`,
    hint: "see git log in the repository",
    exit: usage,
  }),
  rewritten: (commit: string, state: string): Complaint => ({
    title: `the history of the archive was rewritten: it has no commit ${commit} any more, at which ${state} ended`,
    hint:
      "public-inbox does that to purge a mail; begin anew with another --output-dir, and --since COMMIT for the first " +
      "commit that is not to be read again",
    exit: usage,
  }),
  lockedState: (state: string, pid: number): Complaint => ({
    title: `process ${pid} works with ${state} already`,
    hint: "wait until it has ended",
    exit: usage,
  }),
  run: (message: string): Complaint => ({ title: message, hint: "see copylint run --help", exit: usage }),
  nothingToRun: (): Complaint => ({
    title: "nothing says what to run",
    hint: "give one of --function, --replay and --list; `copylint run SERIES --list` says what there is",
    exit: usage,
  }),
  noSuchRun: (prefix: string, executed: number): Complaint => ({
    title: `no finding with a run of the patch's own code has a fingerprint that starts with ${prefix}`,
    hint:
      executed === 0
        ? "no finding of these patches has such a run"
        : "`copylint check` prints the command for each finding that has one",
    exit: usage,
  }),
  variantRun: (prefix: string): Complaint => ({
    title: `the run of finding ${prefix} is one of the model, not of the patch's own code`,
    hint: "`copylint model` runs the model by hand",
    exit: usage,
  }),
  severalRuns: (prefix: string, fingerprints: readonly string[]): Complaint => ({
    title: `${fingerprints.length} findings have a fingerprint that starts with ${prefix}: ${fingerprints.join(", ")}`,
    hint: "give more digits",
    exit: usage,
  }),
  ciNoRange: (): Complaint => ({
    title: "nothing says which commits to review",
    hint: "give --base REV; in pull requests, merge requests and pushes to a branch that exists, the host says it",
    exit: usage,
  }),
  ciPaths: (): Complaint => ({
    title: "the range of commits is known, so paths have no place here",
    hint: "`copylint check` reviews paths; `copylint ci --patchwork` posts on patchwork what it finds in mails",
    exit: usage,
  }),
  ciEnvironment: (name: string, wrong: string): Complaint => ({
    title: `the environment variable ${name} ${wrong}`,
    hint: "see copylint ci --help",
    exit: usage,
  }),
  ciFromElsewhere: (): Complaint => ({
    title: "--from is for a workflow that GitHub starts when one for pull requests is done (on: workflow_run)",
    hint: "docs/github.md has both workflows",
    exit: usage,
  }),
  ciBadRecord: (path: string, wrong: string): Complaint => ({
    title: `${path} is not what copylint ci --save writes: ${wrong}`,
    hint: "nothing was posted",
    exit: usage,
  }),
  ciNotPosted: (host: string, why: string, refused: boolean): Complaint => ({
    title: `not posted to ${host}: ${why}`,
    hint: refused ? "look at the token, its rights, and the address" : "run it again later",
    exit: refused ? usage : clean,
  }),
  model: (message: string): Complaint => ({ title: message, hint: "see copylint model --help", exit: usage }),
  notReviewed: (subject: string, why: string): Complaint => ({
    title: `"${subject}" was not reviewed: ${why}`,
    hint: bug,
    exit: internal,
  }),
  crash: (error: unknown, doing: string): Complaint => ({
    title: `internal error while ${doing}: ${thrownText(error)}`,
    hint: bug,
    exit: internal,
  }),
} as const;

/** A complaint as it is printed on stderr: one line. */
export function complaintText(complaint: Complaint): string {
  const hint = complaint.hint === undefined ? "" : `; ${complaint.hint}`;
  return `copylint: ${printable(`${complaint.title}${hint}`)}\n`;
}

/** Thrown by a subcommand to end the program with a complaint. */
export class Refusal extends Error {
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super(complaint.title);
    this.complaint = complaint;
  }
}
