import { createServer, type IncomingMessage } from "node:http";

/** A request as it came in; the body is read as JSON. */
export interface Asked {
  readonly method: string;
  /** Decoded part by part would lose slashes: as it stands in the address, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Something that goes wrong with the next requests that it is about. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  readonly reply: Reply;
  /** What was asked for is done all the same. */
  readonly done?: boolean;
  /** So many times; once if absent. */
  times?: number;
}

/** A server on the loopback interface. */
export interface Server {
  readonly url: string;
  /** All requests, oldest first. */
  readonly asked: Asked[];
  readonly faults: Fault[];
  /** What clients did wrong: requests that the host's description of its API does not allow. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of message) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * Starts a server.
 * @param answer what the host does.
 * @param wrong what the host's description has against a request; undefined if nothing.
 */
export function startServer(
  answer: (asked: Asked) => Reply | Promise<Reply>,
  wrong: (asked: Asked) => string | undefined,
): Promise<Server> {
  const [asked, faults, complaints]: [Asked[], Fault[], string[]] = [[], [], []];
  const handle = async (message: IncomingMessage): Promise<Reply> => {
    const url = new URL(message.url ?? "/", "http://localhost");
    const text = await textOf(message);
    const one: Asked = {
      method: message.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
    asked.push(one);
    const complaint = wrong(one);
    if (complaint !== undefined) {
      complaints.push(`${one.method} ${one.path}: ${complaint}`);
      return { status: 400, json: { message: complaint } };
    }
    const at = faults.findIndex((fault) => fault.method === one.method && fault.path.test(one.path));
    const fault = faults[at];
    if (fault !== undefined) {
      if ((fault.times ?? 1) <= 1) faults.splice(at, 1);
      else fault.times = (fault.times ?? 1) - 1;
      if (fault.done) await answer(one);
      return fault.reply;
    }
    return answer(one);
  };
  const server = createServer((message, response) => {
    handle(message)
      .catch((error: unknown) => {
        complaints.push(`${message.method} ${message.url}: ${String(error)}`);
        return { status: 500, json: { message: String(error) } } as Reply;
      })
      .then(({ status, json, headers }) => {
        response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
        response.end(json === undefined ? "" : JSON.stringify(json));
      });
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const close = (): Promise<void> => {
        server.closeAllConnections();
        return new Promise((done) => server.close(() => done()));
      };
      resolve({ url: `http://127.0.0.1:${port}`, asked, faults, complaints, close });
    });
  });
}

/** A page of a list, with the address of the next one as the hosts give it. */
export function paged(
  asked: Asked,
  all: readonly unknown[],
  wrap: (items: readonly unknown[]) => unknown,
  usual: number,
): Reply {
  const size = Math.min(Number(asked.query.get("per_page") ?? usual), 100);
  const page = Number(asked.query.get("page") ?? 1);
  const items = all.slice((page - 1) * size, page * size);
  const query = new URLSearchParams(asked.query);
  query.set("page", String(page + 1));
  const next = `<http://${asked.headers.host}${asked.path}?${query}>; rel="next"`;
  const first = `<http://${asked.headers.host}${asked.path}>; rel="first"`;
  const more = page * size < all.length;
  return { status: 200, json: wrap(items), headers: { link: more ? `${next}, ${first}` : first } };
}

/** The line numbers of the new side that a diff shows, with the hunk that each is in. */
export function linesOf(diff: string): Map<number, { hunk: number; old: number | null }> {
  const out = new Map<number, { hunk: number; old: number | null }>();
  let hunk = 0;
  let [old, now] = [0, 0];
  for (const line of diff.split("\n")) {
    const start = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
    if (start) {
      hunk++;
      old = Number(start[1]);
      now = Number(start[2]);
    } else if (line[0] === "+") out.set(now++, { hunk, old: null });
    else if (line[0] === "-") old++;
    else if (line[0] === " ") out.set(now++, { hunk, old: old++ });
  }
  return out;
}

/** A file of a diff as the hosts list it. */
export interface DiffFile {
  readonly name: string;
  readonly oldName: string;
  readonly diff: string;
}

/** Takes the output of `git diff` apart; for names that git does not quote. */
export function filesOf(diff: string): DiffFile[] {
  return diff.split(/^(?=diff --git )/m).flatMap((text) => {
    const [, oldName, name] = /^diff --git a\/(\S+) b\/(\S+)$/m.exec(text) ?? [];
    const at = text.search(/^@@ /m);
    return name === undefined || oldName === undefined || at === -1
      ? []
      : [{ name, oldName, diff: text.slice(at).trimEnd() }];
  });
}
