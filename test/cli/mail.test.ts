import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, type Ended, hasSendEmail, makeDesk } from "./sending.ts";

const top = new URL("../..", import.meta.url).pathname;
const careless = join(top, "fixtures/series/careless");
const name = "v3-0003-block-add-blkdev_clone_range.eml";
let desk: Desk;

beforeAll(async () => {
  desk = await makeDesk();
  // The desk keeps git from copying to the people of a patch; a reply is for them.
  await desk.git(desk.dir, "config", "--global", "--unset", "sendemail.suppressCc");
});
afterAll(() => desk?.close());

/** The bundled series in a new folder, its third patch changed. */
function series(folder: string, change: (mail: string) => string = (mail) => mail): string {
  const path = join(desk.dir, folder);
  mkdirSync(path);
  for (const file of readdirSync(careless).filter((one) => one.endsWith(".patch"))) {
    const mail = readFileSync(join(careless, file), "utf8");
    writeFileSync(join(path, file), file.startsWith("0003") ? change(mail) : mail);
  }
  return path;
}

/** Drafts without runs, which most of these tests are not about and which take longest. */
const drafts = (input: string, ...more: readonly string[]): Promise<Ended> =>
  desk.copylint(desk.dir, "check", "--fail-on", "never", "--no-run", "--format", "mail", input, ...more);

const withHeader = (fields: string) => (mail: string) => mail.replace("\nDate: ", `\n${fields}\nDate: `);

test("the same patches give the same drafts, in a folder or as an mbox", async () => {
  const input = series("same");
  const one = await drafts(input, "--output-dir", "same-1/deep");
  expect(one).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^copylint: \S+: its patch has no To and no Cc, so only its author gets it[^\n]*\n$/),
    stdout: expect.stringMatching(new RegExp(`^same-1/deep/${name}: \\d+ findings, to author@example.org\n$`)),
  });
  await drafts(input, "--output-dir", "same-2/");
  expect(readdirSync(join(desk.dir, "same-2"))).toEqual([name]);
  const text = readFileSync(join(desk.dir, "same-1/deep", name), "utf8");
  expect(readFileSync(join(desk.dir, "same-2", name), "utf8")).toBe(text);
  const mbox = await drafts(input, "--output", "mail=same.mbx", "--output", "json=same.json");
  expect(mbox.stdout).toBe(`From copylint Thu Jan  1 00:00:00 1970\n${text}\n`);
  expect(readFileSync(join(desk.dir, "same.mbx"), "utf8")).toBe(mbox.stdout);
});

test("a draft that was edited stays, and nothing is written beside it, unless it is forced", async () => {
  const input = series("edited");
  await drafts(input, "--output-dir", "edited-d");
  const path = join(desk.dir, "edited-d", name);
  const text = readFileSync(path, "utf8");
  expect((await drafts(input, "--output-dir", "edited-d")).code).toBe(0);
  writeFileSync(path, `${text}Thanks\n`);
  const again = await drafts(input, "--output-dir", "edited-d");
  expect(again.code).toBe(2);
  expect(again.stderr).toContain(`edited-d/${name} is there already, and says something else`);
  expect(readFileSync(path, "utf8")).toBe(`${text}Thanks\n`);
  writeFileSync(join(desk.dir, "edited-d/0001-old.eml"), "To: x@example.org\n");
  const forced = await drafts(input, "--output-dir", "edited-d", "--force");
  expect(forced.code).toBe(0);
  expect(forced.stderr).toContain("edited-d holds 1 other file as well, which `git send-email edited-d` would send");
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("what cannot be done is said in one sentence", async () => {
  const input = series("said");
  writeFileSync(join(desk.dir, "a-file"), "");
  for (const [args, said] of [
    [["--output-dir", "a-file"], /^copylint: cannot write a-file: this is no folder$/m],
    [["--from", "nobody"], /^copylint: 'nobody' is no sender of a mail; say it as in --from /m],
    [["--force"], /^copylint: --force is for drafts of mails; /m],
  ] as const) {
    const { code, stderr } = await drafts(input, ...args);
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
  }
  const stray = await desk.copylint(desk.dir, "check", "--output-dir", "x", input);
  expect(stray).toMatchObject({
    code: 2,
    stderr: "copylint: --output-dir is for drafts of mails; say --format mail as well\n",
  });
});

test("patches without ids, and commits, get drafts that say what they lack", async () => {
  const input = series("bare", (mail) => mail.replace(/^(?:Message-Id|In-Reply-To|References):.*\n/gm, ""));
  const { code, stderr } = await drafts(input, "--output-dir", "bare-d");
  expect(code).toBe(0);
  expect(stderr).toContain(`${name}: its patch has no usable Message-ID, so it begins a thread of its own`);
  const repository = await desk.repository("careless");
  const range = await desk.copylint(
    repository,
    "check",
    "--no-run",
    "--format",
    "mail",
    "--fail-on",
    "never",
    "base..",
  );
  expect(range.stdout).toMatch(/^To: "A\. Author" <author@example\.org>$/m);
  expect(range.stdout).toContain("\n  copylint check base..\n");
});

test("the commands in the footer print the review and the run", async () => {
  const input = series("footer");
  const { stdout } = await desk.copylint(desk.dir, "check", "--format", "mail", input);
  const commands = [...stdout.matchAll(/^ {2}b4 am -o- \S+ \| (copylint .*)$/gm)].map(([, command]) => command!);
  expect(commands).toHaveLength(2);
  for (const [i, word] of ["copied-only-decreases", "outcome: 8 KiB reported"].entries()) {
    // What b4 would fetch is at hand.
    const run = await desk.run(input, "sh", ["-c", `cat *.patch | ${commands[i]}`]);
    expect(run.stdout, commands[i]).toContain(word);
  }
});

test.skipIf(!hasSendEmail)("git send-email sends drafts as they are (skipped without git-email)", async () => {
  const cc = withHeader('To: list@example.org, "Müller, Zoë" <zoe@example.org>\nCc: author@example.org, c@example.org');
  // Two patches with findings: a second answer must not hang below the first.
  const input = series("send", (mail) => cc(mail).replace("block: add blkdev_clone_range", "block: Größe"));
  const second = readFileSync(
    join(top, "fixtures/series/mended/0001-block-copy-sectors-inside-a-device.patch"),
    "utf8",
  );
  writeFileSync(join(input, "mended.mbox"), second);
  const made = await drafts(input, "--output-dir", "to-send");
  expect(made.stdout.split("\n")).toHaveLength(3);
  const names = readdirSync(join(desk.dir, "to-send")).sort();
  const args = ["send-email", "--suppress-cc=body", "to-send"];
  const dry = await desk.run(desk.dir, "git", [...args.slice(0, 1), "--dry-run", ...args.slice(1)]);
  expect(dry.code, dry.stderr).toBe(0);
  const sent = await desk.run(desk.dir, "git", args);
  expect(sent.code, sent.stderr).toBe(0);
  expect(desk.sink.mails).toHaveLength(2);
  for (const [i, file] of names.entries()) {
    const draft = await PostalMime.parse(readFileSync(join(desk.dir, "to-send", file)));
    const mail = await PostalMime.parse(Buffer.from(desk.sink.mails[i]!, "latin1"));
    expect(mail.from).toEqual({ name: "A Author", address: "author@example.org" });
    expect(mail.subject).toBe(draft.subject);
    expect(mail.inReplyTo).toBe(draft.inReplyTo);
    expect(mail.references?.replace(/\s+/g, " ")).toBe(draft.references);
    expect(mail.text?.trimEnd()).toBe(draft.text?.trimEnd());
    const addresses = (list: typeof mail.to) => (list ?? []).map(({ address }) => address);
    expect(addresses(mail.to)).toEqual(expect.arrayContaining(addresses(draft.to)));
    for (const address of addresses(draft.cc))
      expect([...addresses(mail.cc), ...addresses(mail.to)]).toContain(address);
  }
  expect((await PostalMime.parse(Buffer.from(desk.sink.mails[0]!, "latin1"))).subject).toContain("block: Größe");
});
