import { execFileSync, type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The program as `npm run build` leaves it. */
export const program = new URL("../../dist/src/bin.js", import.meta.url).pathname;

/** How to run the program. */
interface Setting {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

/** Runs the built program to its end. */
export function copylint(args: readonly string[], { cwd, env, input }: Setting = {}): SpawnSyncReturns<string> {
  const { NO_COLOR, FORCE_COLOR, ...clean } = process.env;
  return spawnSync(process.execPath, [program, ...args], {
    cwd,
    env: { ...clean, ...env },
    input: input ?? "",
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
}

function git(cwd: string, ...args: readonly string[]): string {
  const who = ["-c", "user.name=A Mason", "-c", "user.email=mason@example.org", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...args], { cwd, encoding: "utf8" });
}

const before = `#include <linux/bio.h>

int quarry_open(struct block_device *bdev)
{
	return 0;
}
`;

/** Calls the deprecated blk_next_bio(): one warning. */
const withNextBio = `
struct bio *quarry_next(struct bio *bio, struct block_device *bdev)
{
	return blk_next_bio(bio, bdev, 1, REQ_OP_WRITE, GFP_KERNEL);
}
`;

/** A repository with two commits on top of its tag \`base\` (the first draws a warning), and their mails. */
export interface Quarry {
  readonly repository: string;
  /** The mails in order: 1/2 draws a warning, 2/2 draws nothing. */
  readonly mails: readonly [string, string];
}

/** Makes the repository and the mails in a new temporary folder; remove \`repository\`'s parent when done. */
export function makeQuarry(): Quarry {
  const top = mkdtempSync(join(tmpdir(), "quarry-"));
  const repository = join(top, "linux");
  mkdirSync(join(repository, "block"), { recursive: true });
  git(repository, "init", "-q", "-b", "main");
  const commit = (text: string, subject: string): void => {
    writeFileSync(join(repository, "block/quarry.c"), text);
    git(repository, "add", "-A");
    git(repository, "commit", "-q", "-m", `${subject}\n\nStones have to go somewhere.`);
  };
  commit(before, "block: add a quarry");
  git(repository, "tag", "base");
  commit(before + withNextBio, "block: chain the stones");
  commit(`${before + withNextBio}\nint quarry_depth;\n`, "block: say how deep the quarry is");
  git(repository, "format-patch", "-q", "-o", join(top, "mails"), "base..main");
  const [one = "", two = ""] = readdirSync(join(top, "mails")).sort();
  return { repository, mails: [join(top, "mails", one), join(top, "mails", two)] };
}

/** A mail of the quarry with a part of its text replaced; the part must be there. */
export function changed(mail: string, from: string | RegExp, to: string): string {
  const text = readFileSync(mail, "utf8");
  const other = text.replace(from, to);
  if (other === text) throw new Error(`${mail} has no ${from}`);
  return other;
}
