/**
 * Generates C functions without undefined behaviour (given -fno-strict-overflow), which tell what they compute by calling out(). The
 * same number gives the same program.
 */

/** What a program needs to be compiled by itself; the interpreter knows these types. */
export const HEADER = `#include <stdio.h>
#include <string.h>
typedef signed char s8; typedef unsigned char u8; typedef short s16; typedef unsigned short u16;
typedef int s32; typedef unsigned int u32; typedef long long s64; typedef unsigned long long u64;
typedef _Bool bool;
typedef unsigned long size_t_;
static void out(u64 v) { printf("%llu\\n", v); }
`;

const TYPES = ["s8", "u8", "s16", "u16", "int", "u32", "long", "unsigned long", "s64", "u64", "bool", "char"] as const;
const UNSIGNED = ["u8", "u16", "u32", "unsigned long", "u64"] as const;
const EDGES = [
  "0",
  "1",
  "2",
  "3",
  "7",
  "-1",
  "-2",
  "127",
  "128",
  "255",
  "256",
  "-128",
  "-129",
  "32767",
  "32768",
  "65535",
  "65536",
  "-32768",
  "0x7fffffff",
  "0x80000000",
  "0xffffffff",
  "(-0x7fffffff - 1)",
  "4294967296LL",
  "0xffffffffULL",
  "9007199254740991LL",
  "9007199254740992LL",
  "9007199254740993ULL",
  "-9007199254740993LL",
  "0x7fffffffffffffffLL",
  "0x8000000000000000ULL",
  "0xffffffffffffffffULL",
  "-1LL",
  "1UL",
  "0777",
  "'a'",
  "1u",
  "100000L",
  "512",
  "4096",
  "1000000007",
] as const;

interface Local {
  readonly name: string;
  readonly type: string;
}

export function generate(seed: number, id: number): string {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  const random = (below: number): number => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const chance = (percent: number): boolean => random(100) < percent;
  let names = 0;
  const fresh = (prefix: string): string => `${prefix}${names++}`;

  /** Variables that may be read and assigned at the place at hand. */
  let locals: Local[] = [];
  /** Declarations that the function at hand needs at its start. */
  let heads: string[] = [];
  const helpers: { name: string; params: string[]; returns: string }[] = [];
  const fields: { name: string; type: string; array: boolean }[] = [];
  const S = `struct s${id}`;
  const U = `union u${id}`;
  let structs: string[] = [];
  let arrays: { name: string; type: string }[] = [];
  let pointers: { name: string; type: string }[] = [];
  let budget = 0;
  let prints = false;

  const constant = (): string => pick(EDGES);

  /** Something that can be assigned to. */
  const place = (): string => {
    const ways = random(10);
    if (ways < 2 && arrays.length > 0) return `${pick(arrays).name}[(${expression(1)}) & 3]`;
    if (ways < 5 && structs.length > 0) {
      const field = pick(fields);
      const base = chance(50) ? `${pick(structs)}.` : `(&${pick(structs)})->`;
      return field.array ? `${base}${field.name}[(${expression(1)}) & 1]` : `${base}${field.name}`;
    }
    if (ways < 6 && pointers.length > 0) return chance(50) ? `(*${pick(pointers).name})` : `${pick(pointers).name}[0]`;
    return pick(locals).name;
  };

  const shift = (depth: number): string => {
    const value = expression(depth - 1);
    return `((${value}) ${pick(["<<", ">>"])} ((${expression(depth - 1)}) & (sizeof((${value}) + 0) * 8 - 1)))`;
  };

  function expression(depth: number): string {
    if (depth <= 0 || budget-- <= 0 || chance(15)) return chance(35) ? constant() : simple();
    switch (random(18)) {
      case 0:
      case 1:
      case 2:
        return `(${expression(depth - 1)} ${pick(["+", "-", "*"])} ${expression(depth - 1)})`;
      case 3:
        return `(${expression(depth - 1)} ${pick(["&", "|", "^"])} ${expression(depth - 1)})`;
      case 4:
      case 5:
        return `(${expression(depth - 1)} ${pick(["<", ">", "<=", ">=", "==", "!="])} ${expression(depth - 1)})`;
      case 6:
        return shift(depth);
      case 7:
        return `(${expression(depth - 1)} ${pick(["/", "%"])} (((${expression(depth - 1)}) & 255) + 1))`;
      case 8: {
        const name = fresh("d");
        const divisor = `({ ${pick(UNSIGNED)} ${name} = ${expression(depth - 1)}; ${name} ? ${name} : 1; })`;
        return `((${pick(UNSIGNED)})(${expression(depth - 1)}) ${pick(["/", "%"])} ${divisor})`;
      }
      case 9:
        return `((${pick(TYPES)})(${expression(depth - 1)}))`;
      case 10:
        return `(${pick(["-", "~", "!", "+"])}(${expression(depth - 1)}))`;
      case 11:
        return `(${expression(depth - 1)} ${pick(["&&", "||"])} ${expression(depth - 1)})`;
      case 12:
        return `(${expression(depth - 1)} ? ${expression(depth - 1)} : ${expression(depth - 1)})`;
      case 13: {
        // A variable of its own, so that the order of evaluation does not matter.
        const name = fresh("t");
        const type = pick(TYPES);
        heads.push(`${type} ${name} = ${constant()};`);
        const use = pick([
          `${name} = ${expression(depth - 1)}`,
          `${name} += ${expression(depth - 1)}`,
          `${name}++`,
          `--${name}`,
        ]);
        return chance(50) ? `(${use}, ${name} ${pick(["+", "^", "-"])} ${expression(depth - 1)})` : `(${use})`;
      }
      case 14:
        if (helpers.length === 0) return simple();
        return call(depth);
      case 15:
        return chance(50)
          ? `sizeof(${pick([...TYPES, S, U, "void *"])})`
          : `sizeof((${expression(1)}) + (${expression(1)}))`;
      case 16: {
        const name = fresh("e");
        return `({ ${pick(TYPES)} ${name} = ${expression(depth - 1)}; ${name} ${pick(["+", "*", "-"])} ${constant()}; })`;
      }
      default:
        return simple();
    }
  }

  function simple(): string {
    if (pointers.length > 1 && chance(10)) {
      const a = pick(pointers);
      const b = pointers.find((each) => each.type === a.type && each !== a);
      if (b !== undefined) return `(${a.name} ${pick(["<", "==", "!=", ">=", "-"])} ${b.name})`;
    }
    return chance(75) ? place() : constant();
  }

  function call(depth: number): string {
    const helper = pick(helpers);
    return `${helper.name}(${helper.params.map((type) => (type === S ? pick(structs) : expression(depth - 1))).join(", ")})`;
  }

  function statements(count: number, depth: number, inLoop: boolean): string {
    const keep = { locals, arrays, pointers };
    locals = [...locals];
    const lines: string[] = [];
    for (let i = 0; i < count; i++) lines.push(statement(depth, inLoop));
    ({ locals, arrays, pointers } = keep);
    return lines.join("\n");
  }

  const nest = (depth: number, inLoop: boolean): string => `{\n${statements(1 + random(3), depth - 1, inLoop)}\n}`;

  function statement(depth: number, inLoop: boolean): string {
    budget = 12;
    if (depth <= 0) return basic();
    switch (random(16)) {
      case 0:
        return `if (${expression(3)}) ${nest(depth, inLoop)}`;
      case 1:
        return `if (${expression(3)}) ${nest(depth, inLoop)} else ${nest(depth, inLoop)}`;
      case 2: {
        const i = fresh("i");
        const more = chance(40) ? `if (${expression(2)}) ${pick(["break", "continue"])};\n` : "";
        return `for (int ${i} = 0; ${i} < ${1 + random(4)}; ${i}++) {\n${more}${statements(1 + random(2), depth - 1, true)}\n}`;
      }
      case 3: {
        const i = fresh("w");
        heads.push(`int ${i} = 0;`);
        return chance(50)
          ? `while (${i}++ < ${1 + random(4)}) {\n${statements(1 + random(2), depth - 1, true)}\n}`
          : `do {\n${statements(1 + random(2), depth - 1, true)}\n} while (++${i} < ${1 + random(4)});`;
      }
      case 4: {
        const cases = [...new Set([random(4), random(8), random(16)])];
        const parts = cases.map(
          (value) => `case ${value}:\n${statements(1, depth - 1, inLoop)}\n${chance(60) ? "break;" : "/* on */;"}`,
        );
        if (chance(70))
          parts.splice(
            random(parts.length + 1),
            0,
            `default:\n${statements(1, depth - 1, inLoop)}\n${chance(60) ? "break;" : ";"}`,
          );
        return `switch ((${expression(3)}) & 15) {\n${parts.join("\n")}\n}`;
      }
      case 5: {
        const label = fresh("l");
        const count = fresh("g");
        heads.push(`int ${count} = 0;`);
        return chance(50)
          ? `if (${expression(2)}) goto ${label};\n${basic()}\n${label}: ${basic()}`
          : `${label}:\n${basic()}\nif (${count}++ < ${1 + random(3)} && (${expression(2)})) goto ${label};`;
      }
      case 6: {
        // Into a block.
        const label = fresh("l");
        return `if (${expression(2)}) goto ${label};\nif (${expression(2)}) {\n${basic()}\n${label}: ${basic()}\n}`;
      }
      case 7:
        if (structs.length > 1) return `${pick(structs)} = ${pick(structs)};`;
        return basic();
      case 8:
        if (structs.length > 1) {
          return chance(50)
            ? `memcpy(&${structs[0]}, &${structs[1]}, sizeof(${structs[0]}));`
            : // A byte that a bool may hold too.
              `memset(&${pick(structs)}, ${random(2)}, sizeof(${S}));`;
        }
        return basic();
      case 9:
        return inLoop && chance(30) ? `if (${expression(2)}) ${pick(["break", "continue"])};` : basic();
      default:
        return basic();
    }
  }

  function basic(): string {
    budget = 10;
    switch (random(9)) {
      case 0: {
        const name = fresh("v");
        const type = pick(TYPES);
        const line = `${type} ${name} = ${expression(3)};`;
        heads.push(`${type} ${name};`);
        locals.push({ name, type });
        // Declared at the start, as a goto may pass this place by.
        heads[heads.length - 1] = `${type} ${name} = 0;`;
        return line.slice(type.length + 1);
      }
      case 1:
        return `${place()} ${pick(["+=", "-=", "*=", "&=", "|=", "^="])} ${expression(3)};`;
      case 2: {
        const name = pick(locals);
        return `${name.name} ${pick(["<<=", ">>="])} (${expression(2)}) & (sizeof(${name.name} + 0) * 8 - 1);`;
      }
      case 3:
        return `${pick(locals).name} ${pick(["/=", "%="])} ((${expression(2)}) & 127) + 1;`;
      case 4:
        return chance(50) ? `${place()}${pick(["++", "--"])};` : `${pick(["++", "--"])}${place()};`;
      case 5:
        if (pointers.length > 0 && arrays.length > 0) {
          const pointer = pick(pointers);
          const array = arrays.find((each) => each.type === pointer.type)!;
          return `${pointer.name} = ${array.name} + ((${expression(2)}) & 3);`;
        }
        return `${place()} = ${expression(3)};`;
      case 6:
        // Only the program itself prints: in which order two calls of one expression run is not specified.
        return prints ? `out(${expression(4)});` : `${pick(locals).name} = ${expression(4)};`;
      default:
        return `${place()} = ${expression(4)};`;
    }
  }

  const parts: string[] = [];
  for (let i = 0, count = 2 + random(5); i < count; i++) {
    const type = pick(TYPES);
    const name = `f${i}`;
    const array = chance(20);
    const wide = { s8: 8, u8: 8, bool: 1, char: 8, s16: 16, u16: 16, int: 32, u32: 32, s64: 64, u64: 64 }[
      type as string
    ];
    const bits = !array && wide !== undefined && chance(35) ? `:${1 + random(wide)}` : "";
    fields.push({ name, type, array });
    structs.push(`\t${type} ${name}${array ? "[2]" : bits};`);
  }
  parts.push(`${S} {\n${structs.join("\n")}\n};`);
  parts.push(`${U} { u8 bytes[8]; u16 half; s32 word; u64 whole; };`);
  structs = [];
  const body = (name: string, header: string, params: Local[], size: number, end: string) => {
    locals = [...params];
    prints = end === "";
    heads = [];
    structs = [];
    arrays = [];
    pointers = [];
    for (let i = 0; i < 3; i++) {
      const type = pick(TYPES);
      const local = { name: fresh("a"), type };
      heads.push(`${type} ${local.name} = ${constant()};`);
      locals.push(local);
    }
    if (chance(70)) {
      const [first, second] = [fresh("x"), fresh("x")];
      const named = pick(fields);
      const more = chance(50) ? `, .${named.name} = ${named.array ? "{ 1 }" : constant()}` : "";
      heads.push(`${S} ${first} = { ${constant()}${more} };`);
      heads.push(`${S} ${second}; memset(&${second}, 0, sizeof(${second}));`);
      structs = [first, second];
    }
    if (chance(60)) {
      const type = pick(TYPES);
      const array = { name: fresh("r"), type };
      heads.push(`${type} ${array.name}[4] = { ${constant()}, [2] = ${constant()} };`);
      arrays.push(array);
      for (let i = 0; i < 2; i++) {
        const pointer = { name: fresh("p"), type };
        heads.push(`${type} *${pointer.name} = ${array.name} + ${random(4)};`);
        pointers.push(pointer);
      }
    }
    const union = fresh("n");
    if (chance(40)) {
      heads.push(`${U} ${union} = { .whole = ${constant()} };`);
      locals.push(
        { name: `${union}.word`, type: "s32" },
        { name: `${union}.half`, type: "u16" },
        { name: `${union}.bytes[3]`, type: "u8" },
      );
    }
    const lines = statements(size, 3, false);
    budget = 8;
    const last =
      end === ""
        ? locals.map((local) => `out(${local.name});`).join(" ") + structs.map((s) => ` out(sum${id}(&${s}));`).join("")
        : `return ${expression(3)};`;
    parts.push(`static ${header} ${name}\n{\n${heads.join("\n")}\n${lines}\n${last}\n}`);
  };
  const sum = fields.map((field) =>
    field.array ? `(u64)s->${field.name}[0] * 3 + (u64)s->${field.name}[1]` : `(u64)s->${field.name}`,
  );
  parts.push(`static u64 sum${id}(const ${S} *s)\n{\n\treturn ${sum.join(" * 7 + ")};\n}`);
  for (let i = 0, count = random(3); i < count; i++) {
    const params = [pick(TYPES), pick(TYPES)] as string[];
    const returns = pick(TYPES);
    const name = `h${id}_${i}`;
    body(
      `${name}(${params.map((type, n) => `${type} q${n}`).join(", ")})`,
      returns,
      params.map((type, n) => ({ name: `q${n}`, type })),
      2,
      "return",
    );
    helpers.push({ name, params, returns });
  }
  if (chance(30)) {
    parts.push(
      `static ${S} made${id}(${S} s, int k)\n{\n\ts.${fields[0]!.name}${fields[0]!.array ? "[0]" : ""} += k;\n\treturn s;\n}`,
    );
    parts.push(
      `static u64 by${id}(int k)\n{\n\t${S} a = { 1 };\n\t${S} b = made${id}(a, k);\n\treturn sum${id}(&a) * 3 + sum${id}(&b) + made${id}(b, 2).${fields[0]!.name}${fields[0]!.array ? "[0]" : ""};\n}`,
    );
    helpers.push({ name: `by${id}`, params: ["int"], returns: "u64" });
  }
  if (helpers.length > 1 && chance(60)) {
    parts.push(
      `static u64 one${id}(u64 v)\n{\n\treturn v * 3 + 1;\n}\nstatic u64 two${id}(u64 v)\n{\n\treturn v ^ ${constant()};\n}`,
    );
    parts.push(`static u64 (*const table${id}[])(u64) = { one${id}, two${id} };`);
    parts.push(
      `static u64 through${id}(u64 v, int which)\n{\n\tu64 (*f)(u64) = table${id}[which & 1];\n\treturn f(v) + (*f)(v + 1);\n}`,
    );
    helpers.push({ name: `through${id}`, params: ["u64", "int"], returns: "u64" });
  }
  body(`program${id}(void)`, "void", [], 4 + random(5), "");
  return parts.join("\n");
}
