import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCode } from "../../src/engine/code.ts";
import { Program } from "../../src/exec/program.ts";
import { readMessages } from "../../src/mail/read.ts";
import { assembleSeries } from "../../src/series/assemble.ts";
import { statesOf } from "../../src/source/states.ts";

const corpus = new URL("../../../shared/corpus/", import.meta.url).pathname;
const postings = ["v20", "v14", "v5", "v4", "v3", "simple-v5"].filter((name) => existsSync(corpus + name));

/** Problems that more knowledge of the kernel solves; all others are the interpreter's own. */
const unknown = /is not shown|is not known|has no prototype/;

describe("functions of real series", () => {
  if (postings.length === 0) test("SKIPPED: no corpus of real mails beside the project", (context) => context.skip());

  test.each(postings)(
    "%s: every added function that is shown in full is understood, but for names of the kernel",
    async (name) => {
      const files = readdirSync(corpus + name).filter((file) => file.includes("-patch-"));
      const messages = await Promise.all(
        files.map((file) => readMessages(readFileSync(`${corpus}${name}/${file}`), file)),
      );
      const [series] = assembleSeries(messages.flatMap((each) => each.messages)).series;
      const code = readCode(statesOf(series!).at(series!.patches.length), () => true);
      const program = new Program({
        trees: code.trees,
        bindings: { functions: new Map(), constants: new Map(), types: "" },
      });
      const added = code.funcs.filter((func) => func.complete && func.addedBy !== undefined);
      expect(added.length).toBeGreaterThan(10);
      for (const func of added) {
        const compiled = program.code(func.name, func.tree);
        expect(compiled, func.name).toBeDefined();
        expect(
          compiled!.problems.map(({ why }) => why).filter((why) => !unknown.test(why)),
          func.name,
        ).toEqual([]);
      }
    },
  );
});
