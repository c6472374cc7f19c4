import type { AnyRule } from "../src/rule/index.ts";
import allocFreeMismatch from "./alloc-free-mismatch/rule.ts";
import blkStatusErrnoMix from "./blk-status-errno-mix/rule.ts";
import builtinAsync from "./builtin-async/rule.ts";
import byteUnits from "./byte-units/rule.ts";
import copiedOnlyDecreases from "./copied-only-decreases/rule.ts";
import deprecatedNextBio from "./deprecated-next-bio/rule.ts";
import doubleFree from "./double-free/rule.ts";
import endlessCall from "./endless-call/rule.ts";
import errorPathLeak from "./error-path-leak/rule.ts";
import foreignStatus from "./foreign-status/rule.ts";
import heapPerCallContext from "./heap-per-call-context/rule.ts";
import invalidRequestAccepted from "./invalid-request-accepted/rule.ts";
import kernelDocMismatch from "./kernel-doc-mismatch/rule.ts";
import kernelWarning from "./kernel-warning/rule.ts";
import leakWithoutError from "./leak-without-error/rule.ts";
import lockLeftHeld from "./lock-left-held/rule.ts";
import misalignedChunk from "./misaligned-chunk/rule.ts";
import miscountedCallback from "./miscounted-callback/rule.ts";
import misdirectedWrite from "./misdirected-write/rule.ts";
import misleadingOffset from "./misleading-offset/rule.ts";
import narrativeKernelDoc from "./narrative-kernel-doc/rule.ts";
import narrowingConversion from "./narrowing-conversion/rule.ts";
import overstatedProgress from "./overstated-progress/rule.ts";
import perChunkStruct from "./per-chunk-struct/rule.ts";
import plugPerChunk from "./plug-per-chunk/rule.ts";
import resubmittedBio from "./resubmitted-bio/rule.ts";
import splitAlignmentCheck from "./split-alignment-check/rule.ts";
import structRoleNaming from "./struct-role-naming/rule.ts";
import swallowedError from "./swallowed-error/rule.ts";
import taskLeftSleeping from "./task-left-sleeping/rule.ts";
import unbalancedPlug from "./unbalanced-plug/rule.ts";
import uncheckedAllocation from "./unchecked-allocation/rule.ts";
import unfinishedWait from "./unfinished-wait/rule.ts";
import uninitializedRead from "./uninitialized-read/rule.ts";
import useAfterFree from "./use-after-free/rule.ts";
import validRequestRefused from "./valid-request-refused/rule.ts";
import wildAccess from "./wild-access/rule.ts";

/** All rules, by id. */
export const rules: readonly AnyRule[] = [
  allocFreeMismatch,
  blkStatusErrnoMix,
  builtinAsync,
  byteUnits,
  copiedOnlyDecreases,
  deprecatedNextBio,
  doubleFree,
  endlessCall,
  errorPathLeak,
  foreignStatus,
  heapPerCallContext,
  invalidRequestAccepted,
  kernelDocMismatch,
  kernelWarning,
  leakWithoutError,
  lockLeftHeld,
  misalignedChunk,
  miscountedCallback,
  misdirectedWrite,
  misleadingOffset,
  narrativeKernelDoc,
  narrowingConversion,
  overstatedProgress,
  perChunkStruct,
  plugPerChunk,
  resubmittedBio,
  splitAlignmentCheck,
  structRoleNaming,
  swallowedError,
  taskLeftSleeping,
  unbalancedPlug,
  uncheckedAllocation,
  unfinishedWait,
  uninitializedRead,
  useAfterFree,
  validRequestRefused,
  wildAccess,
];
