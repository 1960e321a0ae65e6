import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { runTool } from '../../process/run-tool.js';
import { lastWords } from '../../model/container/outcome.js';

/** A runtime's program and how it is called. */
export interface AskedRuntime {
  readonly runtime: string;
  /** Options before every verb. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Ids of the containers that an OCI runtime lists under a state folder; empty where the folder does not exist. Throws
 * `runFailed` with the runtime's words.
 */
export async function listContainers({ runtime, flags, env }: AskedRuntime, root: string): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await runTool(runtime, [...flags, '--root', root, 'list', '--format', 'json'], {
    env,
  });
  if (exitCode !== 0 && existsSync(root))
    throw new BenchError(
      'runFailed',
      `${runtime} could not list its containers: ${lastWords(stderr, 1) || `exit code ${exitCode}`}`,
    );
  if (exitCode !== 0 || stdout.trim() === '') return [];
  return ((JSON.parse(stdout) as { readonly id: string }[] | null) ?? []).map((container) => container.id);
}

/** Paths in a folder; empty where it does not exist yet. */
export function pathsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
