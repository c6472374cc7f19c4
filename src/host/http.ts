/** An answer of a host that was taken: its status is one of success. */
export interface Answer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  /** The body, if it is JSON; else undefined. */
  readonly json: unknown;
}

/** What the other side is like when it does not do as asked. */
export type Trouble =
  /** It answered, and the answer is no: status 4xx. */
  | "refused"
  /** It does not answer, or with 5xx: what was asked for may have been done all the same. */
  | "down"
  /** It wants us to wait for longer than we do. */
  | "busy";

/** A request that failed: one sentence that holds no secret. */
export class HttpError extends Error {
  readonly kind: Trouble;
  /** 0 if there was no answer. */
  readonly status: number;
  /** Seconds after which the host wants to be asked again; undefined if it does not say. */
  readonly wait: number | undefined;
  constructor(kind: Trouble, status: number, message: string, wait?: number) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.wait = wait;
  }
}

/** How a request is to be treated; absent: by its method, of which only GET may be repeated. */
interface Sending {
  /** Doing it twice is as good as once, so it may be sent again after a failure that leaves open whether it was done. */
  readonly repeatable?: boolean;
}

/** A host's API, with the right to use it. */
export interface Client {
  /**
   * @param path below the API's address, starting with `/`, encoded.
   * @throws HttpError
   */
  readonly send: (method: string, path: string, body?: object, sending?: Sending) => Promise<Answer>;
  /** All items of a list that comes in pages. `pick` takes the items out of the body of a page. */
  readonly pages: (path: string, pick?: (body: unknown) => unknown) => Promise<readonly unknown[]>;
  /**
   * Does something that must not be done twice: `attempt` looks at what is there and does what is missing. It is called
   * again when it fails and leaves open whether something was done.
   */
  readonly persist: <T>(attempt: () => Promise<T>) => Promise<T>;
}

export interface ClientOptions {
  /** Address of the API; https or http. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What must not show in any message. */
  readonly secret: string;
  /** Waits for so many seconds. */
  readonly sleep?: (seconds: number) => Promise<void>;
}

/** Seconds that all waiting of a client together may take. */
const patience = 180;
/** Seconds after which a request is given up. */
const timeout = 30;
const mostAttempts = 5;
const mostBytes = 32 * 1024 * 1024;
const mostPages = 100;
const mostRedirects = 3;

const pause = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1000));

/** The body of an answer, as far as it is of a size that an API's answer has. */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > mostBytes) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a host says about why it refuses: GitHub's `message`, GitLab's `message` or `error`, Django's `detail`. */
function reasonOf(json: unknown): string {
  if (typeof json !== "object" || json === null) return "";
  const { message, error, detail } = json as Record<string, unknown>;
  const said = message ?? error ?? detail;
  return said === undefined ? "" : typeof said === "string" ? said : JSON.stringify(said);
}

/** Seconds that the host asks us to wait; undefined if it does not. */
function waitOf(headers: Headers): number | undefined {
  const after = headers.get("retry-after");
  if (after !== null && /^\d{1,6}$/.test(after)) return Number(after);
  const reset = headers.get("x-ratelimit-reset") ?? headers.get("ratelimit-reset");
  const left = headers.get("x-ratelimit-remaining") ?? headers.get("ratelimit-remaining");
  if (left !== "0" || reset === null || !/^\d{1,12}$/.test(reset)) return undefined;
  // Its clock, not ours.
  const now = Date.parse(headers.get("date") ?? "") || Date.now();
  return Math.max(1, Math.ceil(Number(reset) - now / 1000));
}

/** Whether a refusal is one for now only. */
function isLimit(status: number, headers: Headers, reason: string): boolean {
  if (status === 429) return true;
  return status === 403 && (waitOf(headers) !== undefined || /rate limit|abuse detection/i.test(reason));
}

/** The address of the next page, if there is one. */
function nextOf(link: string | null): string | undefined {
  for (const part of (link ?? "").split(/,\s*(?=<)/)) {
    const [, url, rest = ""] = /^\s*<([^<>]*)>(.*)$/s.exec(part) ?? [];
    if (url !== undefined && /;\s*rel="?next"?/.test(rest)) return url;
  }
  return undefined;
}

/**
 * A client for an API. Its secret goes to the origin of `base` only: not along with a redirection, nor to the address of a
 * next page elsewhere.
 *
 * @throws HttpError if `base` is no address of http or https.
 */
export function makeClient({ base, headers, secret, sleep = pause }: ClientOptions): Client {
  const top = URL.canParse(base) ? new URL(base) : undefined;
  if (top === undefined || !/^https?:$/.test(top.protocol) || top.username !== "" || top.password !== "")
    throw new HttpError(
      "refused",
      0,
      "the address of the API is none of http or https, or has a name and password in it",
    );
  const prefix = top.href.replace(/[?#].*$/, "").replace(/\/+$/, "");
  let left = patience;

  const hidden = (text: string): string => (secret === "" ? text : text.replaceAll(secret, "***"));
  const failure = (kind: Trouble, status: number, what: string, why: string, wait?: number): HttpError =>
    new HttpError(kind, status, hidden(`${what}: ${why}`).slice(0, 400), wait);

  /** Waits, if there is patience left for it. */
  async function waiting(seconds: number): Promise<boolean> {
    if (seconds > left) return false;
    left -= seconds;
    await sleep(seconds);
    return true;
  }

  async function once(method: string, start: string, body: object | undefined): Promise<Answer> {
    const what = `${method} ${new URL(start).pathname}`;
    let url = start;
    for (let hops = 0; ; hops++) {
      let response: Response;
      let text: string;
      try {
        response = await fetch(url, {
          method,
          headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          redirect: "manual",
          signal: AbortSignal.timeout(timeout * 1000),
        });
        text = await textOf(response);
      } catch (error) {
        const { cause, name, message } = error as Error;
        const code = (cause as { code?: string } | undefined)?.code;
        throw failure(
          "down",
          0,
          what,
          name === "TimeoutError" ? `no answer within ${timeout} seconds` : (code ?? message),
        );
      }
      const { status } = response;
      const json = parsed(text);
      if (response.ok) return { status, header: (name) => response.headers.get(name), json };
      const location = response.headers.get("location");
      if (status >= 300 && status < 400 && location !== null) {
        const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
        if (target?.origin !== top?.origin) throw failure("refused", status, what, "the host redirects to another one");
        if (hops === mostRedirects) throw failure("refused", status, what, "the host redirects too often");
        if (method !== "GET" && status !== 307 && status !== 308)
          throw failure("refused", status, what, "the host redirects what is no question");
        url = target?.href ?? url;
        continue;
      }
      const reason = reasonOf(json);
      const why = reason
        .replace(/\s+/g, " ")
        .slice(0, 200)
        .replace(/[. ]+$/, "");
      const said = why === "" ? String(status) : `${status}, ${why}`;
      const wait = waitOf(response.headers);
      if (isLimit(status, response.headers, reason)) throw failure("busy", status, what, said, wait ?? 60);
      throw failure(status >= 500 ? "down" : "refused", status, what, said, wait);
    }
  }

  /** Sends until it is taken; what was refused for a while was not done, so that it can be sent again in any case. */
  async function sent(method: string, url: string, body?: object, repeatable = method === "GET"): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(method, url, body);
      } catch (error) {
        if (!(error instanceof HttpError) || error.kind === "refused" || attempt === mostAttempts) throw error;
        if (error.kind === "down" && !repeatable) throw error;
        if (!(await waiting(error.wait ?? 2 ** (attempt - 1)))) throw error;
      }
    }
  }

  return {
    send: (method, path, body, { repeatable } = {}) => sent(method, `${prefix}${path}`, body, repeatable),
    pages: async (path, pick = (body) => body) => {
      const all: unknown[] = [];
      let url: string | undefined = `${prefix}${path}`;
      for (let page = 0; url !== undefined; page++) {
        if (page === mostPages) throw failure("refused", 0, `GET ${path}`, `more than ${mostPages} pages`);
        const answer: Answer = await sent("GET", url);
        const items = pick(answer.json);
        if (!Array.isArray(items)) throw failure("refused", answer.status, `GET ${path}`, "the answer is no list");
        for (const item of items) all.push(item);
        const next = nextOf(answer.header("link"));
        if (next !== undefined && (!URL.canParse(next) || new URL(next).origin !== top.origin))
          throw failure("refused", answer.status, `GET ${path}`, "the next page is on another host");
        url = next;
      }
      return all;
    },
    persist: async (attempt) => {
      for (let n = 1; ; n++) {
        try {
          return await attempt();
        } catch (error) {
          if (!(error instanceof HttpError) || error.kind !== "down" || n === mostAttempts) throw error;
          if (!(await waiting(error.wait ?? 2 ** (n - 1)))) throw error;
        }
      }
    },
  };
}
