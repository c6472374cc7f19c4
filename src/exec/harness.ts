import type { Facts } from "../engine/facts.ts";
import { type Kernel, record, spawn, type Thread } from "../model/kernel-objects.ts";
import { type Program as ModelProgram, runOnce } from "../model/schedule.ts";
import type { CTree } from "../syntax/ctree.ts";
import type { Access, Bindings, Hooks } from "./bind.ts";
import type { Frame } from "./interpret.ts";
import { kernelBindings } from "./kernel/bindings.ts";
import { noteSize } from "./kernel/bio.ts";
import { type Device, type Operation, type Range, USER, World } from "./kernel/world.ts";
import { Machine } from "./machine.ts";
import { type Platform, USUAL } from "./platform.ts";
import { Program } from "./program.ts";
import { Purse, USED_UP } from "./purse.ts";
import type { Entry, JobLayout, RangeFields, Role } from "./roles.ts";
import type { Place } from "./token.ts";
import { complete, type IntType, isInt, type RecordType } from "./type.ts";
import { type Int, Pointer, type Value } from "./value.ts";

/** The limits of a device, in 512-byte sectors where not said otherwise. */
export interface DeviceLimits {
  /** Logical block size in bytes. */
  readonly block: number;
  /** What every limit that the series adds is set to. */
  readonly copy: number;
  readonly maxHw: number;
  readonly segments: number;
  /** Flags of the queue are all set: the device can do what the series adds. */
  readonly capable: boolean;
  /** Sectors of a zone; absent: the device has none. */
  readonly zone?: number;
  /** What limits that the series adds are set to as they stand, whatever they count: to find out what that is. */
  readonly raw?: ReadonlyMap<string, number>;
}

/** One way to call an entry. */
export interface Scenario {
  readonly words: string;
  readonly ranges: readonly Range[];
  /** What is really passed, where it differs from the ranges by some bytes. */
  readonly offBy?: { readonly in?: number; readonly out?: number; readonly length?: number };
  readonly limits: DeviceLimits;
  /** Bytes of one token of the model's device. */
  readonly tokenSectors: number;
  readonly asynchronous: boolean;
  readonly gfp: "kernel" | "atomic";
  /** "success": it has to copy it all if nothing goes wrong. "refuse": it must not touch the device. "any": nothing is known. */
  readonly expect: "success" | "refuse" | "any";
  /** The destination lies on a device of its own. */
  readonly twoDevices: boolean;
  /** The logical block size of that device in bytes, if it is another one. */
  readonly outBlock?: number;
  /** The device is a partition: the block layer moves a bio's sector to where that starts (block/blk-core.c, blk_partition_remap()). */
  readonly partition?: boolean;
  /** "yes": a caller that the series shows, or the documentation, permits it. "perhaps": nothing forbids it. */
  readonly permitted: "yes" | "perhaps";
  /** A process chooses the numbers. */
  readonly fromUser?: boolean;
  /** Numbers that are passed as they stand, by index of the parameter: chosen by hand. */
  readonly given?: ReadonlyMap<number, number>;
}

/** What a series' C needs to run: made once for all runs. */
export interface Stage {
  /** The series changes how requests are merged, and with that how the halves of a copy meet. */
  readonly showsPairing: boolean;
  readonly program: Program;
  readonly platform: Platform;
  readonly bindings: Bindings;
  readonly trees: ReadonlySet<CTree>;
  readonly operations: readonly Operation[];
  /** Members that the series adds to `struct queue_limits`, and what they count. */
  readonly limitFields: readonly LimitField[];
  /** Functions of the series that set up what it keeps for all calls, in the order in which they are called. */
  readonly starters: readonly string[];
  /** Code of the series asks whether a device has zones. */
  readonly asksForZones: boolean;
  /** It counts in pages. */
  readonly countsPages: boolean;
  /** What its runs may still take; those that only repeat one are free. */
  readonly purse: Purse;
}

export interface LimitField {
  readonly name: string;
  readonly counts: "sectors" | "bytes" | "things";
  /** The largest value that it can have. */
  readonly most: number;
}

const CALLBACK = "the caller's callback";

/** What one run may need. */
export const LIMITS = { steps: 20_000, depth: 48, bytes: 2 ** 31 };

export function stageOf(facts: Facts, trees: readonly CTree[], platform: Platform = USUAL): Stage {
  const constants = new Map<string, Int>();
  // Bits of a bio's flags that the series adds lie somewhere in the cut-off enumeration: any free ones will do.
  let bit = 24;
  for (const tree of trees) {
    for (const { added, text } of tree.lines) {
      const name = added === undefined ? undefined : /^\s*(__REQ_\w+)\s*,/.exec(text)?.[1];
      if (name !== undefined && name !== "__REQ_NR_BITS" && !constants.has(name)) constants.set(name, bit++);
    }
  }
  const names = facts.operations.map(({ name }) => name).filter((name) => /^\w+$/.test(name));
  const extra = names.map((name, i) => `enum { __operation_${i} = (int)(${name}) };`).join("\n");
  const bindings = kernelBindings(constants, `${extra}\n`);
  const functions = new Map(bindings.functions);
  functions.set(CALLBACK, (machine, args, at) => callback(machine, args, at));
  const all: Bindings = { ...bindings, functions };
  const program = new Program({ trees, bindings: all, platform });
  const operations: Operation[] = [];
  const known = new Set(
    ["READ", "WRITE", "FLUSH", "DISCARD", "SECURE_ERASE", "WRITE_ZEROES"].map((op) =>
      Number(program.constant(`REQ_OP_${op}`)?.value),
    ),
  );
  names.forEach((name, i) => {
    const value = program.constant(`__operation_${i}`)?.value;
    // A state of the engine that is named like an operation has the value of another one.
    if (value === undefined || known.has(Number(value))) return;
    const half = /SRC|SOURCE|READ/.test(name) ? "src" : /DST|DEST|WRITE/.test(name) ? "dst" : undefined;
    operations.push({ name, value, half, flag: BigInt(value) > 0xffn });
  });
  const limits = program.record("struct queue_limits");
  program.member("struct queue_limits", "max_sectors");
  const added = new Set(
    trees.flatMap(({ lines }) =>
      lines.flatMap((line) => (line.added && /^\s[\w\s]*\s(\w+);/.exec(line.text)?.[1]) || []),
    ),
  );
  const limitFields = limits.fields
    .filter(({ name, type }) => added.has(name) && isInt(type))
    .map(({ name, type }) => ({
      name,
      most: 2 ** (8 * (type as IntType).size - ((type as IntType).signed ? 1 : 0)) - 1,
      counts: /bytes/.test(name)
        ? ("bytes" as const)
        : /range_sec|sector/.test(name)
          ? ("sectors" as const)
          : ("things" as const),
    }));
  const asksForZones = facts.code.funcs.some(({ calls }) =>
    calls.some(({ callee }) => /^(?:bdev|blk_queue)_is_zoned$|^bdev_zone|^bdev_nr_zones$/.test(callee)),
  );
  // Where the halves meet is a matter of merging requests.
  const showsPairing = trees.some(
    ({ file, lines }) => /merge/.test(file) && lines.some(({ added }) => added !== undefined),
  );
  const bare: Stage = {
    program,
    platform,
    bindings: all,
    trees: new Set(trees),
    operations,
    limitFields,
    showsPairing,
    starters: [],
    asksForZones,
    purse: new Purse(),
    countsPages: trees.some(({ text }) => /\bPAGE_\w|_page\b|_pages\b/.test(text)),
  };
  return { ...bare, starters: startersOf(bare, trees) };
}

/** Bytes of which 31 bits hold no more. */
const LARGE = 2 ** 31;

/** Whether a run can go another way in a kernel that is built for `platform`: it counts in pages, or with numbers that are large enough. */
export function mayDiffer({ platform: own, countsPages }: Stage, platform: Platform, scenario: Scenario): boolean {
  const { ranges, limits } = scenario;
  const most = Math.max(limits.copy, ...ranges.flatMap(({ from, to, sectors }) => [from + sectors, to + sectors]));
  return (platform.pageSize !== own.pageSize && countsPages) || (platform.model !== own.model && most * 512 >= LARGE);
}

/** The same series in a kernel that is built for something else. */
export function builtFor(stage: Stage, platform: Platform): Stage {
  const { trees, bindings } = stage;
  return { ...stage, platform, program: new Program({ trees: [...trees], bindings, platform }) };
}

/** Functions that the kernel calls once when it comes up: those for that, but not what they call by themselves. */
function startersOf(stage: Stage, trees: readonly CTree[]): string[] {
  const names = new Set(
    trees.flatMap(({ text }) =>
      [...text.matchAll(/\b(?:static\s+)?int\s+__init\s+(\w+)\s*\(\s*void\s*\)/g)].map(([, name]) => name!),
    ),
  );
  const called = (name: string) => trees.some(({ text }) => new RegExp(`[^\\w]${name}\\(\\s*\\)\\s*[;)]`).test(text));
  const good: string[] = [];
  for (const name of names) {
    if (called(name) || stage.program.code(name) === undefined) continue;
    let succeeded = false;
    const program: ModelProgram = {
      name,
      setting: "",
      setup: { call: { from: 0, to: 0, length: 0 } },
      start(kernel) {
        const { world, machine } = worldOf(stage, kernel, [], stage.purse);
        spawn(
          kernel,
          "submitter",
          (function* () {
            yield undefined;
            succeeded = prepare(world, machine, [...good, name]);
          })(),
        );
      },
    };
    runOnce(program, { failures: 0, preemptions: 0, maxSteps: 10 });
    if (succeeded) good.push(name);
  }
  return good;
}

/** Calls what sets the series up, in a world where nothing goes wrong; false if one of them fails or cannot be executed. */
function prepare(world: World, machine: Machine, starters: readonly string[]): boolean {
  if (starters.length === 0) return true;
  const { kernel } = world;
  const events = kernel.events?.length ?? 0;
  world.preparing = true;
  for (const name of starters) {
    const thread = machine.run(name, []);
    let step = thread.next();
    // Nobody else is there yet, so what it waits for does not come.
    while (step.done !== true && !(typeof step.value === "function" && !step.value())) step = thread.next();
    if (step.done !== true || step.value.kind !== "returned" || step.value.value !== 0) return false;
  }
  world.preparing = false;
  world.forget();
  kernel.events?.splice(events);
  return machine.faults.length === 0;
}

/** Sees each statement before it is executed, each access to memory behind it, and each function before it is left. */
export interface Watch {
  statement(world: World, at: Place, frame: Frame): void;
  access(access: Access): void;
  leave(world: World, frame: Frame): void;
}

/** The memory of a run and what ties it to the model's kernel. */
function worldOf(
  stage: Stage,
  kernel: Kernel,
  ranges: readonly Range[],
  purse: Purse | undefined,
  watch?: Watch,
): { readonly world: World; readonly machine: Machine } {
  let world!: World;
  const hooks: Hooks = {
    pauses: (name) => world.preparing || (kernel.oracle.pauses?.(name) ?? true),
    statement(at, frame) {
      watch?.statement(world, at, frame);
      world.statement(at, frame);
    },
    leave(frame, value) {
      watch?.leave(world, frame);
      world.leave(frame, value);
    },
    fault(fault) {
      const at = world.placeOf(fault.at);
      world.faultedBy.set(fault, {
        task: kernel.current,
        stores: world.stores.length,
        submitted: world.submissions.length,
        at,
      });
      // Others show where they come from by the steps before them.
      if (fault.kind === "warning" || fault.kind === "bug") world.say(`${fault.kind}: ${fault.what}`, fault.at);
    },
    access(access) {
      watch?.access(access);
      world.access(access);
      if (access.kind === "store" && access.name === "bi_size") noteSize(access.object, access.offset, access.at);
    },
    conversion: (conversion) => world.conversion(conversion),
    progress: () => world.progress(),
    polls(poll) {
      if (poll === undefined) world.polling.delete(kernel.current);
      else world.polling.set(kernel.current, { ...poll, at: world.placeOf(poll.at) ?? poll.at });
    },
    endless(at) {
      if (kernel.current.name === "submitter") world.endless = { at: world.placeOf(at) ?? at, how: "goes round" };
    },
  };
  const left = purse?.left() ?? LIMITS.steps;
  const limits = left < LIMITS.steps ? { ...LIMITS, steps: left, spent: USED_UP } : LIMITS;
  const machine = new Machine(stage.program, hooks, limits);
  purse?.charge(machine);
  world = new World({ kernel, machine, trees: stage.trees, operations: stage.operations, ranges });
  machine.data = world;
  kernel.outside = world;
  return { world, machine };
}

const nowhere = (stage: Stage): Place => ({ tree: [...stage.trees][0]!, start: 0, end: 0 });

/** What the caller's callback was told. */
function callback(machine: Machine, args: readonly Value[], at: Place): void {
  const world = World.of(machine);
  // Beside its private data, which comes first and is there unless nothing was given for it.
  const own = args.some((arg) => arg instanceof Pointer) || args.length < 2;
  const numbers = args.filter((arg) => !(arg instanceof Pointer)).slice(own ? 0 : 1);
  const [status, copied] = numbers.map((arg) => (typeof arg === "object" ? 0 : Number(arg)));
  world.answers.push({
    how: "callback",
    status: status ?? null,
    copied: copied === undefined ? null : copied * world.unit,
    arrived: world.arrived(),
    at: world.placeOf(at),
    loads: world.loads.length,
  });
  record(
    world.kernel,
    { kind: "say", words: `callback(${[status, copied].filter((v) => v !== undefined).join(", ")})` },
    world.origin(at),
  );
}

/** Where a partition starts on its disk, in sectors. */
const PARTITION = 2048;

/** Sectors of each device of a run. */
const SECTORS = 512;
const blocksBeyond = 64;

/**
 * The entry, called in one way, as a program of the model.
 * @param purse what pays for its runs; absent: they repeat one that is paid.
 */
export function programOf(stage: Stage, entry: Entry, scenario: Scenario, purse?: Purse, watch?: Watch): ModelProgram {
  const { ranges, tokenSectors, twoDevices } = scenario;
  const half =
    Math.max(SECTORS, ...ranges.flatMap(({ from, to, sectors }) => [from + sectors, to + sectors])) +
    blocksBeyond * tokenSectors;
  const total = twoDevices ? 2 * half : half;
  const shifted: Range[] = ranges.map((range) => (twoDevices ? { ...range, to: range.to + half } : range));
  const first = shifted[0] ?? { from: 0, to: 0, sectors: 0 };
  const flags = stage.operations.some(({ flag }) => flag);
  return {
    name: entry.func.name,
    setting: scenario.words,
    setup: {
      call: { from: first.from, to: first.to, length: first.sectors },
      pairing: flags ? "token" : stage.operations.length > 1 ? (stage.showsPairing ? "either" : "somehow") : "none",
      blockSectors: tokenSectors,
    },
    start(kernel) {
      const { blocks } = kernel.device;
      while (blocks.length * tokenSectors < total) blocks.push(blocks.length);
      const { world, machine } = worldOf(stage, kernel, shifted, purse, watch);
      const args = machine.setUp(() => prepareCall(stage, entry, scenario, world, half));
      spawn(kernel, "submitter", submitter(world, machine, stage, entry, args));
    },
  };
}

/**
 * Makes what a call is given: devices with their queues, files, descriptions of ranges. Returns the arguments.
 * @param half sectors of one device.
 */
function prepareCall(stage: Stage, entry: Entry, scenario: Scenario, world: World, half: number): readonly Value[] {
  const { program } = stage;
  const { twoDevices } = scenario;
  const { machine, ranges } = world;
  world.unit = entry.unit;
  if (entry.obscure !== undefined) world.obscure = entry.obscure;
  world.entry = { tree: entry.func.tree, start: entry.func.node.start, end: entry.func.node.end };
  const at = nowhere(stage);
  const make = (name: string, first: number, block: number): Device => {
    const bdev = machine.given(name, program.record("struct block_device"));
    const queue = machine.given(`the queue of ${name}`, program.record("struct request_queue"));
    const disk = machine.given(`the disk of ${name}`, program.record("struct gendisk"));
    const set = (pointer: Pointer, record: string, values: Record<string, Value>) => {
      // A structure that the series or a tree shows may look different.
      for (const [member, value] of Object.entries(values)) {
        if (program.member(record, member) !== undefined) machine.set(pointer, record, member, value, at);
      }
    };
    const inode = machine.given(`the inode of ${name}`, program.record("struct inode"));
    const mapping = machine.given(`the mapping of ${name}`, program.record("struct address_space"));
    const super_ = machine.given(`the super block of ${name}`, program.record("struct super_block"));
    set(bdev, "struct block_device", {
      bd_nr_sectors: half,
      bd_queue: queue,
      bd_disk: disk,
      bd_inode: inode,
      bd_mapping: mapping,
    });
    set(mapping, "struct address_space", { host: inode });
    set(super_, "struct super_block", { s_bdev: bdev });
    set(inode, "struct inode", {
      bdev,
      i_mapping: mapping,
      i_sb: super_,
      i_size: half * 512,
      i_mode: 0o060000,
      i_blkbits: Math.log2(block),
    });
    const remap = scenario.partition ? PARTITION : 0;
    if (remap > 0) set(bdev, "struct block_device", { bd_start_sect: remap, bd_partno: 1 });
    set(disk, "struct gendisk", { queue, part0: bdev });
    const { copy, maxHw, segments, capable, raw, zone } = scenario.limits;
    set(queue, "struct request_queue", {
      disk,
      queue_flags: capable ? (program.model.pointer === 8 ? 0x7fffffffffff : 0x7fffffff) : 0,
      "limits.logical_block_size": block,
      "limits.physical_block_size": block,
      // No device takes less than a page: blk_validate_limits(), and blk_queue_max_hw_sectors() before it.
      "limits.max_hw_sectors": Math.max(maxHw, program.pageSize / 512),
      "limits.max_sectors": Math.max(maxHw, program.pageSize / 512),
      "limits.max_segments": segments,
      "limits.max_segment_size": 65536,
      ...(zone === undefined ? {} : { "limits.zoned": 1, "limits.chunk_sectors": zone }),
    });
    for (const { name: member, counts } of stage.limitFields) {
      const counted = counts === "bytes" ? copy * 512 : counts === "sectors" ? copy : 16;
      const value = capable ? (raw?.get(member) ?? counted) : 0;
      set(queue, "struct request_queue", { [`limits.${member}`]: value });
    }
    const device: Device = { bdev, start: first, sectors: half, blockSize: block, remap };
    world.devices.push(device);
    return device;
  };
  const { block } = scenario.limits;
  const input = make(twoDevices ? "the source device" : "the device", 0, block);
  const output = twoDevices ? make("the destination device", half, scenario.outBlock ?? block) : input;
  /** Where ranges stand that say how much of them was copied. */
  const rangesAt: {
    pointer: Pointer;
    struct: string;
    done: string | undefined;
    size: number;
    unit: number;
    user: boolean;
  }[] = [];
  const args = entry.roles.map((role, i): Value => scenario.given?.get(i) ?? argument(role));

  function argument(role: Role): Value {
    const range = ranges[0]!;
    const { offBy = {} } = scenario;
    switch (role.kind) {
      case "device":
        return (role.side === "out" ? output : input).bdev;
      case "file":
        return fileOf(role.side === "out" ? output : input);
      case "position": {
        const bytes =
          role.side === "in" ? range.from * 512 + (offBy.in ?? 0) : (range.to - output.start) * 512 + (offBy.out ?? 0);
        return bytes / role.unit;
      }
      case "length":
        return (range.sectors * 512 + (offBy.length ?? 0)) / role.unit;
      case "ranges": {
        const record = program.record(role.struct);
        const size = machine.size(record);
        const array = machine.staticObject("the caller's ranges", record, Math.max(size * ranges.length, size));
        putRanges(array, role.struct, role.fields, role.unit, false);
        return array;
      }
      case "user": {
        const memory = userOf(role);
        return role.number ? memory.object.base : memory;
      }
      case "mode":
        return 3;
      case "job":
        return jobOf(role.job);
      case "count":
        return ranges.length;
      case "gfp":
        return scenario.gfp === "kernel" ? 0xcc0 : 0x820;
      case "callback":
        return scenario.asynchronous ? machine.functionPointer(CALLBACK) : 0;
      case "private":
        return scenario.asynchronous
          ? machine.given("the caller's private data", program.record("struct list_head"))
          : 0;
      case "request":
        return requestOf(role);
      case "flags":
        return 0;
    }
  }

  /** Writes down what is to be copied, one range behind the other. */
  function putRanges(first: Pointer, struct: string, fields: RangeFields, unit: number, user: boolean): void {
    const { offBy = {} } = scenario;
    const size = machine.size(program.record(struct));
    ranges.forEach((each, i) => {
      const entry = new Pointer(first.object, first.offset + i * size);
      const put = (member: string | undefined, bytes: number) => {
        if (member !== undefined) machine.set(entry, struct, member, Math.floor(bytes / unit), at);
      };
      put(fields.src, each.from * 512 + (offBy.in ?? 0));
      put(fields.dst, (each.to - output.start) * 512 + (offBy.out ?? 0));
      put(fields.len, each.sectors * 512 + (offBy.length ?? 0));
    });
    if (fields.done !== undefined) world.doneFields.add(fields.done);
    rangesAt.push({ pointer: first, struct, done: fields.done, size, unit, user });
  }

  /** Memory of the calling process that says what to copy. */
  function userOf({ layout, unit }: Role & { kind: "user" }): Pointer {
    const { struct, direct, list } = layout;
    const { offBy = {} } = scenario;
    const record = program.record(struct);
    const size = machine.size(record);
    const made = (name: string, of: RecordType, bytes: number): Pointer => {
      const pointer = machine.staticObject(name, of, bytes);
      pointer.object.data = USER;
      return pointer;
    };
    if (direct !== undefined || list === undefined) {
      const memory = made("the caller's ranges", record, size);
      if (direct !== undefined) putRanges(memory, struct, direct, unit, true);
      return memory;
    }
    const one = machine.size(program.record(list.struct));
    const bytes = one * ranges.length;
    const memory = made("the caller's ranges", record, list.inline ? size + bytes : size);
    const first = list.inline
      ? new Pointer(memory.object, machine.field(struct, list.member, at).offset)
      : made("the caller's list", program.record(list.struct), bytes);
    if (!list.inline) machine.set(memory, struct, list.member, first.object.base, at);
    machine.set(memory, struct, list.count, ranges.length, at);
    if (list.dst !== undefined)
      machine.set(memory, struct, list.dst, ((ranges[0]!.to - output.start) * 512 + (offBy.out ?? 0)) / unit, at);
    putRanges(first, list.struct, list.fields, unit, true);
    const count = machine.field(struct, list.count, at);
    // More than anybody has made room for.
    world.tamper = () => machine.heap.write(memory.object, count.offset, count.type, ranges.length + 1000);
    return memory;
  }

  /** A structure with its lists empty, its locks free, and what it points to made in the same way. */
  function blank(name: string, record: RecordType, depth = 0): Pointer {
    const pointer = machine.given(name, record);
    const fill = (of: RecordType, offset: number) => {
      for (const field of of.fields) {
        const where = offset + field.offset;
        const { type } = field;
        if (type.kind === "record" && type.name === "struct list_head") {
          const self = new Pointer(pointer.object, where);
          machine.set(self, type.name, "next", self, at);
          machine.set(self, type.name, "prev", self, at);
        } else if (type.kind === "record") fill(type, where);
        else if (type.kind === "pointer" && type.to.kind === "record" && depth < 1 && complete(type.to))
          machine.heap.write(pointer.object, where, type, blank(`${name}'s ${field.name}`, type.to, depth + 1));
      }
    };
    fill(record, 0);
    return pointer;
  }

  function jobOf({ struct, source, target, count, callbacks }: JobLayout): Pointer {
    const region = program.record("struct dm_io_region");
    const job = blank("the job", program.record(struct));
    const put = (path: string, device: Device, sector: number, sectors: number) => {
      const { offset } = machine.field(struct, path.replace(/\.\d+$/, ""), at);
      const pointer = new Pointer(job.object, job.offset + offset);
      machine.set(pointer, region.name, "bdev", device.bdev, at);
      machine.set(pointer, region.name, "sector", sector, at);
      machine.set(pointer, region.name, "count", sectors, at);
    };
    const { offBy = {} } = scenario;
    const range = ranges[0]!;
    const sectors = range.sectors + (offBy.length ?? 0) / 512;
    put(source, input, range.from + (offBy.in ?? 0) / 512, sectors);
    put(target, output, range.to - output.start + (offBy.out ?? 0) / 512, sectors);
    if (count !== undefined) machine.set(job, struct, count, 1, at);
    for (const member of callbacks) machine.set(job, struct, member, machine.functionPointer(CALLBACK), at);
    for (const field of program.record(struct).fields) {
      const { type, offset } = field;
      // Private data of the callback.
      if (type.kind === "pointer" && type.to.kind === "void")
        machine.heap.write(
          job.object,
          offset,
          type,
          machine.given("the caller's private data", program.record("struct list_head")),
        );
    }
    return job;
  }

  function fileOf(device: Device): Value {
    const inode = machine.get(device.bdev, "struct block_device", "bd_inode", at);
    const mapping = machine.get(device.bdev, "struct block_device", "bd_mapping", at);
    const file = machine.given("the file", program.record("struct file"));
    machine.set(file, "struct file", "f_mapping", mapping, at);
    machine.set(file, "struct file", "f_inode", inode, at);
    machine.set(file, "struct file", "f_iocb_flags", 1 << 17, at);
    machine.set(file, "struct file", "f_mode", 3, at);
    return file;
  }

  function requestOf({ fields }: Role & { kind: "request" }): Value {
    const { range } = fields;
    const set = (pointer: Pointer, record: string, member: string, value: Value) => {
      if (program.member(record, member) !== undefined) machine.set(pointer, record, member, value, at);
    };
    const shift = Math.log2(scenario.limits.block);
    const blocks = (sectors: number) => (sectors * 512) / scenario.limits.block;
    const given = (name: string, record: string) => machine.given(name, program.record(record));
    const request = given("the request", "struct nvmet_req");
    const command = given("the command", "struct nvme_command");
    const namespace = given("the namespace", "struct nvmet_ns");
    set(request, "struct nvmet_req", "cmd", command);
    set(request, "struct nvmet_req", "cqe", given("the completion", "struct nvme_completion"));
    set(request, "struct nvmet_req", "ns", namespace);
    set(namespace, "struct nvmet_ns", "bdev", input.bdev);
    set(namespace, "struct nvmet_ns", "file", fileOf(input));
    set(namespace, "struct nvmet_ns", "blksize_shift", shift);
    set(namespace, "struct nvmet_ns", "size", input.sectors * 512);
    set(command, "struct nvme_command", fields.destination, blocks(ranges[0]!.to));
    set(command, "struct nvme_command", fields.ranges, ranges.length - 1);
    const size = machine.size(program.record(range));
    world.payload = machine.staticObject("the ranges of the request", program.record(range), size * ranges.length);
    ranges.forEach((each, i) => {
      const entry = new Pointer(world.payload!.object, i * size);
      set(entry, range, fields.start, blocks(each.from));
      set(entry, range, fields.blocks, blocks(each.sectors) - 1);
    });
    set(request, "struct nvmet_req", "transfer_len", size * ranges.length);
    return request;
  }

  /** Bytes that the ranges are said to have been copied; null where the interface does not say so. */
  // V8 takes a function that is written where it becomes a member for one of those that live long: with it, it would keep the whole run
  // until it clears all memory.
  function counted(): number | null {
    let sum: number | null = null;
    for (const { pointer, struct, done, size, unit, user } of rangesAt) {
      const field = done === undefined ? undefined : program.member(struct, done);
      if (field === undefined) continue;
      let here = 0;
      ranges.forEach((_, i) => {
        const value = machine.heap.read(pointer.object, pointer.offset + i * size + field.offset, field.type);
        here += (typeof value === "object" ? 0 : Number(value)) * unit;
      });
      // What a process finds as it left it says nothing.
      if (!user || here > 0) sum = (sum ?? 0) + here;
    }
    return sum;
  }
  world.counted = counted;
  return args;
}

/**
 * The call. Like all that runs as a thread, it is a function of the module: V8 keeps a map of each generator function, and with the map of
 * one that is made within a run that whole run.
 */
function* submitter(
  world: World,
  machine: Machine,
  { starters }: Stage,
  entry: Entry,
  args: readonly Value[] | undefined,
): Thread {
  if (args === undefined) return;
  prepare(world, machine, starters);
  const outcome = yield* machine.run(entry.func.name, args);
  if (outcome.kind === "returned") world.returned(entry, outcome.value);
}
