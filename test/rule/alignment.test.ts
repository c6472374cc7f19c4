import { expect, test } from "vitest";

test("one mask over the OR of the operands accepts what it accepts operand by operand", () => {
  const below = [...Array(8).keys()];
  for (const a of below)
    for (const b of below)
      for (const c of below)
        for (const m of below) {
          const each = (a & m) !== 0 || (b & m) !== 0 || (c & m) !== 0;
          if ((((a | b | c) & m) !== 0) !== each) expect.fail(`${a} ${b} ${c} ${m}`);
        }
});
