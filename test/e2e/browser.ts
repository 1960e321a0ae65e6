import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Debian's Chromium, or the one that the variable names. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
export const MISSING = existsSync(CHROMIUM) ? false : `${CHROMIUM} is not installed`;

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });

/** A page of a file that was opened, and all that it said or wanted which a report must not. */
export interface Opened {
  readonly page: Page;
  /** Console messages, errors, dialogs, and requests of anything but the file itself. */
  readonly complaints: readonly string[];
}

/** Opens a file as a reader does. */
export async function openFile(browser: Browser, path: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const url = pathToFileURL(path).href;
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const wanted = request.url();
    if (wanted.split('#')[0] !== url && !/^(?:data|blob):/.test(wanted)) complaints.push(`request: ${wanted}`);
  });
  await page.goto(url);
  return { page, complaints };
}

/** Waits until every chart is drawn: the whole page is scrolled through. */
export async function drawAll(page: Page): Promise<void> {
  for (const figure of await page.locator('figure[data-chart]').all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.locator('canvas').waitFor();
  }
}
