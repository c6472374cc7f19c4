/** Header fields by lower-case name, unfolded, not yet decoded; of a repeated field the first one, but all of To and Cc. */
export type Header = ReadonlyMap<string, string>;

/**
 * Reads the header block at the start of a mail.
 * @returns the fields, and the 0-based index of the first line of the body; undefined if this is no mail header.
 */
export function readHeader(text: string): { fields: Header; bodyAt: number; bodyLine: number } | undefined {
  const fields = new Map<string, string>();
  let at = 0;
  let line = 0;
  let name = "";
  let value: string[] = [];
  const close = () => {
    const former = fields.get(name);
    if (name !== "" && former === undefined) fields.set(name, value.join(" ").trim());
    // Some mailers write a field for each recipient.
    else if (name === "to" || name === "cc") fields.set(name, `${former}, ${value.join(" ").trim()}`);
  };
  while (at < text.length) {
    let end = text.indexOf("\n", at);
    if (end === -1) end = text.length;
    const raw = text.slice(at, text.charCodeAt(end - 1) === 13 ? end - 1 : end);
    line++;
    at = end + 1;
    if (raw === "") break;
    if (raw.startsWith(" ") || raw.startsWith("\t")) {
      if (name === "") return undefined;
      value.push(raw.trim());
      continue;
    }
    const colon = raw.indexOf(":");
    if (colon <= 0 || !/^[!-9;-~]{1,80}$/.test(raw.slice(0, colon).trimEnd())) {
      // A mail without an empty line behind its header is cut off there; anything else is no mail.
      return undefined;
    }
    close();
    name = raw.slice(0, colon).trimEnd().toLowerCase();
    value = [raw.slice(colon + 1).trim()];
  }
  close();
  if (!["from", "subject", "date", "message-id", "to", "content-type"].some((field) => fields.has(field))) {
    return undefined;
  }
  return { fields, bodyAt: Math.min(at, text.length), bodyLine: line + 1 };
}

/** Decodes the encoded words of RFC 2047, and makes one printable line of it. */
export function decodeWords(text: string): string {
  let out = text;
  if (text.includes("=?")) {
    // Blanks between two encoded words do not count.
    out = text
      .replace(/\?=[ \t]+=\?/g, "?==?")
      .replace(/=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=/g, (word, charset: string, kind: string, data: string) => {
        const bytes = kind === "b" || kind === "B" ? base64Bytes(data) : quotedBytes(data);
        return (bytes && decodeBytes(bytes, charset.split("*")[0]!)) ?? word;
      });
  }
  return /[\u0000-\u001f\u007f]/.test(out) ? out.replace(/[\u0000-\u001f\u007f]+/g, " ") : out;
}

function base64Bytes(data: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function quotedBytes(data: string): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < data.length; at++) {
    const char = data.charAt(at);
    const hex = char === "=" ? data.slice(at + 1, at + 3) : "";
    if (char === "_") bytes.push(32);
    else if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else bytes.push(data.charCodeAt(at) & 255);
  }
  return new Uint8Array(bytes);
}

/** Undefined for a charset that nobody here knows. */
function decodeBytes(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A parameter of a structured field such as `Content-Type`, in lower case where `lower` says so; "" if absent. */
export function parameter(field: string, name: string): string {
  for (const part of field.split(";").slice(1)) {
    const equals = part.indexOf("=");
    if (equals === -1 || part.slice(0, equals).trim().toLowerCase() !== name) continue;
    const value = part.slice(equals + 1).trim();
    return value.startsWith('"') ? value.slice(1).split('"')[0]! : value.split(/[\s(]/)[0]!;
  }
  return "";
}

/** Message ids with their angle brackets, in order. */
export function messageIds(field: string | undefined): string[] {
  return field === undefined ? [] : (field.match(/<[^<>\s]{1,998}>/g) ?? []);
}
