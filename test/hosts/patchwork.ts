import { describedAs, patchworkRequests } from "./described.ts";
import { type Asked, paged, type Reply, type Server, startServer } from "./server.ts";

// A patchwork that knows some mails.

export interface Check {
  readonly id: number;
  readonly state: string;
  readonly context: string;
  readonly description: string;
  readonly target_url?: string;
}

export interface Patchwork extends Server {
  readonly tokens: Set<string>;
  /** By message id without angle brackets: the checks of the patch, oldest first. */
  readonly patches: Map<string, Check[]>;
  readonly changes: () => readonly Asked[];
}

export async function startPatchwork(): Promise<Patchwork> {
  const tokens = new Set<string>();
  const patches = new Map<string, Check[]>();
  const numbers = (): [number, string][] => [...patches.keys()].map((id, i) => [101 + i, id]);
  let ids = 0;

  function answer(asked: Asked): Reply {
    const token = /^Token (.*)$/.exec(asked.headers.authorization ?? "")?.[1] ?? "";
    if (asked.path === "/api/1.2/patches/") {
      const found = numbers().filter(([, id]) => id === asked.query.get("msgid"));
      return paged(
        asked,
        found.map(([id, msgid]) => ({ id, msgid: `<${msgid}>` })),
        (items) => items,
        30,
      );
    }
    const number = Number(/\/patches\/(\d+)\/checks\/$/.exec(asked.path)?.[1]);
    const checks = patches.get(numbers().find(([id]) => id === number)?.[1] ?? "");
    if (checks === undefined) return { status: 404, json: { detail: "Not found." } };
    if (asked.method === "GET") return paged(asked, [...checks].reverse(), (items) => items, 30);
    if (token === "") return { status: 401, json: { detail: "Authentication credentials were not provided." } };
    if (!tokens.has(token))
      return { status: 403, json: { detail: "You do not have permission to perform this action." } };
    checks.push({ id: ++ids, ...(asked.body as Omit<Check, "id">) });
    return { status: 201, json: checks.at(-1) };
  }

  const server = await startServer(answer, describedAs(patchworkRequests));
  const changes = (): readonly Asked[] => server.asked.filter(({ method }) => method !== "GET");
  return Object.assign(server, { tokens, patches, changes });
}
