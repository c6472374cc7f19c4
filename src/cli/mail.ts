import type { Review } from "../finding/review.ts";
import { inTheWay, makeFolder, othersIn, writeFiles } from "../host/drafts.ts";
import { type Address, readAddresses } from "../mail/address.ts";
import { count } from "../report/layout.ts";
import { type Draft, mailDrafts, mboxOf } from "../report/mail.ts";
import type { View } from "../report/reporter.ts";
import { notReviewed, notReviewedText } from "../report/said.ts";
import { printable } from "../text/printable.ts";
import { complaints, type ExitCode, Refusal } from "./complaint.ts";
import type { Io } from "./io.ts";
import type { MailOptions } from "./program.ts";
import { complain } from "./terminal.ts";

/** The sender that the command line names, if it does. */
export function senderOf(from: string | undefined): Address | undefined {
  if (from === undefined) return undefined;
  const [sender, ...more] = readAddresses(from);
  if (sender === undefined || more.length > 0) throw new Refusal(complaints.notASender(from));
  return sender;
}

const draftsOf = (review: Review, view: View, from: string | undefined): readonly Draft[] =>
  mailDrafts(review, view.series ?? [], { from: senderOf(from), input: view.input });

type FolderOptions = MailOptions & { readonly dir: string };

/** The drafts as one mbox, for standard output or a file. */
export function mailText(review: Review, view: View, from: string | undefined): string {
  return mboxOf(draftsOf(review, view, from));
}

/** Writes the drafts into a folder, all of them or none, and says on standard output which. */
export function writeDrafts(
  review: Review,
  view: View,
  { dir, from, force }: FolderOptions,
  io: Io,
): readonly ExitCode[] {
  const drafts = draftsOf(review, view, from);
  const failed = notReviewed(review);
  const path = (name: string): string => (dir.endsWith("/") ? dir + name : `${dir}/${name}`);
  if (drafts.length === 0) {
    io.stdout.write(`no drafts: ${failed === 0 ? "nothing found" : notReviewedText(failed)}\n`);
    return [];
  }
  try {
    const folder = makeFolder(dir, io.cwd);
    const taken = force ? undefined : inTheWay(drafts, folder);
    if (taken !== undefined) return [complain(io, complaints.inTheWay(path(taken)))];
    writeFiles(drafts, folder);
    const others = othersIn(folder, drafts);
    if (others.length > 0)
      io.stderr.write(
        `copylint: ${printable(dir)} holds ${count(others.length, "other file")} as well, which \`git send-email ${printable(dir)}\` would send, too: ${printable(others.slice(0, 3).join(", "))}${others.length > 3 ? ", ..." : ""}\n`,
      );
  } catch (error) {
    return [complain(io, complaints.notWritable(dir, (error as Error).message))];
  }
  for (const { name, to, findings, notices } of drafts) {
    for (const notice of notices) io.stderr.write(`copylint: ${printable(path(name))}: ${notice}\n`);
    const whom = to.length === 0 ? "" : `, to ${to.join(", ")}`;
    io.stdout.write(`${printable(path(name))}: ${count(findings, "finding")}${whom}\n`);
  }
  if (failed > 0) io.stdout.write(`no drafts for the rest: ${notReviewedText(failed)}\n`);
  return [];
}
