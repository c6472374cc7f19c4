import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import type { Desk } from "./cli/sending.ts";

/** A block of code in a page: commands, and what they print. */
export interface Block {
  /** What stands behind the language: "clone", "fails", or nothing. */
  readonly note: string;
  readonly commands: string;
  /** Stretches of the output, in order; what lies between them is left out of the page. */
  readonly output: readonly string[];
}

/** The `sh` blocks of a page in order, each with the `text` block that follows it, if one does. */
export function blocksOf(page: string): Block[] {
  const fences = [...page.matchAll(/^```(\w+)(?: (\w+))?\n([^]*?)^```$/gm)];
  return fences.flatMap(([, language, note = "", code = ""], i) => {
    if (language !== "sh") return [];
    const next = fences[i + 1];
    const output = next?.[1] === "text" ? (next[3] ?? "").split("\n[...]\n").map((part) => part.trim()) : [];
    return [{ note, commands: code, output }];
  });
}

export const hasB4 = spawnSync("b4", ["--version"]).status === 0;

const top = new URL("..", import.meta.url).pathname;

/**
 * Runs the commands of a page in order in a folder, and expects what the page says that they print.
 *
 * @param other what stands for the commands of blocks with a note of their own.
 * @param behind called behind each block.
 */
export async function runsPage(
  page: string,
  desk: Desk,
  folder: string,
  other: Readonly<Record<string, (commands: string) => string>> = {},
  behind?: (commands: string) => Promise<void>,
): Promise<void> {
  const prefix = join(desk.dir, "npm");
  const env = {
    npm_config_prefix: prefix,
    npm_config_audit: "false",
    npm_config_update_notifier: "false",
    PATH: `${join(prefix, "bin")}:${desk.env.PATH}`,
  };
  const blocks = blocksOf(page);
  expect(blocks.length).toBeGreaterThan(3);
  for (const { note, commands, output } of blocks) {
    // The tests run in a clone that has been set up and built.
    const rest =
      note === "clone" ? commands.replace("npm ci\nnpm run build\n", "") : (other[note]?.(commands) ?? commands);
    expect(rest === commands).toBe(note !== "clone" && other[note] === undefined);
    const run = await desk.run(note === "clone" ? top : folder, "sh", ["-e", "-c", rest], env);
    expect(run.code === 0 ? "" : "fails", `${rest}${run.stdout}${run.stderr}`).toBe(note === "fails" ? note : "");
    let said = `${run.stdout}${run.stderr}`;
    for (const part of output) {
      expect(said, rest).toContain(part);
      said = said.slice(said.indexOf(part) + part.length);
    }
    await behind?.(commands);
  }
}
