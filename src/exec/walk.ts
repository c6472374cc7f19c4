import type { Event } from "../model/event.ts";
import type { Task } from "../model/kernel-objects.ts";
import { type Program, type Run, runOnce } from "../model/schedule.ts";
import type { WalkChange, WalkStep } from "../model/trace.ts";
import { lineIndex } from "../syntax/ctree.ts";
import type { Access } from "./bind.ts";
import { type Replay, stepOf, tellingEvents } from "./execute.ts";
import { programOf, type Watch } from "./harness.ts";
import type { MemoryObject, Mixed } from "./heap.ts";
import type { Frame } from "./interpret.ts";
import { breachesOf, type ExecutedProperty, type Observed, observationsOf, sentences } from "./judge.ts";
import { citeOf, type World } from "./kernel/world.ts";
import type { Entry } from "./roles.ts";
import type { Place } from "./token.ts";
import { type CType, complete, type DataModel, sizeOf } from "./type.ts";
import { Pointer, UNINIT, type Value } from "./value.ts";

/** A run that was walked through. */
export interface Walk {
  readonly run: Run;
  readonly steps: readonly WalkStep[];
  /** The run has more steps than a walk shows. */
  readonly cut: boolean;
}

/** Steps that a walk shows at most: what comes behind them is not read by anybody. */
const MOST = 4_000;

/**
 * Runs it again and writes down each statement.
 * @param at the place at fault, where the trace of the run tells more.
 * @param setup what is fixed of it beforehand.
 */
export function walk(
  { stage, entry, scenario, ways, bounds }: Replay,
  at?: Place,
  setup: Partial<Program["setup"]> = {},
): Walk {
  const walker = new Walker();
  const program = programOf(stage, entry, scenario, undefined, walker);
  const run = runOnce({ ...program, setup: { ...program.setup, ...setup } }, bounds, ways, {
    record: true,
    watch: (kernel) => walker.behind(kernel.outside as World),
  });
  const tells = tellingEvents(run, at);
  const steps = walker.steps.map(({ events, level, ...step }) => ({
    ...step,
    events: events.map((event) => ({ ...stepOf(event), told: tells(event) })),
  }));
  return { run, steps, cut: walker.cut };
}

/** A call that a task is in, with the statement that it is at. */
interface Level {
  readonly frame: Frame;
  /** The statement lies in the series. */
  readonly shown: boolean;
  at: Place;
  /** Tells one execution of a statement from the next. */
  visit: number;
  /** What its variables held when they were looked at last. */
  slots: readonly Value[];
}

interface Open extends Omit<WalkStep, "events" | "changes"> {
  readonly events: Event[];
  readonly changes: WalkChange[];
  /** The execution of the statement; 0 for what has none. */
  readonly level: number;
}

/** What an object held when it was looked at last: values by offset, of what was not stored the same everywhere. */
interface Memory {
  readonly fill: MemoryObject["fill"];
  readonly values: ReadonlyMap<number, Value>;
}

/** Asks at the border of statements and of the scheduler's steps what has changed since. */
class Walker implements Watch {
  readonly steps: Open[] = [];
  cut = false;
  private readonly stacks = new Map<Task, Level[]>();
  /** What those who access memory of no known type call it, by offset. */
  private readonly names = new Map<MemoryObject, Map<number, string>>();
  private readonly memory = new Map<MemoryObject, Memory>();
  /** Events that belong to a step already. */
  private taken = 0;
  private visits = 0;
  private ready = false;

  statement(world: World, at: Place, frame: Frame): void {
    if (world.preparing || this.cut) return;
    if (!this.ready) this.begin(world);
    this.settle(world);
    const task = world.kernel.current;
    const stack = this.stackOf(task);
    const shown = world.trees.has(at.tree);
    const known = stack.findLastIndex((level) => level.frame === frame);
    const visit = ++this.visits;
    if (known >= 0) {
      stack.length = known + 1;
      stack[known]!.at = at;
      stack[known]!.visit = visit;
    } else stack.push({ frame, shown, at, visit, slots: [...frame.slots] });
    if (!shown) return;
    const enters = known >= 0 ? null : callText(frame, world);
    this.open(task, stack.at(-1), visit, enters, false);
  }

  access({ object, offset, name }: Access): void {
    if (object.type !== undefined) return;
    const names = this.names.get(object);
    if (names === undefined) this.names.set(object, new Map([[offset, name]]));
    else if (!names.has(offset)) names.set(offset, name);
  }

  leave(world: World, frame: Frame): void {
    if (world.preparing || this.cut || !this.ready) return;
    this.settle(world);
    const stack = this.stackOf(world.kernel.current);
    const known = stack.findLastIndex((level) => level.frame === frame);
    if (known >= 0) stack.length = known;
  }

  /** Behind a step of the scheduler: what comes next may be another task's. */
  behind(world: World): void {
    if (world.preparing || this.cut) return;
    if (!this.ready) this.begin(world);
    this.settle(world);
  }

  private begin(world: World): void {
    this.ready = true;
    this.taken = 0;
    for (const object of world.machine.heap.objects) this.remember(object);
  }

  private stackOf(task: Task): Level[] {
    let stack = this.stacks.get(task);
    if (stack === undefined) this.stacks.set(task, (stack = []));
    return stack;
  }

  private open(task: Task, level: Level | undefined, visit: number, enters: string | null, again: boolean): Open {
    const place = level?.at;
    const step: Open = {
      actor: task.name,
      at: place === undefined ? null : citeOf(place),
      code: place === undefined ? "" : lineOf(place),
      function: level === undefined ? null : level.frame.code.name,
      enters,
      again,
      events: [],
      changes: [],
      level: visit,
    };
    this.steps.push(step);
    if (this.steps.length >= MOST) this.cut = true;
    return step;
  }

  /** Gives what has happened since the last time to the statement that the running task is at. */
  private settle({ kernel, machine, trees }: World): void {
    const task = kernel.current;
    const stack = this.stackOf(task);
    const level = stack.findLast((each) => each.shown);
    const changes = level === undefined || level !== stack.at(-1) ? [] : variablesOf(level, machine.program.model);
    for (const object of machine.heap.objects) {
      // A store takes the key away, so that it tells what was stored to.
      if (object.key === SEEN && this.memory.has(object)) continue;
      const before = this.memory.get(object);
      if (isTold(object))
        changes.push(...changesOf(object, before, this.names.get(object), machine.program.model, trees));
      this.remember(object);
    }
    const events = kernel.events?.slice(this.taken) ?? [];
    this.taken += events.length;
    if (changes.length === 0 && events.length === 0) return;
    const visit = level?.visit ?? 0;
    const last = this.steps.at(-1);
    const goesOn = last !== undefined && last.level === visit && last.actor === task.name;
    const step = goesOn ? last : this.open(task, level, visit, null, visit > 0);
    step.events.push(...events);
    step.changes.push(...changes);
  }

  private remember(object: MemoryObject): void {
    this.memory.set(object, {
      fill: object.fill,
      values: new Map([...object.cells].map(([offset, { value }]) => [offset, value])),
    });
    object.key = SEEN;
  }
}

/** Stands where the search for equal states keeps what it has seen, which a walk does not do. */
const SEEN: Mixed = { a: 0, b: 0 };

/** Whether somebody wants to know what it holds: values that no variable holds are part of their statement. */
const isTold = ({ storage, name }: MemoryObject): boolean => storage !== "code" && name !== "a value";

/** Characters of a line or a name that are shown: nobody reads more of it, and a loop would say it again and again. */
const WIDEST = 240;

const short = (text: string): string => (text.length > WIDEST ? `${text.slice(0, WIDEST - 3)}...` : text);

/** The line that a statement starts in. */
function lineOf({ tree, start }: Place): string {
  return short(tree.lines[lineIndex(tree, Math.max(start, tree.from))]!.text.trim());
}

function callText(frame: Frame, { machine }: World): string {
  const { model } = machine.program;
  const args = frame.code.params.map(({ name, type, slot, inMemory }) => {
    const held = frame.slots[slot]!;
    const scalar = type.kind === "int" || type.kind === "pointer";
    const value = inMemory && held instanceof Pointer && scalar ? machine.heap.read(held.object, 0, type) : held;
    return `${short(name)} = ${valueText(value, type.kind === "pointer", model)}`;
  });
  return `${short(frame.code.name)}(${args.join(", ")})`;
}

/** Variables of a call that hold something else now, but for those that lie in memory. */
function variablesOf(level: Level, model: DataModel): WalkChange[] {
  const { frame, slots } = level;
  const changes: WalkChange[] = [];
  for (const { name, type, slot, inMemory } of frame.code.variables) {
    const [before, now] = [slots[slot] ?? UNINIT, frame.slots[slot] ?? UNINIT];
    if (inMemory || now === UNINIT || same(before, now)) continue;
    const text = (value: Value) => valueText(value, type.kind === "pointer", model);
    changes.push({ object: short(name), member: "", from: before === UNINIT ? null : text(before), to: text(now) });
  }
  level.slots = [...frame.slots];
  return changes;
}

const same = (a: Value, b: Value): boolean =>
  a === b || (a instanceof Pointer && b instanceof Pointer && a.object === b.object && a.offset === b.offset);

/** What an object holds that it did not hold before. */
function changesOf(
  object: MemoryObject,
  before: Memory | undefined,
  names: ReadonlyMap<number, string> | undefined,
  model: DataModel,
  trees: World["trees"],
): WalkChange[] {
  const changes: WalkChange[] = [];
  for (const [offset, { value, tag, size }] of object.cells) {
    const pointer = tag === "pointer";
    const blank = (before?.fill ?? object.fill) === "zero" ? 0 : UNINIT;
    const was = before?.values.get(offset) ?? blank;
    if (value === UNINIT || same(was, value)) continue;
    // What an object has from the start is no change of it.
    const fresh = before === undefined || was === UNINIT;
    const by = memberAt(object.type, offset, size, model) ?? names?.get(offset);
    changes.push({
      object: short(object.name),
      member: short(by ?? `byte ${offset}`),
      from: fresh ? null : valueText(was, pointer, model),
      to: valueText(value, pointer, model),
    });
  }
  if (before !== undefined && object.cells.size === 0 && before.values.size > 0 && object.fill === "zero")
    changes.push({ object: short(object.name), member: "all of it", from: null, to: "0" });
  // A variable of the kernel's own code is none of the reader's.
  const own = object.storage !== "stack" || object.bornAt === undefined || trees.has(object.bornAt.tree);
  return own ? changes : [];
}

/**
 * The path to what lies at a byte of a type: "bi_iter.bi_size", "[2]", "" for all of it; undefined where it has no name.
 * @param size in bytes; 0 asks for the outermost that starts there.
 */
function memberAt(type: CType | undefined, offset: number, size: number, model: DataModel): string | undefined {
  if (type === undefined) return undefined;
  if (type.kind === "int" || type.kind === "pointer") return offset === 0 ? "" : undefined;
  if (type.kind === "array") {
    const each = sizeOf(type.of, model) ?? 0;
    if (each === 0) return undefined;
    const rest = memberAt(type.of, offset % each, size, model);
    return rest === undefined ? undefined : joined(`[${Math.floor(offset / each)}]`, rest);
  }
  if (type.kind !== "record" || !complete(type)) return undefined;
  const bits = type.fields.filter((field) => field.bits !== undefined && field.offset === offset);
  for (const field of type.fields) {
    const length = sizeOf(field.type, model) ?? 0;
    if (offset < field.offset || offset + size > field.offset + length) continue;
    // A pointer to a structure in it points to all of that.
    if (size === 0 && offset === field.offset && field.name !== "") return field.name;
    if (field.bits !== undefined) return bits.map(({ name }) => name).join("/");
    const rest = memberAt(field.type, offset - field.offset, size, model);
    if (rest !== undefined) return field.name === "" ? rest : joined(field.name, rest);
  }
  return undefined;
}

const joined = (path: string, rest: string): string =>
  rest === "" ? path : rest.startsWith("[") ? `${path}${rest}` : `${path}.${rest}`;

/** Numbers from here on stand for data: the content of a block of the device. */
const DATA = 2 ** 52;

function valueText(value: Value, pointer: boolean, model: DataModel): string {
  if (value === UNINIT) return "uninitialised";
  if (!(value instanceof Pointer)) {
    if (pointer && Number(value) === 0) return "NULL";
    return typeof value === "number" && value >= DATA ? `data of block ${value - DATA}` : String(value);
  }
  const { object, offset } = value;
  const name = short(object.name);
  if (object.storage === "code") return `${name}()`;
  if (offset === 0) return name;
  const path = memberAt(object.type, offset, 0, model);
  return path === undefined ? `${name} + ${offset}` : short(joined(name, path));
}

/** What a run breaks or shows, with the sentence that says how it should be. */
export interface Said {
  readonly property: ExecutedProperty | Observed;
  readonly says: string;
  readonly what: string;
}

/** What came out of a run. */
export interface Judgement {
  /** "the call returns 0; 8192 of 8192 bytes arrived", or why the run ended before it came to that. */
  readonly ending: string;
  readonly broken: readonly Said[];
  /** Choices that are no fault by themselves, and what they lead to. */
  readonly shown: readonly Said[];
  /** What the run needs and is not known; null: nothing. */
  readonly notExecuted: string | null;
}

const observed: Readonly<Record<Observed, string>> = {
  "flush-between-chunks": "the engine itself asks for no flush between two chunks",
  "nothing-for-memory": "something is copied as long as there is memory for it",
  "stops-midway": "what was begun is submitted to its end",
};

export function judged(run: Run, { scenario, entry }: Pick<Replay, "scenario" | "entry">): Judgement {
  const world = run.kernel.outside as World;
  const { ended } = world.machine;
  if (ended?.kind === "not-executed" && world.endless === undefined)
    return { ending: `not executed: ${ended.why}`, broken: [], shown: [], notExecuted: ended.why };
  const broken = breachesOf(run, scenario).breaches.map(({ property, what }) => ({
    property,
    says: sentences[property],
    what,
  }));
  const shown = observationsOf(run).map(({ property, what }) => ({ property, says: observed[property], what }));
  return { ending: endingOf(run, entry), broken: once(broken), shown: once(shown), notExecuted: null };
}

/** Of those that say the same the first. */
const once = (said: readonly Said[]): readonly Said[] =>
  said.filter(({ property, what }, i) => said.findIndex((o) => o.property === property && o.what === what) === i);

function endingOf(run: Run, { returnsLength, unit }: Entry): string {
  const world = run.kernel.outside as World;
  const { ended } = world.machine;
  if (ended?.kind === "faulted") return `${ended.fault.kind}: ${ended.fault.what}`;
  if (world.endless !== undefined)
    return world.endless.how === "submits" ? "it submits without end" : "it goes round and round without end";
  const length = (bytes: number) => (unit === 1 ? String(bytes) : `${bytes / unit} sectors`);
  const answers = world.answers.map(({ how, status, copied }) =>
    how === "return"
      ? `the call returns ${returnsLength && copied !== null && Number(status) === 0 ? length(copied) : status}`
      : `the callback is given ${[status, copied === null ? null : length(copied)].filter((value) => value !== null).join(", ")}`,
  );
  if (!world.answers.some(({ how }) => how === "return")) answers.push("the call does not return");
  const wanted = world.ranges.reduce((sum, { sectors }) => sum + sectors * 512, 0);
  return `${answers.join(", ")}; ${world.arrived()} of ${wanted} bytes arrived`;
}
