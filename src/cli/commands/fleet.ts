import { resolve } from 'node:path';
import { findEndpoint } from '../../engine/docker/endpoint.js';
import { Swarm } from '../../engine/docker/swarm.js';
import { BenchError } from '../../errors.js';
import type { Io } from '../../model/io.js';
import { concludeFleet } from '../output/fleet.js';
import { filesOf } from '../../fleet/files.js';
import { makeFleetFolder } from '../../fleet/folder.js';
import { gatherFrom } from '../../fleet/gather.js';
import { announceFleet, planFleet } from '../../fleet/plan.js';
import { runOnSwarm } from '../../fleet/swarm.js';
import { parseMargin } from '../options/gate.js';
import { durationMs } from '../options/values.js';
import { readNodeCommand } from '../declare/fleet.js';

export interface FleetOptions {
  readonly command: readonly string[];
  readonly swarm: boolean;
  /** A folder of results, one folder per node, in place of a swarm. */
  readonly from?: string;
  readonly host?: string;
  readonly image?: readonly string[];
  readonly constraint?: readonly string[];
  /** The engine's socket on each node. */
  readonly socket: string;
  /** `90s`, `10m`, `2h`. */
  readonly timeout: string;
  readonly margin: string;
  readonly results: string;
  readonly reports: string;
  readonly report: boolean;
}

/**
 * `bench fleet`: the same scenario once on every node, its results gathered and verified, one report per architecture
 * and one over all.
 */
export async function run(options: FleetOptions, io: Io): Promise<number> {
  // Checked first: no node shall work for an hour before a typing error shows.
  const output = { margin: parseMargin(options), reportsFolder: options.report ? options.reports : null };
  if (options.from !== undefined) {
    refuseBoth(options);
    return concludeFleet(gatherFrom(options.from, io), output, io);
  }
  if (!options.swarm)
    throw new BenchError('usage', 'Expected --swarm or --from DIR, got neither', {
      hint: 'bench fleet --swarm -- sequential --count 100 runs on each node of the swarm.',
    });
  const limitMs = durationMs('--timeout', options.timeout, { example: '10m' });
  const files = await filesOf(await readNodeCommand(options.command, io), io);
  const swarm = await Swarm.at(
    findEndpoint({ engine: 'docker', env: io.env, ...(options.host === undefined ? {} : { host: options.host }) }),
  );
  const plan = await planFleet(swarm, options);
  const folder = makeFleetFolder(resolve(io.cwd, options.results));
  announceFleet(plan, folder, options.command, io);
  const nodes = await runOnSwarm({ swarm, plan, folder, files, limitMs, options }, io);
  return concludeFleet({ folder, source: swarm.endpoint.host, command: options.command, nodes }, output, io);
}

function refuseBoth({ swarm, command }: FleetOptions): void {
  const extra = swarm ? '--swarm' : command.length > 0 ? `a command (${command.join(' ')})` : undefined;
  if (extra !== undefined)
    throw new BenchError('usage', `Expected --from alone, got ${extra} as well`, {
      hint: 'With --from nothing is measured: the results are there.',
    });
}
