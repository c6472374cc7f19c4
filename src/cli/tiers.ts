import { setFlagsFromString } from "node:v8";

/**
 * V8 compiles a function anew, with more care, each time so many bytes of its bytecode were run (67,584 unless said otherwise). A check
 * that executes nothing is over before that pays, so it is told to wait for functions that are really hot: a quarter of the time for a
 * dozen patches. Where the patch's own code is executed, it pays for the interpreter's: a fifth of the time.
 */
export const expectShortRun = (): void => setFlagsFromString("--interrupt-budget=4000000");

export const expectLongRun = (): void => setFlagsFromString("--interrupt-budget=250000");
