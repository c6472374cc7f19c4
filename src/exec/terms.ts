import type { Func } from "../engine/code.ts";

/** What the comment of a function may ask of whoever calls it: a length that is not 0, whole blocks, ranges that do not overlap. */
export type Term = "some" | "aligned" | "apart";

/** Errors have capitals: EINVAL. */
const errno = /\bE[A-Z]{3,}\b/;
/** What is said of the answer asks for nothing: "fails if it is not aligned". */
const answers = /\breturn|\brefuse|\breject|\bfail|\berror\b/i;
/** Nor does what leaves it to the caller. */
const leaves = /\bneeds?(?: not|n't)\b|\b(?:may|can) (?:be )?(?:un|mis)?(?:aligned|overlap|zero|0|empty)/i;

/** What comments have of each. Whether that is a demand is not read: a call that a comment speaks of is a matter of its words. */
const speaksOf: Readonly<Record<Term, (sentence: string) => boolean>> = {
  some: (sentence) =>
    /\b(?:none|nothing|something|empty)\b|\bat least (?:one|1)\b|\b(?:one|1) or more\b/i.test(sentence) ||
    (/\b(?:non-?)?zero\b|(?:\b(?:of|than|be|is|not|never)|[=>]) ?0\b|\b0 is\b|>= ?1\b|\bpositive\b/i.test(sentence) &&
      /len|size|sect|byte|range|block|list/i.test(sentence)),
  aligned: (sentence) =>
    /align|\bmultiples? of\b|\bwhole (?:\w+ ){0,2}(?:blocks|sectors)\b|\bblock (?:size|boundar)|\bgranularity\b/i.test(
      sentence,
    ),
  apart: (sentence) => /overlap|\bdisjoint\b/i.test(sentence),
};

/** A comment's sentences; what it says of a parameter is one of its own. */
const sentences = (comment: string): readonly string[] =>
  comment.replace(/^\s*\*/gm, "").split(/\.(?=\s)|\n\s*\n|\n(?=\s*@\w)/);

/** What a comment speaks of, but for what the function sees to by itself. */
export function termsIn(comment: string): ReadonlySet<Term> {
  const asked = sentences(comment).filter(
    (sentence) => !errno.test(sentence) && !answers.test(sentence) && !leaves.test(sentence),
  );
  return new Set((["some", "aligned", "apart"] as const).filter((term) => asked.some(speaksOf[term])));
}

export const termsOf = ({ tree, comment }: Func): ReadonlySet<Term> =>
  termsIn(comment === undefined ? "" : tree.text.slice(comment.start, comment.end));

/** What callers do not come with who keep to it. */
const against: Readonly<Record<Term, string>> = {
  some: "a length of 0",
  aligned: "ranges that are not aligned",
  apart: "ranges that overlap",
};

/** Why some calls are not made, half a sentence. */
export const spokenOf = (terms: Iterable<Term>): string =>
  `for ${[...terms].map((term) => against[term]).join(" and ")}, which its comment speaks of`;
