// npm run bench: how much CPU time (user + sys) a whole run of the built program takes, against `node -e 0` and against
// checkpatch.pl. Runs are paired (one of each in turn), and the median of the ratios is printed, as machines drift.
//
// Reads the twelve mails of the v20 posting from ../shared/corpus/v20 if they are there, else the bundled series.
// checkpatch.pl: the environment variable CHECKPATCH, a kernel tree below /usr/src, or Debian's linux-source archive there.
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const top = new URL("..", import.meta.url).pathname;
const program = join(top, "dist/src/bin.js");
const corpus = join(top, "../shared/corpus/v20");
const bundled = join(top, "fixtures/series/careless");
const pairs = Number(process.env.PAIRS ?? 15);

/** Patch mails in order. */
const source = existsSync(corpus) ? corpus : bundled;
const mails = readdirSync(source)
  .filter((name) => (source === corpus ? /-patch-.*\.eml$/ : /^(?!0000).*\.patch$/).test(name))
  .sort()
  .map((name) => join(source, name));
const third = mails.find((name) => /\/0*3-/.test(name)) ?? mails[0];

/** bash counts milliseconds where other shells count clock ticks. */
const shell = spawnSync("bash", ["-c", ":"]).status === 0 ? "bash" : "sh";

/** CPU seconds of a command and its children, user + sys: the second line of the shell's `times`. */
function cpu(command) {
  const run = spawnSync(shell, ["-c", '"$@" > /dev/null 2>&1; times', "sh", ...command], { encoding: "utf8" });
  const [, user, sys] = /\n(\S+) (\S+)\s*$/.exec(run.stdout) ?? [];
  const seconds = (text) => {
    const [, minutes, rest] = /(\d+)m([\d.]+)s/.exec(text);
    return Number(minutes) * 60 + Number(rest);
  };
  return seconds(user) + seconds(sys);
}

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const ms = (seconds) => `${(seconds * 1000).toFixed(0)} ms`;

/** Runs both in turn and prints the medians; `bar` says what the ratio is held against. */
function compare(title, a, b, n, bar) {
  cpu(a);
  cpu(b);
  const rows = Array.from({ length: n }, () => [cpu(a), cpu(b)]);
  const [left, right] = [0, 1].map((i) => median(rows.map((row) => row[i])));
  const ratio = median(rows.map(([x, y]) => x / y));
  console.log(`${title}: ${ms(left)} / ${ms(right)} = ${ratio.toFixed(2)} (${bar}; median of ${n} pairs)`);
}

function findCheckpatch() {
  const { CHECKPATCH } = process.env;
  if (CHECKPATCH !== undefined) return { path: CHECKPATCH, done: () => {} };
  const folder = "/usr/src";
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith("linux-source")) : [];
  const tree = names.map((name) => join(folder, name, "scripts/checkpatch.pl")).find((path) => existsSync(path));
  if (tree !== undefined) return { path: tree, done: () => {} };
  const archive = names.find((name) => /\.tar\.(xz|bz2|gz)$/.test(name));
  if (archive === undefined) return undefined;
  const to = mkdtempSync(join(tmpdir(), "checkpatch-"));
  const done = () => rmSync(to, { recursive: true, force: true });
  const wanted = ["checkpatch.pl", "spelling.txt", "const_structs.checkpatch"].map((name) => `*/scripts/${name}`);
  execFileSync("tar", ["-xf", join(folder, archive), "-C", to, "--strip-components=1", "--wildcards", ...wanted]);
  return { path: join(to, "scripts/checkpatch.pl"), done };
}

if (!existsSync(program)) throw new Error("dist/src/bin.js is missing: npm run build");
console.log(
  `CPU time (user + sys) of whole processes, node ${process.version}, ${source === corpus ? "v20" : "the bundled series"}`,
);
const nothing = [process.execPath, "-e", "0"];
const check = (paths) => [process.execPath, program, "check", ...paths];
compare("one patch, --no-run / node -e 0", check(["--no-run", third]), nothing, pairs, "at most 1.8");
compare(`all ${mails.length}, --no-run / node -e 0`, check(["--no-run", ...mails]), nothing, pairs, "at most 2.5");

/** Seconds that somebody waits for a command. */
function waited([command, ...args]) {
  const start = performance.now();
  spawnSync(command, args, { stdio: "ignore" });
  return (performance.now() - start) / 1000;
}

const waits = Array.from({ length: 9 }, () => waited(check(mails)));
const [quickest, slowest] = [Math.min(...waits), Math.max(...waits)].map((seconds) => seconds.toFixed(2));
console.log(
  `all ${mails.length}, the patch's own code executed: ${median(waits).toFixed(2)} s of waiting, ${quickest} to ${slowest} (at most 3; median of 9)`,
);

/** A repository with the hook of git send-email, and the mails of a series of 12 patches that copy nothing. */
function plainSeries() {
  const dir = mkdtempSync(join(tmpdir(), "copylint-bench-"));
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  const who = ["-c", "user.name=A Author", "-c", "user.email=author@example.org"];
  const git = (...args) => execFileSync("git", [...who, ...args], { cwd: dir, env, encoding: "utf8" });
  git("init", "-q");
  const text = (n) => `
static int quarry_step${n}(struct quarry *q, unsigned int depth)
{
	int ret;

	if (!depth)
		return -EINVAL;
	ret = quarry_lower(q, depth + ${n});
	if (ret)
		dev_err(q->dev, "cannot lower the crane: %d\\n", ret);
	return ret;
}
`;
  mkdirSync(join(dir, "drivers"));
  for (let n = 0; n <= 12; n++) {
    appendFileSync(join(dir, "drivers/quarry.c"), text(n));
    git("add", "-A");
    git("commit", "-q", "-m", `quarry: step ${n}\n\nThe crane has to know.`);
  }
  git("format-patch", "-q", "--cover-letter", "-o", "mails", "-12");
  execFileSync(process.execPath, [program, "hook", "install"], { cwd: dir, env });
  const files = readdirSync(join(dir, "mails")).map((name) => join(dir, "mails", name));
  return { dir, files: files.sort(), done: () => rmSync(dir, { recursive: true, force: true }) };
}

/** All calls of the hook for a series, as git makes them: with counters from 2.41 on, and without. */
function hookCalls({ dir, files }, counted) {
  const counter = counted ? `GIT_SENDEMAIL_FILE_COUNTER=$n GIT_SENDEMAIL_FILE_TOTAL=${files.length} ` : "";
  const loop = `cd "$0" && n=0 && for f; do n=$((n + 1)); GIT_DIR="$0/.git" ${counter}.git/hooks/sendemail-validate "$f"; done`;
  return [shell, "-c", loop, dir, ...files];
}

const plain = plainSeries();
compare("hook on 12 patches without copy code / node -e 0", hookCalls(plain, true), nothing, pairs, "at most 2.5");
compare("the same before git 2.41 / node -e 0", hookCalls(plain, false), nothing, pairs, "at most 2.5");
plain.done();

const checkpatch = findCheckpatch();
if (checkpatch === undefined) {
  console.log(
    "checkpatch.pl --no-tree / all: skipped, there is no checkpatch.pl (set CHECKPATCH, or install linux-source)",
  );
} else {
  try {
    const perl = ["perl", checkpatch.path, "--no-tree", ...mails];
    compare(`checkpatch.pl --no-tree / all ${mails.length}`, perl, check(mails), 5, "at least 8");
  } finally {
    checkpatch.done();
  }
}
