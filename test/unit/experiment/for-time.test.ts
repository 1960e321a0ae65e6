import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runExperiment } from '../../../src/experiment/index.js';
import type { ExperimentParts } from '../../../src/experiment/index.js';
import type { StartsRequest } from '../../../src/model/experiment/request.js';
import { reserveMs } from '../../../src/model/run/stopping.js';
import type { StoppingRule } from '../../../src/model/run/stopping.js';
import { readResultFolder } from '../../../src/results/index.js';
import { analyse } from '../../../src/statistics/index.js';
import { startsRequest, useBench } from './fake-engine.js';
import type { FakeOptions } from './fake-engine.js';

const bench = useBench();

/** A machine with two cores, whose containers are noisy by so much in each mode. */
interface Machine {
  readonly noise: { readonly solo: number; readonly pinned: number };
  readonly wallMs?: number;
  readonly cores?: 1 | 2;
  readonly daemon?: string;
}

/** Uniform between -1 and 1, the same in every run. */
function draws(): () => number {
  let state = 12345;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 1073741824 - 1;
  };
}

function machine({ noise, wallMs = 100, cores = 2 }: Machine, more: FakeOptions = {}) {
  let pinned = false;
  const draw = draws();
  const { engine, parts } = bench().engine({
    ...more,
    takes: () => {
      const factor = 1 + (pinned ? noise.pinned : noise.solo) * draw();
      return { wallMs: wallMs * factor, cpuMs: (wallMs * factor) / 2 };
    },
  });
  const own: ExperimentParts = {
    ...parts,
    clock: () => engine.now,
    pinning: {
      core: () => (cores === 2 ? 1 : null),
      pin: () => {
        pinned = true;
      },
      unpin: () => {
        pinned = false;
      },
    },
  };
  return { engine, parts: own, isPinned: () => pinned };
}

function within(seconds: number, more: readonly StoppingRule[] = []): StartsRequest {
  const { scenario } = startsRequest();
  return startsRequest({
    scenario: { ...scenario, kind: 'sequential', count: 100_000, warmup: 4 },
    stopping: [{ kind: 'time', milliseconds: seconds * 1000, spentMs: 200 }, ...more],
  });
}

const read = (folders: readonly string[]) => readResultFolder(join(bench().folder, folders[0] ?? ''));

describe('a run that has to fit into a time', () => {
  it('ends within it, with the pilot and what came before, at a whole block', async () => {
    const { context } = bench();
    const { engine, parts } = machine({ noise: { solo: 0.05, pinned: 0.05 } });
    const result = await runExperiment(within(60), context, parts);
    const { samples, plan } = read(result.folders);
    const rule = plan.stopping?.[0];
    if (rule?.kind !== 'time') throw new Error('the rule is recorded');
    const blockMs = 300;
    const end = 200 + engine.now / 1e6;
    expect(result.ended).toBe('rule');
    expect(end).toBeLessThanOrEqual(60_000 - reserveMs(rule) + 1);
    expect(end).toBeGreaterThan(60_000 - reserveMs(rule) - 2 * blockMs);
    expect(samples.length % 3).toBe(0);
  });

  it('goes on in the mode with the narrower interval, and records what both showed', async () => {
    const { context, events } = bench();
    const { parts, isPinned } = machine({ noise: { solo: 0.2, pinned: 0.05 } });
    const { plan } = read((await runExperiment(within(60), context, parts)).folders);
    expect(plan.pinnedCpu).toBe(1);
    expect(plan.timePlan).toMatchObject({ mode: 'pinned', reason: 'narrowest', milliseconds: 60_000 });
    expect(plan.timePlan?.tried.map(({ mode }) => mode)).toEqual(['solo', 'pinned']);
    expect(isPinned()).toBe(true);
    expect(events.find(({ kind }) => kind === 'timePlanned')).toMatchObject({ pinnedCpu: 1 });
  });

  it('stays on all cores where it was told to', async () => {
    const { context } = bench();
    const { parts, isPinned } = machine({ noise: { solo: 0.2, pinned: 0.05 } });
    const { plan } = read((await runExperiment({ ...within(60), mayPin: false }, context, parts)).folders);
    expect([plan.pinnedCpu, plan.timePlan?.mode, isPinned()]).toEqual([null, 'solo', false]);
  });

  it('stays on all cores where that is sharper', async () => {
    const { context } = bench();
    const { parts, isPinned } = machine({ noise: { solo: 0.05, pinned: 0.2 } });
    const { plan } = read((await runExperiment(within(60), context, parts)).folders);
    expect([plan.pinnedCpu, plan.timePlan?.mode, isPinned()]).toEqual([null, 'solo', false]);
  });

  it('tries no other mode on one core', async () => {
    const { context } = bench();
    const { parts } = machine({ noise: { solo: 0.2, pinned: 0 }, cores: 1 });
    const { plan } = read((await runExperiment(within(60), context, parts)).folders);
    expect(plan.timePlan).toMatchObject({ mode: 'solo', reason: 'only', tried: [] });
  });

  it('tries no other mode where the time is short', async () => {
    const { context } = bench();
    const { parts } = machine({ noise: { solo: 0.2, pinned: 0 } });
    const { plan } = read((await runExperiment(within(20), context, parts)).folders);
    expect(plan.timePlan).toMatchObject({ mode: 'solo', reason: 'notTried' });
  });

  it('is refused after four blocks where 20 do not fit, with a time that suffices', async () => {
    const { context } = bench();
    const { engine, parts } = machine({ noise: { solo: 0, pinned: 0 }, wallMs: 1000 });
    await expect(runExperiment(within(30), context, parts)).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringMatching(/^Use --for \d+s or longer: \d+ s pass before/) as string,
    });
    expect(engine.started.filter((id) => /-p\d/.test(id)).length).toBeLessThanOrEqual(12);
    expect(engine.disposals).toBe(1);
  });

  it('fits at least 20 blocks into the time that a refusal named', async () => {
    const { context } = bench();
    const slow = { noise: { solo: 0, pinned: 0 }, wallMs: 1000 } as const;
    const refused: unknown = await runExperiment(within(30), context, machine(slow).parts).catch(
      (error: unknown) => error,
    );
    const seconds = Number(/--for (\d+)s/.exec((refused as { hint: string }).hint)?.[1]);
    const result = await runExperiment(within(seconds + 10), context, machine(slow).parts);
    const { samples } = read(result.folders);
    expect(samples.filter(({ warmup }) => !warmup).length / 3).toBeGreaterThanOrEqual(20);
  });

  it('ends at its interval where that is narrow enough before', async () => {
    const { context } = bench();
    const { parts } = machine({ noise: { solo: 0.01, pinned: 0.01 } });
    const result = await runExperiment(within(120, [{ kind: 'halfWidth', width: 0.01 }]), context, parts);
    const run = read(result.folders);
    const { stopping } = analyse(run, { margin: 0.01 });
    expect(stopping.map(({ state }) => state)).toEqual(['notReached', 'reached']);
  });

  it('plans the looks of a group sequential test within the time', async () => {
    const { context } = bench();
    const { parts } = machine({ noise: { solo: 0.3, pinned: 0.3 } });
    const { plan } = read((await runExperiment(within(60, [{ kind: 'decided' }]), context, parts)).folders);
    expect(plan.scenario).toMatchObject({ count: plan.timePlan?.blocks });
  });
});
