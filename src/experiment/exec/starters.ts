import { argvOf, parentOf, processesOfRun } from '../../process/processes.js';
import { daemonBehind } from '../../tracing/index.js';

/** The processes that start the runtime for an exec, or why they are unknown. */
export type Starters =
  { readonly state: 'found'; readonly pids: readonly number[] } | { readonly state: 'hidden'; readonly reason: string };

/**
 * Who starts the runtime for execs in the run's waiting containers: with containerd, as beneath Docker, the shim of
 * each container; with podman the service that listens at the socket.
 */
export function startersOf(runId: string, socket: string | null): Starters {
  const waiting = sleepersOf(runId);
  if (waiting.length === 0) return { state: 'hidden', reason: 'its containers are not seen here' };
  const parents = new Set(waiting.flatMap((pid) => parentOf(pid) ?? []));
  const shims = [...parents].filter((pid) => SHIM.test(argvOf(pid)[0] ?? ''));
  if (shims.length > 0) return { state: 'found', pids: shims };
  if (socket === null) return { state: 'hidden', reason: 'it listens at no socket of this machine' };
  const behind = daemonBehind(socket);
  return behind.state === 'hidden' ? behind : { state: 'found', pids: [...behind.processes.keys()] };
}

const SHIM = /(?:^|\/)containerd-shim[^/]*$/;

/** Sleeping payloads of the run; a process is another program until its filter is loaded. */
export const sleepersOf = (runId: string): readonly number[] =>
  processesOfRun(runId).filter((pid) => argvOf(pid).join(' ') === '/payload sleep');
