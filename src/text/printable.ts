/**
 * Characters that can change how a terminal or an editor shows the text around them: control characters, line and
 * paragraph separators, bidirectional controls, invisible format characters and tags, and halves of surrogate pairs.
 * https://trojansource.codes/ says what such characters do to a reviewer.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Nearly all text is of this kind, and is done with sooner. */
const plain = /^[\n -~]*$/;

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code > 0xff) return `\\u{${code.toString(16)}}`;
  return `\\x${code.toString(16).padStart(2, "0")}`;
}

/**
 * One line of text that comes from the input, fit to be shown: a tab becomes a space, and everything that could hide,
 * move or recolour text is written out as `\x1b` or `\u{202e}`. Line ends are written out too, so the result is one line.
 */
export function printable(text: string): string {
  if (plain.test(text) && !text.includes("\n")) return text;
  return text.replace(hidden, (char) => (char === "\t" ? " " : escaped(char)));
}

/**
 * Serialised JSON with the same characters as JSON escapes. It parses to the same value and is harmless to look at.
 * @param json what JSON.stringify returned; its own line ends and indentation are kept.
 */
export function printableJson(json: string): string {
  if (plain.test(json)) return json;
  return json.replace(hidden, (char) => {
    if (char === "\n") return char;
    let out = "";
    for (let i = 0; i < char.length; i++) out += `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`;
    return out;
  });
}
