import type { Finding } from "../../src/finding/finding.ts";
import type { Review } from "../../src/finding/review.ts";
import type { View } from "../../src/report/reporter.ts";

/** The mail that the hand-made findings of these tests are about. */
export const patch = {
  messageId: "<20240601.3-quarry@example.org>",
  subject: "[PATCH v2 3/7] quarry: move blocks without carrying them",
  index: 3,
  total: 7,
  path: "mails/0003-quarry.patch",
  line: 112,
};

/** A finding about a plug, with everything that a finding can have but a fix; `change` says what a test is about. */
export function finding(change: Partial<Finding> = {}): Finding {
  return {
    rule: "plug-per-chunk",
    level: "warning",
    confidence: "high",
    file: "block/quarry.c",
    line: 268,
    column: 3,
    endLine: 268,
    endColumn: 26,
    function: "quarry_move",
    patch,
    what: "a plug is started and finished for every chunk",
    why: "Each finish asks for a flush, so that the requests of one copy never meet.",
    instead: "Start the plug before the loop and finish it behind.",
    sources: [{ by: "A Reviewer", says: "a plug spans all that one submitter sends", url: "https://example.org/1" }],
    related: [{ file: "block/quarry.c", line: 279, message: "the plug is finished here", patch: 3 }],
    trace: {
      setting: "2 chunks of 128 sectors",
      steps: [
        { actor: "submitter", action: "start plug", assumed: false, at: { file: "block/quarry.c", line: 268 } },
        { actor: "submitter", action: "finish plug", assumed: false, at: { file: "block/quarry.c", line: 279 } },
        { actor: "block layer", action: "flush 2 requests", assumed: true },
      ],
      outcome: "2 flushes for 2 chunks",
    },
    fix: [],
    fingerprint: "0123456789abcdef",
    executed: false,
    mendedBy: null,
    excerpt: [
      { line: 267, patchLine: 111, text: "\twhile (left) {", added: true },
      { line: 268, patchLine: 112, text: "\t\tblk_start_plug(&plug);", added: true },
      { line: 269, patchLine: 113, text: "\t\tquarry_send(left);", added: false },
    ],
    ...change,
  };
}

/** A review of one series of seven patches. */
export function reviewOf(findings: readonly Finding[], change: Partial<Review> = {}): Review {
  return {
    series: [
      {
        subject: "quarry: move blocks",
        version: 2,
        base: "6.9 (mail date)",
        notReviewed: null,
        patches: [
          {
            messageId: patch.messageId,
            subject: patch.subject,
            index: 3,
            files: [{ path: "block/quarry.c", added: 40, deleted: 2 }],
          },
        ],
      },
    ],
    findings,
    notChecked: [],
    problems: [],
    counts: { rules: 12, patches: 7, files: 9 },
    ...change,
  };
}

export const plainView: View = { color: false, width: 80, verbose: false, withoutDiff: 0 };
