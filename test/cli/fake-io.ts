import type { Io } from "../../src/cli/io.ts";
import type { Answer } from "../../src/cli/workers.ts";

/** What a run printed. */
export interface Printed {
  out: string;
  err: string;
}

/** What workers do, done in this process. */
const workers: Io["workers"] = <Task, Result>() => ({
  ask: async (task: Task) => {
    const { answerTo } = await import("../../src/cli/worker.ts");
    return (await answerTo(task as Parameters<typeof answerTo>[0])) as Answer<Result>;
  },
  warm: () => {},
  close: () => {},
});

/** An Io that keeps what is printed, and does all in this process; `change` says what a test is about. */
export function fakeIo(change: Partial<Io> & { readonly tty?: boolean; readonly errTty?: boolean } = {}): {
  readonly io: Io;
  readonly printed: Printed;
} {
  const printed: Printed = { out: "", err: "" };
  const io: Io = {
    stdin: async () => new Uint8Array(),
    stdout: {
      write: (text) => {
        printed.out += text;
      },
      isTTY: change.tty ?? false,
    },
    stderr: {
      write: (text) => {
        printed.err += text;
      },
      isTTY: change.errTty ?? false,
    },
    env: {},
    cwd: "/",
    program: new URL("../../src/bin.ts", import.meta.url).pathname,
    columns: () => undefined,
    workers,
    ...change,
  };
  return { io, printed };
}
