import { parseArgs } from "node:util";
import { readBases } from "./bases.ts";
import { held } from "./hold.ts";
import type { Job } from "./job.ts";
import { keep } from "./keep.ts";
import { executes, type Kind, mutated } from "./mails.ts";
import { Tally } from "./tally.ts";
import { watched } from "./watch.ts";
import { work } from "./worker.ts";

const usage = `mutate-mails [COUNT [SEED]]: reviews so many mutated mails (100,000 unless told), of this seed (1 unless told)
  --from N       the first of them (0 unless told)
  --only N       prints this one, and reviews it
  --kinds A,B    only those that are mutated so: bytes, hunks, headers, encodings, code, several
  --jobs N       processes (1 unless told)
  --budget N     runs of the code in each review, all functions together (as many as a review makes unless told)
  --keep FOLDER  writes mails that fail there
  --corpus       mails of the corpus are mutated, too
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: "string", default: "0" },
    only: { type: "string" },
    kinds: { type: "string" },
    jobs: { type: "string", default: "1" },
    budget: { type: "string" },
    keep: { type: "string" },
    corpus: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
    work: { type: "string" },
  },
});

const [count, seed] = [Number(positionals[0] ?? 100_000), Number(positionals[1] ?? 1)];
const first = Number(values.only ?? values.from);
const whole: Job = {
  seed,
  from: first,
  to: first + count,
  budget: values.budget === undefined ? undefined : Number(values.budget),
  kinds: (values.kinds?.split(",") ?? []) as Kind[],
  corpus: values.corpus,
};

if (values.help) process.stdout.write(usage);
else if (values.work !== undefined) await work(JSON.parse(values.work));
else if (values.only !== undefined) process.exitCode = await one(first);
else process.exitCode = await all(Math.max(1, Number(values.jobs)));

async function one(index: number): Promise<number> {
  const mail = mutated(readBases(whole.corpus), seed, index);
  for (const { path, text } of mail.mails) process.stdout.write(Buffer.from(`==> ${path} <==\n${text}\n`, "latin1"));
  process.stdout.write(`mail ${index} of seed ${seed}, ${mail.kind}, ${mail.words}\n`);
  if (values.keep !== undefined) keep(values.keep, seed, mail);
  const { failures, executed, seconds } = await held(mail.mails, executes(mail.kind), whole.budget);
  process.stdout.write(`${executed ? "executed" : "not executed"}, ${seconds.toFixed(2)} s of CPU\n`);
  for (const { what, words } of failures) process.stdout.write(`${what}: ${words}\n`);
  return failures.length > 0 ? 1 : 0;
}

async function all(jobs: number): Promise<number> {
  const tally = new Tally(seed, (index) => {
    if (values.keep !== undefined) keep(values.keep, seed, mutated(readBases(whole.corpus), seed, index));
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      tally.report();
      process.exit(1);
    });
  const each = Math.ceil(count / jobs);
  const parts = Array.from({ length: jobs }, (_, n) => ({
    ...whole,
    from: first + n * each,
    to: Math.min(whole.to, first + (n + 1) * each),
  }));
  await Promise.all(parts.map((part) => watched(part, tally)));
  return tally.report();
}
