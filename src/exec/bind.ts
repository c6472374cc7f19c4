import type { Pause } from "../model/kernel-objects.ts";
import type { MemoryObject } from "./heap.ts";
import type { Frame } from "./interpret.ts";
import type { Machine } from "./machine.ts";
import type { Place } from "./token.ts";
import type { CType, IntType } from "./type.ts";
import type { Int, Value } from "./value.ts";

/** What a binding gives back. */
// biome-ignore lint/suspicious/noConfusingVoidType: the binding of a void function returns nothing.
export type BindingResult = Value | void;

/**
 * What a function of the kernel does, in terms of the model. Arguments have been converted to the types of its prototype; none is
 * uninitialised (that is a fault of its own, and 0 stands in). A generator pauses before each step that others can see. A function
 * that returns nothing may return undefined.
 */
export type Binding = (
  machine: Machine,
  args: Value[],
  at: Place,
) => Generator<Pause, BindingResult, void> | BindingResult;

/** What the code under test stands on: the kernel as far as it is known. */
export interface Bindings {
  readonly functions: ReadonlyMap<string, Binding>;
  /** Constants: int if they fit, else the first of unsigned int, long, unsigned long that holds them. Others: a #define in `types`. */
  readonly constants: ReadonlyMap<string, Int>;
  /**
   * C source: structures, typedefs, enumerations, macros (iterators and statements too), prototypes of the bound functions, static inline
   * functions and variables. What the series shows goes before it; members that the series adds to a structure here are added.
   */
  readonly types: string;
  /** C of the harness behind that: enumerators that ask for values of the series' macros, ... */
  readonly asked?: string;
  /** Whether a name that `#ifdef`, `#if` or IS_ENABLED() asks for is set; undefined: by default, see program.ts. */
  configured?(name: string): boolean | undefined;
}

export type FaultKind =
  | "null dereference"
  | "wild pointer"
  | "out of bounds"
  | "use after free"
  | "use after scope"
  | "uninitialised value"
  | "double free"
  | "invalid free"
  | "undefined shift"
  | "division by zero"
  | "bug"
  | "warning";

/** Something that the code did wrong. */
export interface Fault {
  readonly kind: FaultKind;
  /** In words: "cio was freed", "cio->waiter", "shift by 40 of a 32 bit value". */
  readonly what: string;
  readonly at: Place;
  readonly object: MemoryObject | undefined;
  /** The thread ended with it; else it went on (freed memory was read, an uninitialised condition was taken as false). */
  readonly fatal: boolean;
}

/** An integer conversion that changed the value: `value` of `from` became `result` of `to`. */
export interface Conversion {
  readonly value: Int;
  readonly result: Int;
  readonly from: IntType;
  readonly to: IntType;
  readonly at: Place;
  /** Written as a cast. */
  readonly explicit: boolean;
}

/** A load or a store of memory that others can see. */
export interface Access {
  readonly kind: "load" | "store";
  readonly object: MemoryObject;
  /** In bytes. */
  readonly offset: number;
  readonly type: CType;
  readonly value: Value;
  /** The member or variable. */
  readonly name: string;
  readonly at: Place;
}

/** Called while a program runs; each may be absent. */
export interface Hooks {
  fault?(fault: Fault): void;
  conversion?(conversion: Conversion): void;
  access?(access: Access): void;
  /** Behind each function. */
  leave?(frame: Frame, value: Value): void;
  /** Before a member is touched that others can see, by its name: whether the thread is to pause; absent: always. */
  pauses?(name: string): boolean;
  /** Before each statement, and each condition of a loop. */
  statement?(at: Place, frame: Frame): void;
  /** A number that is another one when something has happened that memory does not show. */
  progress?(): number;
  /** The running thread goes round in a loop until somebody changes what it reads; undefined: no more. */
  polls?(poll: Poll | undefined): void;
  /** The running thread goes round in a loop, and nobody can help it. */
  endless?(at: Place): void;
}

/** A loop that waits for others by looking again and again. */
export interface Poll {
  readonly at: Place;
  /** All that it looks at was made in the run, so nobody else changes it. */
  readonly isOwn: boolean;
}

/** How much one run may need. */
export interface Limits {
  /** Statements, conditions and calls. */
  readonly steps: number;
  /** Why there are no more steps; absent: a run may take no more. */
  readonly spent?: string;
  /** Nested calls. */
  readonly depth: number;
  /** Bytes of all objects that are ever made, and of all that memcpy() and its like touch. */
  readonly bytes: number;
}

export const LIMITS: Limits = { steps: 200_000, depth: 64, bytes: 1 << 26 };

/** How a thread of the program ended. "not-executed": something that it needs is not known, or a limit was reached. */
export type Outcome =
  | { readonly kind: "returned"; readonly value: Value }
  | {
      readonly kind: "not-executed";
      readonly why: string;
      readonly at: Place | undefined;
      /** It is a limit that was reached. */
      readonly bound?: true;
    }
  | { readonly kind: "faulted"; readonly fault: Fault };
