import type { Replay } from "../exec/execute.ts";
import type { Run } from "../model/schedule.ts";
import type { RunList } from "../report/run.ts";
import type { Series } from "../series/series.ts";
import type { Tree } from "../source/image.ts";
import type { RunOptions } from "./program.ts";

export function listed(_series: readonly Series[], _tree: Tree | undefined): RunList {
  return { functions: [], limits: [], notExecuted: [] };
}
export function byHand(
  _series: readonly Series[],
  _tree: Tree | undefined,
  _options: RunOptions,
): { readonly replay: Replay; readonly check: (run: Run) => void } {
  throw new Error("later");
}
