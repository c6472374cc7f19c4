import { type Client, HttpError } from "../host/http.ts";
import { choose, countsText, standing } from "./choose.ts";
import { commentBody, gitlabDialect, keyIn } from "./comment.ts";
import { plural } from "./fit.ts";
import { type Shown, shownLines } from "./hunks.ts";
import type { ReviewRecord } from "./record.ts";
import { commitAt, field, listAt, numberAt, textAt } from "./reply.ts";

/** The merge request that a review is posted to. */
export interface GitlabTarget {
  /** Number of the project, or its path with `%2F`. */
  readonly project: string;
  /** Number of the merge request within the project. */
  readonly request: string;
  /** Full id of the commit that was reviewed. */
  readonly head: string;
}

/** A file of the merge request's diff. */
interface File {
  readonly oldPath: string;
  readonly shown: Shown;
}

/** A discussion that copylint began. */
interface Discussion {
  readonly id: string;
  readonly key: string;
  readonly resolved: boolean;
  readonly replied: boolean;
}

async function filesOf(client: Client, path: string): Promise<ReadonlyMap<string, File>> {
  const files = await client.pages(`${path}/diffs?per_page=100`);
  return new Map(
    files.flatMap((file): [string, File][] => {
      const [oldPath, newPath, diff] = [textAt(file, "old_path"), textAt(file, "new_path"), textAt(file, "diff")];
      if (oldPath === undefined || newPath === undefined || diff === undefined) return [];
      return [[newPath, { oldPath, shown: shownLines(diff) }]];
    }),
  );
}

/** The discussions that the token's owner began with a comment of copylint's: the marker alone can be forged. */
async function ownDiscussions(client: Client, path: string, user: number): Promise<readonly Discussion[]> {
  const all = await client.pages(`${path}/discussions?per_page=100`);
  return all.flatMap((discussion): Discussion[] => {
    const notes = listAt(discussion, "notes").filter((note) => field(note, "system") !== true);
    const [id, key] = [textAt(discussion, "id"), keyIn(textAt(notes[0], "body") ?? "")];
    if (id === undefined || key === undefined || numberAt(notes[0], "author", "id") !== user) return [];
    return [{ id, key, resolved: field(notes[0], "resolved") === true, replied: notes.length > 1 }];
  });
}

/**
 * Posts a review as discussions on the lines of a merge request; resolves those whose points are gone, unless somebody
 * answered. Returns what was done, in sentences for the log.
 *
 * @throws HttpError
 */
export async function postToGitlab(
  record: ReviewRecord,
  client: Client,
  { project, request, head }: GitlabTarget,
  mostComments: number,
): Promise<readonly string[]> {
  const path = `/projects/${project}/merge_requests/${request}`;
  const { points } = record;
  const about = (await client.send("GET", path)).json;
  const refs = {
    base_sha: commitAt(about, "diff_refs", "base_sha"),
    start_sha: commitAt(about, "diff_refs", "start_sha"),
    head_sha: commitAt(about, "diff_refs", "head_sha"),
  };
  if (refs.head_sha !== head)
    return ["the merge request has moved on since, so there are no comments on this state of it"];
  const user = numberAt((await client.send("GET", "/user")).json, "id");
  if (user === undefined) throw new HttpError("refused", 200, "GET /user: the answer names no user");
  const files = await filesOf(client, path);
  let posted = 0;
  let refused = 0;
  const { old, commented } = await client.persist(async () => {
    const own = await ownDiscussions(client, path, user);
    const known = new Set(own.map(({ key }) => key));
    const choice = choose(points, (name) => files.get(name)?.shown, known, mostComments);
    refused = 0;
    for (const one of choice.fresh) {
      const file = files.get(one.path);
      const before = file?.shown.get(one.line)?.old;
      const position = {
        position_type: "text",
        ...refs,
        old_path: file?.oldPath ?? one.path,
        new_path: one.path,
        new_line: one.line,
        // A line that both sides have is named by both its numbers.
        ...(before === undefined ? {} : { old_line: before }),
      };
      const body = commentBody(one.point, gitlabDialect, one.suggestion);
      try {
        await client.send("POST", `${path}/discussions`, { body, position });
        posted++;
      } catch (error) {
        if (!(error instanceof HttpError) || (error.status !== 400 && error.status !== 422)) throw error;
        refused++;
      }
    }
    return { old: own, commented: choice.commented - refused };
  });
  const keys = standing(points);
  const gone = record.complete ? old.filter((one) => !one.resolved && !one.replied && !keys.has(one.key)) : [];
  let resolved = 0;
  try {
    for (const { id } of gone) {
      await client.send(
        "PUT",
        `${path}/discussions/${encodeURIComponent(id)}`,
        { resolved: true },
        { repeatable: true },
      );
      resolved++;
    }
  } catch (error) {
    // To comment and to resolve are different rights.
    if (!(error instanceof HttpError) || error.status !== 403 || error.kind !== "refused") throw error;
  }
  return [
    ...(posted > 0 ? [`posted ${plural(posted, "comment")}`] : []),
    ...(refused > 0 ? [`GitLab refused the lines of ${plural(refused, "comment")}`] : []),
    ...(resolved > 0 ? [`resolved ${plural(resolved, "discussion")} whose point is gone`] : []),
    ...(resolved < gone.length ? ["the token may not resolve discussions"] : []),
    countsText(commented, record, "in the log of the job"),
  ];
}
