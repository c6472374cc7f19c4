import { defineConfig } from "vitest/config";
import { Tally } from "./tally.ts";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 300_000,
    // On two cores the default is one.
    maxWorkers: 2,
    reporters: ["default", new Tally()],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "rules/**/*.ts"],
      // Tests start the program for these, as git, a shell, an editor or an archive does; what another process runs is not counted.
      exclude: [
        "src/bin.ts",
        "src/cli/{completion,config,hook,inbox,lsp,lsp-read,mail,man,pre-send,progress,worker}.ts",
        "src/host/{archive,hooks,journal}.ts",
      ],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 90 },
    },
  },
});
