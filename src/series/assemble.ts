import type { Message } from "../mail/message.ts";
import { parsePatch } from "../patch/parse.ts";
import type { ParsedPatch } from "../patch/unified.ts";
import type { Problem } from "../text/problem.ts";
import type { Series, SeriesPatch } from "./series.ts";
import { type Prefix, readFileName, readPrefix } from "./subject.ts";

/** A message, what its subject says, and its diff. */
interface Part {
  readonly message: Message;
  readonly prefix: Prefix;
  /** n of n/m, from the subject or the file name; undefined if neither says. */
  readonly index: number | undefined;
  readonly parsed: ParsedPatch | undefined;
  /** Parts with one key belong to one series. */
  readonly key: string;
}

/**
 * Puts messages together to series, each in the order in which its patches apply; series in the order of their first
 * message.
 *
 * A mail belongs to a series by the version and m of its `[PATCH vN n/m]` and by its thread, so that one thread may hold
 * v1 and v2; bare diffs, and mails that only their file names number, form one series. Replies (`Re:`) are no patches
 * and quote theirs with `> `; a patch sent in reply to something is one. The same mail given twice counts once.
 *
 * @returns `problems`: all of them, also those that stand in `Series.problems`. `withoutDiff`: mails that are neither a
 * patch nor the cover letter of a series found.
 */
export function assembleSeries(messages: readonly Message[]): {
  series: Series[];
  problems: Problem[];
  withoutDiff: number;
} {
  const groups = new Map<string, Part[]>();
  const keyOf = threadKeys(messages);
  const seen = new Set<string>();
  let withoutDiff = 0;
  let linesRead = 0;
  for (const [at, message] of messages.entries()) {
    const prefix = readPrefix(message.subject);
    if (message.messageId !== undefined) {
      if (seen.has(message.messageId)) continue;
      seen.add(message.messageId);
    }
    const parsed = prefix.reply ? undefined : parsePatch(message.body, linesRead);
    for (const { hunks } of parsed?.files ?? []) for (const { lines } of hunks) linesRead += lines.length;
    const isPatch = parsed !== undefined && (parsed.files.length > 0 || parsed.problems.length > 0);
    if (!isPatch && prefix.index === undefined) {
      withoutDiff++;
      continue;
    }
    if (prefix.reply) {
      withoutDiff++;
      continue;
    }
    const group = groupOf(message, prefix, keyOf(message), at);
    const part: Part = { message, prefix, index: group.index, parsed: isPatch ? parsed : undefined, key: group.key };
    const parts = groups.get(part.key);
    if (parts === undefined) groups.set(part.key, [part]);
    else parts.push(part);
  }
  const series: Series[] = [];
  const problems: Problem[] = [];
  for (const parts of groups.values()) {
    const made = makeSeries(parts);
    withoutDiff += made.withoutDiff;
    problems.push(...made.problems);
    if (made.series !== undefined) series.push(made.series);
  }
  return { series, problems, withoutDiff };
}

/** Which series a part belongs to, as a key, and its number there. */
function groupOf(
  message: Message,
  prefix: Prefix,
  thread: string,
  at: number,
): { key: string; index: number | undefined } {
  if (prefix.index !== undefined) {
    // A cover letter may say RFC where its patches do not.
    const kind = `${prefix.version}/${prefix.total}${prefix.resend ? "/resend" : ""}`;
    return { key: `${kind} ${thread}`, index: prefix.index };
  }
  const name = readFileName(message.path);
  const threaded = message.inReplyTo !== undefined || message.references.length > 0;
  if (message.subject === "") return { key: "bare", index: name?.index };
  if (name !== undefined && !threaded) {
    return { key: `named ${folder(message.path)} ${Math.max(name.version, prefix.version)}`, index: name.index };
  }
  return { key: `lone ${at}`, index: undefined };
}

function folder(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/**
 * Threads by message ids. Mails that no reference ties to another of the input are tied to those of their folder or
 * mbox: `git format-patch` without `--thread` writes none.
 */
function threadKeys(messages: readonly Message[]): (message: Message) => string {
  const parent = new Map<string, string>();
  const find = (id: string): string => {
    let root = id;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up;
    for (let at = id; at !== root; ) {
      const up = parent.get(at)!;
      parent.set(at, root);
      at = up;
    }
    return root;
  };
  const join = (one: string, other: string) => {
    const [a, b] = [find(one), find(other)];
    if (a !== b) parent.set(b, a);
  };
  const referenced = new Set<string>();
  const paths = new Map<string, number>();
  for (const message of messages) {
    paths.set(message.path, (paths.get(message.path) ?? 0) + 1);
    for (const id of [...message.references, message.inReplyTo]) {
      if (id === undefined) continue;
      referenced.add(id);
      if (message.messageId !== undefined) join(id, message.messageId);
      if (message.references[0] !== undefined) join(message.references[0], id);
    }
  }
  return (message) => {
    const id = message.messageId ?? message.inReplyTo ?? message.references[0];
    const alone = id === undefined || (find(id) === id && !referenced.has(id));
    if (!alone) return `thread ${find(id)}`;
    return paths.get(message.path)! > 1 ? `mbox ${message.path}` : `folder ${folder(message.path)}`;
  };
}

function makeSeries(given: readonly Part[]): { series: Series | undefined; problems: Problem[]; withoutDiff: number } {
  const problems: Problem[] = [];
  const notice = (part: Part, what: string) =>
    problems.push({ kind: "notice", path: part.message.path, what } satisfies Problem);
  const numbered = given[0]!.prefix.index !== undefined;
  const parts = numbered ? given : byName(given);
  const covers = parts.filter((part) => part.index === 0 && part.parsed === undefined);
  const chosen = new Map<number, Part>();
  for (const [at, part] of parts.entries()) {
    if (covers.includes(part)) continue;
    const index = numbered || part.index !== undefined ? part.index! : at + 1;
    const other = chosen.get(index);
    if (other !== undefined && other.message.body !== part.message.body) {
      notice(part, `patch ${index}/${part.prefix.total} of ${quote(part)} is given twice; the later one is reviewed`);
    }
    if (other === undefined || part.parsed !== undefined) chosen.set(index, part);
  }
  const inOrder = [...chosen.entries()].sort(([one], [other]) => one - other);
  const withDiff = inOrder.filter(([, part]) => part.parsed !== undefined);
  let withoutDiff = inOrder.length - withDiff.length;
  if (withDiff.length === 0) return { series: undefined, problems, withoutDiff: withoutDiff + covers.length };
  if (covers.length > 1) withoutDiff += covers.length - 1;
  const cover = covers[covers.length - 1]?.message;
  const first = withDiff[0]![1];
  const [lowest, highest] = [inOrder[0]![0], inOrder[inOrder.length - 1]![0]];
  const total = numbered ? Math.max(first.prefix.total!, highest) : withDiff.length === 1 ? 1 : highest;
  const missing: number[] = [];
  if (withDiff.length > 1 || numbered) {
    for (let index = numbered ? 1 : lowest; index <= total; index++) if (!chosen.has(index)) missing.push(index);
  }
  const subject = titleOf(cover === undefined ? first : covers[covers.length - 1]!);
  if (missing.length > 0) notice(first, missingSentence(missing, total, subject));
  const patches = withDiff.map(([index, part]) =>
    seriesPatch(part, withDiff.length === 1 && !numbered ? 1 : index, total),
  );
  for (const [, part] of withDiff) problems.push(...placed(part));
  return {
    series: {
      subject,
      version: numbered
        ? first.prefix.version
        : Math.max(first.prefix.version, readFileName(first.message.path)?.version ?? 1),
      rfc: parts.some((part) => part.prefix.rfc),
      resend: parts.some((part) => part.prefix.resend),
      total,
      cover,
      patches,
      missing,
      baseCommit: baseCommit([cover, ...withDiff.map(([, part]) => part.message)]),
      date: cover?.date ?? first.message.date,
      problems,
    },
    problems,
    withoutDiff,
  };
}

/** In the order of their file names; numbers of the names count only where they tell all parts apart. */
function byName(parts: readonly Part[]): readonly Part[] {
  const numbers = new Set(parts.map((part) => part.index));
  const usable = !numbers.has(undefined) && numbers.size === parts.length;
  const sorted = [...parts].sort((one, other) =>
    usable ? one.index! - other.index! : compare(one.message.path, other.message.path),
  );
  return usable ? sorted : sorted.map((part) => ({ ...part, index: undefined }));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function titleOf(part: Part): string {
  return part.prefix.title || part.message.path.slice(part.message.path.lastIndexOf("/") + 1);
}

function quote(part: Part): string {
  return `"${titleOf(part)}"`;
}

/** `patch 3/7 of "subject" is missing`, with runs of numbers drawn together. */
function missingSentence(missing: readonly number[], total: number, subject: string): string {
  const runs: string[] = [];
  for (let at = 0; at < missing.length; ) {
    let end = at;
    while (missing[end + 1] === missing[end]! + 1) end++;
    runs.push(end === at ? `${missing[at]}/${total}` : `${missing[at]}/${total} to ${missing[end]}/${total}`);
    at = end + 1;
  }
  const last = runs.pop()!;
  const list = runs.length === 0 ? last : `${runs.join(", ")} and ${last}`;
  return `${missing.length === 1 ? "patch" : "patches"} ${list} of "${subject}" ${missing.length === 1 ? "is" : "are"} missing`;
}

/** The problems of the diff with the place that the user knows. */
function placed(part: Part): Problem[] {
  const { message } = part;
  return part.parsed!.problems.map((problem) => ({
    ...problem,
    path: message.path,
    ...(problem.line === undefined ? {} : { line: problem.line + message.bodyLine - 1 }),
  }));
}

function seriesPatch(part: Part, index: number, total: number): SeriesPatch {
  const { message } = part;
  const log = commitMessage(part.parsed!.preamble);
  return {
    message,
    subject: message.subject,
    index,
    total,
    commitMessage: log.text,
    commitMessageLine: message.bodyLine + log.skipped,
    files: part.parsed!.files,
    lineOffset: message.bodyLine - 1,
  };
}

/** Up to the `---` line, without the header lines that may open a body (`From:` of the author) and the blanks around. */
function commitMessage(preamble: string): { text: string; skipped: number } {
  const lines = preamble.split("\n");
  const cut = lines.findIndex((line) => /^---\s*$/.test(line));
  if (cut !== -1) lines.length = cut;
  let skipped = 0;
  while (skipped < lines.length && lines[skipped]!.trim() === "") skipped++;
  let header = skipped;
  while (header < lines.length && /^>?(?:From|Subject|Date|Author): /.test(lines[header]!)) header++;
  if (header > skipped && (lines[header] ?? "").trim() === "") {
    skipped = header;
    while (skipped < lines.length && lines[skipped]!.trim() === "") skipped++;
  }
  const text = lines.slice(skipped).join("\n").trimEnd();
  return { text: text === "" ? "" : `${text}\n`, skipped };
}

function baseCommit(messages: readonly (Message | undefined)[]): string | undefined {
  for (const message of messages) {
    const at = message === undefined ? -1 : `\n${message.body}`.lastIndexOf("\nbase-commit: ");
    const id = at === -1 ? undefined : /^base-commit: ([0-9a-f]{40})\s*$/m.exec(message!.body.slice(at, at + 80))?.[1];
    if (id !== undefined) return id;
  }
  return undefined;
}
