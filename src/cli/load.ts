import { readFileSync, writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { expectShortRun } from "./tiers.ts";

/**
 * Loads a bundle that lies beside the program, with the bytecode that the build kept of its first run: compiling takes a
 * third of a short check otherwise. V8 refuses bytecode of another version of itself and compiles the text instead.
 *
 * @param name of the bundle without `.js`: a function expression with the parameters of a CommonJS module.
 */
export function load<T>(name: string): T {
  expectShortRun();
  // The heap has got its limit by now, where there is one; see below.
  setFlagsFromString("--max-old-space-size=0");
  const filename = `${__dirname}/${name}.js`;
  const cache = `${__dirname}/${name}.cache`;
  let cachedData: Buffer | undefined;
  try {
    cachedData = readFileSync(cache);
  } catch {
    // Without a cache it only takes longer.
  }
  const script = new Script(readFileSync(filename, "utf8"), { filename, cachedData });
  const module = { exports: {} as T };
  script.runInThisContext()(module.exports, require, module, filename, __dirname);
  if (process.env.COPYLINT_BUILD)
    process.on("exit", () => {
      // V8 takes bytecode only where it is told the same as when that was written.
      expectShortRun();
      writeFileSync(cache, script.createCachedData());
    });
  return module.exports;
}
