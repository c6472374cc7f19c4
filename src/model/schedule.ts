import {
  createKernel,
  type Failure,
  type Kernel,
  type KernelSetup,
  type Oracle,
  stateKey,
  type Task,
} from "./kernel-objects.ts";

/** Something that can be run in the model: the reference engine, one of its variants, or a patch's own functions. */
export interface Program {
  /** "reference engine", "blkdev_copy_offload". */
  readonly name: string;
  /** What it is called with, in words: "2 chunks of 64 KiB". */
  readonly setting: string;
  /** What the kernel starts from. */
  readonly setup: Omit<KernelSetup, "oracle" | "record">;
  /** Adds the first actors to a fresh kernel; all state of the run lives in the kernel and in the threads. */
  start(kernel: Kernel): void;
}

/** How much may happen in one run. Counts, never times: the same bounds give the same runs everywhere. */
export interface Budget {
  /** Things that go wrong in one run: a chunk, an allocation, a sleep that returns early. */
  readonly failures: number;
  /** Times that an actor is interrupted between two of its steps by another. Waiting for something costs nothing. */
  readonly preemptions: number;
  /** The kinds of things that may go wrong; absent: all. */
  readonly kinds?: readonly Failure["kind"][];
  /** Memory that was refused once does not come back: every later allocation that may fail does, and costs nothing. */
  readonly persistent?: boolean;
  /** An actor is interrupted only before it touches one of these: names of fields, "state" of a task, "bi_status"; absent: before any step. */
  readonly interrupt?: readonly string[];
  /** Steps of one run; a run that needs more is cut, and says so. */
  readonly maxSteps: number;
}

/** One choice of a run: taken way, ways there were, and what a way other than 0 costs. */
export interface Choice {
  readonly way: number;
  readonly ways: number;
  readonly costs: "nothing" | "failure" | "preemption";
}

export interface Run {
  readonly kernel: Kernel;
  readonly choices: readonly Choice[];
  readonly failures: number;
  readonly preemptions: number;
  readonly steps: number;
  /** "complete": nothing is left that could go on. "seen": it came to a state met before. "cut": it needed too many steps. */
  readonly end: "complete" | "seen" | "cut";
  /** Nothing can go on although some actor is not done: it waits for ever. */
  readonly stuck: readonly Task[];
}

/** States that an exploration remembers: what comes beyond them is run again where it is met again. */
const maxStates = 200_000;

/**
 * Runs a program once: first along the ways given, then along way 0 everywhere, which means that nothing goes wrong, nobody is
 * interrupted, and of those who can go on after a wait, the oldest goes on.
 *
 * @param watch called behind each step, while the task that took it is still the current one.
 * @param seen keys of states met before; when given, the run ends at the first of them that it meets beyond `ways`, and adds its own.
 */
export function runOnce(
  program: Program,
  budget: Budget,
  ways: readonly number[] = [],
  options: { readonly seen?: Set<number>; readonly record?: boolean; readonly watch?: (kernel: Kernel) => void } = {},
): Run {
  const choices: Choice[] = [];
  let failures = 0;
  let preemptions = 0;
  let refused = false;
  const take = (count: number, costs: Choice["costs"]): number => {
    const way = Math.min(ways[choices.length] ?? 0, count - 1);
    choices.push({ way, ways: count, costs });
    return way;
  };
  let steps = 0;
  const oracle: Oracle = {
    choose: (count) => (count > 1 ? take(count, "nothing") : 0),
    pauses(name) {
      const isSeen = budget.interrupt === undefined || options.watch !== undefined;
      if (isSeen || steps >= budget.maxSteps || budget.interrupt.includes(name)) return true;
      steps++;
      kernel.current.steps++;
      return false;
    },
    fail(kind) {
      if (kind === "allocation" && refused && budget.persistent) return true;
      if (failures >= budget.failures || budget.kinds?.includes(kind) === false) return false;
      const fails = take(2, "failure") === 1;
      if (fails) failures++;
      refused ||= fails && kind === "allocation";
      return fails;
    },
  };
  const kernel = createKernel({ ...program.setup, oracle, record: options.record ?? false });
  program.start(kernel);
  let end: Run["end"] = "complete";
  for (;;) {
    const { current } = kernel;
    const goesOn = !current.done && typeof current.pause !== "function";
    // Where it is told which steps matter, others are asked and the state is looked up at those alone.
    if (!goesOn || mayInterrupt(budget, current)) {
      const runnable: Task[] = [];
      for (const task of kernel.tasks) {
        if (!task.done && (typeof task.pause !== "function" || task.pause())) runnable.push(task);
      }
      if (runnable.length === 0) break;
      if (options.seen !== undefined && runnable.length > 1 && choices.length >= ways.length) {
        const key = stateKey(kernel, goesOn);
        if (options.seen.has(key)) {
          end = "seen";
          break;
        }
        if (options.seen.size < maxStates) options.seen.add(key);
      }
      if (!goesOn) {
        kernel.current = runnable[oracle.choose(runnable.length)]!;
      } else if (preemptions < budget.preemptions && runnable.length > 1) {
        const way = take(runnable.length, "preemption");
        if (way > 0) {
          preemptions++;
          kernel.current = runnable.filter((task) => task !== current)[way - 1]!;
        }
      }
    }
    if (steps >= budget.maxSteps) {
      end = "cut";
      break;
    }
    steps++;
    step(kernel.current);
    options.watch?.(kernel);
  }
  return {
    kernel,
    choices,
    failures,
    preemptions,
    steps,
    end,
    stuck: end === "complete" ? kernel.tasks.filter((task) => !task.done) : [],
  };
}

function mayInterrupt({ interrupt }: Budget, { pause }: Task): boolean {
  return interrupt === undefined || (typeof pause === "string" && interrupt.includes(pause));
}

function step(task: Task): void {
  const result = task.body.next();
  task.steps++;
  task.done = result.done === true;
  task.pause = result.done === true ? undefined : result.value;
}
