import type { Facts } from "../engine/facts.ts";
import { type Replay, type Staged, staged } from "../exec/execute.ts";
import { builtFor, type DeviceLimits, type Scenario } from "../exec/harness.ts";
import type { Range, World } from "../exec/kernel/world.ts";
import type { Platform } from "../exec/platform.ts";
import { type Entry, type RangeFields, type Role, readingsOf } from "../exec/roles.ts";
import { overlaps, scenariosOf } from "../exec/scenarios.ts";
import { emulates, settleReading } from "../exec/settle.ts";
import { ILP32, LP64 } from "../exec/type.ts";
import type { Failure, Script } from "../model/kernel-objects.ts";
import type { Run } from "../model/schedule.ts";
import type { RunList } from "../report/run.ts";
import { engineToRun } from "../review/review.ts";
import type { Series } from "../series/series.ts";
import type { Tree } from "../source/image.ts";
import { thrownText } from "../text/thrown.ts";
import { nearest } from "./nearest.ts";
import type { RunOptions } from "./program.ts";
import { type Amount, amountOf } from "./size.ts";
import { failuresOf, neverFails, number, oneOf, orderOf, UsageError } from "./typed.ts";

/** A run that was put together by hand, and what is to be asked of it when it is done. */
export interface HandRun extends Replay {
  readonly script: Script;
  readonly order: readonly number[];
}

const SECTOR = 512;

/** Blocks of the device that a run may have: each takes a word of memory, and time. */
const MOST_BLOCKS = 2 ** 21;

/** Chunks that `--fail` and `--order` may name: a run has no more bios. */
const MOST_CHUNKS = 64;

const paramsOf = ({ func }: Entry) =>
  func.params.filter(({ type }) => type.name !== "void" || type.pointers > 0 || type.callable);

// What there is to run.

interface Ready extends Staged {
  readonly facts: Facts;
}

function readyOf(series: Series, tree: Tree | undefined): Ready | undefined {
  const facts = engineToRun(series, tree);
  return facts.operations.length === 0 ? undefined : { ...staged(facts), facts };
}

/** Is told of a series at which we failed; the others are read. */
export type Failed = (series: Series, thrown: unknown) => void;

export function listed(all: readonly Series[], tree: Tree | undefined, failed: Failed): RunList {
  const lists = all.map((series): RunList => {
    try {
      return listOf(readyOf(series, tree));
    } catch (error) {
      failed(series, error);
      const notRead = [{ series: series.subject, why: `internal error: ${thrownText(error)}` }];
      return { functions: [], limits: [], notExecuted: [], notRead };
    }
  });
  return {
    functions: lists.flatMap(({ functions }) => functions),
    limits: lists.flatMap(({ limits }) => limits),
    notExecuted: lists.flatMap(({ notExecuted }) => notExecuted),
    notRead: lists.flatMap(({ notRead }) => notRead),
  };
}

function listOf(one: Ready | undefined): RunList {
  const ready = one === undefined ? [] : [one];
  return {
    functions: ready.flatMap(({ entries }) =>
      entries.map((entry) => ({
        function: entry.func.name,
        ...placeOf(entry),
        params: paramsOf(entry).map(({ name }, i) => ({ name, role: roleText(entry.roles[i]!) })),
        ways: waysOf(entry),
      })),
    ),
    limits: ready.flatMap(({ stage }) => stage.limitFields.map(({ name, counts }) => ({ name, counts }))),
    notExecuted: ready.flatMap(({ facts, entries, notExecuted }) => {
      const out = [...notExecuted].map(([name, why]) => ({ function: name, why }));
      for (const { func, submits, waits, completion, work } of facts.functions) {
        if (!(submits || waits) || notExecuted.has(func.name) || entries.some((entry) => entry.func === func)) continue;
        const why = completion
          ? "it runs when I/O completes"
          : work
            ? "it runs as work"
            : "a helper: runs of others come to it, and --function may name it";
        out.push({ function: func.name, why });
      }
      return out;
    }),
    notRead: [],
  };
}

function placeOf({ func }: Entry): { readonly file: string; readonly line: number } {
  const { tree, node } = func;
  const index = tree.starts.findLastIndex((start) => start <= Math.max(node.start, tree.from));
  const line = tree.lines[Math.max(index, 0)]!;
  return { file: tree.file, line: (line.added ?? line.shown)?.line ?? line.number };
}

function waysOf(entry: Entry): string[] {
  if (entry.roles.some(({ kind }) => kind === "request")) return ["until the request is completed"];
  if (!entry.roles.some(({ kind }) => kind === "callback"))
    return [entry.later ? "and calls back later" : "synchronously"];
  return entry.mayWait ? ["synchronously (--sync)", "with a callback (--callback)"] : ["with a callback"];
}

const unitText = (unit: 1 | 512): string => (unit === 1 ? "in bytes" : "in sectors");

const fieldsText = ({ src, dst, len, done }: RangeFields): string =>
  [src, dst, len].filter((name) => name !== undefined).join(", ") +
  (done === undefined ? "" : `; ${done} says how much was copied`);

function roleText(role: Role): string {
  switch (role.kind) {
    case "device":
      return role.side === "both" ? "the device" : role.side === "in" ? "the source device" : "the destination device";
    case "file":
      return role.side === "in" ? "the file to copy from" : "the file to copy to";
    case "position":
      return `where to copy ${role.side === "in" ? "from" : "to"}, ${unitText(role.unit)}`;
    case "length":
      return `how much to copy, ${unitText(role.unit)}`;
    case "ranges":
      return `ranges, each with ${fieldsText(role.fields)}, ${unitText(role.unit)}`;
    case "count":
      return "number of ranges";
    case "gfp":
      return "how memory is asked for (--gfp)";
    case "callback":
      return "called when all is done (--callback, --sync)";
    case "private":
      return "what the callback is given";
    case "request":
      return "the request of a host: from, to, len";
    case "user": {
      const fields = role.layout.direct ?? role.layout.list?.fields;
      return `memory of the calling process${fields === undefined ? "" : `, with ${fieldsText(fields)}`}`;
    }
    case "mode":
      return "how it was opened: for reading and writing";
    case "job":
      return "a job: from, to, len";
    case "flags":
      return "a number, 0 unless given";
  }
}

// What is to be run.

/** The function that is asked for, with what it takes to call it. */
function foundEntry(
  all: readonly Series[],
  tree: Tree | undefined,
  name: string,
  failed: Failed,
): { ready: Ready; entry: Entry } {
  const ready = all.flatMap((series) => {
    try {
      return readyOf(series, tree) ?? [];
    } catch (error) {
      failed(series, error);
      return [];
    }
  });
  if (ready.length === 0) throw new UsageError("none of the patches builds a copy engine: there is nothing to run");
  const having = ready.filter(({ facts }) => facts.code.byName.has(name));
  if (having.length > 1)
    throw new UsageError(`${having.length} of the series have a function ${name}(): give one of them`);
  const [one] = having;
  if (one === undefined) {
    const names = ready.flatMap(({ entries }) => entries.map(({ func }) => func.name));
    const meant = nearest(name, names);
    const hint = meant === undefined ? "--list says what there is" : `did you mean ${meant}?`;
    throw new UsageError(`the patches show no function ${name}(): ${hint}`);
  }
  const entry = one.entries.find(({ func }) => func.name === name);
  if (entry !== undefined) return { ready: one, entry };
  const func = one.facts.code.byName.get(name)!;
  const refuse = (why: string): never => {
    throw new UsageError(`${name}() cannot be run: ${why}`);
  };
  if (!func.complete) return refuse("only a part of it is shown");
  const readings = readingsOf(one.facts, one.stage.program, func);
  if ("why" in readings) return refuse(one.notExecuted.get(name) ?? readings.why);
  const settled = settleReading(one.stage, readings);
  return "why" in settled ? refuse(settled.why) : { ready: one, entry: settled };
}

/** `NAME=VALUE`, or `NAME[N]=VALUE`. */
function assignment(option: string, text: string): { name: string; index: number; value: string } {
  const [, name, index, value] = /^\s*([A-Za-z_][\w.]*)(?:\[(\d{1,3})\])?\s*=\s*(.*\S)\s*$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError(`${option} wants NAME=VALUE, not '${text}'`);
  return { name, index: Number(index ?? 0), value };
}

export function byHand(all: readonly Series[], tree: Tree | undefined, options: RunOptions, failed: Failed): HandRun {
  const { ready, entry } = foundEntry(all, tree, options.function ?? "", failed);
  const stage = builtFor(ready.stage, platformOf(options));
  const { scenario: base } = scenariosOf(stage, entry)[0]!;
  const limits = limitsOf(ready, base.limits, options);
  const asynchronous = modeOf(entry, base.asynchronous, options);
  const called = argumentsOf(entry, base, limits, options);
  const { ranges, offBy } = called;
  const gfp = oneOf("--gfp", options.gfp ?? "wait", ["wait", "nowait"]) === "wait" ? "kernel" : "atomic";
  const shape = { ...base, ranges, limits, asynchronous, gfp } as const;
  const scenario: Scenario = {
    ...shape,
    ...(offBy === undefined ? {} : { offBy }),
    ...(called.given.size === 0 ? {} : { given: called.given }),
    tokenSectors: tokenOf(ranges, limits),
    expect: expectOf(ready, entry, shape, offBy, called.given),
    words: wordsOf(entry, shape, offBy),
  };
  const last = Math.max(...ranges.flatMap(({ from, to, sectors }) => [from + sectors, to + sectors]));
  if (last / scenario.tokenSectors > MOST_BLOCKS)
    throw new UsageError(`--arg: the ranges end at ${sizeText(last * SECTOR)}, which is more than a run can hold`);
  const named = failuresOf(options.fail ?? [], {
    alloc: 1_000,
    chunk: MOST_CHUNKS,
    early: 1_000,
    sleep: 1_000,
    refusal: 1_000,
  });
  const others = new Map<Failure["kind"], readonly number[]>([
    ["early", named.early],
    ["sleep", named.sleep],
    ["refusal", named.refusal],
    ["fetch", []],
  ]);
  return {
    stage,
    entry,
    scenario,
    ways: [],
    bounds: { failures: 0, preemptions: 0, maxSteps: 60_000 },
    script: { chunks: named.chunk, allocations: named.alloc, others },
    order: orderOf(options.order, MOST_CHUNKS),
  };
}

/** What the kernel is built for. */
function platformOf({ bits = "64", page = "4096" }: RunOptions): Platform {
  const model = oneOf("--bits", bits, ["32", "64"]) === "32" ? ILP32 : LP64;
  return { model, pageSize: Number(oneOf("--page", page, ["4096", "65536"])) };
}

/** Without --sync and --callback, as the function is called first of all. */
function modeOf(entry: Entry, usual: boolean, { sync, callback }: RunOptions): boolean {
  const name = `${entry.func.name}()`;
  if (sync && callback) throw new UsageError("--sync and --callback exclude each other");
  const takes = entry.roles.some(({ kind }) => kind === "callback");
  if (callback && !takes) throw new UsageError(`--callback: ${name} takes no callback`);
  if (sync && usual) throw new UsageError(`--sync: ${name} does not wait by itself, it has to be given a callback`);
  return callback === true || (usual && sync !== true);
}

function limitsOf({ stage }: Ready, base: DeviceLimits, options: RunOptions): DeviceLimits {
  const block = number("--block", options.block ?? String(base.block), SECTOR, 65536);
  if (Math.log2(block) % 1 !== 0) throw new UsageError(`--block wants a power of two, not ${block}`);
  const names = { chunk: base.copy * SECTOR, block, page: platformOf(options).pageSize };
  let made: DeviceLimits = { ...base, block, ...(options.incapable ? { capable: false } : {}) };
  const raw = new Map<string, number>();
  const own = { max_hw_sectors: "maxHw", max_sectors: "maxHw", max_segments: "segments" } as const;
  for (const text of options.limit ?? []) {
    const { name, value } = assignment("--limit", text);
    const amount = amountOf(`--limit ${name}`, value, names);
    const field = stage.limitFields.find((each) => each.name === name);
    if (field !== undefined) {
      const unit = field.counts === "sectors" ? SECTOR : 1;
      const counted = inUnit(`--limit ${name}`, amount, unit);
      if (counted > field.most)
        throw new UsageError(`--limit ${name}: the member cannot be ${counted}, only up to ${field.most}`);
      raw.set(name, counted);
      // A chunk is as large as the smallest limit that says so.
      if (field.counts !== "things" && /len|sector|bytes|size/.test(name)) {
        const sectors = Math.floor((counted * unit) / SECTOR);
        made = { ...made, copy: raw.size === 1 ? sectors : Math.min(made.copy, sectors) };
      }
    } else if (Object.hasOwn(own, name)) {
      const key = own[name as keyof typeof own];
      made = { ...made, [key]: inUnit(`--limit ${name}`, amount, key === "maxHw" ? SECTOR : 1) };
    } else {
      const known = [...stage.limitFields.map((each) => each.name), ...Object.keys(own)].join(", ");
      throw new UsageError(`--limit knows ${known}, not '${name}'`);
    }
  }
  return raw.size === 0 ? made : { ...made, raw };
}

/** An amount in the unit of what it is for. */
function inUnit(option: string, { bytes, plain }: Amount, unit: number): number {
  if (bytes % unit !== 0)
    throw new UsageError(`${option} counts ${unit} bytes each, of which ${bytes} bytes are no whole number`);
  return bytes / unit + plain;
}

interface Called {
  readonly ranges: readonly Range[];
  readonly offBy: Scenario["offBy"];
  readonly given: ReadonlyMap<number, number>;
}

type Part = "from" | "to" | "len";

/** What is passed: of everything that is not said, as much as callers pass first of all, two chunks. */
function argumentsOf(entry: Entry, base: Scenario, limits: DeviceLimits, options: RunOptions): Called {
  const [usual] = base.ranges as readonly [Range];
  const names = { chunk: limits.copy * SECTOR, block: limits.block, page: platformOf(options).pageSize };
  const params = paramsOf(entry);
  const given = new Map<number, number>();
  const chosen = new Map<string, number>();
  let count = 1;
  const several = entry.roles.some(
    ({ kind, ...role }) =>
      kind === "ranges" ||
      kind === "request" ||
      (kind === "user" && "layout" in role && role.layout.list !== undefined),
  );
  const put = (option: string, part: Part, index: number, bytes: number) => {
    if (index > 0 && !several) throw new UsageError(`${option}: ${entry.func.name}() is given one range`);
    if (index > 0 && bytes % SECTOR !== 0)
      throw new UsageError(`${option}: only the first range may start or end within a sector`);
    count = Math.max(count, index + 1);
    chosen.set(`${part} ${index}`, bytes);
  };
  for (const text of options.arg ?? []) {
    const { name, index, value } = assignment("--arg", text);
    const option = `--arg ${name}`;
    const known = partOf(entry, name);
    if (known !== undefined) {
      const { bytes, plain } = amountOf(option, value, names);
      put(option, known.part, index, inUnit(option, { bytes, plain: 0 }, known.unit) * known.unit + plain * known.unit);
      continue;
    }
    const at = params.findIndex((param) => param.name === name);
    const role = entry.roles[at];
    if (role === undefined)
      throw new UsageError(`${option}: ${entry.func.name}() has no such parameter, but ${partsOf(entry).join(", ")}`);
    const amount = () => inUnit(option, amountOf(option, value, names), 1);
    if (role.kind === "count") {
      const wanted = amount();
      if (wanted < 1 || wanted > 128) throw new UsageError(`${option}: a run has 1 to 128 ranges`);
      count = Math.max(count, wanted);
    } else if (role.kind === "flags") given.set(at, amount());
    else throw new UsageError(`${option} cannot be chosen: it is ${roleText(role)}`);
  }
  const ranges: Range[] = [];
  let offBy: Scenario["offBy"];
  let behind = 0;
  const goal = goalOf(entry);
  for (let i = 0; i < count; i++) {
    const length =
      chosen.get(`len ${i}`) ??
      (count > 1 ? limits.copy || usual.sectors : 2 * (limits.copy || usual.sectors)) * SECTOR;
    const sectors = Math.floor(length / SECTOR);
    const first = ranges[0];
    const step = 2 * Math.max(sectors, usual.sectors) * i;
    const from = chosen.get(`from ${i}`) ?? ((first?.from ?? usual.from) + step) * SECTOR;
    // Where ranges have no destination of their own, each goes behind the one before it.
    const to = (goal ? chosen.get(`to ${i}`) : i === 0 ? chosen.get("to 0") : undefined) ?? standardGoal();
    function standardGoal(): number {
      if (first !== undefined) return (goal ? first.to + step : first.to + behind) * SECTOR;
      const far = Math.floor((chosen.get("from 0") ?? 0) / SECTOR) + sectors * 2 * count;
      return Math.max(usual.to, Math.ceil(far / usual.to) * usual.to, 2 * count * sectors) * SECTOR;
    }
    if (!goal && i > 0 && chosen.has(`to ${i}`))
      throw new UsageError(`--arg to[${i}]: each range goes behind the one before it`);
    const odd = { in: from % SECTOR, out: to % SECTOR, length: length % SECTOR };
    if (i === 0 && (odd.in || odd.out || odd.length)) offBy = odd;
    ranges.push({ from: Math.floor(from / SECTOR), to: Math.floor(to / SECTOR), sectors });
    behind += sectors;
  }
  return { ranges, offBy, given };
}

/** Each range has a destination of its own. */
function goalOf(entry: Entry): boolean {
  const fields = entry.roles.map(fieldsOf).find((each) => each !== undefined);
  return fields === undefined ? !entry.roles.some(({ kind }) => kind === "request") : fields.dst !== undefined;
}

function fieldsOf(role: Role): RangeFields | undefined {
  if (role.kind === "ranges") return role.fields;
  return role.kind === "user" ? (role.layout.direct ?? role.layout.list?.fields) : undefined;
}

/** Which part of a range a name means: a parameter, a member of what describes a range, or the part by its own name. */
function partOf(entry: Entry, name: string): { readonly part: Part; readonly unit: number } | undefined {
  for (const [i, param] of paramsOf(entry).entries()) {
    const role = entry.roles[i]!;
    if (param.name === name) {
      if (role.kind === "position") return { part: role.side === "in" ? "from" : "to", unit: role.unit };
      if (role.kind === "length") return { part: "len", unit: role.unit };
    }
    const fields = fieldsOf(role);
    if (fields === undefined || !("unit" in role)) continue;
    const { unit } = role;
    if (name === fields.src) return { part: "from", unit };
    if (name === fields.dst) return { part: "to", unit };
    if (name === fields.len) return { part: "len", unit };
  }
  const taken = paramsOf(entry).some((param) => param.name === name);
  const part = (["from", "to", "len"] as const).find((each) => each === name);
  if (part === undefined || taken) return undefined;
  const sectors =
    entry.roles.some((role) => "unit" in role && role.unit === 512) || entry.roles.some(({ kind }) => kind === "job");
  return { part, unit: sectors ? SECTOR : 1 };
}

/** All that `--arg` can name. */
const partsOf = (entry: Entry): string[] => [
  ...new Set([
    ...paramsOf(entry).flatMap(({ name }, i) =>
      ["position", "length", "count", "flags"].includes(entry.roles[i]!.kind) ? [name] : [],
    ),
    ...entry.roles.flatMap((role) => {
      const { src, dst, len } = fieldsOf(role) ?? {};
      return [src, dst, len].filter((name) => name !== undefined);
    }),
    "from",
    "to",
    "len",
  ]),
];

/** The largest stretch, up to 4 KiB, that every bio of the run is a whole number of. */
function tokenOf(ranges: readonly Range[], { copy, block, capable }: DeviceLimits): number {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  const chunk = capable ? Math.floor((copy * SECTOR) / block) * (block / SECTOR) : 0;
  const all = ranges.flatMap(({ from, to, sectors }) => [from, to, sectors]);
  return Math.max(1, [...all, chunk].reduce(gcd, 8));
}

type Shape = Pick<Scenario, "ranges" | "limits" | "asynchronous" | "gfp" | "expect">;

/** What callers may rely on, as far as it is known of calls like this. */
function expectOf(
  { stage }: Ready,
  entry: Entry,
  { ranges, limits, expect }: Shape,
  offBy: Scenario["offBy"],
  given: ReadonlyMap<number, number>,
): Scenario["expect"] {
  const { block, copy, capable } = limits;
  const files = entry.roles.some(({ kind }) => kind === "file");
  const aligned = ranges.every(({ from, to, sectors }) => [from, to, sectors].every((n) => (n * SECTOR) % block === 0));
  if (!files && (offBy !== undefined || !aligned)) return "refuse";
  if (files || given.size > 0 || overlaps({ ranges, twoDevices: false }) || ranges.some(({ sectors }) => sectors === 0))
    return "any";
  if (!capable) return emulates(stage, entry) ? expect : "any";
  const whole = stage.operations.length === 1 && !stage.operations[0]!.flag;
  const long = ranges.some(({ sectors }) => sectors > copy);
  return copy * SECTOR < block || (whole && long) ? "any" : expect;
}

function sizeText(bytes: number): string {
  for (const [unit, size] of [
    ["GiB", 2 ** 30],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ] as const)
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
  return `${bytes} bytes`;
}

function wordsOf(entry: Entry, { ranges, limits, asynchronous, gfp }: Shape, offBy: Scenario["offBy"]): string {
  const [first] = ranges as readonly [Range];
  const length = first.sectors * SECTOR + (offBy?.length ?? 0);
  const chunk = limits.copy * SECTOR;
  const chunks = length / chunk;
  const even = limits.capable && chunk > 0 && Number.isInteger(chunks) && chunks > 0;
  const one = even ? `${chunks} chunk${chunks === 1 ? "" : "s"} of ${sizeText(chunk)}` : sizeText(length);
  const parts = [ranges.length === 1 ? one : `${ranges.length} ranges, the first of ${sizeText(length)}`];
  parts.push(
    `from ${sizeText(first.from * SECTOR + (offBy?.in ?? 0))} to ${sizeText(first.to * SECTOR + (offBy?.out ?? 0))}`,
  );
  if (limits.block !== SECTOR) parts.push(`blocks of ${limits.block} bytes`);
  for (const [name, value] of limits.raw ?? []) parts.push(`${name} = ${value}`);
  if (!limits.capable) parts.push("on a device that cannot copy");
  if (entry.roles.some(({ kind }) => kind === "callback")) parts.push(asynchronous ? "with a callback" : "synchronous");
  if (gfp === "atomic") parts.push("memory only without waiting");
  return parts.join(", ");
}

/** Whatever is told to fail must come about. */
export function checkFailures({ script }: HandRun, { kernel }: Run): void {
  const world = kernel.outside as World;
  for (const n of script.allocations) {
    if (kernel.failures.some((failure) => failure.kind === "allocation" && failure.n === n)) continue;
    throw neverFails(
      n,
      false,
      kernel.allocations,
      "it may wait for memory and has a reserve behind it, so it cannot fail",
    );
  }
  for (const n of script.chunks) {
    if (kernel.failures.some((failure) => failure.kind === "chunk" && failure.n === n)) continue;
    const most = Math.max(0, ...world.submissions.map((each) => each.n));
    throw new UsageError(`--fail chunk:${n} never happens: this run has ${most} chunk${most === 1 ? "" : "s"}`);
  }
  for (const [kind, times] of script.others ?? []) {
    const asked = kernel.asked.get(kind) ?? 0;
    const n = times.find((each) => each > asked);
    if (n !== undefined)
      throw new UsageError(
        `--fail ${kind}:${n} never happens: in this run it could ${asked} time${asked === 1 ? "" : "s"}`,
      );
  }
}
