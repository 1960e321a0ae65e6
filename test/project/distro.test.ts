import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pageWithTable, SUITES } from '../../scripts/distro/table.mjs';
import type { SuiteRecord } from '../../scripts/distro/table.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const RECORDS = join(ROOT, 'docs/engines');
const page = readFileSync(join(ROOT, 'docs/engines.md'), 'utf8');
const records = (existsSync(RECORDS) ? readdirSync(RECORDS) : []).map(
  (name) => JSON.parse(readFileSync(join(RECORDS, name), 'utf8')) as SuiteRecord,
);

describe('the table of engines and versions', () => {
  it('is the one that the committed records give', () => {
    expect(pageWithTable(page, records)).toBe(page);
  });

  it('has a record of every suite, with every engine started by root', () => {
    expect(records.map(({ suite }) => suite).sort()).toEqual(Object.keys(SUITES).sort());
    for (const { rows } of records)
      expect(rows.filter(({ user }) => user === 'root').map(({ engine }) => engine)).toEqual(
        expect.arrayContaining(['runc', 'crun', 'namespaces', 'bwrap', 'lxc', 'docker', 'podman', 'containerd', 'cri']),
      );
  });

  it('tells failed checks, escapes bars, and keeps the text around it', () => {
    const record: SuiteRecord = {
      formatVersion: 1,
      suite: 'sid',
      machine: 'x86_64',
      kernel: '6.1',
      node: '24.0.0',
      controllers: [],
      libseccomp: '2.6.1-1',
      rows: [
        {
          engine: 'runc',
          user: 'root',
          version: '1|3',
          runs: ['stages'],
          filter: null,
          passed: 4,
          failed: ['in stages: exit code 0'],
          skipped: null,
        },
      ],
      totals: { passed: 4, failed: 1, skipped: 0 },
    };
    const made = pageWithTable(page, [record]);
    expect(made).toContain('| runc | 1\\|3 | root | stages | – | 4 passed, 1 failed: in stages: exit code 0 |');
    expect(made).toContain('cgroup v2 alone with no controllers');
    expect(made.startsWith(page.slice(0, page.indexOf('<!-- made by')))).toBe(true);
    expect(() => pageWithTable('no marks', [])).toThrow('the marks of the table were not found');
  });
});

describe('npm run test:distro', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bench-distro-test-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const run = (args: readonly string[], path = process.env['PATH'] ?? '') => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(ROOT, 'scripts/distro/main.mjs'), '--work', folder, ...args],
      { encoding: 'utf8', env: { ...process.env, PATH: path } },
    );
    return { status, stdout, stderr };
  };

  it.each([
    [[], 'test:distro: expected trixie or sid, got ""\n'],
    [['bookworm'], 'test:distro: expected trixie or sid, got "bookworm"\n'],
    [['sid', '--short', '--publish'], 'test:distro: --publish cannot be combined with --short\n'],
    [['sid', '--only', 'runc,dokcer'], 'test:distro: --only: unknown engine "dokcer"\n'],
    [['sid', '--fast'], "test:distro: Unknown option '--fast'"],
  ])('%j ends in one line and a hint, with exit code 2', (args, words) => {
    const { status, stderr } = run(args);
    expect(status).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n')).toHaveLength(2);
  });

  it('lists its options', () => {
    expect(run(['--help'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('says which programs are missing and which packages have them', (context) => {
    if (process.getuid?.() !== 0) context.skip('needs root');
    const programs = join(folder, 'bin');
    mkdirSync(programs);
    for (const name of ['dpkg-query', 'unshare', 'mount']) symlinkSync('/bin/true', join(programs, name));
    const { status, stderr } = run(['trixie', '--short'], [programs, '/nonexistent'].join(delimiter));
    expect(status).toBe(2);
    // debootstrap is also looked for where Debian's system programs are.
    expect(stderr).toMatch(
      /^test:distro: (debootstrap, )?apt-get not found in PATH\n {2}sudo apt-get install --no-install-recommends (debootstrap )?apt\n$/,
    );
  });

  it('takes no folder that holds something else', (context) => {
    if (process.getuid?.() !== 0) context.skip('needs root');
    if (!existsSync('/usr/sbin/debootstrap') || !existsSync(join(ROOT, 'dist/cli.js')))
      context.skip('needs debootstrap and a build');
    const other = join(folder, 'other');
    mkdirSync(join(other, 'etc'), { recursive: true });
    writeFileSync(join(other, 'etc/os-release'), 'PRETTY_NAME="Fedora"\nVERSION_CODENAME=x\n');
    expect(run(['trixie', '--root', other])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('holds another system: x') as string,
    });
    rmSync(join(other, 'etc/os-release'));
    expect(run(['trixie', '--root', other])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is not empty, and holds no Debian') as string,
    });
    expect(readdirSync(folder)).toEqual(['other']);
  });
});
