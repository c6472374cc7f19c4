import { printable } from "../text/printable.ts";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** One line of untrusted text as HTML, in which it is only text. */
export function htmlText(text: string): string {
  return printable(text).replace(/[&<>"]/g, (char) => entities[char] ?? "");
}

/**
 * One line of untrusted text for the middle of a line of Markdown, in which it is only text: no markup, no HTML, no link,
 * no mention of a user and no reference to an issue, and no end of a table's cell.
 */
export function markdownText(text: string): string {
  return printable(text).replace(/[!-/:-@[-`{-~]/g, (char) => {
    if (char === "@") return "@<!-- -->";
    if (char === "#") return "#<!-- -->";
    // A table is cut at its bars before anything else is read.
    if (char === "|") return "&#124;";
    return entities[char] ?? (char === "," || char === ";" || char === "'" ? char : `\\${char}`);
  });
}

/**
 * The same for GitLab, which looks for mentions and references after it has read the Markdown, and leaves those alone whose
 * first character was escaped.
 */
export function gitlabText(text: string): string {
  return printable(text).replace(/[!-+./:<-@[-`{-~-]/g, "\\$&");
}

/** What would be more than text in Markdown, of one line that is a paragraph of its own. */
const active = new RegExp(
  [
    /`|\\[!-/:-@[-`{-~]|\*[^]*\*|~[^]*~/, // code, escapes and emphasis
    /<[a-z!/?]|&[a-z#]|!\[|\]\s*[([:]/, // HTML, entities, images and links
    /:\/\/|(?<![a-z0-9])www\.|\S[@#]/, // what is made a link by itself, addresses and references to other repositories
    /(?<![a-z0-9])_[^]*_(?![a-z0-9])/, // emphasis: underscores inside words do not count
    /^\s*(?:[>=+*-]|#+(?:\s|$)|\d+[.)](?:\s|$))/, // quotes, lists, headings and rules
  ]
    .map((part) => part.source)
    .join("|"),
  "i",
);

/** A mention of a user or of an issue; `@len` of kernel-doc is somebody's name. */
const mention = /(?<!\S)[@#][\w-]+/g;

/**
 * One line of untrusted text that some readers take for Markdown and some for plain text: as it is where that is the same
 * (mentions become code, which both read well), else as Markdown.
 */
export function quietText(text: string): string {
  // White space before it would make it code.
  const plain = printable(text).trim();
  return active.test(plain) ? markdownText(plain) : plain.replace(mention, "`$&`");
}
