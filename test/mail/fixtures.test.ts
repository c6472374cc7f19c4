import { expect, test } from "vitest";
import { readInput } from "../../src/cli/input.ts";

const read = (name: string) =>
  readInput([name], {
    cwd: new URL("../../fixtures/mail", import.meta.url).pathname,
    stdin: async () => new Uint8Array(),
  });

test("a list archive's thread holds two series; replies are no patches, whether they quote or propose", async () => {
  const { series, problems, withoutDiff } = await read("thread.mbox");
  expect(problems).toEqual([]);
  expect(series.map((one) => [one.version, one.subject, one.patches.length])).toEqual([
    [1, "ring: count in sectors", 2],
    [2, "ring: count in sectors", 1],
  ]);
  expect(withoutDiff).toBe(2);
  expect(series[0]!.cover!.body).toContain("\nFrom the list: ");
});

test("b4's mbox is one series in order", async () => {
  const { series, problems } = await read("am.mbx");
  expect(problems).toEqual([]);
  expect(series).toMatchObject([{ version: 3, total: 2, missing: [], patches: [{ index: 1 }, { index: 2 }] }]);
});

test("a quilt diff names its files below the top folder", async () => {
  const { series, problems } = await read("quilt.eml");
  expect(problems).toEqual([]);
  expect(series[0]).toMatchObject({ rfc: true, subject: "ring: count in sectors" });
  expect(series[0]!.patches[0]!.files).toMatchObject([
    { path: "block/ring.c", status: "modified", added: 1, deleted: 1 },
    { path: "block/ring.h", status: "added", added: 1, deleted: 0 },
  ]);
});

test("a flowed mail is a patch again", async () => {
  const { series, problems } = await read("flowed.eml");
  expect(problems).toEqual([]);
  const patch = series[0]!.patches[0]!;
  expect(patch.commitMessage).toBe("Bytes overflow, which nobody noticed so far because all rings were small.\n");
  expect(patch.files).toMatchObject([{ added: 1, deleted: 1, hunks: [{ lines: [{ text: "int x;" }, {}, {}, {}] }] }]);
});
