import type { Command } from 'commander';
import { conflict, needs } from '../../errors.js';
import type { FleetRequest, FleetResult, NodeJob } from '../../model/host/fleet-request.js';
import type { Io } from '../../model/io.js';
import type { Act } from '../act.js';
import { parseMargin } from '../options/margin.js';
import { durationMs, secondsOption } from '../options/values.js';

export interface RawFleet {
  readonly swarm?: boolean;
  /** A folder of results, one folder per node, in place of a swarm. */
  readonly from?: string;
  readonly host?: string;
  readonly image?: readonly string[];
  readonly constraint?: readonly string[];
  readonly socket: string;
  readonly timeout: string;
  readonly margin: string;
  readonly results: string;
  readonly reports: string;
  readonly report: boolean;
}

/** Declares `fleet`, and `fleet-node`, which it runs on each node. */
export function declareFleet(program: Command, act: Act): void {
  program
    .command('fleet')
    .description('run the same scenario once on every node of a Docker Swarm, or report what jobs left in a folder')
    .argument('[command...]', 'what each node runs, after a --: sequential, parallel or run SCENARIO, with options')
    .option('--swarm', 'run a job on each node of the swarm')
    .option('--from <dir>', 'report DIR/NODE/RESULTS, as the jobs of a Kubernetes cluster leave it')
    .option(
      '--host <address>',
      'a manager: unix:///path, tcp://host:port or ssh://user@host (default: DOCKER_HOST or the Docker context)',
    )
    .option('--image <name>', 'image of bench, once per architecture (default: seccomp-bench:VERSION-MACHINE)', collect)
    .option('--constraint <expression>', 'only nodes with node.labels.NAME==VALUE and so on; may be repeated', collect)
    .option('--socket <path>', "the engine's socket on each node", '/var/run/docker.sock')
    .option('--timeout <time>', 'stop a node after this time and take what it has: 90s, 10m, 2h', '1h')
    .option('--margin <percent>', 'differences below it count as none', '1%')
    .option('--results <dir>', 'folder in which the folder of all nodes is created', 'results')
    .option('--reports <dir>', 'folder in which reports are created', 'reports')
    .option('--no-report', 'measure only')
    .action((words: readonly string[], raw: RawFleet) => act((io) => run(words, raw, io)));

  program
    .command('fleet-node', { hidden: true })
    .description('what bench fleet runs on each node: measure, then write the packed results to standard output')
    .argument('<command...>', 'sequential, parallel or run SCENARIO, with options')
    .requiredOption('--limit <seconds>', 'stop after this time and send what there is')
    .action((words: readonly string[], { limit }: { readonly limit: string }) =>
      act((io) => runNode(words, secondsOption('--limit', limit) * 1000, io)),
    );
}

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

async function run(words: readonly string[], raw: RawFleet, io: Io): Promise<number> {
  // Checked first: no node works for an hour before a typing error shows.
  parseMargin(raw.margin);
  const request = await parse(words, raw, io);
  const [{ runFleet }, { concludeFleet, fleetAnnouncer }] = await Promise.all([
    import('../../fleet/index.js'),
    import('../output/fleet.js'),
  ]);
  const result: FleetResult = await runFleet(request, { ...io, notify: fleetAnnouncer(io) });
  return concludeFleet(result, raw, io);
}

/** Throws `usage` and `input`. */
async function parse(words: readonly string[], raw: RawFleet, io: Io): Promise<FleetRequest> {
  if (raw.from !== undefined) {
    if (raw.swarm === true) throw conflict('--from', '--swarm', { hint: NOTHING_MEASURED });
    if (words.length > 0) throw conflict('--from', `a command (${words.join(' ')})`, { hint: NOTHING_MEASURED });
    return { kind: 'gather', folder: raw.from };
  }
  if (raw.swarm !== true)
    throw needs('fleet', '--swarm or --from DIR', {
      hint: 'bench fleet --swarm -- sequential --count 100 runs on each node of the swarm.',
    });
  return {
    kind: 'swarm',
    host: raw.host ?? null,
    images: raw.image ?? null,
    constraints: raw.constraint ?? [],
    socket: raw.socket,
    limitMs: durationMs('--timeout', raw.timeout),
    resultsFolder: raw.results,
    job: await readJob(words, io),
  };
}

const NOTHING_MEASURED = 'With --from nothing is measured: the results exist.';

async function readJob(words: readonly string[], io: Io): Promise<NodeJob> {
  const { readNodeJob } = await import('./fleet-job.js');
  return readNodeJob(words, io);
}

/**
 * Measures on this node's own engine and sends what came of it. Gives 0 always: Swarm 20.10 starts a global job that
 * failed again, whatever its restart policy says.
 */
async function runNode(words: readonly string[], limitMs: number, io: Io): Promise<number> {
  const [{ runOnNode }, { measureNodeJob }] = await Promise.all([
    import('../../fleet/index.js'),
    import('./fleet-job.js'),
  ]);
  await runOnNode({
    limitMs,
    out: io.out,
    err: io.err,
    signal: io.signal,
    // Standard output is for the results.
    measure: (resultsFolder, signal) =>
      measureNodeJob(words, resultsFolder, {
        ...io,
        out: io.err,
        columns: null,
        colour: false,
        commandLine: words,
        signal,
      }),
  });
  return 0;
}
