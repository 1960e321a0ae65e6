import { describe, expect, it } from 'vitest';
import type { ArmEvidence } from '../../../src/model/run/evidence.js';
import { instructionsOf } from '../../../src/model/filter/instructions.js';
import {
  architectureWords,
  instructionsShort,
  leftOutWords,
  loadedWords,
  modeWords,
  predictedWords,
  probeWords,
} from '../../../src/report/run/evidence.js';
import { SEQUENTIAL } from './fixtures.js';

const BEFORE = SEQUENTIAL.run.evidence[0]!;
const withFilter = (change: Partial<ArmEvidence>): ArmEvidence => ({ ...BEFORE, ...change });

describe('evidence in words', () => {
  it('counts the instructions of all loaded programs', () => {
    const programs = [
      { instructions: 1015, sha256: 'a'.repeat(64) },
      { instructions: 12, sha256: 'b'.repeat(64) },
    ];
    const evidence = withFilter({ loaded: { state: 'seen', via: 'strace', programs } });
    expect(instructionsOf(evidence)).toEqual({ state: 'seen', instructions: 1027 });
    expect(loadedWords(evidence)).toBe('1,015 (aaaaaaaaaaaa) + 12 (bbbbbbbbbbbb), seen by strace');
  });

  it('tells no filter seen from no filter looked for', () => {
    expect(loadedWords(withFilter({ loaded: { state: 'seen', via: 'ptrace', programs: [] } }))).toBe(
      'none, seen by ptrace',
    );
    expect(loadedWords(withFilter({ loaded: { state: 'notSeen', reason: 'EACCES' } }))).toBe(
      'predicted, not seen: EACCES',
    );
  });

  it('falls back to the predicted filter and says so', () => {
    const notSeen = { loaded: { state: 'notSeen', reason: 'EACCES' } } as const;
    expect(instructionsShort(withFilter(notSeen))).toBe('1,633 predicted');
    expect(instructionsShort(withFilter({ ...notSeen, predicted: { state: 'none' } }))).toBe('0 predicted');
    expect(
      instructionsShort(withFilter({ ...notSeen, predicted: { state: 'unknown', reason: 'no libseccomp' } })),
    ).toBe('unknown');
    expect(instructionsShort(undefined)).toBe('unknown');
    expect(predictedWords(withFilter({ predicted: { state: 'unknown', reason: 'no libseccomp' } }))).toBe(
      'unknown: no libseccomp',
    );
  });

  it("tells no seccomp from the runtime's own architectures", () => {
    expect(
      [null, [], ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']].map((architectures) =>
        architectureWords(withFilter({ architectures })),
      ),
    ).toEqual(['no seccomp', 'native', 'AARCH64 ARM']);
  });

  it('gathers what was left out by its reason', () => {
    const leftOut = ['SCMP_ARCH_MIPS', 'SCMP_ARCH_S390X'].map((what) => ({
      kind: 'architecture' as const,
      what,
      reason: 'other byte order',
    }));
    expect(
      leftOutWords(
        withFilter({ leftOut: [...leftOut, { kind: 'architecture', what: 'SCMP_ARCH_RISCV64', reason: 'not known' }] }),
      ),
    ).toBe('MIPS S390X (other byte order); RISCV64 (not known)');
    expect(leftOutWords(withFilter({ leftOut: [] }))).toBe('nothing');
  });

  it('words the seccomp mode and the 32-bit probe', () => {
    expect([0, 2, 1, null].map((seccompMode) => modeWords(withFilter({ seccompMode })))).toEqual([
      '0 (none)',
      '2 (filter)',
      '1',
      'unknown',
    ]);
    expect(probeWords({ outcome: 'killed', detail: 'SIGSYS' })).toBe('killed: SIGSYS');
    expect(probeWords({ outcome: 'ran', detail: '' })).toBe('ran');
  });
});
