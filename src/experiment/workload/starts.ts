import { setTimeout as sleep } from 'node:timers/promises';
import type { Io } from '../../model/io.js';
import type { OkSample, Sample } from '../../model/results/sample.js';
import { payloadIn } from '../../model/container/program.js';
import type { StartTimes } from '../../model/results/workload-findings.js';
import { runBlocks } from '../../results/index.js';
import { planBlocks } from '../../scenario/index.js';
import { say } from '../../cli/output/announce.js';
import type { Found, ProgramRun } from './explain.js';

/** Blocks of one start per arm; each takes as long as a start. */
const BLOCKS = 30;

/**
 * Times the payload in the program's place, interleaved as the program was: of the difference between two arms, this
 * much is not the program's.
 */
export async function takeStarts(
  { scenario, session, settled, settings }: ProgramRun,
  io: Io,
): Promise<Found<StartTimes>> {
  const names = scenario.arms.map(({ name }) => name);
  say(io, '', `taking what a start alone costs: ${BLOCKS} blocks of the payload in the program's place`);
  const stream = runBlocks({
    engine: session.engine,
    scenario: { ...scenario, kind: 'sequential', count: BLOCKS },
    runId: `${session.runId}-start`,
    timeoutMs: settings.timeoutMs,
    signal: io.signal,
    originNs: session.clock(),
    program: payloadIn(settled.program),
    warmup: planBlocks(names, 1, settings.seed, 'warmup'),
    measured: planBlocks(names, BLOCKS, settings.seed),
    sleep: async (ms) => {
      await sleep(ms);
    },
  });
  const samples: Sample[] = [];
  for await (const block of stream) if (!block.warmup) samples.push(...block.samples);
  return {
    items: names.map((arm) => timesOf(arm, samples)),
    notTaken: samples.length === 0 ? [{ what: 'starts', reason: 'the run was stopped before' }] : [],
  };
}

function timesOf(arm: string, samples: readonly Sample[]): StartTimes {
  const byBlock = Array.from({ length: BLOCKS }, (_, block) =>
    samples.find(
      (sample): sample is OkSample =>
        sample.kind === 'container' && sample.state === 'ok' && sample.arm === arm && sample.block === block,
    ),
  );
  return {
    arm,
    wallNs: byBlock.map((sample) => sample?.wallNs ?? null),
    cpuNs: byBlock.map((sample) => (sample === undefined ? null : sample.userNs + sample.systemNs)),
  };
}
