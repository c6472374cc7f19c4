import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../rules/index.ts";
import type { Finding } from "../src/finding/finding.ts";
import type { Review } from "../src/finding/review.ts";
import { readMessages } from "../src/mail/read.ts";
import { review } from "../src/review/review.ts";
import { assembleSeries } from "../src/series/assemble.ts";
import type { Series } from "../src/series/series.ts";
import type { Tree } from "../src/source/image.ts";

export const top = new URL("..", import.meta.url).pathname;

/** Real mails beside the project; tests that read them are skipped by name where they are not. */
export const corpus = join(top, "../shared/corpus");
export const hasCorpus = existsSync(corpus);

/** A patch mail as a file would hold it. */
export interface Mail {
  readonly path: string;
  readonly text: string;
}

/** The patch mails of a folder, in order; or these files of it. */
export function mailsOf(folder: string, only?: readonly string[]): Mail[] {
  const names = only ?? readdirSync(folder).filter((name) => /\.patch$|-(?:patch|cover)-.*\.eml$/.test(name));
  return [...names].sort().map((path) => ({ path, text: readFileSync(join(folder, path), "latin1") }));
}

export async function seriesOf(mails: readonly Mail[]): Promise<Series[]> {
  const read = await Promise.all(mails.map(({ path, text }) => readMessages(Buffer.from(text, "latin1"), path)));
  return assembleSeries(read.flatMap(({ messages }) => messages)).series;
}

/** @param budget runs of the code; undefined: as many as a review makes. */
export async function reviewMails(mails: readonly Mail[], tree?: Tree, budget?: number): Promise<Review> {
  const options = { ...(tree ? { tree } : {}), ...(budget === undefined ? {} : { budget }) };
  return review(await seriesOf(mails), { rules, ...options });
}

/** A finding in one line: patch, file, line, level, rule. */
export const inShort = ({ patch, file, line, level, rule, mendedBy }: Finding): string =>
  `${patch.index}/${patch.total} ${file}:${line} ${mendedBy ? "note" : level} ${rule}`;

/**
 * A patch mail that adds and changes files: by path the text before ("" for a new file) and after. The hunks are whole
 * files, so a review sees all of them.
 */
export function patchOf(
  files: Readonly<Record<string, string | readonly [string, string]>>,
  subject = "[PATCH] block: copy",
): Mail {
  const parts = Object.entries(files).map(([path, change]) => {
    const [before, after] = typeof change === "string" ? ["", change] : change;
    const lines = (text: string) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
    const [old, now] = [lines(before), lines(after)];
    let head = 0;
    while (head < Math.min(old.length, now.length) && old[head] === now[head]) head++;
    let tail = 0;
    while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
    const body = [
      ...old.slice(0, head).map((line) => ` ${line}`),
      ...old.slice(head, old.length - tail).map((line) => `-${line}`),
      ...now.slice(head, now.length - tail).map((line) => `+${line}`),
      ...old.slice(old.length - tail).map((line) => ` ${line}`),
    ];
    const start = (list: readonly string[]) => `${list.length > 0 ? 1 : 0},${list.length}`;
    const added = before === "" ? `new file mode 100644\n--- /dev/null` : `--- a/${path}`;
    return `diff --git a/${path} b/${path}\n${added}\n+++ b/${path}\n@@ -${start(old)} +${start(now)} @@\n${body.join("\n")}\n`;
  });
  const head = "From: A Author <author@example.org>\nDate: Sat, 1 Jun 2024 12:00:00 +0000\n";
  const text = `${head}Subject: ${subject}\n\nCopy.\n---\n\n${parts.join("")}-- \n2.43.0\n`;
  return { path: "0001-copy.patch", text };
}
