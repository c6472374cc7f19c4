import type { CTree } from "../syntax/ctree.ts";
import type { Node } from "../syntax/node.ts";
import {
  accept,
  ahead,
  type Compiler,
  closeScope,
  closingAt,
  here,
  lookUp,
  need,
  nested,
  openScope,
  peek,
  since,
  Unsupported,
} from "./compiler.ts";
import { readDeclarator, readSpecifiers, skipTo, startsType } from "./declare.ts";
import { constantOf, readArgument, readExpression, readValue } from "./expression.ts";
import { compileList, compilePuts } from "./initial.ts";
import { type Code, type Frame, type Op, type Run, runOps, runOpsPlain } from "./interpret.ts";
import { expand, TooLarge } from "./macro.ts";
import { assign, convert, type Ex, plain, truth, valueOrNothing } from "./operand.ts";
import { compilerOver, type Program } from "./program.ts";
import { type Place, type Token, tokenize } from "./token.ts";
import { type CType, INT, isInt, pointerTo, promoted, VOID } from "./type.ts";
import { UNINIT, wrap } from "./value.ts";

/** Reads a function definition into `code`. What cannot be executed in it becomes an end of the run at that place. */
export function compileFunction(program: Program, tree: CTree, node: Node, code: Code): void {
  const at: Place = { tree, start: node.start, end: node.end };
  const give = (why: string, where: Place) => {
    code.problems.push({ why, at: where });
    code.ops = [{ kind: "not-executed", why, at: where }];
    code.plain = false;
  };
  try {
    const tokens = program.tokens(tree, node.start, node.end);
    const c: Compiler = { ...compilerOver(program, tree, tokens, code), exposed: exposedNames(tokens) };
    const specifiers = readSpecifiers(c);
    if (specifiers === undefined) throw new Unsupported(`type ${ahead(c)} is not shown`, here(c));
    const declared = readDeclarator(c, specifiers.type);
    if (declared.type.kind !== "function" || ahead(c) !== "{") throw new Unsupported("its header", here(c));
    code.returns = declared.type.returns;
    openScope(c);
    for (const { name, type } of declared.params ?? []) {
      const inMemory = type.kind === "record" || c.exposed.has(name);
      const slot = declareLocal(c, name, type, inMemory, c.exposed.has(name));
      code.params.push({ name, type, slot, inMemory });
    }
    compileBlock(c);
    closeScope(c);
    link(c);
  } catch (problem) {
    if (problem instanceof Unsupported) {
      give(problem.why, problem.at);
      return;
    }
    if (problem instanceof TooLarge) {
      give(problem.message, at);
      return;
    }
    if (problem instanceof RangeError) {
      give("it is nested too deeply", at);
      return;
    }
    throw problem;
  }
}

/** Settles the gotos, and whether the code pauses anywhere. */
function link(c: Compiler): void {
  const { code } = c;
  for (const { name, op, at, cleanups } of c.gotos) {
    const label = c.labels.get(name);
    const same = label?.cleanups.length === cleanups.length && cleanups.every((each, i) => each === label.cleanups[i]);
    if (label !== undefined && same) op.to = label.to;
    else {
      const why = label === undefined ? `label ${name} is not shown` : "a jump out of a scope that cleans up";
      code.problems.push({ why, at });
      op.to = code.ops.length;
      code.ops.push({ kind: "not-executed", why, at });
    }
  }
  code.plain = isPlain(code.ops);
}

const isPlain = (ops: readonly Op[]): boolean =>
  ops.every((op) => !("run" in op) || typeof op.run !== "object" || op.run.plain !== undefined);

/** Names after a unary `&`, or given to a name that may be a macro's: their variables live in memory. */
function exposedNames(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>();
  for (let i = 0; i < tokens.length; i++) {
    // `int v __cleanup(f)` and `int v __attribute__((cleanup(f)))` hand out the address of v.
    if (/^_*cleanup_*$/.test(tokens[i]!.text)) {
      let before = i - 1;
      while (tokens[before]?.text === "(" || tokens[before]?.text === "__attribute__") before--;
      if (tokens[before]?.kind === "name") names.add(tokens[before]!.text);
      let behind = i + 1;
      while (behind < tokens.length && tokens[behind]!.text !== ")") behind++;
      while (tokens[behind]?.text === ")") behind++;
      if (tokens[behind]?.kind === "name") names.add(tokens[behind]!.text);
    }
    if (tokens[i]!.text !== "&" || tokens[i]!.kind !== "operator") continue;
    const before = tokens[i - 1];
    const binary =
      before !== undefined &&
      (before.kind === "name"
        ? before.text !== "return" && before.text !== "case"
        : before.kind === "number" || before.text === "]");
    // After `)` it may be either: (u8 *)&x, (a) & b.
    if (binary) continue;
    let next = i + 1;
    while (tokens[next]?.text === "(") next++;
    // `&x->y` takes no address of x.
    if (tokens[next]?.kind === "name" && tokens[next + 1]?.text !== "->") names.add(tokens[next]!.text);
  }
  return names;
}

function newSlot(c: Compiler): number {
  return c.code.slots++;
}

function declareLocal(c: Compiler, name: string, type: CType, inMemory: boolean, shared: boolean): number {
  const slot = newSlot(c);
  if (inMemory) c.code.memory.push(slot);
  c.scope.names.set(name, inMemory ? { kind: "memory", slot, type, shared } : { kind: "slot", slot, type });
  c.code.variables.push({ name, type, slot, inMemory });
  return slot;
}

const emit = <T extends Op>(c: Compiler, op: T): T => {
  c.code.ops.push(op);
  return op;
};

/** The index of the next instruction. */
const next = (c: Compiler): number => c.code.ops.length;

/** `{ ... }`, in a scope of its own. */
function compileBlock(c: Compiler): void {
  need(c, "{");
  openScope(c);
  const memory = c.code.memory.length;
  const due = c.cleanups.length;
  while (ahead(c) !== "}" && c.at < c.end) statement(c);
  cleanUp(c, due);
  c.cleanups.length = due;
  endScope(c, memory);
  closeScope(c);
  need(c, "}");
}

/** Runs the clean-ups beyond the first `from`, the last first. */
function cleanUp(c: Compiler, from: number): void {
  for (const { text, at } of c.cleanups.slice(from).reverse()) compileText(c, text, at);
}

/** A statement that is no text of the series. */
function compileText(c: Compiler, text: string, at: Place): void {
  const raw = tokenize(c.tree, text, 0, text.length, () => true, at);
  const tokens = expand(raw, (name, where) => c.program.macro(name, where));
  // What is due is due once.
  statement({ ...c, tokens, at: 0, end: tokens.length, cleanups: [], enclosing: [] });
}

/** A variable with `__free()` or `__cleanup()` is in scope from here on. */
function addCleanup(
  c: Compiler,
  { kind, name }: NonNullable<Compiler["attribute"]>,
  variable: string,
  at: Place,
): void {
  if (kind === "cleanup") {
    c.cleanups.push({ text: `${name}(&${variable});`, at });
    return;
  }
  const free = c.program.scopeFree(name);
  if (free === undefined) throw new Unsupported(`__free(${name}) is not shown`, at);
  c.cleanups.push({ text: `{ __auto_type _T = ${variable}; ${free}; }`, at });
}

/** `guard(name)(expression)`, or the parentheses of `scoped_guard(name, expression)`: takes it, and leaves it with the scope. */
function compileGuard(c: Compiler, scoped: boolean): void {
  const at = here(c);
  c.at++;
  need(c, "(");
  const name = peek(c).text;
  c.at++;
  const guard = c.program.scopeGuard(name);
  if (guard === undefined) throw new Unsupported(`guard(${name}) is not shown`, at);
  if (!scoped) {
    need(c, ")");
    need(c, "(");
  } else accept(c, ",");
  const variable = `__guard_${at.start}_${c.cleanups.length}`;
  const value = ahead(c) === ")" ? plain(INT, at, () => 0, 0) : readArgument(c);
  need(c, ")");
  if (!scoped) need(c, ";");
  const slot = declareLocal(c, variable, value.type, false, false);
  initialise(c, variable, value.type, slot, value, at);
  compileText(c, `{ __auto_type _T = ${variable}; ${guard.enter}; }`, at);
  c.cleanups.push({ text: `{ __auto_type _T = ${variable}; ${guard.leave}; }`, at });
}

/** A loop that is run once, so that `break` and `continue` leave it. */
function compileScopedGuard(c: Compiler): void {
  const due = c.cleanups.length;
  openScope(c);
  compileGuard(c, true);
  const { breaks, continues } = loopBody(c);
  settle([...breaks, ...continues], next(c));
  cleanUp(c, due);
  c.cleanups.length = due;
  closeScope(c);
}

/** The variables declared since then go out of scope here. */
function endScope(c: Compiler, memory: number): void {
  const slots = c.code.memory.slice(memory);
  if (slots.length > 0) emit(c, { kind: "end-scope", slots });
}

/** A statement or a declaration. One that cannot be executed ends the run when it is reached; what follows it is read all the same. */
function statement(c: Compiler): void {
  const from = c.at;
  const { end } = c;
  try {
    nested(c, () => compileStatement(c));
  } catch (problem) {
    if (!(problem instanceof Unsupported)) throw problem;
    c.end = end;
    unsupported(c, problem);
    c.at = from;
    skipStatement(c);
  }
}

function unsupported(c: Compiler, { why, at }: Unsupported): void {
  c.code.problems.push({ why, at });
  emit(c, { kind: "not-executed", why, at });
}

/** Skips a statement that was not understood. */
function skipStatement(c: Compiler): void {
  const from = c.at;
  if (ahead(c) === "{") {
    const close = closingAt(c, c.at);
    c.at = close < 0 ? c.end : close + 1;
  } else skipTo(c, ";");
  if (c.at === from) c.at++;
}

function compileStatement(c: Compiler): void {
  const token = peek(c);
  const at = token.place;
  if (token.kind === "operator") {
    if (token.text === "{") {
      compileBlock(c);
      return;
    }
    if (token.text === ";") {
      c.at++;
      return;
    }
  }
  if (token.kind === "name") {
    switch (token.text) {
      case "if":
        compileIf(c);
        return;
      case "while":
        compileWhile(c);
        return;
      case "do":
        compileDo(c);
        return;
      case "for":
        compileFor(c);
        return;
      case "switch":
        compileSwitch(c);
        return;
      case "case":
      case "default":
        compileCase(c);
        return;
      case "break":
      case "continue": {
        c.at++;
        need(c, ";");
        const around = c.enclosing.findLast((each) => token.text === "break" || each.continues !== undefined);
        if (around === undefined) throw new Unsupported(`${token.text} outside of a loop`, at);
        cleanUp(c, around.cleanups);
        const jump = emit(c, { kind: "jump", to: -1 });
        (token.text === "break" ? around.breaks : around.continues!).push(jump);
        return;
      }
      case "goto": {
        c.at++;
        const name = peek(c);
        if (name.kind !== "name") throw new Unsupported("a computed goto", at);
        c.at++;
        need(c, ";");
        c.gotos.push({ name: name.text, op: emit(c, { kind: "jump", to: -1 }), at, cleanups: [...c.cleanups] });
        return;
      }
      case "return":
        compileReturn(c);
        return;
      case "guard":
        if (ahead(c, 1) !== "(" || ahead(c, 3) !== ")") break;
        compileGuard(c, false);
        return;
      case "scoped_guard":
        if (ahead(c, 1) !== "(") break;
        compileScopedGuard(c);
        return;
      case "fallthrough":
        c.at++;
        need(c, ";");
        return;
      case "__label__":
      case "EXPORT_SYMBOL":
      case "EXPORT_SYMBOL_GPL":
        skipTo(c, ";");
        return;
      case "asm":
      case "__asm__":
        throw new Unsupported("assembler", at);
      case "static_assert":
      case "_Static_assert":
        skipTo(c, ";");
        return;
      case "__attribute__":
        if (ahead(c, 1) === "(" && /fallthrough/.test(ahead(c, 3))) {
          skipTo(c, ";");
          return;
        }
        break;
    }
    if (ahead(c, 1) === ":" && !startsType(c)) {
      c.labels.set(token.text, { to: next(c), cleanups: [...c.cleanups] });
      c.at += 2;
      if (ahead(c) !== "}") compileStatement(c);
      return;
    }
    if (startsType(c)) {
      compileDeclaration(c);
      return;
    }
    if (peek(c, 1).kind === "name" && lookUp(c, token.text) === undefined) {
      // Two names in a row: a declaration with a type that nothing shows, or an iterator that nothing defines.
      throw new Unsupported(`type ${token.text} is not shown`, at);
    }
  }
  const value = valueOrNothing(readExpression(c));
  if (ahead(c) === "{" && token.kind === "name") throw new Unsupported(`${token.text}() is not shown`, at);
  need(c, ";");
  emit(c, { kind: "do", run: value, at: since(c, at) });
}

/** A condition in parentheses. One that cannot be executed ends the run when it is reached; the statement that it governs is read. */
function condition(c: Compiler): { run: Run<boolean>; at: Place } {
  const from = here(c);
  const open = c.at;
  if (ahead(c) !== "(") throw new Unsupported("a condition is missing", from);
  const close = closingAt(c, open);
  if (close < 0) throw new Unsupported("a condition is cut off", from);
  try {
    c.at++;
    const ex = readValue(c);
    if (c.at !== close) throw new Unsupported(`\`${ahead(c)}\` is not expected here`, here(c));
    c.at++;
    return { run: truth(ex), at: ex.at };
  } catch (problem) {
    if (!(problem instanceof Unsupported)) throw problem;
    unsupported(c, problem);
    c.at = close + 1;
    return { run: { plain: () => false, steps: undefined }, at: from };
  }
}

function compileIf(c: Compiler): void {
  c.at++;
  const { run, at } = condition(c);
  const skip = emit(c, { kind: "unless", run, at, to: -1 });
  statement(c);
  if (!accept(c, "else")) {
    skip.to = next(c);
    return;
  }
  const over = emit(c, { kind: "jump", to: -1 });
  skip.to = next(c);
  statement(c);
  over.to = next(c);
}

function loopBody(c: Compiler): { breaks: { to: number }[]; continues: { to: number }[] } {
  const breaks: (Op & { to: number })[] = [];
  const continues: (Op & { to: number })[] = [];
  c.enclosing.push({ breaks, continues, cases: undefined, cleanups: c.cleanups.length });
  statement(c);
  c.enclosing.pop();
  return { breaks, continues };
}

const settle = (jumps: readonly { to: number }[], to: number): void => {
  for (const jump of jumps) jump.to = to;
};

function compileWhile(c: Compiler): void {
  c.at++;
  const memory = c.code.memory.length;
  const start = next(c);
  const { run, at } = condition(c);
  const out = emit(c, { kind: "unless", run, at, to: -1 });
  const { breaks, continues } = loopBody(c);
  settle(continues, start);
  emit(c, { kind: "jump", to: start });
  settle([out, ...breaks], next(c));
  endScope(c, memory);
}

function compileDo(c: Compiler): void {
  c.at++;
  const memory = c.code.memory.length;
  const start = next(c);
  const { breaks, continues } = loopBody(c);
  settle(continues, next(c));
  if (!accept(c, "while")) throw new Unsupported("`while` is missing", here(c));
  const { run, at } = condition(c);
  emit(c, { kind: "when", run, at, to: start });
  settle(breaks, next(c));
  endScope(c, memory);
  // A macro made of do { } while (0) may be used without one.
  accept(c, ";");
}

function compileFor(c: Compiler): void {
  c.at++;
  const memory = c.code.memory.length;
  const due = c.cleanups.length;
  openScope(c);
  const open = c.at;
  const close = closingAt(c, open);
  if (ahead(c) !== "(" || close < 0) throw new Unsupported("a for statement is cut off", here(c));
  c.at++;
  let test: { run: Run<boolean>; at: Place } | undefined;
  let step: { run: Ex; at: Place } | undefined;
  const start = { at: 0 };
  try {
    if (startsType(c)) compileDeclaration(c);
    else if (!accept(c, ";")) {
      const at = here(c);
      const run = valueOrNothing(readExpression(c));
      need(c, ";");
      emit(c, { kind: "do", run, at: since(c, at) });
    }
    start.at = next(c);
    if (!accept(c, ";")) {
      const ex = readValue(c);
      test = { run: truth(ex), at: ex.at };
      need(c, ";");
    }
    if (c.at < close) {
      const at = here(c);
      const run = valueOrNothing(readExpression(c));
      step = { run, at: since(c, at) };
    }
    if (c.at !== close) throw new Unsupported(`\`${ahead(c)}\` is not expected here`, here(c));
  } catch (problem) {
    if (!(problem instanceof Unsupported)) throw problem;
    unsupported(c, problem);
  }
  c.at = close + 1;
  const out = test === undefined ? undefined : emit(c, { kind: "unless", ...test, to: -1 });
  const { breaks, continues } = loopBody(c);
  settle(continues, next(c));
  if (step !== undefined) emit(c, { kind: "do", ...step });
  emit(c, { kind: "jump", to: start.at });
  settle(out === undefined ? breaks : [out, ...breaks], next(c));
  cleanUp(c, due);
  c.cleanups.length = due;
  endScope(c, memory);
  closeScope(c);
}

function compileSwitch(c: Compiler): void {
  c.at++;
  const open = c.at;
  const close = closingAt(c, open);
  if (ahead(c) !== "(" || close < 0) throw new Unsupported("a switch is cut off", here(c));
  let value: Ex;
  try {
    c.at++;
    value = readValue(c);
    if (!isInt(value.type)) throw new Unsupported("a switch over what is no integer", value.at);
    value = convert(value, promoted(value.type));
  } catch (problem) {
    if (!(problem instanceof Unsupported)) throw problem;
    unsupported(c, problem);
    value = plain(INT, problem.at, () => 0);
  }
  c.at = close + 1;
  const { type, at } = value;
  const run: Run = settledValue(value);
  const op = emit(c, { kind: "switch", run, at, cases: new Map(), ranges: [], to: -1 });
  const breaks: (Op & { to: number })[] = [];
  c.enclosing.push({ breaks, continues: undefined, cases: { op, type }, cleanups: c.cleanups.length });
  statement(c);
  c.enclosing.pop();
  settle(breaks, next(c));
  if (op.to < 0) op.to = next(c);
}

/** An uninitialised value that decides is a fault; 0 stands in. */
function settledValue({ plain: p, steps: s, at }: Ex): Run {
  const settle = (value: ReturnType<NonNullable<typeof p>>, frame: Frame) => {
    if (value !== UNINIT) return value;
    frame.machine.fault("uninitialised value", "the value of a switch", at);
    return 0;
  };
  if (p !== undefined) return { plain: (frame) => settle(p(frame), frame), steps: undefined };
  return {
    plain: undefined,
    *steps(frame) {
      return settle(yield* s!(frame), frame);
    },
  };
}

function compileCase(c: Compiler): void {
  const at = here(c);
  const around = c.enclosing.findLast(({ cases }) => cases !== undefined)?.cases;
  if (around === undefined) throw new Unsupported("a case outside of a switch", at);
  const { op, type } = around;
  if (accept(c, "default")) op.to = next(c);
  else {
    c.at++;
    try {
      if (!isInt(type)) throw new Unsupported("a case", at);
      const first = wrap(constantOf(c), type);
      if (accept(c, "...")) op.ranges.push({ from: first, to: wrap(constantOf(c), type), op: next(c) });
      else if (!op.cases.has(first)) op.cases.set(first, next(c));
    } catch (problem) {
      if (!(problem instanceof Unsupported)) throw problem;
      // Whether the value is this one is not known: the switch cannot be executed at all.
      c.code.problems.push(problem);
      const index = c.code.ops.indexOf(op);
      c.code.ops[index] = { kind: "not-executed", why: problem.why, at: problem.at };
      while (c.at < c.end && ahead(c) !== ":") c.at++;
    }
  }
  need(c, ":");
  if (ahead(c) !== "}" && ahead(c) !== "case" && ahead(c) !== "default") compileStatement(c);
}

function compileReturn(c: Compiler): void {
  const at = here(c);
  c.at++;
  const { returns } = c.code;
  if (accept(c, ";")) {
    cleanUp(c, 0);
    emit(c, { kind: "return", run: undefined, at });
    return;
  }
  const value = valueOrNothing(readExpression(c));
  need(c, ";");
  const run = returns.kind === "void" ? value : convert(value, returns);
  if (c.cleanups.length > 0 && returns.kind !== "void") {
    // The value is there before anything is cleaned up.
    if (returns.kind === "record") throw new Unsupported("a structure is returned from a scope that cleans up", at);
    const slot = newSlot(c);
    const place = { is: "place", type: returns, at, place: { kind: "slot", slot, name: "the result" } } as const;
    emit(c, { kind: "do", run: assign(place, run, at), at: since(c, at) });
    cleanUp(c, 0);
    emit(c, { kind: "return", run: plain(returns, at, (frame) => frame.slots[slot]!), at });
    return;
  }
  emit(c, { kind: "return", run, at: since(c, at) });
}

function compileDeclaration(c: Compiler): void {
  const from = here(c);
  const specifiers = readSpecifiers(c);
  if (specifiers === undefined) throw new Unsupported(`type ${ahead(c)} is not shown`, from);
  const { type: base, storage, auto } = specifiers;
  if (accept(c, ";")) return;
  for (;;) {
    const { name, type: declared, at } = readDeclarator(c, base);
    const { attribute } = c;
    c.attribute = undefined;
    const type = declared;
    if (storage === "typedef") c.scope.names.set(name, { kind: "type", type });
    else if (type.kind === "function" || storage === "extern") {
      // A prototype inside of a function: the name means what it means at file scope.
    } else {
      // A value that is not known ends the run here; the variable is there all the same.
      try {
        if (storage === "static") compileStatic(c, name, type, at);
        else compileVariable(c, name, type, auto, from, at);
        if (attribute !== undefined) addCleanup(c, attribute, name, at);
      } catch (problem) {
        if (!(problem instanceof Unsupported)) throw problem;
        unsupported(c, problem);
        skipInitialiser(c);
      }
    }
    if (!accept(c, ",")) break;
  }
  need(c, ";");
}

function skipInitialiser(c: Compiler): void {
  while (c.at < c.end && ahead(c) !== "," && ahead(c) !== ";" && ahead(c) !== "}") {
    const close = /^[([{]$/.test(ahead(c)) ? closingAt(c, c.at) : c.at;
    c.at = close < 0 ? c.end : close + 1;
  }
}

function compileVariable(c: Compiler, name: string, type: CType, auto: boolean, from: Place, at: Place): void {
  if (auto) {
    need(c, "=");
    const value = readArgument(c);
    const slot = declareLocal(c, name, value.type, c.exposed.has(name), true);
    initialise(c, name, value.type, slot, value, at);
  } else if (accept(c, "=")) compileInitialised(c, name, type, from);
  else declareEmpty(c, name, type, at);
}

/** A variable without an initialiser: uninitialised each time that its declaration is passed. */
function declareEmpty(c: Compiler, name: string, type: CType, at: Place): void {
  const exposed = c.exposed.has(name) || (type.kind === "array" && isExposedArray(c, name));
  const inMemory = exposed || type.kind === "record" || type.kind === "array";
  const slot = declareLocal(c, name, type, inMemory, exposed);
  if (!inMemory) {
    emit(c, { kind: "silent", run: (frame) => (frame.slots[slot] = UNINIT) });
    return;
  }
  if (type.kind === "void") throw new Unsupported("a variable of type void", at);
  emit(c, { kind: "silent", run: (frame) => createVariable(frame, name, type, slot, at, exposed) });
}

/** Makes the memory of a variable; what it had the last time goes out of scope. */
function createVariable(frame: Frame, name: string, type: CType, slot: number, at: Place, shared: boolean): void {
  const old = frame.slots[slot];
  if (typeof old === "object" && "object" in old) old.object.dead = true;
  frame.slots[slot] = frame.machine.variable(name, type, at, shared);
}

/** The array is used otherwise than by indexing it. */
function isExposedArray(c: Compiler, name: string): boolean {
  return c.tokens.some(
    (token, index) => token.text === name && token.kind === "name" && c.tokens[index + 1]?.text !== "[" && index > c.at,
  );
}

function compileInitialised(c: Compiler, name: string, type: CType, from: Place): void {
  const at = here(c);
  const exposed = c.exposed.has(name) || type.kind === "array";
  const list = type.kind === "array" || (ahead(c) === "{" && type.kind === "record");
  if (list) {
    const slot = declareLocal(c, name, type, true, exposed);
    const { type: made, run } = compileList(c, type, slot, name, exposed);
    if (made !== type) c.scope.names.set(name, { kind: "memory", slot, type: made, shared: exposed });
    emit(c, { kind: "do", run, at: since(c, from) });
    return;
  }
  const inMemory = exposed || type.kind === "record";
  const slot = declareLocal(c, name, type, inMemory, exposed);
  const braced = accept(c, "{");
  const value = braced && ahead(c) === "}" ? plain(INT, at, () => 0, 0) : readArgument(c);
  if (braced) {
    accept(c, ",");
    need(c, "}");
  }
  initialise(c, name, type, slot, value, since(c, from));
}

function initialise(c: Compiler, name: string, type: CType, slot: number, value: Ex, at: Place): void {
  const meaning = c.scope.names.get(name)!;
  if (meaning.kind === "slot") {
    emit(c, { kind: "do", run: assign({ is: "place", type, at, place: { kind: "slot", slot, name } }, value, at), at });
    return;
  }
  const shared = meaning.kind === "memory" && meaning.shared;
  const base = plain(pointerTo(type), at, (frame) => frame.slots[slot]!);
  const run = assign(
    { is: "place", type, at, place: { kind: "memory", base, offset: 0, bits: undefined, shared, name } },
    value,
    at,
    true,
  );
  emit(c, { kind: "silent", run: (frame) => createVariable(frame, name, type, slot, at, shared) });
  emit(c, { kind: "do", run, at });
}

function compileStatic(c: Compiler, name: string, type: CType, at: Place): void {
  const key = `static ${at.tree.file} ${at.start} ${name}`;
  if (!accept(c, "=")) {
    c.scope.names.set(name, { kind: "static", key, type, initial: undefined });
    return;
  }
  const initial = initialCode(c, type, at);
  c.scope.names.set(name, {
    kind: "static",
    key,
    type: initial.returns.kind === "array" ? initial.returns : type,
    initial,
  });
}

/** Code that initialises the static object whose pointer it is given. It "returns" the object's whole type. */
function initialCode(c: Compiler, type: CType, at: Place): Code {
  const { type: made, run } = compilePuts(c, type);
  return {
    name: "an initialiser",
    at,
    returns: made.kind === "array" ? made : VOID,
    params: [{ name: "", type: pointerTo(type), slot: 0, inMemory: false }],
    ops: [{ kind: "do", run, at }],
    slots: c.code.slots + 1,
    memory: [],
    variables: [],
    plain: run.plain !== undefined,
    compile: undefined,
    problems: [],
  };
}

/** The initialiser of a file-scope variable; `c` stands behind its declarator. */
export function compileInitial(c: Compiler, type: CType): Code {
  const at = here(c);
  // Slot 0 holds the pointer to the variable.
  c.code.slots = 1;
  if (accept(c, "=")) return initialCode(c, type, at);
  return {
    name: "no initialiser",
    at,
    returns: VOID,
    slots: 1,
    memory: [],
    variables: [],
    plain: true,
    compile: undefined,
    problems: [],
    ops: [],
    params: [{ name: "", type: pointerTo(type), slot: 0, inMemory: false }],
  };
}

/** `({ ... })`: the value of its last expression. `c` stands at its brace. Jumps out of it are not executed. */
export function compileStatementExpression(c: Compiler, at: Place): Ex {
  const { code } = c;
  const inner: Compiler = {
    ...c,
    code: { ...code, ops: [] },
    enclosing: [],
    cleanups: [],
    gotos: [],
    labels: new Map(),
  };
  let value: Ex | undefined;
  try {
    need(inner, "{");
    openScope(inner);
    const close = closingAt(inner, inner.at - 1);
    while (ahead(inner) !== "}" && inner.at < inner.end) {
      if (lastExpression(inner, close)) {
        value = valueOrNothing(readExpression(inner));
        need(inner, ";");
      } else statement(inner);
    }
    need(inner, "}");
  } finally {
    // Its variables live in the function's frame.
    code.slots = inner.code.slots;
    c.at = inner.at;
  }
  if (inner.cleanups.length > 0) throw new Unsupported("an expression that cleans up", at);
  link(inner);
  const { ops } = inner.code;
  if (ops.some((op) => op.kind === "return")) throw new Unsupported("a return from inside of an expression", at);
  const type = value?.type ?? VOID;
  if (isPlain(ops) && (value === undefined || value.plain !== undefined)) {
    const last = value?.plain;
    const constant = ops.length === 0 ? value?.constant : undefined;
    return plain(
      type,
      at,
      (frame) => {
        runOpsPlain(frame, ops);
        return last === undefined ? 0 : last(frame);
      },
      constant,
    );
  }
  return {
    type,
    at,
    constant: undefined,
    plain: undefined,
    *steps(frame) {
      yield* runOps(frame, ops);
      if (value === undefined) return 0;
      return value.plain !== undefined ? value.plain(frame) : yield* value.steps!(frame);
    },
  };
}

/** The statement at hand is an expression and the last one before the closing brace at `close`. */
function lastExpression(c: Compiler, close: number): boolean {
  const token = peek(c);
  if (
    token.kind === "name" &&
    (startsType(c) || /^(?:if|while|do|for|switch|return|goto|break|continue|asm)$/.test(token.text))
  )
    return false;
  if (token.text === "{" || token.text === ";") return false;
  let depth = 0;
  for (let i = c.at; i < close; i++) {
    const { kind, text } = c.tokens[i]!;
    if (kind !== "operator") continue;
    if (text === "(" || text === "[" || text === "{") depth++;
    else if (text === ")" || text === "]" || text === "}") depth--;
    else if (text === ";" && depth === 0) {
      while (c.tokens[i + 1]?.text === ";") i++;
      return i + 1 === close;
    }
  }
  return false;
}
