import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { hasHybridCgroups, hideUnifiedCgroup } from '../../process/mount-namespace.js';
import { runTool } from '../../process/run-tool.js';
import { notRemoved } from '../failures.js';
import { listContainers } from './list.js';

/** Containers of an OCI runtime that a run left behind. */
export interface LeftOfRuntime {
  readonly names: readonly string[];
  /** Throws `runFailed` where the runtime still lists one of them. */
  readonly remove: () => Promise<void>;
}

interface Found {
  readonly root: string;
  readonly id: string;
}

/** Asks a runtime for the containers under a run's state folder. A runtime that is gone has none. */
export async function leftOfRuntime(runtime: string, state: string): Promise<LeftOfRuntime> {
  if (!existsSync(runtime)) return { names: [], remove: () => Promise.resolve() };
  if ((await runTool(runtime, ['--version'])).stdout.startsWith('crun') && hasHybridCgroups()) hideUnifiedCgroup();
  const found = await containersUnder(runtime, state);
  return {
    names: found.map(({ id }) => id),
    remove: async () => {
      for (const { root, id } of found) await runTool(runtime, ['--root', root, 'delete', '--force', id]);
      const still = found.length === 0 ? [] : await containersUnder(runtime, state);
      if (still.length > 0)
        throw notRemoved(
          runtime,
          still.map(({ id }) => id),
        );
    },
  };
}

/** Either all containers share the state folder, or each has a folder in it. */
async function containersUnder(runtime: string, state: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const root of [state, ...foldersUnder(state)]) {
    const ids = await listContainers({ runtime, flags: [], env: process.env }, root).catch((error: unknown) => {
      // Other folders cannot be listed.
      if (error instanceof BenchError || error instanceof SyntaxError) return [];
      throw error;
    });
    found.push(...ids.map((id) => ({ root, id })));
  }
  return found;
}

function foldersUnder(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}
