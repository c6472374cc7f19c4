import { errnoName } from "./event.ts";
import { type Kernel, marked, type Report } from "./kernel-objects.ts";
import type { Run } from "./schedule.ts";

export type PropertyId =
  | "reported-has-arrived"
  | "arrived-is-reported"
  | "failure-is-learned"
  | "waiter-woken"
  | "callback-once"
  | "freed-exactly-once"
  | "context-within-call"
  | "no-context-allocation"
  | "no-midway-allocation"
  | "pairs-meet"
  | "no-own-flush-between-chunks"
  | "plug-restored"
  | "aligned-by-type";

/** One sentence about runs, and how to tell from a run that went to its end whether it holds. */
export interface Property {
  readonly id: PropertyId;
  readonly says: string;
  /** What must happen in some run, or the property holds because there was nothing to see. */
  readonly sometimes: string;
  occurs(run: Run): boolean;
  /** What came out, in words, if the run breaks the property. */
  broken(run: Run): string | null;
}

/** "16 sectors", "64 KiB" for whole KiB from 4 KiB on, "nothing". */
export function amount(sectors: number): string {
  if (sectors === 0) return "nothing";
  if (sectors >= 8 && sectors % 2 === 0) return `${sectors / 2} KiB`;
  return sectors === 1 ? "1 sector" : `${sectors} sectors`;
}

const failed = (kernel: Kernel, ...kinds: string[]) => kernel.failures.some(({ kind }) => kinds.includes(kind));

const claims = ({ copied, status }: Report) => (status < 0 ? 0 : copied);

const returned = (kernel: Kernel) => kernel.reports.filter(({ how }) => how === "return");

const callbacks = (kernel: Kernel) => kernel.reports.filter(({ how }) => how === "callback");

/** What a callback says it copied counts even next to an error; a return value is either. */
const said = (report: Report) => (report.how === "callback" ? report.copied : claims(report));

export const properties: readonly Property[] = [
  {
    id: "reported-has-arrived",
    says: "what is reported as copied has really arrived, from the start, without a gap",
    sometimes: "something goes wrong with a chunk or an allocation, and the caller is told how much was copied",
    occurs: ({ kernel }) => failed(kernel, "chunk", "allocation") && kernel.reports.length > 0,
    broken({ kernel }) {
      const report = kernel.reports.find((each) => said(each) > each.arrived);
      return report === undefined
        ? null
        : `${amount(said(report))} reported, ${amount(report.arrived)} arrived from the start`;
    },
  },
  {
    id: "arrived-is-reported",
    says: "when every chunk arrives, the whole length is reported",
    sometimes: "nothing goes wrong and the caller is told how much was copied",
    occurs: ({ kernel }) => kernel.failures.length === 0 && kernel.reports.length > 0,
    broken({ kernel }) {
      const { length } = kernel.call;
      const report = kernel.reports.find((each) => each.arrived >= length && said(each) < length);
      return report === undefined ? null : `all ${amount(length)} arrived, ${amount(said(report))} reported`;
    },
  },
  {
    id: "failure-is-learned",
    says: "the caller learns of a failure: by a short count, or by an error when nothing was copied",
    sometimes: "something goes wrong with a chunk or an allocation, and the call ends",
    occurs: ({ kernel }) => failed(kernel, "chunk", "allocation") && kernel.reports.length > 0,
    broken({ kernel }) {
      for (const { how, copied, status, arrived } of kernel.reports) {
        if (status < 0 || arrived >= kernel.call.length) continue;
        if (copied >= kernel.call.length)
          return `success is reported although ${amount(arrived)} of ${amount(kernel.call.length)} arrived`;
        if (copied === 0) return `${how === "return" ? "the call returns" : "the callback gets"} 0 and no error`;
      }
      return null;
    },
  },
  {
    id: "waiter-woken",
    says: "the waiter is woken: the call returns",
    sometimes: "the submitter really sleeps before the call returns",
    occurs: ({ kernel }) => marked(kernel, "slept") > 0,
    broken: ({ stuck }) =>
      stuck.some(({ name }) => name === "submitter") ? "the call never returns: nobody wakes the submitter" : null,
  },
  {
    id: "callback-once",
    says: "the callback fires exactly once if it was promised, and never otherwise",
    sometimes: "a call promises the callback",
    occurs: ({ kernel }) => marked(kernel, "promised") > 0,
    broken({ kernel, stuck }) {
      const fired = callbacks(kernel).length;
      if (fired === marked(kernel, "promised")) return null;
      if (fired === 0) return stuck.length > 0 ? null : "the callback was promised and never fires";
      if (fired > 1) return `the callback fires ${fired} times`;
      const answer = returned(kernel)[0];
      return `the call returns ${answer === undefined ? "nothing" : errnoName(answer.status)}, and the callback fires as well`;
    },
  },
  {
    id: "freed-exactly-once",
    says: "each object is freed exactly once, and not used after that",
    sometimes: "an object is freed by another actor than the submitter",
    occurs: ({ kernel }) => kernel.objects.some(({ freedBy }) => freedBy !== null && freedBy !== "submitter"),
    broken({ kernel, stuck }) {
      const fault = kernel.faults.find(({ how }) => how !== "dispatched alone");
      if (fault !== undefined) return `${fault.how}: ${fault.what}`;
      if (stuck.length > 0) return null;
      const leaked = kernel.objects.filter(({ life }) => life === "held").map(({ name }) => name);
      return leaked.length === 0 ? null : `never freed: ${leaked.join(", ")}`;
    },
  },
  {
    id: "context-within-call",
    says: "on every synchronous path the context's lifetime ends before the call returns",
    sometimes: "a synchronous call has a context",
    occurs: ({ kernel }) => marked(kernel, "synchronous") > 0 && contextOf(kernel) !== undefined,
    broken({ kernel }) {
      if (marked(kernel, "synchronous") === 0 || marked(kernel, "context outlives the call") === 0) return null;
      return "the call has returned and its context is still there";
    },
  },
  {
    id: "no-context-allocation",
    says: "a call cannot fail for want of memory for its own context",
    sometimes: "an allocation fails",
    occurs: ({ kernel }) => failed(kernel, "allocation"),
    broken({ kernel }) {
      if (!kernel.failures.some(({ kind, what }) => kind === "allocation" && what === "context")) return null;
      return "nothing is copied, for want of memory for the context alone";
    },
  },
  {
    id: "no-midway-allocation",
    says: "submission needs no allocation per chunk, beyond the bios, that can fail midway",
    sometimes: "an allocation fails after a chunk was submitted",
    occurs: ({ kernel }) => marked(kernel, "failed midway") > 0,
    broken({ kernel }) {
      if (marked(kernel, "failed midway") === 0) return null;
      const failure = kernel.failures.find(({ kind, what }) => kind === "allocation" && what.startsWith("chunk state"));
      return failure === undefined ? null : `submission stops midway for want of memory for the ${failure.what}`;
    },
  },
  {
    id: "pairs-meet",
    says: "every copy bio meets its pair before it is dispatched",
    sometimes: "two halves of a copy meet",
    occurs: ({ kernel }) => marked(kernel, "paired") > 0,
    broken({ kernel }) {
      const fault = kernel.faults.find(({ how }) => how === "dispatched alone");
      return fault === undefined ? null : `${fault.what} is dispatched without its other half`;
    },
  },
  {
    id: "no-own-flush-between-chunks",
    says: "the engine itself asks for no flush between two chunks, if the caller holds no plug",
    sometimes: "two chunks are submitted and the caller holds no plug",
    occurs: ({ kernel }) => marked(kernel, "chunks submitted") > 1 && marked(kernel, "plug started by caller") === 0,
    broken({ kernel }) {
      if (marked(kernel, "submitted after own flush") === 0) return null;
      const flushes = marked(kernel, "engine flushed");
      return `the engine asks for ${flushes} flushes for ${marked(kernel, "chunks submitted")} chunks`;
    },
  },
  {
    id: "plug-restored",
    says: "the task leaves the call with the plug that it had before",
    sometimes: "the engine starts a plug and the call returns",
    occurs: ({ kernel }) => marked(kernel, "plug started by engine") > 0 && marked(kernel, "returned") > 0,
    broken: ({ kernel }) =>
      marked(kernel, "plug left behind") > 0
        ? "the call returns and its plug, on a dead stack, is still the task's"
        : null,
  },
  {
    id: "aligned-by-type",
    says: "every length that the interface admits is a whole number of sectors",
    sometimes: "a caller has a length that is not a whole number of sectors",
    occurs: ({ kernel }) => marked(kernel, "odd length") > 0,
    broken: ({ kernel }) =>
      marked(kernel, "odd length admitted") > 0
        ? "the interface admits a length that is no whole number of sectors"
        : null,
  },
];

function contextOf(kernel: Kernel) {
  return kernel.objects.find(({ name }) => name === "context");
}

export const propertyIds = properties.map(({ id }) => id);

/** The property with this id. */
export function propertyNamed(id: PropertyId): Property {
  return properties.find((property) => property.id === id)!;
}
