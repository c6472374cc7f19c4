// Loops that come round without having changed anything: who polls lets others go on, and who cannot be helped by them never ends.
import type { Pause } from "../model/kernel-objects.ts";
import type { Reads } from "./heap.ts";
import type { Frame } from "./interpret.ts";
import type { Place } from "./token.ts";
import { Pointer, type Value } from "./value.ts";

/** Rounds of a call's loops before it is looked at what they change: few loops have more. */
const FIRST = 4;

/** What there was when a loop came to its end. */
interface Snapshot {
  /** Which loop it is: the instruction behind its last. */
  readonly pc: number;
  readonly slots: readonly Value[];
  readonly ownStores: number;
  readonly memory: string;
  readonly progress: number;
  /** What was read since then. */
  readonly reads: Reads;
}

/** The rounds of a call's loops. */
export interface Rounds {
  count: number;
  snapshot: Snapshot | undefined;
}

/**
 * Counts a round of a loop. Gives what was read since the same loop was last looked at, if nothing is different now: it would go on as it did,
 * for ever, if nobody else changes what it read. (Looked at anew each time that the rounds have doubled, so a loop around others is noticed, too.)
 */
export function cameRound(frame: Frame, pc: number): Reads | undefined {
  const { rounds } = frame;
  const count = ++rounds.count;
  if (count < FIRST) return undefined;
  const { heap, hooks } = frame.machine;
  const { snapshot } = rounds;
  const progress = hooks.progress?.() ?? 0;
  if (
    snapshot?.pc === pc &&
    snapshot.reads === heap.reads &&
    snapshot.ownStores === heap.ownStores &&
    snapshot.progress === progress &&
    snapshot.slots.every((value, i) => isSame(value, frame.slots[i]!)) &&
    snapshot.memory === heap.key()
  )
    return snapshot.reads;
  if ((count & (count - 1)) === 0) {
    heap.reads = new Map();
    rounds.snapshot = {
      pc,
      slots: [...frame.slots],
      ownStores: heap.ownStores,
      memory: heap.key(),
      progress,
      reads: heap.reads,
    };
  }
  return undefined;
}

const isSame = (a: Value, b: Value): boolean =>
  a === b || (a instanceof Pointer && b instanceof Pointer && a.object === b.object && a.offset === b.offset);

/** Lets others go on until something is different of what the loop has read; where it read nothing that others can see, it never ends. */
export function* poll(frame: Frame, reads: Reads, at: Place): Generator<Pause, void, void> {
  const { machine, rounds } = frame;
  const { heap, hooks } = machine;
  const found = [...reads]
    .filter(([object]) => object.shared && object.storage !== "code")
    .flatMap(([object, places]) => [...places].map(([offset, type]) => ({ object, offset, type })));
  if (found.length === 0) return machine.endless(at);
  heap.reads = undefined;
  const values = found.map(({ object, offset, type }) => heap.read(object, offset, type));
  const isNew = (): boolean =>
    found.some(({ object, offset, type }, i) => object.dead || !isSame(heap.read(object, offset, type), values[i]!));
  // What lasts as long as the kernel may be changed by others than those of the run.
  const isOwn = found.every(({ object }) => object.storage !== "static");
  hooks.polls?.({ at, isOwn });
  yield isNew;
  hooks.polls?.(undefined);
  rounds.count = FIRST - 1;
  rounds.snapshot = undefined;
}
