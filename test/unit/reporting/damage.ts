import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { summaryDocument, summaryText } from '../../../src/cli/output/summary.js';
import { BenchError } from '../../../src/errors.js';
import type { AdviceRecord } from '../../../src/model/results/advice-record.js';
import type { SyscallCounts } from '../../../src/model/results/syscalls.js';
import type { WorkloadFindings } from '../../../src/model/results/workload-findings.js';
import { adviceReport, capacityReport, percallReport } from '../../../src/report/index.js';
import { leftOutOf, renderCallsExport, renderCapacityCsv, renderExport } from '../../../src/report/export/index.js';
import { renderHtml } from '../../../src/report/page/report-page.js';
import { renderMarkdown } from '../../../src/report/run/markdown.js';
import { picturesIn, viewOf } from '../../../src/report/run/view.js';
import { analyseResults, type Analysed } from '../../../src/reporting/index.js';
import { createResultFolder, writeCapacityFolder } from '../../../src/results/index.js';
import { sweepsOf } from '../../../src/statistics/index.js';
import {
  batchSample,
  failedSample,
  HOST,
  okSample,
  parallel,
  planOf,
  sequential,
  sequentialRun,
} from '../results/runs.js';
import { capacityRun } from '../results/capacity-run.js';
import { adviceFolder } from './folders.js';

/** Kept results of real runs. */
const KEPT = resolve(import.meta.dirname, '../../../results');
/** Lines of samples that are enough for a verdict's tables. */
const LINES = 90;

/** Pseudo-random numbers from 0 to below 1 (mulberry32): the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Results folders without checksums, so that damage is not found by them: real ones, shortened, and made-up ones. */
export function makeFolders(parent: string): readonly string[] {
  const kept = readdirSync(KEPT).filter((name) => existsSync(join(KEPT, name, 'plan.json')));
  const copies = kept.map((name) => {
    const path = join(parent, name);
    cpSync(join(KEPT, name), path, { recursive: true, filter: (file) => basename(file) !== 'SHA256SUMS' });
    const lines = readFileSync(join(path, 'samples.jsonl'), 'utf8').trimEnd().split('\n').slice(0, LINES);
    writeFileSync(join(path, 'samples.jsonl'), `${lines.join('\n')}\n`);
    return path;
  });
  return [...copies, ...madeUp(parent)];
}

function madeUp(parent: string): readonly string[] {
  const arms = ['before', 'after', 'control'];
  using counted = createResultFolder(join(parent, 'counted'), planOf(sequential(30)), { ...HOST, formatVersion: 2 });
  counted.append(sequentialRun(29, (arm, block) => (arm === 'after' ? 20 : 40) + 0.01 * (block % 7)));
  counted.append([
    okSample('before', 29),
    failedSample('after', 29),
    okSample('control', 29, { gapNs: 5, attempt: 1 }),
  ]);
  counted.writeSyscalls(COUNTS);
  counted.writeWorkload(findings(arms));
  counted.writeLedger({
    formatVersion: 2,
    ended: 'complete',
    maxFailures: null,
    before: { state: 'listed', ids: [] },
    after: { state: 'listed', ids: ['a', 'b'] },
    left: { state: 'unknown', reason: 'no answer' },
  });
  using batches = createResultFolder(join(parent, 'batches'), planOf(parallel(2, 21)), HOST);
  for (let block = 0; block < 21; block++)
    for (const arm of arms)
      batches.append([
        okSample(arm, block, { wallNs: 1e8 + block }),
        okSample(arm, block, { index: 1 }),
        batchSample(arm, block, 2, 2, 2e8 + 1000 * block),
      ]);
  const advice = adviceFolder(join(parent, 'advice'), ADVICE);
  return [counted.path, batches.path, advice, memoryFolder(parent)];
}

function memoryFolder(parent: string): string {
  const path = join(parent, writeCapacityFolder(parent, { ...capacityRun(), filter: Buffer.alloc(8) }));
  rmSync(join(path, 'SHA256SUMS'));
  return path;
}

const COUNTS: SyscallCounts = {
  formatVersion: 2,
  counter: { name: 'strace', version: '6.1', split: 'exec' },
  refusals: [{ name: 'perf-stat', reason: 'not found', fix: null }],
  notes: ['dockerd was traced'],
  arms: ['before', 'after'].map((arm) => ({
    arm,
    state: 'counted',
    runs: [
      [
        {
          part: 'runtime',
          calls: [
            { name: 'brk', calls: arm === 'after' ? 4 : 3, errors: 0, seconds: 0.1 },
            { name: 'seccomp', calls: 2, errors: null, seconds: null },
          ],
          operations: [{ name: 'seccomp(SECCOMP_SET_MODE_FILTER)', calls: 1, errors: 0, seconds: 0.01 }],
        },
      ],
    ],
    countedNs: [2e6],
    uncountedNs: [1e6],
  })),
};

const findings = (arms: readonly string[]): WorkloadFindings => ({
  formatVersion: 2,
  program: { kind: 'program', args: ['/bin/true'], env: ['A=b'], cwd: '/', binds: [{ source: '/a', target: '/b' }] },
  starts: arms.map((arm) => ({ arm, wallNs: [1e6, 1.1e6, null], cpuNs: [1e6, 1.2e6, null] })),
  rates: arms.map((arm) => ({ arm, stepMs: 1000, calls: [5, 6], wallNs: 2e9 })),
  prices: {
    times: arms.map((arm) => ({ arm, call: 'getppid', ns: [100.5, 101, 99, null] })),
    classes: arms.map((arm) => ({ arm, call: 'getppid', cached: false, fewest: 5, most: 7 })),
  },
  touch: arms.map((arm) => ({ arm, call: 'getppid', ns: [3, -1, 2], mib: 8, order: 'random' })),
  profiles: [
    { arm: 'before', profiler: 'cprofile', state: 'kept', file: 'profiles/a', seconds: 1.5 },
    { arm: 'after', profiler: 'perf', state: 'none', reason: 'no perf' },
  ],
  notTaken: [{ what: 'rate', reason: 'no perf' }],
});

const ADVICE: Partial<AdviceRecord> = {
  counts: { from: 'a table', first: ['read'], cached: ['write'], warnings: ['few'] },
  foreknown: {
    unpriced: [{ call: 'reboot', action: 'KILL_PROCESS' }],
    needed: null,
    logs: false,
    edit: {
      file: 'mine.json',
      remove: [{ name: 'x', path: 'syscalls[0].names[0]', line: 3 }],
      keep: ['read'],
      lastKeptLine: 9,
      sharedLines: false,
    },
  },
};

/** Where a value stands in a document: keys and indexes from the top. */
type Place = readonly (string | number)[];

function placesIn(value: unknown, at: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  const below = Object.entries(value).flatMap(([key, one]) =>
    placesIn(one, [...at, Array.isArray(value) ? Number(key) : key]),
  );
  return [at, ...below];
}

/** What a value becomes; `undefined`: it is removed. Texts of JSON, for numbers that no value has. */
const REPLACEMENTS: readonly (readonly [name: string, json: string | undefined])[] = [
  ['removed', undefined],
  ['null', 'null'],
  ['a text', '"x"'],
  ['an empty text', '""'],
  ['a number', '7'],
  ['zero', '0'],
  ['a negative number', '-1'],
  ['a fraction', '0.5'],
  ['beyond all numbers', '1e999'],
  ['a huge number', '1.5e300'],
  ['a large whole number', '9007199254740993'],
  ['a text that looks like a number', '"1e5"'],
  ['true', 'true'],
  ['an empty list', '[]'],
  ['an empty object', '{}'],
  ['a list of nulls', '[null,null]'],
  ['an object of nulls', '{"a":null,"state":null,"kind":null,"arm":null}'],
  ['a name of the prototype', '"__proto__"'],
  ['another name of the prototype', '"constructor"'],
  ['a method of the prototype', '"toString"'],
  ['an object with a prototype', '{"__proto__":{"name":"x"},"constructor":1,"toString":2,"length":3}'],
  ['a long text', JSON.stringify('long '.repeat(20_000))],
  ['a deep list', '['.repeat(5_000) + ']'.repeat(5_000)],
];

const MARK = '"@damaged@"';

/** The document with one value damaged, as JSON. */
export function damaged(text: string, random: () => number): { readonly text: string; readonly what: string } {
  const value = JSON.parse(text) as unknown;
  const places = placesIn(value);
  const place = places[Math.floor(random() * places.length)] ?? [];
  const [name, json] = REPLACEMENTS[Math.floor(random() * REPLACEMENTS.length)] ?? ['null', 'null'];
  const what = `${place.join('.')} is ${name}`;
  const last = place.at(-1);
  if (last === undefined) return { text: json ?? '', what };
  const holder = place.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], value);
  if (json === undefined && Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (json === undefined) Reflect.deleteProperty(holder as object, last);
  else (holder as Record<string, unknown>)[last] = JSON.parse(MARK);
  // As a function: a replacement text may hold $.
  return { text: JSON.stringify(value).replace(MARK, () => json ?? ''), what };
}

/** All that can be made of results without drawing charts. */
function tellings(analysed: Analysed): readonly string[] {
  const look = { columns: 80, colour: false, reportPath: null, showCalls: true };
  const told = [summaryText(analysed, look), JSON.stringify(withoutNaN(summaryDocument(analysed, NOT_WRITTEN)))];
  switch (analysed.kind) {
    case 'starts': {
      const view = viewOf(analysed.runs, sweepsOf(analysed.runs));
      withoutNaN([...picturesIn(view).values()]);
      const page = renderHtml(view, new Map(), { script: '', fonts: [] });
      const exports = (['csv', 'hyperfine', 'gobench', 'githubBenchmark', 'bencher'] as const).map((format) =>
        renderExport(format, analysed.runs),
      );
      return [...told, page, renderMarkdown(view), ...exports, ...leftOutOf(analysed.runs)];
    }
    case 'calls':
      return [
        ...told,
        JSON.stringify(withoutNaN(percallReport(analysed.analysis))),
        renderCallsExport('csv', analysed.analysis),
      ];
    case 'capacity':
      return [
        ...told,
        JSON.stringify(withoutNaN(capacityReport(analysed.capacity, analysed.run))),
        renderCapacityCsv(analysed.run),
      ];
    case 'advice':
      return [...told, JSON.stringify(withoutNaN(adviceReport(analysed.advice)))];
  }
}

const NOT_WRITTEN = { report: null, index: null, results: [] };

function withoutNaN<Value>(value: Value): Value {
  if (typeof value === 'number' && Number.isNaN(value)) throw new Error('a document holds NaN');
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(withoutNaN);
  return value;
}

/** What became of reading a folder: told, or refused in one line; anything else is a fault. */
export type Outcome =
  | { readonly state: 'told' }
  | { readonly state: 'refused'; readonly message: string }
  | { readonly state: 'fault'; readonly reason: string };

const NOT_A_NUMBER = /(?<!["\w])(?:NaN|undefined|\[object \w+\])(?!["\w])/;

/** Reads a folder, analyses it and tells all of it. A refusal names a file of it, and is one short line. */
export function outcomeOf(folder: string): Outcome {
  try {
    const wrong = tellings(analyseResults([folder])).flatMap((text) => NOT_A_NUMBER.exec(text) ?? []);
    const [word] = wrong;
    return word === undefined ? { state: 'told' } : { state: 'fault', reason: `a report says ${word}` };
  } catch (error) {
    if (!(error instanceof BenchError))
      return { state: 'fault', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    const { message, code } = error;
    if (code !== 'input' || message.includes('\n') || message.length > 600 || !message.includes(dirname(folder)))
      return { state: 'fault', reason: `${code}: ${message}` };
    return { state: 'refused', message };
  }
}
