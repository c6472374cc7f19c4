import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { top } from "../reviewing.ts";

/** What the job prints, and how it ends; a process of its own, as reviews are quicker without what runs tests. */
async function job(...args: readonly string[]): Promise<{ readonly out: string; readonly code: number | null }> {
  const child = spawn(process.execPath, [join(top, "dist/mutate-mails.mjs"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.setEncoding("latin1").on("data", (text) => {
    out += text;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ out, code })));
}

/** Mails of a kind, and those of which code was executed. */
function counts(out: string, kind: string): readonly number[] {
  const [, mails, executed] = new RegExp(`^  ${kind} +([\\d,]+) mails, +([\\d,]+) executed`, "m").exec(out) ?? [];
  return [mails, executed].map((text) => Number(text?.replaceAll(",", "")));
}

beforeAll(() => {
  execFileSync(process.execPath, [join(top, "test/mutate/build.mjs")]);
});

describe("mutated mails", () => {
  test("are reviewed without a fault, twice with the same result, in little time and memory", async () => {
    const { out, code } = await job("2000", "1", "--budget", "16");
    expect(out.split("\n").filter((line) => line.startsWith("seed 1, mail "))).toEqual([]);
    expect(code).toBe(0);
    expect(out).toContain("\n0 failed\n");
    for (const kind of ["bytes", "hunks", "headers", "encodings"])
      expect(counts(out, kind), kind).toEqual([expect.closeTo(490, -2), 0]);
    const [mails, executed] = counts(out, "code");
    expect(mails).toBe(40);
    expect(executed).toBeGreaterThanOrEqual(20);
  });

  test("are the same ones each time", async () => {
    const [one, again, other] = await Promise.all([7, 7, 11].map((index) => job("1", "1", "--only", String(index))));
    expect(one!.out).toContain("mail 7 of seed 1");
    // What it took differs.
    const mail = ({ out }: { out: string }) => out.slice(0, out.lastIndexOf("executed"));
    expect(mail(again!)).toBe(mail(one!));
    expect(mail(other!)).not.toBe(mail(one!));
  });
});
