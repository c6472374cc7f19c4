import type { Place } from "./token.ts";
import { type CType, type DataModel, isInt } from "./type.ts";
import { type Int, normal, Pointer, UNINIT, type Value, wrap } from "./value.ts";

/** "static": as long as the run. "stack": until its block ends. "heap": until it is freed. "code": a function. */
export type Storage = "static" | "stack" | "heap" | "code";

/** A scalar in memory. `tag` says how the bits of `value` are to be read. */
interface Cell {
  size: number;
  tag: "signed" | "unsigned" | "pointer";
  value: Value;
}

/** Bytes of the largest scalar. */
const LARGEST = 8;

/**
 * A piece of memory with an identity. Scalars lie in it as they were stored; read with another size they are taken apart into
 * bytes, little endian. What nothing was stored to is zero or uninitialised.
 */
export class MemoryObject {
  readonly id: number;
  /** "cio", "kzalloc() of blkdev_copy_offload". */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly storage: Storage;
  /** Address of its first byte. */
  readonly base: number;
  /** The type it was declared with or allocated for, if that is known. */
  type: CType | undefined;
  /** Stack: its scope has ended; heap: it was freed. */
  dead = false;
  diedAt: Place | undefined;
  readonly bornAt: Place | undefined;
  /** What the bindings keep of it. */
  data: unknown = undefined;
  /** See Note. */
  notes: Map<unknown, unknown> | undefined;
  /** Others than its function can see it. */
  shared: boolean;
  fill: "zero" | "uninit";
  cells = new Map<number, Cell>();
  /** In bytes: no cell is smaller, and each lies at a multiple of its size; 0 if one does not. */
  grain = LARGEST;
  /** Cached by Heap.key(); null after a store. */
  key: Mixed | null = null;

  constructor(
    of: Pick<MemoryObject, "id" | "name" | "size" | "storage" | "base" | "type" | "bornAt" | "shared" | "fill">,
  ) {
    this.id = of.id;
    this.name = of.name;
    this.size = of.size;
    this.storage = of.storage;
    this.base = of.base;
    this.type = of.type;
    this.bornAt = of.bornAt;
    this.shared = of.shared;
    this.fill = of.fill;
  }
}

/**
 * Something else that the bindings keep of some objects. It lies with the object: what a weak map holds outlives its key for a while,
 * and with it the whole run that it belongs to.
 */
export class Note<V> {
  get(object: MemoryObject): V | undefined {
    return object.notes?.get(this) as V | undefined;
  }
  set(object: MemoryObject, value: V): void {
    (object.notes ??= new Map()).set(this, value);
  }
}

/** Scalars that were read, by object and offset. */
export type Reads = Map<MemoryObject, Map<number, CType>>;

function note(reads: Reads, object: MemoryObject, offset: number, type: CType): void {
  const known = reads.get(object);
  if (known === undefined) reads.set(object, new Map([[offset, type]]));
  else known.set(offset, type);
}

/** All memory of one run. */
export class Heap {
  readonly model: DataModel;
  /** In bytes: what is as large starts at one. */
  private readonly pageSize: number;
  /** By ascending address. */
  readonly objects: MemoryObject[] = [];
  /** Bytes of all objects ever made. */
  bytes = 0;
  /** Stores so far to memory that only its own function can see: what key() does not tell. */
  ownStores = 0;
  /** Where it is written down what is read, for whoever wants to know. */
  reads: Reads | undefined;
  private next: number;

  constructor({ model, pageSize }: { readonly model: DataModel; readonly pageSize: number }) {
    this.model = model;
    this.pageSize = pageSize;
    this.next = model.pointer === 8 ? 0x1000_0000_0000 : 0x1000_0000;
  }

  make(
    name: string,
    size: number,
    storage: Storage,
    fill: MemoryObject["fill"],
    more: { type?: CType | undefined; bornAt?: Place | undefined; shared?: boolean } = {},
  ): MemoryObject {
    const align = size >= this.pageSize ? this.pageSize : 64;
    const base = Math.ceil(this.next / align) * align;
    this.next = base + size + 64;
    this.bytes += size;
    const { type, bornAt, shared = storage !== "stack" } = more;
    const object = new MemoryObject({
      id: this.objects.length + 1,
      name,
      size,
      storage,
      base,
      type,
      bornAt,
      shared,
      fill,
    });
    this.objects.push(object);
    return object;
  }

  /** The pointer that an address is; the address itself where no object lies. */
  pointerAt(address: Int): Pointer | Int {
    if (typeof address !== "number" || address < 0x1000_0000 || this.objects.length === 0) return address;
    let low = 0;
    let high = this.objects.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if (this.objects[mid]!.base <= address) low = mid;
      else high = mid - 1;
    }
    const object = this.objects[low]!;
    const offset = address - object.base;
    return offset >= 0 && offset <= object.size ? new Pointer(object, offset) : address;
  }

  /** Reads a scalar of `type` at `offset`, which lies inside; UNINIT if a byte of it is. */
  read(object: MemoryObject, offset: number, type: CType): Value {
    if (this.reads !== undefined) note(this.reads, object, offset, type);
    const cell = object.cells.get(offset);
    const size = type.kind === "int" ? type.size : this.model.pointer;
    if (cell !== undefined && cell.size === size) return this.as(cell, type);
    if (cell === undefined && object.cells.size === 0) return object.fill === "zero" ? 0 : UNINIT;
    return this.fromBytes(object, offset, size, type);
  }

  /** Stores a scalar of `type` at `offset`, which lies inside. */
  write(object: MemoryObject, offset: number, type: CType, value: Value): void {
    const size = type.kind === "int" ? type.size : this.model.pointer;
    const tag = type.kind === "int" ? (type.signed ? "signed" : "unsigned") : "pointer";
    this.touch(object);
    const cell = object.cells.get(offset);
    if (cell !== undefined && cell.size === size) {
      cell.tag = tag;
      cell.value = value;
      return;
    }
    if (object.cells.size > 0 && !this.isBare(object, offset, size)) this.clear(object, offset, size);
    this.put(object, offset, { size, tag, value });
  }

  /** Where no cell is. */
  private put(object: MemoryObject, offset: number, cell: Cell): void {
    object.cells.set(offset, cell);
    if (offset % cell.size !== 0) object.grain = 0;
    else if (cell.size < object.grain) object.grain = cell.size;
  }

  /** Whether no cell lies where a scalar is to lie, as far as that is quickly seen. */
  private isBare({ cells, grain }: MemoryObject, offset: number, size: number): boolean {
    if (grain === 0 || offset % size !== 0) return false;
    for (let at = offset; at < offset + size; at += grain) if (cells.has(at)) return false;
    for (let wider = 2 * size; wider <= LARGEST; wider *= 2) if (cells.has(offset - (offset % wider))) return false;
    return true;
  }

  private touch(object: MemoryObject): void {
    object.key = null;
    if (!object.shared) this.ownStores++;
  }

  /** A cell's bits as a value of another type of the same size. */
  private as(cell: Cell, type: CType): Value {
    const { value } = cell;
    if (value === UNINIT) return value;
    if (!isInt(type)) return cell.tag === "pointer" ? value : this.pointerAt(this.unsigned(cell));
    if (cell.tag !== "pointer") return (cell.tag === "signed") === type.signed ? value : wrap(value as Int, type);
    return wrap(addressOf(value), type);
  }

  private unsigned(cell: Cell): Int {
    const v = addressOf(cell.value);
    return v >= 0 ? v : normal(BigInt.asUintN(cell.size * 8, BigInt(v)));
  }

  /** Where the cell that covers a byte starts; -1 if none does. */
  private covering(object: MemoryObject, at: number): number {
    const by = object.grain || 1;
    for (let start = at - (at % by); start > at - LARGEST && start >= 0; start -= by) {
      const cell = object.cells.get(start);
      if (cell !== undefined) return start + cell.size > at ? start : -1;
    }
    return -1;
  }

  private byteAt(object: MemoryObject, at: number): number | undefined {
    const start = this.covering(object, at);
    if (start < 0) return object.fill === "zero" ? 0 : undefined;
    const cell = object.cells.get(start)!;
    if (cell.value === UNINIT) return undefined;
    return Number((BigInt(this.unsigned(cell)) >> BigInt(8 * (at - start))) & 255n);
  }

  private fromBytes(object: MemoryObject, offset: number, size: number, type: CType): Value {
    let bits = 0n;
    for (let i = size - 1; i >= 0; i--) {
      const byte = this.byteAt(object, offset + i);
      if (byte === undefined) return UNINIT;
      bits = (bits << 8n) | BigInt(byte);
    }
    const v = normal(bits);
    return isInt(type) ? (type.rank === 0 ? v : wrap(v, type)) : this.pointerAt(v);
  }

  /** Takes away the cells in a range; what a cell has outside of it stays, as bytes. */
  private clear(object: MemoryObject, offset: number, size: number): void {
    const { cells } = object;
    const end = offset + size;
    const split = (start: number) => {
      const cell = cells.get(start)!;
      cells.delete(start);
      if (start >= offset && start + cell.size <= end) return;
      const bits = cell.value === UNINIT ? undefined : BigInt(this.unsigned(cell));
      for (let at = start; at < start + cell.size; at++) {
        if (at >= offset && at < end) continue;
        const value = bits === undefined ? UNINIT : Number((bits >> BigInt(8 * (at - start))) & 255n);
        this.put(object, at, { size: 1, tag: "unsigned", value });
      }
    };
    const first = this.covering(object, offset);
    if (first >= 0) split(first);
    if (size > 64 && cells.size < size) {
      for (const start of [...cells.keys()]) if (start >= offset && start < end) split(start);
    } else {
      const by = object.grain || 1;
      for (let at = Math.ceil(offset / by) * by; at < end; at += by) if (cells.has(at)) split(at);
    }
  }

  /** memset(): `value` is a byte, or UNINIT. The range lies inside. */
  set(object: MemoryObject, offset: number, size: number, value: number | typeof UNINIT): void {
    this.touch(object);
    const fill = value === 0 ? "zero" : value === UNINIT ? "uninit" : undefined;
    if (fill !== undefined && offset === 0 && size === object.size) {
      object.cells.clear();
      object.grain = LARGEST;
      object.fill = fill;
      return;
    }
    this.clear(object, offset, size);
    if (fill === object.fill) return;
    for (let at = offset; at < offset + size; ) {
      const step = at % 8 === 0 && at + 8 <= offset + size ? 8 : at % 4 === 0 && at + 4 <= offset + size ? 4 : 1;
      const bits =
        typeof value === "number"
          ? normal(BigInt(value & 255) * (step === 8 ? 0x0101010101010101n : step === 4 ? 0x01010101n : 1n))
          : value;
      this.put(object, at, { size: step, tag: "unsigned", value: bits });
      at += step;
    }
  }

  /** memmove(): both ranges lie inside of their objects. */
  copy(to: MemoryObject, toOffset: number, from: MemoryObject, fromOffset: number, size: number): void {
    if (size === 0 || (to === from && toOffset === fromOffset)) return;
    const end = fromOffset + size;
    const found: [number, Cell][] = [];
    const take = (start: number, cell: Cell) => {
      if (start >= fromOffset && start + cell.size <= end) found.push([start, { ...cell }]);
      else
        for (let at = Math.max(start, fromOffset); at < Math.min(start + cell.size, end); at++) {
          found.push([at, { size: 1, tag: "unsigned", value: this.byteAt(from, at) ?? UNINIT }]);
        }
    };
    if (size > 64 && from.cells.size < size) {
      for (const [start, cell] of from.cells) if (start < end && start + cell.size > fromOffset) take(start, cell);
    } else {
      const first = this.covering(from, fromOffset);
      if (first >= 0 && first < fromOffset) take(first, from.cells.get(first)!);
      for (let at = fromOffset; at < end; at++) {
        const cell = from.cells.get(at);
        if (cell !== undefined) take(at, cell);
      }
    }
    this.set(to, toOffset, size, from.fill === "zero" ? 0 : UNINIT);
    for (const [start, cell] of found) {
      const at = start - fromOffset + toOffset;
      const there = to.cells.get(at);
      if (there === undefined || there.size !== cell.size) this.clear(to, at, cell.size);
      this.put(to, at, cell);
    }
    to.key = null;
  }

  /** The bytes of a range, for comparisons and strings; undefined where uninitialised. */
  bytesOf(object: MemoryObject, offset: number, size: number): (number | undefined)[] {
    const bytes: (number | undefined)[] = [];
    for (let i = 0; i < size; i++) bytes.push(this.byteAt(object, offset + i));
    return bytes;
  }

  /** What all memory that others can see holds, as a short text that is equal when the memory is (and hardly ever when it is not). */
  key(): string {
    const all: Mixed = { a: 0x811c9dc5, b: 0x1000193 };
    for (const object of this.objects) {
      if (object.storage === "code" || (!object.shared && object.storage === "stack")) continue;
      if (object.dead) mixIn(all, -object.id);
      else {
        object.key ??= digest(object);
        mixIn(all, object.key.a);
        mixIn(all, object.key.b);
      }
    }
    return `${all.a},${all.b}`;
  }
}

/** 64 bits that depend on all that was mixed in, and on its order. */
export interface Mixed {
  a: number;
  b: number;
}

export function mixIn(into: Mixed, value: number): void {
  // Both halves of a number that is wider than 32 bits.
  const low = value | 0;
  const high = Math.floor(value / 4294967296) | 0;
  into.a = Math.imul(into.a ^ low, 0x01000193) ^ Math.imul(high + 0x27d4eb2f, 0x165667b1);
  into.b = (Math.imul(into.b ^ low, 0x85ebca6b) + 0x6b43a9b5) ^ (into.b >>> 13) ^ high;
}

/** Mixes in a value of any kind. */
export function mixInValue(into: Mixed, value: Value): void {
  if (typeof value === "number") mixIn(into, value);
  else if (value instanceof Pointer) {
    mixIn(into, value.object.id);
    mixIn(into, value.offset);
  } else mixIn(into, typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : -1);
}

/** What an object holds. */
function digest(object: MemoryObject): Mixed {
  const all: Mixed = { a: object.id, b: object.fill === "zero" ? 1 : 2 };
  const cell: Mixed = { a: 0, b: 0 };
  // The sum over the cells does not depend on their order.
  for (const [offset, { value }] of object.cells) {
    cell.a = offset;
    cell.b = 0x1000193;
    mixInValue(cell, value);
    mixIn(cell, offset);
    all.a = (all.a + cell.a) | 0;
    all.b = (all.b + cell.b) | 0;
  }
  return all;
}

/** The number that a pointer or an integer is; a pointer to before address 0 does not occur. */
export function addressOf(value: Value): Int {
  if (value instanceof Pointer) return value.object.base + value.offset;
  return value as Int;
}

/** Whether `size` bytes at `offset` lie in the object. */
export const inside = (object: MemoryObject, offset: number, size: number): boolean =>
  offset >= 0 && offset + size <= object.size;
