import { countNewlines } from "../text/lines.ts";
import type { Problem } from "../text/problem.ts";
import { decodeWords, type Header, messageIds, parameter, readHeader } from "./header.ts";
import { type Piece, splitMbox, unquoteFrom } from "./mbox.ts";
import type { Message } from "./message.ts";

/** Inputs above this many bytes are not read: no patch series is that long. */
export const maxInputBytes = 64 * 1024 * 1024;

/** Encoded mails above this many bytes are not decoded. */
const maxEncodedBytes = 16 * 1024 * 1024;

/**
 * Reads one mail, a bare diff, `git format-patch` output or an mbox.
 *
 * Plain mails (7bit, 8bit; UTF-8, us-ascii, latin-1; also flowed) are decoded here; for everything else postal-mime is loaded. The
 * text equals what `git mailinfo` makes of the mail. What cannot be read is a problem; nothing is thrown.
 *
 * @param path the name under which messages and problems are reported.
 * @param isOne this is one mail, and lines of it that could start another in an mbox do not.
 */
export async function readMessages(
  bytes: Uint8Array,
  path: string,
  isOne = false,
): Promise<{ messages: Message[]; problems: Problem[] }> {
  // What native code still holds of mails before this one is given back between two turns of the event loop only.
  await new Promise((go) => setImmediate(go));
  const messages: Message[] = [];
  const problems: Problem[] = [];
  const unreadable = (what: string, advice?: string, line?: number) => {
    problems.push({
      kind: "unreadable",
      path,
      ...(line === undefined ? {} : { line }),
      what,
      ...(advice === undefined ? {} : { advice }),
    });
  };
  if (bytes.length === 0) unreadable("this file is empty");
  else if (bytes.length > maxInputBytes) unreadable(tooLarge(bytes.length));
  else if (bytes[0] === 0x1f && bytes[1] === 0x8b) unreadable("this file is compressed", "unpack it with gunzip first");
  else if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    unreadable("this file is UTF-16 text", "save it as UTF-8");
  } else {
    const text = new TextDecoder().decode(bytes);
    for (const piece of isOne ? [{ text, line: 1, quoted: false }] : splitMbox(text)) {
      // git refuses such mail too: no patch of text has NUL bytes.
      const nul = piece.text.indexOf("\0");
      if (nul !== -1) {
        const line = piece.line + countNewlines(piece.text, 0, nul);
        unreadable("this holds NUL bytes: it is no text, and is passed over", undefined, line);
        continue;
      }
      messages.push(await readPiece(piece, bytes, path, unreadable));
    }
    if (messages.length === 0 && problems.length === 0) unreadable("this file is empty");
  }
  return { messages, problems };
}

/** The sentence for an input above the limit. */
export function tooLarge(size: number): string {
  return `this is too large: ${Math.ceil(size / 1048576)} MiB, the limit is ${maxInputBytes / 1048576} MiB`;
}

async function readPiece(
  piece: Piece,
  bytes: Uint8Array,
  path: string,
  unreadable: (what: string, advice?: string, line?: number) => void,
): Promise<Message> {
  const crlf = piece.text.charCodeAt(piece.text.indexOf("\n") - 1) === 13;
  const header = readHeader(piece.text);
  if (header === undefined) {
    const body = tidy(piece.text, crlf, piece.quoted);
    return { ...noHeader, path, body, bodyLine: piece.line };
  }
  const { fields } = header;
  const bodyLine = piece.line + header.bodyLine - 1;
  let body = plainBody(piece, header.bodyAt, fields, bytes);
  if (body === undefined) {
    const raw = pieceBytes(piece, bytes);
    if (raw.length > maxEncodedBytes) {
      unreadable("this encoded mail is too large to be decoded", undefined, piece.line);
      body = "";
    } else {
      const decoded = await decodeMail(raw, fields);
      if (decoded.problem !== undefined) unreadable(decoded.problem, "get the whole mail again", bodyLine);
      body = decoded.text;
    }
    body = tidy(body, !/[^\r]\n/.test(body), piece.quoted);
  } else body = tidy(body, crlf, piece.quoted);
  const word = (name: string) => decodeWords(fields.get(name) ?? "");
  return {
    path,
    messageId: messageIds(fields.get("message-id"))[0],
    subject: word("subject"),
    from: word("from"),
    date: fields.get("date"),
    inReplyTo: messageIds(fields.get("in-reply-to"))[0],
    references: messageIds(fields.get("references")),
    body,
    bodyLine,
    header: {
      from: fields.get("from") ?? "",
      to: fields.get("to") ?? "",
      cc: fields.get("cc") ?? "",
      autoSubmitted: fields.get("auto-submitted") ?? "",
    },
  };
}

const noHeader = {
  messageId: undefined,
  subject: "",
  from: "",
  date: undefined,
  inReplyTo: undefined,
  references: [],
} as const;

/** Line ends and `From ` quoting as the sender wrote them; the body ends in a newline unless it is empty. */
function tidy(text: string, crlf: boolean, quoted: boolean): string {
  let body = crlf ? text.replaceAll("\r\n", "\n") : text;
  if (quoted) body = unquoteFrom(body);
  return body === "" || body.endsWith("\n") ? body : `${body}\n`;
}

/** The body of a mail that needs no decoding but for its charset; undefined if it needs more. */
function plainBody(piece: Piece, bodyAt: number, fields: Header, bytes: Uint8Array): string | undefined {
  const transfer = (fields.get("content-transfer-encoding") ?? "").toLowerCase().trim();
  if (transfer !== "" && transfer !== "7bit" && transfer !== "8bit" && transfer !== "binary") return undefined;
  const type = fields.get("content-type") ?? "";
  const essence = type.split(";", 1)[0]!.trim().toLowerCase();
  if (essence !== "" && essence !== "text/plain" && essence !== "text" && !/^text\/x-(?:patch|diff)$/.test(essence)) {
    return undefined;
  }
  const text = plainText(piece, bodyAt, type, bytes);
  if (text === undefined || parameter(type, "format").toLowerCase() !== "flowed") return text;
  return unflow(text, parameter(type, "delsp").toLowerCase() === "yes");
}

function plainText(piece: Piece, bodyAt: number, type: string, bytes: Uint8Array): string | undefined {
  const text = piece.text.slice(bodyAt);
  switch (parameter(type, "charset").toLowerCase()) {
    case "utf-8":
    case "utf8":
      return text;
    case "":
    case "us-ascii":
    case "ascii":
    case "7bit":
      // As git does: what is no UTF-8 is taken for latin-1.
      return text.includes("\ufffd") && !isUtf8(pieceBytes(piece, bytes)) ? latin1(piece, bodyAt, bytes) : text;
    case "iso-8859-1":
    case "latin1":
    case "latin-1":
    case "windows-1252":
      return isAscii(text) ? text : latin1(piece, bodyAt, bytes);
    default:
      return undefined;
  }
}

/**
 * Joins the lines of format=flowed (RFC 3676) as `git mailinfo` does, which does not look at quoting depth; only the
 * signature line `-- ` stays a line of its own here even behind a line that flows.
 */
function unflow(text: string, delsp: boolean): string {
  const out: string[] = [];
  let held = "";
  for (const raw of text.split("\n")) {
    let line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    const signature = line === "-- ";
    if (line.startsWith(" ")) line = line.slice(1);
    if (signature) {
      if (held !== "") out.push(held);
      out.push(line);
      held = "";
    } else if (line.endsWith(" ")) held += delsp ? line.slice(0, -1) : line;
    else {
      out.push(held + line);
      held = "";
    }
  }
  if (held !== "") out.push(held);
  return out.join("\n");
}

function isAscii(text: string): boolean {
  return !/[^\u0000-\u007f]/.test(text);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function latin1(piece: Piece, bodyAt: number, bytes: Uint8Array): string {
  const raw = pieceBytes(piece, bytes);
  const skip = countNewlines(piece.text, 0, bodyAt);
  return new TextDecoder("iso-8859-1").decode(raw.subarray(lineOffset(raw, skip)));
}

/** The bytes of a piece: found by counting lines, as bytes and characters do not run alike. */
function pieceBytes(piece: Piece, bytes: Uint8Array): Uint8Array {
  const start = lineOffset(bytes, piece.line - 1);
  const count = countNewlines(piece.text);
  const rest = bytes.subarray(start);
  return piece.text.endsWith("\n") ? rest.subarray(0, lineOffset(rest, count)) : rest;
}

/** Offset in bytes of the line with 0-based number `line`. */
function lineOffset(bytes: Uint8Array, line: number): number {
  let at = 0;
  for (let seen = 0; seen < line; seen++) {
    const next = bytes.indexOf(10, at);
    if (next === -1) return bytes.length;
    at = next + 1;
  }
  return at;
}

/** Decodes with postal-mime, which is loaded here and nowhere else: most patch mail does without it. */
async function decodeMail(bytes: Uint8Array, fields: Header): Promise<{ text: string; problem?: string }> {
  const type = fields.get("content-type") ?? "";
  try {
    const { default: PostalMime } = await import("postal-mime");
    const mail = await PostalMime.parse(bytes as Uint8Array<ArrayBuffer>, { maxNestingDepth: 32 });
    let text = mail.text ?? "";
    for (const part of mail.attachments) {
      const isPatch = /^text\/(?!html|calendar)/.test(part.mimeType) || /\.(?:patch|diff)$/.test(part.filename ?? "");
      if (!isPatch || typeof part.content === "string") continue;
      const content = new TextDecoder().decode(part.content);
      if (content.includes("\0")) continue;
      text = `${text === "" || text.endsWith("\n") ? text : `${text}\n`}${content}`;
    }
    if (text.includes("\0")) return { text: "", problem: "this holds NUL bytes: it is no text, and is passed over" };
    const problem = cutOff(bytes, type, fields);
    return problem === undefined ? { text } : { text, problem };
  } catch {
    return { text: "", problem: "the MIME structure of this mail is not readable" };
  }
}

/** A multipart without its closing boundary, or base64 that ends within a group: the mail was cut. */
function cutOff(bytes: Uint8Array, type: string, fields: Header): string | undefined {
  const raw = () => new TextDecoder().decode(bytes);
  const boundary = parameter(type, "boundary");
  if (/^multipart\//i.test(type) && boundary !== "" && !raw().includes(`--${boundary}--`)) {
    return "this multipart mail ends before its closing boundary";
  }
  if ((fields.get("content-transfer-encoding") ?? "").trim().toLowerCase() === "base64") {
    const text = raw();
    const body = text.slice(readHeader(text)?.bodyAt ?? 0).replace(/[^A-Za-z0-9+/=]/g, "");
    if (body.length % 4 !== 0) return "the base64 text of this mail ends early";
  }
  return undefined;
}
