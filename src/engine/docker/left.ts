import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import { notRemoved } from '../failures.js';
import { END_MS } from '../waiting/deadlines.js';
import { Daemon } from './daemon.js';
import type { DaemonEndpoint } from './endpoint.js';
import { removeRun } from './engine.js';
import { apiFailure } from './failures.js';
import { Swarm } from './swarm/swarm.js';

const POLL_MS = 200;

/** What a killed run left on its daemon. */
export type LeftOnDaemon =
  | { readonly state: 'asked'; readonly names: readonly string[]; readonly remove: () => Promise<void> }
  | { readonly state: 'silent'; readonly host: string; readonly reason: string };

/** Asks the daemon for a run's containers; its image goes with them. A daemon that does not answer is `silent`. */
export async function leftOnDaemon(endpoint: DaemonEndpoint, runId: string, user?: AbortSignal): Promise<LeftOnDaemon> {
  try {
    const daemon = await Daemon.at(endpoint, user);
    const { services, files } = await daemon.inSwarm(runId);
    const names = [...services, ...(await daemon.containersOf(runId))];
    const remove = async (): Promise<void> => {
      // First: a swarm would make a service's containers again.
      if (services.length > 0 || files.length > 0) await leaveSwarm(endpoint, services, files);
      await removeRun(daemon, runId);
      const still = await stillThere(daemon, runId);
      if (still.length > 0) throw notRemoved(`the engine at ${endpoint.host}`, still);
    };
    return { state: 'asked', names, remove };
  } catch (error) {
    return {
      state: 'silent',
      host: endpoint.host,
      reason: apiFailure(error instanceof BenchError ? (error.cause ?? error) : error).answer,
    };
  }
}

/** What the engine has after a while: it may still be removing some by itself. */
async function stillThere(daemon: Daemon, runId: string): Promise<readonly string[]> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const still = await daemon.containersOf(runId);
    if (still.length === 0 || waitedMs >= END_MS) return still;
    await sleep(POLL_MS);
  }
}

async function leaveSwarm(
  endpoint: DaemonEndpoint,
  services: readonly string[],
  files: readonly string[],
): Promise<void> {
  const swarm = await Swarm.at(endpoint);
  for (const id of services) await swarm.end(id);
  for (const id of files) await swarm.dropFile(id);
}
