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

/** Bundles the job, so that reviews are as quick as those of the program. Returns the path of the script. */
export async function buildJob() {
  const outfile = here("../../dist/mutate-mails.mjs");
  await build({
    entryPoints: [here("main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    external: ["tree-sitter", "tree-sitter-c"],
    plugins: [countedRuns],
    sourcemap: true,
    logLevel: "warning",
  });
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildJob();
