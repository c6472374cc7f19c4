/**
 * The reference copy engine as a Program, with a branch wherever a patch may choose otherwise. Its steps name the knob that chose
 * them. All lengths are sectors.
 */
import { allocateBio, bioStatus, chain, endBio, finishPlug, putBio, sleep, startPlug, submit } from "./block.ts";
import type { Origin } from "./event.ts";
import {
  allocate,
  type Bio,
  choose,
  type Kernel,
  load,
  type MemoryObject,
  mark,
  place,
  record,
  release,
  report,
  setRunning,
  spawn,
  store,
  type Task,
  type Thread,
  update,
  wake,
} from "./kernel-objects.ts";
import { amount } from "./property.ts";
import type { Program } from "./schedule.ts";
import { type Knob, knobs, type Variant } from "./variant.ts";

export const ENOMEM = -12;
export const EINVAL = -22;

/** What the engine is called with, and in which surroundings. */
export interface Params {
  /** At least 1. */
  readonly chunks: number;
  /** Length of a chunk in sectors, at least 1. */
  readonly chunkSectors: number;
  /** The gfp mask does not let bio_alloc sleep, so it may fail; with a mask that does, it cannot. Other allocations may always fail. */
  readonly mayFailAlloc: boolean;
  readonly callerHoldsPlug: boolean;
  /** The caller's length is not a whole number of sectors. */
  readonly oddLength: boolean;
  /** 1-based chunks that fail; together with failAllocations, null explores all. */
  readonly failChunks: readonly number[] | null;
  /** 1-based allocations that fail, counted over all that the run asks for. */
  readonly failAllocations: readonly number[] | null;
  /** 1-based chunks in the order in which they complete; empty: any order. */
  readonly order: readonly number[];
}

export const usualParams: Params = {
  chunks: 2,
  chunkSectors: 128,
  mayFailAlloc: true,
  callerHoldsPlug: false,
  oddLength: false,
  failChunks: null,
  failAllocations: null,
  order: [],
};

/** The engine of this variant, called once with these parameters. */
export function referenceEngine(variant: Variant, params: Partial<Params> = {}): Program {
  const p: Params = { ...usualParams, ...params };
  const length = p.chunks * p.chunkSectors;
  const { pairing } = variant;
  const scripted = p.failChunks !== null || p.failAllocations !== null;
  return {
    name: "reference engine",
    setting: settingOf(p),
    setup: {
      call: { length, from: 0, to: length },
      pairing: pairing === "single" || pairing === "unknown" ? "none" : pairing,
      serial: variant.completions === "serial",
      order: p.order,
      blockSectors: p.chunkSectors,
      script: scripted ? { chunks: p.failChunks ?? [], allocations: p.failAllocations ?? [] } : null,
    },
    start(kernel) {
      spawn(kernel, "submitter", caller({ kernel, variant, params: p }));
    },
  };
}

function settingOf(params: Params): string {
  const words = [`${params.chunks} ${params.chunks === 1 ? "chunk" : "chunks"} of ${amount(params.chunkSectors)}`];
  if (params.oddLength) words.push("and one byte more");
  if (params.callerHoldsPlug) words.push("under the caller's plug");
  return words.join(" ");
}

interface Engine {
  readonly kernel: Kernel;
  readonly variant: Variant;
  readonly params: Params;
}

/** One call: what its submitter and its completion handlers share. */
interface Call extends Engine {
  readonly context: MemoryObject;
  readonly callback: boolean;
  readonly submitter: Task;
  /** The bio of each submitted chunk that completes last, in the order of the chunks. */
  readonly bios: Bio[];
}

const ORIGINS = Object.fromEntries(knobs.map((knob) => [knob, { knob }])) as { readonly [K in Knob]: Origin };

const by = (knob: Knob): Origin => ORIGINS[knob];

/** Who calls the engine, and finds afterwards what it left behind. */
function* caller(engine: Engine): Thread {
  const { kernel, variant, params } = engine;
  const outer = params.callerHoldsPlug ? startPlug(kernel, "caller") : null;
  const before = kernel.current.plug;
  const callback = variant.protocol === "callback" || (variant.protocol === "both" && choose(kernel, 2) === 1);
  if (!callback) mark(kernel, "synchronous");
  if (params.oddLength) mark(kernel, "odd length");
  if (params.oddLength && variant.units === "bytes") {
    mark(kernel, "odd length admitted");
    record(kernel, { kind: "say", words: "len & 511 is not 0" }, by("units"));
    report(kernel, "return", 0, EINVAL, by("units"));
  } else {
    if (params.oddLength) record(kernel, { kind: "say", words: "caller counts whole sectors" }, by("units"));
    yield* copy(engine, callback);
  }
  mark(kernel, "returned");
  if (kernel.current.plug !== before) mark(kernel, "plug left behind");
  if (outer !== null) finishPlug(kernel, outer);
}

/** The engine's entry. */
function* copy(engine: Engine, callback: boolean): Thread {
  const { kernel, variant, params } = engine;
  const length = params.chunks * params.chunkSectors;
  const copied =
    variant.progress === "sum" || (variant.progress === "min-offset" && variant.progressStart === "zero") ? 0 : length;
  const fields = { refs: 1, waiter: kernel.current, status: 0, copied };
  const context =
    variant.context === "stack"
      ? place(kernel, "context", "scope", fields)
      : allocate(kernel, "context", true, fields, by("context"));
  if (context === null) return report(kernel, "return", 0, ENOMEM, by("context"));
  if (variant.progress !== "prefix") {
    record(kernel, { kind: "store", what: "context", field: "copied", value: copied }, by("progressStart"));
  }
  const call: Call = { ...engine, context, callback, submitter: kernel.current, bios: [] };
  const plug =
    variant.plug === "around" || variant.plug === "unfinished-on-error"
      ? startPlug(kernel, "engine", by("plug"))
      : null;
  const submitted = yield* submitChunks(call);
  const short = submitted < params.chunks;
  if (plug !== null && !(short && variant.plug === "unfinished-on-error")) finishPlug(kernel, plug, by("plug"));
  if (short) yield* correctProgress(call, submitted);
  if (short && (variant.errorPath === "keeps-reference" || variant.errorPath === "returns-early")) {
    yield* leaveEarly(call, submitted);
  } else {
    yield* dropReference(call);
    if (callback) {
      mark(kernel, "promised");
      record(kernel, { kind: "promise" }, by("protocol"));
    } else {
      yield* waitForAll(call);
      yield* answer(call, "return");
    }
  }
  if (variant.context === "stack") release(kernel, context, "scope-ends", by("context"));
  if (context.life !== "freed") mark(kernel, "context outlives the call");
}

/** Submits chunk after chunk until an allocation fails. Returns the number of chunks submitted. */
function* submitChunks(call: Call): Thread<number> {
  const { kernel, variant, params } = call;
  for (let chunk = 1; chunk <= params.chunks; chunk++) {
    const plug = variant.plug === "per-chunk" ? startPlug(kernel, "engine", by("plug")) : null;
    const done = yield* submitChunk(call, chunk);
    if (plug !== null) finishPlug(kernel, plug, by("plug"));
    if (!done) {
      if (chunk > 1) mark(kernel, "failed midway");
      return chunk - 1;
    }
    mark(kernel, "chunks submitted");
  }
  return params.chunks;
}

/** Submits the bios of one chunk, 1-based. False, with nothing left behind, when an allocation failed. */
function* submitChunk(call: Call, chunk: number): Thread<boolean> {
  const { kernel, variant, params } = call;
  const state =
    variant.chunkState === "heap" ? allocate(kernel, `chunk state ${chunk}`, true, {}, by("chunkState")) : null;
  if (variant.chunkState === "heap" && state === null) return false;
  const offset = (chunk - 1) * params.chunkSectors;
  const done = (bio: Bio) => chunkDone(call, bio, offset, state);
  const halves = halvesOf(call, chunk);
  const submitted = yield* halves.length === 1
    ? submitWhole(call, halves[0]!, done)
    : variant.pairing === "token"
      ? submitToken(call, halves, done)
      : submitPair(call, halves, done);
  if (!submitted && state !== null) release(kernel, state, "free", by("chunkState"));
  return submitted;
}

type Shape = Pick<Bio, "half" | "chunk" | "from" | "to" | "sectors">;

/** The bios of a chunk, in the order in which they are submitted. */
function halvesOf({ variant, params }: Call, chunk: number): readonly Shape[] {
  const sectors = params.chunkSectors;
  const from = (chunk - 1) * sectors;
  const to = params.chunks * sectors + from;
  const dst: Shape = { half: "dst", chunk, from: -1, to, sectors };
  const src: Shape = { half: "src", chunk, from, to: -1, sectors };
  if (variant.pairing === "dst-first") return [dst, src];
  if (variant.pairing === "src-first" || variant.pairing === "token") return [src, dst];
  return [{ half: "copy", chunk, from, to, sectors }];
}

type EndIo = (bio: Bio) => Thread;

function* submitWhole(call: Call, shape: Shape, done: EndIo): Thread<boolean> {
  const bio = yield* allocateBio(call.kernel, shape, !call.params.mayFailAlloc, by("pairing"));
  if (bio === null) return false;
  yield* hand(call, bio, done);
  submit(call.kernel, bio, by("pairing"));
  return true;
}

/** The halves go out one after the other, the first one chained to the second: what bio_chain_and_submit does. */
function* submitPair(call: Call, halves: readonly Shape[], done: EndIo): Thread<boolean> {
  const { kernel, variant, params } = call;
  const late = variant.bios === "between-halves";
  const first = yield* allocateBio(kernel, halves[0]!, !params.mayFailAlloc, by("pairing"));
  if (first === null) return false;
  if (late) {
    first.endIo = (bio) => putOnly(kernel, bio);
    submit(kernel, first, by("bios"));
  }
  const second = yield* allocateBio(kernel, halves[1]!, !params.mayFailAlloc, by(late ? "bios" : "pairing"));
  if (second === null) {
    if (!late && variant.errorPath !== "leaks-bio") putBio(kernel, first, by("errorPath"));
    return false;
  }
  yield* hand(call, second, done);
  if (!late) {
    chain(kernel, first, second, by("pairing"));
    submit(kernel, first, by("pairing"));
  }
  submit(kernel, second, by("pairing"));
  return true;
}

/** The destination half goes out when the source half has come back with the token. */
function* submitToken(call: Call, halves: readonly Shape[], done: EndIo): Thread<boolean> {
  const { kernel, variant, params } = call;
  const source = yield* allocateBio(kernel, halves[0]!, !params.mayFailAlloc, by("pairing"));
  if (source === null) return false;
  const target = yield* allocateBio(kernel, halves[1]!, !params.mayFailAlloc, by("pairing"));
  if (target === null) {
    if (variant.errorPath !== "leaks-bio") putBio(kernel, source, by("errorPath"));
    return false;
  }
  target.token = source;
  source.endIo = (bio) => sendToken(kernel, bio, target);
  yield* hand(call, target, done);
  submit(kernel, source, by("pairing"));
  return true;
}

/** The bio becomes the one that completes its chunk, and holds a reference on the context. */
function* hand(call: Call, bio: Bio, done: EndIo): Thread {
  bio.endIo = done;
  call.bios.push(bio);
  yield* update(call.kernel, call.context, "refs", (refs) => Number(refs) + 1);
}

// biome-ignore lint/correctness/useYield: a completion handler is a thread even if it has one step only.
function* putOnly(kernel: Kernel, bio: Bio): Thread {
  putBio(kernel, bio, by("bios"));
}

function* sendToken(kernel: Kernel, source: Bio, target: Bio): Thread {
  putBio(kernel, source, by("pairing"));
  if (source.status === 0) return submit(kernel, target, by("pairing"));
  target.status = source.status;
  yield* endBio(kernel, target);
}

/** The completion handler of a chunk. `offset` is where the chunk starts within the call. */
function* chunkDone(call: Call, bio: Bio, offset: number, state: MemoryObject | null): Thread {
  const { kernel, variant, context } = call;
  if (bio.status !== 0) {
    if (variant.progress === "min-offset") yield* progress(call, "progress", (copied) => Math.min(offset, copied));
    if (variant.progress !== "prefix") yield* store(kernel, context, "status", bio.status, by("status"));
  } else if (variant.progress === "sum") {
    yield* progress(call, "progress", (copied) => copied + bio.sectors);
  }
  if (variant.progress !== "prefix") putBio(kernel, bio);
  if (state !== null) release(kernel, state, "free", by("chunkState"));
  yield* dropReference(call);
}

/** Reads, changes and writes the progress: in one step under a lock, else in two. */
function* progress(call: Call, knob: Knob, change: (copied: number) => number): Thread {
  const { kernel, variant, context } = call;
  if (variant.progressUpdate === "locked") {
    yield* update(kernel, context, "copied", (copied) => change(Number(copied)), by(knob));
    return;
  }
  const copied = yield* load(kernel, context, "copied", by(knob));
  yield* store(kernel, context, "copied", change(Number(copied)), by(knob));
}

/** Not all chunks were submitted: the caller is to learn of it, and must not be told of more than that. */
function* correctProgress(call: Call, submitted: number): Thread {
  const { kernel, variant, params, context } = call;
  const sectors = submitted * params.chunkSectors;
  yield* store(kernel, context, "status", ENOMEM, by("status"));
  if (variant.progress === "prefix" || variant.progress === "sum" || variant.onSubmitError === "leave") return;
  const rest = params.chunks * params.chunkSectors - sectors;
  const change =
    variant.onSubmitError === "subtract"
      ? (copied: number) => copied - rest
      : (copied: number) => Math.min(sectors, copied);
  yield* progress(call, "onSubmitError", change);
}

/** Error paths that do not do what the ordinary end of the call does. */
function* leaveEarly(call: Call, submitted: number): Thread {
  const { kernel, variant, context, callback } = call;
  const nothingOut = submitted === 0;
  if (nothingOut && variant.context === "heap") release(kernel, context, "free", by("context"));
  if (variant.errorPath === "returns-early" && !nothingOut) yield* dropReference(call);
  if (variant.errorPath === "keeps-reference" && !nothingOut && !callback) {
    yield* waitForAll(call);
    yield* answer(call, "return");
  } else {
    report(kernel, "return", 0, ENOMEM, by("errorPath"));
  }
}

/** Drops a reference; whoever drops the last one ends the call. */
function* dropReference(call: Call): Thread {
  const { kernel, context, callback } = call;
  const refs = yield* update(kernel, context, "refs", (count) => Number(count) - 1);
  if (refs !== 0) return;
  if (callback) {
    yield* answer(call, "callback");
    return;
  }
  const waiter = yield* load(kernel, context, "waiter");
  yield* store(kernel, context, "waiter", null);
  if (waiter !== null) yield* wake(kernel, call.submitter);
}

function* waitForAll(call: Call): Thread {
  const { kernel, variant, context } = call;
  if (variant.wait === "check-then-sleep") {
    if ((yield* load(kernel, context, "waiter", by("wait"))) === null) return;
    yield* setRunning(kernel, false);
    yield* sleep(kernel, false, by("wait"));
    return;
  }
  for (;;) {
    yield* setRunning(kernel, false);
    if ((yield* load(kernel, context, "waiter", by("wait"))) === null) break;
    yield* sleep(kernel, true, by("wait"));
    if (variant.wait === "once") return;
  }
  yield* setRunning(kernel, true);
}

/** Works out what the call copied, gives back what it holds, and tells the caller. */
function* answer(call: Call, how: "return" | "callback"): Thread {
  const { kernel, variant, context } = call;
  const { copied, status } = variant.progress === "prefix" ? yield* prefixOf(call) : yield* progressOf(call);
  if (variant.context === "heap") release(kernel, context, "free", by("context"));
  const kept = variant.status === "kept" || (variant.status === "dropped" && how === "callback") ? status : 0;
  report(kernel, how, copied, how === "return" && copied > 0 ? 0 : kept, by("progress"));
}

type Outcome = { readonly copied: number; readonly status: number };

/** Adds up the chunks from the first one on until one has failed. */
function* prefixOf(call: Call): Thread<Outcome> {
  const { kernel, context, bios } = call;
  let status = Number(yield* load(kernel, context, "status", by("status")));
  let copied = 0;
  let whole = true;
  for (const bio of bios) {
    const result = yield* bioStatus(kernel, bio, by("progress"));
    if (result !== 0 && whole) {
      whole = false;
      status = result;
    }
    if (whole) copied += bio.sectors;
    putBio(kernel, bio);
  }
  return { copied, status };
}

function* progressOf({ kernel, context }: Call): Thread<Outcome> {
  const copied = Number(yield* load(kernel, context, "copied", by("progress")));
  const status = Number(yield* load(kernel, context, "status", by("status")));
  return { copied, status };
}
