import { fingerprint } from "../finding/fingerprint.ts";
import { type Client, HttpError } from "../host/http.ts";
import { printable } from "../text/printable.ts";
import { type Choice, type Chosen, choose, countsText, standing } from "./choose.ts";
import { commentBody, githubDialect, keyIn, plainText } from "./comment.ts";
import { cut, plural } from "./fit.ts";
import { type Shown, shownLines } from "./hunks.ts";
import { countsOf, type Point, type ReviewRecord } from "./record.ts";
import { commitAt, field, listAt, numberAt, textAt } from "./reply.ts";
import { recordSummary } from "./summary.ts";

/** Both APIs of a GitHub, with one token. */
export interface GithubClients {
  readonly rest: Client;
  readonly graphql: Client;
}

/** What a review is posted to. */
export interface GithubTarget {
  /** `owner/name`. */
  readonly repository: string;
  /** Number of the pull request; undefined for a push. */
  readonly pull: number | undefined;
  /** Full id of the commit that was reviewed. */
  readonly head: string;
}

/** How it is posted. */
export interface GithubPosting {
  /** Comments on one pull request, at most. */
  readonly mostComments: number;
  /** Whether the check is to fail. */
  readonly failed: boolean;
}

/** What was posted, in sentences for the log, and whether the findings are where the pull request shows them. */
export interface Posted {
  readonly lines: readonly string[];
  /** A check was made that shows all findings, so that nothing else need show them. */
  readonly checked: boolean;
}

/** GitHub takes so many annotations in one request. */
const batch = 50;
const mostSummary = 65_000;

const levels = { error: "failure", warning: "warning", check: "notice", note: "notice" } as const;

/** Whether GitHub does not let this token do it, as it is with the tokens of pull requests from forks. */
const isForbidden = (error: unknown): boolean =>
  error instanceof HttpError && error.status === 403 && error.kind === "refused";

/** A thread of comments that copylint began. */
interface Thread {
  readonly id: string;
  readonly comment: string;
  readonly key: string;
  /** It is closed, or folded away. */
  readonly done: boolean;
  readonly replied: boolean;
}

const threadsQuery = `query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          isResolved
          comments(first: 1) { totalCount nodes { id body viewerDidAuthor isMinimized } }
        }
      }
    }
  }
}`;

const resolveMutation = `mutation($thread: ID!) {
  resolveReviewThread(input: { threadId: $thread }) { thread { id isResolved } }
}`;

const foldMutation = `mutation($comment: ID!) {
  minimizeComment(input: { subjectId: $comment, classifier: OUTDATED }) { minimizedComment { isMinimized } }
}`;

/** Asks GraphQL, which says with status 200 that it refuses. Questions, and the changes that are made here, may be repeated. */
async function ask(client: Client, query: string, variables: object): Promise<unknown> {
  const { json } = await client.send("POST", "", { query, variables }, { repeatable: true });
  const [error] = listAt(json, "errors");
  if (error === undefined) return field(json, "data");
  const type = textAt(error, "type") ?? "";
  const why = cut(textAt(error, "message") ?? "it does not say why", 200);
  if (type === "RATE_LIMITED") throw new HttpError("busy", 200, `GraphQL: ${why}`);
  throw new HttpError("refused", type === "FORBIDDEN" || type === "INSUFFICIENT_SCOPES" ? 403 : 200, `GraphQL: ${why}`);
}

/** The threads that this token's owner began with a comment of copylint's: the marker alone can be forged. */
async function ownThreads({ graphql }: GithubClients, { repository, pull }: GithubTarget): Promise<readonly Thread[]> {
  const [owner, name] = repository.split("/");
  const threads: Thread[] = [];
  let after: string | null = null;
  do {
    const data = await ask(graphql, threadsQuery, { owner, name, number: pull, after });
    const page = field(data, "repository", "pullRequest", "reviewThreads");
    // Without the threads, everything would be said once more.
    if (page === undefined) throw new HttpError("refused", 200, "GraphQL: it does not know the pull request");
    for (const node of listAt(page, "nodes")) {
      const [first] = listAt(node, "comments", "nodes");
      const [id, comment] = [textAt(node, "id"), textAt(first, "id")];
      const key = keyIn(textAt(first, "body") ?? "");
      if (id === undefined || comment === undefined || key === undefined) continue;
      if (field(first, "viewerDidAuthor") !== true) continue;
      const done = field(node, "isResolved") === true || field(first, "isMinimized") === true;
      threads.push({ id, comment, key, done, replied: (numberAt(node, "comments", "totalCount") ?? 0) > 1 });
    }
    after = field(page, "pageInfo", "hasNextPage") === true ? (textAt(page, "pageInfo", "endCursor") ?? null) : null;
  } while (after !== null);
  return threads;
}

/** The lines that the pull request shows, by file. */
async function shownFiles(
  { rest }: GithubClients,
  { repository, pull }: GithubTarget,
): Promise<ReadonlyMap<string, Shown>> {
  const files = await rest.pages(`/repos/${repository}/pulls/${pull}/files?per_page=100`);
  return new Map(
    files.flatMap((file): [string, Shown][] => {
      const [name, patch] = [textAt(file, "filename"), textAt(file, "patch")];
      return name === undefined || patch === undefined ? [] : [[name, shownLines(patch)]];
    }),
  );
}

/** A comment as both ways of posting take it. */
function commentOf({ point, path, line, lastLine, suggestion }: Chosen): object {
  const body = commentBody(point, githubDialect, suggestion);
  const start = lastLine > line ? { start_line: line, start_side: "RIGHT" } : {};
  return { path, body, line: lastLine, side: "RIGHT", ...start };
}

/** Posts all comments together, as one review, so that people get one mail; or, if GitHub does not take one of them, each. */
async function postReview(
  { rest }: GithubClients,
  target: GithubTarget,
  chosen: readonly Chosen[],
  body: string,
): Promise<readonly Chosen[]> {
  const path = `/repos/${target.repository}/pulls/${target.pull}`;
  try {
    const comments = chosen.map(commentOf);
    await rest.send("POST", `${path}/reviews`, { commit_id: target.head, event: "COMMENT", body, comments });
    return chosen;
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 422) throw error;
  }
  const taken: Chosen[] = [];
  for (const one of chosen) {
    try {
      await rest.send("POST", `${path}/comments`, { commit_id: target.head, ...commentOf(one) });
      taken.push(one);
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 422) throw error;
    }
  }
  return taken;
}

/** Closes the threads whose points are gone, unless somebody said something there. Returns how many. */
async function closeGone(
  { graphql }: GithubClients,
  threads: readonly Thread[],
  keys: ReadonlySet<string>,
): Promise<number> {
  const gone = threads.filter(({ key, done, replied }) => !done && !replied && !keys.has(key));
  let mayResolve = true;
  for (const { id, comment } of gone) {
    try {
      if (mayResolve) {
        await ask(graphql, resolveMutation, { thread: id });
        continue;
      }
    } catch (error) {
      // To resolve threads takes the right to write to the repository; to fold one's own comments does not.
      if (!isForbidden(error)) throw error;
      mayResolve = false;
    }
    await ask(graphql, foldMutation, { comment });
  }
  return gone.length;
}

interface Discussed {
  readonly lines: readonly string[];
  /** Keys of the points that an open comment shows. */
  readonly shown: ReadonlySet<string>;
  readonly commented: number;
}

/** Comments on the pull request: new points get one, those that are gone lose theirs. */
async function discuss(
  record: ReviewRecord,
  clients: GithubClients,
  target: GithubTarget,
  most: number,
): Promise<Discussed> {
  const { points } = record;
  const none = { shown: new Set<string>(), commented: 0 };
  const pull = (await clients.rest.send("GET", `/repos/${target.repository}/pulls/${target.pull}`)).json;
  if (commitAt(pull, "head", "sha") !== target.head)
    return { ...none, lines: ["the pull request has moved on since, so there are no comments on this state of it"] };
  const files = await shownFiles(clients, target);
  const lines: string[] = [];
  const done = await clients.rest.persist(async () => {
    const threads = await ownThreads(clients, target);
    const known = new Set(threads.map(({ key }) => key));
    const choice: Choice = choose(points, (path) => files.get(path), known, most);
    const body = `copylint: ${countsOf(record)}; ${countsText(choice.commented, record, "in the check named copylint")}.`;
    const posted = choice.fresh.length === 0 ? [] : await postReview(clients, target, choice.fresh, body);
    return {
      threads,
      posted,
      commented: choice.commented - choice.fresh.length + posted.length,
      wanted: choice.fresh.length,
    };
  });
  if (done.posted.length > 0) lines.push(`posted ${plural(done.posted.length, "comment")}`);
  if (done.posted.length < done.wanted)
    lines.push(`GitHub refused the lines of ${plural(done.wanted - done.posted.length, "comment")}`);
  const closed = record.complete ? await closeGone(clients, done.threads, standing(points)) : 0;
  if (closed > 0) lines.push(`closed ${plural(closed, "thread")} whose point is gone`);
  const open = done.threads.filter((thread) => !thread.done).map(({ key }) => key);
  return { lines, shown: new Set([...open, ...done.posted.map(({ point }) => point.key)]), commented: done.commented };
}

function annotationOf({ at, level, rule, ...point }: Point): readonly object[] {
  if (at === null) return [];
  return [
    {
      path: at.path,
      start_line: at.line,
      end_line: at.lastLine,
      annotation_level: levels[level],
      title: cut(printable(`copylint: ${level} ${rule}`), 250),
      message: cut(plainText({ at, level, rule, ...point }), 15_000),
    },
  ];
}

/**
 * Makes the check: its summary has all findings, and those without a comment are annotations. The same check of the same
 * commit is not made twice, and one that was begun is brought to its end.
 */
async function check(
  { rest }: GithubClients,
  { repository, head }: GithubTarget,
  output: { readonly title: string; readonly summary: string; readonly annotations: readonly object[] },
  failed: boolean,
): Promise<void> {
  const runs = `/repos/${repository}/check-runs`;
  const id = `copylint ${fingerprint("", "", "", JSON.stringify([output, failed]), 0)}`;
  const { title, summary, annotations } = output;
  await rest.persist(async () => {
    const found = await rest.pages(
      `/repos/${repository}/commits/${head}/check-runs?check_name=copylint&filter=all&per_page=100`,
      (body) => field(body, "check_runs"),
    );
    const mine = found.find((run) => textAt(run, "external_id") === id);
    let run = numberAt(mine, "id");
    if (textAt(mine, "status") === "completed") return;
    let sent = numberAt(mine, "output", "annotations_count") ?? 0;
    do {
      const next = annotations.slice(sent, sent + batch);
      const last = sent + next.length >= annotations.length;
      const state = last
        ? { status: "completed", conclusion: failed ? "failure" : "success" }
        : { status: "in_progress" };
      const body = { ...state, output: { title, summary, annotations: next } };
      const begun = { name: "copylint", head_sha: head, external_id: id, ...body };
      const { json } = await (run === undefined
        ? rest.send("POST", runs, begun)
        : rest.send("PATCH", `${runs}/${run}`, body));
      run ??= numberAt(json, "id");
      if (run === undefined) throw new HttpError("refused", 200, `POST ${runs}: the answer names no check`);
      sent += next.length;
    } while (sent < annotations.length);
  });
}

/**
 * Posts a review on GitHub: comments on the lines that the pull request shows, and a check that has everything. What the
 * token may not do is left out, and said.
 *
 * @throws HttpError for any other failure.
 */
export async function postToGithub(
  record: ReviewRecord,
  clients: GithubClients,
  target: GithubTarget,
  { mostComments, failed }: GithubPosting,
): Promise<Posted> {
  const { points } = record;
  let discussed: Discussed = { lines: [], shown: new Set(), commented: 0 };
  const lines: string[] = [];
  if (target.pull !== undefined) {
    try {
      discussed = await discuss(record, clients, target, mostComments);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      lines.push("the token may not comment, as is usual for pull requests from forks");
    }
  }
  lines.push(...discussed.lines);
  const left = points.filter(({ key }) => !discussed.shown.has(key)).flatMap(annotationOf);
  const summary = recordSummary(record, mostSummary, "the log of the step that made this check");
  let checked = true;
  try {
    const output = { title: countsOf(record), summary, annotations: left };
    await check(clients, target, output, failed || record.unread || record.notReviewed > 0);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    checked = false;
    lines.push("the token may not make a check");
  }
  lines.push(
    countsText(discussed.commented, record, checked ? "in the summary of the check" : "in the summary of the step"),
  );
  return { lines, checked };
}
