import type { Finding, Level } from "../src/finding/finding.ts";

/**
 * What is expected of a patch, written beside it as a reply to it:
 *
 *     Does a plug per chunk ask for a flush between two chunks?
 *
 *     > +	for (; left; left -= step) {
 *     > +		blk_start_plug(&plug);
 *     ^ warning plug-per-chunk: flush plug
 *
 * The first line asks a question or says the lesson. Quoted lines are lines of the patch file, with their `+`, `-` or
 * space; they stand for one place in it, the last of them, and the others only make it the only one. Below them:
 *
 *     ^ level rule-id: words   found here; each word occurs in what it says; the level "note" stands for a finding of
 *                              any level that a later patch of the series mends
 *     = rule-id: why           the rule keeps silent here
 *     ? rule-id: why           the rule should speak here and does not; fails once it does
 *     ! kind name: detail      a fact that `copylint facts` must show
 */
export interface Expectation {
  readonly question: string;
  readonly places: readonly Place[];
  readonly facts: readonly string[];
}

/** A place in the patch, and what is expected there. */
export interface Place {
  /** Consecutive lines of the patch file; the last one is the place. */
  readonly quoted: readonly string[];
  readonly notes: readonly Note[];
  /** 1-based line of the first quoted line in the .expect file. */
  readonly line: number;
}

export interface Note {
  readonly kind: "found" | "silent" | "blind";
  readonly rule: string;
  /** Of `found` notes only. */
  readonly level: Level | "note" | undefined;
  /** Of `found` notes: the words that must occur; else the reason. */
  readonly text: string;
  /** 1-based line in the .expect file. */
  readonly line: number;
}

const levels: readonly string[] = ["error", "warning", "check", "note"] satisfies (Level | "note")[];
const idPattern = "[a-z][a-z0-9]*(?:-[a-z0-9]+)*";
const foundPattern = new RegExp(`^\\^ ([a-z]+) (${idPattern}): (.+)$`);
const otherPattern = new RegExp(`^([=?]) (${idPattern}): (.+)$`);

/** Reads an .expect file. Throws an Error that names the line if it is not in the form above. */
export function parseExpectation(text: string): Expectation {
  const lines = text.split("\n");
  const wrong = (index: number, what: string): Error => new Error(`line ${index + 1}: ${what}: ${lines[index]}`);
  const question = lines[0] ?? "";
  if (question.trim() === "" || /^[>^=?!]/.test(question)) throw wrong(0, "the first line asks a question");

  const places: { quoted: string[]; notes: Note[]; line: number }[] = [];
  const facts: string[] = [];
  let quoting = false;
  lines.slice(1).forEach((line, i) => {
    const index = i + 1;
    if (line.startsWith(">")) {
      if (line !== ">" && !line.startsWith("> ")) throw wrong(index, 'a quoted line starts with "> "');
      if (!quoting) places.push({ quoted: [], notes: [], line: index + 1 });
      places.at(-1)!.quoted.push(line.slice(2));
      quoting = true;
      return;
    }
    const above = quoting || (places.at(-1)?.notes.length ?? 0) > 0 ? places.at(-1) : undefined;
    if (line === "") {
      if (quoting) throw wrong(index, "nothing is said of the lines quoted above");
      return;
    }
    quoting = false;
    if (line.startsWith("! ")) {
      facts.push(line.slice(2));
      return;
    }
    const [, level = "", foundRule = "", words = ""] = foundPattern.exec(line) ?? [];
    const [, mark = "", otherRule = "", why = ""] = otherPattern.exec(line) ?? [];
    if (foundRule === "" && otherRule === "") throw wrong(index, "neither ^ = ? ! nor a quoted line");
    if (above === undefined) throw wrong(index, "no line is quoted above");
    if (foundRule !== "") {
      if (!levels.includes(level)) throw wrong(index, "no such level");
      above.notes.push({ kind: "found", rule: foundRule, level: level as Note["level"], text: words, line: index + 1 });
    } else {
      const kind = mark === "=" ? "silent" : "blind";
      above.notes.push({ kind, rule: otherRule, level: undefined, text: why, line: index + 1 });
    }
  });
  if (quoting) throw new Error(`line ${lines.length}: nothing is said of the last quoted lines`);
  return { question, places, facts };
}

/** 1-based line of `patch` that a place stands for. Throws an Error if the quotation occurs not at all or twice. */
export function locate(place: Place, patch: string): number {
  const lines = patch.split("\n");
  const at = lines.flatMap((_, start) => (place.quoted.every((line, i) => lines[start + i] === line) ? [start] : []));
  const [first] = at;
  if (first === undefined || at.length > 1)
    throw new Error(`line ${place.line}: quoted lines occur ${at.length} times in the patch: ${place.quoted.at(-1)}`);
  return first + place.quoted.length;
}

/** The file and the 1-based line on its new side for each line of a diff, by line of the patch file (1-based). */
export function newSides(patch: string): ReadonlyMap<number, { readonly file: string; readonly line: number }> {
  const sides = new Map<number, { file: string; line: number }>();
  let file = "";
  let [line, olds, news] = [0, 0, 0];
  patch.split("\n").forEach((text, index) => {
    if (olds <= 0 && news <= 0) {
      if (text.startsWith("+++ b/")) file = text.slice(6);
      const [, oldCount = "1", start, newCount = "1"] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text) ?? [];
      if (start !== undefined) [line, olds, news] = [Number(start), Number(oldCount), Number(newCount)];
      return;
    }
    if (text.startsWith("\\")) return;
    if (!text.startsWith("+")) olds--;
    if (!text.startsWith("-")) {
      news--;
      sides.set(index + 1, { file, line: line++ });
    }
  });
  return sides;
}

/** The rules that an expectation names. */
export function rulesNamed(expectation: Expectation): ReadonlySet<string> {
  return new Set(expectation.places.flatMap((place) => place.notes.map((note) => note.rule)));
}

/**
 * The facts of an expectation that are not shown.
 * @param shown those that are, each as "kind name: detail".
 */
export function factsMissing(expectation: Expectation, shown: readonly string[]): readonly string[] {
  return expectation.facts.filter((fact) => !shown.includes(fact)).map((fact) => `this fact is not shown: ${fact}`);
}

/** What `disagreements` reads of a finding. */
export type Found = Pick<Finding, "rule" | "level" | "file" | "line" | "what" | "why" | "instead" | "mendedBy"> & {
  readonly patch: Pick<Finding["patch"], "line">;
};

/**
 * Compares both ways: all that is expected is found, and nothing else is.
 * @param findings those of this patch that count; the caller has left out other patches and other rules.
 * @returns one sentence for each disagreement, none if all is well.
 */
export function disagreements(expectation: Expectation, patch: string, findings: readonly Found[]): readonly string[] {
  const lines = patch.split("\n");
  const sides = newSides(patch);
  const left = new Set(findings);
  const said: string[] = [];
  const show = (f: Found): string =>
    `${f.level} ${f.rule} at line ${f.patch.line} of the patch (${lines[f.patch.line - 1]?.trim()}): ${f.what}`;

  for (const place of expectation.places) {
    const at = locate(place, patch);
    const here = findings.filter((f) => f.patch.line === at);
    for (const note of place.notes) {
      const hit = here.find((f) => f.rule === note.rule);
      if (note.kind !== "found") {
        if (hit === undefined) continue;
        left.delete(hit);
        const end = note.kind === "silent" ? "but is found" : "and is found now: write ^ instead of ?";
        said.push(`line ${note.line}: ${note.rule} is expected to be silent (${note.text}) ${end}: ${show(hit)}`);
        continue;
      }
      if (hit === undefined) {
        said.push(`line ${note.line}: ${note.rule} is not found at: ${place.quoted.at(-1)}`);
        continue;
      }
      left.delete(hit);
      if ((hit.mendedBy === null ? hit.level : "note") !== note.level)
        said.push(
          `line ${note.line}: expected ${note.level}, ${hit.mendedBy ? "but a later patch mends it" : "is"}: ${show(hit)}`,
        );
      const text = `${hit.what}\n${hit.why}\n${hit.instead}`.toLowerCase();
      const missing = note.text.split(" ").filter((word) => !text.includes(word.toLowerCase()));
      if (missing.length > 0) said.push(`line ${note.line}: does not say "${missing.join(" ")}": ${show(hit)}`);
    }
  }
  for (const finding of left) said.push(`not expected: ${show(finding)}`);
  for (const finding of findings) {
    const side = sides.get(finding.patch.line);
    if (side !== undefined && (side.file !== finding.file || side.line !== finding.line))
      said.push(`says ${finding.file}:${finding.line}, is ${side.file}:${side.line}: ${show(finding)}`);
  }
  return said;
}
