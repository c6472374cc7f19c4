import { describedAs, gitlabRequests } from "./described.ts";
import { type Asked, type DiffFile, linesOf, paged, type Reply, type Server, startServer } from "./server.ts";

// A GitLab with one project, number 42, and one merge request in it, number 5.

interface Note {
  readonly id: number;
  readonly body: string;
  readonly author: { readonly id: number };
  readonly system: boolean;
  resolved: boolean;
}

interface Position {
  readonly base_sha: string;
  readonly start_sha: string;
  readonly head_sha: string;
  readonly new_path: string;
  readonly old_path: string;
  readonly new_line: number;
  readonly old_line?: number;
}

export interface Discussion {
  readonly id: string;
  readonly notes: Note[];
  readonly position: Position;
}

export interface Gitlab extends Server {
  /** Ids of users, by token. */
  readonly users: Map<string, number>;
  request: { base: string; head: string; files: readonly DiffFile[] };
  /** Whether the tokens may resolve discussions; all may comment. */
  mayResolve: boolean;
  readonly discussions: Discussion[];
  readonly answer: (discussion: Discussion, user: number, body: string) => void;
  readonly changes: () => readonly Asked[];
}

export async function startGitlab(): Promise<Gitlab> {
  const users = new Map<string, number>();
  const discussions: Discussion[] = [];
  const state: Pick<Gitlab, "request" | "mayResolve"> = {
    request: { base: "", head: "", files: [] },
    mayResolve: true,
  };
  const top = "/api/v4/projects/42/merge_requests/5";
  let ids = 0;

  function create(user: number, { body, position }: { body: string; position: Position }): Reply {
    const { base, head, files } = state.request;
    const { base_sha, start_sha, head_sha, new_path, old_path, new_line, old_line } = position;
    const file = files.find(({ name, oldName }) => name === new_path && oldName === old_path);
    const line = file === undefined ? undefined : linesOf(file.diff).get(new_line);
    const same = base_sha === base && start_sha === base && head_sha === head;
    // A line that both sides have needs both numbers, an added one the new number only.
    if (!same || line === undefined || (line.old ?? undefined) !== old_line)
      return { status: 400, json: { message: '400 Bad request - Note {:line_code=>["can\'t be blank"]}' } };
    const note = { id: ++ids, body, author: { id: user }, system: false, resolved: false };
    discussions.push({ id: (++ids).toString(16).padStart(40, "0"), notes: [note], position });
    return { status: 201, json: discussions.at(-1) };
  }

  function answer(asked: Asked): Reply {
    const user = users.get(String(asked.headers["private-token"] ?? ""));
    if (user === undefined) return { status: 401, json: { message: "401 Unauthorized" } };
    const { base, head, files } = state.request;
    switch (`${asked.method} ${asked.path.replace(/\/[0-9a-f]{40}$/, "/ID")}`) {
      case "GET /api/v4/user":
        return { status: 200, json: { id: user } };
      case `GET ${top}`:
        return {
          status: 200,
          json: { iid: 5, sha: head, diff_refs: { base_sha: base, head_sha: head, start_sha: base } },
        };
      case `GET ${top}/diffs`: {
        const diffs = files.map(({ name, oldName, diff }) => ({ new_path: name, old_path: oldName, diff }));
        return paged(asked, diffs, (items) => items, 20);
      }
      case `GET ${top}/discussions`:
        return paged(asked, discussions, (items) => items, 20);
      case `POST ${top}/discussions`:
        return create(user, asked.body as Parameters<typeof create>[1]);
      case `PUT ${top}/discussions/ID`: {
        const found = discussions.find(({ id }) => asked.path.endsWith(id));
        if (!state.mayResolve) return { status: 403, json: { message: "403 Forbidden" } };
        if (found?.notes[0] === undefined) return { status: 404, json: { message: "404 Not found" } };
        found.notes[0].resolved = (asked.body as { resolved: boolean }).resolved;
        return { status: 200, json: found };
      }
      default:
        return { status: 404, json: { message: "404 Not found" } };
    }
  }

  const server = await startServer(answer, describedAs(gitlabRequests));
  return Object.assign(state, server, {
    users,
    discussions,
    answer: (discussion: Discussion, user: number, body: string) => {
      discussion.notes.push({ id: ++ids, body, author: { id: user }, system: false, resolved: false });
    },
    changes: () => server.asked.filter(({ method }) => method !== "GET"),
  });
}
