import { schema as published } from "@octokit/graphql-schema";
import { buildSchema, GraphQLError, graphql } from "graphql";
import { wrongWith } from "./openapi.ts";
import { type Asked, type DiffFile, linesOf, paged, type Reply, type Server, startServer } from "./server.ts";

// A GitHub with one repository: it keeps what is posted, and refuses what GitHub refuses.

const schema = buildSchema(published.idl, { assumeValid: true });

/** What a token may do. */
export interface Right {
  readonly login: string;
  readonly comment?: boolean;
  readonly check?: boolean;
  /** Resolving threads takes more than commenting. */
  readonly resolve?: boolean;
}

export interface Comment {
  readonly id: string;
  readonly body: string;
  readonly author: string;
  minimized: boolean;
}

export interface Thread {
  readonly id: string;
  readonly path: string;
  readonly line: number;
  readonly startLine: number | null;
  resolved: boolean;
  readonly comments: Comment[];
}

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly head_sha: string;
  readonly external_id: string;
  status: string;
  conclusion: string | null;
  output: { title: string; summary: string; annotations: Annotation[] };
}

interface Annotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: string;
  readonly title: string;
  readonly message: string;
}

export interface Github extends Server {
  /** By token. */
  readonly rights: Map<string, Right>;
  /** The pull request, which is number 7. */
  pull: { head: string; owner: string; branch: string; repositoryId: number; files: readonly DiffFile[] };
  readonly threads: Thread[];
  readonly reviews: { readonly body: string; readonly comments: number }[];
  readonly checks: CheckRun[];
  /** Requests that changed something. */
  readonly changes: () => readonly Asked[];
  /** Somebody answers in a thread. */
  readonly answer: (thread: Thread, author: string, body: string) => void;
}

interface NewComment {
  readonly path: string;
  readonly body: string;
  readonly line?: number;
  readonly side?: string;
  readonly start_line?: number;
  readonly start_side?: string;
}

const forbidden: Reply = { status: 403, json: { message: "Resource not accessible by integration", status: "403" } };
const unprocessable = (message: string): Reply => ({
  status: 422,
  json: { message: "Unprocessable Entity", errors: [message] },
});

export const repository = "quarry/linux";

export async function startGithub(): Promise<Github> {
  const top = `/repos/${repository}`;
  const rights = new Map<string, Right>();
  const [threads, reviews, checks]: [Thread[], { body: string; comments: number }[], CheckRun[]] = [[], [], []];
  const state: { pull: Github["pull"] } = {
    pull: { head: "", owner: "quarry", branch: "topic", repositoryId: 1, files: [] },
  };
  let ids = 0;

  const rightOf = (asked: Asked): Right | undefined =>
    rights.get(/^Bearer (.*)$/.exec(asked.headers.authorization ?? "")?.[1] ?? "");

  /** What is wrong with a comment; the diff decides. */
  function misplaced({ path, body, line, side, start_line, start_side }: NewComment): string | undefined {
    const file = state.pull.files.find(({ name }) => name === path);
    if (file === undefined) return "Path could not be resolved";
    if (body.length > 65_536) return "Body is too long";
    const lines = linesOf(file.diff);
    const at = line === undefined ? undefined : lines.get(line);
    if (at === undefined || side !== "RIGHT") return "Line could not be resolved";
    if (start_line === undefined) return undefined;
    if (start_side !== "RIGHT" || line === undefined || start_line >= line)
      return "Start line must precede the end line";
    return lines.get(start_line)?.hunk === at.hunk ? undefined : "Start line must be part of the same hunk as the line";
  }

  function add({ path, body, line = 0, start_line = undefined }: NewComment, author: string): void {
    const comment = { id: `PRRC_${++ids}`, body, author, minimized: false };
    threads.push({
      id: `PRRT_${++ids}`,
      path,
      line,
      startLine: start_line ?? null,
      resolved: false,
      comments: [comment],
    });
  }

  const pullJson = () => ({
    number: 7,
    state: "open",
    head: { sha: state.pull.head, ref: state.pull.branch, repo: { id: state.pull.repositoryId } },
  });

  function checkReply(asked: Asked, method: string): Reply {
    const body = asked.body as Partial<CheckRun> & { output?: Partial<CheckRun["output"]> };
    const added = body.output?.annotations ?? [];
    if (added.length > 50) return unprocessable("annotations exceeds a maximum quantity of 50");
    if ((body.output?.summary?.length ?? 0) > 65_535) return unprocessable("summary is too long");
    if (added.some(({ message, title }) => message.length > 65_536 || title.length > 255))
      return unprocessable("an annotation is too long");
    let run = checks.find(({ id }) => asked.path.endsWith(`/${id}`));
    if (method === "POST") {
      run = {
        id: ++ids,
        name: body.name ?? "",
        head_sha: body.head_sha ?? "",
        external_id: body.external_id ?? "",
        status: "queued",
        conclusion: null,
        output: { title: "", summary: "", annotations: [] },
      };
      checks.push(run);
    }
    if (run === undefined) return { status: 404, json: { message: "Not Found" } };
    run.status = body.status ?? run.status;
    run.conclusion = body.conclusion ?? run.conclusion;
    const { title = "", summary = "" } = body.output ?? {};
    run.output = { title, summary, annotations: [...run.output.annotations, ...added] };
    return { status: method === "POST" ? 201 : 200, json: runJson(run) };
  }

  const runJson = ({ output, ...run }: CheckRun) => ({
    ...run,
    output: { title: output.title, summary: output.summary, annotations_count: output.annotations.length },
  });

  async function graphqlReply(asked: Asked, right: Right): Promise<Reply> {
    const { query, variables } = asked.body as { query: string; variables: Record<string, unknown> };
    const refuse = (type: string, message: string): never => {
      throw new GraphQLError(message, { extensions: { type } });
    };
    const commentNode = (comment: Comment) => ({
      id: comment.id,
      body: comment.body,
      viewerDidAuthor: comment.author === right.login,
      isMinimized: comment.minimized,
    });
    const connection = <T>(all: readonly T[], first: number, after: string | null, node: (one: T) => unknown) => {
      const from = after === null || after === undefined ? 0 : Number(after);
      const end = from + Math.min(first, 100);
      return {
        totalCount: all.length,
        pageInfo: { hasNextPage: end < all.length, endCursor: String(end) },
        nodes: all.slice(from, end).map(node),
      };
    };
    const root = {
      repository: ({ owner, name }: { owner: string; name: string }) =>
        `${owner}/${name}` !== repository
          ? null
          : {
              pullRequest: ({ number }: { number: number }) =>
                number !== 7
                  ? null
                  : {
                      reviewThreads: ({ first, after }: { first: number; after: string | null }) =>
                        connection(threads, first, after, (thread) => ({
                          id: thread.id,
                          isResolved: thread.resolved,
                          comments: (args: { first: number; after: string | null }) =>
                            connection(thread.comments, args.first, args.after, commentNode),
                        })),
                    },
            },
      resolveReviewThread: ({ input }: { input: { threadId: string } }) => {
        if (!right.resolve) refuse("FORBIDDEN", "Resource not accessible by integration");
        const thread = threads.find(({ id }) => id === input.threadId);
        if (thread === undefined) return refuse("NOT_FOUND", "Could not resolve to a node");
        thread.resolved = true;
        return { thread: { id: thread.id, isResolved: true } };
      },
      minimizeComment: ({ input }: { input: { subjectId: string } }) => {
        if (!right.comment) refuse("FORBIDDEN", "Resource not accessible by integration");
        const comment = threads.flatMap((thread) => thread.comments).find(({ id }) => id === input.subjectId);
        if (comment === undefined) return refuse("NOT_FOUND", "Could not resolve to a node");
        comment.minimized = true;
        return { minimizedComment: { __typename: "PullRequestReviewComment", isMinimized: true } };
      },
    };
    const { data, errors } = await graphql({ schema, source: query, rootValue: root, variableValues: variables });
    if (errors === undefined) return { status: 200, json: { data } };
    const said = errors.map((error) => ({ type: error.extensions.type, message: error.message, path: error.path }));
    for (const error of errors)
      if (error.extensions.type === undefined) server.complaints.push(`GraphQL: ${error.message}`);
    return { status: 200, json: { data, errors: said } };
  }

  async function answer(asked: Asked): Promise<Reply> {
    const right = rightOf(asked);
    if (right === undefined) return { status: 401, json: { message: "Bad credentials" } };
    const { method, path, query } = asked;
    if (path === "/graphql") return graphqlReply(asked, right);
    switch (`${method} ${path.replace(/\/check-runs\/\d+$/, "/check-runs/N").replace(/[0-9a-f]{40}/, "SHA")}`) {
      case `GET ${top}/pulls/7`:
        return { status: 200, json: pullJson() };
      case `GET ${top}/pulls`: {
        const { owner, branch } = state.pull;
        return paged(asked, query.get("head") === `${owner}:${branch}` ? [pullJson()] : [], (items) => items, 30);
      }
      case `GET ${top}/pulls/7/files`: {
        const files = state.pull.files.map(({ name, diff }) => ({ filename: name, status: "modified", patch: diff }));
        return paged(asked, files, (items) => items, 30);
      }
      case `POST ${top}/pulls/7/reviews`: {
        if (!right.comment) return forbidden;
        const {
          comments = [],
          body,
          commit_id,
        } = asked.body as { comments?: NewComment[]; body: string; commit_id: string };
        if (commit_id !== state.pull.head) return unprocessable("commit_id is not part of the pull request");
        const wrong = comments.map(misplaced).find((each) => each !== undefined);
        if (wrong !== undefined) return unprocessable(wrong);
        for (const comment of comments) add(comment, right.login);
        reviews.push({ body, comments: comments.length });
        return { status: 200, json: { id: ++ids } };
      }
      case `POST ${top}/pulls/7/comments`: {
        if (!right.comment) return forbidden;
        const comment = asked.body as NewComment;
        const wrong = misplaced(comment);
        if (wrong !== undefined) return unprocessable(wrong);
        add(comment, right.login);
        return { status: 201, json: { id: ++ids } };
      }
      case `GET ${top}/commits/SHA/check-runs`: {
        const sha = /[0-9a-f]{40}/.exec(path)?.[0];
        const mine = checks.filter(({ head_sha, name }) => head_sha === sha && name === query.get("check_name"));
        return paged(asked, mine.map(runJson), (items) => ({ total_count: mine.length, check_runs: items }), 30);
      }
      case `POST ${top}/check-runs`:
      case `PATCH ${top}/check-runs/N`:
        return right.check ? checkReply(asked, method) : forbidden;
      default:
        return { status: 404, json: { message: "Not Found" } };
    }
  }

  const server = await startServer(answer, (asked) => (asked.path === "/graphql" ? undefined : wrongWith(asked)));
  return Object.assign(state, server, {
    rights,
    threads,
    reviews,
    checks,
    changes: () =>
      server.asked.filter(({ method, path, body }) =>
        path === "/graphql" ? /^\s*mutation/.test((body as { query: string }).query) : method !== "GET",
      ),
    answer: (thread: Thread, author: string, body: string) => {
      thread.comments.push({ id: `PRRC_${++ids}`, body, author, minimized: false });
    },
  });
}
