import { split } from "./headers.ts";
import { type Mutator, many, type Random } from "./random.ts";

/** The mail with other headers about its content, and another body. */
function wrapped(text: string, fields: Readonly<Record<string, string>>, body: (body: string) => string): string {
  const [head, rest] = split(text);
  const kept = head.replace(/^(?:MIME-Version|Content-[\w-]+):.*(?:\n[ \t].*)*\n/gim, "");
  const added = Object.entries({ "MIME-Version": "1.0", ...fields }).map(([name, value]) => `${name}: ${value}\n`);
  return `${kept}${added.join("")}\n${body(rest.replace(/^\n/, ""))}`;
}

const code = (char: string): string => `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

function quotedPrintable(body: string, everything = false): string {
  return body
    .replace(everything ? /[^\n]/g : /[^\n\t -<>-~]|[ \t](?=\n)/g, code)
    .replace(/[^\n]{70}(?=[^\n])/g, (line) =>
      line.replace(/(?:=.?)?$/, (end) => (end.startsWith("=") ? `=\n${end}` : "=\n")),
    );
}

const base64 = (body: string): string => Buffer.from(body, "latin1").toString("base64").replace(/.{76}/g, "$&\n");

/** Some of the characters are lost, doubled or others. */
function damaged(body: string, random: Random): string {
  const at = random.below(body.length + 1);
  const end = at + random.below(50);
  return (
    body.slice(0, at) +
    random.pick(["", "=", "==", "=\n", "=ZZ", "=0", "!", "\0", "\xff", "\r", body.slice(at, end)]) +
    body.slice(end)
  );
}

const charsets = [
  "utf-8",
  "us-ascii",
  "iso-8859-1",
  "iso-8859-15",
  "windows-1252",
  "koi8-r",
  "utf-7",
  "utf-16",
  "utf-16le",
  "utf-32",
  "gb18030",
  "big5",
  "shift_jis",
  "iso-2022-jp",
  "euc-kr",
  "x-user-defined",
  "replacement",
  "unknown-8bit",
  '"',
  "",
  "__proto__",
  "x".repeat(3_000),
];

const types = [
  "text/plain",
  "text/x-patch",
  "text/html",
  "text/calendar",
  "application/octet-stream",
  "application/x-gzip",
  "message/rfc822",
  "message/partial",
  "multipart/mixed",
  "multipart/alternative",
  "multipart/signed",
  "image/png",
  "",
  "/",
  "text",
  ";;;",
  'text/plain; name="../../x.patch"',
  "text/plain; name*=utf-8''%00%0a",
  "text/plain; name*0=a; name*1=b; name*3=c",
];

const transfers = [
  "7bit",
  "8bit",
  "binary",
  "quoted-printable",
  "base64",
  "x-uuencode",
  "BASE64 ",
  "",
  "none; x",
  "base64\n quoted-printable",
];

const plain = { "Content-Type": "text/plain; charset=utf-8" };
const boundaries = ["=_b", "b", "", '"', "a".repeat(2_000), "--", "\\", "$&", "(.*)+$"];

/** A part of a multipart mail. */
const part = (boundary: string, head: string, body: string): string => `--${boundary}\n${head}\n\n${body}\n`;

function multipart(text: string, random: Random, whole: boolean): string {
  const boundary = random.pick(boundaries);
  const kind = random.pick(["mixed", "alternative", "related", "signed", "x"]);
  return wrapped(text, { "Content-Type": `multipart/${kind}; boundary="${boundary}"` }, (body) => {
    const how = random.pick([
      "Content-Type: text/plain",
      'Content-Type: text/x-patch; name="0001-x.patch"\nContent-Disposition: attachment; filename="0001-x.patch"',
      "Content-Type: message/rfc822",
      "Content-Type: text/html",
      "",
      `Content-Type: ${random.pick(types)}`,
    ]);
    const head = random.chance(0.5) ? `${how}\nContent-Transfer-Encoding: base64` : how;
    const inner = head.endsWith("base64") ? base64(body) : how.endsWith("rfc822") ? text : body;
    const parts = [part(boundary, "Content-Type: text/plain", "Hello,\n"), part(boundary, head, inner)];
    const all = random.chance(0.2) ? parts.reverse() : parts;
    return `preamble\n${all.join("")}${whole ? `--${boundary}--\n` : ""}`;
  });
}

export const encodings: Readonly<Record<string, Mutator>> = {
  "quoted-printable": (text, random) =>
    wrapped(text, { ...plain, "Content-Transfer-Encoding": "quoted-printable" }, (body) =>
      quotedPrintable(body, random.chance(0.1)),
    ),
  "broken quoted-printable": (text, random) =>
    wrapped(text, { ...plain, "Content-Transfer-Encoding": "quoted-printable" }, (body) =>
      damaged(quotedPrintable(body), random),
    ),
  "plain text that is said to be quoted-printable": (text) =>
    wrapped(text, { ...plain, "Content-Transfer-Encoding": "quoted-printable" }, (body) => body),
  base64: (text) => wrapped(text, { ...plain, "Content-Transfer-Encoding": "base64" }, base64),
  "broken base64": (text, random) =>
    wrapped(text, { ...plain, "Content-Transfer-Encoding": "base64" }, (body) => damaged(base64(body), random)),
  "plain text that is said to be base64": (text) =>
    wrapped(text, { ...plain, "Content-Transfer-Encoding": "base64" }, (body) => body),
  flowed: (text, random) =>
    wrapped(text, { "Content-Type": `text/plain; format=flowed; delsp=${random.pick(["yes", "no", "x"])}` }, (body) =>
      random.chance(0.5) ? body.replace(/^ /gm, "  ") : body.replace(/ /g, () => (random.chance(0.05) ? " \n" : " ")),
    ),
  "another charset": (text, random) =>
    wrapped(text, { "Content-Type": `text/plain; charset=${random.pick(charsets)}` }, (body) =>
      random.chance(0.5) ? body : body.replace(/[a-z]{3}/, "\xe4\xf6\xfc\xa4\x1b$B"),
    ),
  "another charset, encoded": (text, random) =>
    wrapped(
      text,
      { "Content-Type": `text/plain; charset="${random.pick(charsets)}"`, "Content-Transfer-Encoding": "base64" },
      base64,
    ),
  "another type": (text, random) => wrapped(text, { "Content-Type": random.pick(types) }, (body) => body),
  "another transfer encoding": (text, random) =>
    wrapped(text, { ...plain, "Content-Transfer-Encoding": random.pick(transfers) }, (body) => body),
  multipart: (text, random) => multipart(text, random, true),
  "a multipart that is cut off": (text, random) => multipart(text, random, false),
  "multipart in multipart": (text, random) => {
    const deep = random.pick([2, 5, 30, 40, 500]);
    return wrapped(text, { "Content-Type": 'multipart/mixed; boundary="b0"' }, (body) => {
      const open = Array.from(
        { length: deep },
        (_, n) => `--b${n}\nContent-Type: multipart/mixed; boundary="b${n + 1}"\n\n`,
      );
      const close = Array.from({ length: deep + 1 }, (_, n) => `--b${deep - n}--\n`);
      return `${open.join("")}--b${deep}\nContent-Type: text/plain\n\n${body}\n${close.join("")}`;
    });
  },
  "very many parts": (text, random) =>
    wrapped(
      text,
      { "Content-Type": 'multipart/mixed; boundary="b"' },
      (body) =>
        `${part("b", random.pick(["Content-Type: text/plain", "", "X"]), "x").repeat(Math.min(many(random), 2_000))}${part("b", "Content-Type: text/x-patch", body)}--b--\n`,
    ),
  "an attached mail in an attached mail": (text, random) => {
    let all = text;
    for (let n = random.pick([1, 2, 10, 60]); n > 0; n--)
      all = `Subject: x\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n${all}`;
    return all;
  },
  html: (text, random) =>
    wrapped(
      text,
      { "Content-Type": "text/html; charset=utf-8" },
      (body) =>
        `<html>${random.pick(["<pre>", "<p>", "<!--", "<script>"])}${body.replaceAll("<", "&lt;").replaceAll("\n", random.pick(["\n", "<br>\n"]))}</pre>`,
    ),
  "headers of content twice": (text, random) =>
    `Content-Type: ${random.pick(types)}\nContent-Transfer-Encoding: ${random.pick(transfers)}\n${text}`,
  "UTF-16": (text) => Buffer.from(`\ufeff${text}`, "utf16le").toString("latin1"),
  gzip: (text, random) => `\x1f\x8b\x08${random.chance(0.5) ? text : ""}`,
  uuencoded: (text) => text.replace(/\n\n[^]*/, (body) => `\n\nbegin 644 x.patch\n${body.replace(/^/gm, "M")}\nend\n`),
};
