import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { implementations } from "../../src/exec/kernel/bindings.ts";
import { USUAL } from "../../src/exec/platform.ts";
import { prelude } from "../../src/exec/prelude.ts";
import { kernelFunctions } from "../../src/kernel/exec/functions.ts";
import { kernelTypes } from "../../src/kernel/exec/types.ts";
import { top } from "../reviewing.ts";
import { engineMail, engineText, execute } from "./engines.ts";

// What the tables lack, and what a kernel tree shows in another way, must end the runs that need it and nothing else.

/** What is changed in C that the tables hold. */
const edit = vi.hoisted(() => ({ text: (c: string): string => c }));
vi.mock("../../src/exec/prelude.ts", async (original) => {
  const real = await original<{ prelude: typeof prelude }>();
  return { prelude: (...of: Parameters<typeof prelude>) => edit.text(real.prelude(...of)) };
});

/** The tables, to be changed for one test. */
const types = kernelTypes as { c: string; from: string }[];
const functions = kernelFunctions as (typeof kernelFunctions)[number][];
const bound = implementations as Map<string, unknown>;
const before = { types: types.map((row) => ({ ...row })), functions: [...functions], bound: [...bound] };

afterEach(() => {
  edit.text = (c) => c;
  types.splice(0, types.length, ...before.types.map((row) => ({ ...row })));
  functions.splice(0, functions.length, ...before.functions);
  for (const [name, binding] of before.bound) bound.set(name, binding);
});

/** By size, the smallest first. */
const engines = [".", "others"]
  .flatMap((folder) => readdirSync(join(top, "fixtures/engines", folder)).map((name) => join(folder, name)))
  .filter((name) => name.endsWith(".c"))
  .map((name) => ({ name, text: engineText(name) }))
  .sort((a, b) => a.text.length - b.text.length || (a.name < b.name ? -1 : 1));

/** The smallest engine that names it; what none does, the kernel's own code may need in each. */
const engineWith = (name: string) => engines.find(({ text }) => new RegExp(`\\b${name}\\b`).test(text)) ?? engines[0]!;

const texts = [...types.map(({ c }) => c), prelude(USUAL.model, USUAL.pageSize)];
const inTexts = (pattern: RegExp): string[] => [
  ...new Set(texts.flatMap((c) => [...c.matchAll(pattern)].map(([, name]) => name!))),
];
const tags = inTexts(/\b(?:struct|union)\s+(\w+)\s*\{/g);
const typedefs = inTexts(/\btypedef\b(?:[^;{}]|\{[^{}]*\})*?\b(\w+)(?:\)\([^;]*)?;/g);

interface Unknown {
  readonly name: string;
  hide(): void;
}

const hideText = (pattern: RegExp, by: string) => () => {
  edit.text = (c) => c.replace(pattern, by);
  for (const row of types) row.c = edit.text(row.c);
};

const all: readonly Unknown[] = [
  ...tags.map((name) => ({
    name: `struct ${name}`,
    hide: hideText(new RegExp(`\\b(struct|union) ${name}(\\s*\\{)`, "g"), `$1 ${name}_gone$2`),
  })),
  ...typedefs.map((name) => ({
    name,
    hide: hideText(
      new RegExp(`(\\btypedef\\b(?:[^;{}]|\\{[^{}]*\\})*?)\\b${name}((?:\\)\\([^;]*)?;)`, "g"),
      `$1${name}_gone$2`,
    ),
  })),
  ...[...new Set(functions.map(({ name }) => name))].map((name) => ({
    name,
    hide: () => {
      functions.splice(0, functions.length, ...functions.filter((row) => row.name !== name));
      bound.delete(name);
    },
  })),
];

/** A tenth of them, always the same; COPYLINT_UNKNOWN=all for each. */
const chosen = process.env.COPYLINT_UNKNOWN === "all" ? all : all.filter((_, i) => i % 10 === 3);

test("there are types and functions to be made unknown", () => {
  expect(tags.length).toBeGreaterThan(40);
  expect(typedefs.length).toBeGreaterThan(60);
  expect(functions.length).toBeGreaterThan(400);
});

test.each([
  ["struct bio", /bi_sector|struct bio/],
  ["sector_t", /sector_t|header/],
  ["bio_alloc", /bio_alloc\(\) is not shown/],
  ["submit_bio_wait", /submit_bio_wait\(\) is not shown/],
])("without %s it is said that nothing of the engine runs, and why", async (name, why) => {
  all.find((each) => each.name === name)!.hide();
  const { violations, notExecuted } = await execute([engineMail("chained.c")], 30);
  expect(violations).toEqual([]);
  expect(notExecuted.map((each) => each.why).join()).toMatch(why);
});

test.each(chosen)("without $name, its runs end, and no review", async ({ name, hide }) => {
  const { text, name: engine } = engineWith(name.replace("struct ", ""));
  hide();
  const { executed, notExecuted } = await execute([engineMail(engine, () => text)], 30);
  expect(executed.length + notExecuted.length).toBeGreaterThan(0);
});
