import type { GithubTarget } from "../ci/github.ts";
import type { GitlabTarget } from "../ci/gitlab.ts";
import { commitAt, field, numberAt } from "../ci/reply.ts";
import { complaints, Refusal } from "./complaint.ts";
import type { Io } from "./io.ts";
import type { CiOptions } from "./program.ts";

type Env = Io["env"];

/** An API and the right to use it; no token, no posting. */
interface Access {
  readonly api: string;
  readonly token: string | undefined;
}

/** Where a review is made, what of, and where it can be posted. */
export type Place =
  | {
      readonly host: "github";
      /** A git range. */
      readonly range: string;
      readonly head: string;
      readonly access: Access & { readonly graphql: string };
      readonly target: GithubTarget;
    }
  | {
      readonly host: "gitlab";
      readonly range: string;
      readonly head: string;
      readonly access: Access;
      /** Undefined where there is no merge request. */
      readonly target: GitlabTarget | undefined;
    }
  | {
      readonly host: "patchwork";
      readonly access: Access & { readonly token: string };
      readonly url: string | undefined;
    }
  | { readonly host: "plain"; readonly range: string | undefined };

/** A variable that is set, and to something. */
const set = (env: Env, name: string): string | undefined => (env[name] === "" ? undefined : env[name]);

/** A token, without the line end that often comes along; what is none would be quoted by whoever refuses it as a header. */
function tokenIn(env: Env, name: string): string | undefined {
  const token = env[name]?.trim() ?? "";
  if (/[^!-~]/.test(token)) throw new Refusal(complaints.ciEnvironment(name, "has characters in it that no token has"));
  return token === "" ? undefined : token;
}

/** The variable of an id of a commit, which may be all zeros for none. */
const commit = (env: Env, name: string): string | undefined => commitAt({ at: env[name] }, "at");

/** A range with what was asked for as its base, or what the host says it is. */
function rangeOf(
  options: CiOptions,
  base: string | undefined,
  head: string | undefined,
): { range: string; head: string } {
  const from = options.base ?? base;
  if (from === undefined || head === undefined) throw new Refusal(complaints.ciNoRange());
  return { range: `${from}..${head}`, head };
}

/** The event of GitHub's that started the workflow, as its runner wrote it down. */
export function githubEvent(env: Env, readText: (path: string) => string): unknown {
  const path = set(env, "GITHUB_EVENT_PATH");
  if (path === undefined) throw new Refusal(complaints.ciEnvironment("GITHUB_EVENT_PATH", "is not set"));
  try {
    return JSON.parse(readText(path));
  } catch {
    throw new Refusal(complaints.ciEnvironment("GITHUB_EVENT_PATH", "names no file with an event in JSON"));
  }
}

export function githubAccess(env: Env): Access & { readonly graphql: string; readonly repository: string } {
  const repository = set(env, "GITHUB_REPOSITORY");
  if (repository === undefined || !/^[\w.-]+\/[\w.-]+$/.test(repository))
    throw new Refusal(complaints.ciEnvironment("GITHUB_REPOSITORY", "names no repository as OWNER/NAME"));
  return {
    api: set(env, "GITHUB_API_URL") ?? "https://api.github.com",
    graphql: set(env, "GITHUB_GRAPHQL_URL") ?? "https://api.github.com/graphql",
    token: tokenIn(env, "GITHUB_TOKEN"),
    repository,
  };
}

function githubPlace(options: CiOptions, env: Env, readText: (path: string) => string): Place {
  const { repository, ...access } = githubAccess(env);
  const event = githubEvent(env, readText);
  const request = field(event, "pull_request");
  const [base, head] =
    request !== undefined
      ? [commitAt(request, "base", "sha"), commitAt(request, "head", "sha")]
      : field(event, "merge_group") !== undefined
        ? [commitAt(event, "merge_group", "base_sha"), commitAt(event, "merge_group", "head_sha")]
        : [commitAt(event, "before"), commitAt(event, "after") ?? commit(env, "GITHUB_SHA")];
  const found = rangeOf(options, base, head);
  return {
    host: "github",
    ...found,
    access,
    target: { repository, pull: numberAt(request, "number"), head: found.head },
  };
}

function gitlabPlace(options: CiOptions, env: Env): Place {
  const base = commit(env, "CI_MERGE_REQUEST_DIFF_BASE_SHA") ?? commit(env, "CI_COMMIT_BEFORE_SHA");
  // In a pipeline of merged results, the commit is a merge that nobody wrote.
  const head = commit(env, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") ?? commit(env, "CI_COMMIT_SHA");
  const found = rangeOf(options, base, head);
  const [project, request] = [set(env, "CI_PROJECT_ID"), set(env, "CI_MERGE_REQUEST_IID")];
  const target =
    project !== undefined && request !== undefined && /^\d+$/.test(project) && /^\d+$/.test(request)
      ? { project, request, head: found.head }
      : undefined;
  const api = set(env, "CI_API_V4_URL");
  if (api === undefined) throw new Refusal(complaints.ciEnvironment("CI_API_V4_URL", "is not set"));
  return { host: "gitlab", ...found, access: { api, token: tokenIn(env, "GITLAB_TOKEN") }, target };
}

/** The page of the job that this runs in, where CI says it. */
function jobPage(env: Env): string | undefined {
  const [server, repository, run] = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"].map((name) =>
    set(env, name),
  );
  const page = server === undefined || run === undefined ? undefined : `${server}/${repository}/actions/runs/${run}`;
  return set(env, "CI_JOB_URL") ?? page;
}

function patchworkPlace(env: Env): Place {
  const address = set(env, "PATCHWORK_URL");
  if (address === undefined) throw new Refusal(complaints.ciEnvironment("PATCHWORK_URL", "is not set"));
  const api = /\/api(?:\/|$)/.test(address) ? address : `${address.replace(/\/+$/, "")}/api/1.2`;
  const token = tokenIn(env, "PATCHWORK_TOKEN");
  if (token === undefined) throw new Refusal(complaints.ciEnvironment("PATCHWORK_TOKEN", "is not set"));
  return { host: "patchwork", access: { api, token }, url: jobPage(env) };
}

/** The host that was asked for, or whose CI this is. */
const hostOf = ({ host }: CiOptions, env: Env): Place["host"] =>
  host ?? (env.GITHUB_ACTIONS === "true" ? "github" : env.GITLAB_CI === "true" ? "gitlab" : "plain");

/**
 * Finds out where copylint runs.
 *
 * @param readText reads a file; throws if it cannot be read.
 * @throws Refusal if the environment does not say what is needed.
 */
export function placeOf(options: CiOptions, env: Env, readText: (path: string) => string): Place {
  switch (hostOf(options, env)) {
    case "github":
      return githubPlace(options, env, readText);
    case "gitlab":
      return gitlabPlace(options, env);
    case "patchwork":
      return patchworkPlace(env);
    case "plain":
      return { host: "plain", range: options.base === undefined ? undefined : `${options.base}..HEAD` };
  }
}
