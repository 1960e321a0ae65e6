import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { priceTable, timedCalls } from '../../../src/experiment/index.js';
import type { CountedTable } from '../../../src/experiment/index.js';
import { AUDIT_ARCH, Simulator } from '../../../src/filter/index.js';
import type { ArmEvidence } from '../../../src/model/run/evidence.js';
import { percallRun } from '../statistics/percall.fixtures.js';

type Line = readonly [code: number, ifTrue: number, ifFalse: number, k: number];
const [LOAD, EQUAL, RETURN] = [0x20, 0x15, 0x06];
const [ALLOW, EPERM, KILL] = [0x7fff0000, 0x00050001, 0x80000000];

const program = (...lines: readonly Line[]): Buffer =>
  Buffer.concat(
    lines.map(([code, ifTrue, ifFalse, k]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt16LE(code, 0);
      bytes.writeUInt8(ifTrue, 2);
      bytes.writeUInt8(ifFalse, 3);
      bytes.writeUInt32LE(k, 4);
      return bytes;
    }),
  );

/** Allows every call of x86_64 but mount (165), and socket (41) only for family 1. */
const FILTER = program(
  [LOAD, 0, 0, 4],
  [EQUAL, 0, 6, AUDIT_ARCH.X86_64],
  [LOAD, 0, 0, 0],
  [EQUAL, 4, 0, 165],
  [EQUAL, 0, 2, 41],
  [LOAD, 0, 0, 16],
  [EQUAL, 0, 1, 1],
  [RETURN, 0, 0, ALLOW],
  [RETURN, 0, 0, EPERM],
);
const table = (...calls: readonly (readonly [name: string, calls: number, seconds?: number])[]): CountedTable => ({
  name: 't.txt',
  calls: calls.map(([name, count, seconds]) => ({ name, calls: count, errors: 0, seconds: seconds ?? null })),
  time: 'strace',
  warnings: [],
});
const filter = { name: 'p.json', forms: [new Simulator(FILTER)] };
const run = percallRun({ instructions: [5, 105] });
const price = (counted: CountedTable, prices = run) => priceTable(counted, { filter, prices, folder: 'results/a' });

describe('the price of a table', () => {
  it('has the answer and the paths of every call under the filter, and its share of the time', async () => {
    const priced = await price(table(['read', 1000, 0.001], ['socket', 2, 0.001], ['mount', 1, 0]));
    expect(priced).toMatchObject({ table: 't.txt', profile: 'p.json', against: null, blocks: 30, prices: 'results/a' });
    expect(
      priced.rows.map(({ call, kind, work }) => [call, kind, work.answers, work.cached, work.fewest, work.most]),
    ).toEqual([
      ['read', 'allowed', ['ALLOW'], true, 6, 6],
      ['socket', 'depends', ['ALLOW', 'ERRNO(EPERM)'], false, 8, 8],
      ['mount', 'denied', ['ERRNO(EPERM)'], false, 5, 5],
    ]);
    expect([priced.seconds, priced.time]).toEqual([0.002, 'strace']);
    expect(priced.share?.low).toBeCloseTo((priced.total?.shortest.ns ?? 0) / 0.002e9, 12);
  });

  it('has no share of a table without times, and keeps the warnings of the table', async () => {
    const priced = await price({ ...table(['read', 1]), warnings: ['only calls on files were counted'] });
    expect([priced.seconds, priced.time, priced.share]).toEqual([null, null, null]);
    expect(priced.notes).toContainEqual({ code: 'table', words: 'only calls on files were counted' });
  });

  it('takes the price of a call that was timed under this very filter, by the hash of its bytes', async () => {
    const sha256 = createHash('sha256').update(FILTER).digest('hex');
    const evidence = (length: number): ArmEvidence =>
      ({
        arm: 'small',
        predicted: { state: 'built', instructions: 9, sha256 },
        loaded: {
          state: 'seen',
          via: 'ptrace',
          programs: [{ instructions: length, sha256: length === 9 ? sha256 : 'x' }],
        },
      }) as unknown as ArmEvidence;
    const basis = async (length: number) => {
      const { rows, notes } = await price(table(['getppid', 1], ['read', 1]), { ...run, evidence: [evidence(length)] });
      return [rows.map((row) => [row.call, row.basis]), notes.filter(({ code }) => code === 'otherFilter')];
    };
    const rows = [
      ['getppid', 'measured'],
      ['read', 'derived'],
    ];
    expect(await basis(9)).toEqual([rows, []]);
    expect(await basis(20)).toEqual([rows, [{ code: 'otherFilter', profile: 'p.json', built: 9, loaded: 20 }]]);
  });

  it('says where paths are far from those that were timed, and where calls are logged', async () => {
    const priced = await price(table(['mount', 1], ['read', 1]), percallRun());
    expect(priced.notes).toContainEqual({
      code: 'beyondTimed',
      calls: ['mount'],
      least: 5,
      most: 5,
      timed: { least: 400, most: 900 },
    });
    const logging = new Simulator(program([RETURN, 0, 0, 0x7ffc0000]));
    const logged = await priceTable(table(['read', 1]), {
      filter: { name: 'log', forms: [logging] },
      prices: run,
      folder: 'f',
    });
    expect(logged.notes).toContainEqual({ code: 'logged', calls: ['read'] });
  });

  it('needs a block in which every arm was ok', async () => {
    await expect(price(table(['read', 1]), percallRun({ samples: () => [] }))).rejects.toThrow(
      'results/a has no price of a call under a filter',
    );
  });
});

describe('the calls that are timed for a table', () => {
  const names = (filters: readonly Simulator[], ...calls: readonly string[]): readonly string[] =>
    timedCalls(table(...calls.map((name, index) => [name, 100 - index] as const)).calls, filters, 'x86_64').map(
      ({ name }) => name,
    );

  it('are probes and those of its own that change nothing', () => {
    expect(names(filter.forms, 'futex', 'read', 'getppid', 'nothing')).toEqual([
      'getppid',
      'getuid',
      'personality',
      'socket',
      'kexec_load',
      'unknown',
      'read',
    ]);
  });

  it('are none that the filter would end the caller for', () => {
    const deadly = new Simulator(
      program([LOAD, 0, 0, 0], [EQUAL, 1, 0, 110], [RETURN, 0, 0, KILL], [RETURN, 0, 0, ALLOW]),
    );
    expect(names([deadly], 'read')).toEqual(['getppid']);
  });
});
