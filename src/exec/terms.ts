import type { Func } from "../engine/code.ts";

/** What the comment of a function asks of whoever calls it. */
export interface Terms {
  /** The length is not 0. */
  readonly some: boolean;
  /** Positions and lengths are whole blocks. */
  readonly aligned: boolean;
  /** Source and destination do not overlap. */
  readonly apart: boolean;
}

/** What is said of the answer is no demand: "returns -EINVAL if it is not aligned". */
const answers = /\breturn|\brefuse|\breject|\bfail|\berror\b|\bE[A-Z]{4,}\b/i;
/** Nor is what leaves it to the caller. */
const leaves = /\b(?:need|does|do|has|have)(?: not|n't)\b|\b(?:may|can) (?:be|over|have)|\bunaligned\b|\bif\b/i;

const demands: Readonly<Record<keyof Terms, (sentence: string) => boolean>> = {
  some: (sentence) =>
    /\bnon-?zero\b|\bnot (?:be )?(?:0|zero|empty)\b|\bat least one\b|\b(?:greater|more|larger) than (?:0|zero)\b|> ?0\b|\bpositive\b/i.test(
      sentence,
    ) && /len|size|sect|byte|range|block/i.test(sentence),
  aligned: (sentence) => /\balign|\bmultiples? of\b|\bwhole (?:\w+ ){0,2}(?:blocks|sectors)\b/i.test(sentence),
  apart: (sentence) => /\b(?:not|no|never|non|without)\b.*\boverlap|\bnon-?overlap|\bdisjoint\b/is.test(sentence),
};

/** A comment's sentences; what it says of a parameter is one of its own. */
const sentences = (comment: string): readonly string[] =>
  comment.replace(/^\s*\*/gm, "").split(/[.;](?=\s)|\n\s*\n|\n(?=\s*@\w)/);

/** What a comment asks callers to see to; what the function sees to by itself is not among that. */
export function termsIn(comment: string): Terms {
  const asked = sentences(comment).filter((sentence) => !answers.test(sentence) && !leaves.test(sentence));
  return { some: asked.some(demands.some), aligned: asked.some(demands.aligned), apart: asked.some(demands.apart) };
}

export const termsOf = ({ tree, comment }: Func): Terms =>
  termsIn(comment === undefined ? "" : tree.text.slice(comment.start, comment.end));

/** What callers do not come with who keep to it. */
const forbidden = {
  some: "a length of 0",
  aligned: "ranges that are not aligned",
  apart: "ranges that overlap",
} as const;

/** Why some calls are not made, half a sentence; undefined if nothing is asked for. */
export function ruledOut(terms: Terms): string | undefined {
  const calls = (["some", "aligned", "apart"] as const).flatMap((term) => (terms[term] ? [forbidden[term]] : []));
  return calls.length === 0 ? undefined : `for ${calls.join(" and ")}, as its comment forbids that`;
}
