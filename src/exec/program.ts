import type { CTree } from "../syntax/ctree.ts";
import { closing, mask } from "../syntax/mask.ts";
import { each, Node } from "../syntax/node.ts";
import { parseC } from "../syntax/parser.ts";
import type { Bindings } from "./bind.ts";
import { type Compiler, Unsupported } from "./compiler.ts";
import { readDeclarator, readEnum, readMemberList, readMembers, readSpecifiers } from "./declare.ts";
import { constantOf } from "./expression.ts";
import type { Code } from "./interpret.ts";
import { intrinsics } from "./intrinsic.ts";
import type { Machine } from "./machine.ts";
import { expand, type Macro, macrosOf } from "./macro.ts";
import { type Platform, USUAL } from "./platform.ts";
import { prelude } from "./prelude.ts";
import { compileFunction, compileInitial } from "./statement.ts";
import { type Place, type Token, tokenize } from "./token.ts";
import {
  BOOL,
  type CType,
  complete,
  type DataModel,
  type Field,
  type FunctionType,
  findField,
  INT,
  type IntType,
  LLONG,
  type MachineInts,
  type Member,
  machineInts,
  pointerTo,
  type RecordType,
  sizeOf,
  UINT,
  ULLONG,
} from "./type.ts";
import type { Int, Pointer } from "./value.ts";

export interface ProgramInput {
  /** The series as it stands after its last patch (or after any other): its islands of C. Earlier trees win over later ones. */
  readonly trees: readonly CTree[];
  readonly bindings: Bindings;
  /** What it is built for; as most kernels are, unless given. */
  readonly platform?: Partial<Platform>;
}

/** Where an item stands. */
interface Item {
  readonly tree: CTree;
  readonly node: Node;
  /** All of it is shown. */
  readonly whole: boolean;
  /** Stands in the branch of an #if that is not configured. */
  readonly unchosen: boolean;
  /** Belongs to the kernel table or the language layer, not to the series. */
  readonly table: boolean;
}

/** The header of a function. */
export interface Signature {
  readonly type: FunctionType;
  readonly params: readonly { readonly name: string; readonly type: CType }[];
}

/**
 * C that can run: what a series shows, on top of what the bindings know. Functions are compiled when they are first called, once for all
 * runs.
 */
export class Program {
  readonly bindings: Bindings;
  readonly model: DataModel;
  /** In bytes. */
  readonly pageSize: number;
  readonly ints: MachineInts;
  readonly ulong: IntType;
  private readonly functions = new Map<string, Item[]>();
  private readonly declarations = new Map<string, Item[]>();
  private readonly typedefs = new Map<string, Item[]>();
  private readonly tags = new Map<string, Item[]>();
  private readonly enumerators = new Map<string, Item>();
  private readonly macros = new Map<string, Macro[]>();
  /** Found by member(), which each access of the kernel's own code asks for. */
  private readonly members = new Map<string, Map<string, Field>>();
  private readonly records = new Map<string, RecordType>();
  private readonly enums = new Map<string, IntType>();
  private readonly constants = new Map<string, { value: Int; type: IntType } | null>();
  private readonly types = new Map<string, CType | null>();
  private readonly codes = new Map<Node, Code>();
  private readonly signatures = new Map<Node, Signature | null>();
  private readonly initials = new Map<Node, Code>();
  private readonly reading = new Set<Node>();
  private nesting = 0;
  private readonly enumsRead = new Set<Node>();
  private readonly scopes: ReadonlyMap<string, readonly string[]>;

  constructor({ trees, bindings, platform }: ProgramInput) {
    const { model, pageSize } = { ...USUAL, ...platform };
    this.bindings = bindings;
    this.model = model;
    this.pageSize = pageSize;
    this.ints = machineInts(model);
    this.ulong = this.ints.ulong;
    const tables = [
      tableOf("kernel", bindings.types),
      readTable("asked", bindings.asked ?? ""),
      tableOf("prelude", prelude(model, pageSize)),
    ];
    this.scopes = new Map([...trees, tables[0]!.tree].reverse().flatMap(scopesOf));
    // Macros come first: a condition may ask for them.
    const macros = [...trees.map(macrosOf), ...tables.map((table) => table.macros)].flat();
    for (const macro of macros) if (!intrinsics.has(macro.name)) add(this.macros, macro.name, macro);
    for (const tree of trees) this.index(tree, tree.root, false, false);
    for (const { tree } of tables) this.index(tree, tree.root, false, true);
  }

  private index(tree: CTree, parent: Node, unchosen: boolean, table: boolean): void {
    for (const node of parent.children) {
      const item: Item = { tree, node, whole: node.start >= tree.from && node.end <= tree.to, unchosen, table };
      switch (node.type) {
        case "function_definition": {
          const name = declaredName(tree, node.child("declarator"));
          if (name !== undefined) add(this.functions, name, item);
          this.indexTypes(node.child("type"), item);
          break;
        }
        case "declaration":
        case "type_definition": {
          const names = node.type === "declaration" ? this.declarations : this.typedefs;
          for (const child of node.children) {
            if (child.field !== "declarator") continue;
            const name = declaredName(tree, child);
            if (name !== undefined) add(names, name, item);
          }
          this.indexTypes(node.child("type"), item);
          break;
        }
        case "struct_specifier":
        case "union_specifier":
        case "enum_specifier":
          this.indexTypes(node, item);
          break;
        case "preproc_if":
        case "preproc_ifdef":
          this.indexBranches(tree, node, unchosen, table);
          break;
        case "linkage_specification":
        case "declaration_list":
        case "ERROR":
          this.index(tree, node, unchosen, table);
          break;
      }
    }
  }

  /** The branches of an #if, of which one is chosen: the others stay as what is known if nothing better is. */
  private indexBranches(tree: CTree, node: Node, unchosen: boolean, table: boolean): void {
    const holds = this.holds(tree, node);
    const own = new Node(node.type, "", node.start, node.end, node.parent);
    for (const child of node.children) {
      if (child.type === "preproc_else") this.index(tree, child, unchosen || holds, table);
      else if (child.type === "preproc_elif") this.indexBranches(tree, child, unchosen || holds, table);
      else own.add(child);
    }
    this.index(tree, own, unchosen || !holds, table);
  }

  /** Whether the condition of a directive holds, as far as it can be told. */
  private holds(tree: CTree, node: Node): boolean {
    const line = tree.text.slice(node.start, node.start + 200).split("\n", 1)[0]!;
    const word = /^#[ \t]*(\w+)[ \t]*(.*)$/.exec(line);
    if (word === null) return true;
    // An include guard.
    if (word[1] === "ifndef") return !this.condition(`defined(${word[2]})`) || /_H_*$/.test(word[2]!.trim());
    return this.condition(word[1] === "ifdef" ? `defined(${word[2]})` : word[2]!);
  }

  private indexTypes(type: Node | undefined, item: Item): void {
    if (type === undefined) return;
    const { tree } = item;
    each(type, (node) => {
      if (node.type !== "struct_specifier" && node.type !== "union_specifier" && node.type !== "enum_specifier") return;
      const body = node.child("body");
      if (body === undefined) return;
      const whole = node.start >= tree.from && node.end <= tree.to;
      const name = node.child("name");
      // The tag of a made-up opener is "x".
      const tag = name === undefined ? "" : tree.text.slice(name.start, name.end);
      const own = { ...item, node, whole };
      const keyword = node.type.slice(0, node.type.indexOf("_"));
      if (tag !== "" && !(tag === "x" && name!.start < tree.from)) add(this.tags, `${keyword} ${tag}`, own);
      if (node.type !== "enum_specifier") return;
      for (const child of body.children) {
        const id = child.type === "enumerator" ? child.child("name") : undefined;
        if (id === undefined || id.start < tree.from || id.end > tree.to) continue;
        const text = tree.text.slice(id.start, id.end);
        if (!this.enumerators.has(text)) this.enumerators.set(text, own);
      }
    });
  }

  // Names.

  /** The best of several items: of the same file, then whole, then of the series and configured. */
  private best(items: readonly Item[] | undefined, tree: CTree | undefined): Item | undefined {
    let best: Item | undefined;
    let most = -1;
    for (const item of items ?? []) {
      const rank =
        (item.whole ? 8 : 0) + (item.unchosen ? 0 : 4) + (tree?.file === item.tree.file ? 2 : 0) + (item.table ? 0 : 1);
      if (rank > most) {
        best = item;
        most = rank;
      }
    }
    return best;
  }

  macro(name: string, tree: CTree): Macro | undefined {
    const found = this.macros.get(name);
    if (found === undefined) return undefined;
    return found.find((macro) => macro.tree.file === tree.file) ?? found[0];
  }

  /** Names of the functions that are shown in full, those of the bindings' C not included. */
  shownFunctions(): string[] {
    const names: string[] = [];
    for (const [name, items] of this.functions) if (items.some((item) => item.whole && !item.table)) names.push(name);
    return names;
  }

  /** The function that a name calls: the definition, if it is shown in full; a bound one is none. */
  private definition(name: string, tree?: CTree): Item | undefined {
    const item = this.best(this.functions.get(name), tree);
    if (item === undefined || !item.whole) return undefined;
    // A binding knows better than C of the table.
    return item.table && this.bindings.functions.has(name) ? undefined : item;
  }

  /** A call by this name can be executed. */
  calls(name: string, tree: CTree): boolean {
    return (
      this.definition(name, tree) !== undefined ||
      this.bindings.functions.has(name) ||
      this.variableType(name, tree) !== undefined
    );
  }

  /** A function ready to run; undefined if it is not shown in full. */
  code(name: string, tree?: CTree): Code | undefined {
    const item = this.definition(name, tree);
    return item === undefined ? undefined : this.compiled(item, name);
  }

  private compiled(item: Item, name: string): Code {
    let code = this.codes.get(item.node);
    if (code === undefined) {
      const place: Place = { tree: item.tree, start: item.node.start, end: item.node.end };
      code = {
        name,
        at: place,
        returns: INT,
        params: [],
        ops: [],
        slots: 0,
        memory: [],
        variables: [],
        plain: undefined,
        compile: undefined,
        problems: [],
      };
      this.codes.set(item.node, code);
      const made = code;
      code.compile = () => {
        made.compile = undefined;
        this.nesting++;
        compileFunction(this, item.tree, item.node, made);
        this.nesting--;
      };
    }
    // A callee is compiled with its caller, to know whether it pauses; far down a chain of calls it has to wait for its first call.
    if (this.nesting < 32) code.compile?.();
    return code;
  }

  /** What a function takes and returns, from its definition or a prototype; undefined if nothing shows it. */
  signature(name: string, tree?: CTree): Signature | undefined {
    // A definition that is cut off may show its header all the same, or not.
    const items = [this.best(this.functions.get(name), tree), this.best(this.declarations.get(name), tree)];
    for (const item of items) {
      const signature = item && this.signatureOf(item, name);
      if (signature !== undefined) return signature;
    }
    return undefined;
  }

  private signatureOf(item: Item, name: string): Signature | undefined {
    let signature = this.signatures.get(item.node);
    if (signature === undefined) {
      const { start, end } = item.node;
      const header = item.node.child("body")?.start ?? end;
      const c = this.reader(item.tree, Math.max(start, item.tree.from), Math.min(header, item.tree.to));
      const declared = this.declared(c, name);
      signature = declared?.type.kind === "function" ? { type: declared.type, params: declared.params ?? [] } : null;
      this.signatures.set(item.node, signature);
    }
    return signature ?? undefined;
  }

  /** Reads declarators up to the one of this name. */
  private declared(c: Compiler, name: string) {
    try {
      const specifiers = readSpecifiers(c);
      if (specifiers === undefined) return undefined;
      for (;;) {
        const declared = readDeclarator(c, specifiers.type);
        if (declared.name === name) return { ...declared, storage: specifiers.storage };
        let depth = 0;
        while (c.at < c.end && !(depth === 0 && c.tokens[c.at]!.text === ",")) {
          const { text } = c.tokens[c.at]!;
          if (text === "(" || text === "{" || text === "[") depth++;
          if (text === ")" || text === "}" || text === "]") depth--;
          if (text === ";" && depth === 0) return undefined;
          c.at++;
        }
        if (c.at >= c.end) return undefined;
        c.at++;
      }
    } catch (problem) {
      if (problem instanceof Unsupported) return undefined;
      throw problem;
    }
  }

  /** The type of a file-scope variable; undefined if nothing declares it. */
  variableType(name: string, tree?: CTree): CType | undefined {
    const item = this.variableItem(name, tree);
    if (item === undefined) return undefined;
    const key = `variable ${name} ${item.tree.file}`;
    let type = this.types.get(key);
    if (type === undefined) {
      const c = this.reader(item.tree, item.node.start, item.node.end);
      type = this.declared(c, name)?.type ?? null;
      if (type?.kind === "array" && type.length === undefined) type = this.initial(item, name)?.code.returns ?? null;
      this.types.set(key, type);
    }
    return type === null || type.kind === "function" ? undefined : type;
  }

  /** A definition rather than an `extern` declaration, if there is one. */
  private variableItem(name: string, tree?: CTree): Item | undefined {
    const items = this.declarations.get(name)?.filter(({ whole }) => whole);
    const isExtern = ({ tree: t, node }: Item) => /^\s*extern\b/.test(t.text.slice(node.start, node.start + 80));
    return (
      this.best(
        items?.filter((item) => !isExtern(item)),
        tree,
      ) ?? this.best(items, tree)
    );
  }

  private initial(item: Item, name: string): { code: Code } | undefined {
    let code = this.initials.get(item.node);
    if (code === undefined) {
      const c = this.reader(item.tree, item.node.start, item.node.end);
      try {
        const declared = this.declared(c, name);
        if (declared === undefined) return undefined;
        code = compileInitial(c, declared.type);
      } catch (problem) {
        if (problem instanceof Unsupported) return undefined;
        throw problem;
      }
      this.initials.set(item.node, code);
    }
    return { code };
  }

  /** The memory of a file-scope variable, made and initialised when first used; undefined if nothing shows it. */
  global(machine: Machine, name: string, tree?: CTree): Pointer | undefined {
    const type = this.variableType(name, tree);
    const item = this.variableItem(name, tree);
    if (type === undefined || item === undefined || sizeOf(type, this.model) === undefined) return undefined;
    const key = `${item.tree.file} ${item.node.start} ${name}`;
    let made = false;
    const pointer = machine.once(key, () => {
      made = true;
      return machine.staticObject(name, type);
    });
    if (made) {
      const place: Place = { tree: item.tree, start: item.node.start, end: item.node.end };
      const initial = this.initial(item, name);
      if (initial === undefined) machine.notExecuted(`the initialiser of ${name} is not known`, place);
      machine.initialise(initial.code, [pointer], place);
    }
    return pointer;
  }

  /** How an object named in `__free(name)` is freed: C about `_T`. */
  scopeFree(name: string): string | undefined {
    return this.scopes.get(`DEFINE_FREE ${name}`)?.[1];
  }

  /** How a guard of this name is taken and left: C about `_T`. */
  scopeGuard(name: string): { readonly enter: string; readonly leave: string } | undefined {
    const found = this.scopes.get(`DEFINE_GUARD ${name}`);
    return found?.length === 3 ? { enter: found[1]!, leave: found[2]! } : undefined;
  }

  // Types and constants.

  record(name: string): RecordType {
    let record = this.records.get(name);
    if (record === undefined) {
      record = {
        kind: "record",
        name,
        union: name.startsWith("union"),
        fields: [],
        size: 0,
        align: 1,
        state: "unread",
        define: (made) => this.defineRecord(made),
      };
      this.records.set(name, record);
    }
    return record;
  }

  /** Whole definitions win, those of the series first; members that the series adds elsewhere come behind those of the table. */
  private defineRecord(record: RecordType): boolean {
    const items = this.tags.get(record.name) ?? [];
    const whole = items.find((item) => item.whole && !item.table) ?? items.find((item) => item.whole);
    const extra: Member[] = [];
    for (const item of items) {
      if (item.whole) continue;
      // Neighbours of what the series adds may be of types that nothing shows.
      extra.push(...readMemberList(this.bodyOf(item)).filter(({ type }) => sizeOf(type, this.model) !== undefined));
    }
    if (whole === undefined && extra.length === 0) return false;
    if (whole === undefined) {
      const c = this.reader(items[0]!.tree, 0, 0);
      readMembers({ ...c, tokens: OPEN_CLOSE(items[0]!), end: 2 }, record, extra);
      return true;
    }
    // The bindings work with the table's members, which the structure of another version, or of a miniature, may lack.
    const table = whole.table ? undefined : items.find((item) => item.whole && item.table);
    if (!whole.table) extra.length = 0;
    if (table !== undefined) extra.push(...readMemberList(this.bodyOf(table)));
    try {
      readMembers(this.definitionOf(whole), record, extra);
      return true;
    } catch (problem) {
      if (problem instanceof Unsupported) return false;
      throw problem;
    }
  }

  /** What stands between the braces. */
  private bodyOf({ tree, node }: Item): Compiler {
    const body = node.child("body")!;
    return this.reader(tree, Math.max(body.start + 1, tree.from), Math.min(body.end, tree.to));
  }

  /** From the brace on, with the attributes behind it. */
  private definitionOf({ tree, node }: Item): Compiler {
    const end = tree.text.indexOf(";", node.end);
    return this.reader(tree, node.child("body")!.start, end < 0 ? node.end : Math.min(end, node.end + 200));
  }

  enumType(name: string): IntType {
    const item = this.best(this.tags.get(name), undefined);
    if (item !== undefined) this.readEnumeration(item);
    return this.enums.get(name) ?? { ...UINT, name };
  }

  private readEnumeration(item: Item): void {
    if (this.enumsRead.has(item.node)) return;
    this.enumsRead.add(item.node);
    const { tree, node } = item;
    const body = node.child("body")!;
    const name = node.child("name");
    const shown = body.start >= tree.from;
    const c = this.reader(tree, shown ? body.start : tree.from, Math.min(body.end, tree.to));
    const tag = name === undefined ? "enum" : `enum ${tree.text.slice(name.start, name.end)}`;
    const define = (id: string, value: Int, type: IntType) => {
      if (!this.constants.get(id)) this.constants.set(id, { value, type });
    };
    try {
      // Of an enumeration that is cut off, only enumerators with a value of their own are known.
      if (shown) this.enums.set(tag, readEnum(c, tag, define));
      else this.readCutEnumeration(c, define);
    } catch (problem) {
      if (!(problem instanceof Unsupported)) throw problem;
    }
  }

  private readCutEnumeration(c: Compiler, define: (id: string, value: Int, type: IntType) => void): void {
    for (let i = c.at; i < c.end; i++) {
      if (c.tokens[i]!.kind !== "name" || c.tokens[i + 1]?.text !== "=") continue;
      const id = c.tokens[i]!.text;
      c.at = i + 2;
      const { value, type } = this.constantIn(c);
      define(id, value, type);
      i = c.at - 1;
    }
  }

  private constantIn(c: Compiler): { value: Int; type: IntType } {
    const value = constantOf(c);
    return { value, type: this.typeForConstant(value) };
  }

  /** int if it fits, else the first of unsigned int, long and the longer ones that does. */
  private typeForConstant(value: Int): IntType {
    if (value >= -2147483648 && value <= 2147483647) return INT;
    if (value >= 0 && value <= 4294967295) return UINT;
    const wide = this.model.pointer === 8;
    if (value <= 9223372036854775807n && value >= -9223372036854775808n) return wide ? this.ints.long : LLONG;
    return wide ? this.ints.ulong : ULLONG;
  }

  /** An enumerator or a constant of the bindings. */
  constant(name: string): { value: Int; type: IntType } | undefined {
    let known = this.constants.get(name);
    if (known === undefined) {
      const item = this.enumerators.get(name);
      if (item !== undefined) this.readEnumeration(item);
      known = this.constants.get(name);
      const given = this.bindings.constants.get(name);
      if (known === undefined && given !== undefined) known = { value: given, type: this.typeForConstant(given) };
      known ??= null;
      this.constants.set(name, known);
    }
    return known ?? undefined;
  }

  typedef(name: string, tree: CTree): CType | undefined {
    const fixed = this.fixedType(name);
    if (fixed !== undefined) return fixed;
    const items = this.typedefs.get(name);
    if (items === undefined) return undefined;
    let type = this.types.get(name);
    if (type === undefined) {
      const item = this.best(items, tree)!;
      if (this.reading.has(item.node)) return undefined;
      this.reading.add(item.node);
      const c = this.reader(item.tree, item.node.start, item.node.end);
      type = this.declared(c, name)?.type ?? null;
      this.reading.delete(item.node);
      this.types.set(name, type);
    }
    return type ?? undefined;
  }

  private fixedType(name: string): CType | undefined {
    if (name === "bool") return BOOL;
    if (name === "va_list" || name === "__builtin_va_list") return pointerTo(INT);
    return undefined;
  }

  /** A type by its C name: "struct bio", "loff_t", "unsigned int". Undefined if it is not known. */
  typeNamed(text: string): CType | undefined {
    const c = this.reader(bareTree(text), 0, text.length);
    try {
      const type = readSpecifiers(c)?.type;
      return type === undefined ? undefined : readDeclarator(c, type).type;
    } catch (problem) {
      if (problem instanceof Unsupported) return undefined;
      throw problem;
    }
  }

  /** A member by its path: "bi_iter.bi_size". */
  member(record: string, path: string): Field | undefined {
    let known = this.members.get(record);
    if (known === undefined) this.members.set(record, (known = new Map()));
    let field = known.get(path);
    if (field === undefined && (field = this.findMember(record, path)) !== undefined) known.set(path, field);
    return field;
  }

  private findMember(record: string, path: string): Field | undefined {
    let type: CType = this.record(record);
    let offset = 0;
    let found: Field | undefined;
    for (const name of path.split(".")) {
      if (type.kind !== "record" || !complete(type)) return undefined;
      found = findField(type, name);
      if (found === undefined) return undefined;
      offset += found.offset;
      type = found.type;
    }
    return found === undefined ? undefined : { ...found, offset };
  }

  // Reading.

  /** Whether the condition of an #if holds: names of the configuration are set unless the bindings say no, or they are for debugging. */
  condition(expression: string): boolean {
    const plain = expression
      .replace(/\bdefined\s*(?:\(\s*(\w+)\s*\)|(\w+))/g, (_, a, b) => (this.isDefined(a ?? b) ? "1" : "0"))
      .replace(/\bIS_(?:ENABLED|BUILTIN|MODULE|REACHABLE)\s*\(\s*(\w+)\s*\)/g, (_, name) =>
        this.isDefined(name) ? "1" : "0",
      );
    const tree = bareTree(plain);
    const c = this.reader(tree, 0, plain.length);
    try {
      return constantOf(c) !== 0;
    } catch (problem) {
      if (problem instanceof Unsupported) return false;
      throw problem;
    }
  }

  isDefined(name: string): boolean {
    const said = this.bindings.configured?.(name);
    if (said !== undefined) return said;
    if (name === "__KERNEL__" || this.macros.has(name) || this.bindings.constants.has(name)) return true;
    return (
      name.startsWith("CONFIG_") && !/DEBUG|KASAN|KCSAN|KMSAN|LOCKDEP|PROVE|FAULT_INJECT|COMPAT|PREEMPT_RT/.test(name)
    );
  }

  /** Tokens of a stretch of a file, macros expanded. */
  tokens(tree: CTree, from: number, to: number): Token[] {
    const raw = tokenize(tree, tree.text, from, to, (expression) => this.condition(expression));
    return expand(raw, (name, where) => this.macro(name, where));
  }

  /** A compiler over a stretch of a file at file scope. */
  private reader(tree: CTree, from: number, to: number): Compiler {
    const at: Place = { tree, start: from, end: to };
    let tokens: Token[] = [];
    try {
      tokens = this.tokens(tree, from, to);
    } catch {
      // Macros that grow without bounds: nothing to read.
    }
    return compilerOver(this, tree, tokens, {
      name: "",
      at,
      returns: INT,
      params: [],
      ops: [],
      slots: 0,
      memory: [],
      variables: [],
      plain: undefined,
      compile: undefined,
      problems: [],
    });
  }
}

export function compilerOver(program: Program, tree: CTree, tokens: readonly Token[], code: Code): Compiler {
  return {
    program,
    tree,
    tokens,
    at: 0,
    end: tokens.length,
    scope: { names: new Map(), tags: new Map(), outer: undefined },
    code,
    enclosing: [],
    cleanups: [],
    attribute: undefined,
    labels: new Map(),
    gotos: [],
    exposed: new Set(),
    depth: 0,
  };
}

const OPEN_CLOSE = ({ tree }: Item): Token[] =>
  ["{", "}"].map((text) => ({ kind: "operator", text, place: { tree, start: tree.from, end: tree.from } }));

function add<T>(map: Map<string, T[]>, name: string, item: T): void {
  const there = map.get(name);
  if (there === undefined) map.set(name, [item]);
  else there.push(item);
}

/** A tree over a whole text that does not come from a series. Lines are those of the text. */
export function treeOf(file: string, text: string, bodies = true): CTree {
  const { text: masked, hidden } = mask(text);
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const lines = text
    .split("\n")
    .map((line, index) => ({ number: index + 1, text: line, added: undefined, shown: undefined }));
  return { file, text, from: 0, to: text.length, root: parseC(masked, undefined, bodies), hidden, starts, lines };
}

/** DEFINE_FREE() and DEFINE_GUARD() of a file by macro and name: their arguments behind the name (include/linux/cleanup.h). */
function scopesOf({ text }: CTree): [string, string[]][] {
  const out: [string, string[]][] = [];
  for (const match of text.matchAll(/^(DEFINE_(?:FREE|GUARD))\(/gm)) {
    const end = closing(text, match.index + match[1]!.length);
    if (end < 0 || end - match.index > 1000) continue;
    const args: string[] = [""];
    let depth = 0;
    for (const c of text.slice(match.index + match[0].length, end - 1)) {
      if (c === "(") depth++;
      if (c === ")") depth--;
      if (c === "," && depth === 0) args.push("");
      else args[args.length - 1] += c;
    }
    const [name, ...rest] = args.map((arg) => arg.trim());
    out.push([`${match[1]} ${name}`, rest]);
  }
  return out;
}

interface Table {
  readonly tree: CTree;
  readonly macros: readonly Macro[];
}

/** Tables read so far, by text: a process has few, and makes many programs. */
const tablesRead = new Map<string, Table>();

function tableOf(file: string, text: string): Table {
  let table = tablesRead.get(text);
  if (table === undefined) {
    table = readTable(file, text);
    if (tablesRead.size > 16) tablesRead.clear();
    tablesRead.set(text, table);
  }
  return table;
}

function readTable(file: string, text: string): Table {
  // Functions are compiled from their text.
  const tree = treeOf(file, text, false);
  return { tree, macros: macrosOf(tree) };
}

/** Text that is read without its syntax tree. */
const bareTree = (text: string): CTree => ({
  file: "",
  text,
  from: 0,
  to: text.length,
  root: new Node("translation_unit", "", 0, text.length, undefined),
  hidden: [],
  starts: [0],
  lines: [],
});

/** The name that a declarator declares. */
function declaredName(tree: CTree, declarator: Node | undefined): string | undefined {
  for (let d = declarator; d !== undefined; ) {
    // The parser takes names such as size_t for words of the language.
    if (d.type === "identifier" || d.type === "type_identifier" || d.type === "primitive_type")
      return tree.text.slice(d.start, d.end);
    d =
      d.child("declarator") ??
      (d.type === "parenthesized_declarator" ? d.children.find((n) => n.type !== "comment") : undefined);
  }
  return undefined;
}
