import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Machine } from "../../src/exec/machine.ts";
import { Program, treeOf } from "../../src/exec/program.ts";
import { generate, HEADER } from "./generate.ts";

const hasGcc = spawnSync("gcc", ["--version"]).status === 0;
/** 500 in every run; COPYLINT_GCC_PROGRAMS=100000 for the long one, COPYLINT_GCC_SEED for others. */
const wanted = Number(process.env.COPYLINT_GCC_PROGRAMS ?? 500);
const seed = Number(process.env.COPYLINT_GCC_SEED ?? 1);
const perFile = 100;

/** The kernel's dialect (Makefile, since 6.2 with -funsigned-char). */
const FLAGS = ["-O1", "-std=gnu11", "-fno-strict-overflow", "-fwrapv", "-fno-strict-aliasing", "-funsigned-char", "-w"];

function byGcc(dir: string, sources: readonly string[]): string[][] {
  const calls = sources.map((_, id) => `printf("#\\n"); program${id}();`).join("\n");
  writeFileSync(join(dir, "all.c"), `${HEADER}${sources.join("\n")}\nint main(void)\n{\n${calls}\nreturn 0;\n}\n`);
  execFileSync("gcc", [...FLAGS, "-o", join(dir, "all"), join(dir, "all.c")], { stdio: "pipe" });
  const text = execFileSync(join(dir, "all"), { encoding: "utf8", maxBuffer: 1 << 28 });
  return text
    .split("#\n")
    .slice(1)
    .map((part) => part.split("\n").slice(0, -1));
}

function byMachine(source: string, id: number): string[] {
  const lines: string[] = [];
  const program = new Program({
    trees: [treeOf("a.c", source)],
    bindings: {
      functions: new Map([["out", (_, [value]) => void lines.push(String(value))]]),
      constants: new Map(),
      types: "void out(u64 v);",
    },
  });
  const machine = new Machine(program, {}, { steps: 10_000_000 });
  const thread = machine.run(`program${id}`, []);
  let step = thread.next();
  while (step.done !== true) step = thread.next();
  if (step.value.kind === "not-executed") lines.push(`not executed: ${step.value.why}`);
  if (step.value.kind === "faulted") lines.push(`faulted: ${step.value.fault.kind} ${step.value.fault.what}`);
  for (const fault of machine.faults) lines.push(`fault: ${fault.kind} ${fault.what}`);
  return lines;
}

describe("C as gcc runs it", () => {
  // Only there where it says something: a test that is skipped for having gcc would count as one.
  if (!hasGcc) test("SKIPPED: no gcc to compare with", (context) => context.skip());

  test.runIf(hasGcc)(
    `${wanted} generated programs print the same`,
    async () => {
      const dir = mkdtempSync(join(tmpdir(), "copylint-gcc-"));
      try {
        const seeds = fc.sample(fc.integer({ min: 1, max: 0x7fffffff }), { seed, numRuns: wanted });
        let printed = 0;
        for (let from = 0; from < seeds.length; from += perFile) {
          const sources = seeds.slice(from, from + perFile).map((each, id) => generate(each, id));
          const expected = byGcc(dir, sources);
          sources.forEach((source, id) => {
            printed += expected[id]!.length;
            expect(byMachine(source, id), `seed ${seeds[from + id]}, as number ${id}:\n${source}`).toEqual(
              expected[id],
            );
          });
          // Syntax trees are given back between turns of the event loop only.
          await new Promise(setImmediate);
        }
        // Programs that print nothing would agree too.
        expect(printed).toBeGreaterThan(wanted * 5);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
    3_600_000,
  );
});
