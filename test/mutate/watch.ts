import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readBases } from "./bases.ts";
import type { Failure } from "./hold.ts";
import type { Done, Job } from "./job.ts";
import { mutated } from "./mails.ts";
import type { Tally } from "./tally.ts";

/** Seconds of CPU after which a mail is given up. */
const STUCK = 20;

/** MB of JavaScript objects with which a process ends. */
const HEAP = 1_000;

/** Seconds of CPU that a process has used; of the clock where the system does not say. */
function secondsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return performance.now() / 1000;
  }
}

/** Does a job in a process of its own, and in another one from behind a mail on at which one ends or makes no progress. */
export async function watched(job: Job, tally: Tally): Promise<void> {
  for (let from = job.from; from < job.to; ) {
    const last = await reviewing({ ...job, from }, tally);
    from = last + 1;
  }
}

/** Starts a process, and returns the last mail that it came to. */
function reviewing(job: Job, tally: Tally): Promise<number> {
  const options = ["--enable-source-maps", `--max-old-space-size=${HEAP}`];
  const child = spawn(process.execPath, [...options, fileURLToPath(import.meta.url), "--work", JSON.stringify(job)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Nobody would stop it at an endless mail.
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  let at = job.from;
  let isDone = true;
  let began = 0;
  let stuck = false;
  const timer = setInterval(() => {
    if (isDone || secondsOf(child.pid!) - began < STUCK) return;
    stuck = true;
    child.kill("SIGKILL");
  }, 1000);
  let said = "";
  child.stderr.on("data", (text) => {
    said = `${said}${text}`.slice(-20_000);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const told = JSON.parse(line) as { begins: number } | Done;
    isDone = !("begins" in told);
    if ("begins" in told) {
      at = told.begins;
      began = secondsOf(child.pid!);
    } else tally.add(told, child.pid!);
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearInterval(timer);
      process.off("exit", end);
      if (stuck || (code !== 0 && !isDone)) {
        const { kind, words } = mutated(readBases(job.corpus), job.seed, at);
        const why = /FATAL ERROR: (.*)/.exec(said)?.[1] ?? said.trim().split("\n").at(-1) ?? "";
        const failure: Failure = stuck
          ? { what: "stuck", words: `no end after ${STUCK} s of CPU` }
          : { what: "died", words: `exit ${code ?? signal} ${why}` };
        tally.fail(at, kind, words, failure);
      } else if (code !== 0) throw new Error(`the process that reviews ended with ${code ?? signal}: ${said}`);
      resolve(at);
    });
  });
}
