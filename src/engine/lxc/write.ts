import { writeFileSync } from 'node:fs';
import type { ContainerRun } from '../../model/container/container.js';
import type { StageTimes } from '../../model/container/stages.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock, Nanoseconds } from '../../model/time.js';
import { NO_USAGE } from '../../process/waiter.js';

/** The cost of making and writing a file. bench does this itself, so it is bench's CPU time. */
export interface Write {
  readonly startedAt: Nanoseconds;
  readonly wall: Nanoseconds;
  readonly user: Nanoseconds;
  readonly system: Nanoseconds;
  /** Name of the errno where writing failed. */
  readonly errno?: string;
}

const NS_PER_US = 1000;

/** Makes the text and writes it in one call. */
export function writeTimed(file: string, text: () => string, clock: Clock): Write {
  const startedAt = clock();
  const cpu = process.cpuUsage();
  let errno: string | undefined;
  try {
    writeFileSync(file, text());
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    errno = error.code;
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    startedAt,
    wall: nanoseconds(clock() - startedAt),
    user: nanoseconds(user * NS_PER_US),
    system: nanoseconds(system * NS_PER_US),
    ...(errno === undefined ? {} : { errno }),
  };
}

/** A container that was not started because its file could not be written. */
export const notWritten = (file: string, { startedAt, wall, errno = 'EIO' }: Write): ContainerRun => ({
  exit: { kind: 'notStarted', errno },
  failedIn: 'write',
  startedAt,
  wall,
  usage: NO_USAGE,
  stdout: '',
  stderr: `writing ${file}: ${errno}`,
});

/** The run, including the writing of its file. */
export function withWrite(run: ContainerRun, write: Write, stages: StageTimes | undefined): ContainerRun {
  const { usage } = run;
  return {
    ...run,
    startedAt: nanoseconds(run.startedAt - write.wall),
    wall: nanoseconds(write.wall + run.wall),
    usage: { ...usage, user: nanoseconds(usage.user + write.user), system: nanoseconds(usage.system + write.system) },
    ...(stages === undefined ? {} : { stages }),
  };
}

/** The payload reports CLOCK_MONOTONIC, the clock of `process.hrtime`. */
const STAMP = /^ok (\d+)\n/;

/** The stages write and start, and exit where the payload reported the time of its first instruction. */
export function stagesOf(run: ContainerRun, write: Write, clock: Clock): StageTimes {
  const stamp = STAMP.exec(run.stdout)?.[1];
  if (stamp === undefined) return { write: write.wall, start: run.wall };
  const origin = Number(process.hrtime.bigint()) - clock();
  const start = nanoseconds(Math.min(Math.max(Number(stamp) - origin - run.startedAt, 0), run.wall));
  return { write: write.wall, start, exit: nanoseconds(run.wall - start) };
}
