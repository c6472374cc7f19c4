import { rules } from "../../rules/index.ts";
import { formatNames } from "../report/reporter.ts";
import baselineSchema from "../sift/baseline.schema.json" with { type: "json" };
import schema from "../sift/config.schema.json" with { type: "json" };
import { configSchema } from "../sift/config.ts";
import { printable, printableJson } from "../text/printable.ts";
import type { Io } from "./io.ts";
import type { CheckOptions, ConfigOptions } from "./program.ts";
import { inForce } from "./settings.ts";

/** A setting as it is printed. */
interface Row {
  readonly key: string;
  readonly value: string;
  /** Name of the file, or "built in". */
  readonly from: string;
}

const builtIn = "built in";

const outputText = ({ format, files }: Pick<CheckOptions, "format" | "files">): string =>
  [format, ...files.map((file) => `${file.format}=${file.path}`)].join(", ");

const json = (value: unknown): string => `${printableJson(JSON.stringify(value, null, 2))}\n`;

/** `copylint config`: the settings in force, each with where it comes from; or a schema. */
export async function configCommand({ config, schema: of, format }: ConfigOptions, io: Io): Promise<string> {
  const ids = rules.map((rule) => rule.id);
  if (of === "baseline") return json(baselineSchema);
  if (of === "config") return json(configSchema(schema, { rules: ids, formats: formatNames }));

  const asked = {
    format: "terminal",
    files: [],
    failOn: "warning",
    run: true,
    rules: [],
    authorIgnores: true,
  } as const;
  type Asked = Pick<CheckOptions, "format" | "files" | "failOn" | "run" | "rules" | "authorIgnores"> &
    Partial<CheckOptions>;
  const { options, file, from } = await inForce<Asked>(
    { ...asked, ...(config === undefined ? {} : { config }) },
    io,
    ids,
  );
  const whence = (name: keyof CheckOptions): string => from.get(name) ?? builtIn;
  const list = (patterns: readonly string[] | undefined): string => patterns?.join(", ") || "-";
  const levels = rules.map(({ id, level }): Row => {
    const given = options.levels?.get(id);
    return { key: `rules: ${id}`, value: given ?? level, from: given === undefined ? builtIn : whence("levels") };
  });
  const rows: readonly Row[] = [
    { key: "fail-on", value: options.failOn, from: whence("failOn") },
    { key: "output", value: outputText(options), from: whence("format") },
    { key: "run", value: String(options.run), from: whence("run") },
    { key: "run: budget", value: options.budget === undefined ? "-" : String(options.budget), from: whence("budget") },
    { key: "paths: only", value: list(options.only), from: whence("only") },
    { key: "paths: ignore", value: list(options.ignore), from: whence("ignore") },
    { key: "baseline", value: options.baseline ?? "-", from: whence("baseline") },
    { key: "author-ignores", value: String(options.authorIgnores ?? true), from: whence("authorIgnores") },
    ...levels,
  ];
  if (format === "json") return json({ file: file?.path ?? null, settings: rows });
  const width = (pick: (row: Row) => string) => Math.min(40, Math.max(...rows.map((row) => pick(row).length)));
  const [keys, values] = [width(({ key }) => key), width(({ value }) => value)];
  const lines = rows.map(({ key, value, from: where }) => `${key.padEnd(keys)}  ${value.padEnd(values)}  ${where}`);
  const head = file === undefined ? "no configuration file" : `configuration: ${file.path}`;
  return [head, "", ...lines].map((line) => `${printable(line)}\n`).join("");
}
