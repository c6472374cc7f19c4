import { join } from "node:path";
import { expect, test } from "vitest";
import { fix } from "../../src/cli/fix.ts";
import { readInput } from "../../src/cli/input.ts";
import { review } from "../../src/cli/reviewer.ts";
import type { Finding } from "../../src/finding/finding.ts";
import type { Series } from "../../src/series/series.ts";
import { fakeIo } from "../cli/fake-io.ts";
import { top } from "../reviewing.ts";

const options = {
  tree: "fixtures/stage",
  rules: ["split-alignment-check", "deprecated-next-bio"],
  dryRun: true,
  outputDir: ".",
  patches: false,
  force: false,
  failOn: "never",
  run: false,
} as const;

/** What fix prints for the careless series if its second review finds what `also` makes of the fixed series. */
async function fixed(also: (series: Series, findings: readonly Finding[]) => readonly Finding[]): Promise<string> {
  const { io, printed } = fakeIo({ cwd: top });
  await fix(["fixtures/series/careless"], options, io, {
    readInput,
    review: (all, wanted) => {
      const made = review(all, wanted);
      const [series] = all;
      // The series has six patches: what comes behind are its fixups.
      return series!.patches.length > 6 ? { ...made, findings: also(series!, made.findings) } : made;
    },
  });
  expect(printed.err).toBe("");
  return printed.out;
}

const has = (series: Series, text: string): boolean =>
  series.patches.slice(6).some(({ message }) => message.body.includes(text));
const why = "(not fixed: a review of the fixed series finds the same again, or something else)";

test("fixes that a second review confirms are written", async () => {
  const out = await fixed((_, findings) => findings);
  expect(out).toContain("((from | to | len) & mask)");
  expect(out).toContain("bio_chain_and_submit(src, ");
  expect(out).toMatch(/\n2 fixes in 1 patch\n$/);
});

test("one that draws another finding is left as advice, and the others are written", async () => {
  const out = await fixed((series, findings) =>
    has(series, "bio_chain_and_submit(src") ? [...findings, { ...findings[0]!, rule: "kernel-warning" }] : findings,
  );
  expect(out).toContain("((from | to | len) & mask)");
  expect(out).not.toContain("+\t\tdst = bio_chain_and_submit(src, ");
  expect(out).toMatch(/: warning deprecated-next-bio: .* \(not fixed: a review of the fixed series/);
  expect(out.split(why).length).toBe(2);
  expect(out).toMatch(/\n1 fix in 1 patch; 1 finding left as advice\n$/);
});

test("one after which the finding is there as before is left as advice", async () => {
  const out = await fixed((_, findings) =>
    findings.map((f) => (f.rule === "split-alignment-check" ? { ...f, mendedBy: null } : f)),
  );
  expect(out).not.toContain("((from | to | len) & mask)");
  expect(out).toContain("+\t\tdst = bio_chain_and_submit(src, ");
  expect(out).toMatch(/: check split-alignment-check: .* \(not fixed: /);
});

test("what a later patch mends is neither fixed nor advice", async () => {
  const { io, printed } = fakeIo({ cwd: top });
  const paths = [join(top, "fixtures/series/mended")];
  await fix(paths, { ...options, rules: [] }, io, { readInput, review });
  const { findings } = review((await readInput(paths, { cwd: top, stdin: async () => new Uint8Array() })).series);
  const mended = findings.filter((f) => f.mendedBy !== null);
  expect(mended.length).toBeGreaterThan(0);
  for (const f of mended) expect(printed.out).not.toContain(`${f.file}:${f.line}: ${f.level} ${f.rule}`);
});
