import type { Review } from "../finding/review.ts";
import { joined, unreviewed } from "../review/review.ts";
import type { Series } from "../series/series.ts";
import type { Narrowed } from "./check.ts";
import type { Io } from "./io.ts";
import type { SeriesTask } from "./worker.ts";
import type { Workers } from "./workers.ts";

/** Reviews in another process: what no series may do to this one, it may do to that. */
export interface Apart extends Pick<Workers<SeriesTask, Review>, "warm" | "close"> {
  /** Reviews each series by itself; one that takes a minute, or ends the process, is not reviewed, and says so. */
  readonly review: (series: readonly Series[], options: Narrowed, signal?: AbortSignal) => Promise<Review>;
}

export function reviewApart(io: Pick<Io, "workers">): Apart {
  const workers = io.workers<SeriesTask, Review>(1);
  return {
    ...workers,
    review: async (all, { tree, onDefect, ...options }, signal) => {
      if (tree !== undefined && tree.origin === undefined) throw new Error("another process cannot find this tree");
      const reviews: Review[] = [];
      for (const series of all) {
        const answer = await workers.ask({ series, tree: tree?.origin, options }, signal);
        for (const defect of answer.defects) onDefect?.(defect);
        reviews.push("why" in answer ? unreviewed(series, answer.why) : answer.result);
      }
      return joined(reviews);
    },
  };
}
