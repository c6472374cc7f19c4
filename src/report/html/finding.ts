import type { Edit, Finding, Level } from "../../finding/finding.ts";
import type { Trace } from "../../model/trace.ts";
import { count } from "../layout.ts";
import { suppressionText } from "../said.ts";
import { copyId, type DrawnStep, drawStretch, foldStretch, frameOf, heads, stretches } from "./diagram.ts";
import { code, cut, type Html, html, nothing, prose } from "./markup.ts";
import { lookUp, type Place, placeOf, type Sheet, type SheetLine, under } from "./sheet.ts";

/** What a finding is called: a point that a later patch mends is a note. */
export const shownLevel = (f: Finding): Level | "note" => (f.mendedBy === null ? f.level : "note");

/** The subject without its `[PATCH ...]` prefix. */
export const bare = (subject: string): string => cut(subject.replace(/^\s*\[[^\]]*\]\s*/, ""), 300).shown;

export const badge = (level: Level | "note"): Html => html`<span class="level ${level}">${level}</span>`;

/** Where a finding is, as editors and people write it. */
export function whereOf(f: Finding): string {
  return f.file === null ? `commit message, line ${f.patch.line} of the mail` : `${cut(f.file, 200).shown}:${f.line}`;
}

/** A finding with its number on the page, 1-based from top to bottom, and what it cites. */
export interface Numbered {
  readonly n: number;
  readonly f: Finding;
  readonly place: Place | undefined;
  readonly steps: readonly DrawnStep[];
}

export function numbered(findings: readonly Finding[], sheet: Sheet): readonly Numbered[] {
  const standing = findings.map((f) => {
    const above = under(sheet, f);
    return { f, patch: above?.patch.ordinal ?? Number.MAX_SAFE_INTEGER, order: above?.line.order ?? 0 };
  });
  standing.sort((a, b) => a.patch - b.patch || a.order - b.order);
  return standing.map(({ f }, i) => {
    const place = placeOf(sheet, f);
    const steps = (f.trace?.steps ?? []).map((step, k) => ({
      number: k + 1,
      step,
      cited: step.at === undefined ? undefined : lookUp(sheet, place, step.at),
    }));
    return { n: i + 1, f, place, steps };
  });
}

/** A row of code as everywhere in the page: numbers, sign, text. */
export function codeRow(line: Pick<SheetLine, "sign" | "text">, before: Html, kind: string): Html {
  const sign = line.sign === "+" ? " add" : line.sign === "-" ? " del" : "";
  return html`<div class="ln${sign}${kind}">${before}<b>${line.sign}</b>${code(line.text)}</div>`;
}

/** Tabs that all lines begin with, so that they can go where there is little room. */
function marginOf(texts: readonly string[]): number {
  const tabs = texts.filter((text) => text.trim() !== "").map((text) => /^\t*/.exec(text)?.[0].length ?? 0);
  return Math.min(...tabs, 20);
}

/** The lines that a run cites, each once, by file, with a line on either side, so that they can be seen beside the run. */
function citedLines({ n, steps }: Numbered): Html {
  const cited = new Map<string, Place>();
  for (const { cited: place } of steps) if (place !== undefined) cited.set(place.line.id, place);
  const byFile = new Map<string, Place[]>();
  for (const place of cited.values()) {
    const key = `${place.patch.ordinal} ${place.file?.path}`;
    byFile.set(key, [...(byFile.get(key) ?? []), place]);
  }
  const blocks = [...byFile.values()].map((places) => {
    const [{ patch, file }] = places as [Place];
    const lines = file?.hunks.flatMap((hunk) => hunk.lines) ?? [];
    const at = new Set<number>();
    for (const place of places) {
      const i = lines.indexOf(place.line);
      for (const k of [i - 1, i, i + 1]) if (k >= 0 && k < lines.length) at.add(k);
    }
    let previous = -1;
    const indexes = [...at].sort((a, b) => a - b);
    const margin = marginOf(indexes.map((i) => lines[i]?.text ?? ""));
    const rows = indexes.map((i) => {
      const whole = lines[i] as SheetLine;
      const line = { ...whole, text: whole.text.slice(margin) };
      const gap = previous >= 0 && i > previous + 1 ? html`<div class="gap" aria-hidden="true">⋯</div>` : nothing;
      previous = i;
      const number = line.after ?? line.before ?? "";
      if (!cited.has(line.id)) return html`${gap}${codeRow(line, html`<span class="no">${number}</span>`, " near")}`;
      const id = copyId(n, { patch, file, line });
      const link = html`<a class="no" href="#${line.id}" aria-label="line ${number} in the patch">${number}</a>`;
      return html`${gap}<div class="copy" id="${id}" data-l="${line.id}">${codeRow(line, link, "")}</div>`;
    });
    const { index, total } = patch.patch;
    return html`<p class="file">${cut(file?.path ?? "", 200).shown} <span>patch ${index}/${total}</span></p>${rows}`;
  });
  return blocks.length === 0
    ? nothing
    : html`<div class="cited" role="group" aria-label="Lines that the run cites">${blocks}</div>`;
}

function stepList({ n, steps }: Numbered): Html {
  const items = steps.map((one) => {
    const { step, cited } = one;
    const where = step.at === undefined ? "" : `${step.at.file}:${step.at.line}`;
    const place =
      cited === undefined ? where : html`<a href="#${copyId(n, cited)}" data-l="${cited.line.id}">${where}</a>`;
    const action = html`<b>${step.actor}</b>: ${prose(`${step.assumed ? "~ " : ""}${step.action}`)}`;
    return html`<li${step.assumed ? html` class="assumed"` : ""}>${action}${where === "" ? "" : html` (${place})`}</li>`;
  });
  return html`<details class="list"><summary>The run as a list of ${count(steps.length, "step")}</summary><ol>${items}</ol></details>`;
}

/** A diagram that is wider (pixels) has no room for lines of code beside it, however wide the window. */
const broad = 800;

/** The run that shows a finding: what it is run with, what comes out, the diagram, and the same as a list. */
function runOf(one: Numbered, trace: Trace): Html {
  const { n, f, steps } = one;
  const frame = frameOf(trace, steps, f);
  const pieces = stretches(steps, trace, f).map((stretch) =>
    (stretch.folded ? foldStretch : drawStretch)(stretch.steps, n, f, trace, frame),
  );
  const assumed = trace.steps.some((step) => step.assumed);
  const legend = html`<p class="legend"><span class="key own"></span> from the patch${
    assumed ? html` <span class="key model"></span> ~ assumed by the model, not taken from the patch` : nothing
  }</p>`;
  const diagram =
    steps.length === 0
      ? nothing
      : html`<div class="sequence${frame.width > broad ? " broad" : ""}"><div class="diagram" role="group" aria-label="Sequence diagram of the run"${steps.some((step) => step.cited !== undefined) ? nothing : html` tabindex="0"`} data-roving>${heads(frame)}${pieces}</div>${citedLines(one)}</div>${legend}${stepList(one)}`;
  return html`<div class="run"><p class="setting"><b>Run</b> ${prose(trace.setting)}</p><p class="outcome"><b>Outcome</b> ${prose(trace.outcome)}</p>${diagram}</div>`;
}

/** The text that an edit takes away, if the patch shows all of it; undefined if it does not. */
function replaced(sheet: Sheet, near: Place | undefined, edit: Edit, index: number): readonly string[] | undefined {
  const out: string[] = [];
  for (let line = edit.line; line <= edit.endLine && out.length < 50; line++) {
    const shown = lookUp(sheet, near, { file: edit.file, line, index });
    // An edit that takes whole lines ends at the first column of the next one, which need not be shown.
    if (shown === undefined && !(line === edit.endLine && edit.endColumn <= 1)) return undefined;
    out.push(shown?.line.text ?? "");
  }
  return out.length === edit.endLine - edit.line + 1 ? out : undefined;
}

/** An edit as a small diff of whole lines; where the patch does not show the lines, what goes where. */
function editOf(sheet: Sheet, near: Place | undefined, edit: Edit, index: number): Html {
  const old = replaced(sheet, near, edit, index);
  const head = html`<p class="file">${cut(edit.file, 200).shown}:${edit.line}</p>`;
  if (old === undefined)
    return html`${head}<p>from column ${edit.column} to line ${edit.endLine}, column ${edit.endColumn}: <code>${cut(edit.text, 1000).shown}</code></p>`;
  const last = old[old.length - 1] ?? "";
  const whole = (old[0] ?? "").slice(0, edit.column - 1) + edit.text + last.slice(edit.endColumn - 1);
  const removed = edit.endColumn <= 1 && old.length > 1 ? old.slice(0, -1) : old;
  const now = edit.endColumn <= 1 && old.length > 1 ? whole.slice(0, whole.length - last.length) : whole;
  const row = (sign: "+" | "-", text: string): Html => codeRow({ sign, text }, nothing, "");
  const added = now === "" ? [] : now.replace(/\n$/, "").split("\n");
  return html`${head}${removed.map((text) => row("-", text))}${added.map((text) => row("+", text))}`;
}

const link = (url: string, text: string): Html =>
  /^https?:\/\/[^\s]+$/.test(url)
    ? html`<a href="${url}" rel="noopener noreferrer">${text}</a>`
    : html`${text} (${url})`;

/** The frame of code that a finding brings along, for one whose place is in none of the patches. */
function excerpt(f: Finding): Html {
  const rows = f.excerpt.map((line) => {
    const shown = { sign: line.added ? "+" : " ", text: line.text } as const;
    return codeRow(shown, html`<span class="no">${line.line ?? ""}</span>`, line.line === f.line ? " hit" : "");
  });
  const quoted =
    rows.length === 0 && f.quoted !== undefined ? html`<blockquote>${prose(f.quoted)}</blockquote>` : nothing;
  return html`<div class="code">${rows}</div>${quoted}`;
}

/** One finding with everything that is known of it. */
export function findingArticle(one: Numbered, sheet: Sheet): Html {
  const { n, f, place } = one;
  const level = shownLevel(f);
  const { index, total } = f.patch;
  const rows: (readonly [string, Html])[] = [];
  if (f.why !== "") rows.push(["Why", html`${prose(f.why)}`]);
  if (f.instead !== "") rows.push(["Instead", html`${prose(f.instead)}`]);
  if (f.fix.length > 0)
    rows.push(["Fix", html`<div class="code fix">${f.fix.map((edit) => editOf(sheet, place, edit, index))}</div>`]);
  if (f.mendedBy !== null) {
    const by = `by patch ${f.mendedBy.index}/${f.mendedBy.total} "${bare(f.mendedBy.subject)}"`;
    rows.push(["Mended", html`${by}; this is a ${f.level} for whoever bisects`]);
  }
  if (f.suppressed !== undefined) rows.push(["Suppressed", html`${prose(suppressionText(f.suppressed))}`]);
  const seen = f.related.map((r) => {
    const at = lookUp(sheet, place, { file: r.file, line: r.line, index: r.patch });
    const text = `${cut(r.file, 200).shown}:${r.line}`;
    const where = at === undefined ? text : html`<a href="#${at.line.id}" data-l="${at.line.id}">${text}</a>`;
    return html`<li>${where} (patch ${r.patch}): ${prose(r.message)}</li>`;
  });
  if (seen.length > 0) rows.push(["See", html`<ul>${seen}</ul>`]);
  const sources = f.sources.map((s) => html`<li>${link(s.url, s.by)}: ${prose(s.says)}</li>`);
  if (sources.length > 0) rows.push(["Sources", html`<ul>${sources}</ul>`]);
  rows.push([
    "Place",
    html`${cut(f.patch.path, 300).shown}:${f.patch.line}, patch ${index}/${total}${f.confidence === "high" ? "" : `; confidence ${f.confidence}`}; <code>copylint explain ${f.rule}</code> says more of the rule`,
  ]);
  const data = html`data-level="${level}" data-rule="${f.rule}" data-patch="${place?.patch.ordinal ?? 0}"`;
  const within = f.function === null ? "" : ` in ${cut(f.function, 100).shown}`;
  return html`<article class="finding ${level}" id="F${n}" tabindex="-1" aria-labelledby="F${n}h" ${data}>
<p class="kicker">${badge(level)} <code class="rule">${f.rule}</code> <span>${whereOf(f)}${within}</span> <a class="self" href="#F${n}" aria-label="finding ${n}">#${n}</a></p>
<h5 id="F${n}h">${prose(f.what)}</h5>
${place === undefined ? excerpt(f) : nothing}${f.trace === null ? nothing : runOf(one, f.trace)}
<dl>${rows.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>
</article>
`;
}
