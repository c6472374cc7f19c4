import { type Code, type Func, readCode, textOf } from "../src/engine/code.ts";
import { structOf } from "../src/engine/flow.ts";
import { statesOf } from "../src/source/states.ts";
import type { CTree } from "../src/syntax/ctree.ts";
import { each, enclosing, type Node } from "../src/syntax/node.ts";
import { type Mail, seriesOf } from "./reviewing.ts";

/** What the added lines of some patches define: a name of the kernel that only occurs in them is not among these. */
interface Defined {
  /** Functions, macros, enumerators, structures and typedefs: known everywhere. */
  readonly global: Set<string>;
  /** Tags of structures, unions and enumerations among them. */
  readonly tags: Set<string>;
  /** Members, by "struct foo". */
  readonly members: Map<string, Set<string>>;
  /** Parameters, locals and labels, by the function that has them. */
  readonly local: Map<string, Set<string>>;
}

/** Operations and flags of bios are a protocol with the drivers, as REQ_OP_DISCARD is; their names stay. */
const protocol = /^(?:REQ_|BLK_STS_)/;

function definedBy(code: Code, counts: (patch: number | undefined) => boolean, into: Defined): void {
  const { global, tags, members, local } = into;
  for (const struct of code.structs.values()) {
    const has = members.get(struct.name) ?? new Set();
    for (const field of struct.fields) if (counts(addedAt(struct.tree, field.node))) has.add(field.name);
    // Members of structures inside that have no tag of their own.
    each(struct.node, (n) => {
      if (n.type === "field_identifier" && counts(addedAt(struct.tree, n))) has.add(textOf(struct.tree, n));
    });
    if (has.size > 0) members.set(struct.name, has);
  }
  for (const func of code.funcs) {
    if (!counts(func.addedBy)) continue;
    global.add(func.name);
    const has = local.get(func.name) ?? new Set([...func.locals.keys()]);
    each(func.body, (n) => {
      if (n.type === "labeled_statement" && n.child("label")) has.add(textOf(func.tree, n.child("label")!));
    });
    local.set(func.name, has);
  }
  for (const tree of code.trees) {
    each(tree.root, (n) => {
      const isTag = /^(?:struct|union|enum)_specifier$/.test(n.type) && n.child("body");
      const isMacro = /^preproc_(?:function_)?def$/.test(n.type);
      const name = isTag || isMacro || n.type === "enumerator" ? n.child("name") : undefined;
      const node =
        name ??
        (n.type === "type_identifier" && n.parent?.type === "type_definition" && n.field === "declarator"
          ? n
          : undefined);
      if (!node || node.start < tree.from || node.end > tree.to || !counts(addedAt(tree, node))) return;
      const text = textOf(tree, node);
      if (protocol.test(text)) return;
      (isTag ? tags : global).add(text);
    });
  }
}

function addedAt(tree: CTree, node: Node): number | undefined {
  const at = tree.lines[lineAt(tree, node.start)];
  return at?.added?.patch;
}

const lineAt = (tree: CTree, offset: number): number => tree.starts.findLastIndex((start) => start <= offset);

/** Names that say nothing, the same for the same name. */
function nothings(): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const old = known.get(name);
    if (old !== undefined) return old;
    const made = `zq${known.size + 1}${name === name.toUpperCase() ? "" : "v"}`;
    known.set(name, name === name.toUpperCase() ? made.toUpperCase() : made);
    return known.get(name)!;
  };
}

const word = /[A-Za-z_]\w*/g;

/** What becomes of lines. */
interface Lines {
  /** Those that a patch shows on its new side, by its mail and the line there. */
  readonly exact: Map<string, string>;
  /** By file and text, for lines that a patch takes away. */
  readonly alike: Map<string, string>;
}

/**
 * Renames, in the mails of one series, every identifier that `which` of its patches define (functions, structures,
 * members, parameters, locals, labels, macros, types), wherever it stands: in code, comments and hunk headings. Names of
 * the kernel stay, also where the patch has a name of its own that is spelt the same.
 * @param which 0-based numbers of patches; all if absent.
 */
export async function renamed(
  mails: readonly Mail[],
  which?: ReadonlySet<number>,
): Promise<{ mails: Mail[]; names: number }> {
  const [series] = await seriesOf(mails);
  if (!series) throw new Error("no series");
  const states = statesOf(series);
  const defined: Defined = { global: new Set(), tags: new Set(), members: new Map(), local: new Map() };
  const codes = Array.from({ length: series.patches.length }, (_, i) => readCode(states.at(i + 1), () => true));
  const counts = (patch: number | undefined) => patch !== undefined && (which?.has(patch) ?? true);
  for (const code of codes) definedBy(code, counts, defined);

  const nothing = nothings();
  const lines: Lines = { exact: new Map(), alike: new Map() };
  const paths = series.patches.map((patch) => patch.message.path);
  for (const code of codes) for (const tree of code.trees) renameTree(code, tree, defined, nothing, lines, paths);

  const everywhere = new Set([...defined.global, ...defined.tags]);
  const heading = (text: string) => text.replace(word, (w) => (everywhere.has(w) ? nothing(w) : w));
  const scoped = [...defined.members.values(), ...defined.local.values()].flatMap((names) => [...names]);
  return {
    mails: mails.map((mail) => ({ ...mail, text: rewrite(mail, lines, heading) })),
    names: new Set([...everywhere, ...scoped]).size,
  };
}

/** Works out what becomes of each line of a tree, and keeps it by file and text. */
function renameTree(
  code: Code,
  tree: CTree,
  defined: Defined,
  nothing: (name: string) => string,
  lines: Lines,
  paths: readonly string[],
): void {
  const edits: { start: number; end: number; text: string }[] = [];
  const put = (start: number, end: number) => edits.push({ start, end, text: nothing(tree.text.slice(start, end)) });
  const funcOf = new Map<Node, Func>(code.funcs.filter((f) => f.tree === tree).map((f) => [f.node, f]));
  /** Names of the function that a node lies in, or of the one whose prototype or comment it lies in. */
  const localsAround = (node: Node): ReadonlySet<string> | undefined => {
    const func = funcOf.get(enclosing(node, "function_definition") as Node);
    if (func) return defined.local.get(func.name);
    const declarator = enclosing(node, "function_declarator");
    const name = declarator?.child("declarator");
    return name && defined.local.get(textOf(tree, name));
  };
  const isMember = (node: Node, name: string): boolean => {
    const any = () => [...defined.members.values()].some((names) => names.has(name));
    const declaration = enclosing(node, "struct_specifier", "union_specifier");
    if (enclosing(node, "field_declaration") && declaration) {
      for (
        let at: Node | undefined = declaration;
        at;
        at = enclosing(at.parent, "struct_specifier", "union_specifier")
      ) {
        const tag = at.child("name");
        if (tag)
          return (
            defined.members.get(`${at.type.slice(0, at.type.indexOf("_"))} ${textOf(tree, tag)}`)?.has(name) ?? false
          );
      }
    }
    const func = funcOf.get(enclosing(node, "function_definition") as Node);
    if (node.parent?.type === "field_expression" && func) {
      const struct = structOf(code, func, node.parent);
      return struct ? (defined.members.get(struct)?.has(name) ?? false) : any();
    }
    return any();
  };
  const words = (from: number, to: number, pick: (name: string, at: number) => boolean) => {
    for (const m of tree.text.slice(from, to).matchAll(word))
      if (pick(m[0], from + m.index)) put(from + m.index, from + m.index + m[0].length);
  };
  each(tree.root, (n) => {
    if (n.children.length > 0 && n.type !== "comment") return;
    const text = textOf(tree, n);
    switch (n.type) {
      case "identifier": {
        if (/^\w+$/.test(text)) {
          const call = n.parent?.type === "argument_list" ? n.parent.parent?.child("function") : undefined;
          // The last argument of these is a member.
          const named =
            call &&
            /^(?:container_of|offsetof|struct_size|list_(?:first_)?entry\w*|list_for_each_entry\w*)$/.test(
              textOf(tree, call),
            );
          const isLast =
            n.parent?.children.at(-1) === n ||
            (n.parent?.children[1] === n && call && textOf(tree, call) === "struct_size");
          if (named && isLast ? isMember(n, text) : defined.global.has(text) || localsAround(n)?.has(text))
            put(n.start, n.end);
        } else words(n.start, n.end, (name) => defined.tags.has(name));
        break;
      }
      case "type_identifier":
        if (defined.tags.has(text) || defined.global.has(text)) put(n.start, n.end);
        break;
      case "field_identifier":
        if (isMember(n, text)) put(n.start, n.end);
        break;
      case "statement_identifier":
        if (localsAround(n)?.has(text)) put(n.start, n.end);
        break;
      case "preproc_arg":
        words(n.start, n.end, (name) => defined.global.has(name) || defined.tags.has(name));
        break;
      case "comment": {
        const local = localsOfComment(tree, n, defined) ?? localsAround(n);
        const member = membersOfComment(tree, n, defined);
        // In prose a short name may be a word of English ("the plug"); @name, name() and a_name are names.
        words(n.start, n.end, (name, at) => {
          const marked = tree.text[at - 1] === "@" || tree.text[at + name.length] === "(" || name.includes("_");
          return (
            marked && (defined.global.has(name) || defined.tags.has(name) || !!local?.has(name) || !!member?.has(name))
          );
        });
        break;
      }
    }
  });
  edits.sort((a, b) => a.start - b.start);
  let at = 0;
  tree.lines.forEach((line, i) => {
    const start = tree.starts[i]!;
    const end = start + line.text.length;
    let out = "";
    let done = start;
    while (at < edits.length && edits[at]!.start < start) at++;
    for (; at < edits.length && edits[at]!.end <= end; at++) {
      out += tree.text.slice(done, edits[at]!.start) + edits[at]!.text;
      done = edits[at]!.end;
    }
    out += tree.text.slice(done, end);
    for (const origin of [line.added, line.shown]) {
      const key = origin && `${paths[origin.patch]}:${origin.patchLine}`;
      if (key && !lines.exact.has(key)) lines.exact.set(key, out);
    }
    if (done > start) lines.alike.set(`${tree.file}:${line.text}`, out);
  });
}

/** The parameters of the function that a comment stands above. */
function localsOfComment(tree: CTree, comment: Node, { local }: Defined): ReadonlySet<string> | undefined {
  const siblings = comment.parent?.children ?? [];
  const next = siblings[siblings.indexOf(comment) + 1];
  let name: string | undefined;
  if (next?.type === "function_definition")
    each(next, (n) => {
      if (n.type === "function_declarator" && name === undefined) name = textOf(tree, n.child("declarator") ?? n);
    });
  return name === undefined ? undefined : local.get(name);
}

/** The members of the structure that a comment stands above or in. */
function membersOfComment(tree: CTree, comment: Node, { members }: Defined): ReadonlySet<string> | undefined {
  const siblings = comment.parent?.children ?? [];
  const next = siblings[siblings.indexOf(comment) + 1];
  const struct = enclosing(comment, "struct_specifier") ?? (next?.type === "struct_specifier" ? next : undefined);
  const name = struct?.child("name");
  return name && members.get(`struct ${textOf(tree, name)}`);
}

/** Replaces the lines of the hunks of a mail; all else of it stays as it is, but for the headings of hunks. */
function rewrite({ path, text: mail }: Mail, lines: Lines, heading: (text: string) => string): string {
  let file = "";
  let left = 0;
  return mail
    .split("\n")
    .map((line, at) => {
      if (left <= 0) {
        const named = /^(?:---|\+\+\+) (?:[ab]\/)?([^\t\r]*)/.exec(line)?.[1];
        if (named !== undefined && named !== "/dev/null") file = named;
        const hunk = /^(@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@)(.*)$/.exec(line);
        if (!hunk) return line;
        left = Number(hunk[2] ?? 1) + Number(hunk[3] ?? 1);
        return hunk[1] + heading(hunk[4]!);
      }
      if (line.startsWith("\\")) return line;
      left -= /^[ \t]/.test(line) || line === "" ? 2 : 1;
      const shown = line.startsWith("-") ? undefined : lines.exact.get(`${path}:${at + 1}`);
      const text = shown ?? lines.alike.get(`${file}:${line.slice(1)}`);
      return text === undefined ? line : line[0] + text;
    })
    .join("\n");
}
