import type { Address } from "./address.ts";

/** Lines of a header are folded so that they stay below this many columns, as far as there is white space. */
const width = 76;
/** RFC 2047: an encoded word has at most this many characters. */
const wordLength = 75;

const encoder = new TextEncoder();

/** Text that needs no encoding in a header: printable ASCII that nobody can take for an encoded word. */
const isPlain = (text: string): boolean => /^[ -~]*$/.test(text) && !text.includes("=?");

/** A text as encoded words (RFC 2047, Q), each whole characters of UTF-8; a word for a phrase holds letters and digits only. */
function encoded(text: string): string {
  const words: string[] = [];
  let word = "";
  const room = wordLength - "=?UTF-8?q??=".length;
  for (const char of text) {
    const bytes = [...encoder.encode(char)];
    const isLetter = /^[A-Za-z0-9]$/.test(char);
    const code = isLetter ? char : char === " " ? "_" : bytes.map(hex).join("");
    if (word.length + code.length > room) {
      words.push(word);
      word = "";
    }
    word += code;
  }
  return [...words, word].map((one) => `=?UTF-8?q?${one}?=`).join(" ");
}

const hex = (byte: number): string => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;

/** A mailbox as it stands in a header. */
function mailbox({ name, address }: Address): string {
  if (name === "") return address;
  if (!isPlain(name)) return `${encoded(name)} <${address}>`;
  const phrase = /^[\w!#$%&'*+/=?^`{|}~ -]+$/.test(name) ? name : `"${name.replace(/["\\]/g, "\\$&")}"`;
  return `${phrase} <${address}>`;
}

/** A field, folded between its parts; a part is never taken apart. */
function folded(name: string, parts: readonly string[]): string {
  let out = `${name}:`;
  let column = out.length;
  for (const [i, part] of parts.entries()) {
    if (i > 0 && column + 1 + part.length > width) {
      out += "\n";
      column = 0;
    }
    out += ` ${part}`;
    column += 1 + part.length;
  }
  return out;
}

/** A field of running text, such as Subject. The text is one printable line. */
export function textField(name: string, text: string): string {
  return folded(name, (isPlain(text) ? text : encoded(text)).trim().split(/ +/));
}

/** A field of mailboxes; undefined if there are none. */
export function addressField(name: string, addresses: readonly Address[]): string | undefined {
  if (addresses.length === 0) return undefined;
  const last = addresses.length - 1;
  return folded(
    name,
    addresses.map((one, i) => `${mailbox(one)}${i < last ? "," : ""}`),
  );
}

/** A field of message ids, a line each; undefined if there are none. */
export function idField(name: string, ids: readonly string[]): string | undefined {
  return ids.length === 0 ? undefined : `${name}: ${ids.join("\n ")}`;
}

/** A message id that can stand in a header as it is: printable ASCII, and not too long for a line. */
export const isMessageId = (id: string | undefined): id is string =>
  id !== undefined && /^<[!-;=?-~]{1,250}>$/.test(id);
