import { assertProgram } from '../../engine/programs.js';
import { BenchError } from '../../errors.js';
import { libseccompVersion } from '../../filter/index.js';
import { takeFingerprint } from '../../host/index.js';
import type { ContainerRun } from '../../model/container/container.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import type { Io } from '../../model/io.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import { UNKNOWN_CALL } from '../../model/results/percall.js';
import type { PercallPlan, PercallSample, PricedCall, SimulatedCall } from '../../model/results/percall.js';
import type { ContainerProgram } from '../../model/container/program.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import { readCaller } from '../../payload/index.js';
import { createPercallFolder } from '../../results/index.js';
import { planBlocks } from '../../scenario/index.js';
import { announcePlan } from '../../cli/output/announce.js';
import { packageVersion } from '../../package.js';
import type { PercallOptions, PercallRequest } from '../../cli/options/settings.js';
import { progressOf } from '../../cli/output/progress.js';
import { makeResultsParent } from '../record/record.js';
import type { Session } from '../session/session.js';
import type { SettledArm } from '../arms/fit.js';

/** Everything known before the first timed container. */
export interface ReadyCalls {
  readonly request: PercallRequest;
  readonly session: Session;
  readonly arms: readonly SettledArm[];
  readonly calls: readonly PricedCall[];
  readonly evidence: readonly ArmEvidence[];
  readonly simulated: readonly SimulatedCall[];
  readonly program: ContainerProgram;
}

/**
 * Runs every block and keeps what every container said; gives the results folder. Throws `runFailed` where no container
 * did what it should.
 */
export async function recordCalls(ready: ReadyCalls, options: PercallOptions, io: Io): Promise<string> {
  assertProgram(ready.session.engine, ready.program);
  const plan = planOf(ready, options, io);
  await tryOnce(ready, plan, io);
  makeResultsParent(options.results);
  const host = takeFingerprint({ bench: packageVersion(), libseccomp: libseccompVersion() });
  using writer = createPercallFolder(options.results, {
    plan,
    host,
    evidence: ready.evidence,
    simulated: ready.simulated,
    specs: ready.arms.map(({ name, arm }) => ({ arm: name, text: arm.text })),
  });
  announcePlan(
    `${plan.calls.length} calls x ${plan.loops} x ${plan.rounds} rounds in each of ${plan.blocks} containers of ${plan.arms.length} arms`,
    plan.seed,
    writer.path,
    io,
  );
  await runAll(ready, plan, writer.append, io);
  return writer.path;
}

function planOf({ request, session, calls }: ReadyCalls, options: PercallOptions, io: Io): PercallPlan {
  const { arms, scenario, rounds, loops, seed, pinnedCpu, kernel } = request;
  return {
    formatVersion: FORMAT_VERSION,
    kind: 'percall',
    id: session.runId.replace(/^sb-/, ''),
    startedAt: new Date().toISOString(),
    command: io.commandLine,
    seed,
    engine: session.engine.facts,
    pinnedCpu,
    capabilities: options.caps,
    kernelForProfile: kernel,
    profile: options.profile ?? null,
    dialect: options.dialect,
    arms,
    calls,
    blocks: scenario.count,
    warmup: scenario.warmup,
    rounds,
    loops,
  };
}

/** One container of every arm with a few calls: what cannot work shall not be found out block by block. */
async function tryOnce({ request, session, program }: ReadyCalls, plan: PercallPlan, io: Io): Promise<void> {
  const small = { ...program, args: [program.args[0] ?? '', '10', String(plan.rounds), ...program.args.slice(3)] };
  for (const { name, policy } of plan.arms) {
    const run = await runOne(
      session,
      { arm: name, program: small, id: `${session.runId}-try-${name}`, timeoutMs: request.timeoutMs },
      io.signal,
    );
    const said = outcomeOf(run, plan);
    if (said.state === 'interrupted')
      throw new BenchError('interrupted', 'stopped by the user before the first measured container');
    if (said.state === 'ok') continue;
    throw new BenchError(
      'runFailed',
      `Expected the caller to time calls under arm ${name}, got ${[said.cause, said.stderr].filter((text) => text !== '').join(': ')}`,
      {
        hint:
          policy === 'unconfined'
            ? withoutFilter(plan)
            : 'The filter must allow what it needs: write, exit_group, mmap and clock_gettime.',
      },
    );
  }
}

/** No filter is to blame: what is left is what the calls themselves do. */
function withoutFilter({ calls }: PercallPlan): string {
  const names = calls.map(({ name }) => name).filter((name) => name !== UNKNOWN_CALL.name);
  return `No filter is loaded there: the call ends or stops the program that times it (${names.length > 1 ? 'one of ' : ''}${names.join(', ')}). Leave it out of --calls.`;
}

async function runAll(
  { request, session, program }: ReadyCalls,
  plan: PercallPlan,
  append: (samples: readonly PercallSample[]) => void,
  io: Io,
): Promise<void> {
  const names = plan.arms.map(({ name }) => name);
  const progress = progressOf(plan.blocks + plan.warmup, 'block', io, () => performance.now());
  const originNs = session.clock();
  let [done, failed] = [0, 0];
  try {
    for (const [warmup, blocks, stream] of [
      [true, plan.warmup, 'warmup'],
      [false, plan.blocks, 'measured'],
    ] as const) {
      let block = 0;
      for (const order of planBlocks(names, blocks, plan.seed, stream)) {
        // Signals are only seen when the event loop turns.
        await new Promise(setImmediate);
        if (io.signal.aborted) return;
        const samples: PercallSample[] = [];
        for (const [position, arm] of order.entries()) {
          const id = `${session.runId}-${warmup ? 'w' : 'b'}${block}-${position}`;
          const run = await runOne(session, { arm, program, id, timeoutMs: request.timeoutMs }, io.signal);
          samples.push({ block, warmup, position, arm, startNs: run.startedAt - originNs, ...outcomeOf(run, plan) });
        }
        append(samples);
        await session.engine.betweenBlocks();
        [done, block, failed] = [done + 1, block + 1, failed + samples.filter(({ state }) => state !== 'ok').length];
        progress.blockDone(done, done * names.length, failed);
      }
    }
  } finally {
    progress.end();
  }
}

interface OneRun {
  readonly arm: string;
  readonly program: ContainerProgram;
  readonly id: string;
  readonly timeoutMs: number;
}

async function runOne(
  { engine }: Session,
  { arm, program, id, timeoutMs }: OneRun,
  signal: AbortSignal,
): Promise<ContainerRun> {
  const {
    containers: [run],
  } = await engine.run({ arm, mode: program, ids: [id], concurrency: 1, timeoutMs, signal });
  if (run === undefined) throw new BenchError('runFailed', `Expected one run of arm ${arm}, got none`);
  return run;
}

type Outcome = PercallSample extends infer Sample
  ? Sample extends PercallSample
    ? Omit<Sample, 'block' | 'warmup' | 'position' | 'arm' | 'startNs'>
    : never
  : never;

/** A container is ok where it ended with 0 and said all it was asked for. */
function outcomeOf(run: ContainerRun, plan: PercallPlan): Outcome {
  const outcome = judge(run, 'command');
  const stderr = lastWords(run.stderr);
  if (outcome.state !== 'ok') return { state: outcome.state, cause: outcome.cause, stderr };
  const report = readCaller(run.stdout, plan);
  return 'fault' in report ? { state: 'failed', cause: report.fault, stderr } : { state: 'ok', ...report };
}
