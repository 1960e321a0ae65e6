import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, drawAll, inkOf, openBrowser, openFile } from './browser.js';
import { entries } from '../unit/history/entries.js';
import { ROOT, Sandbox } from './bench.js';

const EXAMPLE = join(ROOT, 'results/example-x86_64-runc');
const HOSTILE = '</script><img src=x onerror=alert(1)>"\'{{7*7}}';

const sandbox = new Sandbox();
const report = (name: string): string => join(sandbox.folder, 'reports', name, 'index.html');
let browser: Browser | undefined;

/** A copy of the example under another name, with its files changed. */
function copyOf(name: string, change: (folder: string) => void): string {
  const folder = join(sandbox.folder, 'results', name);
  cpSync(EXAMPLE, folder, { recursive: true });
  rmSync(join(folder, 'SHA256SUMS'));
  change(folder);
  return folder;
}

/** The arm `after` gets a name that tries to leave its place. */
function poison(folder: string): void {
  for (const file of ['plan.json', 'evidence.json', 'samples.jsonl']) {
    const path = join(folder, file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"after"', JSON.stringify(HOSTILE)));
  }
}

interface Line {
  readonly warmup: boolean;
  readonly block: number;
}

/** The run's blocks over and over, until there are so many. */
const prolong =
  (blocks: number) =>
  (folder: string): void => {
    const path = join(folder, 'samples.jsonl');
    const lines = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const measured: Line[][] = [];
    for (const line of lines.filter(({ warmup }) => !warmup)) (measured[line.block] ??= []).push(line);
    const longer = Array.from({ length: blocks }, (_, block) =>
      (measured[block % measured.length] ?? []).map((line) => ({ ...line, block })),
    );
    const all = [...lines.filter(({ warmup }) => warmup), ...longer.flat()];
    writeFileSync(path, all.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as { scenario: { count: number } };
    plan.scenario.count = blocks;
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
  };

function write(name: string, ...folders: readonly string[]): void {
  const { status, stderr } = sandbox.bench(['report', ...folders, '--name', name, '-q']);
  expect([status, stderr]).toEqual([0, '']);
}

/** Two trends with a change each, one run of a hostile name, and reports of two runs. */
function writeHistory(): void {
  const all = entries(24, [{ from: 15, by: 1.05 }]).map((one, index) => ({
    ...one,
    name: index === 5 ? HOSTILE : one.name,
    report: index === 3 ? 'reports/one/index.html' : index === 4 ? 'javascript:alert(1)' : null,
  }));
  writeFileSync(join(sandbox.folder, 'history.jsonl'), all.map((one) => `${JSON.stringify(one)}\n`).join(''));
  expect(sandbox.bench(['history', 'show', '--file', 'history.jsonl']).status).toBe(0);
}

beforeAll(async () => {
  const path = chromiumPath();
  if (path === undefined) return;
  browser = await openBrowser(path);
  mkdirSync(join(sandbox.folder, 'results'));
  write('one', EXAMPLE);
  write('two', EXAMPLE, copyOf('hostile', poison));
  write('calls', join(ROOT, 'results/study-2026-runc-calls'));
  writeHistory();
});
afterAll(async () => {
  await browser?.close();
  sandbox[Symbol.dispose]();
});
beforeEach((context) => {
  if (browser === undefined) context.skip('chromium is not installed');
});

const open = (name: string, options = {}): ReturnType<typeof openFile> => openFile(browser!, report(name), options);

/** Rules that axe-core finds broken, each with where. */
async function findingsIn(page: Page): Promise<readonly string[]> {
  // The page's own policy lets no script in from outside; one that is evaluated is not of the page.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: own } = window as unknown as { axe: typeof axe };
    const { violations } = await own.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}

describe.each(['one', 'two', 'calls', 'history'])('the page of a report (%s)', (name) => {
  it.each(['light', 'dark'] as const)(
    'draws every chart, says nothing on the console and fetches nothing: %s',
    async (colorScheme) => {
      const { page, complaints } = await open(name, { colorScheme });
      await drawAll(page);
      const charts = await page.locator('figure[data-chart]').count();
      expect(charts).toBeGreaterThan(0);
      for (let chart = 0; chart < charts; chart += 1) {
        const { colours, share } = await inkOf(page, chart);
        expect(colours).toBeGreaterThan(20);
        expect(share).toBeGreaterThan(0.01);
      }
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );

  it.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)('has no finding of axe at %s pixels, %s', async (width, colorScheme) => {
    const { page } = await open(name, { colorScheme, viewport: { width, height: 800 } });
    await drawAll(page);
    await page.locator('details').evaluateAll((all) => {
      for (const one of all) (one as HTMLDetailsElement).open = true;
    });
    expect(await findingsIn(page)).toEqual([]);
    await page.context().close();
  });

  it('fits a screen of 390 pixels', async () => {
    const { page } = await open(name, { viewport: { width: 390, height: 800 } });
    await drawAll(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.context().close();
  });

  it('has every fact without a script: an image, a sentence and a table of numbers for each chart', async () => {
    const { page, complaints } = await open(name, { javaScriptEnabled: false });
    const figures = await page.locator('figure[data-chart]').all();
    expect(figures.length).toBeGreaterThan(0);
    for (const figure of figures) {
      expect(await figure.locator('img').getAttribute('alt')).toMatch(/\w/);
      expect(await figure.locator('figcaption').innerText()).toMatch(/\w.*\./);
      expect(await figure.locator('details tbody tr').count()).toBeGreaterThan(0);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('links to sections that are there, each once', async () => {
    const { page } = await open(name);
    const targets = await page
      .locator('nav.contents a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(targets.length).toBeGreaterThan(name === 'history' ? 1 : 4);
    expect(new Set(targets).size).toBe(targets.length);
    for (const target of targets) expect(await page.locator(`[id="${target.slice(1)}"]`).count()).toBe(1);
    await page.context().close();
  });
});

describe('the layout of a page', () => {
  it('leaves no hole beside three pictures of a question, and lines up those next to each other', async () => {
    const { page } = await open('one');
    await drawAll(page);
    const boxes = await page.evaluate(() => {
      const group = document.querySelector('main .single')!;
      group.className = 'pair';
      for (const words of [
        'A sentence that is so long that it takes two lines in half of the page, at least two. '.repeat(2),
        'Short.',
      ]) {
        const figure = group.firstElementChild!.cloneNode(true) as HTMLElement;
        figure.querySelector('figcaption')!.textContent = words;
        group.append(figure);
      }
      const placeOf = (element: Element) => element.getBoundingClientRect();
      return [...group.children].map((figure) => ({
        left: placeOf(figure).left,
        share: placeOf(figure).width / placeOf(group).width,
        chart: placeOf(figure.querySelector('.chart')!).top,
      }));
    });
    expect(boxes.map(({ share }) => Math.round(10 * share) / 10)).toEqual([1, 0.5, 0.5]);
    expect(boxes[1]?.chart).toBe(boxes[2]?.chart);
    expect(boxes[1]?.left).toBeLessThan(boxes[2]?.left ?? 0);
    await page.context().close();
  });

  it('has the sections of the run that is read in its contents, and the names of the others', async () => {
    const { page } = await open('two');
    await drawAll(page);
    const parts = page.locator('nav.contents li.part');
    const opened = async (): Promise<readonly boolean[]> =>
      parts.evaluateAll((all) => all.map((part) => part.querySelector('ul')!.getClientRects().length > 0));
    await page.evaluate(() => {
      scrollTo(0, 0);
    });
    await page.waitForFunction(() => document.querySelector('nav.contents .part [aria-current]') === null);
    expect(await opened()).toEqual([false, false]);
    await parts.nth(1).locator('a').first().click();
    await page.waitForFunction(
      () => document.querySelector('nav.contents .part:nth-of-type(n) [aria-current]') !== null,
    );
    expect((await opened())[1]).toBe(true);
    await page.context().close();
  });

  it('keeps the names of rows in sight where a table is wider than a telephone', async () => {
    const { page } = await open('one', { viewport: { width: 390, height: 800 } });
    const scrolled = await page.locator('#effects .scroll').evaluate((box) => {
      box.scrollLeft = 200;
      const cell = box.querySelector('tbody td')!;
      return [box.scrollLeft > 0, Math.round(cell.getBoundingClientRect().left - box.getBoundingClientRect().left)];
    });
    expect(scrolled).toEqual([true, 0]);
    await page.context().close();
  });
});

describe('a reader of the page', () => {
  it('isolates an arm by its button, and sees all arms again by a second click', async () => {
    const { page } = await open('one');
    await drawAll(page);
    const before = await page
      .locator('figure canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => canvas.height);
    const after = page.getByRole('group', { name: 'Arms shown' }).getByRole('button', { name: 'after', exact: true });
    await after.click();
    expect(await after.getAttribute('aria-pressed')).toBe('true');
    const alone = await page
      .locator('figure canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => canvas.height);
    expect(alone).toBeLessThan(before);
    expect(await page.locator('tr.chosen').count()).toBeGreaterThan(0);
    await after.click();
    expect(await after.getAttribute('aria-pressed')).toBe('false');
    expect(
      await page
        .locator('figure canvas')
        .first()
        .evaluate((canvas: HTMLCanvasElement) => canvas.height),
    ).toBe(before);
    await page.context().close();
  });

  it('reads the numbers of a chart with the arrow keys', async () => {
    const { page } = await open('one');
    await drawAll(page);
    const chart = page.locator('figure canvas').first();
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    const first = await page.getByRole('status').innerText();
    expect(first).toMatch(/\d/);
    await page.keyboard.press('End');
    expect(await page.getByRole('status').innerText()).not.toBe(first);
    await page.context().close();
  });

  it('sorts a table by a column, both ways and back', async () => {
    const { page } = await open('one');
    const section = page.locator('#arms');
    const column = (): Promise<readonly string[]> => section.locator('tbody td:nth-child(5)').allInnerTexts();
    const original = await column();
    const head = section.locator('th').nth(4);
    await head.getByRole('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    const numbers = (texts: readonly string[]): readonly number[] => texts.map((text) => Number.parseFloat(text));
    expect(numbers(await column())).toEqual([...numbers(original)].sort((one, other) => one - other));
    await head.getByRole('button').click();
    expect(numbers(await column())).toEqual([...numbers(original)].sort((one, other) => other - one));
    await head.getByRole('button').click();
    expect(await column()).toEqual(original);
    await page.context().close();
  });

  it('copies a table as Markdown and CSV, and the samples', async () => {
    const { page } = await open('one', { permissions: ['clipboard-read', 'clipboard-write'] });
    const copied = async (section: string, name: string): Promise<string> => {
      await page.evaluate(() => navigator.clipboard.writeText(''));
      await page.locator(section).getByRole('button', { name }).click();
      await page.waitForFunction(async () => (await navigator.clipboard.readText()) !== '');
      return page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copied('#arms', 'Copy Markdown')).toMatch(
      /^\| Arm \|.*\n\| --- \| ---: \|.*\n\| before \| 100 \/ 100 \|/,
    );
    expect(await copied('#arms', 'Copy CSV')).toMatch(/^Arm,OK \/ planned,.*\r?\nbefore,100 \/ 100,90\.3 ms,/);
    const samples = (await copied('#samples', 'Copy CSV')).trim().split(/\r?\n/);
    expect(samples[0]).toBe('run,arm,block,wall_us,cpu_us');
    expect(samples).toHaveLength(301);
    await page.context().close();
  });

  it('comes to a folded section by its link, and finds it open', async () => {
    const { page } = await open('one');
    await page.locator('nav.contents').getByRole('link', { name: 'Host and run' }).click();
    await page.locator('details#host-and-run[open]').waitFor();
    await page.context().close();
  });
});

describe('the page of a history', () => {
  it('opens the report of a run by a click on its point, by the keyboard and by its name', async () => {
    const { page } = await open('history');
    await drawAll(page);
    const chart = page.locator('figure canvas').first();
    await chart.focus();
    // The fourth point of the first series.
    await page.keyboard.press('Home');
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/reports/one/index.html');
    await page.goBack();
    const links = await page.locator('td a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    expect(links).toEqual(['../one/index.html']);
    await page.context().close();
  });

  it('shows the name of a run as text', async () => {
    const { page, complaints } = await open('history');
    await drawAll(page);
    await page.locator('details.numbers').first().locator('summary').click();
    await page.getByRole('cell', { name: HOSTILE, exact: true }).first().waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('a name that tries to leave its place', () => {
  it('is text in the page, its buttons, its tables and what is copied', async () => {
    const { page, complaints } = await open('two', { permissions: ['clipboard-read', 'clipboard-write'] });
    await drawAll(page);
    await page.getByRole('button', { name: HOSTILE, exact: true }).click();
    await drawAll(page);
    const effects = page.locator('section', { has: page.getByRole('heading', { name: 'Effects' }) }).last();
    await effects.getByRole('button', { name: 'Copy Markdown' }).click();
    await effects.getByRole('button', { name: 'Copied', exact: true }).waitFor();
    const markdown = await page.evaluate(() => navigator.clipboard.readText());
    expect(markdown).toContain('&lt;/script&gt;&lt;img');
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('the page on paper', () => {
  it('is white, with everything open, and has its charts', async () => {
    const { page, complaints } = await open('one', { colorScheme: 'dark' });
    const pdf = await page.pdf({ format: 'A4', printBackground: true });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(2);
    expect(pages).toBeLessThan(16);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('has room for two charts on a page, and no table wider than it', async () => {
    const { page } = await open('one', { viewport: { width: 703, height: 1000 } });
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    const millimetre = 96 / 25.4;
    const heights = await page
      .locator('figure canvas')
      .evaluateAll((all) => all.map((canvas) => canvas.getBoundingClientRect().height));
    expect(Math.max(...heights)).toBeLessThanOrEqual(78 * millimetre + 1);
    const wide = await page
      .locator('main table')
      .evaluateAll((all) => all.filter((table) => table.getBoundingClientRect().right > innerWidth).length);
    expect(wide).toBe(0);
    await page.context().close();
  });

  it('opens what is folded and closes it afterwards', async () => {
    const { page } = await open('one');
    const folded = (): Promise<number> => page.locator('main details:not([open])').count();
    const before = await folded();
    expect(before).toBeGreaterThan(0);
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    expect(await folded()).toBe(0);
    expect(await page.locator('figure[data-chart] canvas').count()).toBe(
      await page.locator('figure[data-chart]').count(),
    );
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    expect(await folded()).toBe(before);
    await page.context().close();
  });
});

describe('the size of a page', () => {
  it('is below 700 KB for 500 blocks, and says that all samples are in it', async () => {
    write('blocks', copyOf('blocks', prolong(500)));
    expect(statSync(report('blocks')).size).toBeLessThan(700_000);
    const { page } = await open('blocks');
    expect(await page.locator('#samples p').innerText()).toContain('all 1,500 measured containers');
    await page.context().close();
  });

  it('is below 5 MB for 100,000 samples and more, and says what is left out', async () => {
    write('many', copyOf('many', prolong(33_400)));
    expect(statSync(report('many')).size).toBeLessThan(5_000_000);
    const { page, complaints } = await open('many');
    await drawAll(page);
    expect(await page.locator('#samples p').innerText()).toContain(
      '50,100 of 100,200 measured containers, in microseconds: one block of every 2.',
    );
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('the index page over the reports', () => {
  const index = join(sandbox.folder, 'reports/index.html');

  it.each(['light', 'dark'] as const)('lists them, and has no finding of axe: %s', async (colorScheme) => {
    for (const width of [1280, 390]) {
      const { page, complaints } = await openFile(browser!, index, { colorScheme, viewport: { width, height: 800 } });
      expect(await page.locator('tbody tr').count()).toBeGreaterThan(2);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      expect(await findingsIn(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });

  it('leads to a report', async () => {
    const { page } = await openFile(browser!, index);
    await page.locator('a[href="one/index.html"]').click();
    await page.locator('figure[data-chart] canvas').first().waitFor();
    await page.context().close();
  });
});
