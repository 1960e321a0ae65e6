import type { Io } from '../../model/io.js';
import type { Dialect } from '../../model/profile/seccomp.js';
import { makeScenario } from '../../scenario/index.js';
import { measure } from '../old-entry.js';
import { mostBlocks } from '../options/stopping.js';
import type { MeasureOptions } from '../options/settings.js';

/** What makes up a scenario on the command line. */
export interface ScenarioFlags {
  readonly count?: string;
  readonly warmup?: string;
  readonly pause?: string;
  readonly arms?: string;
  readonly arm?: readonly string[];
  readonly profile?: string;
  readonly dialect?: Dialect;
}

export type SequentialOptions = MeasureOptions & ScenarioFlags;

/** `bench sequential`: N blocks of one container per arm, one after the other. */
export function run(options: SequentialOptions, io: Io): Promise<number> {
  return measure(
    makeScenario({ kind: 'sequential', ...options, count: mostBlocks(options.count, options) }),
    options,
    io,
  );
}
