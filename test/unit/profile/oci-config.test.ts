import { describe, expect, it } from 'vitest';
import { loadProfile } from '../../../src/profile/index.js';

const load = (document: unknown, config = true) =>
  loadProfile(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), 'config.json', {
    lenient: false,
    config,
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

  it('reads a config without seccomp as seccomp disabled', () => {
    expect(load({ ociVersion: '1.0.2' })).toMatchObject({ defaultAction: null, syscalls: [] });
    expect(load({ ociVersion: '1.0.2', linux: { seccomp: null } })).toMatchObject({ defaultAction: null });
  });

  it('reads profiles and specs as before, and a config only on request', () => {
    expect(load(SECCOMP)).toMatchObject({ defaultAction: 'SCMP_ACT_ALLOW' });
    expect(load({ ociVersion: '1.0.2', linux: { seccomp: SECCOMP } }, false)).toMatchObject({ defaultAction: null });
  });

  it('names the path of a fault in it', () => {
    expect(() => load({ ociVersion: '1', linux: { seccomp: { defaultAction: 7 } } })).toThrow(
      'config.json: defaultAction: expected a string, got 7',
    );
  });
});
