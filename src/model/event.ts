import type { Actor } from "./trace.ts";

/** What chose a step: a knob of the reference engine, or a line of a patch (1-based, new side). */
export interface Origin {
  readonly knob?: string;
  readonly at?: { readonly file: string; readonly line: number };
}

/** What the model says of a value in a table cell. */
export type Shown = number | string | null;

/** Why a plug's requests went to the device. */
export type FlushReason = "finish" | "32 requests" | "last request is 128 KiB" | "sleep";

/** One thing that happens in a run. `what` names an object in words: "context", "SRC 2", "allocation 3". */
export type Happening =
  | { readonly kind: "allocate"; readonly what: string; readonly ok: boolean }
  | { readonly kind: "free" | "put" | "scope-ends" | "chain" | "submit" | "pair" | "wake"; readonly what: string }
  | { readonly kind: "load" | "store"; readonly what: string; readonly field: string; readonly value: Shown }
  | { readonly kind: "update"; readonly what: string; readonly field: string; readonly from: Shown; readonly to: Shown }
  | { readonly kind: "start-plug" | "finish-plug"; readonly nested: boolean }
  | { readonly kind: "flush"; readonly reason: FlushReason; readonly requests: number }
  | { readonly kind: "dispatch"; readonly what: string; readonly alone: boolean }
  | { readonly kind: "transfer"; readonly what: string; readonly ok: boolean }
  | { readonly kind: "sleep" | "early" }
  | { readonly kind: "return" | "callback"; readonly copied: number; readonly status: number }
  | { readonly kind: "promise" }
  | { readonly kind: "fault"; readonly what: string; readonly how: string }
  | { readonly kind: "say"; readonly words: string };

export type Event = Happening & { readonly actor: Actor; readonly by?: Origin };

/** `-ENOMEM` and the like for the error numbers that the model hands out (asm-generic/errno-base.h, errno.h). */
export function errnoName(status: number): string {
  if (status === 0) return "0";
  if (status === -5) return "-EIO";
  if (status === -12) return "-ENOMEM";
  if (status === -22) return "-EINVAL";
  return `${status}`;
}

/** A few words that fit a table cell. */
export function describe(event: Event): string {
  switch (event.kind) {
    case "allocate":
      return event.ok ? `alloc ${event.what}` : `alloc ${event.what}: fails`;
    case "scope-ends":
      return `${event.what} goes out of scope`;
    case "free":
    case "put":
    case "chain":
    case "submit":
    case "wake":
      return `${event.kind} ${event.what}`;
    case "pair":
      return `${event.what} paired`;
    case "load":
    case "store":
      return `${event.kind} ${event.field} = ${event.value ?? "NULL"}`;
    case "update":
      return `${event.field}: ${event.from ?? "NULL"} to ${event.to ?? "NULL"}`;
    case "start-plug":
      return event.nested ? "start plug (nested)" : "start plug";
    case "finish-plug":
      return event.nested ? "finish plug (nested)" : "finish plug";
    case "flush":
      return `flush plug: ${event.reason}`;
    case "dispatch":
      return event.alone ? `dispatch ${event.what} alone` : `dispatch ${event.what}`;
    case "transfer":
      return event.ok ? `copy ${event.what}` : `fail ${event.what}`;
    case "sleep":
      return "sleep";
    case "early":
      return "sleep returns early";
    case "return":
      return event.status < 0 ? `return ${errnoName(event.status)}` : `return ${event.copied}`;
    case "callback":
      return `callback(${errnoName(event.status)}, ${event.copied})`;
    case "promise":
      return "return -EIOCBQUEUED";
    case "fault":
      return `${event.how}: ${event.what}`;
    case "say":
      return event.words;
  }
}
