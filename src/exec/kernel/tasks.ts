import { waits } from "../../kernel/names.ts";
import { sleep } from "../../model/block.ts";
import { type Kernel, type Pause, queueWork, record, setRunning, type Task, wake } from "../../model/kernel-objects.ts";
import type { Binding } from "../bind.ts";
import type { Machine } from "../machine.ts";
import type { Place } from "../token.ts";
import { INT, type IntType, LLONG, UINT } from "../type.ts";
import { combiner, type Int, Pointer, type Value, wrap } from "../value.ts";
import { World } from "./world.ts";

type Steps<T = Value> = Generator<Pause, T, void>;

// Atomic operations: a load and a store in one step.

function* change(
  machine: Machine,
  pointer: Value,
  type: IntType,
  apply: (old: Int) => Int,
  at: Place,
): Steps<{ readonly old: Int; readonly now: Int }> {
  const name = memberName(at);
  yield name;
  const place = World.of(machine).placeOf(at) ?? at;
  const old = number(machine.load(pointer, 0, type, name, place));
  const now = wrap(apply(old), type);
  machine.store(pointer, 0, type, now, name, place);
  return { old, now };
}

const number = (value: Value): Int => (typeof value === "object" ? 0 : value);

/** "refcount" of `atomic_inc(&cio->refcount)`: what an access is called in a trace. */
function memberName({ tree, start, end }: Place): string {
  const words = tree.text.slice(start, Math.min(end, start + 200)).match(/[A-Za-z_]\w*(?=\s*(?:[),]|$))/g);
  return words?.[0] ?? "counter";
}

const plus = (type: IntType) => combiner("+", type)!;

function arithmetic(type: IntType, prefix: string): (readonly [string, Binding])[] {
  const add = (a: Int, b: Int): Int => plus(type)(a, b) as Int;
  const minus = (b: Value): Int => wrap(typeof b === "bigint" ? -b : -(b as number), type);
  const op = (delta: (args: Value[]) => Int, pointer: number, result: (old: Int, now: Int) => Value): Binding =>
    function* (machine, args, at) {
      const by = delta(args);
      const { old, now } = yield* change(machine, args[pointer]!, type, (v) => add(v, by), at);
      return result(old, now);
    };
  const nothing = () => 0;
  const isZero = (_: Int, now: Int) => (now === 0 ? 1 : 0);
  const given = (_: Int, now: Int) => now;
  return [
    [
      `${prefix}_set`,
      function* (machine, [v, i], at) {
        const name = memberName(at);
        yield name;
        machine.store(v!, 0, type, wrap(number(i!), type), name, World.of(machine).placeOf(at) ?? at);
        return 0;
      },
    ],
    [
      `${prefix}_read`,
      function* (machine, [v], at) {
        const name = memberName(at);
        yield name;
        return machine.load(v!, 0, type, name, World.of(machine).placeOf(at) ?? at);
      },
    ],
    [`${prefix}_inc`, op(() => 1, 0, nothing)],
    [`${prefix}_dec`, op(() => -1, 0, nothing)],
    [`${prefix}_add`, op(([i]) => number(i!), 1, nothing)],
    [`${prefix}_sub`, op(([i]) => minus(i!), 1, nothing)],
    [`${prefix}_inc_return`, op(() => 1, 0, given)],
    [`${prefix}_dec_return`, op(() => -1, 0, given)],
    [`${prefix}_add_return`, op(([i]) => number(i!), 1, given)],
    [`${prefix}_sub_return`, op(([i]) => minus(i!), 1, given)],
    [`${prefix}_dec_and_test`, op(() => -1, 0, isZero)],
    [`${prefix}_sub_and_test`, op(([i]) => minus(i!), 1, isZero)],
    [
      `${prefix}_inc_not_zero`,
      function* (machine, [v], at) {
        const { old } = yield* change(machine, v!, type, (x) => (x === 0 ? 0 : add(x, 1)), at);
        return old === 0 ? 0 : 1;
      },
    ],
    [
      `${prefix}_xchg`,
      function* (machine, [v, n], at) {
        return (yield* change(machine, v!, type, () => number(n!), at)).old;
      },
    ],
    [
      `${prefix}_cmpxchg`,
      function* (machine, [v, expected, n], at) {
        return (yield* change(machine, v!, type, (x) => (x === expected ? number(n!) : x), at)).old;
      },
    ],
  ];
}

const bit = (set: boolean | undefined): Binding =>
  function* (machine, [nr, addr], at) {
    const { ulong } = machine.program;
    const width = ulong.size * 8;
    const word = Math.floor(Number(nr) / width);
    const mask = 1n << BigInt(Number(nr) % width);
    if (!(addr instanceof Pointer)) return machine.fatal(addr === 0 ? "null dereference" : "wild pointer", "a bit", at);
    const pointer = new Pointer(addr.object, addr.offset + word * ulong.size);
    if (set === undefined) {
      const value = machine.load(pointer, 0, ulong, "a bit", at);
      return (BigInt(number(value)) & mask) === 0n ? 0 : 1;
    }
    const apply = (v: Int) => (set ? BigInt(v) | mask : BigInt(v) & ~mask);
    const { old } = yield* change(machine, pointer, ulong, (v) => wrap(apply(v), ulong), at);
    return (BigInt(old) & mask) === 0n ? 0 : 1;
  };

// Waiting.

/** Tasks that wait inside of the kernel for something other than a wake-up by hand. */
const waiting = new WeakMap<Kernel, Set<Task>>();

/** Sleeps until the condition holds, as all primitives do that look at it again by themselves. */
export function* waitFor(world: World, holds: () => boolean, at: Place): Steps<void> {
  const { kernel } = world;
  const task = kernel.current;
  let all = waiting.get(kernel);
  if (all === undefined) waiting.set(kernel, (all = new Set()));
  while (!holds()) {
    all.add(task);
    task.running = false;
    yield* sleep(kernel, false, world.origin(at));
  }
  all.delete(task);
  task.running = true;
}

/** Something changed that a task may wait for: those look again. */
export function changed(world: World): void {
  for (const task of waiting.get(world.kernel) ?? []) task.running = true;
}

const wait = (name: string): Binding =>
  function* (machine, _, at) {
    const world = World.of(machine);
    const { failures } = world.kernel;
    const before = failures.length;
    yield* sleep(world.kernel, waits.get(name)?.mayReturnEarly ?? false, world.origin(at));
    if (failures.slice(before).some(({ kind }) => kind === "early")) world.earlyAt ??= world.placeOf(at);
    return 0;
  };

function* wakeTask(machine: Machine, pointer: Value, at: Place): Steps<void> {
  const world = World.of(machine);
  const task = world.taskAt(pointer);
  if (task === undefined) {
    machine.fatal(pointer === 0 ? "null dereference" : "wild pointer", "the task to wake", world.placeOf(at) ?? at);
  }
  if (task === world.kernel.current) yield* setRunning(world.kernel, true);
  else yield* wake(world.kernel, task, world.origin(at));
}

/** A word of memory, read without a step: what a waiter's condition looks at. */
function peek(machine: Machine, pointer: Value, type: IntType): Int {
  if (!(pointer instanceof Pointer)) return 0;
  return number(machine.heap.read(pointer.object, pointer.offset, type));
}

const awaitCompletion = (early: boolean, result: (done: boolean) => Value): Binding =>
  function* (machine, [x], at) {
    const world = World.of(machine);
    machine.load(x!, 0, UINT, "done", world.placeOf(at) ?? at);
    if (early && peek(machine, x!, UINT) === 0 && world.kernel.oracle.fail("early")) {
      world.kernel.failures.push({ kind: "early", n: 1, what: "sleep" });
      world.earlyAt ??= world.placeOf(at);
      record(world.kernel, { kind: "early" }, world.origin(at));
      return result(false);
    }
    yield* waitFor(world, () => peek(machine, x!, UINT) !== 0, at);
    const done = number(machine.load(x!, 0, UINT, "done", world.placeOf(at) ?? at)) as number;
    if (done < 2 ** 31) machine.store(x!, 0, UINT, Math.max(0, done - 1), "done", world.placeOf(at) ?? at);
    return result(true);
  };

const complete = (all: boolean): Binding =>
  function* (machine, [x], at) {
    const world = World.of(machine);
    yield* change(machine, x!, UINT, (done) => (all ? 2 ** 31 : (done as number) + 1), at);
    changed(world);
    return 0;
  };

// Locks.

function* lock(machine: Machine, pointer: Value, at: Place): Steps<void> {
  const place = World.of(machine).placeOf(at) ?? at;
  yield "a lock";
  while (machine.load(pointer, 0, INT, "locked", place) !== 0) yield () => peek(machine, pointer, INT) === 0;
  machine.store(pointer, 0, INT, 1, "locked", place);
}

// Work.

const member = (machine: Machine, work: Value, name: string, at: Place): Value =>
  machine.get(work, "struct work_struct", name, at);

/** Threads of one run. */
const MOST = 256;

function* queue(machine: Machine, work: Value, at: Place): Steps<Value> {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  yield "pending";
  if (member(machine, work, "pending", place) === 1) return 0;
  machine.set(work, "struct work_struct", "pending", 1, place);
  if (world.kernel.tasks.length > MOST) machine.notExecuted("it queues work without end", place);
  record(world.kernel, { kind: "say", words: "queue work" }, world.origin(at));
  const body = function* (): Generator<Pause, void, void> {
    yield* machine.guard(
      (function* (): Steps<Value> {
        yield "pending";
        const func = member(machine, work, "func", place);
        machine.set(work, "struct work_struct", "pending", 0, place);
        machine.set(work, "struct work_struct", "running", 1, place);
        yield* machine.call(func, [work], place);
        // The function may have freed what the work item lies in.
        if (work instanceof Pointer && !work.object.dead)
          machine.heap.write(work.object, runningAt(machine, work), INT, 0);
        changed(world);
        return 0;
      })(),
    );
  };
  queueWork(world.kernel, body());
  return 1;
}

const runningAt = (machine: Machine, work: Pointer): number =>
  work.offset + machine.program.member("struct work_struct", "running")!.offset;

const flushWork: Binding = function* (machine, [work], at) {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  member(machine, work!, "pending", place);
  const field = (name: string) => machine.program.member("struct work_struct", name)!.offset;
  const idle = () => {
    const w = work as Pointer;
    const read = (name: string) => machine.heap.read(w.object, w.offset + field(name), INT);
    return read("pending") !== 1 && read("running") !== 1;
  };
  const was = !idle();
  yield* waitFor(world, idle, at);
  return was ? 1 : 0;
};

export const taskBindings: readonly (readonly [string, Binding])[] = [
  ...arithmetic(INT, "atomic"),
  ...arithmetic(LLONG, "atomic64"),
  ...arithmetic({ ...LLONG, name: "long", rank: 4 }, "atomic_long"),
  ["test_bit", bit(undefined)],
  ["set_bit", bit(true)],
  ["__set_bit", bit(true)],
  ["clear_bit", bit(false)],
  ["test_and_set_bit", bit(true)],
  ["test_and_clear_bit", bit(false)],
  ["get_current", (machine) => World.of(machine).pointerOf(World.of(machine).kernel.current)],
  [
    "__set_current_state",
    function* (machine, [state], at) {
      const { kernel } = World.of(machine);
      yield* setRunning(kernel, state === 0);
      World.of(machine).say(state === 0 ? "state = running" : "state = about to sleep", at);
      return 0;
    },
  ],
  ["schedule", wait("schedule")],
  ["io_schedule", wait("io_schedule")],
  ["blk_io_schedule", wait("blk_io_schedule")],
  ["schedule_timeout", wait("schedule_timeout")],
  ["io_schedule_timeout", wait("io_schedule_timeout")],
  [
    "wake_up_process",
    function* (machine, [task], at) {
      yield* wakeTask(machine, task!, at);
      return 1;
    },
  ],
  [
    "blk_wake_io_task",
    function* (machine, [task], at) {
      yield* wakeTask(machine, task!, at);
      return 0;
    },
  ],
  ["complete", complete(false)],
  ["complete_all", complete(true)],
  ["wait_for_completion", awaitCompletion(false, () => 0)],
  ["wait_for_completion_io", awaitCompletion(false, () => 0)],
  ["wait_for_completion_timeout", awaitCompletion(true, (done) => (done ? 1 : 0))],
  ["wait_for_completion_io_timeout", awaitCompletion(true, (done) => (done ? 1 : 0))],
  ["wait_for_completion_interruptible", awaitCompletion(true, (done) => (done ? 0 : -512))],
  ["wait_for_completion_killable", awaitCompletion(true, (done) => (done ? 0 : -512))],
  ["completion_done", (machine, [x]) => (peek(machine, x!, UINT) === 0 ? 0 : 1)],
  ["__wakeups", (machine, [q], at) => machine.load(q!, 0, UINT, "wakeups", at)],
  [
    "__wait",
    function* (machine, [q, seen], at) {
      yield* waitFor(World.of(machine), () => peek(machine, q!, UINT) !== seen, at);
      return 0;
    },
  ],
  [
    "wake_up",
    function* (machine, [q], at) {
      yield* change(machine, q!, UINT, (n) => (n as number) + 1, at);
      changed(World.of(machine));
      return 0;
    },
  ],
  ["__lock_init", (machine, [l], at) => machine.store(l!, 0, INT, 0, "locked", at)],
  [
    "__lock",
    function* (machine, [l], at) {
      yield* lock(machine, l!, at);
      return 0;
    },
  ],
  [
    "__unlock",
    function* (machine, [l], at) {
      yield "a lock";
      machine.store(l!, 0, INT, 0, "locked", World.of(machine).placeOf(at) ?? at);
      return 0;
    },
  ],
  [
    "schedule_work",
    function* (machine, [work], at) {
      return yield* queue(machine, work!, at);
    },
  ],
  [
    "queue_work",
    function* (machine, [, work], at) {
      return yield* queue(machine, work!, at);
    },
  ],
  ["flush_work", flushWork],
  ["cancel_work_sync", flushWork],
];
