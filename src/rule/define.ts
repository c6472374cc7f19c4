import type { Func } from "../engine/code.ts";
import type { Facts } from "../engine/facts.ts";
import type { Confidence, Level, Source } from "../finding/finding.ts";
import type { Judge, Verdict } from "../judge/judge.ts";
import type { Violation } from "../judge/runs.ts";
import type { Node } from "../syntax/node.ts";

/** A stretch of code that a sighting is about: a node, or offsets into the tree of a function or structure. */
export interface Mark {
  readonly tree: Func["tree"];
  readonly node: { readonly start: number; readonly end: number };
}

/** What a rule saw, before anything is said about it. `data` is what `explain` needs. */
export interface Sighting<D> {
  readonly at: Mark;
  /** The function, or "struct foo", that the place lies in. */
  readonly within: string;
  readonly related?: readonly { readonly at: Mark; readonly message: string }[];
  /** The run that shows it; with a level of its own where the consequence differs from the rule's level. */
  readonly verdict?: Verdict;
  readonly level?: Level;
  readonly confidence?: Confidence;
  readonly fix?: readonly { readonly at: Mark; readonly text: string }[];
  /** The fix keeps what the code means, where the functions that it calls anew are there: it can be written unseen. */
  readonly safe?: { readonly calls: readonly string[] };
  readonly data: D;
}

/** All that a rule can stand on: what is read in the code, and what goes wrong when it is executed. */
export interface Ground extends Omit<Facts, "code" | "flow"> {
  readonly violations: readonly Violation[];
}

/** What can be asked for: lists of which at least one entry must be shown. */
export type FactName = keyof Ground;

/** What a rule may ask besides its facts. */
export interface Help {
  readonly judge: Judge<Mark>;
  /** The source text of a node, white space folded. */
  text(mark: { readonly tree: Func["tree"] }, node: Node): string;
  /** The source text between two offsets as it stands. */
  raw(mark: { readonly tree: Func["tree"] }, start: number, end: number): string;
  /** The base version can call the function: "yes"; "later": the base is too old; "unknown". */
  can(name: string): "yes" | "later" | "unknown";
  /** Says in -v why the rule keeps silent about a place that it looked at. */
  silent(what: string, why: string): void;
}

export interface Advice {
  /** One sentence that stands alone: what is there. */
  readonly what: string;
  readonly why: string;
  readonly instead: string;
}

export interface Rule<N extends FactName = FactName, D = unknown> {
  /** Names the defect, in kebab case. */
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly confidence: Confidence;
  readonly sources: readonly [Source, ...Source[]];
  /** The rule is asked only if each of these lists has an entry; it sees no other facts. */
  readonly needs: readonly [N, ...N[]];
  find(facts: Pick<Ground, N>, help: Help): Iterable<Sighting<D>>;
  explain(sighting: Sighting<D>): Advice;
}

/** Any rule, for lists of them. */
// biome-ignore lint/suspicious/noExplicitAny: each rule has facts and data of its own
export type AnyRule = Rule<any, any>;

/** Checks a rule against its types; reading a fact outside `needs` and a rule without sources do not compile. */
export function defineRule<N extends FactName, D>(rule: Rule<N, D>): Rule<N, D> {
  return rule;
}

/** A review mail on lore.kernel.org as the source of a rule. */
export function lore(messageId: string, by: string, says: string): Source {
  return { by, says, url: `https://lore.kernel.org/linux-block/${messageId}/` };
}

/** The review that the eleven points come from: his reply of 2024-06-01 to "[PATCH v20 03/12] block: add copy offload support". */
export const hellwig = (says: string): Source => lore("20240601061653.GA5877@lst.de", "Christoph Hellwig", says);
