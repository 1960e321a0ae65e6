import { afterAll, describe, expect, it } from 'vitest';
import { childEnvironment } from '../../../src/engine/environment.js';
import { describeRuntime, descriptionIn } from '../../../src/engine/oci/features.js';
import { FakeHost } from './parts.js';

const host = new FakeHost();
afterAll(() => {
  host[Symbol.dispose]();
});

describe('what a runtime says about itself', () => {
  const described = (name: string, script: string) => describeRuntime(host.program(name, script), host.env);

  it('is its version, its libseccomp and the architectures it knows', async () => {
    const features =
      '{"linux":{"seccomp":{"enabled":true,"archs":["SCMP_ARCH_X86_64","SCMP_ARCH_ARM"]}},"annotations":{"io.github.seccomp.libseccomp.version":"2.5.4"}}';
    expect(
      await described(
        'runc',
        `case $1 in --version) echo "runc version 1.1.5"; echo "libseccomp: 2.5.3";; features) echo '${features}';; esac`,
      ),
    ).toEqual({
      version: 'runc version 1.1.5',
      isCrun: false,
      isGvisor: false,
      limits: {
        knownArchitectures: new Set(['SCMP_ARCH_X86_64', 'SCMP_ARCH_ARM']),
        // runc before 1.2 refuses every flag.
        loadableFlags: new Set(),
      },
      libseccomp: '2.5.4',
      seccomp: true,
    });
  });

  it('is the actions and the flags that it loads here', async () => {
    const features = {
      linux: {
        seccomp: {
          actions: ['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO'],
          knownFlags: ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'],
          supportedFlags: ['SECCOMP_FILTER_FLAG_LOG'],
        },
      },
    };
    const runc = (version: string, answer: object) =>
      described(
        'runc',
        `case $1 in --version) echo "runc version ${version}";; features) echo '${JSON.stringify(answer)}';; esac`,
      );
    expect((await runc('1.5.0', features)).limits).toEqual({
      knownActions: new Set(['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO']),
      loadableFlags: new Set(['SECCOMP_FILTER_FLAG_LOG']),
    });
    expect((await runc('1.2.0', {})).limits).toEqual({});
    expect((await described('crun', 'echo "crun version 1.6"')).limits.loadableFlags).toBeUndefined();
    const crun = await described('crun', 'echo "crun version 1.21"');
    expect(crun.limits.loadableFlags?.has('SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV')).toBe(true);
  });

  it('leaves open what it does not say', async () => {
    expect(
      await described('old', 'case $1 in --version) echo "old 0.1";; *) echo "unknown command" >&2; exit 1;; esac'),
    ).toEqual({
      version: 'old 0.1',
      isCrun: false,
      isGvisor: false,
      limits: {},
      libseccomp: null,
      seccomp: true,
    });
  });

  it('tells crun, whose filter cache matters, and builds without seccomp', async () => {
    const crun = await described('crun', 'echo "crun version 1.8.1"; echo "+SYSTEMD +SELINUX +CAP +SECCOMP +EBPF"');
    const without = await described('crun', 'echo "crun version 1.8.1"; echo "+SYSTEMD -SECCOMP +EBPF"');
    expect([crun.isCrun, crun.seccomp, without.seccomp]).toEqual([true, true, false]);
    expect(
      (await described('off', `[ "$1" = --version ] && echo v || echo '{"linux":{"seccomp":{"enabled":false}}}'`))
        .seccomp,
    ).toBe(false);
  });
});

describe('features of another shape', () => {
  it.each(['null', '7', '[]', '"text"', '{"linux":null}', '{"linux":{"seccomp":[null]},"annotations":7}'])(
    'are as if the runtime had none: %s',
    (features) => {
      expect(descriptionIn('oci version 1', features)).toEqual(descriptionIn('oci version 1', ''));
    },
  );

  it('are read as far as they have the right one', () => {
    const features = { linux: { seccomp: { enabled: 'yes', archs: ['SCMP_ARCH_ARM', 7, null], actions: { a: 1 } } } };
    expect(descriptionIn('oci version 1', JSON.stringify(features))).toMatchObject({
      seccomp: true,
      limits: { knownArchitectures: new Set(['SCMP_ARCH_ARM']) },
    });
  });
});

describe('the environment of children', () => {
  it('leaves out variables without a value, and keeps empty ones', () => {
    expect(childEnvironment({ A: '1', B: undefined, C: '' })).toEqual(['A=1', 'C=']);
  });
});
