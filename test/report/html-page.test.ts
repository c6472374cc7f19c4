import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patchOf, top } from "../reviewing.ts";
import { hasChromium, launch, type Opened, opened } from "./browser.ts";
import { findingAt, longSteps, report } from "./html-sample.ts";

// What callbacks that run in the page find there. The types of the DOM would be there for all of the program, too.
// biome-ignore-start lint/suspicious/noExplicitAny: see above.
declare const document: any;
declare const window: any;
declare const getComputedStyle: (element: any) => any;
type DOMRect = Readonly<Record<"left" | "right" | "top" | "bottom", number>>;
// biome-ignore-end lint/suspicious/noExplicitAny: see above.

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The report as the built program prints it. */
const checked = (path: string, input?: string): string =>
  execFileSync(process.execPath, ["dist/src/bin.js", "check", "--fail-on", "never", "--format", "html", path], {
    cwd: top,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
    stdio: ["pipe", "pipe", "ignore"],
  });

describe.skipIf(!hasChromium)("in Chromium (skipped without it), the page", () => {
  let browser: Browser;
  let careless = "";
  beforeAll(async () => {
    browser = await launch();
    careless = checked("fixtures/series/careless");
  });
  afterAll(() => browser?.close());

  const open = (use: (page: Page, trouble: Opened["trouble"]) => Promise<void>, options: BrowserContextOptions = {}) =>
    opened(browser, careless, options, ({ page, trouble }) => use(page, trouble));

  const visible = (page: Page): Promise<string[]> =>
    page.$$eval(".finding", (all) => all.filter((one) => one.getClientRects().length > 0).map((one) => one.id));
  const focused = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.id ?? "");
  const lit = (page: Page, within: string): Promise<number> => page.locator(`${within}.lit`).count();
  const idOf = (page: Page, rule: string): Promise<string> =>
    page.locator(`.finding[data-rule="${rule}"]`).evaluate((one) => one.id);

  test.each(["light", "dark"] as const)(
    "loads in the %s theme without a request or a word on the console",
    (colorScheme) =>
      open(
        async (page, trouble) => {
          await page.keyboard.press("j");
          expect(trouble).toEqual([]);
          const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          expect(ground).toBe(colorScheme === "light" ? "rgb(252, 252, 250)" : "rgb(21, 24, 27)");
        },
        { colorScheme },
      ),
  );

  test("shows what is wrong first, and its links lead there", () =>
    open(async (page) => {
      const first = page.locator("main a").first();
      expect(await first.innerText()).toMatch(/^blk_clone_end_io\(\) only ever lowers cloned/);
      await first.click();
      expect(await focused(page)).toBe(await idOf(page, "copied-only-decreases"));
      await expect
        .poll(() => page.evaluate(() => (document.activeElement?.getBoundingClientRect().top ?? -1) > 0))
        .toBe(true);
    }));

  test("is filtered by level, rule and patch, and says how much of it is left", () =>
    open(async (page) => {
      const all = (await visible(page)).length;
      expect(all).toBe(16);
      const status = page.getByRole("status");
      await page.getByRole("checkbox", { name: "check 9" }).uncheck();
      expect(await visible(page)).toHaveLength(7);
      expect(await status.innerText()).toBe("7 of 16 findings");
      // The list above and the matrix follow.
      expect(await page.locator(".bylevel:visible").count()).toBe(2);
      expect(await page.locator(".matrix a.dim").count()).toBe(8);
      await page.getByRole("combobox", { name: "Rule" }).selectOption("plug-per-chunk");
      expect(await visible(page)).toEqual([await idOf(page, "plug-per-chunk")]);
      await page.getByRole("button", { name: "Show all" }).click();
      await expect.poll(() => status.innerText()).toBe("16 findings");
      expect(await visible(page)).toHaveLength(all);
      await page.getByRole("combobox", { name: "Patch" }).selectOption({ index: 1 });
      expect(await page.locator("details.patch:visible").count()).toBe(1);
    }));

  test("is gone through with j and k, which pass over what is filtered out, and can be switched off", () =>
    open(async (page) => {
      await page.keyboard.press("j");
      const [first, second] = await visible(page);
      expect(await focused(page)).toBe(first);
      await page.keyboard.press("j");
      expect(await focused(page)).toBe(second);
      await page.keyboard.press("k");
      await page.keyboard.press("k");
      expect(await focused(page)).toBe(first);
      await page.getByRole("checkbox", { name: "check 9" }).uncheck();
      await page.keyboard.press("j");
      expect(await focused(page)).toBe((await visible(page))[0]);
      await page.locator("#keys").uncheck();
      await page.keyboard.press("j");
      expect(await focused(page)).toBe("keys");
    }));

  test("lights up the line that a step cites, and the steps that cite a line", () =>
    open(async (page) => {
      const n = await idOf(page, "copied-only-decreases");
      const steps = `#${n} a.step`;
      const step = page.locator(steps, { has: page.locator("text=/^store cloned = 0$/") });
      await step.hover();
      const line = await step.getAttribute("data-l");
      expect(await page.locator(".at.lit").evaluateAll((all) => all.map((one) => one.id))).toEqual([line]);
      expect(await page.locator(".at.lit").innerText()).toContain("min_t(size_t, io->cloned, sub->offset)");
      expect(await lit(page, `#${n} .copy`)).toBe(1);
      await page.locator("h1").hover();
      expect(await lit(page, "")).toBe(0);
      // From the code: the same line, and every step at it.
      await page.locator(`#${line}`).hover();
      expect(await lit(page, steps)).toBe(6);
      // A click keeps it, another one elsewhere lets it go.
      await page.locator(`#${n} .copy[data-l="${line}"] code`).click();
      await page.locator("h1").hover();
      expect(await lit(page, steps)).toBe(6);
      await page.locator("h1").click();
      expect(await lit(page, "")).toBe(0);
    }));

  test("has one stop of the tab key for a diagram, arrows along its steps, and a fold that a key opens", () =>
    open(async (page) => {
      const n = await idOf(page, "copied-only-decreases");
      const stops = page.locator(`#${n} a.step:not([tabindex="-1"])`);
      expect(await stops.count()).toBe(1);
      const shown = await page
        .locator(`#${n} a.step:visible`)
        .evaluateAll((all) => all.map((one) => one.closest("[id]")?.id ?? ""));
      await stops.focus();
      await page.keyboard.press("ArrowDown");
      expect(await focused(page)).toBe(shown[1]);
      expect(await lit(page, ".at")).toBe(1);
      await page.keyboard.press("End");
      expect(await focused(page)).toBe(`${n}-S72`);
      await page.keyboard.press("Home");
      expect(await focused(page)).toBe(shown[0]);
      expect(await page.locator(`#${n}-S2`).isVisible()).toBe(false);
      await page.locator(`#${n} .fold summary`).first().press("Enter");
      expect(await page.locator(`#${n}-S2`).isVisible()).toBe(true);
    }));

  test("starts with skip links that are seen once they have the focus", () =>
    open(async (page) => {
      await page.keyboard.press("Tab");
      const skip = page.locator(":focus");
      expect(await skip.innerText()).toBe("Skip to what is wrong");
      await expect.poll(async () => (await skip.boundingBox())?.y).toBeGreaterThan(0);
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      expect(await page.locator(":focus").evaluate((one) => one.closest("#wrong") !== null)).toBe(true);
    }));

  test("turns dark and light by its switch, with and without JavaScript", async () => {
    for (const javaScriptEnabled of [true, false])
      await open(
        async (page) => {
          const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          const before = await ground();
          await page.getByRole("radio", { name: "dark" }).check();
          expect(await ground()).not.toBe(before);
          await page.getByRole("radio", { name: "light" }).check();
          expect(await ground()).toBe(before);
        },
        { javaScriptEnabled, colorScheme: "light" },
      );
  });

  test("is whole without JavaScript: every finding, every run, no control that does nothing", () =>
    open(
      async (page, trouble) => {
        expect(await visible(page)).toHaveLength(16);
        expect(await page.locator("form:visible").count()).toBe(0);
        const list = page.locator(".finding.error details.list").first();
        await list.locator("summary").click();
        expect(await list.locator("li").first().isVisible()).toBe(true);
        await page.locator(".finding.error .fold summary").first().click();
        expect(await page.locator(".finding.error .fold a, .finding.error .fold g").first().isVisible()).toBe(true);
        expect(trouble).toEqual([]);
      },
      { javaScriptEnabled: false },
    ));

  // All rules take long on a page with everything open, so each view is held against those that it can break.
  test.each([
    ["light", 1280, "as it is", undefined],
    ["light", 1280, "lit", ["color-contrast"]],
    ["dark", 1280, "as it is", ["color-contrast"]],
    ["dark", 1280, "lit", ["color-contrast"]],
    ["light", 400, "as it is", ["target-size", "scrollable-region-focusable", "region"]],
  ] as const)(
    "keeps to the rules of axe in the %s theme at %i pixels, all of it open, %s",
    (colorScheme, width, how, only) =>
      open(
        async (page) => {
          await page.evaluate((lit) => {
            for (const one of document.querySelectorAll("details")) one.open = true;
            for (const one of document.querySelectorAll("[data-l]")) one.classList.toggle("lit", lit);
          }, how === "lit");
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
          await page.evaluate(axe);
          const found = await page.evaluate(async (only) => {
            const options = { resultTypes: ["violations"], ...(only ? { runOnly: only } : {}) };
            const { violations, passes } = await window.axe.run(document, options);
            const first = (v: { id: string; nodes: { html: string }[] }) => `${v.id}: ${v.nodes[0]?.html}`;
            return { violations: violations.map(first), passes: passes.length };
          }, only);
          expect(found.violations).toEqual([]);
          expect(found.passes).toBeGreaterThan(0);
        },
        { colorScheme, viewport: { width, height: 900 } },
      ),
  );

  test.each(["light", "dark"] as const)(
    "has text in its diagrams that stands out by 4.5 to 1 in the %s theme",
    (colorScheme) =>
      open(
        async (page) => {
          const weakest = await page.evaluate(() => {
            const rgb = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
            const light = (color: string) => {
              const [r = 0, g = 0, b = 0] = rgb(color).map((v) =>
                v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
              );
              return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const contrast = (a: string, b: string) => {
              const [x, y] = [light(a), light(b)].sort((p, q) => q - p) as [number, number];
              return (x + 0.05) / (y + 0.05);
            };
            let least = 21;
            for (const on of [false, true]) {
              for (const one of document.querySelectorAll("[data-l]")) one.classList.toggle("lit", on);
              for (const text of document.querySelectorAll(".diagram svg text")) {
                const hit = text.closest(".lit")?.querySelector(".hit");
                const ground = hit
                  ? getComputedStyle(hit).fill
                  : getComputedStyle(text.closest(".diagram")).backgroundColor;
                least = Math.min(least, contrast(getComputedStyle(text).fill, ground));
              }
            }
            return least;
          });
          expect(weakest).toBeGreaterThanOrEqual(4.5);
          expect(weakest).toBeLessThan(21);
        },
        { colorScheme },
      ),
  );

  test("is heard as landmarks, headings in order, a table with headers, and diagrams with names", () =>
    open(async (page) => {
      const heard = await page.locator("body").ariaSnapshot();
      for (const part of [
        "banner:",
        'navigation "Patches":',
        "main:",
        "contentinfo:",
        'form "Filters":',
        'heading "block: clone ranges inside a device, v3" [level=1]',
        'heading "What is wrong" [level=2]',
        'columnheader "patch 3/6: block: add blkdev_clone_range"',
        'rowheader "copied-only-decreases"',
        'group "Sequence diagram of the run"',
        'group "Sequence diagram, step 5"',
        'link "step 56, completion 1: store cloned = 0, block/blk-lib.c line 137"',
        'article "blk_clone_end_io() only ever lowers cloned',
      ])
        expect(heard).toContain(part);
      const levels = await page
        .locator("h1, h2, h3, h4, h5, h6")
        .evaluateAll((all) => all.map((one) => Number(one.localName[1])));
      levels.forEach((level, i) => {
        if (i > 0) expect(level).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1);
      });
    }));

  test("prints the findings and their runs in black on white, without its controls", () =>
    open(
      async (page) => {
        await page.emulateMedia({ media: "print" });
        for (const gone of [".side", ".theme"]) expect(await page.locator(gone).isVisible()).toBe(false);
        expect(await visible(page)).toHaveLength(16);
        expect(await page.evaluate(() => getComputedStyle(document.querySelector("h1")).color)).toBe("rgb(28, 31, 34)");
        expect((await page.pdf()).length).toBeGreaterThan(10_000);
      },
      { colorScheme: "dark" },
    ));

  test("keeps a run of 120 steps and six actors legible: every label within, none over another", async () => {
    const page = await report([findingAt(7, { trace: { setting: "2 chunks", steps: longSteps, outcome: "lost" } })]);
    await opened(browser, page, { viewport: { width: 1720, height: 1000 } }, async ({ page, trouble }) => {
      const bad = await page.locator(".diagram").evaluate((diagram) => {
        for (const fold of diagram.querySelectorAll("details")) fold.open = true;
        const frame = diagram.getBoundingClientRect();
        const boxes = [...diagram.querySelectorAll("text")].map((text) => ({
          text: text.textContent ?? "",
          box: text.getBoundingClientRect(),
        }));
        const meet = (a: DOMRect, b: DOMRect) =>
          a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
        const out = boxes.filter(({ box }) => box.left < frame.left || box.right > frame.right).map(({ text }) => text);
        for (const [i, a] of boxes.entries())
          for (const b of boxes.slice(i + 1, i + 12)) if (meet(a.box, b.box)) out.push(`${a.text} / ${b.text}`);
        return { out, texts: boxes.length, width: diagram.scrollWidth };
      });
      expect(bad.out).toEqual([]);
      expect(bad.texts).toBeGreaterThan(360);
      expect(bad.width).toBeLessThan(1100);
      // The names of the actors and the cited lines stay in view while the run is gone through, in a narrower window too.
      for (const width of [1720, 1280]) {
        await page.setViewportSize({ width, height: 1000 });
        await page.locator("#F1-S100").focus();
        await page.keyboard.press("ArrowDown");
        expect(await focused(page)).toBe("F1-S101");
        for (const kept of [".heads", ".copy.lit", "#F1-S101"]) {
          const box = await page.locator(kept).boundingBox();
          expect(box?.y, `${kept} at ${width}`).toBeGreaterThanOrEqual(0);
          expect(box?.y, `${kept} at ${width}`).toBeLessThan(980);
        }
      }
      expect(trouble).toEqual([]);
    });
  });

  test("shows hostile patches as text and nothing else", async () => {
    const evil = `"'></code></pre></script><script>window.hit=1</script><img src=x onerror=window.hit=1><svg onload=window.hit=1>\u202e\x1b[2J`;
    const mail = patchOf(
      {
        "block/blk-lib.c": `int a; // ${evil}\nint b; // ${"x".repeat(10_000_000)}\n`,
        'block/"><b onclick=hit>.c': "int c;\n",
      },
      `[PATCH] block: copy ${evil}`,
    );
    const page = checked("-", mail.text);
    expect(page.length).toBeLessThan(200_000);
    await opened(browser, page, {}, async ({ page, trouble }) => {
      await page.evaluate(() => {
        for (const one of document.querySelectorAll("details")) one.open = true;
      });
      expect(await page.evaluate(() => "hit" in window)).toBe(false);
      expect(await page.locator("script").count()).toBe(1);
      expect(await page.locator("img, [onclick], [onload]").count()).toBe(0);
      expect(await page.locator(".ln.add code").first().innerText()).toContain("<img src=x onerror=window.hit=1>");
      expect(trouble).toEqual([]);
    });
  });
});
