import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rules } from "../../rules/index.ts";
import { nearest } from "../../src/cli/nearest.ts";
import { formatNames } from "../../src/report/reporter.ts";
import { configKeys, configSchema, readConfig, type Wrong } from "../../src/sift/config.ts";

const words = { rules: rules.map((rule) => rule.id), formats: formatNames, meant: nearest };
const file = JSON.parse(readFileSync(new URL("../../src/sift/config.schema.json", import.meta.url), "utf8"));
const schema = configSchema(file, words) as { properties: object };
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);

/** What is wrong with a configuration; undefined if nothing is. */
function wrong(value: unknown): Wrong | undefined {
  const config = readConfig(value, words);
  return "what" in config ? config : undefined;
}

const good: readonly unknown[] = [
  null,
  {},
  { $schema: "./config.schema.json" },
  { rules: { "plug-per-chunk": "off", "byte-units": "error" } },
  { paths: { only: ["block/**"], ignore: [] } },
  { run: false },
  { run: true },
  { run: {} },
  { run: { budget: 100 } },
  { "fail-on": "never" },
  { output: ["terminal", { format: "sarif", file: "out/x.sarif" }] },
  { output: [] },
  { baseline: "copylint-baseline.json" },
  { "author-ignores": false },
];

const bad: readonly (readonly [unknown, RegExp])[] = [
  [[], /mapping/],
  ["x", /mapping/],
  [{ rule: {} }, /no key 'rule'.*did you mean rules/],
  [{ fail_on: "error" }, /did you mean fail-on/],
  [{ rules: { "plug-per-chnk": "off" } }, /did you mean plug-per-chunk/],
  [{ rules: { "plug-per-chunk": "warn" } }, /cannot be 'warn'.*did you mean|one of off/],
  [{ rules: { "plug-per-chunk": false } }, /one of off/],
  [{ rules: ["plug-per-chunk"] }, /mapping/],
  [{ paths: { onyl: [] } }, /did you mean only/],
  [{ paths: { only: "block" } }, /list/],
  [{ paths: { only: [7] } }, /pattern is text/],
  [{ paths: { ignore: ["{a,b}"] } }, /several patterns/],
  [{ run: "no" }, /true or false/],
  [{ run: { budget: 0 } }, /runs from 1/],
  [{ run: { budget: 1.5 } }, /runs from 1/],
  [{ run: { bugdet: 5 } }, /did you mean budget/],
  [{ "fail-on": "errors" }, /did you mean error/],
  [{ output: "sarif" }, /list/],
  [{ output: ["sarfi"] }, /did you mean sarif/],
  [{ output: [{ file: "x" }] }, /no format/],
  [{ output: [{ format: "sarif", file: "/etc/passwd" }] }, /below its own folder/],
  [{ output: [{ format: "sarif", file: "../x" }] }, /below its own folder/],
  [{ output: [{ format: "sarif", file: "a/.git/hooks/x" }] }, /below its own folder/],
  [{ output: [{ format: "sarif", file: "a\nb" }] }, /below its own folder/],
  [{ baseline: "" }, /name of a file/],
  [{ "author-ignores": "yes" }, /true or false/],
  [JSON.parse('{"__proto__":{"run":false}}'), /no key '__proto__'/],
  [JSON.parse('{"rules":{"__proto__":"off"}}'), /no rule '__proto__'/],
  [{ constructor: 1 }, /no key 'constructor'/],
  [{ rules: { toString: "off" } }, /no rule 'toString'/],
];

describe("a configuration", () => {
  test.each(good.map((value) => [JSON.stringify(value), value]))("that is right: %s", (_, value) => {
    expect(wrong(value)).toBeUndefined();
    expect(validate(value)).toBe(true);
  });

  test.each(bad.map(([value, said]) => [JSON.stringify(value), value, said] as const))(
    "that is wrong: %s",
    (_, value, said) => {
      const { what, advice = "" } = wrong(value) ?? { what: "nothing" };
      expect(`${what}; ${advice}`).toMatch(said);
      expect(validate(value)).toBe(false);
    },
  );

  test("has all its keys in the schema, and no others", () =>
    expect(Object.keys(schema.properties).sort()).toEqual([...configKeys].sort()));

  test("of any data is either read or refused in one line, and touches no prototype", () => {
    const keys = fc.constantFrom(...configKeys, "__proto__", "constructor", "only", "budget", "format", "file", "x");
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(null, true, 7, "off", "terminal", "block/**", "a\u202eb"),
        fc.array(tie("value"), { maxLength: 3 }),
        fc
          .array(fc.tuple(keys, tie("value")), { maxLength: 4 })
          .map((pairs) =>
            JSON.parse(`{${pairs.map(([key, each]) => `${JSON.stringify(key)}:${JSON.stringify(each)}`).join(",")}}`),
          ),
      ),
    }));
    fc.assert(
      fc.property(value, (data) => {
        const said = wrong(data);
        if (said !== undefined) expect(said.what.length).toBeLessThan(400);
        // That two reports go to one place is more than a schema can say.
        expect(said === undefined || said.what.includes("two reports")).toBe(validate(data));
        expect(({} as Record<string, unknown>).run).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});
