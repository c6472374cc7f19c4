import fc from "fast-check";
import PostalMime from "postal-mime";
import { beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../src/finding/finding.ts";
import { readMessages } from "../../src/mail/read.ts";
import { displayWidth, expandTabs } from "../../src/report/layout.ts";
import { type Draft, type MailView, mailDrafts, mboxOf } from "../../src/report/mail.ts";
import { assembleSeries } from "../../src/series/assemble.ts";
import { printable } from "../../src/text/printable.ts";
import { mailsOf, reviewMails, seriesOf, top } from "../reviewing.ts";
import { finding, reviewOf } from "./sample.ts";

const nobody: MailView = { from: undefined, input: "out" };

/** The body of a mail whose line 15 starts a plug. */
const body = `Why.

Signed-off-by: A Mason <mason@example.org>
---
 block/quarry.c | 3 +++
 1 file changed, 3 insertions(+)

diff --git a/block/quarry.c b/block/quarry.c
--- a/block/quarry.c
+++ b/block/quarry.c
@@ -264,3 +264,6 @@ void quarry_move(struct quarry *q)
 	sector_t left = q->stones;

+	while (left) {
+		blk_start_plug(&plug);
+		quarry_send(left);
 	quarry_close(q);
-- 
2.43.0
`;

const header = `Message-ID: <3@example.org>
In-Reply-To: <0@example.org>
References: <0@example.org>
From: A Mason <mason@example.org>
To: list@example.org
Cc: "B. Carver" <carver@example.org>, mason@example.org
Date: Sat, 1 Jun 2024 08:16:53 +0200
Subject: [PATCH v2 3/7] quarry: move blocks
`;

/** Drafts for one mail and findings at its lines; `at` counts in the body from 1. */
async function draftsFor(
  head: string,
  findings: readonly (Partial<Finding> & { readonly at?: number })[] = [{}],
  { view = nobody, text = body } = {},
): Promise<readonly Draft[]> {
  const { messages } = await readMessages(Buffer.from(`${head}\n${text}`), "3.patch");
  const { series } = assembleSeries(messages);
  const { message, index, total, subject, lineOffset } = series[0]!.patches[0]!;
  const made = findings.map(({ at = 15, ...change }) => {
    const patch = {
      messageId: message.messageId ?? null,
      subject,
      index,
      total,
      path: "3.patch",
      line: at + lineOffset,
    };
    return finding({ patch, function: "quarry_move", file: "block/quarry.c", ...change });
  });
  return mailDrafts(reviewOf(made), series, view);
}

const headOf = (draft: Draft): string => draft.text.slice(0, draft.text.indexOf("\n\n"));
const bodyOf = (draft: Draft): string => draft.text.slice(draft.text.indexOf("\n\n") + 2);

/** What a mail program reads. */
async function parsed(draft: Draft) {
  const mail = await PostalMime.parse(draft.text);
  return { ...mail, names: mail.headers.map(({ key }) => key) };
}

describe("a draft for the bundled series", () => {
  let drafts: readonly Draft[];
  beforeAll(async () => {
    const mails = mailsOf(`${top}fixtures/series/careless`);
    drafts = mailDrafts(await reviewMails(mails), await seriesOf(mails), nobody);
  });

  test("reads as somebody read it and took it over", async () => {
    expect(drafts.map(({ name }) => name)).toEqual(["v3-0003-block-add-blkdev_clone_range.eml"]);
    await expect(drafts[0]!.text).toMatchFileSnapshot("careless-3.eml");
  });

  test("has no line of its own beyond 72 columns, but for the commands", () => {
    const ours = bodyOf(drafts[0]!)
      .split("\n")
      .filter((line) => !line.startsWith("> ") && !line.startsWith("  b4 "));
    expect(ours.length).toBeGreaterThan(50);
    expect(ours.filter((line) => displayWidth(expandTabs(line)) > 72)).toEqual([]);
  });

  test("quotes lines of the patch only, as they stand and in their order", async () => {
    const [patch] = mailsOf(`${top}fixtures/series/careless`, ["0003-block-add-blkdev_clone_range.patch"]);
    const lines = patch!.text.split("\n").map((line) => line.trimEnd());
    let at = 0;
    for (const line of bodyOf(drafts[0]!).split("\n")) {
      if (!line.startsWith("> ") || line === "> [...]") continue;
      const found = lines.indexOf(line.slice(2), at);
      expect(found, line).toBeGreaterThanOrEqual(at);
      at = found + 1;
    }
    expect(at).toBeGreaterThan(100);
  });

  test("keeps each run short", () => {
    const sketches = bodyOf(drafts[0]!)
      .split(/\n(?! {4})/)
      .filter((part) => part.includes("\n    => "));
    expect(sketches).toHaveLength(4);
    for (const sketch of sketches) expect(sketch.split("\n").length).toBeLessThanOrEqual(1 + 1 + 8 + 1);
  });
});

describe("the header", () => {
  test("answers the patch: its author, all others once, its thread, its subject", async () => {
    const [draft] = await draftsFor(header);
    const mail = await parsed(draft!);
    expect(mail.to).toEqual([{ name: "A Mason", address: "mason@example.org" }]);
    expect(mail.cc).toEqual([
      { name: "", address: "list@example.org" },
      { name: "B. Carver", address: "carver@example.org" },
    ]);
    expect(mail.subject).toBe("Re: [PATCH v2 3/7] quarry: move blocks");
    expect(mail.inReplyTo).toBe("<3@example.org>");
    expect(mail.references).toBe("<0@example.org> <3@example.org>");
    expect(mail.names).not.toContain("from");
    expect(mail.names).not.toContain("date");
  });

  test("has a sender where one is named, who gets no copy", async () => {
    const from = { name: "B. Carver", address: "carver@example.org" };
    const mail = await parsed((await draftsFor(header, [{}], { view: { ...nobody, from } }))[0]!);
    expect(mail.from).toEqual(from);
    expect(mail.cc).toEqual([{ name: "", address: "list@example.org" }]);
  });

  test("writes what is no ASCII so that it is read back", async () => {
    const subject = `[PATCH v2 3/7] Größe: ${"naïve Blöcke, ".repeat(12)}日本語`;
    const head = header
      .replace(/Subject: .*/, `Subject: =?UTF-8?B?${Buffer.from(subject).toString("base64")}?=`)
      .replace("A Mason", "=?iso-8859-1?q?J=F6rg_M=FCller?=")
      .replace('"B. Carver"', '"Müller, Zoë"');
    const [draft] = await draftsFor(head);
    expect(headOf(draft!)).toMatch(/^[\n -~]*$/);
    const mail = await parsed(draft!);
    expect(mail.subject).toBe(`Re: ${subject}`);
    expect(mail.to?.[0]?.name).toBe("Jörg Müller");
    expect(mail.cc?.[1]).toEqual({ name: "Müller, Zoë", address: "carver@example.org" });
    expect(bodyOf(draft!)).toContain(", Jörg Müller wrote:");
  });

  test("takes recipients of repeated fields", async () => {
    const mail = await parsed((await draftsFor(header.replace("Date:", "Cc: late@example.org\nDate:")))[0]!);
    expect(mail.cc?.map(({ address }) => address)).toContain("late@example.org");
  });

  test("makes no address out of what stands on both sides of a control character", async () => {
    const mail = await parsed(
      (await draftsFor(header.replace("list@", "ma\x01ry@example.org, \x1bjohn\x1b@example.org, list@")))[0]!,
    );
    expect(mail.cc?.map(({ address }) => address)).toEqual(["list@example.org", "carver@example.org"]);
  });

  test("begins a thread where the patch has no id, and says so", async () => {
    const [draft] = await draftsFor(header.replace(/^Message-ID.*\n/, ""));
    expect(headOf(draft!)).not.toMatch(/In-Reply-To|References/);
    expect(draft!.notices.join()).toContain("Message-ID");
    expect(bodyOf(draft!)).toContain("  copylint check out\n");
  });

  test("leaves the middle of a long thread out", async () => {
    const ids = Array.from({ length: 90 }, (_, i) => `<${i}@example.org>`).join("\n ");
    const mail = await parsed((await draftsFor(header.replace(/^References:.*/m, `References: ${ids}`)))[0]!);
    expect(mail.references?.split(/\s+/)).toHaveLength(21);
    expect(mail.references).toMatch(/^<0@example.org> <71@.* <3@example.org>$/);
  });
});

describe("the text", () => {
  test("stands under the line that it is about, which is quoted with the lines that lead to it", async () => {
    const [draft] = await draftsFor(header);
    expect(bodyOf(draft!)).toMatch(
      /^On Sat, 1 Jun 2024 08:16:53 \+0200, A Mason wrote:\n> diff --git a\/block\/quarry.c b\/block\/quarry.c\n> @@ -264,3 \+264,6 @@ void quarry_move.*\n> \[...\]\n> \+\twhile \(left\) {\n> \+\t\tblk_start_plug\(&plug\);\n\nA plug is started/,
    );
  });

  test("goes through the patch in its order, whatever the order of the findings", async () => {
    const [draft, ...more] = await draftsFor(header, [
      { at: 16, line: 269, endLine: 269, what: "second", why: "For a reason of its own." },
      { at: 15, what: "first" },
    ]);
    expect(more).toEqual([]);
    expect(draft!.findings).toBe(2);
    const text = bodyOf(draft!);
    expect(text.indexOf("\nfirst.")).toBeGreaterThan(0);
    expect(text.indexOf("> +\t\tquarry_send")).toBeGreaterThan(text.indexOf("\nfirst."));
    expect(text.indexOf("\nsecond.")).toBeGreaterThan(text.indexOf("> +\t\tquarry_send"));
  });

  test("says of one line what there is to say in one place, and nothing twice", async () => {
    const [draft] = await draftsFor(header, [{}, { rule: "other", what: "another point", why: "", trace: null }, {}]);
    const text = bodyOf(draft!);
    expect(text.match(/blk_start_plug\(&plug\);/g)).toHaveLength(1);
    expect(text).toMatch(/\nanother point\.[^]*\n\nSame here\.\n/);
  });

  test("asks for what a later patch mends to move, and does not ask for the mending", async () => {
    const mendedBy = { index: 5, total: 7, subject: "[PATCH v2 5/7] quarry: one plug" };
    const text = bodyOf((await draftsFor(header, [{ mendedBy }]))[0]!);
    expect(text).toContain('Patch 5/7 "quarry: one plug" mends this.');
    expect(text).not.toContain("before the loop");
  });

  test("quotes the commit message for what is said of it", async () => {
    const text = bodyOf(
      (await draftsFor(header, [{ at: 1, file: null, quoted: "Why.", what: "this says little" }]))[0]!,
    );
    expect(text).toMatch(/wrote:\n> Why\.\n\nThis says little/);
  });

  test("lists what it does not quote, when there is very much", async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `+\tstone(${i});`);
    const long = body
      .replace("@@ -264,3 +264,6 @@", "@@ -264,3 +264,66 @@")
      .replace(" \tquarry_close", `${lines.join("\n")}\n \tquarry_close`);
    const many = lines.map((_, i) => ({ at: 17 + i, line: 270 + i, endLine: 270 + i, what: `point ${i} is here` }));
    const text = bodyOf((await draftsFor(header, many, { text: long }))[0]!);
    for (let i = 0; i < many.length; i++) expect(text).toContain(`point ${i} is here`);
    expect(text.match(/^> \+\tstone/gm)!.length).toBeLessThan(60);
    expect(text).toContain("30 more points");
  });

  test("answers the cover letter with what is about the series as a whole, or else the first patch", async () => {
    const cover = `${header.replaceAll("3", "0").replace(/^(?:In-Reply-To|References).*\n/gm, "")}\nAll of it.\n`;
    const read = async (...mails: readonly string[]) => {
      const all = await Promise.all(mails.map((text, i) => readMessages(Buffer.from(text), `${i}.patch`)));
      return assembleSeries(all.flatMap(({ messages }) => messages)).series;
    };
    const whole = { messageId: null, subject: "", index: 0, total: 7, path: "", line: 3 };
    const review = reviewOf([finding({ patch: whole, file: null, quoted: "All of it." })]);
    const withCover = mailDrafts(review, await read(cover, `${header}\n${body}`), nobody);
    expect(withCover.map(({ name }) => name)).toEqual(["v2-0000-quarry-move-blocks.eml"]);
    expect(mailDrafts(review, await read(`${header}\n${body}`), nobody).map(({ name }) => name)).toEqual([
      "v2-0003-quarry-move-blocks.eml",
    ]);
  });
});

describe("hostile mail", () => {
  const pieces = [
    "\r\nBcc: evil@example.org",
    "\nX: y",
    "=?utf-8?q?=0D=0ABcc:_evil=40example.org?=",
    "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5vcmcNCg0KYm9keQ==?=",
    "=?utf-8?q?x,_evil=40example.org,?=",
    "=?",
    "?=",
    "\0",
    "\x1b[2J",
    "\u202e",
    "\u2028",
    "\ud800",
    "<",
    ">",
    '"',
    "\\",
    ",",
    ";",
    ":",
    "(",
    ")",
    "@",
    "a@b.c",
    "undisclosed: x@y.z;",
    "../../etc/passwd",
    "/",
    ".",
    " ",
    "\t",
    "\n ",
    "日本",
    "Re: ",
    "[PATCH]",
    "word",
    ".\n",
    "\n.\n",
    "From me Thu Jan  1 00:00:00 1970",
    "\nFrom: x",
    "\n-- \n",
    "\nCc: evil@example.org",
    "\nAcked-by: evil@example.org",
  ];
  const nasty = fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...pieces) },
        { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
      ),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    .map((parts) => parts.join(""));

  /** Holds of every draft, whatever it was made of. */
  async function isInert(draft: Draft): Promise<void> {
    expect(draft.name).toMatch(/^(?:v\d+-)?\d{4}-[A-Za-z0-9_-]{1,52}\.eml$/);
    expect(draft.text.replace(/[\n\t]/g, "")).not.toMatch(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u,
    );
    const mail = await parsed(draft);
    const known = [
      "to",
      "cc",
      "subject",
      "in-reply-to",
      "references",
      "mime-version",
      "content-type",
      "content-transfer-encoding",
    ];
    expect(mail.names.filter((name) => !known.includes(name))).toEqual([]);
    expect(new Set(mail.names).size).toBe(mail.names.length);
    expect(headOf(draft)).not.toMatch(/^\s*$/m);
    for (const line of draft.text.split("\n")) expect(Buffer.byteLength(line)).toBeLessThan(998);
    // git send-email takes such lines for recipients, and mbox readers take others for the start of a mail.
    expect(bodyOf(draft)).not.toMatch(/^(?:From |[a-z-]+-by: |cc: )/im);
    expect(bodyOf(draft)).not.toMatch(/^\.$/m);
    expect(mail.text).toBe(bodyOf(draft));
  }

  test("changes no header, hides nothing, and names no other file", async () => {
    const record = fc.record({
      subject: nasty,
      from: nasty,
      to: nasty,
      cc: nasty,
      id: nasty,
      refs: nasty,
      date: nasty,
    });
    await fc.assert(
      fc.asyncProperty(record, async ({ subject, from, to, cc, id, refs, date }) => {
        const { messages } = await readMessages(Buffer.from(`${header}\n${body}`), "3.patch");
        // As if the reader of mail had let everything through.
        const message = {
          ...messages[0]!,
          subject: `[PATCH 3/7] x ${subject}`,
          messageId: `<${id}>`,
          references: [`<${refs}>`],
          date,
          header: { from: `${from} <mason@example.org>`, to, cc, autoSubmitted: "" },
        };
        const { series } = assembleSeries([message]);
        const patch = {
          messageId: message.messageId,
          subject: message.subject,
          index: 3,
          total: 7,
          path: "3.patch",
          line: 24,
        };
        const [draft, ...more] = mailDrafts(reviewOf([finding({ patch })]), series, nobody);
        expect(more).toEqual([]);
        await isInert(draft!);
        const { cc: copies = [], to: authors = [] } = await parsed(draft!);
        const raw = `${from} ${to} ${cc}`;
        for (const { address } of [...copies, ...authors])
          expect(`mason@example.org ${raw}`, "an address that an encoded word held").toContain(address);
      }),
      { numRuns: 300 },
    );
  });

  test("has only text in what is quoted and said", async () => {
    const record = fc.record({
      what: nasty,
      why: nasty,
      instead: nasty,
      code: nasty,
      within: nasty,
      action: nasty,
      rule: nasty,
    });
    await fc.assert(
      fc.asyncProperty(record, async ({ what, why, instead, code, within, action, rule }) => {
        const trace = { setting: what, outcome: why, steps: [{ actor: within, action, assumed: false }] };
        const excerpt = [{ line: 268, patchLine: null, text: code, added: true }];
        const change = { what, why, instead, function: within, trace, excerpt, rule };
        const drafts = await draftsFor(header, [change, { ...change, at: 999 }]);
        expect(drafts).toHaveLength(1);
        await isInert(drafts[0]!);
        if (what.trim() !== "")
          expect(bodyOf(drafts[0]!)).toContain(printable(what.trim()).split(" ")[0]!.slice(0, 40));
      }),
      { numRuns: 300 },
    );
  });

  test("of 10 MB in a line makes a short draft", async () => {
    const long = "x".repeat(10 << 20);
    const drafts = await draftsFor(
      header
        .replace("move blocks", long)
        .replace("list@example.org", `${long}@example.org, ${"a@b.c, ".repeat(1 << 20)}`),
      [{ what: long, why: `${long} ${long}`, function: long }],
      { text: body.replace("&plug", long) },
    );
    await isInert(drafts[0]!);
    expect(drafts[0]!.text.length).toBeLessThan(20_000);
  });
});

test("drafts as an mbox come apart again, whatever stands in them", async () => {
  const drafts = await draftsFor(header, [{ what: "From here on nothing is checked" }]);
  const { messages, problems } = await readMessages(Buffer.from(mboxOf([...drafts, ...drafts])), "-");
  expect(problems).toEqual([]);
  expect(messages.map((one) => `${one.body.trimEnd()}\n`)).toEqual([bodyOf(drafts[0]!), bodyOf(drafts[0]!)]);
});

test("drafts for several series have names that keep them apart and in order", async () => {
  const one = mailsOf(`${top}fixtures/series/careless`);
  const all = [
    ...one,
    ...one.map(({ path, text }) => ({
      path: `again/${path}`,
      text: text.replaceAll("v3", "v4").replaceAll("20240610", "20240611"),
    })),
  ];
  const drafts = mailDrafts(await reviewMails(all), await seriesOf(all), nobody);
  expect(drafts.map(({ name }) => name)).toEqual([
    "1-v3-0003-block-add-blkdev_clone_range.eml",
    "2-v4-0003-block-add-blkdev_clone_range.eml",
  ]);
});
