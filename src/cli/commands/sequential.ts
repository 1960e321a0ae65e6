import type { Command } from 'commander';
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
import { declareDuet, parseDuet } from '../options/run.js';
import type { RawDuet } from '../options/run.js';
import { declareBlocks, declareRhythm, parseBlocks, parseRhythm } from '../options/scenario.js';
import type { RawBlocks, RawRhythm } from '../options/scenario.js';

export type RawSequential = RawMeasuring & RawBlocks & RawRhythm & RawDuet & RawArms & RawProfile;

/** `bench sequential`: blocks of one container per arm, one after the other. */
export function declareSequential(cli: Command, act: Act): void {
  sequentialOptions(
    cli
      .command('sequential')
      .summary('start containers one after another')
      .description('start containers one after another; each block runs every arm once, in random order'),
  ).action((raw: RawSequential) =>
    act(async (io) => {
      const plan = await sequentialPlan(raw);
      const { measure } = await import('../measure.js');
      return measure(plan, io);
    }),
  );
}

export function sequentialOptions(command: Command): Command {
  declareBlocks(command, { preset: '500', showCount: true });
  declareProfile(declareArms(command));
  declareMeasuring(command);
  declareDuet(declareRhythm(command));
  return finish(command, [
    'bench sequential --for 60s',
    'bench sequential --arms unconfined,after --profile mine.json --until ±0.5%',
  ]);
}

/** Throws `usage` and `environment`. */
export async function sequentialPlan(raw: RawSequential): Promise<MeasuringPlan> {
  const options = parseMeasuring(raw);
  const shape = {
    count: parseBlocks(raw, options.stopping),
    arms: parseArms(raw),
    ...parseProfile(raw),
    ...parseRhythm(raw),
    ...parseDuet(raw),
  };
  const { makeScenario } = await import('../../scenario/index.js');
  return { kind: 'run', options, scenario: makeScenario({ kind: 'sequential', ...shape }), findings: NO_FINDINGS };
}
