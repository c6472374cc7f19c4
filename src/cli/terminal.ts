import { inspect } from "node:util";
import { printable } from "../text/printable.ts";
import { type Complaint, complaints, complaintText, type ExitCode } from "./complaint.ts";
import type { Io } from "./io.ts";

/** Whether to colour stdout: the command line decides, then NO_COLOR, then FORCE_COLOR, then the terminal. */
export function colorWanted(asked: boolean | undefined, io: Pick<Io, "env" | "stdout">): boolean {
  if (asked !== undefined) return asked;
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return io.stdout.isTTY && TERM !== "dumb";
}

/** Columns to fill: 80, or fewer in a narrow terminal. */
export function widthOf(io: Pick<Io, "columns">): number {
  return Math.min(80, Math.max(40, io.columns() ?? 80));
}

/** Prints a complaint on stderr, and returns its exit code. */
export function complain(io: Pick<Io, "stderr">, complaint: Complaint): ExitCode {
  io.stderr.write(complaintText(complaint));
  return complaint.exit;
}

/** Complains of a defect of ours, with the stack of what was thrown if COPYLINT_DEBUG asks for it. */
export function crashed(io: Pick<Io, "stderr" | "env">, thrown: unknown, doing: string): ExitCode {
  const code = complain(io, complaints.crash(thrown, doing));
  printStack(io, thrown);
  return code;
}

/** Prints where something was thrown, if COPYLINT_DEBUG asks for it; of what carries no stack, what it is and where it was caught. */
export function printStack(io: Pick<Io, "stderr" | "env">, thrown: unknown): void {
  if (!io.env.COPYLINT_DEBUG) return;
  const error = thrown instanceof Error ? thrown : new Error(inspect(thrown, { depth: 1, maxStringLength: 200 }));
  io.stderr.write(`${(error.stack || String(error)).split("\n").map(printable).join("\n")}\n`);
}
