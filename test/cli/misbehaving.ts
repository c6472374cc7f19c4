import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const preload = new URL("misbehave.cjs", import.meta.url).pathname;

/** Environment of a program whose workers loop, eat all memory, abort, exit or die for a series whose subject says please. */
export interface Misbehaving {
  readonly env: { readonly [name: string]: string };
  /** The process that loops, as soon as one does. */
  readonly looping: () => Promise<number>;
  /** At this file the minute of a worker that loops is over; the same as `looping` writes unless it is to be waited for. */
  readonly over: string;
}

/** @param waits the minute of a worker that loops is over when the test writes `over`; else at once. */
export function misbehaving(folder: string, waits = false): Misbehaving {
  const looping = join(folder, "looping");
  const over = waits ? join(folder, "over") : looping;
  return {
    env: { NODE_OPTIONS: `--require="${preload}"`, MISBEHAVE_LOOPING: looping, MISBEHAVE_OVER: over },
    looping: async () => {
      while (!existsSync(looping)) await new Promise((go) => setTimeout(go, 20));
      return Number(readFileSync(looping, "utf8"));
    },
    over,
  };
}

/** Waits until a process is gone. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((go) => setTimeout(go, 20));
  }
}
