import { createRequire } from "node:module";
import { Node } from "./node.ts";

// The only file that names tree-sitter. The natives load quicker through require than through import.
interface Cursor {
  readonly nodeTypeId: number;
  readonly nodeType: string;
  readonly currentFieldId: number | undefined;
  readonly currentFieldName: string;
  readonly startIndex: number;
  readonly endIndex: number;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
}
interface Parser {
  setLanguage(language: unknown): void;
  parse(text: string, previous?: undefined, options?: { bufferSize: number }): { walk(): Cursor };
}

let parser: Parser | undefined;
/** By type id: the type's name, or null for a token that only repeats what its parent says (punctuation, keywords). */
const typeNames: (string | null | undefined)[] = [];
const fieldNames: (string | undefined)[] = [];

const keywords = new Set(
  "struct union enum if else for while do switch case default return goto break continue sizeof typedef static extern const volatile inline register".split(
    " ",
  ),
);

function isToken(type: string): boolean {
  return keywords.has(type) || !/^[A-Za-z_]/.test(type);
}

function load(): Parser {
  const require = createRequire(typeof __filename === "string" ? __filename : import.meta.url);
  const Parser = require("tree-sitter") as new () => Parser;
  const language = require("tree-sitter-c") as { nodeTypeInfo?: unknown };
  // Typed node classes are not used here, and building them takes half of the time of setLanguage().
  language.nodeTypeInfo = [];
  const made = new Parser();
  made.setLanguage(language);
  return made;
}

/**
 * Parse C and copy the tree into plain objects: named nodes, and tokens that fill a field (operators) or are missing.
 * Offsets count UTF-16 code units.
 */
export function parseC(text: string): Node {
  parser ??= load();
  const size = Math.max(32 * 1024, 2 * text.length + 1024);
  const cursor = parser.parse(text, undefined, { bufferSize: size }).walk();
  const root = new Node("translation_unit", "", cursor.startIndex, cursor.endIndex, undefined);
  let at = root;
  let depth = 0;
  // An explicit loop: the input is not trusted, and a deep tree must not exhaust the stack.
  if (!cursor.gotoFirstChild()) return root;
  for (;;) {
    const fieldId = cursor.currentFieldId;
    const id = cursor.nodeTypeId;
    let name = typeNames[id];
    if (name === undefined) {
      const type = cursor.nodeType;
      typeNames[id] = name = isToken(type) ? null : type;
    }
    let down = false;
    const start = cursor.startIndex;
    const end = cursor.endIndex;
    // A node of no width is one that the parser made up.
    if (name !== null || fieldId || start === end) {
      const field = fieldId ? (fieldNames[fieldId] ??= cursor.currentFieldName) : "";
      const type = start === end ? "MISSING" : (name ?? cursor.nodeType);
      const node = new Node(type, field, start, end, at);
      at.add(node);
      if (name !== null && cursor.gotoFirstChild()) {
        depth++;
        at = node;
        down = true;
      }
    }
    if (down) continue;
    while (!cursor.gotoNextSibling()) {
      if (depth === 0) return root;
      depth--;
      cursor.gotoParent();
      at = at.parent as Node;
    }
  }
}
