import type { Patience } from "./patience.ts";

/** Where a line of an image stands in the series: the patch that shows it, and both of its line numbers there. */
export interface Origin {
  /** 0-based index into `Series.patches`. */
  readonly patch: number;
  /** 1-based line of the file on the new side of that patch. */
  readonly line: number;
  /** 1-based line of the patch mail (`SeriesPatch.message.path`). */
  readonly patchLine: number;
}

/** A line of a file that is known: shown by a hunk of the series, or read from a tree. */
export interface KnownLine {
  /** 1-based line number in this image. */
  readonly number: number;
  /** Without line end. */
  readonly text: string;
  /** The patch of the series that added the line; undefined if it stood there before the series. */
  readonly added: Origin | undefined;
  /**
   * The patch that shows the line most recently (as context or added); where no patch up to this point shows it, the
   * first later one that does (as context or removed: its `line` is then where the new side goes on). Undefined for a
   * line known from a tree only.
   */
  readonly shown: Origin | undefined;
}

/** A run of known lines with consecutive numbers, at least one. */
export interface Island {
  readonly lines: readonly KnownLine[];
  /** Section text of the hunk that starts this island (what opens the enclosing item), or "" if unknown. */
  readonly section: string;
}

/** What is known of one file at one point of the series. Between islands lie gaps: lines that nothing shows. */
export interface Image {
  readonly path: string;
  /** Ascending, not overlapping, not adjacent. */
  readonly islands: readonly Island[];
  /** The whole file is known: there are no gaps, also not at the start or the end. */
  readonly complete: boolean;
}

/**
 * The files of a series at one point: `after` = number of patches applied (0: before the series). Files that no patch
 * of the series touches, or that do not exist at that point, are absent. Without a tree, files that only later patches
 * touch are there too, as far as those patches show lines that stood there unchanged. An image that one patch leaves as
 * it is is the same object before and after it.
 */
export interface State {
  readonly after: number;
  readonly images: ReadonlyMap<string, Image>;
  /** What all states of one series share of the work of parsing them; absent: each has its own. */
  readonly patience?: Patience;
}

/** A source of whole files: a kernel checkout or the objects of a git repository, at the base of the series. */
export interface Tree {
  /**
   * The text of a file.
   * @param path relative to the top of the tree, with forward slashes.
   * @returns undefined if there is no such regular file inside the tree (also for `..` and links that lead out).
   */
  read(path: string): string | undefined;
}
