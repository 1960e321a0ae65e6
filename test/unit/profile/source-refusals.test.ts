import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { sourceOf } from '../../../src/profile/index.js';
import type { SourceOptions } from '../../../src/profile/index.js';

const bytesOf = (content: unknown): Buffer =>
  Buffer.isBuffer(content) ? content : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));

const read = (content: unknown, options: Partial<SourceOptions> = {}, name = 'f') =>
  sourceOf(bytesOf(content), name, { lenient: false, ...options });

function profileOf(content: unknown, options: Partial<SourceOptions> = {}) {
  const source = read(content, options);
  if (source.kind !== 'profile') throw new Error(`it is ${source.kind}`);
  return source;
}

/** Message and hint, on two lines. */
function refusal(content: unknown, options: Partial<SourceOptions> = {}, name = 'f'): string {
  try {
    read(content, options, name);
  } catch (error) {
    if (error instanceof BenchError && error.code === 'input') return `${error.message}\n${error.hint ?? ''}`;
    throw error;
  }
  throw new Error('accepted');
}

const SPEC = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['getpid'], action: 'SCMP_ACT_ALLOW' }] };
const OPEN = { defaultAction: 'SCMP_ACT_ALLOW' };
const CONFIG = { ociVersion: '1.1.0', process: {}, root: {}, linux: { seccomp: SPEC } };
const META = { apiVersion: 'security-profiles-operator.x-k8s.io/v1beta1', kind: 'SeccompProfile' };
const OBJECT = { ...META, metadata: { name: 'one' }, spec: SPEC };
const HEAD = `apiVersion: ${META.apiVersion}\nkind: ${META.kind}\nmetadata: {name: one}\n`;
const ALLOW_ALL = Buffer.from('2000000000000000060000000000ff7f', 'hex');

describe('a file with two profiles', () => {
  it('is never read as the outer one alone', () => {
    expect(refusal({ ...CONFIG, ...OPEN })).toBe(
      'f has two profiles: one at its top level and one at linux.seccomp\n' +
        '--read-as docker reads the first, --read-as oci-config the second.',
    );
    expect(refusal({ ...OBJECT, ...OPEN })).toContain('one at its top level and one at spec\n');
  });

  it('is read as what the user says it is', () => {
    const both = { ...CONFIG, ...OPEN };
    expect(profileOf(both, { form: 'oci-config' }).profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(profileOf(both, { form: 'docker' }).profile.defaultAction).toBe('SCMP_ACT_ALLOW');
    expect(profileOf({ ...OBJECT, ...OPEN }, { form: 'kubernetes' }).profile.syscalls).toHaveLength(1);
  });
});

describe('a hint for a profile inside another document', () => {
  it('can be pasted into a shell', () => {
    expect(refusal({ 'a-profile': SPEC })).toContain(`jq '."a-profile"' f`);
    expect(refusal({ "it's": SPEC }, {}, 'my file')).toContain(String.raw`jq '."it'\''s"' 'my file'`);
    expect(refusal([{ seccomp: SPEC }])).toContain("jq '.[0].seccomp' f");
  });

  it('names no file where it came from standard input', () => {
    expect(refusal({ seccomp: SPEC }, {}, 'standard input')).toMatch(/jq \.seccomp$/);
    const two = `${HEAD}spec: {defaultAction: SCMP_ACT_LOG}\n---\n${HEAD.replace('one', 'two')}spec: {}\n`;
    expect(refusal(two, {}, 'standard input')).toContain('Choose one: save them as FILE, and give FILE#one');
  });
});

describe('a Kubernetes SeccompProfile', () => {
  it('may merge maps, whose keys give way to its own', () => {
    const rules = `  syscalls:\n  - &base {action: SCMP_ACT_ALLOW, names: [read]}\n  - {<<: *base, names: [write]}\n`;
    const { syscalls } = profileOf(`${HEAD}spec:\n  defaultAction: SCMP_ACT_ERRNO\n${rules}`).profile;
    expect(syscalls.map(({ names, action }) => [names, action])).toEqual([
      [['read'], 'SCMP_ACT_ALLOW'],
      [['write'], 'SCMP_ACT_ALLOW'],
    ]);
    expect(refusal(`${HEAD}spec: {<<: 7}\n`)).toContain('line 4: a merge key (<<) with something other than a map');
  });

  it('that is disabled is no seccomp where that is allowed', () => {
    const text = `${HEAD}spec: {disabled: true, defaultAction: SCMP_ACT_ERRNO}\n`;
    expect(refusal(text)).toContain('spec.disabled is true');
    expect(profileOf(text, { lenient: true }).profile).toMatchObject({ defaultAction: null, syscalls: [] });
    expect(refusal(HEAD)).toContain('disables seccomp: it has no spec\n');
  });

  it('cannot be chosen by a name that two of them have', () => {
    const text = `${HEAD}spec: {}\n---\n${HEAD}spec: {}\n`;
    const hint = 'They have the same name: give one of them as a file of its own.';
    expect(refusal(text)).toContain(hint);
    expect(refusal(text, { profileName: 'one' }, 'f#one')).toBe(`f has 2 SeccompProfiles: one, one\n${hint}`);
  });

  it('is not an object with a field of that name', () => {
    const text = 'apiVersion: a/v1\nkind: ProfileRecording\nspec:\n  kind: SeccompProfile\n';
    expect(refusal(text)).toMatch(/^f is a Kubernetes ProfileRecording,/);
  });
});

describe('what a container manager writes', () => {
  it('is the state of a container, which has no rules', () => {
    const state = { ociVersion: '1.0.2', id: 'x', status: 'running', pid: 1, bundle: '/b' };
    for (const lenient of [false, true])
      expect(refusal(state, { lenient })).toMatch(/^f is the state of a container, not/);
  });

  it('may have a filter of its own for crun, which is told', () => {
    const annotations = { 'run.oci.seccomp_bpf_data': ALLOW_ALL.toString('base64') };
    expect(profileOf({ ...CONFIG, annotations }).ignored).toEqual([
      {
        path: 'annotations."run.oci.seccomp_bpf_data"',
        reason: 'only crun reads it, and loads that filter instead of linux.seccomp',
      },
    ]);
    expect(refusal(annotations)).toContain('Give its value alone');
  });
});

describe('a raw filter in another writing', () => {
  it('is named, not read', () => {
    const packed = Buffer.concat([Buffer.from('15000001fbfffffe', 'hex'), ALLOW_ALL]).toString('base64');
    expect(packed).toContain('/');
    expect(read(packed)).toMatchObject({ form: 'bpf-base64' });
    const forUrls = packed.replaceAll('+', '-').replaceAll('/', '_');
    expect(refusal(forUrls)).toMatch(/^f is a raw BPF filter in base64 for URLs\n/);
    expect(refusal(`"${packed}"`)).toBe('f is a raw BPF filter in base64 with quotes around it\nRemove the quotes.');
    expect(refusal(ALLOW_ALL.toString('hex'))).toMatch(/^f is hexadecimal text, not/);
  });
});

describe('what other tools read', () => {
  it.each([
    ['read: 1\nioctl: arg1 == 0x5401\n', 'a Minijail policy'],
    ['denylist\nmount errno 1\n', 'an LXC policy without its version'],
    ['lxc.include = /x\nlxc.seccomp.profile = y\n', "an LXC container's configuration"],
    ['# one\nprofile web flags=(complain) {\n}\n', 'an AppArmor profile'],
    ['[hypervisor.qemu]\nseccomp = true\n', 'TOML or an INI file'],
    [' line  OP   JT   JF   K\n', 'a listing of scmp_bpf_disasm'],
  ])('%j is named', (text, what) => {
    expect(refusal(text)).toMatch(new RegExp(`^f is ${what}`));
  });

  it('is not guessed from a word that others have, too', () => {
    expect(refusal('server {\n listen 80;\n}\n')).toMatch(/^f is text of an unknown kind/);
    expect(refusal('[true]\n')).toMatch(/^f is a JSON array/);
    expect(refusal('defaultAction: SCMP_ACT_ALLOW\n')).toContain('yq -o json converts it');
  });
});

describe('a key or value that people write instead of another', () => {
  const rule = (more: object): unknown => ({ ...SPEC, syscalls: [{ ...SPEC.syscalls[0], ...more }] });

  it('is answered with the number of an errno', () => {
    expect(refusal(rule({ errnoRet: 'ENOSYS' }))).toContain('got "ENOSYS"\nWrite the number: 38 on x86 and Arm.');
    expect(refusal(rule({ errnoRet: 'EWHAT' }))).not.toContain('Write the number');
  });

  it('is ignored with the key that was meant, or with whose it is', () => {
    expect(profileOf({ ...OPEN, syscall: [], other: 1 }).profile.oddKeys).toEqual([
      { path: 'syscall', reason: 'there is no such field (did you mean syscalls?)' },
      { path: 'other', reason: 'there is no such field' },
    ]);
    expect(profileOf(rule({ errno: 'ENOSYS' })).profile.oddKeys).toEqual([
      { path: 'syscalls[0].errno', reason: "only Podman's reader has it (containers/common)" },
    ]);
  });
});
