import { describe, expect, it } from 'vitest';
import { samePolicies } from '../../../src/experiment/arms/same-policies.js';
import { loadProfile } from '../../../src/profile/index.js';

const RULES = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }] };
const profileOf = (more: object) => loadProfile(Buffer.from(JSON.stringify({ ...RULES, ...more })), 'p.json');
const EXPLICIT = profileOf({ architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'] });
const OWN = profileOf({ architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'] });
const MAPPED = profileOf({ archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }] });
const MOBY = { dialect: 'moby', machine: 'x86_64' } as const;

describe('policies that are the same for a profile', () => {
  it('are all and host of an explicit list; trim helps where it has foreign architectures', () => {
    expect(samePolicies(['all', 'host'], EXPLICIT, MOBY)).toEqual({
      why: 'lists its architectures explicitly, so the policies "all" and "host" copy the same ones',
      hint: "Compare with the policy trim, which cuts the list to the host's, or with native.",
    });
    expect(samePolicies(['all', 'host'], OWN, MOBY)?.hint).toBe('Compare with the policy native.');
    expect(samePolicies(['host', 'trim'], EXPLICIT, MOBY)).toBeUndefined();
    expect(samePolicies(['trim', 'all'], OWN, MOBY)?.why).toContain('the policies "all" and "trim" copy the same ones');
  });

  it('are trim and host without such a list, and where iSulad ignores it', () => {
    expect(samePolicies(['trim', 'host'], MAPPED, MOBY)?.why).toBe(
      'has no explicit list of architectures, so the policy "trim" is the same as "host"',
    );
    expect(samePolicies(['trim', 'host'], EXPLICIT, { ...MOBY, dialect: 'isulad' })?.why).toBe(
      'has a list of architectures that iSulad ignores, so the policy "trim" is the same as "host"',
    );
    expect(samePolicies(['all', 'host'], MAPPED, MOBY)).toBeUndefined();
  });

  it('are not known to be the same before the machine of the containers is known', () => {
    expect(samePolicies(['host', 'trim'], OWN, { dialect: 'moby', machine: null })).toBeUndefined();
    expect(samePolicies(['all', 'native'], OWN, MOBY)).toBeUndefined();
  });
});
