// Loaded ahead of the program (NODE_OPTIONS): its workers do what the subject of a series asks them to, and its minutes
// are over when one of them says so, as it will never end, and the others are idle.
const { existsSync, renameSync, rmSync, writeFileSync } = require("node:fs");

const minute = 60_000;
/** The file that a worker writes its number to before it loops, and that at which a minute is over: see misbehaving.ts. */
const { MISBEHAVE_LOOPING: looping, MISBEHAVE_OVER: over } = process.env;

const deeds = {
  loop: () => {
    writeFileSync(`${looping}.new`, String(process.pid));
    renameSync(`${looping}.new`, looping);
    for (;;);
  },
  eat: () => {
    for (const eaten = []; ; ) eaten.push(new Array(1_000_000).fill(eaten.length + 0.5));
  },
  abort: () => process.abort(),
  exit: () => process.exit(3),
  die: () => process.kill(process.pid, "SIGKILL"),
};

if (process.argv.includes("--worker")) {
  const { emit } = process;
  process.emit = (name, ...rest) => {
    const [, deed] = (name === "message" && /please (\w+)/.exec(JSON.stringify(rest[0]))) || [];
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
      if (minutes.size > 1 || !existsSync(over)) return;
      rmSync(over);
      globalThis.clearTimeout(timer);
      act();
    }, 20);
    minutes.add(timer);
    return timer;
  };
}
