import type { AnyRule } from "../src/rule/index.ts";
import builtinAsync from "./builtin-async/rule.ts";
import byteUnits from "./byte-units/rule.ts";
import copiedOnlyDecreases from "./copied-only-decreases/rule.ts";
import deprecatedNextBio from "./deprecated-next-bio/rule.ts";
import heapPerCallContext from "./heap-per-call-context/rule.ts";
import kernelDocMismatch from "./kernel-doc-mismatch/rule.ts";
import misleadingOffset from "./misleading-offset/rule.ts";
import narrativeKernelDoc from "./narrative-kernel-doc/rule.ts";
import perChunkStruct from "./per-chunk-struct/rule.ts";
import plugPerChunk from "./plug-per-chunk/rule.ts";
import splitAlignmentCheck from "./split-alignment-check/rule.ts";
import structRoleNaming from "./struct-role-naming/rule.ts";

/** All rules, by id. */
export const rules: readonly AnyRule[] = [
  builtinAsync,
  byteUnits,
  copiedOnlyDecreases,
  deprecatedNextBio,
  heapPerCallContext,
  kernelDocMismatch,
  misleadingOffset,
  narrativeKernelDoc,
  perChunkStruct,
  plugPerChunk,
  splitAlignmentCheck,
  structRoleNaming,
];
