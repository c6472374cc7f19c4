import { writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { readBases } from "./bases.ts";
import { held } from "./hold.ts";
import { type Done, type Job, MOST_MEMORY } from "./job.ts";
import { executes, mutated } from "./mails.ts";

/** Says a line at once, whatever comes next. */
function say(line: object): void {
  let rest = Buffer.from(`${JSON.stringify(line)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The pipe is full.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

/** Reviews the mails of a job one by one, and says of each on standard output that it begins and how it went. */
export async function work({ seed, from, to, budget, kinds, corpus }: Job): Promise<void> {
  const bases = readBases(corpus);
  let count = 0;
  for (let index = from; index < to; index++) {
    say({ begins: index });
    const mail = mutated(bases, seed, index);
    if (kinds.length > 0 && !kinds.includes(mail.kind)) continue;
    // What the parser holds is given back between two turns of the event loop, which a command that reviews once comes to at its end.
    await setImmediate();
    const how = await held(mail.mails, executes(mail.kind), budget);
    count++;
    const rss = process.memoryUsage.rss() / 1e6;
    const most = Math.max(rss, process.resourceUsage().maxRSS * 1.024e-3);
    const failures = [...how.failures];
    if (most > MOST_MEMORY) failures.push({ what: "memory", words: `the process had ${most.toFixed(0)} MB` });
    const { kind, words } = mail;
    say({ ...how, failures, index, kind, words, rss, most, count } satisfies Done);
    // What the next ones take is to be seen again.
    if (most > MOST_MEMORY) return;
  }
}
