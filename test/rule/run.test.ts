import { describe, expect, test } from "vitest";
import type { Facts } from "../../src/engine/facts.ts";
import type { AnyRule, Ground } from "../../src/rule/index.ts";
import { defineRule, lore } from "../../src/rule/index.ts";
import { type RunHelp, runRules } from "../../src/rule/run.ts";

const help = {} as RunHelp;
const mark = { tree: {} as Facts["code"]["trees"][number], node: { start: 0, end: 1 } };

const rule = (needs: readonly string[], seen: (facts: object) => void = () => {}): AnyRule =>
  ({
    id: `needs-${needs.join("-")}`,
    title: "x",
    level: "check",
    confidence: "low",
    sources: [lore("1@example.org", "A Reviewer", "so it is")],
    needs,
    *find(facts: object, { silent }: { silent: (what: string, why: string) => void }) {
      seen(facts);
      silent("a place", "it is fine");
      yield { at: mark, within: "f", data: { n: 1 } };
      yield { at: mark, within: "f", data: { n: 2 } };
    },
    explain: ({ data }: { data: { n: number } }) => ({ what: `seen ${data.n}`, why: "why", instead: "instead" }),
  }) as unknown as AnyRule;

const facts = (shown: Partial<Record<keyof Ground, readonly unknown[]>>): Ground =>
  ({ plugs: [], contexts: [], callbackPairs: [], violations: [], ...shown }) as unknown as Ground;

describe("a rule", () => {
  test("is asked if all that it needs is shown, and speaks of each sighting", () => {
    const { drafts, silences } = runRules([rule(["plugs", "contexts"])], facts({ plugs: [1], contexts: [2] }), help);
    expect(drafts.map((d) => d.advice.what)).toEqual(["seen 1", "seen 2"]);
    expect(silences).toEqual([{ what: "a place", why: "it is fine" }]);
  });

  test("is not asked if something is not shown, and says what", () => {
    const asked: object[] = [];
    const { drafts, silences } = runRules(
      [rule(["plugs", "callbackPairs"], (f) => asked.push(f))],
      facts({ plugs: [1] }),
      help,
    );
    expect([drafts, asked]).toEqual([[], []]);
    expect(silences).toEqual([{ what: "needs-plugs-callbackPairs", why: "nothing is shown of callback pairs" }]);
  });

  test("sees what it names and nothing else", () => {
    let seen: object = {};
    runRules([rule(["plugs"], (f) => (seen = f))], facts({ plugs: [1], contexts: [2] }), help);
    expect(seen).toEqual({ plugs: [1] });
  });

  test("does not sway the next one", () => {
    const both = runRules([rule(["contexts"]), rule(["plugs"])], facts({ plugs: [1] }), help);
    expect(both.drafts.map((d) => d.rule.id)).toEqual(["needs-plugs", "needs-plugs"]);
  });
});

test("a review mail is cited by its address", () => {
  expect(lore("1@example.org", "A Reviewer", "so it is")).toEqual({
    by: "A Reviewer",
    says: "so it is",
    url: "https://lore.kernel.org/linux-block/1@example.org/",
  });
});

test("a rule is what it was defined as", () => {
  const one = rule(["plugs"]);
  expect(defineRule(one)).toBe(one);
});
