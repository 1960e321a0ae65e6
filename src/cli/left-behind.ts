import { ownWorkspaces } from '../experiment/session/workspace.js';

/** What a command that is cut short may leave, one line; `null`: nothing that bench knows of. */
export function leftBehind(cwd: string): string | null {
  const runs = ownWorkspaces(cwd).map(
    ({ owner: { runId, daemon, service, runtime }, workspace }) =>
      `run ${runId} (${daemon?.host ?? service?.address ?? runtime ?? 'this machine'}, ${workspace})`,
  );
  return runs.length === 0 ? null : `containers, processes and files may be left of ${runs.join(', ')}`;
}
