import { defineRule, hellwig } from "../../src/rule/index.ts";

const firstPerson = /\b(?:we|our|us|ourselves)\b/i;
const step = /^\s*(?:\(?\d+[.)]|step\s+\d+)\s+\S/i;
const sequence = /(?:^|[.;]\s+)\s*(?:first|firstly|then|next|finally|afterwards)\b/i;
const doing =
  /\bwe\s+(?:\w+\s+)?(?:split|submit|allocate|wait|queue|send|take|form|merge|store|punt|issue|chain|read|write|perform|divide|build|create|hold)\b/i;
const internals = /\b(?:plug|request layer|driver layer|merges?|merged|worker|punt)\b/gi;

export default defineRule({
  id: "narrative-kernel-doc",
  title: "function comment that narrates the code instead of documenting the interface",
  level: "check",
  confidence: "moderate",
  sources: [hellwig("kernel-doc documents the API and not what the code below does")],
  needs: ["comments"],
  *find({ comments }, { raw }) {
    for (const { func, comment, form } of comments) {
      if (form === "plain") continue;
      const { tree } = func;
      const lines = raw({ tree }, comment.start, comment.end).split("\n");
      let at = comment.start;
      let first: { start: number; end: number } | undefined;
      let people = 0;
      let does = 0;
      let steps = 0;
      const inside = new Set<string>();
      let contract = false;
      for (const line of lines) {
        const prose = line.replace(/^\s*\/?\*+\/?/, "");
        // What stands under these headings is for callers, lists included; the section ends with an empty line.
        if (/^\s*(?:returns?|context|notes?)\b.*:/i.test(prose)) contract = true;
        else if (prose.trim() === "") contract = false;
        if (contract) {
          at += line.length + 1;
          continue;
        }
        const persons = prose.match(/\b(?:we|our|us|ourselves)\b/gi)?.length ?? 0;
        const isStep = step.test(prose) || sequence.test(prose);
        people += persons;
        if (doing.test(prose)) does++;
        if (isStep) steps++;
        const words = prose.match(internals) ?? [];
        for (const word of words) inside.add(word.toLowerCase());
        if (!first && (firstPerson.test(prose) || isStep || words.length > 0))
          first = { start: at, end: at + line.length };
        at += line.length + 1;
      }
      const narrates =
        people > 1 || does > 0 || inside.size > 1 || (people > 0 && steps > 0) || (inside.size > 0 && steps > 1);
      if (!first || !narrates) continue;
      yield { at: { tree, node: first }, within: func.name, data: { name: func.name, people, steps } };
    }
  },
  explain({ data: { name, people, steps } }) {
    const how = [people > 0 ? "in the first person" : "", steps > 1 ? "step by step" : ""]
      .filter(Boolean)
      .join(" and ");
    return {
      what: `the comment on ${name}() tells how the code below works${how ? `, ${how}` : ""}`,
      why: "A function comment is for callers: what goes in, what comes out, what must hold. The steps inside belong to the code or to a design note, and go stale here.",
      instead:
        "Describe parameters, units, return value and context; move the design to the commit message or Documentation/.",
    };
  },
});
