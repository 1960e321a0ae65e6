import type { Io } from '../model/io.js';
import { loadScenario } from '../scenario/index.js';
import { measure, measureSweep } from './measure.js';
import type { MeasureOptions } from './settings.js';
import { packageRoot } from './package-root.js';

export interface RunOptions extends MeasureOptions {
  /** Name or path of the scenario. */
  readonly scenario: string;
}

/** `bench run`: a scenario from a file. */
export function run(options: RunOptions, io: Io): Promise<number> {
  const scenario = loadScenario(options.scenario, { cwd: io.cwd, packageRoot: packageRoot() });
  return scenario.kind === 'parallel' && scenario.levels !== undefined ? measureSweep(scenario, scenario.levels, options, io) : measure(scenario, options, io);
}
