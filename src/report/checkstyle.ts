import type { Finding } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import { failuresOf, notReviewedId, paragraphsOf, placeOf, problemText, shownLevel } from "./said.ts";
import { document, element } from "./xml.ts";

const severities = { error: "error", warning: "warning", check: "info", note: "info" } as const;

function errorOf(f: Finding): readonly string[] {
  const { line, columns } = placeOf(f);
  return element("error", {
    line,
    column: columns?.start ?? null,
    severity: severities[shownLevel(f)],
    message: paragraphsOf(f).join(" "),
    source: `copylint.${f.rule}`,
  });
}

/** The findings as Checkstyle's XML, file by file in the order of the findings; before them, the mails of what was not reviewed. */
export function checkstyleReport(review: Review): string {
  const byFile = new Map<string, Finding[]>();
  for (const f of review.findings) {
    const { path } = placeOf(f);
    const list = byFile.get(path);
    if (list === undefined) byFile.set(path, [f]);
    else list.push(f);
  }
  const failures = failuresOf(review).map((problem) => {
    const attributes = { line: problem.line ?? 1, severity: "error", message: problemText(problem) };
    return element(
      "file",
      { name: problem.path },
      element("error", { ...attributes, source: `copylint.${notReviewedId}` }),
    );
  });
  const files = [...byFile].flatMap(([name, findings]) => element("file", { name }, findings.flatMap(errorOf)));
  return document(element("checkstyle", { version: "4.3" }, [...failures.flat(), ...files]));
}
