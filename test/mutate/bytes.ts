import { type Mutator, many, type Random } from "./random.ts";

/** A stretch of the text: where it starts, and where it ends. */
function stretch(text: string, random: Random, longest = 200): readonly [number, number] {
  const start = random.below(text.length + 1);
  return [start, Math.min(text.length, start + 1 + random.below(longest))];
}

const put = (text: string, at: number, what: string): string => text.slice(0, at) + what + text.slice(at);

const anywhere = (what: (random: Random) => string): Mutator => {
  return (text, random) => put(text, random.below(text.length + 1), what(random));
};

const noise = (random: Random): string =>
  Array.from({ length: 1 + random.below(20) }, () => String.fromCharCode(random.below(256))).join("");

/** Bytes that a decoder, a terminal or a reader of lines may stumble over, as latin-1 shows them. */
const awkward = [
  "\0",
  "\r",
  "\r\n",
  "\n",
  "\f",
  "\v",
  "\x1b[2J",
  "\x1b]0;title\x07",
  "\x7f",
  "\x85",
  "\xa0",
  "\xef\xbb\xbf",
  "\xff\xfe",
  "\xc3",
  "\xc0\x80",
  "\xed\xa0\x80",
  "\xf4\x90\x80\x80",
  "\xe2\x80\xae",
  "\xe2\x80\xa8",
  "\xf3\xa0\x81\x81",
  "::error::x",
  "\n::stop-commands::y\n",
  "\nFrom nobody Mon Sep 17 00:00:00 2001\n",
  "\n-- \n",
  "\n---\n",
];

export const bytes: Readonly<Record<string, Mutator>> = {
  "flip a bit": (text, random) => {
    if (text === "") return text;
    const at = random.below(text.length);
    const flipped = String.fromCharCode((text.charCodeAt(at) ^ (1 << random.below(8))) & 0xff);
    return text.slice(0, at) + flipped + text.slice(at + 1);
  },
  "flip many bits": (text, random) => {
    const chars = [...text];
    if (chars.length === 0) return text;
    for (let i = many(random); i > 0; i--) {
      const at = random.below(chars.length);
      chars[at] = String.fromCharCode((chars[at]!.charCodeAt(0) ^ (1 << random.below(8))) & 0xff);
    }
    return chars.join("");
  },
  "delete bytes": (text, random) => {
    const [start, end] = stretch(text, random);
    return text.slice(0, start) + text.slice(end);
  },
  "insert bytes": anywhere(noise),
  "insert something awkward": anywhere((random) => random.pick(awkward)),
  "insert it many times": anywhere((random) => random.pick(awkward).repeat(many(random))),
  "say a stretch again": (text, random) => {
    const [start, end] = stretch(text, random, 2_000);
    return put(text, end, text.slice(start, end).repeat(random.pick([1, 1, 1, 2, 20])));
  },
  "move a stretch": (text, random) => {
    const [start, end] = stretch(text, random);
    const rest = text.slice(0, start) + text.slice(end);
    return put(rest, random.below(rest.length + 1), text.slice(start, end));
  },
  truncate: (text, random) => text.slice(0, random.below(text.length)),
  behead: (text, random) => text.slice(random.below(text.length)),
  "a very long line": anywhere((random) =>
    random.pick(["x", "(", "{", "\t", "a b ", "/*", '"', "\\", "="]).repeat(many(random)),
  ),
  "drop line ends": (text, random) => {
    const [start, end] = stretch(text, random, 5_000);
    return text.slice(0, start) + text.slice(start, end).replaceAll("\n", "") + text.slice(end);
  },
  "other line ends": (text, random) => text.replaceAll("\n", random.pick(["\r\n", "\r", "\n\r", "\r\r\n"])),
  "high bytes": (text, random) => {
    const [start, end] = stretch(text, random);
    const high = [...text.slice(start, end)].map((char) => String.fromCharCode(char.charCodeAt(0) | 0x80)).join("");
    return text.slice(0, start) + high + text.slice(end);
  },
  "other blanks": (text, random) => {
    const [from, to] = random.pick([
      [" ", "\t"],
      ["\t", " "],
      ["\t", ""],
    ] as const);
    return text.replaceAll(from, to);
  },
  "the same mail twice": (text) => text + text,
};
