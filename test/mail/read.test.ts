import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readMessages } from "../../src/mail/read.ts";
import { git, hasGit, inTemporary, mailinfo, write } from "../git.ts";

const bytes = (text: string, encoding: BufferEncoding = "utf8") => Buffer.from(text, encoding);
const read = async (mail: string | Uint8Array, path = "mail") =>
  readMessages(typeof mail === "string" ? bytes(mail) : mail, path);

/** Every second byte that may be encoded is, so that all ways of the decoder are walked. */
function quotedPrintable(data: Buffer): string {
  let flip = false;
  const lines = data.toString("latin1").split("\n");
  return lines
    .map((line) => {
      const parts = [...line].map((char, at) => {
        const must =
          char === "=" || char > "~" || (char < " " && char !== "\t") || (at === line.length - 1 && char <= " ");
        flip = !flip;
        return must || (flip && char !== "-")
          ? `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`
          : char;
      });
      const soft: string[] = [];
      for (let at = 0; at < parts.length; at += 20) soft.push(parts.slice(at, at + 20).join(""));
      return soft.join("=\n");
    })
    .join("\n");
}

const base64 = (data: Buffer) => `${data.toString("base64").replace(/.{76}/g, "$&\n")}\n`;

const header = "From: A Author <author@example.org>\nSubject: [PATCH] say it\nMessage-Id: <1@example.org>\n";

type Coding = "7bit" | "8bit" | "none" | "quoted-printable" | "base64" | "flowed";

function encode(text: string, charset: "utf-8" | "iso-8859-1", coding: Coding, multipart: boolean): Buffer {
  const data = bytes(text, charset === "utf-8" ? "utf8" : "latin1");
  const coded =
    coding === "quoted-printable" ? bytes(quotedPrintable(data)) : coding === "base64" ? bytes(base64(data)) : data;
  const format = coding === "flowed" ? "; format=flowed" : "";
  const transfer = coding === "flowed" ? "8bit" : coding;
  const type =
    coding === "none"
      ? ""
      : `Content-Type: text/plain;\n charset="${charset}"${format}\nContent-Transfer-Encoding: ${transfer}\n`;
  if (!multipart) return Buffer.concat([bytes(`${header}MIME-Version: 1.0\n${type}\n`), coded]);
  const outer = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=_b"\n\nfor old readers\n';
  return Buffer.concat([bytes(`${header}${outer}--=_b\n${type}\n`), coded, bytes("\n--=_b--\n")]);
}

const line = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "--",
    "-- ",
    "+\tx = y;",
    "-=20",
    " \ttrailing  ",
    "diff",
    "+caf\u00e9 = \u00fc;",
    ".",
    "+=",
    "> quoted",
  ),
  fc.string({ unit: fc.constantFrom(..."abc =\t+-_?;(){}\u00e4\u00df".split("")), maxLength: 90 }),
);
const body = fc
  .array(line, { maxLength: 20 })
  .map((lines) => `Say caf\u00e9 here\n\nlog\n---\n x | 1 +\n\ndiff --git a/x b/x\n${lines.join("\n")}\n+end\n`);

describe("reading mail", () => {
  test.skipIf(!hasGit)("the text of a mail is what git mailinfo makes of it, in every encoding", async () => {
    await inTemporary(async (dir) => {
      await fc.assert(
        fc.asyncProperty(
          body,
          fc.constantFrom("utf-8" as const, "iso-8859-1" as const),
          fc.constantFrom<Coding>("8bit", "none", "quoted-printable", "base64", "flowed"),
          fc.boolean(),
          async (text, charset, coding, multipart) => {
            // A line that flows into the signature is broken by git itself.
            fc.pre(coding !== "flowed" || (!multipart && !/ \n-- \n/.test(text)));
            // Without a charset git leaves the message as it is.
            fc.pre(coding !== "none" || charset === "utf-8");
            const mail = encode(text, charset, coding, multipart);
            const { messages, problems } = await read(mail);
            expect(problems).toEqual([]);
            const { message, patch } = mailinfo(dir, mail);
            const decoded = message + patch.toString(charset === "utf-8" ? "utf8" : "latin1");
            expect(messages).toHaveLength(1);
            expect(messages[0]!.body.trimEnd()).toBe(decoded.trimEnd());
          },
        ),
        { numRuns: 200 },
      );
    });
  });

  test.skipIf(!hasGit)("subjects and names are decoded as git does", async () => {
    const words = ["=?UTF-8?q?caf=C3=A9_d=C3=BC?=", "=?iso-8859-1?Q?caf=E9?=", "=?utf-8?B?w6TDtg==?=", "plain"];
    await inTemporary(async (dir) => {
      for (const one of words) {
        for (const other of words) {
          const mail = `From: ${one} <a@example.org>\nSubject: [PATCH 1/2] ${one}\n ${other} end\n\nlog\n---\n`;
          const { messages } = await read(mail);
          const { info } = mailinfo(dir, mail);
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(info)?.[1];
          expect(messages[0]!.subject).toBe(`[PATCH 1/2] ${field("Subject")}`);
          expect(messages[0]!.from).toBe(`${field("Author")} <a@example.org>`);
        }
      }
    });
  });

  test("bodyLine says where in the file the text stands", async () => {
    const mbox = `From x Thu Jan  1 00:00:00 1970\n${header}\none\n\nFrom x Thu Jan  1 00:00:00 1970\n${header}References: <a@b>\n <c@d>\n\ntwo\n`;
    const { messages } = await read(mbox);
    expect(messages.map((message) => message.body.split("\n")[0])).toEqual(["one", "two"]);
    const lines = mbox.split("\n");
    for (const message of messages) expect(lines[message.bodyLine - 1]).toBe(message.body.split("\n")[0]);
    expect(messages[1]!.references).toEqual(["<a@b>", "<c@d>"]);
  });

  test.skipIf(!hasGit)("an mbox splits where git mailsplit splits it, and >From is unquoted", async () => {
    const mail = (text: string) => `From mboxrd@z Thu Jan  1 00:00:00 1970\n${header}\n${text}\n\n`;
    const mbox =
      mail("From here on: prose") +
      mail(">From the start\n>>From it\n+From x") +
      mail("From x@y Mon May  6 10:00:00 2024\nprose, too");
    const { messages } = await read(mbox);
    expect(messages.map((message) => message.body.trimEnd())).toEqual([
      "From here on: prose",
      "From the start\n>From it\n+From x",
      "From x@y Mon May  6 10:00:00 2024\nprose, too",
    ]);
    inTemporary((dir) => {
      write(dir, "two", mail("a") + mail("b"));
      expect(git(dir, ["mailsplit", "-o.", "two"]).toString().trim()).toBe("2");
    });
    expect((await read(mail("a") + mail("b"))).messages).toHaveLength(2);
  });

  test("git format-patch quotes nothing, so nothing is unquoted there", async () => {
    const { messages } = await read(`From ${"0".repeat(40)} Mon Sep 17 00:00:00 2001\n${header}\n>From it\n`);
    expect(messages[0]!.body).toBe(">From it\n");
  });

  test("transport line ends go, those of a patched file stay", async () => {
    const diff = "log\n---\ndiff --git a/x b/x\n+one\r\n+two\n";
    const kept = await read(`${header}\n${diff}`);
    expect(kept.messages[0]!.body).toBe(diff);
    const sent = await read(`${header}\n${diff.replace("\r", "")}`.replaceAll("\n", "\r\n"));
    expect(sent.messages[0]!.body).toBe(diff.replace("\r", ""));
    const coded = await read(`${header}Content-Transfer-Encoding: base64\n\n${base64(bytes(diff))}`);
    expect(coded.messages[0]!.body).toBe(diff);
  });

  test("a bare diff has no header, also when it starts with Index:", async () => {
    for (const diff of ["diff --git a/x b/x\n--- a/x\n", "Index: linux/x.c\n=====\n--- a\n", "Fix: it\n\ntext\n"]) {
      const { messages } = await read(diff);
      expect(messages).toMatchObject([{ subject: "", body: diff, bodyLine: 1, messageId: undefined }]);
    }
  });

  test("a patch attached to a mail is read; html, signatures and pictures are not", async () => {
    const part = (type: string, text: string) =>
      `--bb\nContent-Type: ${type}\nContent-Disposition: attachment\n\n${text}\n`;
    const mail = `${header}Content-Type: multipart/mixed; boundary=bb\n\n--bb\n\nlog\n${part("text/x-patch; name=a.patch", "+patch")}${part("text/html", "<b>")}${part("application/pgp-signature", "pgp")}--bb--\n`;
    expect((await read(mail)).messages[0]!.body.trim()).toBe("log\n+patch");
  });

  test("without a charset, what is no UTF-8 is latin-1", async () => {
    const mail = `${header}\ncaf\u00e9\n`;
    expect((await read(bytes(mail, "latin1"))).messages[0]!.body).toBe("caf\u00e9\n");
    expect((await read(bytes(mail))).messages[0]!.body).toBe("caf\u00e9\n");
  });

  test("control characters do not get into subjects", async () => {
    const { messages } = await read(`From: a\nSubject: =?utf-8?q?a=1B[2Jb=0Ac?=\n\nx\n`);
    expect(messages[0]!.subject).toBe("a [2Jb c");
  });
});

describe("input that is no mail", () => {
  const problemOf = async (data: Uint8Array | string) => {
    const { messages, problems } = await read(data, "given");
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ kind: "unreadable", path: "given" });
    return { what: problems[0]!.what, line: problems[0]!.line, messages: messages.length };
  };

  test("each is one problem", async () => {
    expect(await problemOf("")).toMatchObject({ what: "this file is empty", messages: 0 });
    expect(await problemOf("\n\n")).toMatchObject({ what: "this file is empty", messages: 0 });
    expect(await problemOf(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]))).toMatchObject({ line: 1, messages: 0 });
    expect((await problemOf(Buffer.from([0x1f, 0x8b, 8, 0]))).what).toContain("compressed");
    expect((await problemOf(bytes("\ufeffdiff", "utf16le"))).what).toContain("UTF-16");
    expect((await problemOf(new Uint8Array(64 * 1024 * 1024 + 1))).what).toContain("too large");
  });

  test("NUL bytes cost the message that has them, not the mbox", async () => {
    const mail = (text: string) => `From x Thu Jan  1 00:00:00 1970\n${header}\n${text}\n`;
    const { messages, problems } = await read(mail("one") + mail("t\0wo") + mail("three"));
    expect(messages.map((message) => message.body.trim())).toEqual(["one", "three"]);
    expect(problems).toMatchObject([{ kind: "unreadable", line: 12 }]);
  });

  test("a mail that was cut in its encoding says so, and what is left is read", async () => {
    const multipart = encode("log\n", "utf-8", "8bit", true).toString().replace("--=_b--\n", "");
    expect(await problemOf(multipart)).toMatchObject({
      what: expect.stringContaining("closing boundary"),
      messages: 1,
    });
    const coded = encode("one two three\n", "utf-8", "base64", false).toString().trimEnd().slice(0, -3);
    expect(await problemOf(coded)).toMatchObject({ what: expect.stringContaining("ends early"), messages: 1 });
  });

  test("nothing that is read throws", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.constantFrom(
            header,
            "\n",
            "From x Thu Jan  1 00:00:00 1970\n",
            "Content-Type: multipart/mixed; boundary=b\n",
            "--b\n",
            "--b--\n",
            "Content-Transfer-Encoding: base64\n",
            "Content-Transfer-Encoding: quoted-printable\n",
            "=ZZ=\n",
            "Content-Type: text/plain; charset=no-such\n",
            "=?x?q?",
            "Subject: =?no-such?b?!!?=\n",
            "diff --git a/x b/x\n",
          ),
          { maxLength: 12 },
        ),
        async (parts) => {
          const { messages, problems } = await read(parts.join(""));
          expect(messages.length + problems.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
