import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { findProgram } from '../../src/process/files/find.js';
import { argvOf } from '../../src/process/processes.js';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { needs, needsRoot, Sandbox } from './bench.js';
import { startDocker } from './daemons.js';
import type { DaemonHere } from './daemons.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const evidence = (): ArmEvidence[] =>
  JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
const run = (runtime: string, ...more: readonly string[]) =>
  sandbox.bench([
    'sequential',
    '--engine',
    'oci',
    '--runtime',
    runtime,
    '--count',
    '1',
    '--warmup',
    '0',
    '--no-report',
    ...more,
  ]);

describe('gVisor', () => {
  it("applies the containers' filters in its kernel: bench reports that instead of the sandbox's filter", (context) => {
    needsRoot(context);
    needs(context, 'runsc');
    const { status, stderr } = run('runsc', '--arms', 'before,after,unconfined');
    expect(status).toBe(0);
    expect(stderr).toContain(
      'gVisor runs with --network none and --oci-seccomp; without the latter it ignores the seccomp spec',
    );
    expect(evidence().map(({ arm, seccompMode, loaded }) => [arm, seccompMode, loaded.state])).toEqual([
      ['before', 2, 'notSeen'],
      ['after', 2, 'notSeen'],
      ['unconfined', 0, 'notSeen'],
      ['control', 2, 'notSeen'],
    ]);
    expect(sandbox.containers().every(({ state }) => state === 'ok')).toBe(true);
    expect(sandbox.plan().engine.name).toBe('runsc');
  });

  it('does not show when a container ends, so its stages are refused', (context) => {
    needsRoot(context);
    needs(context, 'runsc');
    const { status, stderr } = run('runsc', '--stages');
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('bench: --engine runsc cannot time the stages of a start'),
    ]);
  });

  it('is found to ignore the filters where a wrapper hides that it is gVisor', (context) => {
    needsRoot(context);
    needs(context, 'runsc');
    const wrapper = join(sandbox.folder, 'wrapped');
    writeFileSync(
      wrapper,
      '#!/bin/sh\n[ "$1" = --version ] && { echo wrapped 1.0; exit; }\nexec runsc --network none "$@"\n',
    );
    chmodSync(wrapper, 0o755);
    const { stdout } = run(wrapper);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'Invalid: The containers of before ran without seccomp. The arms are not what their names suggest',
    );
    expect(evidence().map(({ seccompMode }) => seccompMode)).toEqual([0, 0, 0]);
  });
});

describe('gVisor under Docker', () => {
  let here: DaemonHere = { missing: 'not started' };
  beforeAll(async () => {
    if (findProgram('runsc', process.env['PATH']) === undefined) {
      here = { missing: 'runsc is not installed' };
      return;
    }
    // --add-runtime takes a path without arguments, so a script adds them.
    const wrapper = (name: string, flags: string): string => {
      const path = join(sandbox.folder, name);
      writeFileSync(path, `#!/bin/sh\nexec runsc --network none --ignore-cgroups ${flags} "$@"\n`, { mode: 0o755 });
      return path;
    };
    here = await startDocker(
      '--add-runtime',
      `runsc=${wrapper('runsc-plain', '')}`,
      '--add-runtime',
      `runsc-minding=${wrapper('runsc-minding', '--oci-seccomp')}`,
    );
  });
  afterAll(async () => {
    if ('stop' in here) await here.stop();
  });

  const docker = (context: TestContext, runtime: string) => {
    if ('missing' in here) context.skip(here.missing);
    return sandbox.start(
      [
        'sequential',
        '--engine',
        'docker',
        '--host',
        here.host,
        '--runtime',
        runtime,
        '--count',
        '1',
        '--warmup',
        '0',
        '--no-report',
      ],
      {},
    ).end;
  };

  /** Command lines of what the daemon started for containers and still runs. */
  const shims = (): readonly string[] => {
    const folder = 'host' in here ? dirname(here.host.replace('unix://', '')) : '';
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => argvOf(Number(name)).join(' '))
      .filter(
        (words) => /containerd-shim|runsc/.test(words) && words.includes(`${folder}/`) && !words.includes('dockerd'),
      );
  };

  it("ignores the containers' filters: bench warns before the run, the mode seen inside confirms it, and no shim stays", async (context) => {
    const { status, stdout, stderr } = await docker(context, 'runsc');
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('the runtime runsc is gVisor, which ignores the filter without --oci-seccomp'),
    ]);
    expect(evidence().map(({ seccompMode, loaded }) => [seccompMode, loaded.state])).toEqual([
      [0, 'notSeen'],
      [0, 'notSeen'],
      [0, 'notSeen'],
    ]);
    expect(stdout.replace(/\s+/g, ' ')).toContain('Invalid: The containers of before ran without seccomp.');
    expect(sandbox.plan().engine.name).toBe('docker with runsc');
    expect(sandbox.plan().engine.runtime).toMatchObject({ name: 'runsc' });
    // No 32-bit program is tried, which gVisor does not start and whose shim would stay.
    expect(evidence().map(({ probe32 }) => probe32)).toEqual(
      Array.from({ length: 3 }, () => ({ outcome: 'notProvable', detail: 'gVisor runs no 32-bit programs' })),
    );
    // A shim ends a moment after its container is removed.
    await expect.poll(shims, { timeout: 10_000 }).toEqual([]);
  }, 180_000);

  it('applies them with --oci-seccomp', async (context) => {
    const { status, stderr } = await docker(context, 'runsc-minding');
    expect([status, stderr]).toEqual([0, expect.stringContaining('the seccomp mode seen inside decides')]);
    expect(evidence().map(({ seccompMode, loaded }) => [seccompMode, loaded.state])).toEqual([
      [2, 'notSeen'],
      [2, 'notSeen'],
      [2, 'notSeen'],
    ]);
    expect(sandbox.containers().map(({ state }) => state)).toEqual(Array.from({ length: 3 }, () => 'ok'));
  }, 180_000);
});
