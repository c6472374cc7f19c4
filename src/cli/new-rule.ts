import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { complaints, Refusal } from "./complaint.ts";

const ruleFile = (id: string): string => `import { defineRule, lore } from "../../src/rule/index.ts";

export default defineRule({
  id: "${id}",
  title: "TODO: the defect in a few words, small letters",
  // error: data loss, hang, leak, crash; warning: cost or misused API; check: naming, style, docs.
  level: "check",
  confidence: "moderate",
  sources: [lore("TODO-message-id", "TODO: who said it", "TODO: what it says, in your words")],
  // The rule is asked only when these facts are shown; src/engine/facts.ts says what there is.
  needs: ["functions"],
  *find({ functions }) {
    for (const { func, submits } of functions) {
      if (!submits) continue; // TODO: so far every function that submits has the defect
      yield { at: { tree: func.tree, node: func.node }, within: func.name, data: { name: func.name } };
    }
  },
  explain: ({ data: { name } }) => ({
    what: \`\${name}() TODO: one sentence that stands alone\`,
    why: "TODO: what goes wrong",
    instead: "TODO: what to do",
  }),
});
`;

const pageFile = (id: string): string => `# ${id}

## The review point

TODO: what a reviewer wants, and who said so.

## What goes wrong

TODO: the run of the model that shows it, or why there is none.

## In a patch

TODO: a few added lines that have the defect.

## Done well

TODO: the same lines without it.

## Where this rule is blind

TODO: what it does not see, and why.
`;

/** Why an id is no good name for a rule; undefined if it is one. */
export function wrongWithId(id: string): string | undefined {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) return "small letters, digits and single hyphens make an id";
  if (id.length > 40) return "40 characters are enough for an id";
  if (/^(no|avoid|use(?!-after-)|dont|do|prefer|require)-/.test(id)) return "an id names the defect, not the cure";
  return undefined;
}

/** The camelCase name under which rules/index.ts imports a rule. */
const variable = (id: string): string => id.replace(/-([a-z0-9])/g, (_, char: string) => char.toUpperCase());

/**
 * rules/index.ts with one more rule: its import and its entry, each in sorted order.
 * Returns undefined if the text is not laid out as expected: imports of `./ID/rule.ts`, one a line, and a list
 * `rules ... = [ ... ]` of the imported names.
 */
export function withRule(index: string, id: string): string | undefined {
  const imported = [...index.matchAll(/^import (\w+) from "\.\/([a-z0-9-]+)\/rule\.ts";\n/gm)];
  const list = /(\brules\b[^=\n]*= )\[([^\]]*)\]/.exec(index);
  if (list === null) return undefined;
  const names = new Map(imported.map(([, name = "", of = ""]) => [of, name]));
  const listed = (list[2] ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  if (listed.length !== names.size || listed.some((name) => ![...names.values()].includes(name))) return undefined;
  names.set(id, variable(id));
  const ids = [...names.keys()].sort();
  const imports = ids.map((of) => `import ${names.get(of)} from "./${of}/rule.ts";\n`).join("");
  const entries = ids.map((of) => `  ${names.get(of)},\n`).join("");
  const bare = imported.reduce((text, [whole]) => text.replace(whole, ""), index);
  const typeImports = /^(?:import [^\n]*\n)*/.exec(bare)?.[0] ?? "";
  return `${typeImports}${imports}${bare.slice(typeImports.length)}`.replace(
    /(\brules\b[^=\n]*= )\[[^\]]*\]/,
    (_, head: string) => `${head}[\n${entries}]`,
  );
}

/** The checkout of copylint that a folder lies in. */
function checkout(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "rules/index.ts")) && existsSync(join(folder, "src/rule/define.ts"))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    throw new Refusal(complaints.notWritable(path, (error as Error).message));
  }
}

/**
 * Starts a rule: writes rules/<id>/ from the template and adds the rule to rules/index.ts.
 * @param cwd a folder inside the checkout.
 * @returns what to tell the user.
 * @throws Refusal if the id is bad or taken, or if there is no checkout.
 */
export function newRule(id: string, cwd: string): string {
  const wrong = wrongWithId(id);
  if (wrong !== undefined) throw new Refusal(complaints.badRuleId(id, wrong));
  const top = checkout(cwd);
  if (top === undefined) throw new Refusal(complaints.notACheckout());
  const folder = join(top, "rules", id);
  if (existsSync(folder)) throw new Refusal(complaints.ruleExists(id));
  const indexFile = join(top, "rules/index.ts");
  const index = withRule(readFileSync(indexFile, "utf8"), id);
  if (index === undefined)
    throw new Refusal(complaints.notWritable("rules/index.ts", "its list of rules was not found"));
  write(join(folder, "rule.ts"), ruleFile(id));
  write(join(folder, "README.md"), pageFile(id));
  write(indexFile, index);
  return `rules/${id}/rule.ts: say what it needs, what it finds, and what it says of it
rules/${id}/README.md: its page, which \`copylint explain ${id}\` prints
rules/${id}/cases/: to be made: a patch that fires and its nearest miss, each with its .expect
rules/index.ts: lists the rule now
`;
}
