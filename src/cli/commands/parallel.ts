import type { Io } from '../../model/io.js';
import { makeScenario, parseLevels } from '../../scenario/index.js';
import { measure, measureSweep } from '../old-entry.js';
import { mostBlocks } from '../options/stopping.js';
import type { MeasureOptions } from '../options/settings.js';
import type { ScenarioFlags } from './sequential.js';

export type ParallelOptions = MeasureOptions &
  ScenarioFlags & {
    /** In flight; a list is a sweep. */
    readonly concurrency?: string;
    readonly rounds?: string;
  };

/** `bench parallel`: batches of N containers, C in flight, R batches per arm; or the same at several C in one run. */
export function run(options: ParallelOptions, io: Io): Promise<number> {
  const { concurrency, ...others } = options;
  const levels = parseLevels(concurrency, options.count);
  if (levels === null)
    return measure(
      makeScenario({ kind: 'parallel', ...options, rounds: mostBlocks(options.rounds, options) }),
      options,
      io,
    );
  const scenario = makeScenario({ kind: 'parallel', ...others });
  if (scenario.kind !== 'parallel') throw new RangeError('a parallel scenario is parallel');
  return measureSweep(scenario, levels, options, io);
}
