import type { Event, Happening, Origin, Shown } from "./event.ts";

/**
 * What a thread hands over between two steps. The name of what it touches next, or nothing: another actor may be put in between, as a
 * preemption. A condition: the thread gives up the processor until it holds.
 */
export type Pause = string | (() => boolean) | undefined;

/** The code of one actor. It pauses before every access to memory that others can see; what it does without a pause is its own. */
export type Thread<T = void> = Generator<Pause, T, void>;

/** Something that a thread brings about: which one of several ways it goes is explored, not drawn by lot. */
export interface Oracle {
  /** A number below `ways`; way 0 is what ordinarily happens. */
  choose(ways: number): number;
  /** Whether something of this kind goes wrong now; "no" without a choice when the bounds do not allow any more. */
  fail(kind: Failure["kind"]): boolean;
  /**
   * Whether the actor that runs is to pause before it touches a member of this name. Where nobody can interrupt it, it need not: its step
   * ends there all the same.
   */
  pauses?(name: string): boolean;
}

/** An actor with what the kernel keeps for a task (`struct task_struct`). */
export interface Task {
  readonly id: number;
  readonly name: string;
  readonly body: Thread;
  pause: Pause;
  done: boolean;
  /** TASK_RUNNING, or about to sleep. */
  running: boolean;
  /** `current->plug`. */
  plug: Plug | null;
  steps: number;
  /** Who brought it about, and at which of its steps; null: nobody, it is there from the start. */
  readonly parent: { readonly task: Task; readonly step: number } | null;
  /** All that the thread has learnt so far. With `steps` it determines the thread's own state, so a state can be told from another. */
  seen: string;
}

/** A value in memory. An object stands for a pointer to it. */
export type Value = number | bigint | string | boolean | null | { readonly id: number };

/** A piece of memory with an identity. `held`: allocated and owed to the kernel; `scope`: on a stack; `freed`: must not be touched any more. */
export interface MemoryObject {
  readonly id: number;
  readonly name: string;
  readonly fields: Map<string, Value>;
  /** "borrowed" belongs to the caller and is none of the engine's business when the run ends. */
  life: "held" | "scope" | "borrowed" | "freed";
  /** The task that freed it. */
  freedBy: string | null;
  /** Cached by stateKey; null when it must be made anew. */
  key: string | null;
}

/** A bio: what block/bio.c keeps of it, as far as copying is concerned. */
export interface Bio {
  readonly id: number;
  readonly memory: MemoryObject;
  /** "DST 1", "SRC 1": the half of a copy and the chunk, 1-based. */
  readonly name: string;
  /** Which half of a copy this is: "dst" and "src" make a pair, "copy" carries both positions by itself. */
  readonly half: "dst" | "src" | "copy";
  /** 1-based number of the chunk that the bio belongs to. */
  readonly chunk: number;
  /** Source and destination in sectors; a half knows its own one only, and uses -1 for the other. */
  readonly from: number;
  readonly to: number;
  /** Length in sectors. */
  readonly sectors: number;
  /** Completions that are still awaited: `__bi_remaining`. */
  remaining: number;
  /** Others complete into this bio: BIO_CHAIN. */
  chained: boolean;
  parent: Bio | null;
  /** The source half whose token this destination half carries. */
  token: Bio | null;
  complete: boolean;
  /** 0 or a negative error number. */
  status: number;
  endIo: ((bio: Bio) => Thread) | null;
  /** What the device does for it, if that is no copy between sectors; false: it fails. */
  readonly work?: () => boolean;
}

/** `struct blk_plug`: requests that the task holds back. */
export interface Plug {
  readonly owner: "engine" | "caller";
  readonly requests: Request[];
}

/** A request on its way to the device; the two halves of a copy share one. */
export interface Request {
  readonly bios: Bio[];
}

/**
 * How the series' request layer lets the halves of a copy find each other. `dst-first`, `src-first`: the other half joins the request that
 * holds this one, as long as that is still in the plug. `either`: whichever comes first waits. `token`: the destination half carries what
 * the source half brought back. `none`: one bio is a whole copy, or nothing is known.
 */
export interface RequestQueue {
  /** "somehow": how the halves meet is not shown; they do wherever that may be, in the plug or later, and none fails for being alone. */
  readonly pairing: "dst-first" | "src-first" | "either" | "somehow" | "token" | "none";
  /** Halves that wait for their others; used when they meet somehow. */
  readonly lonely: Request[];
  /** Only one completion handler runs at a time. */
  readonly serial: boolean;
  /** Requests given to the device so far. */
  dispatched: number;
  /** The last chunk that a flush which the engine asked for sent off, 1-based; 0 before the first such flush. */
  flushedUpTo: number;
  /** A completion handler is running; used when they are serial. */
  completing: boolean;
  /** 1-based chunks in the order in which they complete; empty: any order. */
  readonly order: readonly number[];
  /** 1-based chunk of each request that the device works on. */
  readonly inFlight: number[];
}

/**
 * The device: one token for every block, so that what arrived can be told from what was there before. A block is a logical block of the
 * device or, to be quick, as many of them as all positions of the call are multiples of.
 */
export interface Device {
  readonly blockSectors: number;
  readonly blocks: number[];
  key: string;
}

/** What the caller was told. Lengths in sectors; `arrived` counts from the start up to the first gap, at that moment. */
export interface Report {
  readonly how: "return" | "callback";
  readonly copied: number;
  readonly status: number;
  readonly arrived: number;
}

/** Something that went wrong from outside: the engine has to cope with it. */
export interface Failure {
  readonly kind: "chunk" | "allocation" | "early" | "sleep" | "refusal" | "fetch";
  /** 1-based chunk or allocation. */
  readonly n: number;
  readonly what: string;
}

/** Something that the engine did wrong and that the kernel can see by itself. */
export interface Fault {
  readonly how: "use after free" | "double free" | "dispatched alone";
  readonly what: string;
}

/** Failures fixed beforehand, by 1-based number; `null` explores them. */
export interface Script {
  readonly chunks: readonly number[];
  readonly allocations: readonly number[];
  /** Of another kind: at which of the times that it could happen. Kinds that are not named are explored. */
  readonly others?: ReadonlyMap<Failure["kind"], readonly number[]>;
}

/** The call whose run is judged. Lengths and positions in sectors. */
export interface Call {
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/** All there is in one run. */
export interface Kernel {
  readonly oracle: Oracle;
  readonly script: Script | null;
  readonly tasks: Task[];
  readonly objects: MemoryObject[];
  readonly queue: RequestQueue;
  readonly device: Device;
  readonly call: Call;
  current: Task;
  ids: number;
  allocations: number;
  readonly reports: Report[];
  readonly failures: Failure[];
  /** How often something could go wrong, by kind; counted where a script says what does. */
  readonly asked: Map<Failure["kind"], number>;
  readonly faults: Fault[];
  /** Facts about the run that properties ask for: "returned", "slept", ...; a number says how often. */
  readonly marks: Map<string, number>;
  /** Recorded on replay only. */
  readonly events: Event[] | null;
  /** Memory and threads of a program that is not made of the model's own objects, as far as they tell two states apart. */
  outside: { key(): string } | null;
}

export interface KernelSetup {
  readonly oracle: Oracle;
  readonly script?: Script | null;
  readonly call: Call;
  readonly pairing?: RequestQueue["pairing"];
  readonly serial?: boolean;
  readonly order?: readonly number[];
  /** Sectors that share a token. */
  readonly blockSectors?: number;
  readonly record?: boolean;
}

/** A fresh kernel without a task. The device is as large as the call's two ranges need. */
export function createKernel(setup: KernelSetup): Kernel {
  const blockSectors = setup.blockSectors ?? 8;
  const { from, to, length } = setup.call;
  const blocks: number[] = [];
  for (let block = 0; block * blockSectors < Math.max(from, to) + length; block++) blocks.push(block);
  return {
    oracle: setup.oracle,
    script: setup.script ?? null,
    tasks: [],
    objects: [],
    queue: {
      pairing: setup.pairing ?? "none",
      lonely: [],
      serial: setup.serial ?? false,
      dispatched: 0,
      flushedUpTo: 0,
      completing: false,
      order: setup.order ?? [],
      inFlight: [],
    },
    device: { blockSectors, blocks, key: "" },
    call: setup.call,
    current: undefined as unknown as Task,
    ids: 0,
    allocations: 0,
    reports: [],
    failures: [],
    asked: new Map(),
    faults: [],
    marks: new Map(),
    events: setup.record === true ? [] : null,
    outside: null,
  };
}

/** Adds an actor; its code starts when it is scheduled for the first time. */
export function spawn(kernel: Kernel, name: string, body: Thread): Task {
  const task: Task = {
    id: ++kernel.ids,
    name,
    body,
    pause: undefined,
    done: false,
    running: true,
    plug: null,
    steps: 0,
    parent: kernel.current === undefined ? null : { task: kernel.current, step: kernel.current.steps },
    seen: "",
  };
  kernel.tasks.push(task);
  kernel.current ??= task;
  return task;
}

/** Whether what `task` did in its step `step` comes before all that `other` does, as it is what brought `other` about that came later. */
export function precedes(task: Task, step: number, other: Task): boolean {
  for (let { parent } = other; parent !== null; { parent } = parent.task)
    if (parent.task === task) return step <= parent.step;
  return false;
}

/** A work item on a workqueue (`queue_work`): runs as an actor of its own, at any time from now on. */
export function queueWork(kernel: Kernel, body: Thread): Task {
  return spawn(kernel, "worker", body);
}

export function mark(kernel: Kernel, name: string): void {
  kernel.marks.set(name, (kernel.marks.get(name) ?? 0) + 1);
}

export function marked(kernel: Kernel, name: string): number {
  return kernel.marks.get(name) ?? 0;
}

/** Writes an event down if this run is recorded. The actor is the running task unless another is named. */
export function record(kernel: Kernel, happening: Happening, by?: Origin, actor?: string): void {
  if (kernel.events === null) return;
  kernel.events.push({ ...happening, actor: actor ?? kernel.current.name, ...(by ? { by } : {}) });
}

/** The running thread has learnt something that may decide what it does next. */
export function learn(kernel: Kernel, value: Value): void {
  const task = kernel.current;
  task.seen += `${keyOf(value)},`;
  // Of a thread that never ends, all of it would be without bound.
  if (task.seen.length > 500) task.seen = `${digest(task.seen)},`;
}

/** A number that is equal for equal texts, and hardly ever else: 53 bits. */
export function digest(text: string): number {
  let a = 0x811c9dc5;
  let b = 0x1000193;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ c, 0x85ebca6b) ^ (b >>> 13);
  }
  return (a >>> 0) * 0x200000 + ((b ^ (b >>> 15)) & 0x1fffff);
}

function keyOf(value: Value): string {
  return typeof value === "object" && value !== null ? `@${value.id}` : String(value);
}

function shown(value: Value): Shown {
  if (typeof value === "number" || typeof value === "string" || value === null) return value;
  return typeof value === "object" ? ("name" in value ? String(value.name) : `object ${value.id}`) : String(value);
}

/** Takes a way that the oracle chooses, and remembers it as part of what the thread knows. */
export function choose(kernel: Kernel, ways: number): number {
  const way = kernel.oracle.choose(ways);
  learn(kernel, way);
  return way;
}

/** What the script says of this thing; undefined: nothing. */
function scripted({ script, asked }: Kernel, { kind, n }: Failure): boolean | undefined {
  if (script === null) return undefined;
  const times = (asked.get(kind) ?? 0) + 1;
  asked.set(kind, times);
  if (kind === "chunk") return script.chunks.includes(n);
  if (kind === "allocation") return script.allocations.includes(n);
  return script.others?.get(kind)?.includes(times);
}

/** Whether this thing, which may go wrong, goes wrong in this run. */
export function fails(kernel: Kernel, failure: Failure): boolean {
  const answer = scripted(kernel, failure) ?? kernel.oracle.fail(failure.kind);
  learn(kernel, answer);
  if (answer) kernel.failures.push(failure);
  return answer;
}

/** Memory without asking whether there is any: on a stack, or the caller's. */
export function place(
  kernel: Kernel,
  name: string,
  life: "scope" | "borrowed" | "held",
  fields?: Record<string, Value>,
): MemoryObject {
  const object: MemoryObject = {
    id: ++kernel.ids,
    name,
    fields: new Map(fields === undefined ? [] : Object.entries(fields)),
    life,
    freedBy: null,
    key: null,
  };
  kernel.objects.push(object);
  return object;
}

/** kmalloc and friends. `mayFail` follows from gfp and from what backs the allocation; null when it failed. */
export function allocate(
  kernel: Kernel,
  name: string,
  mayFail: boolean,
  fields?: Record<string, Value>,
  by?: Origin,
): MemoryObject | null {
  const n = ++kernel.allocations;
  const failed = mayFail && fails(kernel, { kind: "allocation", n, what: name });
  record(kernel, { kind: "allocate", what: name, ok: !failed }, by);
  return failed ? null : place(kernel, name, "held", fields);
}

/** Notes a fault if the object is dead. */
export function touch(kernel: Kernel, object: MemoryObject, by?: Origin): void {
  if (object.life === "freed") fault(kernel, "use after free", object.name, by);
}

export function fault(kernel: Kernel, how: Fault["how"], what: string, by?: Origin): void {
  kernel.faults.push({ how, what });
  record(kernel, { kind: "fault", how, what }, by);
}

/** A plain load: a step of its own. */
export function* load(kernel: Kernel, object: MemoryObject, field: string, by?: Origin): Thread<Value> {
  yield field;
  const value = object.fields.get(field) ?? null;
  learn(kernel, value);
  record(kernel, { kind: "load", what: object.name, field, value: shown(value) }, by);
  touch(kernel, object, by);
  return value;
}

/** A plain store: a step of its own. */
export function* store(kernel: Kernel, object: MemoryObject, field: string, value: Value, by?: Origin): Thread {
  yield field;
  object.fields.set(field, value);
  object.key = null;
  record(kernel, { kind: "store", what: object.name, field, value: shown(value) }, by);
  touch(kernel, object, by);
}

/** An atomic operation, or a read-modify-write under a lock: one step. Returns the new value. */
export function* update(
  kernel: Kernel,
  object: MemoryObject,
  field: string,
  change: (value: Value) => Value,
  by?: Origin,
): Thread<Value> {
  yield field;
  const before = object.fields.get(field) ?? null;
  const after = change(before);
  object.fields.set(field, after);
  object.key = null;
  learn(kernel, after);
  record(kernel, { kind: "update", what: object.name, field, from: shown(before), to: shown(after) }, by);
  touch(kernel, object, by);
  return after;
}

/**
 * The end of an object's life: by `kfree`, by the last reference, or because its function returns. No step of its own: whoever
 * touches the object too late can do so after any later step as well.
 */
export function release(kernel: Kernel, object: MemoryObject, kind: "free" | "put" | "scope-ends", by?: Origin): void {
  record(kernel, { kind, what: object.name }, by);
  if (object.life === "freed") fault(kernel, "double free", object.name, by);
  object.life = "freed";
  object.freedBy = kernel.current.name;
  object.key = null;
}

/** `__set_current_state(TASK_UNINTERRUPTIBLE)` (false) or TASK_RUNNING (true): a step, as a waker writes the same word. */
export function* setRunning(kernel: Kernel, running: boolean): Thread {
  const task = kernel.current;
  yield "state";
  task.running = running;
}

/** Makes a task runnable again (`wake_up_process`); a task that does not sleep stays as it is. */
export function* wake(kernel: Kernel, task: Task, by?: Origin): Thread {
  yield "state";
  task.running = true;
  record(kernel, { kind: "wake", what: task.name }, by);
}

/** The caller is answered. `copied` in sectors, `status` 0 or a negative error number. */
export function report(kernel: Kernel, how: Report["how"], copied: number, status: number, by?: Origin): void {
  kernel.reports.push({ how, copied, status, arrived: arrived(kernel) });
  record(kernel, { kind: how, copied, status }, by);
}

/** Sectors from the start of the destination that hold what the source held when the call began, up to the first gap. */
export function arrived(kernel: Kernel): number {
  const { device, call } = kernel;
  let sectors = 0;
  while (
    sectors < call.length &&
    tokenAt(device, call.to + sectors) === Math.floor((call.from + sectors) / device.blockSectors)
  ) {
    sectors += device.blockSectors;
  }
  return Math.min(sectors, call.length);
}

function tokenAt(device: Device, sector: number): number {
  return device.blocks[Math.floor(sector / device.blockSectors)] ?? -1;
}

/** Copies on the device, all in sectors. False, and nothing done, when a position or the length is not a whole number of blocks or out of range. */
export function transfer(device: Device, from: number, to: number, sectors: number): boolean {
  const { blocks, blockSectors } = device;
  const source = from / blockSectors;
  const target = to / blockSectors;
  const count = sectors / blockSectors;
  if (!Number.isInteger(source) || !Number.isInteger(target) || !Number.isInteger(count)) return false;
  if (source < 0 || target < 0 || count < 0 || Math.max(source, target) + count > blocks.length) return false;
  const tokens = blocks.slice(source, source + count);
  for (let at = 0; at < count; at++) blocks[target + at] = tokens[at]!;
  device.key = blocks.join();
  return true;
}

/**
 * Two runs that come to the same key go on in the same ways: memory, device, and what every thread knows. `goesOn`: the running thread
 * could go on, so that taking another one is a preemption.
 */
export function stateKey(kernel: Kernel, goesOn: boolean): number {
  let key = `${goesOn ? kernel.current.id : 0};${kernel.queue.completing}${kernel.device.key};`;
  for (const task of kernel.tasks) {
    key += `${task.done ? "d" : task.running ? "r" : "s"}${task.steps}${task.plug === null ? "" : `p${task.plug.requests.length}`}:${task.seen};`;
  }
  for (const object of kernel.objects) key += object.key ??= objectKey(object);
  for (const { how, copied, status, arrived: there } of kernel.reports) key += `${how}${copied},${status},${there};`;
  for (const { how, what } of kernel.faults) key += how + what;
  for (const { bios } of kernel.queue.lonely) key += bios[0]!.name;
  for (const [name, count] of kernel.marks) key += name + count;
  return digest(kernel.outside === null ? key : key + kernel.outside.key());
}

function objectKey(object: MemoryObject): string {
  let key = `${object.id}${object.life}`;
  for (const value of object.fields.values()) key += `,${keyOf(value)}`;
  return `${key};`;
}
