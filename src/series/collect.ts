import type { Message } from "../mail/message.ts";
import { type Prefix, readPrefix } from "./subject.ts";

/** A mail of an archive. */
export interface Arrival {
  /** Where the archive has it. */
  readonly ref: string;
  readonly message: Message;
  /** The mail is too large to be read as a whole, and `message` is its start. */
  readonly isCut: boolean;
}

/** A part of a series that was seen. */
export interface Part {
  readonly ref: string;
  readonly id: string;
  /** n of n/m; 0 for a cover letter, 1 for a lone patch. */
  readonly index: number;
  readonly isCut: boolean;
}

/** A series of which parts were seen. All of it is plain data. */
export interface Gathered {
  /** Tells it from all other series. */
  readonly key: string;
  /** Message id at the root of its thread. */
  readonly root: string;
  /** Who sent it, as the header says. */
  readonly from: string;
  readonly version: number;
  readonly total: number;
  /** Subject of the cover letter, or of the first part that is there. */
  readonly title: string;
  /** Some part answers another. */
  readonly threaded: boolean;
  /** In the order of their arrival. */
  readonly parts: readonly Part[];
  /** Number of the mail that came last. */
  readonly last: number;
}

/** A series that no more parts are waited for, and why. */
export type Closed =
  | { readonly why: "complete" | "incomplete"; readonly series: Gathered }
  | { readonly why: "superseded"; readonly series: Gathered; readonly by: number }
  /** A part of a series that was closed before. */
  | { readonly why: "late"; readonly series: Gathered };

/** All that a collector remembers between two mails. Plain data. */
export interface Collection {
  /** Number of mails so far. */
  readonly seen: number;
  readonly open: readonly Gathered[];
  /** The series that were closed not long ago. */
  readonly closed: readonly Past[];
}

/** A series that was closed: when, by the number of the mail, and of which parts. */
interface Past {
  readonly key: string;
  readonly at: number;
  readonly ids: readonly string[];
}

const past =
  (at: number) =>
  ({ key, parts }: Gathered): Past => ({ key, at, ids: parts.map(({ id }) => id) });

export const nothingCollected: Collection = { seen: 0, open: [], closed: [] };

/**
 * Takes the next mail of an archive. A series is closed when all its parts have come, when a newer version of it comes, or
 * when no part of it came among `patience` mails. Pure: what comes out depends on the mails so far and on nothing else, so
 * whoever keeps the collection can go on from it.
 */
export function collect(before: Collection, arrival: Arrival, patience: number): { now: Collection; closed: Closed[] } {
  const seen = before.seen + 1;
  const closed: Closed[] = [];
  const open: Gathered[] = [];
  for (const series of before.open) {
    if (series.last + patience >= seen) open.push(series);
    else closed.push({ why: hasAll(series) ? "complete" : "incomplete", series });
  }
  const recent = before.closed.filter(({ at }) => at + patience >= seen);
  const found = placeOf(arrival, open);
  if (found !== undefined) {
    const former = recent.filter(({ key }) => key === found.key);
    if (former.length === 0) join(found, seen, open, closed);
    // The same mail again is no news.
    else if (found.part.index > 0 && !former.some(({ ids }) => ids.includes(found.part.id)))
      closed.push({ why: "late", series: begun(found, seen) });
  }
  return { now: { seen, open, closed: [...recent, ...closed.map(({ series }) => past(seen)(series))] }, closed };
}

/** Closes all that is open: no more mails will come. */
export function closeAll(before: Collection): { now: Collection; closed: Closed[] } {
  const closed = before.open.map((series): Closed => ({ why: hasAll(series) ? "complete" : "incomplete", series }));
  return { now: { ...before, open: [], closed: [...before.closed, ...before.open.map(past(before.seen))] }, closed };
}

/** Forgets a mail that the archive took away, if its series is still open. */
export function forget(before: Collection, id: string): Collection {
  if (!before.open.some(({ parts }) => parts.some((part) => part.id === id))) return before;
  const open = before.open
    .map((series) => ({ ...series, parts: series.parts.filter((part) => part.id !== id) }))
    .filter(({ parts }) => parts.length > 0);
  return { ...before, open };
}

/** A mail that is part of a series, and which. */
interface Found {
  readonly key: string;
  readonly root: string;
  readonly part: Part;
  readonly prefix: Prefix;
  readonly from: string;
  readonly threaded: boolean;
  /** It is all of its series. */
  readonly isLone: boolean;
}

/** Looks like a patch; whether it can be read as one is seen when its series is reviewed. */
const hasDiff = /^(?:diff --git |Index: |--- \S)/m;

/** Undefined for what is no part of a series: replies, talk, mail of machines, and what is no mail. */
function placeOf({ ref, message, isCut }: Arrival, open: readonly Gathered[]): Found | undefined {
  const { messageId: id, references, inReplyTo, header } = message;
  if (id === undefined || header === undefined) return undefined;
  const prefix = readPrefix(message.subject);
  const { index, total = 1 } = prefix;
  const isByMachine = !/^(?:no)?$/i.test(header.autoSubmitted.trim());
  if (prefix.reply || isByMachine || (index === undefined && !hasDiff.test(message.body))) return undefined;
  const above = [...references, ...(inReplyTo === undefined ? [] : [inReplyTo])];
  const from = message.from.slice(0, 200);
  const part = { ref, id, index: index ?? 1, isCut };
  const rest = { part, prefix, from, threaded: above.length > 0 };
  if (index === undefined || total <= 1) {
    // A cover letter for one patch waits for it; a lone patch waits for nothing.
    if (index === undefined || index > 0) {
      const cover = open.find((series) => series.total === 1 && series.parts.some((one) => above.includes(one.id)));
      const root = cover?.root ?? above[0] ?? id;
      return { ...rest, root, key: cover?.key ?? `lone ${id}`, isLone: cover === undefined };
    }
  }
  const kind = `${prefix.version}/${total}${prefix.resend ? "/resend" : ""}`;
  const known = open.find(({ root, parts }) => root === id || parts.some((one) => above.includes(one.id)));
  // Some send without threading: the next parts from the same sender are taken for those of the same series.
  const loose =
    above.length > 0 || known !== undefined
      ? undefined
      : open.find(
          (series) =>
            !series.threaded &&
            series.from === from &&
            series.key.startsWith(`${kind} `) &&
            !series.parts.some((one) => one.index === index),
        );
  const root = (known ?? loose)?.root ?? above[0] ?? id;
  return { ...rest, root, key: `${kind} ${root}`, isLone: false };
}

function begun({ key, root, part, prefix, from, threaded }: Found, seen: number): Gathered {
  const title = prefix.title.slice(0, 300);
  return {
    key,
    root,
    from,
    version: prefix.version,
    total: prefix.total ?? 1,
    title,
    threaded,
    parts: [part],
    last: seen,
  };
}

/** Adds a part to its series among the open ones, and closes what is closed by it. */
function join(found: Found, seen: number, open: Gathered[], closed: Closed[]): void {
  const at = open.findIndex((series) => series.key === found.key);
  const old = open[at];
  // The same mail again.
  if (old?.parts.some(({ id }) => id === found.part.id)) return;
  const series = old === undefined ? begun(found, seen) : grown(old, found, seen);
  if (old === undefined) open.push(series);
  else open[at] = series;
  for (const other of [...open]) {
    const isSame = other.root === series.root || (other.from === series.from && other.title === series.title);
    if (other === series || other.version >= series.version || !isSame) continue;
    open.splice(open.indexOf(other), 1);
    closed.push({ why: "superseded", series: other, by: series.version });
  }
  if (!found.isLone && !isComplete(series)) return;
  open.splice(open.indexOf(series), 1);
  closed.push({ why: "complete", series });
}

function grown(old: Gathered, found: Found, seen: number): Gathered {
  const isFirst = found.part.index < Math.min(...old.parts.map(({ index }) => index));
  return {
    ...old,
    title: isFirst ? found.prefix.title.slice(0, 300) : old.title,
    threaded: old.threaded || found.threaded,
    parts: [...old.parts, found.part],
    last: seen,
  };
}

function hasAll({ parts, total }: Gathered): boolean {
  const there = new Set(parts.map(({ index }) => index));
  for (let index = 1; index <= total; index++) if (!there.has(index)) return false;
  return true;
}

/** All patches are there, and the cover letter is, or the thread begins with a patch, so that there is none. */
function isComplete(series: Gathered): boolean {
  const { parts, root } = series;
  return hasAll(series) && parts.some(({ index, id }) => index === 0 || (id === root && index === 1));
}
