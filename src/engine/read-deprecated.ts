import { phasedOut } from "../kernel/names.ts";
import { enclosing } from "../syntax/node.ts";
import { type Call, type Code, foldedText, namesPhasedOut, textOf } from "./code.ts";
import type { DeprecatedCall } from "./facts.ts";
import { strip } from "./flow.ts";

/** Calls of functions that the kernel phases out, in all code: this needs no copy engine around it. */
export function readDeprecatedCalls(code: Code): DeprecatedCall[] {
  const out: DeprecatedCall[] = [];
  for (const f of code.funcs) {
    for (const call of f.calls) {
      if (!phasedOut.has(call.callee)) continue;
      const { node, args } = call;
      out.push({
        tree: f.tree,
        node,
        within: f.name,
        macro: false,
        args,
        result: resultOf(call),
        modular: isModular(f.tree.file),
      });
    }
  }
  for (const tree of code.trees) {
    for (const node of tree.root.children) {
      const name = node.child("name");
      const value = node.child("value");
      if (!/^preproc_(?:function_)?def$/.test(node.type) || !name || !value || !namesPhasedOut(textOf(tree, value)))
        continue;
      out.push({
        tree,
        node,
        within: textOf(tree, name),
        macro: true,
        args: [],
        result: undefined,
        modular: isModular(tree.file),
      });
    }
  }
  return out;
}

const isModular = (file: string): boolean => /^(?:drivers|fs|net|sound)\//.test(file);

function resultOf(call: Call): DeprecatedCall["result"] {
  const { in: func, node } = call;
  const assignment = node.parent?.type === "assignment_expression" && node.field === "right" ? node.parent : undefined;
  const statement = assignment?.parent?.type === "expression_statement" ? assignment.parent : undefined;
  const target = assignment?.child("left");
  if (assignment && !statement && target)
    return { variable: foldedText(func.tree, target), check: undefined, embedded: true };
  if (!statement || target?.type !== "identifier") return undefined;
  const variable = textOf(func.tree, target);
  const siblings = (enclosing(statement.parent, "compound_statement") ?? func.body).children.filter(
    (n) => n.type !== "comment",
  );
  const next = siblings[siblings.indexOf(statement) + 1];
  const cond = next?.type === "if_statement" ? next.child("condition") : undefined;
  const test = cond ? foldedText(func.tree, strip(func, cond)) : "";
  const checked = test === `!${variable}` || test === `${variable} == NULL`;
  return { variable, check: checked ? next : undefined, embedded: false };
}
