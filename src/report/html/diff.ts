import { count } from "../layout.ts";
import { stepId } from "./diagram.ts";
import { bare, codeRow, findingArticle, type Numbered } from "./finding.ts";
import { cut, grouped, type Html, html, nothing } from "./markup.ts";
import { linesOf, lookUp, type Sheet, type SheetFile, type SheetLine, type SheetPatch, under } from "./sheet.ts";

/** What the page says at its lines, so that the diff can be drawn in one pass. All by the anchor of a line. */
export interface Marks {
  /** Findings that stand below a line. */
  readonly below: ReadonlyMap<string, readonly Numbered[]>;
  /** Lines that a finding is about. */
  readonly hit: ReadonlySet<string>;
  /** Where the number of a line leads: the first step or finding that cites it. */
  readonly leads: ReadonlyMap<string, string>;
}

export function marksOf(all: readonly Numbered[], sheet: Sheet): Marks {
  const below = new Map<string, Numbered[]>();
  const hit = new Set<string>();
  const leads = new Map<string, string>();
  const lead = (id: string, to: string): void => {
    if (!leads.has(id)) leads.set(id, to);
  };
  for (const one of all) {
    for (const { line } of linesOf(sheet, one.f)) hit.add(line.id);
    const above = under(sheet, one.f)?.line.id;
    if (above !== undefined) below.set(above, [...(below.get(above) ?? []), one]);
    for (const { cited, number } of one.steps) if (cited !== undefined) lead(cited.line.id, stepId(one.n, number));
  }
  for (const one of all) {
    if (one.place !== undefined) lead(one.place.line.id, `F${one.n}`);
    for (const r of one.f.related) {
      const at = lookUp(sheet, one.place, { file: r.file, line: r.line, index: r.patch });
      if (at !== undefined) lead(at.line.id, `F${one.n}`);
    }
  }
  return { below, hit, leads };
}

function row(line: SheetLine, marks: Marks, message: boolean): Html {
  const to = marks.leads.get(line.id);
  const kind = marks.hit.has(line.id) ? " hit" : "";
  const number = message ? line.mail : (line.after ?? "");
  const before = message ? nothing : html`<span class="no old">${line.before ?? ""}</span>`;
  if (to === undefined) return codeRow(line, html`${before}<span class="no">${number}</span>`, kind);
  const link = html`<a class="no" href="#${to}" aria-label="line ${number}, to what is said of it">${number}</a>`;
  return html`<div class="at" id="${line.id}" data-l="${line.id}">${codeRow(line, html`${before}${link}`, kind)}</div>`;
}

/**
 * Lines up to `near` from something that is said are shown; a stretch without is folded from `long` lines on, and what it
 * has beyond `most` is counted and not in the page, as nobody looks for it here.
 */
const quiet = { near: 12, long: 60, most: 1500 };

function lines(all: readonly SheetLine[], marks: Marks, sheet: Sheet, message = false): Html {
  const said = all.map(({ id }) => marks.leads.has(id) || marks.below.has(id));
  const near = new Array<boolean>(all.length).fill(false);
  said.forEach((is, i) => {
    if (is) near.fill(true, Math.max(0, i - quiet.near), i + quiet.near + 1);
  });
  const out: Html[] = [];
  let code: Html[] = [];
  const flush = (): void => {
    if (code.length > 0) out.push(html`<div class="code">${code}</div>`);
    code = [];
  };
  for (let i = 0; i < all.length; ) {
    let end = i;
    while (end < all.length && !near[end]) end++;
    if (end - i >= quiet.long) {
      flush();
      const stretch = all.slice(i, end);
      const left = stretch.length - quiet.most;
      const some = left > 0 ? stretch.slice(0, quiet.most) : stretch;
      const rest =
        left > 0
          ? html`<p class="cut">${grouped(left)} more lines, of which nothing is said, are not shown.</p>`
          : nothing;
      out.push(
        html`<details class="quiet"><summary>${grouped(stretch.length)} lines of which nothing is said</summary><div class="code">${some.map((line) => row(line, marks, message))}</div>${rest}</details>`,
      );
      i = end;
      continue;
    }
    for (const stop = Math.max(end, i + 1); i < stop; i++) {
      const line = all[i] as SheetLine;
      code.push(row(line, marks, message));
      const findings = marks.below.get(line.id);
      if (findings === undefined) continue;
      flush();
      out.push(html`${findings.map((one) => findingArticle(one, sheet))}`);
    }
  }
  flush();
  return html`${out}`;
}

/** Whether anything of the page leads to one of these lines. */
const isSaid = (all: readonly SheetLine[], marks: Marks): boolean =>
  all.some(({ id }) => marks.leads.has(id) || marks.below.has(id));

/** A file of which nothing is said shows this many lines at most. */
const mostOfFile = 3000;

function fileDiff(file: SheetFile, marks: Marks, sheet: Sheet): Html {
  const open = file.hunks.some((hunk) => isSaid(hunk.lines, marks));
  const from = file.oldPath === undefined ? "" : `, from ${cut(file.oldPath, 200).shown}`;
  const kind = file.status === "modified" ? "" : ` (${file.status}${from})`;
  const head = html`<summary><h4>${cut(file.path, 200).shown}${kind}</h4> <span class="sums">+${file.added} −${file.deleted}</span></summary>`;
  if (file.hunks.length === 0)
    return html`<details class="filediff">${head}<p class="cut">${file.binary ? "A binary file." : "No line changes."}</p></details>`;
  let room = open ? Number.POSITIVE_INFINITY : mostOfFile;
  let left = 0;
  const hunks = file.hunks.map((hunk) => {
    const shown = hunk.lines.slice(0, Math.max(0, room));
    room -= hunk.lines.length;
    left += hunk.lines.length - shown.length;
    if (shown.length === 0) return nothing;
    const start = hunk.lines.find((line) => line.after !== null)?.after ?? "";
    const section = hunk.section.trim();
    const title = html`<p class="hunk">${section === "" ? `from line ${start}` : html`from line ${start}, in <code>${cut(section, 160).shown}</code>`}</p>`;
    return html`${title}${lines(shown, marks, sheet)}`;
  });
  const rest =
    left > 0 ? html`<p class="cut">${grouped(left)} more lines, of which nothing is said, are not shown.</p>` : nothing;
  return html`<details class="filediff"${open ? html` open` : ""}>${head}${hunks}${rest}</details>
`;
}

/**
 * A patch: its message, then its files; what nothing is said of is folded.
 *
 * @param reviewed whether its series was: none is no number of findings otherwise.
 */
export function patchSection(
  it: SheetPatch,
  marks: Marks,
  findings: readonly Numbered[],
  sheet: Sheet,
  reviewed: boolean,
): Html {
  const { ordinal, patch, message, files } = it;
  const said = isSaid(message, marks);
  const id = patch.message.messageId;
  const origin = [cut(patch.message.path, 300).shown, ...(id === undefined ? [] : [cut(id, 300).shown])].join(", ");
  const open = said || files.some((file) => file.hunks.some((hunk) => isSaid(hunk.lines, marks)));
  const none = reviewed ? "no findings" : "not reviewed";
  const sum = findings.length === 0 ? none : count(findings.length, "finding");
  const text = html`<details class="message"${said ? html` open` : ""}><summary>Commit message, ${count(message.length, "line")}</summary>${lines(message, marks, sheet, true)}</details>`;
  return html`<details class="patch" id="P${ordinal}" data-patch="${ordinal}"${open ? html` open` : ""}><summary><h3><span class="index">${patch.index}/${patch.total}</span> ${bare(patch.subject)}</h3> <span class="sums">${sum}</span></summary>
<p class="origin">${cut(patch.message.from, 200).shown}${patch.message.from === "" ? "" : " · "}${origin}</p>
${message.length === 0 ? nothing : text}${files.map((file) => fileDiff(file, marks, sheet))}</details>
`;
}
