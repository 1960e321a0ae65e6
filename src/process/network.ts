import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { errnoOf, needs } from '../errors.js';
import type { NetworkView } from '../model/container/container.js';
import { callFailed, libc } from './libc.js';
import { allPids, isRunning } from './processes.js';

const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const SOCK_DGRAM = 2;
/** ioctls of netdevice(7). */
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
/** struct ifreq: a name of 16 bytes, then the flags. */
const IFREQ_BYTES = 40;
const FLAGS_AT = 16;
/** TCP_LISTEN in /proc/net/tcp. */
const LISTENS = '0A';
const THIS_NETWORK = '/proc/thread-self/ns/net';

/**
 * A network that only a container is in, with a loopback interface, there as long as this or a process in it is.
 * Children start in it by `LaunchCommand.network`.
 */
export class PrivateNetwork implements NetworkView, Disposable {
  readonly fd: number;
  readonly home: number;

  private constructor(open: (home: number) => number) {
    this.home = openSync(THIS_NETWORK, 'r');
    try {
      this.fd = open(this.home);
    } catch (error) {
      closeSync(this.home);
      throw error;
    }
  }

  /** A new one with nothing but a loopback interface. Throws `environment` where that is not allowed. */
  static make(): PrivateNetwork {
    return new PrivateNetwork(madeNetwork);
  }

  /**
   * That of a container's process; `null` where it has ended. Throws `environment` where that is not allowed, and where
   * the network is this process's own.
   */
  static of(pid: number): PrivateNetwork | null {
    try {
      return new PrivateNetwork((home) => networkOf(pid, home));
    } catch (error) {
      // A process that ends has no network for a while before it counts as ended.
      if (isRunning(pid) && errnoOf(error) !== 'ENOENT') throw error;
      return null;
    }
  }

  /** Whether a socket listens at a TCP port, of any address. */
  listensAt(port: number): boolean {
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    const text = startInNetwork(this, () => ['tcp', 'tcp6'].map(tableOf).join('\n'));
    return text.split('\n').some((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      return state === LISTENS && local.endsWith(`:${hex}`);
    });
  }

  /** Processes in it that are in another pid namespace than this one: those of the container. */
  containedPids(): readonly number[] {
    const own = fstatSync(this.fd).ino;
    const here = inodeOf('/proc/self/ns/pid');
    return allPids().filter((pid) => inodeOf(`/proc/${pid}/ns/net`) === own && inodeOf(`/proc/${pid}/ns/pid`) !== here);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
    closeSync(this.home);
  }
}

const inodeOf = (path: string): number | undefined => {
  try {
    return statSync(path).ino;
  } catch {
    // The process has ended.
    return undefined;
  }
};

function tableOf(name: string): string {
  try {
    return readFileSync(`/proc/thread-self/net/${name}`, 'utf8');
  } catch {
    // A kernel without IPv6.
    return '';
  }
}

function networkOf(pid: number, home: number): number {
  const fd = openedNetwork(pid);
  try {
    if (fstatSync(fd).ino === inodeOf(THIS_NETWORK))
      throw needs('a server with a load', `a container with a network of its own; process ${pid} has none`);
    startInNetwork({ fd, home }, bringUpLoopback);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function openedNetwork(pid: number): number {
  try {
    return openSync(`/proc/${pid}/ns/net`, 'r');
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') throw cause;
    throw needs('a server with a load', 'root, to enter the network of its container', {
      hint: 'Run bench as root.',
      cause,
    });
  }
}

function madeNetwork(home: number): number {
  const c = libc();
  if (c.unshare(CLONE_NEWNET) !== 0)
    throw needs('a server with a load', 'root, to make a network for the two', { hint: 'Run bench as root.' });
  try {
    bringUpLoopback();
    return openSync(THIS_NETWORK, 'r');
  } finally {
    enterNetwork(home);
  }
}

/** A new network has a loopback interface that is down, without an address. */
function bringUpLoopback(): void {
  const c = libc();
  const socket = c.socket(AF_INET, SOCK_DGRAM, 0);
  if (socket < 0) throw callFailed('socket');
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write('lo');
  try {
    if (c.ioctl(socket, SIOCGIFFLAGS, request) !== 0) throw callFailed('ioctl(SIOCGIFFLAGS)');
    request.writeInt16LE(request.readInt16LE(FLAGS_AT) | IFF_UP, FLAGS_AT);
    if (c.ioctl(socket, SIOCSIFFLAGS, request) !== 0) throw callFailed('ioctl(SIOCSIFFLAGS)');
  } finally {
    c.close(socket);
  }
}

function enterNetwork(fd: number): void {
  if (libc().setns(fd, CLONE_NEWNET) !== 0) throw callFailed('setns');
}

/** Calls `start` with this thread in a network; what it starts stays there. */
export function startInNetwork<T>({ fd, home }: NetworkView, start: () => T): T {
  enterNetwork(fd);
  try {
    return start();
  } finally {
    enterNetwork(home);
  }
}
