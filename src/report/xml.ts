import { printable } from "../text/printable.ts";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** One line of untrusted text for an element or an attribute in double quotes. */
export function xmlText(text: string): string {
  // Beside control characters, which are written out already, XML 1.0 knows two code points that no document may have.
  return printable(text)
    .replace(/[\ufffe\uffff]/g, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`)
    .replace(/[&<>"]/g, (char) => entities[char] ?? "");
}

export type Attributes = Readonly<Record<string, string | number | null>>;

/** A tag up to before its `>`; attributes that are null are left out. */
function tag(name: string, attributes: Attributes): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== null);
  return `<${name}${given.map(([key, value]) => ` ${key}="${xmlText(String(value))}"`).join("")}`;
}

/** An element as lines. `content` is lines of markup; an element without any is closed at once. */
export function element(name: string, attributes: Attributes, content: readonly string[] = []): readonly string[] {
  if (content.length === 0) return [`${tag(name, attributes)}/>`];
  return [`${tag(name, attributes)}>`, ...content.map((line) => `  ${line}`), `</${name}>`];
}

/** An element that holds text; each line of it is untrusted, and none is indented. */
export function textElement(name: string, attributes: Attributes, lines: readonly string[]): readonly string[] {
  const [first = "", ...rest] = lines.map(xmlText);
  if (rest.length === 0) return [`${tag(name, attributes)}>${first}</${name}>`];
  return [[`${tag(name, attributes)}>${first}`, ...rest.slice(0, -1), `${rest.at(-1)}</${name}>`].join("\n")];
}

/** A whole document of one element. */
export function document(root: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.join("\n")}\n`;
}
