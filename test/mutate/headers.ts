import { type Mutator, many, type Random } from "./random.ts";

/** The header with its last newline, and what follows. */
export function split(text: string): readonly [string, string] {
  const at = text.indexOf("\n\n");
  return at === -1 ? [text, ""] : [text.slice(0, at + 1), text.slice(at + 1)];
}

const names = ["From", "Date", "Subject", "Message-ID", "In-Reply-To", "References", "To", "Cc", "Content-Type"];

const escaped = (name: string): RegExp => new RegExp(`^${name}:.*(?:\\n[ \\t].*)*\\n`, "im");

/** Replaces a header, or adds it. */
function set(text: string, name: string, value: string): string {
  const [head, body] = split(text);
  const line = `${name}: ${value}\n`;
  const old = escaped(name);
  return (old.test(head) ? head.replace(old, () => line) : head + line) + body;
}

const setTo = (name: string, values: readonly string[]): Mutator => {
  return (text, random) => set(text, name, random.pick(values));
};

const subject = (text: string): string => /^Subject:\s*(.*)$/im.exec(text)?.[1] ?? "";

const numberings = [
  "[PATCH]",
  "[PATCH 0/0]",
  "[PATCH 1/0]",
  "[PATCH 0/3]",
  "[PATCH 7/3]",
  "[PATCH 2/2]",
  "[PATCH 1/1000000]",
  "[PATCH 999999999999999999999/1]",
  "[PATCH 1/99999999999999999999999]",
  "[PATCH -1/2]",
  "[PATCH 1/2/3]",
  "[PATCH v2]",
  "[PATCH v0 1/2]",
  "[PATCH v99999999999999999999 1/2]",
  "[PATCH v2 v3 1/2]",
  "[RFC PATCH RESEND v3 01/02]",
  "[PATCH 1 of 2]",
  "[[PATCH] 1/2]",
  "[PATCH",
  "PATCH]",
  "[]",
  "[PATCH] [PATCH] [PATCH]",
  "Re: [PATCH]",
  "Re: Re: Fwd: [PATCH 1/2]",
  "[1/2]",
  "",
];

const words = [
  "=?utf-8?q?=5BPATCH=5D_x?=",
  "=?utf-8?b?W1BBVENIXQ==?=",
  "=?utf-8?b?W1BBVENIXQ?=",
  "=?utf-8?q?=ZZ=?=",
  "=?x-unknown?q?a?=",
  "=?utf-16?b?AAAA?=",
  "=?utf-8?x?a?=",
  "=?utf-8?q?",
  "=?utf-8?q?=00=0A=1B[2J?=",
  "=?iso-2022-jp?b?GyRCJVElQyVBGyhC?=",
  "\xff\xfe\xc3\x28",
];

const dates = [
  "",
  "never",
  "Thu, 1 Jan 1970 00:00:00 +0000",
  "Fri, 31 Dec 9999 23:59:59 +0000",
  "Fri, 31 Dec 275761 23:59:59 +0000",
  "Mon, 32 Foo 2024 25:61:61 +9999",
  "1",
  "2024-06-01",
  `${"(".repeat(3_000)}1 Jun 2024`,
];

const ids = ["", "<>", "<a@b>", "a@b", "<a@b> <c@d>", "<a b>", "<<a@b>>", "<\x1b[31m@x>", `<${"x".repeat(5_000)}@y>`];

const own = (text: string): string => /^Message-I[Dd]:\s*(<.*>)/m.exec(text)?.[1] ?? "<own@example.org>";

/** One line of the header, from the list of those that are there. */
function aLine(head: string, random: Random): readonly [string[], number] {
  const lines = head.split("\n");
  return [lines, random.below(lines.length)];
}

export const headers: Readonly<Record<string, Mutator>> = {
  "another numbering": (text, random) =>
    set(
      text,
      "Subject",
      subject(text).replace(/^(?:\[[^\]]*\])?/, () => random.pick(numberings)),
    ),
  "a numbering of its own": (text, random) =>
    set(text, "Subject", `[PATCH v${random.below(4)} ${random.below(9)}/${random.below(9)}] ${subject(text)}`),
  "a subject in encoded words": (text, random) =>
    set(
      text,
      "Subject",
      `${random.pick(["", "[PATCH] ", subject(text)])}${random.pick(words).repeat(Math.min(many(random), 1_000))}`,
    ),
  "another date": setTo("Date", dates),
  "another message id": setTo("Message-ID", ids),
  "references of itself": (text, random) => set(text, random.pick(["In-Reply-To", "References"]), own(text)),
  "other references": (text, random) => set(text, random.pick(["In-Reply-To", "References"]), random.pick(ids)),
  "very many references": (text, random) =>
    set(
      text,
      "References",
      Array.from({ length: many(random) }, (_, n) => `<${n}@x>`).join(random.pick([" ", "\n ", "", "\r\n\t"])),
    ),
  "a sender": setTo("From", [
    "",
    "x",
    "<>",
    '"unfinished <a@b>',
    ...words,
    `${"(".repeat(2_000)}a@b`,
    `${"a@b,".repeat(2_000)}`,
  ]),
  "drop a header": (text, random) => {
    const [head, body] = split(text);
    return head.replace(escaped(random.pick(names)), "") + body;
  },
  "a header twice": (text, random) => {
    const [head, body] = split(text);
    return head.replace(escaped(random.pick(names)), (line) => line.repeat(1 + Math.min(many(random), 1_000))) + body;
  },
  "an enormous header": (text, random) =>
    set(
      text,
      random.pick([...names, "X"]),
      random.pick(["x", "x ", "<a@b>", "(", '"', "=?", "[", "\\", ",", ";"]).repeat(many(random) * 5),
    ),
  "a folded header": (text, random) => {
    const [head, body] = split(text);
    return (
      head.replace(escaped(random.pick(names)), (line) =>
        line.replace(/ (?=.)/g, random.pick(["\n ", "\n\t", "\n  \n ", "\n"])),
      ) + body
    );
  },
  "a header folded very often": (text, random) => set(text, random.pick(names), `x${"\n ".repeat(many(random))}y`),
  "a header without a colon": (text, random) => {
    const [head, body] = split(text);
    const [lines, at] = aLine(head, random);
    lines[at] = lines[at]!.replace(":", random.pick(["", " ", " :", ";", "::"]));
    return lines.join("\n") + body;
  },
  "a line that is no header": (text, random) => {
    const [head, body] = split(text);
    const [lines, at] = aLine(head, random);
    lines.splice(
      at,
      0,
      random.pick(["", " ", "\t", "x", ":", "From nobody", ">From x", "---", "diff --git a/x b/x", "@@ -1 +1 @@"]),
    );
    return lines.join("\n") + body;
  },
  "headers in another order": (text, random) => {
    const [head, body] = split(text);
    const [lines, at] = aLine(head, random);
    return [...lines.slice(at), ...lines.slice(0, at)].join("\n") + body;
  },
  "no header": (text) => split(text)[1],
  "no body": (text) => split(text)[0],
  "no line between header and body": (text) => split(text).join("").replace("\n\n", "\n"),
  "blank lines first": (text, random) => random.pick(["\n", "\n\n", " \n", "\r\n"]).repeat(many(random)) + text,
  "in an mbox": (text, random) => `From x Mon Sep 17 00:00:00 2001\n${text}\n`.repeat(1 + random.below(4)),
  "very many mails": (text, random) => {
    const small = (n: number) =>
      `From x Mon Sep 17 00:00:00 2001\nSubject: [PATCH ${n}/9] x\nMessage-ID: <${n}@x>\nIn-Reply-To: <${n - 1}@x>\n\n`;
    return (
      text +
      Array.from(
        { length: Math.min(many(random), 2_000) },
        (_, n) => `${small(n)}diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\n`,
      ).join("")
    );
  },
  "words of the author's own": (text, random) =>
    text.replace(
      /^(?=---$)/m,
      `${random.pick(["copylint: ignore", "copylint: ignore double-free", "Copylint-ignore: all", "Base-commit: x", "base-commit: 0000", "Fixes: x", "Signed-off-by:"])}\n`.repeat(
        Math.min(many(random), 1_000),
      ),
    ),
  "a reply to it": (text) =>
    `${text}\nFrom x Mon Sep 17 00:00:00 2001\nSubject: Re: ${subject(text)}\nIn-Reply-To: ${own(text)}\n\n${split(text)[1].replace(/^/gm, "> ")}`,
};
