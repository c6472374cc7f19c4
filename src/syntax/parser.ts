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
  setTimeoutMicros(micros: number): void;
  reset(): void;
  /** Null if the time is over. */
  parse(
    text: string,
    previous?: undefined,
    options?: { bufferSize: number },
  ): { walk(): Cursor; readonly rootNode: { readonly hasError: boolean } } | null;
}

let parser: Parser | undefined;
/** What there is to do with a node of a type: look below it, keep it as it is, keep it if it fills a field, or pass it over. */
type Kind = "inner" | "leaf" | "operator" | "token";

// By type id and field id; the names are the same in all trees, and asking for one is the dearest call of the cursor.
const kinds: (Kind | undefined)[] = [];
const typeNames: string[] = [];
const fieldNames: (string | undefined)[] = [];

const keywords = new Set(
  "struct union enum if else for while do switch case default return goto break continue sizeof typedef static extern const volatile inline register".split(
    " ",
  ),
);
const leaves = new Set(
  "identifier field_identifier type_identifier statement_identifier primitive_type number_literal comment string_content preproc_arg".split(
    " ",
  ),
);

function kindOf(type: string): Kind {
  if (keywords.has(type) || /^[(){}[\];,:#]/.test(type)) return "token";
  if (!/^[A-Za-z_]/.test(type)) return "operator";
  return leaves.has(type) ? "leaf" : "inner";
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
 * How much longer than usual the parses of one reading may take, in milliseconds. The parser's recovery from errors takes
 * time with the square of the text (24 KB of operators take 16 seconds, where code takes milliseconds), and nothing but a
 * clock bounds it. Code comes nowhere near, however busy the machine; what does is reported as not understood.
 */
export interface Patience {
  left: number;
}

export const patience = (): Patience => ({ left: 5_000 });

const usual = (text: string): number => 5 + text.length / 200;

/** Nodes below this depth are left out. No code that people write is so deep, and those who walk the tree may recurse. */
const deepest = 500;

/**
 * Parse C and copy the tree into plain objects: named nodes, and tokens that fill a field (operators) or are missing.
 * Offsets count UTF-16 code units. Text on which the parser would work for many seconds gives a root of type "ERROR".
 * @param bodies nodes inside of functions are wanted, too.
 */
export function parseC(text: string, budget: Patience = patience(), bodies = true): Node {
  parser ??= load();
  const size = Math.max(32 * 1024, 2 * text.length + 1024);
  const began = Date.now();
  parser.setTimeoutMicros(Math.ceil(1000 * (usual(text) + Math.max(0, budget.left))));
  const tree = parser.parse(text, undefined, { bufferSize: size });
  budget.left -= Math.max(0, Date.now() - began - usual(text));
  if (!tree) {
    parser.reset();
    return new Node("ERROR", "", 0, text.length, undefined);
  }
  const cursor = tree.walk();
  const root = new Node("translation_unit", "", cursor.startIndex, cursor.endIndex, undefined);
  // Only a tree with an error in it can have nodes that the parser made up: they have no width.
  const faulty = tree.rootNode.hasError;
  let at = root;
  let depth = 0;
  if (!cursor.gotoFirstChild()) return root;
  // An explicit loop: the input is not trusted, and a deep tree must not exhaust the stack.
  for (;;) {
    const id = cursor.nodeTypeId;
    let kind = kinds[id];
    if (kind === undefined) {
      typeNames[id] = cursor.nodeType;
      kinds[id] = kind = kindOf(typeNames[id]!);
    }
    let down = false;
    if (kind !== "token" || faulty) {
      const fieldId = cursor.currentFieldId;
      const wanted = kind === "inner" || kind === "leaf" || fieldId;
      if (wanted || faulty) {
        const start = cursor.startIndex;
        const end = cursor.endIndex;
        if (wanted || start === end) {
          const field = fieldId ? (fieldNames[fieldId] ??= cursor.currentFieldName) : "";
          const node = new Node(start === end ? "MISSING" : typeNames[id]!, field, start, end, at);
          at.add(node);
          const isWanted = bodies || at.type !== "function_definition" || field !== "body";
          if (kind === "inner" && isWanted && depth < deepest && cursor.gotoFirstChild()) {
            depth++;
            at = node;
            down = true;
          }
        }
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
