import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readMessages } from "../src/mail/read.ts";
import { assembleSeries } from "../src/series/assemble.ts";
import { hasGit, inTemporary, mailinfo, numstat } from "./git.ts";

const corpus = new URL("../../shared/corpus/", import.meta.url).pathname;
const folders = existsSync(corpus)
  ? readdirSync(corpus, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  : [];
const usable = folders.length > 0 && hasGit;

describe("real patch mails", () => {
  if (!usable) test("there is no corpus of real mails beside the project, or no git", (context) => context.skip());

  for (const { name } of usable ? folders : []) {
    const dir = `${corpus}${name}/`;
    const mails = readdirSync(dir).filter((file) => file.endsWith(".eml"));
    const patches = mails.filter((file) => name === "other" || file.includes("-patch-"));

    test(`${name}: added and deleted lines of each file are those of git mailinfo and git apply`, async () => {
      expect(patches.length).toBeGreaterThan(0);
      await inTemporary(async (work) => {
        for (const file of patches) {
          const bytes = readFileSync(dir + file);
          const { messages, problems } = await readMessages(bytes, file);
          expect(problems, file).toEqual([]);
          const series = assembleSeries(messages);
          expect(
            series.problems.filter((problem) => problem.kind !== "notice"),
            file,
          ).toEqual([]);
          const files = series.series.flatMap((one) => one.patches.flatMap((patch) => patch.files));
          const ours = files.map(({ path, added, deleted }) => ({ path, added, deleted }));
          expect(ours, file).toEqual(numstat(work, mailinfo(work, bytes).patch));
        }
      });
    });

    test(`${name}: replies and cover letters are no patches`, async () => {
      for (const file of mails.filter((mail) => !patches.includes(mail))) {
        const { messages } = await readMessages(readFileSync(dir + file), file);
        expect(assembleSeries(messages).series, file).toEqual([]);
      }
    });
  }
});
