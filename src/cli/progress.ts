import type { Io } from "./io.ts";

/** How far long work has come, on standard error. */
export interface Progress {
  at(done: number, more: string): void;
  /** Takes away what was shown. */
  end(): void;
}

/** Milliseconds between two lines: a terminal shows the last one only, a file keeps all. */
const onTerminal = 500;
const inFile = 10_000;

/** Seconds in words. */
function span(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/**
 * Progress with the rate and the time left: on a terminal, or wherever it is asked for.
 *
 * @param total counts what there is to do; called only if that is shown.
 */
export function progressOn(io: Pick<Io, "stderr">, asked: boolean, total: () => number): Progress {
  const { isTTY } = io.stderr;
  if (!isTTY && !asked) return { at: () => {}, end: () => {} };
  const all = total();
  const start = Date.now();
  let next = start + onTerminal;
  let shown = false;
  return {
    at: (done, more) => {
      const now = Date.now();
      if (now < next && done < all) return;
      if (now < next && isTTY) return;
      next = now + (isTTY ? onTerminal : inFile);
      const rate = done / Math.max((now - start) / 1000, 0.001);
      const left = rate > 0 ? span(Math.max(all - done, 0) / rate) : "unknown";
      const text = `${done}/${all} mails, ${Math.round(rate)}/s, ${left} left; ${more}`;
      io.stderr.write(isTTY ? `\r${text}\x1b[K` : `copylint: ${text}\n`);
      shown = true;
    },
    end: () => {
      if (shown && isTTY) io.stderr.write("\r\x1b[K");
    },
  };
}
