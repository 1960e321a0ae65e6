import { basename } from 'node:path';
import { thisProcess } from '../../process/identity.js';
import { livenessOfOwner } from '../../process/files/owned-folder.js';
import { allWorkspaces, readOwner } from './workspace.js';

/** Folders of other tools of bench have other names. */
const RUN = 'sb-';

/** Ids of this user's live runs of bench on this machine, without those of this process. */
export function otherRuns(cwd: string): readonly string[] {
  const own = thisProcess();
  const ids = allWorkspaces(cwd).flatMap((workspace) => {
    const owner = basename(workspace).startsWith(RUN) ? readOwner(workspace) : undefined;
    if (owner === undefined || livenessOfOwner(workspace, owner) !== 'alive') return [];
    const isOwn = owner.pid === own.pid && owner.pidNamespace === own.pidNamespace;
    return isOwn ? [] : [owner.runId];
  });
  return [...new Set(ids)];
}
