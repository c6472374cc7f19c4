import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const top = new URL("..", import.meta.url).pathname;

/**
 * Which folder may import which. A name in parentheses: its types only. Where a row says more than the design's first
 * table did, the reason stands beside it.
 */
const table: Readonly<Record<string, string>> = {
  "src/text": "",
  "src/kernel": "",
  "src/model": "kernel (text)",
  "src/mail": "text",
  "src/patch": "text",
  "src/series": "mail patch text",
  "src/source": "patch text",
  "src/syntax": "source text",
  "src/engine": "syntax source kernel text",
  "src/exec": "syntax (engine) model kernel text",
  "src/judge": "engine exec model text",
  "src/finding": "(model) text",
  // Rules mark places by syntax nodes, so the contract of a rule names the type of one.
  "src/rule": "(engine) (judge) (syntax) finding text",
  // It fits advice to the base version, and passes patches over that name no operation of their own: both ask the table.
  "src/review": "mail patch series source syntax engine judge rule finding kernel text",
  // A reply is a mail: its draft reads the addresses of the patch, and writes a header.
  "src/report": "finding mail (model) series text",
  // What of a review is set aside: the lines of the mails, the findings, and nothing of how they came about.
  "src/sift": "finding series text",
  // A fix is carried through the series and written as a diff in a mail, which is read again as one.
  "src/fix": "finding mail patch series source text",
  "src/host": "text",
  // What goes to a host of code is made of a review and handed to a client, which is passed in; src/host has the failures
  // of requests, which are told apart here.
  "src/ci": "finding host patch report series text",
  "src/cli":
    "ci engine exec finding fix host judge kernel mail model patch report review rule series sift source syntax text",
  "src/bin.ts": "cli",
  "rules/index.ts": "rule",
  "rules/*": "rule",
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Static and dynamic imports, re-exports, `import("x")` types, and calls of anything named require. */
function importsOf(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const out: Import[] = [];
  const add = (to: ts.Node | undefined, typeOnly: boolean) => {
    if (to === undefined) return;
    if (!ts.isStringLiteralLike(to)) throw new Error(`${file} imports something that is not written out`);
    out.push({ from: file, to: to.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const named = clause?.namedBindings;
      const each = named && ts.isNamedImports(named) && !clause.name && named.elements.length > 0;
      const typeOnly =
        clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || (each && named.elements.every((e) => e.isTypeOnly));
      add(node.moduleSpecifier, typeOnly === true);
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument, true);
    else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      if (callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require"))
        add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return out;
}

const files = ["src", "rules"]
  .flatMap((folder) => readdirSync(join(top, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => join(entry.parentPath, entry.name).slice(top.length))
  .sort();
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(top, file), "utf8")));

/** The row of the table that a file belongs to: its own, its folder's, or that of all rules. */
const rowOf = (file: string): string =>
  [file, file.split("/").slice(0, 2).join("/")].find((row) => row in table) ??
  (file.startsWith("rules/") ? "rules/*" : file);

const isOurs = ({ to }: Import) => to.startsWith(".");
const target = ({ from, to }: Import) => normalize(join(dirname(from), to));

/** What is wrong with an import of ours, or undefined. */
function trespass(one: Import): string | undefined {
  const from = rowOf(one.from);
  const to = target(one);
  const said = `${one.from} imports ${to}`;
  const row = table[from];
  if (row === undefined) return `${one.from} belongs to no row`;
  if (from === "rules/index.ts" && /^rules\/[a-z-]+\/rule\.ts$/.test(to)) return undefined;
  // The program's version stands in the manifest, and the rules are listed in one file.
  if (from === "src/cli" && (to === "package.json" || to === "rules/index.ts")) return undefined;
  if (!to.startsWith("src/")) return said;
  if (rowOf(to) === from) return undefined;
  const words = row.split(" ");
  const layer = to.split("/")[1] ?? "";
  if (words.includes(layer)) return undefined;
  if (words.includes(`(${layer})`)) return one.typeOnly ? undefined : `${said}, of which it may have types only`;
  return said;
}

describe("the layers", () => {
  test("are imported as the table allows", () => {
    expect(imports.filter(isOurs).map(trespass).filter(Boolean)).toEqual([]);
  });

  test("have files in every row of the table", () => {
    expect(Object.keys(table).filter((row) => !files.some((file) => rowOf(file) === row))).toEqual([]);
  });

  test("of rules see src/rule/index.ts only", () => {
    const rules = imports.filter((one) => rowOf(one.from) === "rules/*");
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter((one) => target(one) !== "src/rule/index.ts").map((one) => `${one.from}: ${one.to}`)).toEqual(
      [],
    );
  });
});

describe("what comes from outside", () => {
  const users = (name: RegExp) => [
    ...new Set(imports.filter((one) => !isOurs(one) && name.test(one.to)).map((one) => one.from)),
  ];
  const builtin = new RegExp(
    `^(?:node:|(?:${["fs", "path", "os", "child_process", "module", "process", "url"].join("|")})(?:/|$))`,
  );

  test("Node's interfaces are for host, cli and bin, and one createRequire in the parser", () => {
    const outside = users(builtin).filter((file) => !/^src\/(?:host\/|cli\/|bin\.ts$)/.test(file));
    expect(outside).toEqual(["src/syntax/parser.ts"]);
    expect(
      imports.filter((one) => one.from === "src/syntax/parser.ts" && builtin.test(one.to)).map((one) => one.to),
    ).toEqual(["node:module"]);
  });

  test("programs are started where git is, and where the processes are that review for bots", () =>
    // The third stands in for Node's own in the bundle.
    expect(users(/^node:child_process$/)).toEqual([
      "src/cli/child-process.ts",
      "src/cli/workers.ts",
      "src/host/git-process.ts",
    ]));

  test("globals of Node are for host, cli and bin", () => {
    const inner = files.filter((file) => !/^src\/(?:host\/|cli\/|bin\.ts$)/.test(file));
    const use =
      /\bprocess\.\w|\bBuffer\.\w|\bglobalThis\.|\bconsole\.\w|\bsetTimeout\(|\bfetch\(|\bDate\.now|\bnew Date|\bMath\.random/;
    const code = (file: string) => readFileSync(join(top, file), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    expect(inner.filter((file) => use.test(code(file)))).toEqual([]);
  });

  test("tree-sitter is named in src/syntax/parser.ts only", () => {
    const named = (file: string) => /["'`]tree-sitter/.test(readFileSync(join(top, file), "utf8"));
    expect(files.filter(named)).toEqual(["src/syntax/parser.ts"]);
    expect(users(/^tree-sitter/)).toEqual(["src/syntax/parser.ts"]);
  });

  test("commander is named in src/cli/program.ts only", () =>
    expect(users(/^commander/)).toEqual(["src/cli/program.ts"]));

  test("is, beside these, postal-mime for mail with MIME parts, yaml for configurations, and the language server's library", () => {
    const others = imports.filter((one) => !isOurs(one) && !/^(?:node:|tree-sitter|commander$)/.test(one.to));
    expect([...new Set(others.map((one) => `${one.from}: ${one.to}`))]).toEqual([
      "src/cli/config-file.ts: yaml",
      "src/cli/lsp.ts: vscode-languageserver/node",
      "src/mail/address.ts: postal-mime",
      "src/mail/read.ts: postal-mime",
    ]);
  });
});

test("imports are seen in all their forms", () => {
  const text = `import a from "./a"; import type b from "./b"; import { type c } from "./c"; import { type d, e } from "./d";
    import "./f"; export * from "./g"; export type { h } from "./h"; import("./i"); let x: import("./j").J; require("./k");`;
  const seen = importsOf("x.ts", text).map(({ to, typeOnly }) => to.slice(2) + (typeOnly ? "?" : ""));
  expect(seen).toEqual(["a", "b?", "c?", "d", "f", "g", "h?", "i", "j?", "k"]);
  expect(trespass({ from: "src/model/a.ts", to: "../engine/code.ts", typeOnly: true })).toMatch(
    /src\/model\/a.ts imports src\/engine/,
  );
  expect(trespass({ from: "src/rule/a.ts", to: "../engine/code.ts", typeOnly: false })).toMatch(/types only/);
  expect(trespass({ from: "src/new/a.ts", to: "../text/span.ts", typeOnly: false })).toMatch(/no row/);
});
