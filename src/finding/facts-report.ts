/** What `copylint facts` prints of one fact about the copy engine that a series builds. */
export interface FactLine {
  /** The family: "submission", "plug", "context", "progress write", ... */
  readonly kind: string;
  /** What the fact is about: the name of a function, field, object or option. */
  readonly name: string;
  /** The file that shows it, or whose gap hides it; "" if the fact belongs to no file. */
  readonly file: string;
  /** 1-based, new side of the patch that shows it last; 0 if the fact has no line. */
  readonly line: number;
  /** False: the series does not show it, which is not to say that it is not there. */
  readonly shown: boolean;
  /** The value in words, or why it is not shown. */
  readonly detail: string;
}

/** All facts of a series, in the order in which they are printed. */
export type FactsReport = readonly FactLine[];
