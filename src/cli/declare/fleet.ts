import { Command, CommanderError } from 'commander';
import { BenchError } from '../../errors.js';
import type { Act } from '../act.js';
import { parallelOptions, parallelPlan } from '../commands/parallel.js';
import type { RawParallel } from '../commands/parallel.js';
import { runOptions, runPlan } from '../commands/run.js';
import type { RawRunScenario } from '../commands/run.js';
import { sequentialOptions, sequentialPlan } from '../commands/sequential.js';
import type { RawSequential } from '../commands/sequential.js';
import type { MeasuringPlan } from '../measure.js';

/** Declares `fleet` and what it runs on each node. */
export function declareFleet(program: Command, act: Act): void {
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
      act(async (io) => (await import('../commands/fleet.js')).run({ ...options, command }, io)),
    );

  program
    .command('fleet-node', { hidden: true })
    .description(
      'what bench fleet runs on each node: measures, then writes the results folders to standard output, packed',
    )
    .argument('<command...>', 'sequential, parallel or run SCENARIO, with options')
    .requiredOption('--limit <seconds>', 'after which it ends, with what it has')
    .action((command: readonly string[], options: { readonly limit: string }) =>
      act(async (io) => (await import('../../fleet/node.js')).run({ ...options, command }, io)),
    );
}

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

/** What a node is told to run, its options read as the node will read them. */
export interface NodeCommand {
  readonly plan: MeasuringPlan;
  /** Name or path of the scenario, where it is one from a file. */
  readonly scenario?: string;
}

/** Options that say where and by what, which is the same for every node. */
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

/** Reads a node's command by the very declarations the node has, so that a slip costs no job. Throws `usage`. */
export async function readNodeCommand(argv: readonly string[], io: { readonly cwd: string }): Promise<NodeCommand> {
  const [name] = argv;
  if (name !== 'sequential' && name !== 'parallel' && name !== 'run') {
    throw new BenchError(
      'usage',
      `Expected what each node runs, sequential, parallel or run SCENARIO, got ${name ?? 'nothing'}`,
      { hint: 'For example bench fleet --swarm -- sequential --count 100' },
    );
  }
  let read: Promise<NodeCommand> | undefined;
  const program = new Command('bench')
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  sequentialOptions(program.command('sequential')).action((raw: RawSequential) => {
    read = sequentialPlan(raw).then((plan) => ({ plan }));
  });
  parallelOptions(program.command('parallel')).action((raw: RawParallel) => {
    read = parallelPlan(raw).then((plan) => ({ plan }));
  });
  runOptions(program.command('run')).action((scenario: string, raw: RawRunScenario) => {
    read = runPlan(scenario, raw, io).then((plan) => ({ plan, scenario }));
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
  if (read === undefined) throw new RangeError('one of the three commands was read');
  return read;
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
