import type { Io } from "../../src/cli/io.ts";

/** What a run printed. */
export interface Printed {
  out: string;
  err: string;
}

/** An Io that keeps what is printed; `change` says what a test is about. */
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
    ...change,
  };
  return { io, printed };
}
