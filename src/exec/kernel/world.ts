import type { Func } from "../../engine/code.ts";
import type { Origin } from "../../model/event.ts";
import { fails, type Kernel, type Plug, record, type Task, type Thread } from "../../model/kernel-objects.ts";
import { type CTree, lineIndex } from "../../syntax/ctree.ts";
import type { Access, Conversion, Fault, Outcome, Poll } from "../bind.ts";
import { type MemoryObject, type Mixed, mixIn, mixInValue } from "../heap.ts";
import type { Frame } from "../interpret.ts";
import type { Machine } from "../machine.ts";
import type { Place } from "../token.ts";
import { Pointer, UNINIT, type Value } from "../value.ts";

/** A stretch of the device that a call copies. In sectors of the model's device. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly sectors: number;
}

/** A block device of a run: a part of the model's one device. */
export interface Device {
  readonly bdev: Pointer;
  /** Where it starts on the model's device, in sectors. */
  readonly start: number;
  readonly sectors: number;
  /** In bytes. */
  readonly blockSize: number;
  /** What the block layer adds to the sector of a bio on its way: where the partition starts; 0 for a whole disk. */
  readonly remap: number;
}

/** What the kernel keeps of a bio besides its memory. */
export interface BioState {
  references: number;
  /** From a mempool (bio_alloc), or from kmalloc. */
  readonly pool: boolean;
  /** Handed over and not completed. */
  submitted: boolean;
  /** Where it was submitted last. */
  submittedAt?: Place;
  name: string;
  /** Where its length was stored last. */
  sizedAt: Place | undefined;
}

/** What the kernel keeps of a page: the memory that it is. */
export interface PageState {
  readonly memory: MemoryObject;
  /** Of its first byte in `memory`. */
  readonly offset: number;
  /** Allocated as a page, and to be freed as one. */
  readonly own: boolean;
}

/** Pages that lie behind each other, with one `struct page` each in one object. */
export interface PagesState {
  readonly memory: MemoryObject;
  /** Where the first page starts in `memory`. */
  readonly first: number;
  /** Bytes of one `struct page`. */
  readonly stride: number;
  /** Bytes of a page. */
  readonly pageSize: number;
  readonly own: boolean;
  references: number;
}

/** What marks an object as memory of the calling process. */
export const USER: unique symbol = Symbol("user memory");

/** A bio as it was handed to the block layer. */
export interface Submission {
  readonly n: number;
  readonly op: number;
  readonly half: "src" | "dst" | "copy" | "read" | "write";
  /** On the model's device. */
  readonly sector: number;
  readonly bytes: number;
  readonly at: Place;
  /** Calls of the series that the submission comes from, the outermost first. */
  readonly calls: readonly Place[];
  readonly sizedAt: Place | undefined;
  readonly device: Device;
  readonly aligned: boolean;
}

/** What the caller of the entry was told. */
export interface Answer {
  readonly how: "return" | "callback";
  /** The returned value, or the status that the callback was given; null: none. */
  readonly status: bigint | number | null;
  /** Bytes that are said to be copied, where the interface says so. */
  readonly copied: number | null;
  /** Bytes that had arrived by then, of all ranges, each from its start. */
  readonly arrived: number;
  readonly at: Place | undefined;
  /** Loads that were done by then. */
  readonly loads: number;
}

/** Something that the model's kernel saw by itself and that has a place in the code. */
export interface Offence {
  readonly kind: "submitted twice" | "plug" | "not a bio" | "wrong free" | "no status" | "lock";
  readonly what: string;
  readonly at: Place;
  readonly related?: { readonly at: Place; readonly message: string } | undefined;
}

/** A lock that is held, or the section of a reader: who took it, and where. */
export interface Held {
  readonly what: "a lock" | "an RCU section";
  readonly task: Task;
  readonly at: Place;
}

/** An access by code of the series. */
export interface TaskAccess extends Access {
  task: Task;
  /** Which step of the task it is. */
  step: number;
}

/** The frame of a call that a thread is in. */
export interface Level {
  readonly frame: Frame;
  at: Place;
}

/** One run: the model's kernel, the memory of the C code, and what ties them. */
export class World {
  readonly kernel: Kernel;
  readonly machine: Machine;
  /** Trees of the series: only places in them are lines of a patch. */
  readonly trees: ReadonlySet<CTree>;
  /** Values of the operations that copy, with the half that each name says. */
  readonly operations: readonly Operation[];
  readonly ranges: readonly Range[];
  readonly devices: Device[] = [];
  readonly submissions: Submission[] = [];
  readonly answers: Answer[] = [];
  readonly offences: Offence[] = [];
  readonly plugs = new Map<string, Plug>();
  /** Where plugs were started. */
  readonly plugged: Place[] = [];
  /** Where the plug that the submitter holds was started. */
  plugHeldAt: Place | undefined;
  /** Where the submitter was last set to sleep by hand. */
  sleepSetAt: Place | undefined;
  /** Calls that each task is in, the outermost first. */
  readonly stacks = new Map<Task, Level[]>();
  /** Lines of the series that were executed: index by tree, then line index. */
  readonly covered = new Map<CTree, Set<number>>();
  /** Statements of the series in the order in which they were executed, by whomever. */
  readonly trail: Place[] = [];
  /** Functions of the series that were entered. */
  readonly entered = new Set<string>();
  /** How many objects have each name so far. */
  readonly names = new Map<string, number>();
  /** Which call made an object, and where; the level keeps the last statement of that call. */
  readonly allocatedBy = new Map<MemoryObject, { readonly level: Level; readonly at: Place }>();
  /** Where the submitter waited for a bio, which is its own to put from there on. */
  readonly waitedAt = new Map<MemoryObject, Place>();
  /** Conversions that nobody wrote and that lost bits. */
  readonly conversions: Conversion[] = [];
  /** Loads and stores of the series' code, the last of each place and kind: who wrote what was reported. */
  readonly loads: TaskAccess[] = [];
  readonly stores: TaskAccess[] = [];
  /** The kernel comes up: nothing fails, and nothing counts. */
  preparing = false;
  /** The kernel itself reads or writes. */
  quiet = false;
  /** Bytes that an array of ranges says were copied; null: there is none that says so. */
  counted: () => number | null = () => null;
  /** Allocations that failed: where, of what, and how many bios had been submitted by then. */
  readonly refusals: { readonly at: Place; readonly what: string; readonly submitted: number }[] = [];
  /** Which task a fault happened in, how many stores and submissions there were by then, and where the series' code was. */
  readonly faultedBy = new Map<
    Fault,
    { readonly task: Task; readonly stores: number; readonly submitted: number; readonly at: Place | undefined }
  >();
  /** Tasks that wait inside of the kernel for something other than a wake-up by hand. */
  readonly waiting = new Set<Task>();
  /** Who holds which lock, by its place in memory: what the memory of a lock does not say. */
  readonly holders = new Map<string, Held>();
  /** How many RCU sections a task is in, one in the other. */
  readonly readers = new Map<Task, number>();
  /** Work items by the identity of their queue; 0: one of the kernel's own. */
  readonly queues = new Map<number, Pointer[]>();
  /** Which task ended an object's life. */
  readonly freedBy = new Map<MemoryObject, Task>();
  /** A wait that returned before what it waited for had happened. */
  earlyAt: Place | undefined;
  /** Where the submitter goes on without coming to an end, and with what. */
  endless: { readonly at: Place; readonly how: "submits" | "goes round" } | undefined;
  /** Tasks that go round in a loop until somebody changes what they read. */
  readonly polling = new Map<Task, Poll>();
  /** Chunks that the device still worked on when the call returned. */
  inFlight = 0;
  /** Members of ranges that say how much was copied. */
  readonly doneFields = new Set<string>();
  /** The function that was called. */
  entry: Place | undefined;
  /** Where the entry handed the copy on: its first call that took one of its positions. */
  handedAt: Place | undefined;
  /** The data of a request: its ranges. */
  payload: Pointer | undefined;
  /** Bytes of what callbacks count. */
  unit = 1;
  /** Answers of the entry of which it is not known what they say above 0. */
  obscure: ReadonlySet<Answer["how"]> = new Set();
  /** Calls of the submitter that came back with a number: where they were left, where they were made, and how deep they lay. */
  readonly returns: {
    readonly at: Place;
    readonly callAt: Place | undefined;
    readonly value: Value;
    readonly depth: number;
  }[] = [];
  /** Where the entry was left. */
  leftAt: Place | undefined;
  /** Changes user memory behind the kernel's back; set where there is some that can be changed. */
  tamper: (() => void) | undefined;
  /** Stretches of user memory that the kernel has read. */
  private readonly fetched: { readonly object: MemoryObject; readonly from: number; readonly to: number }[] = [];
  /** The plug or the state of the task was not what it had been when the call returned, or it held locks: where they were taken. */
  left: { readonly plug: boolean; readonly sleeping: boolean; readonly locks: readonly Held[] } | undefined;
  /** What each thread has read so far, in two words. */
  private readonly learnt = new Map<Task, Mixed>();
  private readonly tasks = new Map<MemoryObject, Task>();
  private readonly pointers = new Map<Task, Pointer>();

  constructor(of: Pick<World, "kernel" | "machine" | "trees" | "operations" | "ranges">) {
    this.kernel = of.kernel;
    this.machine = of.machine;
    this.trees = of.trees;
    this.operations = of.operations;
    this.ranges = of.ranges;
  }

  /** The world of a machine; one that was set up without has no threads, and what needs them is not executed. */
  static of(machine: Machine): World {
    return (machine.data as World | undefined) ?? machine.notExecuted("it needs the kernel's threads", undefined);
  }

  /** The `struct task_struct` of a task. */
  pointerOf(task: Task): Pointer {
    let pointer = this.pointers.get(task);
    if (pointer === undefined) {
      const { machine } = this;
      pointer = machine.given(`the task of the ${task.name}`, machine.program.record("struct task_struct"));
      this.pointers.set(task, pointer);
      this.tasks.set(pointer.object, task);
    }
    return pointer;
  }

  taskAt(pointer: Value): Task | undefined {
    return pointer instanceof Pointer ? this.tasks.get(pointer.object) : undefined;
  }

  /** Keeps the thread's place; for the hook of each statement. */
  statement(at: Place, frame: Frame): void {
    const task = this.kernel.current;
    let stack = this.stacks.get(task);
    if (stack === undefined) this.stacks.set(task, (stack = []));
    const shown = this.trees.has(at.tree);
    let top = stack.length - 1;
    while (top >= 0 && stack[top]!.frame !== frame) top--;
    if (top >= 0) {
      stack[top]!.at = at;
      // Setting the length of an array is slow.
      while (stack.length > top + 1) stack.pop();
    } else {
      const caller = stack[0];
      if (
        task.name === "submitter" &&
        stack.length === 1 &&
        caller !== undefined &&
        this.payload !== undefined &&
        this.submissions.length === 0
      )
        this.handedAt = caller.at;
      stack.push({ frame, at });
      if (shown) this.entered.add(frame.code.name);
    }
    if (!shown) return;
    if (this.trail.length < 5000) this.trail.push(at);
    const lines = this.covered.get(at.tree);
    if (lines !== undefined) lines.add(lineIndex(at.tree, Math.max(at.start, at.tree.from)));
    else this.covered.set(at.tree, new Set([lineIndex(at.tree, Math.max(at.start, at.tree.from))]));
  }

  /** What the run has done so far beside what its memory shows. */
  progress(): number {
    const { failures, allocations, tasks } = this.kernel;
    return failures.length + allocations + tasks.length + this.submissions.length + this.answers.length;
  }

  /** For the hook of each return: keeps what came back, and from where; what a function hands out is its caller's from then on. */
  leave(frame: Frame, value: Value): void {
    const task = this.kernel.current;
    this.handOut(frame, value);
    const stack = this.stacks.get(task) ?? [];
    const depth = stack.findLastIndex((level) => level.frame === frame);
    if (depth < 0) return;
    const { returns } = frame.code;
    const isNumber = !(value instanceof Pointer) && returns.kind === "int" && returns.name !== "_Bool";
    if (task.name === "submitter" && isNumber && this.trees.has(stack[depth]!.at.tree))
      this.returns.push({ at: stack[depth]!.at, callAt: stack[depth - 1]?.at, value, depth });
    // One statement may make many calls; none of them is left behind.
    if (depth > 0) while (stack.length > depth) stack.pop();
  }

  private handOut(frame: Frame, value: Value): void {
    for (const [object, { level, at }] of this.allocatedBy) {
      if (level.frame !== frame || object.dead) continue;
      const stack = this.stacks.get(this.kernel.current) ?? [];
      const caller = stack[stack.findLastIndex((each) => each.frame === frame) - 1];
      if (caller === undefined || !this.trees.has(caller.at.tree)) return;
      const isHanded = (held: Value): boolean => held instanceof Pointer && held.object === object;
      const kept = this.stores.findLast((store) => isHanded(store.value));
      // What it hands out may hold others that it made.
      const isHeld = value instanceof Pointer && kept?.object === value.object;
      if (isHanded(value) || isHeld || (kept?.object.storage === "stack" && !kept.object.dead))
        this.allocatedBy.set(object, { level: caller, at });
    }
  }

  /** For the hook of each access: what a thread learns from memory is part of its state. */
  access(access: Access): void {
    const { kernel } = this;
    // What the harness sets up is no access of anybody.
    if ((kernel.current as Task | undefined) === undefined) return;
    const { kind, object, offset, value, name, at } = access;
    const { current } = kernel;
    if (kind === "load") {
      let learnt = this.learnt.get(current);
      if (learnt === undefined) this.learnt.set(current, (learnt = { a: 0x811c9dc5, b: 0x1000193 }));
      mixIn(learnt, object.id);
      mixIn(learnt, offset);
      mixInValue(learnt, value);
    }
    if (this.quiet || !this.trees.has(at.tree)) return;
    const mine = access as TaskAccess;
    mine.task = current;
    mine.step = current.steps;
    (kind === "load" ? this.loads : this.stores).push(mine);
    if (kernel.events === null) return;
    const words =
      value instanceof Pointer ? value.object.name : typeof value === "object" ? "uninitialised" : String(value);
    record(kernel, { kind, what: object.name, field: name, value: words }, this.origin(at));
  }

  /**
   * For the hook of each conversion that changed a value: of a larger type to a smaller, of what is no negative number; and of an error
   * number to a type that has none.
   */
  conversion(conversion: Conversion): void {
    const { explicit, from, to, value, at } = conversion;
    const isErrno = from.signed && !to.signed && value < 0 && value >= -4095;
    // An error number that was kept in an unsigned type on the way is one again.
    const wasErrno = !from.signed && to.signed && BigInt(value) >= (1n << BigInt(8 * from.size)) - 4095n;
    if (wasErrno) return;
    if (explicit || to.size >= from.size || (value < 0 && !isErrno) || !this.trees.has(at.tree)) return;
    this.conversions.push(conversion);
  }

  /** The entry returned. */
  returned(
    entry: { readonly returnsLength: boolean; readonly unit: number; readonly func: Pick<Func, "returns"> },
    value: Value,
  ): void {
    const { kernel } = this;
    const number = typeof value === "object" ? 0 : Number(value);
    const counted = this.counted();
    const copied = counted ?? (entry.returnsLength && number >= 0 ? number * entry.unit : null);
    const stack = this.stacks.get(kernel.current);
    this.leftAt = stack?.[0]?.at;
    if (value === UNINIT && this.leftAt !== undefined) this.machine.fault("uninitialised value", RETURNED, this.leftAt);
    const status = entry.returnsLength ? Math.min(number, 0) : number;
    this.answers.push({
      how: "return",
      status,
      copied,
      arrived: this.arrived(),
      at: this.leftAt,
      loads: this.loads.length,
    });
    this.inFlight = kernel.queue.inFlight.length;
    const locks = [...this.holders.values()].filter(({ task }) => task === kernel.current);
    this.left = { plug: kernel.current.plug !== null, sleeping: !kernel.current.running, locks };
    const origin = this.leftAt === undefined ? undefined : this.origin(this.leftAt);
    const { returns } = entry.func;
    const isVoid = returns.name === "void" && returns.pointers === 0;
    record(kernel, { kind: "say", words: isVoid ? "return" : `return ${number}` }, origin);
  }

  /** The innermost place of the running thread that lies in the series; `at` itself if that does. */
  placeOf(at: Place | undefined): Place | undefined {
    if (at !== undefined && this.trees.has(at.tree)) return at;
    const stack = this.stacks.get(this.kernel.current) ?? [];
    for (let i = stack.length - 1; i >= 0; i--) if (this.trees.has(stack[i]!.at.tree)) return stack[i]!.at;
    return undefined;
  }

  /** Where the code that the running thread began with called what it runs now: the last place in another file, or the first of all. */
  calledAt(): Place | undefined {
    const shown = (this.stacks.get(this.kernel.current) ?? []).filter((level) => this.trees.has(level.at.tree));
    const file = shown.at(-1)?.at.tree.file;
    return (shown.findLast((level) => level.at.tree.file !== file) ?? shown[0])?.at;
  }

  origin(at: Place): Origin | undefined {
    if (this.kernel.events === null) return undefined;
    const place = this.placeOf(at);
    return place === undefined ? undefined : { at: citeOf(place) };
  }

  say(words: string, at: Place): void {
    record(this.kernel, { kind: "say", words }, this.origin(at));
  }

  /** Runs code in a thread of its own: its end for any reason is none of the thread's business. */
  *alone(body: Generator<unknown, Value | undefined, void>): Thread<Outcome> {
    return yield* this.machine.guard(body as Parameters<Machine["guard"]>[0]);
  }

  /** What happened so far is no part of the call. */
  forget(): void {
    this.stacks.clear();
    this.allocatedBy.clear();
    this.refusals.length = 0;
    this.conversions.length = 0;
    this.loads.length = 0;
    this.stores.length = 0;
    this.trail.length = 0;
    this.covered.clear();
    this.learnt.clear();
  }

  /** The kernel reads user memory: what it reads for the second time, another thread of the process may have changed. */
  readUser({ object, offset }: Pointer, size: number): void {
    const again = this.fetched.some((each) => each.object === object && each.from < offset + size && offset < each.to);
    const what = "a thread of the caller changes what was read before";
    if (again && this.tamper !== undefined && fails(this.kernel, { kind: "fetch", n: 1, what })) this.tamper();
    this.fetched.push({ object, from: offset, to: offset + size });
  }

  deviceOf(bdev: Value): Device | undefined {
    return bdev instanceof Pointer ? this.devices.find((device) => device.bdev.object === bdev.object) : undefined;
  }

  /** Bytes of a range that hold what the source held when the call began, from the start to the first gap. */
  arrivedOf({ from, to, sectors }: Range): number {
    const { blocks, blockSectors } = this.kernel.device;
    let done = 0;
    while (done < sectors && blocks[(to + done) / blockSectors] === (from + done) / blockSectors) done += blockSectors;
    return Math.min(done, sectors) * 512;
  }

  arrived(): number {
    return this.ranges.reduce((sum, range) => sum + this.arrivedOf(range), 0);
  }

  key(): string {
    let key = `${this.machine.heap.key()};`;
    for (const { a, b } of this.learnt.values()) key += `${a},${b};`;
    for (const { how, status, copied, arrived } of this.answers) key += `${how}${status}${copied}${arrived};`;
    return `${key}${this.machine.faults.length},${this.offences.length}`;
  }
}

/** What is not initialised where the entry returns something that nobody has written. */
export const RETURNED = "what is returned";

/** An operation or flag that the series submits to copy with. */
export interface Operation {
  readonly name: string;
  readonly value: number | bigint;
  /** What its name says; undefined: nothing. */
  readonly half: "src" | "dst" | undefined;
  /** A bit beside the operation proper: reads and writes that carry it copy by a token. */
  readonly flag: boolean;
}

/** File and line as the patch has it that adds the line, or else as the image has it. */
export function citeOf({ tree, start }: Place): { readonly file: string; readonly line: number } {
  const line = tree.lines[lineIndex(tree, Math.max(start, tree.from))]!;
  return { file: tree.file, line: (line.added ?? line.shown)?.line ?? line.number };
}

/** What is assigned at `at`: "cio" of `cio = kzalloc(...)`. */
export function assignedName({ tree, start }: Place): string | undefined {
  let known = assigned.get(tree);
  if (known === undefined) assigned.set(tree, (known = new Map()));
  if (!known.has(start)) {
    const before = tree.text.slice(Math.max(0, start - 120), start);
    const name = /([A-Za-z_][\w.>\-[\]]*?)\s*=\s*(?:\([^()]*\)\s*)?$/.exec(before)?.[1];
    known.set(start, name?.replace(/^.*(?:->|\.)/, ""));
  }
  return known.get(start);
}

/** By place: each run asks anew. */
const assigned = new WeakMap<CTree, Map<number, string | undefined>>();
