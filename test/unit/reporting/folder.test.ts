import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceReport } from '../../../src/reporting/folder.js';
import { GENERATOR } from '../../../src/reporting/owned.js';

let folder = '';
let dir = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-report-folder-'));
  dir = join(folder, 'reports', 'one');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const write = (files: Readonly<Record<string, string>>): readonly string[] =>
  replaceReport(dir, {
    files: new Map(Object.entries(files)),
    summaryFor: (names) => ({ formatVersion: 1, files: names }),
  });

/** A folder in the place of the report. */
function present(files: Readonly<Record<string, string>>): void {
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
}

const content = (name: string): string => readFileSync(join(dir, name), 'utf8');
const summaryWith = (more: object): string => JSON.stringify({ files: ['index.html', 'notes.png'], ...more });

describe('the folder of a report', () => {
  it('is made with all above it, and nothing else is left next to it', () => {
    expect(write({ 'index.html': 'new' })).toEqual(['index.html', 'summary.json']);
    expect([readdirSync(join(folder, 'reports')), readdirSync(dir).sort()]).toEqual([
      ['one'],
      ['index.html', 'summary.json'],
    ]);
    expect(JSON.parse(content('summary.json'))).toMatchObject({ generator: GENERATOR });
  });

  it('replaces an earlier report whole and keeps what is not of it', () => {
    write({ 'index.html': 'old', 'old.png': 'old' });
    writeFileSync(join(dir, 'mine.txt'), 'kept');
    mkdirSync(join(dir, 'more'));
    write({ 'index.html': 'new', 'new.png': 'new' });
    expect(readdirSync(dir).sort()).toEqual(['index.html', 'mine.txt', 'more', 'new.png', 'summary.json']);
    expect([content('index.html'), content('mine.txt'), readdirSync(join(folder, 'reports'))]).toEqual([
      'new',
      'kept',
      ['one'],
    ]);
  });

  it('is left alone where a summary.json with files is not one of bench', () => {
    present({ 'index.html': 'precious', 'notes.png': 'precious', 'summary.json': summaryWith({ summaryVersion: 1 }) });
    expect(() => write({ 'index.html': 'new' })).toThrow(
      `could not write the report to ${dir}: it holds files that are not a report of bench`,
    );
    expect([content('index.html'), content('notes.png')]).toEqual(['precious', 'precious']);
  });

  it.each([
    { formatVersion: 1, runs: [], published: {} },
    { formatVersion: 1, runs: [], sweeps: [], published: {} },
    {
      ...{ summaryVersion: 1, kind: 'advise', profile: '', engine: '', blocks: {}, options: [], results: {} },
      ...{ counts: null, warnings: [] },
    },
  ])('is replaced where it is a report of an earlier version: %o', (summary) => {
    present({ 'index.html': 'old', 'notes.png': 'old', 'summary.json': summaryWith(summary) });
    write({ 'index.html': 'new' });
    expect(readdirSync(dir).sort()).toEqual(['index.html', 'summary.json']);
  });

  it('removes no file that a report cannot have', () => {
    for (const name of ['../outside.txt', 'samples.jsonl', '.git', 'a/b.png']) {
      present({ 'summary.json': JSON.stringify({ generator: GENERATOR, files: ['index.html', name] }) });
      expect(() => write({ 'index.html': 'new' })).toThrow('it holds files that are not a report of bench');
    }
  });

  it('is never written through a symbolic link', () => {
    const target = join(folder, 'elsewhere');
    mkdirSync(target);
    mkdirSync(join(folder, 'reports'));
    symlinkSync(target, dir);
    expect(() => write({ 'index.html': 'new' })).toThrow('it is a symbolic link');
    expect(readdirSync(target)).toEqual([]);
  });

  it('replaces a link in an earlier report by nothing of where it leads', () => {
    write({ 'index.html': 'old', 'old.png': 'old' });
    writeFileSync(join(folder, 'precious.png'), 'precious');
    rmSync(join(dir, 'old.png'));
    symlinkSync(join(folder, 'precious.png'), join(dir, 'old.png'));
    expect(() => write({ 'old.png': 'new' })).toThrow('its old.png is not of the earlier report');
    write({ 'index.html': 'new' });
    expect(readFileSync(join(folder, 'precious.png'), 'utf8')).toBe('precious');
  });

  it('is not among the files of a results folder', () => {
    const results = join(folder, 'results');
    mkdirSync(results);
    for (const name of ['host.json', 'plan.json']) writeFileSync(join(results, name), '{}');
    symlinkSync('results', join(folder, 'reports'));
    expect(() => write({ 'index.html': 'new' })).toThrow(`it is in the results folder ${results}`);
    expect(readdirSync(results).sort()).toEqual(['host.json', 'plan.json']);
  });

  it('has any name that a file system allows', () => {
    dir = join(folder, 'reports', 'x'.repeat(255));
    write({ 'index.html': 'old' });
    write({ 'index.html': 'new' });
    expect([content('index.html'), readdirSync(join(folder, 'reports'))]).toEqual(['new', ['x'.repeat(255)]]);
  });

  it('stays as it was where the new report cannot be written', () => {
    write({ 'index.html': 'old' });
    expect(() => write({ 'index.html': 'new', 'no/folder.png': 'new' })).toThrow(/^could not write /);
    expect([content('index.html'), readdirSync(join(folder, 'reports'))]).toEqual(['old', ['one']]);
  });

  it('is refused where a file is in its place', () => {
    mkdirSync(join(folder, 'reports'));
    writeFileSync(dir, 'precious');
    expect(() => write({ 'index.html': 'new' })).toThrow('it is a file');
    expect(existsSync(dir)).toBe(true);
  });
});
