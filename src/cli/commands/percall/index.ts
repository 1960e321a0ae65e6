import type { Command } from 'commander';
import { conflict } from '../../../errors.js';
import type { Io } from '../../../model/io.js';
import { PERCALL_DEFAULTS } from '../../../model/run/kinds/percall.js';
import type { Act } from '../../act.js';
import type { PercallRun } from './percall.js';
import { declareCalls, droppableCalls, parseCalls } from '../../options/calls.js';
import type { RawCalls } from '../../options/calls.js';
import { declareConversion, declareProfile, parseConversion, parseProfile } from '../../options/conversion.js';
import type { RawConversion, RawProfile } from '../../options/conversion.js';
import { declareEngine, parseEngine } from '../../options/engine.js';
import type { RawEngine } from '../../options/engine.js';
import { declareExports, parseExports } from '../../options/exports.js';
import type { RawExports } from '../../options/exports.js';
import { declareGate, declareMargin, parseGate, parseMargin } from '../../options/gate.js';
import type { RawGate, RawMargin } from '../../options/gate.js';
import { finish, option } from '../../options/option.js';
import { declareOutput, parseOutput } from '../../options/output.js';
import type { RawOutput } from '../../options/output.js';
import { declarePercallRun, parsePercallRun } from '../../options/percall.js';
import type { RawPercall } from '../../options/percall.js';
import { declareMaxFailures, declarePin, declareSeed, declareTimeout, parseRun } from '../../options/run.js';
import type { RawRun } from '../../options/run.js';

/** Options besides those of the scenario. */
type RawPercallSettings = RawEngine &
  RawConversion &
  Omit<RawRun, 'stages'> &
  RawMargin &
  RawGate &
  RawExports &
  RawOutput;

type RawCommand = RawPercall & RawCalls & RawProfile & RawPercallSettings & { readonly from?: string };

/** `bench percall`: what a system call costs under each arm's filter, timed inside containers. */
export function declarePercall(cli: Command, act: Act): void {
  const command = cli
    .command('percall')
    .summary('time system calls under each filter')
    .description("time system calls inside containers under each arm's filter");
  declareCalls(command);
  declarePercallRun(command);
  declareProfile(command);
  declareEngine(command, { about: 'what creates the containers; auto is the built-in one where an arm needs it' });
  declareOutput(command);
  declareConversion(command);
  declareMaxFailures(declareTimeout(declarePin(declareSeed(command))));
  command.addOption(option('--from <folder>', 'write a new report of an earlier run, without measuring', 'output'));
  declareGate(declareMargin(command));
  declareExports(command);
  finish(command, [
    'bench percall --arms unconfined,after,tree --profile my-profile.json',
    'bench percall --arms after --actions notify,log,trace',
  ]).action((raw: RawCommand) =>
    act(async (io) => {
      if (raw.from !== undefined) return again(raw.from, raw, { command, io });
      const { percall } = await import('./percall.js');
      return percall(optionsOf(raw), io);
    }),
  );
}

/** All that is measured, checked. Throws `usage` and `environment`. */
function optionsOf(raw: RawCommand): PercallRun {
  const profile = parseProfile(raw);
  return {
    scenario: {
      kind: 'percall',
      name: PERCALL_DEFAULTS.name,
      ...profile,
      ...parsePercallRun(raw, profile.profile),
      calls: parseCalls(raw),
      droppable: droppableCalls(raw),
    },
    ...parsePercallSettings(raw),
  };
}

/** What a run of calls has besides its scenario. Throws `usage` and `environment`. */
export const parsePercallSettings = (raw: RawPercallSettings): Omit<PercallRun, 'scenario'> => ({
  engine: parseEngine(raw),
  conversion: parseConversion(raw),
  run: parseRun(raw),
  margin: parseMargin(raw),
  gate: parseGate(raw),
  exports: parseExports(raw),
  output: parseOutput(raw),
});

/** The report of an earlier run. Throws `usage` for options of a measurement. */
async function again(
  folder: string,
  raw: RawCommand,
  { command, io }: { readonly command: Command; readonly io: Io },
): Promise<number> {
  const [given] = measurementOptions(command);
  if (given !== undefined) throw conflict('--from', given, { hint: 'With --from nothing is measured.' });
  const { planOutput } = await import('../../output/plan.js');
  const plan = planOutput(
    {
      kind: 'calls',
      ...parseOutput(raw),
      resultsFolder: null,
      margin: parseMargin(raw),
      gate: parseGate(raw),
      exports: parseExports(raw),
      inputs: [folder],
      showCalls: false,
    },
    io,
  );
  const { concludeFolders } = await import('../../output/conclude.js');
  return concludeFolders([folder], plan, io);
}

/** Options of a measurement that were typed. */
const measurementOptions = (command: Command): readonly string[] =>
  [
    'calls',
    'arms',
    'arm',
    'blocks',
    'repeats',
    'loops',
    'actions',
    'warmup',
    'profile',
    'engine',
    'runtime',
    'host',
    'image',
    'seed',
    'pin',
  ]
    .filter((name) => command.getOptionValueSource(name) === 'cli')
    .map((name) => `--${name}`);
