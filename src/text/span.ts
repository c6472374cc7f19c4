/** A place in a text. Both numbers are 1-based; the column counts UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * A stretch of a file. Lines and columns are 1-based, columns count UTF-16 code units, and the end is exclusive:
 * `endLine:endColumn` is the first position that no longer belongs to the span.
 */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}
