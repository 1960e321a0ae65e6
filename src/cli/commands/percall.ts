import type { Command } from 'commander';
import { conflict } from '../../errors.js';
import type { EngineChoice } from '../../model/container/container.js';
import type { CallsRequest } from '../../model/experiment/request.js';
import type { Io } from '../../model/io.js';
import type { Act } from '../act.js';
import { contextOf } from '../context.js';
import { declareCalls, parseCalls } from '../options/calls.js';
import type { RawCalls } from '../options/calls.js';
import { declareConversion, declareProfile, parseConversion, parseProfile } from '../options/conversion.js';
import type { RawConversion, RawProfile } from '../options/conversion.js';
import { declareEngine, parseEngine } from '../options/engine.js';
import type { RawEngine } from '../options/engine.js';
import { finish, option } from '../options/option.js';
import { declareOutput, parseOutput } from '../options/output.js';
import type { RawOutput } from '../options/output.js';
import { declarePercallRun, parsePercallRun } from '../options/percall.js';
import type { RawPercall } from '../options/percall.js';
import {
  declareMaxFailures,
  declarePin,
  declareSeed,
  declareTimeout,
  parseMaxFailures,
  parsePin,
  parseSeed,
  parseTimeout,
} from '../options/run.js';
import type { RawRun } from '../options/run.js';
import { commonRequest } from '../request.js';

type RawCommand = RawPercall &
  RawCalls &
  RawProfile &
  RawEngine &
  RawConversion &
  Omit<RawRun, 'stages'> &
  RawOutput & { readonly from?: string };

/** `bench percall`: what a system call costs under each arm's filter, timed inside containers. */
export function declarePercall(cli: Command, act: Act): void {
  const command = cli
    .command('percall')
    .description("time system calls inside containers under each arm's filter");
  declareCalls(command);
  declarePercallRun(command);
  declareProfile(command);
  declareEngine(command, { about: 'what creates the containers; auto is the built-in one where an arm needs it' });
  declareOutput(command);
  declareConversion(command);
  declareMaxFailures(declareTimeout(declarePin(declareSeed(command))));
  command.addOption(option('--from <folder>', 'make the report of an earlier run again; nothing is measured', 'output'));
  finish(command, [
    'bench percall --blocks 30',
    'bench percall --calls getppid,personality --arms unconfined,after,tree --profile my-profile.json',
  ]).action((raw: RawCommand) =>
    act(async (io) => {
      const output = parseOutput(raw);
      if (raw.from !== undefined) {
        const [given] = changed(command);
        if (given !== undefined) throw conflict('--from', given, { hint: 'With --from nothing is measured.' });
        const { concludePercallFolder } = await import('../output/percall.js');
        return concludePercallFolder(raw.from, output, io);
      }
      const { assertFolders } = await import('../output/folders.js');
      const options = optionsOf(raw);
      assertFolders(output, io);
      const { runExperiment } = await import('../../experiment/index.js');
      const result = await runExperiment(await requestOf(options, output, io), await contextOf(io, output));
      // Statistics and charts are loaded only after the experiment: they would be in the way of the measurement.
      const { concludePercall } = await import('../output/percall.js');
      return concludePercall(result, output, io);
    }),
  );
}

/** Options of a measurement that were typed. */
const changed = (command: Command): readonly string[] =>
  ['calls', 'arms', 'blocks', 'repeats', 'loops', 'warmup', 'profile', 'engine', 'runtime', 'host', 'image', 'seed', 'pin']
    .filter((name) => command.getOptionValueSource(name) === 'cli')
    .map((name) => `--${name}`);

/** All that is measured, checked. Throws `usage` and `environment`. */
function optionsOf(raw: RawCommand) {
  const profile = parseProfile(raw);
  return {
    profile,
    calls: parseCalls(raw),
    timing: parsePercallRun(raw, profile.profile),
    engine: parseEngine(raw),
    conversion: parseConversion(raw),
    run: {
      seed: parseSeed(raw),
      pin: parsePin(raw),
      timeoutMs: parseTimeout(raw),
      maxFailures: parseMaxFailures(raw),
    },
  };
}

async function requestOf(
  { profile, calls, timing, engine, ...common }: ReturnType<typeof optionsOf>,
  output: ReturnType<typeof parseOutput>,
  io: Io,
): Promise<CallsRequest> {
  const { percallArms } = await import('../../scenario/index.js');
  const arms = percallArms(timing.arms);
  const isMade = arms.some(({ making }) => making !== undefined);
  const choice: EngineChoice = engine.choice === 'auto' && isMade ? 'namespaces' : engine.choice;
  return {
    kind: 'calls',
    ...(await commonRequest({ ...common, engine: { ...engine, choice }, output }, io)),
    scenario: {
      kind: 'sequential',
      name: 'percall',
      arms,
      ...profile,
      count: timing.blocks,
      warmup: timing.warmup,
      pauseMs: 0,
    },
    calls,
    rounds: timing.repeats,
    loops: timing.loops,
    equalArms: timing.equalArms,
  };
}
