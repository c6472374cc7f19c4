import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { engineMail } from "../exec-kernel/engines.ts";
import { corpus, hasCorpus, type Mail, mailsOf, top } from "../reviewing.ts";

/** What mails are made of by mutation: one mail, or the mails of a series. */
export interface Base {
  readonly name: string;
  readonly mails: readonly Mail[];
}

export interface Bases {
  /** For changes of the text. */
  readonly texts: readonly Base[];
  /** Engines, alone and with a patch around them: for changes of the C. */
  readonly engines: readonly Base[];
  /** Patches of which many are executed. */
  readonly patches: readonly Base[];
  /** Series, which take longer than all others. */
  readonly series: readonly Base[];
}

const foldersIn = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

/** @param real the corpus, too. */
export function readBases(real: boolean): Bases {
  const series = foldersIn(join(top, "fixtures/series")).map((name) => ({
    name: `series/${name}`,
    mails: mailsOf(join(top, "fixtures/series", name)),
  }));
  const wrapped = readdirSync(join(top, "fixtures/mail"))
    .filter((name) => !name.endsWith(".md"))
    .sort()
    .map((name) => ({ name: `mail/${name}`, mails: mailsOf(join(top, "fixtures/mail"), [name]) }));
  const patches = foldersIn(join(top, "rules")).flatMap((rule) =>
    mailsOf(join(top, "rules", rule, "cases")).map((mail) => ({ name: `${rule}/${mail.path}`, mails: [mail] })),
  );
  const engines = ["", "others"].flatMap((folder) =>
    readdirSync(join(top, "fixtures/engines", folder))
      .filter((name) => name.endsWith(".c"))
      .sort()
      .map((name) => ({ name: `engines/${name}`, mails: [engineMail(join(folder, name))] })),
  );
  const added = real && hasCorpus ? postings(corpus) : [];
  const texts = [...series, ...wrapped, ...engines, ...patches, ...added];
  return { texts, engines, patches, series: [...series.filter(({ mails }) => mails.length > 2), ...added] };
}

/** The folders of the corpus that hold mails. */
function postings(folder: string): Base[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => existsSync(join(folder, name)) && statSync(join(folder, name)).isDirectory())
    .sort()
    .map((name) => ({ name, mails: mailsOf(join(folder, name)) }))
    .filter(({ mails }) => mails.length > 0);
}
