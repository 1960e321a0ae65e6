import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { builderByVersion, builderOfRuntime } from '../../../src/engine/filter-builder.js';
import { FakeHost } from './parts.js';

const host = new FakeHost();
afterAll(() => {
  host[Symbol.dispose]();
});

describe('how a runtime builds filters, by its version', () => {
  const treeAbove = (version: string, libseccomp: string | null = null): number | null | string => {
    const builder = builderByVersion({ version, libseccomp }, {});
    return builder.kind === 'libseccomp' ? builder.treeAbove : builder.kind;
  };

  it('is a tree above 32 calls for runc from 1.2 on, with a libseccomp that knows trees', () => {
    expect(
      ['1.0.3', '1.1.15+ds1', '1.2.0-rc.1', '1.2.0', '1.3.6+ds1', '1.10.0', '2.0.0'].map((version) =>
        treeAbove(`runc version ${version}`),
      ),
    ).toEqual([null, null, 32, 32, 32, 32, 32]);
    expect([treeAbove('runc version 1.3.6', '2.4.4'), treeAbove('runc 1.3.6', '2.5.0')]).toEqual([null, 32]);
  });

  it('is the plain form for crun and youki, which put nothing before it', () => {
    for (const version of ['crun version 1.28', 'youki version 0.5.7', 'youki 0.3.0'])
      expect(builderByVersion({ version, libseccomp: null }, {})).toMatchObject({ treeAbove: null, stub: false });
    expect(builderByVersion({ version: 'runc version 1.1.5', libseccomp: '2.5.4' }, {})).toMatchObject({
      runtime: 'runc 1.1.5',
      version: '2.5.4',
      stub: true,
      learnt: 'version',
    });
  });

  it('is its own for gVisor and not known for others', () => {
    expect(treeAbove('runsc version release-20240729.0')).toBe('own');
    expect(builderByVersion({ version: 'kata-runtime  : 3.2.0', libseccomp: null }, {})).toEqual({
      kind: 'unknown',
      reason: 'it is not known how kata-runtime  : 3.2.0 builds filters',
    });
    expect(builderByVersion({ version: '', libseccomp: null }, {})).toEqual({
      kind: 'unknown',
      reason: 'it is not known how this runtime builds filters',
    });
  });
});

describe("where a runtime's libseccomp is", () => {
  const runc = { version: 'runc version 1.4.0', libseccomp: '2.6.0' };

  it('is not told by a script', async () => {
    const script = host.program('runc', 'exit 0');
    expect(await builderOfRuntime(script, runc, host.env)).toMatchObject({
      treeAbove: 32,
      unavailable: `the libseccomp of runc 1.4.0 was not found: ${script} is a script`,
    });
  });

  it('is in a program that is not linked with it', async () => {
    expect(await builderOfRuntime(process.execPath, runc, process.env)).toMatchObject({
      version: '2.6.0',
      unavailable: 'runc 1.4.0 brings its own libseccomp 2.6.0',
    });
  });

  // apt's helper for downloads is linked with it on every Debian and Ubuntu.
  const linked = ['/usr/bin/runc', '/usr/sbin/runc', '/usr/bin/crun', '/usr/lib/apt/methods/http'].find(isElf);
  it.skipIf(linked === undefined)('is the file that its loader takes', async () => {
    const builder = await builderOfRuntime(linked ?? '', { ...runc, libseccomp: null }, process.env);
    if (builder.kind !== 'libseccomp' || builder.library === undefined) throw new Error(JSON.stringify(builder));
    expect(builder.library).toMatch(/^\/.*\/libseccomp\.so\.2\.\d+\.\d+$/);
    expect(builder.version).toBe(builder.library.replace(/^.*\.so\./, ''));
  });
});

function isElf(file: string): boolean {
  try {
    return readFileSync(file).subarray(1, 4).toString() === 'ELF';
  } catch {
    return false;
  }
}
