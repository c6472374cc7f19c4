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

const topics: Readonly<Record<keyof Terms, RegExp>> = {
  some: /\bnon-?zero\b|\bnot (?:be )?(?:0|zero|empty)\b|\bat least one\b|\b(?:greater|more|larger) than (?:0|zero)\b|> ?0\b|\bpositive\b/i,
  aligned: /\b(?:un)?align|\bmultiples? of\b|\bwhole (?:\w+ ){0,2}(?:blocks|sectors)\b|\bgranularity\b/i,
  apart: /\boverlap/i,
};

/** What is said of the answer is no demand: "returns -EINVAL if it is not aligned". */
const answers = /\breturn|\brefuse|\breject|\bfail|\berror\b|\bE[A-Z]{4,}\b/i;

/** A comment's sentences; what it says of a parameter is one of its own. */
const sentences = (comment: string): readonly string[] =>
  comment.replace(/^\s*\*/gm, "").split(/[.;](?=\s)|\n\s*\n|\n(?=\s*@\w)/);

/** What a function's comment asks for; what it asks for and looks at itself is not among that. */
export function termsOf({ tree, comment }: Func): Terms {
  const said = comment === undefined ? [] : sentences(tree.text.slice(comment.start, comment.end));
  const demands = said.filter((sentence) => !answers.test(sentence));
  const asks = (topic: keyof Terms): boolean => demands.some((sentence) => topics[topic].test(sentence));
  return { some: asks("some"), aligned: asks("aligned"), apart: asks("apart") };
}
