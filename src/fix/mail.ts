import type { Finding } from "../finding/finding.ts";
import { textField } from "../mail/compose.ts";
import { parsePatch } from "../patch/parse.ts";
import type { Series, SeriesPatch } from "../series/series.ts";
import type { Fixup } from "./plan.ts";

/** Subjects of commits are shorter; `git rebase --autosquash` takes the start of one for all of it. */
const maxTitle = 200;

/** The subject that `git am` gives the commit of a mail (cleanup_subject() of git's mailinfo.c does the same). */
export function titleOfMail(subject: string): string {
  let rest = subject;
  for (;;) {
    const less = rest.replace(/^(?:[\s:]+|re:|\[[^\]]*\])/i, "");
    if (less === rest) break;
    rest = less;
  }
  return rest.replace(/\s+/g, " ").trim();
}

/** So much of a title as can stand in a header: up to its first character that no header has, and of no great length. */
export function safeTitle(title: string): string {
  const [start = ""] = title.split(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]/u);
  return [...start].slice(0, maxTitle).join("").trim();
}

const dateForm = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? [+-]\d{4}$/;

/** The date of the patch itself, so that the same input gives the same mail. */
const dateOf = (date: string | undefined): string =>
  date !== undefined && dateForm.test(date.trim()) ? date.trim() : "Thu, 1 Jan 1970 00:00:00 +0000";

/** "block/blk-lib.c:98: split-alignment-check" */
const itemOf = (f: Finding): string => `${f.file}:${f.line}: ${f.rule}`;

/**
 * A fixup as `git am` takes it.
 * @param title subject of the commit that it is for.
 */
export function fixupMail(fixup: Fixup, title: string, date: string | undefined): string {
  return [
    "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001",
    "From: copylint <copylint@localhost>",
    `Date: ${dateOf(date)}`,
    textField("Subject", `[PATCH] fixup! ${title}`),
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=UTF-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    "What copylint mends by itself:",
    "",
    ...fixup.findings.map((f) => `- ${itemOf(f)}`),
    "---",
    "",
    `${fixup.diff}-- `,
    "copylint",
    "",
  ].join("\n");
}

/** The series with its fixups behind it, to be reviewed again. */
export function withFixups(series: Series, fixups: readonly Fixup[]): Series {
  const total = series.patches.length;
  const extra = fixups.map((fixup, at): SeriesPatch => {
    const subject = `fixup! ${at + 1}`;
    return {
      message: {
        path: `fixup ${at + 1}`,
        messageId: undefined,
        subject,
        from: "",
        date: series.patches[fixup.patch]?.message.date,
        inReplyTo: undefined,
        references: [],
        body: fixup.diff,
        bodyLine: 1,
      },
      subject,
      index: Math.max(series.total, total) + at + 1,
      total: Math.max(series.total, total) + fixups.length,
      commitMessage: "",
      commitMessageLine: 1,
      files: parsePatch(fixup.diff).files,
      lineOffset: 0,
    };
  });
  return { ...series, patches: [...series.patches, ...extra] };
}
