import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import type { CodeAction, Diagnostic, Hover, TextEdit } from "vscode-languageserver/node";
import { git, hasGit } from "../git.ts";
import { gone, misbehaving } from "./misbehaving.ts";
import { copylint, program } from "./quarry.ts";

const top = new URL("../../", import.meta.url).pathname;
const third = "0003-block-add-blkdev_clone_range.patch";
let folder = "";
let server: Server | undefined;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "copylint test-")));
});
afterEach(async () => {
  await server?.end();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A client as an editor is one: it speaks over standard input and output with the built program. */
class Server {
  readonly #child: ChildProcess;
  readonly #rpc: MessageConnection;
  readonly #sent = new Map<string, Diagnostic[]>();
  readonly messages: string[] = [];
  #waiting: (() => void)[] = [];
  #stderr = "";
  #gone = false;

  constructor(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [program, "lsp", "--stdio", ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
    });
    this.#child.stderr!.on("data", (chunk) => {
      this.#stderr += chunk;
    });
    this.#child.once("exit", () => {
      this.#gone = true;
      this.#rpc.dispose();
      for (const go of this.#waiting.splice(0)) go();
    });
    this.#rpc = createMessageConnection(
      new StreamMessageReader(this.#child.stdout!),
      new StreamMessageWriter(this.#child.stdin!),
    );
    this.#rpc.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }) => {
      this.#sent.set(uri, diagnostics);
      for (const go of this.#waiting.splice(0)) go();
    });
    for (const kind of ["window/showMessage", "window/logMessage"])
      this.#rpc.onNotification(kind, ({ message }) => {
        this.messages.push(message);
      });
    this.#rpc.listen();
  }

  static async start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Server> {
    const made = new Server(args, env);
    const { capabilities } = await made.#rpc.sendRequest<{ capabilities: object }>("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
    });
    expect(capabilities).toMatchObject({ hoverProvider: true });
    await made.#rpc.sendNotification("initialized", {});
    server = made;
    return made;
  }

  /** What the server says of a file after this was sent. */
  async #after(uri: string, send: () => Promise<void>): Promise<Diagnostic[]> {
    this.#sent.delete(uri);
    await send();
    while (!this.#sent.has(uri) && !this.#gone) await new Promise<void>((go) => this.#waiting.push(go));
    const seen = this.#sent.get(uri);
    if (seen === undefined) throw new Error(`the server ended: ${this.#stderr}`);
    return seen;
  }

  open(path: string, text = readFileSync(path, "utf8")): Promise<Diagnostic[]> {
    const uri = pathToFileURL(path).href;
    const textDocument = { uri, languageId: "diff", version: 1, text };
    return this.#after(uri, () => this.#rpc.sendNotification("textDocument/didOpen", { textDocument }));
  }

  change(path: string, text: string): Promise<Diagnostic[]> {
    const uri = pathToFileURL(path).href;
    const change = { textDocument: { uri, version: 2 }, contentChanges: [{ text }] };
    return this.#after(uri, () => this.#rpc.sendNotification("textDocument/didChange", change));
  }

  close(path: string): Promise<Diagnostic[]> {
    const uri = pathToFileURL(path).href;
    return this.#after(uri, () => this.#rpc.sendNotification("textDocument/didClose", { textDocument: { uri } }));
  }

  hover(path: string, { range }: Diagnostic): Promise<Hover | null> {
    const textDocument = { uri: pathToFileURL(path).href };
    return this.#rpc.sendRequest("textDocument/hover", { textDocument, position: range.start });
  }

  actions(path: string, { range }: Diagnostic): Promise<CodeAction[]> {
    const textDocument = { uri: pathToFileURL(path).href };
    return this.#rpc.sendRequest("textDocument/codeAction", { textDocument, range, context: { diagnostics: [] } });
  }

  /** Says goodbye; the exit code, and what the server wrote on stderr. */
  async end(): Promise<{ code: number | null; stderr: string }> {
    if (this.#gone) return { code: this.#child.exitCode, stderr: this.#stderr };
    const ended = new Promise<number | null>((done) => this.#child.once("exit", done));
    await this.#rpc.sendRequest("shutdown");
    await this.#rpc.sendNotification("exit");
    const code = await ended;
    return { code, stderr: this.#stderr };
  }

  /** Goes without a word, as an editor that crashed. */
  hangUp(): Promise<number | null> {
    const ended = new Promise<number | null>((done) => this.#child.once("exit", done));
    this.#child.stdin!.end();
    return ended;
  }
}

/** The first line of blkdev_clone_range() that has the part, 0-based. */
function lineOf(text: string, part: string): number {
  const lines = text.split("\n");
  const start = lines.findLastIndex((line) => line.startsWith("ssize_t blkdev_clone_range("));
  expect(start).toBeGreaterThan(0);
  return lines.findIndex((line, i) => i > start && line.includes(part));
}
const of = (all: readonly Diagnostic[], rule: string): Diagnostic => all.find(({ code }) => code === rule)!;

/** The text with an edit made. */
function edited(text: string, edits: readonly TextEdit[]): string {
  const at = ({ line, character }: TextEdit["range"]["start"]): number =>
    text
      .split("\n")
      .slice(0, line)
      .reduce((sum, each) => sum + each.length + 1, 0) + character;
  return [...edits]
    .sort((one, other) => at(other.range.start) - at(one.range.start))
    .reduce((made, { range, newText }) => made.slice(0, at(range.start)) + newText + made.slice(at(range.end)), text);
}

describe("a review that does not end", () => {
  test("keeps nobody from an answer, and ends when the text changes", async () => {
    cpSync(join(top, "fixtures/series/careless"), join(folder, "careless"), { recursive: true });
    const { env, looping, over } = misbehaving(folder, true);
    const client = await Server.start([], env);
    const good = join(folder, "careless", third);
    const seen = await client.open(good);
    const bad = join(folder, "bad.patch");
    const text = readFileSync(
      join(top, "fixtures/series/mended/0001-block-copy-sectors-inside-a-device.patch"),
      "utf8",
    );
    const subject = (word: string) => text.replace(/^Subject: .*/m, `Subject: [PATCH] ${word}`);
    const looks = client.open(bad, subject("please loop"));
    const pid = await looping();
    expect(await client.hover(good, seen[0]!)).toMatchObject({ contents: { kind: "markdown" } });
    await client.close(good);
    rmSync(join(folder, "looping"));
    const now = await client.change(bad, subject("block: copy sectors inside a device"));
    expect(await looks).toEqual(now);
    expect(now.map(({ code }) => code)).toContain("plug-per-chunk");
    await gone(pid);
    expect(client.messages).toEqual([]);

    // It goes on for a minute.
    const late = client.change(bad, subject("please loop"));
    await looping();
    writeFileSync(over, "");
    expect(await late).toMatchObject([{ severity: 1, message: expect.stringContaining("it took more than a minute") }]);
    expect(client.messages).toEqual([expect.stringContaining('"please loop" was not reviewed')]);
    for (const [deed, why] of Object.entries({
      eat: "SIGABRT",
      abort: "SIGABRT",
      exit: "exit code 3",
      die: "SIGKILL",
    })) {
      const [one] = await client.change(bad, subject(`please ${deed}`));
      expect(one?.message).toContain(`the process that reviewed it ended (${why})`);
    }
    expect(await client.change(bad, subject("block: copy sectors inside a device"))).toEqual(now);
    expect(await client.end()).toMatchObject({ code: 0 });
  });

  test("ends when the editor hangs up", async () => {
    const { env, looping } = misbehaving(folder, true);
    const client = await Server.start([], env);
    const bad = join(folder, "bad.patch");
    const text = readFileSync(
      join(top, "fixtures/series/mended/0001-block-copy-sectors-inside-a-device.patch"),
      "utf8",
    );
    client.open(bad, text.replace(/^Subject: .*/m, "Subject: [PATCH] please loop")).catch(() => {});
    const pid = await looping();
    expect(await client.hangUp()).toBe(1);
    await gone(pid);
  });
});

describe("patch files", () => {
  beforeEach(() => cpSync(join(top, "fixtures/series/careless"), folder, { recursive: true }));

  test("have the findings of their series at the lines of the diff, as check has them", async () => {
    const path = join(folder, third);
    const text = readFileSync(path, "utf8");
    const seen = await (await Server.start()).open(path);
    const { findings } = JSON.parse(copylint(["check", "--format", "json", folder]).stdout);
    const expected = findings.filter((f: { patch: { index: number } }) => f.patch.index === 3);
    expect(expected.length).toBeGreaterThan(8);
    expect(seen.map(({ code, range }) => `${code}:${range.start.line + 1}`).sort()).toEqual(
      expected.map((f: { rule: string; patch: { line: number } }) => `${f.rule}:${f.patch.line}`).sort(),
    );
    const plug = of(seen, "plug-per-chunk");
    expect(plug).toMatchObject({ severity: 2, source: "copylint" });
    const line = text.split("\n")[plug.range.start.line]!;
    expect(line.slice(plug.range.start.character, plug.range.end.character)).toBe("blk_start_plug(&plug)");
    expect(plug.message).toContain("once per chunk");
  });

  test("show the page of the rule, and offer to ignore it, which needs a reason", async () => {
    const path = join(folder, third);
    const text = readFileSync(path, "utf8");
    const client = await Server.start();
    const plug = of(await client.open(path), "plug-per-chunk");
    expect(await client.hover(path, plug)).toMatchObject({
      contents: { kind: "markdown", value: readFileSync(join(top, "rules/plug-per-chunk/README.md"), "utf8") },
    });
    const [action] = (await client.actions(path, plug)).filter(({ title }) =>
      title.startsWith("Ignore plug-per-chunk"),
    );
    const now = edited(text, Object.values(action!.edit!.changes!)[0]!);
    expect(now).toContain("\n---\nCopylint-ignore: plug-per-chunk \n");
    const unexplained = await client.change(path, now);
    expect(of(unexplained, "plug-per-chunk")).toBeDefined();
    expect(unexplained.map(({ message }) => message).join()).toContain(
      "plug-per-chunk is not ignored, as no reason is given",
    );
    const reasoned = await client.change(path, now.replace("plug-per-chunk \n", "plug-per-chunk callers hold one\n"));
    expect(of(reasoned, "plug-per-chunk")).toBeUndefined();
    expect(reasoned.length).toBe(unexplained.length - 2);
    expect(await client.close(path)).toEqual([]);
    expect(await client.hover(path, plug)).toBeNull();
  });

  test("are read with what is not saved yet of the others, and with the nearest configuration", async () => {
    writeFileSync(join(folder, ".copylintrc.yaml"), "rules: {plug-per-chunk: error, byte-units: off}\n");
    const path = join(folder, third);
    const client = await Server.start();
    const seen = await client.open(path);
    expect(of(seen, "plug-per-chunk").severity).toBe(1);
    expect(of(seen, "byte-units")).toBeUndefined();
    writeFileSync(join(folder, ".copylintrc.yaml"), "rule: 1\n");
    expect(await client.change(path, readFileSync(path, "utf8"))).toMatchObject([
      { severity: 2, message: expect.stringMatching(/^not reviewed: .* no key 'rule'/) },
    ]);
    expect(client.messages.join()).toContain("no key 'rule'");
  });

  test("that make no sense are no end of the server; what they say is only text", async () => {
    const client = await Server.start();
    const path = join(folder, third);
    expect(await client.open(path, "\x00\xff garbage")).toMatchObject([
      {
        message: "this holds NUL bytes: it is no text, and is passed over",
        range: { start: { line: 0, character: 0 } },
      },
    ]);
    const hostile = readFileSync(path, "utf8").replaceAll("blkdev_clone_range", "blkdev\u202eclone");
    for (const { message } of await client.change(path, hostile)) expect(message).not.toContain("\u202e");
    expect((await client.change(path, readFileSync(path, "utf8"))).length).toBeGreaterThan(8);
    expect(await client.end()).toEqual({ code: 0, stderr: "" });
  });

  test("an editor that goes without a word leaves no server behind", async () => {
    const client = await Server.start();
    await client.open(join(folder, third));
    expect(await client.hangUp()).toBe(1);
  });
});

describe.skipIf(!hasGit)("C files of a tree (skipped without git)", () => {
  /** The stage with a series on top, in the working tree only. */
  function tree(series: string): string {
    const dir = join(folder, "linux");
    cpSync(join(top, "fixtures/stage"), dir, { recursive: true });
    git(dir, ["init", "-q"]);
    git(dir, ["add", "-A"]);
    git(dir, ["commit", "-q", "-m", "stage"]);
    const patches = readdirSync(join(top, "fixtures/series", series)).filter((name) =>
      /^(?!0000).*\.patch$/.test(name),
    );
    git(dir, ["apply", ...patches.sort().map((name) => join(top, "fixtures/series", series, name))]);
    return dir;
  }

  test("have what the working tree has brought about since HEAD, at its lines", async () => {
    const path = join(tree("careless"), "block/blk-lib.c");
    const text = readFileSync(path, "utf8");
    const client = await Server.start();
    const seen = await client.open(path);
    const plug = of(seen, "plug-per-chunk");
    expect(plug.range.start.line).toBe(lineOf(text, "blk_start_plug(&plug)"));
    expect(plug.relatedInformation).toMatchObject([
      {
        location: { uri: pathToFileURL(path).href, range: { start: { line: lineOf(text, "blk_finish_plug(&plug)") } } },
      },
    ]);
    // What is typed counts, saved or not.
    const two = `\n\n${text}`;
    expect(of(await client.change(path, two), "plug-per-chunk").range.start.line).toBe(plug.range.start.line + 2);
    const head = git(join(folder, "linux"), ["show", "HEAD:block/blk-lib.c"]).toString();
    expect(await client.change(path, head)).toEqual([]);
  });

  test("offer the fix of a rule that has one, and the finding goes with it", async () => {
    const path = join(tree("careless"), "block/blk-lib.c");
    const text = readFileSync(path, "utf8");
    const client = await Server.start();
    const split = of(await client.open(path), "split-alignment-check");
    const fix = (await client.actions(path, split)).find(({ title }) => title.startsWith("Fix split-alignment-check"));
    const now = edited(text, fix!.edit!.changes![pathToFileURL(path).href]!);
    expect(now).not.toBe(text);
    expect(of(await client.change(path, now), "split-alignment-check")).toBeUndefined();
  });

  test("are held against another commit with --base, and against nothing outside of a repository", async () => {
    const dir = tree("careless");
    git(dir, ["add", "-A"]);
    git(dir, ["commit", "-q", "-m", "clone"]);
    const path = join(dir, "block/blk-lib.c");
    const plain = await Server.start();
    expect(await plain.open(path)).toEqual([]);
    await plain.end();
    const based = await Server.start(["--base", "HEAD~1"]);
    expect(of(await based.open(path), "plug-per-chunk")).toBeDefined();
    writeFileSync(join(folder, "lone.c"), "int a;\n");
    expect(await based.open(join(folder, "lone.c"))).toMatchObject([
      { severity: 2, message: expect.stringMatching(/^not reviewed: .*not in a git repository/) },
    ]);
    expect(based.messages.join()).toContain("not in a git repository");
  });
});
