import { describe, expect, test } from "vitest";
import { readMessages } from "../../src/mail/read.ts";
import { assembleSeries } from "../../src/series/assemble.ts";
import { readPrefix } from "../../src/series/subject.ts";

const diff = (file = "x.c") =>
  `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-one\n+two\n`;

interface Mail {
  readonly subject?: string;
  readonly id?: string;
  readonly to?: string;
  readonly body?: string;
  readonly path?: string;
}

/** Mails as they come from files; without a body they carry a diff. */
async function assemble(...mails: readonly Mail[]) {
  const messages = [];
  for (const [at, { subject, id, to, body, path }] of mails.entries()) {
    const head = subject === undefined ? "" : `From: A <a@example.org>\nSubject: ${subject}\n`;
    const ids = `${id === undefined ? "" : `Message-Id: <${id}>\n`}${to === undefined ? "" : `In-Reply-To: <${to}>\nReferences: <${to}>\n`}`;
    const text = `${head}${ids}${head === "" ? "" : "\n"}${body ?? `Say why.\n---\n\n${diff()}`}`;
    messages.push(...(await readMessages(Buffer.from(text), path ?? `${at}.eml`)).messages);
  }
  return assembleSeries(messages);
}

const shape = ({ series }: Awaited<ReturnType<typeof assemble>>) =>
  series.map(
    (one) => `v${one.version} ${one.subject}: ${one.patches.map((patch) => `${patch.index}/${patch.total}`).join(" ")}`,
  );

describe("subjects", () => {
  const said = (subject: string) => {
    const { version, rfc, resend, index, total, title, reply } = readPrefix(subject);
    const marks = [rfc ? "rfc" : "", resend ? "resend" : "", reply ? "reply" : ""].filter((mark) => mark !== "");
    return [`v${version}`, index === undefined ? "" : `${index}/${total}`, ...marks, title]
      .filter((one) => one !== "")
      .join(" ");
  };

  test.each([
    ["[PATCH v20 03/12] block: add it", "v20 3/12 block: add it"],
    ["[PATCH] block: add it", "v1 block: add it"],
    ["[RFC PATCH v5 0/4] add copy", "v5 0/4 rfc add copy"],
    ["[RFC 08/12] x", "v1 8/12 rfc x"],
    ["[PATCHv5 05/11] x", "v5 5/11 x"],
    ["[PATCH V4 3/3] x", "v4 3/3 x"],
    ["[PATCH-v2 1/2] x", "v2 1/2 x"],
    ["[RESEND PATCH v3 1/2] x", "v3 1/2 resend x"],
    ["[RFCv2 PATCH 1/2] x", "v2 1/2 rfc x"],
    ["[dm-devel] [PATCH for-next v2 1/2] x", "v2 1/2 x"],
    ["[PATCH AUTOSEL 5.12 62/63] x", "v1 62/63 x"],
    ["[PATCH v2,1/2] x", "v2 1/2 x"],
    ["[PATCH -next 1/2] x", "v1 1/2 x"],
    ["Re: [PATCH v2 1/2] x", "v2 1/2 reply x"],
    ["RE: Re: [PATCH] x", "v1 reply x"],
    ["[dm-devel] Re: [PATCH 1/2] x", "v1 1/2 reply x"],
    ["Reword: it", "v1 Reword: it"],
    ["[PATCH 1/2", "v1 [PATCH 1/2"],
    ["", "v1"],
  ])("%s", (subject, expected) => expect(said(subject)).toBe(expected));
});

describe("series", () => {
  test("parts come in order, the cover letter gives the subject, replies are none of it", async () => {
    const result = await assemble(
      { subject: "[PATCH v2 2/2] two", id: "2", to: "0" },
      {
        subject: "Re: [PATCH v2 1/2] one",
        id: "r",
        to: "1",
        body: `> ${diff().replaceAll("\n", "\n> ")}\nLooks good\n`,
      },
      { subject: "Re: [PATCH v2 1/2] one", id: "s", to: "1", body: `Rather:\n\n${diff()}` },
      { subject: "[PATCH v2 0/2] all of it", id: "0", body: `Why\n\nbase-commit: ${"ab".repeat(20)}\n` },
      { subject: "[PATCH v2 1/2] one", id: "1", to: "0" },
    );
    expect(shape(result)).toEqual(["v2 all of it: 1/2 2/2"]);
    expect(result).toMatchObject({ withoutDiff: 2, problems: [] });
    expect(result.series[0]).toMatchObject({ baseCommit: "ab".repeat(20), missing: [], cover: { messageId: "<0>" } });
  });

  test("a thread that holds v1 and v2 is two series; a patch sent as a reply is one more", async () => {
    const result = await assemble(
      { subject: "[PATCH 1/2] one", id: "1" },
      { subject: "[PATCH 2/2] two", id: "2", to: "1" },
      { subject: "[PATCH v2 1/2] one", id: "3", to: "1" },
      { subject: "[PATCH v2 2/2] two", id: "4", to: "3" },
      { subject: "[PATCH] fix on top", id: "5", to: "4" },
    );
    expect(shape(result)).toEqual(["v1 one: 1/2 2/2", "v2 one: 1/2 2/2", "v1 fix on top: 1/1"]);
    expect(result.problems).toEqual([]);
  });

  test("two series of one length in one folder stay apart by their threads", async () => {
    const result = await assemble(
      { subject: "[PATCH 1/2] a", id: "a1", to: "a0" },
      { subject: "[PATCH 1/2] b", id: "b1", to: "b0" },
      { subject: "[PATCH 2/2] a", id: "a2", to: "a0" },
      { subject: "[PATCH 2/2] b", id: "b2", to: "b0" },
    );
    expect(shape(result)).toEqual(["v1 a: 1/2 2/2", "v1 b: 1/2 2/2"]);
  });

  test("format-patch without threading belongs together by folder", async () => {
    const result = await assemble(
      { subject: "[PATCH 1/2] one", path: "p/0001-one.patch" },
      { subject: "[PATCH 2/2] two", path: "p/0002-two.patch" },
      { subject: "[PATCH 1/2] other", path: "q/0001-other.patch" },
    );
    expect(shape(result)).toEqual(["v1 one: 1/2 2/2", "v1 other: 1/2"]);
  });

  test("each mail sent by itself with a Message-Id of its own still makes one series", async () => {
    const result = await assemble(
      { subject: "[PATCH 1/2] one", id: "1", path: "p/a.eml" },
      { subject: "[PATCH 2/2] two", id: "2", path: "p/b.eml" },
    );
    expect(shape(result)).toEqual(["v1 one: 1/2 2/2"]);
  });

  test("file names give the order where subjects do not", async () => {
    const result = await assemble(
      { subject: "[PATCH] two", path: "p/v3-0002-two.patch" },
      { subject: "[PATCH] one", path: "p/v3-0001-one.patch" },
    );
    expect(shape(result)).toEqual(["v3 one: 1/2 2/2"]);
  });

  test("bare diffs are one series in order of name", async () => {
    const bare = (path: string) => ({ path, body: diff(path.replace(/.*\//, "")) });
    const result = await assemble(bare("b/x.diff"), bare("a/y.diff"), bare("b/a.diff"));
    expect(result.series).toHaveLength(1);
    expect(result.series[0]!.patches.map((patch) => patch.files[0]!.path)).toEqual(["y.diff", "a.diff", "x.diff"]);
    expect(shape(await assemble(bare("0003-x.patch")))).toEqual(["v1 0003-x.patch: 1/1"]);
    expect((await assemble(bare("0001-x.patch"), bare("0003-x.patch"))).series[0]!.missing).toEqual([2]);
  });

  test("a missing part is said", async () => {
    const parts = [1, 2, 4, 5, 7].map((n) => ({ subject: `[PATCH ${n}/7] part`, id: `${n}`, to: "0" }));
    const result = await assemble({ subject: "[PATCH 0/7] Copy", id: "0", body: "Why\n" }, ...parts);
    expect(result.series[0]!.missing).toEqual([3, 6]);
    expect(result.problems).toMatchObject([{ kind: "notice", what: 'patches 3/7 and 6/7 of "Copy" are missing' }]);
    const one = await assemble(
      { subject: "[PATCH 1/2] x" },
      { subject: "[PATCH 2/3] y", id: "y" },
      { subject: "[PATCH 3/3] y", id: "z", to: "y" },
    );
    expect(one.problems.map((problem) => problem.what)).toEqual([
      'patch 2/2 of "x" is missing',
      'patch 1/3 of "y" is missing',
    ]);
  });

  test("of a repeated part the later one counts, and that is said unless they are the same", async () => {
    const one = { subject: "[PATCH 1/2] one", id: "1", to: "0" };
    const two = { subject: "[PATCH 2/2] two", id: "2", to: "0" };
    expect((await assemble(one, two, one)).problems).toEqual([]);
    expect((await assemble(one, two, { ...one, id: "1b" })).problems).toEqual([]);
    const result = await assemble(one, two, { ...one, id: "1b", body: diff("y.c") });
    expect(result.problems).toMatchObject([
      { kind: "notice", path: "2.eml", what: expect.stringContaining("given twice") },
    ]);
    expect(result.series[0]!.patches[0]!.files[0]!.path).toBe("y.c");
  });

  test("mail without a diff is counted and no error", async () => {
    const result = await assemble(
      { subject: "a question", id: "q", body: "?\n" },
      { subject: "[PATCH 0/2] only the cover", id: "0", body: "Why\n" },
    );
    expect(result).toEqual({ series: [], problems: [], withoutDiff: 2 });
  });

  test("problems of a diff name the file and its line there", async () => {
    const result = await assemble({
      subject: "[PATCH] x",
      body: "Why\n---\n--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n-x\n+y\n",
    });
    expect(result.problems).toMatchObject([{ kind: "unreadable", path: "0.eml", line: 8 }]);
    expect(result.series[0]!.problems).toEqual(result.problems);
  });

  test("the commit message ends at ---, starts behind an in-body From, and its line is that of the mail", async () => {
    const body = `From: B Other <b@example.org>\nSubject: x\n\nSay why.\n\nSigned-off-by: B\n---\nnotes\n\n${diff()}`;
    const patch = (await assemble({ subject: "[PATCH] x", id: "1", body })).series[0]!.patches[0]!;
    expect(patch).toMatchObject({
      commitMessage: "Say why.\n\nSigned-off-by: B\n",
      commitMessageLine: 8,
      lineOffset: 4,
    });
    expect(patch.files[0]!.line + patch.lineOffset).toBe(14);
    const plain = await assemble({ subject: "[PATCH] x", body: `From here on it is prose.\n---\n${diff()}` });
    expect(plain.series[0]!.patches[0]!.commitMessage).toBe("From here on it is prose.\n");
  });
});
