import type { Finding } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import type { RuleInfo } from "../finding/rule-info.ts";
import type { TraceStep } from "../model/trace.ts";
import { printable, printableJson } from "../text/printable.ts";
import type { Problem } from "../text/problem.ts";
import type { View } from "./reporter.ts";
import {
  failuresOf,
  gravestFirst,
  nOfM,
  notReviewedId,
  ordinals,
  paragraphsOf,
  placeOf,
  shownLevel,
  suppressionText,
} from "./said.ts";

/** SARIF knows no level between a warning and a note; `properties` say what each finding is. */
const levels = { error: "error", warning: "warning", check: "note", note: "note" } as const;

const severities = { error: "error", warning: "warning", check: "recommendation" } as const;

const precisions = { high: "high", moderate: "medium", low: "low" } as const;

/** GitHub refuses a run with more results than this. */
const maxResults = 25_000;

/**
 * A message, each paragraph of which is one line of untrusted text. In SARIF `[text](place)` is a link, which untrusted text must not make, so where it could, the brackets are
 * escaped as SARIF says; elsewhere they are not, as some viewers show the backslashes, and C is full of brackets.
 */
function message(...paragraphs: readonly string[]): { readonly text: string } {
  const plain = paragraphs.map(printable).join("\n\n");
  return { text: /\]\s*\(/.test(plain) ? plain.replace(/[\\[\]]/g, "\\$&") : plain };
}

/** A path as a relative reference that leads nowhere else: each part percent-encoded, none of them "..". */
function uriOf(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  // Halves of surrogate pairs have no encoding.
  const encode = (part: string): string => encodeURIComponent(part.replace(/\p{Cs}/gu, "\ufffd"));
  return parts.map((part) => (part === ".." ? "..." : encode(part))).join("/");
}

function artifact(path: string): object {
  // The user may have named a mail by its full path; all else is relative to the top of the kernel.
  return path.startsWith("/") ? { uri: `file:///${uriOf(path)}` } : { uri: uriOf(path), uriBaseId: "SRCROOT" };
}

/** Code lines, of which only tabs are kept of all that is not visible. */
const snippet = (lines: readonly string[]): object => ({
  text: lines.map((line) => `${line.split("\t").map(printable).join("\t")}\n`).join(""),
});

/** The code frame as the region around the finding, if it has no gap. */
function contextOf(f: Finding): object {
  const lines = f.excerpt.filter((l) => l.line !== null);
  const first = lines[0]?.line;
  const { line, lastLine } = placeOf(f);
  const whole = lines.every((l, i) => l.line === (first ?? 0) + i);
  if (first == null || !whole || f.file === null || first > line || first + lines.length - 1 < lastLine) return {};
  const region = { startLine: first, endLine: first + lines.length - 1, snippet: snippet(lines.map((l) => l.text)) };
  return { contextRegion: region };
}

function locationOf(f: Finding): object {
  const { path, line, lastLine, columns } = placeOf(f);
  const region =
    columns === null
      ? { startLine: line, endLine: lastLine }
      : { startLine: line, startColumn: columns.start, endLine: lastLine, endColumn: columns.end };
  return {
    physicalLocation: { artifactLocation: artifact(path), region, ...contextOf(f) },
    ...(f.function === null ? {} : { logicalLocations: [{ name: printable(f.function), kind: "function" }] }),
  };
}

/** A run as one flow: the model's memory is sequentially consistent, so the steps of all actors have one order. */
function flowOf(f: Finding): object {
  if (f.trace === null) return {};
  const { setting, steps, outcome } = f.trace;
  const start = placeOf(f);
  let at = { file: start.path, line: start.line };
  const locations = steps.map((step: TraceStep, i) => {
    // Viewers want a place for each step; one that only the model takes has that of the step before it.
    at = step.at ?? at;
    const assumed = step.assumed ? " (assumed by the model)" : "";
    return {
      location: {
        physicalLocation: { artifactLocation: artifact(at.file), region: { startLine: at.line } },
        message: message(`${step.actor}: ${step.action}${assumed}`),
      },
      executionOrder: i + 1,
      importance: step.assumed ? "unimportant" : "important",
    };
  });
  if (locations.length === 0) return {};
  return { codeFlows: [{ message: message(`${setting}: ${outcome}`), threadFlows: [{ locations }] }] };
}

function fixesOf(f: Finding): object {
  if (f.fix.length === 0) return {};
  const files = [...new Set(f.fix.map((edit) => edit.file))];
  const artifactChanges = files.map((file) => ({
    artifactLocation: artifact(file),
    replacements: f.fix
      .filter((edit) => edit.file === file)
      .map(({ line, column, endLine, endColumn, text }) => ({
        deletedRegion: { startLine: line, startColumn: column, endLine, endColumn },
        insertedContent: { text },
      })),
  }));
  return { fixes: [{ description: message(f.instead), artifactChanges }] };
}

/** What speaks against a finding; only that of one that was set aside is in force. A line of the mail is none of the source. */
function suppressionsOf({ suppressed }: Finding, accepted: boolean): object {
  if (suppressed === undefined) return {};
  const justification = printable(suppressionText(suppressed));
  return { suppressions: [{ kind: "external", status: accepted ? "accepted" : "underReview", justification }] };
}

function resultOf(f: Finding, rules: readonly string[], ordinal: number, aside = false): object {
  const related = f.related.map((r, id) => ({
    id,
    physicalLocation: { artifactLocation: artifact(r.file), region: { startLine: r.line } },
    message: message(`${r.message} (patch ${r.patch})`),
  }));
  return {
    ruleId: f.rule,
    ruleIndex: rules.indexOf(f.rule),
    level: levels[shownLevel(f)],
    message: message(...paragraphsOf(f)),
    locations: [locationOf(f)],
    ...(related.length === 0 ? {} : { relatedLocations: related }),
    ...flowOf(f),
    ...fixesOf(f),
    ...suppressionsOf(f, aside),
    partialFingerprints: { primaryLocationLineHash: `${f.fingerprint}:${ordinal}` },
    properties: {
      level: f.level,
      confidence: f.confidence,
      patch: printable(`${nOfM(f.patch)} ${f.patch.subject}`),
      messageId: f.patch.messageId === null ? null : printable(f.patch.messageId),
      patchFile: printable(f.patch.path),
      patchLine: f.patch.line,
      mendedBy: f.mendedBy === null ? null : printable(`${nOfM(f.mendedBy)} ${f.mendedBy.subject}`),
    },
  };
}

/** The first paragraph of the review point on the page of a rule, as one line. */
function pointOf(page: string | null): string | undefined {
  return /^## The review point\n+([^]*?)\n\n/m.exec(page ?? "")?.[1]?.replace(/\s+/g, " ");
}

function ruleOf(rule: RuleInfo): object {
  const sources = rule.sources.map((s) => `${s.by}: ${s.says}. ${s.url}`).join("\n");
  const help = rule.page ?? `${rule.title}\n\n${sources}\n`;
  return {
    id: rule.id,
    // The id in the way in which SARIF wants names.
    name: rule.id.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `${rule.title}.` },
    fullDescription: { text: pointOf(rule.page) ?? `${rule.title}.` },
    help: { text: help, markdown: help },
    helpUri: rule.sources[0].url,
    defaultConfiguration: { level: levels[rule.level] },
    properties: {
      tags: ["copy-offload", rule.level],
      precision: precisions[rule.confidence],
      "problem.severity": severities[rule.level],
    },
  };
}

/** A rule of which nothing is known but its findings. */
function unknownRule(f: Finding): RuleInfo {
  const [first, ...more] = f.sources;
  const sources: RuleInfo["sources"] = [
    first ?? { by: "copylint", says: f.rule, url: "https://docs.kernel.org/" },
    ...more,
  ];
  return { id: f.rule, title: f.rule, level: f.level, confidence: f.confidence, sources, page: null };
}

const problemLevels = { failed: "error", unreadable: "error", mismatch: "warning", notice: "note" } as const;

function notificationOf(problem: Problem): object {
  const { path, line, what, advice, kind } = problem;
  const region = line === undefined ? {} : { region: { startLine: line } };
  const located = uriOf(path) !== "" && path !== "-";
  return {
    descriptor: { id: kind === "failed" ? notReviewedId : `input-${kind}` },
    level: problemLevels[kind],
    message: message(`${path}: ${what}${advice === undefined ? "" : `; ${advice}`}`),
    ...(located ? { locations: [{ physicalLocation: { artifactLocation: artifact(path), ...region } }] } : {}),
  };
}

/** The review as a SARIF 2.1.0 log, in the way in which GitHub's code scanning reads it. */
export function sarifReport(review: Review, view: View): string {
  const known = view.tool?.rules ?? [];
  const rules = [...known];
  // GitHub shows results as alerts whatever speaks against them, so those set aside are left out unless asked for.
  const aside = view.verbose ? (review.suppressed ?? []) : [];
  for (const f of [...review.findings, ...aside])
    if (!rules.some((rule) => rule.id === f.rule)) rules.push(unknownRule(f));
  const ids = rules.map((rule) => rule.id);

  const numbers = ordinals(review.findings);
  const order = new Map(review.findings.map((f, i) => [f, numbers[i] ?? 1]));
  const asideNumbers = ordinals(aside);
  const results =
    review.findings.length > maxResults ? gravestFirst(review.findings).slice(0, maxResults) : review.findings;
  const cut = {
    descriptor: { id: "results-left-out" },
    level: "warning",
    message: message(`shown are the gravest ${results.length} of ${review.findings.length} findings`),
  };
  const notChecked = review.notChecked
    .filter((n) => n.kind === "input" || view.verbose)
    .map((n) => ({
      descriptor: { id: "not-checked" },
      level: "note",
      message: message(`${n.what}: ${n.why}`),
    }));
  const notifications = [
    ...(results.length < review.findings.length ? [cut] : []),
    ...review.problems.map(notificationOf),
    ...notChecked,
  ];

  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "copylint",
            ...(view.tool === undefined ? {} : { version: view.tool.version }),
            rules: rules.map(ruleOf),
          },
        },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: {
          SRCROOT: { description: { text: "The top of the kernel tree, or where mails were read from." } },
        },
        invocations: [
          {
            executionSuccessful: failuresOf(review).length === 0,
            ...(notifications.length === 0 ? {} : { toolExecutionNotifications: notifications }),
          },
        ],
        results: [
          ...results.map((f) => resultOf(f, ids, order.get(f) ?? 1)),
          ...aside.slice(0, maxResults - results.length).map((f, i) => resultOf(f, ids, asideNumbers[i] ?? 1, true)),
        ],
      },
    ],
  };
  return `${printableJson(JSON.stringify(log, null, 2))}\n`;
}
