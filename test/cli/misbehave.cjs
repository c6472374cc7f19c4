// Loaded ahead of the program (NODE_OPTIONS): its workers do what the subject of a series asks them to, and its minutes
// are over as soon as the only worker that is still at work says that it will never end.
const { existsSync, renameSync, rmSync, writeFileSync } = require("node:fs");

const minute = 60_000;
const looping = process.env.MISBEHAVE_LOOPING ?? "";

const deeds = {
  loop: () => {
    writeFileSync(`${looping}.new`, String(process.pid));
    renameSync(`${looping}.new`, looping);
    for (;;);
  },
  eat: () => {
    for (const eaten = []; ; ) eaten.push(new Array(1_000_000).fill(eaten.length + 0.5));
  },
  "eat outside of the heap": () => {
    for (const eaten = []; ; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10))
      eaten.push(Buffer.alloc(64 << 20, 1));
  },
  abort: () => process.abort(),
  exit: () => process.exit(3),
  die: () => process.kill(process.pid, "SIGKILL"),
  throw: () => {
    throw new Error("on purpose");
  },
};

if (process.argv.includes("--worker")) {
  const { emit } = process;
  process.emit = (name, ...rest) => {
    const [, deed] = (name === "message" && /please (\w[\w ]*)/.exec(JSON.stringify(rest[0]))) || [];
    if (deed !== undefined) deeds[deed]();
    return emit.call(process, name, ...rest);
  };
} else {
  const { setTimeout, setInterval, clearTimeout } = globalThis;
  const minutes = new Set();
  globalThis.clearTimeout = (timer) => {
    minutes.delete(timer);
    clearTimeout(timer);
  };
  globalThis.setTimeout = (act, ms, ...rest) => {
    if (ms !== minute) return setTimeout(act, ms, ...rest);
    const timer = setInterval(() => {
      if (minutes.size > 1 || !existsSync(looping)) return;
      rmSync(looping);
      globalThis.clearTimeout(timer);
      act();
    }, 20);
    minutes.add(timer);
    return timer;
  };
}
