import { type Point, type ReviewRecord, recordVersion, room } from "./record.ts";

/** What is wrong with a file that another workflow left. */
export class RecordError extends Error {}

/** Reads one value, or throws a RecordError that says where it is not what it should be. */
type Read<T> = (value: unknown, where: string) => T;

const wrong = (where: string, what: string): never => {
  throw new RecordError(`${where} ${what}`);
};

const text =
  (most: number): Read<string> =>
  (value, where) =>
    typeof value === "string" && value.length <= most
      ? value
      : wrong(where, `is no text of at most ${most} characters`);

const matching =
  (pattern: RegExp): Read<string> =>
  (value, where) =>
    typeof value === "string" && pattern.test(value) ? value : wrong(where, "does not look as it should");

const oneOf =
  <T>(...values: readonly T[]): Read<T> =>
  (value, where) =>
    values.find((each) => each === value) ?? wrong(where, `is none of ${values.join(", ")}`);

const line: Read<number> = (value, where) =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 10_000_000
    ? value
    : wrong(where, "is no line number");

const count =
  (most: number): Read<number> =>
  (value, where) =>
    typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most
      ? value
      : wrong(where, `is no number from 0 to ${most}`);

const flag: Read<boolean> = (value, where) =>
  typeof value === "boolean" ? value : wrong(where, "is neither true nor false");

const list =
  <T>(item: Read<T>, most: number): Read<readonly T[]> =>
  (value, where) => {
    if (!Array.isArray(value) || value.length > most) return wrong(where, `is no list of at most ${most}`);
    return value.map((each, i) => item(each, `${where}[${i}]`));
  };

const orNull =
  <T>(read: Read<T>): Read<T | null> =>
  (value, where) =>
    value === null ? null : read(value, where);

/** An object with these fields and no others. */
const shape =
  <T extends object>(fields: { readonly [K in keyof T]: Read<T[K]> }): Read<T> =>
  (value, where) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(where, "is no object");
    const names = Object.keys(fields) as (keyof T & string)[];
    const given = value as { readonly [name: string]: unknown };
    if (Object.keys(given).some((name) => !(names as readonly string[]).includes(name)))
      return wrong(where, `has more than ${names.join(", ")}`);
    // Own fields only: what a prototype has was not in the file.
    const entry = (name: keyof T & string) =>
      fields[name](Object.hasOwn(given, name) ? given[name] : undefined, `${where}.${name}`);
    return Object.fromEntries(names.map((name) => [name, entry(name)])) as T;
  };

/** The dots of a text that was cut come on top. */
const short = text(room.text + 10);

const point = shape<Point>({
  rule: matching(/^[a-z]+(?:-[a-z]+)*$/),
  level: oneOf("error", "warning", "check", "note"),
  key: matching(/^[0-9a-f]{16}(?:-\d{1,6})?$/),
  at: orNull(shape({ path: text(room.path), line, lastLine: line })),
  place: short,
  patch: short,
  paragraphs: list(short, 4),
  run: orNull(shape({ setting: short, outcome: short, steps: list(short, room.steps) })),
  edit: orNull(shape({ line, lastLine: line, lines: list(text(room.line), room.editLines) })),
});

const record = shape<ReviewRecord>({
  version: oneOf(recordVersion),
  points: list(point, room.points),
  problems: list(short, room.problems),
  unread: flag,
  notReviewed: count(1_000_000),
  complete: flag,
});

/** Bytes that such a file may have. */
export const mostRecordBytes = 32 * 1024 * 1024;

/**
 * Reads the file that an unprivileged workflow left: data of exactly this shape, in bounds. Whoever sent the patches may
 * have written it, so its texts are as untrusted as theirs.
 *
 * @throws RecordError
 */
export function readRecord(json: string): ReviewRecord {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new RecordError("it is no JSON");
  }
  const read = record(value, "it");
  const keys = new Set(read.points.map(({ key }) => key));
  if (keys.size < read.points.length) throw new RecordError("it has two findings with the same key");
  const backwards = (range: { line: number; lastLine: number } | null): boolean =>
    range !== null && range.lastLine < range.line;
  const odd = read.points.find(({ at, edit }) => backwards(at) || backwards(edit) || (edit !== null && at === null));
  if (odd !== undefined) throw new RecordError(`the lines of finding ${odd.key} are in no order`);
  return read;
}
