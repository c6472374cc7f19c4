import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, hasSendEmail, makeDesk } from "./cli/sending.ts";
import { hasB4, runsPage } from "./page.ts";

const top = new URL("..", import.meta.url).pathname;
const page = readFileSync(join(top, "docs/mail.md"), "utf8");
let desk: Desk;

beforeAll(async () => {
  desk = await makeDesk();
  // The desk keeps git from copying to the people of a patch; a reply is for them.
  await desk.git(desk.dir, "config", "--global", "--unset", "sendemail.suppressCc");
});
afterAll(() => desk?.close());

/** The bundled series as the list would hand it out. */
const thread = (): string => {
  const folder = join(top, "fixtures/series/careless");
  const names = readdirSync(folder).filter((name) => name.endsWith(".patch"));
  const mails = names.sort().map((name) => readFileSync(join(folder, name), "utf8"));
  return mails.map((mail) => mail.replace("\nDate: ", "\nTo: linux-block@example.org\nDate: ")).join("\n");
};

test.skipIf(!hasSendEmail || !hasB4)(
  "the page on review mails: its commands do what it says (skipped without git-email or b4)",
  async () => {
    const folder = join(desk.dir, "reviews");
    await desk.run(desk.dir, "mkdir", [folder]);
    await desk.git(folder, "init", "-q");
    writeFileSync(join(folder, "list.mbx"), thread());
    await runsPage(page, desk, folder, {
      // The list is a file here; b4 is the real one.
      list: (commands) => commands.replace("b4 mbox ", "b4 --offline-mode mbox -m list.mbx "),
    });
    expect(desk.sink.mails).toHaveLength(1);
    const [mail = ""] = desk.sink.mails;
    expect(mail).toMatch(/^From: A Author <author@example.org>$/m);
    expect(mail).toMatch(/^Cc:.*linux-block@example.org/m);
    expect(readFileSync(join(folder, "drafts.mbx"), "utf8")).toContain("\nSubject: Re: [PATCH v3 3/6]");
    expect(existsSync(join(folder, "drafts/v3-0003-block-add-blkdev_clone_range.eml"))).toBe(true);
  },
);

test("the page on review mails fits 80 columns, but for what programs print and read", () => {
  const prose = page.replace(/^```\w+.*\n[^]*?^```$/gm, "");
  expect(prose.split("\n").filter((line) => line.length > 80)).toEqual([]);
});
