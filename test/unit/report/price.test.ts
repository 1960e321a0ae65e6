import { describe, expect, it } from 'vitest';
import type { PricedRow, PricedTable, PriceSpan } from '../../../src/model/analysis/priced-table.js';
import { pricedWithSentences, renderPrice } from '../../../src/report/index.js';

const span = (ns: number, longest = ns): PriceSpan => ({
  shortest: { ns, low: ns - 1, high: ns + 1 },
  longest: { ns: longest, low: longest - 1, high: longest + 1 },
});
const row = (call: string, calls: number, more: Partial<PricedRow> = {}): PricedRow => ({
  call,
  calls,
  kind: 'allowed',
  work: { answers: ['ALLOW'], cached: true, fewest: 5, most: 5 },
  against: null,
  basis: 'measured',
  perCall: span(25),
  total: span(25 * calls),
  ...more,
});
const ROWS = [
  row('read', 1000),
  row('socket', 4, {
    kind: 'depends',
    work: { answers: ['ALLOW', 'ERRNO(EPERM)'], cached: false, fewest: 300, most: 412 },
    basis: 'derived',
    perCall: span(80, 105),
    total: span(320, 420),
  }),
  row('mount', 2, { kind: 'denied', work: { answers: ['ERRNO(EPERM)'], cached: false, fewest: 300, most: 300 } }),
  row('ptrace', 1, { kind: 'stopped', work: { answers: ['KILL_PROCESS'], cached: false, fewest: 300, most: 300 } }),
];
const TABLE: PricedTable = {
  table: 'a\u001b[31m.txt',
  profile: 'p.json',
  against: null,
  machine: 'x86_64',
  kernel: '6.18',
  blocks: 30,
  prices: 'results/a',
  rows: ROWS,
  unpriced: [
    { call: 'read (32 bit)', calls: 3, code: 'otherWordSize' },
    { call: 'syscall:470', calls: 1, code: 'unknownCall' },
  ],
  total: span(25_470, 25_570),
  timed: { least: 300, most: 900 },
  seconds: 0.5,
  time: 'strace',
  share: { low: 0.00005094, high: 0.00005114 },
  notes: [{ code: 'beyondTimed', calls: ['socket'], least: 300, most: 412, timed: { least: 500, most: 900 } }],
};
const look = { columns: null, colour: false, all: false };
const shown = (priced: Partial<PricedTable> = {}): string =>
  renderPrice({ ...TABLE, ...priced }, look).replaceAll(/\s+/g, ' ');

describe('the price of a table in a terminal', () => {
  it('begins with the calls that do not do what the program asks', () => {
    expect(shown()).toMatch(
      /p\.json ends or stops the program at ptrace \(1 call, KILL_PROCESS\)\. Denied by p\.json: mount \(2 calls, ERRNO\(EPERM\)\)\. Decided by arguments, which a table does not have: socket \(4 calls, ALLOW or ERRNO\(EPERM\)\)\. call calls answer/,
    );
    expect(shown()).not.toContain('\u001b');
  });

  it('has a row per call with its answer, path, price and total', () => {
    const lines = renderPrice(TABLE, look).split('\n');
    expect(lines.find((line) => line.startsWith('read'))).toMatch(
      /^read +1,000 +cached +– +25\.0 \[24\.0, 26\.0\] +25\.0 µs \[25\.0, 25\.0\]$/,
    );
    expect(lines.find((line) => line.startsWith('socket  '))).toMatch(
      /^socket +4 +by arguments +300-412 +80 to 105 \[79, 106\] \* +320 to 420 ns \[319, 421\]$/,
    );
  });

  it('ends with the total, its share of the time of the table and what that time is, what is not in it, and notes', () => {
    expect(shown()).toContain(
      '1,007 calls cost 25.5 to 25.6 µs [25.5, 25.6] more than without a filter. 0.0051 % of the 0.500 s in the table, which strace made longer: CPU time in the kernel, or wall time with -w. Where arguments decide',
    );
    expect(shown()).toContain('Not priced, calls of another word size: read (32 bit) (3 calls).');
    expect(shown()).toContain('libseccomp knows: syscall:470 (1 call).');
    expect(shown()).toContain(
      'Warning: socket: 300 to 412 instructions, and 500 to 900 instructions were timed, so these prices are extrapolated.',
    );
    expect(shown({ time: 'wall' })).toContain('wall time from entry to return, waiting included');
    expect(shown({ share: null, seconds: null })).not.toContain('in the table,');
    expect(shown({ rows: [], total: null })).toContain('None of its calls has a price.');
  });

  it('says less where the calls cost less than under the other profile', () => {
    const against = ROWS.map((one) => ({ ...one, against: one.work }));
    expect(shown({ against: 'old.json', rows: against, total: span(-300, -200) })).toContain(
      '1,007 calls cost 200 to 300 ns [199, 301] less than under old.json.',
    );
  });

  it.each([60, 80])('fits %i columns', (columns) => {
    for (const against of [null, 'old.json']) {
      const rows = ROWS.map((one) => ({ ...one, against: against === null ? null : one.work }));
      const lines = renderPrice({ ...TABLE, against, rows }, { ...look, columns }).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  it('leaves out calls beyond twenty, unless all are wanted', () => {
    const rows = Array.from({ length: 25 }, (_, index) => row(`call${index}`, 1));
    expect(shown({ rows })).toContain('(5 calls with smaller totals left out: --all)');
    expect(renderPrice({ ...TABLE, rows }, { ...look, all: true })).toContain('call24');
  });

  it('has its notes as sentences in JSON', () => {
    const { notes } = pricedWithSentences({
      ...TABLE,
      notes: [
        { code: 'table', words: 'rows are missing' },
        { code: 'logged', calls: ['a', 'b'] },
        { code: 'otherFilter', profile: 'p', built: 9, loaded: 12 },
        { code: 'prices', warning: { code: 'speculation' } },
      ],
    });
    expect(notes.map(({ sentence }) => sentence)).toEqual([
      'The table: rows are missing.',
      'a, b are answered with LOG: writing the record is not in the price.',
      'The runtime loaded a filter of 12 instructions for p, and the paths counted here are those of one of 9.',
      expect.stringMatching(/\.$/),
    ]);
  });
});
