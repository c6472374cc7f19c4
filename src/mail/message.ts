/** One mail (or bare patch file) as read, with its text decoded. */
export interface Message {
  /** The file it came from as the user named it; for stdin `-`; for a git range the abbreviated commit. */
  readonly path: string;
  /** With its angle brackets; undefined when the header is missing (bare diff). */
  readonly messageId: string | undefined;
  /** Unfolded and decoded (RFC 2047); empty for a bare diff. */
  readonly subject: string;
  /** Decoded `From`. */
  readonly from: string;
  /** The Date header as it stands. */
  readonly date: string | undefined;
  readonly inReplyTo: string | undefined;
  /** Message ids with angle brackets, oldest first. */
  readonly references: readonly string[];
  /** The decoded text part; lines end in `\n`; carriage returns of CRLF *content* are kept. */
  readonly body: string;
  /**
   * 1-based line of `path` at which `body` starts, so that body line k (1-based) is line `bodyLine + k - 1` of the
   * file. Exact for 7bit and 8bit bodies; for encoded bodies it is the line the body would have if it were not.
   */
  readonly bodyLine: number;
  /** What a reply needs of the header; absent where there was none, as for a bare diff or a commit. */
  readonly header?: RawHeader;
}

/**
 * Fields as they stand in the mail, unfolded and not decoded: encoded words are decoded behind the commas and brackets of
 * an address list, or else they could hold some.
 */
export interface RawHeader {
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  /** "" for mail that a person sent. */
  readonly autoSubmitted: string;
}
