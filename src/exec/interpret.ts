import type { Pause } from "../model/kernel-objects.ts";
import type { Machine } from "./machine.ts";
import { cameRound, poll, type Rounds } from "./round.ts";
import type { Place } from "./token.ts";
import type { CType, RecordType } from "./type.ts";
import { type Int, Pointer, UNINIT, type Value } from "./value.ts";

/** The variables of one call. */
export class Frame {
  readonly machine: Machine;
  readonly code: Code;
  readonly slots: Value[];
  /** Nested calls, this one included. */
  readonly depth: number;
  readonly rounds: Rounds = { count: 0, snapshot: undefined };

  constructor(machine: Machine, code: Code) {
    this.machine = machine;
    this.code = code;
    this.depth = machine.depth;
    this.slots = new Array<Value>(code.slots).fill(UNINIT);
  }
}

export type Plain<T = Value> = (frame: Frame) => T;
export type Steps<T = Value> = (frame: Frame) => Generator<Pause, T, void>;

/** A compiled expression: `plain` if it touches nothing that others can see, else `steps`; exactly one of them is there. */
export interface Run<T = Value> {
  readonly plain: Plain<T> | undefined;
  readonly steps: Steps<T> | undefined;
}

/** One instruction. A jump goes to an index of `Code.ops`. */
export type Op =
  | { readonly kind: "do"; readonly run: Run<unknown>; readonly at: Place }
  | { readonly kind: "silent"; readonly run: Plain<unknown> }
  | { readonly kind: "jump"; to: number }
  | { readonly kind: "unless"; readonly run: Run<boolean>; readonly at: Place; to: number }
  | { readonly kind: "when"; readonly run: Run<boolean>; readonly at: Place; to: number }
  | {
      readonly kind: "switch";
      readonly run: Run;
      readonly at: Place;
      readonly cases: Map<Int, number>;
      ranges: Range[];
      to: number;
    }
  | { readonly kind: "return"; readonly run: Run | undefined; readonly at: Place }
  | { readonly kind: "end-scope"; readonly slots: readonly number[] }
  | { readonly kind: "not-executed"; readonly why: string; readonly at: Place };

export interface Range {
  readonly from: Int;
  readonly to: Int;
  readonly op: number;
}

/** A variable of a function, for whoever shows its values. */
export interface Variable {
  readonly name: string;
  readonly type: CType;
  readonly slot: number;
  /** The slot holds the pointer to its memory. */
  readonly inMemory: boolean;
}

/** A function, ready to run. */
export interface Code {
  readonly name: string;
  readonly at: Place;
  returns: CType;
  params: Variable[];
  ops: Op[];
  slots: number;
  /** Slots that hold pointers to the memory of variables. */
  memory: number[];
  variables: Variable[];
  /** It pauses nowhere. Undefined while it is being compiled. */
  plain: boolean | undefined;
  /** Compiles it, if that is still to be done. */
  compile: (() => void) | undefined;
  /** What in it cannot be executed. */
  problems: { readonly why: string; readonly at: Place }[];
}

function enter(machine: Machine, code: Code, args: readonly Value[], at: Place): Frame {
  machine.tick(at);
  if (++machine.depth > machine.limits.depth) machine.beyond("calls are nested too deeply", at);
  const frame = new Frame(machine, code);
  const { params } = code;
  for (let i = 0; i < params.length; i++) {
    const param = params[i]!;
    const value = args[i] ?? UNINIT;
    if (!param.inMemory) {
      frame.slots[param.slot] = value;
      continue;
    }
    const pointer = machine.variable(param.name, param.type, code.at);
    if (param.type.kind === "record") machine.copyRecord(pointer, 0, value, 0, param.type, at);
    else machine.heap.write(pointer.object, 0, param.type, value);
    frame.slots[param.slot] = pointer;
  }
  return frame;
}

function leave(frame: Frame, returned: Value | undefined, at: Place): Value {
  const { machine, code } = frame;
  machine.depth--;
  const { returns } = code;
  const value = returned ?? (returns.kind === "void" ? 0 : UNINIT);
  const result =
    returns.kind === "record" && value instanceof Pointer ? machine.temporary(value, returns as RecordType, at) : value;
  if (code.memory.length > 0) endScope(frame, code.memory);
  machine.hooks.leave?.(frame, result);
  return result;
}

function endScope(frame: Frame, slots: readonly number[]): void {
  for (const slot of slots) {
    const pointer = frame.slots[slot];
    if (pointer instanceof Pointer && pointer.object.storage === "stack") pointer.object.dead = true;
  }
}

function chosen(op: Op & { kind: "switch" }, value: Value): number {
  const to = op.cases.get(value as Int);
  if (to !== undefined) return to;
  for (const { from, to: last, op: target } of op.ranges) {
    if ((value as Int) >= from && (value as Int) <= last) return target;
  }
  return op.to;
}

/** Where the loop that lies in these instructions begins; its function where nothing in it has a place. */
function placeOf(ops: readonly Op[], from: number, to: number, { code }: Frame): Place {
  for (let i = from; i < to; i++) {
    const op = ops[i]!;
    if ("at" in op) return op.at;
  }
  return code.at;
}

/** Runs a function that pauses nowhere. */
export function callPlain(machine: Machine, code: Code, args: readonly Value[], at: Place): Value {
  const frame = enter(machine, code, args, at);
  return leave(frame, runOpsPlain(frame, code.ops), at);
}

/** Runs any function. */
export function* callSteps(
  machine: Machine,
  code: Code,
  args: readonly Value[],
  at: Place,
): Generator<Pause, Value, void> {
  code.compile?.();
  if (code.plain === true) return callPlain(machine, code, args, at);
  const frame = enter(machine, code, args, at);
  const value = yield* runOps(frame, code.ops);
  machine.depth = frame.depth;
  return leave(frame, value, at);
}

/** Runs instructions that pause nowhere, up to a return; undefined if they end without one. */
export function runOpsPlain(frame: Frame, ops: readonly Op[]): Value | undefined {
  const { machine } = frame;
  for (let pc = 0; pc < ops.length; ) {
    const op = ops[pc++]!;
    switch (op.kind) {
      case "do":
        machine.step(op.at, frame);
        op.run.plain!(frame);
        break;
      case "silent":
        op.run(frame);
        break;
      case "jump":
        if (op.to < pc) {
          // A loop need not have a statement in it.
          machine.tick(frame.code.at);
          // Nobody can help a loop that looks at nothing that others see.
          if (cameRound(frame, pc) !== undefined) machine.endless(placeOf(ops, op.to, pc, frame));
        }
        pc = op.to;
        break;
      case "unless":
        machine.step(op.at, frame);
        if (!op.run.plain!(frame)) pc = op.to;
        break;
      case "when":
        machine.step(op.at, frame);
        if (!op.run.plain!(frame)) break;
        if (op.to < pc && cameRound(frame, pc) !== undefined) machine.endless(op.at);
        pc = op.to;
        break;
      case "switch":
        machine.step(op.at, frame);
        pc = chosen(op, op.run.plain!(frame));
        break;
      case "return":
        machine.step(op.at, frame);
        return op.run === undefined ? 0 : op.run.plain!(frame);
      case "end-scope":
        endScope(frame, op.slots);
        break;
      case "not-executed":
        machine.notExecuted(op.why, op.at);
    }
  }
  return undefined;
}

/** Runs any instructions, up to a return; undefined if they end without one. */
export function* runOps(frame: Frame, ops: readonly Op[]): Generator<Pause, Value | undefined, void> {
  const { machine } = frame;
  for (let pc = 0; pc < ops.length; ) {
    const op = ops[pc++]!;
    // Another thread, at another depth, may have run while this one paused.
    machine.depth = frame.depth;
    switch (op.kind) {
      case "do":
        machine.step(op.at, frame);
        if (op.run.plain !== undefined) op.run.plain(frame);
        else yield* op.run.steps!(frame);
        break;
      case "silent":
        op.run(frame);
        break;
      case "jump":
        if (op.to < pc) {
          // A loop need not have a statement in it.
          machine.tick(frame.code.at);
          const reads = cameRound(frame, pc);
          if (reads !== undefined) yield* poll(frame, reads, placeOf(ops, op.to, pc, frame));
        }
        pc = op.to;
        break;
      case "unless":
        machine.step(op.at, frame);
        if (!(op.run.plain !== undefined ? op.run.plain(frame) : yield* op.run.steps!(frame))) pc = op.to;
        break;
      case "when":
        machine.step(op.at, frame);
        if (!(op.run.plain !== undefined ? op.run.plain(frame) : yield* op.run.steps!(frame))) break;
        if (op.to < pc) {
          const reads = cameRound(frame, pc);
          if (reads !== undefined) yield* poll(frame, reads, op.at);
        }
        pc = op.to;
        break;
      case "switch":
        machine.step(op.at, frame);
        pc = chosen(op, op.run.plain !== undefined ? op.run.plain(frame) : yield* op.run.steps!(frame));
        break;
      case "return": {
        machine.step(op.at, frame);
        const { run } = op;
        return run === undefined ? 0 : run.plain !== undefined ? run.plain(frame) : yield* run.steps!(frame);
      }
      case "end-scope":
        endScope(frame, op.slots);
        break;
      case "not-executed":
        machine.notExecuted(op.why, op.at);
    }
  }
  return undefined;
}
