import type { Failure } from "./hold.ts";
import type { Done } from "./job.ts";
import type { Kind } from "./mails.ts";

/** How often memory after 1,000 mails may be there after 10,000. */
const GROWTH = 1.2;

/** Mails on each side of those two whose memory counts, too: it swings from one mail to the next by what is not collected yet. */
const AROUND = 100;

const median = (of: readonly number[]): number => [...of].sort((a, b) => a - b)[of.length >> 1]!;

const number = (n: number): string => Math.round(n).toLocaleString("en-US");

/** What was found and measured so far. */
export class Tally {
  readonly #seed: number;
  readonly #failing: (index: number) => void;
  readonly began = performance.now();
  readonly kinds = new Map<Kind, { mails: number; executed: number; seconds: number }>();
  readonly failed: string[] = [];
  slowest: Done[] = [];
  largest: Done | undefined;
  /** By process: MB after each of the mails around the 1,000th, and around the 10,000th. */
  readonly early = new Map<number, number[]>();
  readonly late = new Map<number, number[]>();
  mails = 0;

  /** @param failing is called with the number of each mail that fails. */
  constructor(seed: number, failing: (index: number) => void) {
    this.#seed = seed;
    this.#failing = failing;
  }

  add(done: Done, pid: number): void {
    const row = this.kinds.get(done.kind) ?? { mails: 0, executed: 0, seconds: 0 };
    this.kinds.set(done.kind, row);
    this.mails++;
    row.mails++;
    row.seconds += done.seconds;
    if (done.executed) row.executed++;
    if (done.seconds > (this.slowest.at(-1)?.seconds ?? 0) || this.slowest.length < 10)
      this.slowest = [...this.slowest, done].sort((a, b) => b.seconds - a.seconds).slice(0, 10);
    if (done.most > (this.largest?.most ?? 0)) this.largest = done;
    for (const [there, at] of [
      [this.early, 1_000],
      [this.late, 10_000],
    ] as const)
      if (Math.abs(done.count - at) <= AROUND) there.set(pid, [...(there.get(pid) ?? []), done.rss]);
    for (const failure of done.failures) this.fail(done.index, done.kind, done.words, failure);
  }

  fail(index: number, kind: Kind, words: string, failure: Failure): void {
    const line = `seed ${this.#seed}, mail ${index}, ${kind}, ${failure.what}: ${failure.words} | ${words}`;
    this.failed.push(line);
    process.stdout.write(`${line}\n`);
    this.#failing(index);
  }

  /** Prints what came of it, and returns the exit code. */
  report(): number {
    const out: string[] = [];
    const seconds = (performance.now() - this.began) / 1000;
    const executed = this.kinds.get("code")?.executed ?? 0;
    out.push(
      `${number(this.mails)} mails of seed ${this.#seed} in ${number(seconds)} s, ${(this.mails / seconds).toFixed(1)} a second; ${number(executed)} with other C that was executed`,
    );
    for (const [kind, row] of [...this.kinds].sort())
      out.push(
        `  ${kind.padEnd(10)}${number(row.mails).padStart(8)} mails, ${number(row.executed).padStart(7)} executed, ${((1000 * row.seconds) / row.mails).toFixed(1).padStart(7)} ms of CPU for a review`,
      );
    out.push("slowest reviews:");
    for (const done of this.slowest)
      out.push(`  ${done.seconds.toFixed(2)} s: mail ${done.index}, ${done.kind}, ${done.words}`);
    if (this.largest) out.push(`most memory: ${number(this.largest.most)} MB, at mail ${this.largest.index}`);
    let grown = false;
    for (const [pid, some] of this.late) {
      const [early, late] = [median(this.early.get(pid)!), median(some)];
      grown ||= late > GROWTH * early;
      out.push(
        `memory after 1,000 mails ${number(early)} MB, after 10,000 ${number(late)} MB: ${(late / early).toFixed(2)} times (at most ${GROWTH})`,
      );
    }
    out.push(`${this.failed.length} failed`);
    process.stdout.write(`${out.join("\n")}\n`);
    return this.failed.length > 0 || grown ? 1 : 0;
  }
}
