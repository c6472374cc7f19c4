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

/** Libraries that few runs need are files of their own, so that the others need not read them. */
const apart = { yaml: "yaml", "vscode-languageserver/node": "languageserver" };
for (const [name, file] of Object.entries(apart))
  await build({
    ...common,
    minify: true,
    stdin: { contents: `export * from "${name}"`, resolveDir: "." },
    outfile: `dist/src/${file}.js`,
  });
const keptApart = {
  name: "kept-apart",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(?:yaml|vscode-languageserver\/node)$/ }, ({ path }) => ({
      path: `./${apart[path]}.js`,
      external: true,
    })),
};

for (const made of ["copylint.cache", "verdicts.json"]) rmSync(`dist/src/${made}`, { force: true });
await build({ ...common, entryPoints: ["src/bin.ts"], outfile: "dist/src/bin.js" });
await build({
  ...common,
  entryPoints: ["src/cli/entry.ts"],
  outfile: "dist/src/copylint.js",
  plugins: [keptApart],
  // A script that is run with its bytecode has no import().
  supported: { "dynamic-import": false },
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
