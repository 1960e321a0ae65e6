import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunLedger } from '../../src/model/results/ledger.js';
import type { Summary } from '../../src/report/run/summary.js';
import { CLI, FAKE, needs, needsRoot, PrivateSandbox, type CliResult } from './bench.js';

const sandbox = new PrivateSandbox();
const TMPDIR = sandbox.tmp;
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const RUN = ['sequential', '--count', '4', '--warmup', '0', '--seed', '1', '--engine', 'oci', '--runtime'];
const fake = (args: readonly string[], env: Record<string, string> = {}): CliResult =>
  sandbox.bench([...RUN, FAKE, ...args], env);

const stored = (): RunLedger => JSON.parse(readFileSync(join(sandbox.results(), 'ledger.json'), 'utf8')) as RunLedger;

/** The report of the only results folder, recomputed. */
function summary(): Summary['runs'][number] {
  expect(sandbox.bench(['report', sandbox.results(), '--name', 'again']).status).toBe(0);
  return (JSON.parse(readFileSync(join(sandbox.folder, 'reports/again/summary.json'), 'utf8')) as Summary).runs[0]!;
}

/** How the failures of a report read: stage, errno, cause. */
const failures = ({ failures: all }: Summary['runs'][number]): unknown[] =>
  all.map(({ count, stage, errno, cause }) => [count, stage, errno, cause]);

const sums = ({ ledger }: Summary['runs'][number]): boolean[] =>
  ledger.arms.map(
    ({ planned, ok, failed, timedOut, interrupted, notRun }) =>
      planned === ok + failed + timedOut + interrupted + notRun,
  );

const NOTHING_LEFT = { state: 'known', leaked: [], left: [] };

describe('the failure ledger', () => {
  it('says that nothing failed and nothing leaked where that is so', () => {
    const { status, stdout } = fake(['--no-report']);
    expect([status, stdout.includes('\nFailures: none\n'), stdout.includes('Ledger:')]).toEqual([0, true, false]);
    expect(stored()).toEqual({
      formatVersion: 2,
      ended: 'complete',
      maxFailures: null,
      before: { state: 'listed', ids: [] },
      after: { state: 'listed', ids: [] },
      left: { state: 'listed', ids: [] },
      conditions: {
        processors: cpus().length,
        loadBefore: expect.any(Number) as unknown,
        loadAfter: expect.any(Number) as unknown,
        othersShare: expect.any(Number) as unknown,
        stolenShare: expect.any(Number) as unknown,
        otherRuns: [],
      },
    });
    const run = summary();
    expect([run.ledger.engine, run.ledger.ended, sums(run)]).toEqual([NOTHING_LEFT, 'complete', [true, true, true]]);
    expect(readFileSync(join(sandbox.folder, 'reports/again/index.html'), 'utf8')).toContain(
      'No container leaked: the engine lists no new containers.',
    );
  });

  it('closes for a container that failed and one that hung, in terminal, Markdown and JSON', () => {
    const { status, stdout } = fake(
      [
        '--timeout',
        '1',
        '--runtime',
        sandbox.runtime(`case "$*" in *-b2-1-*) echo "fake: no space left on device" >&2; exit 1 ;; esac`),
      ],
      { FAKE_FAIL: '*-b1-0-*', FAKE_HOW: 'hang' },
    );
    expect([status, stdout]).toEqual([1, expect.stringMatching(/1 x no end within 1 s/)]);
    expect(stdout).toMatch(/\nLedger: \w+: 4 planned = 3 ok \+ 1 timed out\n/);
    expect(stdout).toMatch(/\nLedger: \w+: 4 planned = 3 ok \+ 1 failed\n/);
    const run = summary();
    expect(failures(run)).toEqual([
      [1, 'run', null, 'no end within 1 s'],
      [1, 'run', 'ENOSPC', 'exit code 1'],
    ]);
    expect([sums(run), run.ledger.engine]).toEqual([[true, true, true], NOTHING_LEFT]);
    const markdown = readFileSync(join(sandbox.folder, 'reports/again/summary.md'), 'utf8');
    expect(markdown).toContain('### Ledger\n\n| Arm | Planned | OK | Failed | Timed out | Interrupted | Not run |');
    expect(markdown).toContain('| run | ENOSPC | exit code 1 | fake: no space left on device |');
  });

  it('names the launch and its errno where the runtime vanishes, and does not claim that nothing leaked', () => {
    const { status } = sandbox.bench([...RUN, sandbox.runtime('case "$*" in *-b2-0-*) rm "$0" ;; esac')]);
    const run = summary();
    expect([status, failures(run)]).toEqual([
      1,
      // The two arms that come after it in its block; a runtime that is gone ends the run there.
      [1, 1].map((count) => [count, 'launch', 'ENOENT', 'could not be started: ENOENT']),
    ]);
    expect(run.failures.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    expect(stored().ended).toBe('runtimeChanged');
    expect(run.ledger.engine).toEqual({
      state: 'unknown',
      reason: expect.stringMatching(/the runtime was removed$/) as unknown,
    });
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('names the launch behind the barrier of a batch too', () => {
    const path = sandbox.runtime('case "$*" in *-b1-0-0) rm "$0" ;; esac');
    const { status } = sandbox.bench([
      'parallel',
      '--count',
      '4',
      '--rounds',
      '3',
      '--warmup',
      '0',
      '--engine',
      'oci',
      '--runtime',
      path,
      '--no-report',
    ]);
    const named = summary().failures.filter(({ stage }) => stage === 'launch');
    expect([status, named.length > 0, named.every(({ errno }) => errno === 'ENOENT')]).toEqual([1, true, true]);
  });

  it('tells a runtime that ran nothing from one that failed', () => {
    fake(['--no-report'], { FAKE_FAIL: '*-b1-0-*', FAKE_HOW: 'silent' });
    expect(failures(summary())).toEqual([[1, 'run', null, "exit code 0, but the payload's output is missing"]]);
  });

  it('names what a runtime left behind and says that it was removed', () => {
    expect(fake(['--no-report'], { FAKE_FAIL: '*-b0-1-*', FAKE_HOW: 'leave' }).status).toBe(0);
    const { ledger, warnings } = summary();
    const leaked = [expect.stringMatching(/^sb-[0-9a-f]+-b0-1-0$/) as unknown];
    expect(ledger.engine).toEqual({ state: 'known', leaked, left: [] });
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^The runtime left 1 container behind \(sb-[0-9a-f]+-b0-1-0\), which can slow down later ones\. It was removed afterwards\./,
      ),
    );
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('shows what was measured and names what is still there where a runtime does not delete', () => {
    const { status, stdout, stderr } = fake([], { FAKE_FAIL: '*-b0-1-*', FAKE_HOW: 'leave', FAKE_KEEP: '*-b0-1-*' });
    expect([status, stdout]).toEqual([1, expect.stringContaining('4 of 4 blocks')]);
    expect(stderr).toMatch(/\nbench: oci did not remove sb-[0-9a-f]+-b0-1-0\n {2}bench clean tries again\.\n$/);
    const { ledger } = summary();
    const id = expect.stringMatching(/-b0-1-0$/) as unknown;
    expect(ledger.engine).toEqual({ state: 'known', leaked: [id], left: [id] });
    expect(sandbox.bench(['clean']).status).toBe(0);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('ends a run after the block in which more than --max-failures failed, and keeps what was measured', () => {
    const { status, stdout, stderr } = fake(['--max-failures', '1'], { FAKE_FAIL: '*-b1-[01]-*' });
    expect([status, stdout]).toEqual([1, expect.stringContaining('1 of 4 blocks')]);
    expect(stderr).toContain(
      '\nended early: 2 containers failed, more than --max-failures 1; the results so far are kept\n',
    );
    expect(sandbox.containers()).toHaveLength(6);
    const run = summary();
    expect([stored().ended, stored().maxFailures, run.ledger.arms.map(({ notRun }) => notRun), sums(run)]).toEqual([
      'maxFailures',
      1,
      [2, 2, 2],
      [true, true, true],
    ]);
    expect(run.warnings[0]).toBe(
      'The run ended early: more containers failed than `--max-failures 1` allows. The results so far are kept; `bench resume` continues the run.',
    );
  });

  it('goes on up to --max-failures, and takes none but a whole number', () => {
    fake(['--no-report', '--max-failures', '2'], { FAKE_FAIL: '*-b1-[01]-*' });
    expect([sandbox.containers().length, stored().ended]).toEqual([12, 'complete']);
    for (const typed of ['-1', 'x', '1.5'])
      expect([typed, fake([`--max-failures=${typed}`]).status]).toEqual([typed, 2]);
  });

  it('is unknown for results without it, and refuses one that is damaged', () => {
    fake(['--no-report']);
    const file = join(sandbox.results(), 'ledger.json');
    rmSync(file);
    // As an older version left it.
    rmSync(join(sandbox.results(), 'SHA256SUMS'));
    expect(summary().ledger).toMatchObject({
      ended: null,
      engine: { state: 'unknown', reason: 'the run recorded no list of its engine' },
    });
    writeFileSync(file, '{"formatVersion":1,"ended":"somehow","maxFailures":null}');
    expect(sandbox.bench(['report', sandbox.results()])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'ledger.json: ended: expected one of complete, rule, maxFailures, failedBlocks, runtimeChanged, interrupted, error, got "somehow"',
      ) as unknown,
    });
  });
});

describe('the failure ledger of a real runtime', () => {
  it("sees a payload that is gone from the rootfs, with the errno and the runtime's words", (context) => {
    needs(context, 'runc');
    needsRoot(context);
    const path = sandbox.runtime(
      'bundle=; for word; do case $word in */bundles/*) bundle=$word ;; esac; done\n' +
        'case "$*" in *" run "*-b2-0-*) rm -f "$bundle/../../../rootfs/payload" ;; esac',
      'runc',
    );
    expect(sandbox.bench([...RUN, path, '--no-report']).status).toBe(1);
    const run = summary();
    expect(
      run.failures.map(({ errno, cause, stderr }) => [errno, cause, /payload.*no such file or directory/.test(stderr)]),
    ).toEqual(run.failures.map(() => ['ENOENT', 'exit code 1', true]));
    expect([run.failures.reduce((sum, { count }) => sum + count, 0), run.ledger.engine, sums(run)]).toEqual([
      6,
      NOTHING_LEFT,
      [true, true, true],
    ]);
    expect(sandbox.containers().filter((sample) => sample.state !== 'ok' && 'wallNs' in sample)).toEqual([]);
  });

  /** Runs bench with its workspace on a file system of that size, in its own mount namespace. */
  function benchOnSmallDisk(size: string, args: readonly string[]): CliResult {
    const script = `mount -t tmpfs -o size=${size} tmpfs "${TMPDIR}" && exec "$@"`;
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['-m', 'sh', '-c', script, 'sh', process.execPath, CLI, ...args],
      { cwd: sandbox.folder, encoding: 'utf8', env: { ...process.env, TMPDIR }, timeout: 60_000 },
    );
    return { status, stdout, stderr };
  }

  it('says that the disk is full where the bundle cannot be written at all', (context) => {
    needs(context, 'unshare');
    needsRoot(context);
    const { status, stdout, stderr } = benchOnSmallDisk('28k', [...RUN, FAKE]);
    expect([status, stdout, stderr]).toEqual([
      2,
      '',
      expect.stringMatching(/bench: could not write .*: no space left on device/),
    ]);
    expect(existsSync(join(sandbox.folder, 'results'))).toBe(false);
  });

  it("counts the starts for which the disk was full in the middle of a run, in the runtime's words", (context) => {
    needs(context, 'unshare', 'runc');
    needsRoot(context);
    const path = sandbox.runtime(
      `case "$*" in *" run "*-b2-0-*) cat /dev/zero > "${TMPDIR}/filler" 2>/dev/null ;; ` +
        `*" list "*) rm -f "${TMPDIR}/filler" ;; esac`,
      'runc',
    );
    const { status } = benchOnSmallDisk('8m', [...RUN, path, '--no-report']);
    const run = summary();
    // runc 1.1 loses the errno on the way: "unable to store init state: %!w(<nil>)".
    expect([
      status,
      run.failures.length > 0,
      run.failures.every(({ errno, stderr }) => errno === 'ENOSPC' || stderr.includes('unable to store')),
    ]).toEqual([1, true, true]);
    expect([run.ledger.engine, sums(run)]).toEqual([NOTHING_LEFT, [true, true, true]]);
  });

  it('counts a bundle that a full disk did not take, in its stage, and goes on', (context) => {
    needs(context, 'unshare');
    needsRoot(context);
    const path = sandbox.runtime(`bundle=; for word; do case $word in */bundles/*) bundle=$word ;; esac; done
case "$*" in
  *" create "*-b1-1-*)
    for config in "$bundle"/../../*/stamp/config.json; do rm -f "$config"; done
    cat /dev/zero > "${TMPDIR}/filler" 2>/dev/null ;;
  *" list "*) rm -f "${TMPDIR}/filler" ;;
esac`);
    const { status } = benchOnSmallDisk('4m', [...RUN, path, '--stages', '--no-report']);
    const full = summary().failures.filter(({ stage }) => stage === 'write');
    expect([
      status,
      full.length > 0,
      full.every(({ errno, cause }) => errno === 'ENOSPC' && cause === 'could not be started: ENOSPC'),
    ]).toEqual([1, true, true]);
  });
});
