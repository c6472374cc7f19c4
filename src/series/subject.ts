/** What the brackets in front of a subject say, as in `[RFC PATCH v5 0/4] add copy support`. */
export interface Prefix {
  /** The subject behind the brackets. */
  readonly title: string;
  /** A reply or a forwarded mail (`Re:`, `Fwd:`, ...). */
  readonly reply: boolean;
  /** Says PATCH, RFC or n/m. */
  readonly patch: boolean;
  /** 1 unless it says v2 and up. */
  readonly version: number;
  readonly rfc: boolean;
  readonly resend: boolean;
  /** n and m of n/m; undefined without. */
  readonly index: number | undefined;
  readonly total: number | undefined;
}

/** Reads the brackets in front of a subject; unknown words in them (`-next`, names of trees) are passed over. */
export function readPrefix(subject: string): Prefix {
  let rest = subject.trim();
  let reply = false;
  let patch = false;
  let version = 1;
  let rfc = false;
  let resend = false;
  let index: number | undefined;
  let total: number | undefined;
  for (;;) {
    const mark = rest.startsWith("[") ? null : /^(?:re|aw|sv|vs|antw|fwd?)(?:\[\d{1,3}\])?:\s*/i.exec(rest);
    if (mark !== null) {
      reply = true;
      rest = rest.slice(mark[0].length);
      continue;
    }
    const close = rest.startsWith("[") ? rest.indexOf("]") : -1;
    if (close === -1) break;
    for (const word of rest.slice(1, close).split(/[\s,:]+/)) {
      const part = word.includes("/") ? /^(?:PATCH|RFC)?(\d{1,4})\/(\d{1,4})$/i.exec(word) : null;
      if (part !== null) {
        index = Number(part[1]);
        total = Number(part[2]);
        patch = true;
        continue;
      }
      const roll = /^(PATCH|RFC)?-?v(\d{1,4})(?:\.\d{1,4})?$/i.exec(word);
      if (roll !== null) version = Number(roll[2]);
      const upper = word.toUpperCase();
      if (upper.startsWith("PATCH") || roll?.[1] !== undefined) patch = true;
      if (upper.startsWith("RFC")) rfc = patch = true;
      if (upper === "RESEND" || upper === "REPOST" || upper === "PATCH-RESEND") resend = true;
    }
    rest = rest.slice(close + 1).trimStart();
  }
  return { title: rest, reply, patch, version: Math.max(version, 1), rfc, resend, index, total };
}

/** What the name of a `git format-patch` file says: `v2-0003-fix.patch` is part 3 of version 2. */
export function readFileName(path: string): { version: number; index: number } | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const match = /^(?:v(\d{1,4})-)?(\d{4})-/.exec(name);
  return match === null
    ? undefined
    : { version: match[1] === undefined ? 1 : Number(match[1]), index: Number(match[2]) };
}
