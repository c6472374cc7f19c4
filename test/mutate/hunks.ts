import { type Mutator, many, type Random } from "./random.ts";

const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Changes one of the lines that `is` finds, or nothing if there is none: into no line, one or several. */
const change = (is: RegExp, by: (line: string, random: Random, lines: readonly string[]) => string[]): Mutator => {
  return (text, random) => {
    const lines = text.split("\n");
    const found = lines.flatMap((line, at) => (is.test(line) ? [at] : []));
    if (found.length === 0) return text;
    const at = random.pick(found);
    lines.splice(at, 1, ...by(lines[at]!, random, lines));
    return lines.join("\n");
  };
};

/** Stretches of lines that start at a line which `is` finds, up to the next one; the first is what stands before. */
function parts(text: string, is: RegExp): string[][] {
  const out: string[][] = [[]];
  for (const line of text.split("\n")) {
    if (is.test(line)) out.push([]);
    out.at(-1)!.push(line);
  }
  return out;
}

/** Changes the order or the number of such stretches. */
const rearrange = (is: RegExp, by: (list: string[][], random: Random) => void): Mutator => {
  return (text, random) => {
    const [first, ...rest] = parts(text, is);
    if (rest.length > 0) by(rest, random);
    return [first!, ...rest].flat().join("\n");
  };
};

/** Characters that are put in again at most, in all. */
const MOST_AGAIN = 4_000_000;

/** Puts a stretch in again behind itself, at most so many times. */
const again =
  (most: number) =>
  (list: string[][], random: Random): void => {
    const at = random.below(list.length);
    const size = list[at]!.reduce((sum, line) => sum + line.length + 1, 0);
    for (let i = Math.min(many(random), most, MOST_AGAIN / size); i > 0; i--) list.splice(at, 0, list[at]!);
  };

const hunk = /^@@ -/;
const file = /^(?:diff --git |Index: )/;
const changed = /^[-+ ]/;

const numbers = [
  "0",
  "1",
  "2",
  "7",
  "99",
  "-1",
  "4294967295",
  "2147483648",
  "9007199254740993",
  "18446744073709551616",
  "9".repeat(400),
  "",
  "x",
  "1e9",
  "0x10",
];

const paths = [
  "../../../etc/passwd",
  "b/../../x.c",
  "/etc/passwd",
  "/dev/null",
  "",
  ".",
  "..",
  ".git/config",
  "a//b.c",
  "block/\\blk.c",
  "C:\\x.c",
  "block/b lk.c",
  '"block/\\303\\244.c"',
  '"block/\\n\\t\\000.c"',
  '"block/\\777.c"',
  '"unfinished',
  "block/\x1b[31m.c",
  "block/\xe2\x80\xae.c",
  "__proto__/constructor.c",
  "constructor",
  "block/blk.c\t2024-01-01 00:00:00.000000000 +0000",
  `block/${"d/".repeat(2_000)}x.c`,
  `${"x".repeat(5_000)}.c`,
];

const extended = [
  "rename from block/blk-lib.c",
  "rename to block/other.c",
  "copy from block/blk-lib.c",
  "copy to ../x",
  "similarity index 100%",
  "similarity index 200%",
  "dissimilarity index -1%",
  "old mode 100644",
  "new mode 120000",
  "new file mode 160000",
  "new file mode 99999999999",
  "deleted file mode 100644",
  "index 0000000..1111111",
  "index 0000000..1111111 100755",
  "index x..y",
  "Binary files a/x and b/x differ",
  "GIT binary patch\nliteral 6\nNcmZQzWMT$@000000\n\nliteral 0\nHcmV?d00001\n",
  "GIT binary patch\ndelta 99999999999\nzzzz",
  "--- a/block/blk-lib.c",
  "+++ b/block/blk-lib.c",
  "--- /dev/null",
  "+++ /dev/null",
  "diff --git a/x b/y",
  "diff --git a/x",
  "diff --cc block/blk-lib.c",
  "Index: block/blk-lib.c",
  "Only in block: blk-lib.c",
];

const lines = [
  "\\ No newline at end of file",
  "\\",
  "-- ",
  "@@ -1 +1 @@",
  "@@ -0,0 +1,1000000000 @@",
  "@@@ -1,2 -1,2 +1,3 @@@",
  "@@ @@",
  "",
  " ",
  "+",
  "-",
  "*",
  "From nobody Mon Sep 17 00:00:00 2001",
  "+#if 0",
  "+#endif",
  "+#else",
  "+/*",
  "+*/",
  "+}",
  "+{",
  '+"',
];

export const hunks: Readonly<Record<string, Mutator>> = {
  "another number in a hunk's header": change(hunk, (line, random) => {
    const which = random.below(4);
    let n = 0;
    const head = line.replace(header, (match) =>
      match.replace(/\d+/g, (was) => (n++ === which ? random.pick(numbers) : was)),
    );
    return [head];
  }),
  "counts that are off by a few": change(hunk, (line, random) => [
    line.replace(/\d+/g, (was) => String(Math.max(0, Number(was) + random.below(5) - 2))),
  ]),
  "half a hunk header": change(hunk, (line, random) => [line.slice(0, random.below(line.length))]),
  "drop a hunk": rearrange(hunk, (list, random) => list.splice(random.below(list.length), 1)),
  "a hunk again": rearrange(hunk, again(200)),
  "hunks in another order": rearrange(hunk, (list, random) =>
    list.unshift(list.splice(random.below(list.length), 1)[0]!),
  ),
  "drop a file": rearrange(file, (list, random) => list.splice(random.below(list.length), 1)),
  "a file again": rearrange(file, again(50)),
  "files in another order": rearrange(file, (list, random) =>
    list.unshift(list.splice(random.below(list.length), 1)[0]!),
  ),
  "swap two lines": (text, random) => {
    const all = text.split("\n");
    const [a, b] = [random.below(all.length), random.below(all.length)];
    [all[a], all[b]] = [all[b]!, all[a]!];
    return all.join("\n");
  },
  "drop a line": change(changed, () => []),
  "a line again": change(changed, (line, random) =>
    Array.from({ length: 1 + Math.min(many(random), 2_000) }, () => line),
  ),
  "another mark before a line": change(changed, (line, random) => [
    `${random.pick(["+", "-", " ", "", "\\", "!", "++"])}${line.slice(1)}`,
  ]),
  "a line that means something": change(changed, (line, random) => [line, ...random.pick(lines).split("\n")]),
  "a line of a file's header": change(/^(?:---|\+\+\+|index|new file) /, (line, random) =>
    random.chance(0.5) ? [random.pick(extended), line] : [line, random.pick(extended)],
  ),
  "drop a line of a file's header": change(/^(?:diff --git|---|\+\+\+|index|new file) /, () => []),
  "another path": change(/^(?:---|\+\+\+) /, (line, random) => [
    `${line.slice(0, 4)}${random.pick(["", "a/", "b/"])}${random.pick(paths)}`,
  ]),
  "another path in all lines of a file": (text, random) => {
    const found = /^\+\+\+ b\/(.*)$/m.exec(text);
    return found ? text.replaceAll(found[1]!, () => random.pick(paths)) : text;
  },
  "one path for several files": (text, random) => {
    const all = [...text.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, path]) => path!);
    return all.length === 0 ? text : text.replaceAll(random.pick(all), random.pick(all));
  },
  "another diff --git line": change(file, (_, random) => [`diff --git ${random.pick(paths)} ${random.pick(paths)}`]),
  "a file that is gone": (text) => text.replace(/^\+\+\+ b\/.*$/m, "+++ /dev/null"),
  "a file that is new": (text) => text.replace(/^--- a\/.*$/m, "--- /dev/null"),
  "all that is added is taken away": (text, random) => {
    const [from, to] = random.pick([
      ["+", "-"],
      ["-", "+"],
      [" ", "+"],
      ["+", " "],
    ] as const);
    return text.replace(/^[-+ ](?![-+]{2} )/gm, (mark) => (mark === from ? to : mark));
  },
  "the other way round": (text) => {
    const swap = (line: string) => line.replace(/^[-+]/, (mark) => (mark === "+" ? "-" : "+"));
    const counts = (line: string) => line.replace(/^@@ -(\S+) \+(\S+) @@/, "@@ -$2 +$1 @@");
    return text.replace(/^(?:[-+](?![-+]{2} )|@@).*$/gm, (line) => (line.startsWith("@@") ? counts(line) : swap(line)));
  },
  "a hunk of very many lines": (text, random) => {
    const n = many(random);
    const at = text.search(/^diff --git /m);
    const big = `diff --git a/block/big.c b/block/big.c\nnew file mode 100644\n--- /dev/null\n+++ b/block/big.c\n@@ -0,0 +1,${n} @@\n${random.pick(["+int x;\n", "+\n", "+{\n", "+#if 1\n", "+#define A A\n", "+\tsubmit_bio(bio);\n"]).repeat(n)}`;
    return at === -1 ? text + big : text.slice(0, at) + big + text.slice(at);
  },
  "very many files": (text, random) => {
    const at = text.search(/^diff --git /m);
    const all = Array.from(
      { length: many(random) },
      (_, n) => `diff --git a/f${n} b/f${n}\nnew file mode 100644\n`,
    ).join("");
    return at === -1 ? text + all : text.slice(0, at) + all + text.slice(at);
  },
  "quoted as a reply": (text) => text.replace(/^(?=diff --git )[^]*/m, (diff) => diff.replace(/^/gm, "> ")),
  "wrapped lines": (text, random) => {
    const width = random.pick([20, 60, 72]);
    return text.replace(new RegExp(`^(.{${width}}[^ ]*) `, "gm"), "$1\n");
  },
  "blanks at the ends are lost": (text) => text.replace(/[ \t]+$/gm, ""),
};
