#!/usr/bin/env node
import { load } from "./cli/load.ts";

const { main, processIo } = load<typeof import("./cli/entry.ts")>("copylint");

main(process.argv.slice(2), processIo()).then((code) => {
  process.exitCode = code;
});
