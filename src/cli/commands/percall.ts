import type { Command } from 'commander';
import { conflict } from '../../errors.js';
import type { EngineChoice } from '../../model/container/container.js';
import type { CallsRequest } from '../../model/experiment/request.js';
import type { Io } from '../../model/io.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import type { Act } from '../act.js';
import { contextOf } from '../context.js';
import { declareCalls, droppableCalls, parseCalls } from '../options/calls.js';
import type { RawCalls } from '../options/calls.js';
import { declareConversion, declareProfile, parseConversion, parseProfile } from '../options/conversion.js';
import type { RawConversion, RawProfile } from '../options/conversion.js';
import { declareEngine, parseEngine } from '../options/engine.js';
import type { RawEngine } from '../options/engine.js';
import { declareExports, parseExports } from '../options/exports.js';
import type { RawExports } from '../options/exports.js';
import { declareGate, declareMargin, parseGate, parseMargin } from '../options/gate.js';
import type { RawGate, RawMargin } from '../options/gate.js';
import { finish, option } from '../options/option.js';
import { declareOutput, parseOutput } from '../options/output.js';
import type { RawOutput } from '../options/output.js';
import { declarePercallRun, parsePercallRun } from '../options/percall.js';
import type { RawPercall } from '../options/percall.js';
import { declareMaxFailures, declarePin, declareSeed, declareTimeout, parseRun } from '../options/run.js';
import type { RawRun } from '../options/run.js';
import type { OutputPlan, OutputRequest } from '../output/plan.js';
import { commonRequest } from '../request.js';

type RawCommand = RawPercall &
  RawCalls &
  RawProfile &
  RawEngine &
  RawConversion &
  Omit<RawRun, 'stages'> &
  RawMargin &
  RawGate &
  RawExports &
  RawOutput & { readonly from?: string };

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
    act((io) => (raw.from === undefined ? percall(raw, io) : again(raw.from, raw, { command, io }))),
  );
}

/** Times calls in new containers. */
async function percall(raw: RawCommand, terminal: Io): Promise<number> {
  const io = readingOnce(terminal);
  const [output, options] = [parseOutput(raw), optionsOf(raw)];
  const { inputsOf } = await import('../output/places.js');
  const inputs = inputsOf({ arms: options.timing.arms, ...options.profile }, options.engine);
  const plan = await outputOf(raw, { ...output, inputs }, io);
  const { runExperiment } = await import('../../experiment/index.js');
  const result = await runExperiment(await requestOf(options, output, io), await contextOf(io, output));
  // Statistics and charts are loaded only now: before, they would be in the way of the measurement.
  const { conclude } = await import('../output/conclude.js');
  return conclude(result, plan, io);
}

/** The report of an earlier run. Throws `usage` for options of a measurement. */
async function again(
  folder: string,
  raw: RawCommand,
  { command, io }: { readonly command: Command; readonly io: Io },
): Promise<number> {
  const [given] = measurementOptions(command);
  if (given !== undefined) throw conflict('--from', given, { hint: 'With --from nothing is measured.' });
  const plan = await outputOf(raw, { ...parseOutput(raw), resultsFolder: null, inputs: [folder] }, io);
  const { concludeFolders } = await import('../output/conclude.js');
  return concludeFolders([folder], plan, io);
}

async function outputOf(
  raw: RawCommand,
  output: Pick<OutputRequest, 'resultsFolder' | 'reportsFolder' | 'json' | 'inputs'>,
  io: Io,
): Promise<OutputPlan> {
  const { planOutput } = await import('../output/plan.js');
  return planOutput(
    {
      kind: 'calls',
      ...output,
      margin: parseMargin(raw),
      gate: parseGate(raw),
      exports: parseExports(raw),
      showCalls: false,
    },
    io,
  );
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

/** All that is measured, checked. Throws `usage` and `environment`. */
function optionsOf(raw: RawCommand) {
  const profile = parseProfile(raw);
  return {
    profile,
    calls: parseCalls(raw),
    droppable: droppableCalls(raw),
    timing: parsePercallRun(raw, profile.profile),
    engine: parseEngine(raw),
    conversion: parseConversion(raw),
    run: parseRun(raw),
  };
}

/** A filter on standard input is looked at before it is measured. */
function readingOnce(io: Io): Io {
  let read: ReturnType<Io['stdin']> | undefined;
  return { ...io, stdin: () => (read ??= io.stdin()) };
}

/** The arms; a filter that is built already is one arm, whatever the architectures. */
async function armsOf(
  { profile: { profile }, timing, conversion }: ReturnType<typeof optionsOf>,
  io: Io,
): Promise<readonly ArmDefinition[]> {
  if (profile === undefined || timing.equalArms === 'refuse') return timing.arms;
  const { readSource, sourceOptions } = await import('../../profile/index.js');
  const { kind } = await readSource(profile, io, sourceOptions(conversion));
  return kind === 'profile' ? timing.arms : [{ name: 'filter', policy: 'host', impliedPolicy: true, profile }];
}

async function requestOf(
  options: ReturnType<typeof optionsOf>,
  output: ReturnType<typeof parseOutput>,
  io: Io,
): Promise<CallsRequest> {
  const { profile, calls, droppable, timing, engine, ...common } = options;
  const { percallArms } = await import('../../scenario/index.js');
  const arms = percallArms(await armsOf(options, io));
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
    droppable,
    rounds: timing.repeats,
    loops: timing.loops,
    ...(timing.actions.length === 0 ? {} : { actions: timing.actions }),
    equalArms: timing.equalArms,
  };
}
