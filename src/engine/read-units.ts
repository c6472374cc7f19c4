import * as kernel from "../kernel/names.ts";
import { each, type Node } from "../syntax/node.ts";
import { affords, type Code, type Func, type Param, type Type, textOf } from "./code.ts";
import type { ByteInterface, EngineFunction } from "./facts.ts";
import { type Flow, placeOfExpression, rootVariable, sources, strip } from "./flow.ts";

/** `x >> SECTOR_SHIFT`, `x >> 9`, `x / SECTOR_SIZE`, `x / 512`: the operand, or undefined. */
function bytesShifted(func: Func, node: Node): Node | undefined {
  if (node.type !== "binary_expression") return undefined;
  const op = node.child("operator");
  const right = node.child("right");
  if (!op || !right) return undefined;
  const o = textOf(func.tree, op);
  const by = textOf(func.tree, strip(func, right));
  const shifts =
    (o === ">>" && kernel.sectorShiftNames.has(by)) || (o === "/" && (by === "SECTOR_SIZE" || by === "512"));
  return shifts ? node.child("left") : undefined;
}

const isDevice = (t: Type) => kernel.deviceTypes.has(t.name) && t.pointers > 0;

/** Integer types that a position or a length may have. */
const integer =
  /^(?:loff_t|size_t|ssize_t|sector_t|off_t|u64|s64|u32|__u64|__u32|uint64_t|uint32_t|int|long|unsigned|unsigned (?:int|long|long long)|long long)$/;

/** A number, or a range of numbers: what can carry positions and lengths. */
function mayHoldPositions(code: Code, p: Param): boolean {
  if (!p.name || p.type.callable) return false;
  if (p.type.pointers === 0) return integer.test(p.type.name);
  if (p.type.pointers !== 1 || isDevice(p.type)) return false;
  const struct = code.structs.get(code.typedefs.get(p.type.name)?.name ?? p.type.name);
  // A range is made of numbers only; a structure with pointers is an object of its own, and so are the kernel's.
  if (!struct) return p.type.name.startsWith("struct ") && !kernel.objectTypes.has(p.type.name);
  return struct.fields.length > 1 && struct.fields.every((f) => f.type.pointers === 0 && integer.test(f.type.name));
}

interface Reach {
  /** Shifts that values of a parameter end in. */
  readonly shifts: { func: Func; node: Node }[];
  /** A shift was reached without handing the value to another device-level interface. */
  direct: boolean;
}

/** Parameters of device-level interfaces of the engine that hold bytes and end in shifts to sectors. */
export function readByteInterfaces(code: Code, flow: Flow, functions: readonly EngineFunction[]): ByteInterface[] {
  // Where is a place shifted? key -> shifts
  const shiftsOf = new Map<string, { func: Func; node: Node }[]>();
  // Range members shifted right where they are read off a parameter: "func:param" -> shifts
  for (const { func } of functions) {
    each(func.body, (n) => {
      const operand = bytesShifted(func, n);
      if (!operand) return;
      for (const p of sources(code, func, operand)) {
        const keys = [p.key];
        const root = p.kind === "field" ? rootVariable(func, operandOf(func, operand)) : undefined;
        if (root && func.params.some((q) => q.name === root)) keys.push(`${func.name}:${root}`);
        for (const key of keys) {
          const list = shiftsOf.get(key);
          if (list) list.push({ func, node: n });
          else shiftsOf.set(key, [{ func, node: n }]);
        }
      }
    });
  }
  const byDevice = functions.filter(({ func }) => func.params.some((p) => isDevice(p.type)));
  const interfaces = new Set(byDevice.map(({ func }) => func));
  const out: ByteInterface[] = [];
  for (const { func, submits } of byDevice) {
    const found: ByteInterface["shifts"][number][] = [];
    const params: Param[] = [];
    let direct = false;
    let sectors = false;
    for (const p of func.params) {
      if (!mayHoldPositions(code, p)) continue;
      const reach = follow(code, flow, shiftsOf, func, p, interfaces);
      if (reach.shifts.length > 0) {
        params.push(p);
        direct ||= reach.direct;
        for (const s of reach.shifts) found.push({ ...s, param: p });
      } else if (p.type.pointers === 0 && becomesSector(code, func, p.index)) sectors = true;
    }
    // A helper that neither shifts nor submits, such as one that makes a buffer of that size, has another use for bytes.
    const copies = submits || !func.isStatic || found.some((shift) => shift.func === func);
    if (params.length > 0 && copies) out.push({ func, params, shifts: found, direct, mixed: sectors });
  }
  return out;
}

/** The parameter's value goes into the start sector of a bio as it is, here or in a function that it is handed on to. */
function becomesSector(code: Code, func: Func, index: number, depth = 0): boolean {
  if (!affords(func, func.stores.length + func.calls.length)) return false;
  const key = `${func.name}:${func.params[index]?.name}`;
  const stored = func.stores.some((s) => {
    const target = strip(func, s.target);
    const field = target.type === "field_expression" ? target.child("field") : undefined;
    return !!field && textOf(func.tree, field) === "bi_sector" && placeOfExpression(code, func, s.value)?.key === key;
  });
  return (
    stored ||
    (depth < 3 &&
      func.calls.some((c) => {
        const callee = code.byName.get(c.callee);
        return (
          !!callee &&
          c.args.some(
            (a, i) => placeOfExpression(code, func, a)?.key === key && becomesSector(code, callee, i, depth + 1),
          )
        );
      }))
  );
}

/** The access path whose places `sources` found; parentheses and arithmetic around it removed on the left. */
function operandOf(func: Func, node: Node): Node {
  let n = strip(func, node);
  while (n.type === "binary_expression") {
    const left = n.child("left");
    if (!left) break;
    n = strip(func, left);
  }
  return n;
}

function follow(
  code: Code,
  flow: Flow,
  shiftsOf: ReadonlyMap<string, { func: Func; node: Node }[]>,
  func: Func,
  param: Param,
  interfaces: ReadonlySet<Func>,
): Reach {
  const reach: Reach = { shifts: [], direct: false };
  const seen = new Set<string>();
  const shifted = new Set<Node>();
  const queue: { key: string; direct: boolean }[] = [{ key: `${func.name}:${param.name}`, direct: true }];
  if (param.type.pointers === 1) {
    // Members read off the parameter in this function: `src_blk = ranges[i].src`.
    for (const store of func.stores) {
      if (store.operator !== "=" || rootVariable(func, operandOf(func, store.value)) !== param.name) continue;
      const to = placeOfExpression(code, func, store.target);
      if (to?.kind === "variable") queue.push({ key: to.key, direct: true });
    }
  }
  for (let at = queue.pop(); at; at = queue.pop()) {
    if (seen.has(at.key)) continue;
    seen.add(at.key);
    for (const s of shiftsOf.get(at.key) ?? []) {
      if (!shifted.has(s.node)) reach.shifts.push(s);
      shifted.add(s.node);
      reach.direct ||= at.direct;
    }
    const edges = flow.edges.get(at.key) ?? [];
    if (!affords(func, 1 + edges.length)) break;
    for (const e of edges) {
      let direct = at.direct;
      if (e.kind === "call") {
        const callee = code.byName.get(e.to.slice(0, e.to.indexOf(":")));
        if (callee && interfaces.has(callee)) direct = false;
      }
      // A structure parameter's pointer reaches the callee's parameter; the members are read there.
      const to = flow.places.get(e.to);
      if (to && e.kind === "call" && to.type.pointers === 1) {
        const callee = code.byName.get(e.to.slice(0, e.to.indexOf(":")));
        if (callee && !affords(func, callee.stores.length)) break;
        for (const store of callee?.stores ?? []) {
          if (!callee || store.operator !== "=" || rootVariable(callee, operandOf(callee, store.value)) !== to.name)
            continue;
          const local = placeOfExpression(code, callee, store.target);
          if (local?.kind === "variable") queue.push({ key: local.key, direct });
        }
      }
      queue.push({ key: e.to, direct });
    }
  }
  return reach;
}
