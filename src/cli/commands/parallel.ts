import type { Command } from 'commander';
import { conflict } from '../../errors.js';
import type { Act } from '../act.js';
import type { MeasuringPlan } from '../measure.js';
import { declareArms, parseArms } from '../options/arms.js';
import type { RawArms } from '../options/arms.js';
import { declareProfile, parseProfile } from '../options/conversion.js';
import type { RawProfile } from '../options/conversion.js';
import { NO_FINDINGS } from '../options/findings.js';
import { declareMeasuring, parseMeasuring } from '../options/measuring.js';
import type { RawMeasuring } from '../options/measuring.js';
import { finish } from '../options/option.js';
import { declareBatches, declareRhythm, parseBatches, parseRhythm } from '../options/scenario.js';
import type { RawBatches, RawRhythm } from '../options/scenario.js';

export type RawParallel = RawMeasuring & RawBatches & RawRhythm & RawArms & RawProfile;

/** `bench parallel`: batches of containers, or the same batches at several levels of concurrency. */
export function declareParallel(cli: Command, act: Act): void {
  parallelOptions(
    cli
      .command('parallel')
      .summary('start containers in batches, or sweep over concurrency')
      .description('start containers in batches, all at once or --concurrency at a time'),
  ).action((raw: RawParallel) =>
    act(async (io) => {
      const plan = await parallelPlan(raw);
      const { measure } = await import('../measure.js');
      return measure(plan, io);
    }),
  );
}

export function parallelOptions(command: Command): Command {
  declareBatches(command);
  declareProfile(declareArms(command));
  declareMeasuring(command);
  declareRhythm(command);
  return finish(command, [
    'bench parallel --count 200 --blocks 20',
    'bench parallel --count 64 --concurrency 1,2,4,8,16',
  ]);
}

/** Throws `usage` and `environment`. */
export async function parallelPlan(raw: RawParallel): Promise<MeasuringPlan> {
  const options = parseMeasuring(raw);
  if (options.run.counters)
    throw conflict('bench parallel', '--counters', {
      hint: 'Counters tell of one container at a time: bench sequential --counters.',
    });
  const { concurrency, ...batches } = parseBatches(raw, options.stopping);
  const shape = {
    kind: 'parallel',
    ...batches,
    arms: parseArms(raw),
    ...parseProfile(raw),
    ...parseRhythm(raw),
  } as const;
  const { makeScenario, sweepLevels } = await import('../../scenario/index.js');
  if (typeof concurrency === 'object')
    return { kind: 'sweep', options, scenario: makeScenario(shape), levels: sweepLevels(concurrency) };
  return { kind: 'run', options, scenario: makeScenario({ ...shape, concurrency }), findings: NO_FINDINGS };
}
