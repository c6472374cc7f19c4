import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableJson } from "../../src/text/printable.ts";

/** Text with many of the characters that this is about. */
const nasty = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)),
    fc.constantFrom("\u202e", "\u2066", "\u200b", "\u2028", "\ufeff", "\u{e0041}", "\ud800", "\udc00", "é", "漢", "😀"),
  ),
});

/** What a terminal, an editor or a pager could act on. Written apart from the code under test, code point by code point. */
function acts(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  const between = (from: number, to: number): boolean => code >= from && code <= to;
  return (
    between(0, 0x1f) ||
    between(0x7f, 0x9f) ||
    between(0x200b, 0x200f) ||
    between(0x2028, 0x202e) ||
    between(0x2060, 0x206f) ||
    between(0xd800, 0xdfff) ||
    code === 0xfeff ||
    code === 0x61c ||
    between(0xe0000, 0xe0fff)
  );
}

test("no character that a terminal acts on is left, whatever comes in", () => {
  fc.assert(fc.property(nasty, (text) => ![...printable(text)].some(acts)));
});

test("text that hides nothing is shown as it is", () => {
  const harmless = fc.string({ unit: fc.constantFrom(..."abc XYZ 019 .,;(){}*/\\'\"é漢😀ß") });
  fc.assert(fc.property(harmless, (text) => printable(text) === text));
});

test("what was hidden is written out, so that the reader sees that it was there", () => {
  expect(printable("a\x1b[31mb")).toBe("a\\x1b[31mb");
  expect(printable("if (\u202e admin)")).toBe("if (\\u{202e} admin)");
  expect(printable("one\ntwo\r")).toBe("one\\x0atwo\\x0d");
  expect(printable("\tx")).toBe(" x");
});

test("printable JSON has the same value and holds nothing that a terminal acts on but its own line ends", () => {
  fc.assert(
    fc.property(nasty, fc.constantFrom(0, 2), (text, indent) => {
      const out = printableJson(JSON.stringify({ [text]: [text] }, null, indent));
      expect(JSON.parse(out)).toEqual({ [text]: [text] });
      expect([...out].some((char) => char !== "\n" && acts(char))).toBe(false);
    }),
  );
});
