import type { Review, SeriesSummary } from "../finding/review.ts";
import { type Client, HttpError } from "../host/http.ts";
import { place, shownLevel } from "../report/said.ts";
import type { Series } from "../series/series.ts";
import { printable } from "../text/printable.ts";
import { cut, plural } from "./fit.ts";
import { numberAt, textAt } from "./reply.ts";

/** How patchwork knows copylint's checks from others; a slug. */
const context = "copylint";

const isFailed = (series: SeriesSummary | undefined): boolean => (series?.notReviewed ?? null) !== null;

/** What patchwork is told of one patch. */
export interface Check {
  /** Without angle brackets. */
  readonly messageId: string;
  readonly state: "success" | "warning" | "fail";
  readonly description: string;
}

/**
 * A check for each mail with a diff: fails with an error, warns with anything else that is found, and where a series was not
 * reviewed: an older check, which may say that nothing was found, must not stand.
 *
 * @param series in the order of those of the review.
 */
export function checksOf(review: Review, series: readonly Series[]): readonly Check[] {
  return series
    .flatMap(({ patches }, i) => patches.map(({ message }) => ({ message, failed: isFailed(review.series[i]) })))
    .flatMap(({ message, failed }): Check[] => {
      const id = message.messageId?.replace(/^<|>$/g, "");
      if (id === undefined || id === "") return [];
      if (failed)
        return [{ messageId: id, state: "warning", description: "not reviewed, because of a defect of copylint" }];
      const here = review.findings.filter(
        ({ patch }) => patch.path === message.path && patch.messageId === message.messageId,
      );
      const live = here.filter((f) => shownLevel(f) !== "note");
      const counts = (["error", "warning", "check"] as const).flatMap((level) => {
        const n = live.filter((f) => f.level === level).length;
        return n === 0 ? [] : [plural(n, level)];
      });
      const rank = ["error", "warning", "check"];
      const first = [...live].sort((a, b) => rank.indexOf(a.level) - rank.indexOf(b.level))[0];
      const unread = review.problems.some(({ kind, path }) => kind === "unreadable" && path === message.path);
      const gap = unread ? ", but not all of it was understood" : "";
      if (first === undefined)
        return [{ messageId: id, state: unread ? "warning" : "success", description: `nothing found${gap}` }];
      const said = `${counts.join(", ")}; first ${first.rule} at ${cut(place(first), 200)}`;
      const state = live.some((f) => f.level === "error") ? "fail" : "warning";
      return [{ messageId: id, state, description: printable(said) }];
    });
}

/**
 * Posts a check for each patch that patchwork has. Patchwork cannot change a check, the newest of a context counts: so one
 * that says the same as the newest is not posted again. Returns what was done, in sentences for the log.
 *
 * @param url of a page about the review, if there is one.
 * @throws HttpError
 */
export async function postToPatchwork(
  checks: readonly Check[],
  client: Client,
  url: string | undefined,
): Promise<readonly string[]> {
  let posted = 0;
  let unknown = 0;
  for (const { messageId, state, description } of checks) {
    const [patch] = await client.pages(`/patches/?msgid=${encodeURIComponent(messageId)}`);
    const id = numberAt(patch, "id");
    if (id === undefined) {
      unknown++;
      continue;
    }
    const path = `/patches/${id}/checks/`;
    await client.persist(async () => {
      const old = (await client.pages(path)).filter((check) => textAt(check, "context") === context);
      const newest = [...old].sort((a, b) => (numberAt(b, "id") ?? 0) - (numberAt(a, "id") ?? 0))[0];
      if (textAt(newest, "state") === state && textAt(newest, "description") === description) return;
      const target = url === undefined ? {} : { target_url: url };
      const { status } = await client.send("POST", path, { state, context, description, ...target });
      if (status !== 201) throw new HttpError("refused", status, `POST ${path}: no check was made`);
      posted++;
    });
  }
  const known = checks.length - unknown;
  return [
    `posted ${plural(posted, "check")}, ${known - posted} of ${known} patches had theirs already`,
    ...(unknown > 0 ? [`patchwork does not know ${unknown} of ${checks.length} patches`] : []),
  ];
}
