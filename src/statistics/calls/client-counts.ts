import type { CallCount } from '../../model/results/syscalls.js';

/**
 * Whoever makes a container calls some of these: it enters namespaces, gives the container its root, or loads its
 * filter.
 */
const MAKING = ['unshare', 'setns', 'pivot_root', 'chroot', 'mount', 'sethostname', 'seccomp', 'capset'];
/** What a client of a daemon does instead; seen only where all its threads were followed. */
const TALKING = ['connect', 'socket'];
/** Go's runtime makes these in every program: it asks for all signals, and waits in futex and epoll. */
const GO = ['futex', 'rt_sigaction', 'sigaltstack', 'clone', 'clone3', 'epoll_create1', 'epoll_pwait'];
const FEWEST_OF_GO = 4;

/**
 * Why counts cannot be those of a container, in one sentence of evidence from the table itself; `null` where they may
 * be. `docker run` under strace counts
 * the client, which asks a daemon over a socket: the container is made by other processes.
 */
export function clientNotContainer(calls: readonly Pick<CallCount, 'name' | 'calls'>[]): string | null {
  const has = (name: string): boolean => calls.some((one) => one.name === name && one.calls > 0);
  if (MAKING.some(has)) return null;
  const none = `none of the calls that make a container (${MAKING.join(', ')}) is in it`;
  const [talking, go] = [TALKING.filter(has), GO.filter(has)];
  // Any program may look for a socket (the name service's, say); only one in Go that talks is like the docker client.
  if (talking.length === 0 && go.length < FEWEST_OF_GO) return `nothing that makes a container is counted: ${none}`;
  if (go.length < FEWEST_OF_GO) return `whatever was counted made no container itself: ${none}`;
  const signs = [
    `the calls of a program in Go, as the docker client is one (${go.join(', ')})`,
    ...(talking.length === 0 ? [] : [`those of a client that asks a daemon (${talking.join(', ')})`]),
  ];
  return `it counts the docker client or one like it, not the container: ${none}, only ${signs.join(' and ')}. The daemon has the container made by other processes, which strace does not follow from the client`;
}
