import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { type Archive, openArchive } from "../host/archive.ts";
import { directoryTree, type FileTree, type TreeOrigin } from "../host/files.ts";
import { gitTree } from "../host/git.ts";
import type { Closed } from "../series/collect.ts";
import type { Series } from "../series/series.ts";
import { thrownText } from "../text/thrown.ts";
import { type ReviewAs, reviewClosed } from "./inbox-review.ts";
import { review } from "./reviewer.ts";
import type { Answer } from "./workers.ts";

/** A series that is to be reviewed; the answer is its Review. */
export interface SeriesTask {
  readonly series: Series;
  readonly tree: TreeOrigin | undefined;
  readonly options: { readonly rules?: readonly string[]; readonly run?: boolean; readonly budget?: number };
}

/** A series of an archive that is to be reviewed; the answer is its Result. */
export interface ClosedTask {
  /** Absolute path. */
  readonly archive: string;
  readonly closed: Closed;
  readonly as: ReviewAs;
}

/** MiB in all, of which V8's heap is the part that V8 itself looks after. */
const mostMemory = 2048;

/**
 * Ends this process when its parent is gone or it takes too much memory. It may be too busy to see either, so a thread looks.
 */
function watch(parent: number): void {
  const look = `
    const { parent, most } = require("node:worker_threads").workerData;
    setInterval(() => {
      if (process.ppid !== parent || process.memoryUsage.rss() > most) process.kill(process.pid, "SIGKILL");
    }, 250);`;
  new Worker(look, { eval: true, workerData: { parent, most: mostMemory * 1024 * 1024 } }).unref();
}

const treeAt = (origin: TreeOrigin): FileTree =>
  "folder" in origin ? directoryTree(origin.folder) : gitTree(origin.repository, origin.commit, origin.wanted);

const archives = new Map<string, Archive>();

function archiveAt(path: string): Archive {
  const archive = archives.get(path) ?? openArchive(path);
  archives.set(path, archive);
  return archive;
}

function resultOf(task: SeriesTask | ClosedTask, onDefect: (thrown: unknown) => void): unknown {
  if ("archive" in task) return reviewClosed(archiveAt(task.archive), task.closed, task.as, onDefect);
  const tree = task.tree === undefined ? {} : { tree: treeAt(task.tree) };
  return review([task.series], { ...task.options, ...tree, onDefect });
}

/** Does a task. Never throws: a defect of ours is an answer, too. */
export async function answerTo(task: SeriesTask | ClosedTask): Promise<Answer<unknown>> {
  const defects: Error[] = [];
  const onDefect = (thrown: unknown): void => {
    // Not all that can be thrown can be sent.
    defects.push(thrown instanceof Error ? thrown : new Error(inspect(thrown, { depth: 1, maxStringLength: 200 })));
  };
  try {
    return { result: await resultOf(task, onDefect), defects };
  } catch (error) {
    onDefect(error);
    return { why: `internal error: ${thrownText(error)}`, defects };
  }
}

/** The other end of startWorkers(): does what its parent asks for, until that is gone. */
export function work(parent: number): Promise<never> {
  watch(parent);
  process.on("message", async (task) => process.send!(await answerTo(task as SeriesTask | ClosedTask)));
  process.once("disconnect", () => process.exit());
  return new Promise(() => {});
}
