/**
 * Kernel idioms that the C grammar does not know, made harmless before the parse. Every replacement keeps its length, so
 * offsets hold in both texts; what was hidden is recorded, because an attribute or an iterator is a fact of its own.
 */
export interface Masked {
  readonly text: string;
  readonly hidden: readonly Hidden[];
}

export interface Hidden {
  readonly idiom: "attribute" | "iterator" | "guard" | "type-argument" | "trace-event" | "syscall" | "macro-item";
  /** Offsets of what was changed, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** What stood there. */
  readonly text: string;
}

const attributes =
  "__init|__exit|__initdata|__must_check|__force|__user|__iomem|__rcu|__percpu|__kernel|__bitwise|__private|__cold|__hot|__pure|" +
  "__always_unused|__maybe_unused|__always_inline|__read_mostly|__ro_after_init|__cacheline_aligned_in_smp|____cacheline_aligned_in_smp|____cacheline_aligned|" +
  "__packed|__sched|__weak|__visible|__refdata|__nocast|__randomize_layout|__deprecated|noinline_for_stack|noinline|notrace|asmlinkage|" +
  "__printf\\([^()]*\\)|__scanf\\([^()]*\\)|__releases\\([^()]*\\)|__acquires\\([^()]*\\)|__must_hold\\([^()]*\\)|__counted_by\\([^()]*\\)|" +
  "__counted_by_le\\([^()]*\\)|__aligned\\([^()]*\\)|__cleanup\\([^()]*\\)|__free\\([^()]*\\)|__cond_acquires\\([^()]*\\)|__no_sanitize\\([^()]*\\)";

const idioms = new RegExp(
  [
    `(?<attribute>\\b(?:${attributes})(?!\\w))`,
    // The word is looked at first: what stands before it is spaces without end, in text that was written to be slow.
    "\\b(?=\\w{0,60}for_each)(?<=[;{}:)]\\s*|^\\s*|\\*/\\s*|\\belse\\s+)(?<iterator>\\w{0,60}for_each\\w{0,60})\\s*\\(",
    "(?<guard>\\bscoped_(?:cond_)?guard)\\s*\\(",
    "\\b(?=struct|union|enum|unsigned|signed|long|short)(?<=[(,]\\s*)(?<type>(?:struct|union|enum)\\s+\\w+|(?:unsigned|signed|long|short)(?:\\s+(?:int|long|char|short))+)(?=\\s*,)",
    "^(?<trace>TRACE_EVENT\\w*|DECLARE_EVENT_CLASS|DEFINE_EVENT\\w*|TRACE_DEFINE_ENUM)\\(",
    "^(?<syscall>(?:COMPAT_)?SYSCALL_DEFINE\\d)\\(",
    "^(?<item>[A-Z][A-Z0-9_]+)\\(",
  ].join("|"),
  "gm",
);

/** The offset behind the parenthesis that matches the one at `open`; -1 if there is none. */
export function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 40) depth++;
    else if (c === 41 && --depth === 0) return i + 1;
    else if (c === 34) {
      for (i++; i < text.length && text.charCodeAt(i) !== 34; i++) if (text.charCodeAt(i) === 92) i++;
    }
  }
  return -1;
}

const blank = (s: string) => s.replace(/[^\n]/g, " ");

/** Mask `text`, which is C source of the kernel, whole or a part of a file. */
export function mask(text: string): Masked {
  const hidden: Hidden[] = [];
  const parts: string[] = [];
  let done = 0;
  // A parenthesis that never closes is looked for once; further ones behind it cannot close either.
  let unclosedFrom = text.length + 1;
  const close = (open: number) => {
    if (open >= unclosedFrom) return -1;
    const end = closing(text, open);
    if (end < 0) unclosedFrom = open;
    return end;
  };
  const put = (idiom: Hidden["idiom"], start: number, end: number, replacement: string) => {
    if (start < done) return;
    parts.push(text.slice(done, start), replacement);
    hidden.push({ idiom, start, end, text: text.slice(start, end) });
    done = end;
  };
  idioms.lastIndex = 0;
  for (let m = idioms.exec(text); m; m = idioms.exec(text)) {
    const g = m.groups as Record<string, string | undefined>;
    const start = m.index;
    const end = start + m[0].length;
    if (g.attribute !== undefined) put("attribute", start, end, blank(m[0]));
    else if (g.type !== undefined) {
      const at = text.indexOf(g.type, start);
      put("type-argument", at, at + g.type.length, g.type.replace(/\s/g, "_"));
    } else if (g.iterator !== undefined || g.guard !== undefined) {
      const name = (g.iterator ?? g.guard) as string;
      const at = text.indexOf(name, start);
      const after = close(end - 1);
      if (after < 0 || /^\s*[;,)=]/.test(text.slice(after, after + 80))) continue;
      const word = g.iterator === undefined ? "if" : "while";
      if (name.length >= word.length)
        put(g.iterator === undefined ? "guard" : "iterator", at, at + name.length, word.padEnd(name.length));
    } else if (g.trace !== undefined) {
      const after = close(end - 1);
      if (after < 0) continue;
      const semicolon = text[after] === ";" ? 1 : 0;
      put("trace-event", start, after + semicolon, blank(text.slice(start, after + semicolon)));
      idioms.lastIndex = after;
    } else if (g.syscall !== undefined) {
      put("syscall", start, end - 1, `int s${" ".repeat(end - start - 6)}`);
    } else if (g.item !== undefined) {
      // A macro that makes a whole item and has no semicolon swallows the next one; its line end can be the semicolon.
      const after = close(end - 1);
      if (after < 0 || text[after] !== "\n") continue;
      if (!/^\s*[{;=]/.test(text.slice(after, after + 80))) put("macro-item", after, after + 1, ";");
      idioms.lastIndex = after;
    }
  }
  parts.push(text.slice(done));
  return { text: parts.join(""), hidden };
}
