import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import type { Diagnostic } from "vscode-languageserver/node";
import { copylint, program } from "./cli/quarry.ts";
import { engineText } from "./exec-kernel/engines.ts";
import { git } from "./git.ts";

// A series on a real kernel tree: its headers hold members whose types are nowhere in what is read. `.ci/run` unpacks Debian's
// linux-source-6.12 and names the folder.

const kernel = process.env.COPYLINT_LINUX_6_12 ?? "";
const hasKernel = existsSync(join(kernel, "include/linux/blk_types.h"));

let folder = "";
let repository = "";
let mails = "";

/** Puts text in front of the only line that starts so. */
function before(path: string, line: string, text: string): void {
  const full = join(repository, path);
  const source = readFileSync(full, "utf8");
  const at = source.indexOf(`\n${line}`) + 1;
  expect(at, `${path} has no line ${line}`).toBeGreaterThan(0);
  writeFileSync(full, source.slice(0, at) + text + source.slice(at));
}

function commit(subject: string): void {
  git(repository, ["commit", "-qam", `${subject}\n\nSigned-off-by: A Author <author@example.org>`]);
}

const inlines = (engineText("copy.h").match(/static inline[^]*?\n\}\n/g) ?? []).join("\n");

beforeAll(() => {
  if (!hasKernel) return;
  folder = mkdtempSync(join(tmpdir(), "copylint-kernel-"));
  repository = join(folder, "linux");
  for (const path of ["Makefile", "block", "include/linux"])
    cpSync(join(kernel, path), join(repository, path), { recursive: true });
  git(repository, ["init", "-q", "-b", "base"]);
  git(repository, ["add", "-f", "."]);
  git(repository, ["commit", "-qm", "base"]);
  git(repository, ["checkout", "-qb", "topic"]);
  before(
    "include/linux/blk_types.h",
    "\t/* Driver private requests */",
    "\t/* the two halves of a copy */\n\tREQ_OP_COPY_SRC = (__force blk_opf_t)40,\n\tREQ_OP_COPY_DST = (__force blk_opf_t)41,\n\n",
  );
  commit("block: add operations that copy");
  before("include/linux/blkdev.h", "\tunsigned int\t\tmax_sectors;", "\tunsigned int\t\tmax_copy_sectors;\n");
  before("include/linux/blkdev.h", "extern void blk_io_schedule(void);", `${inlines}\n`);
  const engine = engineText("synchronous.c").replace(/^[^]*?#include.*\n/, "");
  // What it forgets on two paths, and a plug for each chunk.
  const careless = engine
    .replace("nomem_chunk:\n\tkfree(chunk);\n", "nomem_chunk:\n")
    .replace("\tblk_start_plug(&plug);\n", "")
    .replace("\t\tdst_bio = bio_alloc", "\t\tblk_start_plug(&plug);\n\t\tdst_bio = bio_alloc")
    .replace("\t\tsubmit_bio(src_bio);\n", "\t\tsubmit_bio(src_bio);\n\t\tblk_finish_plug(&plug);\n")
    .replace("wait:\n\tblk_finish_plug(&plug);\n", "wait:\n");
  writeFileSync(join(repository, "block/blk-lib.c"), careless, { flag: "a" });
  commit("block: add blkdev_copy");
  mails = join(folder, "out");
  git(repository, ["format-patch", "-q", "-o", mails, "base"]);
  git(repository, ["worktree", "add", "-q", join(folder, "tree"), "base"]);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Found {
  readonly rule: string;
  readonly level: string;
  readonly file: string;
  readonly line: number;
  readonly executed: boolean;
}
interface Report {
  readonly findings: readonly Found[];
  readonly series: readonly { readonly notReviewed: string | null }[];
}

function reviewed(args: readonly string[], cwd = folder): { readonly status: number | null; readonly report: Report } {
  const run = copylint(["check", "--format", "json", ...args], { cwd });
  return { status: run.status, report: JSON.parse(run.stdout) as Report };
}

const inShort = ({ findings }: Report): string[] =>
  findings.map(({ rule, level, file, line }) => `${level} ${rule} ${file}:${line}`);

describe("a series on a real kernel", () => {
  // Only there where it says something: a test that is skipped for having a kernel would count as one.
  if (!hasKernel) test("SKIPPED: no linux-source-6.12 in COPYLINT_LINUX_6_12", (context) => context.skip());

  test.runIf(hasKernel)("is found wanting as the same mails are without it, by its own runs", () => {
    const alone = reviewed([mails]);
    expect(alone.status).toBe(1);
    expect(inShort(alone.report)).toContainEqual(expect.stringMatching(/^error error-path-leak block\/blk-lib\.c:\d+/));
    expect(inShort(alone.report)).toContainEqual(
      expect.stringMatching(/^warning plug-per-chunk block\/blk-lib\.c:\d+/),
    );
    const tree = reviewed(["--tree", join(folder, "tree"), mails]);
    const range = reviewed(["base..topic"], repository);
    for (const { status, report } of [tree, range]) {
      expect(report.series.map(({ notReviewed }) => notReviewed)).toEqual([null]);
      expect(inShort(report)).toEqual(expect.arrayContaining(inShort(alone.report)));
      expect(status).toBe(1);
      // The patch's own code ran in the kernel that the headers show.
      expect(report.findings.find(({ rule }) => rule === "error-path-leak")!.executed).toBe(true);
    }
  });

  test.runIf(hasKernel)("is no defect of copylint to any other command", () => {
    const list = copylint(["run", "base..topic", "--list"], { cwd: repository });
    expect([list.status, list.stderr]).toEqual([0, ""]);
    expect(list.stdout).toContain("blkdev_copy");
    const facts = copylint(["facts", "--tree", join(folder, "tree"), mails], { cwd: folder });
    expect([facts.status, facts.stderr]).toEqual([0, ""]);
    const fix = copylint(["fix", "--dry-run", "base..topic"], { cwd: repository });
    expect([0, 1]).toContain(fix.status);
    expect(fix.stderr).not.toContain("internal error");
    const ci = copylint(["ci", "--base", "base"], { cwd: repository });
    expect(ci.status).toBe(1);
    expect(ci.stdout).toContain("error-path-leak");
    expect(ci.stderr).not.toContain("internal error");
  });

  test.runIf(hasKernel)("is shown in an editor", async () => {
    const server = spawn(process.execPath, [program, "lsp", "--stdio", "--base", "base"], { cwd: repository });
    const rpc = createMessageConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
    try {
      const shown = new Promise<Diagnostic[]>((resolve) => {
        rpc.onNotification("textDocument/publishDiagnostics", ({ diagnostics }) => resolve(diagnostics));
      });
      rpc.listen();
      await rpc.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
      await rpc.sendNotification("initialized", {});
      const path = join(repository, "block/blk-lib.c");
      const text = readFileSync(path, "utf8");
      await rpc.sendNotification("textDocument/didOpen", {
        textDocument: { uri: pathToFileURL(path).href, languageId: "c", version: 1, text },
      });
      expect((await shown).map(({ code }) => code)).toContain("error-path-leak");
    } finally {
      rpc.dispose();
      server.kill();
    }
  });
});
