import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printJson } from '../../../src/cli/output/json.js';
import { summaryDocument, summaryText } from '../../../src/cli/output/summary.js';
import { safeText } from '../../../src/cli/terminal.js';
import type { ResultDocuments } from '../../../src/model/results/documents.js';
import { renderCallsExport, renderCapacityCsv, renderExport } from '../../../src/report/export/index.js';
import { reportContents } from '../../../src/report/index.js';
import { analyseResults, writeAnalysed, type Analysed } from '../../../src/reporting/index.js';
import { documentFault } from '../../../src/results/check/schema.js';
import { makeFolders } from './damage.js';

/** What text from outside may try: on a terminal, in HTML, in Markdown, in a spreadsheet, and on the reader's eye. */
const HOSTILE =
  '=1+1 \u001b[2J\u001b]0;title\u0007\u009b31m\u202eleft\u2066 \u05d0\u05d1 <script>alert(1)</script><img src=x onerror=alert(1)> ' +
  '|a|b| `code` **bold** [link](http://example.org) <http://example.org> www.example.org @octocat #123 GH-123 $x$ ~~s~~ ' +
  '&lt;i&gt; \u0000 \r\n\n# heading\n- item\n::error::command\u2028\u200b\u{e0041}"\'';

let parent = '';
let folders: readonly string[] = [];
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'bench-hostile-'));
  folders = makeFolders(parent);
});
afterAll(() => {
  rmSync(parent, { recursive: true });
});

/** Every text of a folder's documents that may be any text is the hostile one, the names of arms too. */
function poison(folder: string): void {
  const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as Record<string, unknown>;
  const kind = plan['kind'];
  const holder = (kind === 'percall' ? plan : plan['scenario']) as { arms?: { name: string }[] };
  const arms = (holder.arms ?? []).map(({ name }) => name);
  const renamed = (text: string): string | undefined => (arms.includes(text) ? `${text} ${HOSTILE}` : undefined);
  for (const file of readdirSync(folder).filter((name) => /\.jsonl?$/.test(name))) {
    const path = join(folder, file);
    const texts = file.endsWith('.json') ? [readFileSync(path, 'utf8')] : readFileSync(path, 'utf8').trim().split('\n');
    const name = documentName(file, kind);
    writeFileSync(path, texts.map((text) => `${poisoned(name, text, renamed)}\n`).join(''));
  }
}

function documentName(file: string, kind: unknown): keyof ResultDocuments | null {
  const own = kind === 'percall' || kind === 'capacity' ? kind : null;
  if (file === 'samples.jsonl') return own === null ? null : `${own}Sample`;
  return own !== null && file === 'plan.json' ? `${own}Plan` : (file.replace('.json', '') as keyof ResultDocuments);
}

function poisoned(
  name: keyof ResultDocuments | null,
  text: string,
  renamed: (text: string) => string | undefined,
): string {
  const value = JSON.parse(text) as unknown;
  const visit = (holder: Record<string, unknown>): void => {
    for (const [key, old] of Object.entries(holder)) {
      if (typeof old === 'object' && old !== null) visit(old as Record<string, unknown>);
      if (typeof old !== 'string') continue;
      holder[key] = renamed(old) ?? HOSTILE;
      const isFree =
        name === null ? ['arm', 'cause', 'stderr'].includes(key) : documentFault(name, value) === undefined;
      // Names of calls are repeated in other files, and those of folders must exist.
      if (!isFree || ['call', 'calls'].includes(key) || isCallName(name, holder)) holder[key] = old;
    }
  };
  visit(value as Record<string, unknown>);
  return JSON.stringify(value);
}

const isCallName = (name: string | null, holder: object): boolean => name === 'percallPlan' && 'nr' in holder;

const unsafe = (text: string): RegExpExecArray | null => /(?!\n)\p{Cc}|(?![\u2068\u2069])\p{Cf}|\p{Cs}/u.exec(text);

function expectSafePage(page: string): void {
  expect(unsafe(page)).toBeNull();
  expect(page).not.toMatch(/<script>alert|<img src=x|javascript:/);
}

/** Cells of every row of every table. */
const rowsOf = (markdown: string): readonly (readonly string[])[] =>
  markdown
    .split('\n\n')
    .filter((block) => block.startsWith('| '))
    .map((block) => block.split('\n').map((line) => line.replace(/\\./g, '').split('|').length.toString()));

function expectSafeMarkdown(markdown: string): void {
  expect(unsafe(markdown)).toBeNull();
  expect(markdown).not.toMatch(
    /@octocat|#123|GH-123|<script|<img|<http|www\.example|[^\\]\$x|[^\\]~~|[^\\]\]\(http:\/\/example/,
  );
  expect(markdown).not.toMatch(/http:\/\/example|^(?:# heading|- item|::error)/m);
  for (const [head, ...rows] of rowsOf(markdown)) for (const row of rows) expect(row).toBe(head);
}

/** Of comma-separated values, without their quotes. */
const cellsOf = (csv: string): readonly string[] =>
  [...csv.matchAll(/"((?:[^"]|"")*)"|([^,\r\n"]+)/g)].map(([, quoted, bare = '']) => quoted ?? bare);

function exportsOf(analysed: Analysed): readonly string[] {
  switch (analysed.kind) {
    case 'starts':
      return [renderExport('csv', analysed.runs)];
    case 'calls':
      return [renderCallsExport('csv', analysed.analysis)];
    case 'capacity':
      return [renderCapacityCsv(analysed.run)];
    case 'advice':
      return [];
  }
}

describe('text from outside in every place of a results folder', () => {
  it.each([
    'example-x86_64-runc',
    'study-2026-crun',
    'study-2026-libseccomp-calls',
    'counted',
    'batches',
    'advice',
    '20261121T010203Z-capacity-a',
  ])('controls no terminal, page, Markdown or spreadsheet, and stays true in JSON: %s', async (name) => {
    const folder = folders.find((path) => path.includes(`/${name}`)) ?? '';
    const copy = join(parent, 'poisoned', name, basename(folder));
    cpSync(name === 'advice' ? join(folder, '..') : folder, name === 'advice' ? join(copy, '..') : copy, {
      recursive: true,
    });
    for (const one of name === 'advice' ? readdirSync(join(copy, '..')).map((each) => join(copy, '..', each)) : [copy])
      poison(one);
    const analysed = analyseResults([copy]);

    for (const colour of [false, true]) {
      const text = summaryText(analysed, { columns: 80, colour, reportPath: null, showCalls: true });
      expect(unsafe(safeText(text, { colour: false }))).toBeNull();
      expect(unsafe(safeText(text, { colour }).replace(/\u001b\[[\d]{1,2}m/g, ''))).toBeNull();
      // Also without the last barrier.
      expect(unsafe(text.replace(/\u001b\[(?:[01]|3\d)m/g, ''))).toBeNull();
    }

    let json = '';
    const { kind, document } = summaryDocument(analysed, { results: [copy], report: null, index: null });
    printJson({ out: (text) => (json += text), env: {} }, kind, document);
    expect(unsafe(json)).toBeNull();
    expect(JSON.stringify(JSON.parse(json))).toContain(JSON.stringify(HOSTILE).slice(1, -1));

    for (const csv of exportsOf(analysed))
      expect(cellsOf(csv).filter((cell) => /^[=+@\t\r-]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell))).toEqual([]);

    const { directory, files } = await writeAnalysed(analysed, { directory: join(parent, 'reports'), name: name });
    expectSafePage(readFileSync(join(directory, 'index.html'), 'utf8'));
    expectSafeMarkdown(readFileSync(join(directory, 'summary.md'), 'utf8'));
    for (const file of files.filter((one) => one.endsWith('.svg')))
      // The library indents with tabs.
      expect(unsafe(readFileSync(join(directory, file), 'utf8').replaceAll('\t', ''))).toBeNull();
    expect(files.every((file) => /^[\w.-]+$/.test(file))).toBe(true);
  });

  it('names the files of a report of several runs safely', async () => {
    const copies = ['example-x86_64-runc', 'batches'].map(
      (name) => folders.find((path) => path.includes(`/${name}`)) ?? '',
    );
    const analysed = analyseResults(copies);
    if (analysed.kind !== 'starts') throw new Error('these are starts');
    const hostile = analysed.runs.map((one, index) => ({ ...one, run: { ...one.run, name: `${HOSTILE}${index}` } }));
    const { files } = await reportContents(hostile);
    expect([...files.keys()].filter((file) => !/^[\w.-]+$/.test(file))).toEqual([]);
    expectSafePage(String(files.get('index.html')));
    expectSafeMarkdown(String(files.get('summary.md')));
  });
});
