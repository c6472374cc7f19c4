import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "./run.ts";

const hasGcc = spawnSync("gcc", ["--version"]).status === 0;

/** Every way out of a scope with clean-ups: its end, `break`, `continue`, `return`, a loop's own end, and the next round. */
const source = `
static void left(int *p) { out(1000 + *p); }

static int leave(int how)
{
	int a __cleanup(left) = 1;

	if (how == 0)
		return a + 10;
	{
		int b __cleanup(left) = 2;

		if (how == 1)
			return b = 20;
		out(b);
	}
	for (int i = 0; i < 3; i++) {
		int c __cleanup(left) = 30 + i, d __cleanup(left) = 40 + i;

		if (how == 2 && i == 1)
			break;
		if (how == 3 && i == 1)
			continue;
		switch (how) {
		case 4: {
			int e __cleanup(left) = 5;

			if (i == 0)
				break;
			return c + d + e;
		}
		case 5:
			out(55);
		}
		out(c + d);
	}
	out(a);
	a = 6;
	return a;
}

int f(void)
{
	for (int how = 0; how < 6; how++)
		out(leave(how));
	return 0;
}
`;

function byMachine(): string[] {
  const lines: string[] = [];
  const functions = { out: (_: unknown, [value]: unknown[]) => void lines.push(String(value)) };
  const { result, faults } = run(source, [], { functions, types: "void out(int v);" });
  return [...lines, String(result), ...faults];
}

describe("clean-up attributes", () => {
  if (!hasGcc) test("SKIPPED: no gcc to compare with", (context) => context.skip());

  test.runIf(hasGcc)("run when gcc runs them, after the value that is returned", () => {
    const dir = mkdtempSync(join(tmpdir(), "copylint-gcc-"));
    try {
      const head =
        '#include <stdio.h>\n#define __cleanup(f) __attribute__((cleanup(f)))\nstatic void out(int v) { printf("%d\\n", v); }\n';
      writeFileSync(join(dir, "a.c"), `${head}${source}\nint main(void) { out(f()); return 0; }\n`);
      execFileSync("gcc", ["-std=gnu11", "-w", "-o", join(dir, "a"), join(dir, "a.c")], { stdio: "pipe" });
      const wanted = execFileSync(join(dir, "a"), { encoding: "utf8" }).trim().split("\n");
      expect(wanted.length).toBeGreaterThan(40);
      expect(byMachine()).toEqual(wanted);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test("a guard is given back on every way, and a break leaves a scoped one", () => {
    const guards = `
DEFINE_GUARD(thing, int *, out(*_T), out(-*_T))
DEFINE_FREE(thing, int *, if (_T) out(100 + *_T))
int f(void)
{
	int one = 1, two = 2;
	int *p __free(thing) = &two;

	scoped_guard(thing, &one) {
		if (two)
			break;
		out(7);
	}
	for (int i = 0; i < 2; i++) {
		guard(thing)(&two);
		if (i == 0)
			continue;
		return one;
	}
	return 0;
}`;
    const lines: unknown[] = [];
    const functions = { out: (_: unknown, [value]: unknown[]) => void lines.push(value) };
    expect(run(guards, [], { functions, types: "void out(int v);" })).toMatchObject({ result: 1, faults: [] });
    expect(lines).toEqual([1, -1, 2, -2, 2, -2, 102]);
  });

  test("a jump across a scope that cleans up is not guessed at", () => {
    const jump = `
static void left(int *p) { }
int f(void)
{
	{
		int a __attribute__((cleanup(left))) = 1;
		goto out;
	}
out:
	return 0;
}`;
    expect(run(jump).result).toContain("clean");
  });
});
