import { defineConfig } from "vitest/config";

// The tests that see a change in the model or in a rule, and no others: each mutant is held against them.
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/{model,judge,rule,review}/**/*.test.ts", "test/{litmus,rules}.test.ts"],
    testTimeout: 60_000,
  },
});
