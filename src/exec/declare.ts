import { accept, ahead, type Compiler, closingAt, here, lookUp, need, nested, peek, Unsupported } from "./compiler.ts";
import { constantOf, typeOfExpression } from "./expression.ts";
import type { Place } from "./token.ts";
import {
  arrayOf,
  BOOL,
  type CType,
  INT,
  type IntType,
  isInt,
  LLONG,
  layOut,
  type Member,
  pointerTo,
  type RecordType,
  SCHAR,
  SHORT,
  UCHAR,
  UINT,
  ULLONG,
  USHORT,
  VOID,
} from "./type.ts";
import type { Int } from "./value.ts";

/** Words that say nothing about how code runs. */
const ignored: ReadonlySet<string> = new Set(
  (
    "const volatile restrict __restrict register inline __inline __inline__ __always_inline noinline auto _Noreturn __noreturn __extension__ " +
    "__init __exit __initdata __must_check __force __user __iomem __rcu __percpu __kernel __bitwise __private __cold __hot __pure __const " +
    "__always_unused __maybe_unused __read_mostly __ro_after_init __sched __weak __visible __refdata __nocast __deprecated " +
    "noinline_for_stack notrace asmlinkage __cacheline_aligned_in_smp ____cacheline_aligned_in_smp ____cacheline_aligned __packed " +
    "__randomize_layout __meminit __used"
  ).split(" "),
);
/** The same, with an argument in parentheses. */
const ignoredCalls: ReadonlySet<string> = new Set(
  (
    "__attribute__ __aligned __printf __scanf __releases __acquires __must_hold __counted_by __counted_by_le __cond_acquires __no_sanitize " +
    "_Alignas __alignas"
  ).split(" "),
);
const storageWords: ReadonlySet<string> = new Set(["static", "extern", "typedef"]);
const basic: ReadonlySet<string> = new Set(
  "void char short int long signed __signed__ unsigned _Bool float double __int128 struct union enum typeof __typeof__ __auto_type".split(
    " ",
  ),
);

export interface Specifiers {
  readonly type: CType;
  readonly storage: string | undefined;
  /** `__auto_type`: the initialiser says the type. */
  readonly auto: boolean;
}

/** Skips attributes; one that cleans up is kept for the declaration. */
function skipIgnored(c: Compiler): boolean {
  const text = ahead(c);
  if (ignored.has(text)) {
    c.at++;
    return true;
  }
  if ((text === "__free" || text === "__cleanup") && ahead(c, 1) === "(" && ahead(c, 3) === ")") {
    c.attribute = { kind: text === "__free" ? "free" : "cleanup", name: ahead(c, 2) };
    c.at += 4;
    return true;
  }
  if (!ignoredCalls.has(text) || ahead(c, 1) !== "(") return false;
  const close = closingAt(c, c.at + 1);
  if (close < 0) return false;
  for (let i = c.at; i < close; i++) {
    if (/^_*cleanup_*$/.test(c.tokens[i]!.text)) c.attribute = { kind: "cleanup", name: c.tokens[i + 2]?.text ?? "" };
  }
  c.at = close + 1;
  return true;
}

/** A type starts at the token `by` further on. */
export function startsType(c: Compiler, by = 0): boolean {
  const token = peek(c, by);
  if (token.kind !== "name") return false;
  const { text } = token;
  if (basic.has(text) || ignored.has(text) || storageWords.has(text)) return true;
  if (ignoredCalls.has(text)) return true;
  const meaning = lookUp(c, text);
  if (meaning !== undefined) return meaning.kind === "type";
  return c.program.typedef(text, c.tree) !== undefined;
}

/** Declaration specifiers, or those of a type name; undefined, and nothing read, if none start here. */
export function readSpecifiers(c: Compiler): Specifiers | undefined {
  let type: CType | undefined;
  let storage: string | undefined;
  let auto = false;
  const words: string[] = [];
  const from = c.at;
  for (;;) {
    if (skipIgnored(c)) continue;
    const token = peek(c);
    if (token.kind !== "name") break;
    const { text } = token;
    if (storageWords.has(text)) {
      storage = text;
      c.at++;
    } else if (text === "struct" || text === "union" || text === "enum") {
      type = readTagged(c);
    } else if (text === "typeof" || text === "__typeof__") {
      c.at++;
      need(c, "(");
      type = startsType(c) ? readTypeName(c) : typeOfExpression(c);
      need(c, ")");
    } else if (text === "__auto_type") {
      auto = true;
      c.at++;
    } else if (basic.has(text)) {
      words.push(text);
      c.at++;
    } else if (type === undefined && words.length === 0 && !auto) {
      const meaning = lookUp(c, text);
      const named =
        meaning === undefined ? c.program.typedef(text, c.tree) : meaning.kind === "type" ? meaning.type : undefined;
      if (named === undefined) break;
      type = named;
      c.at++;
    } else break;
  }
  if (words.length > 0) type = basicType(c, words);
  if (type === undefined && !auto) {
    if (storage === undefined || c.at === from) {
      c.at = from;
      return undefined;
    }
    throw new Unsupported(`type ${ahead(c)} is not shown`, here(c));
  }
  return { type: type ?? VOID, storage, auto };
}

function basicType(c: Compiler, words: readonly string[]): CType {
  const { ints } = c.program;
  const has = (word: string) => words.includes(word);
  const unsigned = has("unsigned");
  const longs = words.filter((word) => word === "long").length;
  if (has("void")) return VOID;
  if (has("_Bool")) return BOOL;
  if (has("float") || has("double") || has("__int128"))
    throw new Unsupported(`${words.join(" ")} is not executed`, here(c));
  if (has("char")) return unsigned ? UCHAR : has("signed") || has("__signed__") ? SCHAR : ints.char;
  if (has("short")) return unsigned ? USHORT : SHORT;
  if (longs > 1) return unsigned ? ULLONG : LLONG;
  if (longs === 1) return unsigned ? ints.ulong : ints.long;
  return unsigned ? UINT : INT;
}

/** `struct`, `union` or `enum` with its tag, its body, or both. */
function readTagged(c: Compiler): CType {
  const at = here(c);
  const keyword = peek(c).text;
  c.at++;
  while (skipIgnored(c));
  let tag = "";
  if (peek(c).kind === "name") {
    tag = peek(c).text;
    c.at++;
  }
  const name = tag === "" ? keyword : `${keyword} ${tag}`;
  if (ahead(c) === "{") {
    if (keyword === "enum")
      return readEnum(c, name, (enumerator, value, type) => {
        c.scope.names.set(enumerator, { kind: "constant", value, type });
      });
    const record: RecordType = {
      kind: "record",
      name,
      union: keyword === "union",
      fields: [],
      size: 0,
      align: 1,
      state: "reading",
      define: null,
    };
    if (tag !== "") c.scope.tags.set(name, record);
    readMembers(c, record);
    record.state = "complete";
    return record;
  }
  if (tag === "") throw new Unsupported(`${keyword} without a tag`, at);
  for (let scope: Compiler["scope"] | undefined = c.scope; scope; scope = scope.outer) {
    const local = scope.tags.get(name);
    if (local !== undefined) return local;
  }
  return keyword === "enum" ? c.program.enumType(name) : c.program.record(name);
}

/** The body of a structure, from its brace on. Members that cannot be read are left out: what uses them is not executed. */
export function readMembers(c: Compiler, record: RecordType, extra: readonly Member[] = []): void {
  need(c, "{");
  const members = readMemberList(c);
  need(c, "}");
  let packed = false;
  for (let i = c.at; i < c.end && c.tokens[i]!.text !== ";" && c.tokens[i]!.text !== "{"; i++) {
    packed ||= /^(?:__packed|_*packed_*)$/.test(c.tokens[i]!.text);
    if (c.tokens[i]!.text === "=") break;
  }
  const names = new Set(members.map((member) => member.name));
  layOut(record, [...members, ...extra.filter(({ name }) => !names.has(name))], packed, c.program.model);
}

/** Members up to the closing brace or the end. */
export function readMemberList(c: Compiler): Member[] {
  const members: Member[] = [];
  while (c.at < c.end && ahead(c) !== "}") {
    const from = c.at;
    try {
      readMember(c, members);
    } catch (problem) {
      if (!(problem instanceof Unsupported)) throw problem;
      c.at = from;
      skipTo(c, ";");
    }
  }
  return members;
}

/** Skips to behind the next `;` on this level, or to a closing brace. */
export function skipTo(c: Compiler, text: string): void {
  while (c.at < c.end) {
    const token = ahead(c);
    if (token === text) {
      c.at++;
      return;
    }
    if (token === "}") return;
    if (token === "(" || token === "[" || token === "{") {
      const close = closingAt(c, c.at);
      c.at = close < 0 ? c.end : close + 1;
    } else c.at++;
  }
}

function readMember(c: Compiler, members: Member[]): void {
  if (accept(c, ";")) return;
  const made: Member[] = [];
  // struct_group(NAME, members...) and what is like it: its members are ours.
  if (/^struct_group(?:_attr|_tagged)?$/.test(ahead(c)) || ahead(c) === "DECLARE_FLEX_ARRAY") {
    throw new Unsupported(`${ahead(c)} is not known`, here(c));
  }
  const specifiers = readSpecifiers(c);
  if (specifiers === undefined) throw new Unsupported(`type ${ahead(c)} is not shown`, here(c));
  const { type } = specifiers;
  if (ahead(c) === ";" && type.kind === "record") made.push({ name: "", type });
  while (ahead(c) !== ";") {
    const declared = ahead(c) === ":" ? { name: "", type, at: here(c) } : readDeclarator(c, type);
    let width: number | undefined;
    if (accept(c, ":")) {
      width = Number(constantOf(c));
      if (!isInt(declared.type) || width < 0 || width > declared.type.size * 8)
        throw new Unsupported("a bit-field of this width", here(c));
    }
    while (skipIgnored(c));
    made.push(
      width === undefined
        ? { name: declared.name, type: declared.type }
        : { name: declared.name, type: declared.type, width },
    );
    if (!accept(c, ",")) break;
  }
  need(c, ";");
  members.push(...made);
}

/** The body of an enumeration, from its brace on. Enumerators whose value is not known are left out. */
export function readEnum(
  c: Compiler,
  name: string,
  define: (name: string, value: Int, type: IntType) => void,
): IntType {
  need(c, "{");
  let next: bigint | undefined = 0n;
  let least = 0n;
  let most = 0n;
  while (c.at < c.end && ahead(c) !== "}") {
    const token = peek(c);
    c.at++;
    while (skipIgnored(c));
    if (accept(c, "=")) {
      const from = c.at;
      try {
        next = BigInt(constantOf(c));
      } catch (problem) {
        if (!(problem instanceof Unsupported)) throw problem;
        next = undefined;
        c.at = from;
        while (c.at < c.end && ahead(c) !== "," && ahead(c) !== "}") {
          const close = ahead(c) === "(" ? closingAt(c, c.at) : c.at;
          c.at = close < 0 ? c.end : close + 1;
        }
      }
    }
    if (next !== undefined) {
      define(
        token.text,
        next >= -9007199254740991n && next <= 9007199254740991n ? Number(next) : next,
        next > 0x7fffffffn || next < -0x80000000n
          ? next > 0xffffffffn || next < 0n
            ? c.program.ints.long
            : UINT
          : INT,
      );
      if (next < least) least = next;
      if (next > most) most = next;
      next += 1n;
    }
    if (!accept(c, ",")) break;
  }
  need(c, "}");
  return enumOf(name, least, most);
}

/** The integer type that gcc gives an enumeration. */
function enumOf(name: string, least: bigint, most: bigint): IntType {
  if (least >= 0n) return most > 0xffffffffn ? { ...ULLONG, name } : { ...UINT, name };
  return most > 0x7fffffffn || least < -0x80000000n ? { ...LLONG, name } : { ...INT, name };
}

export interface Declared {
  readonly name: string;
  readonly type: CType;
  readonly at: Place;
  /** Names of the parameters, if it declares a function. */
  readonly params?: readonly { readonly name: string; readonly type: CType }[];
}

/** A declarator, with or without a name. */
export function readDeclarator(c: Compiler, base: CType): Declared {
  return nested(c, () => {
    let type = base;
    for (;;) {
      if (skipIgnored(c)) continue;
      if (!accept(c, "*")) break;
      type = pointerTo(type);
    }
    const isInner =
      ahead(c) === "(" &&
      (ahead(c, 1) === "*" || ahead(c, 1) === "(" || (peek(c, 1).kind === "name" && !startsType(c, 1)));
    if (isInner) {
      const close = closingAt(c, c.at);
      if (close < 0) throw new Unsupported("a declarator is cut off", here(c));
      // What follows the parenthesis applies first.
      const [inner, end] = [c.at + 1, c.end];
      c.at = close + 1;
      const { type: outer, params } = readSuffixes(c, type);
      const after = c.at;
      c.at = inner;
      c.end = close;
      const declared = readDeclarator(c, outer);
      c.at = after;
      c.end = end;
      return params !== undefined && declared.params === undefined && declared.type === outer
        ? { ...declared, params }
        : declared;
    }
    const at = here(c);
    let name = "";
    if (peek(c).kind === "name") {
      name = peek(c).text;
      c.at++;
    }
    const suffixed = readSuffixes(c, type);
    while (skipIgnored(c));
    return suffixed.params === undefined
      ? { name, type: suffixed.type, at }
      : { name, type: suffixed.type, at, params: suffixed.params };
  });
}

function readSuffixes(c: Compiler, base: CType): { type: CType; params?: Declared["params"] } {
  while (skipIgnored(c));
  if (accept(c, "[")) {
    while (skipIgnored(c) || accept(c, "static"));
    let length: number | undefined;
    if (ahead(c) !== "]") {
      const value = constantOf(c);
      length = Number(value);
      if (length < 0 || length > 1 << 28) throw new Unsupported("an array of this length", here(c));
    }
    need(c, "]");
    return { type: arrayOf(readSuffixes(c, base).type, length) };
  }
  if (ahead(c) !== "(") return { type: base };
  c.at++;
  const params: { name: string; type: CType }[] = [];
  let variadic = false;
  if (ahead(c) === "void" && ahead(c, 1) === ")") c.at++;
  else if (ahead(c) === ")") variadic = true;
  while (ahead(c) !== ")") {
    if (accept(c, "...")) {
      variadic = true;
      break;
    }
    const specifiers = readSpecifiers(c);
    if (specifiers === undefined) throw new Unsupported(`type ${ahead(c)} is not shown`, here(c));
    const { name, type } = readDeclarator(c, specifiers.type);
    params.push({ name, type: adjusted(type) });
    if (!accept(c, ",")) break;
  }
  need(c, ")");
  const returns = base;
  return { type: { kind: "function", returns, params: params.map((param) => param.type), variadic }, params };
}

/** A parameter's type: arrays and functions are passed as pointers. */
const adjusted = (type: CType): CType =>
  type.kind === "array" ? pointerTo(type.of) : type.kind === "function" ? pointerTo(type) : type;

/** A type name, as in a cast. */
export function readTypeName(c: Compiler): CType {
  const specifiers = readSpecifiers(c);
  if (specifiers === undefined || specifiers.auto) throw new Unsupported(`type ${ahead(c)} is not shown`, here(c));
  return readDeclarator(c, specifiers.type).type;
}
