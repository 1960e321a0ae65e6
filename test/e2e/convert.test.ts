import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultProfile } from '../../src/profile/index.js';
import { CLI } from './bench.js';

const RULE = { names: ['read'], action: 'SCMP_ACT_ALLOW' };
const SPEC = '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}\n';

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-convert-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function bench(args: readonly string[], input: string | Buffer = ''): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'convert', ...args], {
    input,
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const on = (...args: string[]): string[] => ['--arch', 'amd64', '--kernel', '6.1', ...args];

describe('bench convert', () => {
  it('converts a file, with a line end after the JSON', () => {
    writeFileSync(join(folder, 'profile.json'), JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [RULE] }));
    expect(bench(['profile.json'])).toEqual({ status: 0, stdout: SPEC, stderr: '' });
  });

  it('reads standard input for -', () => {
    expect(bench(['-'], `\n{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[${JSON.stringify(RULE)}]}\n`).stdout).toBe(
      SPEC,
    );
  });

  it('converts the built-in default where no profile is given', () => {
    const { status, stdout } = bench(on());
    const spec = JSON.parse(stdout) as { architectures: string[]; syscalls: unknown[] };
    expect([status, spec.architectures]).toEqual([0, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']]);
    expect(stdout).toBe(bench(on('-'), defaultProfile().text).stdout);
  });

  it('takes the name of a profile before a file of that name, and ./ for the file', () => {
    writeFileSync(join(folder, 'podman'), JSON.stringify({ defaultAction: 'SCMP_ACT_LOG', syscalls: [RULE] }));
    const action = (name: string): string =>
      (JSON.parse(bench(on(name)).stdout) as { defaultAction: string }).defaultAction;
    expect([action('podman'), action('./podman')]).toEqual(['SCMP_ACT_ERRNO', 'SCMP_ACT_LOG']);
    expect(bench(on('default')).stdout).toBe(bench(on()).stdout);
    expect(bench(on('unconfined')).stdout).toBe('null\n');
  });

  it('names the known versions where one is unknown', () => {
    const { status, stdout, stderr } = bench(on('docker@v9.9.9'));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^bench: "docker@v9\.9\.9" is not a profile; did you mean "docker@.*"\?\n {2}Known: docker@v0\.1\.0, .*docker@v0\.2\.4\./,
    );
  });

  it('reads a profile for iSulad that moby refuses, and explains what iSulad drops', () => {
    writeFileSync(
      join(folder, 'isulad.json'),
      `{"defaultAction":"SCMP_ACT_ERRNO","flags":"none",/* old */"syscalls":[
        {"names":["read"],"action":"SCMP_ACT_ALLOW","args":{},"includes":{"minKernel":"5.10.0"}}]}`,
    );
    const { status, stdout, stderr } = bench(on('isulad.json', '--dialect', 'isulad', '--explain'));
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      {
        defaultAction: 'SCMP_ACT_ERRNO',
        architectures: ['SCMP_ARCH_X86_64'],
        syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
      },
    ]);
    expect(stderr).toContain('dropped field flags: iSulad has no such field\n');
    expect(stderr).toContain('dropped field syscalls[0].args: not an array: iSulad drops it\n');
    expect(bench(on('isulad.json')).status).toBe(2);
  });

  it('takes policy, dialect, capabilities and kernel', () => {
    writeFileSync(
      join(folder, 'options.json'),
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ERRNO',
        archMap: [{ architecture: 'SCMP_ARCH_X86_64' }, { architecture: 'SCMP_ARCH_AARCH64' }],
        syscalls: [
          RULE,
          { names: ['bpf'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_BPF', 'CAP_KILL'] } },
          { names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } },
        ],
      }),
    );
    const summary = (...args: string[]): string => {
      const spec = JSON.parse(bench(['options.json', ...args]).stdout) as {
        architectures: string[];
        syscalls: { names: string[] }[];
      };
      return [...spec.architectures.map((name) => name.slice(10)), ...spec.syscalls.flatMap(({ names }) => names)].join(
        ' ',
      );
    };
    expect(summary(...on('--caps', 'none'))).toBe('X86_64 read ptrace');
    expect(summary(...on('--policy', 'all', '--caps', 'CAP_BPF,CAP_KILL'))).toBe('X86_64 AARCH64 read bpf ptrace');
    expect(summary('--arch', 'aarch64', '--kernel', '4.4.0-21-generic', '--caps', 'all')).toBe('AARCH64 read bpf');
    expect(summary(...on('--dialect', 'isulad', '--caps', 'CAP_KILL'))).toBe('X86_64 read bpf ptrace');
    expect(summary('--arch', '386', '--policy', 'native', '--kernel', '5.4')).toBe('X86 read ptrace');
  });

  it('prints null for seccomp disabled only where that is asked for', () => {
    expect(bench(['-', '--lenient'], '{}')).toEqual({ status: 0, stdout: 'null\n', stderr: '' });
    expect(bench(['-'], '{}')).toMatchObject({ status: 2, stdout: '' });
    expect(bench(['-'], 'null').stderr).toMatch(/^bench: standard input disables seccomp: it is null\n/);
  });

  it('says with --explain what was dropped and why, on standard error only', () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ERRNO',
      x: 1,
      syscalls: [RULE, { ...RULE, includes: { caps: ['CAP_BPF'] } }],
    };
    const { status, stdout, stderr } = bench(on('-', '--explain'), JSON.stringify(profile));
    expect([status, stdout]).toEqual([0, SPEC]);
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      'read as a Docker profile; an OCI runtime would ignore includes',
      'dropped rule syscalls[1] (read): requires CAP_BPF',
      'dropped field x: there is no such field',
    ]);
    expect(bench(['-', '--explain'], SPEC).stderr).toMatch(
      /^read as an OCI linux.seccomp object.*\nnothing was dropped\n/,
    );
    expect(bench(['-', '--explain', '--lenient'], '{}').stderr).toContain(
      'no seccomp: the profile has neither a default action nor rules\n',
    );
  });

  it('accepts with --lenient what moby accepts, and says so where it is needed', () => {
    const text = '{"defaultAction":"SCMP_ACT_FOO"}';
    expect(bench(['-', '--lenient'], text).stdout).toBe(`${text}\n`);
    const { status, stdout, stderr } = bench(['-'], text);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^bench: standard input: defaultAction: expected one of SCMP_ACT_ALLOW, .*, got "SCMP_ACT_FOO"\n.*--lenient/,
    );
  });
});

describe('bench convert refuses, with exit code 2 and nothing on standard output', () => {
  function refusal(args: readonly string[], input: string | Buffer = ''): string {
    const { status, stdout, stderr } = bench(args, input);
    expect([status, stdout]).toEqual([2, '']);
    return stderr.split('\n')[0] ?? '';
  }

  it('a value out of range, with file and JSON path', () => {
    const rules = `${`${JSON.stringify(RULE)},`.repeat(3)}{"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{"value":-1}]}`;
    writeFileSync(join(folder, 'bad.json'), `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[${rules}]}`);
    expect(refusal(['bad.json'])).toBe(
      'bench: bad.json: syscalls[3].args[0].value: expected an integer from 0 to 18446744073709551615, got -1',
    );
  });

  it('a syntax error, with line and column', () => {
    expect(refusal(['-'], '{\n  "defaultAction": "A",\n}')).toBe(
      "bench: standard input: line 3, column 1: expected a key in double quotes, got '}'",
    );
  });

  it('refuses devices, FIFOs without a writer and endless input at once, in one line', () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    expect(refusal(['/dev/zero'])).toBe('bench: could not read /dev/zero: is a device');
    expect(refusal(['fifo'])).toBe('bench: could not read fifo: it is a FIFO that no process writes to');
    writeFileSync(join(folder, 'large.json'), ' '.repeat(2000));
    expect(refusal(['large.json', '--max-size', '1KiB'])).toBe('bench: large.json is larger than 1 KiB');
  });

  it('files that are not there, are directories, are empty', () => {
    writeFileSync(join(folder, 'empty.json'), '');
    expect(refusal(['missing.json'])).toBe('bench: could not read missing.json: no such file or directory');
    expect(refusal(['.'])).toBe('bench: could not read .: is a directory');
    expect(refusal(['empty.json'])).toBe('bench: empty.json is empty');
    expect(refusal(['empty.json/x'])).toBe('bench: could not read empty.json/x: not a directory');
  });

  it('a file this user may not read', (context) => {
    if (process.getuid?.() === 0) context.skip('root may read every file');
    writeFileSync(join(folder, 'secret.json'), '{}');
    chmodSync(join(folder, 'secret.json'), 0);
    expect(refusal(['secret.json'])).toBe('bench: could not read secret.json: permission denied');
  });

  it('unknown options, architectures, capabilities, policies and kernels', () => {
    expect(refusal(['-', '--arch', 'pdp11'], '{}')).toBe('bench: "pdp11" is not an architecture');
    expect(refusal(['-', '--caps', 'CAP_FOO'], '{}')).toBe('bench: "CAP_FOO" is not a capability');
    expect(refusal(['-', '--policy', 'some'], '{}')).toBe('bench: "some" is not a policy');
    expect(refusal(['-', '--frobnicate'], '{}')).toBe('bench: unknown option --frobnicate');
    expect(refusal(['--kernel', 'weird'])).toBe(
      'bench: --kernel: expected a kernel release, such as 6.1 or 6.1.0-18-amd64, got "weird"',
    );
  });
});
