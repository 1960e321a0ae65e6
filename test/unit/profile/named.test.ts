import { describe, expect, it } from 'vitest';
import { convertProfile, goArchFromName } from '../../../src/convert/index.js';
import type { BenchError } from '../../../src/errors.js';
import { parseCapabilities } from '../../../src/model/profile/capabilities.js';
import { isProfileName, PROFILE_NAMES } from '../../../src/model/profile/names.js';
import type { SeccompRule, SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { defaultProfile, loadProfile, namedProfile, readSource } from '../../../src/profile/index.js';

const DOCKER = ['v0.1.0', 'v0.2.0', 'v0.2.1', 'v0.2.2', 'v0.2.3', 'v0.2.4'].map((version) => `docker@${version}`);
const OTHERS = [
  'containerd@v1.6.20',
  'containerd@v1.7.24',
  'containerd@v2.1.9',
  'podman@v0.50.1',
  'podman@v0.62.2',
  'podman@v0.67.1',
  'systemd-service@v252',
  'systemd-service@v257',
];

function spec(name: string, { arch = 'amd64', caps = 'docker', kernel = '6.1' } = {}): SeccompSpec {
  const { text } = namedProfile(name) ?? { text: '' };
  const converted = convertProfile(loadProfile(Buffer.from(text), name), {
    arch: goArchFromName(arch),
    policy: 'host',
    dialect: 'moby',
    capabilities: parseCapabilities(caps),
    kernel,
  }).spec;
  if (converted === null) throw new Error(`${name} has no spec`);
  return converted;
}

const rulesOf = (call: string, of: SeccompSpec): readonly Omit<SeccompRule, 'names'>[] =>
  (of.syscalls ?? []).filter(({ names }) => names.includes(call)).map(({ names: _, ...rule }) => rule);
const allows = (call: string, of: SeccompSpec): boolean =>
  rulesOf(call, of).some(({ action, args }) => action === 'SCMP_ACT_ALLOW' && args === undefined);

/** The address families up to 50 for which a rule allows socket(2), and one far above. */
function families(name: string, caps = 'docker'): string {
  const holds = { LT: (a: number, b: number) => a < b, GT: (a: number, b: number) => a > b } as const;
  const rules = rulesOf('socket', spec(name, { caps }));
  const open = [...Array(51).keys(), 2 ** 32 + 38].filter((family) =>
    rules.some(({ action, args = [] }) =>
      action !== 'SCMP_ACT_ALLOW'
        ? false
        : args.every(({ op, value }) => {
            const kind = op.replace('SCMP_CMP_', '');
            if (kind === 'EQ') return family === Number(value);
            if (kind === 'NE') return family !== Number(value);
            return holds[kind as 'LT' | 'GT'](family, Number(value));
          }),
    ),
  );
  return [...Array(51).keys(), 2 ** 32 + 38].filter((family) => !open.includes(family)).join(' ');
}

describe('every named profile', () => {
  it.each([...DOCKER, ...OTHERS])('%s loads without leniency, converts, and says its source and year', (name) => {
    const known = namedProfile(name);
    expect(known?.name).toBe(`${name} (${known?.source ?? ''}, ${known?.date ?? ''})`);
    expect(known?.source).toContain(name.split('@v')[1]);
    expect(known?.date).toMatch(/^20\d\d(-\d\d)?$/);
    for (const arch of ['amd64', 'arm64', 'riscv64', 's390x']) {
      const { syscalls = [], defaultAction } = spec(name, { arch });
      expect([defaultAction, syscalls.length > 0]).toEqual(['SCMP_ACT_ERRNO', true]);
      for (const call of ['read', 'execve', 'exit_group', 'openat'])
        expect(allows(call, spec(name, { arch }))).toBe(true);
    }
    const { oddKeys } = loadProfile(Buffer.from(known?.text ?? ''), name);
    expect(oddKeys).toEqual([]);
  });

  it.each([...DOCKER, ...OTHERS])('%s names no call twice in a rule', (name) => {
    for (const { names } of spec(name, { caps: 'all' }).syscalls ?? []) expect(names.length).toBe(new Set(names).size);
  });

  it('is the newest version where only its name is given, for Docker the one that Docker Engine has', () => {
    expect(['docker', 'containerd', 'podman', 'systemd-service'].map((name) => namedProfile(name)?.name)).toEqual([
      'docker@v0.2.3 (moby/profiles seccomp v0.2.3, 2026-05)',
      'containerd@v2.1.9 (containerd v2.1.9, 2026)',
      'podman@v0.67.1 (containers/common v0.67.1, 2026)',
      'systemd-service@v257 (systemd v257.13, @system-service with EPERM, 2026)',
    ]);
  });

  it('is named in the list of names, and nothing else is a name', () => {
    for (const name of PROFILE_NAMES)
      expect([isProfileName(name), namedProfile(name) !== undefined]).toEqual([true, true]);
    for (const file of ['./docker', 'docker.json', 'x/podman', '', '-', 'Docker']) {
      expect([isProfileName(file), namedProfile(file)]).toEqual([false, undefined]);
    }
  });

  it('has no other versions: the known ones are named', () => {
    const hint = (name: string): string => {
      try {
        namedProfile(name);
      } catch (error) {
        return `${(error as Error).message} ${(error as BenchError).hint ?? ''}`;
      }
      return '';
    };
    expect(hint('docker@0.2.1')).toContain('"docker@0.2.1" is not a profile; did you mean "docker@v0.2.1"?');
    expect(hint('podman@v9')).toContain('Known: podman@v0.50.1, podman@v0.62.2, podman@v0.67.1.');
    expect(hint('docker@toString')).toContain('is not a profile');
  });
});

describe("Docker's profile by version", () => {
  it.each([
    ['docker@v0.1.0', '40'],
    ['docker@v0.2.0', '40'],
    ['docker@v0.2.1', '38 40'],
    ['docker@v0.2.2', '38 40'],
    ['docker@v0.2.3', '38 40'],
    ['docker@v0.2.4', '38 40 46 47 48 49 50 4294967334'],
  ])('%s refuses the families %s: AF_ALG since v0.2.1, everything above the last since v0.2.4', (name, refused) => {
    expect(families(name)).toBe(refused);
  });

  it('refuses socketcall in v0.2.2 only, with ENOSYS', () => {
    for (const name of DOCKER) {
      const refused = [{ action: 'SCMP_ACT_ERRNO', errnoRet: 38 }];
      const expected = name === 'docker@v0.2.2' ? refused : [{ action: 'SCMP_ACT_ALLOW' }];
      expect([name, rulesOf('socketcall', spec(name))]).toEqual([name, expected]);
    }
  });

  it('knows LoongArch since v0.2.0', () => {
    const hosts = (name: string): number =>
      (JSON.parse(namedProfile(name)?.text ?? '') as { archMap: [] }).archMap.length;
    expect(DOCKER.map(hosts)).toEqual([8, 9, 9, 9, 9, 9]);
  });

  it('is the same in v0.2.1 and v0.2.3, which is the built-in default', () => {
    expect(namedProfile('docker@v0.2.1')?.text).toBe(namedProfile('docker@v0.2.3')?.text);
    expect(defaultProfile()).toEqual({
      text: namedProfile('docker')?.text,
      name: 'built-in default profile (moby/profiles seccomp v0.2.3)',
    });
    expect(namedProfile('default')?.text).toBe(defaultProfile().text);
  });
});

describe('what the profiles are known for', () => {
  it('clone3 answers ENOSYS for Docker and containerd without CAP_SYS_ADMIN, and is open for Podman', () => {
    const enosys = [{ action: 'SCMP_ACT_ERRNO', errnoRet: 38 }];
    for (const name of ['docker', 'containerd', 'containerd@v1.6.20']) {
      expect(rulesOf('clone3', spec(name))).toEqual(enosys);
      expect(allows('clone3', spec(name, { caps: 'CAP_SYS_ADMIN' }))).toBe(true);
    }
    expect(allows('clone3', spec('podman'))).toBe(true);
  });

  it('containerd 2 no longer has io_uring, and 1.6 had no rule for AF_VSOCK', () => {
    const uring = (name: string): boolean => allows('io_uring_setup', spec(name));
    expect(['containerd@v1.6.20', 'containerd@v1.7.24', 'containerd@v2.1.9'].map(uring)).toEqual([true, true, false]);
    expect(allows('socket', spec('containerd@v1.6.20'))).toBe(true);
    expect(families('containerd@v1.7.24')).toBe('40');
    expect(families('containerd')).toBe('40');
  });

  it('containerd has no errno of its own, and only 1.6 gives name_to_handle_at to administrators alone', () => {
    expect(spec('containerd').defaultErrnoRet).toBeUndefined();
    expect(allows('name_to_handle_at', spec('containerd@v1.6.20'))).toBe(false);
    expect(allows('name_to_handle_at', spec('containerd@v1.6.20', { caps: 'CAP_SYS_ADMIN' }))).toBe(true);
    expect(allows('name_to_handle_at', spec('containerd@v1.7.24'))).toBe(true);
  });

  it('tracing needs Linux 4.8 or CAP_SYS_PTRACE', () => {
    for (const name of ['docker', 'containerd', 'containerd@v1.6.20']) {
      expect(allows('ptrace', spec(name, { kernel: '4.4' }))).toBe(false);
      expect(allows('ptrace', spec(name, { kernel: '4.8' }))).toBe(true);
      expect(allows('ptrace', spec(name, { kernel: '4.4', caps: 'CAP_SYS_PTRACE' }))).toBe(true);
    }
  });

  it('Podman answers ENOSYS to the unknown and EPERM to what it refuses', () => {
    const podman = spec('podman');
    expect(podman.defaultErrnoRet).toBe(38);
    expect(rulesOf('kexec_load', podman)).toEqual([{ action: 'SCMP_ACT_ERRNO', errnoRet: 1 }]);
    expect(rulesOf('chroot', spec('podman', { caps: 'none' }))).toEqual([{ action: 'SCMP_ACT_ERRNO', errnoRet: 1 }]);
    expect(allows('chroot', spec('podman', { caps: 'CAP_SYS_CHROOT' }))).toBe(true);
  });

  it('Podman refuses audit sockets without CAP_AUDIT_WRITE, and AF_VSOCK since v0.67.1', () => {
    const [audit] = rulesOf('socket', spec('podman@v0.62.2', { caps: 'none' }));
    expect(audit).toMatchObject({ action: 'SCMP_ACT_ERRNO', errnoRet: 22, args: [{ value: 16 }, { value: 9 }] });
    expect(allows('socket', spec('podman@v0.62.2', { caps: 'CAP_AUDIT_WRITE' }))).toBe(true);
    expect(families('podman', 'CAP_AUDIT_WRITE')).toBe('40');
  });

  it('@system-service has io_uring and setns, EPERM for the rest, and Landlock since systemd 257', () => {
    const service = spec('systemd-service');
    expect(service.defaultErrnoRet).toBe(1);
    expect(['io_uring_setup', 'setns', 'keyctl'].every((call) => allows(call, service))).toBe(true);
    expect(['mount', 'ptrace', 'chroot', 'reboot', 'bpf'].some((call) => allows(call, service))).toBe(false);
    const landlock = (name: string): boolean => allows('landlock_restrict_self', spec(name));
    expect(['systemd-service@v252', 'systemd-service@v257'].map(landlock)).toEqual([false, true]);
    expect(service.syscalls?.map(({ names }) => names.length)).toEqual([394]);
    expect(spec('systemd-service@v252').syscalls?.map(({ names }) => names.length)).toEqual([376]);
  });
});

describe('readSource, of a name', () => {
  const place = { cwd: '/nonexistent', stdin: () => Promise.reject(new Error('not read')) };

  it('gives the profile under a name that says which it is', async () => {
    const source = await readSource('podman@v0.50.1', place, { lenient: false });
    expect(source).toMatchObject({ kind: 'profile', form: 'docker' });
    expect(source.name).toBe('podman@v0.50.1 (containers/common v0.50.1, 2022)');
  });

  it('takes unconfined for no seccomp, without leniency', async () => {
    const source = await readSource('unconfined', place, { lenient: false });
    expect(source).toMatchObject({ name: 'unconfined', profile: { defaultAction: null, syscalls: [] } });
  });

  it('takes a path for a file', async () => {
    await expect(readSource('./docker', place, { lenient: false })).rejects.toThrow('could not read ./docker');
  });
});
