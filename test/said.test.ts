import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rules } from "../rules/index.ts";
import type { Edit, Finding } from "../src/finding/finding.ts";
import { parseExpectation } from "./expect.ts";
import { type Mail, mailsOf, patchOf, reviewMails, top } from "./reviewing.ts";
import { smallEngines } from "./small-engines.ts";

/**
 * Every word that a rule says of its cases, as the author of the patch would get it, in test/said/<rule>.txt. Whoever
 * changes words reads them there once more, each below the question of its case, and takes them over with
 * `npm test -- -u test/said.test.ts`.
 */
test.each(rules.map((rule) => rule.id))("%s: the words are those that somebody read and took over", async (id) => {
  const folder = join(top, "rules", id, "cases");
  const out: string[] = [];
  const cases = mailsOf(folder).map((mail) => {
    const { question } = parseExpectation(readFileSync(join(folder, mail.path.replace(/patch$/, "expect")), "utf8"));
    return { mail, question };
  });
  const small = (smallEngines[id] ?? []).map(([question, text]) => {
    return { mail: { ...patchOf({ "block/copy.c": text }), path: "a small engine.patch" }, question };
  });
  for (const { mail, question } of [...cases, ...small]) {
    const { findings, notChecked } = await reviewMails([mail]);
    out.push(`== ${mail.path.replace(/\.patch$/, "")}: ${question}`, "");
    for (const f of findings) if (f.rule === id) out.push(...said(mail, f), "");
    for (const { what, why } of notChecked) if (what.startsWith(id)) out.push(`silent: ${what}: ${why}`, "");
  }
  await expect(out.join("\n")).toMatchFileSnapshot(join(top, "test/said", `${id}.txt`));
});

test("no text is left from a rule that is gone", () => {
  expect(readdirSync(join(top, "test/said")).sort()).toEqual(rules.map((rule) => `${rule.id}.txt`).sort());
});

/** The finding in full; places are quoted and not counted, so that a case may grow. */
function said(mail: Mail, f: Finding): string[] {
  const lines = newSide(mail);
  const quote = (file: string | null, line: number) => (lines.get(`${file}:${line}`) ?? `${file}:${line}`).trim();
  const edit = ({ file, line, column, endLine, endColumn, text }: Edit) =>
    `fix: columns ${column} to ${endColumn} of ${quote(file, line)}${endLine > line ? ` and ${endLine - line} more` : ""}: ${JSON.stringify(text)}`;
  return [
    `> ${quote(f.file, f.line)}`,
    `${f.level}, confidence ${f.confidence}, in ${f.function}, columns ${f.column} to ${f.endColumn}, ${f.endLine - f.line + 1} lines`,
    `what: ${f.what}`,
    `why: ${f.why}`,
    `instead: ${f.instead}`,
    ...f.related.map(({ file, line, message }) => `related: ${message}: ${quote(file, line)}`),
    ...(f.trace ? [`trace: ${f.trace.setting}; ${f.trace.steps.length} steps; ${f.trace.outcome}`] : []),
    ...(f.trace?.steps ?? []).flatMap(({ actor, action, at }) =>
      at ? [`  ${actor}: ${action}: ${quote(at.file, at.line)}`] : [],
    ),
    ...f.fix.map(edit),
  ];
}

/** Lines of the new side of a patch by "file:line". */
function newSide({ text }: Mail): Map<string, string> {
  const out = new Map<string, string>();
  let file = "";
  let next = 0;
  for (const line of text.split("\n")) {
    file = /^\+\+\+ b\/(.*)$/.exec(line)?.[1] ?? file;
    const start = /^@@ -\S+ \+(\d+)/.exec(line)?.[1];
    if (start !== undefined) next = Number(start);
    else if (/^[ +]/.test(line) && !line.startsWith("+++")) out.set(`${file}:${next++}`, line.slice(1));
  }
  return out;
}
