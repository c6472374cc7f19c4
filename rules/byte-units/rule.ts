import { defineRule, hellwig } from "../../src/rule/index.ts";

export default defineRule({
  id: "byte-units",
  title: "device-level copy interface in bytes instead of sectors",
  level: "warning",
  confidence: "high",
  sources: [hellwig("a helper that can only work on logical blocks takes 512-byte sectors, not bytes")],
  needs: ["byteInterfaces"],
  *find({ byteInterfaces }, { text, silent }) {
    for (const { func, params, shifts, direct, mixed } of byteInterfaces) {
      if (!direct && func.isStatic) {
        silent(
          `byte-units in ${func.name}()`,
          "a static function that only passes the values on; the finding stands at the interface that shifts them",
        );
        continue;
      }
      const { tree } = func;
      const first = params[0]!;
      // Where the function shifts by itself, those are the lines to look at.
      const own = shifts.filter((s) => s.func === func);
      const seen = new Set<number>();
      const places = (own.length > 0 ? own : shifts)
        .filter((s) => !seen.has(s.node.start) && seen.add(s.node.start))
        .sort((a, b) => a.node.start - b.node.start);
      yield {
        at: { tree, node: first.node },
        within: func.name,
        related: places.slice(0, 4).map((s) => ({
          at: { tree: s.func.tree, node: s.node },
          message: `shifted to sectors here: ${text(s.func, s.node)}`,
        })),
        data: {
          name: func.name,
          params: params.map((p) => p.name),
          typed: params.every((p) => p.type.name === "sector_t"),
          mixed,
          ranges: params.every((p) => p.type.pointers > 0),
        },
      };
    }
  },
  explain({ data: { name, params, typed, mixed, ranges } }) {
    const list = params.length > 1 ? `${params.slice(0, -1).join(", ")} and ${params.at(-1)}` : params[0]!;
    return {
      what: mixed
        ? `${name}() mixes units: ${list} ${ranges ? "holds values" : params.length > 1 ? "are" : "is"} in bytes beside positions in sectors`
        : ranges
          ? `${name}() takes ranges (${list}) whose positions and lengths are in bytes, and which are shifted down to sectors`
          : `${name}() takes ${list} in bytes, which ${params.length === 1 ? "is" : "are"} shifted down to sectors`,
      why: "The device copies whole logical blocks: bytes admit values that it cannot work with, and they are shifted down, often after a caller shifted them up.",
      instead: typed
        ? `The type says sectors (${list}: sector_t) and the value is in bytes; pass sectors.`
        : "Take sector_t positions and a length in 512-byte sectors; leave bytes to the file-level callers.",
    };
  },
});
