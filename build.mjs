// Bundles the program into dist/src: bin.js, which loads copylint.js with the bytecode in copylint.cache.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const common = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20.19",
  external: ["tree-sitter", "tree-sitter-c"],
  minifySyntax: true,
  logLevel: "warning",
};

for (const made of ["copylint.cache", "verdicts.json"]) rmSync(`dist/src/${made}`, { force: true });
await build({ ...common, entryPoints: ["src/bin.ts"], outfile: "dist/src/bin.js" });
await build({
  ...common,
  entryPoints: ["src/cli/entry.ts"],
  outfile: "dist/src/copylint.js",
  alias: { "node:child_process": "./src/cli/child-process.ts" },
  banner: { js: "(function (exports, require, module, __filename, __dirname) {" },
  footer: { js: "})" },
  logOverride: { "empty-import-meta": "silent" },
});
writeFileSync("dist/package.json", '{"type":"commonjs"}\n');

// A first run, so that the functions that a review needs are in the cache, and what the model says of usual questions.
const series = ["careless", "mended", "reroll"].map((name) => `fixtures/series/${name}`);
const warmUp = ["dist/src/bin.js", "check", "--fail-on", "never", ...series];
spawnSync(process.execPath, warmUp, { env: { ...process.env, COPYLINT_BUILD: "1" }, stdio: "ignore" });

// What editors and others may want to have as files.
const printed = (...args) => spawnSync(process.execPath, ["dist/src/bin.js", ...args], { encoding: "utf8" }).stdout;
writeFileSync("dist/src/copylint.1", printed("man"));
writeFileSync("dist/src/config.schema.json", printed("config", "--schema"));
writeFileSync("dist/src/baseline.schema.json", printed("config", "--schema", "baseline"));
