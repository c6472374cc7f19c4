import { Ajv, type ValidateFunction } from "ajv";
import type { Asked } from "./server.ts";

/** What a host's documentation says of one request: written down by us, in the terms of JSON Schema. */
export interface Described {
  readonly method: string;
  readonly path: RegExp;
  /** Names of the parameters behind the `?`. */
  readonly query?: readonly string[];
  /** Schema of the body; absent: there is none. */
  readonly body?: object;
}

/** A check of requests against descriptions. */
export function describedAs(all: readonly Described[]): (asked: Asked) => string | undefined {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  const bodies = new Map<Described, ValidateFunction>();
  for (const one of all) if (one.body !== undefined) bodies.set(one, ajv.compile(one.body));
  return (asked) => {
    const found = all.find(({ method, path }) => method === asked.method && path.test(asked.path));
    if (found === undefined) return "there is no such request";
    const extra = [...asked.query.keys()].find((name) => !found.query?.includes(name));
    if (extra !== undefined) return `there is no parameter ${extra}`;
    const validate = bodies.get(found);
    if (validate === undefined) return asked.body === undefined ? undefined : "this request has no body";
    return validate(asked.body) ? undefined : ajv.errorsText(validate.errors);
  };
}

const object = (properties: object, required: readonly string[]): object => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const sha = { type: "string", pattern: "^[0-9a-f]{40}$" };
const pages = ["page", "per_page"];

// https://docs.gitlab.com/api/merge_requests/, /api/discussions/#merge-requests and /api/users/, read for GitLab 17.
const request = "^/api/v4/projects/\\d+/merge_requests/\\d+";
export const gitlabRequests: readonly Described[] = [
  { method: "GET", path: /^\/api\/v4\/user$/ },
  { method: "GET", path: new RegExp(`${request}$`) },
  { method: "GET", path: new RegExp(`${request}/diffs$`), query: [...pages, "unidiff"] },
  { method: "GET", path: new RegExp(`${request}/discussions$`), query: pages },
  {
    method: "POST",
    path: new RegExp(`${request}/discussions$`),
    body: object(
      {
        body: { type: "string", minLength: 1, maxLength: 1_000_000 },
        position: object(
          {
            position_type: { enum: ["text"] },
            base_sha: sha,
            start_sha: sha,
            head_sha: sha,
            new_path: { type: "string" },
            old_path: { type: "string" },
            new_line: { type: "integer", minimum: 1 },
            old_line: { type: "integer", minimum: 1 },
          },
          ["position_type", "base_sha", "start_sha", "head_sha", "new_path", "old_path"],
        ),
      },
      ["body"],
    ),
  },
  {
    method: "PUT",
    path: new RegExp(`${request}/discussions/[0-9a-f]+$`),
    body: object({ resolved: { type: "boolean" } }, ["resolved"]),
  },
];

// Patchwork's docs/api/schemas/v1.2/patchwork.yaml: patches_list, checks_list and checks_create.
export const patchworkRequests: readonly Described[] = [
  { method: "GET", path: /^\/api\/1\.2\/patches\/$/, query: [...pages, "msgid"] },
  { method: "GET", path: /^\/api\/1\.2\/patches\/\d+\/checks\/$/, query: pages },
  {
    method: "POST",
    path: /^\/api\/1\.2\/patches\/\d+\/checks\/$/,
    body: object(
      {
        state: { enum: ["pending", "success", "warning", "fail"] },
        target_url: { type: ["string", "null"], pattern: "^https?://", maxLength: 200 },
        context: { type: "string", pattern: "^[-a-zA-Z0-9_]+$", minLength: 1, maxLength: 255 },
        description: { type: ["string", "null"] },
      },
      ["state", "context"],
    ),
  },
];
