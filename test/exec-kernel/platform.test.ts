import { describe, expect, test } from "vitest";
import { engineMail, execute, inShort } from "./engines.ts";

const refuses = (test: string) =>
  engineMail("synchronous.c", (text) =>
    text.replace("\tif (!limit)\n", `\tif (${test})\n\t\treturn -EINVAL;\n\tif (!limit)\n`),
  );

const found = async (mail: ReturnType<typeof engineMail>) =>
  (await execute([mail], 2_000)).violations.map(
    (each) => `${inShort(each)}: ${each.conditions.join(", ")} (${each.confidence})`,
  );

describe("what a kernel is built for", () => {
  test("is named where a run shows nothing wrong on another", async () => {
    expect(await found(refuses("(nr_sects << SECTOR_SHIFT) > 4 * PAGE_SIZE"))).toContainEqual(
      expect.stringMatching(/^valid-refused synchronous\.c:\d+: pages have 4 KiB \(high\)$/),
    );
  });

  test("is not named where nothing depends on it", async () => {
    const all = await found(refuses("nr_sects > 40"));
    expect(all).toContainEqual(expect.stringMatching(/^valid-refused synchronous\.c:\d+: {2}\(high\)$/));
    expect(all.join()).not.toMatch(/pages|bits/);
  });

  test("is named where only that one goes wrong, and the finding is no more than moderate", async () => {
    const mail = engineMail("synchronous.c", (text) =>
      text
        .replace("sector_t done, len;", "sector_t done, len;\n\tlong start = dst << SECTOR_SHIFT;")
        .replace("bi_sector = dst + done;", "bi_sector = (start >> SECTOR_SHIFT) + done;"),
    );
    expect(mail.text).toContain("+\tlong start");
    const all = await found(mail);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatch(/^bits-lost synchronous\.c:\d+: the kernel has 32 bits \(moderate\)$/);
  });

  test("an error number that was kept in an unsigned type loses nothing", async () => {
    const mail = engineMail("synchronous.c", (text) =>
      text
        .replace("sector_t done, len;", "sector_t done, len;\n\tu64 kept;")
        .replace("\tif (error)\n\t\treturn error;", "\tkept = error;\n\tif (kept)\n\t\treturn kept;"),
    );
    expect(mail.text).toContain("+\t\treturn kept");
    expect(await found(mail)).toEqual([]);
  });
});
