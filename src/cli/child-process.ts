import type * as ChildProcess from "node:child_process";

// Stands in for node:child_process in the bundle (see the build script in package.json): loading the real one takes
// 3 ms, commander does so at start for a feature that is not used here, and git is run for few command lines only.

const load = (): typeof ChildProcess => process.getBuiltinModule("node:child_process");

export const spawn = ((...args: Parameters<typeof ChildProcess.spawn>) =>
  load().spawn(...args)) as typeof ChildProcess.spawn;
export const execFileSync = ((...args: Parameters<typeof ChildProcess.execFileSync>) =>
  load().execFileSync(...args)) as typeof ChildProcess.execFileSync;
