import { describe, expect, it } from 'vitest';
import { refuseSameForms } from '../../../src/experiment/percall/same-form.js';
import type { ArmEvidence, BuiltPrediction } from '../../../src/model/run/evidence.js';
import type { ArmDefinition } from '../../../src/model/run/scenario.js';

const ARMS: readonly ArmDefinition[] = [
  { name: 'after', policy: 'host' },
  { name: 'tree', policy: 'host', making: { form: 'tree' } },
];
/** After a stub that differs in every container, as runc's. */
const evidenceOf = (arm: string, built: BuiltPrediction): ArmEvidence => ({
  arm,
  policy: 'host',
  architectures: [],
  specBytes: 2,
  specSha256: 'spec',
  leftOut: [],
  predicted: { state: 'built', ...built },
  loaded: { state: 'seen', via: 'ptrace', programs: [{ instructions: 1290, sha256: `stub ${arm}`, afterStub: built }] },
  seccompMode: 2,
  probe32: { outcome: 'ran', detail: '' },
});
const RUNC = { runtime: 'runc 1.3.6' };
const PLAIN = { instructions: 1025, sha256: 'p', form: 'plain' } as const;
const TREE = { instructions: 1276, sha256: 't', form: 'tree' } as const;

describe('a form that an arm of priced calls asks for', () => {
  it('is refused where the runtime builds it of that spec in any case', () => {
    expect(() => {
      refuseSameForms(ARMS, [evidenceOf('after', { ...TREE, ...RUNC }), evidenceOf('tree', { ...TREE, ...RUNC })]);
    }).toThrow('arms tree and after load the same filter: runc 1.3.6 builds a binary tree of this spec in any case');
  });

  it('is priced where the filters differ, where bench builds them, and where nothing else is priced', () => {
    for (const [after, tree] of [
      [
        { ...PLAIN, ...RUNC },
        { ...TREE, ...RUNC },
      ],
      [PLAIN, PLAIN],
    ] as const)
      expect(() => {
        refuseSameForms(ARMS, [evidenceOf('after', after), evidenceOf('tree', tree)]);
      }).not.toThrow();
    expect(() => {
      refuseSameForms(ARMS.slice(1), [evidenceOf('tree', { ...TREE, ...RUNC })]);
    }).not.toThrow();
  });
});
