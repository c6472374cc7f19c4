import { fails, record } from "../../model/kernel-objects.ts";
import type { Binding } from "../bind.ts";
import type { MemoryObject } from "../heap.ts";
import type { Machine } from "../machine.ts";
import type { Place } from "../token.ts";
import { type Int, Pointer, type Value } from "../value.ts";
import { assignedName, type BioState, type PageState, World } from "./world.ts";

/** Bits of gfp as src/kernel/exec/types.ts has them. */
const DIRECT_RECLAIM = 0x400;
const NOFAIL = 0x8000;
const ZERO = 0x100;

/** Allocations of more than eight pages come from vmalloc where that is allowed: PAGE_ALLOC_COSTLY_ORDER, as kvmalloc() tries first. */
const COSTLY = 8;

export const maySleep = (gfp: Value): boolean => (Number(gfp) & DIRECT_RECLAIM) !== 0;

/** Allocations of one run: far more than any scenario needs. */
const MOST = 1000;

/** Whether memory is given: gfp says if it may fail at all, the run says if it does. */
export function granted(machine: Machine, what: string, gfp: Value, mayFail: boolean, at: Place): boolean {
  const world = World.of(machine);
  const { kernel } = world;
  // A bio completes in the context of an interrupt (Documentation/core-api/memory-allocation: GFP_KERNEL may sleep).
  if (maySleep(gfp) && kernel.current.name.startsWith("completion"))
    machine.fault(
      "bug",
      `memory for ${what} is allocated in a completion with a mask that may sleep`,
      world.calledAt() ?? at,
    );
  const n = ++kernel.allocations;
  if (n > MOST) machine.notExecuted("it allocates without end", at);
  const failed = mayFail && fails(kernel, { kind: "allocation", n, what });
  record(kernel, { kind: "allocate", what, ok: !failed }, world.origin(at));
  if (failed) world.refusals.push({ at: world.placeOf(at) ?? at, what, submitted: world.submissions.length });
  return !failed;
}

/** "cio", "cio 2": what an allocation is called in a trace. */
export function nameFor(world: World, base: string): string {
  const n = (world.names.get(base) ?? 0) + 1;
  world.names.set(base, n);
  return n === 1 ? base : `${base} ${n}`;
}

/** Remembers which call of which function made an object, so that a leak has a place. */
export function born(world: World, object: MemoryObject, at: Place): void {
  const stack = world.stacks.get(world.kernel.current) ?? [];
  for (let i = stack.length - 1; i >= 0; i--) {
    const level = stack[i]!;
    if (!world.trees.has(level.at.tree)) continue;
    world.allocatedBy.set(object, { level, at: world.placeOf(at) ?? at });
    return;
  }
}

function allocate(machine: Machine, size: Value, gfp: Value, zero: boolean, at: Place): Value {
  const world = World.of(machine);
  const name = nameFor(world, assignedName(world.placeOf(at) ?? at) ?? "memory");
  if (!granted(machine, name, gfp, (Number(gfp) & NOFAIL) === 0, at)) return 0;
  // Nobody has more than 2^47 bytes.
  if (typeof size === "bigint" || (size as number) > 2 ** 47) return 0;
  const pointer = machine.allocate(name, size as number, { zero: zero || (Number(gfp) & ZERO) !== 0 }, at);
  born(world, pointer.object, at);
  return pointer;
}

const product = (a: Value, b: Value): Value => {
  const bytes = BigInt(a as number) * BigInt(b as number);
  return bytes > 2n ** 47n ? bytes : Number(bytes);
};

const plainAllocator =
  (zero: boolean): Binding =>
  (machine, [size, gfp], at) =>
    allocate(machine, size!, gfp!, zero, at);
const arrayAllocator =
  (zero: boolean): Binding =>
  (machine, [n, size, gfp], at) =>
    allocate(machine, product(n!, size!), gfp!, zero, at);

/** Objects that vmalloc() made, or kvmalloc() for want of contiguous memory. */
const fromVmalloc = new WeakSet<MemoryObject>();

const kvAllocator =
  (zero: boolean, array: boolean): Binding =>
  (machine, args, at) => {
    const [a, b, c] = args;
    const size = array ? product(a!, b!) : a!;
    const pointer = allocate(machine, size, (array ? c : b)!, zero, at);
    if (pointer instanceof Pointer && pointer.object.size > COSTLY * 4096) fromVmalloc.add(pointer.object);
    return pointer;
  };

const vmallocator =
  (zero: boolean): Binding =>
  (machine, [size], at) => {
    const pointer = allocate(machine, size!, DIRECT_RECLAIM, zero, at);
    if (pointer instanceof Pointer) fromVmalloc.add(pointer.object);
    return pointer;
  };

/** Ends an object's life, and says so. */
export function end(machine: Machine, pointer: Value, how: "free" | "put", at: Place): void {
  const world = World.of(machine);
  if (pointer === 0) return;
  if (pointer instanceof Pointer && pointer.object.storage === "heap" && pointer.offset === 0) {
    record(world.kernel, { kind: how, what: pointer.object.name }, world.origin(at));
  }
  if (pointer instanceof Pointer && !pointer.object.dead) world.freedBy.set(pointer.object, world.kernel.current);
  machine.free(pointer, world.placeOf(at) ?? at);
}

const free =
  (takes: "kmalloc" | "vmalloc" | "either"): Binding =>
  (machine, [pointer], at) => {
    const world = World.of(machine);
    if (pointer instanceof Pointer && !pointer.object.dead) {
      const { object } = pointer;
      const place = world.placeOf(at) ?? at;
      const state = object.data as BioState | PageState | undefined;
      if (state !== undefined && "pool" in state && state.pool) {
        world.offences.push({
          kind: "wrong free",
          what: `${object.name} comes from a bio_set and is given to kfree()`,
          at: place,
        });
      }
      if (takes !== "either" && (takes === "vmalloc") !== fromVmalloc.has(object) && object.storage === "heap") {
        const from = fromVmalloc.has(object) ? "vmalloc" : "kmalloc";
        world.offences.push({ kind: "wrong free", what: `${object.name} comes from ${from}()`, at: place });
      }
    }
    end(machine, pointer!, "free", at);
  };

// Pages.

const pages = new WeakMap<MemoryObject, Map<number, Pointer>>();

/** The `struct page` of a page of memory. */
function pageOf(machine: Machine, address: Value, at: Place): Value {
  if (!(address instanceof Pointer)) {
    return machine.fatal(address === 0 ? "null dereference" : "wild pointer", "the page of an address", at);
  }
  const { object, offset } = address;
  const pageSize = 4096;
  const first = Math.floor((object.base + offset) / pageSize) * pageSize - object.base;
  let known = pages.get(object);
  if (known === undefined) pages.set(object, (known = new Map()));
  let page = known.get(first);
  if (page === undefined) {
    page = machine.given(`a page of ${object.name}`, machine.program.record("struct page"));
    page.object.data = { memory: object, offset: first, own: false } satisfies PageState;
    known.set(first, page);
  }
  return page;
}

export function pageState(page: Value): PageState | undefined {
  if (!(page instanceof Pointer)) return undefined;
  const state = page.object.data as PageState | BioState | undefined;
  return state !== undefined && "memory" in state ? state : undefined;
}

/** By their memory: the pages that were allocated. */
const allocated = new WeakMap<MemoryObject, Value>();

function allocatePage(machine: Machine, gfp: Value, order: number, at: Place): Value {
  const world = World.of(machine);
  const name = nameFor(world, assignedName(world.placeOf(at) ?? at) ?? "page");
  if (!granted(machine, name, gfp, (Number(gfp) & NOFAIL) === 0, at)) return 0;
  const page = machine.allocate(name, machine.size(machine.program.record("struct page")), { zero: true }, at);
  const memory = machine.allocate(`the memory of ${name}`, 4096 * 2 ** order, { zero: (Number(gfp) & ZERO) !== 0 }, at);
  page.object.data = { memory: memory.object, offset: 0, own: true } satisfies PageState;
  allocated.set(memory.object, page);
  born(world, page.object, at);
  return page;
}

function freePage(machine: Machine, page: Value, at: Place): void {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  if (page === 0) machine.fatal("null dereference", "the page that is freed", place);
  const state = pageState(page);
  if (state === undefined || !state.own) {
    world.offences.push({ kind: "wrong free", what: "what is freed as a page was not allocated as one", at: place });
    return;
  }
  end(machine, page, "put", at);
  state.memory.dead = true;
  state.memory.diedAt = place;
}

const copyUser: Binding = (machine, [to, from, n], at) => {
  const world = World.of(machine);
  const failed = fails(world.kernel, {
    kind: "allocation",
    n: ++world.kernel.allocations,
    what: "copy from user space",
  });
  if (failed) return n;
  machine.copy(to!, 0, from!, 0, Number(n), at);
  return 0;
};

export const memoryBindings: readonly (readonly [string, Binding])[] = [
  ["kmalloc", plainAllocator(false)],
  ["kzalloc", plainAllocator(true)],
  ["kmalloc_node", plainAllocator(false)],
  ["kzalloc_node", plainAllocator(true)],
  ["kmalloc_array", arrayAllocator(false)],
  ["kcalloc", arrayAllocator(true)],
  ["kvmalloc", kvAllocator(false, false)],
  ["kvzalloc", kvAllocator(true, false)],
  ["kvmalloc_array", kvAllocator(false, true)],
  ["kvcalloc", kvAllocator(true, true)],
  ["vmalloc", vmallocator(false)],
  ["vzalloc", vmallocator(true)],
  [
    "kmemdup",
    (machine, [src, len, gfp], at) => {
      const copy = allocate(machine, len!, gfp!, false, at);
      if (copy instanceof Pointer) machine.copy(copy, 0, src!, 0, Number(len), at);
      return copy;
    },
  ],
  ["kfree", free("kmalloc")],
  ["kfree_sensitive", free("kmalloc")],
  ["vfree", free("vmalloc")],
  ["kvfree", free("either")],
  ["is_vmalloc_addr", (_, [x]) => (x instanceof Pointer && fromVmalloc.has(x.object) ? 1 : 0)],
  ["virt_to_page", (machine, [x], at) => pageOf(machine, x!, at)],
  ["vmalloc_to_page", (machine, [x], at) => pageOf(machine, x!, at)],
  ["alloc_page", (machine, [gfp], at) => allocatePage(machine, gfp!, 0, at)],
  ["alloc_pages", (machine, [gfp, order], at) => allocatePage(machine, gfp!, Number(order), at)],
  ["__free_page", (machine, [page], at) => freePage(machine, page!, at)],
  ["__free_pages", (machine, [page], at) => freePage(machine, page!, at)],
  [
    "__get_free_page",
    (machine, [gfp], at) => {
      const page = allocatePage(machine, gfp!, 0, at);
      const state = pageState(page);
      return state === undefined ? 0 : new Pointer(state.memory, 0);
    },
  ],
  [
    "free_page",
    (machine, [addr], at) => {
      if (addr === 0) return;
      const pointer = addr instanceof Pointer ? addr : machine.heap.pointerAt(addr as Int);
      const page = pointer instanceof Pointer ? allocated.get(pointer.object) : undefined;
      freePage(machine, page ?? pointer, at);
    },
  ],
  [
    "page_address",
    (machine, [page], at) => {
      const state = pageState(page!);
      if (state === undefined)
        return machine.fatal(page === 0 ? "null dereference" : "wild pointer", "the address of a page", at);
      return new Pointer(state.memory, state.offset);
    },
  ],
  ["copy_from_user", copyUser],
  ["copy_to_user", copyUser],
];
