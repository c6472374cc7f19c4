import { type ChildProcess, spawn } from "node:child_process";

/** What came of a task: what a worker makes of it, or why it came to nothing, as a clause; and what was thrown at it. */
export type Answer<Result> = ({ readonly result: Result } | { readonly why: string }) & {
  readonly defects: readonly Error[];
};

/** Processes that do tasks one after the other, and that no task can harm but its own. */
export interface Workers<Task, Result> {
  /**
   * Has a task done as soon as a process is free, which then has a minute.
   *
   * @param signal whose abortion says that nobody waits for the answer any more.
   */
  ask(task: Task, signal?: AbortSignal): Promise<Answer<Result>>;
  /** Sees to it that a process is there for the next task: starting one takes longer than many a task. */
  warm(): void;
  /** Ends the processes, whatever they are doing. */
  close(): void;
}

/** Milliseconds that one task may take. */
const mostTime = 60_000;

/** MiB of V8's heap in a worker: with more it ends, rather than the machine. */
const mostHeap = 1024;

/** The word for which this program is a worker, and not for users: see worker.ts. */
export const workerWord = "--worker";

/** What starts a worker of this program, whose file is given. */
export const workerCommand = (program: string): readonly [string, ...string[]] => [
  process.execPath,
  ...process.execArgv,
  `--max-old-space-size=${mostHeap}`,
  program,
  workerWord,
  // By which it sees that its parent is gone.
  String(process.pid),
];

interface Job<Task, Result> {
  readonly task: Task;
  readonly settle: (answer: Answer<Result>) => void;
}

/**
 * Workers: a message for each task and each answer. One that dies, or takes too long and is killed, takes its task with it,
 * whose answer says so, and another takes its place.
 *
 * @param command program and arguments of a worker.
 * @param most of them at the same time.
 * @param debug what they say on stderr is to be seen.
 */
export function startWorkers<Task extends object, Result>(
  [program, ...args]: readonly [string, ...string[]],
  most: number,
  debug: boolean,
): Workers<Task, Result> {
  const waiting: Job<Task, Result>[] = [];
  const all = new Set<ChildProcess>();
  const idle: ChildProcess[] = [];
  const busy = new Map<ChildProcess, { readonly job: Job<Task, Result>; readonly timer: NodeJS.Timeout }>();
  let closed = false;
  const settle = (child: ChildProcess, answer: Answer<Result>): void => {
    const { job, timer } = busy.get(child) ?? {};
    busy.delete(child);
    clearTimeout(timer);
    job?.settle(answer);
  };
  const kill = (child: ChildProcess, why: string): void => {
    settle(child, { why, defects: [] });
    child.kill("SIGKILL");
    next();
  };
  const start = (): ChildProcess => {
    // V8 has much to say of a heap that is full.
    const stderr = debug ? "inherit" : "ignore";
    const child = spawn(program, args, { stdio: ["ignore", "ignore", stderr, "ipc"], serialization: "advanced" });
    const gone = (why: string): void => {
      all.delete(child);
      if (idle.includes(child)) idle.splice(idle.indexOf(child), 1);
      settle(child, { why, defects: [] });
      next();
    };
    child.on("message", (answer) => {
      // It may have answered and been killed at the same time.
      if (!busy.has(child)) return;
      settle(child, answer as Answer<Result>);
      idle.push(child);
      next();
    });
    child.on("error", ({ message }) => gone(`no process could be started for it (${message})`));
    child.on("close", (code, signal) => gone(`the process that reviewed it ended (${signal ?? `exit code ${code}`})`));
    all.add(child);
    return child;
  };
  const next = (): void => {
    while (!closed && waiting.length > 0 && busy.size < most) {
      const child = idle.pop() ?? start();
      const job = waiting.shift()!;
      const timer = setTimeout(() => kill(child, "it took more than a minute"), mostTime);
      busy.set(child, { job, timer });
      // That it cannot be sent to is seen when it is gone.
      child.send(job.task, () => {});
    }
  };
  return {
    ask: (task, signal) =>
      new Promise((resolve) => {
        const why = "nobody waits for it any more";
        if (signal?.aborted) return resolve({ why, defects: [] });
        const drop = (): void => {
          if (waiting.includes(job)) waiting.splice(waiting.indexOf(job), 1);
          const [child] = [...busy].find(([, one]) => one.job === job) ?? [];
          if (child === undefined) resolve({ why, defects: [] });
          else kill(child, why);
        };
        const job: Job<Task, Result> = {
          task,
          settle: (answer) => {
            signal?.removeEventListener("abort", drop);
            resolve(answer);
          },
        };
        signal?.addEventListener("abort", drop, { once: true });
        waiting.push(job);
        next();
      }),
    warm: () => {
      if (all.size < most && idle.length === 0 && busy.size === 0) idle.push(start());
    },
    close: () => {
      closed = true;
      for (const { timer } of busy.values()) clearTimeout(timer);
      for (const child of all) child.kill("SIGKILL");
    },
  };
}
