import { Command, CommanderError } from 'commander';
import { BenchError, conflict, missing, unknownName } from '../../errors.js';
import { packageRoot } from '../../host/index.js';
import type { NodeJob } from '../../model/host/fleet-request.js';
import type { Io } from '../../model/io.js';
import type { Scenario } from '../../model/run/scenario.js';
import { findScenario, loadScenario, makeScenario, parseLevels } from '../../scenario/index.js';
import { declareMeasuring } from '../declare/measure.js';
import { readSettings } from '../options/settings.js';
import { mostBlocks } from '../options/stopping.js';
import type { ParallelOptions } from './parallel.js';
import type { RunOptions } from './run.js';
import type { SequentialOptions } from './sequential.js';

/** What a node is told to run, by name, its options read as the node will read them. */
type NodeCommand =
  | { readonly name: 'sequential'; readonly options: SequentialOptions }
  | { readonly name: 'parallel'; readonly options: ParallelOptions }
  | { readonly name: 'run'; readonly options: RunOptions };

const NAMES = ['sequential', 'parallel', 'run'] as const;

/** Options that say where and by what, which is the same for every node. */
const NOT_THE_NODES = [
  'engine',
  'host',
  'image',
  'results',
  'reports',
  'exportHyperfine',
  'exportGobench',
  'exportGithubBenchmark',
  'exportBencher',
  'exportCsv',
];

/** Reads a node's command by the declarations the node has, so that a slip costs no job. Throws `usage` and `input`. */
export function readNodeJob(words: readonly string[], io: Io): NodeJob {
  const { command, own } = parsed(words);
  if (own !== undefined)
    throw conflict(`--${dashed(own)}`, 'the command for the nodes', {
      hint: 'Each node measures on its own Docker engine; options of bench fleet stand before the --.',
    });
  const places = { cwd: io.cwd, packageRoot: packageRoot() };
  const { options } = command;
  // Checks every option; pinning is the node's business.
  readSettings({ ...options, pin: false }, io);
  return {
    scenario: scenarioOf(command, io),
    scenarioFile: command.name === 'run' ? findScenario(command.options.scenario, places) : null,
    conversion: { capabilities: options.caps, kernel: options.kernel ?? null, lenient: options.lenient },
    words,
  };
}

/** Runs a node's command on the node's engine. Gives its exit code. */
export async function measureNodeJob(words: readonly string[], resultsFolder: string, io: Io): Promise<number> {
  const { JOB_SOCKET } = await import('../../engine/index.js');
  const engine = ['--engine', 'docker', '--host', `unix://${JOB_SOCKET}`];
  const { command } = parsed([...words, ...engine, '--no-report', '--results', resultsFolder]);
  switch (command.name) {
    case 'sequential':
      return (await import('./sequential.js')).run(command.options, io);
    case 'parallel':
      return (await import('./parallel.js')).run(command.options, io);
    case 'run':
      return (await import('./run.js')).run(command.options, io);
  }
}

/** `own`: an option that is not the node's, where one was given. */
function parsed(words: readonly string[]): { readonly command: NodeCommand; readonly own: string | undefined } {
  const [given] = words;
  if (given === undefined) throw missing('a command for the nodes', { hint: EXAMPLE });
  const name = NAMES.find((one) => one === given);
  if (name === undefined) throw unknownName(given, 'a command for nodes', NAMES, { hint: EXAMPLE });
  let read: object | undefined;
  const program = new Command('bench')
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  declareMeasuring(program, (_, options) => {
    read = options as object;
    return Promise.resolve();
  });
  for (const command of program.commands) command.exitOverride();
  try {
    program.parse([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new BenchError('usage', `command for the nodes: ${error.message.replace(/^error: /, '')}`, {
      hint: `bench ${name} --help lists its options.`,
    });
  }
  const command = program.commands.find((one) => one.name() === name);
  const own = NOT_THE_NODES.find((option) => command?.getOptionValueSource(option) === 'cli');
  return { command: { name, options: read } as NodeCommand, own };
}

const EXAMPLE = 'For example bench fleet --swarm -- sequential --count 100';

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function scenarioOf(command: NodeCommand, io: Io): Scenario {
  switch (command.name) {
    case 'run':
      return loadScenario(command.options.scenario, { cwd: io.cwd, packageRoot: packageRoot() });
    case 'sequential':
      return makeScenario({
        kind: 'sequential',
        ...command.options,
        count: mostBlocks(command.options.count, command.options),
      });
    case 'parallel': {
      const { concurrency, rounds, ...rest } = command.options;
      const isSweep = parseLevels(concurrency, rest.count) !== null;
      return makeScenario({
        kind: 'parallel',
        ...rest,
        rounds: mostBlocks(rounds, rest),
        ...(isSweep || concurrency === undefined ? {} : { concurrency }),
      });
    }
  }
}
