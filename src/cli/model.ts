/**
 * `copylint model`: runs the reference engine, or one that differs in some choices, by hand.
 *
 *   --variant LIST        choices, as plug=per-chunk,progress=min-offset
 *   --chunks N            number of chunks, 1 to 64 (2)
 *   --chunk-sectors N     length of a chunk in 512-byte sectors, 1 to 4194304 (128)
 *   --fail WHAT           chunk:N or alloc:N, both 1-based; may be given more than once, or as a list
 *   --order LIST          chunks in the order in which they complete, as 2,1,3
 *   --gfp wait|nowait     whether bio_alloc may sleep and so cannot fail (nowait)
 *   --caller-plug         the caller holds a plug
 *   --explore             run all schedules, and all failures unless --fail names them
 *   --failures N          with --explore: things that go wrong in one run, 0 to 4 (2)
 *   --preemptions N       with --explore: interruptions in one run, 0 to 3 (1)
 *   --property ID         show the run that breaks this property
 *   --format text|json    (text)
 */
import { type Bounds, explore, type Verdict, WIDE } from "../model/explore.ts";
import { traceOf } from "../model/judge-variant.ts";
import { type Property, properties, propertyIds } from "../model/property.ts";
import { type Params, referenceEngine, usualParams } from "../model/reference.ts";
import { type Run, runOnce } from "../model/schedule.ts";
import { differences, KNOBS, type Knob, knobs, type Variant, variantWith } from "../model/variant.ts";
import { type ModelReport, type ModelVerdict, renderModel, renderModelJson } from "../report/model.ts";
import { failuresOf, neverFails, number, oneOf, orderOf, UsageError } from "./typed.ts";

/** The command line's strings as they were typed. */
export interface ModelOptions {
  readonly variant?: string;
  readonly chunks?: string;
  readonly chunkSectors?: string;
  readonly fail?: readonly string[];
  readonly order?: string;
  readonly gfp?: string;
  readonly callerPlug?: boolean;
  readonly explore?: boolean;
  readonly failures?: string;
  readonly preemptions?: string;
  readonly property?: string;
  readonly format?: string;
}

/** `code`: 0 when no property is broken, else 1. `usage`: one sentence that says what is wrong and what is possible. */
export type ModelResult = { readonly out: string; readonly code: number } | { readonly usage: string };

export function modelCommand(options: ModelOptions): ModelResult {
  try {
    const format = oneOf("--format", options.format ?? "text", ["text", "json"]);
    const report = run(options);
    const code = report.verdicts.some(({ verdict }) => verdict === "broken") ? 1 : 0;
    return { out: format === "json" ? renderModelJson(report) : renderModel(report), code };
  } catch (error) {
    if (error instanceof UsageError) return { usage: error.message };
    throw error;
  }
}

function run(options: ModelOptions): ModelReport {
  const variant = variantWith(choicesOf(options.variant ?? ""));
  const params = paramsOf(options);
  const wanted = options.property === undefined ? null : oneOf("--property", options.property, propertyIds);
  const bounds: Bounds = {
    ...WIDE,
    failures: options.explore ? number("--failures", options.failures ?? "2", 0, 4) : 0,
    preemptions: options.explore ? number("--preemptions", options.preemptions ?? "1", 0, 3) : 0,
  };
  const program = referenceEngine(variant, params);
  const ordinary = runOnce(program, bounds);
  checkAllocations(params, ordinary);
  const odd = referenceEngine(variant, { ...params, chunks: 1, oddLength: true, order: [] });
  const byType = properties.filter(({ id }) => id === "aligned-by-type");
  const others = properties.filter(({ id }) => id !== "aligned-by-type");
  const explored =
    options.explore === true
      ? [explore(program, bounds, { properties: others }), explore(odd, ONE_RUN, { properties: byType })]
      : null;
  const found = explored?.flatMap(({ verdicts }) => verdicts.map(seenIn)) ?? [
    ...others.map((property) => shownBy(property, ordinary)),
    ...byType.map((property) => shownBy(property, runOnce(odd, ONE_RUN))),
  ];
  const shown = found.find(({ property, outcome }) => outcome !== null && (wanted === null || property.id === wanted));
  const shownProgram = shown?.property.id === "aligned-by-type" ? odd : program;
  const differing = differences(variant);
  return {
    engine: program.name,
    choices: differing.map((knob) => ({ knob, value: variant[knob] })),
    verdicts: found.map(({ property, verdict, outcome }) => ({
      property: property.id,
      says: property.says,
      verdict,
      outcome,
    })),
    explored: explored && {
      failures: bounds.failures,
      preemptions: bounds.preemptions,
      runs: sum(explored.map(({ runs }) => runs)),
      states: sum(explored.map(({ states }) => states)),
      exhaustive: explored.every(({ exhaustive }) => exhaustive),
    },
    trace: traceOf(shownProgram, bounds, shown?.ways ?? [], shown?.outcome ?? outcomeOf(ordinary), differing),
    breaks: shown?.property.id ?? null,
  };
}

/** The bounds of a run in which nothing is left to choose. */
const ONE_RUN: Bounds = { ...WIDE, failures: 0, preemptions: 0 };

interface Found {
  readonly property: Property;
  readonly verdict: ModelVerdict["verdict"];
  readonly outcome: string | null;
  readonly ways: readonly number[];
}

function seenIn({ property, holds, occurs, violation }: Verdict): Found {
  const verdict = holds ? (occurs ? "holds" : "not seen") : "broken";
  return { property, verdict, outcome: violation?.outcome ?? null, ways: violation?.ways ?? [] };
}

function shownBy(property: Property, run: Run): Found {
  const outcome = property.broken(run);
  return {
    property,
    verdict: outcome !== null ? "broken" : property.occurs(run) ? "holds" : "not seen",
    outcome,
    ways: [],
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function outcomeOf({ kernel }: Run): string {
  const report = kernel.reports.at(-1);
  if (report === undefined) return "the call has not been answered";
  const said = report.status < 0 ? `error ${report.status}` : `${report.copied} sectors reported`;
  return `${said}, ${report.arrived} of ${kernel.call.length} arrived from the start`;
}

function choicesOf(list: string): Partial<Variant> {
  const choices: { [knob: string]: string } = {};
  for (const item of list.split(",").filter((each) => each.trim() !== "")) {
    const [name = "", value] = item.split("=", 2).map((each) => each.trim());
    if (value === undefined)
      throw new UsageError(`--variant wants knob=value, not '${item.trim()}'; knobs are ${knobs.join(", ")}`);
    const knob: Knob = oneOf("--variant", name, knobs);
    choices[knob] = oneOf(`--variant ${knob}`, value, KNOBS[knob]);
  }
  return choices as Partial<Variant>;
}

function paramsOf(options: ModelOptions): Params {
  const chunks = number("--chunks", options.chunks ?? String(usualParams.chunks), 1, 64);
  const failed = options.fail ?? [];
  const named = failuresOf(failed, { chunk: chunks, alloc: 1_000 });
  return {
    ...usualParams,
    chunks,
    chunkSectors: number("--chunk-sectors", options.chunkSectors ?? String(usualParams.chunkSectors), 1, 4_194_304),
    mayFailAlloc: oneOf("--gfp", options.gfp ?? "nowait", ["wait", "nowait"]) === "nowait",
    callerHoldsPlug: options.callerPlug === true,
    failChunks: options.explore && failed.length === 0 ? null : named.chunk,
    failAllocations: options.explore && failed.length === 0 ? null : named.alloc,
    order: orderOf(options.order, chunks),
  };
}

/** An allocation that is told to fail must exist and be able to. */
function checkAllocations({ failAllocations, mayFailAlloc }: Params, { kernel }: Run): void {
  for (const n of failAllocations ?? []) {
    if (kernel.failures.some((failure) => failure.kind === "allocation" && failure.n === n)) continue;
    throw neverFails(n, mayFailAlloc, kernel.allocations, "with --gfp wait a bio_alloc cannot fail");
  }
}
