import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCode } from "../../src/engine/code.ts";
import { extractFacts } from "../../src/engine/extract.ts";
import { type Executed, executeSeries } from "../../src/exec/execute.ts";
import { citeOf } from "../../src/exec/kernel/world.ts";
import { statesOf } from "../../src/source/states.ts";
import { type Mail, patchOf, seriesOf, top } from "../reviewing.ts";

export const engineText = (name: string): string => readFileSync(join(top, "fixtures/engines", name), "utf8");

const members = "logical_block_size physical_block_size max_hw_sectors max_sectors max_segment_size".split(" ");

/** The kernel's structure, with the limit that the engines ask for as the last member. */
const limitsWith = (names: readonly string[]): string =>
  `struct queue_limits {\n${names.map((name) => `\tunsigned int\t\t${name};\n`).join("")}\tunsigned short\t\tmax_segments;\n\tbool\t\t\tzoned;\n};\n`;
const limits = [limitsWith(members), limitsWith([...members, "max_copy_sectors"])] as const;

/** A patch mail that adds one of the engines, changed by `edit`. */
export function engineMail(name: string, edit: (text: string) => string = (text) => text): Mail {
  return patchOf({
    "include/linux/copy.h": engineText("copy.h"),
    [`block/${name}`]: edit(engineText(name)),
    "include/linux/blkdev.h": limits,
  });
}

export async function execute(mails: readonly Mail[], runs?: number): Promise<Executed> {
  const [series] = await seriesOf(mails);
  const code = readCode(statesOf(series!).at(series!.patches.length), () => true);
  return executeSeries(extractFacts(code), runs === undefined ? {} : { runs, thorough: true });
}

/** "never-freed copy.c:12": a violation in short. */
export function inShort({ property, at }: Executed["violations"][number]): string {
  const { file, line } = citeOf(at);
  return `${property} ${file.replace(/^.*\//, "")}:${line}`;
}
