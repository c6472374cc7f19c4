import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rules } from "../../rules/index.ts";
import type { Finding } from "../../src/finding/finding.ts";
import { copylint } from "../cli/quarry.ts";
import { git, hasGit, inTemporary } from "../git.ts";
import { top } from "../reviewing.ts";

/** The cases that have a fix which is written; all other cases of all rules with fixes have none. */
const fixed: Readonly<Record<string, readonly string[]>> = {
  "deprecated-next-bio": ["next-bio-pair"],
  "plug-per-chunk": ["whole-body"],
  "split-alignment-check": ["by-a-macro", "ranges-across-lines", "three-in-one-condition"],
};

const cases = Object.keys(fixed).flatMap((rule) =>
  readdirSync(join(top, "rules", rule, "cases"))
    .filter((name) => name.endsWith(".patch"))
    .map((name) => ({ rule, name: name.replace(/\.patch$/, "") })),
);

/** A repository with the stage as its first commit, tagged `base`. */
function stageIn(dir: string): string {
  const repository = join(dir, "linux");
  cpSync(join(top, "fixtures/stage"), repository, { recursive: true });
  git(repository, ["init", "-q", "-b", "main"]);
  git(repository, ["add", "-A"]);
  git(repository, ["commit", "-q", "-m", "stage"]);
  git(repository, ["tag", "base"]);
  return repository;
}

/** "rule in function", sorted: what a review of the commits behind the base finds and nothing mends. */
function found(repository: string): string[] {
  const run = copylint(["check", "--format", "json", "base..HEAD"], { cwd: repository });
  const findings = JSON.parse(run.stdout).findings as Finding[];
  return findings
    .filter((f) => f.mendedBy === null)
    .map((f) => `${f.rule} in ${f.function}`)
    .sort();
}

/** Puts the fixups onto the series, and each into the commit that it is for, as `git rebase --autosquash` does. */
function squash(repository: string, folder: string): void {
  const mails = readdirSync(folder).sort();
  git(repository, ["am", "-q", "--whitespace=error", ...mails.map((name) => join(folder, name))]);
  git(repository, ["-c", "sequence.editor=true", "rebase", "-q", "-i", "--autosquash", "base"]);
}

describe.skipIf(!hasGit)("fixes, with git", () => {
  test("are those of rules that are here, and of their cases", () => {
    const ids = rules.map((rule) => rule.id);
    for (const [rule, names] of Object.entries(fixed)) {
      expect(ids).toContain(rule);
      for (const name of names) expect(cases).toContainEqual({ rule, name });
    }
  });

  test.each(cases)("of $rule in $name: git am takes them, the finding goes, and none comes", ({ rule, name }) => {
    inTemporary((dir) => {
      const repository = stageIn(dir);
      const patch = join(top, "rules", rule, "cases", `${name}.patch`);
      git(repository, ["am", "-q", patch]);
      const out = join(dir, "out");
      mkdirSync(out);
      const run = copylint(["fix", "--rule", rule, "--output-dir", out, "--tree", join(top, "fixtures/stage"), patch]);
      expect(run.stderr).toBe("");
      if (!fixed[rule]!.includes(name)) {
        expect(readdirSync(out)).toEqual([]);
        expect(run.stdout).toContain("nothing to fix");
        return;
      }
      expect(readdirSync(out)).toEqual(["fixup-0001.patch"]);
      const before = found(repository);
      squash(repository, out);
      expect(git(repository, ["rev-list", "--count", "base..HEAD"]).toString()).toBe("1\n");
      const gone = before.find((one) => one.startsWith(`${rule} in `))!;
      const after = found(repository);
      expect([...after, gone].sort()).toEqual(before);
      expect(copylint(["fix", "--dry-run", "--rule", rule, "base..HEAD"], { cwd: repository }).stdout).toMatch(
        /^nothing to fix/m,
      );
    });
  });

  test.each(["careless", "mended", "reroll"])("of the series %s: what they mend goes, and nothing else", (series) => {
    inTemporary((dir) => {
      const repository = stageIn(dir);
      const folder = join(top, "fixtures/series", series);
      const mails = readdirSync(folder).filter((name) => /^(?!0000).*\.patch$/.test(name));
      git(repository, ["am", "-q", ...mails.sort().map((name) => join(folder, name))]);
      const subjects = git(repository, ["log", "--format=%s", "base.."]).toString();
      const before = found(repository);
      const out = join(dir, "out");
      const run = copylint([
        "fix",
        "--fail-on",
        "never",
        "--output-dir",
        out,
        "--tree",
        join(top, "fixtures/stage"),
        folder,
      ]);
      const lines = [...run.stdout.matchAll(/^ {2}\S+: (\S+)$/gm)].map(([, rule]) => rule);
      expect({ careless: 2, mended: 1, reroll: 0 }[series]).toBe(lines.length);
      expect(run.status).toBe(0);
      if (lines.length === 0) return;
      squash(repository, out);
      expect(git(repository, ["log", "--format=%s", "base.."]).toString()).toBe(subjects);
      const rest = [...before];
      for (const rule of lines)
        rest.splice(
          rest.findIndex((one) => one.startsWith(`${rule} in `)),
          1,
        );
      expect(found(repository)).toEqual(rest);
    });
  });
});
