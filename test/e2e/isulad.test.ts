import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import type { RunLedger } from '../../src/model/results/ledger.js';
import { controllerPlace } from '../../src/process/cgroup/cgroups.js';
import { needs, needsRoot, PrivateSandbox, ROOT } from './bench.js';
import type { CliResult } from './bench.js';

const sandbox = new PrivateSandbox();
const state = join(sandbox.folder, 'isulad');
beforeEach(() => {
  sandbox.clear();
  rmSync(state, { recursive: true, force: true });
  mkdirSync(state);
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const FAKE_ENV = {
  FAKE_ISULAD: state,
  PATH: [join(ROOT, 'test/fixtures/fake-isula'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
};
/** What the client is asked for where this machine has the controllers. */
const LIMITS: readonly unknown[] = [
  ...(controllerPlace('pids') === null ? [] : ['--pids-limit', '2048']),
  ...(controllerPlace('memory') === null ? [] : ['--memory', expect.stringMatching(/^\d+$/) as unknown]),
];
const ONE = ['sequential', '--engine', 'isulad', '--count', '1', '--warmup', '0', '--seed', '1', '--no-report'];
const RUN = [...ONE, '--count', '2'];
const bench = (args: readonly string[], env: Record<string, string> = {}): CliResult =>
  sandbox.bench(args, { ...FAKE_ENV, ...env });
const calls = (): string[][] =>
  readFileSync(join(state, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[]);
const containersLeft = (): string[] => readdirSync(state).filter((name) => name.endsWith('.json'));
const complaints = ({ stderr }: CliResult): string[] => stderr.split('\n').filter((line) => line.startsWith('bench: '));
const ledger = (): RunLedger => JSON.parse(readFileSync(join(sandbox.results(), 'ledger.json'), 'utf8')) as RunLedger;

describe('engine isulad, against a client without a daemon', () => {
  it("starts every container with `isula run --rm` and its arm's own profile, knows no CPU time and leaves nothing behind", () => {
    const { status, stderr } = bench([...RUN, '--runtime', 'lcr', '--arms', 'before,after,unconfined']);
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('engine isulad (iSulad 2.1.4, lcr)\n  at unix:///var/run/isulad.sock, runtime lcr\n'),
    ]);
    expect(sandbox.containers().map((sample) => sample.state === 'ok' && [sample.userNs, sample.stagesNs])).toEqual(
      Array.from({ length: 8 }, () => [0, undefined]),
    );
    const id = `sb-${sandbox.plan().id}`;
    const timed = calls().filter(([verb, ...words]) => verb === 'run' && words.some((word) => /-b\d+-/.test(word)));
    expect(timed).toHaveLength(8);
    const [first] = timed;
    const profile = first?.find((word) => word.startsWith('seccomp=')) ?? '';
    const name = first?.[3] ?? '';
    expect(first).toEqual([
      'run',
      '--rm',
      '--name',
      expect.stringMatching(new RegExp(`^${id}-b0-`)),
      '--runtime',
      'lcr',
      '--net',
      'none',
      '--read-only',
      ...LIMITS,
      '--hostname',
      'bench',
      '--label',
      `seccomp-bench=${id}`,
      '--env',
      `SECCOMP_BENCH_RUN=${id}`,
      '--security-opt',
      'no-new-privileges',
      '--security-opt',
      profile,
      '--external-rootfs',
      join(sandbox.tmp, `seccomp-bench-${process.geteuid?.() ?? 0}`, id, 'rootfs'),
      'none',
      '/payload',
    ]);
    expect([
      name.startsWith(id),
      new Set(timed.map((call) => call.find((word) => word.startsWith('seccomp=')))).size,
    ]).toEqual([true, 4]);
    const evidence = JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
    expect(evidence.map(({ arm, seccompMode }) => [arm, seccompMode])).toEqual([
      ['before', 2],
      ['after', 2],
      ['unconfined', 0],
      ['control', 2],
    ]);
    expect([containersLeft(), readdirSync(sandbox.tmp), ledger()]).toEqual([
      [],
      [],
      expect.objectContaining({ after: { state: 'listed', ids: [] } }),
    ]);
  });

  it('tells convert, write, create, start, exit and remove apart where stages are asked for, which add up to the wall time', () => {
    expect(bench([...RUN, '--stages'])).toMatchObject({ status: 0 });
    for (const sample of sandbox.containers()) {
      if (sample.state !== 'ok' || sample.stagesNs === undefined)
        throw new Error(`expected stages, got ${JSON.stringify(sample)}`);
      expect(Object.keys(sample.stagesNs)).toEqual(['convert', 'write', 'create', 'start', 'exit', 'remove']);
      expect(Math.abs(Object.values(sample.stagesNs).reduce((sum, ns) => sum + ns, 0) - sample.wallNs)).toBeLessThan(1);
    }
    const timed = calls()
      .filter((call) => call.some((word) => /-b\d+-/.test(word)))
      .map(([verb, ...words]) => [verb, words.at(verb === 'create' ? 1 : -1), words.at(verb === 'create' ? -1 : 0)]);
    const [[, name] = []] = timed;
    expect(timed.slice(0, 3)).toEqual([
      ['create', name, 'stamp'],
      ['start', name, '--attach'],
      ['rm', name, name],
    ]);
    expect([timed.length, containersLeft()]).toEqual([18, []]);
  });

  it('runs batches at once', () => {
    expect(
      bench(['parallel', '--engine', 'isulad', '--count', '4', '--rounds', '1', '--warmup', '0', '--no-report']).status,
    ).toBe(0);
    expect(sandbox.containers().filter(({ state: outcome }) => outcome === 'ok')).toHaveLength(12);
  });

  it("passes on the daemon's error about a container that it does not create or start, and removes the container", () => {
    const causes = (): unknown[] =>
      sandbox
        .containers()
        .flatMap((sample) => (sample.state === 'ok' ? [] : [[sample.cause, sample.failedIn, sample.stderr]]));
    expect(bench(RUN, { FAKE_FAIL: '-b1-0-', FAKE_HOW: 'create' }).status).toBe(1);
    expect(causes()).toEqual([
      ['exit code 1', undefined, 'Error response from daemon: Failed to prepare container rootfs'],
    ]);
    sandbox.clear();
    expect(bench([...RUN, '--stages'], { FAKE_FAIL: '-b1-0-', FAKE_HOW: 'start' }).status).toBe(1);
    expect(causes()).toEqual([
      ['exit code 1', 'start', 'Error response from daemon: Start container error: Runtime error: failed to start'],
    ]);
    expect([containersLeft(), ledger().after]).toEqual([[], { state: 'listed', ids: [] }]);
  });

  it('counts a client that starts nothing, and one that hangs, as failures', () => {
    expect(bench(RUN, { FAKE_FAIL: '-b1-0-', FAKE_HOW: 'silent' }).status).toBe(1);
    expect(sandbox.containers().flatMap((sample) => (sample.state === 'ok' ? [] : [sample.cause]))).toEqual([
      "exit code 0, but the payload's output is missing",
    ]);
    sandbox.clear();
    expect(bench([...RUN, '--timeout', '2'], { FAKE_FAIL: '-b1-0-', FAKE_HOW: 'hang' }).status).toBe(1);
    expect(
      sandbox
        .containers()
        .map(({ state: outcome }) => outcome)
        .filter((outcome) => outcome !== 'ok'),
    ).toEqual(['timedOut']);
    expect(containersLeft()).toEqual([]);
  });

  it('refuses a container that runs with another profile than the given one', () => {
    const run = bench(RUN, { FAKE_FAIL: '-sleep-before', FAKE_HOW: 'other' });
    expect([run.status, complaints(run)]).toEqual([
      1,
      [
        expect.stringMatching(
          /^bench: container sb-[0-9a-f]+-sleep-before does not use the architectures of arm before \(SCMP_ARCH_AARCH64 .*SCMP_ARCH_X86_64\) but none$/,
        ),
      ],
    ]);
    expect(containersLeft()).toEqual([]);
  });

  it('names what cannot be removed, which bench clean removes later', () => {
    const run = bench(RUN, { FAKE_FAIL: '-b1-0-', FAKE_HOW: 'keep' });
    expect([run.status, complaints(run)]).toEqual([
      1,
      [expect.stringMatching(/^bench: isulad did not remove sb-[0-9a-f]+-b1-0-0$/)],
    ]);
    expect(ledger().left).toEqual({ state: 'listed', ids: [expect.stringMatching(/-b1-0-0$/)] });
    expect(bench(['clean']).stdout).toMatch(/^removed .*: 1 containers, 0 processes\n$/);
    expect([containersLeft(), readdirSync(sandbox.tmp)]).toEqual([[], []]);
  });

  it("uses iSulad's default runtime unless another is named, and records which one that is", () => {
    const engine = () => sandbox.plan().engine;
    expect(bench(ONE).stderr).toContain("runtime runc, iSulad's default\n");
    expect(engine()).toMatchObject({
      name: 'isulad with runc',
      version: 'iSulad 2.1.4, runc',
      runtime: { name: 'runc', version: null, path: null },
    });
    expect(calls().flat()).not.toContain('--runtime');
    sandbox.clear();
    expect(bench(ONE, { FAKE_RUNTIME: 'lcr' }).status).toBe(0);
    expect(engine()).toMatchObject({ name: 'isulad', runtime: { name: 'lcr' } });
    sandbox.clear();
    expect(bench(ONE, { FAKE_RUNTIME: '-' }).stderr).toContain("runtime iSulad's default, which it does not show\n");
    expect(engine()).toMatchObject({
      name: 'isulad with its default runtime',
      version: 'iSulad 2.1.4, runtime unknown',
    });
    expect(engine().runtime).toBeUndefined();
    sandbox.clear();
    expect(bench([...ONE, '--runtime', 'runc'], { FAKE_RUNTIME: 'lcr' }).status).toBe(0);
    expect(engine().name).toBe('isulad with runc');
    expect(containersLeft()).toEqual([]);
  });

  it('names a runtime that iSulad does not have, and one that it has and cannot use', () => {
    const unknown = bench([...RUN, '--runtime', 'nothere']);
    expect([unknown.status, complaints(unknown)]).toEqual([2, ['bench: iSulad has no runtime named nothere']]);
    expect(unknown.stderr).toContain('"runtimes" in /etc/isulad/daemon.json');
    const broken = bench(RUN, { FAKE_FAIL: '-runtime', FAKE_HOW: 'create' });
    expect([broken.status, complaints(broken)]).toEqual([
      2,
      [
        'bench: iSulad could not create a container with its default runtime: isula create failed with exit code 1: ' +
          'Error response from daemon: Failed to prepare container rootfs',
      ],
    ]);
    const missing = bench(RUN, { FAKE_FAIL: '-check', FAKE_HOW: 'start' });
    expect([missing.status, missing.stderr]).toEqual([
      2,
      expect.stringContaining(
        'Is its runtime installed where isulad runs? --runtime runc or --runtime lcr names another.',
      ),
    ]);
    expect([containersLeft(), readdirSync(sandbox.tmp)]).toEqual([[], []]);
  });

  it('is missing where no isula is installed, and refuses a daemon on another machine', () => {
    const none = sandbox.bench(RUN, { PATH: '/usr/bin:/bin' });
    if (!existsSync('/usr/bin/isula'))
      expect([none.status, none.stderr]).toEqual([
        2,
        expect.stringContaining('bench: isula not found in PATH\n  openEuler packages it'),
      ]);
    expect(complaints(bench(RUN, { ISULAD_HOST: 'tcp://127.0.0.1:1' }))).toEqual([
      'bench: --engine isulad requires a socket of this machine, not ISULAD_HOST=tcp://127.0.0.1:1',
    ]);
    expect(readdirSync(sandbox.tmp)).toEqual([]);
  });
});

describe('engine isulad, a real daemon', () => {
  it('runs every arm and leaves nothing behind', (context) => {
    needs(context, 'isula');
    needsRoot(context);
    const { status, stderr } = sandbox.bench([
      'sequential',
      '--engine',
      'isulad',
      '--count',
      '3',
      '--warmup',
      '0',
      '--no-report',
    ]);
    if (stderr.includes('could not connect to isulad at')) context.skip('isula is installed, but no isulad answers');
    expect(status).toBe(0);
    expect(ledger().after).toEqual({ state: 'listed', ids: [] });
  });
});
