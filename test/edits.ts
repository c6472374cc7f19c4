import fc from "fast-check";

/** Lines as they repeat in C, so that hunks can be mistaken for one another. */
export const lineText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("", "}", "\t}", "{", "\treturn 0;", "-- ", "--- a/x", "+++ b/x", "@@ -1 +1 @@"),
  },
  { weight: 4, arbitrary: fc.nat(40).map((number) => `\tstep_${number}();`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "diff --git a/x b/x",
      "\\ No newline at end of file",
      "caf\u00e9 \u{1f600}",
      "x\r",
      "From me",
    ),
  },
);

/** A file as text: possibly empty, possibly without a last newline. */
export const fileText: fc.Arbitrary<string> = fc
  .tuple(fc.array(lineText, { maxLength: 60 }), fc.boolean())
  .map(([lines, newline]) => (lines.length === 0 ? "" : lines.join("\n") + (newline ? "\n" : "")));

/** One change of a file: at `at` (a fraction of its lines) `remove` lines go and `insert` come. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly string[];
}

export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({ at: fc.nat(1000), remove: fc.nat(3), insert: fc.array(lineText, { maxLength: 4 }) }),
  { minLength: 1, maxLength: 4 },
);

export function applyEdits(text: string, changes: readonly Edit[]): string {
  const lines = text.split("\n");
  for (const { at, remove, insert } of changes) {
    lines.splice(Math.floor((at / 1001) * (lines.length + 1)), remove, ...insert);
  }
  return lines.join("\n");
}
