import { describe, expect, test } from "vitest";
import { judgeWith } from "../../src/judge/judge.ts";

const judge = () => judgeWith<string>((mark) => (mark === "nowhere" ? undefined : { file: "a.c", line: Number(mark) }));

describe("a question to the model", () => {
  test("comes back with the shortest run that breaks the property, or holds", () => {
    const broken = judge().ask({ property: "no-own-flush-between-chunks", variant: { plug: "per-chunk" } });
    expect(broken.holds).toBe(false);
    expect(broken.trace!.outcome).not.toBe("");
    expect(broken.trace!.steps.length).toBeGreaterThan(3);
    expect(judge().ask({ property: "no-own-flush-between-chunks", variant: { plug: "around" } })).toMatchObject({
      holds: true,
      trace: null,
    });
  });

  const ask = (one: ReturnType<typeof judge>, places: Parameters<typeof one.ask>[0]["places"]) =>
    one.ask({ property: "no-own-flush-between-chunks", variant: { plug: "per-chunk" }, places: places ?? [] }).trace!;

  test("has the place of a choice on the steps that follow from it, and nowhere else", () => {
    const { steps } = ask(judge(), [{ knob: "plug", at: "268" }]);
    const placed = steps.filter((step) => step.at);
    expect(placed.length).toBeGreaterThan(0);
    expect(placed.every((step) => step.knob === "plug" && !step.assumed && step.at!.line === 268)).toBe(true);
    expect(steps.filter((step) => step.knob === "plug" && !step.at)).toEqual([]);
  });

  test("has the first place that fits a step by its actor and action", () => {
    const { steps } = ask(judge(), [
      { knob: "plug", at: "1", actor: "nobody" },
      { knob: "plug", at: "2", actor: "submitter", action: "finish plug" },
      { knob: "plug", at: "3", actor: "submitter", action: "start plug" },
    ]);
    const line = (action: string) => new Set(steps.filter((s) => s.action.startsWith(action)).map((s) => s.at?.line));
    expect(line("finish plug")).toEqual(new Set([2]));
    expect(line("start plug")).toEqual(new Set([3]));
    expect(steps.some((step) => step.at?.line === 1)).toBe(false);
  });

  test("asked twice gives the same, each with places of its own", () => {
    const one = judge();
    const at = (line: string) => ask(one, [{ knob: "plug", at: line }]);
    const lines = (line: string) => new Set(at(line).steps.flatMap((step) => step.at?.line ?? []));
    expect([lines("1"), lines("2"), lines("nowhere")]).toEqual([new Set([1]), new Set([2]), new Set()]);
    expect(at("nowhere").steps.map((s) => s.action)).toEqual(at("1").steps.map((s) => s.action));
  });
});

describe("a choice that the patch does not show", () => {
  test("decides if the property holds with one of its values, and that value is named", () => {
    const verdict = judge().ask({ property: "no-own-flush-between-chunks", variant: {}, open: ["plug"] });
    expect(verdict.holds).toBe(true);
    expect(verdict.decidedBy).toMatch(/^plug=/);
    expect(verdict.decidedBy).not.toBe("plug=per-chunk");
  });

  test("does not matter if the property is broken with all of them", () => {
    const verdict = judge().ask({
      property: "no-own-flush-between-chunks",
      variant: { plug: "per-chunk" },
      open: ["context", "units"],
    });
    expect(verdict).toMatchObject({ holds: false });
    expect(verdict.decidedBy).toBeUndefined();
    expect(verdict.trace).not.toBeNull();
  });
});
