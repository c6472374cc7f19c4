import { basename, dirname, join, relative, sep } from "node:path";
import { mailNames, readText } from "../host/files.ts";
import { diffOf, gitTree, readWorkingTree } from "../host/git.ts";
import type { Message } from "../mail/message.ts";
import { maxInputBytes, readMessages } from "../mail/read.ts";
import { assembleSeries } from "../series/assemble.ts";
import type { Series } from "../series/series.ts";
import type { Input } from "./check.ts";

/** Texts of the files that are open, by absolute path; they may not be saved yet. */
export type OpenTexts = ReadonlyMap<string, string>;

/** A folder with more mails than this is an archive: a mail in it is read alone. */
const mostBeside = 200;

const paths = (series: Series): (string | undefined)[] =>
  [series.cover, ...series.patches.map((p) => p.message)].map((message) => message?.path);

/** A patch file, with the rest of its series that lies beside it. */
export async function readPatchFile(file: string, open: OpenTexts): Promise<Input> {
  const folder = dirname(file);
  const beside = mailNames(folder, "/").map((name) => join(folder, name));
  const files = beside.includes(file) && beside.length <= mostBeside ? beside : [file];
  const read = await Promise.all(
    files.map(async (path) => {
      const saved = open.has(path) ? undefined : readText(path, "/", maxInputBytes);
      const text = open.get(path) ?? (saved !== undefined && "text" in saved ? saved.text : "");
      return readMessages(new TextEncoder().encode(text), path);
    }),
  );
  const { series, problems } = assembleSeries(read.flatMap(({ messages }) => messages));
  const mine = series.filter((one) => paths(one).includes(file));
  const all = [...read.flatMap((one) => one.problems), ...problems].filter(({ path }) => path === file);
  return { series: mine, problems: all, withoutDiff: 0, tree: undefined, inputs: files.length };
}

/** What the working tree around a C file has changed since a commit, as one patch; absolute paths are `top` and what follows. */
export interface ReadTree extends Input {
  readonly top: string;
}

/** @throws GitError */
export function readTreeOf(file: string, base: string, open: OpenTexts): ReadTree {
  const { top, base: commit, touched } = readWorkingTree(dirname(file), base);
  const near = [...open.keys()]
    .map((path) => relative(top, path))
    .filter((path) => isSource(path) && !path.startsWith(".."));
  const wanted = [...new Set([...touched.filter(isSource), ...near.map((path) => path.split(sep).join("/"))])].sort();
  const tree = gitTree(top, commit, wanted);
  const files = wanted.flatMap((path) => {
    const full = join(top, path);
    const saved = open.has(full) ? undefined : readText(full, "/", 8 * 1024 * 1024);
    const after = open.get(full) ?? (saved !== undefined && "text" in saved ? saved.text : undefined);
    return after === undefined ? [] : [{ path, before: tree.read(path), after }];
  });
  const message: Message = {
    path: top,
    messageId: undefined,
    subject: "[PATCH] the working tree",
    from: "",
    date: undefined,
    inReplyTo: undefined,
    references: [],
    body: `---\n\n${diffOf(files)}`,
    bodyLine: 1,
  };
  const { series, problems } = assembleSeries([message]);
  return { series, problems, withoutDiff: 0, tree, inputs: 1, top };
}

export const isSource = (path: string): boolean => /\.[ch]$/.test(path);
export const isPatch = (path: string): boolean =>
  /\.(?:patch|diff|mbox|mbx|eml)$/.test(path) || /^\d{4}-/.test(basename(path));
