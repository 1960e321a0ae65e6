import { describe, expect, it } from 'vitest';
import { announceArms, announceEngine, announcePlan } from '../../../src/cli/output/announce.js';
import type { ArmEvidence } from '../../../src/model/run/evidence.js';
import type { Io } from '../../../src/model/io.js';
import { SEQUENTIAL } from '../report/fixtures.js';

/** The lines that `speak` writes on a terminal of so many columns, or on none. */
function linesOf(columns: number | null, speak: (io: Io) => void): readonly string[] {
  let text = '';
  speak({
    out: () => undefined,
    err: (more) => {
      text += more;
    },
    stdin: () => Promise.resolve(Buffer.alloc(0)),
    columns,
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
    announceArms(evidence, io);
  });

describe('what is announced before a run', () => {
  it.each([80, 60, 40])('fits %d columns, broken between words', (columns) => {
    const lines = armLines(columns);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.join(' ').replace(/ +/g, ' ').trim()).toBe(armLines(null).join(' ').replace(/ +/g, ' ').trim());
  });

  it('stays one line per fact where there is no terminal', () => {
    expect(armLines(null)).toEqual([
      '  before   x86_64 x86 x32 aarch64 arm · 13100 bytes · 1647 instructions loaded · 32-bit runs',
      '  after    x86_64 x86 x32 · 13060 bytes · 1015 instructions loaded · 32-bit runs',
      '  control  the spec of before · 13100 bytes · 1647 instructions loaded · 32-bit runs',
      '  left out: s390x (other byte order)',
    ]);
  });

  it('starts the second line of an arm below its first, and keeps a number with its noun', () => {
    expect(armLines(60).slice(0, 2)).toEqual([
      '  before   x86_64 x86 x32 aarch64 arm · 13100 bytes ·',
      '           1647 instructions loaded · 32-bit runs',
    ]);
  });

  it('says why a filter was not seen, and which arm has none', () => {
    const [before] = SEQUENTIAL.run.evidence;
    if (before === undefined) throw new Error('the fixture has no evidence');
    const unseen: ArmEvidence = { ...before, loaded: { state: 'notSeen', reason: 'EACCES' } };
    const bare: ArmEvidence = { ...before, arm: 'bare', architectures: null, specSha256: 'none' };
    const command: ArmEvidence = { ...bare, arm: 'mine', policy: 'command', specSha256: 'other' };
    const lines = armLines(null, [unseen, bare, command]);
    expect(lines[0]).toContain('1633 instructions predicted, not seen · 32-bit runs');
    expect(lines.slice(1, 4)).toEqual([
      '  bare    no seccomp',
      '  mine    a command, not looked into',
      '  not seen: EACCES',
    ]);
  });

  it('names the engine, and those that were not taken with their reasons', () => {
    const engine = {
      facts: { name: 'namespaces', version: 'built in', path: null, rootless: true, notes: ['a note'] },
    };
    const session = {
      engine,
      refusals: ['runc: Expected the program runc, got none in PATH'],
    } as unknown as Parameters<typeof announceEngine>[0];
    expect(
      linesOf(40, (io) => {
        announceEngine(session, io);
      }),
    ).toEqual([
      'not used: runc: Expected the program',
      '          runc, got none in PATH',
      'engine namespaces (built in, rootless)',
      '  a note',
    ]);
  });

  it('never breaks the path of the samples', () => {
    expect(
      linesOf(null, (io) => {
        announcePlan('quick', 7, 'results/x', io);
      }),
    ).toEqual(['quick', 'seed 7 · samples in results/x']);
    const folder = `results/${'x'.repeat(90)}`;
    expect(
      linesOf(60, (io) => {
        announcePlan('quick: 60 containers.\nFewer than 20 blocks.', 7, folder, io);
      }),
    ).toEqual(['quick: 60 containers.', 'Fewer than 20 blocks.', 'seed 7', `samples in ${folder}`]);
  });
});
