import type { Finding } from "../finding/finding.ts";
import type { Series, SeriesPatch } from "../series/series.ts";
import type { Problem } from "../text/problem.ts";

/** A line `Copylint-ignore: RULE reason` of a patch or a cover letter. */
export interface Ignore {
  readonly rule: string;
  /** Why, in one line; "" if the author gives no reason. */
  readonly reason: string;
  /** Keys of the patches that it is about. */
  readonly patches: ReadonlySet<string>;
  /** What it is about, in words: "patch 3/6", or the subject of a series. */
  readonly scope: string;
  /** Where it stands; the line is 1-based. */
  readonly path: string;
  readonly line: number;
}

/** Ids of rules, as an author may get them wrong. */
export interface RuleNames {
  readonly ids: readonly string[];
  /** The id that was probably meant. */
  readonly meant: (id: string) => string | undefined;
}

/** Reasons and ids above these are no sentence and no id. */
const longestReason = 1000;
const longestId = 100;

/** More lines than this of one series have stopped to be exceptions. */
const most = 200;

const ignoreLine = /^(\s*)copylint-ignore:\s*(\S*)[ \t]*(.*)$/i;

/** By what a finding and a patch of a series are known to belong together. */
export function patchKey(p: Pick<Finding["patch"], "messageId" | "path" | "subject" | "index">): string {
  return JSON.stringify([p.messageId ?? p.path, p.subject, p.index]);
}

const keyOf = ({ message, subject, index }: SeriesPatch): string =>
  patchKey({ messageId: message.messageId ?? null, path: message.path, subject, index });

/** The lines of ignoring in a text, with what follows of a reason further to the right; `line` is that of the text, 0-based. */
function linesOf(lines: readonly string[]): { rule: string; reason: string; line: number }[] {
  const out: { rule: string; reason: string; line: number }[] = [];
  for (let at = 0; at < lines.length && out.length < most; at++) {
    const [, margin, rule, first] = ignoreLine.exec(lines[at]!.slice(0, longestReason)) ?? [];
    if (margin === undefined || rule === undefined || first === undefined) continue;
    const reason = [first.trim()];
    const line = at;
    // One space is what a diffstat starts with.
    while (new RegExp(`^\\s{${margin.length + 2},}\\S`).test(lines[at + 1] ?? "")) reason.push(lines[++at]!.trim());
    out.push({ rule: rule.slice(0, longestId), reason: reason.join(" ").trim().slice(0, longestReason), line });
  }
  return out;
}

/** What of a mail's body stands below the first `---` and above the diff: 0-based, end exclusive. */
function notesOf(lines: readonly string[], patch: SeriesPatch): readonly [number, number] {
  const end = (patch.files[0]?.line ?? lines.length + 1) - 1;
  const cut = lines.findIndex((line) => /^---\s*$/.test(line));
  return cut === -1 || cut >= end ? [end, end] : [cut + 1, end];
}

/**
 * What the author of a series wants to have ignored, and what is wrong with how that is said. It counts where it goes no further
 * than the mail: below the `---` of a patch, for that patch, and in the cover letter, for all of them. A changelog or a source
 * file would carry it into the kernel's history.
 */
export function readIgnores(series: Series, { ids, meant }: RuleNames): { ignores: Ignore[]; problems: Problem[] } {
  const ignores: Ignore[] = [];
  const problems: Problem[] = [];
  const take = (
    found: readonly { rule: string; reason: string; path: string; line: number }[],
    about: readonly SeriesPatch[],
  ) => {
    const patches = new Set(about.map(keyOf));
    const [only] = about;
    const scope = about.length === 1 && only !== undefined ? `patch ${only.index}/${only.total}` : "the series";
    for (const { rule, reason, path, line } of found) {
      const place = { kind: "notice", path, line } as const;
      if (rule === "")
        problems.push({
          ...place,
          what: "nothing is ignored by this, as it names no rule",
          advice: "write: Copylint-ignore: RULE reason",
        });
      else if (!ids.includes(rule)) {
        const near = meant(rule);
        const advice = near === undefined ? "`copylint list` lists the rules" : `did you mean ${near}?`;
        problems.push({ ...place, what: `nothing is ignored by this, as there is no rule '${rule}'`, advice });
      } else if (!/[\p{L}\p{N}]/u.test(reason))
        problems.push({
          ...place,
          what: `${rule} is not ignored, as no reason is given`,
          advice: "write why, behind the rule",
        });
      else ignores.push({ rule, reason, patches, scope, path, line });
    }
  };
  const { cover } = series;
  if (cover !== undefined) {
    const found = linesOf(cover.body.split("\n"));
    take(
      found.map((one) => ({ ...one, path: cover.path, line: cover.bodyLine + one.line })),
      series.patches,
    );
  }
  for (const patch of series.patches) {
    const { message } = patch;
    // Most mails are done with here: they are searched once, and taken apart only if there is something.
    if (!/copylint-ignore:/i.test(message.body)) continue;
    const lines = message.body.split("\n");
    const [start, end] = notesOf(lines, patch);
    const placed = (line: number) => ({ path: message.path, line: message.bodyLine + line });
    const found = linesOf(lines.slice(start, end)).map((one) => ({ ...one, ...placed(start + one.line) }));
    take(found, [patch]);
    const above = lines
      .slice(0, Math.min(start, end))
      .findIndex((line) => ignoreLine.test(line.slice(0, longestReason)));
    if (above !== -1)
      problems.push({
        kind: "notice",
        ...placed(above),
        what: "nothing is ignored by this, as it would get into the kernel's history",
        advice: "put it below the --- of the mail",
      });
    const added = patch.files.flatMap((file) => file.hunks.flatMap((hunk) => hunk.lines));
    const inCode = added.find(
      ({ kind, text }) => kind === "added" && /copylint-ignore:/i.test(text.slice(0, longestReason)),
    );
    if (inCode !== undefined)
      problems.push({
        kind: "notice",
        ...placed(inCode.line - 1),
        what: "nothing is ignored by this, as it would get into the kernel's sources",
        advice: "put it below the --- of the mail",
      });
  }
  return { ignores, problems };
}
