import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Prints a last line "N passed, N failed". Where COPYLINT_NO_SKIP is set, as in .ci/run, a skipped test counts as failed
 * and is named: a machine that lacks git must not pass for one on which everything was tested.
 */
export class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const skipped = tests.filter((test) => test.result().state === "skipped");
    for (const test of skipped) if (isExcused(test)) console.log(`NOT TESTED: ${nameOf(test)}`);
    const gaps = process.env.COPYLINT_NO_SKIP ? skipped.filter((test) => !isExcused(test)) : [];
    for (const test of gaps) console.log(`SKIPPED, which counts as failed: ${nameOf(test)}`);
    // A file that does not load has no tests that could fail.
    const broken =
      errors.length + modules.filter((module) => module.state() === "failed" && module.errors().length > 0).length;
    const failed = count("failed") + gaps.length + broken;
    if (failed > 0) process.exitCode = 1;
    console.log(`\n${count("passed")} passed, ${failed} failed`);
  }
}

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId}: ${test.fullName}`;

/** The mails of the corpus are not ours to publish, and root may read everything: both are said in the test's name. */
function isExcused(test: TestCase): boolean {
  return (
    /\bno corpus\b/.test(test.fullName) || (process.getuid?.() === 0 && /\bskipped for root\b/.test(test.fullName))
  );
}
