import { BenchError } from '../../errors.js';
import type { Io } from '../../model/io.js';
import type { Scenario } from '../../model/run/scenario.js';
import { loadScenario } from '../../scenario/index.js';
import { measure, measureSweep } from '../old-entry.js';
import type { MeasureOptions } from '../options/settings.js';
import { packageRoot } from '../../host/package-root.js';

export interface RunOptions extends MeasureOptions {
  /** Name or path of the scenario. */
  readonly scenario: string;
  /** NAME=VALUE, for a scenario with a program. */
  readonly env?: readonly string[];
}

/** `bench run`: a scenario from a file. */
export function run(options: RunOptions, io: Io): Promise<number> {
  const scenario = loadScenario(options.scenario, { cwd: io.cwd, packageRoot: packageRoot() });
  const chosen = options.env === undefined ? scenario : withVariables(scenario, options.env);
  return chosen.kind === 'parallel' && chosen.levels !== undefined
    ? measureSweep(chosen, chosen.levels, options, io)
    : measure(chosen, options, io);
}

/**
 * The scenario with some variables of its program set anew: another one, as its hash says, which stands beside no
 * published case any more.
 */
function withVariables(scenario: Scenario, env: readonly string[]): Scenario {
  const { program } = scenario;
  if (program === undefined)
    throw new BenchError('usage', `Expected a scenario with a program for --env, got ${scenario.name}`, {
      hint: 'The payload has no variables.',
    });
  const nameOf = (entry: string): string => entry.split('=')[0] ?? '';
  const wrong = env.find((entry) => !/^[^=]+=/.test(entry));
  if (wrong !== undefined)
    throw new BenchError('usage', `--env: expected NAME=VALUE, got "${wrong}"`, {
      hint: 'For example --env ROUNDS=1000000.',
    });
  const own = Object.fromEntries(
    Object.entries(scenario).filter(([key]) => key !== 'published'),
  ) as unknown as Scenario;
  return {
    ...own,
    program: {
      ...program,
      env: [...program.env.filter((entry) => !env.some((own) => nameOf(own) === nameOf(entry))), ...env],
    },
  };
}
