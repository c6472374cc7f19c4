import type { Level } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import type { Series } from "../series/series.ts";
import { sift } from "../sift/sift.ts";
import { type ConfigFile, configFile } from "./config-file.ts";
import type { Io } from "./io.ts";
import { nearest } from "./nearest.ts";
import type { CheckOptions } from "./program.ts";

/** What the command line, a configuration, or both, say of what is set aside; all of it may be absent. */
export type Sifting = Partial<
  Pick<
    CheckOptions,
    "levels" | "only" | "ignore" | "baseline" | "writeBaseline" | "authorIgnores" | "budget" | "verbose"
  >
>;

/** Settings in force, and where each that is not built in comes from: "command line", or the name of a file. */
export interface InForce<T> {
  readonly options: T;
  readonly file: ConfigFile | undefined;
  readonly from: ReadonlyMap<keyof CheckOptions, string>;
}

type Settable = Partial<Pick<CheckOptions, "rules" | "run" | "failOn" | "format" | "files">> & Sifting;

/**
 * The options with what a configuration file adds: the command line comes first, then the file that it names, or else the
 * nearest file from the working directory upward, then what is built in.
 *
 * @throws Refusal
 */
export async function inForce<T extends Settable & Partial<Pick<CheckOptions, "config" | "typed">>>(
  asked: T,
  io: Pick<Io, "cwd" | "stderr">,
  ids: readonly string[],
): Promise<InForce<T>> {
  const typed = new Set(asked.typed ?? []);
  const from = new Map<keyof CheckOptions, string>([...typed].map((name) => [name, "command line"]));
  const file = await configFile(asked.config, io, ids);
  if (file === undefined) return { options: asked, file, from };
  const { rules, only, ignore, run, budget, failOn, output, baseline, authorIgnores } = file.config;
  const added: { -readonly [K in keyof Settable]: Settable[K] } = {};
  const set = <K extends keyof Settable>(name: K, value: Settable[K]): void => {
    if (value === undefined || typed.has(name)) return;
    added[name] = value;
    from.set(name, file.path);
  };
  set("levels", rules);
  set("only", only);
  set("ignore", ignore);
  set("run", run);
  set("budget", budget);
  set("failOn", failOn);
  set("baseline", baseline);
  set("authorIgnores", authorIgnores);
  // Reports are one setting: who asks for some on the command line wants these.
  if (output !== undefined && !typed.has("format") && !typed.has("files")) {
    set("format", output.find((one) => one.file === undefined)?.format ?? "terminal");
    set(
      "files",
      output.flatMap((one) => (one.file === undefined ? [] : [{ format: one.format, path: one.file }])),
    );
  }
  return { options: { ...asked, ...added }, file, from };
}

/** The ids of the rules that are run; undefined for all. Those asked for by name are run even if they are off. */
export function rulesToRun(
  asked: readonly string[],
  levels: ReadonlyMap<string, Level | "off"> | undefined,
  ids: readonly string[],
): readonly string[] | undefined {
  if (asked.length > 0) return asked;
  const on = ids.filter((id) => levels?.get(id) !== "off");
  return on.length === ids.length ? undefined : on;
}

/**
 * A review with what the authors of its patches speak against: set aside if that is theirs to say, else with their words beside it. No
 * configuration has a part in it.
 *
 * @param ran whether a rule looked at all that it can look at.
 */
export function withAuthors(
  review: Review,
  series: readonly Series[],
  how: { readonly trust: boolean; readonly ids: readonly string[]; readonly ran: (rule: string) => boolean },
): Review {
  return sift(review, series, {
    rules: { ids: how.ids, meant: (id) => nearest(id, how.ids) },
    ran: how.ran,
    trustAuthor: how.trust,
    only: [],
    ignore: [],
    baseline: undefined,
    levels: new Map(),
    write: undefined,
  }).review;
}
