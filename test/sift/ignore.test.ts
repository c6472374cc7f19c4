import { describe, expect, test } from "vitest";
import { nearest } from "../../src/cli/nearest.ts";
import { readIgnores } from "../../src/sift/ignore.ts";
import { type Mail, seriesOf } from "../reviewing.ts";

const ids = ["plug-per-chunk", "byte-units"];
const names = { ids, meant: (id: string) => nearest(id, ids) };

const diff = (added: string): string => `diff --git a/block/a.c b/block/a.c
--- a/block/a.c
+++ b/block/a.c
@@ -1,2 +1,3 @@
 int a;
+${added}
 int b;
`;

/** A patch mail; `notes` stand below its `---`, with the diffstat behind them. */
function mail(n: number, notes: string, { log = "Words.", added = "int c;", end = "" } = {}): Mail {
  const text = `From: A <a@example.org>
Subject: [PATCH ${n}/2] block: a
Message-ID: <${n}@example.org>
In-Reply-To: <0@example.org>

${log}
---
${notes} block/a.c | 1 +
 1 file changed, 1 insertion(+)

${diff(added)}-- 
2.43.0
${end}`;
  return { path: `000${n}.patch`, text };
}

const cover = (body: string): Mail => ({
  path: "0000.patch",
  text: `From: A <a@example.org>\nSubject: [PATCH 0/2] block: a\nMessage-ID: <0@example.org>\n\n${body}\n`,
});

async function read(...mails: readonly Mail[]) {
  const [series] = await seriesOf(mails);
  const { ignores, problems } = readIgnores(series!, names);
  return {
    ignores: ignores.map(
      ({ rule, reason, scope, patches, path, line }) =>
        `${path}:${line} ${rule} in ${scope} (${patches.size}): ${reason}`,
    ),
    problems: problems.map(({ kind, path, line, what, advice }) => `${kind} ${path}:${line} ${what}; ${advice}`),
  };
}

describe("what the author wants to have ignored", () => {
  test("counts below the --- of a patch for that patch, and in the cover letter for all", async () => {
    const { ignores, problems } = await read(
      cover("Hello.\n\nCopylint-ignore: byte-units the file system wants bytes\n\nBye."),
      mail(1, ""),
      mail(2, "v2: words\nCopylint-ignore: plug-per-chunk the caller has one\n\n"),
    );
    expect(ignores).toEqual([
      "0000.patch:7 byte-units in the series (2): the file system wants bytes",
      "0002.patch:9 plug-per-chunk in patch 2/2 (1): the caller has one",
    ]);
    expect(problems).toEqual([]);
  });

  test("may be indented, as notes of git are, and go on further to the right; the diffstat is not taken for that", async () => {
    const notes = "\nNotes:\n    Copylint-ignore: plug-per-chunk the caller\n      has one\n\n";
    expect((await read(mail(1, notes), mail(2, ""))).ignores).toEqual([
      "0001.patch:10 plug-per-chunk in patch 1/2 (1): the caller has one",
    ]);
    const bare = "copylint-ignore: plug-per-chunk the caller has one\n";
    expect((await read(mail(1, bare), mail(2, ""))).ignores).toEqual([
      "0001.patch:8 plug-per-chunk in patch 1/2 (1): the caller has one",
    ]);
  });

  test.each([
    ["Copylint-ignore: plug-per-chunk\n", "0001.patch:8 plug-per-chunk is not ignored, as no reason is given"],
    ["Copylint-ignore: plug-per-chunk --\n", "no reason is given"],
    ["Copylint-ignore:\n", "it names no rule"],
    ["Copylint-ignore: plug-per-chnk words\n", "did you mean plug-per-chunk?"],
    ["Copylint-ignore: * words\n", "there is no rule '*'; `copylint list`"],
  ])("is not: %j", async (notes, said) => {
    const { ignores, problems } = await read(mail(1, notes), mail(2, ""));
    expect(ignores).toEqual([]);
    expect(problems.join()).toContain(said);
    expect(problems).toHaveLength(1);
  });

  test("does not count where it would get into the kernel, nor behind the diff, nor quoted", async () => {
    const line = "Copylint-ignore: plug-per-chunk words";
    const inLog = await read(mail(1, "", { log: `Words.\n\n${line}` }), mail(2, ""));
    expect(inLog.ignores).toEqual([]);
    expect(inLog.problems).toEqual([
      "notice 0001.patch:8 nothing is ignored by this, as it would get into the kernel's history; put it below the --- of the mail",
    ]);
    const inCode = await read(mail(1, "", { added: `/* ${line} */` }), mail(2, ""));
    expect(inCode.ignores).toEqual([]);
    expect(inCode.problems).toEqual([
      "notice 0001.patch:16 nothing is ignored by this, as it would get into the kernel's sources; put it below the --- of the mail",
    ]);
    expect((await read(mail(1, "", { end: `${line}\n` }), mail(2, ""))).ignores).toEqual([]);
    expect((await read(mail(1, `> ${line}\n`), mail(2, ""))).ignores).toEqual([]);
  });

  test("has bounds: a long line, and a long list", async () => {
    const long = `Copylint-ignore: plug-per-chunk ${"x".repeat(1_000_000)}\n`;
    const [one = ""] = (await read(mail(1, long), mail(2, ""))).ignores;
    expect(one.length).toBeLessThan(1100);
    const many = "Copylint-ignore: plug-per-chunk words\n".repeat(100_000);
    expect((await read(mail(1, many), mail(2, ""))).ignores).toHaveLength(200);
  });
});
