import { payloadIn } from '../../model/container/program.js';
import type { OkSample, Sample } from '../../model/results/sample.js';
import type { StartTimes } from '../../model/results/workload-findings.js';
import { runBlocks } from '../../results/index.js';
import { planBlocks } from '../../scenario/index.js';
import type { Found, ProgramRun } from './program-run.js';

/** Blocks of one start per arm; each takes as long as a start. */
const BLOCKS = 30;

/**
 * Times the payload in the program's place, interleaved as the program was: of the difference between two arms, this
 * much is not the program's.
 */
export async function takeStarts({ proved, fitted }: ProgramRun): Promise<Found<StartTimes>> {
  const { request, context, parts, scenario, session } = proved;
  const names = scenario.arms.map(({ name }) => name);
  context.notify({ kind: 'stepStarted', step: 'starts', blocks: BLOCKS });
  using pauses = parts.watchPauses(session.clock);
  const stream = runBlocks({
    engine: session.engine,
    scenario: { ...scenario, kind: 'sequential', count: BLOCKS },
    runId: `${session.runId}-start`,
    timeoutMs: request.timeoutMs,
    signal: context.signal,
    originNs: session.clock(),
    pauses,
    program: payloadIn(fitted.program),
    warmup: planBlocks(names, 1, request.seed, 'warmup'),
    measured: planBlocks(names, BLOCKS, request.seed),
    sleep: (ms) => parts.sleep(ms, context.signal),
  });
  const samples: Sample[] = [];
  for await (const block of stream) if (!block.warmup && !block.again) samples.push(...block.samples);
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
