import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { availability, phasedOut, releases } from "../../src/kernel/names.ts";
import { compareVersions, versionAt, versionOfMakefile } from "../../src/kernel/version.ts";

describe("the version that a mail was written for", () => {
  test.each([
    ["Mon, 20 May 2024 15:50:13 +0530", "6.10"],
    ["Sun, 12 May 2024 00:00:00 +0000", "6.10"],
    ["Sat, 11 May 2024 23:59:59 +0000", "6.9"],
    ["1 Jun 2024", "6.10"],
    ["Thu, 04 jan 2024 10:00 -0800", "6.7"],
    ["Tue, 1 January 2013", "3.10"],
  ])("%s: %s", (date, version) => expect(versionAt(date)).toBe(version));

  test.each([undefined, "", "yesterday", "20 Xyz 2024", "2024-05-20", "1 Jun 9999"])("%j tells nothing", (date) =>
    expect(versionAt(date)).toBeUndefined(),
  );

  test("is of a Makefile, if it has both numbers", () => {
    expect(versionOfMakefile("# x\nVERSION = 6\nPATCHLEVEL = 10\nSUBLEVEL = 0\nEXTRAVERSION = -rc1\n")).toBe("6.10");
    for (const text of [undefined, "", "VERSION = 6\n", "PATCHLEVEL = 1\n", "all:\n"])
      expect(versionOfMakefile(text)).toBeUndefined();
  });
});

describe("versions", () => {
  test("compare as numbers and not as text", () => {
    expect(compareVersions("6.9", "6.10")).toBeLessThan(0);
    expect(compareVersions("6.10", "6.9")).toBeGreaterThan(0);
    expect(compareVersions("5.19", "6.0")).toBeLessThan(0);
    expect(compareVersions("6.1", "6.1")).toBe(0);
  });

  test("are in order, whatever they are", () => {
    const version = fc.tuple(fc.nat(20), fc.nat(30));
    fc.assert(
      fc.property(version, version, ([a, b], [c, d]) => {
        const sign = Math.sign(compareVersions(`${a}.${b}`, `${c}.${d}`));
        expect(sign).toBe(Math.sign(a * 100 + b - (c * 100 + d)));
      }),
    );
  });

  test("of the table ascend with their dates, and what replaces a phased out function is known since one of them", () => {
    for (let i = 1; i < releases.length; i++) {
      expect(compareVersions(releases[i]![0], releases[i - 1]![0])).toBeGreaterThan(0);
      expect(releases[i]![1] > releases[i - 1]![1]).toBe(true);
    }
    const known = releases.map(([version]) => version);
    for (const replacement of phasedOut.values()) expect(known).toContain(availability.get(replacement)?.since);
  });
});
