import { createRequire } from "node:module";
import { type Patience, patience } from "../source/patience.ts";
import { Node } from "./node.ts";
import { piecesOf } from "./pieces.ts";

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
  /** Null if the time is over; the next call goes on from there. */
  parse(
    read: (at: number) => string,
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
 * Nodes below this depth are left out, and the one above them is of type "DEEP". No code that people write is so deep, and
 * those who walk the tree may recurse.
 */
const deepest = 500;

/**
 * A text is parsed in pieces of at most this many characters where it can be cut between two items. A longer one that
 * cannot is left out: where the parser finds no way on, each of its steps takes as long as all that it has passed over.
 */
const longestPiece = 24 * 1024;

/** What is added to the steps of a parse: for itself, for each node in error, and for each so many squared characters of one. */
const perParse = 2;
const perError = 2;
const squaredCharacters = 25_000;

/**
 * Steps of the parse of one piece: the shortest statements take one for twenty characters, the hardest piece of Linux 6.12 one for seventy. A
 * line of twenty thousand marks takes more, and each of them long.
 */
const MOST_STEPS = 100;
const CHARACTERS_A_STEP = 16;

/** Units of text that the parser is given at a time. */
const chunk = 4096;

/**
 * Parse C and copy the tree into plain objects: named nodes, and tokens that fill a field (operators) or are missing.
 * Offsets count UTF-16 code units. What is too long, or comes when patience is at its end, gives a node of type "ERROR"
 * without children.
 * @param bodies nodes inside of functions are wanted, too.
 */
export function parseC(text: string, budget: Patience = patience(), bodies = true): Node {
  const { ends, text: prepared } = piecesOf(text, longestPiece);
  const root = new Node("translation_unit", "", 0, text.length, undefined);
  let start = 0;
  for (const end of ends) {
    parsePiece(prepared, start, end, root, budget, bodies);
    start = end;
  }
  return root;
}

/**
 * The text in the parser, and how it is read. A native tree keeps the function that it was read by until the next full
 * collection, and all that this can reach: so it is one that reaches nothing.
 */
let given = "";
const read = (at: number): string => given.slice(at, at + chunk);

function parsePiece(text: string, from: number, to: number, root: Node, budget: Patience, bodies: boolean): void {
  const leaveOut = () => root.add(new Node("ERROR", "", from, to, root));
  if (budget.left <= 0 || to - from > longestPiece) {
    leaveOut();
    return;
  }
  parser ??= load();
  // With the shortest of times the parser stops at each look at its clock, which is after every 100 actions, and goes on
  // from there when it is called again: so its work is counted, and does not depend on the machine.
  parser.setTimeoutMicros(1);
  given = text.slice(from, to);
  const most = MOST_STEPS + (to - from) / CHARACTERS_A_STEP;
  let tree = parser.parse(read, undefined, { bufferSize: chunk });
  let steps = 1;
  for (; !tree && steps < most; steps++) tree = parser.parse(read, undefined, { bufferSize: chunk });
  given = "";
  budget.left -= perParse + steps;
  if (!tree) {
    parser.reset();
    leaveOut();
    return;
  }
  const cursor = tree.walk();
  // Only a tree with an error in it can have nodes that the parser made up: they have no width.
  const faulty = tree.rootNode.hasError;
  if (faulty && cursor.nodeType === "ERROR") budget.left -= (to - from) ** 2 / squaredCharacters;
  let at = root;
  let depth = 0;
  if (!cursor.gotoFirstChild()) return;
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
        const start = from + cursor.startIndex;
        const end = from + cursor.endIndex;
        if (wanted || start === end) {
          const field = fieldId ? (fieldNames[fieldId] ??= cursor.currentFieldName) : "";
          const isDeep = kind === "inner" && depth >= deepest;
          const type = start === end ? "MISSING" : isDeep ? "DEEP" : typeNames[id]!;
          const node = new Node(type, field, start, end, at);
          at.add(node);
          if (faulty && (type === "ERROR" || type === "MISSING"))
            budget.left -= perError + (end - start) ** 2 / squaredCharacters;
          const isWanted = bodies || at.type !== "function_definition" || field !== "body";
          if (kind === "inner" && isWanted && !isDeep && cursor.gotoFirstChild()) {
            depth++;
            at = node;
            down = true;
          }
        }
      }
    }
    if (down) continue;
    while (!cursor.gotoNextSibling()) {
      if (depth === 0) return;
      depth--;
      cursor.gotoParent();
      at = at.parent as Node;
    }
  }
}
