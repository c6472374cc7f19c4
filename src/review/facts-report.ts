import { type Call, type Func, foldedText, textOf } from "../engine/code.ts";
import type { Facts } from "../engine/facts.ts";
import type { FactsReport } from "../finding/facts-report.ts";
import type { Mark } from "../rule/define.ts";
import { each, enclosing, type Node } from "../syntax/node.ts";
import { locate } from "./locate.ts";

type Add = (kind: string, name: string, at: Mark, detail: string) => void;

/** Where the operations are defined, told apart and paired, besides being given to bios. */
function reportHandling(facts: Facts, add: Add): void {
  const names = new Set(facts.operations.map((o) => o.name));
  if (names.size === 0) return;
  for (const tree of facts.code.trees) {
    each(tree.root, (n) => {
      if (n.type !== "enumerator" && n.type !== "preproc_def") return;
      const name = n.child("name");
      if (name && names.has(textOf(tree, name))) add("operation", textOf(tree, name), { tree, node: n }, "defined");
    });
  }
  const given = new Set(facts.operations.flatMap((o) => o.uses.map((u) => u.node)));
  for (const func of facts.code.funcs) {
    const compared: { name: string; of: string; node: Node }[] = [];
    for (const [name, nodes] of func.mentions) {
      if (!names.has(name)) continue;
      for (const node of nodes) {
        if (given.has(node)) continue;
        const at = { tree: func.tree, node };
        const label = enclosing(node, "case_statement");
        if (node.field === "value" && node.parent === label) {
          const calls = func.calls.filter((c) => label && c.node.start >= label.start && c.node.end <= label.end);
          const what = calls.map((c) => `${c.callee}()`).join(", ");
          add("operation", name, at, `a case of its own in ${func.name}()${what ? `: ${what}` : ""}`);
          continue;
        }
        const test = enclosing(node, "binary_expression");
        const left = test?.child("left");
        compared.push({ name, of: left ? foldedText(func.tree, left) : "", node });
        add("operation", name, at, `told apart in ${func.name}()`);
      }
    }
    // One operation asked of a request and another of a bio, in one condition: the bio joins the request.
    const request = compared.find((c) => /\breq|\brq\b/.test(c.of));
    const bio = compared.find((c) => c !== request && /\bbio/.test(c.of) && c.name !== request?.name);
    if (request && bio)
      add(
        "pairing",
        func.name,
        { tree: func.tree, node: bio.node },
        `a bio with ${bio.name} joins a request with ${request.name}`,
      );
  }
}

/** The facts as a list for people and scripts: each with its place, and lists of which nothing is shown by name. */
export function reportFacts(facts: Facts): FactsReport {
  const out: { kind: string; name: string; file: string; line: number; shown: boolean; detail: string }[] = [];
  const add = (kind: string, name: string, at: Mark, detail: string) => {
    const { file, line } = locate(at);
    out.push({ kind, name, file, line, shown: true, detail });
  };
  const inFunc = (func: Func, node: Mark["node"]): Mark => ({ tree: func.tree, node });
  const call = (c: Call): Mark => inFunc(c.in, c.node);
  const nothing = (kind: string, detail: string) =>
    out.push({ kind, name: "", file: "", line: 0, shown: false, detail });

  for (const o of facts.operations)
    for (const u of o.uses) add("operation", o.name, inFunc(u.func, u.node), `given to a bio in ${u.func.name}()`);
  if (facts.operations.length === 0)
    nothing("operation", "no added code submits an operation that the kernel does not have");
  reportHandling(facts, add);
  for (const e of facts.functions) {
    const roles = [
      e.submits && "submits",
      e.waits && "waits",
      e.completion && "completion handler",
      e.work && "work item",
      e.perChunk && "called once per chunk",
      !e.func.complete && "not shown in full",
    ].filter(Boolean);
    add("function", e.func.name, inFunc(e.func, e.func.node), roles.join(", ") || "helper");
    each(e.func.body, (n) => {
      const label = n.type === "labeled_statement" ? n.child("label") : undefined;
      if (!label || !e.func.body) return;
      const name = foldedText(e.func.tree, label);
      const jumps = foldedText(e.func.tree, e.func.body).split(`goto ${name};`).length - 1;
      if (jumps > 0)
        add(
          "error path",
          `${e.func.name}:${name}`,
          inFunc(e.func, n),
          `${jumps} goto${jumps > 1 ? "s" : ""} lead${jumps > 1 ? "" : "s"} here`,
        );
    });
    for (const l of e.submitLoops)
      add("submission loop", e.func.name, inFunc(e.func, l.node), `${l.kind} loop that hands bios over`);
    for (const c of e.func.calls)
      if (/^(?:bio_chain|bio_chain_and_submit|blk_next_bio)$/.test(c.callee))
        add("bio pair", e.func.name, call(c), `chained by ${c.callee}()`);
    for (const s of e.func.stores) {
      const text = foldedText(e.func.tree, s.target);
      if (/bi_sector$/.test(text)) add("position", text, inFunc(e.func, s.node), foldedText(e.func.tree, s.value));
      if (/bi_end_io$/.test(text)) add("completion", text, inFunc(e.func, s.node), foldedText(e.func.tree, s.value));
    }
  }
  for (const p of facts.plugs)
    add(
      "plug",
      p.func.name,
      call(p.start),
      p.loop
        ? `inside the ${p.loop.kind} loop`
        : p.calledFrom
          ? `for every chunk of ${p.calledFrom.func.name}()`
          : "around the submission",
    );
  if (facts.functions.length > 0 && facts.plugs.length === 0) nothing("plug", "no plug is started by the engine");
  for (const c of facts.contexts) {
    const at = c.allocation ? call(c.allocation) : inFunc(c.func, c.func.node);
    const life = c.synchronous ? "freed behind the wait" : "no end on a waiting path is shown";
    add(
      "context",
      c.struct,
      at,
      `one per ${c.role}, ${c.allocation ? `allocated with ${c.allocation.callee}()` : "on the stack"}, ${life}`,
    );
  }
  for (const p of facts.progress) {
    for (const s of p.starts)
      add("progress", p.place.key, inFunc(s.in, s.node), `starts at ${foldedText(s.in.tree, s.value)}`);
    for (const l of p.lowered)
      add(
        "progress",
        p.place.key,
        inFunc(l.store.in, l.store.node),
        `lowered${l.locked ? " under a lock" : ""}${l.completion ? " in a completion" : ""}`,
      );
    for (const s of p.raised) add("progress", p.place.key, inFunc(s.in, s.node), "raised");
    for (const s of p.subtracted) add("progress", p.place.key, inFunc(s.in, s.node), "reduced");
  }
  for (const b of facts.byteInterfaces)
    for (const p of b.params)
      add("unit", `${b.func.name}:${p.name}`, inFunc(b.func, p.node), "bytes, shifted to sectors");
  for (const c of facts.callbackPairs)
    add(
      "callback",
      c.func.name,
      inFunc(c.func, c.callback.node),
      `${c.callback.name} with ${c.data.name}${c.forwarded ? ", passed on" : ", kept"}`,
    );
  for (const r of facts.relativePositions) add("relative position", r.place.key, r.declaration, r.computed);
  for (const a of facts.alignmentTests)
    add("alignment test", a.func.name, inFunc(a.func, a.node), `${a.operands.length} operands against ${a.mask}`);
  for (const c of facts.comments) add("comment", c.func.name, inFunc(c.func, c.comment), c.form);
  return out;
}
