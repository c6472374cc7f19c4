import type { Binding, Conversion, Limits, Outcome } from "../../src/exec/bind.ts";
import { Machine } from "../../src/exec/machine.ts";
import { Program, type ProgramInput, treeOf } from "../../src/exec/program.ts";
import type { Place } from "../../src/exec/token.ts";
import type { Value } from "../../src/exec/value.ts";
import { spanOf } from "../../src/syntax/ctree.ts";

export interface Options {
  readonly functions?: Record<string, Binding>;
  readonly constants?: Record<string, number>;
  /** The kernel table. */
  readonly types?: string;
  readonly platform?: ProgramInput["platform"];
  readonly limits?: Partial<Limits>;
}

export interface Ran {
  readonly machine: Machine;
  readonly outcome: Outcome;
  /** What was returned, or in words how else it ended. */
  readonly result: Value | string;
  /** What was touched before each pause. */
  readonly pauses: readonly unknown[];
  /** "3: double free: p": line, kind and what. */
  readonly faults: readonly string[];
  readonly conversions: readonly Conversion[];
}

const ALLOCATE = `
void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);
void kfree(const void *p);
`;

const allocators: Record<string, Binding> = {
  kmalloc: (machine, [size], at) => machine.allocate("kmalloc()", Number(size as number), { zero: false }, at),
  kzalloc: (machine, [size], at) => machine.allocate("kzalloc()", Number(size as number), { zero: true }, at),
  kfree: (machine, [pointer], at) => machine.free(pointer!, at),
};

export function programOf(source: string, options: Options = {}): Program {
  return new Program({
    trees: [treeOf("a.c", source)],
    bindings: {
      functions: new Map(Object.entries({ ...allocators, ...options.functions })),
      constants: new Map(Object.entries({ GFP_KERNEL: 0, EINVAL: 22, ENOMEM: 12, ...options.constants })),
      types: ALLOCATE + (options.types ?? ""),
    },
    ...(options.platform === undefined ? {} : { platform: options.platform }),
  });
}

const lineOf = (at: Place) => spanOf(at.tree, at).line;

/** Runs `f` of the source, by itself, to its end. */
export function run(source: string, args: readonly Value[] = [], options: Options = {}): Ran {
  const conversions: Conversion[] = [];
  const program = programOf(source, options);
  const machine = new Machine(program, { conversion: (each) => conversions.push(each) }, options.limits);
  const pauses: unknown[] = [];
  const thread = machine.run("f", args);
  let step = thread.next();
  while (step.done !== true) {
    pauses.push(step.value);
    step = thread.next();
  }
  const outcome = step.value;
  const result =
    outcome.kind === "returned"
      ? outcome.value
      : outcome.kind === "faulted"
        ? `faulted: ${outcome.fault.kind}`
        : `not executed: ${outcome.why}`;
  const faults = machine.faults.map(({ at, kind, what }) => `${lineOf(at)}: ${kind}: ${what}`);
  return { machine, outcome, result, pauses, faults, conversions };
}
