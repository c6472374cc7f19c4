import { printable } from "../../text/printable.ts";
import { expandTabs } from "../layout.ts";

/** A piece of markup: only `html` and `raw` make one, so whatever else a page is given is text, and is escaped. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Content = Html | string | number | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * The one place where text of the input becomes markup: nothing in it can open a tag, end an attribute, or move or hide
 * the text around it. Control and bidirectional characters are written out, as in every other format.
 */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

function rendered(content: Content): string {
  if (content instanceof Html) return content.markup;
  if (typeof content === "string") return escaped(content);
  if (typeof content === "number") return String(content);
  return content.map(rendered).join("");
}

/** Markup with holes. Text in a hole is escaped, also within an attribute, which must have double quotes. */
export function html(parts: TemplateStringsArray, ...holes: readonly Content[]): Html {
  let markup = parts[0] ?? "";
  for (const [i, hole] of holes.entries()) markup += rendered(hole) + (parts[i + 1] ?? "");
  return new Html(markup);
}

/** Text of ours that is markup already: the style sheet and the script. Never text of the input. */
export const raw = (markup: string): Html => new Html(markup);

export const nothing = html``;

/** The pieces with something between them. */
export function between(pieces: readonly Content[], gap: Content): Content {
  return pieces.map((piece, i) => (i === 0 ? piece : [gap, piece]));
}

/** A line of code longer than this (UTF-16 code units) is cut: nobody reads it, and it would make the page heavy. */
export const longestLine = 1000;

/** A text in at most `most` code units, and how many were left out of it. */
export function cut(text: string, most: number): { readonly shown: string; readonly left: number } {
  if (text.length <= most) return { shown: text, left: 0 };
  // Half a pair would be written out as if it had stood there.
  const whole = /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return { shown: text.slice(0, whole), left: text.length - whole };
}

/** A number with its thousands apart: 10,485,760. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/** A line of code with tabs as kernel people see them; the rest of a very long one is counted. */
export function code(text: string): Html {
  const { shown, left } = cut(text.replace(/\r$/, ""), longestLine);
  const rest = left === 0 ? nothing : html` <em class="cut">[${grouped(left)} more characters, not shown]</em>`;
  return html`<code>${expandTabs(shown)}</code>${rest}`;
}

/** Prose of a finding; much of it quotes names of the patch. */
export function prose(text: string): Html {
  const { shown, left } = cut(text, 4 * longestLine);
  const lines = between(shown.split("\n"), html`<br>`);
  return left === 0
    ? html`${lines}`
    : html`${lines} <em class="cut">[${grouped(left)} more characters, not shown]</em>`;
}
