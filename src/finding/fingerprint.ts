/** 32 bits of FNV-1a over the UTF-16 code units of a text. */
function fnv(text: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i);
    h = Math.imul(h, 0x01000193);
  }
  return h >>> 0;
}

/**
 * 16 hex digits that stay the same when lines move: from the rule, the file, what the place lies in, its code with white
 * space folded, and, where all of those are equal, which of the equal ones it is (0-based).
 */
export function fingerprint(rule: string, file: string, within: string, code: string, ordinal: number): string {
  const key = [rule, file, within, code.replace(/\s+/g, " ").trim(), ordinal].join("\0");
  const hex = (n: number) => n.toString(16).padStart(8, "0");
  return hex(fnv(key, 0x811c9dc5)) + hex(fnv(key, 0x01234567));
}
