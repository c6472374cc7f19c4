import type { FactsReport } from "../finding/facts-report.ts";
import { factsJson, factsText } from "../report/facts.ts";
import type { Series } from "../series/series.ts";
import type { Tree } from "../source/image.ts";
import { thrownText } from "../text/thrown.ts";
import { problemLine, type Steps } from "./check.ts";
import { combined, complaints, type ExitCode, exitCode } from "./complaint.ts";
import type { Io } from "./io.ts";
import type { FactsOptions } from "./program.ts";
import { complain, crashed, widthOf } from "./terminal.ts";

/** The steps of `copylint facts`. */
interface FactSteps extends Pick<Steps, "readInput"> {
  readonly engineFacts: (series: readonly Series[], options: { tree?: Tree }) => FactsReport;
}

/** `copylint facts`: what is known of the copy engine in the given series; returns the exit code. */
export async function facts(
  paths: readonly string[],
  options: FactsOptions,
  io: Io,
  steps: FactSteps,
): Promise<ExitCode> {
  if (paths.length === 0) return complain(io, complaints.nothingToCheck("facts"));
  const tree = options.tree === undefined ? {} : { tree: options.tree };
  const input = await steps.readInput(paths, { cwd: io.cwd, stdin: io.stdin, ...tree });
  const problems = [...input.problems, ...input.series.flatMap((s) => s.problems)];
  for (const line of new Set(problems.map(problemLine))) io.stderr.write(line);
  const codes: ExitCode[] = problems.some((p) => p.kind === "unreadable") ? [exitCode.input] : [];
  const known = input.series.flatMap((series): FactsReport => {
    try {
      return steps.engineFacts([series], input.tree === undefined ? {} : { tree: input.tree });
    } catch (error) {
      codes.push(crashed(io, error, `reading the facts of "${series.subject}"`));
      // Whoever reads the list alone must not take it for one of a series without an engine.
      const detail = `not read: internal error: ${thrownText(error)}`;
      return [{ kind: "series", name: series.subject, file: "", line: 0, shown: false, detail }];
    }
  });
  io.stdout.write(options.format === "json" ? factsJson(known) : factsText(known, widthOf(io)));
  return combined(codes);
}
