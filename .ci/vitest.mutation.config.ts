import { defineConfig } from "vitest/config";

// The tests that see a change in the model or in a rule, and no others: each mutant is held against them. With TESTS only
// those that are named so, with FILES only those in these files: for one rule its own cases are enough, and much quicker.
const { FILES, TESTS } = process.env;

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: FILES?.split(" ") ?? ["test/{model,judge,rule,review}/**/*.test.ts", "test/{litmus,rules,said}.test.ts"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 60_000,
    ...(TESTS === undefined ? {} : { testNamePattern: TESTS }),
  },
});
