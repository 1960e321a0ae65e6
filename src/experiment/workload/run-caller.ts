import { BenchError } from '../../errors.js';
import type { Io } from '../../model/io.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import type { PricedCall } from '../../model/results/percall.js';
import { callerProgram, readCaller } from '../../payload/index.js';
import { planBlocks } from '../../scenario/index.js';
import type { ProgramRun } from './explain.js';

/** What the caller is to do in every container. */
export interface CallerWork {
  readonly calls: readonly PricedCall[];
  readonly loops: number;
  readonly rounds: number;
  /** Containers per arm. */
  readonly blocks: number;
  /** Memory to be read before each call: the words the caller takes for it. */
  readonly touch?: readonly string[];
  /** Part of the containers' ids. */
  readonly name: string;
}

/**
 * Nanoseconds a call, the loop around it taken off: by arm, then by call, then by block; `null` where a container
 * failed.
 */
export type CallerTimes = ReadonlyMap<string, readonly (readonly (number | null)[])[]>;

/**
 * Runs the program that times calls in a container of each arm, interleaved; containers of their own, whatever the
 * user's program runs in. Throws `runFailed` where it never came to its end.
 */
export async function runCaller(
  { scenario, session, settings }: ProgramRun,
  work: CallerWork,
  io: Io,
): Promise<CallerTimes> {
  const names = scenario.arms.map(({ name }) => name);
  const times = new Map(names.map((arm) => [arm, work.calls.map((): (number | null)[] => [])]));
  const program = callerProgram(work);
  const mode =
    work.touch === undefined
      ? program
      : { ...program, args: [...program.args.slice(0, 3), ...work.touch, ...program.args.slice(3)] };
  let fault = 'the run was stopped';
  let block = 0;
  for (const order of planBlocks(names, work.blocks, settings.seed)) {
    for (const arm of order) {
      if (io.signal.aborted) throw new BenchError('interrupted', 'stopped by the user');
      const {
        containers: [run],
      } = await session.engine.run({
        arm,
        mode,
        ids: [`${session.runId}-${work.name}${block}-${arm}`],
        concurrency: 1,
        timeoutMs: settings.timeoutMs,
        signal: io.signal,
      });
      const outcome = run === undefined ? undefined : judge(run, mode);
      const report =
        run !== undefined && outcome?.state === 'ok'
          ? readCaller(run.stdout, work)
          : {
              fault:
                outcome === undefined || outcome.state === 'ok'
                  ? 'it was not started'
                  : [outcome.cause, lastWords(run?.stderr ?? '')].filter(Boolean).join(': '),
            };
      if ('fault' in report) fault = `${arm}: ${report.fault}`;
      work.calls.forEach((_, index) =>
        times
          .get(arm)
          ?.[index]?.push(
            'fault' in report ? null : perCall(report.calls[index]?.ns ?? [], report.emptyNs, work.loops),
          ),
      );
    }
    await session.engine.betweenBlocks();
    block += 1;
  }
  if ([...times.values()].every((calls) => calls.flat().every((ns) => ns === null)))
    throw new BenchError('runFailed', `Expected the program that times system calls to come to its end, got ${fault}`);
  return times;
}

/** The fastest round of each: whatever else ran on the machine only adds to a loop. */
const perCall = (ns: readonly number[], emptyNs: readonly number[], loops: number): number =>
  (Math.min(...ns) - Math.min(...emptyNs)) / loops;
