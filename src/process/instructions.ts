import type { InstructionCounts, NoCounters } from '../model/results/figures/instructions.js';
import { libc } from './libc.js';

/** What perf_event_open is asked to count, and on which side of the kernel's border (linux/perf_event.h). */
export interface TreeEvent {
  readonly type: number;
  readonly config: number;
  readonly excludes: 'user' | 'kernel';
}

/** At least one. */
type TreeEvents = readonly [TreeEvent, ...TreeEvent[]];

const HARDWARE = 0;
const INSTRUCTIONS = 1;

/** Instructions retired: in user mode, and in the kernel. */
const INSTRUCTION_EVENTS: TreeEvents = [
  { type: HARDWARE, config: INSTRUCTIONS, excludes: 'kernel' },
  { type: HARDWARE, config: INSTRUCTIONS, excludes: 'user' },
];

/** struct perf_event_attr, in its fifth size. */
const ATTRIBUTES = { bytes: 112, type: 0, size: 4, config: 8, readFormat: 32, flags: 40 } as const;
const FLAG = { disabled: 1, inherit: 2, excludeUser: 16, excludeKernel: 32, excludeHypervisor: 64, onExec: 4096 };
/** Copied to every child, where it counts from the exec on. */
const OF_CHILDREN = FLAG.inherit | FLAG.onExec;
/** Stays with this thread and is never enabled, so that it takes no counter of the PMU. */
const IDLE = 0;
/** One read gives the values of a whole group, and for how long it was enabled and really counted. */
const READ_FORMAT = { times: 3, group: 8 } as const;
/** How many values there are, and both times: what is before the values. */
const HEAD_BYTES = 24;
const VALUE_BYTES = 8;
const NO_GROUP = -1;

/** What the events of a group counted since it was opened. */
export interface Counters {
  /** While they should have counted, and while they did: less where they shared a counter of the PMU with others. */
  readonly enabledNs: number;
  readonly countedNs: number;
  /** In the order of the events. */
  readonly values: readonly number[];
}

/** Of its time a start may have missed so much; the two clocks of the kernel differ by nanoseconds. */
const MOST_MISSED = 0.001;

/**
 * Counts events of all children that this thread starts while it is open, from their exec on, with all that they start.
 * The kernel hands a copy of each event to every child and adds up what they counted, so that one group of events of
 * this thread is enough: nothing is opened for a start, and two reads, outside of its time, tell what it did. A group
 * that children inherit can be read since Linux 4.12 (perf_event_alloc of kernel/events/core.c).
 *
 * Where a child has copies of all events, the kernel may exchange its set for that of this thread when it switches
 * between the two (perf_event_context_sched_out, context_equiv): this thread's own events would end with the child, and
 * later starts would be counted in part or not at all. So there is one more event, which children do not inherit. It is
 * one of the same kind, because until Linux 6.2 a thread had two sets, one of hardware and one of software events, and
 * each was exchanged for itself.
 */
export class TreeCounter implements Disposable {
  readonly #files: readonly number[];
  readonly #anchor: number;
  readonly #buffer: Buffer;

  private constructor(files: readonly number[], anchor: number) {
    this.#files = files;
    this.#anchor = anchor;
    this.#buffer = Buffer.alloc(HEAD_BYTES + files.length * VALUE_BYTES);
  }

  /** Opens all events as one group, or none: then the name of the errno. */
  static open(events: TreeEvents): TreeCounter | string {
    const files = openGroup(events);
    if (typeof files === 'string') return files;
    const anchor = libc().perfEventOpen(attributesOf(events[0], IDLE), NO_GROUP);
    const errno = libc().lastError();
    if (anchor >= 0) return new TreeCounter(files, anchor);
    for (const file of files) libc().close(file);
    return errno;
  }

  /** Of all children so far; `null` where the kernel gave nothing. */
  read(): Counters | null {
    const [leader] = this.#files;
    const { length } = this.#buffer;
    if (leader === undefined || libc().read(leader, this.#buffer, length) !== length) return null;
    const number = (at: number): number => Number(this.#buffer.readBigUInt64LE(at));
    return {
      enabledNs: number(8),
      countedNs: number(16),
      values: this.#files.map((_, place) => number(HEAD_BYTES + place * VALUE_BYTES)),
    };
  }

  [Symbol.dispose](): void {
    for (const file of [...this.#files, this.#anchor]) libc().close(file);
  }
}

/** The files of a group, the leader first; or the name of the errno, and nothing is open. */
function openGroup(events: TreeEvents): readonly number[] | string {
  const files: number[] = [];
  for (const event of events) {
    const file = libc().perfEventOpen(attributesOf(event), files[0] ?? NO_GROUP);
    const errno = libc().lastError();
    if (file < 0) {
      for (const opened of files) libc().close(opened);
      return errno;
    }
    files.push(file);
  }
  return files;
}

function attributesOf({ type, config, excludes }: TreeEvent, whom: number = OF_CHILDREN): Buffer {
  const attributes = Buffer.alloc(ATTRIBUTES.bytes);
  attributes.writeUInt32LE(type, ATTRIBUTES.type);
  attributes.writeUInt32LE(ATTRIBUTES.bytes, ATTRIBUTES.size);
  attributes.writeBigUInt64LE(BigInt(config), ATTRIBUTES.config);
  attributes.writeBigUInt64LE(BigInt(READ_FORMAT.times | READ_FORMAT.group), ATTRIBUTES.readFormat);
  const side = excludes === 'user' ? FLAG.excludeUser : FLAG.excludeKernel;
  const flags = FLAG.disabled | whom | FLAG.excludeHypervisor | side;
  attributes.writeBigUInt64LE(BigInt(flags), ATTRIBUTES.flags);
  return attributes;
}

let current: TreeCounter | null = null;

/** Counters of this process's starts, open until they are disposed of; or why there are none. */
export type Counting =
  | (Disposable & { readonly state: 'counted' })
  | { readonly state: 'none'; readonly reason: NoCounters; readonly errno: string };

const REASONS: Readonly<Record<string, NoCounters>> = {
  EACCES: 'noRight',
  EPERM: 'noRight',
  ENOSYS: 'noKernel',
  EINVAL: 'noKernel',
};

/** Counts the instructions of every start from now on. */
export function countInstructions(events: TreeEvents = INSTRUCTION_EVENTS): Counting {
  const opened = TreeCounter.open(events);
  if (typeof opened === 'string') {
    return { state: 'none', reason: REASONS[opened] ?? 'noPmu', errno: opened };
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
export const countersNow = (): Counters | null => current?.read() ?? null;

/** What a start counted since; empty where it is not known. */
export function instructionsSince(before: Counters | null): InstructionCounts {
  const counts = countedBetween(before, before === null ? null : countersNow());
  const [userInstructions, kernelInstructions] = counts ?? [];
  return userInstructions === undefined || kernelInstructions === undefined
    ? {}
    : { userInstructions, kernelInstructions };
}

/** What each event counted between two reads; `null` where a read failed or events shared a counter with others. */
export function countedBetween(before: Counters | null, after: Counters | null): readonly number[] | null {
  if (before === null || after === null) return null;
  const enabledNs = after.enabledNs - before.enabledNs;
  const countedNs = after.countedNs - before.countedNs;
  // A start takes time.
  if (enabledNs <= 0 || countedNs < (1 - MOST_MISSED) * enabledNs) return null;
  return after.values.map((value, place) => value - (before.values[place] ?? 0));
}
