import type { Field, Func } from "../engine/code.ts";
import type { Facts } from "../engine/facts.ts";

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
  /** A request of the protocol: `range` describes a stretch in it, `destination` is the path to where it goes. */
  | { readonly kind: "request"; readonly range: string; readonly destination: string }
  | { readonly kind: "flags" };

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
  /** Bytes of what is counted in returned values and callbacks. */
  readonly unit: 1 | 512;
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

/** What each parameter is for; or why that is not known. */
export function entryOf(facts: Facts, func: Func, unit: 1 | 512): Entry | { readonly why: string } {
  const { code } = facts;
  const roles: Role[] = [];
  const params = func.params.filter(({ type }) => type.name !== "void" || type.pointers > 0 || type.callable);
  const devices = params.filter(({ type }) => type.name === "struct block_device" && type.pointers === 1);
  const files = params.filter(({ type }) => type.name === "struct file" && type.pointers === 1);
  const bytes = new Set(facts.byteInterfaces.filter((each) => each.func === func).flatMap((each) => each.params));
  // A function counts in one unit: all of its sector_t hold bytes, or none does.
  const sectorTypes = params.filter(({ type }) => type.name === "sector_t" && type.pointers === 0);
  const inBytes = sectorTypes.every((param) => bytes.has(param));
  // Positions and a length by type; names decide between them, and where they do not, order does: in, out, length.
  const scalar = (p: (typeof params)[number]) => p.type.pointers === 0 && !p.type.callable;
  const numbers = params.filter((p) => scalar(p) && positionTypes.has(p.type.name));
  const named = numbers.filter((p) => !lengthWord.test(p.name));
  const hasRanges = params.some((p) => rangeFields(facts, p.type.name) !== undefined && p.type.pointers === 1);
  const lengthParam =
    params.find((p) => scalar(p) && /^s?size_t$/.test(p.type.name)) ??
    params.find((p) => scalar(p) && lengthWord.test(p.name) && lengthTypes.has(p.type.name)) ??
    (numbers.length === 3 ? numbers[2] : undefined);
  const positions = (named.length >= 2 ? named : numbers).filter((p) => p !== lengthParam);
  for (const param of params) {
    const { name, type } = param;
    const typedef = code.typedefs.get(type.name);
    const unitOf: 1 | 512 = type.name === "sector_t" && !inBytes ? 512 : 1;
    const previous = roles[roles.length - 1];
    const request = type.pointers === 1 && type.name === "struct nvmet_req" ? requestFields(facts) : undefined;
    if (request !== undefined) roles.push({ kind: "request", ...request });
    else if (type.callable || typedef?.callable) roles.push({ kind: "callback" });
    else if (type.name === "struct block_device" && type.pointers === 1) {
      roles.push({ kind: "device", side: devices.length === 1 ? "both" : sideOf(name, devices.indexOf(param)) });
    } else if (files.includes(param)) roles.push({ kind: "file", side: sideOf(name, files.indexOf(param)) });
    else if (type.name === "gfp_t") roles.push({ kind: "gfp" });
    else if (
      type.name === "void" &&
      type.pointers === 1 &&
      (previous?.kind === "callback" || /priv|data|arg|ctx/.test(name))
    ) {
      roles.push({ kind: "private" });
    } else if (type.pointers === 1 && rangeFields(facts, type.name) !== undefined) {
      roles.push({ kind: "ranges", struct: type.name, fields: rangeFields(facts, type.name)!, unit });
    } else if (param === lengthParam && !hasRanges) roles.push({ kind: "length", unit: unitOf });
    else if (positions.includes(param) && (positions.length === 2 || hasRanges)) {
      const side = hasRanges ? "out" : sideOf(name, positions.indexOf(param));
      roles.push({ kind: "position", side, unit: hasRanges ? unit : unitOf });
    } else if (
      scalar(param) &&
      hasRanges &&
      /nr|num|count|n_?r/.test(name) &&
      !roles.some(({ kind }) => kind === "count")
    ) {
      roles.push({ kind: "count" });
    } else if (scalar(param) && /flag|mode|opt/.test(name)) roles.push({ kind: "flags" });
    else if (
      scalar(param) &&
      hasRanges &&
      !roles.some(({ kind }) => kind === "count") &&
      /^(?:int|unsigned int|size_t)$/.test(type.name)
    ) {
      roles.push({ kind: "count" });
    } else return { why: `what its parameter ${name || type.name} is for is not known` };
  }
  if (roles.some(({ kind }) => kind === "request"))
    return { func, roles, returnsLength: false, mayWait: false, unit: 1 };
  if (!roles.some(({ kind }) => kind === "device" || kind === "file")) return { why: "it is given no device" };
  if (!roles.some(({ kind }) => kind === "length" || kind === "ranges")) return { why: "no parameter is a length" };
  if (!roles.some(({ kind }) => kind === "position" || kind === "ranges"))
    return { why: "no parameters are positions" };
  const returnsLength = /^(?:ssize_t|size_t|loff_t|long)$/.test(func.returns.name) && func.returns.pointers === 0;
  const counted = roles.find((role) => role.kind === "length");
  const mayWait = facts.callbackPairs.some(
    (pair) => pair.func === func && (pair.branch !== undefined || pair.forwarded),
  );
  return { func, roles, returnsLength, mayWait, unit: counted?.kind === "length" ? counted.unit : 1 };
}

/** Fields of the Copy command (NVM command set specification): where they are in the structures that the series adds. */
function requestFields({ code }: Facts): { readonly range: string; readonly destination: string } | undefined {
  const has = (names: readonly string[]) =>
    [...code.structs.values()].find(
      (struct) =>
        struct.addedBy !== undefined && names.every((name) => struct.fields.some((field) => field.name === name)),
    );
  const range = has(["slba", "nlb"]);
  const command = has(["sdlba", "nr_range"]);
  if (range === undefined || command === undefined) return undefined;
  const member = [...code.structs.values()].flatMap(({ name, fields }) =>
    name === "struct nvme_command" ? fields.filter(({ type }) => type.name === command.name) : [],
  )[0];
  return member === undefined
    ? { range: range.name, destination: "copy" }
    : { range: range.name, destination: member.name };
}

function sideOf(name: string, index: number): "in" | "out" {
  if (inWord.test(name) && !outWord.test(name)) return "in";
  if (outWord.test(name) && !inWord.test(name)) return "out";
  return index === 0 ? "in" : "out";
}

/** The members of a structure that describes a stretch to be copied; undefined: it describes none. */
export function rangeFields(facts: Facts, struct: string): RangeFields | undefined {
  const made = facts.code.structs.get(struct);
  if (made === undefined || !made.complete || made.addedBy === undefined) return undefined;
  const wide = made.fields.filter(
    ({ type }) => type.pointers === 0 && (positionTypes.has(type.name) || /^(?:__)?u(?:int)?(?:32|64)/.test(type.name)),
  );
  // Anything else in it, and it is no plain range.
  if (wide.length !== made.fields.length || wide.length < 2 || wide.length > 6) return undefined;
  const find = (words: RegExp): Field | undefined => wide.find(({ name }) => words.test(name));
  const done = find(/comp|copied|done|ret|status/);
  const src = find(/src|source|from|(?:^|_)in(?:_|$)/) ?? wide[0];
  const dst = find(/dst|dest|(?:^|_)to(?:_|$)|(?:^|_)out(?:_|$)/);
  const len = wide.find((field) => /len|size|nr|count/.test(field.name) && field !== done);
  if (src === undefined || len === undefined) return undefined;
  return { src: src.name, dst: dst?.name, len: len.name, done: done?.name };
}
