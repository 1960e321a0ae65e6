import { Daemon } from './daemon.js';
import type { DaemonEndpoint } from './endpoint.js';
import { removeRun } from './engine.js';
import { apiFailure } from './failures.js';

/** What a run that ended without cleaning up left on its daemon. */
export type LeftOnDaemon =
  | { readonly state: 'asked'; readonly names: readonly string[]; readonly remove: () => Promise<void> }
  | { readonly state: 'silent'; readonly host: string; readonly reason: string };

/** Asks the daemon for a run's containers; its image goes with them. A daemon that does not answer is `silent`. */
export async function leftOnDaemon(endpoint: DaemonEndpoint, runId: string): Promise<LeftOnDaemon> {
  try {
    const daemon = await Daemon.at(endpoint);
    const names = await daemon.containersOf(runId);
    return { state: 'asked', names, remove: async () => { await removeRun(daemon, runId); } };
  } catch (error) {
    return { state: 'silent', host: endpoint.host, reason: error instanceof Error && 'code' in error ? String(error.code) : apiFailure(error).answer };
  }
}
