import type { InstructionCounts, NoCounters } from '../model/results/figures/instructions.js';
import { libc } from './libc.js';

/** What perf_event_open is asked to count, and on which side of the kernel's border (linux/perf_event.h). */
export interface TreeEvent {
  readonly type: number;
  readonly config: number;
  readonly excludes: 'user' | 'kernel';
}

const HARDWARE = 0;
const INSTRUCTIONS = 1;

/** Instructions retired: in user mode, and in the kernel. */
export const INSTRUCTION_EVENTS: readonly [user: TreeEvent, kernel: TreeEvent] = [
  { type: HARDWARE, config: INSTRUCTIONS, excludes: 'kernel' },
  { type: HARDWARE, config: INSTRUCTIONS, excludes: 'user' },
];

/** struct perf_event_attr, in its fifth size. */
const ATTRIBUTES = { bytes: 112, type: 0, size: 4, config: 8, readFormat: 32, flags: 40 } as const;
const FLAG = { disabled: 1, inherit: 2, excludeUser: 16, excludeKernel: 32, excludeHypervisor: 64, onExec: 4096 };
/** The value, then for how long it was enabled, and for how long it really counted. */
const TIMES = 3;
const READ_BYTES = 24;

/**
 * Counts events of all children that this thread starts while it is open, from their exec on, with all that they start.
 * The kernel hands a copy of each event to every child and adds up what they counted, so that one event of this thread
 * is enough: nothing is opened for a start, and two reads of each event, outside of its time, tell what it did.
 */
export class TreeCounter implements Disposable {
  readonly #files: readonly number[];
  readonly #buffer = Buffer.alloc(READ_BYTES);

  private constructor(files: readonly number[]) {
    this.#files = files;
  }

  /** Opens all events, or none: then the name of the errno. */
  static open(events: readonly TreeEvent[]): TreeCounter | string {
    const files: number[] = [];
    for (const event of events) {
      const file = libc().perfEventOpen(attributesOf(event));
      const errno = libc().lastError();
      if (file < 0) {
        for (const opened of files) libc().close(opened);
        return errno;
      }
      files.push(file);
    }
    return new TreeCounter(files);
  }

  /** Of all children so far; `null` for an event that shared its counter with others and missed some of them. */
  read(): readonly (number | null)[] {
    return this.#files.map((file) => {
      if (libc().read(file, this.#buffer, READ_BYTES) !== READ_BYTES) return null;
      const [value, enabled, counted] = [0, 8, 16].map((at) => this.#buffer.readBigUInt64LE(at));
      return enabled === counted ? Number(value) : null;
    });
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) libc().close(file);
  }
}

function attributesOf({ type, config, excludes }: TreeEvent): Buffer {
  const attributes = Buffer.alloc(ATTRIBUTES.bytes);
  attributes.writeUInt32LE(type, ATTRIBUTES.type);
  attributes.writeUInt32LE(ATTRIBUTES.bytes, ATTRIBUTES.size);
  attributes.writeBigUInt64LE(BigInt(config), ATTRIBUTES.config);
  attributes.writeBigUInt64LE(BigInt(TIMES), ATTRIBUTES.readFormat);
  const side = excludes === 'user' ? FLAG.excludeUser : FLAG.excludeKernel;
  const flags = FLAG.disabled | FLAG.inherit | FLAG.onExec | FLAG.excludeHypervisor | side;
  attributes.writeBigUInt64LE(BigInt(flags), ATTRIBUTES.flags);
  return attributes;
}

let current: TreeCounter | null = null;

/** Counters of this process's starts, open until they are disposed of; or why there are none. */
export type Counting =
  | (Disposable & { readonly state: 'counted' })
  | { readonly state: 'none'; readonly reason: NoCounters; readonly errno: string };

/** Counts the instructions of every start from now on. */
export function countInstructions(events: readonly TreeEvent[] = INSTRUCTION_EVENTS): Counting {
  const opened = TreeCounter.open(events);
  if (typeof opened === 'string') {
    const reason = ['EACCES', 'EPERM'].includes(opened) ? 'noRight' : opened === 'ENOSYS' ? 'noKernel' : 'noPmu';
    return { state: 'none', reason, errno: opened };
  }
  current = opened;
  return {
    state: 'counted',
    [Symbol.dispose]: () => {
      if (current === opened) current = null;
      opened[Symbol.dispose]();
    },
  };
}

/** The counters before a start; `null` where nothing is counted. */
export const countersNow = (): readonly (number | null)[] | null => current?.read() ?? null;

/** What a start counted since; empty where it is not known. */
export function instructionsSince(before: readonly (number | null)[] | null): InstructionCounts {
  if (before === null) return {};
  const [user, kernel] = countersNow() ?? [];
  const [userBefore, kernelBefore] = before;
  if (typeof user !== 'number' || typeof kernel !== 'number') return {};
  if (typeof userBefore !== 'number' || typeof kernelBefore !== 'number') return {};
  return { userInstructions: user - userBefore, kernelInstructions: kernel - kernelBefore };
}
