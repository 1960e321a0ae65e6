import { argvOf, descendantsOf, listenersOf } from '../../process/processes.js';
import type { CallPart } from '../../model/results/syscalls.js';
import { partUnderDaemon } from './counter.js';

/** A daemon's processes, by the part each plays, or why they cannot be known. */
export type DaemonProcesses =
  | { readonly state: 'found'; readonly processes: ReadonlyMap<number, CallPart>; readonly words: string }
  | { readonly state: 'hidden'; readonly reason: string };

/** Where containerd listens unless it is a daemon's own. */
const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/**
 * Who listens at a daemon's socket on this machine, with all it has started (Docker's own containerd); a dockerd
 * without one works through the machine's containerd, which is then watched too.
 */
export function daemonBehind(socket: string): DaemonProcesses {
  const holders = holdersOf(socket);
  if (holders.length === 0)
    return {
      state: 'hidden',
      reason: `nobody is seen to listen at ${socket}; finding out who does needs root, and a daemon on this machine`,
    };
  const own = holders.flatMap((pid) => [pid, ...descendantsOf(pid)]);
  const names = own.map(nameOf);
  const others = names.includes('dockerd') && !names.includes('containerd') ? holdersOf(CONTAINERD_SOCKET) : [];
  // Shims of containers that run already, and what is in these, have nothing to do with those that are counted.
  const watched = [...own, ...others].filter((pid) => partUnderDaemon(nameOf(pid), '') === 'daemon');
  if (watched.length === 0)
    return {
      state: 'hidden',
      reason: `${nameOf(holders[0] ?? 0)} (process ${holders[0] ?? 0}), which listens at ${socket}, is no daemon that is known here`,
    };
  return {
    state: 'found',
    processes: new Map(watched.map((pid) => [pid, 'daemon'])),
    words: watched.map((pid) => `${nameOf(pid)} (process ${pid})`).join(', '),
  };
}

/** The first process holds sockets for the daemons it starts. */
const holdersOf = (socket: string): readonly number[] =>
  [...new Set([socket, socket.replace(/^\/var\/run\//, '/run/')].flatMap(listenersOf))].filter((pid) => pid > 1);

function nameOf(pid: number): string {
  const [program = ''] = argvOf(pid);
  return program.slice(program.lastIndexOf('/') + 1);
}
