import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeReport } from '../../../src/reporting/index.js';
import { refreshIndex } from '../../../src/reporting/folder-index.js';
import { callsFolder, startsFolder } from './folders.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-index-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const reports = (): string => join(folder, 'reports');
const index = (): string => readFileSync(join(reports(), 'index.html'), 'utf8');
const linksIn = (page: string): readonly string[] => [...page.matchAll(/<a href="([^"]*)"/g)].map(([, to = '']) => to);

/** A report's folder by hand. */
function put(name: string, summary: object): void {
  const dir = join(reports(), name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'index.html'), '');
  writeFileSync(
    join(dir, 'summary.json'),
    JSON.stringify({ files: ['index.html', 'summary.json'], generator: 'seccomp-bench', ...summary }),
  );
}

const run = (startedAt: string, percent: number, more: object = {}): object => ({
  title: 'x86_64 sequential',
  startedAt,
  scenario: 'sequential-100',
  machine: 'x86_64',
  cpuModel: 'cpu',
  engine: 'runc',
  verdicts: [{ arm: 'after', baseline: 'before', verdict: 'faster', text: 'after is faster than before' }],
  comparisons: [
    {
      arm: 'after',
      baseline: 'before',
      metric: 'cpu',
      effect: { percent, percentLow: percent - 1, percentHigh: percent + 1 },
    },
  ],
  ...more,
});

describe('the index page', () => {
  it('is written with every report, and lists them', async () => {
    const { index: first } = await writeReport([startsFolder(folder)], { directory: reports(), name: 'starts' });
    expect(first).toEqual({ state: 'written', path: join(reports(), 'index.html') });
    expect(linksIn(index())).toEqual(['starts/index.html']);
    await writeReport([callsFolder(folder)], { directory: reports(), name: 'calls' });
    expect([...linksIn(index())].sort()).toEqual(['calls/index.html', 'starts/index.html']);
    expect(index()).toContain('<span class="badge faster">faster</span>');
    expect(readdirSync(reports()).sort()).toEqual(['calls', 'index.html', 'starts']);
  });

  it('has the newest first, those without a date last', () => {
    put('old', { runs: [run('2026-01-01T00:00:00Z', -10)] });
    put('new', { runs: [run('2026-03-01T00:00:00Z', -12)] });
    put('unknown', {});
    refreshIndex(reports());
    expect(linksIn(index())).toEqual(['new/index.html', 'old/index.html', 'unknown/index.html']);
    expect(index()).toContain('no verdict');
  });

  it('shows the change from report to report of the same comparison, not of another', () => {
    put('a', { runs: [run('2026-01-01T00:00:00Z', -10)] });
    put('b', { runs: [run('2026-02-01T00:00:00Z', -12)] });
    put('c', { runs: [run('2026-03-01T00:00:00Z', -40, { engine: 'crun' })] });
    refreshIndex(reports());
    expect([...index().matchAll(/aria-label="(Change in [^"]*)"/g)].map(([, words]) => words)).toEqual([
      'Change in 2 reports, the newest last: −10.0 % [−11.0, −9.0]; −12.0 % [−13.0, −11.0]',
    ]);
  });

  it('stays safe with any text in a summary', () => {
    const evil = '"><script>alert(1)</script>\u202e';
    put('a"<b>', { runs: [run(evil, -10, { title: evil, engine: evil, verdicts: [{ verdict: evil, text: evil }] })] });
    put('b', { runs: [null, 3, { verdicts: 'x', comparisons: [{ effect: { percent: '1' } }] }] });
    put('c', { kind: 'percall', findings: [{ state: 'toString', sentence: evil }, null] });
    expect(refreshIndex(reports()).state).toBe('written');
    expect(index()).not.toMatch(/<script|\u202e/);
    expect(linksIn(index())).toContain('a%22%3Cb%3E/index.html');
  });

  it('leaves out what is no report: other folders, files, drafts, links', () => {
    put('report', { runs: [run('2026-01-01T00:00:00Z', -10)] });
    put('foreign', { generator: 'another' });
    put('.bench-report-1', {});
    symlinkSync(join(reports(), 'report'), join(reports(), 'link'));
    writeFileSync(join(reports(), 'note.txt'), '');
    refreshIndex(reports());
    expect(linksIn(index())).toEqual(['report/index.html']);
  });
});

describe('an index.html that bench did not write', () => {
  it.each([
    ["a page of one's own", '<!doctype html>\n<html lang="en"><title>mine</title></html>\n'],
    ['an empty file', ''],
    ['a page that only mentions the mark', '<p>seccomp-bench-index</p>'],
  ])('stays as it is: %s', (_, text) => {
    put('report', {});
    writeFileSync(join(reports(), 'index.html'), text);
    expect(refreshIndex(reports())).toMatchObject({ state: 'left', why: 'it is not an index page of bench' });
    expect(index()).toBe(text);
  });

  it('stays as it is where it is a report of its own', async () => {
    await writeReport([startsFolder(folder)], { directory: folder, name: 'reports' });
    const before = index();
    await writeReport([callsFolder(folder)], { directory: reports(), name: 'inside' });
    expect(index()).toBe(before);
  });

  it('stays as it is where it is a link, also one to an index page', () => {
    put('report', {});
    refreshIndex(reports());
    cpSync(join(reports(), 'index.html'), join(folder, 'elsewhere.html'));
    rmSync(join(reports(), 'index.html'));
    symlinkSync(join(folder, 'elsewhere.html'), join(reports(), 'index.html'));
    const before = readFileSync(join(folder, 'elsewhere.html'), 'utf8');
    put('later', {});
    expect(refreshIndex(reports()).state).toBe('left');
    expect(readFileSync(join(folder, 'elsewhere.html'), 'utf8')).toBe(before);
  });

  it('costs no report where it is a folder', async () => {
    mkdirSync(join(reports(), 'index.html'), { recursive: true });
    const { page, index: left } = await writeReport([startsFolder(folder)], { directory: reports(), name: 'starts' });
    expect(left.state).toBe('left');
    expect(readFileSync(page, 'utf8')).toContain('<!doctype html>');
  });
});
