import { type GithubClients, type GithubTarget, type Posted, postToGithub } from "../ci/github.ts";
import { postToGitlab } from "../ci/gitlab.ts";
import { checksOf, postToPatchwork } from "../ci/patchwork.ts";
import { mostRecordBytes, readRecord } from "../ci/read-record.ts";
import { type Head, type ReviewRecord, recordOf } from "../ci/record.ts";
import { commitAt, field, listAt, numberAt, textAt } from "../ci/reply.ts";
import { recordSummary } from "../ci/summary.ts";
import type { Review } from "../finding/review.ts";
import { type Client, type ClientOptions, HttpError } from "../host/http.ts";
import { githubLog, githubReport } from "../report/github.ts";
import type { View } from "../report/reporter.ts";
import { terminalReport } from "../report/terminal.ts";
import type { Series } from "../series/series.ts";
import { printable, printableJson } from "../text/printable.ts";
import {
  codesOf,
  grave,
  problemLine,
  reviewed,
  ruleIds,
  type Steps,
  viewOf,
  withMail,
  writeFiles,
  written,
} from "./check.ts";
import { githubAccess, githubEvent, type Place, placeOf } from "./ci-place.ts";
import { type Complaint, combined, complaints, type ExitCode, exitCode, Refusal } from "./complaint.ts";
import type { Io } from "./io.ts";
import type { CiOptions } from "./program.ts";
import { inForce } from "./settings.ts";
import { complain } from "./terminal.ts";

/** The steps of `copylint ci`: those of a check, and what else touches the outside. */
export interface CiSteps extends Steps {
  readonly connect: (options: ClientOptions) => Client;
  /** Reads a text file of at most so many bytes; throws an Error that says why it cannot. */
  readonly readText: (path: string, most: number) => string;
  /** The files of a commit in the repository of the current folder; those that are wanted are read together. */
  readonly headOf: (commit: string, wanted: readonly string[]) => Head;
  readonly version: string;
}

/** Bytes that the event of a workflow may have. */
const mostEventBytes = 32 * 1024 * 1024;

function githubClients(
  access: { api: string; graphql: string },
  token: string,
  { connect, version }: CiSteps,
): GithubClients {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "user-agent": `copylint/${version}`,
  };
  const to = (base: string): Client => connect({ base, headers, secret: token });
  return { rest: to(access.api), graphql: to(access.graphql) };
}

function hostClient(
  { api, token }: { api: string; token: string | undefined },
  header: string,
  scheme: string,
  { connect, version }: CiSteps,
): Client {
  const secret = token ?? "";
  const headers = { "user-agent": `copylint/${version}`, accept: "application/json" };
  return connect({
    base: api,
    headers: token === undefined ? headers : { ...headers, [header]: `${scheme}${token}` },
    secret,
  });
}

/** What is said of a host that did not take the review. */
function troubleWith(host: string, error: unknown): Complaint {
  if (!(error instanceof HttpError)) throw error;
  return complaints.ciNotPosted(host, error.message, error.kind === "refused");
}

/** GitHub's runner obeys `##[command]` anywhere in a line, also on stderr, where our lines quote paths and subjects. */
function calm(io: Io): Io {
  const { stderr } = io;
  return { ...io, stderr: { isTTY: stderr.isTTY, write: (text) => stderr.write(text.replaceAll("##[", "# #[")) } };
}

/** Lines for the log. */
const say = (io: Io, lines: readonly string[]): void => {
  for (const line of lines) io.stdout.write(`copylint: ${printable(line)}\n`);
};

/** The pull request that a workflow was run for, as GitHub says, not the workflow. */
async function pullOf(event: unknown, repository: string, { rest }: GithubClients): Promise<GithubTarget> {
  const run = field(event, "workflow_run");
  const head = commitAt(run, "head_sha");
  if (head === undefined || textAt(run, "event") !== "pull_request") throw new Refusal(complaints.ciFromElsewhere());
  // The event does not name pull requests that come from forks.
  const [owner, branch] = [textAt(run, "head_repository", "owner", "login"), textAt(run, "head_branch")];
  // It does name those that go from here to another repository.
  const here = numberAt(event, "repository", "id");
  const named = listAt(run, "pull_requests").filter(
    (pull) => commitAt(pull, "head", "sha") === head && numberAt(pull, "base", "repo", "id") === here,
  );
  const asked =
    named.length > 0 || owner === undefined || branch === undefined
      ? named
      : await rest.pages(
          `/repos/${repository}/pulls?state=open&head=${encodeURIComponent(`${owner}:${branch}`)}&per_page=100`,
        );
  const from = numberAt(run, "head_repository", "id");
  const pulls = asked.filter(
    (pull) =>
      commitAt(pull, "head", "sha") === head && (named.length > 0 || numberAt(pull, "head", "repo", "id") === from),
  );
  const number = pulls.length === 1 ? numberAt(pulls[0], "number") : undefined;
  return { repository, pull: number, head };
}

/** The privileged half of two workflows: posts what the other one found. */
async function postFrom(path: string, options: CiOptions, io: Io, steps: CiSteps): Promise<ExitCode> {
  const access = githubAccess(io.env);
  const event = githubEvent(io.env, (name) => steps.readText(name, mostEventBytes));
  if (access.token === undefined) return complain(io, complaints.ciEnvironment("GITHUB_TOKEN", "is not set"));
  let record: ReviewRecord;
  try {
    record = readRecord(steps.readText(path, mostRecordBytes));
  } catch (error) {
    return complain(io, complaints.ciBadRecord(path, (error as Error).message));
  }
  const summary = io.env.GITHUB_STEP_SUMMARY;
  if (summary) written(summary, recordSummary(record, 300_000, "the file of the other workflow"), "append", io, steps);
  try {
    const clients = githubClients(access, access.token, steps);
    const target = await pullOf(event, access.repository, clients);
    if (target.pull === undefined)
      say(io, ["no open pull request has this commit as its head, so there are no comments"]);
    const failed = record.points.some(({ level }) => level !== "note" && grave[options.failOn].includes(level));
    const { lines, checked } = await postToGithub(record, clients, target, { mostComments: options.comments, failed });
    say(io, lines);
    return checked
      ? exitCode.clean
      : complain(io, complaints.ciNotPosted("GitHub", "the token may not make a check", true));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    // Posting is all that this half is for.
    complain(io, troubleWith("GitHub", error));
    return exitCode.usage;
  }
}

/** What a host is told. */
interface Told {
  readonly record: ReviewRecord;
  readonly review: Review;
  readonly series: readonly Series[];
  readonly view: View;
  /** Findings at or above `--fail-on`. */
  readonly failed: boolean;
}

/** A host that is down for now is no fault of the patches, nor of the set-up: the findings are in the log all the same. */
function notPosted(host: string, error: unknown, io: Io): readonly ExitCode[] {
  const code = complain(io, troubleWith(host, error));
  return code === exitCode.usage ? [code] : [];
}

/**
 * A check and comments, with a token that may do so. Without them, the findings are annotations by workflow commands: they
 * would be shown twice beside a check.
 */
async function tellGithub(
  place: Place & { host: "github" },
  { record, review, view, failed }: Told,
  options: CiOptions,
  io: Io,
  steps: CiSteps,
): Promise<readonly ExitCode[]> {
  const { access, target } = place;
  const codes: ExitCode[] = [];
  let posted: Posted = { lines: [], checked: false };
  if (access.token !== undefined) {
    try {
      const clients = githubClients(access, access.token, steps);
      posted = await postToGithub(record, clients, target, { mostComments: options.comments, failed });
    } catch (error) {
      codes.push(...notPosted("GitHub", error, io));
    }
  }
  const plain = { ...view, color: false, width: 80 };
  io.stdout.write(posted.checked ? githubLog(review, plain) : githubReport(review, plain));
  const summary = io.env.GITHUB_STEP_SUMMARY;
  if (summary && !options.files.some(({ path }) => path === summary))
    codes.push(...writeFiles(review, view, [{ format: "github-summary", path: summary }], io, steps));
  say(io, posted.lines);
  return codes;
}

async function tellGitlab(
  { access, target }: Place & { host: "gitlab" },
  { record, review, view }: Told,
  { comments }: CiOptions,
  io: Io,
  steps: CiSteps,
): Promise<readonly ExitCode[]> {
  io.stdout.write(terminalReport(review, view));
  if (target === undefined || access.token === undefined) return [];
  try {
    say(io, await postToGitlab(record, hostClient(access, "private-token", "", steps), target, comments));
    return [];
  } catch (error) {
    return notPosted("GitLab", error, io);
  }
}

async function tellPatchwork(
  { access, url }: Place & { host: "patchwork" },
  { review, series, view }: Told,
  io: Io,
  steps: CiSteps,
): Promise<readonly ExitCode[]> {
  io.stdout.write(terminalReport(review, view));
  try {
    const client = hostClient(access, "authorization", "Token ", steps);
    say(io, await postToPatchwork(checksOf(review, series), client, url));
    return [];
  } catch (error) {
    return [complain(io, troubleWith("patchwork", error)), exitCode.usage];
  }
}

/** What is to be reviewed: what the host says, or what was given. */
function pathsOf(given: readonly string[], place: Place): readonly string[] {
  const range = place.host === "patchwork" ? undefined : place.range;
  if (range !== undefined && given.length > 0) throw new Refusal(complaints.ciPaths());
  if (range !== undefined) return [range];
  if (given.length > 0) return given;
  throw new Refusal(place.host === "patchwork" ? complaints.nothingToCheck("ci --patchwork") : complaints.ciNoRange());
}

/**
 * `copylint ci`: reviews what a pull request, a merge request or a push brings, as `copylint check` does, and reports in the
 * way of the host. Returns the exit code.
 */
export async function ci(given: readonly string[], options: CiOptions, own: Io, steps: CiSteps): Promise<ExitCode> {
  if (options.from !== undefined) return postFrom(options.from, options, calm(own), steps);
  const place = placeOf(options, own.env, (path) => steps.readText(path, mostEventBytes));
  const io = place.host === "github" ? calm(own) : own;
  const paths = pathsOf(given, place);
  // What the author of a patch says against a finding is shown beside it, and does not take it away.
  const { options: set } = await inForce({ ...options, authorIgnores: false }, io, ruleIds());
  const { review, input } = await reviewed(paths, set, io, steps);

  for (const problem of review.problems) io.stderr.write(problemLine(problem));
  const unread = review.problems.some(({ kind }) => kind === "unreadable");
  if ("head" in place && input.series.length === 0 && unread) io.stderr.write(shallow);
  const codes: ExitCode[] = [...codesOf(review, set)];
  const failed = codes.includes(exitCode.findings);

  const formats = set.files.map(({ format }) => format);
  const view = await withMail(
    viewOf(paths, { ...set, color: undefined }, input, formats, io, steps),
    formats,
    undefined,
  );
  codes.push(...writeFiles(review, view, set.files, io, steps));
  const files = [...new Set(review.findings.flatMap(({ file }) => file ?? []))];
  const head = "head" in place ? steps.headOf(place.head, files) : () => undefined;
  const record = recordOf(review, input.series, head, set.rules.length === 0 && set.run);
  const told = { record, review, series: input.series, view, failed };
  if (options.save !== undefined) {
    const text = `${printableJson(JSON.stringify(record, null, 1))}\n`;
    codes.push(...written(options.save, text, "replace", io, steps));
  }

  if (place.host === "github") codes.push(...(await tellGithub(place, told, options, io, steps)));
  else if (place.host === "gitlab") codes.push(...(await tellGitlab(place, told, options, io, steps)));
  else if (place.host === "patchwork") codes.push(...(await tellPatchwork(place, told, io, steps)));
  else io.stdout.write(terminalReport(review, view));
  return combined(codes);
}

const shallow =
  "copylint: CI often fetches one commit only: all are there with fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 for GitLab\n";
