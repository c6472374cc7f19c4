import type { Node } from "../syntax/node.ts";
import type { Call, Code, Field, Func, Loop, Param, Store, Struct } from "./code.ts";
import type { Flow, Place } from "./flow.ts";
import type { OpenExit } from "./paths.ts";

/** A node and the function or structure in which it was found. */
export interface Spot {
  readonly tree: Func["tree"];
  readonly node: Node;
}

/** An operation or flag that the series submits to copy with. */
export interface Operation {
  /** "REQ_OP_COPY_SRC"; what the series calls it. */
  readonly name: string;
  /** Where added code submits with it. */
  readonly uses: readonly { readonly func: Func; readonly node: Node }[];
}

/** A function of the engine, with what it does for it. */
export interface EngineFunction {
  readonly func: Func;
  /** It hands bios over, itself or through functions that the series adds. */
  readonly submits: boolean;
  /** It waits for I/O, itself or through functions that the series adds. */
  readonly waits: boolean;
  /** Runs in the completion of a bio (or is called from there). */
  readonly completion: boolean;
  /** Runs as a work item. */
  readonly work: boolean;
  /** Loops in which it hands bios over, the outermost first. */
  readonly submitLoops: readonly Loop[];
  /** Called once for every chunk of a caller and without a submission loop of its own. */
  readonly perChunk: boolean;
  /** A static function that some other function of the engine calls in a loop, of whatever kind. */
  readonly repeated: boolean;
}

/** One start of a plug in the engine. */
export interface PlugUse {
  readonly func: Func;
  readonly start: Call;
  readonly finishes: readonly Call[];
  /** The start stands right behind a finish, with another start before the loop: the plug is renewed now and then. */
  readonly renewed: boolean;
  /** Another submission loop lies inside of `loop` and behind the start: the plug is one per round of the outer loop. */
  readonly outer: boolean;
  /** The task waits for I/O inside the loop, which flushes the plug by itself. */
  readonly waits: boolean;
  /** Ways out of the function on which the plug stays started. */
  readonly unfinished: readonly OpenExit[];
  /** The submission loop that the start lies in; undefined if it lies in none. */
  readonly loop: Loop | undefined;
  /** The function is called for every chunk from this loop of another one. */
  readonly calledFrom: { readonly func: Func; readonly call: Call } | undefined;
  /** Start and finish can stand around the loop as well: nothing else leaves the loop or knows of the plug. */
  readonly movable: MovablePlug | undefined;
}

/** Where the statements of a plug stand that may move out of its loop; offsets into the tree. */
export interface MovablePlug {
  /** The start, and white space up to the next statement. */
  readonly start: { readonly start: number; readonly end: number };
  /** The white space behind the statement before the finish, and the finish. */
  readonly finish: { readonly start: number; readonly end: number };
  readonly loop: { readonly start: number; readonly end: number };
  /** The two statements as they are written. */
  readonly texts: { readonly start: string; readonly finish: string };
  /** What the line of the loop starts with. */
  readonly indent: string;
}

/** An object that the engine makes to keep track of a call or of a chunk. */
export interface Context {
  readonly struct: string;
  readonly definition: Struct | undefined;
  readonly func: Func;
  /** The variable that points to it (or is it, on the stack). */
  readonly variable: string;
  /** The allocation; undefined for an object on the stack. */
  readonly allocation: Call | undefined;
  readonly role: "call" | "chunk";
  /** The loop that makes one per chunk. */
  readonly loop: Loop | undefined;
  /** It has members that keep track of running I/O: counters, waiters, callbacks, work items. */
  readonly tracks: boolean;
  /** The code asks whether the allocation failed. */
  readonly checked: boolean;
  /** The allocation can return NULL; one from a reserve that may sleep does not. */
  readonly mayFail: boolean;
  /** Some path leaves the function after the submission without having waited. */
  readonly leavesEarly: boolean;
  /** It holds an array that is too large for a stack. */
  readonly large: boolean;
  /** A bio carries it to the driver, in a member of its own and not as its private data. */
  readonly carried: boolean;
  /** A bio has it as its private data, so its completion gets it. */
  readonly isPrivate: boolean;
  /** Members that point back to the object of the call: to one that the engine makes, or that keeps track of I/O. */
  readonly pointsBack: readonly string[];
  /** It keeps a callback, so there is a mode in which nobody waits. */
  readonly callback: boolean;
  /** On the synchronous path: the submission or wait behind which it is freed, and the free. */
  readonly synchronous: { readonly wait: Call; readonly free: Call } | undefined;
}

/** A member in which the engine keeps how much has been copied, and all writes to it. */
export interface Progress {
  readonly place: Place;
  /** `x = min(x, ...)` and the like; with `difference`, `x -= ...` on a path that an error takes. */
  readonly lowered: readonly {
    readonly store: Store;
    readonly by: readonly Node[];
    readonly difference: boolean;
    readonly completion: boolean;
    readonly locked: boolean;
  }[];
  /** Plain stores of something else. */
  readonly starts: readonly Store[];
  /** `+=`, `++`, or a store of a sum with itself. */
  readonly raised: readonly Store[];
  readonly subtracted: readonly Store[];
  /** Several bios whose completions lower it may be in flight at once. */
  readonly concurrent: boolean;
}

/** A parameter of a device-level copy interface that holds bytes and is shifted down to sectors. */
export interface ByteInterface {
  readonly func: Func;
  readonly params: readonly Param[];
  /** The shifts that the values end in. */
  readonly shifts: readonly { readonly func: Func; readonly node: Node; readonly param: Param }[];
  /** Values are shifted in this function or kept by it, not only passed on to another interface. */
  readonly direct: boolean;
  /** Other positions of the same interface are in sectors already. */
  readonly mixed: boolean;
}

/** A callback and its private data, kept while the I/O runs, beside a synchronous mode. */
export interface CallbackPair {
  readonly func: Func;
  readonly callback: Param;
  readonly data: Param;
  /** Where the callback is kept and called; in the first function that does. */
  readonly kept: Store | undefined;
  readonly called: Call;
  /** Where the code decides between the modes. */
  readonly branch: { readonly func: Func; readonly node: Node } | undefined;
  /** Passed on to another interface that has the pair. */
  readonly forwarded: boolean;
}

/** A variable or field with the type or name of an offset that holds a position relative to the operation. */
export interface RelativePosition {
  readonly place: Place;
  readonly store: Store;
  readonly declaration: Spot;
  readonly field: Field | undefined;
  readonly struct: Struct | undefined;
  /** How it is computed: "len - rem"; "" for a count that starts at zero and goes up by each chunk. */
  readonly computed: string;
}

/** Several tests of one mask that could be one. */
export interface AlignmentTest {
  readonly func: Func;
  /** The disjunction, or the first of the adjacent conditions. */
  readonly node: Node;
  readonly mask: string;
  readonly operands: readonly Node[];
  /** Written with IS_ALIGNED(), whose second argument `mask` then is: the alignment and not the mask. */
  readonly byMacro: boolean;
  /** What stands besides in the same condition. */
  readonly others: readonly Node[];
  /** The operands' tests stand next to each other in one `||` chain and can be replaced as one stretch. */
  readonly stretch: { readonly start: number; readonly end: number } | undefined;
  /** The tests are all written in one way, and what is asked of the disjunction is only whether it is zero. */
  readonly asTruth: boolean;
}

/** The comment above a function of the engine. */
export interface FunctionComment {
  readonly func: Func;
  readonly comment: Node;
  /** It opens with two stars, or has the shape of kernel-doc: `@name:` lines, or a heading "name - text". */
  readonly form: "kernel-doc" | "doc-shaped" | "plain";
  /** The name that the comment's first line gives before " - ", if it is another one than the function's. */
  readonly otherHeading: string | undefined;
  /** Parameters that it describes, with the offset of each in the tree's text. */
  readonly described: readonly { readonly name: string; readonly start: number }[];
}

/** A call of a function that the kernel phases out, or a macro that stands for one. */
export interface DeprecatedCall {
  readonly tree: Func["tree"];
  readonly node: Node;
  /** The function or macro that it stands in. */
  readonly within: string;
  readonly macro: boolean;
  readonly args: readonly Node[];
  /** The statement is `x = call(...)`: x, and where the next statement leaves if x is NULL. */
  readonly result:
    | {
        readonly variable: string;
        readonly check: Node | undefined;
        /** The assignment is part of a condition, as in `if (!(x = call(...)))`. */
        readonly embedded: boolean;
      }
    | undefined;
  /** The file is part of code that can be built as a module, so that functions without EXPORT_SYMBOL are out of its reach. */
  readonly modular: boolean;
}

/** Everything that is known of the engine which the series builds, at one point of the series. */
export interface Facts {
  readonly code: Code;
  readonly flow: Flow;
  readonly operations: readonly Operation[];
  readonly functions: readonly EngineFunction[];
  readonly plugs: readonly PlugUse[];
  readonly contexts: readonly Context[];
  readonly progress: readonly Progress[];
  readonly byteInterfaces: readonly ByteInterface[];
  readonly callbackPairs: readonly CallbackPair[];
  readonly relativePositions: readonly RelativePosition[];
  readonly alignmentTests: readonly AlignmentTest[];
  readonly comments: readonly FunctionComment[];
  readonly nextBioCalls: readonly DeprecatedCall[];
}
