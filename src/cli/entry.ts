// All of the program but its first lines: the bundle that src/bin.ts loads.
export { processIo } from "./io.ts";
export { main } from "./main.ts";
