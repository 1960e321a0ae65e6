import { Command, CommanderError } from 'commander';
import { BenchError } from '../../errors.js';
import type { ParallelOptions } from '../commands/parallel.js';
import { declareMeasuring } from './measure.js';
import type { Call } from '../program.js';
import type { RunOptions } from '../commands/run.js';
import type { SequentialOptions } from '../commands/sequential.js';

/** Declares `fleet` and what it runs on each node. */
export function declareFleet(program: Command, call: Call): void {
  program
    .command('fleet')
    .description(
      "the same scenario once on every node of a Docker Swarm; or the reports of results that a cluster's jobs left in a folder",
    )
    .argument('[command...]', 'what each node runs, after a --: sequential, parallel or run SCENARIO, with options')
    .option('--swarm', 'a job on each node of the swarm', false)
    .option('--from <dir>', 'DIR/NODE/RESULTS: as a Kubernetes job leaves them')
    .option(
      '--host <address>',
      'a manager: unix:///path, tcp://host:port or ssh://user@host (default: DOCKER_HOST or the Docker context)',
    )
    .option(
      '--image <name>',
      'the image of bench, once per architecture (default: seccomp-bench:VERSION-MACHINE)',
      collect,
    )
    .option(
      '--constraint <expression>',
      'only nodes like that: node.labels.NAME==VALUE and so on; may be repeated',
      collect,
    )
    .option('--socket <path>', "the engine's socket on each node", '/var/run/docker.sock')
    .option('--timeout <time>', 'after which a node is told to end, with what it has: 90s, 10m, 2h', '1h')
    .option('--margin <percent>', 'differences below it count as none', '1%')
    .option('--results <dir>', 'where the folder of all nodes is made', 'results')
    .option('--reports <dir>', 'where reports are made', 'reports')
    .option('--no-report', 'measure only')
    .action((command: readonly string[], options: Omit<import('../commands/fleet.js').FleetOptions, 'command'>) =>
      call(() => import('../commands/fleet.js'), { ...options, command }),
    );

  program
    .command('fleet-node', { hidden: true })
    .description(
      'what bench fleet runs on each node: measures, then writes the results folders to standard output, packed',
    )
    .argument('<command...>', 'sequential, parallel or run SCENARIO, with options')
    .requiredOption('--limit <seconds>', 'after which it ends, with what it has')
    .action((command: readonly string[], options: { readonly limit: string }) =>
      call(() => import('../../fleet/node.js'), { ...options, command }),
    );
}

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

/** What a node is told to run, by name, its options read as the node will read them. */
export type NodeCommand =
  | { readonly name: 'sequential'; readonly options: SequentialOptions }
  | { readonly name: 'parallel'; readonly options: ParallelOptions }
  | { readonly name: 'run'; readonly options: RunOptions };

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

/** Reads a node's command by the very declarations the node has, so that a slip costs no job. Throws `usage`. */
export function readNodeCommand(argv: readonly string[]): NodeCommand {
  const [name] = argv;
  if (name !== 'sequential' && name !== 'parallel' && name !== 'run') {
    throw new BenchError(
      'usage',
      `Expected what each node runs, sequential, parallel or run SCENARIO, got ${name ?? 'nothing'}`,
      { hint: 'For example bench fleet --swarm -- sequential --count 100' },
    );
  }
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
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new BenchError('usage', `What each node runs: ${error.message.replace(/^error: /, '')}`, {
      hint: `bench ${name} --help lists its options.`,
    });
  }
  const command = program.commands.find((one) => one.name() === name);
  const own = NOT_THE_NODES.find((option) => command?.getOptionValueSource(option) === 'cli');
  if (own !== undefined)
    throw new BenchError('usage', `Expected no --${dashed(own)} among what each node runs, got one`, {
      hint: 'Each node measures on its own Docker engine, and bench fleet takes its results; its own options stand before the --.',
    });
  return { name, options: read } as NodeCommand;
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
