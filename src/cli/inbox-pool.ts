import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Archive, openArchive } from "../host/archive.ts";
import type { Closed } from "../series/collect.ts";
import { type Result, type ReviewAs, reviewClosed } from "./inbox-review.ts";

/** Whoever reviews the series of an archive. */
export interface Reviewers {
  review(closed: Closed): Promise<Result>;
  /** Number of reviews that are done at the same time. */
  readonly jobs: number;
  close(): void;
}

/** Reviews in this process. */
export function ownReviewer(archive: Archive, as: ReviewAs): Reviewers {
  return { review: (closed) => reviewClosed(archive, closed, as), jobs: 1, close: () => {} };
}

interface Task {
  readonly closed: Closed;
  readonly done: (result: Result) => void;
}

/**
 * Reviews in processes of their own, a line of JSON for each series and its result. One that dies takes its series with it,
 * which is logged as such, and another takes its place.
 *
 * @param command program and arguments of such a process.
 */
export function pooledReviewers(command: readonly [string, ...string[]], jobs: number): Reviewers {
  const waiting: Task[] = [];
  const idle: ChildProcess[] = [];
  const busy = new Map<ChildProcess, Task>();
  let closing = false;
  const start = (): ChildProcess => {
    const [program, ...args] = command;
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin!.on("error", () => {});
    createInterface({ input: child.stdout! }).on("line", (line) => {
      busy.get(child)?.done(JSON.parse(line) as Result);
      busy.delete(child);
      idle.push(child);
      next();
    });
    const gone = (): void => {
      const task = busy.get(child);
      busy.delete(child);
      if (idle.includes(child)) idle.splice(idle.indexOf(child), 1);
      // Without a mail to look at, this says what became of the series.
      if (task !== undefined) failed(task);
      if (!closing) next();
    };
    child.on("error", gone);
    child.on("close", gone);
    return child;
  };
  const failed = ({ closed, done }: Task): void => {
    const none = { mail: () => Promise.reject(new Error("the process that reviewed it ended")) } as unknown as Archive;
    void reviewClosed(none, closed, { rules: [], run: false, from: undefined }).then(done);
  };
  const next = (): void => {
    while (waiting.length > 0 && (idle.length > 0 || busy.size < jobs)) {
      const child = idle.pop() ?? start();
      const task = waiting.shift()!;
      busy.set(child, task);
      child.stdin!.write(`${JSON.stringify(task.closed)}\n`);
    }
  };
  return {
    review: (closed) =>
      new Promise((done) => {
        waiting.push({ closed, done });
        next();
      }),
    jobs,
    close: () => {
      closing = true;
      for (const child of idle) child.stdin!.end();
    },
  };
}

/** The other end: reviews what it is told to on standard input, until that ends. */
export async function reviewOnDemand(
  path: string,
  as: ReviewAs,
  input: NodeJS.ReadableStream,
  write: (text: string) => void,
): Promise<void> {
  const archive = openArchive(path);
  for await (const line of createInterface({ input })) {
    const result = await reviewClosed(archive, JSON.parse(line) as Closed, as);
    write(`${JSON.stringify(result)}\n`);
  }
  archive.close();
}
