import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type {
  CodeAction,
  Connection,
  Diagnostic,
  DiagnosticRelatedInformation,
  Hover,
  Range,
  TextEdit,
} from "vscode-languageserver/node";
import type { Finding } from "../finding/finding.ts";
import { GitError } from "../host/git-process.ts";
import {
  bare,
  failuresOf,
  gravestFirst,
  nOfM,
  notReviewedId,
  paragraphsOf,
  problemText,
  shownLevel,
} from "../report/said.ts";
import { printable } from "../text/printable.ts";
import { thrownText } from "../text/thrown.ts";
import { type Input, reviewed, ruleIds } from "./check.ts";
import { complaintText, type ExitCode, exitCode, Refusal } from "./complaint.ts";
import { page } from "./explain.ts";
import type { Io } from "./io.ts";
import { isPatch, isSource, type OpenTexts, readPatchFile, readTreeOf } from "./lsp-read.ts";
import type { LspOptions } from "./program.ts";
import type { Apart } from "./review-apart.ts";
import { inForce, type Sifting } from "./settings.ts";
import { printStack } from "./terminal.ts";

/** Milliseconds of quiet after which a text that is being typed is reviewed. */
const pause = 400;

/** Of what the protocol names by numbers: see DiagnosticSeverity. */
const severities = { error: 1, warning: 2, check: 3, note: 4 } as const;

/** A finding with its place in an open file. */
interface Placed {
  readonly finding: Finding;
  readonly range: Range;
}

/** From 1-based to the 0-based lines and columns of the protocol; both count UTF-16 code units. */
const rangeOf = (line: number, column: number, endLine: number, endColumn: number): Range => ({
  start: { line: line - 1, character: column - 1 },
  end: { line: endLine - 1, character: endColumn - 1 },
});

/** Where a finding is in the mail: behind the sign of the diff's line; at most one line. */
function rangeInMail(f: Finding): Range {
  const { line } = f.patch;
  if (f.file === null) return rangeOf(line, 1, line, 1 + (f.quoted?.length ?? 0));
  const text = f.excerpt.find((each) => each.patchLine === line)?.text ?? "";
  return rangeOf(line, f.column + 1, line, f.endLine > f.line ? text.length + 2 : f.endColumn + 1);
}

const rangeInTree = (f: Finding): Range => rangeOf(f.line, f.column, f.endLine, f.endColumn);

/** What a file shows of a review, of the problems of the input, and of a review that failed. */
interface Shown {
  readonly placed: readonly Placed[];
  readonly problems: readonly { readonly line: number; readonly text: string }[];
  /** Why it was not reviewed, if it was not. */
  readonly failed: readonly string[];
  /** Where the files of findings are; undefined for a mail. */
  readonly top: string | undefined;
}

function diagnosticOf({ finding: f, range }: Placed, top: string | undefined): Diagnostic {
  const related: DiagnosticRelatedInformation[] =
    top === undefined
      ? []
      : f.related.map(({ file, line, message }) => ({
          location: { uri: pathToFileURL(join(top, file)).href, range: rangeOf(line, 1, line, 1) },
          message: printable(message),
        }));
  const [source] = f.sources;
  const others = top === undefined ? f.related.map((r) => `${r.file}:${r.line} (patch ${r.patch}): ${r.message}`) : [];
  return {
    range,
    severity: severities[shownLevel(f)],
    code: f.rule,
    ...(source === undefined ? {} : { codeDescription: { href: source.url } }),
    source: "copylint",
    message: [...paragraphsOf(f), ...others].map(printable).join("\n"),
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}

/** What takes the place of the findings of a file that was not reviewed: none at all would look as if all were well. */
const failure = (why: string, severity: 1 | 2): Diagnostic => ({
  range: rangeOf(1, 1, 2, 1),
  severity,
  code: notReviewedId,
  source: "copylint",
  message: `not reviewed: ${printable(why)}`,
});

const contains = (range: Range, line: number): boolean => range.start.line <= line && line <= range.end.line;

/** The line below which an author's notes begin: behind the first `---`, 0-based. */
function notesLine(text: string, before: number): number | undefined {
  const lines = text.split("\n", before + 1);
  // A mail of an mbox starts behind the one before it.
  const start = lines.findLastIndex((line, i) => i <= before && line.startsWith("From "));
  const cut = lines.findIndex((line, i) => i > start && /^---\s*$/.test(line));
  return cut === -1 || cut >= before ? undefined : cut + 1;
}

function actionsFor(uri: string, text: string, { placed, top }: Shown, range: Range): CodeAction[] {
  const here = placed.filter((one) => one.range.start.line <= range.end.line && one.range.end.line >= range.start.line);
  return here.flatMap(({ finding: f, range: at }): CodeAction[] => {
    const diagnostics = [diagnosticOf({ finding: f, range: at }, top)];
    const action = (title: string, edits: readonly TextEdit[], isPreferred: boolean): CodeAction => ({
      title,
      kind: "quickfix",
      diagnostics,
      isPreferred,
      edit: { changes: { [uri]: [...edits] } },
    });
    const out: CodeAction[] = [];
    const line = top === undefined ? notesLine(text, f.patch.line - 1) : undefined;
    if (line !== undefined) {
      const place = { line, character: 0 };
      const edit = { range: { start: place, end: place }, newText: `Copylint-ignore: ${f.rule} \n` };
      out.push(action(`Ignore ${f.rule} in patch ${nOfM(f.patch)} (write why behind it)`, [edit], false));
    }
    const own = f.fix.every(({ file }) => top !== undefined && pathToFileURL(join(top, file)).href === uri);
    if (f.fix.length > 0 && own) {
      const edits = f.fix.map((e) => ({ range: rangeOf(e.line, e.column, e.endLine, e.endColumn), newText: e.text }));
      out.push(action(`Fix ${f.rule}: ${printable(f.instead)}`, edits, true));
    }
    return out;
  });
}

/** What an editor is spoken to by. */
interface Wire {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** `copylint lsp`: serves an editor until it says goodbye; returns the exit code. */
export async function lsp(
  options: LspOptions,
  io: Io,
  apart: Apart,
  { input, output }: Wire = { input: process.stdin, output: process.stdout },
): Promise<ExitCode> {
  apart.warm();
  const { createConnection, StreamMessageReader, StreamMessageWriter } = await import("vscode-languageserver/node");
  const connection: Connection = createConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
  const open = new Map<string, string>();
  const uris = new Map<string, string>();
  const shown = new Map<string, Shown>();
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Map<string, AbortController>();

  /** The path of a file that copylint has to do with; undefined for all else. */
  const pathOf = (uri: string): string | undefined => {
    if (!uri.startsWith("file:")) return undefined;
    const path = fileURLToPath(uri);
    return isPatch(path) || isSource(path) ? path : undefined;
  };
  const say = (text: string): void => connection.console.warn(printable(text));
  // What goes to standard output is the protocol's.
  const quiet: Io = { ...io, stdout: { write: say, isTTY: false }, stderr: { write: say, isTTY: false } };

  async function look(path: string, signal: AbortSignal): Promise<Shown> {
    const near: Io = { ...quiet, cwd: dirname(path) };
    const asked = { rules: [], run: true, ...(options.config === undefined ? {} : { config: options.config }) };
    // A configuration that is named is named from where the server was started.
    const at = typeof options.config === "string" ? io.cwd : near.cwd;
    const settings = await inForce<typeof asked & Sifting>(asked, { ...near, cwd: at }, ruleIds());
    const inTree = isSource(path);
    let top: string | undefined;
    const readInput = async (): Promise<Input> => {
      if (!inTree) return readPatchFile(path, open as OpenTexts);
      const tree = readTreeOf(path, options.base, open);
      top = tree.top;
      return tree;
    };
    const { review: made } = await reviewed(
      [path],
      settings.options,
      { ...near, cwd: at },
      { readInput, review: (series, narrowed) => apart.review(series, narrowed, signal) },
    );
    if (!signal.aborted) for (const problem of failuresOf(made)) say(problemText(problem));
    const mine = made.findings.filter((f) =>
      top === undefined ? f.patch.path === path : f.file !== null && join(top, f.file) === path,
    );
    const placed = gravestFirst(mine).map((finding) => ({
      finding,
      range: inTree ? rangeInTree(finding) : rangeInMail(finding),
    }));
    const problems = made.problems
      .filter((p) => p.path === path && p.kind !== "failed" && !inTree)
      .map((p) => ({ line: p.line ?? 1, text: p.advice === undefined ? p.what : `${p.what}; ${p.advice}` }));
    // What was read is of this file, wherever its series begins.
    return { placed, problems, failed: made.series.flatMap(({ notReviewed }) => notReviewed ?? []), top };
  }

  async function refresh(path: string): Promise<void> {
    const uri = uris.get(path);
    if (uri === undefined) return;
    end(path);
    const controller = new AbortController();
    const { signal } = controller;
    running.set(path, controller);
    try {
      const seen = await look(path, signal);
      if (signal.aborted) return;
      shown.set(uri, seen);
      const diagnostics = [
        ...seen.failed.map((why) => failure(why, 1)),
        ...seen.placed.map((one) => diagnosticOf(one, seen.top)),
      ];
      for (const { line, text } of seen.problems)
        diagnostics.push({
          range: rangeOf(line, 1, line + 1, 1),
          severity: 3,
          source: "copylint",
          message: printable(text),
        });
      await connection.sendDiagnostics({ uri, diagnostics });
    } catch (error) {
      if (signal.aborted) return;
      shown.delete(uri);
      const outside = error instanceof Refusal || error instanceof GitError;
      const why = outside ? error.message : `internal error: ${thrownText(error)}`;
      if (error instanceof Refusal) {
        const message = complaintText(error.complaint).trimEnd();
        await connection.sendNotification("window/showMessage", { type: 1, message });
      } else say(`${path}: ${why}`);
      if (!outside) printStack(quiet, error);
      await connection.sendDiagnostics({ uri, diagnostics: [failure(why, outside ? 2 : 1)] });
    }
  }

  /** Ends what is going on for a file, as nobody waits for it any more. */
  function end(path: string): void {
    clearTimeout(timers.get(path));
    running.get(path)?.abort();
    running.delete(path);
  }

  /** What is open may be of one series, or of one tree, so each is looked at again. */
  function later(wait: number): void {
    for (const path of uris.keys()) {
      end(path);
      timers.set(
        path,
        setTimeout(() => void refresh(path), wait),
      );
    }
    apart.warm();
  }

  connection.onInitialize(() => ({
    capabilities: {
      textDocumentSync: { openClose: true, change: 1, save: true },
      hoverProvider: true,
      codeActionProvider: { codeActionKinds: ["quickfix"] },
    },
    serverInfo: { name: "copylint" },
  }));
  connection.onDidOpenTextDocument(({ textDocument: { uri, text } }) => {
    const path = pathOf(uri);
    if (path === undefined) return;
    open.set(path, text);
    uris.set(path, uri);
    later(0);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri }, contentChanges }) => {
    const path = pathOf(uri);
    const text = contentChanges.at(-1)?.text;
    if (path === undefined || text === undefined) return;
    open.set(path, text);
    later(pause);
  });
  connection.onDidSaveTextDocument(() => later(0));
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    const path = pathOf(uri);
    if (path === undefined) return;
    end(path);
    for (const map of [open, uris, timers]) map.delete(path);
    shown.delete(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });
  connection.onHover(({ textDocument: { uri }, position }): Hover | null => {
    const one = shown.get(uri)?.placed.find(({ range }) => contains(range, position.line));
    if (one === undefined) return null;
    const { rule, patch } = one.finding;
    try {
      const value = page(rule, ruleIds(), io.program);
      return { contents: { kind: "markdown", value }, range: one.range };
    } catch {
      return { contents: { kind: "plaintext", value: printable(`${rule}: ${bare(patch.subject)}`) } };
    }
  });
  connection.onCodeAction(({ textDocument: { uri }, range }) => {
    const seen = shown.get(uri);
    const path = pathOf(uri);
    return seen === undefined || path === undefined ? [] : actionsFor(uri, open.get(path) ?? "", seen, range);
  });

  let told = false;
  connection.onShutdown(() => {
    told = true;
    for (const path of uris.keys()) end(path);
  });
  return new Promise((resolve) => {
    // An editor that goes without a word has not asked to end: the protocol wants another exit code then.
    connection.onExit(() => resolve(told ? exitCode.clean : exitCode.findings));
    // The library goes on watching an editor that has hung up.
    input.once("end", () => process.exit(told ? exitCode.clean : exitCode.findings));
    connection.listen();
  });
}
