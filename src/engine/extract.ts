import { type Code, withoutCostly } from "./code.ts";
import type { Facts } from "./facts.ts";
import { flowOf } from "./flow.ts";
import { readContexts } from "./read-contexts.ts";
import { readDeprecatedCalls } from "./read-deprecated.ts";
import { readAlignmentTests, readCallbackPairs, readComments } from "./read-interface.ts";
import { readProgress, readRelativePositions } from "./read-progress.ts";
import { readFunctions, readOperations, readPlugs } from "./read-submission.ts";
import { readByteInterfaces } from "./read-units.ts";

/** All facts about the copy engine in `code`. Without a copy operation there is no engine, and only the calls are read. */
export function extractFacts(code: Code): Facts {
  let read = code;
  let facts = factsOf(read);
  for (let round = 1; ; round++) {
    const rest = withoutCostly(read, round > 2);
    if (!rest) return facts;
    read = rest;
    facts = factsOf(read);
  }
}

function factsOf(code: Code): Facts {
  const operations = readOperations(code);
  const functions = operations.length > 0 ? readFunctions(code, operations) : [];
  const flow = flowOf(
    code,
    functions.map((e) => e.func),
  );
  return {
    code,
    flow,
    operations,
    functions,
    plugs: readPlugs(code, functions),
    contexts: readContexts(code, functions),
    progress: readProgress(code, functions),
    byteInterfaces: readByteInterfaces(code, flow, functions),
    callbackPairs: readCallbackPairs(code, flow, functions),
    relativePositions: readRelativePositions(code, functions),
    alignmentTests: readAlignmentTests(functions),
    comments: readComments(functions),
    nextBioCalls: readDeprecatedCalls(code),
  };
}
