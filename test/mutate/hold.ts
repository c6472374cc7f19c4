import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../rules/index.ts";
import { type Input, problemLine, reviewed } from "../../src/cli/check.ts";
import type { Message } from "../../src/mail/message.ts";
import { readMessages } from "../../src/mail/read.ts";
import { jsonReport } from "../../src/report/json.ts";
import { terminalReport } from "../../src/report/terminal.ts";
import { review } from "../../src/review/review.ts";
import { assembleSeries } from "../../src/series/assemble.ts";
import type { Problem } from "../../src/text/problem.ts";
import { fakeIo } from "../cli/fake-io.ts";
import { type Mail, top } from "../reviewing.ts";
import { counted } from "./counted-runs.ts";

/** What does not hold for a mail. */
export interface Failure {
  readonly what: "threw" | "differs" | "control characters" | "slow" | "memory" | "stuck" | "died";
  readonly words: string;
}

export interface Held {
  readonly failures: readonly Failure[];
  /** Whether the first review executed a function of the mails. */
  readonly executed: boolean;
  /** CPU seconds of the longer one of the reviews. */
  readonly seconds: number;
}

/** CPU seconds that a review may take. */
export const MOST_SECONDS = 5;

/** What no report shows as it is: control characters, and what turns text round or hides it. */
const hidden = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/;
/** Halves of surrogate pairs are hidden alone, and pairs are not. */
const pairs = /[\ud800-\udbff][\udc00-\udfff]/g;

let book: string | undefined;

/** What the model says of the usual questions: the file that the program comes with, each review with its own copy. */
function verdicts(): ReadonlyMap<never, never> & Map<string, never> {
  book ??= readFileSync(join(top, "dist/src/verdicts.json"), "utf8");
  return new Map(JSON.parse(book)) as never;
}

async function readInput(mails: readonly Mail[]): Promise<Input> {
  const messages: Message[] = [];
  const problems: Problem[] = [];
  for (const { path, text } of mails) {
    const read = await readMessages(Buffer.from(text, "latin1"), path);
    messages.push(...read.messages);
    problems.push(...read.problems);
  }
  const assembled = assembleSeries(messages);
  return { ...assembled, problems: [...problems, ...assembled.problems], tree: undefined, inputs: mails.length };
}

/**
 * Reads, reviews and reports as `copylint check` does: what it would print on stderr, as JSON and for a terminal.
 * @param budget runs of the code; undefined: as many as a review makes.
 */
async function printed(mails: readonly Mail[], run: boolean, budget: number | undefined): Promise<string> {
  const defects: unknown[] = [];
  const made = await reviewed(
    ["-"],
    { rules: [], run, verbose: true, ...(budget === undefined ? {} : { budget }) },
    fakeIo().io,
    {
      readInput: () => readInput(mails),
      review: (series, { run, budget }) =>
        review(series, {
          rules,
          verdicts: verdicts(),
          onDefect: (thrown) => defects.push(thrown),
          ...(run === undefined ? {} : { run }),
          ...(budget === undefined ? {} : { budget }),
        }),
    },
  );
  for (const defect of defects) throw defect;
  const view = { color: false, width: 80, verbose: true, withoutDiff: made.input.withoutDiff, input: "-" };
  return [...made.review.problems.map(problemLine), jsonReport(made.review), terminalReport(made.review, view)].join(
    "",
  );
}

/** The error, and where it came from: one line. */
function inShort(error: unknown): string {
  if (!(error instanceof Error)) return `${JSON.stringify(error)} was thrown`;
  const at = error.stack?.split("\n").find((line) => /^\s+at /.test(line));
  return `${error.name}: ${error.message.split("\n")[0]!.slice(0, 200)}${at === undefined ? "" : ` ${at.trim()}`}`;
}

/** Where two texts begin to differ. */
function difference(a: string, b: string): string {
  const [one, other] = [a.split("\n"), b.split("\n")];
  const at = one.findIndex((line, n) => line !== other[n]);
  return `${one[at] ?? "nothing"} | ${other[at] ?? "nothing"}`.slice(0, 300);
}

/**
 * Reviews mails twice, and says what does not hold then: nothing is thrown, both print the same, and neither takes too long.
 * @param run executes the code of the mails.
 */
export async function held(mails: readonly Mail[], run: boolean, budget: number | undefined): Promise<Held> {
  const failures: Failure[] = [];
  const texts: string[] = [];
  let seconds = 0;
  let executed = false;
  for (const turn of ["first", "second"]) {
    const before = process.cpuUsage();
    counted.runs = 0;
    try {
      texts.push(await printed(mails, run, budget));
    } catch (error) {
      failures.push({ what: "threw", words: inShort(error) });
      texts.push(inShort(error));
    }
    const { user, system } = process.cpuUsage(before);
    seconds = Math.max(seconds, (user + system) / 1e6);
    if (turn === "first") executed = counted.runs > 0;
    if (seconds > MOST_SECONDS || failures.length > 0) break;
  }
  const [first = "", second] = texts;
  const shown = hidden.exec(first.replace(pairs, ""));
  if (shown)
    failures.push({
      what: "control characters",
      words: JSON.stringify(first.replace(pairs, "").slice(Math.max(0, shown.index - 60), shown.index + 20)),
    });
  if (second !== undefined && second !== first) failures.push({ what: "differs", words: difference(first, second) });
  if (seconds > MOST_SECONDS) failures.push({ what: "slow", words: `a review took ${seconds.toFixed(1)} s of CPU` });
  return { failures, executed, seconds };
}
