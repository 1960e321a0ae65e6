import { Command, CommanderError } from 'commander';
import { BenchError, conflict, missing, unknownName } from '../../errors.js';
import type { NodeJob } from '../../model/host/fleet-request.js';
import type { Io } from '../../model/io.js';
import type { MeasuringPlan } from '../measure.js';
import { parallelOptions, parallelPlan } from './parallel.js';
import type { RawParallel } from './parallel.js';
import { runOptions, runPlan } from './run/index.js';
import type { RawRunScenario } from './run/index.js';
import { sequentialOptions, sequentialPlan } from './sequential.js';
import type { RawSequential } from './sequential.js';

/** A node's command, read as the node reads it. */
interface NodeCommand {
  readonly plan: MeasuringPlan;
  /** Name or path of a scenario file; `undefined`: options alone. */
  readonly scenario?: string;
}

const NAMES = ['sequential', 'parallel', 'run'] as const;
const EXAMPLE = 'For example bench fleet --swarm -- sequential --count 100';

/** Options of where and with what to measure, which are the same for every node. */
const NOT_THE_NODES = [
  'engine',
  'host',
  'image',
  'results',
  'report',
  'reports',
  'exportHyperfine',
  'exportGobench',
  'exportGithubBenchmark',
  'exportBencher',
  'exportCsv',
];

/**
 * Reads the command for the nodes by their own declarations, so that a slip costs no job. Throws `usage` and `input`.
 */
export async function readNodeJob(words: readonly string[], place: Pick<Io, 'cwd'>): Promise<NodeJob> {
  const { plan, scenario } = await read(words, place, NOT_THE_NODES);
  const [{ findScenario }, { packageRoot }] = await Promise.all([
    import('../../scenario/index.js'),
    import('../../host/index.js'),
  ]);
  return {
    scenario: plan.scenario,
    scenarioFile: scenario === undefined ? null : findScenario(scenario, { ...place, packageRoot: packageRoot() }),
    conversion: plan.options.conversion,
    words,
  };
}

/** Where and with what a node measures. */
export interface NodePlace {
  readonly engine: string;
  /** `null`: the engine's own choice; for docker the socket that the job has. */
  readonly host: string | null;
  readonly resultsFolder: string;
}

/** Runs a node's command on the node's engine. Gives its exit code. */
export async function measureNodeJob(
  words: readonly string[],
  { engine, host, resultsFolder }: NodePlace,
  io: Io,
): Promise<number> {
  const [{ JOB_SOCKET }, { measure }] = await Promise.all([import('../../engine/index.js'), import('../measure.js')]);
  const address = host ?? (engine === 'docker' ? `unix://${JOB_SOCKET}` : null);
  const here = ['--engine', engine, '--no-report', '--results', resultsFolder];
  const { plan } = await read([...words, ...here, ...(address === null ? [] : ['--host', address])], io, []);
  return measure(plan, io);
}

/** Throws `usage` for an option in `refused`. */
async function read(
  words: readonly string[],
  place: Pick<Io, 'cwd'>,
  refused: readonly string[],
): Promise<NodeCommand> {
  const [given] = words;
  if (given === undefined) throw missing('a command for the nodes', { hint: EXAMPLE });
  const name = NAMES.find((one) => one === given);
  if (name === undefined) throw unknownName(given, 'a command for nodes', NAMES, { hint: EXAMPLE });
  let command: Promise<NodeCommand> | undefined;
  const cli = new Command('bench')
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  sequentialOptions(cli.command('sequential')).action((raw: RawSequential) => {
    command = sequentialPlan(raw).then((plan) => ({ plan }));
  });
  parallelOptions(cli.command('parallel')).action((raw: RawParallel) => {
    command = parallelPlan(raw).then((plan) => ({ plan }));
  });
  runOptions(cli.command('run')).action((scenario: string, raw: RawRunScenario) => {
    command = runPlan(scenario, raw, place).then((plan) => ({ plan, scenario }));
  });
  for (const one of cli.commands) one.exitOverride();
  try {
    cli.parse([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new BenchError('usage', `command for the nodes: ${error.message.replace(/^error: /, '')}`, {
      hint: `bench ${name} --help lists its options.`,
    });
  }
  const declared = cli.commands.find((one) => one.name() === name);
  // --no-report is fine: a node makes no report in any case.
  const own = refused.find(
    (one) => declared?.getOptionValueSource(one) === 'cli' && declared.getOptionValue(one) !== false,
  );
  if (command === undefined) throw new RangeError('one of the three commands was read');
  const result = await command;
  if (own === undefined) return result;
  throw conflict(`--${dashed(own)}`, 'the command for the nodes', {
    hint: 'Each node measures on its own engine. Put options of bench fleet before --.',
  });
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
