import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const program = "/usr/bin/chromium";

/** Whether the browser is there; tests that need it are skipped by name without it. */
export const hasChromium = existsSync(program);

/** Chromium without a sandbox of its own, as root has none, and without calls home. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: program,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/** A page that is open, and everything that went wrong with it. */
export interface Opened {
  readonly page: Page;
  /** What the console said, errors of the script, breaches of the policy, and requests for anything but the page. */
  readonly trouble: readonly string[];
}

/** Opens a report from a file of its own, in a fresh profile, and closes it again. */
export async function opened(
  browser: Browser,
  report: string,
  options: BrowserContextOptions,
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "copylint-page-"));
  const file = join(dir, "report.html");
  writeFileSync(file, report);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  try {
    const page = await context.newPage();
    const trouble: string[] = [];
    const url = pathToFileURL(file).href;
    page.on("console", (message) => trouble.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => {
      trouble.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(url)) trouble.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    await use({ page, trouble });
  } finally {
    await context.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
