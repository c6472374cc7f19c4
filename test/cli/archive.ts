import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { corpus, hasCorpus, mailsOf, top } from "../reviewing.ts";

/** What a commit of an archive does: it adds a mail, or takes one away. */
export type Commit = string | Buffer | { readonly deleted: string };

/** Writes commits on top of a bare repository in the way of public-inbox, version 2; makes it if it is not there. */
export function archive(path: string, commits: readonly Commit[]): string {
  if (!existsSync(path)) {
    mkdirSync(path, { recursive: true });
    execFileSync("git", ["init", "-q", "--bare", "-b", "master", path]);
  }
  const isNew = execFileSync("git", ["-C", path, "for-each-ref"], { encoding: "utf8" }) === "";
  const stream = commits.flatMap((commit, i) => {
    const isMail = typeof commit === "string" || Buffer.isBuffer(commit);
    const data = isMail ? Buffer.from(commit) : Buffer.from(commit.deleted, "latin1");
    const first = i > 0 ? "" : isNew ? "" : "from refs/heads/master^0\n";
    return [
      `commit refs/heads/master\ncommitter L <l@example.org> ${1_700_000_000 + i} +0000\ndata 0\n${first}`,
      `D ${isMail ? "d" : "m"}\nM 100644 inline ${isMail ? "m" : "d"}\ndata ${data.length}\n`,
      data,
      "\n",
    ];
  });
  execFileSync("git", ["-C", path, "fast-import", "--quiet", "--force"], {
    input: Buffer.concat(stream.map((part) => Buffer.from(part))),
    maxBuffer: 1 << 28,
  });
  return path;
}

/** A mail of ours as it came over a list: with its recipients, and without the line of the mbox. */
export const listed = (mail: string): string =>
  mail.replace(/^From .*\n/, "").replace("\nDate: ", "\nTo: linux-block@example.org\nDate: ");

/** The mails of a bundled series; ids of another posting if it is to be one. */
export function posted(name: string, change: (mail: string) => string = (mail) => mail): string[] {
  const folder = join(top, "fixtures/series", name);
  const names = readdirSync(folder).filter((file) => file.endsWith(".patch"));
  return names.sort().map((file) => change(listed(readFileSync(join(folder, file), "latin1"))));
}

/** The mails of the corpus, a thread after another; none where there is no corpus. */
export function corpusMails(): Buffer[] {
  if (!hasCorpus) return [];
  const folders = readdirSync(corpus, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) =>
    mailsOf(
      join(corpus, name),
      readdirSync(join(corpus, name)).filter((file) => file.endsWith(".eml")),
    ).map(({ text }) => Buffer.from(text, "latin1")),
  );
}
