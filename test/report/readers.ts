import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { SaxesParser } from "saxes";
import { validateXML } from "xmllint-wasm";

// Readers of the formats as those who take the reports have them: real parsers where there are any.

const here = new URL("schemas/", import.meta.url);
const schemaText = (name: string): string => readFileSync(new URL(name, here), "utf8");

/** A validator for one of our own JSON schemas. */
export function ownSchema(name: string): ValidateFunction {
  return new Ajv2020({ strict: true, allErrors: true }).compile(JSON.parse(schemaText(name)));
}

/** What libxml2 has against a document and its schema. */
export async function xmlComplaints(xml: string, schema: string): Promise<readonly string[]> {
  const { errors } = await validateXML({
    xml: [{ fileName: "report.xml", contents: xml }],
    schema: [{ fileName: schema, contents: schemaText(schema) }],
    initialMemoryPages: 1024,
    maxMemoryPages: 4096,
  });
  return errors.map((error) => error.message);
}

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** A document as a strict parser reads it; throws if it is not well-formed. */
export function readXml(xml: string): XmlElement {
  const parser = new SaxesParser();
  const top: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const stack = [top];
  parser.on("error", (error) => {
    throw error;
  });
  for (const kind of ["doctype", "cdata", "comment"] as const) {
    parser.on(kind, () => {
      throw new Error(`there is a ${kind}`);
    });
  }
  parser.on("opentag", (tag) => {
    const made = { name: tag.name, attributes: tag.attributes as Record<string, string>, children: [], text: "" };
    stack.at(-1)?.children.push(made);
    stack.push(made);
  });
  parser.on("text", (text) => {
    const last = stack.at(-1);
    if (last) last.text += text;
  });
  parser.on("closetag", () => stack.pop());
  parser.write(xml).close();
  return top.children[0]!;
}

/** All elements of a name, in the order of the document. */
export function allOf(root: XmlElement, name: string): readonly XmlElement[] {
  return [...(root.name === name ? [root] : []), ...root.children.flatMap((child) => allOf(child, name))];
}

/** A workflow command as GitHub's runner understood it. */
export interface RunnerCommand {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

const known = [
  "error",
  "warning",
  "notice",
  "debug",
  "group",
  "endgroup",
  "add-mask",
  "add-matcher",
  "set-env",
  "set-output",
];

const unescapeData = (text: string): string =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
const unescapeProperty = (text: string): string => unescapeData(text.replaceAll("%3A", ":").replaceAll("%2C", ","));

/**
 * What GitHub's runner makes of the output of a step: `::name key=value,...::data` at the start of a line, white space aside,
 * and the older `##[name key=value;...]data` anywhere in a line; none of them between `::stop-commands::TOKEN` and
 * `::TOKEN::`. The lines that are left are the log.
 */
export function runnerReads(output: string): {
  readonly commands: readonly RunnerCommand[];
  readonly log: readonly string[];
} {
  const commands: RunnerCommand[] = [];
  const log: string[] = [];
  let token: string | undefined;
  for (const line of output.split(/\r\n|\r|\n/)) {
    const v2 = /^\s*::([^\s:]+)(?:[ ]((?:(?!::).)*))?::(.*)$/s.exec(line);
    if (token !== undefined) {
      if (v2?.[1] === token) token = undefined;
      else log.push(line);
      continue;
    }
    if (v2?.[1] === "stop-commands") {
      token = v2[3];
      continue;
    }
    if (v2 !== null && known.includes(v2[1]!)) {
      const pairs = (v2[2] ?? "")
        .trim()
        .split(",")
        .filter((pair) => pair.includes("="));
      const properties = pairs.map((pair) => {
        const at = pair.indexOf("=");
        return [pair.slice(0, at), unescapeProperty(pair.slice(at + 1))];
      });
      commands.push({ command: v2[1]!, properties: Object.fromEntries(properties), data: unescapeData(v2[3]!) });
      continue;
    }
    const v1 = /##\[([a-z-]+)[^\]]*\](.*)$/.exec(line);
    if (v1 !== null && known.includes(v1[1]!)) commands.push({ command: v1[1]!, properties: {}, data: v1[2]! });
    else log.push(line);
  }
  if (token !== undefined) throw new Error(`the runner still waits for ${token}`);
  return { commands, log };
}

/** Markdown as GitHub renders it, before its own filters. */
export function renderMarkdown(markdown: string): string {
  return micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
}

/** What a reader of HTML sees, and the names of the elements that it is in. */
export function readHtml(html: string): { readonly text: string; readonly elements: readonly string[] } {
  const elements = [...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, name]) => name!.toLowerCase());
  const text = html
    .replace(/<!--.*?-->|<[^>]*>/gs, "")
    .replace(
      /&(?:lt|gt|quot|amp|#124);/g,
      (it) => ({ "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&", "&#124;": "|" })[it]!,
    );
  return { text, elements: [...new Set(elements)] };
}

/** What b4 keeps of one check: an entry for each line, as its `_per_patch_check` settings are documented to work. */
export function b4Reads(run: { readonly stdout: string; readonly stderr: string; readonly status: number }) {
  const lines = (text: string): readonly string[] => (text.trim() === "" ? [] : text.trim().split("\n"));
  const entries = [
    ...lines(run.stderr).map((text) => ({ status: "fail", text })),
    ...lines(run.stdout).map((text) => ({ status: text.includes("ERROR:") ? "fail" : "warning", text })),
  ];
  if (entries.length > 0) return entries;
  return [{ status: run.status === 0 ? "success" : "fail", text: "" }];
}

const require = createRequire(import.meta.url);

/** The folder with Microsoft's validator for this system and the schema of SARIF; undefined if npm has none for it. */
function multitoolFolder(): string | undefined {
  try {
    return join(
      require.resolve("@microsoft/sarif-multitool/package.json"),
      "../../",
      `sarif-multitool-${process.platform}`,
    );
  } catch {
    return undefined;
  }
}
const folder = multitoolFolder();
const multitool = folder && join(folder, "Sarif.Multitool");

export const hasMultitool = multitool !== undefined && existsSync(multitool) && process.arch === "x64";

/** A validator for the official JSON schema of SARIF 2.1.0. */
export function sarifSchema(): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  return ajv.compile(JSON.parse(readFileSync(join(folder ?? "", "sarif-2.1.0.json"), "utf8")));
}

/** What Microsoft's validator says of a log, with its own rules and those of GitHub's code scanning. */
export function multitoolSays(sarif: string): readonly { readonly level: string; readonly rule: string }[] {
  const temporary = mkdtempSync(join(tmpdir(), "copylint-sarif-"));
  try {
    const [input, output] = [join(temporary, "in.sarif"), join(temporary, "out.sarif")];
    writeFileSync(input, sarif);
    // npm may have been told to run no install scripts, and then nobody made it executable.
    chmodSync(multitool!, 0o755);
    const run = spawnSync(
      multitool!,
      ["validate", input, "--rule-kind", "Sarif;Gh;Ghas", "-o", output, "--log", "ForceOverwrite"],
      {
        env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: "1" },
        encoding: "utf8",
      },
    );
    if (!existsSync(output)) throw new Error(`${run.stdout}${run.stderr}`);
    const log = JSON.parse(readFileSync(output, "utf8"));
    const found: { level?: string; ruleId: string }[] = log.runs[0].results ?? [];
    // A level that is left out is that of the rule, and the default of that is a warning.
    const rules: { id: string; defaultConfiguration?: { level?: string } }[] = log.runs[0].tool.driver.rules ?? [];
    return found.map(({ level, ruleId }) => ({
      level: level ?? rules.find((rule) => rule.id === ruleId)?.defaultConfiguration?.level ?? "warning",
      rule: ruleId,
    }));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
