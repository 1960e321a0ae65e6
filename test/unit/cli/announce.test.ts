import { describe, expect, it } from 'vitest';
import { listener } from '../../../src/cli/output/announce/announce.js';
import type { ArmEvidence } from '../../../src/model/run/evidence.js';
import type { ExperimentEvent } from '../../../src/model/experiment/events.js';
import type { Io } from '../../../src/model/io.js';
import { SEQUENTIAL } from '../report/fixtures.js';

/** The lines that `speak` writes on a terminal with that many columns, or without a terminal. */
function linesOf(columns: number | null, speak: (io: Io) => void): readonly string[] {
  let text = '';
  speak({
    out: () => undefined,
    err: (more) => {
      text += more;
    },
    stdin: () => Promise.resolve(Buffer.alloc(0)),
    columns,
    outColumns: columns,
    colour: false,
    env: {},
    cwd: '/',
    commandLine: [],
    signal: new AbortController().signal,
  });
  return text.trimEnd().split('\n');
}

const armLines = (
  columns: number | null,
  evidence: readonly ArmEvidence[] = SEQUENTIAL.run.evidence,
): readonly string[] =>
  linesOf(columns, (io) => {
    listener(io, { quiet: false })({ kind: 'armsProved', evidence });
  });

describe('what is announced before a run', () => {
  it.each([80, 60, 40])('fits %d columns, broken between words', (columns) => {
    const lines = armLines(columns);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.join(' ').replace(/ +/g, ' ').trim()).toBe(armLines(null).join(' ').replace(/ +/g, ' ').trim());
  });

  it('stays one line per fact where there is no terminal', () => {
    expect(armLines(null)).toEqual([
      '  before   x86_64 x86 x32 aarch64 arm · 13,100 bytes · 1,647 instructions loaded · 32-bit runs',
      '  after    x86_64 x86 x32 · 13,060 bytes · 1,015 instructions loaded · 32-bit runs',
      '  control  the spec of before · 13,100 bytes · 1,647 instructions loaded · 32-bit runs',
      '  left out: s390x (other byte order)',
    ]);
  });

  it('starts the second line of an arm below its first, and keeps a number with its noun', () => {
    expect(armLines(60).slice(0, 2)).toEqual([
      '  before   x86_64 x86 x32 aarch64 arm · 13,100 bytes ·',
      '           1,647 instructions loaded · 32-bit runs',
    ]);
  });

  it('says why a filter was not seen, and which arm has none', () => {
    const [before] = SEQUENTIAL.run.evidence;
    if (before === undefined) throw new Error('the fixture has no evidence');
    const unseen: ArmEvidence = { ...before, loaded: { state: 'notSeen', reason: 'EACCES' } };
    const bare: ArmEvidence = { ...before, arm: 'bare', architectures: null, specSha256: 'none' };
    const command: ArmEvidence = { ...bare, arm: 'mine', policy: 'command', specSha256: 'other' };
    const lines = armLines(null, [unseen, bare, command]);
    expect(lines[0]).toContain('1,633 instructions predicted, not seen · 32-bit runs');
    expect(lines.slice(1, 4)).toEqual([
      '  bare    no seccomp',
      '  mine    a command, not inspected',
      '  not seen: EACCES',
    ]);
  });

  it('names the engine, and those that were not taken with their reasons', () => {
    const facts = { name: 'namespaces', version: 'built in', path: null, rootless: true, notes: ['a note'] };
    const refusals = ['runc: runc not found in PATH, nor in any other folder'];
    expect(
      linesOf(40, (io) => {
        listener(io, { quiet: false })({ kind: 'engineOpened', facts, refusals });
      }),
    ).toEqual([
      'not used: runc: runc not found in PATH,',
      '          nor in any other folder',
      'engine namespaces (built in, rootless)',
      '  a note',
    ]);
  });

  it('names every runtime that the arms have', () => {
    const version = 'runc version 1.1.5 and crun version 1.8.1';
    const facts = { name: 'oci', version, path: null, rootless: false, notes: [] };
    const speak = (io: Io): void => {
      listener(io, { quiet: false })({ kind: 'engineOpened', facts, refusals: [] });
    };
    expect(linesOf(null, speak)).toEqual([`engine runc and crun (${version})`]);
  });

  it('never breaks the path of the samples', () => {
    const planned = { kind: 'callsPlanned', calls: 5, loops: 1000, rounds: 25, blocks: 30, arms: 3, seed: 7 } as const;
    const work = '5 calls, 25 x 1,000 times each; 30 containers per arm, 3 arms';
    const tell = (columns: number | null, folder: string): readonly string[] =>
      linesOf(columns, (io) => {
        listener(io, { quiet: false })({ ...planned, folder });
      });
    expect(tell(null, 'results/x')).toEqual([work, 'seed 7 · samples in results/x']);
    const folder = `results/${'x'.repeat(90)}`;
    expect(tell(70, folder)).toEqual([work, 'seed 7', `samples in ${folder}`]);
  });

  it('is only what a user must know where quiet is asked for', () => {
    const tell = (event: ExperimentEvent): readonly string[] =>
      linesOf(null, (io) => {
        listener(io, { quiet: true })(event);
      });
    expect(tell({ kind: 'armsProved', evidence: SEQUENTIAL.run.evidence })).toEqual(['']);
    expect(tell({ kind: 'stepSkipped', step: 'rate', reason: 'perf not found in PATH' })).toEqual([
      'no rate of system calls: perf not found in PATH',
    ]);
    expect(tell({ kind: 'programFails', arm: 'after', cause: 'exit code 1' })).toEqual([
      'the program fails under after: exit code 1',
    ]);
  });

  it('ends with why a run ended early and with what was left behind', () => {
    const listed = (...ids: readonly string[]) => ({ state: 'listed', ids }) as const;
    const end = { engine: 'oci', failed: 2, maxFailures: 1, folders: ['results/x'] };
    const tell = (event: Omit<Extract<ExperimentEvent, { kind: 'closed' }>, 'kind'>): readonly string[] =>
      linesOf(null, (io) => {
        listener(io, { quiet: false })({ kind: 'closed', ...event });
      });
    expect(
      tell({ ...end, ended: 'maxFailures', before: listed('old'), after: listed('old', 'a'), left: listed() }),
    ).toEqual([
      'ended early: 2 containers failed, more than --max-failures 1; the results so far are kept',
      'oci left 1 container behind (a), removed now: leftover containers can slow down later ones',
    ]);
    const unknown = { state: 'unknown', reason: 'gone' } as const;
    expect(tell({ ...end, ended: 'error', before: unknown, after: unknown, left: unknown })).toEqual([
      'ended by an error; the results so far are kept in results/x',
    ]);
  });
});

describe('a sweep', () => {
  const planned = (expectedSeconds: number): ExperimentEvent => ({
    kind: 'planned',
    scenario: SEQUENTIAL.run.plan.scenario,
    expectedSeconds,
    seed: 1,
    folder: 'results/x',
    stopping: [],
  });
  const totals = (events: readonly ExperimentEvent[]): readonly string[] =>
    linesOf(null, (io) => {
      events.forEach(listener(io, { quiet: false }));
    }).filter((line) => line.endsWith(' in all'));

  it('tells the expected time of all its levels once', () => {
    expect(totals([{ kind: 'sweepPlanned', levels: [1, 4] }, planned(10), planned(30)])).toEqual(['about 40 s in all']);
  });

  it('is the only run with a total', () => {
    expect(totals([planned(10)])).toEqual([]);
  });
});
