import { fails, record } from "../../model/kernel-objects.ts";
import type { Binding } from "../bind.ts";
import { type MemoryObject, Note } from "../heap.ts";
import type { Machine } from "../machine.ts";
import type { Place } from "../token.ts";
import { Pointer, type Value } from "../value.ts";
import { assignedName, type BioState, type PageState, type PagesState, USER, World } from "./world.ts";

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
  if (world.preparing) return true;
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
const fromVmalloc = new Note<true>();
const isFromVmalloc = (object: MemoryObject): boolean => fromVmalloc.get(object) === true;

const kvAllocator =
  (zero: boolean, array: boolean): Binding =>
  (machine, args, at) => {
    const [a, b, c] = args;
    const size = array ? product(a!, b!) : a!;
    const pointer = allocate(machine, size, (array ? c : b)!, zero, at);
    if (pointer instanceof Pointer && pointer.object.size > COSTLY * machine.program.pageSize)
      fromVmalloc.set(pointer.object, true);
    return pointer;
  };

const vmallocator =
  (zero: boolean): Binding =>
  (machine, [size], at) => {
    const pointer = allocate(machine, size!, DIRECT_RECLAIM, zero, at);
    if (pointer instanceof Pointer) fromVmalloc.set(pointer.object, true);
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
      if (takes !== "either" && (takes === "vmalloc") !== isFromVmalloc(object) && object.storage === "heap") {
        const from = isFromVmalloc(object) ? "vmalloc" : "kmalloc";
        world.offences.push({ kind: "wrong free", what: `${object.name} comes from ${from}()`, at: place });
      }
    }
    end(machine, pointer!, "free", at);
  };

// Pages.

const pages = new Note<Pointer>();

/** The `struct page` of a page of memory: one in an array of all that the object lies in. */
export function pageOf(machine: Machine, address: Value, at: Place): Value {
  if (!(address instanceof Pointer)) {
    return machine.fatal(address === 0 ? "null dereference" : "wild pointer", "the page of an address", at);
  }
  const { object, offset } = address;
  const { pageSize } = machine.program;
  const first = Math.floor(object.base / pageSize) * pageSize - object.base;
  const stride = machine.size(machine.program.record("struct page"));
  let all = pages.get(object);
  if (all === undefined) {
    const count = Math.max(1, Math.ceil((object.size - first) / pageSize));
    all = machine.staticObject(`the pages of ${object.name}`, machine.program.record("struct page"), count * stride);
    all.object.data = { memory: object, first, stride, pageSize, own: false, references: 1 } satisfies PagesState;
    pages.set(object, all);
  }
  return new Pointer(all.object, Math.floor((offset - first) / pageSize) * stride);
}

function pagesState(page: Value): PagesState | undefined {
  if (!(page instanceof Pointer)) return undefined;
  const state = page.object.data as PagesState | BioState | undefined;
  return state !== undefined && "memory" in state ? state : undefined;
}

/** What a page is; undefined if the pointer leads to none. */
export function pageState(page: Value): PageState | undefined {
  const state = pagesState(page);
  if (state === undefined) return undefined;
  const { memory, first, stride, pageSize, own } = state;
  return { memory, own, offset: first + Math.floor((page as Pointer).offset / stride) * pageSize };
}

function allocatePages(machine: Machine, gfp: Value, order: number, at: Place, mayFail = true): Value {
  const world = World.of(machine);
  const name = nameFor(world, assignedName(world.placeOf(at) ?? at) ?? "page");
  if (order > 10 && (order > 63 || !Number.isInteger(order) || order < 0)) return 0;
  if (!granted(machine, name, gfp, mayFail && (Number(gfp) & NOFAIL) === 0, at)) return 0;
  // MAX_PAGE_ORDER of most machines: more does not exist in one piece.
  if (order > 10) return 0;
  const { pageSize } = machine.program;
  const stride = machine.size(machine.program.record("struct page"));
  const page = machine.allocate(name, stride * 2 ** order, { zero: true }, at);
  const memory = machine.allocate(
    `the memory of ${name}`,
    pageSize * 2 ** order,
    { zero: (Number(gfp) & ZERO) !== 0 },
    at,
  );
  page.object.data = {
    memory: memory.object,
    first: 0,
    stride,
    pageSize,
    own: true,
    references: 1,
  } satisfies PagesState;
  pages.set(memory.object, page);
  born(world, page.object, at);
  return page;
}

function freePage(machine: Machine, page: Value, at: Place): void {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  if (page === 0) machine.fatal("null dereference", "the page that is freed", place);
  const state = pagesState(page);
  if (state === undefined || !state.own) {
    world.offences.push({ kind: "wrong free", what: "what is freed as a page was not allocated as one", at: place });
    return;
  }
  if (!(page as Pointer).object.dead && --state.references > 0) return;
  end(machine, page, "put", at);
  state.memory.dead = true;
  state.memory.diedAt = place;
}

/** Frees pages by the address of their memory. */
function freeAddress(machine: Machine, address: Value, at: Place): void {
  if (address === 0) return;
  // The address is a number where it went through an unsigned long.
  const memory = typeof address === "object" ? address : machine.heap.pointerAt(address);
  const page = memory instanceof Pointer ? pages.get(memory.object) : undefined;
  freePage(machine, page ?? address, at);
}

/** __get_free_pages(): the memory itself. */
function memoryOfPages(machine: Machine, gfp: Value, order: number, at: Place): Value {
  const state = pageState(allocatePages(machine, gfp, order, at));
  return state === undefined ? 0 : new Pointer(state.memory, 0);
}

// Caches and pools.

/** What an object of a cache or pool that nothing shows being made is like is not known. */
function readyMade(machine: Machine, pointer: Value, what: string, at: Place): Pointer {
  if (pointer instanceof Pointer) return pointer;
  return machine.notExecuted(`where its ${what} is made is not shown`, World.of(machine).placeOf(at));
}

function sizeOfCache(machine: Machine, cache: Value, at: Place): number {
  const pointer = readyMade(machine, cache, "slab cache", at);
  return Number(machine.get(pointer, "struct kmem_cache", "size", at));
}

const cacheAllocator =
  (zero: boolean): Binding =>
  (machine, [cache, gfp], at) =>
    allocate(machine, sizeOfCache(machine, cache!, at), gfp!, zero, at);

const cacheBindings: readonly (readonly [string, Binding])[] = [
  [
    "kmem_cache_create",
    (machine, [, size, args], at) => {
      const world = World.of(machine);
      const name = nameFor(world, assignedName(world.placeOf(at) ?? at) ?? "the slab cache");
      if (!granted(machine, name, DIRECT_RECLAIM, true, at)) return 0;
      // (name, size, align, flags, constructor); from 6.12 on also (name, size, arguments, flags).
      if (args instanceof Pointer) return machine.notExecuted("how its slab cache is made is not known", at);
      const cache = machine.allocate(
        name,
        machine.size(machine.program.record("struct kmem_cache")),
        { zero: true },
        at,
      );
      machine.set(cache, "struct kmem_cache", "size", size!, at);
      born(world, cache.object, at);
      return cache;
    },
  ],
  ["kmem_cache_destroy", (machine, [cache], at) => end(machine, cache!, "free", at)],
  ["kmem_cache_alloc", cacheAllocator(false)],
  ["kmem_cache_alloc_node", cacheAllocator(false)],
  ["kmem_cache_zalloc", cacheAllocator(true)],
  ["kmem_cache_free", (machine, [, object], at) => end(machine, object!, "free", at)],
];

const POOL = "mempool_t";
const kinds = { kmalloc: 1, slab: 2, pages: 3, own: 4 } as const;

function poolGet(machine: Machine, pool: Pointer, member: string, at: Place): Value {
  return machine.get(pool, "struct mempool_s", member, at);
}

/** Fills a pool in. */
function makePool(
  machine: Machine,
  pool: Pointer,
  kind: keyof typeof kinds,
  values: Record<string, Value>,
  at: Place,
): void {
  machine.set(pool, "struct mempool_s", "kind", kinds[kind], at);
  for (const [member, value] of Object.entries(values)) machine.set(pool, "struct mempool_s", member, value, at);
}

/** mempool_init_*() of memory that is there, and mempool_create_*() of memory of its own. */
function poolMaker(
  name: string,
  kind: keyof typeof kinds,
  values: (args: Value[]) => Record<string, Value>,
): (readonly [string, Binding])[] {
  const suffix = name === "" ? "" : `_${name}_pool`;
  const none = `no ${POOL}`;
  return [
    [
      `mempool_init${suffix}`,
      (machine, [pool, , ...rest], at) => {
        if (!granted(machine, "the elements of the pool", DIRECT_RECLAIM, true, at)) return -12;
        makePool(machine, readyMade(machine, pool!, none, at), kind, values(rest), at);
        return 0;
      },
    ],
    [
      `mempool_create${suffix}`,
      (machine, [, ...rest], at) => {
        const world = World.of(machine);
        const what = nameFor(world, assignedName(world.placeOf(at) ?? at) ?? "the pool");
        if (!granted(machine, what, DIRECT_RECLAIM, true, at)) return 0;
        const size = machine.size(machine.program.record("struct mempool_s"));
        const pool = machine.allocate(what, size, { zero: true }, at);
        born(world, pool.object, at);
        makePool(machine, pool, kind, values(rest), at);
        return pool;
      },
    ],
  ];
}

/** mempool_alloc(): as the pool's own allocator gives it, except that who may sleep gets an element in the end. */
function* fromPool(machine: Machine, pool: Value, gfp: Value, at: Place): Generator<undefined, Value, void> {
  const pointer = readyMade(machine, pool, "memory pool", at);
  const never = maySleep(gfp);
  yield undefined;
  const kind = poolGet(machine, pointer, "kind", at);
  if (kind === kinds.pages)
    return allocatePages(machine, gfp, Number(poolGet(machine, pointer, "order", at)), at, !never);
  if (kind === kinds.kmalloc || kind === kinds.slab) {
    const size =
      kind === kinds.kmalloc
        ? poolGet(machine, pointer, "size", at)
        : sizeOfCache(machine, poolGet(machine, pointer, "cache", at), at);
    return allocate(machine, size, never ? Number(gfp) | NOFAIL : gfp, false, at);
  }
  return machine.notExecuted("what its memory pool gives is not shown", World.of(machine).placeOf(at));
}

/** The pool of an allocator of the kernel's own, given by name to mempool_create(). */
function ownPool([alloc, , data]: Value[]): { kind: keyof typeof kinds; values: Record<string, Value> } | undefined {
  const name = alloc instanceof Pointer ? alloc.object.name : "";
  if (name === "mempool_alloc_slab") return { kind: "slab", values: { cache: data! } };
  if (name === "mempool_kmalloc") return { kind: "kmalloc", values: { size: data! } };
  if (name === "mempool_alloc_pages") return { kind: "pages", values: { order: data! } };
  return undefined;
}

const poolBindings: readonly (readonly [string, Binding])[] = [
  ...poolMaker("kmalloc", "kmalloc", ([size]) => ({ size: size! })),
  ...poolMaker("slab", "slab", ([cache]) => ({ cache: cache! })),
  ...poolMaker("page", "pages", ([order]) => ({ order: order! })),
  ...poolMaker("", "own", () => ({})).map(([name, make]): [string, Binding] => [
    name,
    (machine, args, at) => {
      const own = ownPool(name === "mempool_init" ? args.slice(2) : args.slice(1));
      const made = make(machine, args, at) as Value;
      const pool = name === "mempool_init" ? args[0]! : made;
      if (own !== undefined && pool instanceof Pointer && made !== -12)
        makePool(machine, pool, own.kind, own.values, at);
      return made;
    },
  ]),
  ["mempool_exit", (machine, [pool], at) => machine.set(pool!, "struct mempool_s", "kind", 0, at)],
  ["mempool_destroy", (machine, [pool], at) => end(machine, pool!, "free", at)],
  [
    "mempool_alloc",
    function* (machine, [pool, gfp], at) {
      return yield* fromPool(machine, pool!, gfp!, at);
    },
  ],
  [
    "mempool_free",
    (machine, [element], at) => {
      if (pagesState(element!)?.own === true) freePage(machine, element!, at);
      else end(machine, element!, "free", at);
    },
  ],
  [
    "mempool_alloc_slab",
    (machine, [gfp, cache], at) => allocate(machine, sizeOfCache(machine, cache!, at), gfp!, false, at),
  ],
  ["mempool_free_slab", (machine, [element], at) => end(machine, element!, "free", at)],
  [
    "mempool_kmalloc",
    (machine, [gfp, size], at) => allocate(machine, size instanceof Pointer ? 0 : size!, gfp!, false, at),
  ],
  ["mempool_kfree", (machine, [element], at) => end(machine, element!, "free", at)],
  ["mempool_alloc_pages", (machine, [gfp, order], at) => allocatePages(machine, gfp!, Number(order), at)],
  ["mempool_free_pages", (machine, [page], at) => freePage(machine, page!, at)],
];

// User memory.

/** Whether an object is memory of the calling process. */
const isUser = (pointer: Value): pointer is Pointer => pointer instanceof Pointer && pointer.object.data === USER;

/** Does something to user memory: what lies outside of it, or is swapped out for ever, stays as it is. Returns what was not done. */
function touchUser(machine: Machine, user: Value, n: Value, what: string, act: () => void): Value {
  const { kernel } = World.of(machine);
  if (Number(n) === 0) return 0;
  const inside = user instanceof Pointer && user.offset >= 0 && user.offset + Number(n) <= user.object.size;
  if (!inside && (isUser(user) || !(user instanceof Pointer))) return n;
  if (fails(kernel, { kind: "allocation", n: ++kernel.allocations, what })) return n;
  act();
  return 0;
}

export const memoryBindings: readonly (readonly [string, Binding])[] = [
  ["kmalloc", plainAllocator(false)],
  ["kzalloc", plainAllocator(true)],
  ["kmalloc_node", plainAllocator(false)],
  ["kzalloc_node", plainAllocator(true)],
  ["kmalloc_array", arrayAllocator(false)],
  ["kcalloc", arrayAllocator(true)],
  ["kmalloc_array_node", arrayAllocator(false)],
  ["kcalloc_node", arrayAllocator(true)],
  ["kvmalloc_node", kvAllocator(false, false)],
  [
    "krealloc",
    (machine, [old, size, gfp], at) => {
      // ZERO_SIZE_PTR is as good as nothing here.
      const fresh = allocate(machine, size!, gfp!, false, at);
      if (fresh instanceof Pointer && old instanceof Pointer) {
        machine.copy(fresh, 0, old, 0, Math.min(old.object.size, fresh.object.size), at);
        end(machine, old, "free", at);
      }
      return fresh;
    },
  ],
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
  ["is_vmalloc_addr", (_, [x]) => (x instanceof Pointer && isFromVmalloc(x.object) ? 1 : 0)],
  ["virt_to_page", (machine, [x], at) => pageOf(machine, x!, at)],
  ["vmalloc_to_page", (machine, [x], at) => pageOf(machine, x!, at)],
  ["alloc_page", (machine, [gfp], at) => allocatePages(machine, gfp!, 0, at)],
  ["alloc_pages", (machine, [gfp, order], at) => allocatePages(machine, gfp!, Number(order), at)],
  ["alloc_pages_node", (machine, [, gfp, order], at) => allocatePages(machine, gfp!, Number(order), at)],
  [
    "get_page",
    (_, [page]) => {
      const state = pagesState(page!);
      if (state !== undefined) state.references++;
    },
  ],
  [
    "put_page",
    (machine, [page], at) => {
      const state = pagesState(page!);
      // Pages of other memory are kept by what that belongs to.
      if (state !== undefined && !state.own) state.references--;
      else freePage(machine, page!, at);
    },
  ],
  ["__free_page", (machine, [page], at) => freePage(machine, page!, at)],
  ["__free_pages", (machine, [page], at) => freePage(machine, page!, at)],
  ["__get_free_page", (machine, [gfp], at) => memoryOfPages(machine, gfp!, 0, at)],
  ["__get_free_pages", (machine, [gfp, order], at) => memoryOfPages(machine, gfp!, Number(order), at)],
  ["get_zeroed_page", (machine, [gfp], at) => memoryOfPages(machine, Number(gfp) | ZERO, 0, at)],
  [
    "alloc_pages_exact",
    (machine, [size, gfp], at) =>
      memoryOfPages(
        machine,
        gfp!,
        Math.max(0, Math.ceil(Math.log2(Math.ceil(Number(size) / machine.program.pageSize)))),
        at,
      ),
  ],
  ["free_page", (machine, [addr], at) => freeAddress(machine, addr!, at)],
  ["free_pages", (machine, [addr], at) => freeAddress(machine, addr!, at)],
  ["free_pages_exact", (machine, [addr], at) => freeAddress(machine, addr!, at)],
  [
    "page_address",
    (machine, [page], at) => {
      const state = pageState(page!);
      if (state === undefined)
        return machine.fatal(page === 0 ? "null dereference" : "wild pointer", "the address of a page", at);
      return new Pointer(state.memory, state.offset);
    },
  ],
  [
    "copy_from_user",
    (machine, [to, from, n], at) =>
      touchUser(machine, from!, n!, "the copy from user space", () => {
        if (isUser(from!)) World.of(machine).readUser(from, Number(n));
        machine.copy(to!, 0, from!, 0, Number(n), at);
      }),
  ],
  [
    "copy_to_user",
    (machine, [to, from, n], at) =>
      touchUser(machine, to!, n!, "the copy to user space", () => machine.copy(to!, 0, from!, 0, Number(n), at)),
  ],
  [
    "clear_user",
    (machine, [to, n], at) =>
      touchUser(machine, to!, n!, "the copy to user space", () => machine.fillWith(to!, 0, Number(n), at)),
  ],
  ...cacheBindings,
  ...poolBindings,
];
