import { type Failure, marked, type Task } from "../model/kernel-objects.ts";
import type { Run } from "../model/schedule.ts";
import { type CTree, lineIndex } from "../syntax/ctree.ts";
import type { FaultKind } from "./bind.ts";
import type { Scenario } from "./harness.ts";
import type { MemoryObject } from "./heap.ts";
import { type Answer, RETURNED, type Submission, type TaskAccess, type World } from "./kernel/world.ts";
import { overlaps } from "./scenarios.ts";
import type { Place } from "./token.ts";
import { typeText } from "./type.ts";
import { Pointer, type Value } from "./value.ts";

/** What executed code must do; each is a sentence that a run can break. */
export type ExecutedProperty =
  | "waits-for-ever"
  | "never-freed"
  | "used-after-free"
  | "freed-twice"
  | "wrong-pointer"
  | "uninitialised"
  | "warns"
  | "callback-missing"
  | "callback-twice"
  | "callback-after-error"
  | "more-reported-than-arrived"
  | "error-lost"
  | "written-outside"
  | "plug-left"
  | "sleeping-left"
  | "lock-left"
  | "valid-refused"
  | "invalid-accepted"
  | "chunk-off-block"
  | "bits-lost"
  | "returns-before-io"
  | "misuse";

export const sentences: Readonly<Record<ExecutedProperty, string>> = {
  "waits-for-ever": "the call returns",
  "never-freed": "what was allocated is freed",
  "used-after-free": "nothing is used after it was freed",
  "freed-twice": "nothing is freed twice",
  "wrong-pointer": "every pointer that is followed points to something",
  uninitialised: "nothing is read before it was written",
  warns: "no warning of the kernel fires",
  "callback-missing": "a promised callback fires",
  "callback-twice": "the callback fires once",
  "callback-after-error": "a call that reports an error does not call back",
  "more-reported-than-arrived": "what is reported as copied did arrive, from the start",
  "error-lost": "the caller learns of a failure",
  "written-outside": "nothing outside of the destination is written",
  "plug-left": "the task leaves the call with the plug that it had before",
  "sleeping-left": "the task leaves the call running",
  "lock-left": "every lock that was taken is given back",
  "valid-refused": "an aligned request in range is carried out when nothing goes wrong",
  "invalid-accepted": "a request that is not aligned does not reach the device",
  "chunk-off-block": "every chunk of an aligned request is a whole number of blocks",
  "bits-lost": "no conversion that nobody wrote loses bits of a value",
  "returns-before-io": "a synchronous call returns when all of its I/O is done",
  misuse: "functions of the kernel are used as they are meant to be",
};

/**
 * What a run shows of a choice that is no fault by itself. A rule about that choice can say by it what the choice leads to.
 *
 * - flush-between-chunks: the engine itself asks for a flush between two chunks.
 * - nothing-for-memory: nothing is submitted, for want of memory for one object alone.
 * - stops-midway: some chunks are submitted and the rest is not, for want of memory for one object.
 */
export type Observed = "flush-between-chunks" | "nothing-for-memory" | "stops-midway";

/** Another place that has to do with a breach: "allocated here". */
export interface BreachRelated {
  readonly at: Place;
  readonly message: string;
}

/** A property that a run breaks, or an observation that it makes. */
export interface Breach<P extends string = ExecutedProperty> {
  readonly property: P;
  /** What came out, in words. */
  readonly what: string;
  /** Which of several ways to break the property it is: "null dereference", "refused" (before it submits anything); "" if there is but one. */
  readonly kind: string;
  readonly related: readonly BreachRelated[];
  /**
   * Where the fault may be, the likeliest first: the first of them that no good run passes is at fault, and if there is none, the last.
   */
  readonly places: readonly Place[];
  /** The first place is it, whatever good runs pass. */
  readonly certain: boolean;
  /** Of something that is never freed, where it comes from, or of a bio where it is waited for: to blame if no run frees it. */
  readonly site?: Place;
  /**
   * What a wait that ended early is blamed for; if that happens without it too, the wait is none of it. Or the same breach: it is said only
   * if no other run shows it.
   */
  readonly instead?: Breach;
}

const faultProperty: Readonly<Record<FaultKind, ExecutedProperty>> = {
  "null dereference": "wrong-pointer",
  "wild pointer": "wrong-pointer",
  "out of bounds": "wrong-pointer",
  "use after free": "used-after-free",
  "use after scope": "used-after-free",
  "uninitialised value": "uninitialised",
  "double free": "freed-twice",
  "invalid free": "misuse",
  "undefined shift": "bits-lost",
  "division by zero": "wrong-pointer",
  bug: "warns",
  warning: "warns",
};

/** What goes wrong where a pointer is followed. */
const pointerFaults: ReadonlySet<FaultKind> = new Set([
  "null dereference",
  "wild pointer",
  "use after free",
  "use after scope",
]);

const kib = (bytes: number): string =>
  bytes === 0 ? "nothing" : bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;

/** Where there was no memory: what a pointer is not, it may be for want of that. */
const refused = ({ refusals }: World, place: Place | undefined): { at: Place; message: string }[] =>
  refusals.flatMap(({ at, what }) =>
    at.tree === place?.tree && lineIndex(at.tree, at.start) === lineIndex(at.tree, place.start)
      ? []
      : [{ at, message: `the memory for ${what} is asked for here` }],
  );

/** What is read without having been written, as the code calls it: "ctx->status" of "argument 1". */
function nameOfRead(what: string, { tree, start, end }: Place): string {
  const text = tree.text.slice(start, end);
  const [, nth] = /^argument (\d+)$/.exec(what) ?? [];
  const name =
    nth !== undefined
      ? splitArguments(/\(([\s\S]*)\)$/.exec(text)?.[1] ?? "")[Number(nth) - 1]
      : text.replace(/^return\b|;$/g, "");
  return name !== undefined && /^[\w.>&*[\]-]{1,60}$/.test(name.trim()) ? name.trim() : what;
}

/** Arguments of a call at its commas, but for those in brackets. */
function splitArguments(text: string): string[] {
  let depth = 0;
  const out = [""];
  for (const char of text) {
    if (/[([{]/.test(char)) depth++;
    if (/[)\]}]/.test(char)) depth--;
    if (char === "," && depth === 0) out.push("");
    else out[out.length - 1] += char;
  }
  return out;
}

/** Whether one of the first stores is the task's and lowers a count in the object by one. */
function droppedCount({ stores }: World, object: MemoryObject, task: Task, first: number): boolean {
  return stores.slice(0, first).some((store, i) => {
    if (store.object !== object || store.task !== task) return false;
    const before = stores.slice(0, i).findLast((other) => other.object === object && other.offset === store.offset);
    return typeof before?.value === "number" && before.value - 1 === store.value;
  });
}

/** What went wrong from outside, as opposed to what only takes time. */
export const failed = (failures: readonly Failure[]): boolean =>
  failures.some(({ kind }) => kind === "chunk" || kind === "allocation" || kind === "refusal");

/** What a run that went to its end breaks; `whole`: it came to where all properties can be judged. */
export interface Judged {
  readonly breaches: readonly Breach[];
  readonly whole: boolean;
}

/** All that a run that went to its end breaks. */
export function breachesOf(run: Run, scenario: Scenario): Judged {
  if (isRuledOut(run, scenario)) return { breaches: [], whole: false };
  const { breaches, whole } = breachesIn(run, scenario);
  // Who changes a request while it is read gets what he asked for, as long as the kernel's own memory is safe.
  const changed = run.kernel.failures.some(({ kind }) => kind === "fetch");
  return changed
    ? { breaches: breaches.filter(({ kind }) => kind === "out of bounds"), whole: false }
    : { breaches, whole };
}

/** A warning that the series has before anything is submitted says of a call that nobody in it makes that nobody is to make it. */
const isRuledOut = ({ kernel }: Run, { permitted, fromUser }: Scenario): boolean => {
  const { machine, faultedBy } = kernel.outside as World;
  return (
    permitted === "perhaps" &&
    fromUser !== true &&
    machine.faults.some((fault) => /^(?:WARN|BUG)\w*\(/.test(fault.what) && faultedBy.get(fault)?.submitted === 0)
  );
};

function breachesIn(run: Run, scenario: Scenario): Judged {
  const world = run.kernel.outside as World;
  const { machine } = world;
  const out: Breach[] = [];
  const inSeries = (place: Place | undefined): place is Place => place !== undefined && world.trees.has(place.tree);
  const say: Say = (property, what, places, more = {}) => {
    const { certain = false, kind = "", related = [], unlessElse = false } = more;
    const known = places.filter(inSeries);
    const shown = related.flatMap(({ at, message }) => (inSeries(at) ? [{ at, message }] : []));
    const breach: Breach = { property, what, places: known, certain, kind, related: shown };
    if (known.length > 0) out.push(unlessElse ? { ...breach, instead: breach } : breach);
  };
  const seen = new Set<string>();
  const afterFree = new Set<MemoryObject>();
  for (const fault of machine.faults) {
    const { object } = fault;
    // A pointer that is followed in a function of the kernel was given to it by the series.
    const at =
      pointerFaults.has(fault.kind) && !inSeries(fault.at) ? (world.faultedBy.get(fault)?.at ?? fault.at) : fault.at;
    if (fault.kind === "use after free" && object !== undefined) {
      // Of a use and a free that come in the wrong order, the submitter's is at fault: completions come when they come. Who frees it
      // first or drops a count of it and goes on with it is at fault, whoever it is.
      if (afterFree.has(object)) continue;
      afterFree.add(object);
      const freer = world.freedBy.get(object);
      const user = world.faultedBy.get(fault);
      const own = freer !== undefined && freer === user?.task;
      const gaveUp = user !== undefined && droppedCount(world, object, user.task, user.stores);
      const early = freer?.name === "submitter" && object.diedAt !== undefined && !own && !gaveUp;
      say(
        "used-after-free",
        early ? `${object.name} is freed while it is in use` : `use after free: ${object.name}`,
        [early ? object.diedAt : at],
        {
          certain: true,
          kind: early ? "freed early" : own || gaveUp ? "given up before" : "used late",
          related: early
            ? [{ at, message: `${object.name} is used here` }]
            : [{ at: object.diedAt, message: `${object.name} is freed here` }],
        },
      );
      continue;
    }
    if (afterFree.size > 0) continue;
    if (fault.kind === "use after scope" && object !== undefined) {
      afterFree.add(object);
      say("used-after-free", `use after scope: ${object.name}`, [object.bornAt, at], {
        certain: true,
        kind: fault.kind,
        related: [{ at, message: `${object.name} is used here` }],
      });
      continue;
    }
    const own = fault.what === RETURNED ? (returnedFrom(world) ?? at) : at;
    const place = world.trees.has(own.tree) ? own : undefined;
    const key = `${fault.kind} ${fault.what} ${place?.start}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const what =
      fault.kind === "uninitialised value" && place !== undefined ? nameOfRead(fault.what, place) : fault.what;
    say(faultProperty[fault.kind], `${fault.kind}: ${what}`, [place], {
      certain: true,
      kind: fault.kind,
      related: [
        ...(fault.kind === "double free"
          ? [{ at: object?.diedAt, message: `${fault.what} is freed here already` }]
          : []),
        ...(/pointer|null/.test(fault.kind) ? refused(world, place) : []),
      ],
    });
  }
  for (const { kind, what, at, related } of world.offences)
    say("misuse", what, [at], { certain: true, kind, related: related ? [related] : [] });
  if (world.endless?.how === "goes round")
    say("waits-for-ever", "the call does not return: its loop goes round and changes nothing", [world.endless.at], {
      certain: true,
      kind: "goes round",
    });
  if (world.endless?.how === "submits") {
    const { bytes, sizedAt = world.endless.at, calls } = world.submissions.at(-1)!;
    const caller = calls.findLast((at) => inSeries(at) && functionAt(at) !== functionAt(sizedAt));
    say("waits-for-ever", `it submits chunks of ${bytes} bytes without end`, [sizedAt], {
      certain: true,
      kind: "submits without end",
      related: [{ at: caller, message: "every chunk comes from here" }],
    });
  }
  if (machine.ended !== undefined) return { breaches: attributed(world, out), whole: false };
  if (scenario.expect !== "refuse") {
    // Numbers that nobody passes may be as large as they like, and so may what follows from that.
    if (scenario.permitted !== "yes" && world.conversions.some(({ value }) => value >= 0))
      return { breaches: attributed(world, out), whole: false };
    for (const { at, from, to, value, result } of world.conversions) {
      say("bits-lost", `${value} becomes ${result} when ${typeText(from)} is turned into ${typeText(to)}`, [at], {
        certain: true,
        kind: value < 0 ? "errno" : "",
      });
    }
  }
  const misaligned = world.submissions.find(({ aligned, bytes, half }) => !aligned && bytes > 0 && half !== "copy");
  if (misaligned !== undefined) {
    const { bytes, sector, device } = misaligned;
    const what = `${bytes} bytes at sector ${sector - device.start}, on a device with blocks of ${device.blockSize} bytes`;
    if (scenario.expect === "refuse") say("invalid-accepted", what, [misaligned.at], certain);
    else say("chunk-off-block", what, [misaligned.sizedAt ?? misaligned.at, misaligned.at], certain);
    // What follows from it is no defect of its own.
    return { breaches: out, whole: false };
  }
  const outside = writtenOutside(world);
  if (outside !== null) {
    const { sector } = outside;
    const writer =
      world.submissions.findLast(
        (each) => writes(each) && sector >= each.sector && sector < each.sector + each.bytes / 512,
      ) ?? world.submissions.findLast(writes);
    // Who translates a request of another protocol answers for what goes where.
    const translated = world.payload !== undefined || scenario.words.includes("file");
    const shown = (writer?.calls ?? []).filter(({ tree }) => world.trees.has(tree));
    const beyond = writer !== undefined && reachesBeyond(world, writer) ? writer.sizedAt : undefined;
    const own = beyond ?? writer?.at;
    const base = writer?.device.start ?? 0;
    const goals = world.ranges.map(({ to, sectors }) => `${to - base} to ${to - base + sectors - 1}`);
    const what = outside.source
      ? "the source is written"
      : `sector ${sector - base} is written, and the destination is ${goals.join(" and ")}`;
    say("written-outside", what, [translated ? (world.handedAt ?? shown[0]) : own, own], {
      ...certain,
      related: translated ? [] : shown.slice(0, -1).map((at) => ({ at, message: "the copy comes from here" })),
    });
  }
  const held = world.left?.locks.find(({ at }) => world.trees.has(at.tree));
  if (held !== undefined)
    say("lock-left", `the call returns and still has ${held.what}`, [world.leftAt], {
      kind: held.what,
      related: elsewhere(world.leftAt, held.at, held.what === "a lock" ? "it is taken here" : "it begins here"),
    });
  // Whoever waits for it then waits for ever, and is not to blame.
  const ended = [...world.holders.values()].find(
    ({ task, at }) => task.done && task.name !== "submitter" && world.trees.has(at.tree),
  );
  if (ended !== undefined) {
    say("lock-left", `${ended.task.name} ends and still has ${ended.what}`, [ended.at], { kind: ended.what });
    return { breaches: attributed(world, out), whole: false };
  }
  const submitter = run.stuck.find(({ name }) => name === "submitter");
  if (submitter !== undefined) {
    const poll = world.polling.get(submitter);
    if (poll !== undefined) {
      if (poll.isOwn)
        say("waits-for-ever", "the call does not return: it looks for what nobody changes any more", [poll.at], {
          certain: run.preemptions > 0,
          kind: "goes round",
        });
      return { breaches: out, whole: false };
    }
    const stack = (world.stacks.get(submitter) ?? []).map(({ at }) => at).reverse();
    // A wake-up that came at the wrong moment is the wait's own fault.
    say("waits-for-ever", "the call does not return: nobody wakes the submitter", stack, {
      certain: run.preemptions > 0 && !run.kernel.failures.some(({ kind }) => kind === "allocation"),
    });
    return { breaches: out, whole: false };
  }
  if (run.stuck.length > 0) return { breaches: attributed(world, out), whole: false };
  judgeAnswers(world, scenario, run, say);
  if (world.left?.plug)
    say("plug-left", "the call returns and its plug, on a dead stack, is still the task's", [world.leftAt], {
      related: elsewhere(world.leftAt, world.plugHeldAt, "the plug is started here"),
    });
  if (world.left?.sleeping)
    say("sleeping-left", "the call returns with the task's state still set to sleep", [world.leftAt], {
      related: elsewhere(world.leftAt, world.sleepSetAt, "the state is set here"),
    });
  // What a callback that never fires, or a wrong free, should have given back follows from that.
  if (out.some(({ property, kind }) => property === "callback-missing" || kind === "wrong free"))
    return { breaches: attributed(world, causes(out)), whole: false };
  const leaks = new Map<string, { names: string[]; places: Place[]; site: Place; owed: Place }>();
  for (const [object, { level, at }] of world.allocatedBy) {
    if (object.dead) continue;
    const last = lastTouch(world, object.id);
    const places = [...holdersEnds(world, object), level.at, ...(last === undefined ? [] : [last.at]), at];
    const key = places.map(({ start }) => start).join();
    const known = leaks.get(key);
    if (known) known.names.push(object.name);
    else leaks.set(key, { names: [object.name], places, site: at, owed: world.waitedAt.get(object) ?? at });
  }
  const status = Number(world.answers.find(({ how }) => how === "return")?.status ?? 0);
  const isRefused = status < 0 && world.submissions.length === 0 && run.kernel.failures.length === 0;
  const kind = isRefused ? "refused" : "";
  for (const { names, places, site, owed } of leaks.values()) {
    say("never-freed", `never freed: ${names.join(", ")}`, places, { kind });
    const last = out.at(-1);
    if (last?.property === "never-freed") {
      const related = world.trees.has(site.tree) ? [{ at: site, message: `${names.join(", ")}: allocated here` }] : [];
      out[out.length - 1] = { ...last, site: inSeries(owed) ? owed : site, related };
    }
  }
  return { breaches: attributed(world, causes(out)), whole: true };
}

/** What a run that went to its end shows of choices that are no fault by themselves. */
export function observationsOf(run: Run): Breach<Observed>[] {
  const world = run.kernel.outside as World;
  const out: Breach<Observed>[] = [];
  if (world.machine.ended !== undefined) return out;
  const say = (property: Observed, what: string, at: Place | undefined) => {
    if (at !== undefined && world.trees.has(at.tree))
      out.push({ property, what, places: [at], certain: true, kind: "", related: [] });
  };
  if (run.failures === 0 && run.preemptions === 0 && marked(run.kernel, "submitted after own flush") > 0) {
    const flushes = marked(run.kernel, "engine flushed");
    const chunks = new Set(world.submissions.map(({ n }) => n)).size;
    for (const at of world.plugged)
      say("flush-between-chunks", `the engine asks for ${flushes} flushes for ${chunks} chunks`, at);
  }
  const [refusal] = world.refusals;
  if (refusal === undefined || world.refusals.length > 1 || run.failures > 1) return out;
  const { at, what, submitted } = refusal;
  if (world.submissions.length === 0)
    say("nothing-for-memory", `nothing is copied, for want of memory for ${what} alone`, at);
  else if (submitted > 0 && world.submissions.length === submitted)
    say("stops-midway", `submission stops midway for want of memory for ${what}`, at);
  return out;
}

/** Without what follows from something else in the same run. */
function causes(all: readonly Breach[]): readonly Breach[] {
  // Whoever returns too early leaves its stack too early.
  const early = all.some(({ property }) => property === "returns-before-io");
  const breaches = early ? all.filter(({ kind }) => kind !== "use after scope") : all;
  const isCut = breaches.some(({ property, kind }) => property === "bits-lost" && kind !== "errno");
  if (!isCut && !breaches.some(({ property }) => property === "written-outside")) return breaches;
  return breaches.filter(({ property }) => !misled.has(property) && !(isCut && property === "written-outside"));
}

/** What goes wrong with a copy that goes to another place, or has another length, than was meant. */
const misled: ReadonlySet<ExecutedProperty> = new Set(["valid-refused", "more-reported-than-arrived", "error-lost"]);

const consequences: ReadonlySet<ExecutedProperty> = new Set([
  "used-after-free",
  "wrong-pointer",
  "returns-before-io",
  "freed-twice",
  "misuse",
  "more-reported-than-arrived",
]);

/** What follows from a wait that ended early and was taken for the end is the wait's fault. */
function attributed({ earlyAt }: World, breaches: readonly Breach[]): Breach[] {
  if (earlyAt === undefined || !breaches.some(({ property }) => consequences.has(property))) return [...breaches];
  const rest = breaches.filter(({ property }) => !consequences.has(property));
  const first = breaches.find(({ property }) => consequences.has(property))!;
  const what = `the sleep ends early, and the caller goes on as if all were done: ${first.what}`;
  return [
    ...rest,
    {
      property: "returns-before-io",
      what,
      places: [earlyAt],
      certain: true,
      kind: "early wake-up",
      related: [],
      instead: first,
    },
  ];
}

/** Where the objects that a run freed came from, and where bios that it freed were waited for. */
export function freedSites(run: Run): string[] {
  const world = run.kernel.outside as World;
  return [...world.allocatedBy].flatMap(([object, { at }]) => {
    const waited = world.waitedAt.get(object);
    return object.dead ? [at, ...(waited === undefined ? [] : [waited])].map(siteKey) : [];
  });
}

export const siteKey = ({ tree, start }: Place): string => `${tree.file} ${tree.lines[0]?.number} ${start}`;

type Say = (
  property: ExecutedProperty,
  what: string,
  places: readonly (Place | undefined)[],
  more?: {
    readonly certain?: boolean;
    readonly kind?: string;
    /** It is said only if no run shows it in which something else goes wrong. */
    readonly unlessElse?: boolean;
    readonly related?: readonly { readonly at: Place | undefined; readonly message: string }[];
  },
) => void;

const certain = { certain: true };

/** A place that has to do with what is said of another one. */
const elsewhere = (of: Place | undefined, at: Place | undefined, message: string) =>
  at === undefined || (of?.tree === at.tree && of.start === at.start) ? [] : [{ at, message }];

const EIOCBQUEUED = 529;

function judgeAnswers(world: World, scenario: Scenario, run: Run, say: Say): void {
  const { failures } = run.kernel;
  const total = world.ranges.reduce((sum, { sectors }) => sum + sectors * 512, 0);
  const back = world.answers.find(({ how }) => how === "return");
  const calls = world.answers.filter(({ how }) => how === "callback");
  if (back === undefined) return;
  const status = Number(back.status ?? 0);
  const promised = scenario.asynchronous && (status === -EIOCBQUEUED || status >= 0);
  if (scenario.asynchronous) {
    // Of nothing, a 0 may well mean that it is done.
    const isDone = total === 0 && status >= 0 && calls.length < 2;
    if (isDone) return;
    if (promised && calls.length === 0) {
      const places = [lastDropAt(world), back.at];
      say("callback-missing", `the call returns ${status} and the callback never fires`, places, certain);
    } else if (calls.length > 1)
      say("callback-twice", `the callback fires ${calls.length} times`, [calls[1]!.at], {
        ...certain,
        related: elsewhere(calls[1]!.at, calls[0]!.at, "it fires here first"),
      });
    else if (!promised && calls.length > 0) {
      say("callback-after-error", `the call returns ${status}, and the callback fires as well`, [back.at], {
        ...certain,
        related: elsewhere(back.at, calls[0]!.at, "the callback fires here"),
      });
    }
  } else if (world.inFlight > 0) {
    say("returns-before-io", "the call returns and its I/O still goes on", [returnedFrom(world), back.at], certain);
    return;
  }
  const answer = promised && scenario.asynchronous ? calls[0] : back;
  // What a source that is written meanwhile has to hand on is nowhere said.
  if (answer === undefined || overlaps(scenario)) return;
  const told = Number(answer.status ?? 0);
  if (told >= 0 && world.obscure.has(answer.how)) return;
  // A status alone that is none of an error says that all was copied.
  const claimed = answer.copied === null && told === 0 && failures.length === 0;
  const claim = claimed && scenario.expect === "success" ? { ...answer, copied: total } : answer;
  judgeAnswer(world, scenario, claim, total, failed(failures), failures.length > 0, say);
}

function judgeAnswer(
  world: World,
  scenario: Scenario,
  answer: Answer,
  total: number,
  didFail: boolean,
  disturbed: boolean,
  say: Say,
): void {
  const { copied, arrived } = answer;
  const status = Number(answer.status ?? 0);
  const who = answer.how === "return" ? "the call returns" : "the callback is given";
  if (copied !== null && copied > arrived) {
    const beside = status < 0 ? `, beside error ${status},` : "";
    say(
      "more-reported-than-arrived",
      `${kib(copied)} reported${beside} and ${kib(arrived)} arrived from the start`,
      [storeOf(world, answer)?.at, answer.at],
      certain,
    );
    if (disturbed || scenario.expect === "refuse") return;
    say("valid-refused", `nothing went wrong, and ${kib(arrived)} of ${kib(total)} arrived`, wayOf(world, answer));
    return;
  }
  // Who is told neither of an error nor of a length takes it for done, or asks again for ever, though all that is wrong is the request.
  const nothing = status === 0 && arrived === 0 && !disturbed && scenario.expect !== "success";
  // A number above 0 is not what it answers when all is well.
  if (status === 0 && arrived < total && (didFail || nothing) && (copied === null || copied === 0)) {
    const what =
      copied === null
        ? `${who} ${status}, and ${kib(arrived)} of ${kib(total)} arrived from the start`
        : `${who} 0 and no error`;
    const lost = overwriting(world)?.at ?? readOf(world, answer)?.at;
    const dropped = droppedAt(world);
    const inner = dropped ?? (answer.how === "return" ? returnedFrom(world) : undefined);
    const cause = world.refusals[0]?.at;
    // Where the function that lost it goes another way than when nothing is lost, or where it returns.
    const ways = inner === undefined ? [] : world.trail.filter((place) => functionAt(place) === functionAt(inner));
    say("error-lost", what, [lost, dropped, ...ways.slice(-24).reverse(), inner, answer.at], {
      certain: lost !== undefined,
      // What goes wrong on the way says more.
      unlessElse: nothing,
      related: [
        ...elsewhere(lost, cause, "what fails is this"),
        ...elsewhere(lost, answer.at, "this is what the caller is told"),
      ],
    });
    return;
  }
  const short = status < 0 || (copied !== null && copied < total);
  // Where nothing is known of what is permitted, an error still must not claim a want that there was not.
  const odd = scenario.expect === "any" && total > 0 && (status === -5 || status === -12);
  if (short && !disturbed && (scenario.expect === "success" || odd)) {
    const what = status < 0 ? `${who} ${status}` : `${who} ${copied} of ${total} bytes`;
    say("valid-refused", `${what} although nothing went wrong`, wayOf(world, answer));
  }
}

/** The definition of the function that a place lies in. */
export const functionAt = ({ tree, start }: Place) =>
  tree.root.children.find((node) => node.type === "function_definition" && node.start <= start && start < node.end);

/** Where an error came back to a function that did not hand it on. */
function droppedAt({ returns }: World): Place | undefined {
  return returns.find(({ value, depth }, i) => {
    if (typeof value === "object" || value >= 0 || !errorValues.has(Number(value))) return false;
    const caller = returns.slice(i + 1).find((later) => later.depth === depth - 1);
    return caller !== undefined && typeof caller.value !== "object" && caller.value >= 0;
  })?.callAt;
}

/** Where the number that the entry returned comes from: the innermost function whose caller handed on what it got from it. */
function returnedFrom({ returns }: World): Place | undefined {
  let i = returns.length - 1;
  while (i > 0 && returns[i - 1]!.depth === returns[i]!.depth + 1 && returns[i - 1]!.value === returns[i]!.value) i--;
  return returns[i]?.at;
}

/** Where the submitter dropped the last count of what is in flight: from there on nobody is left who acts. */
function lastDropAt({ stores }: World): Place | undefined {
  // The word of a lock comes to 0 as well.
  const counters = stores.filter(
    ({ object, type, name }) => object.storage === "heap" && type.kind === "int" && name !== "locked",
  );
  const drop = counters.findLast(
    ({ value, object, offset }, at) =>
      value === 0 &&
      counters.some(
        (other, i) => i < at && other.object === object && other.offset === offset && Number(other.value) === 1,
      ),
  );
  return drop?.task.name === "submitter" ? drop.at : undefined;
}

/** Where objects ended that pointed to this one: with the last of them it was lost. */
function holdersEnds(world: World, object: MemoryObject): Place[] {
  const out: Place[] = [];
  for (const holder of world.allocatedBy.keys()) {
    if (!holder.dead || holder.diedAt === undefined || !world.trees.has(holder.diedAt.tree)) continue;
    for (const { value } of holder.cells.values()) {
      if (value instanceof Pointer && value.object === object) {
        out.unshift(holder.diedAt);
        break;
      }
    }
  }
  return out;
}

/** A write that starts in the destination and ends behind it. */
const reachesBeyond = ({ ranges }: World, { sector, bytes }: World["submissions"][number]): boolean =>
  ranges.some(({ to, sectors }) => sector >= to && sector < to + sectors && sector + bytes / 512 > to + sectors);

/** What failures are kept as: BLK_STS_IOERR and BLK_STS_RESOURCE, -EIO and -ENOMEM. No count of this model's calls is one of them. */
const errorValues: ReadonlySet<Value> = new Set([10, 9, -5, -12]);

/** The store that put a 0 in the place of an error, for good. */
function overwriting({ stores }: World): TaskAccess | undefined {
  return stores.find((store, i) => {
    const same = (other: TaskAccess) => other.object === store.object && other.offset === store.offset;
    const before = stores.slice(0, i).findLast(same);
    return (
      store.value === 0 &&
      before !== undefined &&
      errorValues.has(before.value) &&
      !stores.slice(i + 1).some((later) => same(later) && later.value !== 0)
    );
  });
}

/** Where the number that was reported was read from what the completions share: the last such read before the answer. */
function readOf(world: World, answer: Answer): TaskAccess | undefined {
  for (let i = answer.loads - 1; i >= 0; i--) {
    const read = world.loads[i]!;
    if (read.type.kind !== "int" || read.type.size !== 8 || !isProgress(world, read)) continue;
    return answer.copied !== null && Number(read.value) * world.unit === answer.copied ? read : undefined;
  }
  return undefined;
}

/** What the harness calls the array of ranges. */
const RANGES = "the caller's ranges";

/** The last store to what was reported. */
function storeOf(world: World, answer: Answer): TaskAccess | undefined {
  const read = readOf(world, answer);
  const written = world.stores.findLast(({ object, name }) => object.name === RANGES && world.doneFields.has(name));
  if (written !== undefined) return written;
  return read && world.stores.findLast(({ object, offset }) => object === read.object && offset === read.offset);
}

/** A member that somebody stores to is where progress is kept; a variable of its own is not shared, even if its address is taken. */
const isProgress = (world: World, read: TaskAccess): boolean =>
  read.name !== read.object.name &&
  world.stores.some(({ object, offset }) => object === read.object && offset === read.offset);

/** The statements of a run from its start on: the first of those that no good run passes is where it goes another way. */
const wayOf = (world: World, answer: Answer): readonly (Place | undefined)[] => [
  ...world.trail.slice(0, 400),
  answer.at,
];

function lastTouch(world: World, id: number): TaskAccess | undefined {
  return [...world.loads, ...world.stores].findLast(({ object }) => object.id === id);
}

const within = (sector: number, start: number, sectors: number): boolean => sector >= start && sector < start + sectors;

const writes = ({ half }: Submission): boolean => half === "dst" || half === "write";

/** A block that changed although no range has it for a destination. */
function writtenOutside(world: World): { readonly sector: number; readonly source: boolean } | null {
  const { blocks, blockSectors } = world.kernel.device;
  for (let block = 0; block < blocks.length; block++) {
    if (blocks[block] === block) continue;
    const sector = block * blockSectors;
    if (world.ranges.some(({ to, sectors }) => within(sector, to, sectors))) continue;
    return { sector, source: world.ranges.some(({ from, sectors }) => within(sector, from, sectors)) };
  }
  return null;
}

/** How many runs pass each line, by tree and line. */
export type Lines = Map<CTree, Map<number, number>>;

export function addLines(to: Lines, from: ReadonlyMap<CTree, ReadonlySet<number>>): void {
  for (const [tree, lines] of from) {
    let known = to.get(tree);
    if (known === undefined) to.set(tree, (known = new Map()));
    for (const line of lines) known.set(line, (known.get(line) ?? 0) + 1);
  }
}

/** How many of the runs pass the line of a place. */
export const passes = (lines: Lines, { tree, start }: Place): number =>
  lines.get(tree)?.get(lineIndex(tree, Math.max(start, tree.from))) ?? 0;

/**
 * The place at fault: the one that the fewest good runs pass, and of several the first.
 * @param good how many of the runs that keep the property pass a place.
 */
export function placeAtFault({ places, certain }: Breach, good: (place: Place) => number): Place {
  if (certain) return places[0]!;
  let best = places[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const runs = good(place);
    if (runs < least) {
      best = place;
      least = runs;
    }
  }
  return best;
}
