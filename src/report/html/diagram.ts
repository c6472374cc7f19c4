import type { Finding } from "../../finding/finding.ts";
import type { Trace, TraceStep } from "../../model/trace.ts";
import { displayWidth } from "../layout.ts";
import { isQuiet, LONG_STRETCH } from "../quiet.ts";
import { cut, type Html, html, nothing } from "./markup.ts";
import type { Place } from "./sheet.ts";

/** A step with its number in the run, 1-based, and the line of a patch that it cites, if the page has it. */
export interface DrawnStep {
  readonly number: number;
  readonly step: TraceStep;
  readonly cited: Place | undefined;
}

/** Steps that are drawn one by one, or a long stretch of quiet ones that is folded. */
export interface Stretch {
  readonly folded: boolean;
  readonly steps: readonly DrawnStep[];
}

/** Cuts a run into what is drawn and what is folded. */
export function stretches(steps: readonly DrawnStep[], trace: Trace, f: Finding): readonly Stretch[] {
  const out: { folded: boolean; steps: DrawnStep[] }[] = [];
  const draw = (step: DrawnStep): void => {
    const last = out[out.length - 1];
    if (last !== undefined && !last.folded) last.steps.push(step);
    else out.push({ folded: false, steps: [step] });
  };
  for (let i = 0; i < steps.length; ) {
    let end = i;
    while (end < steps.length && isQuiet(trace, end, f)) end++;
    if (end - i >= LONG_STRETCH) out.push({ folded: true, steps: steps.slice(i, end) });
    else for (const step of steps.slice(i, Math.max(end, i + 1))) draw(step);
    i = Math.max(end, i + 1);
  }
  return out;
}

/** The order in which lifelines stand, left to right: the way that a copy takes. */
function rank(actor: string): number {
  const known = ["submitter", "block layer", "device"].indexOf(actor);
  if (known >= 0) return known;
  const n = Number(/(\d+)$/.exec(actor)?.[1] ?? 0);
  return (/^completion/.test(actor) ? 1e3 : 1e6) + Math.min(n, 1e5);
}

/** Everybody who acts in a run, from left to right. */
export function actorsOf(trace: Trace): readonly string[] {
  const seen = [...new Set(trace.steps.map(({ actor }) => actor))];
  return seen
    .map((actor, i) => ({ actor, i }))
    .sort((a, b) => rank(a.actor) - rank(b.actor) || a.i - b.i)
    .map(({ actor }) => actor);
}

/** Whom a step reaches, so that it is drawn as an arrow; undefined for a step that an actor takes alone. */
function receiver({ actor, action }: TraceStep, actors: readonly string[]): string | undefined {
  const woken = /^wake (.*)$/.exec(action)?.[1];
  const chunk = /^(?:copy|fail) chunk (\d+)/.exec(action)?.[1];
  const to =
    woken ??
    (/^(?:submit |flush plug)/.test(action)
      ? "block layer"
      : /^dispatch /.test(action)
        ? "device"
        : chunk !== undefined && actor === "device"
          ? `completion ${chunk}`
          : undefined);
  return to !== undefined && to !== actor && actors.includes(to) ? to : undefined;
}

/** Pixels; the text is set in a monospaced font of 12 pixels. */
const px = { char: 7.25, row: 24, arrow: 31, head: 28, gutter: 34, first: 84, pitch: 104, label: 10, widest: 960 };

/** Where everything stands in a diagram, so that all of its pieces fit together. */
export interface Frame {
  readonly actors: readonly string[];
  /** Pixels from the left, for each lifeline. */
  readonly at: readonly number[];
  readonly width: number;
  /** Where the column with the lines of the code ends. */
  readonly lines: number;
}

function placeText({ step }: DrawnStep, file: string | null): string {
  if (step.at === undefined) return "";
  const { file: cited, line } = step.at;
  return cited === file ? `${line}` : `${cut(cited.replace(/^.*\//, ""), 24).shown}:${line}`;
}

/** The label of a step; `~` says "assumed" where colour and shape do not reach. */
const labelOf = ({ step }: DrawnStep): string => `${step.assumed ? "~ " : ""}${step.action}`;

export function frameOf(trace: Trace, steps: readonly DrawnStep[], f: Finding): Frame {
  const actors = actorsOf(trace);
  const longest = Math.max(0, ...actors.map((actor) => displayWidth(cut(actor, 24).shown)));
  const pitch = Math.max(px.pitch, Math.ceil(longest * px.char) + 14);
  const at = actors.map((_, i) => px.first + i * pitch);
  const index = new Map(actors.map((actor, i) => [actor, i]));
  const ends = steps.map((one) => {
    const from = at[index.get(one.step.actor) ?? 0] ?? 0;
    return from + px.label + Math.ceil(displayWidth(labelOf(one)) * px.char);
  });
  const last = at[at.length - 1] ?? px.first;
  // A label that is wider still is cut; the list of the steps below has all of it.
  const labels = Math.min(Math.max(last + pitch / 2, ...ends), Math.max(last + 200, px.widest));
  const column = Math.max(0, ...steps.map((one) => displayWidth(placeText(one, f.file)))) * px.char;
  return { actors, at, lines: Math.ceil(labels + 14 + column), width: Math.ceil(labels + 22 + column) };
}

/** The names over the lifelines. */
export function heads(frame: Frame): Html {
  const names = frame.actors.map((actor, i) => {
    const x = frame.at[i] ?? 0;
    return html`<text class="actor" x="${x}" y="18" text-anchor="middle">${cut(actor, 24).shown}</text>`;
  });
  return html`<svg class="heads" aria-hidden="true" width="${frame.width}" height="${px.head}" viewBox="0 0 ${frame.width} ${px.head}">${names}</svg>`;
}

const lifelines = (frame: Frame, height: number, kind: string): readonly Html[] =>
  frame.at.map((x) => html`<line class="${kind}" x1="${x}" x2="${x}" y1="0" y2="${height}"/>`);

/** The place of a step in words, for those who hear the page. */
export function spoken({ number, step }: DrawnStep): string {
  const place = step.at === undefined ? "" : `, ${step.at.file} line ${step.at.line}`;
  return `step ${number}, ${step.actor}: ${step.action}${step.assumed ? ", assumed by the model" : ""}${place}`;
}

/** Anchor of a step of finding number `n`, and of the copy of a cited line beside its diagram. */
export const stepId = (n: number, number: number): string => `F${n}-S${number}`;
export const copyId = (n: number, place: Place): string => `F${n}-${place.line.id}`;

function drawStep(one: DrawnStep, n: number, f: Finding, frame: Frame, top: number): { piece: Html; height: number } {
  const { step, number, cited } = one;
  const from = frame.at[frame.actors.indexOf(step.actor)] ?? 0;
  const to = receiver(step, frame.actors);
  const height = to === undefined ? px.row : px.arrow;
  const y = top + (to === undefined ? px.row / 2 : px.arrow - 8);
  const target = to === undefined ? from : (frame.at[frame.actors.indexOf(to)] ?? from);
  const left = Math.min(from, target) + px.label;
  const text = y + (to === undefined ? 4 : -7);
  const place = placeText(one, f.file);
  const room = Math.floor((frame.lines - Math.ceil(displayWidth(place) * px.char) - 14 - left) / px.char);
  const label = labelOf(one);
  const shown = label.length <= room ? label : `${cut(label, Math.max(room - 1, 1)).shown}…`;
  const tip = target > from ? -1 : 1;
  const bad = /^(?:fail|use after|double|alloc .*: fails)/.test(step.action);
  const mark = bad
    ? html`<path class="bad" d="M${from - 5} ${y - 5}l10 10m0 -10l-10 10"/>`
    : html`<circle class="dot" cx="${from}" cy="${y}" r="4"/>`;
  const arrow =
    to === undefined
      ? nothing
      : html`<line class="arrow" x1="${from}" x2="${target + tip * 2}" y1="${y}" y2="${y}"/><path class="tip" d="M${target} ${y}l${tip * 8} -4v8z"/>`;
  const inner = html`<rect class="hit" x="0" y="${top}" width="${frame.width}" height="${height}"/><text class="number" x="${px.gutter}" y="${y + 4}" text-anchor="end">${number}</text>${arrow}${mark}<text class="label" x="${left}" y="${text}">${shown}</text><text class="place" x="${frame.lines}" y="${y + 4}" text-anchor="end">${place}</text>`;
  const kind = `step${step.assumed ? " assumed" : ""}${bad ? " fails" : ""}`;
  const piece =
    cited === undefined
      ? html`<g class="${kind}" id="${stepId(n, number)}">${inner}</g>`
      : html`<a class="${kind}" id="${stepId(n, number)}" href="#${copyId(n, cited)}" data-l="${cited.line.id}" aria-label="${spoken(one)}">${inner}</a>`;
  return { piece, height };
}

/** "step 3", "steps 4 to 9". */
function numbers(steps: readonly DrawnStep[]): string {
  const [first, last] = [steps[0]?.number ?? 0, steps[steps.length - 1]?.number ?? 0];
  return first === last ? `step ${first}` : `steps ${first} to ${last}`;
}

/**
 * One piece of a sequence diagram: steps from top to bottom on the lifelines of those who take them.
 * @param n number of the finding on the page.
 */
export function drawStretch(stretch: readonly DrawnStep[], n: number, f: Finding, trace: Trace, frame: Frame): Html {
  const pieces: Html[] = [];
  let height = 0;
  for (const one of stretch) {
    const drawn = drawStep(one, n, f, frame, height);
    pieces.push(drawn.piece);
    height += drawn.height;
  }
  const id = `F${n}-D${stretch[0]?.number ?? 0}`;
  return html`<svg role="group" aria-labelledby="${id}t" aria-describedby="${id}d" width="${frame.width}" height="${height}" viewBox="0 0 ${frame.width} ${height}"><title id="${id}t">Sequence diagram, ${numbers(stretch)}</title><desc id="${id}d">${cut(trace.setting, 300).shown}. All steps stand in the list below the diagram.</desc>${lifelines(frame, height, "life")}${pieces}</svg>`;
}

/** A folded stretch: the lifelines go on, broken, and opening it draws the steps. */
export function foldStretch(stretch: readonly DrawnStep[], n: number, f: Finding, trace: Trace, frame: Frame): Html {
  const height = 26;
  const gap = html`<svg aria-hidden="true" width="${frame.width}" height="${height}" viewBox="0 0 ${frame.width} ${height}">${lifelines(frame, height, "life broken")}</svg>`;
  const first = stretch[0]?.number ?? 0;
  const last = stretch[stretch.length - 1]?.number ?? 0;
  const words = stretch.every(({ step }) => step.assumed)
    ? `~ ${stretch.length} steps of the model`
    : `${stretch.length} steps`;
  return html`<details class="fold"><summary>${gap}<span>${first}–${last}: ${words}</span></summary>${drawStretch(stretch, n, f, trace, frame)}</details>`;
}
