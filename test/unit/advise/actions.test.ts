import { describe, expect, it } from 'vitest';
import { actionUses } from '../../../src/advise/actions.js';

const counts = (calls: Readonly<Record<string, number>>) => ({
  from: 'ls',
  calls: new Map(Object.entries(calls)),
  warnings: [],
});

describe('the actions of a profile that cost', () => {
  const spec = {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [
      { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
      { names: ['openat', 'mount'], action: 'SCMP_ACT_NOTIFY' },
      { names: ['bpf'], action: 'SCMP_ACT_LOG', args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] },
    ],
  };

  it('are its rules, with the calls that were counted, the most frequent first', () => {
    expect(actionUses(spec, counts({ read: 9, mount: 1, openat: 30 }))).toEqual([
      {
        action: 'notify',
        names: ['openat', 'mount'],
        isDefault: false,
        hasArguments: false,
        counted: {
          from: 'ls',
          calls: [
            { name: 'openat', calls: 30 },
            { name: 'mount', calls: 1 },
          ],
        },
      },
      { action: 'log', names: ['bpf'], isDefault: false, hasArguments: true, counted: { from: 'ls', calls: [] } },
    ]);
  });

  it('are every call without a rule where it is the default', () => {
    const [log] = actionUses({ ...spec, defaultAction: 'SCMP_ACT_LOG' }, counts({ read: 9, uname: 2, bpf: 1 })).slice(
      1,
    );
    expect(log).toMatchObject({
      action: 'log',
      isDefault: true,
      counted: {
        calls: [
          { name: 'uname', calls: 2 },
          { name: 'bpf', calls: 1 },
        ],
      },
    });
  });

  it('are none of a profile that only allows and denies, and unknown without counts', () => {
    expect(actionUses({ defaultAction: 'SCMP_ACT_ALLOW' }, null)).toEqual([]);
    expect(actionUses(spec, null)[0]?.counted).toBeNull();
  });
});
