import type { Finding } from "../finding/finding.ts";
import type { Trace, TraceStep } from "../model/trace.ts";
import { printable } from "../text/printable.ts";
import { displayWidth, padEnd, wrap } from "./layout.ts";

/** Steps that a reply shows of a run; the command in its footer prints all of them. */
const maxSteps = 8;
/** Of an action; it may hold names of the patch. */
const maxAction = 60;

const errnos: Readonly<Record<string, string>> = {
  "-5": "-EIO",
  "-12": "-ENOMEM",
  "-22": "-EINVAL",
  "-95": "-EOPNOTSUPP",
  "-529": "-EIOCBQUEUED",
};

/** An action in the words of a reader of C. */
function worded(action: string): string {
  const [, word = "", rest = ""] = /^(\S+) ?([^]*)$/.exec(action) ?? [];
  const failed = /^alloc (.*): fails$/.exec(action)?.[1];
  if (failed !== undefined) return `no memory for ${failed}`;
  switch (word) {
    case "load":
      return `reads ${rest}`;
    case "store":
      return `sets ${rest}`;
    case "fail":
      return `${rest} fails`;
    case "alloc":
      return `allocates ${rest}`;
    case "return":
      return `returns ${errnos[rest] ?? rest}`.trim();
    case "sleep":
      return "sleeps";
    case "free":
    case "submit":
    case "wake":
      return `${word}s ${rest}`;
    case "start":
      return rest === "plug" ? "blk_start_plug()" : action;
    case "finish":
      return rest === "plug" ? "blk_finish_plug()" : action;
    case "dispatch":
      return `the driver gets ${rest}`;
    default:
      return action;
  }
}

/** What a step loads or stores. */
const fieldOf = (step: TraceStep): string | undefined => /^(?:load|store) (.*) = /.exec(step.action)?.[1];

/** How much a step tells of a finding; 0 is most. */
function weightOf(step: TraceStep, i: number, trace: Trace, f: Finding, told: ReadonlySet<string>): number {
  if (i === trace.steps.length - 1 || /\bfail/.test(step.action)) return 0;
  if (step.action.startsWith("dispatch ")) return 3;
  // The end of a plug says so already.
  if (step.assumed || step.action === "flush plug: finish") return 9;
  const isAt = (file: string | null, line: number): boolean => step.at?.file === file && step.at.line === line;
  const field = fieldOf(step);
  const here = isAt(f.file, f.line);
  const there = f.related.some(({ file, line }) => isAt(file, line));
  if ((here || there) && !step.action.startsWith("load ")) return here ? 1 : 2;
  if (here && field !== undefined && told.has(field)) return 2;
  if (/^(?:flush|callback|wake)/.test(step.action)) return 3;
  if (here || there) return 4;
  // What is freed matters to a finding that speaks of it.
  if (step.action.startsWith("free ")) return trace.outcome.includes(step.action.slice(5)) ? 5 : 9;
  if (/^(?:sleep|submit|complete)/.test(step.action)) return 5;
  return field === undefined ? 6 : 8;
}

/** The indices of the steps that are shown, in their order. */
function chosen(trace: Trace, f: Finding): readonly number[] {
  const { steps } = trace;
  // What the finding's own line stores is what its loads of the same are told for.
  const stored = steps.filter(
    (step) => step.action.startsWith("store ") && step.at?.line === f.line && step.at.file === f.file,
  );
  const told = new Set(stored.flatMap((step) => fieldOf(step) ?? []));
  const weighed = steps.map((step, i) => ({ i, weight: weightOf(step, i, trace, f, told) }));
  if (steps.length <= maxSteps) return weighed.filter(({ weight }) => weight < 9).map(({ i }) => i);
  const worth = weighed.filter(({ weight }) => weight < 6);
  // Of steps that tell the same, those near the end come first: there it goes wrong.
  const best = [...worth].sort((a, b) => a.weight - b.weight || b.i - a.i).slice(0, maxSteps);
  return best.map(({ i }) => i).sort((a, b) => a - b);
}

/**
 * The run behind a finding as people sketch it in a mail: a column for each actor if there is room, what happens, and what comes out.
 * @returns lines, without an empty one at either end.
 */
export function callSequence(f: Finding, trace: Trace, width: number): readonly string[] {
  const steps = chosen(trace, f).map((i) => trace.steps[i]!);
  const cells = steps.map((step) => ({
    actor: printable(step.actor.slice(0, maxAction)),
    text: printable(worded(step.action).slice(0, maxAction)),
  }));
  // The block layer and the device have no code in the patch: what they do stands across the columns.
  const isOutside = (actor: string): boolean => actor === "device" || actor === "block layer";
  const actors = [...new Set(cells.flatMap(({ actor }) => (isOutside(actor) ? [] : [actor])))];
  const widths = actors.map((actor) =>
    Math.max(displayWidth(actor), ...cells.map((cell) => (cell.actor === actor ? displayWidth(cell.text) : 0))),
  );
  const indent = "    ";
  const room = width - indent.length;
  const rows =
    actors.length > 1 && widths.reduce((sum, w) => sum + w + 3, -3) <= room
      ? [
          actors.map((actor, i) => padEnd(actor, widths[i]!)).join("   "),
          ...cells.map(({ actor, text }) =>
            isOutside(actor)
              ? `        (${text})`
              : actors.map((other, i) => padEnd(other === actor ? text : "", widths[i]!)).join("   "),
          ),
        ]
      : cells.map(({ actor, text }) =>
          isOutside(actor) ? `(${text})` : actors.length > 1 ? `${actor}: ${text}` : text,
        );
  const setting = f.why.includes(trace.setting) || f.what.includes(trace.setting) ? "" : ` (${trace.setting})`;
  return [
    ...wrap(printable(`For example${setting.slice(0, 400)}:`), width),
    "",
    ...rows.flatMap((row) =>
      displayWidth(row) <= room ? [`${indent}${row}`.trimEnd()] : wrap(row, width, indent, `${indent}  `),
    ),
    ...wrap(printable(`=> ${trace.outcome.slice(0, 400)}`), width, indent, `${indent}   `),
  ];
}
