import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunLedger } from '../../src/model/results/ledger.js';
import type { Sample } from '../../src/model/results/sample.js';
import { readResultFolder } from '../../src/results/index.js';
import { FAKE, PrivateSandbox } from './bench.js';
import type { CliResult } from './bench.js';
import { startDocker } from './daemons.js';
import { FakeDaemon } from './fake-daemon.js';

const sandbox = new PrivateSandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const oci = (runtime: string, ...more: readonly string[]): readonly string[] => [
  ...['sequential', '--engine', 'oci', '--runtime', runtime, '--warmup', '0', '--seed', '1'],
  ...more,
];
const folder = (): string | undefined => {
  const results = join(sandbox.folder, 'results');
  return existsSync(results) ? readdirSync(results).map((name) => join(results, name))[0] : undefined;
};
const textIn = (file: string): string => {
  const path = join(folder() ?? '', file);
  return folder() !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : '';
};
const read = () => readResultFolder(folder() ?? '');
const ledger = (): RunLedger => JSON.parse(textIn('ledger.json')) as RunLedger;

/** Resolves once a file of the results matches, or the run has ended. */
async function until(file: string, wanted: RegExp, end: Promise<CliResult>): Promise<void> {
  const ended = end.then(() => true);
  while (!wanted.test(textIn(file))) if (await Promise.race([ended, sleep(10, false)])) return;
}

type OkSample = Extract<Sample, { kind: 'container'; state: 'ok' }>;
/** Below the 400 ms of each stop, above any pause of a run. */
const STOPPED_NS = 300e6;

/** Between two containers of a block. */
const longestPauseNs = (block: readonly OkSample[]): number =>
  Math.max(
    ...block.slice(1).map(({ startNs }, index) => {
      const { startNs: before = 0, wallNs = 0 } = block[index] ?? {};
      return startNs - before - wallNs;
    }),
  );

describe('bench stopped and continued', () => {
  it.each([
    ['one after the other', ['--pause', '1ms']],
    ['whose stages are timed', ['--pause', '1ms', '--stages']],
  ] as const)('runs the block again that it stood still in, and says so: containers %s', async (_, more) => {
    const run = sandbox.start([...oci(FAKE, '--count', '60', ...more)]);
    await until('samples.jsonl', /\n/, run.end);
    // A stop between two blocks is none within one.
    for (let stops = 0; stops < 20 && textIn('breaks.jsonl') === ''; stops += 1) {
      process.kill(run.pid, 'SIGSTOP');
      await sleep(400);
      process.kill(run.pid, 'SIGCONT');
      await sleep(100);
    }
    const { status, stdout, stderr } = await run.end;
    expect(stderr).toMatch(/the machine, bench or a container stood still (once|\d+ times) \(\d+ s at most\): /);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/The machine, bench or a container stood still .* run again\./);
    const { samples, repeated = [], breaks = [] } = read();
    const [pause] = breaks;
    expect(pause).toMatchObject({ kind: 'paused', warmup: false });
    const stopped = repeated.filter(
      (sample): sample is OkSample =>
        sample.block === pause?.block && sample.kind === 'container' && 'wallNs' in sample,
    );
    // The pause between two containers marks neither of them.
    expect(stopped.some(({ gapNs = 0 }) => gapNs > STOPPED_NS) || longestPauseNs(stopped) > STOPPED_NS).toBe(true);
    expect(samples.length).toBe(180);
    expect(samples.filter((sample) => sample.block === pause?.block).every(({ attempt = 0 }) => attempt > 0)).toBe(
      true,
    );
    expect([status, ledger().ended]).toEqual([0, 'complete']);
  });
});

describe('a container that somebody stopped', () => {
  it('is marked, and its block is run again', () => {
    const { status, stderr } = sandbox.bench([...oci(FAKE, '--count', '3', '--no-report')], {
      FAKE_FAIL: '*-b1-2-*',
      FAKE_HOW: 'stop',
    });
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(/stood still once \(\d+ s at most\): the block was run/),
    ]);
    const { repeated = [], breaks } = read();
    expect(breaks).toMatchObject([{ kind: 'paused', block: 1, attempt: 0 }]);
    expect(repeated.map((sample) => [sample.block, sample.position, 'gapNs' in sample])).toEqual([
      [1, 0, false],
      [1, 1, false],
      [1, 2, true],
    ]);
  });
});

describe('a runtime that is replaced while the run goes on', () => {
  it('ends it with exit code 1, and nothing is proved by it', async () => {
    const runtime = join(sandbox.folder, 'runtime');
    copyFileSync(FAKE, runtime);
    const run = sandbox.start([...oci(runtime, '--count', '500', '--pause', '5ms')]);
    await until('samples.jsonl', /"block":2/, run.end);
    writeFileSync(`${runtime}.new`, `${readFileSync(FAKE, 'utf8')}\n# another build\n`, { mode: 0o755 });
    renameSync(`${runtime}.new`, runtime);
    const { status, stdout, stderr } = await run.end;
    expect(status).toBe(1);
    expect(stderr).toContain(`ended early: ${runtime} was replaced (SHA-256 `);
    expect(stdout).toMatch(/invalid/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`${runtime} was replaced while the run went on`);
    const { plan, breaks, samples } = read();
    expect(plan.programs).toMatchObject([{ role: 'runtime', path: runtime }]);
    expect(breaks).toMatchObject([{ kind: 'programChanged', path: runtime, before: plan.programs?.[0]?.sha256 }]);
    expect([ledger().ended, samples.length >= 9]).toEqual(['runtimeChanged', true]);
  });
});

describe('a batch with one container that hangs', () => {
  it('keeps the times of the others: none waits until the hanging one is stopped', () => {
    const { status } = sandbox.bench(
      [
        ...['parallel', '--engine', 'oci', '--runtime', FAKE, '--count', '6', '--concurrency', '6', '--rounds', '2'],
        ...['--warmup', '0', '--timeout', '10', '--no-report'],
      ],
      { FAKE_FAIL: '*-b1-0-3', FAKE_HOW: 'hang' },
    );
    expect(status).toBe(1);
    const hung = sandbox.containers().filter(({ block, position }) => block === 1 && position === 0);
    expect(hung.map(({ index, state }) => [index, state])).toEqual([
      [0, 'ok'],
      [1, 'ok'],
      [2, 'ok'],
      [3, 'timedOut'],
      [4, 'ok'],
      [5, 'ok'],
    ]);
    // Reaped with the hanging one, they would have its 10 s.
    for (const sample of hung) if (sample.state === 'ok') expect(sample.wallNs).toBeLessThan(10e9);
  });

  it('does so with a daemon too', async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.fault = { names: /-b1-0-3/, how: 'hang' };
    await sandbox.start([
      ...['parallel', '--engine', 'docker', '--host', daemon.host, '--count', '6', '--concurrency', '6'],
      ...['--rounds', '2', '--warmup', '0', '--timeout', '10', '--no-report'],
    ]).end;
    const hung = sandbox.containers().filter(({ block, position }) => block === 1 && position === 0);
    expect(hung.filter(({ state }) => state === 'ok').length).toBe(5);
    for (const sample of hung) if (sample.state === 'ok') expect(sample.wallNs).toBeLessThan(10e9);
  });
});

describe('a daemon that goes away', () => {
  const goesAway = async (host: string, away: () => Promise<void> | void, more: readonly string[] = []) => {
    const run = sandbox.start([
      ...['sequential', '--engine', 'docker', '--host', host, '--count', '400', '--warmup', '0', ...more],
    ]);
    await until('samples.jsonl', /"block":1/, run.end);
    await away();
    return await run.end;
  };

  it('ends the run after three blocks in a row that failed, with its answer and exit code 1', async () => {
    const daemon = await new FakeDaemon().listen();
    const { status, stderr } = await goesAway(daemon.host, () => daemon[Symbol.asyncDispose]());
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /ended early: every container of 3 blocks in a row failed with docker: refused: (ENOENT|ECONNREFUSED|ECONNRESET)/,
    );
    expect(ledger().ended).toBe('failedBlocks');
    const failed = sandbox.containers().filter(({ state }) => state === 'failed');
    expect(failed.length).toBeLessThanOrEqual(12);
  });

  it('goes on as long as --max-failures allows', async () => {
    const daemon = await new FakeDaemon().listen();
    const { status, stderr } = await goesAway(daemon.host, () => daemon[Symbol.asyncDispose](), [
      '--max-failures',
      '20',
    ]);
    expect([status, ledger().ended]).toEqual([1, 'maxFailures']);
    expect(stderr).toContain('more than --max-failures 20');
  });

  it('does so where the daemon is a real one that was killed', async (context) => {
    const daemon = await startDocker();
    if ('missing' in daemon) {
      context.skip(daemon.missing);
      return;
    }
    try {
      const pid = Number(readFileSync(join(dirname(daemon.host.replace('unix://', '')), 'pid'), 'utf8'));
      const { status, stderr } = await goesAway(daemon.host, () => {
        process.kill(pid, 'SIGKILL');
      });
      expect([status, ledger().ended]).toEqual([1, 'failedBlocks']);
      expect(stderr).toMatch(/every container of 3 blocks in a row failed with docker: refused: ECONNREFUSED/);
    } finally {
      await daemon.stop();
    }
  });
});
