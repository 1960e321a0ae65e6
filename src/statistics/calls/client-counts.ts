import type { ClientSigns } from '../../model/analysis/call-analysis.js';
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
 * The signs that counts are not those of a container; `null` where they may be. `docker run` under strace counts the
 * client, which asks a daemon over a socket: other processes make the container.
 */
export function clientNotContainer(calls: readonly Pick<CallCount, 'name' | 'calls'>[]): ClientSigns | null {
  const has = (name: string): boolean => calls.some((one) => one.name === name && one.calls > 0);
  if (MAKING.some(has)) return null;
  const [talking, go] = [TALKING.filter(has), GO.filter(has)];
  const signs = { making: MAKING, talking, go };
  if (go.length >= FEWEST_OF_GO) return { code: 'client', ...signs };
  // Any program may open a socket (for the name service, say); only a Go program that talks is like the docker client.
  return { code: talking.length === 0 ? 'nothingMade' : 'madeByOthers', ...signs };
}
