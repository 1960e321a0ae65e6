import type { LaunchCommand } from '../model/container/container.js';
import { libc, errnoName } from './libc.js';
import { startIn } from './mount-namespace.js';
import { startInNetwork } from './network.js';

/** Descriptors the child gets as 0, 1, 2 and, with a barrier, 3. */
export interface ChildStdio {
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
  readonly barrier?: number;
}

/** The descriptor at which the gate waits. */
export const BARRIER_FD = 3;

// Opaque in glibc, which uses 80 and 336 bytes on x86_64 and arm64.
const ACTIONS_BYTES = 128;
const ATTRIBUTES_BYTES = 512;
const SIGSET_BYTES = 128;
const SETPGROUP = 0x02;
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SIGPIPE = 13;
const SIGXFSZ = 25;

let attributes: Buffer | undefined;

/**
 * Attributes of every child: its own process group (bench handles Ctrl-C itself), no blocked signal, and default
 * handling of the two signals that Node ignores, which a child would inherit.
 */
function childAttributes(): Buffer {
  if (attributes !== undefined) return attributes;
  const made = Buffer.alloc(ATTRIBUTES_BYTES);
  const c = libc();
  c.attributesInit(made);
  c.attributesSetFlags(made, SETPGROUP | SETSIGDEF | SETSIGMASK);
  c.attributesSetPgroup(made, 0);
  c.attributesSetSigMask(made, Buffer.alloc(SIGSET_BYTES));
  const defaults = Buffer.alloc(SIGSET_BYTES);
  defaults.writeUInt32LE(((1 << (SIGPIPE - 1)) | (1 << (SIGXFSZ - 1))) >>> 0, 0);
  c.attributesSetSigDefault(made, defaults);
  attributes = made;
  return made;
}

/** File actions for one set of descriptors; reused for every child that gets them. */
export class StdioActions implements Disposable {
  readonly buffer = Buffer.alloc(ACTIONS_BYTES);

  constructor(stdio: ChildStdio) {
    const c = libc();
    c.actionsInit(this.buffer);
    // Node keeps its descriptors close-on-exec; dup2 makes copies that are not.
    c.actionsAddDup2(this.buffer, stdio.stdin, 0);
    c.actionsAddDup2(this.buffer, stdio.stdout, 1);
    c.actionsAddDup2(this.buffer, stdio.stderr, 2);
    if (stdio.barrier !== undefined) c.actionsAddDup2(this.buffer, stdio.barrier, BARRIER_FD);
  }

  [Symbol.dispose](): void {
    libc().actionsDestroy(this.buffer);
  }
}

const pidOut = new Int32Array(1);

/** Starts the child: its pid, or the name of the errno for which it could not start. Synchronous; about 0.3 ms. */
export function spawnChild(command: LaunchCommand, actions: StdioActions): number | string {
  const { file, args, env, mounts, network } = command;
  const spawn = (): number =>
    libc().posixSpawn(pidOut, file, actions.buffer, childAttributes(), [file, ...args, null], [...env, null]);
  const start = (): number => (mounts === undefined ? spawn() : startIn(mounts, spawn));
  const failure = network === undefined ? start() : startInNetwork(network, start);
  return failure === 0 ? (pidOut[0] ?? -1) : errnoName(failure);
}
