import { accept, ahead, type Compiler, here, need, nested, peek, Unsupported } from "./compiler.ts";
import { constantOf, readArgument } from "./expression.ts";
import type { Frame, Run } from "./interpret.ts";
import { readString } from "./literal.ts";
import { convert, type Ex } from "./operand.ts";
import type { Place } from "./token.ts";
import { arrayOf, type CType, type Field, findField, type IntType, isInt, type RecordType, sizeOf } from "./type.ts";
import { Pointer, type Value, wrap } from "./value.ts";

/** A value that an initialiser puts somewhere. */
interface Put {
  readonly offset: number;
  readonly type: CType;
  readonly bits: Field["bits"];
  readonly ex: Ex | number;
  readonly at: Place;
}

/** An object that is being initialised: where the next value without a designator goes. */
interface Cursor {
  readonly type: CType;
  readonly offset: number;
  index: number;
  /** Of an array, how many elements it needs so far. */
  length: number;
}

/** `{ ... }`, or a string for an array: makes an object on the stack, zeroed where nothing is put, and its pointer in `slot`. */
export function compileList(
  c: Compiler,
  type: CType,
  slot: number,
  name = "a literal",
  shared = false,
): { type: CType; run: Run } {
  const at = here(c);
  const puts: Put[] = [];
  const made = readInitialiser(c, type, 0, puts);
  const create = (frame: Frame) => {
    const pointer = frame.machine.variable(name, made, at, shared, true);
    frame.slots[slot] = pointer;
    return pointer;
  };
  return { type: made, run: putAll(puts, create) };
}

/** Makes the object and puts the values there, which may name the object itself. */
function putAll(puts: readonly Put[], create: (frame: Frame) => Value): Run {
  const put = (frame: Frame, pointer: Value, { offset, type, bits, at }: Put, value: Value) => {
    const { machine } = frame;
    const { object } = pointer as Pointer;
    machine.tick(at);
    if (type.kind === "record") machine.copyRecord(pointer, offset, value, 0, type, at);
    else if (bits !== undefined)
      machine.storeBits(new Pointer(object, 0), offset, type as IntType, bits, value, "it", at);
    else machine.heap.write(object, offset, type, value);
  };
  if (puts.every(({ ex }) => typeof ex === "number" || ex.plain !== undefined)) {
    return {
      plain(frame) {
        const pointer = create(frame);
        for (const each of puts)
          put(frame, pointer, each, typeof each.ex === "number" ? each.ex : each.ex.plain!(frame));
        return pointer;
      },
      steps: undefined,
    };
  }
  return {
    plain: undefined,
    *steps(frame) {
      const pointer = create(frame);
      for (const each of puts) {
        const { ex } = each;
        const value = typeof ex === "number" ? ex : ex.plain !== undefined ? ex.plain(frame) : yield* ex.steps!(frame);
        put(frame, pointer, each, value);
      }
      return pointer;
    },
  };
}

/** Code that initialises memory that is there already and zeroed: the pointer is in slot 0. */
export function compilePuts(c: Compiler, type: CType): { type: CType; run: Run } {
  const puts: Put[] = [];
  const made = readInitialiser(c, type, 0, puts);
  return { type: made, run: putAll(puts, (frame) => frame.slots[0]!) };
}

/** Reads an initialiser; returns the type, with the length that the initialiser gives to an array. */
function readInitialiser(c: Compiler, type: CType, offset: number, puts: Put[], bits?: Field["bits"]): CType {
  return nested(c, () => {
    const at = here(c);
    if (type.kind === "array" && isInt(type.of) && type.of.size === 1) {
      const braced = ahead(c) === "{" && peek(c, 1).kind === "string";
      if (braced) c.at++;
      const bytes = readString(c);
      if (bytes !== undefined) {
        if (braced) need(c, "}");
        const length = type.length ?? bytes.length + 1;
        const char = type.of;
        bytes.slice(0, length).forEach((byte, i) => {
          puts.push({ offset: offset + i, type: char, bits: undefined, ex: wrap(byte, char) as number, at });
        });
        return arrayOf(type.of, length);
      }
    }
    if (ahead(c) !== "{") {
      const ex = readArgument(c);
      puts.push({ offset, type, bits, ex: convert(ex, type), at });
      return type;
    }
    c.at++;
    if (type.kind !== "array" && type.kind !== "record") {
      if (ahead(c) !== "}") readInitialiser(c, type, offset, puts, bits);
      accept(c, ",");
      need(c, "}");
      return type;
    }
    const cursor: Cursor = { type, offset, index: 0, length: 0 };
    readElements(c, cursor, puts, true);
    need(c, "}");
    return type.kind === "array" && type.length === undefined ? arrayOf(type.of, cursor.length) : type;
  });
}

/** Elements of an array or members of a structure; without braces of its own only as many as it has. */
function readElements(c: Compiler, cursor: Cursor, puts: Put[], braced: boolean): void {
  while (ahead(c) !== "}" && c.at < c.end) {
    if (braced && (ahead(c) === "." || ahead(c) === "[")) readDesignated(c, cursor, puts);
    else if (braced && peek(c).kind === "name" && ahead(c, 1) === ":")
      throw new Unsupported("an old designator", here(c));
    else {
      const part = partAt(c, cursor, cursor.index);
      if (part === undefined) {
        if (braced) throw new Unsupported("more initialisers than members", here(c));
        return;
      }
      cursor.index = part.next;
      readPart(c, part, puts);
    }
    cursor.length = Math.max(cursor.length, cursor.index);
    if (
      !braced &&
      (partAt(c, cursor, cursor.index) === undefined || ahead(c) !== "," || ahead(c, 1) === "." || ahead(c, 1) === "[")
    )
      return;
    if (!accept(c, ",")) return;
  }
}

interface Part {
  readonly type: CType;
  readonly offset: number;
  readonly bits: Field["bits"];
  /** Index of the part behind it. */
  readonly next: number;
}

function partAt(c: Compiler, { type, offset }: Cursor, index: number): Part | undefined {
  if (type.kind === "array") {
    if (type.length !== undefined && index >= type.length) return undefined;
    if (index > 1_000_000) throw new Unsupported("an array of this length", here(c));
    return {
      type: type.of,
      offset: offset + index * (sizeOf(type.of, c.program.model) ?? 0),
      bits: undefined,
      next: index + 1,
    };
  }
  const record = type as RecordType;
  if (sizeOf(record, c.program.model) === undefined) throw new Unsupported(`${record.name} is not shown`, here(c));
  const field = record.fields[index];
  if (field === undefined || (record.union && index > 0)) return undefined;
  return { type: field.type, offset: offset + field.offset, bits: field.bits, next: record.union ? 1 : index + 1 };
}

function readPart(c: Compiler, part: Part, puts: Put[]): void {
  const { type, offset, bits } = part;
  const isString = peek(c).kind === "string" && type.kind === "array" && isInt(type.of) && type.of.size === 1;
  if (ahead(c) === "{" || isString) {
    readInitialiser(c, type, offset, puts, bits);
    return;
  }
  if (type.kind === "array" || type.kind === "record") {
    const from = c.at;
    const at = here(c);
    // A value of the structure's own type, or the first value of its first member, braces left out.
    if (type.kind === "record") {
      const ex = nested(c, () => readArgument(c));
      if (ex.type.kind === "record") {
        puts.push({ offset, type, bits, ex: convert(ex, type), at });
        return;
      }
      c.at = from;
    }
    nested(c, () => readElements(c, { type, offset, index: 0, length: 0 }, puts, false));
    return;
  }
  const at = here(c);
  puts.push({ offset, type, bits, ex: convert(readArgument(c), type), at });
}

/** `.a.b[3] = value`; what follows goes on behind the outermost part. */
function readDesignated(c: Compiler, cursor: Cursor, puts: Put[]): void {
  let type = cursor.type;
  let offset = cursor.offset;
  let bits: Field["bits"];
  let outermost = true;
  let last = 0;
  let stride = 0;
  while (ahead(c) === "." || ahead(c) === "[") {
    if (accept(c, ".")) {
      const name = peek(c).text;
      c.at++;
      const field = type.kind === "record" ? findField(type, name) : undefined;
      if (field === undefined || type.kind !== "record") throw new Unsupported(`member ${name} is not shown`, here(c));
      if (outermost) {
        const own = type.fields.findIndex((each) => each.name === name);
        const index =
          own >= 0
            ? own
            : type.fields.findIndex(
                (each) => each.type.kind === "record" && each.name === "" && findField(each.type, name) !== undefined,
              );
        cursor.index = type.union ? 1 : index + 1;
      }
      offset += field.offset;
      bits = field.bits;
      type = field.type;
    } else {
      c.at++;
      if (type.kind !== "array") throw new Unsupported("an index into what is no array", here(c));
      const index = Number(constantOf(c));
      last = index;
      if (accept(c, "...")) last = Number(constantOf(c));
      need(c, "]");
      if (index < 0 || last < index || last > 1_000_000 || (type.length !== undefined && last >= type.length))
        throw new Unsupported("this index", here(c));
      if (outermost) cursor.index = last + 1;
      const size = sizeOf(type.of, c.program.model) ?? 0;
      if (last > index) {
        if (ahead(c) !== "=" || last - index > 4096) throw new Unsupported("a range of indices", here(c));
        stride = size;
        last -= index;
      } else last = 0;
      offset += index * size;
      bits = undefined;
      type = type.of;
    }
    outermost = false;
  }
  need(c, "=");
  const from = c.at;
  readPart(c, { type, offset, bits, next: 0 }, puts);
  for (let i = 1; stride > 0 && i <= last; i++) {
    c.at = from;
    readPart(c, { type, offset: offset + i * stride, bits, next: 0 }, puts);
  }
}
