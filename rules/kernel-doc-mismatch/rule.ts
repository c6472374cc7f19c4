import { defineRule } from "../../src/rule/index.ts";

export default defineRule({
  id: "kernel-doc-mismatch",
  title: "kernel-doc comment that does not fit its function",
  level: "check",
  confidence: "high",
  sources: [
    {
      by: "Documentation/doc-guide/kernel-doc.rst",
      says: "kernel-doc opens with two stars and describes each parameter by its name",
      url: "https://docs.kernel.org/doc-guide/kernel-doc.html",
    },
  ],
  needs: ["comments"],
  *find({ comments }) {
    for (const { func, comment, form, otherHeading, described } of comments) {
      if (form === "plain" || (form === "doc-shaped" && described.length === 0)) continue;
      const { tree } = func;
      const names = func.params.map((p) => p.name).filter(Boolean);
      const unknown = described.filter((d) => !names.includes(d.name));
      const missing = described.length > 0 ? names.filter((n) => !described.some((d) => d.name === n)) : [];
      const oneStar = form === "doc-shaped";
      if (unknown.length === 0 && missing.length === 0 && !oneStar && !otherHeading) continue;
      const bad = unknown[0];
      yield {
        at: {
          tree,
          node: bad
            ? { start: bad.start, end: bad.start + bad.name.length + 1 }
            : { start: comment.start, end: comment.start + 3 },
        },
        within: func.name,
        data: { name: func.name, unknown: unknown.map((u) => u.name), missing, oneStar, otherHeading },
      };
    }
  },
  explain({ data: { name, unknown, missing, oneStar, otherHeading } }) {
    const at = (list: readonly string[]) => list.map((n) => `@${n}`).join(", ");
    const parts = [
      otherHeading ? `is headed ${otherHeading}` : "",
      unknown.length > 0
        ? `describes ${at(unknown)}, which ${unknown.length > 1 ? "are no parameters" : "is no parameter"}`
        : "",
      missing.length > 0 ? `leaves out ${at(missing)}` : "",
      oneStar ? "opens with /* where kernel-doc needs /**" : "",
    ].filter(Boolean);
    return {
      what: `the comment on ${name}() ${parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : parts[0]}`,
      why: !oneStar
        ? "scripts/kernel-doc warns about wrong names and missing parameters."
        : unknown.length > 0 || missing.length > 0
          ? "scripts/kernel-doc does not read a comment that opens with one star; once it opens with two, it warns of the parameters."
          : "scripts/kernel-doc does not read a comment that opens with one star.",
      instead: [
        unknown.length > 0 || missing.length > 0 ? "Name the parameters as the function does." : "",
        otherHeading ? "Head the comment with the function's name." : "",
        oneStar ? "Open the comment with /**." : "",
      ]
        .filter(Boolean)
        .join(" "),
    };
  },
});
