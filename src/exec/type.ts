/** The types of C, as far as kernel code needs them. Sizes, offsets and alignments are in bytes. */
export type CType = VoidType | IntType | PointerType | ArrayType | RecordType | FunctionType;

export interface VoidType {
  readonly kind: "void";
}

/** Integers, _Bool and enumerations. */
export interface IntType {
  readonly kind: "int";
  /** "unsigned int", "_Bool", "enum req_op". */
  readonly name: string;
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  /** Conversion rank (C11 6.3.1.1): _Bool 0, char 1, short 2, int 3, long 4, long long 5; a bit-field wider than int lies above int. */
  readonly rank: number;
  /** Width in bits, where it is less than that of the size: the type that gcc gives to a bit-field wider than int. */
  readonly bits?: number;
}

export interface PointerType {
  readonly kind: "pointer";
  readonly to: CType;
}

export interface ArrayType {
  readonly kind: "array";
  readonly of: CType;
  /** Undefined for a flexible array member or an array whose initialiser says its length. */
  readonly length: number | undefined;
}

export interface FunctionType {
  readonly kind: "function";
  readonly returns: CType;
  readonly params: readonly CType[];
  /** Takes more than `params`: `...`, or no list at all. */
  readonly variadic: boolean;
}

export interface Field {
  /** "" for an anonymous structure or union, or a bit-field that only pads. */
  readonly name: string;
  readonly type: CType;
  readonly offset: number;
  /** A bit-field: how far it is shifted in the unit of its type's size at `offset`, and how wide it is. */
  readonly bits?: { readonly shift: number; readonly width: number };
}

/** A structure or union. Its fields are read when first asked for: see complete(). */
export interface RecordType {
  readonly kind: "record";
  /** "struct bio"; "struct" if it has no tag. */
  readonly name: string;
  readonly union: boolean;
  fields: readonly Field[];
  size: number;
  align: number;
  /** "unknown": nothing shows its members. */
  state: "unread" | "reading" | "complete" | "unknown";
  /** Reads the members; false if nothing shows them. */
  define: ((record: RecordType) => boolean) | null;
}

/** What differs between the machines that the kernel runs on. */
export interface DataModel {
  readonly name: "LP64" | "ILP32";
  /** Size of a pointer and of long. */
  readonly pointer: 4 | 8;
  /** Alignment of a 64 bit integer: 4 on 32 bit x86. */
  readonly align64: 4 | 8;
  /** Plain char is signed: before 6.2 on most machines (3bc753c06dd0, -funsigned-char). */
  readonly signedChar: boolean;
}

export const LP64: DataModel = { name: "LP64", pointer: 8, align64: 8, signedChar: false };
export const ILP32: DataModel = { name: "ILP32", pointer: 4, align64: 4, signedChar: false };

export const VOID: VoidType = { kind: "void" };

const int = (name: string, size: IntType["size"], signed: boolean, rank: number): IntType => ({
  kind: "int",
  name,
  size,
  signed,
  rank,
});

export const BOOL = int("_Bool", 1, false, 0);
export const SCHAR = int("signed char", 1, true, 1);
export const UCHAR = int("unsigned char", 1, false, 1);
export const SHORT = int("short", 2, true, 2);
export const USHORT = int("unsigned short", 2, false, 2);
export const INT = int("int", 4, true, 3);
export const UINT = int("unsigned int", 4, false, 3);
export const LLONG = int("long long", 8, true, 5);
export const ULLONG = int("unsigned long long", 8, false, 5);

/** Width in bits. */
export const widthOf = ({ size, bits }: IntType): number => bits ?? size * 8;

/**
 * The type in which a bit-field is computed with. One that int holds becomes int; a wider one keeps its width in gcc: `x << 8` of 40 bits
 * has 40 bits.
 */
export function bitFieldType(type: IntType, width: number): IntType {
  if (type.rank === 0 || width === 64) return type;
  if (width < 32 || (width === 32 && type.signed)) return INT;
  if (width === 32) return UINT;
  return { ...type, name: `a bit-field of ${width} bits`, rank: INT.rank + width / 100, bits: width };
}

/** The integer types whose size or sign depends on the machine. */
export interface MachineInts {
  readonly char: IntType;
  readonly long: IntType;
  readonly ulong: IntType;
}

const long4: MachineInts = { char: UCHAR, long: int("long", 4, true, 4), ulong: int("unsigned long", 4, false, 4) };
const long8: MachineInts = { char: UCHAR, long: int("long", 8, true, 4), ulong: int("unsigned long", 8, false, 4) };

export function machineInts(model: DataModel): MachineInts {
  const ints = model.pointer === 8 ? long8 : long4;
  return { ...ints, char: int("char", 1, model.signedChar, 1) };
}

export const pointerTo = (to: CType): PointerType => ({ kind: "pointer", to });
export const arrayOf = (of: CType, length: number | undefined): ArrayType => ({ kind: "array", of, length });

export const isInt = (type: CType): type is IntType => type.kind === "int";
export const isPointer = (type: CType): type is PointerType => type.kind === "pointer";

/** Reads the members of a record if that was not done yet. */
export function complete(record: RecordType): boolean {
  if (record.state === "unread") {
    record.state = "reading";
    const known = record.define?.(record) ?? false;
    record.state = known ? "complete" : "unknown";
    record.define = null;
  }
  return record.state === "complete";
}

/** Size of an object of the type; undefined if that is not known (void counts 1, as GNU C does). */
export function sizeOf(type: CType, model: DataModel): number | undefined {
  switch (type.kind) {
    case "int":
      return type.size;
    case "pointer":
      return model.pointer;
    case "void":
    case "function":
      return 1;
    case "array": {
      const one = sizeOf(type.of, model);
      return one === undefined ? undefined : one * (type.length ?? 0);
    }
    case "record":
      return complete(type) ? type.size : undefined;
  }
}

export function alignOf(type: CType, model: DataModel): number {
  switch (type.kind) {
    case "int":
      return type.size === 8 ? model.align64 : type.size;
    case "pointer":
      return model.pointer;
    case "array":
      return alignOf(type.of, model);
    case "record":
      return complete(type) ? type.align : 1;
    default:
      return 1;
  }
}

/** A member as it is declared, before it has a place. */
export interface Member {
  readonly name: string;
  readonly type: CType;
  /** Width of a bit-field. */
  readonly width?: number;
}

/**
 * Bytes that a member takes of which nobody knows the type, such as the `struct device` in a `struct block_device`: it has an address and
 * nothing that can be read, and its structure keeps all other members.
 */
const OPAQUE = 64;

/** What stands for a type that is not known, or not yet: a structure that holds itself is none that anybody could look into. */
const opaque = (type: CType): RecordType => ({
  kind: "record",
  name: typeText(type),
  union: false,
  fields: [],
  size: 0,
  align: 1,
  state: "unknown",
  define: null,
});

/** Lays members out as the System V ABI does (bit-fields: packed into units of their type, a zero width closes the unit). */
export function layOut(record: RecordType, members: readonly Member[], packed: boolean, model: DataModel): void {
  const fields: Field[] = [];
  let align = 1;
  // Bits used so far; of a union, of the largest member.
  let bit = 0;
  let largest = 0;
  for (const { name, type: declared, width } of members) {
    const known = sizeOf(declared, model);
    const size = known ?? OPAQUE;
    const natural = packed ? 1 : known === undefined ? model.pointer : alignOf(declared, model);
    const type = known === undefined ? opaque(declared) : declared;
    if (record.union) bit = 0;
    if (width !== undefined && isInt(type)) {
      const unit = size * 8;
      if (width === 0) {
        bit = Math.ceil(bit / unit) * unit;
        continue;
      }
      if (Math.floor(bit / unit) !== Math.floor((bit + width - 1) / unit)) bit = Math.ceil(bit / unit) * unit;
      const at = Math.floor(bit / unit) * unit;
      if (name !== "") {
        fields.push({ name, type, offset: at / 8, bits: { shift: bit - at, width } });
        align = Math.max(align, natural);
      }
      bit += width;
    } else {
      bit = Math.ceil(bit / (natural * 8)) * natural * 8;
      fields.push({ name, type, offset: bit / 8 });
      align = Math.max(align, natural);
      bit += size * 8;
    }
    largest = Math.max(largest, bit);
  }
  const bytes = Math.ceil((record.union ? largest : bit) / 8);
  record.fields = fields;
  record.align = align;
  record.size = Math.ceil(bytes / align) * align;
}

/** The member `name` of a record, also of its anonymous structures and unions, with its offset in the whole. */
export function findField(record: RecordType, name: string): Field | undefined {
  if (!complete(record)) return undefined;
  for (const field of record.fields) {
    if (field.name === name) return field;
    if (field.name !== "" || field.type.kind !== "record") continue;
    const inner = findField(field.type, name);
    if (inner !== undefined) return { ...inner, offset: inner.offset + field.offset };
  }
  return undefined;
}

/** Integer promotion (C11 6.3.1.1): what is narrower than int becomes int. */
export const promoted = (type: IntType): IntType => (type.rank < INT.rank ? INT : type);

/** The type in which two integers are combined: the usual arithmetic conversions (C11 6.3.1.8). */
export function commonType(left: IntType, right: IntType, ints: MachineInts): IntType {
  const a = promoted(left);
  const b = promoted(right);
  if (a.signed === b.signed) return a.rank >= b.rank ? a : b;
  const [signed, unsigned] = a.signed ? [a, b] : [b, a];
  if (unsigned.rank >= signed.rank) return unsigned;
  if (widthOf(signed) > widthOf(unsigned)) return signed;
  return signed.rank === INT.rank ? UINT : signed.rank === ints.long.rank ? ints.ulong : ULLONG;
}

/** Every value of `from` is a value of `to`. */
export function holdsAll(to: IntType, from: IntType): boolean {
  if (to === BOOL || to.rank === 0) return from.rank === 0;
  if (from.rank === 0) return true;
  if (from.signed && !to.signed) return false;
  if (from.signed === to.signed) return widthOf(to) >= widthOf(from);
  return widthOf(to) > widthOf(from);
}

/** The type as C writes it. */
export function typeText(type: CType): string {
  switch (type.kind) {
    case "void":
      return "void";
    case "int":
    case "record":
      return type.name;
    case "pointer":
      return type.to.kind === "function" ? `${typeText(type.to.returns)} (*)()` : `${typeText(type.to)} *`;
    case "array":
      return `${typeText(type.of)}[${type.length ?? ""}]`;
    case "function":
      return `${typeText(type.returns)} ()`;
  }
}
