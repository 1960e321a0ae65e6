import type { Io } from '../model/io.js';
import { loadScenario } from '../scenario/index.js';
import { measure } from './measure.js';
import type { MeasureOptions } from './settings.js';
import { packageRoot } from './package-root.js';

export interface RunOptions extends MeasureOptions {
  /** Name or path of the scenario. */
  readonly scenario: string;
}

/** `bench run`: a scenario from a file. */
export function run(options: RunOptions, io: Io): Promise<number> {
  return measure(loadScenario(options.scenario, { cwd: io.cwd, packageRoot: packageRoot() }), options, io);
}
