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
import { declareProbes, parseProbes } from '../options/probes.js';
import type { RawProbes } from '../options/probes.js';
import { declareBlocks, declareRhythm, parseBlocks, parseRhythm } from '../options/scenario.js';
import type { RawBlocks, RawRhythm } from '../options/scenario.js';

export type RawExec = RawMeasuring & RawBlocks & RawRhythm & RawArms & RawProfile & RawProbes;

const DEFAULT_ARMS = 'before,after';

/** `bench exec`: blocks of one exec per arm, each in a waiting container. */
export function declareExec(cli: Command, act: Act): void {
  const command = cli
    .command('exec')
    .summary('start programs in running containers, as probes do')
    .description(
      'start a static program in a waiting container of each arm, as health probes and docker exec do; each block ' +
        'runs every arm once, in random order',
    );
  declareBlocks(command, { preset: '500', things: 'execs' });
  declareProbes(command);
  declareProfile(declareArms(command, DEFAULT_ARMS));
  declareMeasuring(command);
  declareRhythm(command);
  finish(command, ['bench exec --engine runc --blocks 200', 'bench exec --probes 100@10s --profile mine.json']).action(
    (raw: RawExec) =>
      act(async (io) => {
        const plan = await execPlan(raw);
        const { measure } = await import('../measure.js');
        return measure(plan, io);
      }),
  );
}

/** Throws `usage` and `environment`. */
async function execPlan(raw: RawExec): Promise<MeasuringPlan> {
  const options = parseMeasuring(raw);
  if (options.counting !== null)
    throw conflict('bench exec', '--count-syscalls', {
      hint: 'System calls are counted of container starts: bench syscalls count.',
    });
  const probes = parseProbes(raw);
  const shape = {
    count: parseBlocks(raw, options.stopping),
    arms: parseArms(probes === undefined ? raw : withUnconfined(raw)),
    ...parseProfile(raw),
    ...parseRhythm(raw),
    probes,
  };
  const { makeScenario } = await import('../../scenario/index.js');
  return { kind: 'run', options, scenario: makeScenario({ kind: 'exec', ...shape }), findings: NO_FINDINGS };
}

/** The filter's share of a probe is the rest of one without a filter, measured in the same blocks. */
const withUnconfined = (raw: RawExec): RawExec =>
  raw.arms === DEFAULT_ARMS ? { ...raw, arms: `${DEFAULT_ARMS},unconfined` } : raw;
