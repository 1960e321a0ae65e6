import { writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildFilter, libseccompVersion } from '../../src/filter/index.js';
import type { Verification } from '../../src/model/filter/verification.js';
import type { SeccompSpec } from '../../src/model/profile/seccomp.js';
import { needRoot } from './containers.js';
import { needs, Sandbox } from './bench.js';

const sandbox = new Sandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const SPEC: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [
    { names: ['read', 'write', 'exit_group'], action: 'SCMP_ACT_ALLOW' },
    { names: ['getppid'], action: 'SCMP_ACT_KILL_PROCESS' },
  ],
};

const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(sandbox.folder, name), content);
  return name;
};
const json = (...args: string[]): Verification =>
  JSON.parse(sandbox.bench(['verify', ...args, '--json']).stdout) as Verification;
const tooLong = (text: string, width: number): string[] => text.split('\n').filter((line) => line.length > width);

describe('bench verify', () => {
  it('says that the filter of the default profile answers as its rules say, with exit code 0', () => {
    const { status, stdout, stderr } = sandbox.bench(['verify', '--arch', 'x86_64']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^built-in default profile[^:]* on x86_64: the filter answers as its rules\ssay\n/);
    expect(stdout).toMatch(/^section +numbers +calls +agree +weaker +other +stricter$/m);
    for (const section of ['x86_64', 'x32', 'x86', 'not in spec'])
      expect(stdout).toMatch(new RegExp(`^${section} +[\\d,]+ +[\\d,]+ +[\\d,]+ +0 +0 +0$`, 'm'));
    expect(stdout).toContain('4,000 random calls included, seed 1.');
    expect(stdout).toContain(`libseccomp ${libseccompVersion() ?? ''}`);
  });

  it('takes several machines, with a row for each', () => {
    const { status, stdout } = sandbox.bench(['verify', '--arch', 'x86_64,arm64,s390x', '--random', '0']);
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      '3 of 3 filters answer as the rules say',
      '',
      expect.stringMatching(/^machine +calls +agree +weaker +other +stricter$/),
    ]);
    for (const name of ['x86_64', 'aarch64', 's390x'])
      expect(stdout).toMatch(new RegExp(`^${name} +([\\d,]+) +\\1 +0 +0 +0$`, 'm'));
  });

  it('names the machine of several for which libseccomp builds no filter, with exit code 4', () => {
    const profile = { ...SPEC, syscalls: [{ names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 4095 }] };
    const { status, stdout } = sandbox.bench(['verify', file('no.json', JSON.stringify(profile)), '--arch', 'all']);
    expect(status).toBe(4);
    expect(stdout).toMatch(/^0 of \d+ filters answer as the rules say\n/);
    expect(stdout).toMatch(/^not verified on x86_64: libseccomp refuses/m);
  });

  it('says what the file was read as, where readers differ', () => {
    const config = { ociVersion: '1.0.2', linux: { seccomp: { ...SPEC, archMap: [] } } };
    const { status, stdout } = sandbox.bench(['verify', file('config.json', JSON.stringify(config))]);
    expect(status).toBe(0);
    expect(stdout).toContain('\nread as an OCI config.json; ignored: linux.seccomp.archMap\n');
    expect(json('config.json').read).toBe('read as an OCI config.json; ignored: linux.seccomp.archMap');
    expect(json(file('plain.json', JSON.stringify(SPEC)))).not.toHaveProperty('read');
  });

  it('names the rule, the call and both answers where a filter in a file differs, with exit code 3', () => {
    const profile = file('my.json', JSON.stringify(SPEC));
    const other = { ...SPEC, syscalls: [{ names: ['read', 'getppid'], action: 'SCMP_ACT_ALLOW' }] };
    const filter = file('other.bpf', buildFilter(other, 'x86_64').program);
    const { status, stdout, stderr } = sandbox.bench(['verify', profile, '--arch', 'x86_64', '--filter', filter]);
    expect([status, stderr]).toEqual([3, '']);
    expect(stdout).toMatch(
      /^my\.json on x86_64: the filter allows more than its rules\nother\.bpf: \d+ instructions\n/,
    );
    expect(stdout.slice(stdout.indexOf('Weaker'))).toMatch(
      new RegExp(
        [
          '^Weaker than the rules: the filter allows more\\.',
          '  getppid\\(0\\) on x86_64: \\d+ differences?',
          '    rules: syscalls\\[1\\] of my\\.json: KILL_PROCESS',
          '    filter: ALLOW',
          '',
          'Stricter than the rules: the filter allows less\\.',
          '  write\\(0\\) on x86_64 \\(also exit_group\\): \\d+ differences',
          '    rules: syscalls\\[0\\] of my\\.json: ALLOW',
          '    filter: ERRNO\\(EPERM\\)\n$',
        ].join('\n'),
      ),
    );
    const first = sandbox.bench(['verify', profile, '--arch', 'x86_64', '--filter', filter, '--limit', '1']).stdout;
    expect(first).toMatch(/\n1 more difference: use --limit 0 to show all\.\n$/);
  });

  it('gives the places of rules in the file, not in the spec that is made of it', () => {
    const syscalls = [
      { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
      { names: ['read'], action: 'SCMP_ACT_ALLOW' },
    ];
    const profile = file('docker.json', JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls }));
    const filter = file('none.bpf', buildFilter({ defaultAction: 'SCMP_ACT_ERRNO' }, 'x86_64').program);
    const { differences, agrees } = json(profile, '--arch', 'x86_64', '--filter', filter);
    expect(agrees).toBe(false);
    expect(differences.map(({ rules }) => rules)).toEqual([[{ file: 'docker.json', path: 'syscalls[1]' }]]);
    const config = file('config.json', JSON.stringify({ ociVersion: '1.0.2', linux: { seccomp: SPEC } }));
    const found = json(config, '--arch', 'x86_64', '--filter', filter).differences.flatMap(({ rules }) => rules);
    expect(found.map(({ path }) => path)).toEqual(['linux.seccomp.syscalls[1]', 'linux.seccomp.syscalls[0]']);
  });

  it('refuses what is no filter, and no profile, by what it is', () => {
    const profile = file('a.json', JSON.stringify(SPEC));
    const filter = file('a.bpf', buildFilter(SPEC, 'x86_64').program);
    const refused = (...args: string[]): readonly [number | null, string] => {
      const { status, stderr } = sandbox.bench(['verify', ...args]);
      return [status, stderr.split('\n')[0] ?? ''];
    };
    expect(refused('--filter', profile)).toEqual([2, 'bench: a.json is an OCI linux.seccomp object, not a filter']);
    expect(refused(filter)).toEqual([2, 'bench: a.bpf is a raw BPF filter, not a profile']);
    expect(refused('--filter', filter, '--runtime', 'runc')).toEqual([
      2,
      'bench: --filter cannot be combined with a container or a process',
    ]);
    expect(refused('--random', 'many')[1]).toMatch(/^bench: --random: expected a whole number from 0 to 10,000,000/);
  });

  it('takes an LXC policy, whose rules are lines', (context) => {
    if (!['x86_64', 'aarch64'].includes(machine())) context.skip(`LXC policies are not built on ${machine()}`);
    const policy = file('my.seccomp', '2\ndenylist\n[all]\nkexec_load errno 1\nreject_force_umount\n');
    const { status, stdout } = sandbox.bench(['verify', policy]);
    expect([status, stdout.split('\n')[0]]).toEqual([
      0,
      `my.seccomp on ${machine()}: the filter answers as its rules say`,
    ]);
    const open = file('open.bpf', buildFilter({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] }).program);
    const { differences } = json(policy, '--filter', open);
    const own = differences.filter(({ arch }) => arch === machine()).flatMap(({ rules }) => rules);
    expect(own.map(({ path }) => path).sort()).toEqual(['line 4', 'line 5']);
  });

  it('says with exit code 4 that a filter could not be read', () => {
    const { status, stdout, stderr } = sandbox.bench(['verify', '--pid', '4194303']);
    expect([status, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(/^not verified: could not read the filter of process 4194303: /);
  });

  it.for([80, 60])('fits a terminal of %i columns', (columns, context) => {
    needs(context, 'script');
    const profile = file('narrow.json', JSON.stringify(SPEC));
    const filter = file('narrow.bpf', buildFilter({ defaultAction: 'SCMP_ACT_ALLOW' }, 'x86_64').program);
    const text = sandbox.onTerminal(columns, ['verify', profile, '--arch', 'x86_64', '--filter', filter]);
    expect(text).toMatch(/^narrow\.json on x86_64: the filter allows more than its rules\n/);
    expect(text).toMatch(/^x86_64 +.*[\d,]+ +0 +\d+$/m);
    expect(tooLong(text, columns)).toEqual([]);
  });

  it.for(['runc', 'crun'])('agrees with the filter that %s loads, and counts its stub apart', (runtime, context) => {
    needRoot(context);
    needs(context, runtime);
    const { agrees, origin, sections, filters } = json('--runtime', runtime);
    expect(origin.kind).toBe('loaded');
    expect([agrees, sections.flatMap(({ weaker, stricter, other }) => weaker + stricter + other)]).toEqual([
      true,
      sections.map(() => 0),
    ]);
    const stub = sections.reduce((sum, section) => sum + section.stub, 0);
    expect(stub > 0).toBe(filters.some((filter) => filter.stub > 0));
    expect(stub > 0).toBe(runtime === 'runc');
  });
});
