import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../src/cli/complaint.ts";
import { readState } from "../../src/cli/inbox-state.ts";
import { archive, type Commit, corpusMails, listed, posted } from "./archive.ts";
import { copylint, program } from "./quarry.ts";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "copylint-inbox-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let made = 0;
const fresh = (): string => join(dir, String(made++));

/** All files below a folder by path. */
function filesOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), "latin1")]));
}

interface Line {
  readonly id: string;
  readonly subject: string;
  readonly version: number;
  readonly missing: readonly number[];
  readonly verdict: string;
  readonly reason: string | null;
  readonly problems: readonly string[];
  readonly drafts: readonly string[];
}

const linesOf = (text: string): Line[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** Runs the program, without runs of code unless a test is about them: what is tested here is the way from mail to draft. */
function inbox(repo: string, out: string, ...more: readonly string[]) {
  const done = copylint(["inbox", repo, "--output-dir", out, "--no-run", ...more]);
  const log = join(out, "log.jsonl");
  return { ...done, log: existsSync(log) ? linesOf(readFileSync(log, "utf8")) : [] };
}

const short = ({ subject, version, verdict, reason }: Line): string => `v${version} ${subject}: ${reason ?? verdict}`;

/** Another posting of a series: other ids, and another version. */
const again = (version: string) => (mail: string) =>
  mail.replaceAll("20240610", `2024061${version}`).replace("[PATCH v3 ", `[PATCH v${version} `);

const unthreaded = (mail: string): string =>
  mail.replace(/^(?:In-Reply-To|References):.*\n/gm, "").replaceAll("<", "<u");

const mail = (subject: string, text: string, fields = ""): string =>
  `Message-ID: <${subject.replace(/\W+/g, ".")}@example.org>\nFrom: Somebody <s@example.org>\nTo: linux-block@example.org\nDate: Mon, 3 Jun 2024 10:00:00 +0200\nSubject: ${subject}\n${fields}\n${text}\n`;

/** A list on which all sorts of things happen. */
function lively(): Commit[] {
  const [cover = "", one = "", ...rest] = posted("careless");
  const [newCover = "", ...newer] = posted("careless", again("4"));
  const lone = posted("mended")[0]!.replace("[PATCH 1/2]", "[PATCH]").replaceAll("714524", "999999");
  const [part, ...others] = posted("reroll", again("7"));
  return [
    mail("hello", "Nobody here?"),
    Buffer.from([0, 1, 2, 255, 10, 0]),
    "",
    // The cover letter comes last, and a reply that quotes all of a patch comes in between.
    ...rest,
    one.replace("Subject: ", "Subject: Re: ").replace("Message-Id: <", "Message-Id: <re-"),
    one,
    cover,
    // It came already.
    cover,
    mail("[PATCH] buy watches", "Cheap!"),
    mail("[PATCH] block: of a machine", lone.slice(lone.indexOf("\n\n")), "Auto-Submitted: auto-generated"),
    // A version that never gets complete, and the next one.
    ...posted("careless", again("5")).slice(0, 4),
    newCover.replace("[PATCH v4", "[PATCH v6").replaceAll("20240614", "20240616"),
    ...newer.map((text) => text.replace("[PATCH v4", "[PATCH v6").replaceAll("20240614", "20240616")),
    // Without threading.
    ...posted("mended", unthreaded),
    lone,
    // One of the parts is far too large.
    part!,
    ...others.map((text, i) => (i === 0 ? `${text}${"x".repeat(9 << 20)}\n` : text)),
    // What was taken away again is missed, and never comes.
    ...posted("careless", again("8")).slice(0, 5),
    { deleted: posted("careless", again("8"))[2]! },
    ...posted("careless", again("8")).slice(5),
    mail("bye", "I am off."),
    // Too late.
    rest[0]!.replace("Message-Id: <", "Message-Id: <late-"),
  ];
}

describe("an archive", () => {
  let [repo, out] = ["", ""];
  let lines: readonly Line[] = [];
  beforeAll(() => {
    repo = archive(join(fresh(), "git/0.git"), lively());
    out = fresh();
    lines = inbox(join(repo, "../.."), out, "--wait", "40").log;
  });

  test("gives a line for each series, which says what became of it", () => {
    expect(lines.map(short)).toMatchInlineSnapshot(`
      [
        "v3 block: clone ranges inside a device: findings",
        "v5 block: clone ranges inside a device: version 6 came before it was complete",
        "v6 block: clone ranges inside a device: findings",
        "v1 block: copy sectors inside a device: findings",
        "v1 block: copy sectors inside a device: findings",
        "v4 block: clone ranges inside a device: clean",
        "v3 block: add operations for the halves of a clone: this part came after its series was dealt with",
      ]
    `);
  });

  test("names parts that are too large to be read", () => {
    const { problems } = lines.find(({ version }) => version === 4)!;
    expect(problems).toEqual(["part 1 is larger than 8 MiB, and is left out"]);
  });

  test("gives drafts for what was found, which the log names", () => {
    const drafts = Object.keys(filesOf(out)).filter((path) => path.includes("/"));
    expect(drafts).toEqual(lines.flatMap((line) => line.drafts).sort());
    expect(drafts.length).toBeGreaterThan(3);
    for (const path of drafts) {
      const text = readFileSync(join(out, path), "utf8");
      expect(text).toMatch(/^To: .*\nCc: linux-block@example.org\nSubject: Re: \[PATCH.*\nIn-Reply-To: </);
    }
  });

  test("is read by several processes to the same effect", () => {
    const other = fresh();
    const { status, stderr } = inbox(repo, other, "--wait", "40", "--jobs", "3");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(filesOf(other)).toEqual(filesOf(out));
  });

  test("is divided among shards, each thread to one of them", () => {
    const other = fresh();
    const shards = ["1/3", "2/3", "3/3"].flatMap((shard) => {
      expect(inbox(repo, other, "--wait", "40", "--shard", shard).status).toBe(0);
      return linesOf(readFileSync(join(other, `log-${shard.replace("/", "-of-")}.jsonl`), "utf8"));
    });
    const key = (line: Line) => JSON.stringify(line);
    expect(shards.map(key).sort()).toEqual(lines.map(key).sort());
    const drafts = (folder: string) => Object.entries(filesOf(folder)).filter(([path]) => path.includes("/"));
    expect(drafts(other)).toEqual(drafts(out));
  });

  test("is reviewed once: the next run goes on where the last one ended, in the next repository as well", () => {
    const [first, second] = [join(fresh(), "git/0.git"), fresh()];
    const all = lively();
    const top = join(first, "../..");
    for (const end of [9, 14, 30, all.length]) {
      const start = [0, 9, 14, 30].findLast((n) => n < end)!;
      archive(end > 14 ? join(top, "git/1.git") : first, all.slice(start, end));
      expect(inbox(top, second, "--wait", "40").status).toBe(0);
    }
    const [one, other] = [filesOf(second), filesOf(out)];
    expect({ ...one, "state.json": "" }).toEqual({ ...other, "state.json": "" });
    expect(inbox(top, second, "--wait", "40").stdout).toContain("no new mails, no series: 0 reviewed");
  });

  test("that will not grow is closed at the end", () => {
    const { log, stdout } = inbox(repo, fresh(), "--close");
    const last = log.filter(({ version }) => version === 8);
    expect(last.map(({ missing, verdict }) => [missing, verdict])).toEqual([[[2], "findings"]]);
    expect(stdout).not.toContain("not complete yet");
  });

  test("is read from a commit on, if the first run says so", () => {
    const { log, stdout } = inbox(repo, fresh(), "--since", "HEAD~3");
    expect(log).toEqual([]);
    expect(stdout).toMatch(/^3 new mails, no series/);
  });

  test("shows how far it is, if it is asked to", () => {
    const { stderr } = inbox(repo, fresh(), "--progress");
    expect(stderr).toMatch(/^copylint: (\d+)\/\1 mails, \d+\/s, 0 s left; \d+ series reviewed, \d+ with findings\n$/m);
  });
});

describe("what cannot go on is said in one sentence:", () => {
  const refused = (args: readonly string[], said: RegExp): void => {
    const { status, stderr } = copylint(["inbox", ...args]);
    expect(stderr).toMatch(said);
    expect(stderr.split("\n")).toHaveLength(2);
    expect(status).toBe(2);
  };

  test("no archive, no folder, no commit", () => {
    const [empty, out] = [fresh(), fresh()];
    execFileSync("mkdir", [empty]);
    refused([empty, "--output-dir", out], /as an archive: git finds no repository/);
    refused([join(empty, "x"), "--output-dir", out], /as an archive: there is no such folder/);
    const repo = archive(fresh(), posted("mended"));
    refused([repo], /nothing says where the drafts go; name a folder/);
    refused([repo, "--output-dir", out, "--since", "nowhere"], /the archive has no commit 'nowhere'/);
    refused([repo, "--output-dir", out, "--shard", "5/4"], /expected i\/n, as in 1\/4/);
  });

  test("a repository that is no archive", () => {
    const [repo, out] = [fresh(), fresh()];
    execFileSync("git", ["init", "-q", repo]);
    const who = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    for (const file of ["a", "b"]) {
      writeFileSync(join(repo, file), file);
      execFileSync("git", ["-C", repo, "add", file]);
      execFileSync("git", ["-C", repo, ...who, "commit", "-q", "-m", file]);
    }
    refused([repo, "--output-dir", out], /is a git repository, but its commits hold no mails/);
  });

  test("a history that was rewritten", () => {
    const [repo, out] = [archive(fresh(), posted("mended")), fresh()];
    expect(inbox(repo, out).status).toBe(0);
    const before = filesOf(out);
    archive(repo, []);
    execFileSync("git", ["-C", repo, "update-ref", "-d", "refs/heads/master"]);
    archive(repo, posted("careless"));
    refused(
      [repo, "--output-dir", out],
      /the history of the archive was rewritten: it has no commit [0-9a-f]{12} any more/,
    );
    expect(filesOf(out)).toEqual(before);
  });

  test("a state and a log that do not belong together, and another one at work", () => {
    const [repo, out] = [archive(fresh(), posted("mended")), fresh()];
    expect(inbox(repo, out).status).toBe(0);
    const [state, log] = [join(out, "state.json"), join(out, "log.jsonl")];
    const kept = readFileSync(state, "utf8");
    refused([repo, "--output-dir", out, "--since", "HEAD"], /--since is for the first run/);
    refused([repo, "--output-dir", out, "--state", state, "--shard", "1/2"], /is that of shard 1\/1/);
    writeFileSync(state, "{}");
    refused([repo, "--output-dir", out], /is no state of copylint inbox/);
    rmSync(state);
    refused([repo, "--output-dir", out], /is there, but the state that belongs to it is not/);
    writeFileSync(state, kept);
    writeFileSync(log, "");
    refused([repo, "--output-dir", out], /is shorter than .* says, so lines of it are lost/);
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)", "inbox"]);
    try {
      writeFileSync(join(out, ".state.json.lock"), `${child.pid}\n`);
      refused([repo, "--output-dir", out], new RegExp(`process ${child.pid} works with`));
    } finally {
      child.kill();
    }
  });

  test("a state that is not what a run writes, whatever of it is wrong", () => {
    const [repo, out] = [archive(fresh(), posted("careless").slice(0, 3)), fresh()];
    expect(inbox(repo, out).status).toBe(0);
    const path = join(out, "state.json");
    const kept = JSON.parse(readFileSync(path, "utf8"));
    expect(kept.collection.open[0].parts.length).toBe(3);
    kept.collection.closed.push({ key: "k", at: 1, ids: ["<i>"] });
    writeFileSync(path, JSON.stringify(kept));
    expect(inbox(repo, out)).toMatchObject({ status: 0, stderr: "" });
    const before = filesOf(out);
    /** The state with another value, or none, in each of its places. */
    const spoilt = (value: unknown, wrong: unknown): unknown[] => {
      const inner =
        typeof value !== "object" || value === null
          ? []
          : Object.entries(value).flatMap(([name, each]) =>
              spoilt(each, wrong).map((other) =>
                Array.isArray(value)
                  ? value.map((old, i) => (String(i) === name ? other : old))
                  : { ...value, [name]: other },
              ),
            );
      return [wrong, ...inner];
    };
    for (const wrong of [undefined, -1]) {
      const [, ...all] = spoilt(kept, wrong);
      expect(all.length).toBeGreaterThan(30);
      for (const each of all) {
        writeFileSync(path, JSON.stringify(each));
        expect(() => readState(path), JSON.stringify(each)).toThrow(Refusal);
      }
    }
    for (const text of ["", "null", "[]", '"x"', '{"version":1}', "\0", JSON.stringify(kept).slice(0, -5)]) {
      writeFileSync(path, text);
      expect(() => readState(path), text).toThrow(Refusal);
    }
    const refuses = (state: object, said: RegExp): void => {
      writeFileSync(path, JSON.stringify(state));
      refused([repo, "--output-dir", out], said);
      expect({ ...filesOf(out), "state.json": "" }).toEqual({ ...before, "state.json": "" });
    };
    const [series] = kept.collection.open;
    const open = (change: object) => ({
      ...kept,
      collection: { ...kept.collection, open: [{ ...series, ...change }] },
    });
    refuses(
      open({ parts: [] }),
      /no state of copylint inbox: it\.collection\.open\[0\]\.parts is no list as it should be/,
    );
    refuses(open({ total: 1e9 }), /it\.collection\.open\[0\]\.total is no number that it could be/);
    const part = { ...series.parts[0], ref: series.parts[0].ref.replace(/^0:/, "7:") };
    refuses(open({ parts: [part] }), /no state of copylint inbox: a mail is in repository 7, which has no head/);
    rmSync(path);
    execFileSync("mkdir", [path]);
    refused([repo, "--output-dir", out], /no state of copylint inbox: this could not be read \(EISDIR\)/);
  });

  test("a draft that was edited stays", () => {
    const [repo, out] = [archive(fresh(), posted("careless")), fresh()];
    const [draft = ""] = inbox(repo, out).log[0]!.drafts;
    writeFileSync(join(out, draft), "mine");
    for (const file of ["state.json", "log.jsonl"]) rmSync(join(out, file));
    const { stderr } = inbox(repo, out);
    expect(stderr).toBe(`copylint: ${draft} was edited, and stays as it is\n`);
    expect(readFileSync(join(out, draft), "utf8")).toBe("mine");
  });
});

test("series of the one who sends the drafts are left to others, and drafts name the sender", () => {
  const repo = archive(fresh(), posted("careless"));
  const [own, other] = [fresh(), fresh()];
  expect(inbox(repo, own, "--from", "Me <author@example.org>").log.map(short)).toEqual([
    "v3 block: clone ranges inside a device: it is of the sender of the drafts",
  ]);
  const [draft = ""] = inbox(repo, other, "--from", "Me <me@example.org>", "--jobs", "2").log[0]!.drafts;
  expect(readFileSync(join(other, draft), "utf8")).toMatch(/^From: Me <me@example.org>\nTo: /);
});

test("a mail that quotes another one with its header is one mail", () => {
  const quote = "From me@example.org Thu Jan  1 00:00:00 1970\nSubject: not a mail\n\nx\n---\n";
  const mails = posted("mended").map((text) => text.replace("---\n", quote));
  expect(inbox(archive(fresh(), mails), fresh()).log.map(short)).toEqual([
    "v1 block: copy sectors inside a device: findings",
  ]);
});

test("the reviews of an archive are those of check, with runs", () => {
  const [repo, out] = [archive(fresh(), posted("careless")), fresh()];
  const done = copylint(["inbox", repo, "--output-dir", out]);
  expect(done.stdout).toBe(`7 new mails, 1 series: 1 reviewed, 1 with findings, 1 draft in ${out}\n`);
  const draft = Object.entries(filesOf(out)).find(([path]) => path.endsWith(".eml"))![1];
  const golden = readFileSync(new URL("../report/careless-3.eml", import.meta.url), "utf8");
  expect(draft).toBe(golden.replace("\nSubject: ", "\nCc: linux-block@example.org\nSubject: "));
});

/** Numbers from 0 to 1 that look random and are the same in each run. */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Runs the program until it ends or is killed with all that it started, whichever is first. */
function runUntil(args: readonly string[], ms: number): Promise<"ended" | "killed"> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { detached: true, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    let killed = false;
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const timer = setTimeout(() => {
      killed = true;
      process.kill(-child.pid!, "SIGKILL");
    }, ms);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (killed && code === null) resolve("killed");
      else if (code === 0) resolve("ended");
      else reject(new Error(`${code}: ${stderr}`));
    });
  });
}

test("what a killed run wrote before its state is done again, to the same effect", () => {
  const [repo, out] = [fresh(), fresh()];
  const all = lively();
  archive(repo, all.slice(0, 14));
  expect(inbox(repo, out).status).toBe(0);
  const state = readFileSync(join(out, "state.json"));
  archive(repo, all.slice(14));
  expect(inbox(repo, out).status).toBe(0);
  const wanted = filesOf(out);
  const [line] = wanted["log.jsonl"]!.split("\n");
  const draft = Object.keys(wanted).findLast((path) => path.includes("/"))!;
  // The drafts and the log are ahead of the state, by a whole line or a part of one, or the drafts alone are.
  for (const log of [wanted["log.jsonl"]!, `${wanted["log.jsonl"]}{"id":"<`, `${line}\n`]) {
    writeFileSync(join(out, "state.json"), state);
    writeFileSync(join(out, "log.jsonl"), log, "latin1");
    for (const path of [`.state.json.1.0`, draft.replace(/([^/]*)$/, ".$1.77.0")])
      writeFileSync(join(out, path), "half of it");
    expect(inbox(repo, out)).toMatchObject({ status: 0, stderr: "" });
    expect(filesOf(out)).toEqual(wanted);
  }
});

test("killed at 20 random points, it leaves what an undisturbed run leaves", { timeout: 120_000 }, async () => {
  // The corpus, where there is one, between mails of ours, so that there is something to lose everywhere.
  const real = corpusMails();
  const ours = [...Array(5).keys()].map((i) => posted("careless", again(String(i + 1))));
  const step = Math.ceil(real.length / ours.length);
  const repo = archive(
    fresh(),
    ours
      .flatMap((series, i) => [...series, ...real.slice(i * step, (i + 1) * step)])
      .map((one) => (typeof one === "string" ? listed(one) : one)),
  );
  const args = (out: string, jobs: number) => [
    "inbox",
    repo,
    "--output-dir",
    out,
    "--no-run",
    "--wait",
    "60",
    "--close",
    "--jobs",
    String(jobs),
  ];
  const whole = fresh();
  const start = Date.now();
  expect(await runUntil(args(whole, 1), 60_000)).toBe("ended");
  const took = Date.now() - start;
  const wanted = filesOf(whole);
  expect(Object.keys(wanted).length).toBeGreaterThan(6);

  const random = seeded(20);
  let out = fresh();
  let kills = 0;
  let progress = 0;
  for (let n = 0; kills < 20 && n < 80; n++) {
    const jobs = 1 + (n % 2);
    if ((await runUntil(args(out, jobs), took * (0.1 + 0.5 * random()))) === "killed") {
      kills++;
      // What is there by now is all right; the log may hold a line that is cut, which the next run takes back.
      const log = existsSync(join(out, "log.jsonl")) ? readFileSync(join(out, "log.jsonl"), "latin1") : "";
      expect(wanted["log.jsonl"]!.startsWith(log)).toBe(true);
      if (log !== "" && log.length < wanted["log.jsonl"]!.length) progress++;
      for (const [path, text] of existsSync(out) ? Object.entries(filesOf(out)) : [])
        if (path.endsWith(".eml")) expect(text, path).toBe(wanted[path]);
      continue;
    }
    expect(filesOf(out)).toEqual(wanted);
    out = fresh();
  }
  expect(kills).toBe(20);
  expect(progress).toBeGreaterThan(2);
  expect(await runUntil(args(out, 1), 60_000)).toBe("ended");
  expect(filesOf(out)).toEqual(wanted);
});
