import { describe, expect, test } from "vitest";
import { readCode } from "../../src/engine/code.ts";
import { extractFacts } from "../../src/engine/extract.ts";
import { programOf, type Scenario, stageOf } from "../../src/exec/harness.ts";
import { readingsOf } from "../../src/exec/roles.ts";
import { settleLimits, settleReading } from "../../src/exec/settle.ts";
import { type Event, describe as inWords } from "../../src/model/event.ts";
import { referenceEngine } from "../../src/model/reference.ts";
import { type Budget, type Program, type Run, runOnce } from "../../src/model/schedule.ts";
import { reference } from "../../src/model/variant.ts";
import { statesOf } from "../../src/source/states.ts";
import { seriesOf } from "../reviewing.ts";
import { engineMail } from "./engines.ts";

/**
 * What both engines do to the kernel, in the order in which it happens, and who does it. Left out is what only one of them tells:
 *
 * - loads, stores and updates of fields: C reads and writes its locals, its arguments and every member of a bio, and where the reference
 *   changes a count in one step, C calls an atomic function;
 * - that the context goes out of scope: a frame of C ends without a word;
 * - that the submitter wakes itself, when it drops the last reference: blk_wake_io_task() only sets the state then;
 * - what C says beside (a state that is set by hand).
 *
 * What an allocation is called differs as well: C names it by the variable that it is stored to.
 */
const compared = new Set<Event["kind"]>(
  "allocate free put chain submit pair wake start-plug finish-plug flush dispatch transfer sleep early return fault".split(
    " ",
  ) as Event["kind"][],
);

function projected({ kernel }: Run): string {
  const out: string[] = [];
  for (const event of kernel.events ?? []) {
    if (event.kind === "wake" && event.what === event.actor) continue;
    const words = inWords(event);
    const isReturn = event.kind === "say" && /^return -?\d+$/.test(words);
    if (isReturn) out.push(`${event.actor}: ${words}`);
    else if (event.kind === "return")
      out.push(`${event.actor}: return ${event.status < 0 ? event.status : event.copied}`);
    else if (compared.has(event.kind))
      out.push(
        `${event.actor}: ${words.replace(/\b(dst|src)_bio( \d+)?/g, (_, half: string, n = " 1") => half.toUpperCase() + n)}`,
      );
  }
  return out.join("\n");
}

/** Traces of all runs within the bounds; no run is left out for coming to a state that another one met before. */
function tracesOf(program: Program, budget: Budget): string[] {
  const traces = new Set<string>();
  const left: number[][] = [[]];
  for (let ways = left.pop(); ways !== undefined; ways = left.pop()) {
    const run = runOnce(program, budget, ways, { record: true });
    expect([run.end, run.stuck.length]).toEqual(["complete", 0]);
    traces.add(projected(run));
    const taken = run.choices.map(({ way }) => way);
    for (let at = ways.length; at < run.choices.length; at++)
      for (let way = 1; way < run.choices[at]!.ways; way++) left.push([...taken.slice(0, at), way]);
  }
  return [...traces].sort();
}

async function engineInC(chunks: number, sectors: number, edit?: (text: string) => string): Promise<Program> {
  const [series] = await seriesOf([engineMail("reference.c", edit)]);
  const facts = extractFacts(readCode(statesOf(series!).at(series!.patches.length), () => true));
  const bare = stageOf(facts, facts.code.trees);
  const { func } = facts.functions.find((each) => each.func.name === "blkdev_copy_prefix")!;
  const readings = readingsOf(facts, bare.program, func);
  if ("why" in readings) throw new Error(readings.why);
  const entry = settleReading(bare, readings);
  if ("why" in entry) throw new Error(entry.why);
  const scenario: Scenario = {
    words: "",
    ranges: [{ from: 0, to: chunks * sectors, sectors: chunks * sectors }],
    limits: { block: 512, copy: sectors, maxHw: sectors, segments: 128, capable: true },
    tokenSectors: sectors,
    asynchronous: false,
    // Without leave to wait, bio_alloc() may fail.
    gfp: "atomic",
    expect: "success",
    twoDevices: false,
    permitted: "yes",
  };
  return programOf({ ...bare, limitFields: settleLimits(bare, [entry], facts.code.funcs) }, entry, scenario);
}

const tracesInC = async (chunks: number, sectors: number, budget: Budget): Promise<string[]> =>
  tracesOf(await engineInC(chunks, sectors), budget);

const tracesOfReference = (chunks: number, sectors: number, budget: Budget): string[] =>
  tracesOf(referenceEngine(reference, { chunks, chunkSectors: sectors }), budget);

const within = (failures: number, preemptions: number): Budget => ({ failures, preemptions, maxSteps: 60_000 });

describe("the engine in C does what the reference engine does", () => {
  /** Chunks, sectors of each, failures, interruptions, and traces: 256 sectors are so many that the plug lets go by itself. */
  const cases = [
    [1, 16, 2, 0, 10],
    [2, 16, 2, 0, 46],
    [3, 16, 2, 0, 226],
    [3, 256, 2, 0, 226],
    [1, 16, 2, 2, 51],
    [2, 16, 0, 2, 20],
    [2, 16, 1, 1, 66],
    [3, 16, 1, 1, 358],
  ] as const;
  test.each(cases)(
    "%i chunks of %i sectors, %i failures, %i interruptions: %i traces",
    async (chunks, sectors, failures, preemptions, traces) => {
      const budget = within(failures, preemptions);
      const found = await tracesInC(chunks, sectors, budget);
      expect(found).toEqual(tracesOfReference(chunks, sectors, budget));
      expect(found.length).toBe(traces);
    },
  );

  // Where a plug lets go of a chunk by itself, that may complete before the next bio is handed over. The reference hands over both bios of
  // a chunk in one step, so in none of its runs does it come in between the two.
  test("and more, where a completion comes in between the two bios of a chunk", async () => {
    const budget = within(1, 1);
    const wanted = tracesOfReference(2, 256, budget);
    const found = await tracesInC(2, 256, budget);
    expect(wanted.filter((trace) => !found.includes(trace))).toEqual([]);
    const more = found.filter((trace) => !wanted.includes(trace));
    expect(more.length).toBe(5);
    for (const trace of more)
      expect(trace).toMatch(/submit DST 2\n(?:.+\n)*completion 1: (?:.+\n)+submitter: submit SRC 2\n/);
  });

  test("which is no matter of course: one that lets go of its plug by sleeping does something else", async () => {
    const budget = within(0, 0);
    const later = (text: string) =>
      text
        .replace("\tblk_finish_plug(&plug);\n", "")
        .replace("\n\tfor (i = 0;", "\tblk_finish_plug(&plug);\n\n\tfor (i = 0;");
    const found = tracesOf(await engineInC(1, 16, later), budget);
    expect(found.join("\n")).toContain("flush plug: sleep");
    expect(found).not.toEqual(tracesOfReference(1, 16, budget));
  });
});
