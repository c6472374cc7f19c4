import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copylint } from "../cli/quarry.ts";
import { git, hasGit, inTemporary } from "../git.ts";
import { top } from "../reviewing.ts";

const stage = join(top, "fixtures/stage");
const source = "block/blk-lib.c";
const old = "\t\tto = blk_next_bio(from, bdev, 0, REQ_OP_COPY_DST, gfp);\n";
const now = "\t\tto = bio_chain_and_submit(from, bio_alloc(bdev, 0, REQ_OP_COPY_DST, gfp));\n";

interface Yard {
  readonly dir: string;
  /** The stage, tagged `base`, and a commit with one call of blk_next_bio() on top. */
  readonly repository: string;
  readonly out: string;
  /** Replaces a part of a file, which must be there, and commits. */
  readonly commit: (subject: string, from: string, to: string, path?: string) => void;
  /** The commits as mails in a new folder. */
  readonly mails: () => string;
  readonly read: (path?: string) => string;
  readonly fix: (...args: readonly string[]) => { code: number | null; stdout: string; stderr: string };
}

function inYard(use: (yard: Yard) => void): void {
  inTemporary((dir) => {
    const repository = join(dir, "linux");
    cpSync(stage, repository, { recursive: true });
    git(repository, ["init", "-q", "-b", "main"]);
    git(repository, ["add", "-A"]);
    git(repository, ["commit", "-q", "-m", "stage"]);
    git(repository, ["tag", "base"]);
    git(repository, ["am", "-q", join(top, "rules/deprecated-next-bio/cases/next-bio-pair.patch")]);
    const read = (path = source) => readFileSync(join(repository, path), "utf8");
    use({
      dir,
      repository,
      out: join(dir, "out"),
      read,
      commit: (subject, from, to, path = source) => {
        const text = read(path);
        expect(text.split(from).length, from).toBe(2);
        writeFileSync(
          join(repository, path),
          text.replace(from, () => to),
        );
        git(repository, ["add", "-A"]);
        git(repository, ["commit", "-q", "-m", subject]);
      },
      mails: () => {
        git(repository, ["format-patch", "-q", "-o", join(dir, "mails"), "base"]);
        return join(dir, "mails");
      },
      fix: (...args) => {
        const { status, stdout, stderr } = copylint(["fix", ...args], { cwd: repository });
        return { code: status, stdout, stderr };
      },
    });
  });
}

const names = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

describe.skipIf(!hasGit)("a fix of mails, with git", () => {
  test("follows lines that later patches move, and applies on top of all of them", () =>
    inYard(({ dir, repository, out, commit, mails, read, fix }) => {
      commit("block: say more", '#include "blk.h"\n', '#include "blk.h"\n\n/* One. */\n/* Two. */\n/* Three. */\n');
      commit(
        "block: say it nearby",
        "\t\tto->bi_iter.bi_sector = dst;\n",
        "\t\t/* Here. */\n\t\tto->bi_iter.bi_sector = dst;\n",
      );
      const run = fix("--tree", stage, "--output-dir", out, mails());
      expect(run).toEqual({
        code: 0,
        stdout: `${join(out, "fixup-0001.patch")}: for 1/3 "block: copy sectors inside a device"
  block/blk-lib.c:137: deprecated-next-bio
1 fix in 1 patch
`,
        stderr: "",
      });
      const before = read();
      git(repository, ["am", "-q", "--whitespace=error", join(out, "fixup-0001.patch")]);
      expect(read()).toBe(before.replace(old, now));
      expect(git(repository, ["log", "-1", "--format=%s"]).toString()).toBe(
        "fixup! block: copy sectors inside a device\n",
      );
      expect(names(dir)).toContain("out");
    }));

  test("follows a file that is renamed", () =>
    inYard(({ repository, out, mails, read, fix }) => {
      git(repository, ["mv", source, "block/blk-copy.c"]);
      git(repository, ["commit", "-q", "-m", "block: rename"]);
      expect(fix("--tree", stage, "--output-dir", out, mails()).code).toBe(0);
      git(repository, ["am", "-q", join(out, "fixup-0001.patch")]);
      expect(read("block/blk-copy.c")).toContain(now);
    }));

  test("is one of the last patch that writes the line", () =>
    inYard(({ out, commit, mails, fix }) => {
      commit("block: more", "bdev, 0, REQ_OP_COPY_DST, gfp)", "bdev, 1, REQ_OP_COPY_DST, gfp)");
      commit("block: back", "bdev, 1, REQ_OP_COPY_DST, gfp)", "bdev, 0, REQ_OP_COPY_DST, gfp)");
      const run = fix("--tree", stage, "--output-dir", out, mails());
      expect(run.stdout).toContain('fixup-0003.patch: for 3/3 "block: back"');
      expect(names(out)).toEqual(["fixup-0003.patch"]);
    }));

  test("stays advice where a later patch puts something between its lines", () =>
    inYard(({ repository, out, commit, mails, fix }) => {
      git(repository, ["reset", "-q", "--hard", "base"]);
      git(repository, ["am", "-q", join(top, "rules/plug-per-chunk/cases/whole-body.patch")]);
      const start = "\t\tblk_start_plug(&plug);\n\n";
      commit("block: more room", start, `${start}\n`);
      const run = fix("--tree", stage, "--output-dir", out, mails());
      expect(run.code).toBe(1);
      expect(run.stdout).toContain("(not fixed: a later patch, or another fix, changes its lines)");
      expect(names(out)).toEqual([]);
    }));

  test("stays advice where parts are missing, or nothing shows that the base has what it needs", () =>
    inYard(({ out, commit, mails, fix }) => {
      const folder = mails();
      const alone = fix("--output-dir", out, folder);
      expect(alone.code).toBe(1);
      expect(alone.stdout).toMatch(
        /^left as advice:\n {2}block\/blk-lib\.c:137: warning deprecated-next-bio: .* \(not fixed: nothing shows that the base has bio_chain_and_submit\(\); give the kernel with --tree\)\nnothing to fix; 1 finding left as advice\n$/,
      );
      commit("block: more", '#include "blk.h"\n', '#include "blk.h"\n\n/* One. */\n');
      const [one = ""] = names(mails());
      const part = join(folder, one);
      expect(readFileSync(part, "utf8")).toContain("[PATCH 1/2]");
      expect(fix("--tree", stage, "--output-dir", out, part).stdout).toContain(
        "(not fixed: parts of the series are missing)",
      );
      expect(names(out)).toEqual([]);
    }));

  test("prints a diff and writes nothing with --dry-run", () =>
    inYard(({ repository, out, mails, read, fix }) => {
      const folder = mails();
      const before = names(repository);
      const run = fix("--dry-run", "--tree", stage, "--output-dir", out, folder);
      expect(run.code).toBe(0);
      expect(names(out)).toEqual([]);
      expect(names(repository)).toEqual(before);
      expect(git(repository, ["status", "--porcelain"]).toString()).toBe("");
      git(repository, ["apply", "-"], run.stdout);
      expect(read()).toContain(now);
    }));

  test("replaces no file unless it is told to, and no link that leads nowhere", () =>
    inYard(({ dir, out, mails, fix }) => {
      const folder = mails();
      const path = join(out, "fixup-0001.patch");
      mkdirSync(out);
      symlinkSync(join(dir, "elsewhere"), path);
      const refused = fix("--tree", stage, "--output-dir", out, folder);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toBe(
        `copylint: ${path} is there already, and says something else; nothing was written: choose another --output-dir, or let --force replace it\n`,
      );
      expect(lstatSync(path).isSymbolicLink()).toBe(true);
      expect(existsSync(join(dir, "elsewhere"))).toBe(false);
      writeFileSync(join(dir, "file"), "mine\n");
      expect(fix("--tree", stage, "--output-dir", join(dir, "file"), folder).code).toBe(2);
      expect(readFileSync(join(dir, "file"), "utf8")).toBe("mine\n");
      const there = join(dir, "there");
      mkdirSync(there);
      writeFileSync(join(there, "fixup-0001.patch"), "mine\n");
      expect(fix("--tree", stage, "--output-dir", there, folder).code).toBe(2);
      expect(readFileSync(join(there, "fixup-0001.patch"), "utf8")).toBe("mine\n");
      expect(fix("--force", "--tree", stage, "--output-dir", there, folder).code).toBe(0);
      expect(readFileSync(join(there, "fixup-0001.patch"), "utf8")).toContain("fixup!");
    }));

  test("reads mails whose lines end in CR LF, and quoted-printable ones", () =>
    inYard(({ dir, repository, mails, read, fix }) => {
      const [name = ""] = names(mails());
      const plain = readFileSync(join(dir, "mails", name), "utf8");
      const [head = "", ...rest] = plain.split("\n\n");
      const body = rest
        .join("\n\n")
        .replace(/[=]|[\t ]$/gm, (c) => `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
      const encoded = `${head}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n${body}`;
      const made: string[] = [];
      for (const [kind, text] of Object.entries({ plain, crlf: plain.replaceAll("\n", "\r\n"), encoded })) {
        const path = join(dir, `${kind}.patch`);
        writeFileSync(path, text);
        const out = join(dir, kind);
        expect(fix("--tree", stage, "--output-dir", out, path), kind).toMatchObject({ code: 0, stderr: "" });
        made.push(readFileSync(join(out, "fixup-0001.patch"), "utf8"));
      }
      expect(new Set(made).size).toBe(1);
      git(repository, ["am", "-q"], made[0]!);
      expect(read()).toContain(now);
    }));

  test("stays advice in a file with CR LF, and beside text whose bytes the mail does not tell", () =>
    inYard(({ repository, dir, out, read, fix }) => {
      git(repository, ["reset", "-q", "--hard", "base"]);
      writeFileSync(join(repository, source), read().replaceAll("\n", "\r\n"));
      git(repository, ["commit", "-q", "-a", "-m", "other line ends"]);
      git(repository, ["tag", "-f", "base"]);
      git(repository, [
        "am",
        "-q",
        "--ignore-whitespace",
        join(top, "rules/deprecated-next-bio/cases/next-bio-pair.patch"),
      ]);
      const crlf = join(repository, source);
      writeFileSync(crlf, read().replaceAll("\r\n", "\n").replaceAll("\n", "\r\n"));
      git(repository, ["commit", "-q", "-a", "--amend", "--no-edit"]);
      expect(fix("base..").stdout).toContain("git am takes away");
      const mail = readFileSync(join(top, "rules/deprecated-next-bio/cases/next-bio-pair.patch"), "utf8");
      const latin = join(dir, "latin.patch");
      writeFileSync(
        latin,
        Buffer.from(
          mail.replace("+\t\tto->bi_iter.bi_sector = dst;", "+\t\tto->bi_iter.bi_sector = dst; /* \u00b5 */"),
          "latin1",
        ),
      );
      expect(fix("--tree", stage, "--output-dir", out, latin).stdout).toContain("the text around it is not ASCII");
      expect(names(out)).toEqual([]);
    }));

  test("takes nothing of a subject into file names, and only its start into a header", () =>
    inYard(({ dir, repository, out, mails, fix }) => {
      const [name = ""] = names(mails());
      const path = join(dir, "hostile.patch");
      const text = readFileSync(join(dir, "mails", name), "utf8");
      const subjects = {
        "=?UTF-8?Q?[PATCH]_block:_=C3=A9t=C3=A9=0ABcc:_x@example.org?=":
          "fixup! block: \u00e9t\u00e9 Bcc: x@example.org",
        "[PATCH] ../../escape $(id) `id` \u202e": "fixup! ../../escape $(id) `id`",
        [`[PATCH] ${"long ".repeat(2000)}`]: `fixup! ${"long ".repeat(40).trim()}`,
        "[PATCH] [tree] block: brackets": "fixup! block: brackets",
      };
      for (const [subject, title] of Object.entries(subjects)) {
        writeFileSync(path, text.replace(/^Subject: .*$/m, `Subject: ${subject}`));
        const run = fix("--force", "--tree", stage, "--output-dir", out, path);
        expect(run.code).toBe(0);
        expect(run.stdout).not.toContain("\u202e");
        expect(names(out)).toEqual(["fixup-0001.patch"]);
        const mail = readFileSync(join(out, "fixup-0001.patch"), "utf8");
        expect(mail.split("\n\n")[0]).not.toMatch(/^Bcc/m);
        git(repository, ["am", "-q", join(out, "fixup-0001.patch")]);
        expect(git(repository, ["log", "-1", "--format=%s"]).toString()).toBe(`${title}\n`);
        git(repository, ["reset", "-q", "--hard", "HEAD^"]);
      }
      writeFileSync(path, text.replace(/^Subject: .*$/m, "Subject: [PATCH]"));
      expect(fix("--force", "--tree", stage, "--output-dir", out, path).stdout).toContain("no subject");
      expect(names(dir).sort()).toEqual(["hostile.patch", "linux", "mails", "out"]);
    }));

  test("writes to no file outside of the tree, nor into git's own", () =>
    inYard(({ dir, out, mails, fix }) => {
      const [name = ""] = names(mails());
      const text = readFileSync(join(dir, "mails", name), "utf8");
      for (const path of [
        "../blk-lib.c",
        "/etc/blk-lib.c",
        ".git/blk-lib.c",
        "block/.GIT/blk-lib.c",
        "block/a b.c",
        "block/\u00e9.c",
      ]) {
        const mail = join(dir, "outside.patch");
        writeFileSync(mail, text.replaceAll("block/blk-lib.c", path));
        const run = fix("--tree", stage, "--output-dir", out, mail);
        expect(run.stdout, path).toMatch(/^nothing to fix/m);
        expect(names(out)).toEqual([]);
      }
    }));

  test("of several series goes into files of their own", () =>
    inYard(({ dir, out, mails, fix }) => {
      const [name = ""] = names(mails());
      const text = readFileSync(join(dir, "mails", name), "utf8");
      const [one, two] = ["one", "two"].map((word, at) => {
        const path = join(dir, `${word}.patch`);
        writeFileSync(
          path,
          text.replace(/^Subject: .*$/m, `Message-ID: <${word}@example.org>\nSubject: [PATCH v${at + 1} 1/1] ${word}`),
        );
        return path;
      });
      expect(fix("--tree", stage, "--output-dir", out, one!, two!).code).toBe(0);
      expect(names(out)).toEqual(["fixup-1-0001.patch", "fixup-2-0001.patch"]);
    }));
});

describe.skipIf(!hasGit)("a fix of a range, with git", () => {
  test("edits the work tree if that is the end of the range, from any folder", () =>
    inYard(({ repository, read, commit }) => {
      commit("block: say more", '#include "blk.h"\n', '#include "blk.h"\n\n/* One. */\n');
      writeFileSync(join(repository, "block/other.c"), "int other;\n");
      const before = read();
      const run = copylint(["fix", "base.."], { cwd: join(repository, "include") });
      expect(run.stderr).toBe("");
      expect(run.stdout).toBe(`edited block/blk-lib.c
for 1/2 "block: copy sectors inside a device"
  block/blk-lib.c:137: deprecated-next-bio
1 fix in 1 patch
`);
      expect(run.status).toBe(0);
      expect(read()).toBe(before.replace(old, now));
      expect(git(repository, ["status", "--porcelain"]).toString()).toBe(" M block/blk-lib.c\n?? block/other.c\n");
    }));

  const elsewhere = (reason: string) => `copylint: ${reason}: fixup! patches are written instead\n`;
  const dirty = elsewhere("the files differ from HEAD, or cannot be edited");

  test.each<[string, string, (yard: Yard) => void]>([
    ["the file is edited", dirty, ({ repository, read }) => writeFileSync(join(repository, source), `${read()}\n`)],
    [
      "an edit is staged",
      dirty,
      ({ repository, read }) => {
        const text = read();
        writeFileSync(join(repository, source), `${text}\n`);
        git(repository, ["add", "-A"]);
        writeFileSync(join(repository, source), text);
      },
    ],
    [
      "its folder is a link",
      dirty,
      ({ repository, dir }) => {
        renameSync(join(repository, "block"), join(dir, "block"));
        symlinkSync(join(dir, "block"), join(repository, "block"));
      },
    ],
    [
      "HEAD is elsewhere",
      elsewhere("HEAD is not the end of the range"),
      ({ repository }) => git(repository, ["checkout", "-q", "base"]),
    ],
  ])("is a fixup patch if %s", (_, said, change) =>
    inYard((yard) => {
      change(yard);
      const status = git(yard.repository, ["status", "--porcelain"]).toString();
      const there = existsSync(join(yard.dir, "block")) ? readFileSync(join(yard.dir, source), "utf8") : "";
      const run = yard.fix("--output-dir", yard.out, "base..main");
      expect(run).toMatchObject({ code: 0, stderr: said });
      expect(names(yard.out)).toEqual(["fixup-0001.patch"]);
      expect(git(yard.repository, ["status", "--porcelain"]).toString()).toBe(status);
      if (there !== "") expect(readFileSync(join(yard.dir, source), "utf8")).toBe(there);
    }),
  );

  test("names the commit as it is called, brackets and all", () =>
    inYard(({ repository, out, fix }) => {
      git(repository, ["commit", "-q", "--amend", "-m", "[tree] block: copy"]);
      expect(fix("--patches", "--output-dir", out, "base..").code).toBe(0);
      git(repository, ["am", "-q", join(out, "fixup-0001.patch")]);
      git(repository, ["-c", "sequence.editor=true", "rebase", "-q", "-i", "--autosquash", "base"]);
      expect(git(repository, ["log", "--format=%s", "base.."]).toString()).toBe("[tree] block: copy\n");
    }));
});

describe("the command line of fix", () => {
  const says = (...args: readonly string[]) => {
    const { status, stderr } = copylint(["fix", ...args], { cwd: top });
    return `${status} ${stderr}`;
  };
  test("asks for a series, and knows its rules", () => {
    expect(says()).toMatch(/^2 copylint: nothing to read; .* copylint fix 0001-x\.patch\n$/);
    expect(says("--rule", "plug-per-chunks", "x")).toBe(
      "2 copylint: there is no rule 'plug-per-chunks'; did you mean plug-per-chunk?\n",
    );
    expect(says("no-such.patch")).toMatch(/^3 copylint: no-such\.patch: /);
  });

  test("fixes what the rules that it is given find, and no more", () => {
    const careless = join(top, "fixtures/series/careless");
    const run = copylint(["fix", "--dry-run", "--rule", "split-alignment-check", "--fail-on", "never", careless]);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain("((from | to | len) & mask)");
    expect(run.stdout).not.toContain("bio_chain_and_submit");
    expect(run.stdout).toMatch(/\n1 fix in 1 patch\n$/);
  });
});
