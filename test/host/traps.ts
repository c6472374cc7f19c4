import { chmodSync, cpSync, mkdirSync, readdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { archive, posted } from "../cli/archive.ts";
import { git, write } from "../git.ts";
import { top } from "../reviewing.ts";

/** Where traps are set: in a repository, the repository of its submodule, a linked work tree, and where its objects are. */
export const places = ["super", "sub", "linked", "store"] as const;
type Place = (typeof places)[number];

/** Repositories that name programs wherever git would run one. A trap is a program that leaves its name when it is run. */
export interface World {
  readonly dir: string;
  /** The work tree of a place. */
  readonly at: (place: Place) => string;
  /** An archive of a list. */
  readonly inbox: string;
  readonly mail: string;
  /** Variables that name programs as well, and a path by which `git` is what the current folder has under this name. */
  readonly env: Readonly<Record<string, string>>;
  /** A file whose text no repository has, and which a remote would have to be asked for. */
  readonly missing: string;
  /** Names of all traps, sorted. */
  readonly traps: readonly string[];
  /** Names of those that were run since this was asked last. */
  readonly ran: () => readonly string[];
  /** Makes it impossible for git to tell by their times whether files have changed. */
  readonly touch: () => void;
}

/** Keys of a configuration that name programs, by the names of their traps; * stands for what is `driver` of the place. */
const keys = {
  fsmonitor: "core.fsmonitor",
  pager: "core.pager",
  editor: "core.editor",
  ssh: "core.sshCommand",
  askpass: "core.askPass",
  "alternate-refs": "core.alternateRefsCommand",
  external: "diff.external",
  command: "diff.*.command",
  textconv: "diff.*-too.textconv",
  clean: "filter.*.clean",
  smudge: "filter.*.smudge",
  process: "filter.*-too.process",
  gpg: "gpg.program",
  credential: "credential.helper",
} as const;

/** What git has no occasion for: of a repository that borrows no objects, or has neither index nor work tree. */
const inert: Readonly<Record<string, readonly string[]>> = {
  store: ["alternate-refs"],
  inbox: Object.keys(keys).filter((name) => !["pager", "ssh", "command"].includes(name)),
};

const hooks = ["post-index-change", "reference-transaction", "pre-commit"];

/** What filters are called in a place: what is switched off for one place is not for another. Work trees share attributes. */
export const driver = (place: string): string => (place === "linked" ? "super" : place);

/** Of C files git asks one filter and one driver, of headers the others; `m` is a mail of an archive. */
const attributes = (place: string): string =>
  `*.c filter=* diff=*\n*.h filter=*-too diff=*-too\nm diff=*\n`.replace(/=\*/g, `=${driver(place)}`);

/** Makes all that in a new folder. */
export function makeWorld(folder: string): World {
  const dir = realpathSync(folder);
  const at = (place: Place): string => join(dir, ...(place === "sub" ? ["super", "sub"] : [place]));
  const traps: string[] = [];
  mkdirSync(join(dir, "ran"));
  mkdirSync(join(dir, "traps"));
  const script = (path: string, name: string): string => {
    traps.push(name);
    // What it prints is what a filter should, so that git goes on.
    const text = `#!/bin/sh\n: > '${dir}/ran/${name}'\ncase $0 in *.clean|*.smudge) cat ;; *) exit 1 ;; esac\n`;
    chmodSync(write(dir, path, text), 0o755);
    return join(dir, path);
  };
  const trap = (name: string): string => script(`traps/${name}`, name);
  const hooksIn = (path: string, place: string): void => {
    for (const hook of place === "inbox" ? ["reference-transaction"] : hooks)
      script(join(path, hook), `${place}.${hook}`);
  };
  const configuration = (place: string): string => {
    const set = Object.entries(keys)
      .filter(([name]) => !inert[place]?.includes(name))
      .map(([name, key]): [string, string] => [key, trap(`${place}.${name}`)]);
    const all: [string, string][] = [
      ...set,
      ["filter.*.required", "true"],
      ["log.showSignature", "true"],
      ["color.ui", "always"],
      ["diff.submodule", "log"],
      ["status.submoduleSummary", "true"],
      ["submodule.recurse", "true"],
      ["remote.origin.promisor", "true"],
      ["remote.origin.url", "ssh://example.invalid/linux"],
      ["remote.second.promisor", "true"],
      // Of several URLs git takes the first, which for a linked work tree is that of its repository.
      ...(place === "linked" ? [] : [["remote.second.url", `ext::${trap(`${place}.remote`)}`] as [string, string]]),
      ["protocol.allow", "always"],
    ];
    return all.map(([key, value]) => section(key.replace("*", driver(place)), value)).join("");
  };
  const commit = (place: Place, message: string): void => {
    git(at(place), ["add", "-A"]);
    git(at(place), ["commit", "-q", "-m", message]);
  };
  const change = join(top, "rules/deprecated-next-bio/cases/next-bio-pair.patch");
  /** Puts a commit that draws a warning on top of the tag `start`, and has it signed. */
  const develop = (place: Place): void => {
    git(at(place), ["tag", "start"]);
    git(at(place), ["am", "-q", change]);
    const plain = git(at(place), ["cat-file", "commit", "HEAD"]).toString();
    const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n aaaa\n -----END PGP SIGNATURE-----\n";
    const signed = git(
      at(place),
      ["hash-object", "-w", "-t", "commit", "--stdin"],
      plain.replace("\n\n", `\n${signature}\n`),
    );
    git(at(place), ["update-ref", "HEAD", signed.toString().trim()]);
  };

  cpSync(join(top, "fixtures/stage"), at("store"), { recursive: true });
  git(at("store"), ["init", "-q", "-b", "main"]);
  commit("store", "stage");
  git(dir, ["clone", "-q", "--shared", "-o", "first", "store", "super"]);
  git(dir, ["clone", "-q", "--shared", "-o", "first", "store", "super/sub"]);
  write(at("super"), ".gitmodules", '[submodule "sub"]\n\tpath = sub\n\turl = ../store\n');
  // git looks into the work tree of a submodule if that is at the commit that its repository names.
  develop("sub");
  commit("super", "bring a submodule along");
  git(at("super"), ["submodule", "absorbgitdirs"]);
  for (const place of ["store", "super"] as const) develop(place);
  git(at("super"), ["worktree", "add", "-q", "--detach", "../linked"]);
  const missing = git(at("store"), ["rev-parse", "start:Makefile"]).toString().trim();
  rmSync(join(at("store"), ".git/objects", missing.slice(0, 2), missing.slice(2)));
  const inbox = archive(join(dir, "inbox/git/0.git"), posted("mended"));

  // Each place is led to its traps in another way.
  const common = join(at("super"), ".git");
  const linked = join(common, "worktrees/linked");
  const [store, sub] = [join(at("store"), ".git"), join(common, "modules/sub")];
  const add = (path: string, text: string): void => writeFileSync(path, text, { flag: "a" });
  const extensions = "[core]\n\trepositoryFormatVersion = 1\n[extensions]\n\tpartialClone = origin\n";
  const hooksPath = (place: string): string => {
    hooksIn(`traps/${place}.hooks`, place);
    return section("core.hooksPath", join(dir, "traps", `${place}.hooks`));
  };
  write(dir, "super.config", configuration("super") + hooksPath("super"));
  add(join(common, "config"), `${extensions}\tworktreeConfig = true\n[include]\n\tpath = ../../super.config\n`);
  add(join(common, "info/attributes"), attributes("super"));
  add(join(linked, "config.worktree"), configuration("linked") + hooksPath("linked"));
  for (const [place, path, attributed] of [
    ["store", store, join(at("store"), ".gitattributes")],
    ["sub", sub, join(at("sub"), ".gitattributes")],
    ["inbox", inbox, join(inbox, "info/attributes")],
  ] as const) {
    const file = write(dir, `${place}.config`, configuration(place));
    add(join(path, "config"), `${extensions}[includeIf "gitdir:**"]\n\tpath = ${file}\n`);
    hooksIn(join(path, "hooks").slice(dir.length + 1), place);
    add(attributed, attributes(place));
  }
  for (const place of places) {
    script(join(at(place), "git").slice(dir.length + 1), `${place}.path`);
    add(join(at(place), "README"), "This is another line.\n");
  }
  script(join(inbox, "git").slice(dir.length + 1), "inbox.path");

  const touch = (): void => {
    // An index that is older than its files says nothing of them, and nor does one of files with another time.
    for (const folder of [common, linked, sub, store]) utimesSync(join(folder, "index"), 1, 1);
    for (const path of ["sub/block/blk-lib.c", "sub/include/linux/bio.h"]) utimesSync(join(at("super"), path), 2, 2);
  };
  touch();
  return {
    dir,
    at,
    inbox,
    mail: change,
    env: {
      GIT_EXTERNAL_DIFF: trap("environment.external"),
      GIT_SSH_COMMAND: trap("environment.ssh"),
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "core.fsmonitor",
      GIT_CONFIG_VALUE_0: trap("environment.fsmonitor"),
      PATH: `.:${process.env.PATH}`,
    },
    missing,
    traps: traps.sort(),
    ran: () => {
      const names = readdirSync(join(dir, "ran")).sort();
      for (const name of names) rmSync(join(dir, "ran", name));
      return names;
    },
    touch,
  };
}

/** A setting as a configuration has it. */
function section(key: string, value: string): string {
  const [first = "", ...rest] = key.split(".");
  const name = rest.pop();
  return `[${first}${rest.length === 0 ? "" : ` "${rest.join(".")}"`}]\n\t${name} = "${value}"\n`;
}
