import fc from "fast-check";
import PostalMime from "postal-mime";
import { expect, test } from "vitest";
import { type Change, changed, type Document, diffOf, hasPlace, trimmed } from "../../src/fix/document.ts";
import { safeTitle, titleOfMail } from "../../src/fix/mail.ts";
import { regionsOf } from "../../src/fix/region.ts";
import { textField } from "../../src/mail/compose.ts";
import { applyPatch } from "../../src/patch/apply.ts";
import { parsePatch } from "../../src/patch/parse.ts";
import { git, hasGit, inTemporary, write } from "../git.ts";

/** Lines that differ, so that each hunk has one place. */
const linesOf = (n: number): string[] => Array.from({ length: n }, (_, i) => `\tstep_${i}();`);

const texts = fc.array(
  fc.nat(9).map((n) => `\tnew_${n}();`),
  { maxLength: 4 },
);

/** A file, changes of it, and for each line whether it is known. */
const edited = fc.integer({ min: 12, max: 60 }).chain((length) =>
  fc.record({
    length: fc.constant(length),
    wanted: fc.array(fc.tuple(fc.nat(length - 1), fc.nat(3), texts), { minLength: 1, maxLength: 4 }),
    known: fc.array(fc.boolean(), { minLength: length, maxLength: length }),
  }),
);

type Edited = typeof edited extends fc.Arbitrary<infer T> ? T : never;

/** The document and those of the changes that do not touch each other and stand in lines that are known. */
function made({ length, wanted, known }: Edited, whole: boolean): { document: Document; changes: Change[] } {
  const wide = known.map((_, i) => whole || known[Math.floor(i / 6)]);
  const cells = linesOf(length)
    .map((text, i) => ({ number: i + 1, text, key: `0:${i}` }))
    .filter((_, i) => wide[i]);
  const document = { path: "a.c", cells, complete: whole };
  const changes: Change[] = [];
  for (const [at, count, lines] of [...wanted].sort((a, b) => a[0] - b[0])) {
    const first = cells.findIndex((cell) => cell.number === at + 1);
    const last = cells[first + count - 1];
    if (first < 0 || count === 0 || last?.number !== at + count) continue;
    const before = changes.at(-1);
    if (before !== undefined && before.at + before.count >= first) continue;
    const change = trimmed(document, { at: first, count, lines });
    if (change.count + change.lines.length > 0) changes.push(change);
  }
  return { document, changes };
}

/** The whole file after changes that are given in indices of the known lines. */
function expected({ length }: Edited, document: Document, changes: readonly Change[]): string {
  const lines = linesOf(length);
  for (const { at, count, lines: more } of [...changes].reverse())
    lines.splice((document.cells[at]?.number ?? length + 1) - 1, count, ...more);
  return lines.map((line) => `${line}\n`).join("");
}

test.each([true, false])("a diff of changes applies and makes them (all of the file known: %s)", (whole) => {
  let applied = 0;
  fc.assert(
    fc.property(edited, (file) => {
      const { document, changes } = made(file, whole);
      if (changes.length === 0 || !hasPlace(document, changes)) return;
      const diff = diffOf(document, changes);
      const parsed = parsePatch(diff);
      expect(parsed.problems).toEqual([]);
      const text = linesOf(file.length)
        .map((line) => `${line}\n`)
        .join("");
      const now = expected(file, document, changes);
      expect(applyPatch(text, parsed.files[0]!)).toEqual({ text: now });
      // What is known afterwards is what stands there.
      const lines = now.split("\n");
      for (const cell of changed(document, changes).cells) expect(lines[cell.number - 1]).toBe(cell.text);
      applied++;
    }),
    { numRuns: 400, seed: 1 },
  );
  expect(applied).toBeGreaterThan(50);
});

test.skipIf(!hasGit)("git applies such a diff, where it says, and no other place", () => {
  inTemporary((dir) => {
    fc.assert(
      fc.property(edited, fc.boolean(), (file, whole) => {
        const { document, changes } = made(file, whole);
        if (changes.length === 0 || !hasPlace(document, changes)) return;
        write(
          dir,
          "a.c",
          linesOf(file.length)
            .map((line) => `${line}\n`)
            .join(""),
        );
        const said = git(dir, ["apply", "-v", "-"], diffOf(document, changes)).toString();
        expect(said).not.toContain("offset");
        expect(git(dir, ["hash-object", "a.c"]).toString()).toBe(
          git(dir, ["hash-object", "--stdin"], expected(file, document, changes)).toString(),
        );
      }),
      { numRuns: 60, seed: 2 },
    );
  });
});

const edit = (line: number, column: number, endLine: number, endColumn: number, text: string, lines: string[]) => ({
  file: "a.c",
  line,
  column,
  endLine,
  endColumn,
  text,
  lines,
});

test("edits that share lines are one region, whatever their order", () => {
  const one = edit(3, 1, 3, 1, "first();\n", ["abc"]);
  const two = edit(3, 3, 4, 2, "-", ["abc", "def"]);
  const far = edit(9, 1, 9, 2, "", ["xy"]);
  for (const edits of [
    [one, two, far],
    [far, two, one],
  ])
    expect(regionsOf(edits)).toEqual([
      { file: "a.c", line: 3, old: ["abc", "def"], new: ["first();", "ab-ef"] },
      { file: "a.c", line: 9, old: ["xy"], new: ["y"] },
    ]);
});

test.each([
  ["overlap", [edit(1, 1, 1, 3, "", ["abc"]), edit(1, 2, 1, 4, "", ["abc"])]],
  ["disagree on a line", [edit(1, 1, 1, 2, "", ["abc"]), edit(1, 3, 1, 4, "", ["abd"])]],
  ["reach behind the line", [edit(1, 1, 1, 9, "", ["abc"])]],
  ["say other lines than they have", [edit(1, 1, 3, 1, "", ["abc"])]],
  ["are huge", [edit(1, 1, 1, 2, "x".repeat(30_000), ["abc"])]],
])("edits that %s are none", (_, edits) => expect(regionsOf(edits)).toBeUndefined());

test("a subject is read as git am reads it", () => {
  expect(titleOfMail("[PATCH v2 3/7] Re: [RFC] block:  copy\tit")).toBe("block: copy it");
  expect(titleOfMail(": [PATCH] a [b] c")).toBe("a [b] c");
  expect(safeTitle("block: copy\nBcc: x")).toBe("block: copy");
  expect(safeTitle("\u202eblock")).toBe("");
});

test("a title goes into the header as one field of ASCII, and comes out of it as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 120 }), async (text) => {
      const title = safeTitle(text).replace(/\s+/g, " ");
      const field = textField("Subject", `[PATCH] fixup! ${title}`);
      expect(field).toMatch(/^Subject: [ -~]*(?:\n [ -~]+)*$/);
      const { subject } = await PostalMime.parse(`${field}\n\n`);
      expect(subject).toBe(`[PATCH] fixup! ${title}`.trim());
    }),
    { seed: 3 },
  );
});
