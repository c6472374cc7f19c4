import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Reviews are made with what counts the runs of code. */
const countedRuns = {
  name: "counted-runs",
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/judge\/runs\.ts$/ }, ({ importer }) =>
      importer.endsWith("src/review/review.ts") ? { path: here("counted-runs.ts") } : undefined,
    ),
};

// Bundles the job into dist, so that reviews are as quick as those of the program.
await build({
  entryPoints: [here("main.ts")],
  outfile: here("../../dist/mutate-mails.mjs"),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  external: ["tree-sitter", "tree-sitter-c"],
  plugins: [countedRuns],
  sourcemap: true,
  logLevel: "warning",
});
