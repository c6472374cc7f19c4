import { waits } from "../../kernel/names.ts";
import { sleep } from "../../model/block.ts";
import { fails, type Pause, queueWork, record, setRunning, type Task, wake } from "../../model/kernel-objects.ts";
import type { Binding } from "../bind.ts";
import type { Machine } from "../machine.ts";
import type { Place } from "../token.ts";
import { INT, type IntType, LLONG, pointerTo, UINT, VOID } from "../type.ts";
import { combiner, type Int, normal, Pointer, type Value, wrap } from "../value.ts";
import { born, end, granted, nameFor } from "./memory.ts";
import { assignedName, World } from "./world.ts";

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
  if (machine.pauses(name)) yield name;
  const place = World.of(machine).placeOf(at) ?? at;
  const old = number(machine.load(pointer, 0, type, name, place));
  const now = wrap(apply(old), type);
  machine.store(pointer, 0, type, now, name, place);
  return { old, now };
}

const number = (value: Value): Int => (typeof value === "object" ? 0 : value);

/** "refcount" of `atomic_inc(&cio->refcount)` and of `atomic_add(chunk->refs, &cio->refcount)`: what an access is called in a trace. */
function memberName({ tree, start, end }: Place): string {
  const text = tree.text.slice(start, Math.min(end, start + 200));
  const addressed = /&[\w\s.>\-[\]]*?([A-Za-z_]\w*)\s*(?:[),]|$)/.exec(text)?.[1];
  return addressed ?? text.match(/[A-Za-z_]\w*(?=\s*(?:[),]|$))/)?.[0] ?? "counter";
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
  const before = (old: Int) => old;
  const bits = (combine: (old: bigint, given: bigint) => bigint): Binding =>
    function* (machine, [i, v], at) {
      yield* change(machine, v!, type, (old) => normal(combine(BigInt(old), BigInt(number(i!)))), at);
      return 0;
    };
  return [
    [
      `${prefix}_set`,
      function* (machine, [v, i], at) {
        const name = memberName(at);
        if (machine.pauses(name)) yield name;
        machine.store(v!, 0, type, wrap(number(i!), type), name, World.of(machine).placeOf(at) ?? at);
        return 0;
      },
    ],
    [
      `${prefix}_read`,
      function* (machine, [v], at) {
        const name = memberName(at);
        if (machine.pauses(name)) yield name;
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
    [
      `${prefix}_try_cmpxchg`,
      function* (machine, [v, expected, n], at) {
        const wanted = machine.load(expected!, 0, type, "old", at);
        const { old } = yield* change(machine, v!, type, (x) => (x === wanted ? number(n!) : x), at);
        if (old === wanted) return 1;
        machine.store(expected!, 0, type, old, "old", at);
        return 0;
      },
    ],
    [`${prefix}_fetch_add`, op(([i]) => number(i!), 1, before)],
    [`${prefix}_fetch_sub`, op(([i]) => minus(i!), 1, before)],
    [`${prefix}_fetch_inc`, op(() => 1, 0, before)],
    [`${prefix}_fetch_dec`, op(() => -1, 0, before)],
    [`${prefix}_inc_and_test`, op(() => 1, 0, isZero)],
    [`${prefix}_or`, bits((old, given) => old | given)],
    [`${prefix}_and`, bits((old, given) => old & given)],
    [
      `${prefix}_add_unless`,
      function* (machine, [v, a, u], at) {
        const { old } = yield* change(machine, v!, type, (x) => (x === u ? x : add(x, number(a!))), at);
        return old === u ? 0 : 1;
      },
    ],
    [
      `${prefix}_dec_if_positive`,
      function* (machine, [v], at) {
        const { old } = yield* change(machine, v!, type, (x) => (x > 0 ? add(x, -1) : x), at);
        return add(old, -1);
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

/** Sleeps until the condition holds, as all primitives do that look at it again by themselves. */
export function* waitFor(world: World, holds: () => boolean, at: Place): Steps<void> {
  const { kernel, waiting } = world;
  const task = kernel.current;
  while (!holds()) {
    waiting.add(task);
    task.running = false;
    yield* sleep(kernel, false, world.origin(at));
  }
  waiting.delete(task);
  task.running = true;
}

/** Something changed that a task may wait for: those look again. */
export function changed(world: World): void {
  for (const task of world.waiting) task.running = true;
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

// Tasks that wait on a queue by hand.

const POINTER = pointerTo(VOID);

/** Offsets of the entries of a wait queue, in its object. */
function waiterSlots(machine: Machine, q: Value): number[] {
  const field = machine.program.member("struct wait_queue_head", "waiters");
  if (!(q instanceof Pointer) || field?.type.kind !== "array") return [];
  const { pointer } = machine.program.model;
  return Array.from({ length: field.type.length ?? 0 }, (_, i) => q.offset + field.offset + i * pointer);
}

const sameTask = (a: Value, b: Value): boolean => a instanceof Pointer && b instanceof Pointer && a.object === b.object;

/** Lets others go on, if any can. */
function* pass(world: World): Steps<Value> {
  const { kernel } = world;
  const me = kernel.current;
  const stepsOfOthers = () => kernel.tasks.reduce((sum, task) => sum + (task === me ? 0 : task.steps), 0);
  const before = stepsOfOthers();
  const canGoOn = (task: Task) => task !== me && !task.done && typeof task.pause !== "function";
  yield () => stepsOfOthers() > before || !kernel.tasks.some(canGoOn);
  return 0;
}

const passing: Binding = function* (machine) {
  return yield* pass(World.of(machine));
};

// Locks: 0 is free, 1 is held by a writer, -n by n readers.

const lockKey = (lock: Value): string => (lock instanceof Pointer ? `${lock.object.id}+${lock.offset}` : "");
/** Sections of readers count for their task as one lock. */
const rcuKey = ({ id }: Task): string => `rcu ${id}`;

function* lock(machine: Machine, pointer: Value, at: Place): Steps<void> {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  yield "a lock";
  while (machine.load(pointer, 0, INT, "locked", place) !== 0) yield () => peek(machine, pointer, INT) === 0;
  take(world, pointer, place);
}

function take(world: World, pointer: Value, at: Place): void {
  world.machine.store(pointer, 0, INT, 1, "locked", at);
  world.holders.set(lockKey(pointer), { what: "a lock", task: world.kernel.current, at });
}

function* unlock(machine: Machine, pointer: Value, at: Place): Steps<void> {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  yield "a lock";
  if (peek(machine, pointer, INT) === 0)
    world.offences.push({ kind: "lock", what: "a lock is given back that nobody holds", at: place });
  world.holders.delete(lockKey(pointer));
  machine.store(pointer, 0, INT, 0, "locked", place);
}

function* share(machine: Machine, pointer: Value, at: Place): Steps<void> {
  const place = World.of(machine).placeOf(at) ?? at;
  yield "a lock";
  for (;;) {
    const held = machine.load(pointer, 0, INT, "locked", place) as number;
    if (held <= 0) {
      machine.store(pointer, 0, INT, held - 1, "locked", place);
      return;
    }
    yield () => peek(machine, pointer, INT) <= 0;
  }
}

// Work.

const member = (machine: Machine, work: Value, name: string, at: Place): Value =>
  machine.get(work, "struct work_struct", name, at);

/** Work items of one run: as many as there may be bios, and the cost of a run grows with their square. */
const MOST = 64;

function* queue(machine: Machine, wq: Value, work: Value, at: Place): Steps<Value> {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  yield "pending";
  if (member(machine, work, "pending", place) === 1) return 0;
  machine.set(work, "struct work_struct", "pending", 1, place);
  if (world.kernel.tasks.filter(({ name }) => name === "worker").length > MOST)
    machine.notExecuted("it queues work without end", place);
  record(world.kernel, { kind: "say", words: "queue work" }, world.origin(at));
  queueWork(world.kernel, worker(machine, work, place));
  if (work instanceof Pointer) queuedOn(world, wq).push(work);
  return 1;
}

/** What a worker does with an item. */
function* worker(machine: Machine, work: Value, place: Place): Steps<void> {
  yield* machine.guard(worked(machine, work, place));
}

function* worked(machine: Machine, work: Value, place: Place): Steps<Value> {
  yield "pending";
  // It was called off, or what it lies in is gone.
  if (work instanceof Pointer && !work.object.dead && pendingOf(machine, work) !== 1) return 0;
  const func = member(machine, work, "func", place);
  machine.set(work, "struct work_struct", "pending", 0, place);
  machine.set(work, "struct work_struct", "running", 1, place);
  yield* machine.call(func, [work], place);
  // The function may have freed what the work item lies in.
  if (work instanceof Pointer && !work.object.dead) machine.heap.write(work.object, runningAt(machine, work), INT, 0);
  changed(World.of(machine));
  return 0;
}

const pendingOf = (machine: Machine, work: Pointer): Value =>
  machine.heap.read(work.object, work.offset + machine.program.member("struct work_struct", "pending")!.offset, INT);

/** Work items of a queue, to flush it as a whole. */
function queuedOn({ queues }: World, wq: Value): Pointer[] {
  const key = wq instanceof Pointer ? wq.object.id : 0;
  let works = queues.get(key);
  if (works === undefined) queues.set(key, (works = []));
  return works;
}

/** Neither waits to run nor runs. */
function isIdle(machine: Machine, work: Pointer): boolean {
  if (work.object.dead) return true;
  return pendingOf(machine, work) !== 1 && machine.heap.read(work.object, runningAt(machine, work), INT) !== 1;
}

const flushQueue: Binding = function* (machine, [wq], at) {
  const world = World.of(machine);
  const works = queuedOn(world, wq!);
  yield* waitFor(world, () => works.every((work) => isIdle(machine, work)), at);
  return 0;
};

/** Takes an item off its queue if it has not begun. */
function* callOff(machine: Machine, work: Value, at: Place): Steps<Value> {
  const place = World.of(machine).placeOf(at) ?? at;
  yield "pending";
  if (member(machine, work, "pending", place) !== 1) return 0;
  machine.set(work, "struct work_struct", "pending", 0, place);
  return 1;
}

const runningAt = (machine: Machine, work: Pointer): number =>
  work.offset + machine.program.member("struct work_struct", "running")!.offset;

const flushWork: Binding = function* (machine, [work], at) {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  member(machine, work!, "pending", place);
  const idle = () => isIdle(machine, work as Pointer);
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
  ["__clear_bit", bit(false)],
  ["__test_and_set_bit", bit(true)],
  ["__test_and_clear_bit", bit(false)],
  ["test_and_set_bit_lock", bit(true)],
  ["clear_bit_unlock", bit(false)],
  ["get_current", (machine) => World.of(machine).pointerOf(World.of(machine).kernel.current)],
  [
    "__set_current_state",
    function* (machine, [state], at) {
      const { kernel } = World.of(machine);
      yield* setRunning(kernel, state === 0);
      if (state !== 0) World.of(machine).sleepSetAt = World.of(machine).placeOf(at);
      World.of(machine).say(state === 0 ? "state = running" : "state = about to sleep", at);
      return 0;
    },
  ],
  ["schedule", wait("schedule")],
  ["io_schedule", wait("io_schedule")],
  ["blk_io_schedule", wait("blk_io_schedule")],
  ["schedule_timeout", wait("schedule_timeout")],
  ["io_schedule_timeout", wait("io_schedule_timeout")],
  ["schedule_timeout_uninterruptible", passing],
  ["schedule_timeout_interruptible", passing],
  ["msleep", passing],
  ["usleep_range", passing],
  ["fsleep", passing],
  ["udelay", passing],
  ["cpu_relax", passing],
  [
    "wake_up_process",
    function* (machine, [task], at) {
      yield* wakeTask(machine, task!, at);
      return 1;
    },
  ],
  [
    "wake_up_state",
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
  ["wait_for_completion_interruptible_timeout", awaitCompletion(true, (done) => (done ? 1 : -512))],
  ["wait_for_completion_killable_timeout", awaitCompletion(true, (done) => (done ? 1 : -512))],
  ["wait_for_completion_state", awaitCompletion(true, (done) => (done ? 0 : -512))],
  ["blk_wait_io", awaitCompletion(false, () => 0)],
  ["complete_on_current_cpu", complete(false)],
  [
    "try_wait_for_completion",
    function* (machine, [x], at) {
      const { old } = yield* change(
        machine,
        x!,
        UINT,
        (done) => ((done as number) > 0 && (done as number) < 2 ** 31 ? (done as number) - 1 : done),
        at,
      );
      return old === 0 ? 0 : 1;
    },
  ],
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
      const world = World.of(machine);
      yield* change(machine, q!, UINT, (n) => (n as number) + 1, at);
      changed(world);
      for (const slot of waiterSlots(machine, q!)) {
        const task = world.taskAt(machine.heap.read((q as Pointer).object, slot, POINTER));
        if (task !== undefined) yield* wake(world.kernel, task, world.origin(at));
      }
      return 0;
    },
  ],
  [
    "__wait_early",
    function* (machine, [q, seen], at) {
      const world = World.of(machine);
      const { kernel } = world;
      if (peek(machine, q!, UINT) === seen && fails(kernel, { kind: "early", n: 1, what: "sleep" })) {
        world.earlyAt ??= world.placeOf(at);
        record(kernel, { kind: "early" }, world.origin(at));
        return 1;
      }
      yield* waitFor(world, () => peek(machine, q!, UINT) !== seen, at);
      return 0;
    },
  ],
  [
    "__queue_waiter",
    function* (machine, [q, entry], at) {
      const world = World.of(machine);
      yield "a lock";
      const task = machine.get(entry!, "struct wait_queue_entry", "private", at);
      const slots = waiterSlots(machine, q!).map(
        (slot) => [slot, machine.heap.read((q as Pointer).object, slot, POINTER)] as const,
      );
      if (slots.some(([, there]) => sameTask(there, task))) return 0;
      const free = slots.find(([, there]) => there === 0);
      if (free === undefined) return machine.notExecuted("more tasks wait than are modelled", world.placeOf(at));
      machine.heap.write((q as Pointer).object, free[0], POINTER, task);
      return 0;
    },
  ],
  [
    "__unqueue_waiter",
    function* (machine, [q, entry], at) {
      yield "a lock";
      const task = machine.get(entry!, "struct wait_queue_entry", "private", at);
      for (const slot of waiterSlots(machine, q!)) {
        const { object } = q as Pointer;
        if (sameTask(machine.heap.read(object, slot, POINTER), task)) machine.heap.write(object, slot, POINTER, 0);
      }
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
      yield* unlock(machine, l!, at);
      return 0;
    },
  ],
  [
    "__trylock",
    function* (machine, [l], at) {
      const world = World.of(machine);
      const place = world.placeOf(at) ?? at;
      yield "a lock";
      if (machine.load(l!, 0, INT, "locked", place) !== 0) return 0;
      take(world, l!, place);
      return 1;
    },
  ],
  [
    "__lock_killable",
    function* (machine, [l], at) {
      // No signal comes.
      yield* lock(machine, l!, at);
      return 0;
    },
  ],
  [
    "__lock_shared",
    function* (machine, [l], at) {
      yield* share(machine, l!, at);
      return 0;
    },
  ],
  [
    "__unlock_shared",
    function* (machine, [l], at) {
      const world = World.of(machine);
      const place = world.placeOf(at) ?? at;
      yield "a lock";
      const held = machine.load(l!, 0, INT, "locked", place) as number;
      if (held >= 0) world.offences.push({ kind: "lock", what: "a lock is given back that nobody holds", at: place });
      machine.store(l!, 0, INT, Math.min(0, held + 1), "locked", place);
      return 0;
    },
  ],
  [
    "rcu_read_lock",
    (machine, _, at) => {
      const world = World.of(machine);
      const { current } = world.kernel;
      const depth = world.readers.get(current) ?? 0;
      world.readers.set(current, depth + 1);
      if (depth === 0)
        world.holders.set(rcuKey(current), { what: "an RCU section", task: current, at: world.placeOf(at) ?? at });
    },
  ],
  [
    "rcu_read_unlock",
    (machine, _, at) => {
      const world = World.of(machine);
      const { current } = world.kernel;
      const depth = world.readers.get(current) ?? 0;
      world.readers.set(current, Math.max(0, depth - 1));
      if (depth === 1) world.holders.delete(rcuKey(current));
      if (depth === 0)
        world.offences.push({
          kind: "lock",
          what: "rcu_read_unlock() without rcu_read_lock()",
          at: world.placeOf(at) ?? at,
        });
    },
  ],
  [
    "schedule_work",
    function* (machine, [work], at) {
      return yield* queue(machine, 0, work!, at);
    },
  ],
  [
    "queue_work",
    function* (machine, [wq, work], at) {
      return yield* queue(machine, wq!, work!, at);
    },
  ],
  [
    "mod_delayed_work",
    function* (machine, [wq, work], at) {
      // The item is the first member.
      return (yield* queue(machine, wq!, work!, at)) === 0 ? 1 : 0;
    },
  ],
  ["flush_work", flushWork],
  [
    "cancel_work",
    function* (machine, [work], at) {
      return yield* callOff(machine, work!, at);
    },
  ],
  [
    "cancel_work_sync",
    function* (machine, [work], at) {
      const was = yield* callOff(machine, work!, at);
      yield* waitFor(World.of(machine), () => isIdle(machine, work as Pointer), at);
      return was;
    },
  ],
  ["flush_workqueue", flushQueue],
  ["drain_workqueue", flushQueue],
  [
    "destroy_workqueue",
    function* (machine, [wq], at) {
      const world = World.of(machine);
      const works = queuedOn(world, wq!);
      yield* waitFor(world, () => works.every((work) => isIdle(machine, work)), at);
      end(machine, wq!, "free", at);
      return 0;
    },
  ],
  [
    "__alloc_workqueue",
    (machine, _, at) => {
      const world = World.of(machine);
      const name = nameFor(world, assignedName(world.placeOf(at) ?? at) ?? "the workqueue");
      if (!granted(machine, name, 0x400, true, at)) return 0;
      const size = machine.size(machine.program.record("struct workqueue_struct"));
      const wq = machine.allocate(name, size, { zero: true }, at);
      born(world, wq.object, at);
      return wq;
    },
  ],
];
