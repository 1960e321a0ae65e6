import { describe, expect, it } from 'vitest';
import { loadProfile } from '../../../src/profile/index.js';

const load = (document: unknown, lenient = false) =>
  loadProfile(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), 'config.json', {
    lenient,
  });
const SECCOMP = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO' }] };

describe('loadProfile, of a whole config.json', () => {
  it('reads linux.seccomp, with exact 64-bit integers', () => {
    expect(load({ ociVersion: '1.0.2', process: { args: ['x'] }, linux: { seccomp: SECCOMP } })).toMatchObject({
      defaultAction: 'SCMP_ACT_ALLOW',
      oddKeys: [],
    });
    const text =
      '{"ociVersion":"1.0.2","linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["x"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"op":"SCMP_CMP_EQ","value":18446744073709551615}]}]}}}';
    expect(load(text).syscalls[0]!.args[0]!.value).toBe(18446744073709551615n);
  });

  it('reads a config without seccomp as no seccomp only where that is allowed', () => {
    const without = [{ ociVersion: '1.0.2' }, { ociVersion: '1.0.2', linux: { seccomp: null } }];
    for (const document of without) {
      expect(() => load(document)).toThrow('config.json disables seccomp: it has no linux.seccomp');
      expect(load(document, true)).toMatchObject({ defaultAction: null, syscalls: [] });
    }
  });

  it('reads a spec that stands alone', () => {
    expect(load(SECCOMP)).toMatchObject({ defaultAction: 'SCMP_ACT_ALLOW' });
  });

  it('names the path of a fault in it', () => {
    expect(() => load({ ociVersion: '1', linux: { seccomp: { defaultAction: 7 } } })).toThrow(
      'config.json: linux.seccomp.defaultAction: expected a string, got 7',
    );
  });
});
