import { readFileSync } from 'node:fs';
import { BenchError } from '../../errors.js';
import { Daemon } from './daemon.js';
import type { DaemonEndpoint } from './endpoint.js';
import { daemonError } from './failures.js';

/**
 * The pid, on this machine, of a running container's first process. Throws `environment` where the daemon is on
 * another machine or the container does not run.
 */
export async function containerPid(endpoint: DaemonEndpoint, container: string, user?: AbortSignal): Promise<number> {
  if (!endpoint.host.startsWith('unix://')) {
    throw new BenchError(
      'environment',
      `the processes of the engine at ${endpoint.host} cannot be read from this machine`,
      {
        hint: 'A loaded filter can only be read where the container runs. Run bench there.',
      },
    );
  }
  const daemon = await Daemon.at(endpoint, user);
  const { Id, State } = await daemon.inspect(container).catch((error: unknown) => {
    throw daemonError(error, `show the container ${container}`, endpoint);
  });
  if (!State.Running || State.Pid <= 0)
    throw new BenchError('environment', `container ${container} is not running: it is ${State.Status}`);
  if (!belongsTo(State.Pid, Id)) {
    throw new BenchError(
      'environment',
      `process ${State.Pid} does not belong to the container ${container}: the daemon is in another process namespace`,
      { hint: 'Run bench where the daemon runs.' },
    );
  }
  return State.Pid;
}

/** A container's processes carry its id in their cgroups or in their mounts. */
function belongsTo(pid: number, id: string): boolean {
  return ['cgroup', 'mountinfo'].some((name) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'utf8').includes(id);
    } catch {
      return false;
    }
  });
}
