import { describe, expect, test } from "vitest";
import { engineMail, execute, inShort } from "./engines.ts";

/** What is found in the synchronous engine with these parts replaced, one line each. */
async function found(...edits: readonly (readonly [from: string, to: string])[]): Promise<string[]> {
  const mail = engineMail("synchronous.c", (text) => {
    let edited = text;
    for (const [from, to] of edits) {
      expect(edited).toContain(from);
      edited = edited.replace(from, to);
    }
    return edited;
  });
  const { violations } = await execute([mail], 2_000);
  return violations.map((each) => `${inShort(each)}: ${each.conditions.join(", ")} (${each.confidence})`);
}

const refuses = (test: string) => found(["\tif (!limit)\n", `\tif (${test})\n\t\treturn -EINVAL;\n\tif (!limit)\n`]);

const DECLARED = "sector_t done, len;";

describe("what a kernel is built for", () => {
  test("is named where a run shows nothing wrong on another", async () => {
    expect(await refuses("(nr_sects << SECTOR_SHIFT) > 4 * PAGE_SIZE")).toContainEqual(
      expect.stringMatching(/^valid-refused synchronous\.c:\d+: pages have 4 KiB \(high\)$/),
    );
  });

  test("is not named where nothing depends on it", async () => {
    const all = await refuses("nr_sects > 40");
    expect(all).toContainEqual(expect.stringMatching(/^valid-refused synchronous\.c:\d+: {2}\(high\)$/));
    expect(all.join()).not.toMatch(/pages|bits/);
  });

  test("is named where only that one goes wrong, and the finding is no more than moderate", async () => {
    const all = await found(
      [DECLARED, `${DECLARED}\n\tlong start = dst << SECTOR_SHIFT;`],
      ["bi_sector = dst + done;", "bi_sector = (start >> SECTOR_SHIFT) + done;"],
    );
    expect(all).toEqual([expect.stringMatching(/^bits-lost synchronous\.c:\d+: the kernel has 32 bits \(moderate\)$/)]);
  });

  test("an error number that was kept in an unsigned type loses nothing", async () => {
    const kept = ["\tif (error)\n\t\treturn error;", "\tkept = error;\n\tif (kept)\n\t\treturn kept;"] as const;
    expect(await found([DECLARED, `${DECLARED}\n\tu64 kept;`], kept)).toEqual([]);
  });
});
