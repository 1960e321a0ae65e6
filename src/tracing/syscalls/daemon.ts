import { argvOf, descendantsOf, listenersOf } from '../../process/processes.js';
import type { CallPart } from '../../model/results/syscalls.js';
import { partUnderDaemon } from './counter.js';

/** A daemon's processes by their part, or why they are unknown. */
export type DaemonProcesses =
  | { readonly state: 'found'; readonly processes: ReadonlyMap<number, CallPart>; readonly words: string }
  | { readonly state: 'hidden'; readonly reason: string };

/** Where containerd listens, unless another daemon started it. */
const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/**
 * The process that listens at a daemon's socket on this machine and what it has started (such as Docker's own
 * containerd). A dockerd without its own uses the machine's containerd, which is then watched too.
 */
export function daemonBehind(socket: string): DaemonProcesses {
  const holders = holdersOf(socket);
  if (holders.length === 0)
    return {
      state: 'hidden',
      reason: `no process is known to listen at ${socket}: that requires root, and a daemon on this machine`,
    };
  const own = holders.flatMap((pid) => [pid, ...descendantsOf(pid)]);
  const names = own.map(programName);
  const others = names.includes('dockerd') && !names.includes('containerd') ? holdersOf(CONTAINERD_SOCKET) : [];
  // Shims of other running containers, and their programs, do not belong to the counted containers.
  const watched = [...own, ...others].filter((pid) => partUnderDaemon(programName(pid), '') === 'daemon');
  if (watched.length === 0)
    return {
      state: 'hidden',
      reason: `${describe(holders[0] ?? 0)} listens at ${socket} and is not a known daemon`,
    };
  return {
    state: 'found',
    processes: new Map(watched.map((pid) => [pid, 'daemon'])),
    words: watched.map(describe).join(', '),
  };
}

/** Without process 1, which holds sockets for daemons that it starts on demand. */
const holdersOf = (socket: string): readonly number[] =>
  [...new Set([socket, socket.replace(/^\/var\/run\//, '/run/')].flatMap(listenersOf))].filter((pid) => pid > 1);

const describe = (pid: number): string => `${programName(pid)} (process ${pid})`;

function programName(pid: number): string {
  const [program = ''] = argvOf(pid);
  return program.slice(program.lastIndexOf('/') + 1);
}
