import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv, type ValidateFunction } from "ajv";
import type { Asked } from "./server.ts";

// GitHub's published description of its API holds requests to what it says.

type Json = { readonly [name: string]: unknown } & { readonly $ref?: string };

type Description = { readonly paths: Record<string, Record<string, Json>> };

function readDescription(): Description | undefined {
  try {
    const file = createRequire(import.meta.url).resolve("@octokit/openapi/generated/api.github.com.json");
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** It is installed beside this file, by itself: nobody else needs its 385 MB. */
const installed = readDescription();
export const hasDescription = installed !== undefined;
const description: Description = installed ?? { paths: {} };
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false });

const resolved = (ref: string): unknown =>
  ref
    .slice(2)
    .split("/")
    .reduce<unknown>((at, name) => (at as Json)[name.replaceAll("~1", "/").replaceAll("~0", "~")], description);

/** A part of the description with what it refers to in place, and objects that take what they name and nothing else. */
function whole(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(whole);
  if (typeof node !== "object" || node === null) return node;
  if (typeof (node as Json).$ref === "string") return whole(resolved((node as Json).$ref ?? ""));
  const out = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, whole(value)]));
  const closed = out.type === "object" && "properties" in out && !("additionalProperties" in out) && !("oneOf" in out);
  return closed ? { ...out, additionalProperties: false } : out;
}

interface Operation {
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Json;
  }[];
  readonly body: ValidateFunction | undefined;
  readonly needsBody: boolean;
  readonly names: readonly string[] | undefined;
}

const operations = new Map<string, Operation>();

function operationOf(template: string, method: string): Operation | undefined {
  const key = `${method} ${template}`;
  const known = operations.get(key);
  if (known !== undefined) return known;
  const found = description.paths[template]?.[method];
  if (found === undefined) return undefined;
  const request = whole(found.requestBody) as
    | { required?: boolean; content?: Record<string, { schema: Json }> }
    | undefined;
  const schema = request?.content?.["application/json"]?.schema;
  const made: Operation = {
    parameters: whole(found.parameters ?? []) as Operation["parameters"],
    body: schema === undefined ? undefined : ajv.compile(schema),
    needsBody: request?.required === true,
    names: schema?.properties == null ? undefined : Object.keys(schema.properties),
  };
  operations.set(key, made);
  return made;
}

/** `/repos/{owner}/{repo}` for `/repos/o/r`: of those that fit, the one with the fewest gaps. */
function templateOf(path: string): string | undefined {
  const parts = path.split("/");
  const fits = Object.keys(description.paths).filter((template) => {
    const names = template.split("/");
    return names.length === parts.length && names.every((name, i) => /^\{.*\}$/.test(name) || name === parts[i]);
  });
  return fits.sort((a, b) => a.split("{").length - b.split("{").length)[0];
}

/** What the description has against a request; undefined if nothing, or if it is not there. */
export function wrongWith(asked: Asked): string | undefined {
  if (!hasDescription) return undefined;
  const template = templateOf(asked.path);
  if (template === undefined) return "there is no such path";
  const operation = operationOf(template, asked.method.toLowerCase());
  if (operation === undefined) return `${template} has no ${asked.method}`;
  const queries = operation.parameters.filter((parameter) => parameter.in === "query");
  for (const [name, value] of asked.query) {
    const parameter = queries.find((one) => one.name === name);
    if (parameter === undefined) return `${template} has no parameter ${name}`;
    const typed = parameter.schema.type === "integer" ? Number(value) : value;
    if (!ajv.validate(parameter.schema, typed)) return `${name}=${value}: ${ajv.errorsText()}`;
  }
  if (asked.body === undefined) return operation.needsBody ? "there is no body" : undefined;
  if (operation.body === undefined) return `${template} takes no body`;
  const extra = Object.keys(asked.body as object).find((name) => operation.names?.includes(name) === false);
  if (extra !== undefined) return `${template} knows no ${extra}`;
  return operation.body(asked.body) ? undefined : ajv.errorsText(operation.body.errors);
}
