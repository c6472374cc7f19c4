import { basename, dirname, isAbsolute, join } from "node:path";
import { type Archive, type ArchiveEntry, openArchive } from "../host/archive.ts";
import { inTheWay, makeFolder, writeFiles } from "../host/drafts.ts";
import { GitError } from "../host/git-process.ts";
import { append, cutBack, digest, lock, sizeOf, sweep } from "../host/journal.ts";
import { writeWhole } from "../host/write.ts";
import { count } from "../report/layout.ts";
import { type Closed, type Collection, closeAll, collect, forget, nothingCollected } from "../series/collect.ts";
import { printable, printableJson } from "../text/printable.ts";
import { combined, complaints, type ExitCode, Refusal } from "./complaint.ts";
import { failedAt, maxMail, messageOf, type Outcome, type Result, type ReviewAs, refOf } from "./inbox-review.ts";
import { readState, type State } from "./inbox-state.ts";
import type { Io } from "./io.ts";
import { senderOf } from "./mail.ts";
import type { InboxOptions } from "./program.ts";
import { progressOn } from "./progress.ts";
import { complain, printStack } from "./terminal.ts";
import type { ClosedTask } from "./worker.ts";

/** Absolute paths of what a run writes. */
interface Places {
  readonly drafts: string;
  readonly state: string;
  readonly log: string;
}

/** Mails after which the state is written, though no series was closed. */
const checkpoint = 512;
/** Bytes of a mail that tell which series it belongs to, if it is a patch; all of it is read when the series is reviewed. */
const glance = 256 * 1024;
/** Commits without a mail at the beginning after which this is taken for no archive. */
const mostStrange = 1000;
/** Closed series after which the state is written, though none of them was worth a review. */
const batch = 64;

const failing = <T>(act: () => T, path: string): T => {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const { code, message } = error as { code?: string; message: string };
    throw new Refusal(complaints.notWritable(path, code ?? message));
  }
};

const opening = (path: string): Archive => {
  try {
    return openArchive(path);
  } catch (error) {
    if (error instanceof GitError) throw new Refusal(complaints.inbox(path, error.message, error.advice));
    throw error;
  }
};

/** The state to go on from: that of the last run, or a new one, which is written before anything else is. */
function begin(archive: Archive, options: InboxOptions, places: Places): State {
  const shard = options.shard ?? "1/1";
  const old = readState(places.state);
  if (old === undefined) {
    if (sizeOf(places.log) > 0) throw new Refusal(complaints.logWithoutState(options.log ?? places.log, places.state));
    return { version: 1, shard, heads: startOf(archive, options.since), log: 0, collection: nothingCollected };
  }
  if (options.since !== undefined) throw new Refusal(complaints.sinceWithState(places.state));
  if (old.shard !== shard) throw new Refusal(complaints.otherShard(places.state, old.shard));
  for (const [epoch, commit] of Object.entries(old.heads))
    if (!archive.has(epoch, commit)) throw new Refusal(complaints.rewritten(commit.slice(0, 12), places.state));
  if (sizeOf(places.log) < old.log) throw new Refusal(complaints.shortLog(places.log, places.state));
  return old;
}

/** Where to begin without a state: at the beginning, or behind a commit. */
function startOf(archive: Archive, since: string | undefined): Readonly<Record<string, string>> {
  if (since === undefined) return {};
  const found = archive.find(since);
  if (found === undefined) throw new Refusal(complaints.noSuchCommit(since));
  const before = archive.epochs.slice(0, archive.epochs.indexOf(found.epoch));
  const heads = before.flatMap((epoch) => (archive.heads[epoch] === undefined ? [] : [[epoch, archive.heads[epoch]]]));
  return { ...Object.fromEntries(heads), [found.epoch]: found.commit };
}

/** Whether a series is for this process: all of a thread go to the same. */
function isOurs(shard: string, { series }: Closed): boolean {
  const [i = 1, n = 1] = shard.split("/").map(Number);
  return n === 1 || Number.parseInt(digest(series.root).slice(0, 12), 16) % n === i - 1;
}

/** Takes the next mail of the archive. */
async function took(before: Collection, entry: ArchiveEntry, patience: number) {
  const { epoch, commit, mail, deleted } = entry;
  const ref = refOf(epoch, commit);
  if (deleted !== null) {
    const gone = await messageOf(deleted.bytes, ref);
    return { now: gone?.message.messageId === undefined ? before : forget(before, gone.message.messageId), closed: [] };
  }
  const isCut = (mail?.size ?? 0) > maxMail;
  const got = mail === null ? undefined : await messageOf(mail.bytes, ref);
  if (got === undefined) return { now: before, closed: [] };
  return collect(before, { ref, message: got.message, isCut }, patience);
}

/** Reviews that are asked for, and the state that holds once they are written. */
interface Pending {
  readonly results: readonly Promise<Result>[];
  readonly heads: State["heads"];
  readonly collection: Collection;
}

/** Counts of a run, for its last line. */
interface Tally {
  mails: number;
  series: number;
  reviewed: number;
  findings: number;
  drafts: number;
}

/** `copylint inbox`: goes on where the last run ended, and returns the exit code. */
export async function inbox(options: InboxOptions, io: Io): Promise<ExitCode> {
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(io.cwd, path));
  const path = absolute(options.repo);
  const as: ReviewAs = { rules: options.rules, run: options.run, from: senderOf(options.from) };
  if (options.outputDir === undefined) throw new Refusal(complaints.noOutputDir());
  const archive = opening(path);
  const part = options.shard === undefined ? "" : `-${options.shard.replace("/", "-of-")}`;
  const drafts = failing(() => makeFolder(options.outputDir!, io.cwd), options.outputDir);
  const places: Places = {
    drafts,
    state: absolute(options.state ?? join(drafts, `state${part}.json`)),
    log: absolute(options.log ?? join(drafts, `log${part}.jsonl`)),
  };
  const release = failing(() => lock(places.state, "inbox"), places.state);
  if (typeof release === "number") throw new Refusal(complaints.lockedState(places.state, release));
  try {
    return await go(archive, begin(archive, options, places), places, options, as, io, path);
  } finally {
    release();
    archive.close();
  }
}

async function go(
  archive: Archive,
  begun: State,
  places: Places,
  options: InboxOptions,
  as: ReviewAs,
  io: Io,
  path: string,
): Promise<ExitCode> {
  sweep(dirname(places.state), basename(places.state));
  failing(() => cutBack(places.log, begun.log), places.log);
  const save = (state: State): void =>
    failing(() => writeWhole(places.state, `${printableJson(JSON.stringify(state))}\n`, io.cwd), places.state);
  save(begun);

  const workers = io.workers<ClosedTask, Result>(options.jobs);
  const review = async (closed: Closed): Promise<Result> => {
    const answer = await workers.ask({ archive: path, closed, as });
    for (const defect of answer.defects) printStack(io, defect);
    return "why" in answer ? failedAt(closed, answer.why) : answer.result;
  };
  const tally: Tally = { mails: 0, series: 0, reviewed: 0, findings: 0, drafts: 0 };
  const codes: ExitCode[] = [];
  const progress = progressOn(io, options.progress, () => archive.count(begun.heads));
  let state = begun;
  let unsaved = 0;

  /** Writes drafts, then the log, then the state: whatever is cut off is done again, to the same effect. */
  const settle = async ({ results, heads, collection }: Pending): Promise<void> => {
    const done = await Promise.all(results);
    for (const { outcome, texts, crash } of done) {
      writeTexts(outcome, texts, places.drafts, io);
      if (crash !== null) codes.push(complain(io, complaints.notReviewed(outcome.subject, crash)));
      tally.series++;
      if (outcome.reason === null) tally.reviewed++;
      if (outcome.verdict === "findings") tally.findings++;
      tally.drafts += outcome.drafts.length;
    }
    const lines = done.map(({ outcome }) => `${printableJson(JSON.stringify(outcome))}\n`).join("");
    const log = lines === "" ? state.log : failing(() => append(places.log, lines), places.log);
    state = { ...state, heads, log, collection };
    unsaved += done.length;
    const isWork = done.some(({ outcome }) => outcome.reason === null);
    if (!isWork && unsaved < batch && done.length > 0) return;
    save(state);
    unsaved = 0;
  };

  const pending: Pending[] = [];
  let { heads, collection } = begun;
  const close = async (closed: readonly Closed[]): Promise<void> => {
    const ours = closed.filter((one) => isOurs(begun.shard, one));
    pending.push({ results: ours.map(review), heads, collection });
    while (pending.length > 4 * options.jobs) await settle(pending.shift()!);
  };
  try {
    let strange = Object.keys(begun.heads).length > 0 ? Number.NEGATIVE_INFINITY : 0;
    for await (const entry of archive.entries(begun.heads, glance)) {
      strange = entry.mail === null && entry.deleted === null ? strange + 1 : Number.NEGATIVE_INFINITY;
      if (strange === mostStrange) break;
      const { now, closed } = await took(collection, entry, options.wait);
      collection = now;
      heads = { ...heads, [entry.epoch]: entry.commit };
      tally.mails++;
      if (closed.length > 0 || tally.mails % checkpoint === 0) await close(closed);
      progress.at(tally.mails, `${tally.reviewed} series reviewed, ${tally.findings} with findings`);
    }
    if (strange > 0) throw new Refusal(complaints.noArchive(options.repo));
    const rest = options.close ? closeAll(collection) : { now: collection, closed: [] };
    collection = rest.now;
    await close(rest.closed);
    while (pending.length > 0) await settle(pending.shift()!);
    save({ ...state, heads, collection });
  } catch (error) {
    if (error instanceof GitError) throw new Refusal(complaints.inbox(options.repo, error.message, error.advice));
    throw error;
  } finally {
    progress.end();
    workers.close();
  }
  io.stdout.write(`${lastLine(tally, collection, options)}\n`);
  return combined(codes);
}

/** Drafts of a series; one that somebody edited since stays as it is. */
function writeTexts({ drafts }: Outcome, texts: readonly string[], folder: string, io: Io): void {
  if (drafts.length === 0) return;
  const own = dirname(drafts[0]!);
  const files = drafts.map((draft, i) => ({ name: draft.slice(own.length + 1), text: texts[i]! }));
  failing(() => {
    const full = makeFolder(own, folder);
    sweep(full);
    for (const file of files) {
      if (inTheWay([file], full) === undefined) writeFiles([file], full);
      else io.stderr.write(`copylint: ${printable(`${own}/${file.name}`)} was edited, and stays as it is\n`);
    }
  }, `${folder}/${own}`);
}

function lastLine(
  { mails, series, reviewed, findings, drafts }: Tally,
  { open }: Collection,
  options: InboxOptions,
): string {
  const waiting = open.length === 0 ? "" : `; ${count(open.length, "series", "series")} not complete yet`;
  const made = drafts === 0 ? "" : `, ${count(drafts, "draft")} in ${printable(options.outputDir ?? "")}`;
  return `${count(mails, "new mail")}, ${count(series, "series", "series")}: ${reviewed} reviewed, ${findings} with findings${made}${waiting}`;
}
