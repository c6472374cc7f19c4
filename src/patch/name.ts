/** Escapes of git's C-style quoting (quote.c of git), by the letter behind the backslash. */
const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "\\": 92,
};

/**
 * Reads a name in git's C-style quotes at the start of `text`.
 * @returns the name, and what follows the closing quote; undefined if the quoting is broken.
 */
export function unquote(text: string): { name: string; rest: string } | undefined {
  const bytes: number[] = [];
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      return { name: new TextDecoder().decode(new Uint8Array(bytes)), rest: text.slice(at + 1) };
    }
    if (code !== 92) {
      // Names outside ASCII stand unescaped with core.quotePath=false.
      if (code < 128) bytes.push(code);
      else {
        const point = text.codePointAt(at)!;
        bytes.push(...new TextEncoder().encode(String.fromCodePoint(point)));
        if (point > 0xffff) at++;
      }
      continue;
    }
    const octal = text.slice(at + 1, at + 4);
    if (/^[0-3][0-7]{2}$/.test(octal)) {
      bytes.push(Number.parseInt(octal, 8));
      at += 3;
      continue;
    }
    const byte = escapes[text.charAt(at + 1)];
    if (byte === undefined) return undefined;
    bytes.push(byte);
    at++;
  }
  return undefined;
}

/** Folders at the top of a kernel tree: a name that starts with one carries no prefix to strip. */
const kernelTop =
  /^(?:Documentation|LICENSES|arch|block|certs|crypto|drivers|fs|include|init|io_uring|ipc|kernel|lib|mm|net|rust|samples|scripts|security|sound|tools|usr|virt)\//;

/** Longest name that is looked at; Linux knows no longer path. */
const maxName = 4096;

/** A `--- ` or `+++ ` line: its name, and whether its time stamp is the epoch, by which GNU diff marks a missing file. */
export interface SideName {
  /** As it stands, with prefix; undefined for `/dev/null`. */
  readonly name: string | undefined;
  readonly epoch: boolean;
}

/** Reads what follows `--- ` or `+++ `; undefined if the name is missing, broken or too long. */
export function readSide(text: string): SideName | undefined {
  let name: string;
  let stamp = "";
  if (text.startsWith('"')) {
    const quoted = unquote(text.slice(0, maxName * 4));
    if (quoted === undefined) return undefined;
    name = quoted.name;
    stamp = quoted.rest.trim();
  } else {
    const tab = text.indexOf("\t");
    name = tab === -1 ? text.replace(/\r$/, "") : text.slice(0, tab);
    if (name.length > maxName) return undefined;
    if (tab !== -1) stamp = text.slice(tab + 1).trim();
    else if (name.includes(" ")) {
      const bare = / (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?(?: [-+]\d{4})?)$/.exec(name);
      if (bare !== null) {
        stamp = bare[1]!;
        name = name.slice(0, bare.index);
      }
    }
  }
  if (name === "") return undefined;
  return name === "/dev/null" ? { name: undefined, epoch: false } : { name, epoch: isEpoch(stamp) };
}

function isEpoch(stamp: string): boolean {
  if (!stamp.startsWith("19")) return false;
  const parts = /^(19(?:69-12-31|70-01-01)) (\d\d:\d\d:\d\d)(?:\.0{1,9})? ([-+]\d\d)(\d\d)$/.exec(stamp);
  return parts !== null && Date.parse(`${parts[1]}T${parts[2]}${parts[3]}:${parts[4]}`) === 0;
}

/**
 * The two names of a `diff --git ` line, as they stand with prefix; undefined if they cannot be told apart (which only
 * happens for unquoted names with blanks that differ, where other header lines name the files).
 */
export function readGitNames(text: string): { old: string; new: string } | undefined {
  const line = text.replace(/\r$/, "");
  if (line.length > 2 * maxName) return undefined;
  if (line.startsWith('"')) {
    const first = unquote(line);
    if (first === undefined || !first.rest.startsWith(" ")) return undefined;
    const rest = first.rest.slice(1);
    if (!rest.startsWith('"')) return { old: first.name, new: rest };
    const second = unquote(rest);
    return second === undefined ? undefined : { old: first.name, new: second.name };
  }
  if (line.endsWith('"')) {
    const quote = line.indexOf(' "');
    if (quote === -1) return undefined;
    const second = unquote(line.slice(quote + 1));
    return second === undefined ? undefined : { old: line.slice(0, quote), new: second.name };
  }
  const middle = (line.length - 1) / 2;
  if (line[middle] === " ") {
    const old = line.slice(0, middle);
    const now = line.slice(middle + 1);
    if (old === now || dropFirst(old) === dropFirst(now)) return { old, new: now };
  }
  const blank = line.indexOf(" ");
  if (blank !== -1 && blank === line.lastIndexOf(" ")) return { old: line.slice(0, blank), new: line.slice(blank + 1) };
  for (let at = blank; at !== -1; at = line.indexOf(" ", at + 1)) {
    const old = line.slice(0, at);
    const now = line.slice(at + 1);
    if (old.includes("/") && dropFirst(old) === dropFirst(now)) return { old, new: now };
  }
  return undefined;
}

function dropFirst(name: string): string {
  return name.slice(name.indexOf("/") + 1);
}

/** Whether names of a git diff carry a prefix (`a/`, `b/`, `i/`, `w/`): without one both sides read the same. */
export function gitHasPrefix(names: { old: string; new: string } | undefined): boolean {
  return names === undefined || names.old !== names.new || /^[abciwo]\//.test(names.old);
}

/** A name of a git diff without its prefix. */
export function stripGit(name: string, hasPrefix: boolean): string {
  return hasPrefix ? dropFirst(name) : name;
}

/**
 * A name of a diff that git did not write, without `a/` or its leading top folder (`linux-2.6/`). A name that starts
 * with one of the kernel's own top folders is taken as it stands.
 */
export function stripPlain(name: string): string {
  return kernelTop.test(name) ? name : dropFirst(name);
}

/** Why a path must not be followed; undefined for a path that stays below the top of the tree. */
export function unsafePath(path: string): string | undefined {
  if (path.startsWith("/")) return "an absolute path";
  if (path.split("/").includes("..")) return 'a path that climbs with ".."';
  // Such names would also reach the terminal.
  if (/[\u0000-\u001f\u007f-\u009f]/.test(path)) return "a path with control characters";
  if (path === "" || path.length > maxName) return "no usable path";
  return undefined;
}
