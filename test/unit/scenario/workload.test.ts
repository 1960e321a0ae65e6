import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadScenario } from '../../../src/scenario/index.js';

const packageRoot = resolve(import.meta.dirname, '../../..');

describe('a program of a scenario file', () => {
  let cwd = '';
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'bench-workload-'));
  });
  afterEach(() => {
    rmSync(cwd, { recursive: true });
  });
  const load = (program: unknown) => {
    mkdirSync(join(cwd, 'sub'), { recursive: true });
    writeFileSync(
      join(cwd, 'sub/one.json'),
      JSON.stringify({ kind: 'sequential', count: 2, arms: ['unconfined', 'default'], program }),
    );
    return loadScenario('sub/one', { cwd, packageRoot });
  };

  it('has its paths next to the file and the control of its first arm', () => {
    const scenario = load({ args: ['sh'], rootfs: 'root', binds: ['data:/data', '/opt'] });
    expect(scenario.program).toEqual({
      args: ['sh'],
      env: [],
      cwd: '/',
      bindHost: false,
      rootfs: 'sub/root',
      binds: [
        { source: 'sub/data', target: '/data' },
        { source: '/opt', target: '/opt' },
      ],
      via: 'run',
    });
    expect(scenario.arms).toEqual([
      { name: 'unconfined', policy: 'unconfined' },
      { name: 'default', policy: 'host' },
      { name: 'control', policy: 'unconfined', copyOf: 'unconfined' },
    ]);
  });

  it.each<[unknown, string]>([
    [{}, 'sub/one.json: program.args is required'],
    [{ args: [] }, 'sub/one.json: program.args: expected a list of texts, got []'],
    [{ args: [''] }, 'sub/one.json: program.args: expected a program, got nothing'],
    [{ args: ['sh'], bindHost: 'yes' }, 'sub/one.json: program.bindHost: expected true or false, got "yes"'],
    [{ args: ['sh'], via: 'ssh' }, 'sub/one.json: program.via: expected one of "run", "exec", got "ssh"'],
    [{ args: ['sh'], env: ['A'] }, 'sub/one.json: program.env[0]: expected NAME=VALUE, got "A"'],
    [
      { args: ['sh'], binds: ['data'] },
      'sub/one.json: program.binds[0]: expected PATH or PATH:PLACE with an absolute place, got "data"',
    ],
    [
      { args: ['sh'], bindHost: true, rootfs: 'r' },
      "sub/one.json: program.rootfs: expected either a root folder or the host's own folders, got both",
    ],
  ])('is refused where it is %j', (program, message) => {
    expect(() => load(program)).toThrow(message);
  });

  it('comes with the package twice, with the published number of calls', () => {
    const places = { cwd, packageRoot };
    expect(
      [loadScenario('python-max-sqrt', places), loadScenario('python-control-loop', places)].map(
        ({ program, published, count }) => [program?.env, published, count],
      ),
    ).toEqual([
      [['ROUNDS=10000000'], 'python-max-sqrt', 24],
      [['ROUNDS=10000000'], 'python-control-loop', 24],
    ]);
  });
});
