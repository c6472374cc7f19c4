/**
 * The block layer of the model. Its facts come from Linux 6.9: block/blk-core.c (plugs), block/blk-mq.c (what a plug holds and
 * when it lets go), block/bio.c (chaining and completion), include/linux/bio.h. One queue, one device.
 */
import type { FlushReason, Origin } from "./event.ts";
import {
  type Bio,
  fails,
  fault,
  type Kernel,
  learn,
  mark,
  type Plug,
  place,
  type Request,
  type RequestQueue,
  record,
  release,
  setRunning,
  spawn,
  type Thread,
  touch,
  transfer,
} from "./kernel-objects.ts";

/** BLK_MAX_REQUEST_COUNT (block/blk.h): one plug over several queues would hold twice as many; the model has one queue. */
export const PLUG_REQUESTS = 32;

/** BLK_PLUG_FLUSH_SIZE (block/blk.h), 128 KiB in sectors. */
export const PLUG_FLUSH_SECTORS = 256;

export const EIO = -5;

const HALF_NAMES = { dst: "DST", src: "SRC", copy: "copy" };

/**
 * bio_alloc(). With a gfp mask that may sleep the mempool behind it cannot fail (block/bio.c, bio_alloc_bioset), but the task may
 * sleep until a bio comes back, which flushes its plug. Without, it fails when there is no memory.
 */
export function* allocateBio(
  kernel: Kernel,
  shape: Pick<Bio, "half" | "chunk" | "from" | "to" | "sectors">,
  maySleep: boolean,
  by?: Origin,
): Thread<Bio | null> {
  const name = `${HALF_NAMES[shape.half]} ${shape.chunk}`;
  const n = ++kernel.allocations;
  const held = kernel.current.plug?.requests.length ?? 0;
  if (!maySleep && fails(kernel, { kind: "allocation", n, what: name })) {
    record(kernel, { kind: "allocate", what: name, ok: false }, by);
    return null;
  }
  if (maySleep && held > 0 && fails(kernel, { kind: "sleep", n, what: name })) {
    record(kernel, { kind: "sleep" }, by);
    flush(kernel, kernel.current.plug, "sleep");
    yield () => true;
  }
  record(kernel, { kind: "allocate", what: name, ok: true }, by);
  return {
    id: ++kernel.ids,
    name,
    half: shape.half,
    chunk: shape.chunk,
    from: shape.from,
    to: shape.to,
    sectors: shape.sectors,
    memory: place(kernel, name, "held"),
    remaining: 1,
    chained: false,
    parent: null,
    token: null,
    complete: false,
    status: 0,
    endIo: null,
  };
}

/** bio_chain(): `bio` completes into `parent`, which waits for it and inherits its error. */
export function chain(kernel: Kernel, bio: Bio, parent: Bio, by?: Origin): void {
  bio.parent = parent;
  parent.remaining++;
  parent.chained = true;
  record(kernel, { kind: "chain", what: `${bio.name} to ${parent.name}` }, by);
}

/** bio_put() of the last reference. */
export function putBio(kernel: Kernel, bio: Bio, by?: Origin): void {
  release(kernel, bio.memory, "put", by);
}

/** Reads `bi_status`; a step of its own, as the completion writes it. */
export function* bioStatus(kernel: Kernel, bio: Bio, by?: Origin): Thread<number> {
  yield "bi_status";
  learn(kernel, bio.status);
  record(kernel, { kind: "load", what: bio.name, field: `${bio.name} status`, value: bio.status }, by);
  touch(kernel, bio.memory, by);
  return bio.status;
}

/** blk_start_plug(): under a plug that the task already has, the new one does nothing (block/blk-core.c, blk_start_plug_nr_ios). */
export function startPlug(kernel: Kernel, owner: Plug["owner"], by?: Origin): Plug {
  const task = kernel.current;
  const plug: Plug = { owner, requests: [] };
  record(kernel, { kind: "start-plug", nested: task.plug !== null }, by);
  mark(kernel, `plug started by ${owner}`);
  task.plug ??= plug;
  return plug;
}

/** blk_finish_plug(): only the task's own plug is flushed and taken away. */
export function finishPlug(kernel: Kernel, plug: Plug, by?: Origin): void {
  const task = kernel.current;
  record(kernel, { kind: "finish-plug", nested: task.plug !== plug }, by);
  if (task.plug !== plug) return;
  flush(kernel, plug, "finish", by);
  task.plug = null;
}

/** Gives all that the plug holds to the device. */
export function flush(kernel: Kernel, plug: Plug | null, reason: FlushReason, by?: Origin): void {
  if (plug === null || plug.requests.length === 0) return;
  const requests = plug.requests.splice(0);
  record(kernel, { kind: "flush", reason, requests: requests.length }, by);
  if (reason === "finish" && plug.owner === "engine") {
    mark(kernel, "engine flushed");
    kernel.queue.flushedUpTo = requests.at(-1)!.bios[0]!.chunk;
  }
  for (const request of requests) dispatch(kernel, request);
}

/**
 * submit_bio(). The second half of a copy joins the first if that is the request at the end of the task's plug
 * (blk_attempt_plug_merge looks at one request of the queue only). Else it becomes a request: into the plug, which is emptied first if it
 * holds 32 or its last one has 128 KiB (blk_add_rq_to_plug), or straight to the device.
 */
export function submit(kernel: Kernel, bio: Bio, by?: Origin): void {
  const { plug } = kernel.current;
  record(kernel, { kind: "submit", what: bio.name }, by);
  const { flushedUpTo } = kernel.queue;
  if (flushedUpTo > 0 && bio.chunk > flushedUpTo) kernel.marks.set("submitted after own flush", 1);
  const last = plug?.requests.at(-1);
  const waiting = last?.bios[0];
  // Who meets somehow meets the one that has waited longest.
  const isClaimed =
    waiting !== undefined && kernel.queue.lonely.some(({ bios }) => joins(kernel.queue, waiting, bios[0]!));
  if (last?.bios.length === 1 && waiting !== undefined && !isClaimed && joins(kernel.queue, bio, waiting)) {
    last.bios.push(bio);
    mark(kernel, "paired");
    record(kernel, { kind: "pair", what: `${waiting.name}, ${bio.name}` }, undefined, "block layer");
    return;
  }
  const request: Request = { bios: [bio] };
  if (plug === null) {
    dispatch(kernel, request);
    return;
  }
  if (plug.requests.length >= PLUG_REQUESTS) flush(kernel, plug, "32 requests");
  else if ((waiting?.sectors ?? 0) >= PLUG_FLUSH_SECTORS) flush(kernel, plug, "last request is 128 KiB");
  plug.requests.push(request);
}

/** The first half waits, the second joins; a second half that finds nobody does not wait for a first. */
function joins({ pairing }: RequestQueue, bio: Bio, waiting: Bio): boolean {
  if (pairing === "either" || pairing === "somehow") {
    return (
      waiting.half !== bio.half && waiting.half !== "copy" && bio.half !== "copy" && waiting.sectors === bio.sectors
    );
  }
  const [first, second] = pairing === "dst-first" ? ["dst", "src"] : pairing === "src-first" ? ["src", "dst"] : [];
  return waiting.half === first && bio.half === second && waiting.sectors === bio.sectors;
}

/** Hands a request to the device; it completes later, as an actor of its own. */
function dispatch(kernel: Kernel, request: Request): void {
  const { queue } = kernel;
  const half = request.bios[0]!;
  if (queue.pairing === "somehow" && request.bios.length < 2 && half.half !== "copy") {
    const at = queue.lonely.findIndex(({ bios }) => joins(queue, half, bios[0]!));
    if (at < 0) {
      queue.lonely.push(request);
      spawn(kernel, `completion ${++queue.dispatched}`, awaitOther(kernel, request));
      return;
    }
    const [other] = queue.lonely.splice(at, 1);
    const bios = half.half === "dst" ? [half, ...other!.bios] : [...other!.bios, half];
    mark(kernel, "paired");
    record(kernel, { kind: "pair", what: bios.map((bio) => bio.name).join(", ") }, undefined, "block layer");
    dispatch(kernel, { bios });
    return;
  }
  const name = request.bios.map((bio) => bio.name).join(" + ");
  const alone = request.bios.some(({ half, token }) => {
    if (half === "copy" || queue.pairing === "none") return false;
    return queue.pairing === "token" ? half === "dst" && token?.complete !== true : request.bios.length < 2;
  });
  record(kernel, { kind: "dispatch", what: name, alone }, undefined, "block layer");
  if (alone) fault(kernel, "dispatched alone", name);
  if (queue.pairing === "token" && !alone && request.bios[0]?.half === "dst") mark(kernel, "paired");
  queue.inFlight.push(request.bios[0]!.chunk);
  spawn(kernel, `completion ${++queue.dispatched}`, complete(kernel, request, alone));
}

/** A half that is there without its other one: it fails if that does not come although nobody else can go on. */
function* awaitOther(kernel: Kernel, request: Request): Thread {
  const { lonely, inFlight } = kernel.queue;
  const met = () => !lonely.includes(request);
  const pause = () =>
    met() ||
    kernel.tasks.every(({ done, pause: of }) => done || (typeof of === "function" && (lonelyPauses.has(of) || !of())));
  lonelyPauses.add(pause);
  yield pause;
  if (met()) return;
  lonely.splice(lonely.indexOf(request), 1);
  record(kernel, { kind: "dispatch", what: request.bios[0]!.name, alone: true }, undefined, "block layer");
  fault(kernel, "dispatched alone", request.bios[0]!.name);
  inFlight.push(request.bios[0]!.chunk);
  yield* complete(kernel, request, true);
}

/** Pauses of halves that wait for their others: that they could go on does not count as somebody's going on. */
const lonelyPauses = new WeakSet<() => boolean>();

/** The device works on a request, and the completion handlers of its bios run. */
function* complete(kernel: Kernel, request: Request, alone: boolean): Thread {
  const { queue } = kernel;
  const first = request.bios[0]!;
  const chunk = first.chunk;
  const final = queue.pairing !== "token" || first.half !== "src";
  if (queue.serial || (final && queue.order.length > 0)) {
    yield () => !(queue.serial && queue.completing) && (!final || isNext(queue, chunk));
  }
  queue.completing = true;
  const what = `chunk ${chunk}`;
  let ok = !alone && !fails(kernel, { kind: "chunk", n: chunk, what });
  if (ok && final) {
    const from = Math.max(...request.bios.map((bio) => bio.from), first.token?.from ?? -1);
    const to = Math.max(...request.bios.map((bio) => bio.to));
    ok = first.work === undefined ? transfer(kernel.device, from, to, first.sectors) : first.work();
  }
  record(kernel, { kind: "transfer", what: final ? what : `${what} (token)`, ok }, undefined, "device");
  queue.inFlight.splice(queue.inFlight.indexOf(chunk), 1);
  for (const bio of request.bios) {
    if (!ok) bio.status = EIO;
    yield* endBio(kernel, bio);
  }
  queue.completing = false;
}

/** No chunk in flight is to complete before this one; those that the order does not name come last. */
function isNext({ order, inFlight }: RequestQueue, chunk: number): boolean {
  const place = (each: number) => (order.includes(each) ? order.indexOf(each) : order.length);
  return inFlight.every((each) => place(each) >= place(chunk));
}

/** bio_endio(): a chained bio passes its first error on and completes its parent with the last reference (block/bio.c). */
export function* endBio(kernel: Kernel, bio: Bio): Thread {
  if (bio.chained) {
    yield "remaining";
    bio.remaining--;
    learn(kernel, bio.remaining);
    if (bio.remaining > 0) return;
  }
  touch(kernel, bio.memory);
  bio.complete = true;
  const { parent } = bio;
  if (parent !== null) {
    if (bio.status !== 0 && parent.status === 0) parent.status = bio.status;
    putBio(kernel, bio);
    yield* endBio(kernel, parent);
  } else if (bio.endIo !== null) {
    yield* bio.endIo(bio);
  }
}

/**
 * Sleeps until woken, like blk_io_schedule() and schedule(): a task that was woken before does not sleep at all; one that does flushes its plug
 * first (sched_submit_work, io_schedule_prepare). `mayReturnEarly`: the primitive has a timeout, as blk_io_schedule() has when hung task
 * detection is on.
 */
export function* sleep(kernel: Kernel, mayReturnEarly: boolean, by?: Origin): Thread {
  const task = kernel.current;
  flush(kernel, task.plug, "sleep");
  yield "state";
  learn(kernel, task.running);
  if (task.running) return;
  mark(kernel, "slept");
  record(kernel, { kind: "sleep" }, by);
  if (mayReturnEarly && fails(kernel, { kind: "early", n: 1, what: "sleep" })) {
    yield () => true;
    record(kernel, { kind: "early" }, by);
    yield* setRunning(kernel, true);
    return;
  }
  yield () => task.running;
}
