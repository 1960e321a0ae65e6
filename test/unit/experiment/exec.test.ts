import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runExperiment } from '../../../src/experiment/index.js';
import type { BatchRequest, Exit } from '../../../src/model/container/container.js';
import { isExec } from '../../../src/model/container/program.js';
import type { StartsRequest } from '../../../src/model/experiment/request.js';
import { readResultFolder } from '../../../src/results/index.js';
import { startsRequest, useBench } from './fake-engine.js';
import type { FakeOptions } from './fake-engine.js';

const bench = useBench();

/** Arms of execs in place of starts. */
const execRequest = (more: Partial<StartsRequest> = {}): StartsRequest => {
  const { scenario } = startsRequest();
  return startsRequest({ scenario: { ...scenario, kind: 'sequential', unit: 'exec', count: 4 }, ...more });
};

const failing = (exit: Exit, when: (request: BatchRequest, id: string) => boolean): FakeOptions => ({
  execs: true,
  script: (request, id) => (isExec(request.mode) && when(request, id) ? exit : undefined),
});

describe('an experiment of execs', () => {
  it('starts the payload in waiting containers, proves what an exec gets, and records blocks of it', async () => {
    const { context, folder, engine } = bench();
    const modes: string[] = [];
    const fake = engine({
      execs: true,
      onRun: ({ mode, ids }) => {
        if (isExec(mode)) modes.push(`${ids[0]?.split('-')[2] ?? ''} ${mode.args.join(' ')}`);
      },
    });
    const { folders, ended } = await runExperiment(execRequest(), context, fake.parts);
    expect(ended).toBe('complete');
    expect(modes.slice(0, 2)).toEqual(['first /payload seccomp', 'first /payload']);
    expect(modes.slice(6)).toEqual(
      ['w0', 'b0', 'b1', 'b2', 'b3'].flatMap((block) => Array.from({ length: 3 }, () => `${block} /payload`)),
    );
    const read = readResultFolder(join(folder, folders[0] ?? ''));
    expect(read.plan.scenario).toMatchObject({ kind: 'sequential', unit: 'exec' });
    // The fake engine's containers cannot be inspected, and its command cannot be traced.
    expect(read.evidence.map(({ loaded, exec }) => [loaded.state, exec?.seccompMode, exec?.origin.kind])).toEqual(
      Array.from({ length: 3 }, () => ['notSeen', 2, 'notSeen']),
    );
  });

  it('refuses an engine that cannot start a program in a running container', async () => {
    const { context, engine } = bench();
    await expect(runExperiment(execRequest(), context, engine().parts)).rejects.toMatchObject({
      code: 'usage',
      message: '--engine fake cannot start a program in a running container',
    });
  });

  it.each([
    ['hangs', { kind: 'timedOut', afterMs: 1000 }, 'no end within 1 s'],
    ['is refused', { kind: 'refused', answer: 'HTTP 404' }, 'refused: HTTP 404'],
    ['ends with an error', { kind: 'exited', code: 127 }, 'exit code 127'],
  ] as const)('ends before anything is timed where the first exec %s', async (_, exit, cause) => {
    const { context, engine } = bench();
    const fake = engine(failing(exit, ({ arm }) => arm === 'after'));
    await expect(runExperiment(execRequest(), context, fake.parts)).rejects.toMatchObject({
      code: 'runFailed',
      message: `an exec in a container of arm after failed: ${cause}: fake: no`,
    });
    expect(fake.engine.disposals).toBe(1);
  });

  it('counts an exec that fails later and never times it', async () => {
    const { context, folder, engine } = bench();
    const fake = engine(failing({ kind: 'exited', code: 1 }, ({ arm }, id) => arm === 'after' && id.includes('-b1-')));
    const { folders, failed } = await runExperiment(execRequest(), context, fake.parts);
    const { samples } = readResultFolder(join(folder, folders[0] ?? ''));
    const bad = samples.filter((sample) => 'state' in sample && sample.state !== 'ok');
    expect([failed, bad.length, 'wallNs' in (bad[0] ?? {})]).toEqual([1, 1, false]);
  });

  it('counts an exec without the output of the payload as failed', async () => {
    const { context, engine } = bench();
    const fake = engine({ execs: true, mute: ({ mode }, id) => isExec(mode) && id.includes('-b2-') });
    const { failed } = await runExperiment(execRequest(), context, fake.parts);
    expect(failed).toBe(3);
  });

  it.each([
    [{ engine: { choice: 'lxc' } }, '--engine lxc cannot start a program in a running container'],
    [{ counting: { counter: 'auto', repeats: null } }, 'kind exec cannot be combined with --count-syscalls'],
    [
      {
        scenario: {
          ...execRequest().scenario,
          program: { args: ['/x'], env: [], cwd: '/', bindHost: false, binds: [], via: 'run' },
        },
      },
      'kind exec cannot be combined with a program',
    ],
    [{ scenario: { ...execRequest().scenario, cache: 'warm' } }, '--cache warm cannot be combined with execs'],
  ] as const)('refuses %j before the engine is opened', async (more, message) => {
    const { context, engine } = bench();
    const fake = engine({ execs: true });
    await expect(runExperiment(execRequest(more), context, fake.parts)).rejects.toMatchObject({
      code: 'usage',
      message,
    });
    expect(fake.engine.started).toEqual([]);
  });
});
