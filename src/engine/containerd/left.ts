import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { runTool } from '../../process/run-tool.js';
import type { ToolResult } from '../../process/run-tool.js';
import { ASK_AFTER_STOP_MS, CONNECT_MS } from '../waiting/deadlines.js';

/** One run's namespace in a containerd. */
export interface ContainerdPlace {
  readonly ctr: string;
  readonly address: string;
  readonly namespace: string;
}

export interface LeftInContainerd {
  readonly containers: readonly string[];
  readonly snapshots: readonly string[];
}

/** `ctr version`, which asks the daemon too. */
export function askVersion(
  { ctr, address }: Pick<ContainerdPlace, 'ctr' | 'address'>,
  user?: AbortSignal,
): Promise<ToolResult> {
  return runTool(ctr, ['--address', address, '--connect-timeout', `${ASK_AFTER_STOP_MS / 1000}s`, 'version'], {
    timeoutMs: CONNECT_MS,
    ...(user === undefined ? {} : { signal: user }),
  });
}

/**
 * What a namespace holds; empty where the namespace does not exist. Throws `environment` where the daemon does not
 * answer.
 */
export async function containerdLeft(place: ContainerdPlace): Promise<LeftInContainerd> {
  const { exitCode, stderr } = await askVersion(place);
  if (exitCode !== 0)
    throw new BenchError(
      'environment',
      `could not connect to containerd at ${place.address}: ${
        stderr.trim().split('\n').at(-1) ??
        `exit code \
${exitCode}`
      }`,
    );
  const containers = await lines(place, 'containers', 'list', '--quiet');
  // A task may outlive the record of its container.
  const tasks = await lines(place, 'tasks', 'list', '--quiet');
  // A table of key, parent and kind, with a heading.
  const snapshots = (await lines(place, 'snapshots', 'list')).slice(1).map((line) => line.split(/\s+/)[0] ?? '');
  return { containers: [...new Set([...containers, ...tasks])], snapshots };
}

/**
 * Kills and removes tasks, containers, snapshots and the namespace; what is already gone is fine. Throws `runFailed`
 * where a container stays.
 */
export async function removeFromContainerd(
  place: ContainerdPlace,
  { containers, snapshots }: LeftInContainerd,
): Promise<void> {
  for (const id of containers) {
    await call(place, 'tasks', 'delete', '--force', id);
    await call(place, 'containers', 'delete', id);
  }
  for (const key of snapshots) await call(place, 'snapshots', 'remove', key);
  await runTool(place.ctr, ['--address', place.address, 'namespaces', 'remove', place.namespace]);
  const still = await containerdLeft(place);
  if (still.containers.length === 0) {
    removeRuncFolder(place.namespace);
    return;
  }
  throw new BenchError('runFailed', `containerd did not remove ${still.containers.join(', ')}`, {
    hint: `ctr --namespace ${place.namespace} containers list`,
  });
}

/** Where the shim of runc keeps the state of containers, by namespace: RuncRoot in containerd's source. */
const RUNC_ROOT = '/run/containerd/runc';

/** The shim leaves it, empty, when the namespace is gone. */
function removeRuncFolder(namespace: string): void {
  try {
    rmdirSync(join(RUNC_ROOT, namespace));
  } catch {
    // Another runtime's shim made none, or it is on the daemon's side of a mount namespace.
  }
}

async function lines(place: ContainerdPlace, ...args: readonly string[]): Promise<readonly string[]> {
  return (await call(place, ...args))
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

async function call({ ctr, address, namespace }: ContainerdPlace, ...args: readonly string[]): Promise<string> {
  return (await runTool(ctr, ['--address', address, '--namespace', namespace, ...args])).stdout;
}
