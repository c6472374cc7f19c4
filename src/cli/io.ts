import { fstatSync, writeSync } from "node:fs";
import { startWorkers, type Workers, workerCommand } from "./workers.ts";

/** Where text goes. */
export interface Output {
  /**
   * Writes all of the text before it returns; once the reader is gone (as in `copylint check x | head -1`) it drops it.
   * Throws WriteError if the text cannot be written.
   */
  write(text: string): void;
  readonly isTTY: boolean;
}

/** All that the program touches of its process; tests hand in their own. */
export interface Io {
  /** All of standard input, or so much of it that it is more than `maxInputBytes`. */
  readonly stdin: () => Promise<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the folder that relative paths start from. */
  readonly cwd: string;
  /** Absolute path of the program file: `dist/src/bin.js` as installed, `src/bin.ts` in a checkout. */
  readonly program: string;
  /** Width of the terminal behind stdout; undefined if there is none. */
  readonly columns: () => number | undefined;
  /** Processes that do tasks of this program (see worker.ts), at most so many at the same time. */
  readonly workers: <Task extends object, Result>(most: number) => Workers<Task, Result>;
}

/** The output is not to be had, as on a full disk. */
export class WriteError extends Error {}

/**
 * Writes synchronously: nothing is cut off when the process ends, and `process.stdout` need not be built (2 ms).
 * A pipe that somebody made non-blocking may be full for a while; then wait for the reader.
 */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw new WriteError(code ?? String(error));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Device number of /dev/null on Linux. */
const nullDevice = 0x103;

/** Only a character device can be a terminal: for files, pipes and /dev/null the stream need not be built (3 ms). */
function terminal(fd: 1 | 2): boolean {
  try {
    const stat = fstatSync(fd);
    if (!stat.isCharacterDevice() || stat.rdev === nullDevice) return false;
    return (fd === 1 ? process.stdout : process.stderr).isTTY === true;
  } catch {
    return false;
  }
}

function output(fd: 1 | 2): Output {
  let isTTY: boolean | undefined;
  return {
    write: (text) => writeAll(fd, text),
    get isTTY() {
      isTTY ??= terminal(fd);
      return isTTY;
    },
  };
}

/** The streams of this process. */
export function processIo(): Io {
  const stdout = output(1);
  const program = process.argv[1] ?? "";
  return {
    stdin: async () => {
      const { maxInputBytes } = await import("../mail/read.ts");
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of process.stdin) {
        chunks.push(chunk as Uint8Array);
        size += (chunk as Uint8Array).length;
        if (size > maxInputBytes) break;
      }
      return Buffer.concat(chunks);
    },
    stdout,
    stderr: output(2),
    env: process.env,
    cwd: process.cwd(),
    program,
    columns: () => (stdout.isTTY ? process.stdout.columns : undefined),
    workers: (most) => startWorkers(workerCommand(program), most, Boolean(process.env.COPYLINT_DEBUG)),
  };
}
