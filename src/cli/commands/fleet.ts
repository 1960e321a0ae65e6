import type { Command } from 'commander';
import { BenchError, conflict } from '../../errors.js';
import type { FleetRequest, NodeJob } from '../../model/host/fleet-request.js';
import type { Io } from '../../model/io.js';
import type { Act } from '../act.js';
import { announcing } from '../context.js';
import { declareMargin, parseMargin } from '../options/gate.js';
import type { RawMargin } from '../options/gate.js';
import { collect, finish, option } from '../options/option.js';
import { declareOutput, parseOutput } from '../options/output.js';
import type { RawOutput } from '../options/output.js';
import { durationMs } from '../options/values.js';

interface RawFleet extends RawMargin, RawOutput {
  readonly swarm?: boolean;
  /** A folder of results, one folder per node, in place of a swarm. */
  readonly from?: string;
  readonly host?: string;
  readonly image?: readonly string[];
  readonly constraint?: readonly string[];
  readonly socket: string;
  readonly timeout: string;
}

/** Declares `fleet`, and `fleet-node`, which it runs on each node. */
export function declareFleet(cli: Command, act: Act): void {
  const fleet = cli
    .command('fleet')
    .summary('run a scenario on every node of a cluster')
    .description('run a scenario once on every node of a Docker Swarm, or report results collected from nodes')
    .argument('[command...]', 'command for each node, after --: sequential, parallel or run SCENARIO, with options')
    .addOption(option('--swarm', 'run a job on each node of the swarm', 'common'))
    .addOption(
      option('--from <dir>', 'report on DIR/NODE/RESULTS, as the jobs of a Kubernetes cluster write it', 'common'),
    )
    .addOption(
      option(
        '--host <address>',
        'a manager: unix:///path, tcp://host:port or ssh://user@host (default: DOCKER_HOST or the Docker context)',
        'engine',
      ),
    )
    .addOption(
      option(
        '--image <name>',
        'image of bench, one per architecture (default: seccomp-bench:VERSION-MACHINE)',
        'engine',
      ).argParser(collect),
    )
    .addOption(
      option(
        '--constraint <expression>',
        'only nodes that match, such as node.labels.NAME==VALUE; may be repeated',
        'engine',
      ).argParser(collect),
    )
    .addOption(option('--socket <path>', "the engine's socket on each node", 'engine').default('/var/run/docker.sock'))
    .addOption(
      option(
        '--timeout <time>',
        'stop a node after this time and keep its results so far: 90s, 10m, 2h',
        'run',
      ).default('1h'),
    );
  finish(declareOutput(declareMargin(fleet)), [
    'bench fleet --swarm -- sequential --count 100',
    'bench fleet --from /mnt/results',
  ]).action((words: readonly string[], raw: RawFleet) => act((io) => run(words, raw, io)));

  cli
    .command('fleet-node', { hidden: true })
    .description('what bench fleet runs on each node: measure, then write the packed results to standard output')
    .argument('<command...>', 'sequential, parallel or run SCENARIO, with options')
    .requiredOption('--limit <time>', 'stop after this time, in seconds without a unit, and send what there is')
    .action((words: readonly string[], { limit }: { readonly limit: string }) =>
      act((io) => runNode(words, durationMs('--limit', limit, { bare: 's', example: '1h' }), io)),
    );
}

async function run(words: readonly string[], raw: RawFleet, io: Io): Promise<number> {
  // Checked first: no node works for an hour before a typing error shows.
  const output = { margin: parseMargin(raw), ...parseOutput(raw) };
  const request = await parse(words, raw, io);
  const [{ runFleet }, { concludeFleet, fleetAnnouncer }] = await Promise.all([
    import('../../fleet/index.js'),
    import('../output/fleet.js'),
  ]);
  const { env, cwd, signal, stdin } = io;
  const result = await runFleet(request, { env, cwd, signal, stdin, notify: fleetAnnouncer(announcing(io, output)) });
  return concludeFleet(result, output, io);
}

/** Throws `usage` and `input`. */
async function parse(words: readonly string[], raw: RawFleet, io: Io): Promise<FleetRequest> {
  if (raw.from !== undefined) {
    if (raw.swarm === true) throw conflict('--from', '--swarm', { hint: NOTHING_MEASURED });
    if (words.length > 0) throw conflict('--from', `a command (${words.join(' ')})`, { hint: NOTHING_MEASURED });
    return { kind: 'gather', folder: raw.from };
  }
  if (raw.swarm !== true)
    throw new BenchError('usage', 'fleet requires --swarm or --from DIR', {
      hint: 'bench fleet --swarm -- sequential --count 100 runs on each node of the swarm.',
    });
  return {
    kind: 'swarm',
    host: raw.host ?? null,
    images: raw.image ?? null,
    constraints: raw.constraint ?? [],
    socket: raw.socket,
    limitMs: durationMs('--timeout', raw.timeout, { example: '10m' }),
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
 * Measures on this node's own engine and sends the results. Always gives 0: Swarm 20.10 restarts a global job that
 * failed, regardless of its restart policy.
 */
async function runNode(words: readonly string[], limitMs: number, io: Io): Promise<number> {
  const [{ runOnNode }, { measureNodeJob }] = await Promise.all([
    import('../../fleet/index.js'),
    import('./fleet-job.js'),
  ]);
  const { out, err, signal } = io;
  await runOnNode({
    limitMs,
    out,
    err,
    signal,
    // Standard output is for the results.
    measure: (resultsFolder, ending) =>
      measureNodeJob(words, resultsFolder, {
        ...io,
        out: err,
        columns: null,
        outColumns: null,
        colour: false,
        commandLine: words,
        signal: ending,
      }),
  });
  return 0;
}
