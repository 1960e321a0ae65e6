import { describe, expect, it } from 'vitest';
import type { ArmEvidence, BuiltPrediction } from '../../../src/model/run/evidence.js';
import type { ArmDefinition } from '../../../src/model/run/scenario.js';
import { loadedSentence } from '../../../src/report/words/loaded-filters.js';

const STUB = { instructions: 14, sha256: 'stub' };

/** Containers of the arm load what was predicted, after a stub where the runtime has one. */
function evidenceOf(arm: string, built: Partial<BuiltPrediction> = {}, more: Partial<ArmEvidence> = {}): ArmEvidence {
  const predicted = { instructions: 1025, sha256: 'plain', form: 'plain', libseccomp: '2.6.1', ...built } as const;
  const { instructions, sha256, stub } = predicted;
  const program =
    stub === true
      ? {
          instructions: instructions + STUB.instructions,
          sha256: `${arm} ${sha256}`,
          afterStub: { instructions, sha256 },
        }
      : { instructions, sha256 };
  return {
    arm,
    policy: 'host',
    architectures: [],
    specBytes: 2,
    specSha256: 'spec',
    leftOut: [],
    predicted: { state: 'built', ...predicted },
    loaded: { state: 'seen', via: 'ptrace', programs: [program] },
    seccompMode: 2,
    probe32: { outcome: 'ran', detail: '' },
    ...more,
  };
}

const arm = (name: string, more: Partial<ArmDefinition> = {}): ArmDefinition => ({ name, policy: 'host', ...more });
const told = (arms: readonly [ArmDefinition, ArmDefinition], evidence: readonly ArmEvidence[]): string | null =>
  loadedSentence({ arms, evidence }, arms[1].name, arms[0].name);

const RUNTIMES = [arm('runc-a', { runtime: '/a/runc' }), arm('runc-b', { runtime: '/b/runc' })] as const;
const FORMS = [arm('plain', { making: { form: 'plain' } }), arm('tree', { making: { form: 'tree' } })] as const;
const LIBRARIES = [arm('old', { libseccomp: '/old.so' }), arm('new', { libseccomp: '/new.so' })] as const;
const TREE = { form: 'tree', instructions: 1276, sha256: 'tree' } as const;

describe('what two arms were seen to load', () => {
  it('names runtimes, forms and instructions', () => {
    expect(
      told(RUNTIMES, [
        evidenceOf('runc-a', { stub: true, runtime: 'runc 1.1.5' }),
        evidenceOf('runc-b', { ...TREE, stub: true, runtime: 'runc 1.3.6' }),
      ]),
    ).toBe(
      'runc-b (runc 1.3.6) loads a binary tree of 1,290 instructions, runc-a (runc 1.1.5) the plain form of 1,039.',
    );
    const named = [arm('runc', { runtime: 'runc' }), arm('crun', { runtime: 'crun' })] as const;
    expect(
      told(named, [
        evidenceOf('runc', { ...TREE, stub: true, runtime: 'runc 1.3.6' }),
        evidenceOf('crun', { runtime: 'crun 1.28' }),
      ]),
    ).toBe('crun 1.28 loads the plain form of 1,025 instructions, runc 1.3.6 a binary tree of 1,290.');
  });

  it('names the libraries where they differ, and says when they build the same filter', () => {
    expect(
      told(LIBRARIES, [
        evidenceOf('old', { libseccomp: '2.5.4', instructions: 1001, sha256: 'shorter' }),
        evidenceOf('new'),
      ]),
    ).toBe(
      'new loads the plain form of 1,025 instructions, built by libseccomp 2.6.1, ' +
        'old the plain form of 1,001, built by libseccomp 2.5.4.',
    );
    expect(told(LIBRARIES, [evidenceOf('old', { libseccomp: '2.5.4' }), evidenceOf('new')])).toBe(
      'Both load the same filter, the plain form of 1,025 instructions, which libseccomp 2.5.4 and 2.6.1 build alike.',
    );
  });

  it('says when a filter is built, and which arm finds it compiled', () => {
    const built = [arm('start', { making: {} }), arm('before', { making: { prebuilt: true } })] as const;
    expect(told(built, [evidenceOf('start'), evidenceOf('before')])).toBe(
      'Both load the same filter, the plain form of 1,025 instructions; ' +
        'that of before is built before the run and that of start is built at every start.',
    );
    const warm = { state: 'warm', containers: 3, shown: 3, file: { bytes: 8200, sha256: 'f' } } as const;
    expect(told(RUNTIMES, [evidenceOf('runc-a'), evidenceOf('runc-b', {}, { cache: warm })])).toBe(
      'Both load the same filter, the plain form of 1,025 instructions; runc-b finds it compiled in its cache.',
    );
    expect(told(RUNTIMES, [evidenceOf('runc-a'), evidenceOf('runc-b', {}, { cache: { ...warm, shown: 2 } })])).toBe(
      'Both load the same filter, the plain form of 1,025 instructions.',
    );
  });

  it('says that a runtime was given a finished filter, and what that spares', () => {
    const annotation = { kind: 'annotation', name: 'run.oci.seccomp_bpf_data', bytes: 8200, sha256: 'plain' } as const;
    const before = [arm('after'), arm('finished', { making: { prebuilt: true } })] as const;
    const finished = evidenceOf('finished', {}, { filterGiven: annotation });
    expect(told(before, [evidenceOf('after', { runtime: 'crun 1.28' }), finished])).toBe(
      'Both load the same filter, the plain form of 1,025 instructions; that of finished is built before the run and ' +
        'given to the runtime by annotation and that of after is built at every start.',
    );
    const warm = { state: 'warm', containers: 3, shown: 3, file: { bytes: 8200, sha256: 'f' } } as const;
    const cached = evidenceOf('after', { runtime: 'crun 1.28' }, { cache: warm });
    const tree = evidenceOf('finished', TREE, { filterGiven: annotation });
    expect(told(before, [cached, tree])).toBe(
      'finished loads a binary tree of 1,276 instructions, built before the run and given to the runtime by annotation, ' +
        'after the plain form of 1,025, found compiled in its cache.',
    );
  });

  it('says how runc was brought to build a tree of a short spec', () => {
    const runc = { runtime: 'runc 1.3.6', stub: true } as const;
    const filterGiven = { kind: 'padding', names: 1, treeAbove: 32 } as const;
    expect(told(FORMS, [evidenceOf('plain', runc), evidenceOf('tree', { ...TREE, ...runc }, { filterGiven })])).toBe(
      'tree loads a binary tree of 1,290 instructions, plain the plain form of 1,039. The spec of tree names 1 more ' +
        'call that no kernel knows: runc 1.3.6 builds a tree only of a spec that names more than 32.',
    );
  });

  it('claims nothing that was not shown', () => {
    const other = { state: 'seen', via: 'ptrace', programs: [{ instructions: 900, sha256: 'other' }] } as const;
    expect(told(FORMS, [evidenceOf('plain'), evidenceOf('tree', TREE, { loaded: other })])).toBe(
      'tree loads a filter of 900 instructions, plain the plain form of 1,025, built by libseccomp 2.6.1.',
    );
    const unseen = { state: 'notSeen', reason: 'no permission' } as const;
    expect(told(FORMS, [evidenceOf('plain', {}, { loaded: unseen }), evidenceOf('tree', TREE)])).toBeNull();
    expect(told(FORMS, [evidenceOf('plain')])).toBeNull();
    expect(told([arm('before'), arm('after')], [evidenceOf('before', TREE), evidenceOf('after')])).toBeNull();
  });

  it('says so where an arm loads no filter', () => {
    const none = { state: 'seen', via: 'ptrace', programs: [] } as const;
    const nothing = evidenceOf('runc-a', {}, { loaded: none, predicted: { state: 'none' } });
    expect(told(RUNTIMES, [nothing, evidenceOf('runc-b', TREE)])).toBe(
      'runc-b loads a binary tree of 1,276 instructions, built by libseccomp 2.6.1, runc-a no filter.',
    );
    expect(told(RUNTIMES, [nothing, { ...nothing, arm: 'runc-b' }])).toBe('Both load no filter.');
  });
});
