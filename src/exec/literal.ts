import { type Compiler, here, peek, since, Unsupported } from "./compiler.ts";
import { constant, type Ex, type Operand, plain } from "./operand.ts";
import type { Place } from "./token.ts";
import { arrayOf, INT, type IntType, LLONG, pointerTo, UINT, ULLONG } from "./type.ts";
import { normal, wrap } from "./value.ts";

/** An integer literal in the first type that holds it (C11 6.4.4.1). */
export function number(c: Compiler, text: string, at: Place): Ex {
  const match = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([uUlL]*)$/.exec(text);
  if (match === null || match[1]!.length > 60) throw new Unsupported(`the number ${text.slice(0, 40)}`, at);
  const digits = match[1]!;
  const suffix = match[2]!.toLowerCase();
  const octal = /^0[0-9]+$/.test(digits);
  if (octal && /[89]/.test(digits)) throw new Unsupported(`the number ${text}`, at);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  if (value > 0xffffffffffffffffn) throw new Unsupported(`the number ${text}`, at);
  const decimal = /^[1-9]/.test(digits) || digits === "0";
  const unsigned = suffix.includes("u");
  const longs = suffix.replace("u", "").length;
  const { long, ulong } = c.program.ints;
  const candidates: IntType[] = [];
  if (longs < 1) candidates.push(INT, UINT);
  if (longs < 2) candidates.push(long, ulong);
  candidates.push(LLONG, ULLONG);
  const type = candidates.find((each) => {
    if (unsigned && each.signed) return false;
    if (!unsigned && decimal && !each.signed) return false;
    return value < 1n << BigInt(each.size * 8 - (each.signed ? 1 : 0));
  });
  return constant(type ?? ULLONG, normal(value), at);
}

const escapes: Record<string, number> = {
  n: 10,
  t: 9,
  r: 13,
  "0": 0,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  "\\": 92,
  "'": 39,
  '"': 34,
  "?": 63,
  e: 27,
};

/** The bytes of a character constant or a string literal, without the one that ends it. */
export function characters(literal: string, at: Place): number[] {
  const bytes: number[] = [];
  const text = literal.slice(1, -1);
  const encoder = new TextEncoder();
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "\\") {
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
      bytes.push(...encoder.encode(String.fromCodePoint(point)));
      continue;
    }
    const rest = text.slice(i + 1, i + 5);
    const octal = /^[0-7]{1,3}/.exec(rest);
    const hex = /^x[0-9a-fA-F]{1,2}/.exec(rest);
    if (octal !== null) bytes.push(Number.parseInt(octal[0], 8) & 255);
    else if (hex !== null) bytes.push(Number.parseInt(hex[0].slice(1), 16));
    else if (escapes[rest[0] ?? ""] !== undefined) bytes.push(escapes[rest[0]!]!);
    else throw new Unsupported("this escape sequence", at);
    i += (octal ?? hex)?.[0].length ?? 1;
  }
  return bytes;
}

/** The bytes of adjacent string literals, or undefined if none starts here. */
export function readString(c: Compiler): number[] | undefined {
  if (peek(c).kind !== "string") return undefined;
  const bytes: number[] = [];
  while (peek(c).kind === "string") {
    for (const byte of characters(peek(c).text, here(c))) bytes.push(byte);
    c.at++;
  }
  return bytes;
}

export function stringLiteral(c: Compiler): Operand {
  const at = here(c);
  return literal(c, readString(c)!, since(c, at));
}

export const bytesOf = (c: Compiler, text: string, at: Place): Operand =>
  literal(c, [...new TextEncoder().encode(text)], at);

function literal(c: Compiler, bytes: readonly number[], at: Place): Operand {
  const type = arrayOf(c.program.ints.char, bytes.length + 1);
  const key = `string ${at.tree.file} ${at.start} ${bytes.join(",")}`;
  const char = c.program.ints.char;
  const base = plain(pointerTo(type), at, ({ machine }) =>
    machine.once(key, () => {
      machine.work(bytes.length / 8, at);
      const pointer = machine.staticObject("a string", type);
      bytes.forEach((byte, index) => {
        machine.heap.write(pointer.object, index, char, wrap(byte, char));
      });
      return pointer;
    }),
  );
  // Nobody writes to a string: reading it is no step that others matter to.
  return {
    is: "place",
    type,
    at,
    place: { kind: "memory", base, offset: 0, bits: undefined, shared: false, name: "a string" },
  };
}
