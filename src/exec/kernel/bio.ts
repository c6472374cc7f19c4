import { EIO, finishPlug, flush, startPlug, submit } from "../../model/block.ts";
import {
  type Bio,
  fails,
  type Kernel,
  learn,
  type MemoryObject as ModelMemory,
  type Pause,
  record,
} from "../../model/kernel-objects.ts";
import type { Binding } from "../bind.ts";
import { type MemoryObject, Note } from "../heap.ts";
import type { Machine } from "../machine.ts";
import type { Place } from "../token.ts";
import { ULLONG } from "../type.ts";
import { Pointer, UNINIT, type Value } from "../value.ts";
import { born, end, granted, maySleep, nameFor, pageOf, pageState } from "./memory.ts";
import { changed, waitFor } from "./tasks.ts";
import { assignedName, type BioState, type Submission, World } from "./world.ts";

type Steps<T = Value> = Generator<Pause, T, void>;

const IOERR = 10;
const BIO = "struct bio";
const VEC = "struct bio_vec";
/** BIO_CHAIN of src/kernel/exec/types.ts, as a bit of bi_flags. */
const CHAINED = 1 << 5;
/** BIO_CLONED. */
const CLONED = 1 << 1;
/** __GFP_DIRECT_RECLAIM of src/kernel/exec/types.ts. */
const DIRECT_RECLAIM = 0x400;

/** Vectors of the pools that bio_alloc() takes tables from: block/bio.c, BIO_INLINE_VECS and bvec_slabs. */
const TABLES = [0, 4, 16, 64, 128, 256];
/** BIO_MAX_VECS. */
const MOST_VECS = 256;

/** What the kernel itself reads and writes is learnt, but is no step of the code that called it. */
function get(machine: Machine, from: Value, member: string, at: Place, record = BIO): Value {
  const world = World.of(machine);
  world.quiet = true;
  const value = machine.get(from, record, member, at);
  world.quiet = false;
  return value;
}
function set(machine: Machine, to: Value, member: string, value: Value, at: Place, record = BIO): void {
  const world = World.of(machine);
  world.quiet = true;
  machine.set(to, record, member, value, at);
  world.quiet = false;
}

/** By object and offset: a structure may have several bios inside. */
const states = new Note<Map<number, BioState>>();

export const bioState = (bio: Value): BioState | undefined =>
  bio instanceof Pointer ? states.get(bio.object)?.get(bio.offset) : undefined;

function setState({ object, offset }: Pointer, state: BioState): void {
  const known = states.get(object);
  if (known === undefined) states.set(object, new Map([[offset, state]]));
  else known.set(offset, state);
}

/** Sets the members as bio_init() does. */
function initialise(
  machine: Machine,
  bio: Pointer,
  bdev: Value,
  table: Value,
  vecs: number,
  opf: Value,
  at: Place,
): void {
  machine.fillWith(bio, 0, machine.size(machine.program.record(BIO)), at);
  set(machine, bio, "bi_bdev", bdev, at);
  set(machine, bio, "bi_opf", opf, at);
  set(machine, bio, "__bi_remaining.counter", 1, at);
  set(machine, bio, "__bi_cnt.counter", 1, at);
  set(machine, bio, "bi_max_vecs", vecs, at);
  set(machine, bio, "bi_io_vec", table, at);
}

function make(
  machine: Machine,
  base: string,
  vecs: number,
  pool: boolean,
  gfp: Value,
  at: Place,
  frontPad = 0,
): Pointer | 0 {
  const world = World.of(machine);
  const name = nameFor(world, assignedName(world.placeOf(at) ?? at) ?? base);
  const { kernel } = world;
  // The mempool behind a bio_set cannot fail when the task may wait for a bio to come back (block/bio.c, bio_alloc_bioset); that wait
  // flushes its plug.
  const held = kernel.current.plug?.requests.length ?? 0;
  if (pool && maySleep(gfp) && held > 0 && fails(kernel, { kind: "sleep", n: kernel.allocations + 1, what: name })) {
    record(kernel, { kind: "sleep" }, world.origin(at));
    flush(kernel, kernel.current.plug, "sleep");
  }
  if (!granted(machine, name, gfp, !(pool && maySleep(gfp)), at)) return 0;
  const size = frontPad + machine.size(machine.program.record(BIO)) + vecs * machine.size(machine.program.record(VEC));
  const { object } = machine.allocate(name, size, { zero: false }, at);
  const bio = new Pointer(object, frontPad);
  const state: BioState = { references: 1, pool, submitted: false, name, sizedAt: undefined };
  object.data = state;
  setState(bio, state);
  born(world, object, at);
  return bio;
}

const inline = (machine: Machine, bio: Pointer): Pointer =>
  new Pointer(bio.object, bio.offset + machine.program.member(BIO, "bi_inline_vecs")!.offset);

function allocateBio(
  machine: Machine,
  bdev: Value,
  vecs: Value,
  opf: Value,
  gfp: Value,
  at: Place,
  frontPad = 0,
): Pointer | 0 {
  const room = TABLES.find((size) => Number(vecs) <= size) ?? Number(vecs);
  const bio = make(machine, "bio", room, true, gfp, at, frontPad);
  if (bio !== 0) initialise(machine, bio, bdev, room > 0 ? inline(machine, bio) : 0, room, opf, at);
  return bio;
}

/** (bdev, nr_vecs, opf, gfp) from 5.18 on, (gfp, nr_iovecs) before. */
function bioAlloc(machine: Machine, args: Value[], at: Place, frontPad = 0): Pointer | 0 {
  // biovec_slab() of block/bio.c stops at a number of vectors that no pool has; before 5.12, bio_alloc() gave none for it.
  const vecs = Number(args[1] ?? 0);
  if (vecs > MOST_VECS) {
    if (args.length < 4) return 0;
    const what = `a bio with room for ${vecs} pages is asked for, and ${MOST_VECS} are the most`;
    return machine.fatal("bug", what, World.of(machine).placeOf(at) ?? at);
  }
  if (args.length >= 4) return allocateBio(machine, args[0]!, args[1]!, args[2]!, args[3]!, at, frontPad);
  return allocateBio(machine, 0, args[1] ?? 0, 0, args[0]!, at, frontPad);
}

/** Bytes that a bio of this set has in front of it. One that nothing shows being made may have any number of them. */
function frontPadOf(machine: Machine, set: Value | undefined, at: Place): number {
  if (!(set instanceof Pointer) || set.object.name === "fs_bio_set") return 0;
  if (machine.get(set, "struct bio_set", "ready", at) === 1)
    return Number(machine.get(set, "struct bio_set", "front_pad", at));
  return machine.notExecuted("where its bio_set is made is not shown", World.of(machine).placeOf(at));
}

/** bio_alloc_clone(), or bio_clone_fast() before 5.18: shares the table of the original, at the place where its iterator stands. */
function clone(machine: Machine, bdev: Value, original: Value, gfp: Value, set: Value, at: Place): Pointer | 0 {
  const opf = get(machine, original, "bi_opf", at);
  const made = allocateBio(machine, bdev, 0, opf, gfp, at, frontPadOf(machine, set, at));
  if (made !== 0) copyBio(machine, made, original, at);
  return made;
}

function copyBio(machine: Machine, to: Value, from: Value, at: Place): void {
  for (const member of ["bi_io_vec", "bi_ioprio", "bi_flags", "bi_iter.bi_sector", "bi_iter.bi_size", "bi_iter.bi_idx"])
    set(machine, to, member, get(machine, from, member, at), at);
  set(machine, to, "bi_iter.bi_bvec_done", get(machine, from, "bi_iter.bi_bvec_done", at), at);
  const flags = Number(get(machine, from, "bi_flags", at));
  set(machine, to, "bi_flags", (flags & ~CHAINED) | CLONED, at);
}

/** bio_split(): a clone of the first sectors, and the original goes on behind them. */
function split(machine: Machine, bio: Value, sectors: number, gfp: Value, set_: Value, at: Place): Value {
  const bytes = Number(get(machine, bio, "bi_iter.bi_size", at));
  const place = World.of(machine).placeOf(at) ?? at;
  // The kernel warns, or refuses, where nothing would be left.
  if (sectors <= 0 || sectors * 512 >= bytes) return machine.fatal("bug", "bio_split() leaves nothing", place);
  // Whether want of memory is told by NULL or by an error depends on the version (6.13), so there is none.
  const made = clone(machine, get(machine, bio, "bi_bdev", at), bio, Number(gfp) | DIRECT_RECLAIM, set_, at);
  if (made === 0) return 0;
  set(machine, made, "bi_iter.bi_size", sectors * 512, at);
  advance(machine, bio, sectors * 512, at);
  return made;
}

/** bio_advance(). */
function advance(machine: Machine, bio: Value, bytes: number, at: Place): void {
  const add = (member: string, by: number) => set(machine, bio, member, Number(get(machine, bio, member, at)) + by, at);
  add("bi_iter.bi_sector", bytes / 512);
  add("bi_iter.bi_size", -bytes);
  const table = get(machine, bio, "bi_io_vec", at);
  if (!(table instanceof Pointer)) return;
  let done = Number(get(machine, bio, "bi_iter.bi_bvec_done", at)) + bytes;
  let index = Number(get(machine, bio, "bi_iter.bi_idx", at));
  for (;;) {
    const length = lengthAt(machine, table, index, at);
    if (length === undefined || length === 0 || done < length) break;
    done -= length;
    index++;
  }
  set(machine, bio, "bi_iter.bi_idx", index, at);
  set(machine, bio, "bi_iter.bi_bvec_done", done, at);
}

/** Bytes of an entry of a table; undefined behind its end. */
function lengthAt(machine: Machine, table: Pointer, index: number, at: Place): number | undefined {
  const size = machine.size(machine.program.record(VEC));
  const entry = new Pointer(table.object, table.offset + index * size);
  if (entry.offset + size > table.object.size) return undefined;
  return Number(get(machine, entry, "bv_len", at, VEC));
}

/** bio_put(): the last reference frees. */
export function put(machine: Machine, bio: Value, at: Place): void {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  const state = bioState(bio);
  if (state === undefined) {
    if (bio === 0) machine.fatal("null dereference", "the bio that is put", place);
    if (bio instanceof Pointer && bio.object.storage === "code")
      machine.fatal("wild pointer", "the bio that is put", place);
    world.offences.push({ kind: "not a bio", what: "bio_put() of what is no bio", at: place });
    return;
  }
  const { object } = bio as Pointer;
  if (object.dead) {
    record(world.kernel, { kind: "put", what: object.name }, world.origin(at));
    machine.fault("double free", object.name, place, object);
    return;
  }
  if (--state.references > 0) return;
  if (state.submitted) {
    world.offences.push({
      kind: "wrong free",
      what: `${object.name} is freed while the device works on it`,
      at: place,
    });
  }
  // What lies in front of it in its set belongs to it.
  end(machine, state === object.data ? new Pointer(object, 0) : bio, "put", at);
}

function chain(machine: Machine, bio: Value, parent: Value, at: Place): void {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  set(machine, bio, "bi_private", parent, place);
  set(machine, bio, "bi_end_io", machine.functionPointer("bio_chain_endio"), place);
  const flags = Number(get(machine, parent, "bi_flags", place));
  set(machine, parent, "bi_flags", flags | CHAINED, place);
  const remaining = Number(get(machine, parent, "__bi_remaining.counter", place));
  set(machine, parent, "__bi_remaining.counter", remaining + 1, place);
  record(world.kernel, { kind: "chain", what: `${nameOf(bio)} to ${nameOf(parent)}` }, world.origin(at));
}

const nameOf = (bio: Value): string => (bio instanceof Pointer ? bio.object.name : "NULL");

/** bio_endio(): a chained bio passes its first error on, and completes its parent with the last reference. */
export function* endio(machine: Machine, first: Value, at: Place): Steps<void> {
  const world = World.of(machine);
  let bio = first;
  for (;;) {
    if (Number(get(machine, bio, "bi_flags", at)) & CHAINED) {
      yield "__bi_remaining";
      const left = Number(get(machine, bio, "__bi_remaining.counter", at)) - 1;
      set(machine, bio, "__bi_remaining.counter", left, at);
      learn(world.kernel, left);
      if (left > 0) return;
      set(machine, bio, "bi_flags", Number(get(machine, bio, "bi_flags", at)) & ~CHAINED, at);
    }
    const state = bioState(bio);
    if (state !== undefined) state.submitted = false;
    const handler = get(machine, bio, "bi_end_io", at);
    if (handler === 0) return;
    if (!(handler instanceof Pointer)) machine.fatal("wild pointer", "bi_end_io", at);
    const name = handler.object.name;
    if (name === "submit_bio_wait_endio") {
      yield "done";
      awaited.add(bio as Pointer);
      changed(world);
      return;
    }
    if (name !== "bio_chain_endio") {
      yield* machine.call(handler, [bio], at);
      return;
    }
    const parent = get(machine, bio, "bi_private", at);
    const status = get(machine, bio, "bi_status", at);
    if (status !== 0 && get(machine, parent, "bi_status", at) === 0) set(machine, parent, "bi_status", status, at);
    put(machine, bio, at);
    bio = parent;
  }
}

/** Bios whose submit_bio_wait() may go on. */
const awaited = {
  bios: new Note<Set<number>>(),
  add({ object, offset }: Pointer): void {
    const known = this.bios.get(object);
    if (known === undefined) this.bios.set(object, new Set([offset]));
    else known.add(offset);
  },
  has({ object, offset }: Pointer): boolean {
    return this.bios.get(object)?.has(offset) ?? false;
  },
  delete({ object, offset }: Pointer): void {
    this.bios.get(object)?.delete(offset);
  },
};

/** The model's bios have no memory of their own here. */
const noMemory: ModelMemory = { id: 0, name: "bio", fields: new Map(), life: "borrowed", freedBy: null, key: null };

function toNumber(value: Value): number {
  return typeof value === "object" ? 0 : Number(value);
}

/** Bios of one call: far more than any scenario needs. */
const MOST = 64;

/** Hands a bio to the model's block layer. */
function* submitBio(machine: Machine, bio: Value, at: Place): Steps<void> {
  const world = World.of(machine);
  const { kernel } = world;
  const place = world.placeOf(at) ?? at;
  yield "submit";
  const opf = BigInt(toNumber(get(machine, bio, "bi_opf", place)));
  const bytes = toNumber(get(machine, bio, "bi_iter.bi_size", place));
  const sector = toNumber(get(machine, bio, "bi_iter.bi_sector", place));
  const bdev = get(machine, bio, "bi_bdev", place);
  const device = world.deviceOf(bdev);
  const { object } = bio as Pointer;
  const state: BioState = bioState(bio) ?? {
    references: 1,
    pool: false,
    submitted: false,
    name: object.name,
    sizedAt: undefined,
  };
  if (bioState(bio) === undefined) setState(bio as Pointer, state);
  if (state.submitted) {
    world.offences.push({
      kind: "submitted twice",
      what: `${object.name} is submitted while it is on its way`,
      at: place,
      related: state.submittedAt && { at: state.submittedAt, message: "it is submitted here first" },
    });
    world.say(`submit ${object.name}, which is on its way`, at);
    return;
  }
  if (device === undefined) {
    if (bdev === 0) machine.fatal("null dereference", "bi_bdev of what is submitted", place);
    machine.notExecuted("a bio goes to a device that the call was not given", place);
  }
  state.submitted = true;
  state.submittedAt = place;
  if (device.remap > 0) set(machine, bio, "bi_iter.bi_sector", sector + device.remap, place);
  const half = halfOf(world, opf, device.start + sector);
  const n = world.submissions.filter((other) => other.half === half).length + 1;
  const aligned = (sector * 512) % device.blockSize === 0 && bytes % device.blockSize === 0;
  const submission: Submission = {
    n,
    op: Number(opf & 0xffn),
    half,
    sector: device.start + sector,
    bytes,
    at: place,
    calls: (world.stacks.get(kernel.current) ?? []).map((level) => level.at),
    sizedAt: sizedAt(machine, bio as Pointer),
    device,
    aligned,
  };
  world.submissions.push(submission);
  if (world.submissions.length > MOST) {
    const moved = world.submissions.reduce((sum, each) => sum + each.bytes, 0);
    const wanted = world.ranges.reduce((sum, range) => sum + range.sectors * 512, 0);
    // A read and a write of each byte, or both halves of its copy, are twice as much as there is to copy.
    if (moved > 4 * wanted || world.submissions.slice(-MOST / 2).every((each) => each.bytes === 0))
      world.endless = { at: place, how: "submits" };
    machine.notExecuted(`it submits more than ${MOST} bios`, place);
  }
  const sectors = bytes / 512;
  const target = device.start + sector;
  const inRange = sector >= 0 && sector + sectors <= device.sectors;
  const model: Bio = {
    id: ++kernel.ids,
    memory: noMemory,
    name: named(half, n),
    half: half === "src" || half === "dst" ? half : "copy",
    chunk: n,
    from: half === "src" ? target : -1,
    to: half === "dst" ? target : -1,
    sectors,
    remaining: 1,
    chained: false,
    parent: null,
    token:
      half === "dst" && kernel.queue.pairing === "token" ? tokenOf(machine, world, bio, "get", undefined, at) : null,
    complete: false,
    status: half === "copy" || (inRange && aligned && bytes > 0) ? 0 : EIO,
    endIo: (done) => completion(machine, bio, done, place),
    work: undefined as unknown as () => boolean,
  };
  const work = workOf(machine, world, bio, model, half, target, sectors, place);
  const handed: Bio = work === undefined ? model : { ...model, work };
  if (model.half === "src" && kernel.queue.pairing === "token") tokenOf(machine, world, bio, "put", handed, at);
  submit(kernel, handed, world.origin(at));
}

/** What a driver does when the I/O of a bio is done. */
function* completion(machine: Machine, bio: Value, done: Bio, place: Place): Steps<void> {
  yield* machine.guard(completed(machine, bio, done, place));
}

function* completed(machine: Machine, bio: Value, done: Bio, place: Place): Steps<Value> {
  done.complete = true;
  if (done.status !== 0) set(machine, bio, "bi_status", IOERR, place);
  yield* endio(machine, bio, place);
  return 0;
}

function named(half: Submission["half"], n: number): string {
  if (half === "src") return `SRC ${n}`;
  if (half === "dst") return `DST ${n}`;
  return `${half} ${n}`;
}

/** Which half of a copy a bio is: what its operation says by name, else where it points. */
function halfOf(world: World, opf: bigint, sector: number): Submission["half"] {
  const op = opf & 0xffn;
  for (const { value, half, flag } of world.operations) {
    const bits = BigInt(value);
    if (flag ? (opf & bits) === 0n : op !== bits) continue;
    if (flag) return op === 1n ? "dst" : "src";
    if (half !== undefined) return half;
    const inside = (start: (r: (typeof world.ranges)[number]) => number) =>
      world.ranges.some((range) => sector >= start(range) && sector < start(range) + range.sectors);
    if (world.operations.filter((other) => !other.flag).length < 2) return "copy";
    return inside(({ from }) => from) ? "src" : inside(({ to }) => to) ? "dst" : "copy";
  }
  return op === 0n ? "read" : op === 1n ? "write" : "copy";
}

const sizes = new Note<Map<number, Place>>();

/** Notes where a bio's length is stored; `offset` is that of bi_size in its object. */
export function noteSize(object: MemoryObject, offset: number, at: Place): void {
  const known = sizes.get(object);
  if (known === undefined) sizes.set(object, new Map([[offset, at]]));
  else known.set(offset, at);
}

const sizedAt = ({ program }: Machine, { object, offset }: Pointer): Place | undefined =>
  sizes.get(object)?.get(offset + (program.member(BIO, "bi_iter.bi_size")?.offset ?? 0));

const tokens = new Note<Bio>();

/** The page that carries what the source half brought back to the destination half. */
function tokenOf(
  machine: Machine,
  _: World,
  bio: Value,
  how: "get" | "put",
  model: Bio | undefined,
  at: Place,
): Bio | null {
  const table = get(machine, bio, "bi_io_vec", at);
  if (!(table instanceof Pointer) || Number(get(machine, bio, "bi_vcnt", at)) === 0) return null;
  const page = get(machine, table, "bv_page", at, VEC);
  if (!(page instanceof Pointer)) return null;
  if (how === "put" && model !== undefined) tokens.set(page.object, model);
  return tokens.get(page.object) ?? null;
}

/** Stands in memory for a block of the device: 2^52 + its token, so that nothing else looks like it. */
const MARK = 2 ** 52;

/** Sectors that a device reads or writes in what counts as one step. */
const SECTORS_A_STEP = 64;

/** What the device does for a bio other than the halves of a copy. */
function workOf(
  machine: Machine,
  world: World,
  bio: Value,
  model: Bio,
  half: Submission["half"],
  target: number,
  sectors: number,
  at: Place,
): (() => boolean) | undefined {
  const good = model.status === 0;
  const { device } = world.kernel;
  if (half === "src" || half === "dst") return good ? undefined : () => false;
  if (half === "copy") {
    // What the one bio of a copy carries is a matter between engine and driver: that it succeeds is all that can be said.
    return () => {
      for (const range of world.ranges) copyBlocks(world.kernel, range.from, range.to, range.sectors);
      return true;
    };
  }
  const parts = vectors(machine, bio, at);
  const place = at;
  return () => {
    if (!good) return false;
    const gone = parts.find(({ object }) => object.dead)?.object;
    if (gone !== undefined) {
      machine.fault(gone.storage === "stack" ? "use after scope" : "use after free", gone.name, place, gone);
      return false;
    }
    machine.steps += Math.floor(sectors / SECTORS_A_STEP);
    let at = 0;
    for (const { object, offset, length } of parts) {
      for (let byte = 0; byte < length && at < sectors * 512; byte += 512, at += 512) {
        const sector = target + at / 512;
        const block = Math.floor(sector / device.blockSectors);
        const first = sector % device.blockSectors === 0;
        const where = offset + byte;
        if (where < 0 || where + 8 > object.size) return false;
        if (half === "read") {
          machine.heap.write(
            object,
            where,
            ULLONG,
            MARK + (device.blocks[block] ?? 0) * 256 + (sector % device.blockSectors),
          );
        } else {
          const value = machine.heap.read(object, where, ULLONG);
          const token = typeof value === "number" && value >= MARK ? value - MARK : -1;
          const fits = token >= 0 && token % 256 === sector % device.blockSectors;
          const block_ = fits ? Math.floor(token / 256) : -1;
          device.blocks[block] = first || device.blocks[block] === block_ ? block_ : -1;
        }
      }
    }
    if (half === "write") device.key = device.blocks.join();
    return at >= sectors * 512;
  };
}

function copyBlocks({ device }: Kernel, from: number, to: number, sectors: number): void {
  const { blocks, blockSectors } = device;
  const tokens_ = blocks.slice(from / blockSectors, (from + sectors) / blockSectors);
  tokens_.forEach((token, i) => {
    blocks[to / blockSectors + i] = token;
  });
  device.key = blocks.join();
}

/** The memory that a bio's iterator still has before it. */
function vectors(machine: Machine, bio: Value, at: Place): { object: MemoryObject; offset: number; length: number }[] {
  const table = get(machine, bio, "bi_io_vec", at);
  const size = machine.size(machine.program.record(VEC));
  const out: { object: MemoryObject; offset: number; length: number }[] = [];
  let left = Number(get(machine, bio, "bi_iter.bi_size", at));
  let skip = Number(get(machine, bio, "bi_iter.bi_bvec_done", at));
  // A clone has no table of its own, so only its iterator counts.
  const own = Number(get(machine, bio, "bi_vcnt", at));
  const most = own > 0 ? own : Number.POSITIVE_INFINITY;
  for (let i = Number(get(machine, bio, "bi_iter.bi_idx", at)); left > 0 && i < most; i++) {
    if (!(table instanceof Pointer)) break;
    const length = lengthAt(machine, table, i, at);
    if (length === undefined || length === 0) break;
    const entry = new Pointer(table.object, table.offset + i * size);
    const page = pageState(get(machine, entry, "bv_page", at, VEC));
    const part = Math.min(length - skip, left);
    if (page !== undefined) {
      const offset = page.offset + Number(get(machine, entry, "bv_offset", at, VEC)) + skip;
      out.push({ object: page.memory, offset, length: part });
    }
    left -= part;
    skip = 0;
  }
  return out;
}

/** bio_add_page(): what was added, which is all or nothing; pages that lie behind each other share an entry. */
function addPage(
  machine: Machine,
  bio: Value,
  page: Value,
  length: number,
  offset: number,
  at: Place,
  checked: boolean,
): Value {
  const world = World.of(machine);
  const place = world.placeOf(at) ?? at;
  const table = get(machine, bio, "bi_io_vec", place);
  // One that nobody has made ready: what it holds is anything.
  if (table === UNINIT) machine.fatal("uninitialised value", "bi_io_vec", place);
  const count = Number(get(machine, bio, "bi_vcnt", place));
  const most = Number(get(machine, bio, "bi_max_vecs", place));
  const bytes = toNumber(get(machine, bio, "bi_iter.bi_size", place));
  const size = machine.size(machine.program.record(VEC));
  if (checked && bytes + length > 0xffffffff) return 0;
  const state = pageState(page);
  if (checked && count > 0 && table instanceof Pointer && state !== undefined) {
    const last = new Pointer(table.object, table.offset + (count - 1) * size);
    const before = pageState(get(machine, last, "bv_page", place, VEC));
    const lastLength = Number(get(machine, last, "bv_len", place, VEC));
    const lastEnd = (before?.offset ?? 0) + Number(get(machine, last, "bv_offset", place, VEC)) + lastLength;
    if (before?.memory === state.memory && lastEnd === state.offset + offset) {
      set(machine, last, "bv_len", lastLength + length, place, VEC);
      set(machine, bio, "bi_iter.bi_size", bytes + length, place);
      return length;
    }
  }
  if (count >= most) {
    if (checked) return 0;
    machine.fault("warning", "__bio_add_page() of a bio that is full", place);
    return 0;
  }
  if (!(table instanceof Pointer))
    return machine.fatal(table === 0 ? "null dereference" : "wild pointer", "bi_io_vec", place);
  const entry = new Pointer(table.object, table.offset + count * size);
  set(machine, entry, "bv_page", page, place, VEC);
  set(machine, entry, "bv_len", length, place, VEC);
  set(machine, entry, "bv_offset", offset, place, VEC);
  set(machine, bio, "bi_vcnt", count + 1, place);
  set(machine, bio, "bi_iter.bi_size", bytes + length, place);
  return length;
}

/** blk_next_bio(): (bio, bdev, nr_pages, opf, gfp) from 5.18 on, (bio, nr_pages, gfp) before. It chains before it looks for NULL. */
function* nextBio(machine: Machine, args: Value[], at: Place): Steps<Value> {
  const [prev] = args;
  const fresh =
    args.length >= 5
      ? allocateBio(machine, args[1]!, args[2]!, args[3]!, args[4]!, at)
      : allocateBio(machine, 0, args[1] ?? 0, 0, args[2]!, at);
  if (prev instanceof Pointer) {
    if (fresh === 0)
      machine.fatal("null dereference", "the bio that blk_next_bio() chains to", World.of(machine).placeOf(at) ?? at);
    chain(machine, prev, fresh, at);
    yield* submitBio(machine, prev, at);
  }
  return fresh;
}

/** bio_map_kern(): a bio over the pages of a buffer. */
function mapKern(machine: Machine, data: Value, length: number, gfp: Value, at: Place): Value {
  if (!(data instanceof Pointer))
    return machine.fatal(data === 0 ? "null dereference" : "wild pointer", "the buffer", at);
  const address = data.object.base + data.offset;
  const { pageSize } = machine.program;
  const pages = Math.ceil((address + length) / pageSize) - Math.floor(address / pageSize);
  const bio = make(machine, "bio", pages, false, gfp, at);
  if (bio === 0) return errorPointer(machine, -12);
  initialise(machine, bio, 0, inline(machine, bio), pages, 0, at);
  set(machine, bio, "bi_end_io", machine.functionPointer("bio_map_kern_endio"), at);
  // One entry for the whole: it is contiguous as far as anybody can see.
  addPage(machine, bio, pageOf(machine, data, at), length, address % pageSize, at, false);
  return bio;
}

const errorPointer = (machine: Machine, errno: number): Value =>
  machine.program.model.pointer === 8 ? (1n << 64n) + BigInt(errno) : 2 ** 32 + errno;

const errnos: readonly (readonly [status: number, errno: number])[] = [
  [0, 0],
  [1, -95],
  [2, -110],
  [3, -28],
  [4, -67],
  [5, -121],
  [7, -61],
  [8, -84],
  [9, -12],
  [13, -16],
  [12, -11],
  [10, -5],
  [19, -22],
];

/** What is called at `at` is more than a statement of its own: its result is used. */
function looksAt({ tree, start }: Place): boolean {
  const before = tree.text.slice(Math.max(0, start - 200), start);
  return /[^\s;{})]\s*$/.test(before);
}

const plugKey = (plug: Value): string => (plug instanceof Pointer ? `${plug.object.id}+${plug.offset}` : "");

export const bioBindings: readonly (readonly [string, Binding])[] = [
  ["bio_alloc", (machine, args, at) => bioAlloc(machine, args, at)],
  [
    "bio_alloc_bioset",
    (machine, args, at) =>
      bioAlloc(machine, args.slice(0, args.length >= 5 ? 4 : 2), at, frontPadOf(machine, args.at(-1), at)),
  ],
  [
    "bioset_init",
    (machine, [bioSet, , frontPad], at) => {
      if (!granted(machine, "the bio_set", DIRECT_RECLAIM, true, at)) return -12;
      machine.set(bioSet!, "struct bio_set", "front_pad", frontPad!, at);
      machine.set(bioSet!, "struct bio_set", "ready", 1, at);
      return 0;
    },
  ],
  ["bioset_exit", (machine, [bioSet], at) => machine.set(bioSet!, "struct bio_set", "ready", 0, at)],
  ["bio_alloc_clone", (machine, [bdev, bio, gfp, bioSet], at) => clone(machine, bdev!, bio!, gfp!, bioSet!, at)],
  [
    "bio_clone_fast",
    (machine, [bio, gfp, bioSet], at) => clone(machine, get(machine, bio!, "bi_bdev", at), bio!, gfp!, bioSet!, at),
  ],
  [
    "bio_init_clone",
    (machine, [bdev, bio, original], at) => {
      if (!(bio instanceof Pointer)) return machine.fatal("null dereference", "the bio that is initialised", at);
      initialise(machine, bio, bdev!, 0, 0, get(machine, original!, "bi_opf", at), at);
      setState(bio, { references: 1, pool: false, submitted: false, name: bio.object.name, sizedAt: undefined });
      copyBio(machine, bio, original!, at);
      return 0;
    },
  ],
  ["bio_split", (machine, [bio, sectors, gfp, bioSet], at) => split(machine, bio!, Number(sectors), gfp!, bioSet!, at)],
  [
    "bio_inc_remaining",
    (machine, [bio], at) => {
      set(machine, bio!, "bi_flags", Number(get(machine, bio!, "bi_flags", at)) | CHAINED, at);
      const remaining = Number(get(machine, bio!, "__bi_remaining.counter", at));
      set(machine, bio!, "__bi_remaining.counter", remaining + 1, at);
    },
  ],
  [
    "bio_kmalloc",
    (machine, args, at) => {
      // (nr_vecs, gfp) from 5.18 on, where the caller initialises it; before that (gfp, nr_iovecs). No count of vectors is as large as a
      // gfp mask that may wait.
      const older = Number(args[0]) > Number(args[1]);
      const [vecs, gfp] = older ? [args[1]!, args[0]!] : [args[0]!, args[1]!];
      // UIO_MAXIOV: block/bio.c, bio_kmalloc().
      if (Number(vecs) > 1024) return 0;
      const bio = make(machine, "bio", Number(vecs), false, gfp, at);
      if (bio !== 0 && older) initialise(machine, bio, 0, inline(machine, bio), Number(vecs), 0, at);
      return bio;
    },
  ],
  [
    "bio_init",
    (machine, args, at) => {
      const [bio] = args;
      if (!(bio instanceof Pointer)) return machine.fatal("null dereference", "the bio that is initialised", at);
      const state = bioState(bio);
      if (args.length >= 5) initialise(machine, bio, args[1]!, args[2]!, Number(args[3]), args[4]!, at);
      else initialise(machine, bio, 0, args[1] ?? 0, Number(args[2] ?? 0), 0, at);
      if (state === undefined)
        setState(bio, { references: 1, pool: false, submitted: false, name: bio.object.name, sizedAt: undefined });
      return 0;
    },
  ],
  [
    "bio_reset",
    (machine, args, at) => {
      const bio = args[0] as Pointer;
      const table = get(machine, bio, "bi_io_vec", at);
      const vecs = Number(get(machine, bio, "bi_max_vecs", at));
      initialise(machine, bio, args[1] ?? 0, table, vecs, args[2] ?? 0, at);
      return 0;
    },
  ],
  ["bio_uninit", () => 0],
  ["bio_put", (machine, [bio], at) => put(machine, bio!, at)],
  [
    "bio_get",
    (_, [bio]) => {
      const state = bioState(bio!);
      if (state !== undefined) state.references++;
    },
  ],
  ["bio_chain", (machine, [bio, parent], at) => chain(machine, bio!, parent!, at)],
  [
    "bio_endio",
    function* (machine, [bio], at) {
      yield* endio(machine, bio!, World.of(machine).placeOf(at) ?? at);
      return 0;
    },
  ],
  [
    "bio_add_page",
    (machine, [bio, page, len, off], at) => {
      const { kernel } = World.of(machine);
      // Code that looks at the result has a way for a refusal, which is to be right.
      const refused =
        looksAt(World.of(machine).placeOf(at) ?? at) &&
        fails(kernel, { kind: "refusal", n: 1, what: "bio_add_page() takes nothing" });
      return refused ? 0 : addPage(machine, bio!, page!, Number(len), Number(off), at, true);
    },
  ],
  [
    "__bio_add_page",
    (machine, [bio, page, len, off], at) => addPage(machine, bio!, page!, Number(len), Number(off), at, false),
  ],
  [
    "blk_next_bio",
    function* (machine, args, at) {
      return yield* nextBio(machine, args, at);
    },
  ],
  [
    "bio_chain_and_submit",
    function* (machine, [prev, next], at) {
      if (prev instanceof Pointer) {
        chain(machine, prev, next!, at);
        yield* submitBio(machine, prev, at);
      }
      return next!;
    },
  ],
  ["bio_map_kern", (machine, [, data, len, gfp], at) => mapKern(machine, data!, Number(len), gfp!, at)],
  ["bio_map_kern_endio", (machine, [bio], at) => put(machine, bio!, at)],
  ...["submit_bio", "submit_bio_noacct", "generic_make_request"].map((name): [string, Binding] => [
    name,
    function* (machine, [bio], at) {
      yield* submitBio(machine, bio!, at);
      return 0;
    },
  ]),
  [
    "submit_bio_wait",
    function* (machine, [bio], at) {
      const world = World.of(machine);
      const place = world.placeOf(at) ?? at;
      set(machine, bio!, "bi_end_io", machine.functionPointer("submit_bio_wait_endio"), place);
      awaited.delete(bio as Pointer);
      world.waitedAt.set((bio as Pointer).object, place);
      yield* submitBio(machine, bio!, at);
      yield* waitFor(world, () => awaited.has(bio as Pointer), at);
      const status = Number(get(machine, bio!, "bi_status", place));
      learn(world.kernel, status);
      return errnos.find(([known]) => known === status)?.[1] ?? -5;
    },
  ],
  [
    "blk_start_plug",
    (machine, [plug], at) => {
      const world = World.of(machine);
      const held = world.kernel.current.plug;
      const place = world.placeOf(at) ?? at;
      const started = startPlug(world.kernel, "engine", world.origin(at));
      world.plugged.push(place);
      if (held === null) world.plugHeldAt = place;
      // A plug that is started twice is the same plug still: the first finish ends it.
      if (held === null || world.plugs.get(plugKey(plug!)) !== held) world.plugs.set(plugKey(plug!), started);
    },
  ],
  [
    "blk_start_plug_nr_ios",
    (machine, [plug], at) => {
      const world = World.of(machine);
      world.plugs.set(plugKey(plug!), startPlug(world.kernel, "engine", world.origin(at)));
      world.plugged.push(world.placeOf(at) ?? at);
    },
  ],
  [
    "blk_flush_plug",
    (machine, [plug], at) => {
      const world = World.of(machine);
      const model = world.plugs.get(plugKey(plug!)) ?? world.kernel.current.plug;
      if (model !== null) flush(world.kernel, model, "sleep", world.origin(at));
    },
  ],
  [
    "blkdev_issue_flush",
    (machine, _, at) => {
      const world = World.of(machine);
      world.say("flush the device's cache", at);
      return 0;
    },
  ],
  [
    "blk_finish_plug",
    (machine, [plug], at) => {
      const world = World.of(machine);
      const model = world.plugs.get(plugKey(plug!));
      if (model === undefined) {
        world.offences.push({
          kind: "plug",
          what: "a plug is finished that was not started",
          at: world.placeOf(at) ?? at,
        });
        world.say("finish a plug that was not started", at);
      } else finishPlug(world.kernel, model, world.origin(at));
    },
  ],
  [
    "blk_status_to_errno",
    (machine, [status], at) => {
      const known = errnos.find(([s]) => s === Number(status));
      if (known === undefined)
        machine.fault(
          "warning",
          `blk_status_to_errno(${status}), which is no status`,
          World.of(machine).placeOf(at) ?? at,
        );
      return known?.[1] ?? -5;
    },
  ],
  ["errno_to_blk_status", (_, [errno]) => errnos.find(([, e]) => e === Number(errno))?.[0] ?? IOERR],
];
