import { describe, expect, test } from "vitest";
import { type ScreenView, screenReport } from "../../src/report/screen.ts";
import { finding, patch, reviewOf } from "./sample.ts";

const view: ScreenView = {
  width: 80,
  height: 24,
  levels: ["error", "warning"],
  command: () => "copylint check out",
  bypass: "to send it as it is: git send-email --no-validate",
};
const linesOf = (text: string): string[] => text.split("\n").slice(0, -1);

describe("the screen before sending", () => {
  test("says level, place and point, and where to read all", () => {
    expect(screenReport(reviewOf([finding()]), view)).toBe(`copylint: 1 warning in "quarry: move blocks"
  warning: block/quarry.c:268 (3/7): a plug is started and finished for every
      chunk
with runs and advice:
  copylint check out
to send it as it is: git send-email --no-validate
`);
  });

  test("is empty for what does not stop a series", () => {
    const mendedBy = { index: 4, total: 7, subject: "[PATCH v2 4/7] quarry: plug once" };
    const silent = [finding({ level: "check" }), finding({ level: "error", mendedBy })];
    expect(screenReport(reviewOf([]), view)).toBe("");
    expect(screenReport(reviewOf(silent), view)).toBe("");
  });

  test("puts the gravest first, and counts all that it does not show", () => {
    const error = finding({ level: "error", line: 300, what: "a bio is lost" });
    const text = screenReport(reviewOf([finding(), finding({ level: "check" }), error]), view);
    const lines = linesOf(text);
    expect(lines[0]).toBe('copylint: 1 error and 1 warning in "quarry: move blocks"');
    expect(lines[1]).toBe("  error: block/quarry.c:300 (3/7): a bio is lost");
    expect(lines.at(-3)).toBe("1 more, and all with runs and advice:");
  });

  test("fits the screen, whatever there is to say", () => {
    for (const n of [1, 7, 200]) {
      const many = Array.from({ length: n }, (_, i) => finding({ line: i + 1, what: "stone ".repeat(i * 40 + 1) }));
      const lines = linesOf(screenReport(reviewOf(many), view));
      expect(lines.length).toBeLessThanOrEqual(24);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
      const shown = lines.filter((line) => line.startsWith("  warning: ")).length;
      const more = Number(/^(\d+) more/.exec(lines.at(-3) ?? "")?.[1] ?? 0);
      expect(shown + more).toBe(n);
      expect(lines.filter((line) => line.endsWith("[...]")).length).toBeLessThanOrEqual(shown);
    }
    expect(screenReport(reviewOf([finding({ what: "stone ".repeat(99) })]), view)).toContain("\n      [...]\n");
  });

  test("shows text of the patch as text", () => {
    const evil = "a\x1b[2J\u202eb\r\nc";
    const f = finding({ what: `${evil} ${"x".repeat(10_000_000)}`, file: evil, patch: { ...patch, subject: evil } });
    const review = reviewOf([f]);
    const text = screenReport({ ...review, series: [{ ...review.series[0]!, subject: evil }] }, view);
    expect(text).toContain("a\\x1b[2J\\u{202e}b\\x0d\\x0ac");
    expect(text.replaceAll("\n", "")).toMatch(/^[ -~]*$/);
    expect(text.length).toBeLessThan(1000);
  });
});
