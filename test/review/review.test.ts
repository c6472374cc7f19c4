import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rules } from "../../rules/index.ts";
import { directoryTree } from "../../src/host/files.ts";
import { review } from "../../src/review/review.ts";
import { engine } from "../engine/engine.ts";
import { inShort, type Mail, mailsOf, patchOf, reviewMails, seriesOf, top } from "../reviewing.ts";

const plugged = engine({
  declarations: "\tstruct blk_plug plug;\n",
  first: "\t\tblk_start_plug(&plug);\n",
  last: "\t\tblk_finish_plug(&plug);\n",
});
const around = engine({
  declarations: "\tstruct blk_plug plug;\n",
  before: "\tblk_start_plug(&plug);\n",
  behind: "\tblk_finish_plug(&plug);\n\twait_for_completion_io(&ctx.done);\n",
});
const file = "block/copy.c";
const found = async (mails: readonly Mail[], rule?: string): Promise<string[]> =>
  (await reviewMails(mails)).findings.filter((f) => rule === undefined || f.rule === rule).map(inShort);
const plug = "plug-per-chunk";
const part = (index: number, total: number, change: Parameters<typeof patchOf>[0], more = ""): Mail => ({
  ...patchOf(change, `[PATCH ${index}/${total}] block: part ${index}${more}`),
  path: `000${index}-part.patch`,
});

describe("only what is new is found", () => {
  const old = "int f(struct bio *bio)\n{\n\tbio = blk_next_bio(bio, bdev, 0, 0, GFP_KERNEL);\n\treturn 0;\n}\n";
  const next = (before: string, after: string) => found([patchOf({ [file]: [before, after] })], "deprecated-next-bio");

  test("a call that is added", async () => {
    expect(await next("int x;\n", `int x;\n${old}`)).toEqual([`1/1 ${file}:4 warning deprecated-next-bio`]);
  });

  test.each([
    ["stood there before", old, `${old}int x;\n`],
    ["moves within its function", old, old.replace("{\n", "{\n\tint a = 0;\n").replace("\treturn 0", "\n\treturn a")],
    ["gets other arguments", old, old.replace("GFP_KERNEL", "GFP_NOIO")],
    ["goes", old, old.replace("\tbio = blk_next_bio(bio, bdev, 0, 0, GFP_KERNEL);\n", "")],
  ])("a call that %s is not", async (_, before, after) => expect(await next(before, after)).toEqual([]));

  test("a second one beside the first is", async () => {
    const twice = old.replace("\treturn 0;", "\tbio = blk_next_bio(bio, bdev, 1, 0, GFP_KERNEL);\n\treturn 0;");
    expect(await next(old, twice)).toHaveLength(1);
  });
});

describe("what a later patch of the series mends", () => {
  test("is a note that names the patch", async () => {
    const { findings } = await reviewMails([
      part(1, 2, { [file]: plugged }),
      part(2, 2, { [file]: [plugged, around] }),
    ]);
    expect(
      findings.filter((f) => f.rule === plug).map((f) => [f.patch.index, f.mendedBy?.index, f.mendedBy?.total]),
    ).toEqual([[1, 2, 2]]);
  });

  test("and only half of it stays", async () => {
    const other = plugged.replaceAll("blkdev_copy", "blkdev_clone").replaceAll("copy_end_io", "clone_end_io");
    const mails = [part(1, 2, { [file]: plugged, "block/clone.c": other }), part(2, 2, { [file]: [plugged, around] })];
    expect((await found(mails, plug)).map((line) => line.replace(/:\d+/, ""))).toEqual([
      `1/2 ${file} note ${plug}`,
      `1/2 block/clone.c warning ${plug}`,
    ]);
  });

  test("is a finding of the patch that brings it, if no patch does", async () => {
    expect(await found([part(1, 2, { [file]: around }), part(2, 2, { [file]: [around, plugged] })], plug)).toEqual([
      expect.stringMatching(/^2\/2 block\/copy\.c:\d+ warning plug-per-chunk$/),
    ]);
  });

  test("missing, is said, and the rest is reviewed", async () => {
    const { findings, notChecked } = await reviewMails([
      part(1, 3, { [file]: plugged }),
      part(3, 3, { "block/x.c": "int x;\n" }),
    ]);
    expect(findings.map((f) => f.rule)).toContain(plug);
    expect(notChecked.filter((n) => n.kind === "input").map((n) => n.what)).toEqual([
      expect.stringMatching(/^patch 2\/3 of /),
    ]);
  });
});

describe("a fingerprint", () => {
  const prints = async (text: string) =>
    (await reviewMails([patchOf({ [file]: text })])).findings.map((f) => [f.rule, f.fingerprint] as const);

  test("stays when lines move and spaces change", async () => {
    const before = await prints(plugged);
    expect(before.length).toBeGreaterThan(1);
    expect(await prints(`/* Above. */\n#include <linux/bio.h>\n\n${plugged}`)).toEqual(before);
    expect(
      await prints(
        plugged
          .replace("blk_start_plug(&plug)", "blk_start_plug( &plug )")
          .replace("blk_start_plug( ", "blk_start_plug("),
      ),
    ).toHaveLength(before.length);
  });

  test("is another one for another place, and no two are alike", async () => {
    const all = await prints(plugged + plugged.replaceAll("copy", "clone").replaceAll("REQ_OP_CLONE", "REQ_OP_COPY"));
    expect(new Set(all.map(([, print]) => print)).size).toBe(all.length);
    expect(all.every(([, print]) => /^[0-9a-f]{16}$/.test(print))).toBe(true);
    const twice = plugged.replace(
      "\t\tblk_start_plug(&plug);\n",
      "\t\tblk_start_plug(&plug);\n\t\tblk_start_plug(&plug);\n",
    );
    const plugs = (await prints(twice)).filter(([rule]) => rule === plug);
    expect(new Set(plugs.map(([, print]) => print)).size).toBe(plugs.length);
    expect(plugs.length).toBe(2);
  });

  test("does not tell one reroll from the next", async () => {
    const of = async (subject: string) =>
      (await reviewMails([patchOf({ [file]: plugged }, subject)])).findings.map((f) => f.fingerprint);
    expect(await of("[PATCH v3] block: copy")).toEqual(await of("[PATCH] block: copy"));
  });
});

const careless = mailsOf(join(top, "fixtures/series/careless"));
const jsonOf = async (mails: readonly Mail[]) => JSON.stringify(await reviewMails(mails));

describe("a review", () => {
  test("is the same, byte for byte, each time", async () =>
    expect(await jsonOf(careless)).toBe(await jsonOf(careless)));

  test("does not depend on the order in which mails are given", async () => {
    const expected = await jsonOf(careless);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(careless, { minLength: careless.length }), async (mails) => {
        expect(await jsonOf(mails)).toBe(expected);
      }),
      { numRuns: 5 },
    );
  });

  test("finds the same in whatever order a patch has its files", async () => {
    const files = {
      [file]: plugged,
      "block/clone.c": plugged.replaceAll("copy", "clone").replaceAll("REQ_OP_CLONE", "REQ_OP_COPY"),
      "block/x.h": "int x;\n",
    };
    const lines = async (names: readonly string[]) => {
      const ordered = Object.fromEntries(names.map((name) => [name, files[name as keyof typeof files]!]));
      return (await found([patchOf(ordered)])).sort();
    };
    const expected = await lines(Object.keys(files));
    expect(expected.length).toBeGreaterThan(3);
    expect(await lines(Object.keys(files).reverse())).toEqual(expected);
  });

  test("sorts by patch, file, line and rule", async () => {
    const { findings } = await reviewMails(careless);
    const orders = findings.map((f) => [f.patch.index, f.patch.line, f.rule] as const);
    expect(orders).toEqual([...orders].sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1)));
  });

  test("names lines that hold what is found, on both sides", async () => {
    const { findings } = await reviewMails(careless);
    for (const f of findings) {
      const mail = careless.find(({ path }) => path === f.patch.path)!.text.split("\n");
      expect(mail[f.patch.line - 1], f.rule).toMatch(/^\+/);
      const own = f.excerpt.find((line) => line.line === f.line)!;
      expect(own.added && own.patchLine === f.patch.line && mail[f.patch.line - 1] === `+${own.text}`, f.rule).toBe(
        true,
      );
      expect(f.column).toBeLessThanOrEqual(own.text.length + 1);
      expect(f.endLine > f.line || f.endColumn >= f.column).toBe(true);
      for (const { file: at, line, patch } of f.related)
        expect([typeof at, line > 0, patch > 0]).toEqual(["string", true, true]);
      for (const edit of f.fix) expect(edit.line).toBeGreaterThan(0);
      expect([f.what, f.why, f.instead].every((text) => /^\S[^]*\S$/.test(text))).toBe(true);
    }
  });

  test("counts what it saw", async () => {
    const { counts, series } = await reviewMails(careless);
    expect(counts.rules).toBe(rules.length);
    expect(counts.patches).toBe(careless.length - 1);
    expect(series[0]!.patches.map((p) => p.index)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(counts.files).toBe(new Set(series[0]!.patches.flatMap((p) => p.files.map((f) => f.path))).size);
  });

  test("with the tree finds what it finds without, and no other error", async () => {
    const tree = directoryTree(join(top, "fixtures/stage"));
    for (const series of readdirSync(join(top, "fixtures/series"))) {
      const mails = mailsOf(join(top, "fixtures/series", series));
      const [without, within] = [await reviewMails(mails), await reviewMails(mails, tree)];
      expect(within.problems).toEqual([]);
      expect(within.findings.map(inShort), series).toEqual(expect.arrayContaining(without.findings.map(inShort)));
    }
  });

  test("of nothing is empty", () => {
    expect(review([], { rules })).toMatchObject({ series: [], findings: [], counts: { patches: 0, files: 0 } });
  });

  test("passes over what has nothing to do with copying, and says so", async () => {
    const { findings, notChecked } = await reviewMails([patchOf({ "fs/x.c": "int f(void)\n{\n\treturn 0;\n}\n" })]);
    expect(findings).toEqual([]);
    expect(notChecked).toEqual([
      expect.objectContaining({ kind: "rule", why: expect.stringMatching(/no added line/) }),
    ]);
  });
});

describe("the base version", () => {
  const dated = (date: string): Mail => {
    const mail = patchOf({
      [file]: engine()
        .replace("\t\tbio = bio_alloc(", "\t\tbio = blk_next_bio(bio, ")
        .replace("bdev, 0, REQ", "bdev, 0, REQ"),
    });
    return { ...mail, text: mail.text.replace(/^Date: .*$/m, `Date: ${date}`) };
  };
  const advice = async (date: string) => {
    const { series, findings } = await reviewMails([dated(date)]);
    const next = findings.find((f) => f.rule === "deprecated-next-bio")!;
    return { base: series[0]!.base, later: /6\.10/.test(next.instead), edits: next.fix.length };
  };

  test("comes from the date, and advice that it cannot follow yet says so and offers no edit", async () => {
    expect(await advice("Mon, 3 Jun 2024 10:00:00 +0000")).toMatchObject({ base: "6.10 (mail date)" });
    expect(await advice("Mon, 3 Jan 2022 10:00:00 +0000")).toEqual({ base: "5.16 (mail date)", later: true, edits: 0 });
    expect((await reviewMails([dated("never")])).series[0]!.base).toBe("unknown");
  });
});

describe("hostile C in a patch is reviewed without a crash or a hang, and what was not understood is said", () => {
  const hostile = (text: string) =>
    patchOf({ [file]: `${engine()}${text}\nint last(void)\n{\n\treturn f(REQ_OP_COPY_SRC);\n}\n` });
  test.each([
    ["deep parentheses", `int a = ${"(".repeat(100_000)}1${")".repeat(100_000)};`],
    [
      "deep parentheses in an engine",
      engine({ before: `\tctx.copied = ${"(".repeat(20_000)}len${")".repeat(20_000)};\n` }),
    ],
    ["deep blocks", `void f(void)\n{\n${"\tif (a) {\n".repeat(5_000)}${"\t}\n".repeat(5_000)}}`],
    ["a long line", `int a = ${"x".repeat(1_000_000)};`],
    ["a long sum", engine({ before: `\tctx.copied = ${"len + ".repeat(20_000)}0;\n` })],
    ["an unclosed comment", "/* never closed"],
    ["an unclosed string", 'char *s = "never closed'],
    ["an unclosed brace", "void f(void) {{{{"],
    ["many functions", "static int f(int a)\n{\n\treturn f(a);\n}\n".repeat(2_000)],
    [
      "many plugs",
      engine({
        before: "\tblk_start_plug(&plug);\n".repeat(500),
        first: "\t\tif (left == 3)\n\t\t\treturn 1;\n".repeat(200),
        behind: "\tblk_finish_plug(&plug);\n",
      }),
    ],
    ["many gotos", engine({ before: "l:\n\tif (len)\n\t\tgoto l;\n".repeat(1_000) })],
    [
      "many conditions",
      engine({
        before: `\tif (${Array.from({ length: 2_000 }, (_, i) => `(a${i} & mask)`).join(" ||\n\t    ")})\n\t\treturn 1;\n`,
      }),
    ],
    ["many stores", engine({ before: Array.from({ length: 3_000 }, (_, i) => `\tv${i + 1} = v${i};\n`).join("") })],
    ["many calls", engine({ before: "\tblkdev_copy(bdev, from, to, len);\n".repeat(2_000) })],
    ["escapes for the terminal", "int a; /* \u001b[31m \u202e */"],
  ])("%s", async (_, text) => {
    const result = await reviewMails([hostile(text)]);
    expect(result.counts.patches).toBe(1);
    expect(result.findings.length + result.notChecked.length).toBeGreaterThan(0);
  });

  test("random bytes as hunks", async () => {
    const line = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.constantFrom(...engine().split("\n")));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 40 }), async (lines) => {
        const text = `REQ_OP_COPY_SRC\n${lines.join("\n").replaceAll("\r", "")}\n`;
        const series = await seriesOf([patchOf({ [file]: Buffer.from(text, "utf8").toString("latin1") })]);
        expect(() => review(series, { rules })).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });

  test("lines of a real engine left out, doubled or swapped", async () => {
    const lines = plugged.split("\n");
    const edit = fc.tuple(
      fc.nat(lines.length - 1),
      fc.nat(lines.length - 1),
      fc.constantFrom("drop", "double", "swap"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
        const text = [...lines];
        for (const [a, b, how] of edits) {
          if (how === "drop") text[a] = "";
          else if (how === "double") text.splice(a, 0, lines[b]!);
          else [text[a], text[b]] = [text[b] ?? "", text[a] ?? ""];
        }
        const { findings } = await reviewMails([patchOf({ [file]: `${text.join("\n")}\n` })]);
        for (const f of findings) expect(f.line).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 100 },
    );
  });
});
