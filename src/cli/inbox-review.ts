import type { Archive } from "../host/archive.ts";
import { digest } from "../host/journal.ts";
import { type Address, readAddresses } from "../mail/address.ts";
import type { Message } from "../mail/message.ts";
import { readMessages } from "../mail/read.ts";
import { mailDrafts, slug } from "../report/mail.ts";
import { concernsCopying } from "../review/concern.ts";
import { assembleSeries } from "../series/assemble.ts";
import type { Closed } from "../series/collect.ts";
import type { Series } from "../series/series.ts";
import { ruleIds } from "./check.ts";
import { review } from "./reviewer.ts";
import { withAuthors } from "./settings.ts";

/** Mails above this many bytes are not read as a whole: no patch is that long. */
export const maxMail = 8 * 1024 * 1024;

/** What became of a series, as a line of the log; field names are those of the file. */
export interface Outcome {
  /** Message id of the cover letter, or of the first part that is there. */
  readonly id: string;
  readonly subject: string;
  readonly from: string;
  readonly version: number;
  readonly total: number;
  /** Numbers of the parts that did not come. */
  readonly missing: readonly number[];
  readonly verdict: "findings" | "clean" | "not reviewed";
  /** Why it was not reviewed; null if it was. */
  readonly reason: string | null;
  readonly findings: {
    readonly error: number;
    readonly warning: number;
    readonly check: number;
    readonly note: number;
  };
  /** How many of these an author speaks against. */
  readonly suppressed: number;
  /** What of the patches was not understood. */
  readonly problems: readonly string[];
  /** Paths below the folder of the drafts. */
  readonly drafts: readonly string[];
}

/** An outcome with the text of its drafts. */
export interface Result {
  readonly outcome: Outcome;
  readonly texts: readonly string[];
  /** What is said of a defect of ours, if there was one. */
  readonly crash: string | null;
}

export interface ReviewAs {
  readonly rules: readonly string[];
  readonly run: boolean;
  readonly from: Address | undefined;
}

/** The message in the bytes of one mail, or in so many of its first bytes as were read; undefined for what is no mail. */
export async function messageOf(
  bytes: Uint8Array,
  ref: string,
): Promise<{ readonly message: Message; readonly unreadable: readonly string[] } | undefined> {
  const { messages, problems } = await readMessages(bytes, ref, true);
  const [message] = messages;
  return message && { message, unreadable: problems.map(({ what }) => what) };
}

/** Where the archive has a mail, in a word. */
export const refOf = (epoch: string, commit: string): string => `${epoch}:${commit}`;

async function mailsOf(archive: Archive, { parts }: Closed["series"]) {
  const read = parts.map(async ({ ref, index, isCut }) => {
    if (isCut) return { problems: [`part ${index} is larger than ${maxMail / 1048576} MiB, and is left out`] };
    const [epoch = "", commit = ""] = ref.split(":");
    const blob = await archive.mail(epoch, commit, maxMail);
    const got = blob && (await messageOf(blob.bytes, `${epoch}:${commit.slice(0, 12)}`));
    return { message: got?.message, problems: got?.unreadable.map((what) => `part ${index}: ${what}`) ?? [] };
  });
  const all = await Promise.all(read);
  return {
    messages: all.flatMap((one) => ("message" in one && one.message !== undefined ? [one.message] : [])),
    problems: all.flatMap(({ problems }) => problems),
  };
}

/** The series that the mails are; they were found to belong together, so a gap in their threading does not part them. */
function assembled(messages: readonly Message[], root: string): readonly Series[] {
  const { series } = assembleSeries(messages);
  if (series.length < 2) return series;
  return assembleSeries(messages.map((message) => ({ ...message, references: [root, ...message.references] }))).series;
}

/** The outcome of a series before anything is known of it. */
function begun({ series: gathered, why }: Closed): Outcome {
  const parts = [...gathered.parts].sort((a, b) => a.index - b.index);
  const there = new Set(parts.map(({ index }) => index));
  const missing = Array.from({ length: gathered.total }, (_, i) => i + 1).filter((index) => !there.has(index));
  return {
    id: parts[0]!.id,
    subject: gathered.title,
    from: gathered.from,
    version: gathered.version,
    total: gathered.total,
    missing: why === "incomplete" ? missing.slice(0, 100) : [],
    verdict: "not reviewed",
    reason: null,
    findings: { error: 0, warning: 0, check: 0, note: 0 },
    suppressed: 0,
    problems: [],
    drafts: [],
  };
}

/** The result for a series that was not reviewed. */
function notReviewed(closed: Closed, reason: string, problems: readonly string[] = [], crash?: string): Result {
  return { outcome: { ...begun(closed), reason, problems }, texts: [], crash: crash ?? null };
}

/** The result for a series that was not reviewed by a fault of ours: why, as a clause. */
export const failedAt = (closed: Closed, why: string, problems: readonly string[] = []): Result =>
  notReviewed(closed, `copylint failed at it: ${why}`, problems, why);

/**
 * Reviews a series of an archive, unless there is a reason not to.
 *
 * @param onDefect is given what was thrown where a defect of ours ends the review.
 */
export async function reviewClosed(
  archive: Archive,
  closed: Closed,
  { rules, run, from }: ReviewAs,
  onDefect: (thrown: unknown) => void,
): Promise<Result> {
  const { series: gathered } = closed;
  const base = begun(closed);
  const not = (reason: string, problems?: readonly string[]): Result => notReviewed(closed, reason, problems);
  if (closed.why === "superseded") return not(`version ${closed.by} came before it was complete`);
  if (closed.why === "late") return not("this part came after its series was dealt with");
  const { messages, problems } = await mailsOf(archive, gathered);
  const all = assembled(messages, gathered.root);
  if (all.length === 0) return not("no patch of it came, or none that could be read", problems);
  if (!all.some(concernsCopying)) return not("it has nothing to do with copy offload", problems);
  const [author] = readAddresses(messages[0]?.header?.from ?? "");
  if (from !== undefined && author?.address === from.address) return not("it is of the sender of the drafts");
  const reviewed = review(all, { ...(rules.length === 0 ? {} : { rules }), run, onDefect });
  const failed = reviewed.series.flatMap(({ notReviewed }) => notReviewed ?? []);
  if (failed[0] !== undefined) return failedAt(closed, failed[0], problems);
  // What the author of a patch says against a finding is shown beside it, and does not take it away.
  const made = withAuthors(reviewed, all, {
    trust: false,
    ids: ruleIds(),
    ran: (rule) => run && (rules.length === 0 || rules.includes(rule)),
  });
  const drafts = mailDrafts(made, all, { from, input: undefined });
  const folder = `${gathered.version === 1 ? "" : `v${gathered.version}-`}${slug(gathered.title) || "series"}-${digest(`${gathered.key} ${base.id}`).slice(0, 10)}`;
  const levels = (level: string) => made.findings.filter((f) => f.mendedBy === null && f.level === level).length;
  const unread = [...all.flatMap((one) => one.problems), ...made.problems].filter(({ kind }) => kind === "unreadable");
  return {
    outcome: {
      ...base,
      verdict: made.findings.length === 0 ? "clean" : "findings",
      findings: {
        error: levels("error"),
        warning: levels("warning"),
        check: levels("check"),
        note: made.findings.filter((f) => f.mendedBy !== null).length,
      },
      suppressed: made.findings.filter((f) => f.suppressed?.by === "author").length,
      problems: [
        ...problems,
        ...unread.map(({ what, line }) => `${what}${line === undefined ? "" : ` (line ${line})`}`),
      ],
      drafts: drafts.map(({ name }) => `${folder}/${name}`),
    },
    texts: drafts.map(({ text }) => text),
    crash: null,
  };
}
