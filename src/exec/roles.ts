import type { Field, Func } from "../engine/code.ts";
import type { Facts } from "../engine/facts.ts";
import type { Program } from "./program.ts";
import { isInt } from "./type.ts";

/** What a parameter of a copying function is for. Positions and lengths with the bytes of their unit. */
export type Role =
  | { readonly kind: "device"; readonly side: "in" | "out" | "both" }
  | { readonly kind: "position"; readonly side: "in" | "out"; readonly unit: 1 | 512 }
  | { readonly kind: "length"; readonly unit: 1 | 512 }
  | { readonly kind: "ranges"; readonly struct: string; readonly fields: RangeFields; readonly unit: 1 | 512 }
  | { readonly kind: "count" }
  | { readonly kind: "gfp" }
  | { readonly kind: "callback" }
  | { readonly kind: "private" }
  | { readonly kind: "file"; readonly side: "in" | "out" }
  | { readonly kind: "request"; readonly fields: RequestFields }
  /** Memory of the calling process that describes a copy: its address, as a pointer or as a number. */
  | { readonly kind: "user"; readonly layout: UserLayout; readonly unit: 1 | 512; readonly number: boolean }
  /** How a file or device was opened: for reading and writing. */
  | { readonly kind: "mode" }
  /** A structure that leads to devices, positions and a length. */
  | { readonly kind: "job"; readonly job: JobLayout }
  /** Anything else, which is given 0. */
  | { readonly kind: "flags" };

/** Where the Copy command of a request has what: paths in `struct nvme_command`, and members of the structure that describes a range. */
export interface RequestFields {
  /** Where the copy goes to, in blocks. */
  readonly destination: string;
  /** One less than the number of ranges. */
  readonly ranges: string;
  readonly range: string;
  readonly start: string;
  /** One less than the number of blocks. */
  readonly blocks: string;
}

/** What a structure in user memory says: one stretch by itself, or how many there are and where they stand. */
export interface UserLayout {
  readonly struct: string;
  readonly direct: RangeFields | undefined;
  readonly list:
    | {
        readonly struct: string;
        /** Member that is the array itself, or holds its address. */
        readonly member: string;
        readonly inline: boolean;
        readonly count: string;
        readonly fields: RangeFields;
        /** Where it all goes to, where the ranges do not say so. */
        readonly dst: string | undefined;
      }
    | undefined;
}

/** Paths in a structure: each a member or, with a number, an element of a member that is an array. */
export interface JobLayout {
  readonly struct: string;
  /** Regions of dm-io, each a device, a position and a length in sectors. */
  readonly source: string;
  readonly target: string;
  /** Member that says how many targets there are. */
  readonly count: string | undefined;
  /** Members that are called when it is done. */
  readonly callbacks: readonly string[];
}

export interface RangeFields {
  readonly src: string;
  readonly dst: string | undefined;
  readonly len: string;
  /** How much of the range was copied, as the engine writes it. */
  readonly done: string | undefined;
}

/** A function that a caller outside of the series may call to copy. */
export interface Entry {
  readonly func: Func;
  readonly roles: readonly Role[];
  /** The returned value says how much was copied. */
  readonly returnsLength: boolean;
  /** Without a callback, the call waits. */
  readonly mayWait: boolean;
  /** It returns before it is done, and says so by a callback. */
  readonly later?: boolean;
  /** Bytes of what is counted in returned values and callbacks. */
  readonly unit: 1 | 512;
  /** Answers that are above 0 though all was copied, and no length: an error is below 0, and what else they say is not known. */
  readonly obscure?: ReadonlySet<"return" | "callback">;
}

/** A reading of what a function's parameters are for. */
export interface Reading {
  readonly entry: Entry;
  /** Names or types say so; else it is a guess, which holds if a plain call copies. */
  readonly told: boolean;
}

const inWord = /(?:^|_)(?:in|src|source|from|read|s)(?:_|\d|$)/;
const outWord = /(?:^|_)(?:out|dst|dest|destination|target|to|write|d)(?:_|\d|$)/;
const lengthWord = /len|size|count|bytes|nr_sec|sectors|nsec|sects/;

const positionTypes = new Set(["loff_t", "sector_t", "off_t", "u64", "__u64", "uint64_t", "unsigned long long"]);
const lengthTypes = new Set([
  "size_t",
  "ssize_t",
  "sector_t",
  "u64",
  "__u64",
  "loff_t",
  "unsigned int",
  "unsigned long",
  "u32",
]);

type Param = Func["params"][number];

const isScalar = ({ type }: Param): boolean => type.pointers === 0 && !type.callable;

/** What each parameter is for, the likeliest reading first; or why that is not known. */
export function readingsOf(facts: Facts, program: Program, func: Func): readonly Reading[] | { readonly why: string } {
  const { code } = facts;
  const job = jobReading(program, func);
  if (job !== undefined) return job;
  const params = func.params.filter(({ type }) => type.name !== "void" || type.pointers > 0 || type.callable);
  const devices = params.filter(({ type }) => type.name === "struct block_device" && type.pointers === 1);
  const files = params.filter(({ type }) => type.name === "struct file" && type.pointers === 1);
  const fixed = new Map<Param, Role>();
  const structs: { param: Param; readings: readonly { fields: RangeFields; told: boolean }[] }[] = [];
  const users = userReadings(facts, func, params);
  if (users !== undefined && users.layouts.length === 0)
    return { why: `what its parameter ${users.param.name} is for is not known` };
  let previous: Role | undefined;
  for (const param of params) {
    const { name, type } = param;
    const request = type.pointers === 1 && type.name === "struct nvmet_req" ? requestFields(facts, program) : undefined;
    const role: Role | undefined =
      request !== undefined
        ? { kind: "request", fields: request }
        : type.callable || code.typedefs.get(type.name)?.callable
          ? { kind: "callback" }
          : devices.includes(param)
            ? { kind: "device", side: devices.length === 1 ? "both" : sideOf(name, devices.indexOf(param)) }
            : files.includes(param)
              ? { kind: "file", side: sideOf(name, files.indexOf(param)) }
              : type.name === "gfp_t"
                ? { kind: "gfp" }
                : type.name === "void" &&
                    type.pointers === 1 &&
                    param !== users?.param &&
                    (previous?.kind === "callback" || /priv|data|arg|ctx/.test(name))
                  ? { kind: "private" }
                  : users !== undefined && isScalar(param) && /^(?:fmode_t|blk_mode_t)$/.test(type.name)
                    ? { kind: "mode" }
                    : undefined;
    previous = role;
    if (param === users?.param) continue;
    if (role !== undefined) {
      fixed.set(param, role);
      continue;
    }
    if (isScalar(param)) continue;
    const readings = type.pointers === 1 ? rangeReadings(facts, type.name) : [];
    if (readings.length === 0) return { why: `what its parameter ${name || type.name} is for is not known` };
    structs.push({ param, readings });
  }
  const roles = [...fixed.values()];
  const returnsLength = /^(?:ssize_t|size_t|loff_t|long)$/.test(func.returns.name) && func.returns.pointers === 0;
  if (roles.some(({ kind }) => kind === "request")) {
    const all = params.map((param) => fixed.get(param) ?? ({ kind: "flags" } as const));
    return [{ entry: { func, roles: all, returnsLength: false, mayWait: false, unit: 1 }, told: true }];
  }
  if (devices.length === 0 && files.length === 0) return { why: "it is given no device" };
  if (structs.length > 1) return { why: "it is given several structures" };
  if (users !== undefined) {
    if (structs.length > 0) return { why: "it is given several structures" };
    return users.layouts.flatMap(({ layout, units }) =>
      units.map((unit): Reading => {
        const number = isScalar(users.param);
        const all = params.map(
          (param): Role =>
            param === users.param
              ? { kind: "user", layout, unit, number }
              : (fixed.get(param) ?? { kind: "flags" as const }),
        );
        return { entry: { func, roles: all, returnsLength: false, mayWait: false, unit }, told: false };
      }),
    );
  }
  const scalars = params.filter((param) => isScalar(param) && !fixed.has(param));
  const mayWait = facts.callbackPairs.some(
    (pair) => pair.func === func && (pair.branch !== undefined || pair.forwarded),
  );
  const out: Reading[] = [];
  const add = (numbers: ReadonlyMap<Param, Role>, told: boolean, ranges?: Role): void => {
    const all = params.map(
      (param): Role => fixed.get(param) ?? numbers.get(param) ?? (isScalar(param) ? { kind: "flags" } : ranges!),
    );
    const counted = all.find((role) => role.kind === "length");
    const unit = counted?.kind === "length" ? counted.unit : 1;
    out.push({ entry: { func, roles: all, returnsLength, mayWait, unit }, told });
  };
  const inBytes = countsBytes(facts, func, scalars);
  const [struct] = structs;
  if (struct !== undefined) {
    for (const { fields, told } of struct.readings) {
      for (const unit of unitsOf(facts, struct.param.type.name)) {
        const unitOf = (param: Param) => (param.type.name === "sector_t" && !inBytes ? 512 : unit);
        for (const { numbers, told: named } of besideRanges(scalars, fields, unitOf))
          add(numbers, told && named, { kind: "ranges", struct: struct.param.type.name, fields, unit });
      }
    }
    return out;
  }
  // A count of sectors may well be an unsigned int.
  const sectors = ({ name, type }: Param) => type.name === "sector_t" || /sect|nsec/.test(name);
  for (const { numbers, told } of plainNumbers(scalars, (param) => (sectors(param) && !inBytes ? 512 : 1)))
    add(numbers, told);
  return out.length > 0 ? out : { why: "no parameters are two positions and a length" };
}

/** In which unit a structure's positions may be, the likeliest first. */
const unitsOf = ({ code }: Facts, struct: string): readonly (1 | 512)[] =>
  code.structs.get(struct)?.fields.some(({ type }) => type.name === "sector_t") ? [512, 1] : [1, 512];

/** A function counts in one unit: all of its sector_t hold bytes, or none does. */
function countsBytes(facts: Facts, func: Func, scalars: readonly Param[]): boolean {
  const bytes = new Set(facts.byteInterfaces.filter((each) => each.func === func).flatMap((each) => each.params));
  return scalars.filter(({ type }) => type.name === "sector_t").every((param) => bytes.has(param));
}

interface Numbers {
  readonly numbers: ReadonlyMap<Param, Role>;
  readonly told: boolean;
}

/** More ways than this to read the numbers of a function are not tried. */
const MOST = 24;

/** Two positions and a length. Types and names decide; where they do not, every order is a guess, in, out, length first. */
function* plainNumbers(scalars: readonly Param[], unitOf: (param: Param) => 1 | 512): Generator<Numbers> {
  const wide = scalars.filter(({ type }) => positionTypes.has(type.name));
  const named = wide.filter(({ name }) => !lengthWord.test(name));
  const length =
    scalars.find(({ type }) => /^s?size_t$/.test(type.name)) ??
    scalars.find(({ name, type }) => lengthWord.test(name) && lengthTypes.has(type.name));
  const positions = (named.length >= 2 ? named : wide).filter((param) => param !== length);
  const made = (a: Param, b: Param, c: Param): ReadonlyMap<Param, Role> =>
    new Map<Param, Role>([
      [a, { kind: "position", side: "in", unit: unitOf(a) }],
      [b, { kind: "position", side: "out", unit: unitOf(b) }],
      [c, { kind: "length", unit: unitOf(c) }],
    ]);
  const [first, second] = positions;
  if (length !== undefined && positions.length === 2 && first !== undefined && second !== undefined) {
    const swapped = sideOf(first.name, 0) === "out" && sideOf(second.name, 1) === "in";
    const [source, target] = swapped ? [second, first] : [first, second];
    const told = saysSide(first.name) && saysSide(second.name);
    yield { numbers: made(source, target, length), told };
    if (!told) yield { numbers: made(target, source, length), told: false };
    return;
  }
  const numbers = scalars.filter(({ type }) => positionTypes.has(type.name) || lengthTypes.has(type.name));
  let left = MOST;
  for (const a of wide) {
    for (const b of wide) {
      for (const c of numbers) {
        if (a === b || b === c || a === c || left-- <= 0) continue;
        yield { numbers: made(a, b, c), told: false };
      }
    }
  }
}

/** Beside an array of ranges: how many there are, and where they go if they do not say so themselves. */
function* besideRanges(
  scalars: readonly Param[],
  fields: RangeFields,
  unitOf: (param: Param) => 1 | 512,
): Generator<Numbers> {
  const counts = scalars.filter(({ type }) => !positionTypes.has(type.name));
  const named = counts.find(({ name }) => /nr|num|count|n_?r/.test(name));
  const wide = scalars.filter(({ type }) => positionTypes.has(type.name));
  const goals: readonly (Param | undefined)[] = fields.dst === undefined ? wide : [undefined];
  for (const count of named !== undefined ? [named] : counts.length > 0 ? counts : [undefined]) {
    for (const goal of goals) {
      const numbers = new Map<Param, Role>();
      if (count !== undefined) numbers.set(count, { kind: "count" });
      if (goal !== undefined) numbers.set(goal, { kind: "position", side: "out", unit: unitOf(goal) });
      yield { numbers, told: (count === named || counts.length < 2) && goals.length === 1 };
    }
  }
}

/**
 * Where the structures that the series adds have the fields of the Copy command. The protocol gives their places (NVM Command Set
 * Specification, Copy command and source range descriptor format 0h); what they are called is the series' choice.
 */
function requestFields({ code }: Facts, program: Program): RequestFields | undefined {
  const added = [...code.structs.values()].filter(({ addedBy }) => addedBy !== undefined);
  const at = (struct: string, offset: number, size: number): string | undefined => {
    const record = program.record(struct);
    const field = record.fields.find((each) => each.offset === offset && isInt(each.type) && each.type.size === size);
    return field?.name;
  };
  const sizeOf = (struct: string): number => {
    program.member(struct, "");
    return program.record(struct).size;
  };
  const command = added.find(
    ({ name }) => sizeOf(name) === 64 && at(name, 40, 8) !== undefined && at(name, 48, 1) !== undefined,
  );
  const range = added.find(
    ({ name }) => sizeOf(name) === 32 && at(name, 8, 8) !== undefined && at(name, 16, 2) !== undefined,
  );
  if (command === undefined || range === undefined) return undefined;
  const member = [...code.structs.values()].flatMap(({ name, fields }) =>
    name === "struct nvme_command" ? fields.filter(({ type }) => type.name === command.name) : [],
  )[0];
  const path = member?.name ?? "copy";
  return {
    destination: `${path}.${at(command.name, 40, 8)}`,
    ranges: `${path}.${at(command.name, 48, 1)}`,
    range: range.name,
    start: at(range.name, 8, 8)!,
    blocks: at(range.name, 16, 2)!,
  };
}

/** A name says on which side of a copy it is. */
const saysSide = (name: string): boolean => inWord.test(name) !== outWord.test(name);

function sideOf(name: string, index: number): "in" | "out" {
  if (saysSide(name)) return inWord.test(name) ? "in" : "out";
  return index === 0 ? "in" : "out";
}

/** What the members of a structure may be that describes a stretch to be copied; none: it describes no stretch. */
function rangeReadings(facts: Facts, struct: string): readonly { fields: RangeFields; told: boolean }[] {
  const made = facts.code.structs.get(struct);
  if (made === undefined || !made.complete || made.addedBy === undefined) return [];
  const wide = made.fields.filter(
    ({ type }) =>
      type.pointers === 0 &&
      (positionTypes.has(type.name) || lengthTypes.has(type.name) || /^(?:__)?u(?:int)?(?:32|64)/.test(type.name)),
  );
  // Anything else in it, and it is no plain range.
  if (wide.length !== made.fields.length || wide.length < 2 || wide.length > 6) return [];
  const find = (words: RegExp): Field | undefined => wide.find(({ name }) => words.test(name));
  const done = find(/comp|copied|done|ret|status/);
  const src = find(/src|source|from|(?:^|_)in(?:_|$)/);
  const dst = find(/dst|dest|(?:^|_)to(?:_|$)|(?:^|_)out(?:_|$)/);
  const len = wide.find((field) => /len|size|nr|count/.test(field.name) && field !== done);
  const start = src ?? wide.find((field) => field !== dst && field !== len && field !== done);
  if (start !== undefined && len !== undefined)
    return [{ fields: { src: start.name, dst: dst?.name, len: len.name, done: done?.name }, told: true }];
  // Names say nothing: a source, perhaps a destination, a length, and perhaps what was done, in every order.
  const out: { fields: RangeFields; told: boolean }[] = [];
  const names = wide.slice(0, 4).map(({ name }) => name);
  for (const [a, b, c] of orders(names)) {
    if (names.length >= 3)
      out.push({ fields: { src: a!, dst: b, len: c!, done: names.find((n) => ![a, b, c].includes(n)) }, told: false });
    out.push({ fields: { src: a!, dst: undefined, len: b!, done: c }, told: false });
  }
  return out;
}

interface UserReadings {
  readonly param: Param;
  readonly layouts: readonly { readonly layout: UserLayout; readonly units: readonly (1 | 512)[] }[];
}

/** The parameter that is the address of user memory, and what may stand there; undefined: there is none. */
function userReadings(facts: Facts, func: Func, params: readonly Param[]): UserReadings | undefined {
  const { text } = func.tree;
  const body = text.slice(func.body.start, func.body.end);
  for (const param of params) {
    const { name, type, node } = param;
    if (type.callable || name === "") continue;
    const said = type.pointers === 1 && /\b__user\b/.test(text.slice(node.start, node.end));
    const cast = new RegExp(`__user\\s*\\*\\s*\\)\\s*${name}\\b`).test(body);
    if (!said && !(cast && isScalar(param) && /^unsigned long$|64/.test(type.name))) continue;
    const struct = type.name.startsWith("struct ") ? type.name : structReadFrom(func, body, name);
    return { param, layouts: struct === undefined ? [] : userLayouts(facts, struct) };
  }
  return undefined;
}

/** What is copied in from an address of user space: the type of the variable that it is copied to. */
function structReadFrom(func: Func, body: string, name: string): string | undefined {
  const typeOf = (variable: string | undefined) => {
    const type = variable === undefined ? undefined : func.locals.get(variable);
    return type?.name.startsWith("struct ") ? type.name : undefined;
  };
  const word = `\\b${name}\\b`;
  const into = new RegExp(`copy_(?:struct_)?from_user\\s*\\(\\s*&?(\\w+)\\s*,[^;]*?${word}`).exec(body)?.[1];
  const duplicated = new RegExp(`(\\w+)\\s*=\\s*v?memdup_(?:array_)?user\\s*\\([^;]*?${word}`).exec(body)?.[1];
  const found = typeOf(into) ?? typeOf(duplicated);
  if (found !== undefined) return found;
  const alias = new RegExp(`(\\w+)\\s*=\\s*\\([^()]*__user\\s*\\*\\s*\\)\\s*${word}`).exec(body)?.[1];
  if (alias === undefined || alias === name) return undefined;
  return typeOf(alias) ?? structReadFrom(func, body, alias);
}

const unsignedType = /^(?:__)?u(?:int)?(?:32|64)(?:_t)?$|^(?:loff_t|sector_t|size_t|unsigned int|unsigned long long)$/;

/** What a structure that a process hands in may say about a copy. */
function userLayouts(facts: Facts, struct: string): UserReadings["layouts"] {
  const { code } = facts;
  const made = code.structs.get(struct);
  if (made === undefined || !made.complete) return [];
  const numbers = made.fields.filter(({ type }) => type.pointers === 0 && unsignedType.test(type.name));
  const out: { layout: UserLayout; units: readonly (1 | 512)[] }[] = [];
  const inline = made.fields.find(({ flexible, type }) => flexible && rangeReadings(facts, type.name).length > 0);
  const lists =
    inline !== undefined
      ? [{ member: inline.name, inline: true, struct: inline.type.name }]
      : numbers
          .filter(({ name, type }) => type.name.includes("64") && /list|range|vec|entr|ptr|addr|segs?$/.test(name))
          .filter(({ name }) => !/^nr|num|count|cnt/.test(name))
          .flatMap(({ name }) =>
            [...code.structs.values()]
              .filter((each) => each !== made && rangeReadings(facts, each.name).length > 0)
              .map((each) => ({ member: name, inline: false, struct: each.name })),
          );
  for (const list of lists) {
    const rest = numbers.filter(({ name }) => name !== list.member);
    const counts = rest.filter(({ name }) => /nr|num|count|cnt|n_?range/.test(name));
    for (const { fields } of rangeReadings(facts, list.struct)) {
      const goals =
        fields.dst !== undefined
          ? [undefined]
          : rest.filter(({ name }) => /dst|dest|to$|out|target|sector|offset|pos/.test(name));
      for (const count of counts) {
        for (const goal of goals) {
          if (out.length >= MOST || goal === count) continue;
          out.push({
            layout: {
              struct,
              direct: undefined,
              list: { ...list, count: count.name, fields, dst: goal?.name },
            },
            units: [1, 512],
          });
        }
      }
    }
  }
  if (lists.length > 0) return out;
  const find = (words: RegExp, without: readonly (Field | undefined)[] = []) =>
    numbers.find((field) => words.test(field.name) && !without.includes(field));
  const done = find(/comp|copied|done|ret|moved/);
  const src = find(/src|source|from|(?:^|_)in(?:_|$)/, [done]);
  const dst = find(/dst|dest|(?:^|_)to(?:_|$)|(?:^|_)out(?:_|$)/, [done]);
  const len = find(/len|size|nr|count|bytes/, [done, src, dst]);
  if (src && dst && len) {
    const direct = { src: src.name, dst: dst.name, len: len.name, done: done?.name };
    out.push({ layout: { struct, direct, list: undefined }, units: [1, 512] });
  }
  return out;
}

/** A function whose one parameter is a structure with two regions of dm-io. */
function jobReading(program: Program, func: Func): readonly Reading[] | undefined {
  const [param] = func.params;
  if (func.params.length !== 1 || param === undefined || param.type.pointers !== 1) return undefined;
  const { name } = param.type;
  if (!name.startsWith("struct ")) return undefined;
  program.member(name, "");
  const { fields, state } = program.record(name);
  if (state !== "complete") return undefined;
  const regions = fields.flatMap(({ name: member, type }) =>
    type.kind === "record" && type.name === "struct dm_io_region"
      ? [{ member, path: member }]
      : type.kind === "array" && type.of.kind === "record" && type.of.name === "struct dm_io_region"
        ? [{ member, path: `${member}.0` }]
        : [],
  );
  if (regions.length !== 2) return undefined;
  const source = regions.find(({ member }) => /src|source|from|(?:^|_)in$/.test(member));
  const target = regions.find((each) => each !== source);
  if (source === undefined || target === undefined) return undefined;
  const callbacks = fields
    .filter(({ type }) => type.kind === "pointer" && type.to.kind === "function")
    .map((field) => field.name);
  const count = fields.find((field) => isInt(field.type) && /^(?:num|nr)_/.test(field.name))?.name;
  const job: JobLayout = { struct: name, source: source.path, target: target.path, count, callbacks };
  const entry: Entry = { func, roles: [{ kind: "job", job }], returnsLength: false, mayWait: false, unit: 512 };
  return [
    { entry, told: false },
    { entry: { ...entry, later: true }, told: false },
  ];
}

/** Every way to choose three of the names, or two where there are but two. */
function* orders(names: readonly string[]): Generator<readonly (string | undefined)[]> {
  for (const a of names) {
    for (const b of names) {
      if (b === a) continue;
      const rest = names.filter((name) => name !== a && name !== b);
      if (rest.length === 0) yield [a, b, undefined];
      for (const c of rest) yield [a, b, c];
    }
  }
}
