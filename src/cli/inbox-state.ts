import { reason } from "../host/files.ts";
import { textIfAny } from "../host/journal.ts";
import type { Collection, Gathered, Part } from "../series/collect.ts";
import { complaints, Refusal } from "./complaint.ts";

/** What a run leaves behind for the next one. All of it follows from the mails up to `heads`. */
export interface State {
  readonly version: 1;
  /** `1/1` for all threads. */
  readonly shard: string;
  /** The last commit that was dealt with, by number of the repository. */
  readonly heads: Readonly<Record<string, string>>;
  /** Bytes of the log that belong to it. */
  readonly log: number;
  readonly collection: Collection;
}

/** What is wrong with a state. */
class StateError extends Error {}

/** Throws a StateError that says where a value is not what it should be. */
type Check = (value: unknown, where: string) => void;

const wrong = (where: string, what: string): never => {
  throw new StateError(`${where} ${what}`);
};

const text: Check = (value, where) => {
  if (typeof value !== "string") wrong(where, "is no text");
};

const matching =
  (pattern: RegExp): Check =>
  (value, where) => {
    if (typeof value !== "string" || !pattern.test(value)) wrong(where, "does not look as it should");
  };

const flag: Check = (value, where) => {
  if (typeof value !== "boolean") wrong(where, "is neither true nor false");
};

const count =
  (most = Number.MAX_SAFE_INTEGER): Check =>
  (value, where) => {
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > most)
      wrong(where, "is no number that it could be");
  };

const list =
  (item: Check, least = 0): Check =>
  (value, where) => {
    if (!Array.isArray(value) || value.length < least) return wrong(where, "is no list as it should be");
    for (const [i, each] of value.entries()) item(each, `${where}[${i}]`);
  };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object with these fields. */
const shape =
  <T extends object>(fields: { readonly [K in keyof T]: Check }): Check =>
  (value, where) => {
    if (!isObject(value)) return wrong(where, "is no object");
    for (const [name, check] of Object.entries<Check>(fields)) check(value[name], `${where}.${name}`);
  };

/** Parts of a series are numbered with four digits at most. */
const mostParts = 9999;

const part = shape<Part>({
  ref: matching(/^\d{1,6}:[0-9a-f]{40,64}$/),
  id: text,
  index: count(mostParts),
  isCut: flag,
});

const gathered = shape<Gathered>({
  key: text,
  root: text,
  from: text,
  version: count(),
  total: count(mostParts),
  title: text,
  threaded: flag,
  parts: list(part, 1),
  last: count(),
});

const past = shape<Collection["closed"][number]>({ key: text, at: count(), ids: list(text) });

const heads: Check = (value, where) => {
  if (!isObject(value)) return wrong(where, "is no object");
  for (const [epoch, commit] of Object.entries(value)) {
    matching(/^\d{1,6}$/)(epoch, `a name in ${where}`);
    matching(/^[0-9a-f]{40,64}$/)(commit, `${where}.${epoch}`);
  }
};

const state = shape<State>({
  version: (value, where) => value === 1 || wrong(where, "is not 1"),
  shard: matching(/^[1-9]\d*\/[1-9]\d*$/),
  heads,
  log: count(),
  collection: shape<Collection>({ seen: count(), open: list(gathered), closed: list(past) }),
});

function checked(json: string): State {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new StateError("it is no JSON");
  }
  state(value, "it");
  const made = value as State;
  for (const { ref } of made.collection.open.flatMap(({ parts }) => parts)) {
    const [epoch = ""] = ref.split(":");
    if (!Object.hasOwn(made.heads, epoch)) throw new StateError(`a mail is in repository ${epoch}, which has no head`);
  }
  return made;
}

/**
 * The state in a file; undefined if the file is not there.
 *
 * @throws Refusal
 */
export function readState(path: string): State | undefined {
  let json: string | undefined;
  try {
    json = textIfAny(path);
  } catch (error) {
    throw new Refusal(complaints.notAState(path, reason(error)));
  }
  try {
    return json === undefined ? undefined : checked(json);
  } catch (error) {
    if (error instanceof StateError) throw new Refusal(complaints.notAState(path, error.message));
    throw error;
  }
}
