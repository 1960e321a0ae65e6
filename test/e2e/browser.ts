import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** The browser that the variable names, or the one of Debian's package; `undefined`: none is installed. */
export const chromiumPath = (): string | undefined =>
  [process.env['CHROMIUM'], ...(process.env['PATH'] ?? '').split(':').map((folder) => join(folder, 'chromium'))].find(
    (path) => path !== undefined && existsSync(path),
  );

export const openBrowser = (executablePath: string): Promise<Browser> =>
  // Root needs --no-sandbox.
  chromium.launch({ executablePath, args: ['--no-sandbox'] });

/** A file that was opened, and all that it said or wanted which a report must not. */
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

/** Scrolls through the page until every chart is drawn. */
export async function drawAll(page: Page): Promise<void> {
  for (const figure of await page.locator('figure[data-chart]').all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.locator('canvas').waitFor();
  }
}

/** How many colours a drawn canvas has, and which share of it is not its ground. */
export const inkOf = (page: Page, chart: number): Promise<{ readonly colours: number; readonly share: number }> =>
  page
    .locator('figure canvas')
    .nth(chart)
    .evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, width, height) ?? { data: new Uint8ClampedArray() };
      const pixels = new Uint32Array(data.buffer);
      const ground = pixels[0];
      return {
        colours: new Set(pixels).size,
        share: pixels.filter((pixel) => pixel !== ground).length / pixels.length,
      };
    });
