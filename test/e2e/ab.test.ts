import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { FAKE, Sandbox } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

describe('bench ab', () => {
  it('interleaves two commands with a control of the first', () => {
    const { status, stderr } = sandbox.bench([
      'ab',
      '--count',
      '3',
      '--warmup',
      '0',
      '--no-report',
      '--',
      'true',
      '---',
      'sh',
      '-c',
      'exit 0',
    ]);
    expect([status, stderr.includes('engine command')]).toEqual([0, true]);
    expect(
      sandbox
        .containers()
        .map((sample) => sample.arm)
        .sort(),
    ).toEqual(['control', 'control', 'control', 'sh', 'sh', 'sh', 'true', 'true', 'true']);
    expect(sandbox.plan().scenario.arms.map(({ name, command, copyOf }) => ({ name, command, copyOf }))).toEqual([
      { name: 'true', command: ['true'], copyOf: undefined },
      { name: 'sh', command: ['sh', '-c', 'exit 0'], copyOf: undefined },
      { name: 'control', command: ['true'], copyOf: 'true' },
    ]);
  });

  it('counts a command that fails now and then, and times only what went well', () => {
    const script = join(sandbox.folder, 'fails-on-3.sh');
    writeFileSync(script, '#!/bin/sh\necho x >> calls\n[ "$(wc -l < calls)" -ne 3 ] || { echo no >&2; exit 7; }\n', {
      mode: 0o755,
    });
    const { status } = sandbox.bench([
      'ab',
      '--count',
      '3',
      '--warmup',
      '0',
      '--no-report',
      '--',
      'true',
      '---',
      './fails-on-3.sh',
    ]);
    expect(status).toBe(1);
    expect(sandbox.containers().filter((sample) => sample.state !== 'ok')).toMatchObject([
      { arm: 'fails-on-3.sh', block: 1, cause: 'exit code 7', stderr: 'no' },
    ]);
  });

  it('gives two runtimes the same spec, each in its own state folder', () => {
    const other = join(sandbox.folder, 'other-runtime.sh');
    cpSync(FAKE, other);
    const { status, stderr } = sandbox.bench(
      [
        'ab',
        '--count',
        '2',
        '--warmup',
        '0',
        '--no-report',
        '--a',
        `runtime=${FAKE}`,
        '--b',
        'runtime=./other-runtime.sh',
      ],
      { FAKE_LOG: join(sandbox.folder, 'calls.log') },
    );
    expect(status).toBe(0);
    expect(stderr).toContain(`  other-runtime.sh: ${other} (fake-runtime version 1.0.0)`);
    const evidence = JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
    expect(new Set(evidence.map((arm) => arm.specSha256)).size).toBe(1);
    const roots = new Set(
      [...readFileSync(join(sandbox.folder, 'calls.log'), 'utf8').matchAll(/--root (\S+) run/g)].map(
        (match) => match[1],
      ),
    );
    expect(roots.size).toBe(2);
  });

  it('says what it accepts where it is given something else', () => {
    for (const [args, message] of [
      [[], 'two things to compare are required'],
      [['--a', 'runtime=x'], '--b is required'],
      [
        ['--a', 'x', '--b', 'y'],
        '--a: expected runtime=PATH, profile=FILE[:POLICY], libseccomp=PATH, form=plain|tree, build=start|before, ' +
          'first=CALL,... or git:REVISION, got "x"',
      ],
      [['--', 'true'], '-- COMMAND: expected two commands with --- between them, got "true"'],
      [['--', 'true', '---'], '-- COMMAND: expected two commands with --- between them, got "true ---"'],
      [
        ['--a', 'runtime=x', '--b', 'profile=y'],
        '--a and --b must be two runtimes or two profiles, got runtime=x and profile=y',
      ],
      [
        ['--a', 'runtime=x', '--b', 'runtime=y', '--', 'true', '---', 'true'],
        '--a and --b cannot be combined with a command',
      ],
    ] as const) {
      const { status, stderr } = sandbox.bench(['ab', ...args]);
      expect([args, status, stderr]).toEqual([
        args,
        2,
        expect.stringContaining(`bench: ${message}\n  bench ab --a runtime=PATH`) as string,
      ]);
    }
    expect(sandbox.bench(['ab', '--', 'no-such-program', '---', 'true']).stderr).toMatch(
      /^bench: no-such-program \(arm no-such-program\) not found in PATH/,
    );
    expect(sandbox.bench(['ab', '--', 'true', '---', 'false']).stderr).toMatch(
      /\nbench: the command of arm false failed: exit code 1\n/,
    );
  });
});

describe('bench compare', () => {
  it('compares two runs of one host, warns of drift, and refuses another host unless told otherwise', () => {
    const paths = ['one', 'two'].map((folder) => {
      sandbox.bench([
        'ab',
        '--count',
        '30',
        '--warmup',
        '0',
        '--no-report',
        '--results',
        folder,
        '--',
        'true',
        '---',
        'sh',
        '-c',
        ':',
      ]);
      return join(folder, readdirSync(join(sandbox.folder, folder))[0]!);
    });
    const { status, stdout } = sandbox.bench(['compare', ...paths]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/What the arms change, relative to the baseline of their own run:\n {2}.*sh /);
    expect(stdout).toMatch(/not interleaved, so this includes drift between them/);

    const host = join(sandbox.folder, paths[1]!, 'host.json');
    writeFileSync(host, readFileSync(host, 'utf8').replace(/"kernel": "[^"]+"/, '"kernel": "1.2.3"'));
    // Its checksum would be the first thing that is wrong.
    rmSync(join(sandbox.folder, paths[1]!, 'SHA256SUMS'));
    const refused = sandbox.bench(['compare', ...paths]);
    expect([refused.status, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/the hosts of the two runs differ: kernel .* and 1\.2\.3/),
    ]);
    const allowed = sandbox.bench(['compare', ...paths, '--allow-different-host']);
    expect([allowed.status, allowed.stdout]).toEqual([
      0,
      expect.stringMatching(/Warning: the hosts differ: kernel .* and 1\.2\.3\./),
    ]);
  });
});
