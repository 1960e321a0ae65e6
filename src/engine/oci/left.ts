import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BenchError } from '../../errors.js';
import { hasHybridCgroups, withoutUnifiedCgroup } from '../../process/mount-namespace.js';
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

/** A runtime lists even thousands of containers in a moment. */
const ASK_LIMIT_MS = 10_000;

/**
 * Asks a runtime for the containers under a run's state folder. A runtime that is gone, or that made no such folder,
 * has none. Throws `environment` or `runFailed` where it cannot be asked: then it is not known what is left.
 */
export async function leftOfRuntime(runtime: string, state: string): Promise<LeftOfRuntime> {
  if (!existsSync(runtime) || !existsSync(state)) return { names: [], remove: () => Promise.resolve() };
  const { stdout } = await runTool(runtime, ['--version'], { timeoutMs: ASK_LIMIT_MS });
  const call: readonly [string, ...string[]] =
    stdout.startsWith('crun') && hasHybridCgroups() ? withoutUnifiedCgroup(runtime) : [runtime];
  const found = await containersUnder(call, state);
  return {
    names: found.map(({ id }) => id),
    remove: async () => {
      const [file, ...before] = call;
      for (const { root, id } of found) await runTool(file, [...before, '--root', root, 'delete', '--force', id]);
      const still = found.length === 0 ? [] : await containersUnder(call, state);
      if (still.length > 0)
        throw notRemoved(
          runtime,
          still.map(({ id }) => id),
        );
    },
  };
}

/** Either all containers share the state folder, or each has a folder in it. */
async function containersUnder(
  [runtime, ...flags]: readonly [string, ...string[]],
  state: string,
): Promise<readonly Found[]> {
  const asked = { runtime, flags, env: process.env, timeoutMs: ASK_LIMIT_MS };
  const inState = await listContainers(asked, state);
  const found: Found[] = inState.map((id) => ({ root: state, id }));
  for (const root of foldersUnder(state).filter((folder) => !inState.includes(basename(folder)))) {
    const ids = await listContainers(asked, root).catch((error: unknown) => {
      // A container's own folder, which some runtimes do not list.
      if (error instanceof BenchError && error.code === 'runFailed') return [];
      throw error;
    });
    found.push(...ids.map((id) => ({ root, id })));
  }
  return found;
}

function foldersUnder(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}
