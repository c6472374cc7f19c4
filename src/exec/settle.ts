import type { Func } from "../engine/code.ts";
import { runOnce } from "../model/schedule.ts";
import { LIMITS, type LimitField, programOf, type Scenario, type Stage } from "./harness.ts";
import type { World } from "./kernel/world.ts";
import { Machine } from "./machine.ts";
import { USED_UP } from "./purse.ts";
import type { Entry, Reading } from "./roles.ts";
import { plainCall } from "./scenarios.ts";

/** More than any limit that a plain call meets, whatever it counts, and small enough for a short. */
const AMPLE = 2 ** 15;

const BUDGET = { failures: 0, preemptions: 0, maxSteps: 20_000 };

const limitsOf = (stage: Stage, odd?: { readonly name: string; readonly value: number }): ReadonlyMap<string, number> =>
  new Map(stage.limitFields.map(({ name }) => [name, name === odd?.name ? odd.value : AMPLE]));

function callOnce(stage: Stage, entry: Entry, scenario: Scenario): World {
  return runOnce(programOf(stage, entry, scenario, stage.purse), BUDGET).kernel.outside as World;
}

/**
 * The reading of a function's parameters that is to be used: the one with which most plain calls copy what they are to copy, and of equals
 * the first. Why not, if none does and neither names nor types say it.
 */
export function settleReading(stage: Stage, readings: readonly Reading[]): Entry | { readonly why: string } {
  const [first] = readings;
  if (stage.purse.left() === 0) return { why: USED_UP };
  if (first?.told && readings.length === 1) return settleAnswer(stage, first.entry);
  let best: Entry | undefined;
  let most = 0;
  let why: string | undefined;
  for (const { entry } of readings) {
    // With limits as their names say, or with ample ones.
    const calls = [undefined, limitsOf(stage)].flatMap((raw) => plainCall(stage, entry, raw));
    const worlds = calls.map((scenario) => callOnce(stage, entry, scenario));
    const good = worlds.filter((world) => copies(world, entry)).length;
    for (const { machine } of worlds) if (machine.ended?.kind === "not-executed") why ??= machine.ended.why;
    if (good > most) [best, most] = [entry, good];
    if (most === calls.length) break;
  }
  if (best !== undefined) return settleAnswer(stage, best);
  return first?.told ? first.entry : { why: why ?? "which of its parameters is what is not known" };
}

/** The entry with what is known of its answers: a plain call that copies shows what it says when all is well. */
function settleAnswer(stage: Stage, entry: Entry): Entry {
  for (const raw of [undefined, limitsOf(stage)]) {
    for (const scenario of plainCall(stage, entry, raw)) {
      const world = callOnce(stage, entry, scenario);
      if (!copies(world, entry)) continue;
      const above = world.answers.filter(({ status, copied }) => copied === null && Number(status ?? 0) > 0);
      const obscure = new Set(above.map(({ how }) => how));
      // A long is a length, or 0 or an error.
      const isStatus =
        entry.func.returns.name === "long" && world.answers.some((a) => a.how === "return" && a.copied === 0);
      return { ...entry, returnsLength: entry.returnsLength && !isStatus, ...(obscure.size > 0 && { obscure }) };
    }
  }
  return entry;
}

/** An entry copies, by itself or by emulation, also where the device cannot. */
export const emulates = (stage: Stage, entry: Entry): boolean =>
  plainCall(stage, entry, undefined).some(
    (scenario) => !scenario.limits.capable && copies(callOnce(stage, entry, scenario), entry),
  );

/** All of the destination is written, and nothing else; and it is said in the way that the entry is to say it. */
function copies(world: World, { roles, later }: Entry): boolean {
  const called = world.answers.some(({ how }) => how === "callback");
  if (roles.some(({ kind }) => kind === "job") && (called !== (later === true) || (!called && world.inFlight > 0)))
    return false;
  const { kernel, ranges, submissions } = world;
  const { blocks, blockSectors } = kernel.device;
  const wanted = ranges.reduce((sum, { sectors }) => sum + sectors * 512, 0);
  const inside = (block: number) =>
    ranges.some(({ to, sectors }) => block * blockSectors >= to && block * blockSectors < to + sectors);
  return (
    submissions.length > 0 &&
    world.arrived() === wanted &&
    blocks.every((token, block) => token === block || inside(block))
  );
}

/**
 * What each limit that the series adds counts: the call of 32 sectors goes another way with a limit of 16 than with one of 32 if that
 * counts sectors, and another way with 8192 than with 16384 if it counts bytes. Where no entry shows it, its name does.
 */
export function settleLimits(stage: Stage, entries: readonly Entry[], funcs: readonly Func[]): readonly LimitField[] {
  const ways = new Map<string, string>();
  return stage.limitFields.map((shown) => {
    const field = { ...shown, most: Math.min(shown.most, mostBySetter(stage, shown, funcs)) };
    for (const entry of entries) {
      const go = (value: number): string =>
        plainCall(stage, entry, limitsOf(stage, { name: field.name, value }), 32)
          .map((scenario) => {
            const { submissions, answers } = callOnce(stage, entry, scenario);
            return [...submissions.map(({ bytes }) => bytes), answers.at(-1)?.status].join();
          })
          .join(";");
      // With all limits ample, the calls of one entry are the same, whichever limit is asked for.
      const way = (value: number): string => {
        const key = `${entries.indexOf(entry)} ${value === AMPLE ? "" : field.name} ${value}`;
        const known = ways.get(key) ?? go(value);
        ways.set(key, known);
        return known;
      };
      const usual = way(AMPLE);
      if (way(16) === usual) continue;
      if (way(32) === usual) return { ...field, counts: "sectors" };
      if (way(8192) !== usual && way(16384) === usual) return { ...field, counts: "bytes" };
    }
    return field;
  });
}

/** The largest value that the series' own setters let a limit have: they are asked for more. Infinity if it has none. */
function mostBySetter(stage: Stage, { name, most }: LimitField, funcs: readonly Func[]): number {
  const writes = new RegExp(`(?:->|\\.)${name}\\s*=([^=][^;]*);`);
  let largest: number | undefined;
  for (const func of funcs) {
    const [owner, value] = func.params;
    const isSetter =
      func.complete &&
      func.params.length === 2 &&
      owner?.type.pointers === 1 &&
      /^struct (?:request_queue|queue_limits)$/.test(owner.type.name) &&
      value?.type.pointers === 0;
    const [, stored] = writes.exec(func.tree.text.slice(func.body.start, func.body.end)) ?? [];
    if (func.addedBy === undefined || stored === undefined) continue;
    if (!isSetter) {
      // Another function, such as a driver's, need not ask the setter.
      if (/[a-z]/.test(stored) && !/\bmin(?:3|_t|_not_zero)?\s*\(/.test(stored)) return Number.POSITIVE_INFINITY;
      continue;
    }
    const machine = new Machine(stage.program, {}, LIMITS);
    const path = owner.type.name === "struct queue_limits" ? name : `limits.${name}`;
    // It may need more of the kernel than there is without a device: then nothing is known of it.
    const kept = machine.setUp(() => {
      const queue = machine.given("the queue", stage.program.record(owner.type.name));
      const steps = machine.run(func.name, [queue, most]);
      while (!steps.next().done);
      return Number(machine.get(queue, owner.type.name, path, { tree: func.tree, start: 0, end: 0 }));
    });
    if (kept !== undefined && kept > 0) largest = Math.max(largest ?? 0, kept);
  }
  return largest ?? Number.POSITIVE_INFINITY;
}
