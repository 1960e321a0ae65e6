import type { Io } from '../../model/io.js';
import { measureCalls } from '../old-entry.js';
import { readPercallRequest } from '../options/percall.js';
import type { PercallOptions } from '../options/percall.js';

export type { PercallOptions } from '../options/percall.js';

/** `bench percall`: what a system call costs under each arm's filter, timed inside containers. Gives the exit code. */
export async function run(options: PercallOptions, io: Io): Promise<number> {
  const folder = options.from ?? (await measureCalls(readPercallRequest(options, io), options, io));
  // Statistics and charts are loaded only now: they would be in the way of the measurement.
  const { concludePercall } = await import('../output/percall.js');
  return concludePercall(folder, options, io);
}
