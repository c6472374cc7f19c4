import { expect, test } from "vitest";
import { implementations, kernelBindings } from "../../src/exec/kernel/bindings.ts";
import { Program } from "../../src/exec/program.ts";
import { kernelFunctions } from "../../src/kernel/exec/functions.ts";
import { kernelTypes } from "../../src/kernel/exec/types.ts";
import { compareVersions } from "../../src/kernel/version.ts";

test("every function of the table does something, and nothing else does", () => {
  const declared = kernelFunctions.filter(({ c }) => c.endsWith(";")).map(({ name }) => name);
  expect([...implementations.keys()].sort()).toEqual([...new Set(declared)].sort());
});

test("every row says where it comes from, and no function ends before it begins", () => {
  for (const { from } of [...kernelFunctions, ...kernelTypes]) expect(from).toMatch(/\.[ch]\b/);
  for (const { since, until } of kernelFunctions) {
    if (since !== undefined && until !== undefined) expect(compareVersions(since, until)).toBeLessThan(0);
  }
});

test("the structures of the table can be laid out, and each function has a signature", () => {
  const program = new Program({ trees: [], bindings: kernelBindings(new Map()) });
  for (const name of [
    "bio",
    "request_queue",
    "block_device",
    "gendisk",
    "blk_plug",
    "work_struct",
    "nvmet_req",
    "task_struct",
    "file",
  ]) {
    expect(program.typeNamed(`struct ${name}`), name).toBeDefined();
    expect(program.member(`struct ${name}`, "nonesuch")).toBeUndefined();
    expect(program.record(`struct ${name}`).state, name).toBe("complete");
  }
  for (const { name } of kernelFunctions) expect(program.signature(name), name).toBeDefined();
});

test("every function that the table says in C is understood to its end", () => {
  const program = new Program({ trees: [], bindings: kernelBindings(new Map()) });
  const problems = kernelFunctions
    .filter(({ c }) => c.endsWith("}"))
    .flatMap(({ name }) => program.code(name)?.problems.map(({ why }) => `${name}: ${why}`) ?? [`${name}: no code`]);
  expect(problems).toEqual([]);
});

test("a process that reviews one series after the other holds one table", () => {
  const treeFor = (asked: string) =>
    new Program({ trees: [], bindings: kernelBindings(new Map(), asked) }).code("bdev_get_queue")!.at.tree;
  const first = treeFor("enum { __operation_0 = (int)(REQ_OP_COPY) };\n");
  for (let i = 1; i < 20; i++) expect(treeFor(`enum { __operation_0 = ${i} };\n`)).toBe(first);
});
