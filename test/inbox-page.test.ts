import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archive, posted } from "./cli/archive.ts";
import { type Desk, hasSendEmail, makeDesk } from "./cli/sending.ts";
import { runsPage } from "./page.ts";

const top = new URL("..", import.meta.url).pathname;
const page = readFileSync(join(top, "docs/inbox.md"), "utf8");
let desk: Desk;

beforeAll(async () => {
  desk = await makeDesk();
  await desk.git(desk.dir, "config", "--global", "--unset", "sendemail.suppressCc");
});
afterAll(() => desk?.close());

test.skipIf(!hasSendEmail)(
  "the page on archives: its commands do what it says (skipped without git-email)",
  async () => {
    const talk = Array.from(
      { length: 120 },
      (_, i) => `Message-ID: <${i}@example.org>\nFrom: A <a@example.org>\nSubject: talk\n\nTalk.\n`,
    );
    const lore = archive(join(desk.dir, "lore"), [...talk, ...posted("careless")]);
    const folder = join(desk.dir, "lists");
    mkdirSync(folder);
    await runsPage(page, desk, folder, {
      // The list is a folder here.
      list: (commands) => commands.replace("https://lore.kernel.org/linux-block/0", `'${lore}'`),
    });
    expect(desk.sink.mails).toHaveLength(1);
    expect(desk.sink.mails[0]).toMatch(/^In-Reply-To: <3c73b33f/m);
    expect(existsSync(join(folder, "all/state-2-of-2.json"))).toBe(true);
    expect(readFileSync(join(folder, "all.jsonl"), "utf8")).toBe(
      readFileSync(join(folder, "reviews/log.jsonl"), "utf8"),
    );
    // What cron would run is what the page runs by hand.
    const [, cron = ""] = /^```crontab\n\S+ \S+ \S+ \S+ \S+ cd lists && (.*)$/m.exec(page) ?? [];
    const done = await desk.run(folder, "sh", ["-c", cron]);
    expect(done).toMatchObject({ code: 0, stdout: "no new mails, no series: 0 reviewed, 0 with findings\n" });
  },
);

test("the page on archives fits 80 columns, but for what programs print and read", () => {
  const prose = page.replace(/^```\w+.*\n[^]*?^```$/gm, "");
  expect(prose.split("\n").filter((line) => line.length > 80 && !line.startsWith("| "))).toEqual([]);
});
