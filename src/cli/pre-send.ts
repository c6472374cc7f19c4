import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname } from "node:path";
import { mailNames } from "../host/files.ts";
import { commitOf } from "../host/hooks.ts";
import { failuresOf, problemText } from "../report/said.ts";
import { screenReport } from "../report/screen.ts";
import { printable } from "../text/printable.ts";
import { grave, type Input, problemLine, reviewed, ruleIds, type Steps } from "./check.ts";
import { combined, type ExitCode, exitCode } from "./complaint.ts";
import type { Io } from "./io.ts";
import type { PreSendOptions } from "./program.ts";
import { inForce, type Sifting } from "./settings.ts";
import { quoted } from "./shell.ts";

/** What the hook needs of `copylint check`. */
type PreSendSteps = Pick<Steps, "readInput" | "review">;

/** Reads the series that a mail belongs to from the folder in which it lies. */
function readSiblings(readInput: Steps["readInput"]): Steps["readInput"] {
  return async (paths, io): Promise<Input> => {
    const [file = ""] = paths;
    const all = await readInput([dirname(file)], io);
    const pathsOf = (s: Input["series"][number]) => [s.cover, ...s.patches.map((p) => p.message)].map((m) => m?.path);
    const series = all.series.filter((s) => pathsOf(s).includes(file));
    // A name that is none of a mail is not read with its folder.
    if (series.length === 0) return readInput([file], io);
    const known = new Set(series.flatMap(pathsOf));
    return { ...all, series, problems: all.problems.filter((p) => known.has(p.path)) };
  };
}

/** Whether a folder is one that git send-email makes for the commits it is given, and removes when it ends. */
const isPassing = (folder: string): boolean =>
  /^[A-Za-z0-9_]{10}$/.test(basename(folder)) && dirname(folder) === realpathSync(tmpdir());

/** The command that reviews the same mails, after git send-email ended. */
function commandFor(files: readonly string[], cwd: string): string {
  const folders = new Set(files.map(dirname));
  const [folder = ""] = folders;
  if (isPassing(folder)) {
    const commits = files.flatMap((file) => commitOf(file) ?? []);
    const [first, last] = [commits[0], commits.at(-1)];
    if (first !== undefined && last !== undefined) return `copylint check ${first.slice(0, 12)}^..${last.slice(0, 12)}`;
  }
  const whole = folders.size === 1 && mailNames(folder, cwd).length === files.length && files.length > 1;
  return `copylint check ${(whole ? [folder] : files).map((path) => printable(quoted(path))).join(" ")}`;
}

/**
 * `copylint pre-send`: what the hook of git send-email runs. Says nothing unless findings stop the series, or it could not
 * be checked; in the latter case the series is not held up, as it would be for copylint's sake only.
 */
export async function preSend(
  files: readonly string[],
  { failOn, siblings, config }: PreSendOptions,
  io: Io,
  steps: PreSendSteps,
): Promise<ExitCode> {
  const readInput = siblings ? readSiblings(steps.readInput) : steps.readInput;
  const asked = { rules: [], run: true, ...(config === undefined ? {} : { config }) };
  const { options } = await inForce<typeof asked & Sifting>(asked, io, ruleIds());
  const { review, input, ignoring } = await reviewed(files, options, io, { ...steps, readInput });
  const codes: ExitCode[] = [];
  for (const problem of failuresOf(review)) {
    io.stderr.write(problemLine(problem));
    codes.push(exitCode.internal);
  }
  const unread = review.problems.filter((problem) => problem.kind === "unreadable");
  const [first] = unread;
  if (first !== undefined) {
    const more = unread.length === 1 ? "" : ` (and ${unread.length - 1} more)`;
    io.stderr.write(`copylint: not checked, as it was not understood: ${printable(problemText(first))}${more}\n`);
    codes.push(exitCode.input);
  }
  const read = input.series.flatMap((s) => [s.cover, ...s.patches.map((p) => p.message)]).flatMap((m) => m?.path ?? []);
  const text = screenReport(review, {
    width: 80,
    height: 24,
    levels: grave[failOn],
    command: () => commandFor(siblings ? [...new Set(read)] : files, io.cwd),
    bypass: "to send it as it is: git send-email --no-validate",
  });
  // What the author wanted to have ignored, and why it is not.
  if (text !== "") for (const problem of ignoring.slice(0, 3)) io.stdout.write(problemLine(problem));
  io.stdout.write(text);
  return text === "" ? combined(codes) : exitCode.findings;
}
