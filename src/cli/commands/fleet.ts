import type { Command } from 'commander';
import { conflict } from '../../errors.js';
import type { Io } from '../../model/io.js';
import type { Act } from '../act.js';
import { announcing } from '../context.js';
import { printData } from '../output/json.js';
import { declareFleetTarget, parseFleetTarget } from '../options/fleet.js';
import type { RawFleetTarget } from '../options/fleet.js';
import { declareMargin, parseMargin } from '../options/gate.js';
import type { RawMargin } from '../options/gate.js';
import { finish } from '../options/option.js';
import { declareOutput, parseOutput } from '../options/output.js';
import type { RawOutput } from '../options/output.js';
import { durationMs, wholeNumber } from '../options/values.js';

type RawFleet = RawMargin & RawOutput & RawFleetTarget;

interface RawNode {
  readonly limit: string;
  readonly largest?: string;
  readonly engine: string;
  readonly host?: string;
}

/** Declares `fleet`, and `fleet-node`, which it runs on each node. */
export function declareFleet(cli: Command, act: Act): void {
  const fleet = cli
    .command('fleet')
    .summary('run a scenario on every node of a cluster')
    .description(
      'run a scenario once on every node of a Docker Swarm or Kubernetes cluster, or report results from nodes',
    )
    .argument('[command...]', 'command for each node, after --: sequential, parallel or run SCENARIO, with options');
  finish(declareOutput(declareMargin(declareFleetTarget(fleet))), [
    'bench fleet --swarm -- sequential --count 100',
    'bench fleet --kubernetes --image bench:1 -- run quick',
  ]).action((words: readonly string[], raw: RawFleet) => act((io) => run(words, raw, io)));

  cli
    .command('fleet-node', { hidden: true })
    .description('what bench fleet runs on each node: measure, then write the packed results to standard output')
    .argument('<command...>', 'sequential, parallel or run SCENARIO, with options')
    .requiredOption('--limit <time>', 'stop after this time, in seconds without a unit, and send what there is')
    .option('--largest <bytes>', 'send no results that take more than this as lines of a log')
    .option('--engine <engine>', 'what creates the containers', 'docker')
    .option('--host <address>', "the engine's socket")
    .action((words: readonly string[], raw: RawNode) => act((io) => runNode(words, raw, io)));
}

async function run(words: readonly string[], raw: RawFleet, io: Io): Promise<number> {
  // Checked first: no node works for an hour before a typing error shows.
  const output = { margin: parseMargin(raw), ...parseOutput(raw) };
  const request = await parseFleetTarget(words, raw, async (job) => {
    const { readNodeJob } = await import('./fleet-job.js');
    return readNodeJob(job, io);
  });
  const { checkFolders } = await import('../output/places.js');
  checkFolders({ ...output, ...(request.kind === 'gather' ? { resultsFolder: null } : {}) }, io);
  const [{ kubernetesManifest, runFleet }, { concludeFleet, fleetAnnouncer }] = await Promise.all([
    import('../../fleet/index.js'),
    import('../output/fleet.js'),
  ]);
  if (raw.dryRun === true && request.kind === 'kubernetes') {
    if (output.json) throw conflict('--dry-run', '--json', { hint: 'The manifest is YAML.' });
    printData(io, await kubernetesManifest(request, io));
    return 0;
  }
  const { env, cwd, signal, stdin } = io;
  const result = await runFleet(request, { env, cwd, signal, stdin, notify: fleetAnnouncer(announcing(io, output)) });
  return concludeFleet(result, output, io);
}

/**
 * Measures on this node's own engine and sends the results. Always gives 0: Swarm 20.10 restarts a global job that
 * failed, regardless of its restart policy.
 */
async function runNode(words: readonly string[], { limit, largest, engine, host }: RawNode, io: Io): Promise<number> {
  const limitMs = durationMs('--limit', limit, { bare: 's', example: '1h' });
  const largestBytes = largest === undefined ? null : wholeNumber('--largest', largest, [1, 1e9]);
  const [{ runOnNode }, { measureNodeJob }] = await Promise.all([
    import('../../fleet/index.js'),
    import('./fleet-job.js'),
  ]);
  const { out, err, signal } = io;
  await runOnNode({
    limitMs,
    largestBytes,
    out,
    err,
    signal,
    // Standard output is for the results.
    measure: (resultsFolder, ending) =>
      measureNodeJob(
        words,
        { engine, host: host ?? null, resultsFolder },
        {
          ...io,
          out: err,
          columns: null,
          outColumns: null,
          colour: false,
          commandLine: words,
          signal: ending,
        },
      ),
  });
  return 0;
}
