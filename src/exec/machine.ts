import type { Pause, Thread } from "../model/kernel-objects.ts";
import {
  type Binding,
  type BindingResult,
  type Conversion,
  type Fault,
  type FaultKind,
  type Hooks,
  LIMITS,
  type Limits,
  type Outcome,
} from "./bind.ts";
import { Heap, inside, type MemoryObject, type Storage } from "./heap.ts";
import { type callPlain, callSteps, type Frame } from "./interpret.ts";
import type { Program } from "./program.ts";
import type { Place } from "./token.ts";
import { type CType, type Field, type IntType, type RecordType, sizeOf, typeText } from "./type.ts";
import { type Int, Pointer, shift, UNINIT, type Value, wrap } from "./value.ts";

/** Ends a thread from inside; caught by Machine.guard(). */
class Halt {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    this.outcome = outcome;
  }
}

const isThread = (result: unknown): result is Thread<BindingResult> =>
  typeof result === "object" && result !== null && "next" in result;

/**
 * One run of a program: its memory and its limits. Making one is cheap; what is compiled is kept in the Program. All threads of the run
 * share it, as they share memory.
 */
export class Machine {
  readonly program: Program;
  readonly heap: Heap;
  readonly hooks: Hooks;
  readonly limits: Limits;
  readonly faults: Fault[] = [];
  /** Statements, conditions and calls so far. */
  steps = 0;
  /** Nested calls of the thread that runs. */
  depth = 0;
  /** Why the run as a whole has ended: a fatal fault, or something that cannot be executed. */
  ended: Outcome | undefined;
  /** What the bindings keep for the run. */
  data: unknown = undefined;
  private limit: number;
  private touched = 0;
  private readonly statics = new Map<string, Pointer>();

  constructor(program: Program, hooks: Hooks = {}, limits: Partial<Limits> = {}) {
    this.program = program;
    this.heap = new Heap(program);
    this.hooks = hooks;
    this.limits = { ...LIMITS, ...limits };
    this.limit = this.limits.steps;
  }

  // Running.

  /** Calls a function by name, in a thread of its own: what goes wrong inside is the outcome. */
  run(name: string, args: readonly Value[]): Thread<Outcome> {
    return this.guard(this.callNamed(name, args));
  }

  /** Makes a thread whose code uses this machine end with an outcome instead of an exception. */
  *guard(body: Generator<Pause, Value | undefined, void>): Thread<Outcome> {
    try {
      this.depth = 0;
      return { kind: "returned", value: (yield* body) ?? 0 };
    } catch (reason) {
      if (reason instanceof Halt) return reason.outcome;
      // The engine's own stack is a limit like others: hostile code may nest expressions and calls up to it.
      if (reason instanceof RangeError)
        return this.end({ kind: "not-executed", why: "it is nested too deeply", at: undefined, bound: true });
      throw reason;
    }
  }

  /** Sets the run up from outside of its threads: what is not known of that ends the run as it does in a thread, and gives undefined. */
  setUp<T>(body: () => T): T | undefined {
    try {
      return body();
    } catch (reason) {
      if (reason instanceof Halt) return undefined;
      throw reason;
    }
  }

  private *callNamed(name: string, args: readonly Value[]): Generator<Pause, Value, void> {
    const code = this.program.code(name);
    if (code === undefined) return this.notExecuted(`${name}() is not shown`, undefined);
    return yield* callSteps(this, code, args, code.at);
  }

  /** Calls what `callee` points to; for bindings that call back (a completion handler, a work item), inside of their thread. */
  *call(callee: Value, args: readonly Value[], at: Place): Generator<Pause, Value, void> {
    const { program } = this;
    if (!(callee instanceof Pointer)) {
      if (callee === UNINIT) return this.fatal("uninitialised value", "the pointer to the called function", at);
      return this.fatal(callee === 0 ? "null dereference" : "wild pointer", "call through a pointer", at);
    }
    const { object } = callee;
    if (object.storage !== "code")
      return this.fatal("wild pointer", `call of ${object.name}, which is no function`, at, object);
    const code = program.code(object.name);
    if (code !== undefined) return yield* callSteps(this, code, args, at);
    const binding = program.bindings.functions.get(object.name);
    if (binding === undefined) return this.notExecuted(`${object.name}() is not shown`, at);
    return yield* this.bound(binding, args, at);
  }

  /** Calls a function of the bindings. */
  *bound(binding: Binding, args: readonly Value[], at: Place): Generator<Pause, Value, void> {
    this.tick(at);
    const { depth } = this;
    const result = binding(this, this.settled(args, at), at);
    const value = isThread(result) ? yield* result : result;
    this.depth = depth;
    return value ?? 0;
  }

  /** Arguments for a binding: an uninitialised one is a fault, and becomes 0. */
  settled(args: readonly Value[], at: Place): Value[] {
    return args.map((value, index) => {
      if (value !== UNINIT) return value;
      this.fault("uninitialised value", `argument ${index + 1}`, at);
      return 0;
    });
  }

  /** Whether a thread is to pause before it touches a member of this name. */
  pauses(name: string): boolean {
    return this.hooks.pauses?.(name) ?? true;
  }

  /** Counts a step and shows it. */
  step(at: Place, frame: Frame): void {
    if (++this.steps > this.limit) this.spent(at);
    this.hooks.statement?.(at, frame);
  }

  /** Counts a step. */
  tick(at: Place): void {
    if (++this.steps > this.limit) this.spent(at);
  }

  /** Counts steps of something that is one statement to C and much work here. */
  work(steps: number, at: Place): void {
    if (this.steps + steps > this.limit) this.spent(at);
    this.steps += steps;
  }

  /** Counts bytes that a bulk operation touches or an object takes. */
  touch(bytes: number, at: Place | undefined): void {
    this.touched += bytes;
    if (this.touched > this.limits.bytes) this.beyond(`it needs more than ${this.limits.bytes} bytes`, at);
  }

  private spent(at: Place): never {
    if (this.ended !== undefined) throw new Halt(this.ended);
    return this.beyond(this.limits.spent ?? `it takes more than ${this.limits.steps} steps`, at);
  }

  /** Ends the run: it needs more than it may. */
  beyond(why: string, at: Place | undefined): never {
    throw new Halt(this.end({ kind: "not-executed", why, at, bound: true }));
  }

  /** Ends the run: something that it needs is not known. */
  notExecuted(why: string, at: Place | undefined): never {
    throw new Halt(this.end({ kind: "not-executed", why, at }));
  }

  /** Ends the run: it goes round and round, and nobody can help it. */
  endless(at: Place): never {
    this.hooks.endless?.(at);
    return this.beyond("it goes round and round without end", at);
  }

  private end(outcome: Outcome): Outcome {
    this.ended ??= outcome;
    // The other threads end with their next step.
    this.limit = -1;
    return this.ended;
  }

  /** Notes something that the code did wrong, and goes on. */
  fault(kind: FaultKind, what: string, at: Place, object?: MemoryObject): void {
    this.note({ kind, what, at, object, fatal: false });
  }

  /** Notes something that the code did wrong and cannot go on after. */
  fatal(kind: FaultKind, what: string, at: Place, object?: MemoryObject): never {
    const fault: Fault = { kind, what, at, object, fatal: true };
    this.note(fault);
    throw new Halt(this.end({ kind: "faulted", fault }));
  }

  private note(fault: Fault): void {
    if (this.faults.length < 1000) this.faults.push(fault);
    this.hooks.fault?.(fault);
  }

  // Memory.

  private make(
    name: string,
    size: number,
    storage: Storage,
    zero: boolean,
    type?: CType,
    at?: Place,
    shared?: boolean,
  ): MemoryObject {
    this.touch(Math.max(size, 16), at);
    return this.heap.make(name, size, storage, zero ? "zero" : "uninit", {
      type,
      bornAt: at,
      ...(shared === undefined ? {} : { shared }),
    });
  }

  /** Memory that lives until free(). `size` in bytes. */
  allocate(name: string, size: number, how: { readonly zero: boolean; readonly type?: CType }, at?: Place): Pointer {
    return new Pointer(this.make(name, size, "heap", how.zero, how.type, at), 0);
  }

  /** Memory that lives as long as the run, zeroed: what a caller hands in. */
  given(name: string, type: CType): Pointer {
    return new Pointer(this.make(name, this.size(type), "static", true, type), 0);
  }

  /** Ends the life of what allocate() made. NULL is fine; anything else but the start of such an object is a fault. */
  free(pointer: Value, at: Place): void {
    if (pointer === 0) return;
    if (!(pointer instanceof Pointer)) {
      this.fault("invalid free", pointer === UNINIT ? "an uninitialised pointer" : "a pointer to no object", at);
      return;
    }
    const { object, offset } = pointer;
    if (object.storage !== "heap" || offset !== 0) this.fault("invalid free", object.name, at, object);
    else if (object.dead) this.fault("double free", object.name, at, object);
    else {
      object.dead = true;
      object.diedAt = at;
    }
  }

  /** A variable's memory: on the stack, uninitialised. */
  variable(name: string, type: CType, at: Place, shared = true, zero = false): Pointer {
    return new Pointer(this.make(name, this.size(type), "stack", zero, type, at, shared), 0);
  }

  /** A copy of a structure that no variable holds. */
  temporary(value: Pointer, type: RecordType, at: Place): Pointer {
    const copy = this.variable("a value", type, at, false);
    this.copyRecord(copy, 0, value, 0, type, at);
    return copy;
  }

  /** What lives as long as the run and is made when first asked for. */
  once(key: string, make: () => Pointer): Pointer {
    let pointer = this.statics.get(key);
    if (pointer === undefined) {
      pointer = make();
      this.statics.set(key, pointer);
    }
    return pointer;
  }

  /** The memory of a static object, zeroed. */
  staticObject(name: string, type: CType, size = this.size(type)): Pointer {
    return new Pointer(this.make(name, size, "static", true, type), 0);
  }

  /** A pointer to the function of this name, shown or bound. */
  functionPointer(name: string): Pointer {
    return this.once(`${name}()`, () => new Pointer(this.heap.make(name, 1, "code", "zero"), 0));
  }

  /** A file-scope variable; undefined if nothing defines it. */
  global(name: string): Pointer | undefined {
    return this.program.global(this, name);
  }

  size(type: CType): number {
    const size = sizeOf(type, this.program.model);
    if (size === undefined) return this.notExecuted(`${typeText(type)} is not shown`, undefined);
    return size;
  }

  /** Checks an access and says where it goes. Freed memory is noted and goes on; what lies nowhere ends the thread. */
  private reach(base: Value, offset: number, size: number, name: string, at: Place): Pointer {
    if (!(base instanceof Pointer)) {
      if (base === UNINIT) return this.fatal("uninitialised value", `the pointer to ${name}`, at);
      const small = typeof base === "number" && base < 4096;
      return this.fatal(small ? "null dereference" : "wild pointer", name, at);
    }
    const { object } = base;
    if (object.dead) {
      if (object.storage === "stack") this.fault("use after scope", object.name, at, object);
      else this.fault("use after free", object.name, at, object);
    }
    if (object.storage === "code" || !inside(object, base.offset + offset, size)) {
      const where = base.offset + offset;
      return this.fatal(
        "out of bounds",
        `${name} at byte ${where} of ${object.name}, which has ${object.size}`,
        at,
        object,
      );
    }
    return base;
  }

  /** Reads a scalar of `type`, `offset` bytes behind `base`. */
  load(base: Value, offset: number, type: CType, name: string, at: Place): Value {
    const size = type.kind === "int" ? type.size : this.program.model.pointer;
    const pointer = this.reach(base, offset, size, name, at);
    const value = this.heap.read(pointer.object, pointer.offset + offset, type);
    if (this.hooks.access !== undefined && pointer.object.shared) {
      this.hooks.access({
        kind: "load",
        object: pointer.object,
        offset: pointer.offset + offset,
        type,
        value,
        name,
        at,
      });
    }
    return value;
  }

  /** Stores a scalar of `type`, `offset` bytes behind `base`. */
  store(base: Value, offset: number, type: CType, value: Value, name: string, at: Place): Value {
    const size = type.kind === "int" ? type.size : this.program.model.pointer;
    const pointer = this.reach(base, offset, size, name, at);
    this.heap.write(pointer.object, pointer.offset + offset, type, value);
    if (this.hooks.access !== undefined && pointer.object.shared) {
      this.hooks.access({
        kind: "store",
        object: pointer.object,
        offset: pointer.offset + offset,
        type,
        value,
        name,
        at,
      });
    }
    return value;
  }

  /** Reads a bit-field that lies in a unit of `type`. */
  loadBits(base: Value, offset: number, of: IntType, bits: Bits, name: string, at: Place): Value {
    const type = unitOf(of);
    const unit = this.load(base, offset, type, name, at);
    return unit === UNINIT ? unit : bitsOf(unit as Int, type, bits);
  }

  /** Stores to a bit-field; bits beside it that were not initialised become 0. Returns what it holds then. */
  storeBits(base: Value, offset: number, of: IntType, bits: Bits, value: Value, name: string, at: Place): Value {
    const type = unitOf(of);
    const pointer = this.reach(base, offset, type.size, name, at);
    const before = this.heap.read(pointer.object, pointer.offset + offset, type);
    const ones = (1n << BigInt(bits.width)) - 1n;
    const rest = BigInt.asUintN(64, before === UNINIT ? 0n : BigInt(before as Int)) & ~(ones << BigInt(bits.shift));
    const put = (BigInt(value === UNINIT ? 0 : (value as Int)) & ones) << BigInt(bits.shift);
    this.store(base, offset, type, wrap(rest | put, type), name, at);
    return value === UNINIT ? value : bitsOf(wrap(rest | put, type), type, bits);
  }

  /** Assigns a structure. */
  copyRecord(to: Value, toOffset: number, from: Value, fromOffset: number, type: CType, at: Place): void {
    this.copy(to, toOffset, from, fromOffset, this.size(type), at);
  }

  /** memmove(). */
  copy(to: Value, toOffset: number, from: Value, fromOffset: number, size: number, at: Place): void {
    if (size === 0) return;
    const target = this.reach(to, toOffset, size, "the destination", at);
    const source = this.reach(from, fromOffset, size, "the source", at);
    this.touch(size, at);
    this.heap.copy(target.object, target.offset + toOffset, source.object, source.offset + fromOffset, size);
  }

  /** memset(). */
  fillWith(to: Value, byte: number, size: number, at: Place): void {
    if (size === 0) return;
    const target = this.reach(to, 0, size, "the destination", at);
    // Bytes that are not zero are kept, eight in one.
    if ((byte & 255) === 0) this.touch(size, at);
    else this.work(size / 8, at);
    this.heap.set(target.object, target.offset, size, byte & 255);
  }

  /** The bytes of a range that must be initialised. */
  bytes(from: Value, size: number, at: Place): number[] {
    if (size === 0) return [];
    const source = this.reach(from, 0, size, "the memory", at);
    this.work(size / 8, at);
    return this.heap.bytesOf(source.object, source.offset, size).map((byte) => {
      if (byte === undefined) this.fault("uninitialised value", `a byte of ${source.object.name}`, at, source.object);
      return byte ?? 0;
    });
  }

  /** The C string at `from`; one that never ends is out of bounds. */
  text(from: Value, at: Place): string {
    let text = "";
    for (let i = 0; ; i++) {
      this.touch(1, at);
      const byte = this.load(from, i, BYTE, "a string", at);
      if (byte === UNINIT) this.fault("uninitialised value", "a character of a string", at);
      if (byte === 0 || byte === UNINIT) return text;
      text += String.fromCharCode(byte as number);
    }
  }

  /** Reads a member by name, without a step: `record` as in "struct bio", `member` as in "bi_iter.bi_size". */
  get(pointer: Value, record: string, member: string, at: Place): Value {
    const { offset, type, bits } = this.field(record, member, at);
    if (bits !== undefined) return this.loadBits(pointer, offset, type as IntType, bits, member, at);
    return this.load(pointer, offset, type, member, at);
  }

  /** Stores to a member by name, without a step; an integer is wrapped to the member's type. */
  set(pointer: Value, record: string, member: string, value: Value, at: Place): void {
    const { offset, type, bits } = this.field(record, member, at);
    const fitting = type.kind === "int" && typeof value !== "object" ? wrap(value, type) : value;
    if (bits !== undefined) this.storeBits(pointer, offset, type as IntType, bits, fitting, member, at);
    else this.store(pointer, offset, type, fitting, member, at);
  }

  /** A member by its path; a structure that has none ends the run. */
  field(record: string, path: string, at: Place): Field {
    return this.program.member(record, path) ?? this.notExecuted(`${record} has no ${path}`, at);
  }

  // Pointers and integers.

  /** The pointer that an integer is turned into. */
  toPointer(value: Value): Value {
    if (value instanceof Pointer || value === UNINIT) return value;
    return this.heap.pointerAt(wrap(value as Int, this.program.ulong));
  }

  /** Tells the hook of an integer conversion that changed the value. */
  converted(conversion: Conversion): void {
    this.hooks.conversion?.(conversion);
  }

  /** The truth of a condition; one that is not initialised is a fault, and false. */
  truth(value: Value, at: Place): boolean {
    if (value === UNINIT) {
      this.fault("uninitialised value", "a condition", at);
      return false;
    }
    return value !== 0;
  }

  /** Runs code that initialises what is static; nobody else sees it yet. */
  initialise(code: Parameters<typeof callPlain>[1], args: readonly Value[], at: Place): void {
    const steps = callSteps(this, code, args, at);
    while (steps.next().done !== true);
  }
}

const BYTE: IntType = { kind: "int", name: "unsigned char", size: 1, signed: false, rank: 1 };

interface Bits {
  readonly shift: number;
  readonly width: number;
}

function bitsOf(unit: Int, type: IntType, { shift: by, width }: Bits): Int {
  const up = type.size * 8 - by - width;
  return shift(">>", wrap(shift("<<", unit, up, type), type), type.size * 8 - width, type);
}

/** A bit-field of _Bool lies in a byte as others do. */
const unitOf = (type: IntType): IntType => (type.rank === 0 ? BYTE : type);
