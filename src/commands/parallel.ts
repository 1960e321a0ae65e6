import type { Io } from '../model/io.js';
import { makeScenario } from '../scenario/index.js';
import { measure } from './measure.js';
import { mostBlocks } from './stopping-options.js';
import type { MeasureOptions } from './settings.js';
import type { ScenarioFlags } from './sequential.js';

export type ParallelOptions = MeasureOptions & ScenarioFlags & {
  readonly concurrency?: string;
  readonly rounds?: string;
};

/** `bench parallel`: batches of N containers, C in flight, R batches per arm. */
export function run(options: ParallelOptions, io: Io): Promise<number> {
  return measure(makeScenario({ kind: 'parallel', ...options, rounds: mostBlocks(options.rounds, options) }), options, io);
}
