import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import type { FilterSource, ProfileSource } from '../../../src/model/profile/source.js';
import { sourceOf } from '../../../src/profile/index.js';
import type { SourceOptions } from '../../../src/profile/index.js';

const read = (content: unknown, options: Partial<SourceOptions> = {}): FilterSource => {
  const bytes = Buffer.isBuffer(content)
    ? content
    : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return sourceOf(bytes, 'f', { lenient: false, ...options });
};

const profileOf = (content: unknown, options: Partial<SourceOptions> = {}): ProfileSource => {
  const source = read(content, options);
  if (source.kind !== 'profile') throw new Error(`it is ${source.kind}`);
  return source;
};

function refusal(content: unknown, options: Partial<SourceOptions> = {}): string {
  try {
    read(content, options);
  } catch (error) {
    if (error instanceof BenchError && error.code === 'input') return error.message;
    throw error;
  }
  throw new Error('accepted');
}

const RULE = { names: ['getpid'], action: 'SCMP_ACT_ALLOW' };
const BARE = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [RULE] };
const DOCKER = {
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
  syscalls: [{ ...RULE, comment: 'one', includes: { caps: ['CAP_SYS_BOOT'] } }],
};
const RETURN_ALLOW = Buffer.from('060000000000ff7f', 'hex');
const LOAD = Buffer.from('2000000000000000', 'hex');
const FILTER = Buffer.concat([LOAD, RETURN_ALLOW]);
const K8S = 'apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\nmetadata:\n  name: ';
const object = (name: string, spec: string): string => `${K8S}${name}\nspec:\n${spec}`;
const LOG = '  defaultAction: SCMP_ACT_LOG\n';

describe('a profile that stands alone', () => {
  it('is the same in both forms without the keys of Docker', () => {
    expect(profileOf(BARE)).toMatchObject({ form: 'oci', ignored: [] });
  });

  it('is a Docker profile with them', () => {
    const { form, dockerKeys, profile } = profileOf(DOCKER);
    expect([form, dockerKeys]).toEqual(['docker', ['archMap', 'comment', 'includes']]);
    expect(profile.archMap).toHaveLength(1);
  });

  it('is told alike by both readers, also with keys in other cases', () => {
    const text = JSON.stringify({ ...DOCKER, unknown: 1 }).replace('archMap', 'ARCHMAP');
    expect(profileOf(text)).toMatchObject({ form: 'docker', dockerKeys: ['archMap', 'comment', 'includes'] });
  });

  it('is read as an OCI runtime reads it where that is asked for', () => {
    const { form, ignored, profile } = profileOf(DOCKER, { form: 'oci' });
    expect([form, profile.archMap, profile.syscalls[0]?.includes]).toEqual(['oci', [], null]);
    expect(ignored.map(({ path }) => path)).toEqual(['archMap', 'syscalls[0].comment', 'syscalls[0].includes']);
  });
});

describe('a whole config.json', () => {
  it('follows the rules of OCI, so the keys of Docker have no effect', () => {
    const { form, ignored, profile } = profileOf({ ociVersion: '1.2.0', linux: { seccomp: DOCKER } });
    expect([form, profile.archMap, profile.syscalls[0]?.includes]).toEqual(['oci-config', [], null]);
    expect(ignored.map(({ path }) => path)).toContain('linux.seccomp.archMap');
  });

  it('names the whole path of a fault', () => {
    const seccomp = { ...BARE, syscalls: [{ ...RULE, action: 'SCMP_ACT_MAYBE' }] };
    expect(refusal({ ociVersion: '1.2.0', linux: { seccomp } })).toContain('f: linux.seccomp.syscalls[0].action');
  });
});

describe('a Kubernetes SeccompProfile', () => {
  const spec = `${LOG}  syscalls:\n  - action: SCMP_ACT_ERRNO\n    names: [acct]\n    errnoRet: "38"\n`;

  it('is read out of YAML and out of JSON', () => {
    const yaml = profileOf(object('one', spec));
    expect(yaml.form).toBe('kubernetes');
    expect(yaml.profile.syscalls).toMatchObject([{ names: ['acct'], errnoRet: 38 }]);
    const json = {
      apiVersion: 'security-profiles-operator.x-k8s.io/v1beta1',
      kind: 'SeccompProfile',
      metadata: { name: 'one' },
      spec: BARE,
    };
    expect(profileOf({ apiVersion: 'v1', kind: 'List', items: [json] }).profile.syscalls).toHaveLength(1);
  });

  it('keeps 64-bit values exact', () => {
    const args = '    args: [{index: 0, value: 0xffffffffffffffff, op: SCMP_CMP_EQ}]\n';
    const { profile } = profileOf(object('one', `${spec}${args}`));
    expect(profile.syscalls[0]?.args[0]?.value).toBe(18446744073709551615n);
  });

  it('is the only one among other objects, or is chosen by its name', () => {
    const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n---\n';
    expect(profileOf(`${other}${object('one', spec)}`).form).toBe('kubernetes');
    const two = `${object('one', spec)}---\n${object('two', LOG)}`;
    expect(refusal(two)).toBe('f has 2 SeccompProfiles: one, two');
    expect(profileOf(two, { profileName: 'two' }).profile.syscalls).toEqual([]);
    expect(refusal(two, { profileName: 'three' })).toBe('f: no SeccompProfile is named "three"');
    expect(refusal(BARE, { profileName: 'one' })).toContain('# chooses a Kubernetes SeccompProfile');
  });

  it('is refused where it builds on another one in the cluster, or is disabled', () => {
    expect(refusal(object('one', `  baseProfileName: runc\n${spec}`))).toContain(
      'spec.baseProfileName is "runc", a profile in a cluster',
    );
    expect(refusal(object('one', `  disabled: true\n${spec}`))).toContain('disables seccomp: spec.disabled is true');
  });

  it('is refused with the line of what is wrong in its YAML', () => {
    expect(refusal(object('one', `${LOG}${LOG}`))).toBe('f: line 7: the key "defaultAction" twice');
    expect(refusal(object('one', '  defaultAction: [1\n'))).toMatch(/^f: line \d+: /);
  });

  it('resolves aliases up to a bound', () => {
    const start = `${object('one', spec)}x: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n`;
    const level = (n: number): string => `x${n}: &a${n} [${`*a${n - 1},`.repeat(9)}]\n`;
    expect(refusal(start + [1, 2, 3, 4, 5, 6, 7, 8, 9].map(level).join(''))).toMatch(/more than 100,000 values$/);
  });
});

describe('a filter that is built already', () => {
  it('is a raw filter, also in base64 with line breaks', () => {
    expect(read(FILTER)).toMatchObject({ kind: 'raw', form: 'bpf', filter: FILTER });
    const text = `${FILTER.toString('base64').slice(0, 8)}\n${FILTER.toString('base64').slice(8)}\n`;
    expect(read(text)).toMatchObject({ kind: 'raw', form: 'bpf-base64', filter: FILTER });
  });

  it('is refused where its size is wrong', () => {
    expect(refusal(FILTER.subarray(0, 13))).toContain('13 bytes are not a multiple of 8');
    expect(refusal(Buffer.concat(Array.from({ length: 4097 }, () => LOAD)))).toContain('at most 4,096 instructions');
  });
});

describe('an LXC policy', () => {
  it('of version 1 is a list of numbers', () => {
    expect(read('1\nallowlist\n3\n60 # exit\n')).toMatchObject({
      form: 'lxc-1',
      policy: { kind: 'allow', defaultAction: { action: 'SCMP_ACT_KILL' }, rules: [{ call: '3' }, { call: '60' }] },
    });
  });

  it('of version 2 has sections, actions and conditions, in the terms of OCI', () => {
    const source = read(
      '2\ndenylist errno 38\n# no new namespaces\nreject_force_umount\n[x86_64]\nclone errno 1 [0,2080505856,&=,16]\nacct\n',
    );
    if (source.kind !== 'lxc') throw new Error('no policy');
    const { policy } = source;
    expect(policy.defaultAction).toEqual({ action: 'SCMP_ACT_ERRNO', errnoRet: 38 });
    expect(policy.words).toEqual([{ line: 4, section: 'all', word: 'reject_force_umount' }]);
    expect(policy.rules).toEqual([
      {
        line: 6,
        section: 'x86_64',
        call: 'clone',
        action: { action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
        args: [{ index: 0, value: 16n, valueTwo: 2080505856n, op: 'SCMP_CMP_MASKED_EQ' }],
      },
      { line: 7, section: 'x86_64', call: 'acct', action: { action: 'SCMP_ACT_KILL' }, args: [] },
    ]);
  });

  it.each([
    ['3\nallowlist\n', 'f: line 1: expected the version 1 or 2 of the policy, got "3"'],
    ['1\ndenylist\n', 'f: line 2: expected allowlist (version 1 has no other), got "denylist"'],
    ['1\nallowlist\n\n', 'f: line 3: expected the number of a system call, got nothing'],
    ['2\nallowlist maybe\n', 'f: line 2: expected kill, allow, trap, errno N or notify, got "maybe"'],
    [
      '2\nallowlist\n[sparc]\n',
      'f: line 3: expected an architecture that LXC knows, such as [x86_64] or [all], got "[sparc]"',
    ],
    ['2\nallowlist\nacct errno\n', 'f: line 3: expected a number after errno, got "errno"'],
    [
      '2\nallowlist\nacct allow [6,1,==]\n',
      'f: line 3: expected conditions such as [0,16,SCMP_CMP_EQ] or [1,8,&=,8], got "[6,1,=="',
    ],
    [
      '2\nallowlist\r\nacct\r\n',
      'f: line 3: expected a line without a carriage return (LXC takes it for text), got "acct\\r"',
    ],
  ])('is refused with its line: %j', (text, message) => {
    expect(refusal(text)).toBe(message);
  });
});

describe('what people give by mistake', () => {
  it.each([
    [
      'Firecracker',
      { vcpu: { default_action: 'kill', filter_action: 'allow', filter: [] } },
      "Firecracker's seccompiler",
    ],
    ['a wrapped profile', { a: { 'b c': BARE } }, 'f is no profile, but has one inside, at a."b c"'],
    ['a list of profiles', [BARE], 'f is no profile, but has one inside, at [0]'],
    ['an object', { version: 1 }, 'f is not a profile: it has neither "defaultAction" nor "syscalls"'],
    ['docker inspect', [{ Id: 'x', HostConfig: {}, State: {} }], 'the output of docker inspect'],
    ['a pod', { apiVersion: 'v1', kind: 'Pod', spec: {} }, 'a Kubernetes Pod'],
    ['a pod in YAML', 'apiVersion: v1\nkind: Pod\nspec: {}\n', 'a Kubernetes Pod'],
    ['other YAML', 'services:\n  web: {}\n', 'YAML without a Kubernetes object'],
    ['nothing', ' \n', 'f is empty'],
    ['ELF', Buffer.from('\x7fELF\x02\x01\x01\0\0\0\0\0', 'latin1'), 'an ELF file'],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 'gzip data'],
    ['HTML', '<!DOCTYPE html><html></html>', 'HTML or XML'],
    ['a script', '#!/bin/sh\nexit 0\n', 'a script'],
    ['an audit log', 'type=SECCOMP msg=audit(1700000000.1:2): auid=1 syscall=59\n', 'an audit log'],
    ['strace', 'openat(AT_FDCWD, "/x", O_RDONLY) = 3\n', 'the output of strace'],
    ['a unit', '[Service]\nExecStart=/bin/true\n', 'a systemd unit'],
    ['a byte order mark', `\ufeff${JSON.stringify(BARE)}`, 'a byte order mark'],
    ['UTF-16', Buffer.from(JSON.stringify(BARE), 'utf16le'), 'text in UTF-16'],
    ['other text', 'just some words\n', 'text of an unknown kind'],
    ['other bytes', Buffer.from([0xde, 0xad, 0, 0xbe, 0xef, 0, 0xca, 0xfe]), 'binary data of an unknown kind'],
  ])('%s is refused by its name', (_, content, words) => {
    expect(refusal(content)).toContain(words);
    expect(refusal(content, { lenient: true })).toContain(words);
  });
});

describe('any bytes', () => {
  /** A small generator of our own, so that a failure can be repeated. */
  function* random(seed: number): Generator<number, never> {
    for (let state = seed; ;) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      yield state >>> 8;
    }
  }
  const SEEDS = [
    JSON.stringify(DOCKER),
    JSON.stringify({ ociVersion: '1', linux: { seccomp: BARE } }),
    object('one', `${LOG}  syscalls: []\n`),
    '2\ndenylist errno 1\n[all]\nacct errno 1 [0,1,==]\n',
    FILTER.toString('base64'),
  ].map((text) => Buffer.from(text));

  it('are read or refused in one line, whatever is changed in a good file', () => {
    const numbers = random(1);
    for (let round = 0; round < 3000; round += 1) {
      const bytes = Buffer.from(SEEDS[round % (SEEDS.length + 1)] ?? FILTER);
      for (let change = 0; change <= round % 3; change += 1)
        bytes[numbers.next().value % bytes.length] = numbers.next().value % 256;
      const end = round % 5 === 0 ? numbers.next().value % bytes.length : bytes.length;
      const content = bytes.subarray(0, end);
      let message = '';
      try {
        expect(read(content).name).toBe('f');
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
        ({ message } = error);
      }
      expect(message).not.toContain('\n');
      expect(message.length).toBeLessThan(400);
    }
  });
});
